/* Rules about machine.network.interfaces. */
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_judge.h"
#include "talos/cg_value.h"

#define WIREGUARD_KEY_LEN 32

/* One interface, and all of them. */
struct nic {
    struct cg_judge *judge;
    const struct cg_tree *all;
    const struct cg_tree *map;
    const char *name; /* of the interface; for messages also the selector */
};

/* Names of the cards below a bond or bridge. */
static const struct cg_tree *
members(const struct cg_tree *map)
{
    const struct cg_tree *bridge = cg_check_get(map, "bridge");
    const struct cg_tree *upper =
        bridge != NULL ? bridge : cg_check_get(map, "bond");

    return cg_check_get(upper, "interfaces");
}

static bool
is_member(const struct cg_tree *map, const char *name)
{
    const struct cg_tree *list = members(map);

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (cg_tree_is_text(list->items[i], name)) {
            return true;
        }
    }
    return false;
}

static bool
is_zone_free_addr(const char *text)
{
    return strchr(text, '%') == NULL && cg_value_is_addr(text);
}

static bool
is_addr_or_net(const char *text)
{
    return strchr(text, '/') != NULL ? cg_value_is_prefix(text)
                                     : is_zone_free_addr(text);
}

static void
judge_addresses(const struct nic *nic, const struct cg_tree *map,
                const char *what)
{
    const struct cg_tree *list = cg_check_get(map, "addresses");
    const struct cg_tree *cidr = cg_check_get(map, "cidr");

    if (cidr != NULL && cidr->len > 0) {
        if (list != NULL && list->count > 0) {
            cg_judge_refuse(nic->judge, cidr, "%s has both cidr and addresses",
                            what);
        }
        if (!is_addr_or_net(cidr->text)) {
            cg_judge_refuse(nic->judge, cidr, "%s: %s is no address", what,
                            cg_judge_quote(nic->judge, cidr));
        }
    }
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (!is_addr_or_net(list->items[i]->text)) {
            cg_judge_refuse(nic->judge, list->items[i], "%s: %s is no address",
                            what, cg_judge_quote(nic->judge, list->items[i]));
        }
    }
}

static void
judge_routes(const struct nic *nic)
{
    static const char *const hosts[] = { "gateway", "source" };
    const struct cg_tree *list = cg_check_get(nic->map, "routes");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct cg_tree *route = list->items[i];
        const struct cg_tree *network = cg_check_get(route, "network");

        if (*cg_judge_text(route, "network") == '\0' &&
            *cg_judge_text(route, "gateway") == '\0') {
            cg_judge_refuse(nic->judge, route,
                            "interface %s: routes[%zu] has neither network "
                            "nor gateway",
                            nic->name, i);
        }
        if (network != NULL && network->len > 0 &&
            !cg_value_is_prefix(network->text)) {
            cg_judge_refuse(nic->judge, network,
                            "interface %s: routes[%zu].network %s is no "
                            "network",
                            nic->name, i, cg_judge_quote(nic->judge, network));
        }
        for (size_t h = 0; h < 2; h++) {
            const struct cg_tree *host = cg_check_get(route, hosts[h]);

            if (host != NULL && host->len > 0 &&
                !is_zone_free_addr(host->text)) {
                cg_judge_refuse(nic->judge, host,
                                "interface %s: routes[%zu].%s %s is no address",
                                nic->name, i, hosts[h],
                                cg_judge_quote(nic->judge, host));
            }
        }
    }
}

static void
judge_identity(const struct nic *nic)
{
    const struct cg_tree *selector = cg_check_get(nic->map, "deviceSelector");
    bool has_name = *cg_judge_text(nic->map, "interface") != '\0';
    bool has_condition = false;

    if (!has_name && selector == NULL) {
        cg_judge_refuse(nic->judge, nic->map,
                        "machine.network.interfaces: an item has neither "
                        "interface nor deviceSelector");
    } else if (has_name && selector != NULL) {
        cg_judge_refuse(nic->judge, nic->map,
                        "interface %s has both interface and deviceSelector",
                        nic->name);
    }
    for (size_t i = 0; selector != NULL && i < selector->count; i++) {
        has_condition = has_condition || selector->entries[i].value->len > 0;
    }
    if (selector != NULL && !has_condition) {
        cg_judge_refuse(nic->judge, selector,
                        "machine.network.interfaces: deviceSelector is empty");
    }
}

