/* Everything Talos refuses about a worker (declared in cg_talos.h). */
#include <stdbool.h>

#include "talos/cg_check.h"
#include "talos/cg_conflict.h"
#include "talos/cg_talos.h"

/* What the decoder refuses. The rest looks at values, whose types it has to be
 * sure of. */
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
    return cg_conflict_legacy(&walk, docs) && ok;
}
