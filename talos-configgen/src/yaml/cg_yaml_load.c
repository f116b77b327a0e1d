/* From libyaml's events to trees; see cg_yaml.h. */
#include <string.h>

#include <yaml.h>

#include "yaml/cg_yaml.h"

/* Mappings with fewer keys are searched one by one. */
#define KEYS_SEARCHED 32

struct anchor {
    const char *name;
    struct cg_tree *tree; /* NULL while it is being read */
};

struct loader {
    yaml_parser_t parser;
    struct cg_arena *arena;
    const struct cg_source *source;
    struct cg_diag *diag;
    struct anchor *anchors;
    size_t anchor_count, anchor_cap;
    size_t nodes, document;
    unsigned depth;
    bool good;
};

/* Finds a mapping's keys while it is read. Small mappings are searched as they
 * are; large ones through a table of entry numbers (plus 1, 0 = free), so that
 * a file of nothing but keys is read in linear time. */
struct keys {
    uint32_t *slots;
    size_t cap; /* a power of 2, or 0 */
};

/* A mapping that is being read. */
struct mapping {
    struct cg_tree *map, *merges; /* values of its `<<` keys */
    struct keys keys;
};

static struct cg_tree *load_value(struct loader *loader, yaml_event_t *event,
                                  const char *path);

static struct cg_pos
position(const struct loader *loader, const yaml_event_t *event,
         const char *path)
{
    struct cg_pos pos = { 0 };

    pos.source = loader->source;
    pos.line = (unsigned)event->start_mark.line + 1;
    pos.col = (unsigned)event->start_mark.column + 1;
    if (event->end_mark.line == event->start_mark.line) {
        pos.len = (unsigned)(event->end_mark.column - event->start_mark.column);
    }
    if (loader->source->secret) {
        pos.path =
            cg_arena_printf(loader->arena, "document %zu%s%s", loader->document,
                            *path == '\0' ? "" : ": ", path);
    }
    return pos;
}

/* libyaml's error as a finding. Its texts never quote the source. */
static bool
report(struct loader *loader)
{
    const yaml_parser_t *parser = &loader->parser;
    struct cg_pos pos = { .source = loader->source };

    if (parser->error == YAML_MEMORY_ERROR) {
        cg_out_of_memory();
    }
    loader->good = false;
    if (loader->source->secret) {
        pos.path =
            cg_arena_printf(loader->arena, "document %zu", loader->document);
    } else if (parser->error == YAML_READER_ERROR) {
        pos.line = (unsigned)parser->mark.line + 1;
        pos.col = (unsigned)parser->mark.column + 1;
    } else {
        pos.line = (unsigned)parser->problem_mark.line + 1;
        pos.col = (unsigned)parser->problem_mark.column + 1;
    }
    return cg_error(loader->diag, &pos, "yaml-syntax", "%s%s%s",
                    parser->context == NULL ? "" : parser->context,
                    parser->context == NULL ? "" : ": ",
                    parser->problem == NULL ? "not YAML" : parser->problem);
}

static bool
next_event(struct loader *loader, yaml_event_t *ret_event)
{
    return yaml_parser_parse(&loader->parser, ret_event) == 1 || report(loader);
}

static bool
refuse(struct loader *loader, const struct cg_pos *pos, const char *id,
       const char *message)
{
    loader->good = false;
    return cg_error(loader->diag, pos, id, "%s", message);
}

/* Counts a node that came to be; false (with one finding) beyond the limit. */
static bool
count_node(struct loader *loader, const struct cg_pos *pos)
{
    if (++loader->nodes <= CG_YAML_NODES_MAX) {
        return true;
    }
    if (loader->nodes == CG_YAML_NODES_MAX + 1) {
        (void)refuse(loader, pos, "yaml-limit",
                     "more nodes than can be read, aliases counted");
    }
    loader->good = false;
    return false;
}

static void
remember(struct loader *loader, const yaml_char_t *name, struct cg_tree *tree)
{
    if (name == NULL) {
        return;
    }
    loader->anchors =
        cg_arena_grow(loader->arena, loader->anchors, loader->anchor_count,
                      &loader->anchor_cap, sizeof(*loader->anchors));
    loader->anchors[loader->anchor_count++] =
        (struct anchor){ cg_arena_text(loader->arena, (const char *)name),
                         tree };
}

