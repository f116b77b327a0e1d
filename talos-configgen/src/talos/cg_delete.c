/* Deletions in patches. */
#include "talos/cg_delete.h"

#include <string.h>

#include "talos/cg_check.h"

#define DEPTH_MAX 64

/* The keys from the root to where the walk is; NULL stands for a list item. */
struct trail {
    const char *keys[DEPTH_MAX];
    size_t depth;
};

struct extract {
    const struct cg_walk *walk;
    struct cg_deletes *ret;
    struct trail trail;
    bool failed;
};

static bool
is_marked(const struct cg_tree *map)
{
    return map->kind == CG_MAP &&
           cg_tree_is_text(cg_tree_get(map, "$patch"), "delete");
}

static void
refuse(struct extract *ex, const struct cg_pos *pos, const char *why)
{
    (void)cg_error(ex->walk->diag, pos, "patch-delete", "%s", why);
    ex->failed = true;
}

/* A key of a list item, or of something below one, cannot be deleted. */
static bool
has_item_above(const struct trail *trail, size_t depth)
{
    for (size_t i = 0; i < depth; i++) {
        if (trail->keys[i] == NULL) {
            return true;
        }
    }
    return false;
}

static bool
choose_item(struct cg_delete *gone, const struct cg_tree *item)
{
    for (size_t i = 0; i < item->count; i++) {
        const struct cg_entry *entry = &item->entries[i];

        if (strcmp(entry->key, "$patch") != 0) {
            gone->match_key = entry->key;
            gone->match_value = cg_tree_text(entry->value);
            return gone->match_value != NULL;
        }
    }
    return false;
}

static void
note(struct extract *ex, const struct cg_tree *marked)
{
    struct cg_arena *arena = ex->walk->arena;
    struct trail *trail = &ex->trail;
    bool in_list = trail->depth > 0 && trail->keys[trail->depth - 1] == NULL;
    struct cg_delete gone = {
        .depth = trail->depth - (in_list ? 1 : 0),
        .pos = cg_tree_entry(marked, "$patch")->pos,
    };

    if (has_item_above(trail, gone.depth)) {
        refuse(ex, &gone.pos,
               "Talos cannot delete below a list item; delete the whole item "
               "and add it anew");
        return;
    }
    if (in_list && !choose_item(&gone, marked)) {
        refuse(ex, &gone.pos,
               "'$patch: delete' in a list item needs a key beside it that "
               "says which item");
        return;
    }
    gone.path = cg_arena_array(arena, gone.depth, sizeof(*gone.path));
    for (size_t i = 0; i < gone.depth; i++) {
        gone.path[i] = trail->keys[i];
    }
    ex->ret->items = cg_arena_grow(arena, ex->ret->items, ex->ret->count,
                                   &ex->ret->cap, sizeof(gone));
    ex->ret->items[ex->ret->count++] = gone;
}

/* True when the node is to be taken out of its parent. */
static bool
walk_node(struct extract *ex, struct cg_tree *node)
{
    bool removed = false;

    if (is_marked(node)) {
        note(ex, node);
        return true;
    }
    if ((node->kind != CG_MAP && node->kind != CG_LIST) ||
        ex->trail.depth == DEPTH_MAX) {
        return false;
    }
    for (size_t i = 0; i < node->count;) {
        bool is_map = node->kind == CG_MAP;
        struct cg_tree *child =
            is_map ? node->entries[i].value : node->items[i];

        ex->trail.keys[ex->trail.depth++] =
            is_map ? node->entries[i].key : NULL;
        if (!walk_node(ex, child)) {
            i++;
        } else {
            removed = true;
            if (is_map) {
                (void)cg_tree_remove(node, node->entries[i].key);
            } else {
                cg_tree_remove_item(node, i);
            }
        }
        ex->trail.depth--;
    }
    return removed && node->count == 0;
}

/* Nothing but the identity is left. */
static bool
is_only_identity(const struct cg_tree *doc)
{
    static const char *const keys[] = { "version", "kind", "name" };

    for (size_t i = 0; i < doc->count; i++) {
        bool found = false;

        for (size_t k = 0; k < sizeof(keys) / sizeof(keys[0]); k++) {
            found = found || strcmp(doc->entries[i].key, keys[k]) == 0;
        }
        if (!found || doc->entries[i].value->kind != CG_SCALAR) {
            return false;
        }
    }
    return true;
}

bool
cg_delete_extract(const struct cg_walk *walk, struct cg_tree *doc,
                  struct cg_deletes *ret, bool *ret_empty)
{
    struct extract ex = { .walk = walk, .ret = ret };
    bool whole = walk_node(&ex, doc);

    *ret_empty = whole || (doc->kind == CG_MAP && is_only_identity(doc));
    return !ex.failed;
}

