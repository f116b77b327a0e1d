/*
 * Rules over the DHCP of sites. dnsmasq judges syntax when it starts, at the
 * site; what would fail or mislead there is found here, where the inventory's
 * line can be named. The user's own lines (dhcp.extra) are not judged.
 */
#include <stdio.h>
#include <string.h>

#include "ea_spiffe.h"
#include "ea_token.h"
#include "lint/cg_lint.h"
#include "model/cg_dhcp.h"

#define PREFIX_MIN 8
#define PREFIX_MAX 30
#define OPTION_MAX 255   /* bytes of one DHCP option */
#define FILE_MAX 127     /* bytes of the file field */
#define INTERFACE_MAX 15 /* of Linux */
#define TOKEN_PREFIX "ket1_"

/* One site whose DHCP we configure. */
struct subject {
    struct cg_model *model;
    const struct cg_entry *site;
    struct cg_dhcp dhcp;
};

static void
each_site(struct cg_model *model, void (*check)(const struct subject *))
{
    const struct cg_tree *sites = cg_tree_get(model->inventory.top, "sites");

    for (size_t i = 0; sites->kind == CG_MAP && i < sites->count; i++) {
        struct subject subject = { .model = model, .site = &sites->entries[i] };

        if (cg_dhcp_read(subject.site->key, subject.site->value,
                         &subject.dhcp)) {
            check(&subject);
        }
    }
}

/* The value if it could be read; what could not was reported. */
static const struct cg_tree *
value_at(const struct subject *s, const char *path)
{
    if (cg_inventory_is_suspect(&s->model->inventory, s->dhcp.map, path)) {
        return NULL;
    }
    return cg_inventory_get(s->dhcp.map, path);
}

static bool
is_absent(const struct subject *s, const char *path)
{
    return cg_inventory_get(s->dhcp.map, path) == NULL &&
           !cg_inventory_is_suspect(&s->model->inventory, s->dhcp.map, path);
}

static void
report_absent(const struct subject *s, const char *path, const char *why)
{
    (void)cg_error(s->model->diag, &s->site->pos, "dhcp",
                   "site '%s' has 'dhcp.mode: %s' and no '%s'", s->dhcp.site,
                   cg_site_text(s->dhcp.map, "dhcp.mode"), path);
    cg_hint(s->model->diag, "%s", why);
}

static bool
is_host(const struct cg_dhcp *dhcp, uint32_t address)
{
    return address > dhcp->network && address < dhcp->broadcast;
}

static bool
is_in_range(const struct cg_dhcp *dhcp, uint32_t address)
{
    return dhcp->mode != CG_DHCP_PROXY && dhcp->has_range &&
           address >= dhcp->first && address <= dhcp->last;
}

/* False: nothing can be said about addresses. */
static bool
check_network(const struct subject *s)
{
    const struct cg_tree *value = value_at(s, "dhcp.network");

    if (is_absent(s, "dhcp.network")) {
        report_absent(s, "dhcp.network", "it is the network of its nodes");
    }
    if (value == NULL) {
        return false;
    }
    if (!s->dhcp.has_network || s->dhcp.bits < PREFIX_MIN ||
        s->dhcp.bits > PREFIX_MAX) {
        return cg_error(s->model->diag, &value->pos, "dhcp",
                        "'%s' cannot be served by DHCP: expected an IPv4 "
                        "network from /%d to /%d",
                        value->text, PREFIX_MIN, PREFIX_MAX);
    }
    return true;
}

/* An address that stands for one machine of the site. */
static void
check_host(const struct subject *s, const struct cg_tree *value,
           const char *path, bool is_local)
{
    uint32_t address = 0;

    if (!cg_ipv4_parse(cg_tree_text(value), &address)) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "'%s': '%s' is no IPv4 address", path, value->text);
    } else if (is_local && !is_host(&s->dhcp, address)) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "'%s': '%s' is no address in the network %s of site "
                       "'%s'",
                       path, value->text,
                       cg_site_text(s->dhcp.map, "dhcp.network"), s->dhcp.site);
    } else if (is_local && is_in_range(&s->dhcp, address)) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "'%s': '%s' is in 'dhcp.range' and would be handed out",
                       path, value->text);
    }
}

