/* Trees as JSON: for Matchbox' groups and profiles, and nodes.json. */
#ifndef CG_JSON_H
#define CG_JSON_H

#include "base/cg_strbuf.h"
#include "yaml/cg_tree.h"

/* Appends the tree, indented by two spaces, with a newline at the end. Plain
 * scalars keep their type; not-a-number and infinities become text. The same
 * tree gives the same bytes. */
void cg_json_emit(struct cg_strbuf *out, const struct cg_tree *tree);

#endif
