/* The table of inventory keys; see cg_key.h. */
#include "model/cg_key.h"

#include <string.h>

#include "ea_nodes.h"

#define WORD_MAX 64

static const char *const role_words[] = { "worker", "controlplane", NULL };
static const char *const boot_words[] = { "gate", "none", NULL };
static const char *const require_words[] = { "token", "cert", "token+cert",
                                             NULL };
static const char *const token_words[] = { "node", "site", NULL };
static const char *const mode_words[] = { "allowlist", "tofu", "approve",
                                          NULL };
static const char *const assets_words[] = { "list", "matchbox", NULL };
static const char *const disk_words[] = { "ssd", "hdd", "nvme", "sd", NULL };
static const char *const arch_words[] = { "amd64", "arm64", NULL };
static const char *const cni_words[] = { "flannel", "none", NULL };
static const char *const encapsulation_words[] = { "none", "geneve", "vxlan",
                                                   "wireguard", NULL };
static const char *const dhcp_words[] = { "full", "proxy", "relay", "none",
                                          NULL };

#define ALL CG_AT_LAYERS

/* clang-format off: one row per key */
const struct cg_key cg_keys[] = {
    { "version", CG_AT_TOP, CG_TAKES_NUMBER, CG_MERGE_REPLACE, NULL,
      "version of this format", NULL, 1, 1 },
    { "images_lock", CG_AT_TOP, CG_TAKES_TEXT, CG_MERGE_REPLACE, "images.lock",
      "file that names the boot images, beside the inventory", NULL, 0, 0 },
    { "clusters", CG_AT_TOP, CG_TAKES_CLUSTERS, CG_MERGE_REPLACE, NULL,
      "what is common to a cluster, by its name", NULL, 0, 0 },
    { "sites", CG_AT_TOP, CG_TAKES_SITES, CG_MERGE_REPLACE, NULL,
      "what is common to a location, by its name", NULL, 0, 0 },
    { "nodes", CG_AT_TOP, CG_TAKES_NODES, CG_MERGE_REPLACE, NULL,
      "what is special about a machine, by its name", NULL, 0, 0 },

    { "endpoint", CG_AT_CLUSTER, CG_TAKES_URL, CG_MERGE_REPLACE, NULL,
      "URL of the Kubernetes API, as nodes reach it", NULL, 0, 0 },
    { "contract", CG_AT_CLUSTER, CG_TAKES_CONTRACT, CG_MERGE_REPLACE, "v1.13",
      "shape of the machine configs; pinned", NULL, 0, 0 },
    { "kubernetes", CG_AT_CLUSTER, CG_TAKES_VERSION, CG_MERGE_REPLACE, NULL,
      "version of Kubernetes", NULL, 0, 0 },
    { "secrets", CG_AT_CLUSTER, CG_TAKES_FILE, CG_MERGE_REPLACE, NULL,
      "the cluster's secrets bundle", NULL, 0, 0 },
    { "network.cni", CG_AT_CLUSTER, CG_TAKES_WORD, CG_MERGE_REPLACE, "flannel",
      "network plug-in that Talos installs", cni_words, 0, 0 },
    { "network.encapsulation", CG_AT_CLUSTER, CG_TAKES_WORD, CG_MERGE_REPLACE,
      NULL, "how the network plug-in wraps packets; for checks only",
      encapsulation_words, 0, 0 },
    { "network.mtu", CG_AT_CLUSTER, CG_TAKES_NUMBER, CG_MERGE_REPLACE, NULL,
      "MTU of the pods' interfaces; for checks only", NULL, 576, 65535 },
    { "network.reserved", CG_AT_CLUSTER, CG_TAKES_CIDRS, CG_MERGE_UNITE, NULL,
      "networks that nothing else may overlap; for checks only", NULL, 0, 0 },
    { "network.ports", CG_AT_CLUSTER, CG_TAKES_PORTS, CG_MERGE_UNITE, NULL,
      "ports that nodes open to each other; for tailnet-policy only", NULL, 0,
      0 },
    { "tailscale.operators", CG_AT_CLUSTER, CG_TAKES_PEOPLE, CG_MERGE_REPLACE,
      NULL, "who may reach control planes; for tailnet-policy only", NULL, 0,
      0 },
    { "tailscale.scrapers", CG_AT_CLUSTER, CG_TAKES_PEERS, CG_MERGE_REPLACE,
      NULL, "who may read metrics of nodes; for tailnet-policy only", NULL, 0,
      0 },
    { "tailscale.groups", CG_AT_CLUSTER, CG_TAKES_GROUPS, CG_MERGE_KEYS, NULL,
      "who is in the groups of the two above; for tailnet-policy only", NULL, 0,
      0 },
    { "gate.boot", CG_AT_CLUSTER, CG_TAKES_URL, CG_MERGE_REPLACE, NULL,
      "public URL of the gate for iPXE with a token", NULL, 0, 0 },
    { "gate.boot_mtls", CG_AT_CLUSTER, CG_TAKES_URL, CG_MERGE_REPLACE, NULL,
      "public URL of the gate for iPXE with a certificate", NULL, 0, 0 },
    { "gate.config", CG_AT_CLUSTER, CG_TAKES_URL, CG_MERGE_REPLACE, NULL,
      "public URL of the gate for Talos", NULL, 0, 0 },
    { "gate.config_ca", CG_AT_CLUSTER, CG_TAKES_FILE, CG_MERGE_REPLACE, NULL,
      "PEM file of the private CA behind gate.config; absent: a public one",
      NULL, 0, 0 },
    { "gate.trust_domain", CG_AT_CLUSTER, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "trust domain in client certificates", NULL, 0, 0 },
    { "roles", CG_AT_CLUSTER, CG_TAKES_ROLES, CG_MERGE_REPLACE, NULL,
      "what is common to a role, by its name: worker, controlplane", NULL, 0,
      0 },

    { "talos", ALL, CG_TAKES_VERSION, CG_MERGE_REPLACE, NULL,
      "version of Talos: installer image and boot images", NULL, 0, 0 },
    { "hostname", ALL, CG_TAKES_HOSTNAME, CG_MERGE_REPLACE, "{node}",
      "hostname; {node} {site} {cluster} {role} are filled in; "
      "{from: platform} leaves it to the platform",
      NULL, 0, 0 },
    { "node_ip", ALL, CG_TAKES_NODE_IP, CG_MERGE_REPLACE, NULL,
      "networks the kubelet takes its address from: tailnet, lan, or a list",
      NULL, 0, 0 },
    { "kubelet.extra_args", ALL, CG_TAKES_ARGS, CG_MERGE_KEYS, NULL,
      "arguments of the kubelet", NULL, 0, 0 },
    { "modules", ALL, CG_TAKES_MODULES, CG_MERGE_UNITE, NULL,
      "kernel modules to load: name, or {name: [parameter]}", NULL, 0, 0 },
    { "labels", ALL, CG_TAKES_LABELS, CG_MERGE_KEYS, NULL,
      "labels of the Kubernetes node", NULL, 0, 0 },
    { "taints", ALL, CG_TAKES_TAINTS, CG_MERGE_KEYS, NULL,
      "taints of the Kubernetes node: key: \"[value:]Effect\"", NULL, 0, 0 },
    { "patches", ALL, CG_TAKES_FILES, CG_MERGE_UNITE, NULL,
      "Talos patch files, applied in order, the most specific last", NULL, 0,
      0 },
    { "network.ignore", ALL, CG_TAKES_LIST, CG_MERGE_UNITE, NULL,
      "network interfaces that Talos leaves alone", NULL, 0, 0 },
    { "install.disk", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "disk that Talos is installed on", NULL, 0, 0 },
    { "install.disk_selector.size", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "instead of install.disk: size of the disk, such as '>= 100GB'", NULL, 0,
      0 },
    { "install.disk_selector.type", ALL, CG_TAKES_WORD, CG_MERGE_REPLACE, NULL,
      "kind of the disk", disk_words, 0, 0 },
    { "install.disk_selector.model", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "model of the disk; * stands for any text, here and below", NULL, 0, 0 },
    { "install.disk_selector.serial", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      NULL, "serial number of the disk", NULL, 0, 0 },
    { "install.disk_selector.wwid", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "world-wide id of the disk", NULL, 0, 0 },
    { "install.disk_selector.uuid", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "UUID of the disk", NULL, 0, 0 },
    { "install.disk_selector.modalias", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      NULL, "modalias of the disk", NULL, 0, 0 },
    { "install.disk_selector.bus_path", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      NULL, "where the disk is attached", NULL, 0, 0 },
    { "install.wipe", ALL, CG_TAKES_BOOL, CG_MERGE_REPLACE, "false",
      "wipe the whole disk before Talos is installed on it", NULL, 0, 0 },
    { "install.legacy_bios", ALL, CG_TAKES_BOOL, CG_MERGE_REPLACE, "false",
      "mark the disk for a BIOS that boots none without an active partition",
      NULL, 0, 0 },
    { "install.grub_use_uki_cmdline", ALL, CG_TAKES_BOOL, CG_MERGE_REPLACE,
      "true", "the installed system has the image's kernel arguments alone",
      NULL, 0, 0 },
    { "image.extensions", ALL, CG_TAKES_LIST, CG_MERGE_UNITE, NULL,
      "system extensions in the image", NULL, 0, 0 },
    { "image.kernel_args", ALL, CG_TAKES_LIST, CG_MERGE_UNITE, NULL,
      "kernel arguments of the installed system", NULL, 0, 0 },
    { "image.platform", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, "metal",
      "platform the image is made for", NULL, 0, 0 },
    { "image.arch", ALL, CG_TAKES_WORD, CG_MERGE_REPLACE, "amd64",
      "processor architecture", arch_words, 0, 0 },
    { "image.factory", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      "factory.talos.dev", "host that builds the images", NULL, 0, 0 },
    { "image.installer", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "installer image, instead of the one of the schematic", NULL, 0, 0 },
    { "boot_args", ALL, CG_TAKES_LIST, CG_MERGE_UNITE, NULL,
      "kernel arguments of the network boot only", NULL, 0, 0 },
    { "profile", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "Matchbox profile to fill in, instead of the installed one", NULL, 0, 0 },
    { "tailscale.tags", ALL, CG_TAKES_LIST, CG_MERGE_UNITE, NULL,
      "tags of the node in the tailnet", NULL, 0, 0 },
    { "tailscale.advertise_tags", ALL, CG_TAKES_BOOL, CG_MERGE_REPLACE, "true",
      "ask for the tags; false for a key that has them; never where the gate "
      "puts one in",
      NULL, 0, 0 },
    { "tailscale.key.file", ALL, CG_TAKES_FILE, CG_MERGE_REPLACE, NULL,
      "file with a fixed auth key, for labs; absent: the gate puts one in",
      NULL, 0, 0 },
    { "tailscale.hostname", ALL, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "name of the node in the tailnet", NULL, 0, 0 },
    { "tailscale.routes", ALL, CG_TAKES_ROUTES, CG_MERGE_REPLACE, NULL,
      "networks that the node routes for the tailnet", NULL, 0, 0 },
    { "tailscale.accept_routes", ALL, CG_TAKES_BOOL, CG_MERGE_REPLACE, "false",
      "use the networks that others route", NULL, 0, 0 },
    { "tailscale.metrics", ALL, CG_TAKES_BOOL, CG_MERGE_REPLACE, "false",
      "serve the extension's metrics, to the tailnet alone", NULL, 0, 0 },
    { "tailscale.metrics_port", ALL, CG_TAKES_NUMBER, CG_MERGE_REPLACE, "9002",
      "port of the metrics", NULL, 1, 65535 },
    { "tailscale.login_server", ALL, CG_TAKES_URL, CG_MERGE_REPLACE, NULL,
      "control server, if not Tailscale's own", NULL, 0, 0 },
    { "tailscale.env", ALL, CG_TAKES_TEXTS, CG_MERGE_KEYS, NULL,
      "further variables of the Tailscale extension", NULL, 0, 0 },
    { "logs.kernel", ALL, CG_TAKES_RECEIVER, CG_MERGE_REPLACE, NULL,
      "where the kernel's log goes, unencrypted", NULL, 0, 0 },
    { "logs.services", ALL, CG_TAKES_RECEIVER, CG_MERGE_REPLACE, NULL,
      "where the logs of Talos' services go, unencrypted", NULL, 0, 0 },

    { "cluster", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "cluster the site's nodes belong to", NULL, 0, 0 },
    { "boot", CG_AT_SITE, CG_TAKES_WORD, CG_MERGE_REPLACE, "gate",
      "gate: nodes boot through it; none: configs only", boot_words, 0, 0 },
    { "enroll.require", CG_AT_SITE, CG_TAKES_WORD, CG_MERGE_REPLACE, "token",
      "what a node must show to boot", require_words, 0, 0 },
    { "enroll.token", CG_AT_SITE, CG_TAKES_WORD, CG_MERGE_REPLACE, "node",
      "one token per node, or one for the site", token_words, 0, 0 },
    { "enroll.mode", CG_AT_SITE, CG_TAKES_WORD, CG_MERGE_REPLACE, "allowlist",
      "who may claim an enrollment", mode_words, 0, 0 },
    { "enroll.ttl", CG_AT_SITE, CG_TAKES_DURATION, CG_MERGE_REPLACE, "24h",
      "how long an enrollment stays open", NULL, EA_TTL_MIN, EA_TTL_MAX },
    { "enroll.redeliver", CG_AT_SITE, CG_TAKES_NUMBER, CG_MERGE_REPLACE, "2",
      "further claims after a config was delivered", NULL, 0,
      EA_REDELIVER_MAX },
    { "enroll.bind_source", CG_AT_SITE, CG_TAKES_BOOL, CG_MERGE_REPLACE,
      "false", "later requests must come from the first one's address", NULL, 0,
      0 },
    { "enroll.assets", CG_AT_SITE, CG_TAKES_WORD, CG_MERGE_REPLACE, "list",
      "boot files: those of images.lock, or any that Matchbox has",
      assets_words, 0, 0 },
    { "dhcp.mode", CG_AT_SITE, CG_TAKES_WORD, CG_MERGE_REPLACE, "none",
      "full: the site's DHCP server; proxy: beside another one; relay: for a "
      "site behind a relay",
      dhcp_words, 0, 0 },
    { "dhcp.servers", CG_AT_SITE, CG_TAKES_NUMBER, CG_MERGE_REPLACE, "1",
      "DHCP servers that share the range and know all reservations", NULL, 1,
      2 },
    { "dhcp.address", CG_AT_SITE, CG_TAKES_LIST, CG_MERGE_REPLACE, NULL,
      "addresses of the DHCP servers, one each", NULL, 0, 0 },
    { "dhcp.interface", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "interface of the DHCP server", NULL, 0, 0 },
    { "dhcp.network", CG_AT_SITE, CG_TAKES_CIDR, CG_MERGE_REPLACE, NULL,
      "the site's network", NULL, 0, 0 },
    { "dhcp.router", CG_AT_SITE, CG_TAKES_ADDRESS, CG_MERGE_REPLACE, NULL,
      "the site's router", NULL, 0, 0 },
    { "dhcp.dns", CG_AT_SITE, CG_TAKES_LIST, CG_MERGE_REPLACE, NULL,
      "the site's name servers", NULL, 0, 0 },
    { "dhcp.domain", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "the site's domain", NULL, 0, 0 },
    { "dhcp.range", CG_AT_SITE, CG_TAKES_LIST, CG_MERGE_REPLACE, NULL,
      "first and last address to hand out", NULL, 0, 0 },
    { "dhcp.lease", CG_AT_SITE, CG_TAKES_DURATION, CG_MERGE_REPLACE, "12h",
      "how long a lease lasts", NULL, 120, 30L * 86400 },
    { "dhcp.rom.efi64", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "boot file for UEFI", NULL, 0, 0 },
    { "dhcp.rom.arm64", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "boot file for UEFI on arm64", NULL, 0, 0 },
    { "dhcp.rom.bios", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "boot file for BIOS", NULL, 0, 0 },
    { "dhcp.rom.tftp_root", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "folder of the boot files", NULL, 0, 0 },
    { "dhcp.rom.script", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "script in that folder for an iPXE that has none of its own", NULL, 0,
      0 },
    { "dhcp.relay.circuit_id", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      NULL, "circuit id that the site's relay puts into option 82", NULL, 0,
      0 },
    { "dhcp.relay.remote_id", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "remote id that the site's relay puts into option 82", NULL, 0, 0 },
    { "dhcp.relay.subscriber_id", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      NULL, "subscriber id that the site's relay puts into option 82", NULL, 0,
      0 },
    { "dhcp.options_dir", CG_AT_SITE, CG_TAKES_TEXT, CG_MERGE_REPLACE,
      "/etc/edge-dnsmasq/options",
      "folder on the DHCP server that `edge-auth token create --dnsmasq` fills",
      NULL, 0, 0 },
    { "dhcp.extra", CG_AT_SITE, CG_TAKES_LIST, CG_MERGE_UNITE, NULL,
      "further lines of the DHCP configuration, as they are", NULL, 0, 0 },

    { "site", CG_AT_NODE, CG_TAKES_TEXT, CG_MERGE_REPLACE, NULL,
      "site the node stands at", NULL, 0, 0 },
    { "role", CG_AT_NODE, CG_TAKES_WORD, CG_MERGE_REPLACE, "worker",
      "what the node is in its cluster", role_words, 0, 0 },
    { "hardware.uuid", CG_AT_NODE, CG_TAKES_UUID, CG_MERGE_REPLACE, NULL,
      "SMBIOS UUID", NULL, 0, 0 },
    { "hardware.serial", CG_AT_NODE, CG_TAKES_SERIAL, CG_MERGE_REPLACE, NULL,
      "SMBIOS serial number", NULL, 0, 0 },
    { "hardware.macs", CG_AT_NODE, CG_TAKES_MACS, CG_MERGE_REPLACE, NULL,
      "MAC addresses, the one that boots first", NULL, 0, 0 },
    { "address", CG_AT_NODE, CG_TAKES_ADDRESS, CG_MERGE_REPLACE, NULL,
      "address that DHCP reserves for the first MAC", NULL, 0, 0 },
};
/* clang-format on */

