/*
 * One file for dnsmasq per DHCP server of a site. There is no secret in it:
 * the boot URLs with their tokens stand in a folder on the DHCP server, which
 * `edge-auth token create --dnsmasq` fills, and dnsmasq puts the two together
 * by tags. The names of tags are a contract with that command:
 *
 *   node-<node>      one of the node's MAC addresses asks
 *   site-<site>      the request came from the site's network
 *   edge-url         an iPXE that wants the URL of its boot script
 *   edge-http64, edge-httparm64
 *                    firmware that wants the URL of an iPXE
 */
#ifndef CG_DNSMASQ_H
#define CG_DNSMASQ_H

#include "base/cg_strbuf.h"
#include "model/cg_dhcp.h"

/* Appends the file of one server (0, 1) of a site that has a network and, as
 * its mode wants it, a range or an address per server. `nodes`: the site's. */
void cg_dnsmasq_format(const struct cg_dhcp *dhcp, unsigned server,
                       const struct cg_node *const *nodes, size_t count,
                       struct cg_strbuf *out);

/* Appends a relay's id so that dnsmasq takes it for these bytes. */
void cg_dnsmasq_add_id(const char *id, struct cg_strbuf *out);

#endif
