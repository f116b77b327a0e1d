/* Rules over the nodes of an inventory. */
#include <string.h>

#include "ea_ids.h"
#include "lint/cg_lint.h"
#include "model/cg_cidr.h"
#include "model/cg_key_check.h"

static bool
is_gated_worker(const struct cg_node *node)
{
    return node->is_gated && !node->is_controlplane;
}

/* Where a node's key stands, or the node itself. */
static const struct cg_pos *
place(const struct cg_node *node, const char *path)
{
    const struct cg_tree *value = cg_inventory_get(node->layers[3].map, path);

    return value == NULL ? &node->pos : &value->pos;
}

static bool
is_same(const char *a, const char *b)
{
    return a != NULL && b != NULL && strcmp(a, b) == 0;
}

static void
report_same(struct cg_model *model, const struct cg_node *one,
            const struct cg_node *other, const char *path, const char *value)
{
    (void)cg_error(model->diag, place(other, path), "duplicate-id",
                   "'%s' of node '%s' belongs to node '%s' already", value,
                   other->name, one->name);
    cg_also(model->diag, place(one, path), "the first one");
}

static void
compare_macs(struct cg_model *model, const struct cg_node *one,
             const struct cg_node *other)
{
    const struct cg_tree *macs =
        cg_inventory_get(other->layers[3].map, "hardware.macs");

    for (size_t i = 0; i < one->mac_count; i++) {
        for (size_t n = 0; n < other->mac_count; n++) {
            if (one == other && n <= i) {
                continue;
            }
            if (strcmp(one->macs[i], other->macs[n]) != 0) {
                continue;
            }
            (void)cg_error(model->diag,
                           macs == NULL || n >= macs->count
                               ? &other->pos
                               : &macs->items[n]->pos,
                           "duplicate-id",
                           "MAC '%s' of node '%s' belongs to node '%s' already",
                           other->macs[n], other->name, one->name);
            cg_also(model->diag, place(one, "hardware.macs"), "the first one");
        }
    }
}

void
cg_rule_duplicate_id(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *one = &model->nodes[i];

        compare_macs(model, one, one);
        for (size_t n = i + 1; n < model->count; n++) {
            const struct cg_node *other = &model->nodes[n];

            if (one->uuid != NULL && other->uuid != NULL &&
                ea_uuid_is_same(one->uuid, other->uuid)) {
                report_same(model, one, other, "hardware.uuid", other->uuid);
            }
            if (is_same(one->serial, other->serial)) {
                report_same(model, one, other, "hardware.serial",
                            other->serial);
            }
            if (is_same(one->address, other->address) &&
                strcmp(one->site, other->site) == 0) {
                report_same(model, one, other, "address", other->address);
            }
            compare_macs(model, one, other);
        }
    }
}

static bool
requires_certificate(const struct cg_node *node)
{
    const char *word = cg_site_text(node->layers[2].map, "enroll.require");

    return strstr(word, "cert") != NULL;
}

void
cg_rule_gate(struct cg_model *model)
{
    static const struct {
        const char *path;
        bool for_certificates;
    } needed[] = {
        { "gate.boot", false },
        { "gate.config", false },
        { "gate.boot_mtls", true },
        { "gate.trust_domain", true },
    };

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        for (size_t n = 0; n < sizeof(needed) / sizeof(needed[0]); n++) {
            const struct cg_entry *cluster = cg_tree_entry(
                cg_tree_get(model->inventory.top, "clusters"), node->cluster);

            if (!is_gated_worker(node) ||
                cg_inventory_get(node->all, needed[n].path) != NULL ||
                cg_node_is_suspect(model, node, needed[n].path) ||
                (needed[n].for_certificates && !requires_certificate(node))) {
                continue;
            }
            (void)cg_error(model->diag, &cluster->pos, "gate",
                           "nodes of cluster '%s' boot through the gate, and "
                           "it has no '%s'",
                           node->cluster, needed[n].path);
        }
    }
}