/* A copy that counts every node, so that nested aliases stay bounded. */
static struct cg_tree *
copy_counted(struct loader *loader, const struct cg_tree *tree,
             const struct cg_pos *pos)
{
    struct cg_tree *copy;

    if (!count_node(loader, pos)) {
        return NULL;
    }
    copy = cg_arena_alloc(loader->arena, sizeof(*copy));
    *copy = *tree;
    copy->items = NULL;
    copy->entries = NULL;
    copy->count = copy->cap = 0;
    for (size_t i = 0; i < tree->count; i++) {
        const struct cg_tree *from =
            tree->kind == CG_LIST ? tree->items[i] : tree->entries[i].value;
        struct cg_tree *child = copy_counted(loader, from, pos);

        if (child == NULL) {
            return NULL;
        }
        if (tree->kind == CG_LIST) {
            (void)cg_tree_add(loader->arena, copy, child);
            continue;
        }
        copy->entries = cg_arena_grow(loader->arena, copy->entries, copy->count,
                                      &copy->cap, sizeof(*copy->entries));
        copy->entries[copy->count] = tree->entries[i];
        copy->entries[copy->count++].value = child;
    }
    return copy;
}

static struct cg_tree *
load_alias(struct loader *loader, const yaml_event_t *event,
           const struct cg_pos *pos)
{
    const char *name = (const char *)event->data.alias.anchor;

    for (size_t i = loader->anchor_count; i > 0; i--) {
        const struct anchor *anchor = &loader->anchors[i - 1];

        if (strcmp(anchor->name, name) != 0) {
            continue;
        }
        if (anchor->tree == NULL) {
            break;
        }
        return copy_counted(loader, anchor->tree, pos);
    }
    (void)refuse(loader, pos, "yaml-alias",
                 "alias to an anchor that does not stand before it");
    return NULL;
}

