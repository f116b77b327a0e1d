/* Reading images.lock; see cg_lock.h. */
#include "image/cg_lock.h"

#include <errno.h>
#include <inttypes.h>
#include <string.h>
#include <unistd.h>

#include "base/cg_file.h"
#include "ea_nodes.h"
#include "ea_number.h"
#include "image/cg_schematic.h"
#include "yaml/cg_yaml.h"

#define DIGEST_DIGITS 64
#define DIGEST_SHOWN 16

static bool
is_hex(const char *text, size_t len)
{
    return strlen(text) == len && strspn(text, "0123456789abcdef") == len;
}

/* A file name, which becomes part of a URL. */
static bool
is_file_name(const char *text)
{
    static const char known[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";

    return text[0] != '\0' && text[0] != '.' && strlen(text) <= 128 &&
           strspn(text, known) == strlen(text);
}

static bool
check_members(struct cg_diag *diag, const struct cg_tree *item)
{
    static const char *const known[] = { "schematic", "version", "arch",
                                         "file",      "size",    "sha256" };
    bool good = true;

    if (item->kind != CG_MAP) {
        return cg_error(diag, &item->pos, "images-lock",
                        "an image is a mapping");
    }
    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        const struct cg_tree *value = cg_tree_get(item, known[i]);

        if (value == NULL || value->kind != CG_SCALAR) {
            good = cg_error(diag, &item->pos, "images-lock",
                            "image has no '%s'", known[i]);
        }
    }
    if (good && item->count != sizeof(known) / sizeof(known[0])) {
        good = cg_error(diag, &item->pos, "images-lock",
                        "image has keys other than schematic, version, arch, "
                        "file, size, sha256");
    }
    return good;
}

const char *
cg_lock_path(struct cg_arena *arena, const char *sha256, const char *file)
{
    return cg_arena_printf(arena, "assets/%.*s-%s", DIGEST_SHOWN, sha256, file);
}

static bool
read_asset(struct cg_model *model, const struct cg_tree *item,
           struct cg_asset *asset)
{
    const struct cg_tree *sha256, *schematic, *file, *size;
    struct ea_error err = { 0 };

    if (!check_members(model->diag, item)) {
        return false;
    }
    sha256 = cg_tree_get(item, "sha256");
    schematic = cg_tree_get(item, "schematic");
    file = cg_tree_get(item, "file");
    size = cg_tree_get(item, "size");
    if (!is_hex(sha256->text, DIGEST_DIGITS)) {
        return cg_error(model->diag, &sha256->pos, "images-lock",
                        "sha256 must be %d lower-case hexadecimal digits",
                        DIGEST_DIGITS);
    }
    if (!is_hex(schematic->text, DIGEST_DIGITS)) {
        return cg_error(model->diag, &schematic->pos, "images-lock",
                        "schematic must be %d lower-case hexadecimal digits",
                        DIGEST_DIGITS);
    }
    if (!is_file_name(cg_tree_text(cg_tree_get(item, "version"))) ||
        !is_file_name(cg_tree_text(cg_tree_get(item, "arch")))) {
        return cg_error(model->diag, &item->pos, "images-lock",
                        "version and arch of an image become part of a URL: "
                        "letters, digits, '.', '-' and '_' only");
    }
    if (!is_file_name(file->text)) {
        return cg_error(model->diag, &file->pos, "images-lock",
                        "file '%s' is no file name", file->text);
    }
    if (!ea_number_parse(ea_bytes_of(size->text), 1, INT64_MAX, "size",
                         &asset->size, &err)) {
        return cg_error_from(model->diag, &size->pos, "images-lock", &err);
    }
    asset->schematic = schematic->text;
    asset->version = cg_tree_text(cg_tree_get(item, "version"));
    asset->arch = cg_tree_text(cg_tree_get(item, "arch"));
    asset->file = file->text;
    asset->sha256 = sha256->text;
    asset->pos = sha256->pos;
    asset->path = cg_lock_path(model->arena, asset->sha256, asset->file);
    return true;
}

