/*
 * The tree that YAML and JSON documents become: null, scalar, list, mapping,
 * each remembering where it stood in which file. Everything lives in an arena.
 * Mappings keep the order of their keys; keys are strings and occur once.
 *
 * What a plain (unquoted) scalar means is decided by cg_tree_type, after the
 * YAML 1.2 core schema as Talos' own reader (go.yaml.in/yaml/v4) applies it:
 * `yes`, `on`, `off` and sexagesimals are text, 0644 and 0o644 are the number
 * 420. cg_tree_is_ambiguous says that a YAML 1.1 reader would disagree.
 */
#ifndef CG_TREE_H
#define CG_TREE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/cg_arena.h"
#include "base/cg_diag.h"
#include "ea_types.h"

enum cg_kind { CG_NULL = 0, CG_SCALAR, CG_LIST, CG_MAP };

struct cg_tree;

struct cg_entry {
    const char *key; /* NUL-terminated; keys with a NUL are refused on load */
    struct cg_pos pos;
    struct cg_tree *value;
};

/* `count` items or entries. `text` is NUL-terminated as well as counted (a
 * quoted "\0" gives a NUL inside). `plain`: unquoted in the source, so its type
 * is to be resolved; a scalar that is not plain is text. `tag`: an explicit
 * `!tag`, else NULL. */
struct cg_tree {
    enum cg_kind kind;
    bool plain;
    const char *tag;
    struct cg_pos pos;
    const char *text;
    size_t len;
    struct cg_tree **items;
    struct cg_entry *entries;
    size_t count, cap;
};

/* Several documents, in order. */
struct cg_trees {
    struct cg_tree **roots;
    size_t count, cap;
};

enum cg_type {
    CG_TYPE_NULL = 0,
    CG_TYPE_TEXT,
    CG_TYPE_BOOL,
    CG_TYPE_INT,
    CG_TYPE_FLOAT,
    CG_TYPE_LIST,
    CG_TYPE_MAP
};

/* "text", "number", ... for messages. */
const char *cg_type_name(enum cg_type type);

enum cg_type cg_tree_type(const struct cg_tree *tree);

/* A YAML 1.1 reader takes this plain scalar for something else: y/n/yes/no/
 * on/off, sexagesimals (a MAC of digits), timestamps, 0o17, 0644. */
bool cg_tree_is_ambiguous(const struct cg_tree *tree);

/* Values; false when the tree is of another type or does not fit. */
bool cg_tree_bool(const struct cg_tree *tree, bool *ret);
bool cg_tree_int(const struct cg_tree *tree, int64_t *ret);
bool cg_tree_float(const struct cg_tree *tree, double *ret);

/* A scalar's text, whatever its type (a Talos string field takes `1.5`), or
 * NULL for other kinds. */
const char *cg_tree_text(const struct cg_tree *tree);
bool cg_tree_is_text(const struct cg_tree *tree, const char *text);

/* New nodes without position; set ->pos to blame a line of the user's. */
struct cg_tree *cg_tree_new_null(struct cg_arena *arena);
struct cg_tree *cg_tree_new_text(struct cg_arena *arena, const char *text);
struct cg_tree *cg_tree_new_bytes(struct cg_arena *arena, struct ea_bytes text);
struct cg_tree *cg_tree_new_bool(struct cg_arena *arena, bool value);
struct cg_tree *cg_tree_new_int(struct cg_arena *arena, int64_t value);
struct cg_tree *cg_tree_new_list(struct cg_arena *arena);
struct cg_tree *cg_tree_new_map(struct cg_arena *arena);

/* Deep copy, positions included. */
struct cg_tree *cg_tree_copy(struct cg_arena *arena,
                             const struct cg_tree *tree);

/* Appends to a list. Returns the item. */
struct cg_tree *cg_tree_add(struct cg_arena *arena, struct cg_tree *list,
                            struct cg_tree *item);

/* Sets a mapping's key: replaces the value in place (the entry's position
 * becomes the new value's), or appends. The key is copied. Returns the value,
 * so that `map = cg_tree_set(arena, top, "a", cg_tree_new_map(arena))`. */
struct cg_tree *cg_tree_set(struct cg_arena *arena, struct cg_tree *map,
                            const char *key, struct cg_tree *value);

/* Shorthand for the commonest: a text value, and text items. */
void cg_tree_set_text(struct cg_arena *arena, struct cg_tree *map,
                      const char *key, const char *text);
void cg_tree_add_text(struct cg_arena *arena, struct cg_tree *list,
                      const char *text);

/* NULL when `map` is NULL, no mapping, or has no such key. */
struct cg_tree *cg_tree_get(const struct cg_tree *map, const char *key);
struct cg_entry *cg_tree_entry(const struct cg_tree *map, const char *key);

/* Follows keys down, up to a NULL: cg_tree_path(top, "machine", "ca", NULL). */
struct cg_tree *cg_tree_path(const struct cg_tree *map, ...)
    __attribute__((sentinel));

/* The mapping at `key`, made (appended, or in place of a null) if absent. */
struct cg_tree *cg_tree_need_map(struct cg_arena *arena, struct cg_tree *map,
                                 const char *key);

/* Remove by key, by index; the order of the others stays. */
bool cg_tree_remove(struct cg_tree *map, const char *key);
void cg_tree_remove_item(struct cg_tree *list, size_t index);

/* Equal kind, type and value; mappings in any order. */
bool cg_tree_equal(const struct cg_tree *a, const struct cg_tree *b);

void cg_trees_add(struct cg_arena *arena, struct cg_trees *trees,
                  struct cg_tree *root);

#endif