static bool
is_known_tag(const char *tag)
{
    static const char *const known[] = {
        "!",          YAML_NULL_TAG,  YAML_BOOL_TAG, YAML_STR_TAG,
        YAML_INT_TAG, YAML_FLOAT_TAG, YAML_SEQ_TAG,  YAML_MAP_TAG,
    };

    for (size_t i = 0; i < sizeof(known) / sizeof(known[0]); i++) {
        if (strcmp(tag, known[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void
set_tag(struct loader *loader, struct cg_tree *tree, const yaml_char_t *tag)
{
    if (tag == NULL) {
        return;
    }
    tree->tag = cg_arena_text(loader->arena, (const char *)tag);
    if (!is_known_tag(tree->tag)) {
        (void)refuse(loader, &tree->pos, "yaml-tag",
                     "tags other than the standard ones are not read");
    }
    if (strcmp(tree->tag, YAML_STR_TAG) == 0 || strcmp(tree->tag, "!") == 0) {
        tree->plain = false;
    }
}

static struct cg_tree *
load_scalar(struct loader *loader, const yaml_event_t *event,
            const struct cg_pos *pos)
{
    struct cg_tree *tree = cg_tree_new_bytes(
        loader->arena,
        (struct ea_bytes){ (const char *)event->data.scalar.value,
                           event->data.scalar.length });

    tree->pos = *pos;
    tree->plain = event->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    set_tag(loader, tree, event->data.scalar.tag);
    if (cg_tree_type(tree) == CG_TYPE_NULL) {
        tree->kind = CG_NULL;
    }
    return tree;
}

static size_t
hash_of(const char *key)
{
    uint64_t hash = 14695981039346656037u;

    for (; *key != '\0'; key++) {
        hash = (hash ^ (unsigned char)*key) * 1099511628211u;
    }
    return (size_t)(hash ^ (hash >> 32));
}

/* The slot of a key, or the free one where it belongs. */
static size_t
slot_of(const struct keys *keys, const struct cg_tree *map, const char *key)
{
    size_t slot = hash_of(key) & (keys->cap - 1);

    while (keys->slots[slot] != 0 &&
           strcmp(map->entries[keys->slots[slot] - 1].key, key) != 0) {
        slot = (slot + 1) & (keys->cap - 1);
    }
    return slot;
}

static struct cg_entry *
find_key(const struct keys *keys, const struct cg_tree *map, const char *key)
{
    uint32_t number;

    if (keys->cap == 0) {
        return cg_tree_entry(map, key);
    }
    number = keys->slots[slot_of(keys, map, key)];
    return number == 0 ? NULL : &map->entries[number - 1];
}

static void
index_keys(struct loader *loader, struct keys *keys, const struct cg_tree *map)
{
    if (map->count < KEYS_SEARCHED) {
        return;
    }
    if (2 * map->count < keys->cap) {
        keys->slots[slot_of(keys, map, map->entries[map->count - 1].key)] =
            (uint32_t)map->count;
        return;
    }
    keys->cap = keys->cap == 0 ? (size_t)KEYS_SEARCHED * 4 : keys->cap * 2;
    keys->slots =
        cg_arena_array(loader->arena, keys->cap, sizeof(*keys->slots));
    for (size_t i = 0; i < map->count; i++) {
        keys->slots[slot_of(keys, map, map->entries[i].key)] =
            (uint32_t)(i + 1);
    }
}

/* A later one of the same name takes the place: one finding is enough. */
static void
put_entry(struct loader *loader, struct keys *keys, struct cg_tree *map,
          const struct cg_entry *entry)
{
    struct cg_entry *known = find_key(keys, map, entry->key);

    if (known != NULL) {
        *known = *entry;
        return;
    }
    map->entries = cg_arena_grow(loader->arena, map->entries, map->count,
                                 &map->cap, sizeof(*map->entries));
    map->entries[map->count++] = *entry;
    index_keys(loader, keys, map);
}

static bool
add_merged(struct loader *loader, struct mapping *into,
           const struct cg_tree *from)
{
    if (from->kind != CG_MAP) {
        return refuse(loader, &from->pos, "yaml-merge",
                      "'<<' takes a mapping or a list of mappings");
    }
    for (size_t i = 0; i < from->count; i++) {
        if (find_key(&into->keys, into->map, from->entries[i].key) == NULL) {
            put_entry(loader, &into->keys, into->map, &from->entries[i]);
        }
    }
    return true;
}

/* `<<`: keys of its value that the mapping does not have itself. */
static void
apply_merges(struct loader *loader, struct mapping *into,
             const struct cg_tree *merges)
{
    if (merges->kind != CG_LIST) {
        (void)add_merged(loader, into, merges);
        return;
    }
    for (size_t i = 0; i < merges->count; i++) {
        if (!add_merged(loader, into, merges->items[i])) {
            return;
        }
    }
}

static bool
check_key(struct loader *loader, const yaml_event_t *event,
          const struct keys *keys, const struct cg_tree *map,
          const struct cg_pos *pos)
{
    const char *key = (const char *)event->data.scalar.value;
    const struct cg_entry *before;

    if (event->type != YAML_SCALAR_EVENT ||
        strlen(key) != event->data.scalar.length) {
        return refuse(loader, pos, "yaml-key", "a key must be plain text");
    }
    before = find_key(keys, map, key);
    if (before == NULL) {
        return true;
    }
    loader->good = false;
    (void)cg_error(loader->diag, pos, "duplicate-key",
                   "key '%s' is there already", key);
    cg_also(loader->diag, &before->pos, "the first one");
    return true;
}

static bool
load_entry(struct loader *loader, struct mapping *into, yaml_event_t *key,
           const char *path)
{
    struct cg_pos pos = position(loader, key, path);
    const char *text, *below = path;
    struct cg_tree *value;
    yaml_event_t event;
    bool is_merge;

    if (!check_key(loader, key, &into->keys, into->map, &pos)) {
        return false;
    }
    text = (const char *)key->data.scalar.value;
    is_merge = strcmp(text, "<<") == 0 &&
               key->data.scalar.style == YAML_PLAIN_SCALAR_STYLE;
    if (loader->source->secret) {
        below = cg_arena_printf(loader->arena, "%s%s%s", path,
                                *path == '\0' ? "" : ".", text);
        pos = position(loader, key, below);
    }
    if (!next_event(loader, &event)) {
        return false;
    }
    value = load_value(loader, &event, below);
    if (value == NULL) {
        return false;
    }
    if (is_merge) {
        (void)cg_tree_add(loader->arena, into->merges, value);
        return true;
    }
    put_entry(
        loader, &into->keys, into->map,
        &(struct cg_entry){ cg_arena_text(loader->arena, text), pos, value });
    return true;
}

static bool
load_entries(struct loader *loader, struct cg_tree *map, const char *path)
{
    struct mapping into = { .map = map,
                            .merges = cg_tree_new_list(loader->arena) };
    yaml_event_t event;

    for (;;) {
        bool good;

        if (!next_event(loader, &event)) {
            return false;
        }
        if (event.type == YAML_MAPPING_END_EVENT) {
            yaml_event_delete(&event);
            break;
        }
        good = load_entry(loader, &into, &event, path);
        yaml_event_delete(&event);
        if (!good) {
            return false;
        }
    }
    for (size_t i = 0; i < into.merges->count; i++) {
        apply_merges(loader, &into, into.merges->items[i]);
    }
    return true;
}

static bool
load_items(struct loader *loader, struct cg_tree *list, const char *path)
{
    yaml_event_t event;

    for (;;) {
        const char *below = path;
        struct cg_tree *item;

        if (!next_event(loader, &event)) {
            return false;
        }
        if (event.type == YAML_SEQUENCE_END_EVENT) {
            yaml_event_delete(&event);
            return true;
        }
        if (loader->source->secret) {
            below =
                cg_arena_printf(loader->arena, "%s[%zu]", path, list->count);
        }
        item = load_value(loader, &event, below);
        if (item == NULL) {
            return false;
        }
        (void)cg_tree_add(loader->arena, list, item);
    }
}

static struct cg_tree *
load_collection(struct loader *loader, const yaml_event_t *event,
                const struct cg_pos *pos, const char *path)
{
    bool is_map = event->type == YAML_MAPPING_START_EVENT;
    struct cg_tree *tree = is_map ? cg_tree_new_map(loader->arena)
                                  : cg_tree_new_list(loader->arena);
    size_t anchor = loader->anchor_count;
    bool good;

    tree->pos = *pos;
    tree->pos.len = 0;
    set_tag(loader, tree,
            is_map ? event->data.mapping_start.tag
                   : event->data.sequence_start.tag);
    remember(loader,
             is_map ? event->data.mapping_start.anchor
                    : event->data.sequence_start.anchor,
             NULL);
    if (loader->depth == CG_YAML_DEPTH_MAX) {
        (void)refuse(loader, pos, "yaml-limit", "nested too deeply");
        return NULL;
    }
    loader->depth++;
    good = is_map ? load_entries(loader, tree, path)
                  : load_items(loader, tree, path);
    loader->depth--;
    if (good && (is_map ? event->data.mapping_start.anchor
                        : event->data.sequence_start.anchor) != NULL) {
        loader->anchors[anchor].tree = tree;
    }
    return good ? tree : NULL;
}

/* Consumes the event. NULL: stop reading, a finding was added. */
static struct cg_tree *
load_value(struct loader *loader, yaml_event_t *event, const char *path)
{
    struct cg_pos pos = position(loader, event, path);
    struct cg_tree *tree = NULL;

    if (event->type == YAML_ALIAS_EVENT) {
        tree = load_alias(loader, event, &pos);
    } else if (!count_node(loader, &pos)) {
        tree = NULL;
    } else if (event->type == YAML_SCALAR_EVENT) {
        tree = load_scalar(loader, event, &pos);
        remember(loader, event->data.scalar.anchor, tree);
    } else {
        tree = load_collection(loader, event, &pos, path);
    }
    yaml_event_delete(event);
    return tree;
}

static bool
load_document(struct loader *loader, struct cg_trees *ret)
{
    struct cg_tree *root;
    yaml_event_t event;

    loader->anchor_count = 0;
    if (++loader->document > CG_YAML_DOCUMENTS_MAX) {
        struct cg_pos pos = { .source = loader->source };

        return refuse(loader, &pos, "yaml-limit", "too many documents");
    }
    if (!next_event(loader, &event)) {
        return false;
    }
    root = load_value(loader, &event, "");
    if (root == NULL || !next_event(loader, &event)) {
        return false;
    }
    yaml_event_delete(&event); /* the document's end */
    cg_trees_add(loader->arena, ret, root);
    return true;
}

static void
load_stream(struct loader *loader, struct cg_trees *ret)
{
    yaml_event_t event;

    for (;;) {
        yaml_event_type_t type;

        if (!next_event(loader, &event)) {
            return;
        }
        type = event.type;
        yaml_event_delete(&event);
        if (type == YAML_STREAM_END_EVENT) {
            return;
        }
        if (type == YAML_DOCUMENT_START_EVENT && !load_document(loader, ret)) {
            return;
        }
    }
}

bool
cg_yaml_load(struct cg_arena *arena, const struct cg_source *source,
             struct cg_diag *diag, struct cg_trees *ret)
{
    struct loader loader = {
        .arena = arena, .source = source, .diag = diag, .good = true
    };
    struct cg_pos pos = { .source = source };

    if (source->text.len > CG_YAML_SIZE_MAX) {
        return cg_error(diag, &pos, "yaml-limit",
                        "larger than %zu bytes, the most that is read",
                        CG_YAML_SIZE_MAX);
    }
    if (!yaml_parser_initialize(&loader.parser)) {
        cg_out_of_memory();
    }
    yaml_parser_set_encoding(&loader.parser, YAML_UTF8_ENCODING);
    yaml_parser_set_input_string(&loader.parser,
                                 (const unsigned char *)source->text.ptr,
                                 source->text.len);
    load_stream(&loader, ret);
    yaml_parser_delete(&loader.parser);
    return loader.good;
}
