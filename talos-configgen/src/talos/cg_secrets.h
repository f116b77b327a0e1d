/*
 * The secrets bundle, as `talosctl gen secrets` writes it: the cluster's
 * identity, tokens and certificate authorities. It is read, never made here.
 */
#ifndef CG_SECRETS_H
#define CG_SECRETS_H

#include <stdbool.h>

#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* What a worker's config takes from it; every member is set. */
struct cg_secrets {
    const struct cg_tree *cluster_id, *cluster_secret;
    const struct cg_tree *bootstrap_token, *trustd_token;
    const struct cg_tree *os_crt, *k8s_crt; /* base64 of PEM */
};

/* False, with a finding for each member that is missing, empty, still
 * encrypted, or no certificate. */
EA_MUST_CHECK bool cg_secrets_read(const struct cg_walk *walk,
                                   const struct cg_tree *bundle,
                                   struct cg_secrets *ret);

#endif
