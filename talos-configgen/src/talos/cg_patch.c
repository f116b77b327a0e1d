/* Patches, document by document (declared in cg_talos.h). */
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_conflict.h"
#include "talos/cg_delete.h"
#include "talos/cg_merge.h"
#include "talos/cg_normal.h"
#include "talos/cg_talos.h"

/* One document of a patch, taken apart. */
struct part {
    const struct cg_doc_kind *kind;
    const char *name; /* NULL when it has none */
    struct cg_pos pos;
    struct cg_tree *over; /* what is left to merge; NULL if nothing */
    struct cg_deletes deletes;
};

static const char *
name_of(const struct cg_doc_kind *kind, const struct cg_tree *doc)
{
    const char *name = cg_tree_text(cg_check_get(doc, "name"));

    return kind->named ? (name == NULL ? "" : name) : NULL;
}

struct cg_tree *
cg_talos_document(const struct cg_trees *docs, const char *kind,
                  const char *name)
{
    for (size_t i = 0; i < docs->count; i++) {
        struct cg_tree *doc = docs->roots[i];
        const char *text = cg_tree_text(cg_check_get(doc, "kind"));

        if (doc->kind == CG_MAP &&
            strcmp(text == NULL ? "" : text, kind) == 0 &&
            (name == NULL || cg_tree_is_text(cg_tree_get(doc, "name"), name))) {
            return doc;
        }
    }
    return NULL;
}

/* The document that the part belongs to: its index, or `count`. */
static size_t
find(const struct cg_trees *docs, const struct part *part)
{
    for (size_t i = 0; i < docs->count; i++) {
        const struct cg_tree *doc = docs->roots[i];
        const char *kind = cg_tree_text(cg_check_get(doc, "kind"));
        const char *name = cg_tree_text(cg_check_get(doc, "name"));

        if (strcmp(kind == NULL ? "" : kind, part->kind->kind) == 0 &&
            (part->name == NULL ||
             strcmp(name == NULL ? "" : name, part->name) == 0)) {
            return i;
        }
    }
    return docs->count;
}

static bool
is_json_patch(const struct cg_tree *doc)
{
    return doc->kind == CG_LIST &&
           (doc->count == 0 || cg_tree_entry(doc->items[0], "op") != NULL);
}

/* An empty mapping or a bare version says nothing. */
static bool
has_kind(const struct cg_tree *doc)
{
    return cg_tree_entry(doc, "kind") != NULL ||
           cg_tree_entry(doc, "apiVersion") != NULL ||
           cg_tree_entry(doc, "name") != NULL;
}

static bool
take_apart(const struct cg_walk *walk, const struct cg_tree *doc,
           struct part *ret)
{
    struct cg_tree *copy = cg_tree_copy(walk->arena, doc);
    struct part part = { .pos = doc->pos };
    bool is_empty = false;

    if (is_json_patch(doc)) {
        (void)cg_error(walk->diag, &doc->pos, "json-patch",
                       "this is a JSON patch (RFC 6902), which Talos refuses "
                       "on configs of several documents");
        cg_hint(walk->diag,
                "write it as a strategic merge patch: the fields to set, in "
                "place; '$patch: delete' removes one");
        return false;
    }
    if (doc->kind != CG_MAP) {
        return cg_check_kind(walk, doc) != NULL;
    }
    if (!cg_delete_extract(walk, copy, &part.deletes, &is_empty)) {
        return false;
    }
    if (is_empty && part.deletes.count == 0 && !has_kind(doc)) {
        *ret = part;
        return true;
    }
    part.kind = has_kind(doc) || !is_empty ? cg_check_kind(walk, doc)
                                           : cg_fields_kind("");
    if (part.kind == NULL) {
        return false;
    }
    part.name = name_of(part.kind, doc);
    part.over = is_empty ? NULL : copy;
    *ret = part;
    if (is_empty) {
        return true;
    }
    if (!cg_check_document(walk, part.kind, copy)) {
        return false;
    }
    cg_normal_document(walk->arena, part.kind, copy);
    return true;
}

