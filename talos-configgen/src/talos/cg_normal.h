/*
 * Gives scalars the type of their field: a text field keeps `1.50` as written,
 * a flag says true where the user wrote `yes`. Without it a number would be
 * written in another spelling, which is another text.
 */
#ifndef CG_NORMAL_H
#define CG_NORMAL_H

#include "base/cg_arena.h"
#include "talos/cg_fields.h"
#include "yaml/cg_tree.h"

/* Changes a document that has passed cg_check_document, in place. */
void cg_normal_document(struct cg_arena *arena, const struct cg_doc_kind *kind,
                        struct cg_tree *doc);

#endif
