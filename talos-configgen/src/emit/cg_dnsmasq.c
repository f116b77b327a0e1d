/* publish/dnsmasq/<site>.conf; see cg_dnsmasq.h. */
#include "emit/cg_dnsmasq.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cg_file.h"
#include "emit/cg_emit.h"

#define FOLDER "publish/dnsmasq"
#define FILE_MODE 0640
#define OLD_FILE_MAX (16u << 20)
#define LEASES_DEFAULT 1000u

/* The first line of our files; others in the folder are left alone. */
#define MARK "# Written by talos-configgen"

/* A client that is not yet an iPXE. */
#define FIRMWARE "tag:!ipxe,tag:!edge"

static const char *
text_at(const struct cg_dhcp *dhcp, const char *path)
{
    return cg_site_text(dhcp->map, path);
}

/* The server's own address, or NULL. */
static const char *
address_of(const struct cg_dhcp *dhcp, unsigned server)
{
    return cg_tree_text(cg_dhcp_item(dhcp, "dhcp.address", server));
}

static bool
has_rom(const struct cg_dhcp *dhcp)
{
    return text_at(dhcp, "dhcp.rom.efi64") != NULL ||
           text_at(dhcp, "dhcp.rom.arm64") != NULL ||
           text_at(dhcp, "dhcp.rom.bios") != NULL ||
           text_at(dhcp, "dhcp.rom.script") != NULL;
}

/* The user's own lines set this option. */
static bool
has_extra(const struct cg_dhcp *dhcp, const char *option)
{
    const struct cg_tree *line;
    size_t len = strlen(option);

    for (size_t i = 0; (line = cg_dhcp_item(dhcp, "dhcp.extra", i)) != NULL;
         i++) {
        const char *text = line->text + strspn(line->text, " ");

        if (strncmp(text, option, len) == 0 &&
            text[len + strspn(text + len, " ")] == '=') {
            return true;
        }
    }
    return false;
}

static void
add_head(const struct cg_dhcp *dhcp, unsigned server, struct cg_strbuf *out)
{
    const char *mode = text_at(dhcp, "dhcp.mode");

    cg_strbuf_printf(out, MARK " for dnsmasq: site %s, mode %s", dhcp->site,
                     mode);
    if (dhcp->servers > 1) {
        cg_strbuf_printf(out, ", server %u of %u", server + 1, dhcp->servers);
    }
    cg_strbuf_puts(out, ".\n# No secret is in here, and edits are lost with "
                        "the next `render`.\n\n");
}

/* dnsmasq hands out a thousand leases if it is told nothing; like `port`, it
 * takes this once. */
static void
add_lease_max(const struct cg_dhcp *dhcp, size_t nodes, struct cg_strbuf *out)
{
    uint64_t wanted = (uint64_t)nodes + dhcp->last - dhcp->first + 1;

    if (dhcp->mode == CG_DHCP_FULL && wanted > LEASES_DEFAULT &&
        !has_extra(dhcp, "dhcp-lease-max")) {
        cg_strbuf_printf(out, "dhcp-lease-max=%llu\n",
                         (unsigned long long)wanted);
    }
}

static void
add_server(const struct cg_dhcp *dhcp, size_t nodes, struct cg_strbuf *out)
{
    const char *interface = text_at(dhcp, "dhcp.interface");
    const char *root = text_at(dhcp, "dhcp.rom.tftp_root");

    /* dnsmasq takes `port` once, so it is not where several files are meant
     * for one server */
    if (dhcp->mode == CG_DHCP_RELAY) {
        cg_strbuf_puts(out, "# `port=0` (no DNS) belongs into the server's own "
                            "file, beside which the sites'\n# files are read: "
                            "dnsmasq takes it once.\n");
    } else if (!has_extra(dhcp, "port")) {
        cg_strbuf_puts(out, "# no DNS\nport=0\n");
    }
    add_lease_max(dhcp, nodes, out);
    if (interface != NULL) {
        cg_strbuf_printf(out, "interface=%s\n", interface);
    }
    if (dhcp->mode == CG_DHCP_FULL && dhcp->servers == 1) {
        /* one of two servers would refuse the addresses of the other */
        cg_strbuf_puts(out, "dhcp-authoritative\n");
    }
    if (has_rom(dhcp) && root != NULL) {
        cg_strbuf_printf(out, "enable-tftp\ntftp-root=%s\n", root);
    }
}

