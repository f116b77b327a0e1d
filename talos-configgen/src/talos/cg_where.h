/*
 * The path to a value while code walks down a document, for messages:
 * machine.files[2].path. Links live on the stack of the walk.
 */
#ifndef CG_WHERE_H
#define CG_WHERE_H

#include "base/cg_arena.h"
#include "base/cg_diag.h"
#include "yaml/cg_tree.h"

/* What every walk needs: storage, and where findings go. */
struct cg_walk {
    struct cg_arena *arena;
    struct cg_diag *diag;
};

/* `key` NULL: an item of the list above, number `index`. The outermost link is
 * the document: its key is the kind, or "" for the v1alpha1 document. */
struct cg_where {
    const struct cg_where *up;
    const char *key;
    size_t index;
};

/* "machine.files[2].path"; "LinkConfig eth0: mtu" for other kinds. */
const char *cg_where_text(struct cg_arena *arena, const struct cg_where *at);

/* A value in single quotes, cut when long; "the value" when it comes from a
 * file that was decrypted. */
const char *cg_where_quote(struct cg_arena *arena, const struct cg_tree *tree);

#endif