static bool
read_lock(struct cg_model *model, const struct cg_source *source,
          struct cg_lock *ret)
{
    struct cg_pos pos = { .source = source };
    struct cg_trees trees = { 0 };
    const struct cg_tree *images;
    int64_t format = 0;
    bool good = true;

    if (!cg_yaml_load(model->arena, source, model->diag, &trees)) {
        return false;
    }
    if (trees.count != 1 ||
        !cg_tree_int(cg_tree_get(trees.roots[0], "format"), &format) ||
        format != 1) {
        return cg_error(model->diag, &pos, "images-lock",
                        "expected 'format: 1' and 'images'");
    }
    images = cg_tree_get(trees.roots[0], "images");
    if (images == NULL || images->kind != CG_LIST ||
        images->count > EA_ASSETS_MAX) {
        return cg_error(model->diag, &pos, "images-lock",
                        "'images' must be a list of at most %d images",
                        EA_ASSETS_MAX);
    }
    if (images->count > 0) {
        /* where the dash of the first item stands */
        unsigned col = images->items[0]->pos.col;

        ret->indent = col > 2 ? col - 3 : 0;
    }
    ret->assets =
        cg_arena_array(model->arena, images->count, sizeof(*ret->assets));
    for (size_t i = 0; i < images->count; i++) {
        if (read_asset(model, images->items[i], &ret->assets[ret->count])) {
            ret->count++;
        } else {
            good = false;
        }
    }
    return good;
}

/* Two lines about one file, or two files of one name in the folder: one of
 * them would be served for the other. */
static bool
check_twins(struct cg_diag *diag, const struct cg_lock *lock)
{
    bool good = true;

    for (size_t i = 0; i < lock->count; i++) {
        const struct cg_asset *a = &lock->assets[i];

        for (size_t n = 0; n < i; n++) {
            const struct cg_asset *b = &lock->assets[n];
            bool is_same = strcmp(a->schematic, b->schematic) == 0 &&
                           strcmp(a->version, b->version) == 0 &&
                           strcmp(a->file, b->file) == 0;

            if (is_same ||
                (strcmp(a->path, b->path) == 0 &&
                 (strcmp(a->sha256, b->sha256) != 0 || a->size != b->size))) {
                good = cg_error(diag, &a->pos, "images-lock",
                                is_same ? "%s is listed twice"
                                        : "%s has the digest of another file",
                                a->file);
                cg_also(diag, &b->pos, "the other one");
            }
        }
    }
    return good;
}

static const char *
path_of(const struct cg_model *model, const char *path)
{
    const char *named =
        cg_tree_text(cg_tree_get(model->inventory.top, "images_lock"));

    if (path != NULL) {
        return path;
    }
    return cg_files_path(model->inventory.files,
                         named == NULL ? "images.lock" : named);
}

static bool
read_text(struct cg_model *model, const struct cg_strbuf *text,
          struct cg_lock *ret)
{
    ret->source = cg_diag_source(
        model->diag, ret->name,
        (struct ea_bytes){ cg_arena_copy(model->arena, text->text, text->len),
                           text->len },
        false);
    return read_lock(model, ret->source, ret) && check_twins(model->diag, ret);
}

bool
cg_lock_load_any(struct cg_model *model, const char *path, struct cg_lock *ret)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct ea_error err = { 0 };

    *ret = (struct cg_lock){ .name = path_of(model, path) };
    if (access(ret->name, F_OK) != 0 && errno == ENOENT) {
        return true;
    }
    if (!cg_file_read(ret->name, CG_YAML_SIZE_MAX, &text, &err)) {
        return cg_error_from(model->diag, NULL, "images-lock", &err);
    }
    return read_text(model, &text, ret);
}

bool
cg_lock_load(struct cg_model *model, const char *path, struct cg_lock *ret)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    const struct cg_tree *key =
        cg_tree_get(model->inventory.top, "images_lock");
    struct ea_error err = { 0 };
    bool is_needed = false;

    *ret = (struct cg_lock){ 0 };
    for (size_t i = 0; i < model->count; i++) {
        is_needed = is_needed || (model->nodes[i].is_gated &&
                                  !model->nodes[i].is_controlplane);
    }
    if (!is_needed) {
        return true;
    }
    ret->name = path_of(model, path);
    if (!cg_file_read(ret->name, CG_YAML_SIZE_MAX, &text, &err)) {
        (void)cg_error_from(model->diag, key == NULL ? NULL : &key->pos,
                            "images-lock", &err);
        cg_hint(model->diag,
                "`talos-configgen image fetch --pin` makes it, `images` lists "
                "what it must hold");
        return false;
    }
    return read_text(model, &text, ret);
}

