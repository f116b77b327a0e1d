/*
 * YAML text to trees and back. The only place that knows libyaml.
 *
 * Loading is strict: duplicate keys, keys that are not scalars, unknown tags,
 * invalid UTF-8, and anything beyond the limits are findings. Aliases are
 * copied out (within the limit on nodes), merge keys `<<` are applied.
 */
#ifndef CG_YAML_H
#define CG_YAML_H

#include "base/cg_arena.h"
#include "base/cg_diag.h"
#include "base/cg_strbuf.h"
#include "yaml/cg_tree.h"

#define CG_YAML_SIZE_MAX ((size_t)16 * 1024 * 1024)
#define CG_YAML_DEPTH_MAX 64
#define CG_YAML_NODES_MAX 1000000
#define CG_YAML_DOCUMENTS_MAX 256

/* Appends the source's documents to *ret (an empty document is a null tree; an
 * empty file has none). On false at least one finding was added; what could be
 * read is in *ret all the same. */
bool cg_yaml_load(struct cg_arena *arena, const struct cg_source *source,
                  struct cg_diag *diag, struct cg_trees *ret);

/* Appends the documents as YAML that YAML 1.1 and 1.2 readers take for the
 * same: strings that one of them could misread are quoted, numbers are written
 * in decimal. Documents are separated by `---`. The same tree gives the same
 * bytes. */
void cg_yaml_emit(struct cg_strbuf *out, const struct cg_trees *trees);
void cg_yaml_emit_one(struct cg_strbuf *out, const struct cg_tree *tree);

#endif
