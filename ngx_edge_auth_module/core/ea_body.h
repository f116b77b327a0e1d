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
 * node's nor the previous one), body (empty or over EA_BODY_MAX; without a
 * digest: of no kind, a NUL in kind talos or ignition, and for talos not
 * exactly one line `version: v1alpha1` and a line `machine:` at column 0 of the
 * same document, or a private key, PEM or base64 of it), placeholder (anything
 * that begins with "@edge-auth:" in a body whose key source is not mint; not
 * exactly the placeholder, once, where it is; a node without key source). */
enum ea_reason ea_body_check(const struct ea_node *node, struct ea_bytes body);

/* How often the placeholder stands in the body. */
size_t ea_body_placeholders(struct ea_bytes body);

#endif