static void
add_clients(struct cg_strbuf *out)
{
    cg_strbuf_puts(out,
                   "\n# Who asks: firmware by its architecture, iPXE and our "
                   "script by user class.\n"
                   "dhcp-match=set:bios,option:client-arch,0\n"
                   "dhcp-match=set:efi64,option:client-arch,7\n"
                   "dhcp-match=set:efi64,option:client-arch,9\n"
                   "dhcp-match=set:efiarm64,option:client-arch,11\n"
                   "dhcp-match=set:http64,option:client-arch,16\n"
                   "dhcp-match=set:httparm64,option:client-arch,19\n"
                   "dhcp-userclass=set:ipxe,iPXE\n"
                   "dhcp-userclass=set:edge,edge-rom\n");
}

void
cg_dnsmasq_add_id(const char *id, struct cg_strbuf *out)
{
    bool like_hex = strchr(id, ':') != NULL &&
                    id[strspn(id, "0123456789abcdefABCDEF:")] == '\0';

    if (cg_dhcp_is_hex(id)) {
        cg_strbuf_puts(out, id);
        return;
    }
    if (like_hex && strlen(id) > 1) {
        /* dnsmasq would read this text as bytes */
        for (const char *p = id; *p != '\0'; p++) {
            cg_strbuf_printf(out, "%s%02x", p == id ? "" : ":",
                             (unsigned)(unsigned char)*p);
        }
        return;
    }
    cg_strbuf_putc(out, '"');
    for (const char *p = id; *p != '\0'; p++) {
        if (*p == '"' || *p == '\\') {
            cg_strbuf_putc(out, '\\');
        }
        cg_strbuf_putc(out, *p);
    }
    cg_strbuf_putc(out, '"');
}

/* What the relay adds to its requests; the range then is for these only. */
static const struct {
    const char *path, *option, *tag;
} relay_ids[] = {
    { "dhcp.relay.circuit_id", "dhcp-circuitid", "circuit" },
    { "dhcp.relay.remote_id", "dhcp-remoteid", "remote" },
    { "dhcp.relay.subscriber_id", "dhcp-subscrid", "subscriber" },
};
#define RELAY_IDS (sizeof(relay_ids) / sizeof(relay_ids[0]))

static void
add_relay(const struct cg_dhcp *dhcp, struct cg_strbuf *out)
{
    bool is_first = true;

    for (size_t i = 0; dhcp->mode == CG_DHCP_RELAY && i < RELAY_IDS; i++) {
        const char *id = text_at(dhcp, relay_ids[i].path);

        if (id == NULL) {
            continue;
        }
        if (is_first) {
            cg_strbuf_puts(out, "\n# What the site's relay says of itself.\n");
        }
        is_first = false;
        cg_strbuf_printf(out, "%s=set:%s-%s,", relay_ids[i].option,
                         relay_ids[i].tag, dhcp->site);
        cg_dnsmasq_add_id(id, out);
        cg_strbuf_putc(out, '\n');
    }
}

static void
add_range(const struct cg_dhcp *dhcp, unsigned server, struct cg_strbuf *out)
{
    char first[CG_IPV4_MAX + 1], last[CG_IPV4_MAX + 1], mask[CG_IPV4_MAX + 1];
    uint32_t from = 0, to = 0;

    cg_strbuf_puts(out, "\n# Which addresses.\ndhcp-range=");
    if (dhcp->mode == CG_DHCP_PROXY) {
        cg_ipv4_format(dhcp->network, first);
        cg_strbuf_printf(out, "set:site-%s,%s,proxy\n", dhcp->site, first);
        return;
    }
    for (size_t i = 0; dhcp->mode == CG_DHCP_RELAY && i < RELAY_IDS; i++) {
        if (text_at(dhcp, relay_ids[i].path) != NULL) {
            cg_strbuf_printf(out, "tag:%s-%s,", relay_ids[i].tag, dhcp->site);
        }
    }
    if (!cg_dhcp_share(dhcp, server, &from, &to)) {
        return;
    }
    cg_ipv4_format(from, first);
    cg_ipv4_format(to, last);
    cg_ipv4_format(UINT32_MAX << (32 - dhcp->bits), mask);
    cg_strbuf_printf(out, "set:site-%s,%s,%s,%s,%s\n", dhcp->site, first, last,
                     mask, text_at(dhcp, "dhcp.lease"));
}

