/*
 * Documents that cannot stand side by side: the same one twice, kinds that
 * exclude each other, and documents that say again what the v1alpha1 document
 * says.
 */
#ifndef CG_CONFLICT_H
#define CG_CONFLICT_H

#include <stdbool.h>

#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* Duplicates and excluding kinds; Talos refuses to hold such a config. */
bool cg_conflict_documents(const struct cg_walk *walk,
                           const struct cg_trees *docs);

/* Against the v1alpha1 document; found by Talos' validation. */
bool cg_conflict_legacy(const struct cg_walk *walk,
                        const struct cg_trees *docs);

#endif
