/*
 * `$patch: delete` in a patch, after Talos' rules: at the root it removes the
 * document, as the value of a key it removes that key, in a list item it
 * removes the first item whose other key has the same value.
 */
#ifndef CG_DELETE_H
#define CG_DELETE_H

#include <stdbool.h>
#include <stddef.h>

#include "talos/cg_fields.h"
#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* Keys from the root down; with `match_key` the path names a list, and the
 * item whose match_key has the text `match_value` goes. An empty path removes
 * the document. */
struct cg_delete {
    const char **path;
    size_t depth;
    const char *match_key, *match_value;
    struct cg_pos pos;
};

struct cg_deletes {
    struct cg_delete *items;
    size_t count, cap;
};

/* Takes the deletions out of a document of a patch (a copy: it is changed) and
 * appends them to *ret. Mappings and lists that become empty go as well.
 * `*ret_empty`: nothing is left to merge. False when a finding was added. */
bool cg_delete_extract(const struct cg_walk *walk, struct cg_tree *doc,
                       struct cg_deletes *ret, bool *ret_empty);

/* Carries one out on a document of the config; its path is not empty. A path
 * that leads nowhere is a finding. */
bool cg_delete_apply(const struct cg_walk *walk, const struct cg_doc_kind *kind,
                     struct cg_tree *doc, const struct cg_delete *gone);

#endif