static void
check_range(const struct subject *s)
{
    const struct cg_tree *value = value_at(s, "dhcp.range");
    const struct cg_dhcp *dhcp = &s->dhcp;
    uint32_t first = 0, last = 0;

    if (dhcp->mode == CG_DHCP_PROXY) {
        return;
    }
    if (is_absent(s, "dhcp.range")) {
        report_absent(s, "dhcp.range",
                      "give the first and the last address: "
                      "[10.0.0.10, 10.0.0.99]");
    }
    if (value == NULL) {
        return;
    }
    if (!dhcp->has_range) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "'dhcp.range' takes two IPv4 addresses, the first and "
                       "the last one");
    } else if (!is_host(dhcp, dhcp->first) || !is_host(dhcp, dhcp->last)) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "the range is not in the network %s of site '%s'",
                       cg_site_text(dhcp->map, "dhcp.network"), dhcp->site);
    } else if (dhcp->first > dhcp->last) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "the range's last address comes before its first");
    } else if (!cg_dhcp_share(dhcp, dhcp->servers - 1, &first, &last)) {
        (void)cg_error(s->model->diag, &value->pos, "dhcp",
                       "one address cannot be shared by %u servers",
                       dhcp->servers);
    }
}

/* Of the DHCP servers themselves: one each, and a proxy's is on the wire. */
static void
check_servers(const struct subject *s)
{
    const struct cg_tree *list = value_at(s, "dhcp.address");
    const struct cg_tree *item;

    if (s->dhcp.mode == CG_DHCP_PROXY && is_absent(s, "dhcp.address")) {
        report_absent(s, "dhcp.address",
                      "iPXE drops a proxy's answer without it");
    }
    if (list == NULL) {
        return;
    }
    if (list->count != s->dhcp.servers) {
        (void)cg_error(s->model->diag, &list->pos, "dhcp",
                       "'dhcp.address' names %zu addresses for %u servers",
                       list->count, s->dhcp.servers);
    }
    for (size_t i = 0; (item = cg_dhcp_item(&s->dhcp, "dhcp.address", i));
         i++) {
        const struct cg_tree *before =
            i == 0 ? NULL : cg_dhcp_item(&s->dhcp, "dhcp.address", i - 1);

        check_host(s, item, "dhcp.address", s->dhcp.mode != CG_DHCP_RELAY);
        if (before != NULL && strcmp(before->text, item->text) == 0) {
            (void)cg_error(s->model->diag, &item->pos, "dhcp",
                           "both servers have the address '%s'", item->text);
        }
    }
}

static void
check_addresses(const struct subject *s)
{
    const struct cg_tree *router = value_at(s, "dhcp.router");
    const struct cg_tree *item;

    if (!check_network(s)) {
        return;
    }
    check_range(s);
    check_servers(s);
    if (router != NULL) {
        check_host(s, router, "dhcp.router", true);
    }
    for (size_t i = 0; value_at(s, "dhcp.dns") != NULL &&
                       (item = cg_dhcp_item(&s->dhcp, "dhcp.dns", i)) != NULL;
         i++) {
        check_host(s, item, "dhcp.dns", false);
    }
}

/* Site 'a' with two servers has a-1.conf and a-2.conf, and so may a site 'a-1'
 * want to. */
static void
check_file_name(const struct subject *s)
{
    const struct cg_tree *sites = cg_tree_get(s->model->inventory.top, "sites");

    for (unsigned i = 1; s->dhcp.servers > 1 && i <= s->dhcp.servers; i++) {
        const char *name =
            cg_arena_printf(s->model->arena, "%s-%u", s->dhcp.site, i);
        const struct cg_entry *other = cg_tree_entry(sites, name);
        struct cg_dhcp dhcp;

        if (other != NULL && cg_dhcp_read(other->key, other->value, &dhcp) &&
            dhcp.servers == 1) {
            (void)cg_error(s->model->diag, &other->pos, "dhcp",
                           "the DHCP configuration of site '%s' would have "
                           "the name of that of server %u of site '%s'",
                           name, i, s->dhcp.site);
            cg_also(s->model->diag, &s->site->pos, "the site with two servers");
        }
    }
}

static void
check_site(const struct subject *s)
{
    check_addresses(s);
    check_file_name(s);
}

void
cg_rule_dhcp(struct cg_model *model)
{
    each_site(model, check_site);
}

static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                              "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

static bool
is_of(const char *text, const char *more)
{
    for (; *text != '\0'; text++) {
        if (strchr(letters, *text) == NULL && strchr(more, *text) == NULL) {
            return false;
        }
    }
    return true;
}

static bool
is_interface(const char *text)
{
    return strlen(text) <= INTERFACE_MAX && is_of(text, ".:_-");
}

static bool
is_folder(const char *text)
{
    return text[0] == '/' && is_of(text, "/._+-");
}

/* Below the folder; dnsmasq serves no other. */
static bool
is_boot_file(const char *text)
{
    return text[0] != '/' && text[0] != '-' && strlen(text) <= FILE_MAX &&
           strstr(text, "..") == NULL && is_of(text, "/._+-");
}

static bool
is_domain(const char *text)
{
    return ea_domain_check(ea_bytes_of(text), NULL);
}

static bool
is_relay_id(const char *text)
{
    size_t len = strlen(text);

    return (cg_dhcp_is_hex(text) ? (len + 1) / 3 : len) <= OPTION_MAX;
}