const size_t cg_keys_count = sizeof(cg_keys) / sizeof(cg_keys[0]);

const struct cg_key *
cg_key_find(const char *path, unsigned level)
{
    for (size_t i = 0; i < cg_keys_count; i++) {
        if ((cg_keys[i].levels & level) != 0 &&
            strcmp(cg_keys[i].path, path) == 0) {
            return &cg_keys[i];
        }
    }
    return NULL;
}

/* What follows `prefix.` in a row's path, or NULL; with "" the whole path. */
static const char *
below(const struct cg_key *key, const char *prefix)
{
    size_t len = strlen(prefix);

    if (len == 0) {
        return key->path;
    }
    if (strncmp(key->path, prefix, len) != 0 || key->path[len] != '.') {
        return NULL;
    }
    return key->path + len + 1;
}

bool
cg_key_is_group(const char *path, unsigned level)
{
    for (size_t i = 0; i < cg_keys_count; i++) {
        if ((cg_keys[i].levels & level) != 0 &&
            below(&cg_keys[i], path) != NULL) {
            return true;
        }
    }
    return false;
}

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned
cg_key_distance(const char *a, const char *b, unsigned limit)
{
    unsigned rows[3][WORD_MAX + 1];
    size_t la = strlen(a), lb = strlen(b);

    if (la > WORD_MAX || lb > WORD_MAX) {
        return limit + 1;
    }
    for (unsigned j = 0; j <= lb; j++) {
        rows[0][j] = j;
    }
    for (size_t i = 1; i <= la; i++) {
        unsigned *now = rows[i % 3];
        const unsigned *last = rows[(i - 1) % 3];
        const unsigned *before = rows[(i + 1) % 3];

        now[0] = (unsigned)i;
        for (size_t j = 1; j <= lb; j++) {
            unsigned differs = a[i - 1] != b[j - 1];

            now[j] = least(last[j - 1] + differs,
                           least(last[j] + 1, now[j - 1] + 1));
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
                a[i - 2] == b[j - 1]) {
                now[j] = least(now[j], before[j - 2] + 1);
            }
        }
    }
    return least(rows[la % 3][lb], limit + 1);
}

