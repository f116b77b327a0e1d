/*
 * The typed merge. The rules look uneven; they are those of the library, whose
 * values have no "absent": a zero in a patch changes nothing unless the field
 * is a pointer, and some types overwrite even with nothing.
 */
#include "talos/cg_merge.h"

#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_url.h"
#include "talos/cg_value.h"

/* One field on its way: the mapping it is in, and both values; NULL = absent
 * or null. */
struct pair {
    struct cg_tree *map;
    struct cg_tree *base;
    const struct cg_tree *over;
};

static bool merge_struct(const struct cg_walk *walk, const struct cg_where *at,
                         const struct cg_struct *type, struct cg_tree *base,
                         const struct cg_tree *over);

static bool
is_pointer(const struct cg_field *field)
{
    return (field->flags & CG_F_POINTER) != 0;
}

static void
put(const struct cg_walk *walk, struct cg_tree *map, const char *key,
    const struct cg_tree *value)
{
    (void)cg_tree_set(walk->arena, map, key, cg_tree_copy(walk->arena, value));
}

static bool
cannot_merge(const struct cg_walk *walk, const struct cg_where *at,
             const struct cg_tree *over, const char *hint)
{
    (void)cg_error(walk->diag, over == NULL ? NULL : &over->pos, "patch-merge",
                   "Talos cannot merge %s into a value that is there already",
                   cg_where_text(walk->arena, at));
    cg_hint(walk->diag, "%s", hint);
    return false;
}

/* minSize and CEL expressions take the patch's value even when it has none. */
static bool
merge_always(const struct cg_walk *walk, const struct cg_where *at,
             const struct cg_field *field, const struct pair *pair,
             const struct cg_pos *blame)
{
    if (pair->over != NULL && !cg_value_is_zero(field, pair->over)) {
        put(walk, pair->map, field->key, pair->over);
        return true;
    }
    if (pair->base != NULL && !cg_value_is_zero(field, pair->base)) {
        cg_warning(walk->diag, blame, "patch-clears",
                   "Talos' merge clears %s, which this patch does not repeat",
                   cg_where_text(walk->arena, at));
        (void)cg_tree_remove(pair->map, field->key);
    }
    return true;
}

static bool
merge_url(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_field *field, const struct pair *pair)
{
    struct cg_url base, over;
    struct cg_tree *merged;
    const char *text;

    if (!cg_url_parse(pair->base->text, &base) ||
        !cg_url_parse(pair->over->text, &over) || pair->over->len == 0) {
        return true;
    }
    if (!cg_url_merge(walk->arena, &base, &over, &text)) {
        return cannot_merge(walk, at, pair->over,
                            "both URLs have a user name; leave it out here");
    }
    merged = cg_tree_new_text(walk->arena, text);
    merged->pos = pair->over->pos;
    (void)cg_tree_set(walk->arena, pair->map, field->key, merged);
    return true;
}

/* An absolute size stays when the patch has a relative one. */
static void
merge_size(const struct cg_walk *walk, const struct cg_where *at,
           const struct cg_field *field, const struct pair *pair)
{
    if (cg_value_is_zero(field, pair->over)) {
        return;
    }
    if (pair->base->len > 0 && strchr(pair->base->text, '%') == NULL &&
        strchr(pair->over->text, '%') != NULL) {
        cg_warning(walk->diag, &pair->over->pos, "patch-ignored",
                   "Talos' merge keeps the size that %s has already: a "
                   "percentage does not replace an absolute size",
                   cg_where_text(walk->arena, at));
        return;
    }
    put(walk, pair->map, field->key, pair->over);
}

static bool merge_free(const struct cg_walk *walk, const struct cg_where *at,
                       struct cg_tree *base, const struct cg_tree *over);

