/*
 * Is this body fit to leave the gate? Checked on the whole body in memory,
 * before anything is written or sent (DESIGN section 4, delivery).
 */
#ifndef EA_BODY_H
#define EA_BODY_H

#include "ea_nodes.h"
#include "ea_reason.h"

#define EA_PLACEHOLDER "@edge-auth:tailscale-key@"
#define EA_BODY_MAX (1u << 20)

/* EA_REASON_EXPOSED if the body may be sent, else why not: digest (neither the
 * node's nor the previous one), body (empty; kind talos without digest: not
 * exactly one document with `version: v1alpha1` at column 0 and `machine:`, or
 * a private key), placeholder (any of it in a body whose key source is not
 * mint; not exactly once where it is). */
enum ea_reason ea_body_check(const struct ea_node *node, struct ea_bytes body);

/* How often the placeholder stands in the body. */
size_t ea_body_placeholders(struct ea_bytes body);

#endif
