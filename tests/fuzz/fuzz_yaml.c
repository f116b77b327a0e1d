/* Whatever loads is written so that it loads again to the same: a second round
 * gives the same bytes. Nothing that a secret source holds is shown. */
#include <string.h>

#include "fuzz.h"
#include "yaml/cg_yaml.h"

static bool
load(struct cg_arena *arena, struct ea_bytes text, bool secret,
     struct cg_trees *ret)
{
    struct cg_diag *diag = cg_diag_new(arena);
    struct cg_strbuf shown = { 0 };
    bool good;

    good =
        cg_yaml_load(arena, cg_diag_source(diag, "f", text, secret), diag, ret);
    MUST(good == (cg_diag_errors(diag) == 0));
    cg_diag_format(diag, &shown);
    MUST(good == (shown.len == 0));
    MUST(!secret || shown.len == 0 || strstr(shown.text, "\n      | ") == NULL);
    cg_strbuf_release(&shown);
    return good;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ea_bytes text = { (const char *)data, size };
    struct cg_arena *arena = cg_arena_new();
    struct cg_trees first = { 0 }, second = { 0 }, hidden = { 0 };
    struct cg_strbuf once = { 0 }, twice = { 0 };

    if (load(arena, text, false, &first)) {
        cg_yaml_emit(&once, &first);
        if (once.len <= CG_YAML_SIZE_MAX) {
            MUST(load(arena, cg_strbuf_bytes(&once), false, &second));
            cg_yaml_emit(&twice, &second);
            MUST(ea_bytes_equal(cg_strbuf_bytes(&once),
                                cg_strbuf_bytes(&twice)));
            MUST(first.count == second.count);
            for (size_t i = 0; i < first.count; i++) {
                MUST(cg_tree_equal(first.roots[i], second.roots[i]));
            }
        }
    }
    (void)load(arena, text, true, &hidden);
    cg_strbuf_release(&once);
    cg_strbuf_release(&twice);
    cg_arena_free(arena);
    return 0;
}