const char *
cg_key_nearest(struct cg_arena *arena, const char *prefix, unsigned level,
               const char *word)
{
    unsigned limit = strlen(word) < 4 ? 1 : strlen(word) < 8 ? 2 : 3;
    const char *nearest = NULL;

    for (size_t i = 0; i < cg_keys_count; i++) {
        const char *rest = below(&cg_keys[i], prefix);
        unsigned distance;
        char *name;

        if ((cg_keys[i].levels & level) == 0 || rest == NULL) {
            continue;
        }
        name = cg_arena_copy(arena, rest, strcspn(rest, "."));
        distance = cg_key_distance(word, name, limit);
        if (distance <= limit) {
            nearest = name;
            limit = distance == 0 ? 0 : distance - 1;
        }
    }
    return nearest;
}

static const struct {
    unsigned level;
    const char *name, *many;
} levels[] = {
    { CG_AT_TOP, "the inventory", "the top" },
    { CG_AT_CLUSTER, "a cluster", "clusters" },
    { CG_AT_ROLE, "a role", "roles" },
    { CG_AT_SITE, "a site", "sites" },
    { CG_AT_NODE, "a node", "nodes" },
};

const char *
cg_level_name(unsigned level)
{
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if (levels[i].level == level) {
            return levels[i].name;
        }
    }
    return "";
}