static void
check_extra(const struct subject *s)
{
    const struct cg_tree *line;

    for (size_t i = 0; (line = cg_dhcp_item(&s->dhcp, "dhcp.extra", i)) != NULL;
         i++) {
        if (strstr(line->text, TOKEN_PREFIX) != NULL) {
            (void)cg_error(s->model->diag, &line->pos, "dhcp-text",
                           "a token stands in 'dhcp.extra', and with it in "
                           "the inventory and in what is published");
            cg_hint(s->model->diag, "`edge-auth token create NODE --dnsmasq "
                                    "DIR` keeps it where it is needed");
        }
    }
}

static void
check_texts(const struct subject *s)
{
    static const char folder[] = "an absolute path of letters, digits and "
                                 "'/._+-'";
    static const char file[] = "a path below dhcp.rom.tftp_root of letters, "
                               "digits and '/._+-'";
    static const char id[] = "at most 255 bytes";
    static const struct {
        const char *path;
        bool (*is_good)(const char *text);
        const char *wanted;
    } texts[] = {
        { "dhcp.interface", is_interface,
          "at most 15 letters, digits and '.:_-'" },
        { "dhcp.domain", is_domain, "a domain name in lower case" },
        { "dhcp.rom.efi64", is_boot_file, file },
        { "dhcp.rom.arm64", is_boot_file, file },
        { "dhcp.rom.bios", is_boot_file, file },
        { "dhcp.rom.script", is_boot_file, file },
        { "dhcp.rom.tftp_root", is_folder, folder },
        { "dhcp.options_dir", is_folder, folder },
        { "dhcp.relay.circuit_id", is_relay_id, id },
        { "dhcp.relay.remote_id", is_relay_id, id },
        { "dhcp.relay.subscriber_id", is_relay_id, id },
    };

    for (size_t i = 0; i < sizeof(texts) / sizeof(texts[0]); i++) {
        const struct cg_tree *value = value_at(s, texts[i].path);

        if (value != NULL && !texts[i].is_good(value->text)) {
            (void)cg_error(s->model->diag, &value->pos, "dhcp-text",
                           "'%s' must be %s", texts[i].path, texts[i].wanted);
        }
    }
    check_extra(s);
}

void
cg_rule_dhcp_text(struct cg_model *model)
{
    each_site(model, check_texts);
}

static const char *const roms[] = { "dhcp.rom.efi64", "dhcp.rom.arm64",
                                    "dhcp.rom.bios" };
#define ROMS (sizeof(roms) / sizeof(roms[0]))

static void
check_is_served(const struct subject *s, const char *path,
                const struct cg_tree *value)
{
    if (is_absent(s, "dhcp.rom.tftp_root")) {
        cg_warning(s->model->diag, &value->pos, "dhcp-rom",
                   "'%s' names a boot file, and without 'dhcp.rom.tftp_root' "
                   "dnsmasq serves none",
                   path);
    }
}

static void
check_rom_files(const struct subject *s)
{
    const struct cg_tree *script = value_at(s, "dhcp.rom.script");

    for (size_t i = 0; i < ROMS; i++) {
        const struct cg_tree *value = value_at(s, roms[i]);

        if (value == NULL) {
            continue;
        }
        check_is_served(s, roms[i], value);
        if (s->dhcp.mode == CG_DHCP_PROXY && strchr(value->text, '.') == NULL) {
            (void)cg_error(s->model->diag, &value->pos, "dhcp-rom",
                           "'%s' needs a dot in its name: a proxy asks for "
                           "'%s.0' otherwise",
                           value->text, value->text);
        }
    }
    if (script != NULL) {
        check_is_served(s, "dhcp.rom.script", script);
    }
}

void
cg_rule_dhcp_rom(struct cg_model *model)
{
    each_site(model, check_rom_files);
}

static void
check_rom_key(const struct subject *s)
{
    for (size_t i = 0; cg_dhcp_needs_cert(&s->dhcp) && i < ROMS; i++) {
        const struct cg_tree *value = value_at(s, roms[i]);

        if (value != NULL) {
            (void)cg_error(s->model->diag, &value->pos, "rom-with-key",
                           "site '%s' requires a certificate, whose key would "
                           "be read off the wire with the boot file '%s'",
                           s->dhcp.site, value->text);
            cg_hint(s->model->diag, "a ROM with a key is on flash, a USB stick "
                                    "or the ESP");
        }
    }
}

void
cg_rule_rom_with_key(struct cg_model *model)
{
    each_site(model, check_rom_key);
}