static bool
check_twice(const struct cg_walk *walk, const struct part *parts, size_t count)
{
    const struct part *last = &parts[count - 1];

    for (size_t i = 0; i + 1 < count; i++) {
        if (parts[i].over != NULL && last->over != NULL &&
            parts[i].kind == last->kind &&
            (last->name == NULL || strcmp(parts[i].name, last->name) == 0)) {
            (void)cg_error(walk->diag, &last->pos, "talos-duplicate",
                           "%s%s%s is in this patch twice",
                           last->kind->kind[0] == '\0' ? "the v1alpha1 document"
                                                       : last->kind->kind,
                           last->name == NULL ? "" : " ",
                           last->name == NULL ? "" : last->name);
            cg_also(walk->diag, &parts[i].pos, "first here");
            return false;
        }
    }
    return true;
}

/* Takes the whole patch apart; *ret_count parts in a new array. */
static bool
read_patch(const struct cg_walk *walk, const struct cg_trees *patch,
           struct part **ret, size_t *ret_count)
{
    struct part *parts =
        cg_arena_array(walk->arena, patch->count + 1, sizeof(*parts));
    size_t count = 0;
    bool ok = true;

    for (size_t i = 0; i < patch->count; i++) {
        const struct cg_tree *doc = patch->roots[i];

        if (cg_tree_type(doc) == CG_TYPE_NULL) {
            continue;
        }
        if (!take_apart(walk, doc, &parts[count])) {
            ok = false;
        } else if (parts[count].kind != NULL) {
            count++;
            ok = check_twice(walk, parts, count) && ok;
        }
    }
    *ret = parts;
    *ret_count = count;
    return ok;
}

bool
cg_talos_check_patch(struct cg_arena *arena, const struct cg_trees *patch,
                     struct cg_diag *diag)
{
    struct cg_walk walk = { arena, diag };
    struct part *parts;
    size_t count;

    return read_patch(&walk, patch, &parts, &count);
}

static void
remove_document(struct cg_trees *docs, size_t index)
{
    docs->count--;
    memmove(&docs->roots[index], &docs->roots[index + 1],
            (docs->count - index) * sizeof(struct cg_tree *));
}

/* Returns false on a finding; *gone is set when the document was removed. */
static bool
apply_deletes(const struct cg_walk *walk, struct cg_trees *docs, size_t index,
              const struct part *part, bool *gone)
{
    for (size_t i = 0; i < part->deletes.count; i++) {
        const struct cg_delete *item = &part->deletes.items[i];

        if (item->depth > 0) {
            if (!cg_delete_apply(walk, part->kind, docs->roots[index], item)) {
                return false;
            }
        } else if (part->kind->kind[0] == '\0') {
            return cg_error(walk->diag, &item->pos, "patch-delete",
                            "the v1alpha1 document cannot be deleted");
        } else {
            remove_document(docs, index);
            *gone = true;
            return true;
        }
    }
    return true;
}

/* Deletions in a document that is not there do nothing. */
static void
warn_absent(const struct cg_walk *walk, const struct part *part)
{
    if (part->deletes.count > 0) {
        cg_warning(walk->diag, &part->deletes.items[0].pos, "patch-delete",
                   "nothing to delete: the config has no %s%s%s",
                   part->kind->kind, part->name == NULL ? "" : " ",
                   part->name == NULL ? "" : part->name);
    }
}

static bool
apply(const struct cg_walk *walk, struct cg_trees *docs,
      const struct part *part)
{
    size_t index = find(docs, part);
    bool gone = false;

    if (index < docs->count && !apply_deletes(walk, docs, index, part, &gone)) {
        return false;
    }
    if (!gone && index == docs->count) {
        warn_absent(walk, part);
    }
    if (part->over == NULL || gone) {
        return true;
    }
    if (index < docs->count) {
        return cg_merge_document(walk, part->kind, docs->roots[index],
                                 part->over);
    }
    cg_trees_add(walk->arena, docs, part->over);
    return true;
}

bool
cg_talos_patch(struct cg_arena *arena, struct cg_trees *docs,
               const struct cg_trees *patch, struct cg_diag *diag)
{
    struct cg_walk walk = { arena, diag };
    struct part *parts;
    size_t count;
    bool ok = true;

    if (!read_patch(&walk, patch, &parts, &count)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        ok = apply(&walk, docs, &parts[i]) && ok;
    }
    return ok && cg_conflict_documents(&walk, docs);
}