static void
add_option(const struct cg_dhcp *dhcp, const char *option, const char *value,
           struct cg_strbuf *out)
{
    cg_strbuf_printf(out, "dhcp-option=tag:site-%s,%s", dhcp->site, option);
    if (value != NULL) {
        cg_strbuf_printf(out, ",%s", value);
    }
    cg_strbuf_putc(out, '\n');
}

/* An option without a value keeps dnsmasq from naming itself. */
static void
add_options(const struct cg_dhcp *dhcp, unsigned server, struct cg_strbuf *out)
{
    const char *domain = text_at(dhcp, "dhcp.domain");
    CG_AUTO_STRBUF struct cg_strbuf dns = { 0 };
    const struct cg_tree *item;

    if (dhcp->mode == CG_DHCP_PROXY) {
        return;
    }
    for (size_t i = 0; (item = cg_dhcp_item(dhcp, "dhcp.dns", i)) != NULL;
         i++) {
        cg_strbuf_printf(&dns, "%s%s", i == 0 ? "" : ",", item->text);
    }
    add_option(dhcp, "option:router", text_at(dhcp, "dhcp.router"), out);
    add_option(dhcp, "option:dns-server", dns.text, out);
    if (domain != NULL) {
        add_option(dhcp, "option:domain-name", domain, out);
    }
    if (address_of(dhcp, server) != NULL) {
        add_option(dhcp, "option:server-ip-address", address_of(dhcp, server),
                   out);
    }
    cg_strbuf_puts(out, "# iPXE need not wait for a proxy\n");
    add_option(dhcp, "encap:175,176,1b", NULL, out);
}

static void
add_file(const struct cg_dhcp *dhcp, unsigned server, const char *tags,
         const char *file, struct cg_strbuf *out)
{
    const char *address = address_of(dhcp, server);

    cg_strbuf_printf(out, "dhcp-boot=tag:site-%s,%s,%s", dhcp->site, tags,
                     file);
    if (address != NULL) {
        cg_strbuf_printf(out, ",,%s", address);
    }
    cg_strbuf_putc(out, '\n');
}

/* Each architecture once: several services for one make firmware load its boot
 * file again and again. */
static void
add_roms(const struct cg_dhcp *dhcp, unsigned server, struct cg_strbuf *out)
{
    static const struct {
        const char *path, *tag;
        unsigned arch, second; /* equal if there is one number only */
    } roms[] = {
        { "dhcp.rom.bios", "bios", 0, 0 },
        { "dhcp.rom.efi64", "efi64", 7, 9 },
        { "dhcp.rom.arm64", "efiarm64", 11, 11 },
    };
    const char *script = text_at(dhcp, "dhcp.rom.script");
    char tags[64] = "";

    if (has_rom(dhcp)) {
        cg_strbuf_puts(out, "\n# What firmware loads, and an iPXE that has no "
                            "script of ours.\n");
    }
    for (size_t i = 0; i < sizeof(roms) / sizeof(roms[0]); i++) {
        const char *file = text_at(dhcp, roms[i].path);

        if (file != NULL && dhcp->mode != CG_DHCP_PROXY) {
            (void)snprintf(tags, sizeof(tags), "tag:%s," FIRMWARE, roms[i].tag);
            add_file(dhcp, server, tags, file, out);
        }
        for (unsigned arch = roms[i].arch;
             file != NULL && dhcp->mode == CG_DHCP_PROXY &&
             arch <= roms[i].second;
             arch += 2) {
            cg_strbuf_printf(
                out, "pxe-service=tag:site-%s," FIRMWARE ",%u,\"iPXE\",%s\n",
                dhcp->site, arch, file);
        }
    }
    if (script != NULL) {
        add_file(dhcp, server, "tag:ipxe,tag:!edge", script, out);
    }
}

static void
add_tag(const struct cg_dhcp *dhcp, const char *set, const char *tags,
        struct cg_strbuf *out)
{
    cg_strbuf_printf(out, "tag-if=set:%s,tag:site-%s,%s\n", set, dhcp->site,
                     tags);
}

/* A proxy's answers have no options but PXE's own, and dnsmasq reads
 * `dhcp-boot` at its start only: there the URLs become lines of that kind. */
