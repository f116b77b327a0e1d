/* Strict decoding, by the field table. */
#include "talos/cg_check.h"

#include <string.h>

#include "talos/cg_value.h"

static bool check_struct(const struct cg_walk *walk, const struct cg_where *at,
                         const struct cg_struct *type,
                         const struct cg_tree *map);

static bool
is_null(const struct cg_tree *tree)
{
    return tree == NULL || cg_tree_type(tree) == CG_TYPE_NULL;
}

struct cg_tree *
cg_check_get(const struct cg_tree *map, const char *key)
{
    struct cg_tree *value = cg_tree_get(map, key);

    return is_null(value) ? NULL : value;
}

static bool
wrong_type(const struct cg_walk *walk, const struct cg_where *at,
           const struct cg_tree *tree, const char *expected)
{
    return cg_error(walk->diag, &tree->pos, "talos-type",
                    "%s is %s, expected %s", cg_where_text(walk->arena, at),
                    cg_type_name(cg_tree_type(tree)), expected);
}

static bool
check_scalar(const struct cg_walk *walk, const struct cg_where *at,
             const struct cg_field *field, const struct cg_tree *value)
{
    const char *expected;

    if (value->kind != CG_SCALAR) {
        return wrong_type(walk, at, value, "a single value");
    }
    expected = cg_value_expected(field, value);
    if (expected == NULL) {
        return true;
    }
    if (field->kind == CG_K_ENUM) {
        (void)cg_error(walk->diag, &value->pos, "talos-value",
                       "%s is %s, which is none of its words",
                       cg_where_text(walk->arena, at),
                       cg_where_quote(walk->arena, value));
        cg_hint(walk->diag, "known: %s",
                field->words + (field->words[0] == '-' ? 2 : 0));
        return false;
    }
    return cg_error(walk->diag, &value->pos, "talos-value",
                    "%s is %s, expected %s", cg_where_text(walk->arena, at),
                    cg_where_quote(walk->arena, value), expected);
}

static bool
check_arg(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_tree *value)
{
    if (value->kind == CG_MAP) {
        return wrong_type(walk, at, value, "text or a list of texts");
    }
    for (size_t i = 0; value->kind == CG_LIST && i < value->count; i++) {
        struct cg_where item = { .up = at, .index = i };

        if (value->items[i]->kind == CG_LIST ||
            value->items[i]->kind == CG_MAP) {
            return wrong_type(walk, &item, value->items[i], "text");
        }
    }
    return true;
}

static bool
check_pem(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_field *field, const struct cg_tree *map)
{
    bool ok = true;

    if (map->kind != CG_MAP) {
        return wrong_type(walk, at, map, "a mapping with crt and key");
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];
        struct cg_where below = { .up = at, .key = entry->key };
        bool known =
            (field->kind != CG_K_PEM_KEY && strcmp(entry->key, "crt") == 0) ||
            (field->kind != CG_K_PEM_CERT && strcmp(entry->key, "key") == 0);

        if (!known) {
            ok = cg_error(walk->diag, &entry->pos, "talos-field",
                          "Talos has no field %s",
                          cg_where_text(walk->arena, &below));
        } else if (!is_null(entry->value) &&
                   (entry->value->kind != CG_SCALAR ||
                    !cg_value_is_base64(entry->value->text))) {
            ok = cg_error(walk->diag, &entry->value->pos, "talos-value",
                          "%s is not base64",
                          cg_where_text(walk->arena, &below));
        }
    }
    return ok;
}

static bool
check_one(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_field *field, const struct cg_tree *value)
{
    if (is_null(value)) {
        return true;
    }
    switch ((int)field->kind) {
    case CG_K_STRUCT:
        return check_struct(walk, at, field->type, value);
    case CG_K_FREE:
        return value->kind == CG_MAP ||
               wrong_type(walk, at, value, "a mapping");
    case CG_K_ANY:
        return true;
    case CG_K_ARG:
        return check_arg(walk, at, value);
    case CG_K_PEM_CERT:
    case CG_K_PEM_KEY:
    case CG_K_PEM_PAIR:
        return check_pem(walk, at, field, value);
    default:
        return check_scalar(walk, at, field, value);
    }
}

static bool
check_list(const struct cg_walk *walk, const struct cg_where *at,
           const struct cg_field *field, const struct cg_tree *list)
{
    bool ok = true;

    if (is_null(list)) {
        return true;
    }
    if (list->kind != CG_LIST) {
        return wrong_type(walk, at, list, "a list");
    }
    for (size_t i = 0; i < list->count; i++) {
        struct cg_where item = { .up = at, .index = i };

        if (field->kind == CG_K_STRUCT && is_null(list->items[i])) {
            ok = wrong_type(walk, &item, list->items[i], "a mapping");
        } else if (!check_one(walk, &item, field, list->items[i])) {
            ok = false;
        }
    }
    return ok;
}

