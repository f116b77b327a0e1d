/*
 * The typed merge: a document of a patch into one of the config, field by field
 * as the table says, which is how Talos' library merges its own types.
 */
#ifndef CG_MERGE_H
#define CG_MERGE_H

#include <stdbool.h>

#include "talos/cg_fields.h"
#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* `over` has passed cg_check_document and is copied, never shared. False when
 * a finding was added; `base` may then be half merged. */
bool cg_merge_document(const struct cg_walk *walk,
                       const struct cg_doc_kind *kind, struct cg_tree *base,
                       const struct cg_tree *over);

#endif
