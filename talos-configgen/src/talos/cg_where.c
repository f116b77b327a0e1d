/* Paths for messages. */
#include "talos/cg_where.h"

#include <string.h>

#include "base/cg_strbuf.h"

#define QUOTE_MAX 60 /* characters of a value that a message repeats */

static void
put(struct cg_strbuf *out, const struct cg_where *at)
{
    if (at == NULL) {
        return;
    }
    put(out, at->up);
    if (at->key == NULL) {
        cg_strbuf_printf(out, "[%zu]", at->index);
    } else if (at->up == NULL) {
        cg_strbuf_puts(out, at->key);
    } else {
        if (at->up->up == NULL) {
            cg_strbuf_puts(out, at->up->key[0] == '\0' ? "" : ": ");
        } else {
            cg_strbuf_putc(out, '.');
        }
        cg_strbuf_puts(out, at->key);
    }
}

const char *
cg_where_text(struct cg_arena *arena, const struct cg_where *at)
{
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };

    put(&out, at);
    return out.len == 0 ? "the document"
                        : cg_arena_copy(arena, out.text, out.len);
}

const char *
cg_where_quote(struct cg_arena *arena, const struct cg_tree *tree)
{
    const char *text = cg_tree_text(tree);

    if (text == NULL) {
        return cg_type_name(cg_tree_type(tree));
    }
    if (tree->pos.source != NULL && tree->pos.source->secret) {
        return "the value";
    }
    if (strlen(text) > QUOTE_MAX) {
        return cg_arena_printf(arena, "'%.*s...'", QUOTE_MAX, text);
    }
    return cg_arena_printf(arena, "'%s'", text);
}
