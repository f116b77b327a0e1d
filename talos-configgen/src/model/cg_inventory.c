/* Reading an inventory against the table of keys; see cg_inventory.h. */
#include "model/cg_inventory.h"

#include <string.h>

#include "base/cg_file.h"
#include "ea_spiffe.h"
#include "model/cg_key_check.h"
#include "model/cg_key.h"
#include "yaml/cg_yaml.h"

struct reader {
    struct cg_arena *arena;
    struct cg_diag *diag;
    struct cg_inventory *inventory;
    const struct cg_tree *level; /* the cluster, role, site or node */
};

static void read_level(const struct reader *reader, const struct cg_tree *map,
                       const char *prefix, unsigned level);

/* `field!` replaces instead of merging; the name is without the sign. */
static const char *
bare_name(struct cg_arena *arena, const char *key)
{
    size_t len = strlen(key);

    return len > 1 && key[len - 1] == '!' ? cg_arena_copy(arena, key, len - 1)
                                          : key;
}

static void
suspect(const struct reader *reader, const char *path)
{
    struct cg_inventory *inventory = reader->inventory;

    inventory->suspects = cg_arena_grow(
        reader->arena, inventory->suspects, inventory->suspect_count,
        &inventory->suspect_cap, sizeof(*inventory->suspects));
    inventory->suspects[inventory->suspect_count++] =
        (struct cg_suspect){ reader->level, path };
}

bool
cg_inventory_is_suspect(const struct cg_inventory *inventory,
                        const struct cg_tree *level, const char *path)
{
    for (size_t i = 0; i < inventory->suspect_count; i++) {
        const struct cg_suspect *one = &inventory->suspects[i];
        size_t len = strlen(one->path);

        if (one->level == level && strncmp(path, one->path, len) == 0 &&
            (path[len] == '\0' || path[len] == '.')) {
            return true;
        }
    }
    return false;
}

static void
report_unknown(const struct reader *reader, const struct cg_entry *entry,
               const char *prefix, const char *path, unsigned level)
{
    const char *name = bare_name(reader->arena, entry->key);
    const char *near, *elsewhere;

    (void)cg_error(reader->diag, &entry->pos, "unknown-key",
                   "unknown key '%s' in %s", path, cg_level_name(level));
    elsewhere = cg_key_elsewhere(reader->arena, path);
    near = cg_key_nearest(reader->arena, prefix, level, name);
    if (elsewhere != NULL) {
        cg_hint(reader->diag, "'%s' is a key of %s", path, elsewhere);
    } else if (near != NULL) {
        cg_hint(reader->diag, "did you mean '%s'?", near);
        suspect(reader, cg_arena_printf(reader->arena, "%s%s%s", prefix,
                                        *prefix == '\0' ? "" : ".", near));
    }
}

static void
read_named(const struct reader *reader, const struct cg_tree *map,
           unsigned level, const char *what)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];
        struct ea_error err = { 0 };

        if (level != CG_AT_ROLE &&
            !ea_name_check(ea_bytes_of(entry->key), what, &err)) {
            (void)cg_error_from(reader->diag, &entry->pos, "name", &err);
        }
        if (level == CG_AT_ROLE && strcmp(entry->key, "worker") != 0 &&
            strcmp(entry->key, "controlplane") != 0) {
            (void)cg_error(reader->diag, &entry->pos, "name",
                           "unknown role '%s', expected worker or controlplane",
                           entry->key);
        }
        if (entry->value->kind != CG_NULL) {
            struct reader below = *reader;

            below.level = entry->value;
            read_level(&below, entry->value, "", level);
        }
    }
}

static void
read_value(const struct reader *reader, const struct cg_key *key,
           const struct cg_entry *entry)
{
    static const struct {
        enum cg_takes takes;
        unsigned level;
        const char *what;
    } maps[] = {
        { CG_TAKES_CLUSTERS, CG_AT_CLUSTER, "cluster" },
        { CG_TAKES_ROLES, CG_AT_ROLE, "role" },
        { CG_TAKES_SITES, CG_AT_SITE, "site" },
        { CG_TAKES_NODES, CG_AT_NODE, "node" },
    };

    if (!cg_key_check(reader->diag, key, entry->value)) {
        suspect(reader, key->path);
        return;
    }
    for (size_t i = 0; i < sizeof(maps) / sizeof(maps[0]); i++) {
        if (maps[i].takes == key->takes) {
            read_named(reader, entry->value, maps[i].level, maps[i].what);
        }
    }
}

static void
read_level(const struct reader *reader, const struct cg_tree *map,
           const char *prefix, unsigned level)
{
    if (map->kind != CG_MAP) {
        (void)cg_error(reader->diag, &map->pos, "wrong-type",
                       "%s%s%s takes a mapping, not %s",
                       *prefix == '\0' ? cg_level_name(level) : "'", prefix,
                       *prefix == '\0' ? "" : "'",
                       cg_type_name(cg_tree_type(map)));
        return;
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];
        const char *path = cg_arena_printf(
            reader->arena, "%s%s%s", prefix, *prefix == '\0' ? "" : ".",
            bare_name(reader->arena, entry->key));
        const struct cg_key *key = cg_key_find(path, level);

        if (key != NULL) {
            read_value(reader, key, entry);
        } else if (cg_key_is_group(path, level)) {
            read_level(reader, entry->value, path, level);
        } else {
            report_unknown(reader, entry, prefix, path, level);
        }
    }
}

