/* Schematic ids without asking the factory; see cg_schematic.h. */
#include "image/cg_schematic.h"

#include <stdlib.h>
#include <string.h>

#include "ea_crypto.h"
#include "ea_number.h"
#include "image/cg_canon.h"
#include "model/cg_key.h"

/* One item of a list, at this indent. */
static bool
add_item(const struct cg_tree *item, const char *indent, struct cg_diag *diag,
         struct cg_strbuf *out)
{
    const char *text = cg_tree_text(item);

    cg_strbuf_printf(out, "%s- ", indent);
    if (text == NULL || strlen(text) != item->len || !cg_canon_add(out, text)) {
        return cg_error(diag, &item->pos, "schematic",
                        "'%s' has characters that a schematic's id cannot "
                        "be computed with",
                        text == NULL ? "" : text);
    }
    cg_strbuf_putc(out, '\n');
    return true;
}

static int
by_text(const void *left, const void *right)
{
    const struct cg_tree *const *a = left;
    const struct cg_tree *const *b = right;

    return strcmp((*a)->text, (*b)->text);
}

/* Sorted and once each: a node's levels name them in any order. */
static bool
add_extensions(const struct cg_tree *list, struct cg_diag *diag,
               struct cg_strbuf *out)
{
    CG_AUTO_FREE const struct cg_tree **items =
        calloc(list->count, sizeof(*items));
    bool good = true;

    if (items == NULL) {
        cg_out_of_memory();
    }
    for (size_t i = 0; i < list->count; i++) {
        items[i] = list->items[i];
    }
    qsort(items, list->count, sizeof(*items), by_text);
    cg_strbuf_puts(out, "    systemExtensions:\n"
                        "        officialExtensions:\n");
    for (size_t i = 0; i < list->count; i++) {
        if (i == 0 || strcmp(items[i - 1]->text, items[i]->text) != 0) {
            good = add_item(items[i], "            ", diag, out) && good;
        }
    }
    return good;
}

bool
cg_schematic_format(const struct cg_tree *image, struct cg_diag *diag,
                    struct cg_strbuf *out)
{
    const struct cg_tree *args = cg_tree_get(image, "kernel_args");
    const struct cg_tree *extensions = cg_tree_get(image, "extensions");
    bool has_args = args != NULL && args->count > 0;
    bool has_extensions = extensions != NULL && extensions->count > 0;
    bool good = true;

    if (!has_args && !has_extensions) {
        cg_strbuf_puts(out, "customization: {}\n");
        return true;
    }
    cg_strbuf_puts(out, "customization:\n");
    if (has_args) {
        cg_strbuf_puts(out, "    extraKernelArgs:\n");
        for (size_t i = 0; i < args->count; i++) {
            good = add_item(args->items[i], "        ", diag, out) && good;
        }
    }
    if (has_extensions) {
        good = add_extensions(extensions, diag, out) && good;
    }
    return good;
}

const char *
cg_schematic_setting(const struct cg_node *node, const char *name)
{
    const char *text =
        cg_tree_text(cg_tree_path(node->all, "image", name, NULL));
    char path[32] = "image.";

    (void)strncat(path, name, sizeof(path) - sizeof("image."));
    return text != NULL ? text : cg_key_find(path, CG_AT_NODE)->fallback;
}

static void
set_installer(struct cg_arena *arena, struct cg_node *node)
{
    const struct cg_tree *fixed =
        cg_tree_path(node->all, "image", "installer", NULL);
    struct cg_tree *made;

    if (fixed != NULL) {
        node->installer = fixed;
        return;
    }
    made = cg_tree_new_text(
        arena, cg_arena_printf(arena, "%s/%s-installer/%s:%s",
                               cg_schematic_setting(node, "factory"),
                               cg_schematic_setting(node, "platform"),
                               node->schematic, node->talos->text));
    made->pos = node->talos->pos;
    node->installer = made;
}

/* It stands in URLs and in the name of a container image. */
static bool
check_factory(struct cg_model *model, const struct cg_node *node)
{
    static const char known[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789.-_";
    const struct cg_tree *factory =
        cg_tree_path(node->all, "image", "factory", NULL);
    const char *text = cg_tree_text(factory);
    size_t len;

    if (text == NULL) {
        return true;
    }
    len = strspn(text, known);
    if (len > 0 && (text[len] == '\0' ||
                    (text[len] == ':' &&
                     ea_number_parse(ea_bytes_of(text + len + 1), 1, 65535,
                                     "port", &(uint64_t){ 0 }, NULL)))) {
        return true;
    }
    (void)cg_error(model->diag, &factory->pos, "schematic",
                   "image.factory '%s' is not HOST or HOST:PORT", text);
    cg_hint(model->diag, "files may come from another place: "
                         "`image fetch --mirror URL`");
    return false;
}

bool
cg_schematic_resolve(struct cg_model *model, struct cg_node *node)
{
    struct cg_arena *arena = model->arena;
    struct cg_diag *diag = model->diag;
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    CG_AUTO_STRBUF struct cg_strbuf id = { 0 };
    uint8_t sum[EA_SHA256_LEN];
    struct ea_bytes bytes;

    if (node->talos == NULL) {
        return cg_node_is_suspect(model, node, "talos")
                   ? false
                   : cg_error(diag, &node->pos, "missing-key",
                              "node '%s' has no 'talos' version", node->name);
    }
    if (!check_factory(model, node) ||
        !cg_schematic_format(cg_tree_get(node->all, "image"), diag, &text)) {
        return false;
    }
    bytes = cg_strbuf_bytes(&text);
    if (!ea_sha256(&bytes, 1, sum)) {
        return cg_error(diag, NULL, "internal", "SHA-256 is not available");
    }
    for (size_t i = 0; i < sizeof(sum); i++) {
        cg_strbuf_printf(&id, "%02x", sum[i]);
    }
    node->schematic = cg_arena_text(arena, id.text);
    set_installer(arena, node);
    return true;
}

const char *
cg_schematic_kernel(struct cg_arena *arena, const struct cg_node *node)
{
    return cg_arena_printf(arena, "kernel-%s",
                           cg_schematic_setting(node, "arch"));
}

const char *
cg_schematic_initramfs(struct cg_arena *arena, const struct cg_node *node)
{
    return cg_arena_printf(arena, "initramfs-%s.xz",
                           cg_schematic_setting(node, "arch"));
}

const char *
cg_schematic_base(struct cg_arena *arena, const struct cg_node *node)
{
    return cg_arena_printf(arena, "https://%s",
                           cg_schematic_setting(node, "factory"));
}

const char *
cg_schematic_url_at(struct cg_arena *arena, const char *base,
                    const char *schematic, const char *version,
                    const char *file)
{
    return cg_arena_printf(arena, "%s/image/%s/%s/%s", base, schematic, version,
                           file);
}

const char *
cg_schematic_url(struct cg_arena *arena, const struct cg_node *node,
                 const char *file)
{
    return cg_schematic_url_at(arena, cg_schematic_base(arena, node),
                               node->schematic, node->talos->text, file);
}