static bool
merge_free_value(const struct cg_walk *walk, const struct cg_where *at,
                 struct cg_tree *map, const struct cg_entry *entry)
{
    struct cg_tree *base = cg_check_get(map, entry->key);
    const struct cg_tree *over = entry->value;
    struct cg_field any = { .kind = CG_K_STRING };
    enum cg_type type = cg_tree_type(over);
    double number;

    if (base == NULL) {
        put(walk, map, entry->key, over);
        return true;
    }
    if (type != cg_tree_type(base)) {
        (void)cg_error(walk->diag, &over->pos, "patch-merge",
                       "%s is %s, and %s where it is set first; Talos cannot "
                       "merge the two",
                       cg_where_text(walk->arena, at), cg_type_name(type),
                       cg_type_name(cg_tree_type(base)));
        cg_also(walk->diag, &base->pos, "set here");
        return false;
    }
    switch (type) {
    case CG_TYPE_MAP:
        return merge_free(walk, at, base, over);
    case CG_TYPE_LIST:
        for (size_t i = 0; i < over->count; i++) {
            (void)cg_tree_add(walk->arena, base,
                              cg_tree_copy(walk->arena, over->items[i]));
        }
        return true;
    case CG_TYPE_TEXT:
        if (cg_value_is_zero(&any, over)) {
            return true;
        }
        break;
    case CG_TYPE_INT:
    case CG_TYPE_FLOAT:
        if (cg_tree_float(over, &number) && number <= 0 && number >= 0) {
            return true;
        }
        break;
    case CG_TYPE_NULL:
    case CG_TYPE_BOOL:
        break;
    }
    put(walk, map, entry->key, over);
    return true;
}

static bool
merge_free(const struct cg_walk *walk, const struct cg_where *at,
           struct cg_tree *base, const struct cg_tree *over)
{
    bool ok = true;

    for (size_t i = 0; i < over->count; i++) {
        struct cg_where below = { .up = at, .key = over->entries[i].key };

        if (!merge_free_value(walk, &below, base, &over->entries[i])) {
            ok = false;
        }
    }
    return ok;
}

/* Both values are there. */
static bool
merge_one(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_field *field, const struct pair *pair)
{
    switch ((int)field->kind) {
    case CG_K_STRUCT:
        return merge_struct(walk, at, field->type, pair->base, pair->over);
    case CG_K_FREE:
        if (field->merge == CG_M_REPLACE) {
            put(walk, pair->map, field->key, pair->over);
            return true;
        }
        return merge_free(walk, at, pair->base, pair->over);
    case CG_K_URL:
        return merge_url(walk, at, field, pair);
    case CG_K_SIZE:
        merge_size(walk, at, field, pair);
        return true;
    case CG_K_DISK_MATCH:
        return cannot_merge(walk, at, pair->over,
                            "delete it first, with '$patch: delete'");
    case CG_K_PEM_CERT:
    case CG_K_PEM_KEY:
    case CG_K_PEM_PAIR:
    case CG_K_BASE64:
    case CG_K_HWADDR:
    case CG_K_ANY:
        put(walk, pair->map, field->key, pair->over);
        return true;
    default:
        if (is_pointer(field) || !cg_value_is_zero(field, pair->over)) {
            put(walk, pair->map, field->key, pair->over);
        }
        return true;
    }
}

static bool
is_same_text(const struct cg_tree *a, const struct cg_tree *b)
{
    int64_t x, y;

    if (a == NULL || b == NULL) {
        const struct cg_tree *there = a == NULL ? b : a;

        return there == NULL || there->len == 0 ||
               (cg_tree_int(there, &x) && x == 0);
    }
    return (cg_tree_int(a, &x) && cg_tree_int(b, &y) && x == y) ||
           (a->len == b->len && memcmp(a->text, b->text, a->len) == 0);
}

/* Whatever `a` asks for, `b` asks for as well. */
static bool
has_all(const struct cg_tree *a, const struct cg_tree *b)
{
    for (size_t i = 0; i < a->count; i++) {
        const char *key = a->entries[i].key;

        if (!is_same_text(cg_check_get(a, key), cg_check_get(b, key))) {
            return false;
        }
    }
    return true;
}

