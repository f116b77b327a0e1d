/* The tree itself; reading and writing it is in cg_yaml_*.c. */
#include "yaml/cg_tree.h"

#include <inttypes.h>
#include <math.h>
#include <stdarg.h>
#include <string.h>

static struct cg_tree *
new_tree(struct cg_arena *arena, enum cg_kind kind)
{
    struct cg_tree *tree = cg_arena_alloc(arena, sizeof(*tree));

    tree->kind = kind;
    return tree;
}

struct cg_tree *
cg_tree_new_null(struct cg_arena *arena)
{
    return new_tree(arena, CG_NULL);
}

struct cg_tree *
cg_tree_new_bytes(struct cg_arena *arena, struct ea_bytes text)
{
    struct cg_tree *tree = new_tree(arena, CG_SCALAR);

    tree->text = cg_arena_copy(arena, text.ptr, text.len);
    tree->len = text.len;
    return tree;
}

struct cg_tree *
cg_tree_new_text(struct cg_arena *arena, const char *text)
{
    return cg_tree_new_bytes(arena, ea_bytes_of(text));
}

struct cg_tree *
cg_tree_new_bool(struct cg_arena *arena, bool value)
{
    struct cg_tree *tree = cg_tree_new_text(arena, value ? "true" : "false");

    tree->plain = true;
    return tree;
}

struct cg_tree *
cg_tree_new_int(struct cg_arena *arena, int64_t value)
{
    struct cg_tree *tree =
        cg_tree_new_text(arena, cg_arena_printf(arena, "%" PRId64, value));

    tree->plain = true;
    return tree;
}

struct cg_tree *
cg_tree_new_list(struct cg_arena *arena)
{
    return new_tree(arena, CG_LIST);
}

struct cg_tree *
cg_tree_new_map(struct cg_arena *arena)
{
    return new_tree(arena, CG_MAP);
}

struct cg_tree *
cg_tree_copy(struct cg_arena *arena, const struct cg_tree *tree)
{
    struct cg_tree *copy = new_tree(arena, tree->kind);

    *copy = *tree; /* texts and keys never change: they are shared */
    copy->cap = tree->count;
    if (tree->kind == CG_LIST) {
        copy->items = cg_arena_array(arena, tree->count, sizeof(*copy->items));
        for (size_t i = 0; i < tree->count; i++) {
            copy->items[i] = cg_tree_copy(arena, tree->items[i]);
        }
    } else if (tree->kind == CG_MAP) {
        copy->entries =
            cg_arena_array(arena, tree->count, sizeof(*copy->entries));
        for (size_t i = 0; i < tree->count; i++) {
            copy->entries[i] = tree->entries[i];
            copy->entries[i].value =
                cg_tree_copy(arena, tree->entries[i].value);
        }
    }
    return copy;
}

struct cg_tree *
cg_tree_add(struct cg_arena *arena, struct cg_tree *list, struct cg_tree *item)
{
    list->items = cg_arena_grow(arena, list->items, list->count, &list->cap,
                                sizeof(struct cg_tree *));
    list->items[list->count++] = item;
    return item;
}

struct cg_tree *
cg_tree_set(struct cg_arena *arena, struct cg_tree *map, const char *key,
            struct cg_tree *value)
{
    struct cg_entry *entry = cg_tree_entry(map, key);

    if (entry == NULL) {
        map->entries = cg_arena_grow(arena, map->entries, map->count, &map->cap,
                                     sizeof(*map->entries));
        entry = &map->entries[map->count++];
        entry->key = cg_arena_text(arena, key);
    }
    entry->pos = value->pos;
    entry->value = value;
    return value;
}

void
cg_tree_set_text(struct cg_arena *arena, struct cg_tree *map, const char *key,
                 const char *text)
{
    (void)cg_tree_set(arena, map, key, cg_tree_new_text(arena, text));
}

void
cg_tree_add_text(struct cg_arena *arena, struct cg_tree *list, const char *text)
{
    (void)cg_tree_add(arena, list, cg_tree_new_text(arena, text));
}

