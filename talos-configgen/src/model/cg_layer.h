/*
 * How the layers of a node (cluster, role, site, node) become one: mappings
 * merge key by key, scalars and lists replace, the lists that the table of
 * cg_key.h says so unite without duplicates, `field!` replaces everything less
 * specific. Every value keeps the position it was written at.
 */
#ifndef CG_LAYER_H
#define CG_LAYER_H

#include "base/cg_arena.h"
#include "yaml/cg_tree.h"

/* A level's mapping, NULL if the node has none there. */
struct cg_layer {
    const struct cg_tree *map;
    unsigned level;
};

/* Merges, least specific first. Values that are not what their key takes are
 * left out (cg_inventory_load has reported them), and so are keys of one level
 * only that name other levels. Modules come out as {name, parameters}. */
struct cg_tree *cg_layer_merge(struct cg_arena *arena,
                               const struct cg_layer *layers, size_t count);

#endif