/* Two device selectors with the same values; pointers (`physical`) are equal
 * to the library only when both are absent. */
static bool
is_same_selector(const struct cg_tree *a, const struct cg_tree *b)
{
    return a != NULL && b != NULL && cg_check_get(a, "physical") == NULL &&
           cg_check_get(b, "physical") == NULL && has_all(a, b) &&
           has_all(b, a);
}

static bool
is_match(const struct cg_field *field, const struct cg_tree *base,
         const struct cg_tree *over)
{
    const struct cg_tree *name = cg_check_get(over, field->words);

    if (field->merge == CG_M_DEVICE && (name == NULL || name->len == 0)) {
        return is_same_selector(cg_check_get(base, "deviceSelector"),
                                cg_check_get(over, "deviceSelector"));
    }
    return is_same_text(cg_check_get(base, field->words), name);
}

/* The item that an item of the patch belongs to, or `count`. SWAP looks at
 * what was there before the patch only, and takes the last. */
static size_t
find_item(const struct cg_field *field, const struct cg_tree *list,
          size_t before, const struct cg_tree *over)
{
    size_t found = list->count;

    if (field->merge == CG_M_SWAP) {
        for (size_t i = 0; i < before; i++) {
            found = is_match(field, list->items[i], over) ? i : found;
        }
        return found;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (is_match(field, list->items[i], over)) {
            return i;
        }
    }
    return found;
}

static bool
merge_matched(const struct cg_walk *walk, const struct cg_where *at,
              const struct cg_field *field, const struct pair *pair)
{
    struct cg_tree *list = pair->base;
    size_t before;
    bool ok = true;

    if (list == NULL) {
        list = cg_tree_set(walk->arena, pair->map, field->key,
                           cg_tree_new_list(walk->arena));
    }
    before = list->count;
    for (size_t i = 0; i < pair->over->count; i++) {
        const struct cg_tree *item = pair->over->items[i];
        struct cg_where below = { .up = at, .index = i };
        size_t found = find_item(field, list, before, item);

        if (found == list->count) {
            (void)cg_tree_add(walk->arena, list,
                              cg_tree_copy(walk->arena, item));
        } else if (field->merge == CG_M_SWAP) {
            list->items[found] = cg_tree_copy(walk->arena, item);
        } else if (!merge_struct(walk, &below, field->type, list->items[found],
                                 item)) {
            ok = false;
        }
    }
    return ok;
}

static bool
merge_list(const struct cg_walk *walk, const struct cg_where *at,
           const struct cg_field *field, const struct pair *pair)
{
    switch (field->merge) {
    case CG_M_BY_KEY:
    case CG_M_SWAP:
    case CG_M_DEVICE:
        return merge_matched(walk, at, field, pair);
    case CG_M_REPLACE:
        put(walk, pair->map, field->key, pair->over);
        return true;
    case CG_M_TYPED:
        break;
    }
    if (pair->base == NULL) {
        put(walk, pair->map, field->key, pair->over);
        return true;
    }
    for (size_t i = 0; i < pair->over->count; i++) {
        (void)cg_tree_add(walk->arena, pair->base,
                          cg_tree_copy(walk->arena, pair->over->items[i]));
    }
    return true;
}

static bool
merge_map(const struct cg_walk *walk, const struct cg_where *at,
          const struct cg_field *field, const struct pair *pair)
{
    bool ok = true;

    if (pair->base == NULL) {
        put(walk, pair->map, field->key, pair->over);
        return true;
    }
    for (size_t i = 0; i < pair->over->count; i++) {
        const struct cg_entry *entry = &pair->over->entries[i];
        struct cg_where below = { .up = at, .key = entry->key };
        struct cg_tree *base = cg_check_get(pair->base, entry->key);

        if (base == NULL || field->kind == CG_K_ARG) {
            put(walk, pair->base, entry->key, entry->value);
        } else if (field->kind == CG_K_STRUCT) {
            if (cg_tree_type(entry->value) != CG_TYPE_NULL &&
                !merge_struct(walk, &below, field->type, base, entry->value)) {
                ok = false;
            }
        } else if (field->kind == CG_K_BOOL ||
                   !cg_value_is_zero(field, entry->value)) {
            put(walk, pair->base, entry->key, entry->value);
        }
    }
    return ok;
}

