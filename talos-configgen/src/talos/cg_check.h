/*
 * Is a document one that Talos' strict decoder reads: kind and fields known,
 * every value of its field's type? Each mistake is a finding at its own line.
 */
#ifndef CG_CHECK_H
#define CG_CHECK_H

#include <stdbool.h>

#include "talos/cg_fields.h"
#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* The document's kind; NULL (and a finding) when it has none that is known. */
const struct cg_doc_kind *cg_check_kind(const struct cg_walk *walk,
                                        const struct cg_tree *doc);

/* False when findings were added. */
bool cg_check_document(const struct cg_walk *walk,
                       const struct cg_doc_kind *kind,
                       const struct cg_tree *doc);

/* The outermost link of paths into a document: "LinkConfig eth0", "" for the
 * v1alpha1 document. */
struct cg_where cg_check_where(const struct cg_walk *walk,
                               const struct cg_doc_kind *kind,
                               const struct cg_tree *doc);

/* The value at a key; NULL also when it is a null. */
struct cg_tree *cg_check_get(const struct cg_tree *map, const char *key);

#endif