const struct cg_entry *
cg_inventory_entry(const struct cg_tree *level, const char *path)
{
    const struct cg_entry *entry = NULL;

    while (level != NULL && level->kind == CG_MAP) {
        size_t len = strcspn(path, ".");

        entry = NULL;
        for (size_t i = 0; i < level->count; i++) {
            const char *key = level->entries[i].key;

            if (strncmp(key, path, len) == 0 &&
                (key[len] == '\0' || strcmp(key + len, "!") == 0)) {
                entry = &level->entries[i];
            }
        }
        if (entry == NULL || path[len] == '\0') {
            return entry;
        }
        level = entry->value;
        path += len + 1;
    }
    return NULL;
}

const struct cg_tree *
cg_inventory_get(const struct cg_tree *level, const char *path)
{
    const struct cg_entry *entry = cg_inventory_entry(level, path);

    return entry == NULL ? NULL : entry->value;
}

/* A site's cluster, a node's site: there, and named right. */
static void
check_reference(const struct reader *reader, const struct cg_tree *top,
                const struct cg_entry *from, const char *what,
                const char *target, const char *targets)
{
    const struct cg_tree *value = cg_inventory_get(from->value, target);
    const struct cg_tree *known = cg_tree_get(top, targets);

    if (value == NULL) {
        if (cg_inventory_is_suspect(reader->inventory, from->value, target) ||
            (from->value->kind != CG_MAP && from->value->kind != CG_NULL)) {
            return; /* reported already */
        }
        (void)cg_error(reader->diag, &from->pos, "missing-key",
                       "%s '%s' has no '%s'", what, from->key, target);
        return;
    }
    if (value->kind != CG_SCALAR || cg_tree_get(known, value->text) != NULL) {
        return;
    }
    (void)cg_error(reader->diag, &value->pos, "unknown-name",
                   "%s '%s' is not declared", target, value->text);
    for (size_t i = 0;
         known != NULL && known->kind == CG_MAP && i < known->count; i++) {
        if (cg_key_distance(value->text, known->entries[i].key, 3) <= 3) {
            cg_hint(reader->diag, "did you mean '%s'?", known->entries[i].key);
            return;
        }
    }
}

static void
check_references(const struct reader *reader, const struct cg_tree *top)
{
    static const struct {
        const char *from, *what, *target, *targets;
    } links[] = {
        { "sites", "site", "cluster", "clusters" },
        { "nodes", "node", "site", "sites" },
    };

    for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++) {
        const struct cg_tree *map = cg_tree_get(top, links[i].from);

        for (size_t n = 0; map != NULL && map->kind == CG_MAP && n < map->count;
             n++) {
            check_reference(reader, top, &map->entries[n], links[i].what,
                            links[i].target, links[i].targets);
        }
    }
}

static bool
check_top(const struct reader *reader, const struct cg_source *source,
          const struct cg_trees *trees)
{
    static const char *const needed[] = { "version", "clusters", "sites",
                                          "nodes" };
    struct cg_pos pos = { .source = source };
    bool good = true;

    if (trees->count != 1 || trees->roots[0]->kind != CG_MAP) {
        return cg_error(reader->diag, &pos, "inventory",
                        "an inventory is one YAML document with a mapping");
    }
    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (cg_tree_get(trees->roots[0], needed[i]) == NULL) {
            good = cg_error(reader->diag, &pos, "missing-key",
                            "the inventory has no '%s'", needed[i]);
        }
    }
    return good;
}

static const char *
folder_of(struct cg_arena *arena, const char *path)
{
    const char *slash = strrchr(path, '/');

    if (slash == NULL) {
        return ".";
    }
    return slash == path ? "/"
                         : cg_arena_copy(arena, path, (size_t)(slash - path));
}

bool
cg_inventory_load(struct cg_arena *arena, const char *path,
                  struct cg_diag *diag, struct cg_inventory *ret)
{
    const struct reader reader = { arena, diag, ret, NULL };
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_trees trees = { 0 };
    struct ea_error err = { 0 };
    const struct cg_tree *nodes;

    if (!cg_file_read(path, CG_YAML_SIZE_MAX, &text, &err)) {
        return cg_error_from(diag, NULL, "file", &err);
    }
    ret->path = path;
    ret->folder = folder_of(arena, path);
    ret->source = cg_diag_source(
        diag, path,
        (struct ea_bytes){ cg_arena_copy(arena, text.text, text.len),
                           text.len },
        false);
    ret->files = cg_files_new(arena, ret->folder, diag);
    if (!cg_yaml_load(arena, ret->source, diag, &trees) && trees.count == 0) {
        return false;
    }
    if (!check_top(&reader, ret->source, &trees)) {
        return false;
    }
    ret->top = trees.roots[0];
    read_level(&reader, ret->top, "", CG_AT_TOP);
    check_references(&reader, ret->top);
    nodes = cg_tree_get(ret->top, "nodes");
    return nodes->kind == CG_MAP;
}