void
cg_rule_no_id(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        if (is_gated_worker(node) && node->uuid == NULL &&
            node->mac_count == 0 &&
            !cg_node_is_suspect(model, node, "hardware.macs") &&
            !cg_node_is_suspect(model, node, "hardware.uuid")) {
            (void)cg_error(model->diag, &node->pos, "no-id",
                           "node '%s' boots through the gate and declares "
                           "neither hardware.uuid nor hardware.macs",
                           node->name);
            cg_hint(model->diag, "Matchbox selects its config by one of them");
        }
    }
}

void
cg_rule_versions(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        unsigned contract[3], talos[3];

        if (node->talos == NULL ||
            !cg_key_version(node->contract->text, contract) ||
            !cg_key_version(node->talos->text, talos)) {
            continue;
        }
        if (contract[0] > talos[0] ||
            (contract[0] == talos[0] && contract[1] > talos[1])) {
            (void)cg_error(model->diag, &node->talos->pos, "versions",
                           "Talos %s is older than contract %s",
                           node->talos->text, node->contract->text);
            cg_also(model->diag, &node->contract->pos, "the contract");
        }
    }
}

void
cg_rule_enroll(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        const struct cg_tree *site = node->layers[2].map;
        const struct cg_tree *mode = cg_inventory_get(site, "enroll.mode");

        if (is_gated_worker(node) && mode != NULL &&
            cg_tree_is_text(mode, "tofu") &&
            strcmp(cg_site_text(site, "enroll.token"), "node") != 0) {
            (void)cg_error(model->diag, &mode->pos, "enroll",
                           "mode 'tofu' needs 'token: node': with a site's "
                           "token any machine could be any node");
        }
    }
}

void
cg_rule_controlplanes(struct cg_model *model)
{
    CG_AUTO_STRBUF struct cg_strbuf names = { 0 };
    const struct cg_node *first = NULL;
    size_t count = 0;

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        if (node->is_controlplane) {
            cg_strbuf_printf(&names, "%s%s", count == 0 ? "" : ", ",
                             node->name);
            first = count == 0 ? node : first;
            count++;
        }
    }
    if (count == 0) {
        return;
    }
    cg_warning(model->diag, &first->pos, "controlplane",
               "control planes are not rendered: %s", names.text);
    cg_hint(model->diag, "`talosctl gen config` and apply-config are for them");
    if (count % 2 == 0) {
        cg_warning(model->diag, &first->pos, "controlplane",
                   "%zu control planes tolerate no more failures than %zu",
                   count, count - 1);
    }
}

void
cg_rule_address(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        const struct cg_tree *lan = cg_inventory_get(node->all, "dhcp.network");
        struct cg_cidr net;

        if (node->address != NULL && lan != NULL &&
            cg_cidr_parse(lan->text, &net) &&
            !cg_cidr_contains(&net, node->address)) {
            (void)cg_error(model->diag, place(node, "address"), "address",
                           "address '%s' of node '%s' is not in the network "
                           "%s of site '%s'",
                           node->address, node->name, lan->text, node->site);
            cg_also(model->diag, &lan->pos, "the network");
        }
        if (node->address != NULL && node->mac_count == 0) {
            (void)cg_error(model->diag, place(node, "address"), "address",
                           "node '%s' has an address to reserve and no MAC",
                           node->name);
        }
    }
}

void
cg_rule_disk_name(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_tree *disk = model->nodes[i].disk;

        if (disk != NULL && model->nodes[i].is_gated &&
            strncmp(disk->text, "/dev/sd", 7) == 0) {
            cg_warning(model->diag, &disk->pos, "disk-name",
                       "'%s' may be another disk after the next boot, and "
                       "Talos overwrites it",
                       disk->text);
            cg_hint(model->diag, "name it by /dev/disk/by-id/...");
        }
    }
}

