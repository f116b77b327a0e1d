/*
 * configs/<node>.yaml, for `talosctl apply-config`: the published document
 * without an auth key, so that applying it later neither leaks nor clobbers
 * one. Never copied to the gate.
 */
#include "emit/cg_body.h"
#include "emit/cg_emit.h"

bool
cg_emit_configs(const struct cg_publication *pub)
{
    struct cg_arena *arena = pub->model->arena;

    for (size_t i = 0; i < pub->model->count; i++) {
        const struct cg_node *node = &pub->model->nodes[i];
        CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

        if (node->docs.count == 0) {
            continue;
        }
        cg_body_format_keyless(arena, node, &text);
        cg_output_add(pub->output, CG_PHASE_CONTENT,
                      cg_arena_printf(arena, "configs/%s.yaml", node->name),
                      cg_strbuf_bytes(&text), 0600);
    }
    return true;
}
