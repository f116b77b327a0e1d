/*
 * Words of a tailnet as an inventory has them: its networks, ports to open,
 * receivers of logs, and people or tags in a policy. Parsed once here; every
 * function takes text that a key's check has let through, or refuses.
 */
#ifndef CG_TAILNET_H
#define CG_TAILNET_H

#include <stdbool.h>

/* Addresses of its devices, before anything else is known of them. */
#define CG_TAILNET_V4 "100.64.0.0/10"
#define CG_TAILNET_V6 "fd7a:115c:a1e0::/48"

/* "tcp:7000-7999", "udp:6081". */
struct cg_ports {
    bool is_udp;
    unsigned first, last;
};

bool cg_ports_parse(const char *text, struct cg_ports *ret);

/* "tcp://100.64.0.9:5170", "udp://[fd00::1]:5170", "tcp://logs.example.net:1".
 */
#define CG_HOST_MAX 253
struct cg_receiver {
    bool is_udp, is_name; /* a name, not an address */
    unsigned port;
    char host[CG_HOST_MAX + 1]; /* without brackets */
};

bool cg_receiver_parse(const char *text, struct cg_receiver *ret);

/* An address, or a network that lies inside. */
bool cg_tailnet_has(const char *address);

/* Whom a policy lets in: "user@" or "user@domain", "group:name",
 * "group:name@domain", "autogroup:name"; with `may_be_tag` also "tag:name". */
bool cg_peer_is_valid(const char *text, bool may_be_tag);

/* A group that no directory brings: the policy has to say who is in it. */
bool cg_peer_is_local_group(const char *text);

#endif
