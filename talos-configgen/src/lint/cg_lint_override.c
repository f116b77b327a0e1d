/*
 * Typed fields are resolved before patches, so a cluster's patch could undo
 * what a node's line says. That is a mistake, not a precedence.
 */
#include <string.h>

#include "lint/cg_lint.h"
#include "model/cg_key.h"

struct comparison {
    struct cg_model *model;
    const struct cg_node *node;
    const struct cg_patch *patch;
};

static bool
holds(const struct cg_tree *tree, const struct cg_pos *pos)
{
    if (tree == NULL) {
        return false;
    }
    if (tree->pos.line == pos->line && tree->pos.col == pos->col) {
        return true;
    }
    for (size_t i = 0; i < tree->count; i++) {
        if (tree->kind == CG_MAP && tree->entries[i].pos.line == pos->line &&
            tree->entries[i].pos.col == pos->col) {
            return true;
        }
        if (holds(tree->kind == CG_LIST ? tree->items[i]
                                        : tree->entries[i].value,
                  pos)) {
            return true;
        }
    }
    return false;
}

/* The level whose part of the inventory a position stands in; 0 = none. A role
 * stands inside its cluster, so the most specific one counts. */
static unsigned
level_of(const struct comparison *with, const struct cg_pos *pos)
{
    if (pos->source != with->model->inventory.source || pos->line == 0) {
        return 0;
    }
    for (size_t i = 4; i > 0; i--) {
        if (holds(with->node->layers[i - 1].map, pos)) {
            return with->node->layers[i - 1].level;
        }
    }
    return 0;
}

static void compare(const struct comparison *with, const struct cg_tree *before,
                    const struct cg_tree *after);

static void
compare_entries(const struct comparison *with, const struct cg_tree *before,
                const struct cg_tree *after)
{
    for (size_t i = 0; i < before->count; i++) {
        const struct cg_tree *now = cg_tree_get(after, before->entries[i].key);

        if (now != NULL) {
            compare(with, before->entries[i].value, now);
        }
    }
}

static void
compare(const struct comparison *with, const struct cg_tree *before,
        const struct cg_tree *after)
{
    if (before->kind == CG_MAP && after->kind == CG_MAP) {
        compare_entries(with, before, after);
        return;
    }
    if (before->kind != CG_SCALAR || after->kind != CG_SCALAR ||
        cg_tree_equal(before, after) || after->pos.source == NULL ||
        level_of(with, &before->pos) <= with->patch->level) {
        return;
    }
    (void)cg_error(with->model->diag, &after->pos, "patch-overrides",
                   "a patch of %s changes what a more specific line sets",
                   cg_level_name(with->patch->level));
    cg_also(with->model->diag, &before->pos, "the more specific line");
}

static bool
is_same_document(const struct cg_tree *a, const struct cg_tree *b)
{
    static const char *const keys[] = { "kind", "name" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        const char *x = cg_tree_text(cg_tree_get(a, keys[i]));
        const char *y = cg_tree_text(cg_tree_get(b, keys[i]));

        if (strcmp(x == NULL ? "" : x, y == NULL ? "" : y) != 0) {
            return false;
        }
    }
    return true;
}

void
cg_lint_override(struct cg_model *model, const struct cg_node *node,
                 const struct cg_patch *patch, const struct cg_trees *before)
{
    const struct comparison with = { model, node, patch };

    for (size_t i = 0; i < before->count; i++) {
        for (size_t n = 0; n < node->docs.count; n++) {
            if (is_same_document(before->roots[i], node->docs.roots[n])) {
                compare(&with, before->roots[i], node->docs.roots[n]);
            }
        }
    }
}