const struct cg_asset *
cg_lock_find(const struct cg_lock *lock, const char *schematic,
             const char *version, const char *file)
{
    for (size_t i = 0; i < lock->count; i++) {
        const struct cg_asset *asset = &lock->assets[i];

        if (strcmp(asset->schematic, schematic) == 0 &&
            strcmp(asset->version, version) == 0 &&
            strcmp(asset->file, file) == 0) {
            return asset;
        }
    }
    return NULL;
}

static void
format_asset(struct cg_strbuf *out, const struct cg_asset *asset,
             const char *indent)
{
    cg_strbuf_printf(out,
                     "%s- schematic: \"%s\"\n"
                     "%s  version: %s\n"
                     "%s  arch: %s\n"
                     "%s  file: %s\n"
                     "%s  size: %" PRIu64 "\n"
                     "%s  sha256: \"%s\"\n",
                     indent, asset->schematic, indent, asset->version, indent,
                     asset->arch, indent, asset->file, indent, asset->size,
                     indent, asset->sha256);
}

/* Reads a text of ours back: the old images and the new ones, no more. */
static bool
is_lock(struct cg_arena *arena, const struct cg_strbuf *text, size_t count)
{
    struct cg_model model = { .arena = arena, .diag = cg_diag_new(arena) };
    struct cg_lock lock = { .name = "images.lock" };

    return read_text(&model, text, &lock) && lock.count == count;
}

static bool
append(struct cg_arena *arena, const struct cg_lock *lock,
       const struct cg_asset *added, size_t count, struct cg_strbuf *out)
{
    struct ea_bytes old = lock->source->text;

    cg_strbuf_add(out, old.ptr, old.len);
    if (old.len > 0 && old.ptr[old.len - 1] != '\n') {
        cg_strbuf_putc(out, '\n');
    }
    for (size_t i = 0; i < count; i++) {
        format_asset(out, &added[i],
                     cg_arena_printf(arena, "%*s", (int)lock->indent, ""));
    }
    return is_lock(arena, out, lock->count + count);
}

void
cg_lock_format(struct cg_arena *arena, const struct cg_lock *lock,
               const struct cg_asset *added, size_t count,
               struct cg_strbuf *out)
{
    if (lock->source != NULL && append(arena, lock, added, count, out)) {
        return;
    }
    cg_strbuf_release(out);
    cg_strbuf_puts(out, "format: 1\nimages:\n");
    for (size_t i = 0; i < lock->count; i++) {
        format_asset(out, &lock->assets[i], "  ");
    }
    for (size_t i = 0; i < count; i++) {
        format_asset(out, &added[i], "  ");
    }
}

static const struct cg_asset *
need(struct cg_model *model, const struct cg_lock *lock,
     const struct cg_node *node, const char *file)
{
    const struct cg_asset *asset =
        cg_lock_find(lock, node->schematic, node->talos->text, file);

    if (asset == NULL) {
        (void)cg_error(model->diag, &node->talos->pos, "image-missing",
                       "%s does not list %s of %s with schematic %.16s...",
                       lock->name, file, node->talos->text, node->schematic);
        cg_hint(model->diag, "`talos-configgen image fetch --pin` gets it: %s",
                cg_schematic_url(model->arena, node, file));
    }
    return asset;
}

bool
cg_lock_assign(struct cg_model *model, const struct cg_lock *lock,
               struct cg_node *node)
{
    if (lock->name == NULL || node->schematic == NULL) {
        return false;
    }
    node->kernel =
        need(model, lock, node, cg_schematic_kernel(model->arena, node));
    node->initramfs =
        need(model, lock, node, cg_schematic_initramfs(model->arena, node));
    return node->kernel != NULL && node->initramfs != NULL;
}
