/*
 * What is well formed and still wrong: rules over the inventory and over each
 * rendered config. A rule is a row of a table: its id, what it is about, and
 * the function that looks. Rules add findings and go on.
 */
#ifndef CG_LINT_H
#define CG_LINT_H

#include "model/cg_node.h"

struct cg_rule {
    const char *id, *help;
    enum cg_severity severity;
    /* One of the two. */
    void (*on_model)(struct cg_model *model);
    void (*on_node)(struct cg_model *model, const struct cg_node *node);
};

extern const struct cg_rule cg_rules[];
extern const size_t cg_rules_count;

/* Rules over the whole inventory; before anything is rendered. */
void cg_lint_model(struct cg_model *model);

/* Rules over one node's documents, all patches applied. */
void cg_lint_node(struct cg_model *model, const struct cg_node *node);

/* The rendered config names a disk or selects one. */
bool cg_lint_has_disk(const struct cg_node *node);

/* After one patch: it must not have changed what a more specific level set in
 * a typed field. */
void cg_lint_override(struct cg_model *model, const struct cg_node *node,
                      const struct cg_patch *patch,
                      const struct cg_trees *before);

/* The rules, for the table. */
void cg_rule_duplicate_id(struct cg_model *model);
void cg_rule_gate(struct cg_model *model);
void cg_rule_no_id(struct cg_model *model);
void cg_rule_versions(struct cg_model *model);
void cg_rule_enroll(struct cg_model *model);
void cg_rule_controlplanes(struct cg_model *model);
void cg_rule_address(struct cg_model *model);
void cg_rule_disk_name(struct cg_model *model);
void cg_rule_boot_args(struct cg_model *model);
void cg_rule_labels(struct cg_model *model);
void cg_rule_overlap(struct cg_model *model);
void cg_rule_module(struct cg_model *model);
void cg_rule_dhcp(struct cg_model *model);
void cg_rule_dhcp_text(struct cg_model *model);
void cg_rule_dhcp_rom(struct cg_model *model);
void cg_rule_rom_with_key(struct cg_model *model);
void cg_rule_dhcp_url(struct cg_model *model);
void cg_rule_dhcp_reservation(struct cg_model *model);
void cg_rule_dhcp_mac(struct cg_model *model);
void cg_rule_tags(struct cg_model *model);
void cg_rule_tailnet_name(struct cg_model *model);
void cg_rule_logs(struct cg_model *model);
void cg_rule_options(struct cg_model *model, const struct cg_node *node);
void cg_rule_disk(struct cg_model *model, const struct cg_node *node);
void cg_rule_tailscale(struct cg_model *model, const struct cg_node *node);
void cg_rule_placeholder(struct cg_model *model, const struct cg_node *node);
void cg_rule_oauth(struct cg_model *model, const struct cg_node *node);
void cg_rule_hostname(struct cg_model *model, const struct cg_node *node);

void cg_rule_boot_loop(struct cg_model *model);
void cg_rule_mtu(struct cg_model *model);
void cg_rule_link_mtu(struct cg_model *model, const struct cg_node *node);
void cg_rule_cluster_ca(struct cg_model *model);
void cg_rule_install_disk(struct cg_model *model, const struct cg_node *node);
void cg_rule_installer(struct cg_model *model, const struct cg_node *node);
void cg_rule_system_volume(struct cg_model *model, const struct cg_node *node);
void cg_rule_ca_endpoint(struct cg_model *model, const struct cg_node *node);
void cg_rule_config_ca(struct cg_model *model, const struct cg_node *node);
void cg_rule_files(struct cg_model *model, const struct cg_node *node);
void cg_rule_permissions(struct cg_model *model, const struct cg_node *node);
void cg_rule_twice(struct cg_model *model, const struct cg_node *node);
void cg_rule_node_ip(struct cg_model *model, const struct cg_node *node);
void cg_rule_ambiguous(struct cg_model *model, const struct cg_node *node);
void cg_rule_dhcp_off(struct cg_model *model, const struct cg_node *node);
void cg_rule_plain_secret(struct cg_model *model, const struct cg_node *node);

#endif
