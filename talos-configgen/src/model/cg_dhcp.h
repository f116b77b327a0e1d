/*
 * A site's `dhcp` in the form that the linter and the emitter work on: the
 * mode as an enumerator, addresses as numbers. Only what is well formed is
 * read; what is absent or makes no sense is the linter's to report.
 */
#ifndef CG_DHCP_H
#define CG_DHCP_H

#include <stdbool.h>
#include <stdint.h>

#include "model/cg_node.h"

#define CG_IPV4_MAX 15 /* characters of "255.255.255.255" */
#define CG_DHCP_SERVERS_MAX 2

enum cg_dhcp_mode {
    CG_DHCP_NONE = 0,
    CG_DHCP_FULL,
    CG_DHCP_PROXY,
    CG_DHCP_RELAY
};

struct cg_dhcp {
    const char *site;
    const struct cg_tree *map; /* the site's level, for cg_site_text */
    enum cg_dhcp_mode mode;
    unsigned servers;
    bool has_network, has_range;
    unsigned bits; /* of the network's mask */
    uint32_t network, broadcast;
    uint32_t first, last; /* of the range; may be reversed or outside */
};

/* A site whose nodes boot through the gate and whose DHCP is ours to
 * configure. False: it is another. */
bool cg_dhcp_read(const char *name, const struct cg_tree *site,
                  struct cg_dhcp *ret);

/* The text at `path` ("dhcp.dns") item by item: NULL behind the last one, and
 * for what is no list of text. */
const struct cg_tree *cg_dhcp_item(const struct cg_dhcp *dhcp, const char *path,
                                   size_t index);

/* What one of the site's servers (0, 1) hands out: the range, or its half.
 * False: there is nothing for it. */
bool cg_dhcp_share(const struct cg_dhcp *dhcp, unsigned server,
                   uint32_t *ret_first, uint32_t *ret_last);

/* What a node must show at this site. */
bool cg_dhcp_needs_token(const struct cg_dhcp *dhcp);
bool cg_dhcp_needs_cert(const struct cg_dhcp *dhcp);

/* A relay's id written as bytes, "00:04:0a"; anything else is text. */
bool cg_dhcp_is_hex(const char *id);

bool cg_ipv4_parse(const char *text, uint32_t *ret);
void cg_ipv4_format(uint32_t address, char ret[static CG_IPV4_MAX + 1]);

#endif
