/* Rules about the link documents. */
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_fields.h"
#include "talos/cg_judge.h"
#include "talos/cg_value.h"

#define VLAN_ID_MAX 4094
#define WIREGUARD_KEY_LEN 32
#define PORT_MAX 65535

/* Priorities of routing rules that Linux and KubeSpan have taken, beside 0. */
#define KUBESPAN_PRIORITY 32500
#define MAIN_PRIORITY 32766
#define DEFAULT_PRIORITY 32767

/* The all-zero address of either family. */
static bool
is_unspecified(const char *text)
{
    return text[strspn(text, "0:.")] == '\0' ||
           text[strspn(text, "0:.")] == '/';
}

void
cg_judge_link(struct cg_judge *judge)
{
    static const char *const hosts[] = { "destination", "gateway", "source" };
    const struct cg_tree *list = cg_check_get(judge->doc, "addresses");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const char *text = cg_judge_text(list->items[i], "address");

        if (*text == '\0' || is_unspecified(text)) {
            cg_judge_refuse(judge, list->items[i],
                            "addresses[%zu] has no usable address", i);
        }
    }
    list = cg_check_get(judge->doc, "routes");
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        for (size_t h = 0; h < 3; h++) {
            const char *text = cg_judge_text(list->items[i], hosts[h]);

            if (*text != '\0' && is_unspecified(text)) {
                cg_judge_refuse(judge, list->items[i],
                                "routes[%zu].%s is the unspecified address; "
                                "leave it out for a default route",
                                i, hosts[h]);
            }
        }
    }
}

void
cg_judge_dhcp(struct cg_judge *judge)
{
    const struct cg_tree *raw = cg_check_get(judge->doc, "duidRaw");
    const struct cg_tree *id = cg_check_get(judge->doc, "clientIdentifier");
    bool is_duid = id != NULL && cg_fields_has_word("duid", id->text);
    bool has_raw = raw != NULL && raw->len > 0;

    if (is_duid != has_raw) {
        cg_judge_refuse(judge, has_raw ? raw : id,
                        "duidRaw and 'clientIdentifier: duid' go together");
    }
}

void
cg_judge_bond_link(struct cg_judge *judge)
{
    if (cg_judge_count(judge->doc, "links") == 0) {
        cg_judge_refuse(judge, NULL, "links is empty");
    }
    if (cg_check_get(judge->doc, "bondMode") == NULL) {
        cg_judge_refuse(judge, NULL, "bondMode is missing");
    }
    cg_judge_link(judge);
}

void
cg_judge_vlan(struct cg_judge *judge)
{
    const struct cg_tree *id = cg_check_get(judge->doc, "vlanID");
    int64_t number = cg_judge_number(judge->doc, "vlanID", 0);

    if (number < 1 || number > VLAN_ID_MAX) {
        cg_judge_refuse(judge, id, "vlanID must be from 1 to %d", VLAN_ID_MAX);
    }
    cg_judge_link(judge);
}

void
cg_judge_vrf(struct cg_judge *judge)
{
    static const char *const reserved[] = { "",     "unspec",  "local",
                                            "main", "default", NULL };
    const struct cg_tree *table = cg_check_get(judge->doc, "table");

    if (cg_judge_is_one_of(cg_judge_text(judge->doc, "table"), reserved)) {
        cg_judge_refuse(judge, table, "table must be a number from 1 to 252");
    }
    cg_judge_link(judge);
}

static void
judge_key(struct cg_judge *judge, const struct cg_tree *value, const char *what)
{
    if (value == NULL ||
        cg_value_base64_len(value->text) != WIREGUARD_KEY_LEN) {
        cg_judge_refuse(judge, value, "%s is not 32 bytes in base64", what);
    }
}

