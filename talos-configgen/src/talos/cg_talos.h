/*
 * Talos machine configs: generate them, patch them, judge them, each the way
 * Talos' own library does. What comes out is semantically what the library
 * gives for the same input: decoded by it, both are the same value.
 *
 * A config is a list of documents (cg_trees). The first is the v1alpha1
 * document (`machine:`, `cluster:`), the others have `apiVersion: v1alpha1` and
 * a `kind:`. Every node remembers the line of the inventory, patch or secrets
 * file it came from; findings point there.
 *
 * Kinds and fields are those of the library v1.13.9; a newer Talos takes them
 * as well, its new kinds are not known here.
 *
 * All storage comes from the arena; inputs are borrowed and never changed.
 */
#ifndef CG_TALOS_H
#define CG_TALOS_H

#include <stdbool.h>

#include "base/cg_arena.h"
#include "base/cg_diag.h"
#include "yaml/cg_tree.h"

/* The shape of the config that is generated. Only this contract so far. */
#define CG_TALOS_CONTRACT "v1.13"

/* Documents that typed settings become; a patch of this name changes them. */
#define CG_TALOS_KMSG_NAME "edge-logs"
#define CG_TALOS_METRICS_NAME "edge-tailscale-metrics"

/* What stands for the tailnet key until the gate fills it in. */
#define CG_TALOS_KEY_PLACEHOLDER "@edge-auth:tailscale-key@"

enum cg_talos_role { CG_TALOS_WORKER = 1 };

/* The Tailscale extension's settings; NULL members are left out. */
struct cg_talos_tailscale {
    const struct cg_tree *key;          /* text of TS_AUTHKEY */
    const struct cg_tree *hostname;     /* text of TS_HOSTNAME */
    const struct cg_tree *tags;         /* list for --advertise-tags */
    const struct cg_tree *login_server; /* text for --login-server */
    const struct cg_tree *routes;       /* list for TS_ROUTES; empty: none */
    bool accepts_routes;                /* --accept-routes */
    const struct cg_tree *metrics_port; /* number: metrics are served there */
    const struct cg_tree *env;          /* mapping of further variables */
    struct cg_pos pos;                  /* blamed for what has no line */
};

/* One node. Members are nodes of the inventory (or made from them, with their
 * position), so that a finding names the line; NULL means absent. Required:
 * cluster, endpoint, talos, kubernetes, contract, secrets. */
struct cg_talos_input {
    enum cg_talos_role role;
    const struct cg_tree *cluster;    /* text: name */
    const struct cg_tree *endpoint;   /* text: https://host:port */
    const struct cg_tree *talos;      /* text: v1.13.3 */
    const struct cg_tree *kubernetes; /* text: v1.34.1, "v" optional */
    const struct cg_tree *contract;   /* text: v1.13 */
    const struct cg_tree *secrets;    /* the bundle of `talosctl gen secrets` */
    const struct cg_tree *disk;       /* text: machine.install.disk */
    const struct cg_tree *image;      /* text: machine.install.image */
    const struct cg_tree *disk_selector; /* mapping: the same, diskSelector */
    const struct cg_tree *wipe, *legacy_bios, *uki_cmdline; /* booleans there */
    const struct cg_tree *hostname; /* text; absent: Talos' stable default */
    const struct cg_tree *labels;   /* mapping to text */
    const struct cg_tree *taints;   /* mapping: key to "[value:]Effect" */
    const struct cg_tree *kubelet_args;  /* mapping to text or a list of it */
    const struct cg_tree *node_ip;       /* list: kubelet's valid subnets */
    const struct cg_tree *cni;           /* text: flannel, none, custom */
    const struct cg_tree *modules;       /* list of {name, parameters: [...]} */
    const struct cg_tree *ignore;        /* list: interfaces left alone */
    const struct cg_tree *roots;         /* mapping: name to PEM certificates */
    const struct cg_tree *logs_kernel;   /* text: tcp://host:port, udp://... */
    const struct cg_tree *logs_services; /* the same, for services' logs */
    const struct cg_tree *log_tags; /* mapping: with each line of services */
    const struct cg_talos_tailscale *tailscale;
    struct cg_pos pos; /* of the node, for what has no line of its own */
};

/* Appends the documents of one node to *ret: what the library generates, and
 * the typed members above merged in as a patch with the same content would be.
 * On false at least one finding was added and *ret is not to be used.
 *
 * Worker taints become the kubelet's registerWithTaints when `talos` is older
 * than v1.14, since a worker may not set machine.nodeTaints on itself. */
EA_MUST_CHECK bool cg_talos_generate(struct cg_arena *arena,
                                     const struct cg_talos_input *in,
                                     struct cg_diag *diag,
                                     struct cg_trees *ret);

/* Checks the documents of one patch file: every kind and field known, every
 * value of its field's type, every `$patch` in a place where Talos takes it.
 * JSON patches (RFC 6902) are refused: Talos refuses them on configs of several
 * documents. Adds a finding for each mistake. */
EA_MUST_CHECK bool cg_talos_check_patch(struct cg_arena *arena,
                                        const struct cg_trees *patch,
                                        struct cg_diag *diag);

/* Merges a patch into a config, in place: a document that matches (kind and,
 * for named kinds, name) is merged field by field, one that does not is
 * appended, `$patch: delete` removes. Includes cg_talos_check_patch. *docs is
 * not to be used after a failure; nodes of the patch are copied. */
EA_MUST_CHECK bool cg_talos_patch(struct cg_arena *arena, struct cg_trees *docs,
                                  const struct cg_trees *patch,
                                  struct cg_diag *diag);

/* Adds a finding for everything the library's validation (metal, not strict)
 * refuses about a worker, and for values that its decoder refuses. User CEL
 * expressions are parsed and, as far as their names are known, typed; one whose
 * types stay undecided gets warning[cel-unchecked], an OCI runtime
 * specification warning[spec-unchecked]. `pos` (may be NULL) is blamed for what
 * is missing. */
EA_MUST_CHECK bool cg_talos_validate(struct cg_arena *arena,
                                     const struct cg_trees *docs,
                                     const struct cg_pos *pos,
                                     struct cg_diag *diag);

/* The document of this kind ("" = v1alpha1) and, when `name` is not NULL, of
 * this name; NULL if there is none. */
struct cg_tree *cg_talos_document(const struct cg_trees *docs, const char *kind,
                                  const char *name);

#endif