static void
add_url_source(const struct cg_dhcp *dhcp, unsigned server,
               struct cg_strbuf *out)
{
    const char *folder = text_at(dhcp, "dhcp.options_dir");

    if (dhcp->mode != CG_DHCP_PROXY) {
        cg_strbuf_printf(out, "dhcp-optsfile=%s\n", folder);
        return;
    }
    cg_strbuf_printf(
        out,
        "conf-script=cat %s/*.conf 2>/dev/null | sed -n "
        "'s/^\\(tag:edge-url,tag:[a-z0-9-]*\\),option:bootfile-name,"
        "\\(https:[-A-Za-z0-9._:\\/]*\\)$/dhcp-boot=\\1,\\2,,%s/p'\n",
        folder, address_of(dhcp, server));
}

static void
add_urls(const struct cg_dhcp *dhcp, unsigned server, struct cg_strbuf *out)
{
    if (!cg_dhcp_needs_token(dhcp)) {
        return; /* the ROM that has the certificate has the URL */
    }
    cg_strbuf_printf(out,
                     "\n# Who is given a boot URL; the URLs stand in %s,\n"
                     "# which dnsmasq reads %s.\n",
                     text_at(dhcp, "dhcp.options_dir"),
                     dhcp->mode == CG_DHCP_PROXY ? "when it starts"
                                                 : "again at SIGHUP");
    add_tag(dhcp, "edge-url", "tag:edge", out);
    if (text_at(dhcp, "dhcp.rom.script") == NULL) {
        add_tag(dhcp, "edge-url", "tag:ipxe", out);
    }
    /* firmware shows no certificate, and is not answered by a proxy */
    if (!cg_dhcp_needs_cert(dhcp) && dhcp->mode != CG_DHCP_PROXY) {
        add_tag(dhcp, "edge-http64", "tag:http64," FIRMWARE, out);
        add_tag(dhcp, "edge-httparm64", "tag:httparm64," FIRMWARE, out);
        cg_strbuf_puts(out, "dhcp-option-force=tag:edge-http64,60,HTTPClient\n"
                            "dhcp-option-force=tag:edge-httparm64,60,"
                            "HTTPClient\n");
    }
    add_url_source(dhcp, server, out);
}

/* All MACs make the node known; the first one has the address. A control plane
 * is not enrolled, and keeps its address all the same. */
static void
add_hosts(const struct cg_dhcp *dhcp, const struct cg_node *const *nodes,
          size_t count, struct cg_strbuf *out)
{
    cg_strbuf_puts(out, count > 0 ? "\n# Nodes.\n" : "");
    for (size_t i = 0; i < count; i++) {
        const struct cg_node *node = nodes[i];

        for (size_t n = 0; n < node->mac_count; n++) {
            bool has_address =
                n == 0 && node->address != NULL && dhcp->mode != CG_DHCP_PROXY;

            if (node->is_controlplane && !has_address) {
                continue;
            }
            cg_strbuf_printf(out, "dhcp-host=%s", node->macs[n]);
            if (!node->is_controlplane) {
                cg_strbuf_printf(out, ",set:node-%s", node->name);
            }
            if (has_address) {
                cg_strbuf_printf(out, ",%s", node->address);
            }
            cg_strbuf_putc(out, '\n');
        }
    }
}

static void
add_extra(const struct cg_dhcp *dhcp, struct cg_strbuf *out)
{
    const struct cg_tree *line;

    for (size_t i = 0; (line = cg_dhcp_item(dhcp, "dhcp.extra", i)) != NULL;
         i++) {
        cg_strbuf_printf(out, "%s%s\n", i == 0 ? "\n# From dhcp.extra.\n" : "",
                         line->text);
    }
}

void
cg_dnsmasq_format(const struct cg_dhcp *dhcp, unsigned server,
                  const struct cg_node *const *nodes, size_t count,
                  struct cg_strbuf *out)
{
    add_head(dhcp, server, out);
    add_server(dhcp, count, out);
    add_clients(out);
    add_relay(dhcp, out);
    add_range(dhcp, server, out);
    add_options(dhcp, server, out);
    add_roms(dhcp, server, out);
    add_urls(dhcp, server, out);
    add_hosts(dhcp, nodes, count, out);
    add_extra(dhcp, out);
}

