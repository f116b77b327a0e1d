/*
 * Nodes as everything below the inventory sees them: layers merged, defaults
 * filled in, ids normalised, names expanded, files read. Values that go into a
 * config are trees, so that a later finding names the line they came from.
 */
#ifndef CG_NODE_H
#define CG_NODE_H

#include <stdbool.h>

#include "model/cg_inventory.h"
#include "model/cg_layer.h"
#include "yaml/cg_tree.h"

/* The TrustedRootsConfig that gate.config_ca becomes. */
#define CG_CONFIG_CA_NAME "edge-config"

/* One patch of a node: the file and the level that names it. */
struct cg_patch {
    const struct cg_tree *ref;
    unsigned level;
};

struct cg_node {
    const char *name;
    struct cg_pos pos; /* of its key in the inventory */
    const char *site, *role, *cluster;
    bool is_controlplane;
    bool is_gated; /* boots through the gate */

    struct cg_layer layers[4]; /* as declared, cluster first */
    const struct cg_tree *all; /* merged */

    const char *uuid, *serial; /* normalised; NULL = not declared */
    const char **macs;         /* normalised, the boot NIC first */
    size_t mac_count;
    const char *address; /* NULL = not declared */

    /* for the config; NULL = not declared */
    const struct cg_tree *endpoint, *talos, *kubernetes, *contract;
    const struct cg_tree *secrets;              /* the bundle's document */
    const struct cg_tree *disk, *disk_selector; /* one of the two at most */
    const struct cg_tree *wipe, *legacy_bios, *uki_cmdline;
    const struct cg_tree *hostname; /* NULL: left to the platform */
    const struct cg_tree *labels, *taints, *kubelet_args, *node_ip;
    const struct cg_tree *cni, *modules, *ignore;
    bool has_tailscale;                  /* the extension is in its image */
    const struct cg_tree *tailscale_key; /* a fixed one, from a file */
    const struct cg_tree *tailscale_hostname, *tailscale_tags;
    const struct cg_tree *tailscale_login_server, *tailscale_env;
    const struct cg_tree *tailscale_routes;
    bool advertises_tags, accepts_routes;
    const struct cg_tree *metrics_port; /* NULL: no metrics */
    /* The name it asks for in the tailnet; NULL: the platform's. */
    const struct cg_tree *tailnet_name;
    const struct cg_tree *logs_kernel, *logs_services; /* receivers */

    const struct cg_patch *patches;
    size_t patch_count;

    /* filled in on the way down: image/, then the rendered documents */
    const char *schematic;
    const struct cg_tree *installer;
    const struct cg_tree *roots; /* of gated nodes: PEM of gate.config_ca */
    const char *early;           /* value of talos.config.early for it */
    struct cg_trees docs; /* with the placeholder or key; count 0 = failed */
    bool has_placeholder; /* docs has a placeholder for the gate to fill */
    const struct cg_asset *kernel, *initramfs; /* of gated nodes */
};

struct cg_model {
    struct cg_arena *arena;
    struct cg_diag *diag;
    struct cg_inventory inventory;
    struct cg_node *nodes; /* in the order of the inventory */
    size_t count;
};

/* Resolves every node; findings are in diag. False only when there is nothing
 * to go on with. */
bool cg_model_load(struct cg_arena *arena, const char *path,
                   struct cg_diag *diag, struct cg_model *ret);

/* The same without secrets: opens no file that the inventory names, runs no
 * command, and leaves what would come from them NULL. Enough for images. */
bool cg_model_load_images(struct cg_arena *arena, const char *path,
                          struct cg_diag *diag, struct cg_model *ret);

/* A site's setting or its default from the table ("enroll.mode"). */
const char *cg_site_text(const struct cg_tree *site, const char *path);

/* The gate has a key made for the node at each delivery. */
bool cg_node_is_minted(const struct cg_node *node);

/* One of the node's levels was meant to have this key (cg_suspect): that it
 * is absent was reported in another way. */
bool cg_node_is_suspect(const struct cg_model *model,
                        const struct cg_node *node, const char *path);

/* The node's document of this kind ("" = v1alpha1), or NULL. */
struct cg_tree *cg_node_document(const struct cg_node *node, const char *kind,
                                 const char *name);

#endif
