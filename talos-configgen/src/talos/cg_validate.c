/* Everything Talos refuses about a worker (declared in cg_talos.h). */
#include <stdbool.h>

#include "talos/cg_check.h"
#include "talos/cg_conflict.h"
#include "talos/cg_judge.h"
#include "talos/cg_talos.h"

/* What the decoder refuses. The rules look at values, whose types they have to
 * be sure of. */
static bool
check_types(const struct cg_walk *walk, const struct cg_trees *docs)
{
    bool ok = true;

    for (size_t i = 0; i < docs->count; i++) {
        const struct cg_doc_kind *kind = cg_check_kind(walk, docs->roots[i]);

        if (kind == NULL || !cg_check_document(walk, kind, docs->roots[i])) {
            ok = false;
        }
    }
    return ok;
}

static bool
judge_one(const struct cg_walk *walk, const struct cg_trees *docs,
          const struct cg_tree *doc, const struct cg_pos *pos)
{
    const struct cg_doc_kind *kind = cg_check_kind(walk, doc);
    struct cg_judge judge = { .walk = *walk, .docs = docs, .doc = doc };
    struct cg_where at;

    if (kind == NULL) {
        return false;
    }
    at = cg_check_where(walk, kind, doc);
    judge.label =
        kind->kind[0] == '\0'
            ? ""
            : cg_arena_printf(walk->arena,
                              "%s: ", cg_where_text(walk->arena, &at));
    judge.pos = doc->pos.source == NULL && pos != NULL ? *pos : doc->pos;
    if (kind->kind[0] == '\0') {
        cg_judge_machine(&judge);
        cg_judge_cluster(&judge);
    } else {
        cg_judge_document(&judge);
    }
    return !judge.failed;
}

bool
cg_talos_validate(struct cg_arena *arena, const struct cg_trees *docs,
                  const struct cg_pos *pos, struct cg_diag *diag)
{
    struct cg_walk walk = { arena, diag };
    bool ok;

    if (cg_talos_document(docs, "", NULL) == NULL) {
        return cg_error(diag, pos, "talos-document",
                        "the config has no v1alpha1 document");
    }
    if (!check_types(&walk, docs)) {
        return false;
    }
    ok = cg_conflict_documents(&walk, docs);
    ok = cg_conflict_legacy(&walk, docs) && ok;
    for (size_t i = 0; i < docs->count; i++) {
        ok = judge_one(&walk, docs, docs->roots[i], pos) && ok;
    }
    return ok;
}