const char *
cg_key_elsewhere(struct cg_arena *arena, const char *path)
{
    const char *text = NULL;
    unsigned at = 0;

    for (size_t i = 0; i < cg_keys_count; i++) {
        if (strcmp(cg_keys[i].path, path) == 0 ||
            below(&cg_keys[i], path) != NULL) {
            at |= cg_keys[i].levels;
        }
    }
    for (size_t i = 0; i < sizeof(levels) / sizeof(levels[0]); i++) {
        if ((at & levels[i].level) != 0) {
            text = cg_arena_printf(arena, "%s%s%s", text == NULL ? "" : text,
                                   text == NULL ? "" : ", ", levels[i].many);
        }
    }
    return text;
}

const char *
cg_takes_name(enum cg_takes takes)
{
    static const char *const names[] = {
        [CG_TAKES_NOTHING] = "nothing",
        [CG_TAKES_TEXT] = "text",
        [CG_TAKES_WORD] = "a word",
        [CG_TAKES_BOOL] = "true or false",
        [CG_TAKES_NUMBER] = "a number",
        [CG_TAKES_DURATION] = "a duration such as 24h",
        [CG_TAKES_URL] = "a URL https://host[:port]",
        [CG_TAKES_VERSION] = "a version such as v1.13.3",
        [CG_TAKES_CONTRACT] = "a version such as v1.13",
        [CG_TAKES_ADDRESS] = "an IP address",
        [CG_TAKES_CIDR] = "a network such as 10.0.0.0/24",
        [CG_TAKES_CIDRS] = "a list of networks such as 10.0.0.0/24",
        [CG_TAKES_ROUTES] = "a list of networks such as 10.0.0.0/24",
        [CG_TAKES_NODE_IP] = "tailnet, lan, or a list of networks",
        [CG_TAKES_HOSTNAME] = "text, or {from: platform}",
        [CG_TAKES_LIST] = "a list of text",
        [CG_TAKES_PORTS] = "a list of ports such as tcp:7000-7999",
        [CG_TAKES_RECEIVER] = "a URL tcp://host:port or udp://host:port",
        [CG_TAKES_PEOPLE] = "a list of user@domain or group:name",
        [CG_TAKES_PEERS] = "a list of tag:name, user@domain or group:name",
        [CG_TAKES_GROUPS] = "a mapping of group:name to a list of user@domain",
        [CG_TAKES_MACS] = "a list of MAC addresses",
        [CG_TAKES_UUID] = "a UUID",
        [CG_TAKES_SERIAL] = "a serial number",
        [CG_TAKES_TEXTS] = "a mapping of text to text",
        [CG_TAKES_LABELS] = "a mapping of label to value",
        [CG_TAKES_TAINTS] = "a mapping of key to \"[value:]Effect\"",
        [CG_TAKES_ARGS] = "a mapping of argument to value",
        [CG_TAKES_MODULES] = "a list of module names, or {name: [parameter]}",
        [CG_TAKES_FILE] = "a path, or {command: [program, argument, ...]}",
        [CG_TAKES_FILES] =
            "a list of paths, or {command: [program, argument, ...]}",
        [CG_TAKES_SITES] = "a mapping of site names",
        [CG_TAKES_NODES] = "a mapping of node names",
        [CG_TAKES_CLUSTERS] = "a mapping of cluster names",
        [CG_TAKES_ROLES] = "a mapping of role names",
    };
    return names[takes];
}