/* Fields that the library merges even when the patch does not have them. */
static bool
merge_absent(const struct cg_walk *walk, const struct cg_where *at,
             const struct cg_field *field, const struct pair *pair)
{
    if (field->shape != CG_S_ONE || is_pointer(field) || pair->base == NULL) {
        return true;
    }
    if (field->kind == CG_K_STRUCT) {
        return merge_struct(walk, at, field->type, pair->base, NULL);
    }
    if (field->kind == CG_K_BOOL) {
        (void)cg_tree_remove(pair->map, field->key);
    }
    return true;
}

static bool
merge_field(const struct cg_walk *walk, const struct cg_where *at,
            const struct cg_field *field, const struct pair *pair,
            const struct cg_pos *blame)
{
    bool is_value = field->shape == CG_S_ONE && !is_pointer(field);
    struct cg_tree *made;

    if (is_value &&
        (field->kind == CG_K_BYTE_SIZE || field->kind == CG_K_CEL)) {
        return merge_always(walk, at, field, pair, blame);
    }
    if (pair->over == NULL) {
        return merge_absent(walk, at, field, pair);
    }
    if (field->shape == CG_S_LIST) {
        return merge_list(walk, at, field, pair);
    }
    if (field->shape == CG_S_MAP) {
        return merge_map(walk, at, field, pair);
    }
    if (pair->base != NULL) {
        return merge_one(walk, at, field, pair);
    }
    if (is_value && field->kind == CG_K_STRUCT) {
        made = cg_tree_new_map(walk->arena);
        made->pos = pair->over->pos;
        (void)cg_tree_set(walk->arena, pair->map, field->key, made);
        return merge_struct(walk, at, field->type, made, pair->over);
    }
    put(walk, pair->map, field->key, pair->over);
    return true;
}

/* The library keeps addresses in types that it cannot merge, not even with
 * nothing. */
static bool
has_unmergeable(const struct cg_struct *type)
{
    for (size_t i = 0; i < type->count; i++) {
        const struct cg_field *field = &type->fields[i];

        if (field->shape == CG_S_ONE && !is_pointer(field) &&
            (field->kind == CG_K_ADDR || field->kind == CG_K_PREFIX ||
             field->kind == CG_K_ADDR_PORT)) {
            return true;
        }
    }
    return false;
}

static bool
merge_struct(const struct cg_walk *walk, const struct cg_where *at,
             const struct cg_struct *type, struct cg_tree *base,
             const struct cg_tree *over)
{
    const struct cg_pos *blame = over == NULL ? &base->pos : &over->pos;
    bool ok = true;

    if (has_unmergeable(type)) {
        return cannot_merge(walk, at, over,
                            "it has addresses, which Talos' merge cannot "
                            "change; set it in one patch only");
    }
    for (size_t i = 0; i < type->count; i++) {
        const struct cg_field *field = &type->fields[i];
        struct cg_where below = { .up = at, .key = field->key };
        struct pair pair = {
            .map = base,
            .base = cg_check_get(base, field->key),
            .over = cg_check_get(over, field->key),
        };

        if (!merge_field(walk, &below, field, &pair, blame)) {
            ok = false;
        }
    }
    return ok;
}

bool
cg_merge_document(const struct cg_walk *walk, const struct cg_doc_kind *kind,
                  struct cg_tree *base, const struct cg_tree *over)
{
    struct cg_where at = cg_check_where(walk, kind, over);

    return merge_struct(walk, &at, kind->type, base, over);
}