static bool
nowhere(const struct cg_walk *walk, const struct cg_where *at,
        const struct cg_delete *gone)
{
    return cg_error(walk->diag, &gone->pos, "patch-delete",
                    "nothing to delete: the config has no %s%s%s%s",
                    cg_where_text(walk->arena, at),
                    gone->match_key == NULL ? "" : " item with that '",
                    gone->match_key == NULL ? "" : gone->match_key,
                    gone->match_key == NULL ? "" : "'");
}

/* Talos compares the texts of fields that have one. */
static bool
is_comparable(const struct cg_struct *type, const char *key)
{
    const struct cg_field *field = cg_fields_find(type, key);

    if (field == NULL || field->shape != CG_S_ONE) {
        return false;
    }
    switch ((int)field->kind) {
    case CG_K_STRING:
        return (field->flags & CG_F_POINTER) == 0;
    case CG_K_ENUM:
    case CG_K_URL:
    case CG_K_ADDR:
    case CG_K_PREFIX:
    case CG_K_ADDR_PORT:
    case CG_K_ROUTING_TABLE:
        return true;
    default:
        return false;
    }
}

static bool
delete_item(const struct cg_walk *walk, const struct cg_where *at,
            const struct cg_field *field, struct cg_tree *list,
            const struct cg_delete *gone)
{
    if (field->kind != CG_K_STRUCT || field->shape != CG_S_LIST ||
        list == NULL || !is_comparable(field->type, gone->match_key)) {
        return nowhere(walk, at, gone);
    }
    for (size_t i = 0; i < list->count; i++) {
        const struct cg_tree *value =
            cg_check_get(list->items[i], gone->match_key);

        if (value == NULL ? gone->match_value[0] == '\0'
                          : cg_tree_is_text(value, gone->match_value)) {
            cg_tree_remove_item(list, i);
            return true;
        }
    }
    return nowhere(walk, at, gone);
}

static bool
delete_in_free(const struct cg_walk *walk, const struct cg_where *at,
               struct cg_tree *map, const struct cg_delete *gone, size_t level)
{
    struct cg_where below = { .up = at, .key = gone->path[level] };
    struct cg_tree *value = cg_tree_get(map, gone->path[level]);

    if (value == NULL) {
        return nowhere(walk, &below, gone);
    }
    if (level + 1 < gone->depth) {
        return value->kind == CG_MAP
                   ? delete_in_free(walk, &below, value, gone, level + 1)
                   : nowhere(walk, &below, gone);
    }
    if (gone->match_key != NULL) {
        return nowhere(walk, &below, gone); /* no items in free-form lists */
    }
    return cg_tree_remove(map, gone->path[level]);
}

static bool
delete_in_struct(const struct cg_walk *walk, const struct cg_where *at,
                 const struct cg_struct *type, struct cg_tree *map,
                 const struct cg_delete *gone, size_t level)
{
    const char *key = gone->path[level];
    const struct cg_field *field = cg_fields_find(type, key);
    struct cg_where below = { .up = at, .key = key };
    struct cg_tree *value = cg_check_get(map, key);

    if (field == NULL) {
        return nowhere(walk, &below, gone);
    }
    if (level + 1 == gone->depth) {
        if (gone->match_key != NULL) {
            return delete_item(walk, &below, field, value, gone);
        }
        (void)cg_tree_remove(map, key); /* absent is as good as zeroed */
        return true;
    }
    if (value == NULL) {
        return nowhere(walk, &below, gone);
    }
    if (field->shape == CG_S_MAP) {
        const char *name = gone->path[level + 1];
        struct cg_where deeper = { .up = &below, .key = name };
        struct cg_tree *item = cg_check_get(value, name);

        if (level + 2 == gone->depth || item == NULL ||
            field->kind != CG_K_STRUCT) {
            return delete_in_free(walk, &below, value, gone, level + 1);
        }
        return delete_in_struct(walk, &deeper, field->type, item, gone,
                                level + 2);
    }
    if (field->shape == CG_S_ONE && field->kind == CG_K_STRUCT) {
        return delete_in_struct(walk, &below, field->type, value, gone,
                                level + 1);
    }
    if (field->shape == CG_S_ONE && field->kind == CG_K_FREE) {
        return delete_in_free(walk, &below, value, gone, level + 1);
    }
    return nowhere(walk, &below, gone);
}

bool
cg_delete_apply(const struct cg_walk *walk, const struct cg_doc_kind *kind,
                struct cg_tree *doc, const struct cg_delete *gone)
{
    struct cg_where at = cg_check_where(walk, kind, doc);

    return delete_in_struct(walk, &at, kind->type, doc, gone, 0);
}