struct cg_entry *
cg_tree_entry(const struct cg_tree *map, const char *key)
{
    if (map == NULL || map->kind != CG_MAP) {
        return NULL;
    }
    for (size_t i = 0; i < map->count; i++) {
        if (strcmp(map->entries[i].key, key) == 0) {
            return &map->entries[i];
        }
    }
    return NULL;
}

struct cg_tree *
cg_tree_get(const struct cg_tree *map, const char *key)
{
    const struct cg_entry *entry = cg_tree_entry(map, key);

    return entry == NULL ? NULL : entry->value;
}

struct cg_tree *
cg_tree_path(const struct cg_tree *map, ...)
{
    struct cg_tree *found = NULL;
    const char *key;
    va_list keys;

    va_start(keys, map);
    while ((key = va_arg(keys, const char *)) != NULL) {
        found = cg_tree_get(map, key);
        map = found;
    }
    va_end(keys);
    return found;
}

struct cg_tree *
cg_tree_need_map(struct cg_arena *arena, struct cg_tree *map, const char *key)
{
    struct cg_tree *found = cg_tree_get(map, key);

    if (found != NULL && found->kind != CG_NULL) {
        return found;
    }
    return cg_tree_set(arena, map, key, cg_tree_new_map(arena));
}

bool
cg_tree_remove(struct cg_tree *map, const char *key)
{
    const struct cg_entry *entry = cg_tree_entry(map, key);
    size_t at;

    if (entry == NULL) {
        return false;
    }
    at = (size_t)(entry - map->entries);
    map->count--;
    memmove(&map->entries[at], &map->entries[at + 1],
            (map->count - at) * sizeof(*map->entries));
    return true;
}

void
cg_tree_remove_item(struct cg_tree *list, size_t index)
{
    list->count--;
    memmove(&list->items[index], &list->items[index + 1],
            (list->count - index) * sizeof(struct cg_tree *));
}

static bool
is_equal_scalar(const struct cg_tree *a, const struct cg_tree *b)
{
    bool bool_a, bool_b;
    int64_t int_a, int_b;
    double float_a, float_b;

    if (cg_tree_bool(a, &bool_a) && cg_tree_bool(b, &bool_b)) {
        return bool_a == bool_b;
    }
    if (cg_tree_int(a, &int_a) && cg_tree_int(b, &int_b)) {
        return int_a == int_b;
    }
    if (cg_tree_float(a, &float_a) && cg_tree_float(b, &float_b)) {
        return (float_a >= float_b && float_a <= float_b) ||
               (isnan(float_a) && isnan(float_b));
    }
    return a->len == b->len && memcmp(a->text, b->text, a->len) == 0;
}

bool
cg_tree_equal(const struct cg_tree *a, const struct cg_tree *b)
{
    if (cg_tree_type(a) != cg_tree_type(b)) {
        return false;
    }
    switch (a->kind) {
    case CG_NULL:
        return true;
    case CG_SCALAR:
        return is_equal_scalar(a, b);
    case CG_LIST:
        for (size_t i = 0; a->count == b->count && i < a->count; i++) {
            if (!cg_tree_equal(a->items[i], b->items[i])) {
                return false;
            }
        }
        return a->count == b->count;
    case CG_MAP:
        for (size_t i = 0; a->count == b->count && i < a->count; i++) {
            const struct cg_tree *other = cg_tree_get(b, a->entries[i].key);

            if (other == NULL || !cg_tree_equal(a->entries[i].value, other)) {
                return false;
            }
        }
        return a->count == b->count;
    }
    return false;
}

void
cg_trees_add(struct cg_arena *arena, struct cg_trees *trees,
             struct cg_tree *root)
{
    trees->roots = cg_arena_grow(arena, trees->roots, trees->count, &trees->cap,
                                 sizeof(struct cg_tree *));
    trees->roots[trees->count++] = root;
}
