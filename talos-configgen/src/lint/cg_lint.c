/* The table of rules; see cg_lint.h. */
#include "lint/cg_lint.h"

/* clang-format off: one row per rule */
const struct cg_rule cg_rules[] = {
    { "duplicate-id", "two nodes have the same UUID, serial, MAC or address",
      CG_ERROR, cg_rule_duplicate_id, NULL },
    { "gate", "nodes boot through a gate whose URLs are not given", CG_ERROR,
      cg_rule_gate, NULL },
    { "no-id", "a node that boots through the gate declares no hardware id",
      CG_ERROR, cg_rule_no_id, NULL },
    { "versions", "the contract is newer than a node's Talos", CG_ERROR,
      cg_rule_versions, NULL },
    { "enroll", "an enrollment policy that cannot work", CG_ERROR,
      cg_rule_enroll, NULL },
    { "controlplane", "control planes are not rendered; an even number of them",
      CG_WARNING, cg_rule_controlplanes, NULL },
    { "address", "a reserved address outside the site's network", CG_ERROR,
      cg_rule_address, NULL },
    { "disk-name", "an install disk by a name that may change (/dev/sdX)",
      CG_WARNING, cg_rule_disk_name, NULL },
    { "boot-loop", "arguments that wipe the disk at every boot", CG_WARNING,
      cg_rule_boot_loop, NULL },
    { "boot-args", "arguments that are lost when Talos is installed",
      CG_WARNING, cg_rule_boot_args, NULL },
    { "label-refused", "labels that a worker may not set on itself", CG_WARNING,
      cg_rule_labels, NULL },
    { "mtu", "packets of pods that are longer than the tailnet carries",
      CG_WARNING, cg_rule_mtu, cg_rule_link_mtu },
    { "cluster-ca", "two clusters share a CA or an endpoint", CG_ERROR,
      cg_rule_cluster_ca, NULL },
    { "overlap",
      "networks that overlap: pods, services, reserved, sites, tailnet, routes",
      CG_ERROR, cg_rule_overlap, NULL },
    { "module-extension", "a kernel module whose extension is not in the image",
      CG_ERROR, cg_rule_module, NULL },
    { "dhcp", "addresses with which a site's DHCP cannot work", CG_ERROR,
      cg_rule_dhcp, NULL },
    { "dhcp-text", "names that dnsmasq would read as something else", CG_ERROR,
      cg_rule_dhcp_text, NULL },
    { "dhcp-rom", "boot files that DHCP names and nobody serves", CG_WARNING,
      cg_rule_dhcp_rom, NULL },
    { "rom-with-key", "a ROM with a client certificate's key on the wire",
      CG_ERROR, cg_rule_rom_with_key, NULL },
    { "dhcp-url", "a boot URL longer than a DHCP answer carries", CG_ERROR,
      cg_rule_dhcp_url, NULL },
    { "dhcp-reservation", "a reserved address that another machine has",
      CG_ERROR, cg_rule_dhcp_reservation, NULL },
    { "dhcp-mac", "a node with a boot URL of its own and no MAC", CG_ERROR,
      cg_rule_dhcp_mac, NULL },
    { "mint-tags",
      "tags that are none, too many, or missing where a key is made", CG_ERROR,
      cg_rule_tags, NULL },
    { "tailnet-name", "a name that no node can have in the tailnet, or two",
      CG_ERROR, cg_rule_tailnet_name, NULL },
    { "logs", "a receiver of logs that nodes do not reach, or in clear",
      CG_WARNING, cg_rule_logs, NULL },
    { "no-disk", "a node that boots through the gate has no install disk",
      CG_ERROR, NULL, cg_rule_disk },
    { "tailscale-config",
      "the Tailscale extension and its configuration go "
      "together",
      CG_ERROR, NULL, cg_rule_tailscale },
    { "placeholder", "an auth key or placeholder that comes from a patch",
      CG_ERROR, NULL, cg_rule_placeholder },
    { "oauth-secret", "a secret that makes auth keys in a node's config",
      CG_ERROR, NULL, cg_rule_oauth },
    { "tailscale-options", "options that undo a key's tags, or a node's routes",
      CG_WARNING, NULL, cg_rule_options },
    { "hostname-twice", "the hostname is set in two places", CG_ERROR, NULL,
      cg_rule_hostname },

    { "install-disk", "an install disk both by name and by conditions",
      CG_ERROR, NULL, cg_rule_install_disk },
    { "installer",
      "the installer image is not of the version or the "
      "extensions that boot over the network",
      CG_WARNING, NULL, cg_rule_installer },
    { "system-volume", "a volume on the system disk, which EPHEMERAL fills",
      CG_WARNING, NULL, cg_rule_system_volume },
    { "ca-endpoint",
      "a patch changes the cluster's CA or its endpoint, and "
      "not the other",
      CG_WARNING, NULL, cg_rule_ca_endpoint },
    { "config-ca", "the document that gate.config_ca makes is changed",
      CG_ERROR, NULL, cg_rule_config_ca },
    { "file-path", "machine.files that Talos cannot create", CG_ERROR, NULL,
      cg_rule_files },
    { "file-permissions", "machine.files without permissions, or in decimal",
      CG_ERROR, NULL, cg_rule_permissions },
    { "typed-and-patched", "a list item both in a typed field and in a patch",
      CG_ERROR, NULL, cg_rule_twice },
    { "node-ip", "the kubelet's address is not pinned on a node with a tailnet",
      CG_WARNING, NULL, cg_rule_node_ip },
    { "yaml-ambiguous", "values that YAML readers take for different things",
      CG_WARNING, NULL, cg_rule_ambiguous },
    { "dhcp-off",
      "a link or DHCP document switches default DHCP off everywhere",
      CG_WARNING, NULL, cg_rule_dhcp_off },
    { "plain-secret", "a secret in a file that is not encrypted", CG_WARNING,
      NULL, cg_rule_plain_secret },
};
/* clang-format on */

const size_t cg_rules_count = sizeof(cg_rules) / sizeof(cg_rules[0]);

void
cg_lint_model(struct cg_model *model)
{
    for (size_t i = 0; i < cg_rules_count; i++) {
        if (cg_rules[i].on_model != NULL) {
            cg_rules[i].on_model(model);
        }
    }
}

void
cg_lint_node(struct cg_model *model, const struct cg_node *node)
{
    for (size_t i = 0; i < cg_rules_count; i++) {
        if (cg_rules[i].on_node != NULL) {
            cg_rules[i].on_node(model, node);
        }
    }
}
