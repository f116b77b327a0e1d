/* Scalars in the type of their field. */
#include "talos/cg_normal.h"

#include "talos/cg_value.h"

static void normal_struct(struct cg_arena *arena, const struct cg_struct *type,
                          struct cg_tree *map);
static void normal_one(struct cg_arena *arena, const struct cg_field *field,
                       struct cg_tree *value);

static void
normal_text(struct cg_tree *value)
{
    if (cg_tree_type(value) != CG_TYPE_NULL) {
        value->plain = false;
    }
}

/* The library leaves them out of lists. */
static void
drop_nulls(struct cg_tree *list)
{
    for (size_t i = 0; list->kind == CG_LIST && i < list->count;) {
        if (cg_tree_type(list->items[i]) == CG_TYPE_NULL) {
            cg_tree_remove_item(list, i);
        } else {
            i++;
        }
    }
}

static void
normal_bool(struct cg_arena *arena, struct cg_tree *value)
{
    bool yes;

    if (cg_value_bool(value, &yes)) {
        struct cg_tree *made = cg_tree_new_bool(arena, yes);

        made->pos = value->pos;
        *value = *made;
    }
}

/* A mapping has no absent values: a null there is the zero value. */
static void
normal_null(struct cg_arena *arena, const struct cg_field *field,
            struct cg_tree *value)
{
    struct cg_pos pos = value->pos;

    switch ((int)field->kind) {
    case CG_K_STRUCT:
    case CG_K_FREE:
    case CG_K_ANY:
    case CG_K_ARG:
    case CG_K_PEM_CERT:
    case CG_K_PEM_KEY:
    case CG_K_PEM_PAIR:
        return;
    case CG_K_BOOL:
        *value = *cg_tree_new_bool(arena, false);
        break;
    case CG_K_INT:
    case CG_K_UINT8:
    case CG_K_UINT16:
    case CG_K_UINT32:
    case CG_K_UINT64:
    case CG_K_FILE_MODE:
    case CG_K_PORT_RANGE:
    case CG_K_DURATION:
        *value = *cg_tree_new_int(arena, 0);
        break;
    default:
        *value = *cg_tree_new_text(arena, "");
        break;
    }
    value->pos = pos;
}

static void
normal_one(struct cg_arena *arena, const struct cg_field *field,
           struct cg_tree *value)
{
    switch ((int)field->kind) {
    case CG_K_STRUCT:
        if (value->kind == CG_MAP) {
            normal_struct(arena, field->type, value);
        }
        return;
    case CG_K_BOOL:
        normal_bool(arena, value);
        return;
    case CG_K_ARG:
        drop_nulls(value);
        for (size_t i = 0; value->kind == CG_LIST && i < value->count; i++) {
            normal_text(value->items[i]);
        }
        break;
    case CG_K_FREE:
    case CG_K_ANY:
    case CG_K_INT:
    case CG_K_UINT8:
    case CG_K_UINT16:
    case CG_K_UINT32:
    case CG_K_UINT64:
    case CG_K_FILE_MODE:
    case CG_K_PORT_RANGE:
    case CG_K_DURATION: /* 0 is a number there */
        return;
    default:
        break;
    }
    if (value->kind == CG_SCALAR) {
        normal_text(value);
    }
}

static void
normal_struct(struct cg_arena *arena, const struct cg_struct *type,
              struct cg_tree *map)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_field *field =
            cg_fields_find(type, map->entries[i].key);
        struct cg_tree *value = map->entries[i].value;

        if (field == NULL) {
            continue;
        }
        if (field->shape == CG_S_ONE) {
            normal_one(arena, field, value);
            continue;
        }
        drop_nulls(value);
        for (size_t k = 0; value->kind == CG_LIST && k < value->count; k++) {
            normal_one(arena, field, value->items[k]);
        }
        for (size_t k = 0; value->kind == CG_MAP && k < value->count; k++) {
            struct cg_tree *item = value->entries[k].value;

            if (cg_tree_type(item) == CG_TYPE_NULL) {
                normal_null(arena, field, item);
            } else {
                normal_one(arena, field, item);
            }
        }
    }
}

void
cg_normal_document(struct cg_arena *arena, const struct cg_doc_kind *kind,
                   struct cg_tree *doc)
{
    normal_struct(arena, kind->type, doc);
}
