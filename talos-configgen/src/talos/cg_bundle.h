/*
 * The authorities of a secrets bundle, as far as a node depends on them: it
 * trusts the one of Kubernetes to recognise the cluster's endpoint, and the one
 * of Talos for everything its own API does. A bundle is never changed here.
 */
#ifndef CG_BUNDLE_H
#define CG_BUNDLE_H

#include <stdint.h>

#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* Adds a finding for each that is none, belongs to another key than the one
 * beside it, or is over at `now` (seconds since 1970); a warning in its last
 * CG_BUNDLE_WARN_DAYS. What cannot be read is left to cg_secrets_read. */
#define CG_BUNDLE_WARN_DAYS 90
void cg_bundle_check(const struct cg_walk *walk, const struct cg_tree *bundle,
                     int64_t now);

#endif
