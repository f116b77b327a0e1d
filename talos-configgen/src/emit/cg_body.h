/*
 * The published body of a node: the bytes that Matchbox's /generic returns for
 * it and whose SHA-256 the gate expects, and the Matchbox template that renders
 * to them.
 */
#ifndef CG_BODY_H
#define CG_BODY_H

#include <stdbool.h>

#include "base/cg_strbuf.h"
#include "model/cg_node.h"

#define CG_DIGEST_DIGITS 64
#define CG_DIGEST_SHOWN 16 /* digits in file names */

/* What stands for the auth key until the gate puts one in. */
#define CG_PLACEHOLDER "@edge-auth:tailscale-key@"

/* Appends the documents as YAML. */
void cg_body_format(const struct cg_node *node, struct cg_strbuf *out);

/* Appends the same without TS_AUTHKEY. */
void cg_body_format_keyless(struct cg_arena *arena, const struct cg_node *node,
                            struct cg_strbuf *out);

/* Where "mint": a placeholder; "static": a key; "none". */
const char *cg_body_key_source(const struct cg_node *node);

/* Appends `text` so that Go's text/template renders it to itself. */
void cg_body_escape(struct ea_bytes text, struct cg_strbuf *out);

/* Hexadecimal SHA-256. */
void cg_body_digest(struct ea_bytes text,
                    char ret[static CG_DIGEST_DIGITS + 1]);

#endif