/* The URL that `edge-auth token create --dnsmasq` will write. */
static void
check_url(const struct subject *s)
{
    const char *cluster =
        cg_tree_text(cg_inventory_get(s->dhcp.map, "cluster"));
    bool for_cert = cg_dhcp_needs_cert(&s->dhcp);
    bool is_proxy = s->dhcp.mode == CG_DHCP_PROXY;
    const char *file = for_cert || is_proxy ? "/boot.ipxe" : "/ipxe-arm64.efi";
    const struct cg_tree *base;
    size_t len;

    if (cluster == NULL || !cg_dhcp_needs_token(&s->dhcp)) {
        return;
    }
    base = cg_inventory_get(
        cg_tree_get(cg_tree_get(s->model->inventory.top, "clusters"), cluster),
        for_cert ? "gate.boot_mtls" : "gate.boot");
    if (cg_tree_text(base) == NULL) {
        return;
    }
    len = strlen(base->text) + strlen("/t/") + EA_TOKEN_LEN + strlen(file);
    if (len > OPTION_MAX || (is_proxy && len > FILE_MAX)) {
        (void)cg_error(s->model->diag, &base->pos, "dhcp-url",
                       "boot URLs of site '%s' would have %zu characters with "
                       "their token, and %s carries %d",
                       s->dhcp.site, len,
                       is_proxy ? "a proxy's answer" : "a DHCP option",
                       is_proxy ? FILE_MAX : OPTION_MAX);
    } else if (len > FILE_MAX) {
        cg_warning(s->model->diag, &base->pos, "dhcp-url",
                   "boot URLs of site '%s' will have %zu characters with "
                   "their token: a client that takes no option 67 gets %d",
                   s->dhcp.site, len, FILE_MAX);
    }
}

void
cg_rule_dhcp_url(struct cg_model *model)
{
    each_site(model, check_url);
}

/* Where a node's key stands, or the node itself. */
static const struct cg_pos *
place(const struct cg_node *node, const char *path)
{
    const struct cg_tree *value = cg_inventory_get(node->layers[3].map, path);

    return value == NULL ? &node->pos : &value->pos;
}

/* Whose address a reservation takes away, or NULL. */
static const char *
clash_of(const struct cg_dhcp *dhcp, uint32_t address)
{
    const struct cg_tree *item;
    uint32_t other = 0;

    if (dhcp->has_network &&
        (address == dhcp->network || address == dhcp->broadcast)) {
        return address == dhcp->network ? "the network's own"
                                        : "the network's broadcast address";
    }
    if (cg_ipv4_parse(cg_site_text(dhcp->map, "dhcp.router"), &other) &&
        other == address) {
        return "the router's";
    }
    for (size_t i = 0; (item = cg_dhcp_item(dhcp, "dhcp.address", i)) != NULL;
         i++) {
        if (cg_ipv4_parse(item->text, &other) && other == address) {
            return "the DHCP server's";
        }
    }
    return NULL;
}

static void
check_reservation(struct cg_model *model, const struct cg_node *node,
                  const struct cg_dhcp *dhcp)
{
    uint32_t address = 0;
    const char *clash;

    if (!cg_ipv4_parse(node->address, &address)) {
        return; /* absent, or in no IPv4 network: cg_rule_address */
    }
    clash = clash_of(dhcp, address);
    if (clash != NULL) {
        (void)cg_error(model->diag, place(node, "address"), "dhcp-reservation",
                       "address '%s' of node '%s' is %s at site '%s'",
                       node->address, node->name, clash, dhcp->site);
    } else if (dhcp->mode == CG_DHCP_PROXY) {
        cg_warning(model->diag, place(node, "address"), "dhcp-reservation",
                   "address '%s' of node '%s' is not reserved: at site '%s' "
                   "another DHCP server hands out addresses",
                   node->address, node->name, dhcp->site);
    }
}

void
cg_rule_dhcp_reservation(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        struct cg_dhcp dhcp;

        if (cg_dhcp_read(node->site, node->layers[2].map, &dhcp)) {
            check_reservation(model, node, &dhcp);
        }
    }
}

/* DHCP tells nodes apart by their MAC alone. */
void
cg_rule_dhcp_mac(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        struct cg_dhcp dhcp;

        if (node->is_controlplane || node->mac_count > 0 ||
            !cg_dhcp_read(node->site, node->layers[2].map, &dhcp) ||
            !cg_dhcp_needs_token(&dhcp) ||
            strcmp(cg_site_text(dhcp.map, "enroll.token"), "node") != 0 ||
            cg_node_is_suspect(model, node, "hardware.macs")) {
            continue;
        }
        (void)cg_error(model->diag, &node->pos, "dhcp-mac",
                       "node '%s' has a token of its own and no MAC, by which "
                       "DHCP could tell whose boot URL to give",
                       node->name);
        cg_hint(model->diag, "declare hardware.macs, or one token for the "
                             "site: enroll.token: site");
    }
}