static int
by_site(const void *left, const void *right)
{
    const struct cg_node *a = *(const struct cg_node *const *)left;
    const struct cg_node *b = *(const struct cg_node *const *)right;
    int order = strcmp(a->site, b->site);

    return order != 0 ? order : (a > b) - (a < b);
}

/* All nodes, those of a site together, in the order of the inventory. */
static const struct cg_node **
sort_nodes(const struct cg_model *model)
{
    const struct cg_node **nodes =
        cg_arena_array(model->arena, model->count + 1, sizeof(*nodes));

    for (size_t i = 0; i < model->count; i++) {
        nodes[i] = &model->nodes[i];
    }
    if (model->count > 0) {
        qsort(nodes, model->count, sizeof(*nodes), by_site);
    }
    return nodes;
}

/* Where a site's nodes begin, by halving; how many follow is in *ret_count. */
static const struct cg_node *const *
nodes_of(const struct cg_node *const *nodes, size_t count, const char *site,
         size_t *ret_count)
{
    size_t low = 0, high = count, end;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(nodes[middle]->site, site) < 0) {
            low = middle + 1;
        } else {
            high = middle;
        }
    }
    end = low;
    while (end < count && strcmp(nodes[end]->site, site) == 0) {
        end++;
    }
    *ret_count = end - low;
    return nodes + low;
}

static void
add_site(const struct cg_publication *pub, const struct cg_dhcp *dhcp,
         const struct cg_node *const *nodes, size_t count)
{
    static const char *const numbers[] = { "-1", "-2" };

    for (unsigned server = 0; server < dhcp->servers; server++) {
        CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

        cg_dnsmasq_format(dhcp, server, nodes, count, &text);
        cg_output_add(pub->output, CG_PHASE_CONTENT,
                      cg_arena_printf(pub->model->arena, FOLDER "/%s%s.conf",
                                      dhcp->site,
                                      dhcp->servers > 1 ? numbers[server] : ""),
                      cg_strbuf_bytes(&text), FILE_MODE);
    }
}

/* A file of an earlier publication that nothing of this one replaced. */
static bool
is_ours(const struct cg_publication *pub, const char *path)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

    return cg_file_read(cg_arena_printf(pub->model->arena, "%s/%s",
                                        cg_output_root(pub->output), path),
                        OLD_FILE_MAX, &text, NULL) &&
           text.len >= strlen(MARK) &&
           strncmp(text.text, MARK, strlen(MARK)) == 0;
}

static void
prune(const struct cg_publication *pub)
{
    struct cg_arena *arena = pub->model->arena;
    const struct dirent *entry;
    DIR *dir;

    dir = opendir(
        cg_arena_printf(arena, "%s/" FOLDER, cg_output_root(pub->output)));
    if (dir == NULL) {
        return;
    }
    while ((entry = readdir(dir)) != NULL) {
        const char *path = cg_arena_printf(arena, FOLDER "/%s", entry->d_name);

        if (entry->d_name[0] != '.' && !cg_output_has(pub->output, path) &&
            is_ours(pub, path)) {
            cg_output_remove(pub->output, path);
        }
    }
    (void)closedir(dir);
}

/* Emitters run after errors as well; what is missing here was reported. */
static bool
is_whole(const struct cg_dhcp *dhcp)
{
    uint32_t first, last;

    return dhcp->has_network &&
           (dhcp->mode == CG_DHCP_PROXY
                ? address_of(dhcp, dhcp->servers - 1) != NULL
                : cg_dhcp_share(dhcp, dhcp->servers - 1, &first, &last));
}

bool
cg_emit_dnsmasq(const struct cg_publication *pub)
{
    const struct cg_model *model = pub->model;
    const struct cg_tree *sites = cg_tree_get(model->inventory.top, "sites");
    const struct cg_node **nodes = sort_nodes(model);

    for (size_t i = 0; sites->kind == CG_MAP && i < sites->count; i++) {
        const struct cg_node *const *mine;
        struct cg_dhcp dhcp;
        size_t count = 0;

        if (cg_dhcp_read(sites->entries[i].key, sites->entries[i].value,
                         &dhcp) &&
            is_whole(&dhcp)) {
            mine = nodes_of(nodes, model->count, dhcp.site, &count);
            add_site(pub, &dhcp, mine, count);
        }
    }
    prune(pub);
    return true;
}
