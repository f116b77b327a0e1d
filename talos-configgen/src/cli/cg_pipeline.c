/* The order of things; see cg_pipeline.h. */
#include "cli/cg_pipeline.h"

#include <string.h>

#include "image/cg_schematic.h"
#include "lint/cg_lint.h"
#include "talos/cg_bundle.h"
#include "talos/cg_talos.h"
#include "talos/cg_trusted_roots.h"

void
cg_pipeline_images(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        (void)cg_schematic_resolve(model, &model->nodes[i]);
    }
}

/* What generation cannot do without; each missing one is a finding. */
static bool
has_required(struct cg_model *model, const struct cg_node *node)
{
    const struct {
        const struct cg_tree *value;
        const char *name;
    } needed[] = {
        { node->endpoint, "endpoint" },
        { node->kubernetes, "kubernetes" },
    };
    bool good = node->secrets != NULL && node->installer != NULL;

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (needed[i].value == NULL &&
            cg_node_is_suspect(model, node, needed[i].name)) {
            good = false;
        } else if (needed[i].value == NULL) {
            const struct cg_entry *cluster = cg_tree_entry(
                cg_tree_get(model->inventory.top, "clusters"), node->cluster);

            good = cg_error(model->diag, &cluster->pos, "missing-key",
                            "cluster '%s' has no '%s'", node->cluster,
                            needed[i].name);
        }
    }
    return good;
}

static struct cg_tree *
text_at(struct cg_model *model, const char *text, const struct cg_pos *pos)
{
    struct cg_tree *tree = cg_tree_new_text(model->arena, text);

    tree->pos = *pos;
    return tree;
}

/* A fixed key, the placeholder for the gate to fill, or (applied by hand) none:
 * the node then keeps the one it has. */
static const struct cg_tree *
key_of(struct cg_model *model, struct cg_node *node)
{
    if (node->tailscale_key != NULL) {
        return node->tailscale_key;
    }
    if (!node->is_gated) {
        return NULL;
    }
    node->has_placeholder = true;
    return text_at(model, CG_TALOS_KEY_PLACEHOLDER, &node->pos);
}

/* A name to its certificates, as generation takes them. */
static const struct cg_tree *
roots_of(struct cg_model *model, const struct cg_node *node)
{
    struct cg_tree *roots;

    if (node->roots == NULL) {
        return NULL;
    }
    roots = cg_tree_new_map(model->arena);
    (void)cg_tree_set(model->arena, roots, CG_CONFIG_CA_NAME,
                      cg_tree_copy(model->arena, node->roots));
    return roots;
}

/* What a line of a service's log says about where it comes from. */
static const struct cg_tree *
log_tags(struct cg_model *model, const struct cg_node *node)
{
    struct cg_tree *tags = cg_tree_new_map(model->arena);

    cg_tree_set_text(model->arena, tags, "cluster", node->cluster);
    cg_tree_set_text(model->arena, tags, "node", node->name);
    cg_tree_set_text(model->arena, tags, "site", node->site);
    return tags;
}

static bool
generate(struct cg_model *model, struct cg_node *node)
{
    struct cg_talos_tailscale tailscale = {
        .hostname = node->tailscale_hostname,
        .tags = node->tailscale_tags,
        .login_server = node->tailscale_login_server,
        .routes = node->tailscale_routes,
        .accepts_routes = node->accepts_routes,
        .metrics_port = node->metrics_port,
        .env = node->tailscale_env,
        .pos = node->pos,
    };
    const struct cg_talos_input in = {
        .role = CG_TALOS_WORKER,
        .cluster = text_at(model, node->cluster, &node->pos),
        .endpoint = node->endpoint,
        .talos = node->talos,
        .kubernetes = node->kubernetes,
        .contract = node->contract,
        .secrets = node->secrets,
        .disk = node->disk,
        .image = node->installer,
        .disk_selector = node->disk_selector,
        .wipe = node->wipe,
        .legacy_bios = node->legacy_bios,
        .uki_cmdline = node->uki_cmdline,
        .hostname = node->hostname,
        .labels = node->labels,
        .taints = node->taints,
        .kubelet_args = node->kubelet_args,
        .node_ip = node->node_ip,
        .cni = node->cni,
        .modules = node->modules,
        .ignore = node->ignore,
        .roots = roots_of(model, node),
        .logs_kernel = node->logs_kernel,
        .logs_services = node->logs_services,
        .log_tags = log_tags(model, node),
        .tailscale = node->has_tailscale ? &tailscale : NULL,
        .pos = node->pos,
    };

    if (node->has_tailscale) {
        tailscale.key = key_of(model, node);
    }
    if (!node->advertises_tags) {
        /* the key has them; Headscale refuses a node that asks as well */
        tailscale.tags = NULL;
    }
    return cg_talos_generate(model->arena, &in, model->diag, &node->docs);
}