void
cg_rule_boot_args(struct cg_model *model)
{
    static const char *const lasting[] = {
        "intel_iommu=",       "amd_iommu=",  "iommu=",
        "hugepages=",         "hugepagesz=", "isolcpus=",
        "default_hugepagesz="
    };

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_tree *args =
            cg_inventory_get(model->nodes[i].all, "boot_args");

        for (size_t n = 0; args != NULL && n < args->count; n++) {
            for (size_t k = 0; k < sizeof(lasting) / sizeof(lasting[0]); k++) {
                if (strncmp(args->items[n]->text, lasting[k],
                            strlen(lasting[k])) == 0) {
                    cg_warning(model->diag, &args->items[n]->pos, "boot-args",
                               "'%s' is lost when Talos is installed",
                               args->items[n]->text);
                    cg_hint(model->diag,
                            "what must stay belongs in image.kernel_args");
                }
            }
        }
    }
}

/* NodeRestriction: of kubernetes.io and k8s.io a kubelet may set a few. */
static bool
is_label_refused(const char *key)
{
    static const char *const allowed[] = {
        "node.kubernetes.io/",
        "kubelet.kubernetes.io/",
        "kubernetes.io/arch",
        "kubernetes.io/os",
        "kubernetes.io/hostname",
        "topology.kubernetes.io/zone",
        "topology.kubernetes.io/region",
    };
    const char *slash = strchr(key, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - key);

    if (slash == NULL ||
        !((len >= 13 && strncmp(slash - 13, "kubernetes.io", 13) == 0 &&
           (len == 13 || slash[-14] == '.')) ||
          (len >= 6 && strncmp(slash - 6, "k8s.io", 6) == 0 &&
           (len == 6 || slash[-7] == '.')))) {
        return false;
    }
    for (size_t i = 0; i < sizeof(allowed) / sizeof(allowed[0]); i++) {
        if (strncmp(key, allowed[i], strlen(allowed[i])) == 0) {
            return false;
        }
    }
    /* anything below node.kubernetes.io and kubelet.kubernetes.io is allowed */
    return !((len > 19 && strncmp(slash - 19, ".node.kubernetes.io", 19) == 0));
}

void
cg_rule_labels(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        for (size_t n = 0; !node->is_controlplane && node->labels != NULL &&
                           n < node->labels->count;
             n++) {
            const struct cg_entry *entry = &node->labels->entries[n];

            if (is_label_refused(entry->key)) {
                cg_warning(model->diag, &entry->pos, "label-refused",
                           "a worker may not give itself the label '%s'",
                           entry->key);
                cg_hint(model->diag, "node.kubernetes.io/... is allowed");
            }
        }
    }
}

static bool
has_extension(const struct cg_node *node, const char *name)
{
    const struct cg_tree *list =
        cg_inventory_get(node->all, "image.extensions");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (cg_tree_is_text(list->items[i], name)) {
            return true;
        }
    }
    return false;
}

void
cg_rule_module(struct cg_model *model)
{
    static const struct {
        const char *module, *extension;
    } pairs[] = {
        { "drbd", "siderolabs/drbd" },
        { "drbd_transport_tcp", "siderolabs/drbd" },
        { "zfs", "siderolabs/zfs" },
        { "btrfs", "siderolabs/btrfs" },
    };

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        for (size_t n = 0; node->modules != NULL && n < node->modules->count;
             n++) {
            const struct cg_tree *name =
                cg_tree_get(node->modules->items[n], "name");

            for (size_t k = 0; k < sizeof(pairs) / sizeof(pairs[0]); k++) {
                if (cg_tree_is_text(name, pairs[k].module) &&
                    !has_extension(node, pairs[k].extension)) {
                    (void)cg_error(model->diag, &name->pos, "module-extension",
                                   "module '%s' comes with the extension %s, "
                                   "which the image lacks",
                                   name->text, pairs[k].extension);
                }
            }
        }
    }
}