void
cg_judge_wireguard(struct cg_judge *judge)
{
    const struct cg_tree *peers = cg_check_get(judge->doc, "peers");
    int64_t port = cg_judge_number(judge->doc, "listenPort", 0);

    judge_key(judge, cg_check_get(judge->doc, "privateKey"), "privateKey");
    if (port < 0 || port > PORT_MAX) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "listenPort"),
                        "listenPort must be from 0 to %d", PORT_MAX);
    }
    for (size_t i = 0; peers != NULL && i < peers->count; i++) {
        const struct cg_tree *peer = peers->items[i];
        const struct cg_tree *shared = cg_check_get(peer, "presharedKey");
        struct cg_arena *arena = judge->walk.arena;

        judge_key(judge, cg_check_get(peer, "publicKey"),
                  cg_arena_printf(arena, "peers[%zu].publicKey", i));
        if (shared != NULL && shared->len > 0) {
            judge_key(judge, shared,
                      cg_arena_printf(arena, "peers[%zu].presharedKey", i));
        }
        if (cg_judge_text(peer, "persistentKeepaliveInterval")[0] == '-') {
            cg_judge_refuse(judge,
                            cg_check_get(peer, "persistentKeepaliveInterval"),
                            "peers[%zu].persistentKeepaliveInterval is "
                            "negative",
                            i);
        }
    }
    cg_judge_link(judge);
}

void
cg_judge_routing_rule(struct cg_judge *judge)
{
    static const char *const no_table[] = { "", "unspec", NULL };
    static const char *const unicast[] = { "", "unspec", "unicast", NULL };
    const struct cg_tree *name = cg_check_get(judge->doc, "name");
    const char *text = cg_judge_text(judge->doc, "name");
    uint64_t priority;

    if (!cg_value_decimal(ea_bytes_of(text), UINT32_MAX, &priority)) {
        cg_judge_refuse(judge, name, "the name must be a priority, a number");
    } else if (priority == 0 || priority == KUBESPAN_PRIORITY ||
               priority == MAIN_PRIORITY || priority == DEFAULT_PRIORITY) {
        cg_judge_refuse(judge, name, "priority %s is reserved", text);
    }
    if (cg_judge_is_one_of(cg_judge_text(judge->doc, "table"), no_table) &&
        cg_judge_is_one_of(cg_judge_text(judge->doc, "action"), unicast)) {
        cg_judge_refuse(judge, NULL,
                        "it needs a table, or an action that is not unicast");
    }
    if (cg_judge_number(judge->doc, "fwMask", 0) != 0 &&
        cg_judge_number(judge->doc, "fwMark", 0) == 0) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "fwMask"),
                        "fwMask needs fwMark");
    }
}

/* Ends of a range; the check of types has been here. */
static void
read_range(const struct cg_tree *tree, uint64_t *low, uint64_t *high)
{
    const char *dash = strchr(tree->text, '-');
    int64_t port;

    *low = *high = 0;
    if (cg_tree_int(tree, &port)) {
        *low = *high = (uint64_t)port;
    } else if (dash != NULL) {
        (void)cg_value_decimal(
            (struct ea_bytes){ tree->text, (size_t)(dash - tree->text) },
            PORT_MAX, low);
        (void)cg_value_decimal(ea_bytes_of(dash + 1), PORT_MAX, high);
    }
}

void
cg_judge_network_rule(struct cg_judge *judge)
{
    const struct cg_tree *selector = cg_check_get(judge->doc, "portSelector");
    const struct cg_tree *ports = cg_check_get(selector, "ports");
    const struct cg_tree *ingress = cg_check_get(judge->doc, "ingress");

    if (ports == NULL || ports->count == 0) {
        cg_judge_refuse(judge, NULL, "portSelector.ports is empty");
    }
    /* Talos takes it, and writes a word that it cannot read back. */
    if (cg_check_get(selector, "protocol") == NULL) {
        cg_judge_refuse(judge, selector, "portSelector.protocol is missing");
    }
    for (size_t i = 0; ports != NULL && i < ports->count; i++) {
        uint64_t low, high;

        read_range(ports->items[i], &low, &high);
        if (low > high) {
            cg_judge_refuse(judge, ports->items[i],
                            "port range %s ends before it starts",
                            cg_judge_quote(judge, ports->items[i]));
        }
        for (size_t k = 0; k < i; k++) {
            uint64_t other_low, other_high;

            read_range(ports->items[k], &other_low, &other_high);
            if (low <= other_high && other_low <= high) {
                cg_judge_refuse(judge, ports->items[i],
                                "port range %s overlaps another",
                                cg_judge_quote(judge, ports->items[i]));
            }
        }
    }
    for (size_t i = 0; ingress != NULL && i < ingress->count; i++) {
        if (*cg_judge_text(ingress->items[i], "subnet") == '\0') {
            cg_judge_refuse(judge, ingress->items[i],
                            "ingress[%zu].subnet is missing", i);
        }
    }
}