static struct cg_trees
copy_documents(struct cg_arena *arena, const struct cg_trees *docs)
{
    struct cg_trees copy = { 0 };

    for (size_t i = 0; i < docs->count; i++) {
        cg_trees_add(arena, &copy, cg_tree_copy(arena, docs->roots[i]));
    }
    return copy;
}

/* All patches are tried on their own even after one failed: each is checked
 * for unknown fields, so that one run shows every mistake. */
static bool
apply_patches(struct cg_model *model, struct cg_node *node)
{
    bool good = true;

    for (size_t i = 0; i < node->patch_count; i++) {
        const struct cg_file_text *file =
            cg_files_yaml(model->inventory.files, node->patches[i].ref);
        struct cg_trees before;

        if (!file->good) {
            good = false;
        } else if (!good) {
            good =
                cg_talos_check_patch(model->arena, &file->trees, model->diag) &&
                good;
        } else {
            before = copy_documents(model->arena, &node->docs);
            good = cg_talos_patch(model->arena, &node->docs, &file->trees,
                                  model->diag);
            if (good) {
                cg_lint_override(model, node, &node->patches[i], &before);
            }
        }
    }
    return good;
}

static bool
render(struct cg_model *model, struct cg_node *node)
{
    if (!has_required(model, node)) {
        return false;
    }
    if (!generate(model, node) || !apply_patches(model, node)) {
        return false;
    }
    cg_lint_node(model, node);
    if (!cg_lint_has_disk(node)) {
        return !node->is_gated; /* our rule has reported it */
    }
    return cg_talos_validate(model->arena, &node->docs, &node->pos,
                             model->diag);
}

/* The CA behind gate.config for this node and the later ones of its cluster.
 * Only for those that ask the gate: a root vouches for every connection of a
 * node. */
static void
read_roots(struct cg_model *model, size_t first, int64_t now)
{
    const struct cg_walk walk = { model->arena, model->diag };
    const struct cg_node *asks = &model->nodes[first];
    const struct cg_tree *ref = cg_inventory_get(asks->all, "gate.config_ca");
    const struct cg_file_text *file =
        cg_files_text(model->inventory.files, ref);
    const struct cg_tree *roots = NULL;
    const char *early;

    if (file->good) {
        roots =
            cg_trusted_roots_read(&walk, file->source->text, &ref->pos, now);
    }
    if (roots == NULL) {
        return;
    }
    early = cg_trusted_roots_early(model->arena, CG_CONFIG_CA_NAME, roots);
    for (size_t i = first; i < model->count; i++) {
        struct cg_node *node = &model->nodes[i];

        if (node->is_gated && strcmp(node->cluster, asks->cluster) == 0) {
            node->roots = roots;
            node->early = early;
        }
    }
}

/* Once per cluster, also when its file is none that can be used. */
static void
read_all_roots(struct cg_model *model, int64_t now)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        size_t before = 0;

        if (!node->is_gated ||
            cg_inventory_get(node->all, "gate.config_ca") == NULL) {
            continue;
        }
        while (!model->nodes[before].is_gated ||
               strcmp(model->nodes[before].cluster, node->cluster) != 0) {
            before++;
        }
        if (before == i) {
            read_roots(model, i, now);
        }
    }
}

/* A bundle is read once, however many nodes and clusters have it. */
static void
check_bundles(struct cg_model *model, int64_t now)
{
    const struct cg_walk walk = { model->arena, model->diag };
    const struct cg_tree *last = NULL;

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_tree *bundle = model->nodes[i].secrets;

        if (bundle != NULL && bundle != last) {
            cg_bundle_check(&walk, bundle, now);
            last = bundle;
        }
    }
}

void
cg_pipeline_render(struct cg_model *model, int64_t now)
{
    read_all_roots(model, now);
    check_bundles(model, now);
    cg_lint_model(model);
    for (size_t i = 0; i < model->count; i++) {
        struct cg_node *node = &model->nodes[i];

        if (!node->is_controlplane && !render(model, node)) {
            node->docs = (struct cg_trees){ 0 };
        }
    }
}

void
cg_pipeline_emit(const struct cg_publication *pub)
{
    for (size_t i = 0; i < pub->model->count; i++) {
        struct cg_node *node = &pub->model->nodes[i];

        if (node->is_gated && !node->is_controlplane) {
            (void)cg_lock_assign(pub->model, pub->lock, node);
        }
    }
    for (size_t i = 0; i < cg_emitters_count; i++) {
        (void)cg_emitters[i].emit(pub);
    }
}