static void
judge_wireguard(const struct nic *nic)
{
    const struct cg_tree *wireguard = cg_check_get(nic->map, "wireguard");
    const struct cg_tree *peers = cg_check_get(wireguard, "peers");

    if (wireguard == NULL) {
        return;
    }
    if (cg_value_base64_len(cg_judge_text(wireguard, "privateKey")) !=
        WIREGUARD_KEY_LEN) {
        cg_judge_refuse(nic->judge, cg_check_get(wireguard, "privateKey"),
                        "interface %s: wireguard.privateKey is not 32 bytes in "
                        "base64",
                        nic->name);
    }
    for (size_t i = 0; peers != NULL && i < peers->count; i++) {
        const struct cg_tree *peer = peers->items[i];
        const struct cg_tree *end = cg_check_get(peer, "endpoint");
        const struct cg_tree *ips = cg_check_get(peer, "allowedIPs");

        if (cg_value_base64_len(cg_judge_text(peer, "publicKey")) !=
            WIREGUARD_KEY_LEN) {
            cg_judge_refuse(nic->judge, peer,
                            "interface %s: wireguard.peers[%zu].publicKey is "
                            "not 32 bytes in base64",
                            nic->name, i);
        }
        if (end != NULL && end->len > 0 && strchr(end->text, ':') == NULL) {
            cg_judge_refuse(nic->judge, end,
                            "interface %s: wireguard.peers[%zu].endpoint has "
                            "no port",
                            nic->name, i);
        }
        for (size_t k = 0; ips != NULL && k < ips->count; k++) {
            if (!cg_value_is_prefix(ips->items[k]->text)) {
                cg_judge_refuse(nic->judge, ips->items[k],
                                "interface %s: wireguard.peers[%zu]."
                                "allowedIPs: %s is no network",
                                nic->name, i,
                                cg_judge_quote(nic->judge, ips->items[k]));
            }
        }
    }
}

static void
judge_uppers(const struct nic *nic)
{
    const struct cg_tree *bond = cg_check_get(nic->map, "bond");
    const struct cg_tree *list = members(nic->map);

    if (bond != NULL && cg_check_get(nic->map, "bridge") != NULL) {
        cg_judge_refuse(nic->judge, nic->map,
                        "interface %s is both bond and bridge", nic->name);
    }
    if (cg_judge_count(bond, "interfaces") > 0 &&
        cg_judge_count(bond, "deviceSelectors") > 0) {
        cg_judge_refuse(nic->judge, bond,
                        "interface %s: bond has both interfaces and "
                        "deviceSelectors",
                        nic->name);
    }
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        for (size_t k = 0; k < nic->all->count; k++) {
            const struct cg_tree *other = nic->all->items[k];

            if (other != nic->map && is_member(other, list->items[i]->text) &&
                strcmp(cg_judge_text(other, "interface"),
                       cg_judge_text(nic->map, "interface")) != 0) {
                cg_judge_refuse(nic->judge, list->items[i],
                                "interface '%s' is below two links: %s and %s",
                                list->items[i]->text, nic->name,
                                cg_judge_text(other, "interface"));
            }
        }
    }
}

static void
judge_below(const struct nic *nic)
{
    const char *name = cg_judge_text(nic->map, "interface");
    bool has_addressing = cg_judge_flag(nic->map, "dhcp", false) ||
                          *cg_judge_text(nic->map, "cidr") != '\0' ||
                          cg_judge_count(nic->map, "addresses") > 0 ||
                          cg_check_get(nic->map, "vip") != NULL;

    for (size_t k = 0; has_addressing && k < nic->all->count; k++) {
        if (is_member(nic->all->items[k], name)) {
            cg_judge_refuse(nic->judge, nic->map,
                            "interface %s is part of a bond or bridge and must "
                            "have no addresses of its own",
                            nic->name);
            return;
        }
    }
}

static void
judge_vlans(const struct nic *nic)
{
    const struct cg_tree *list = cg_check_get(nic->map, "vlans");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const char *what = cg_arena_printf(
            nic->judge->walk.arena, "interface %s: vlans[%zu]", nic->name, i);

        judge_addresses(nic, list->items[i], what);
    }
}

/* Shared addresses are a control plane's; also on ignored interfaces. */
static void
judge_vip(const struct nic *nic)
{
    const struct cg_tree *vlans = cg_check_get(nic->map, "vlans");
    const struct cg_tree *vip = cg_check_get(nic->map, "vip");

    for (size_t i = 0; vip == NULL && vlans != NULL && i < vlans->count; i++) {
        vip = cg_check_get(vlans->items[i], "vip");
    }
    if (vip != NULL) {
        cg_judge_refuse(nic->judge, vip,
                        "interface %s: vip is for control planes only",
                        nic->name);
    }
}

void
cg_judge_interfaces(struct cg_judge *judge)
{
    const struct cg_tree *all = cg_check_get(
        cg_check_get(cg_check_get(judge->doc, "machine"), "network"),
        "interfaces");

    for (size_t i = 0; all != NULL && i < all->count; i++) {
        struct nic nic = { .judge = judge, .all = all, .map = all->items[i] };
        const char *name = cg_judge_text(nic.map, "interface");

        nic.name = *name == '\0'
                       ? cg_arena_printf(judge->walk.arena, "number %zu", i)
                       : name;
        judge_vip(&nic);
        judge_uppers(&nic);
        if (cg_judge_flag(nic.map, "ignore", false)) {
            continue;
        }
        judge_identity(&nic);
        if (cg_check_get(nic.map, "bond") != NULL) {
            cg_judge_bond(judge, cg_check_get(nic.map, "bond"));
        }
        judge_wireguard(&nic);
        judge_vlans(&nic);
        judge_below(&nic);
        judge_addresses(
            &nic, nic.map,
            cg_arena_printf(judge->walk.arena, "interface %s", nic.name));
        judge_routes(&nic);
    }
}
