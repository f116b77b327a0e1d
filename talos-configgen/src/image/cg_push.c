/* POST /schematics; see cg_push.h. */
#include "image/cg_push.h"

#include <string.h>

#include "base/cg_diag.h"
#include "yaml/cg_yaml.h"

#define ANSWER_MAX ((size_t)64 * 1024)
#define POLL 200 /* milliseconds */

struct push {
    struct cg_strbuf answer;
    enum cg_fetch_result result;
    bool has_ended;
};

static bool
take(struct cg_transfer *transfer, struct ea_bytes bytes)
{
    struct push *push = transfer->context;

    if (bytes.len > ANSWER_MAX - push->answer.len) {
        return ea_fail(&transfer->err, EA_E_RANGE,
                       "the answer has more than %zu bytes", ANSWER_MAX);
    }
    cg_strbuf_add(&push->answer, bytes.ptr, bytes.len);
    return true;
}

static void
end(struct cg_transfer *transfer, enum cg_fetch_result result)
{
    struct push *push = transfer->context;

    push->result = result;
    push->has_ended = true;
}

/* JSON is YAML; the member `id` of a mapping, or NULL. */
static const char *
read_id(struct cg_arena *arena, const struct cg_strbuf *answer)
{
    struct cg_diag *diag = cg_diag_new(arena);
    struct cg_trees trees = { 0 };

    if (answer->text == NULL ||
        !cg_yaml_load(
            arena,
            cg_diag_source(diag, "answer", cg_strbuf_bytes(answer), false),
            diag, &trees) ||
        trees.count != 1) {
        return NULL;
    }
    return cg_tree_text(cg_tree_get(trees.roots[0], "id"));
}

static bool
judge(struct cg_arena *arena, const struct push *push, const char *id,
      struct ea_error *err)
{
    const char *theirs = read_id(arena, &push->answer);

    if (theirs == NULL) {
        return ea_fail(err, EA_E_SYNTAX, "its answer has no 'id'");
    }
    if (strcmp(theirs, id) != 0) {
        return ea_fail(err, EA_E_CONFLICT,
                       "it gave the schematic the id '%s'; ours is %s: the "
                       "two would build different names for one image",
                       theirs, id);
    }
    return true;
}

bool
cg_push(struct cg_arena *arena, struct cg_fetch *fetch, const char *base,
        struct ea_bytes text, const char *id, struct ea_error *err)
{
    static const struct cg_transfer_calls calls = { NULL, take, end };
    struct push push = { .has_ended = false };
    struct cg_transfer transfer = {
        .url = cg_arena_printf(arena, "%s/schematics", base),
        .post = text,
        .content_type = "application/yaml",
        .calls = &calls,
        .context = &push,
    };
    bool good = cg_fetch_add(fetch, &transfer, err);

    while (good && !push.has_ended) {
        good = cg_fetch_run(fetch, POLL, err);
    }
    if (good && push.result != CG_FETCH_DONE) {
        *err = transfer.err;
        good = false;
    }
    good = good && judge(arena, &push, id, err);
    cg_strbuf_release(&push.answer);
    return good;
}
