/* Rules over the nodes of an inventory. */
#include <stdio.h>
#include <stdlib.h>
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

/* One id of one node. `value` is what is compared; it begins with a letter for
 * the kind of id. */
struct id {
    const char *value, *text;
    const struct cg_node *node;
    const struct cg_pos *pos;
};

struct ids {
    struct id *items;
    size_t count, cap;
};

static void
add_id(struct cg_model *model, struct ids *ids, const struct id *id)
{
    ids->items = cg_arena_grow(model->arena, ids->items, ids->count, &ids->cap,
                               sizeof(*ids->items));
    ids->items[ids->count++] = *id;
}

/* A UUID in the lesser of its two byte orders. */
static const char *
uuid_value(struct cg_model *model, const char *uuid)
{
    char same[EA_UUID_LEN + 1], swapped[EA_UUID_LEN + 1];

    (void)snprintf(same, sizeof(same), "%s", uuid);
    ea_uuid_swap(same, swapped);
    return cg_arena_printf(model->arena, "u%s",
                           strcmp(same, swapped) < 0 ? same : swapped);
}

static void
collect_ids(struct cg_model *model, const struct cg_node *node, struct ids *ids)
{
    const struct cg_tree *macs =
        cg_inventory_get(node->layers[3].map, "hardware.macs");
    struct cg_arena *arena = model->arena;

    if (node->uuid != NULL) {
        add_id(model, ids,
               &(struct id){ uuid_value(model, node->uuid), node->uuid, node,
                             place(node, "hardware.uuid") });
    }
    if (node->serial != NULL) {
        add_id(model, ids,
               &(struct id){ cg_arena_printf(arena, "s%s", node->serial),
                             node->serial, node,
                             place(node, "hardware.serial") });
    }
    if (node->address != NULL) {
        add_id(model, ids,
               &(struct id){
                   cg_arena_printf(arena, "a%s %s", node->site, node->address),
                   node->address, node, place(node, "address") });
    }
    for (size_t i = 0; i < node->mac_count; i++) {
        add_id(model, ids,
               &(struct id){ cg_arena_printf(arena, "m%s", node->macs[i]),
                             node->macs[i], node, &macs->items[i]->pos });
    }
}

static int
by_value(const void *left, const void *right)
{
    const struct id *a = left;
    const struct id *b = right;
    int order = strcmp(a->value, b->value);

    if (order == 0) {
        order = a->pos->line < b->pos->line ? -1 : a->pos->line > b->pos->line;
    }
    if (order == 0) {
        order = a->pos->col < b->pos->col ? -1 : a->pos->col > b->pos->col;
    }
    return order;
}

void
cg_rule_duplicate_id(struct cg_model *model)
{
    struct ids ids = { 0 };

    for (size_t i = 0; i < model->count; i++) {
        collect_ids(model, &model->nodes[i], &ids);
    }
    if (ids.count > 0) {
        qsort(ids.items, ids.count, sizeof(*ids.items), by_value);
    }
    for (size_t i = 1; i < ids.count; i++) {
        const struct id *first = &ids.items[i - 1];
        const struct id *second = &ids.items[i];

        if (strcmp(first->value, second->value) == 0) {
            (void)cg_error(model->diag, second->pos, "duplicate-id",
                           "'%s' of node '%s' belongs to node '%s' already",
                           second->text, second->node->name, first->node->name);
            cg_also(model->diag, first->pos, "the first one");
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
