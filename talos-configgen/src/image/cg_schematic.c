/* Schematic ids without asking the factory; see cg_schematic.h. */
#include "image/cg_schematic.h"

#include <stdlib.h>
#include <string.h>

#include "ea_crypto.h"
#include "model/cg_key.h"

/* The factory's encoder writes such text without quotes; how it would quote
 * other text is not ours to guess, since one byte changes the id. */
static bool
is_plain(const char *text)
{
    static const char first[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
    static const char rest[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"
                               "_-./=,+";
    const struct cg_tree plain = {
        .kind = CG_SCALAR, .plain = true, .text = text, .len = strlen(text)
    };

    if (plain.len == 0 || strchr(first, text[0]) == NULL ||
        cg_tree_type(&plain) != CG_TYPE_TEXT || cg_tree_is_ambiguous(&plain)) {
        return false;
    }
    for (const char *p = text; *p != '\0'; p++) {
        /* a colon is plain unless a blank or the end follows */
        if (strchr(rest, *p) == NULL &&
            (*p != ':' || p[1] == '\0' || strchr(rest, p[1]) == NULL)) {
            return false;
        }
    }
    return true;
}

static bool
check_items(const struct cg_tree *list, struct cg_diag *diag)
{
    bool good = true;

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (!is_plain(list->items[i]->text)) {
            good = cg_error(diag, &list->items[i]->pos, "schematic",
                            "'%s' has characters that a schematic's id cannot "
                            "be computed with",
                            list->items[i]->text);
        }
    }
    return good;
}

static int
by_text(const void *left, const void *right)
{
    const char *const *a = left;
    const char *const *b = right;

    return strcmp(*a, *b);
}

static void
format_extensions(const struct cg_tree *list, struct cg_strbuf *out)
{
    CG_AUTO_FREE const char **names = calloc(list->count, sizeof(*names));

    if (names == NULL) {
        cg_out_of_memory();
    }
    for (size_t i = 0; i < list->count; i++) {
        names[i] = list->items[i]->text;
    }
    qsort(names, list->count, sizeof(*names), by_text);
    cg_strbuf_puts(out, "    systemExtensions:\n"
                        "        officialExtensions:\n");
    for (size_t i = 0; i < list->count; i++) {
        cg_strbuf_printf(out, "            - %s\n", names[i]);
    }
}

bool
cg_schematic_format(const struct cg_tree *image, struct cg_diag *diag,
                    struct cg_strbuf *out)
{
    const struct cg_tree *args = cg_tree_get(image, "kernel_args");
    const struct cg_tree *extensions = cg_tree_get(image, "extensions");
    bool has_args = args != NULL && args->count > 0;
    bool has_extensions = extensions != NULL && extensions->count > 0;

    if (!check_items(args, diag) || !check_items(extensions, diag)) {
        return false;
    }
    if (!has_args && !has_extensions) {
        cg_strbuf_puts(out, "customization: {}\n");
        return true;
    }
    cg_strbuf_puts(out, "customization:\n");
    if (has_args) {
        cg_strbuf_puts(out, "    extraKernelArgs:\n");
        for (size_t i = 0; i < args->count; i++) {
            cg_strbuf_printf(out, "        - %s\n", args->items[i]->text);
        }
    }
    if (has_extensions) {
        format_extensions(extensions, out);
    }
    return true;
}

static const char *
image_text(const struct cg_node *node, const char *name)
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
                               image_text(node, "factory"),
                               image_text(node, "platform"), node->schematic,
                               node->talos->text));
    made->pos = node->talos->pos;
    node->installer = made;
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
    if (!cg_schematic_format(cg_tree_get(node->all, "image"), diag, &text)) {
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
    return cg_arena_printf(arena, "kernel-%s", image_text(node, "arch"));
}

const char *
cg_schematic_initramfs(struct cg_arena *arena, const struct cg_node *node)
{
    return cg_arena_printf(arena, "initramfs-%s.xz", image_text(node, "arch"));
}

const char *
cg_schematic_url(struct cg_arena *arena, const struct cg_node *node,
                 const char *file)
{
    return cg_arena_printf(arena, "https://%s/image/%s/%s/%s",
                           image_text(node, "factory"), node->schematic,
                           node->talos->text, file);
}
