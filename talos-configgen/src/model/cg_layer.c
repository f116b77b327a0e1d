/* Merging inventory layers; see cg_layer.h. */
#include "model/cg_layer.h"

#include <string.h>

#include "model/cg_key_check.h"
#include "model/cg_key.h"

struct merger {
    struct cg_arena *arena;
    struct cg_diag *quiet; /* values were reported when they were read */
    unsigned level;
};

static struct cg_tree *
module_of(struct cg_arena *arena, const struct cg_tree *item)
{
    struct cg_tree *module = cg_tree_new_map(arena);
    struct cg_tree *name;

    module->pos = item->pos;
    if (item->kind == CG_SCALAR) {
        (void)cg_tree_set(arena, module, "name", cg_tree_copy(arena, item));
        return module;
    }
    name = cg_tree_new_text(arena, item->entries[0].key);
    name->pos = item->entries[0].pos;
    (void)cg_tree_set(arena, module, "name", name);
    if (item->entries[0].value->count > 0) {
        (void)cg_tree_set(arena, module, "parameters",
                          cg_tree_copy(arena, item->entries[0].value));
    }
    return module;
}

/* By name; the more specific one's parameters win, if it has any. */
static void
unite_module(struct merger *merger, struct cg_tree *list,
             const struct cg_tree *item)
{
    struct cg_tree *module = module_of(merger->arena, item);
    const char *name = cg_tree_text(cg_tree_get(module, "name"));

    for (size_t i = 0; i < list->count; i++) {
        if (cg_tree_is_text(cg_tree_get(list->items[i], "name"), name)) {
            if (cg_tree_get(module, "parameters") != NULL) {
                list->items[i] = module;
            }
            return;
        }
    }
    (void)cg_tree_add(merger->arena, list, module);
}

static void
unite_item(struct merger *merger, struct cg_tree *list,
           const struct cg_tree *item)
{
    for (size_t i = 0; i < list->count; i++) {
        if (cg_tree_equal(list->items[i], item)) {
            return;
        }
    }
    (void)cg_tree_add(merger->arena, list, cg_tree_copy(merger->arena, item));
}

static void
unite(struct merger *merger, struct cg_tree *out, const char *name,
      const struct cg_key *key, const struct cg_tree *value)
{
    struct cg_tree *list = cg_tree_get(out, name);

    if (list == NULL) {
        list = cg_tree_set(merger->arena, out, name,
                           cg_tree_new_list(merger->arena));
    }
    list->pos = value->pos;
    for (size_t i = 0; i < value->count; i++) {
        if (key->takes == CG_TAKES_MODULES) {
            unite_module(merger, list, value->items[i]);
        } else {
            unite_item(merger, list, value->items[i]);
        }
    }
}

static void
merge_keys(struct merger *merger, struct cg_tree *out, const char *name,
           const struct cg_tree *value)
{
    struct cg_tree *map = cg_tree_need_map(merger->arena, out, name);

    map->pos = value->pos;
    for (size_t i = 0; i < value->count; i++) {
        const struct cg_entry *entry = &value->entries[i];

        (void)cg_tree_set(merger->arena, map, entry->key,
                          cg_tree_copy(merger->arena, entry->value));
        cg_tree_entry(map, entry->key)->pos = entry->pos;
    }
}

static void
merge_value(struct merger *merger, struct cg_tree *out, const char *name,
            const struct cg_key *key, const struct cg_entry *entry)
{
    if (!cg_key_check(merger->quiet, key, entry->value)) {
        return;
    }
    switch (key->merge) {
    case CG_MERGE_UNITE:
        unite(merger, out, name, key, entry->value);
        break;
    case CG_MERGE_KEYS:
        merge_keys(merger, out, name, entry->value);
        break;
    case CG_MERGE_REPLACE:
        (void)cg_tree_set(merger->arena, out, name,
                          cg_tree_copy(merger->arena, entry->value));
        break;
    }
    cg_tree_entry(out, name)->pos = entry->pos;
}

static void
merge_level(struct merger *merger, struct cg_tree *out,
            const struct cg_tree *map, const char *prefix)
{
    if (map->kind != CG_MAP) {
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];
        size_t len = strlen(entry->key);
        bool replaces = len > 1 && entry->key[len - 1] == '!';
        const char *name =
            cg_arena_copy(merger->arena, entry->key, len - replaces);
        const char *path = cg_arena_printf(merger->arena, "%s%s%s", prefix,
                                           *prefix == '\0' ? "" : ".", name);
        const struct cg_key *key = cg_key_find(path, merger->level);

        if (replaces) {
            (void)cg_tree_remove(out, name);
        }
        if (key != NULL) {
            merge_value(merger, out, name, key, entry);
        } else if (cg_key_is_group(path, merger->level)) {
            merge_level(merger, cg_tree_need_map(merger->arena, out, name),
                        entry->value, path);
        }
    }
}

struct cg_tree *
cg_layer_merge(struct cg_arena *arena, const struct cg_layer *layers,
               size_t count)
{
    struct merger merger = { arena, cg_diag_new(arena), 0 };
    struct cg_tree *out = cg_tree_new_map(arena);

    for (size_t i = 0; i < count; i++) {
        if (layers[i].map != NULL) {
            merger.level = layers[i].level;
            merge_level(&merger, out, layers[i].map, "");
        }
    }
    return out;
}
