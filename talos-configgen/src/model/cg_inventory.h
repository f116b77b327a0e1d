/*
 * The inventory as read: a checked tree. Every key is in the table of
 * cg_key.h, every value is what its key takes, every node has a site, every
 * site a cluster.
 */
#ifndef CG_INVENTORY_H
#define CG_INVENTORY_H

#include <stdbool.h>

#include "base/cg_diag.h"
#include "model/cg_files.h"
#include "yaml/cg_tree.h"

/* A key that was meant but could not be read: misspelt, or with a wrong value.
 * That it is absent is no second finding. */
struct cg_suspect {
    const struct cg_tree *level; /* the cluster, role, site or node */
    const char *path;
};

struct cg_inventory {
    const char *path, *folder; /* the file, and the folder it stands in */
    const struct cg_source *source;
    const struct cg_tree *top;
    struct cg_files *files;
    struct cg_suspect *suspects;
    size_t suspect_count, suspect_cap;
};

/* Reads and checks. All findings are in diag. False when nothing can be built
 * on what was read (no YAML, no mapping of nodes); true may come with errors:
 * the caller goes on to find more, and asks cg_diag_errors before it writes. */
bool cg_inventory_load(struct cg_arena *arena, const char *path,
                       struct cg_diag *diag, struct cg_inventory *ret);

/* `path` ("install.disk") was meant at this level, or a group it is in. */
bool cg_inventory_is_suspect(const struct cg_inventory *inventory,
                             const struct cg_tree *level, const char *path);

/* A value at a level's mapping by dotted path ("install.disk"), `!` of a key's
 * end ignored; NULL if absent. The entry knows where the key stands. */
const struct cg_entry *cg_inventory_entry(const struct cg_tree *level,
                                          const char *path);
const struct cg_tree *cg_inventory_get(const struct cg_tree *level,
                                       const char *path);

#endif
