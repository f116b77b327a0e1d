/* Trees as JSON; see cg_json.h. */
#include "yaml/cg_json.h"

#include <inttypes.h>

static void
emit_text(struct cg_strbuf *out, const char *text, size_t len)
{
    cg_strbuf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\') {
            cg_strbuf_printf(out, "\\%c", c);
        } else if (c == '\n') {
            cg_strbuf_puts(out, "\\n");
        } else if (c < 0x20 || c == 0x7f) {
            cg_strbuf_printf(out, "\\u%04x", c);
        } else {
            cg_strbuf_putc(out, (char)c);
        }
    }
    cg_strbuf_putc(out, '"');
}

static void
emit_scalar(struct cg_strbuf *out, const struct cg_tree *tree)
{
    int64_t number;
    double real;
    bool is_true;

    if (cg_tree_bool(tree, &is_true)) {
        cg_strbuf_puts(out, is_true ? "true" : "false");
    } else if (cg_tree_int(tree, &number)) {
        cg_strbuf_printf(out, "%" PRId64, number);
    } else if (cg_tree_float(tree, &real) && real > -1e300 && real < 1e300) {
        cg_strbuf_printf(out, "%.17g", real);
    } else {
        emit_text(out, tree->text, tree->len);
    }
}

static void
emit(struct cg_strbuf *out, const struct cg_tree *tree, unsigned indent)
{
    bool is_map = tree->kind == CG_MAP;

    if (tree->kind == CG_NULL) {
        cg_strbuf_puts(out, "null");
        return;
    }
    if (tree->kind == CG_SCALAR) {
        emit_scalar(out, tree);
        return;
    }
    if (tree->count == 0) {
        cg_strbuf_puts(out, is_map ? "{}" : "[]");
        return;
    }
    cg_strbuf_puts(out, is_map ? "{\n" : "[\n");
    for (size_t i = 0; i < tree->count; i++) {
        cg_strbuf_repeat(out, ' ', indent + 2);
        if (is_map) {
            struct ea_bytes key = ea_bytes_of(tree->entries[i].key);

            emit_text(out, key.ptr, key.len);
            cg_strbuf_puts(out, ": ");
        }
        emit(out, is_map ? tree->entries[i].value : tree->items[i], indent + 2);
        cg_strbuf_puts(out, i + 1 < tree->count ? ",\n" : "\n");
    }
    cg_strbuf_repeat(out, ' ', indent);
    cg_strbuf_puts(out, is_map ? "}" : "]");
}

void
cg_json_emit(struct cg_strbuf *out, const struct cg_tree *tree)
{
    emit(out, tree, 0);
    cg_strbuf_putc(out, '\n');
}
