/* A site's DHCP; see cg_dhcp.h. */
#include "model/cg_dhcp.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "model/cg_cidr.h"

bool
cg_ipv4_parse(const char *text, uint32_t *ret)
{
    struct cg_cidr cidr;
    uint32_t address = 0;

    if (text == NULL || strchr(text, '/') != NULL ||
        !cg_cidr_parse(text, &cidr) || cidr.is_v6) {
        return false;
    }
    for (size_t i = 0; i < 4; i++) {
        address = address << 8 | cidr.address[i];
    }
    *ret = address;
    return true;
}

void
cg_ipv4_format(uint32_t address, char ret[static CG_IPV4_MAX + 1])
{
    (void)snprintf(ret, CG_IPV4_MAX + 1, "%u.%u.%u.%u",
                   (unsigned)(address >> 24), (unsigned)(address >> 16 & 0xff),
                   (unsigned)(address >> 8 & 0xff), (unsigned)(address & 0xff));
}

static enum cg_dhcp_mode
mode_of(const char *word)
{
    static const char *const words[] = {
        [CG_DHCP_FULL] = "full",
        [CG_DHCP_PROXY] = "proxy",
        [CG_DHCP_RELAY] = "relay",
    };

    for (size_t i = CG_DHCP_FULL; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(word, words[i]) == 0) {
            return (enum cg_dhcp_mode)i;
        }
    }
    return CG_DHCP_NONE;
}

static void
read_network(struct cg_dhcp *dhcp)
{
    const char *text = cg_site_text(dhcp->map, "dhcp.network");
    struct cg_cidr cidr;
    uint32_t mask;

    if (text == NULL || !cg_cidr_parse(text, &cidr) || cidr.is_v6 ||
        cidr.bits == 0) {
        return;
    }
    for (size_t i = 0; i < 4; i++) {
        dhcp->network = dhcp->network << 8 | cidr.address[i];
    }
    mask = UINT32_MAX << (32 - cidr.bits);
    dhcp->network &= mask;
    dhcp->broadcast = dhcp->network | ~mask;
    dhcp->bits = cidr.bits;
    dhcp->has_network = true;
}

bool
cg_dhcp_read(const char *name, const struct cg_tree *site, struct cg_dhcp *ret)
{
    struct cg_dhcp dhcp = { .site = name, .map = site };

    if (site->kind != CG_MAP ||
        strcmp(cg_site_text(site, "boot"), "gate") != 0) {
        return false;
    }
    dhcp.mode = mode_of(cg_site_text(dhcp.map, "dhcp.mode"));
    if (dhcp.mode == CG_DHCP_NONE) {
        return false;
    }
    dhcp.servers =
        strcmp(cg_site_text(dhcp.map, "dhcp.servers"), "2") == 0 ? 2 : 1;
    read_network(&dhcp);
    dhcp.has_range =
        cg_ipv4_parse(cg_tree_text(cg_dhcp_item(&dhcp, "dhcp.range", 0)),
                      &dhcp.first) &&
        cg_ipv4_parse(cg_tree_text(cg_dhcp_item(&dhcp, "dhcp.range", 1)),
                      &dhcp.last) &&
        cg_dhcp_item(&dhcp, "dhcp.range", 2) == NULL;
    *ret = dhcp;
    return true;
}

const struct cg_tree *
cg_dhcp_item(const struct cg_dhcp *dhcp, const char *path, size_t index)
{
    const struct cg_tree *list = cg_inventory_get(dhcp->map, path);

    if (list == NULL || list->kind != CG_LIST || index >= list->count ||
        list->items[index]->kind != CG_SCALAR) {
        return NULL;
    }
    return list->items[index];
}

bool
cg_dhcp_share(const struct cg_dhcp *dhcp, unsigned server, uint32_t *ret_first,
              uint32_t *ret_last)
{
    uint32_t half;

    if (!dhcp->has_range || dhcp->first > dhcp->last) {
        return false;
    }
    if (dhcp->servers == 1) {
        *ret_first = dhcp->first;
        *ret_last = dhcp->last;
        return true;
    }
    if (dhcp->first == dhcp->last) {
        return false;
    }
    half = dhcp->first + (dhcp->last - dhcp->first) / 2;
    *ret_first = server == 0 ? dhcp->first : half + 1;
    *ret_last = server == 0 ? half : dhcp->last;
    return true;
}

bool
cg_dhcp_needs_token(const struct cg_dhcp *dhcp)
{
    return strstr(cg_site_text(dhcp->map, "enroll.require"), "token") != NULL;
}

bool
cg_dhcp_needs_cert(const struct cg_dhcp *dhcp)
{
    return strstr(cg_site_text(dhcp->map, "enroll.require"), "cert") != NULL;
}

bool
cg_dhcp_is_hex(const char *id)
{
    size_t len = strlen(id);

    if (len < 5 || len % 3 != 2) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (i % 3 == 2 ? id[i] != ':' : !isxdigit((unsigned char)id[i])) {
            return false;
        }
    }
    return true;
}
