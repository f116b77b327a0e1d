/* The table of emitters, and what they share; see cg_emit.h. */
#include "emit/cg_emit.h"

const struct cg_emitter cg_emitters[] = {
    { "matchbox", "publish/matchbox/: groups, profiles, machine configs",
      cg_emit_matchbox },
    { "nodes", "publish/nodes.json: nodes and policy for the gate",
      cg_emit_nodes },
    { "configs", "configs/: machine configs without auth key, for talosctl",
      cg_emit_configs },
    { "dnsmasq", "publish/dnsmasq/: DHCP and boot files of a site, for dnsmasq",
      cg_emit_dnsmasq },
};

const size_t cg_emitters_count = sizeof(cg_emitters) / sizeof(cg_emitters[0]);

bool
cg_node_is_published(const struct cg_node *node)
{
    return node->is_gated && !node->is_controlplane && node->docs.count > 0;
}

struct cg_tree *
cg_node_select(struct cg_arena *arena, const struct cg_node *node)
{
    struct cg_tree *select = cg_tree_new_map(arena);

    if (node->uuid != NULL) {
        cg_tree_set_text(arena, select, "uuid", node->uuid);
    } else if (node->mac_count > 0) {
        cg_tree_set_text(arena, select, "mac", node->macs[0]);
    }
    return select;
}
