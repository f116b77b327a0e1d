/* A node's published bytes; see cg_body.h. */
#include "emit/cg_body.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "ea_crypto.h"
#include "yaml/cg_yaml.h"

#define KEY_VARIABLE "TS_AUTHKEY="

void
cg_body_format(const struct cg_node *node, struct cg_strbuf *out)
{
    cg_yaml_emit(out, &node->docs);
}

static bool
is_key_line(const struct cg_tree *item)
{
    return item->kind == CG_SCALAR &&
           strncmp(item->text, KEY_VARIABLE, strlen(KEY_VARIABLE)) == 0;
}

static void
drop_keys(struct cg_tree *doc)
{
    struct cg_tree *env = cg_tree_get(doc, "environment");

    if (env == NULL || env->kind != CG_LIST ||
        !cg_tree_is_text(cg_tree_get(doc, "kind"), "ExtensionServiceConfig")) {
        return;
    }
    for (size_t i = env->count; i > 0; i--) {
        if (is_key_line(env->items[i - 1])) {
            cg_tree_remove_item(env, i - 1);
        }
    }
}

void
cg_body_format_keyless(struct cg_arena *arena, const struct cg_node *node,
                       struct cg_strbuf *out)
{
    struct cg_trees copy = { 0 };

    for (size_t i = 0; i < node->docs.count; i++) {
        struct cg_tree *doc = cg_tree_copy(arena, node->docs.roots[i]);

        drop_keys(doc);
        cg_trees_add(arena, &copy, doc);
    }
    cg_yaml_emit(out, &copy);
}

const char *
cg_body_key_source(const struct cg_node *node)
{
    if (!node->has_tailscale) {
        return "none";
    }
    return node->has_placeholder ? "mint" : "static";
}

void
cg_body_escape(struct ea_bytes text, struct cg_strbuf *out)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '{' && i + 1 < text.len && text.ptr[i + 1] == '{') {
            cg_strbuf_puts(out, "{{\"{{\"}}");
            i++;
        } else {
            cg_strbuf_putc(out, text.ptr[i]);
        }
    }
}

void
cg_body_digest(struct ea_bytes text, char ret[static CG_DIGEST_DIGITS + 1])
{
    uint8_t sum[EA_SHA256_LEN];

    if (!ea_sha256(&text, 1, sum)) {
        /* SHA-256 is always there; without it nothing can be published */
        (void)fputs("talos-configgen: SHA-256 is not available\n", stderr);
        exit(70);
    }
    for (size_t i = 0; i < sizeof(sum); i++) {
        (void)snprintf(ret + 2 * i, 3, "%02x", sum[i]);
    }
}