static bool
check_map(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_field *field, const struct cg_tree *map)
{
    bool ok = true;

    if (is_null(map)) {
        return true;
    }
    if (map->kind != CG_MAP) {
        return wrong_type(walk, at, map, "a mapping");
    }
    for (size_t i = 0; i < map->count; i++) {
        struct cg_where below = { .up = at, .key = map->entries[i].key };

        if (!check_one(walk, &below, field, map->entries[i].value)) {
            ok = false;
        }
    }
    return ok;
}

static bool
unknown_field(const struct cg_walk *walk, const struct cg_where *at,
              const struct cg_struct *type, const struct cg_entry *entry)
{
    struct cg_where below = { .up = at, .key = entry->key };
    const char *near = cg_fields_near(type, entry->key);

    (void)cg_error(walk->diag, &entry->pos, "talos-field",
                   "Talos has no field %s", cg_where_text(walk->arena, &below));
    if (near != NULL) {
        cg_hint(walk->diag, "did you mean '%s'?", near);
    }
    return false;
}

static bool
check_struct(const struct cg_walk *walk, const struct cg_where *at,
             const struct cg_struct *type, const struct cg_tree *map)
{
    bool ok = true;

    if (map->kind != CG_MAP) {
        return wrong_type(walk, at, map, "a mapping");
    }
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];
        const struct cg_field *field = cg_fields_find(type, entry->key);
        struct cg_where below = { .up = at, .key = entry->key };
        bool good = false;

        if (field == NULL) {
            good = unknown_field(walk, at, type, entry);
        } else if (field->shape == CG_S_LIST) {
            good = check_list(walk, &below, field, entry->value);
        } else if (field->shape == CG_S_MAP) {
            good = check_map(walk, &below, field, entry->value);
        } else {
            good = check_one(walk, &below, field, entry->value);
        }
        ok = ok && good;
    }
    return ok;
}

static bool
is_legacy(const struct cg_tree *doc)
{
    static const char *const keys[] = { "machine", "cluster", "debug",
                                        "persist" };

    if (cg_tree_is_text(cg_tree_get(doc, "apiVersion"), "v1alpha1")) {
        return true;
    }
    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (cg_tree_entry(doc, keys[i]) != NULL) {
            return true;
        }
    }
    return false;
}

static const struct cg_doc_kind *
unknown_kind(const struct cg_walk *walk, const struct cg_tree *kind)
{
    const char *near = NULL;

    (void)cg_error(walk->diag, &kind->pos, "talos-kind",
                   "Talos has no document kind %s",
                   cg_where_quote(walk->arena, kind));
    if (kind->kind == CG_SCALAR) {
        near = cg_fields_near_kind(kind->text);
    }
    if (near != NULL) {
        cg_hint(walk->diag, "did you mean '%s'?", near);
    }
    return NULL;
}

const struct cg_doc_kind *
cg_check_kind(const struct cg_walk *walk, const struct cg_tree *doc)
{
    const struct cg_tree *kind = cg_check_get(doc, "kind");
    const struct cg_tree *version = cg_check_get(doc, "apiVersion");
    const struct cg_doc_kind *found;

    if (doc->kind != CG_MAP) {
        (void)cg_error(walk->diag, &doc->pos, "talos-document",
                       "a Talos document is a mapping, this is %s",
                       cg_type_name(cg_tree_type(doc)));
        return NULL;
    }
    if (kind == NULL || cg_tree_is_text(kind, "")) {
        if (is_legacy(doc)) {
            return cg_fields_kind("");
        }
        (void)cg_error(walk->diag, &doc->pos, "talos-document",
                       "the document has no 'kind:', and neither 'machine:' "
                       "nor 'cluster:'");
        return NULL;
    }
    found = kind->kind == CG_SCALAR && kind->len > 0
                ? cg_fields_kind(kind->text)
                : NULL;
    if (found == NULL) {
        return unknown_kind(walk, kind);
    }
    if (version == NULL || !cg_tree_is_text(version, "v1alpha1")) {
        (void)cg_error(walk->diag, version == NULL ? &doc->pos : &version->pos,
                       "talos-document", "%s needs 'apiVersion: v1alpha1'",
                       found->kind);
        return NULL;
    }
    return found;
}

struct cg_where
cg_check_where(const struct cg_walk *walk, const struct cg_doc_kind *kind,
               const struct cg_tree *doc)
{
    const char *name = cg_tree_text(cg_check_get(doc, "name"));
    const char *key = kind->kind;

    if (kind->named && name != NULL) {
        key = cg_arena_printf(walk->arena, "%s %s", kind->kind, name);
    }
    return (struct cg_where){ .key = key };
}

bool
cg_check_document(const struct cg_walk *walk, const struct cg_doc_kind *kind,
                  const struct cg_tree *doc)
{
    struct cg_where at = cg_check_where(walk, kind, doc);

    return check_struct(walk, &at, kind->type, doc);
}
