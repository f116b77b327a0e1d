/* From layers to nodes; see cg_node.h. */
#include "model/cg_node.h"

#include <string.h>

#include "ea_ids.h"
#include "model/cg_key_check.h"
#include "model/cg_key.h"
#include "model/cg_tailnet.h"

#define TAILSCALE_EXTENSION "siderolabs/tailscale"

struct resolver {
    struct cg_arena *arena;
    struct cg_diag *diag;
    const struct cg_inventory *inventory;
    bool images_only; /* opens no file that the inventory names */
};

const char *
cg_site_text(const struct cg_tree *site, const char *path)
{
    const struct cg_key *key = cg_key_find(path, CG_AT_SITE);
    const char *text = cg_tree_text(cg_inventory_get(site, path));

    return text != NULL ? text : key == NULL ? NULL : key->fallback;
}

bool
cg_node_is_minted(const struct cg_node *node)
{
    return node->is_gated && !node->is_controlplane && node->has_tailscale &&
           cg_inventory_get(node->all, "tailscale.key.file") == NULL;
}

static const struct cg_tree *
all_get(const struct cg_node *node, const char *path)
{
    return cg_inventory_get(node->all, path);
}

/* The value, or the default of the table, blamed on the node. */
static const struct cg_tree *
all_or_default(const struct resolver *resolver, const struct cg_node *node,
               const char *path, unsigned level)
{
    const struct cg_tree *value = all_get(node, path);
    struct cg_tree *made;

    if (value != NULL) {
        return value;
    }
    made =
        cg_tree_new_text(resolver->arena, cg_key_find(path, level)->fallback);
    made->pos = node->pos;
    return made;
}

/* {node} {site} {cluster} {role}; other braces are a finding. */
static const struct cg_tree *
expand(const struct resolver *resolver, const struct cg_node *node,
       const struct cg_tree *from)
{
    const struct {
        const char *word, *value;
    } names[] = {
        { "{node}", node->name },
        { "{site}", node->site },
        { "{cluster}", node->cluster },
        { "{role}", node->role },
    };
    const size_t count = sizeof(names) / sizeof(names[0]);
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };
    const char *p = from->text;
    struct cg_tree *made;

    while (*p != '\0') {
        size_t i = 0;

        while (*p == '{' && i < count &&
               strncmp(p, names[i].word, strlen(names[i].word)) != 0) {
            i++;
        }
        if (*p != '{') {
            cg_strbuf_putc(&out, *p++);
        } else if (i == count) {
            (void)cg_error(resolver->diag, &from->pos, "template",
                           "unknown name in braces in '%s', expected {node}, "
                           "{site}, {cluster} or {role}",
                           from->text);
            return from;
        } else {
            cg_strbuf_puts(&out, names[i].value);
            p += strlen(names[i].word);
        }
    }
    made = cg_tree_new_bytes(resolver->arena, cg_strbuf_bytes(&out));
    made->pos = from->pos;
    return made;
}

static const struct cg_tree *
expand_all(const struct resolver *resolver, const struct cg_node *node,
           const struct cg_tree *from)
{
    struct cg_tree *made;

    if (from == NULL) {
        return NULL;
    }
    if (from->kind == CG_LIST) {
        made = cg_tree_new_list(resolver->arena);
        for (size_t i = 0; i < from->count; i++) {
            (void)cg_tree_add(
                resolver->arena, made,
                cg_tree_copy(resolver->arena,
                             expand(resolver, node, from->items[i])));
        }
    } else {
        made = cg_tree_new_map(resolver->arena);
        for (size_t i = 0; i < from->count; i++) {
            (void)cg_tree_set(
                resolver->arena, made, from->entries[i].key,
                cg_tree_copy(resolver->arena,
                             expand(resolver, node, from->entries[i].value)));
            made->entries[i].pos = from->entries[i].pos;
        }
    }
    made->pos = from->pos;
    return made;
}

static void
resolve_hardware(const struct resolver *resolver, struct cg_node *node)
{
    const struct cg_tree *uuid = all_get(node, "hardware.uuid");
    const struct cg_tree *serial = all_get(node, "hardware.serial");
    const struct cg_tree *macs = all_get(node, "hardware.macs");
    char text[EA_SERIAL_MAX + 1];

    if (uuid != NULL &&
        ea_uuid_normalise(ea_bytes_of(uuid->text), text, NULL)) {
        node->uuid = cg_arena_text(resolver->arena, text);
    }
    if (serial != NULL &&
        ea_serial_normalise(ea_bytes_of(serial->text), text, NULL)) {
        node->serial = cg_arena_text(resolver->arena, text);
    }
    if (macs != NULL) {
        node->macs =
            cg_arena_array(resolver->arena, macs->count, sizeof(*node->macs));
        for (size_t i = 0; i < macs->count; i++) {
            if (ea_mac_normalise(ea_bytes_of(macs->items[i]->text), text,
                                 NULL)) {
                node->macs[node->mac_count++] =
                    cg_arena_text(resolver->arena, text);
            }
        }
    }
    node->address = cg_tree_text(all_get(node, "address"));
}

/* tailnet and lan become the networks they stand for. */
static const struct cg_tree *
resolve_node_ip(const struct resolver *resolver, const struct cg_node *node)
{
    const struct cg_tree *value = all_get(node, "node_ip");
    const struct cg_tree *lan = all_get(node, "dhcp.network");
    struct cg_tree *list, *item;

    if (value == NULL || value->kind == CG_LIST) {
        return value;
    }
    if (cg_tree_is_text(value, "lan") && lan == NULL) {
        (void)cg_error(resolver->diag, &value->pos, "node-ip",
                       "'lan' needs the site's dhcp.network, and site '%s' "
                       "has none",
                       node->site);
        return NULL;
    }
    list = cg_tree_new_list(resolver->arena);
    list->pos = value->pos;
    item = cg_tree_new_text(resolver->arena, cg_tree_is_text(value, "lan")
                                                 ? lan->text
                                                 : CG_TAILNET_V4);
    item->pos = value->pos;
    (void)cg_tree_add(resolver->arena, list, item);
    return list;
}

static const struct cg_tree *
resolve_hostname(const struct resolver *resolver, const struct cg_node *node)
{
    const struct cg_tree *value =
        all_or_default(resolver, node, "hostname", CG_AT_NODE);

    return value->kind == CG_MAP ? NULL : expand(resolver, node, value);
}

static bool
has_item(const struct cg_tree *list, const char *text)
{
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (cg_tree_is_text(list->items[i], text)) {
            return true;
        }
    }
    return false;
}

/* The text of a file without the newline that editors put at its end. */
static const struct cg_tree *
resolve_key(const struct resolver *resolver, const struct cg_node *node)
{
    const struct cg_tree *ref = all_get(node, "tailscale.key.file");
    const struct cg_file_text *file;
    struct ea_bytes text;
    struct cg_tree *made;

    if (ref == NULL || resolver->images_only) {
        return NULL;
    }
    file = cg_files_text(resolver->inventory->files, ref);
    if (!file->good) {
        return NULL;
    }
    text = file->source->text;
    while (text.len > 0 &&
           (text.ptr[text.len - 1] == '\n' || text.ptr[text.len - 1] == '\r')) {
        text.len--;
    }
    if (text.len == 0 || text.len > 512 || memchr(text.ptr, '\n', text.len) ||
        memchr(text.ptr, '\0', text.len)) {
        (void)cg_error(resolver->diag, &ref->pos, "tailscale-key",
                       "an auth key is one line of text");
        return NULL;
    }
    made = cg_tree_new_bytes(resolver->arena, text);
    made->pos = ref->pos;
    return made;
}

/* Conditions on a disk, by Talos' names. */
static const struct cg_tree *
selector_of(const struct resolver *resolver, const struct cg_node *node)
{
    static const struct {
        const char *ours, *theirs;
    } names[] = {
        { "size", "size" },         { "type", "type" },
        { "model", "model" },       { "serial", "serial" },
        { "wwid", "wwid" },         { "uuid", "uuid" },
        { "modalias", "modalias" }, { "bus_path", "busPath" },
    };
    const struct cg_tree *from = all_get(node, "install.disk_selector");
    struct cg_tree *made = cg_tree_new_map(resolver->arena);

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        const struct cg_tree *value = cg_tree_get(from, names[i].ours);

        if (value != NULL) {
            (void)cg_tree_set(resolver->arena, made, names[i].theirs,
                              cg_tree_copy(resolver->arena, value));
            made->pos = value->pos;
        }
    }
    return made->count == 0 ? NULL : made;
}

/* A disk or conditions on one: the more specific line says which. */
static void
resolve_disk(const struct resolver *resolver, struct cg_node *node)
{
    const struct cg_tree *selector = selector_of(resolver, node);
    const struct cg_tree *disk = all_get(node, "install.disk");

    for (size_t i = 4; selector != NULL && disk != NULL && i > 0; i--) {
        const struct cg_tree *map = node->layers[i - 1].map;
        const struct cg_tree *name = cg_inventory_get(map, "install.disk");
        const struct cg_entry *conditions =
            cg_inventory_entry(map, "install.disk_selector");

        if (name != NULL && conditions != NULL) {
            (void)cg_error(resolver->diag, &conditions->pos, "install-disk",
                           "install.disk and install.disk_selector exclude "
                           "each other");
            cg_also(resolver->diag, &name->pos, "the disk");
            selector = NULL;
        } else if (name != NULL) {
            selector = NULL;
        } else if (conditions != NULL) {
            disk = NULL;
        }
    }
    node->disk = disk;
    node->disk_selector = selector;
}

/* Names that are chosen here; a minted key is for one of them, so that a name
 * the platform chooses gives way to the node's. */
static const struct cg_tree *
resolve_tailnet_name(const struct resolver *resolver,
                     const struct cg_node *node)
{
    const struct cg_tree *typed = all_get(node, "tailscale.hostname");
    struct cg_tree *name;

    if (typed != NULL) {
        return expand(resolver, node, typed);
    }
    if (node->hostname != NULL || !cg_node_is_minted(node)) {
        return node->hostname;
    }
    name = cg_tree_new_text(resolver->arena, node->name);
    name->pos = node->pos;
    return name;
}

static const struct cg_tree *
resolve_port(const struct resolver *resolver, const struct cg_node *node,
             const struct cg_tree *metrics)
{
    static const char path[] = "tailscale.metrics_port";
    struct cg_tree *made;

    if (all_get(node, path) != NULL) {
        return all_get(node, path);
    }
    made = cg_tree_new_text(resolver->arena,
                            cg_key_find(path, CG_AT_NODE)->fallback);
    made->plain = true; /* a number */
    made->pos = metrics->pos;
    return made;
}

static void
resolve_tailscale(const struct resolver *resolver, struct cg_node *node)
{
    const struct cg_tree *accepts = all_get(node, "tailscale.accept_routes");
    const struct cg_tree *metrics = all_get(node, "tailscale.metrics");
    bool has_metrics = false;

    node->has_tailscale =
        has_item(all_get(node, "image.extensions"), TAILSCALE_EXTENSION);
    node->tailscale_key = resolve_key(resolver, node);
    node->tailnet_name = resolve_tailnet_name(resolver, node);
    if (all_get(node, "tailscale.hostname") != NULL ||
        cg_node_is_minted(node)) {
        node->tailscale_hostname = node->tailnet_name;
    }
    node->tailscale_tags =
        expand_all(resolver, node, all_get(node, "tailscale.tags"));
    node->tailscale_login_server = all_get(node, "tailscale.login_server");
    node->tailscale_routes = all_get(node, "tailscale.routes");
    if (!cg_tree_bool(accepts, &node->accepts_routes)) {
        node->accepts_routes = false;
    }
    if (!cg_tree_bool(all_get(node, "tailscale.advertise_tags"),
                      &node->advertises_tags)) {
        node->advertises_tags = !cg_node_is_minted(node);
    }
    if (cg_tree_bool(metrics, &has_metrics) && has_metrics) {
        node->metrics_port = resolve_port(resolver, node, metrics);
    }
    node->tailscale_env = all_get(node, "tailscale.env");
}

static void
resolve_config(const struct resolver *resolver, struct cg_node *node)
{
    node->endpoint = all_get(node, "endpoint");
    node->talos = all_get(node, "talos");
    node->kubernetes = all_get(node, "kubernetes");
    node->contract = all_or_default(resolver, node, "contract", CG_AT_CLUSTER);
    resolve_disk(resolver, node);
    node->wipe = all_get(node, "install.wipe");
    node->legacy_bios = all_get(node, "install.legacy_bios");
    node->uki_cmdline = all_get(node, "install.grub_use_uki_cmdline");
    node->hostname = resolve_hostname(resolver, node);
    node->labels = expand_all(resolver, node, all_get(node, "labels"));
    node->taints = all_get(node, "taints");
    node->kubelet_args = all_get(node, "kubelet.extra_args");
    node->node_ip = resolve_node_ip(resolver, node);
    node->cni = all_get(node, "network.cni");
    node->modules = all_get(node, "modules");
    node->ignore = all_get(node, "network.ignore");
    resolve_tailscale(resolver, node);
    node->logs_kernel = all_get(node, "logs.kernel");
    node->logs_services = all_get(node, "logs.services");
}

static bool
is_file_ref(const struct cg_tree *ref)
{
    const struct cg_tree *command = cg_tree_get(ref, "command");

    return ref->kind == CG_SCALAR ||
           (command != NULL && command->kind == CG_LIST && command->count > 0);
}

static void
resolve_patches(const struct resolver *resolver, struct cg_node *node)
{
    struct cg_patch *patches = NULL;
    size_t cap = 0;

    for (size_t i = 0; i < 4; i++) {
        const struct cg_entry *entry =
            cg_inventory_entry(node->layers[i].map, "patches");

        if (entry == NULL || entry->value->kind != CG_LIST) {
            continue;
        }
        if (strcmp(entry->key, "patches!") == 0) {
            node->patch_count = 0;
        }
        for (size_t n = 0; n < entry->value->count; n++) {
            if (!is_file_ref(entry->value->items[n])) {
                continue;
            }
            patches = cg_arena_grow(resolver->arena, patches, node->patch_count,
                                    &cap, sizeof(*patches));
            patches[node->patch_count++] =
                (struct cg_patch){ entry->value->items[n],
                                   node->layers[i].level };
        }
    }
    node->patches = patches;
}

/* A cluster's bundle: one YAML document with `certs` and `secrets`. */
static void
resolve_secrets(const struct resolver *resolver, struct cg_node *node)
{
    const struct cg_tree *ref = all_get(node, "secrets");
    const struct cg_file_text *file;
    const struct cg_tree *bundle;

    if (ref == NULL &&
        cg_inventory_is_suspect(resolver->inventory, node->layers[0].map,
                                "secrets")) {
        return;
    }
    if (ref == NULL) {
        const struct cg_entry *cluster = cg_tree_entry(
            cg_tree_get(resolver->inventory->top, "clusters"), node->cluster);

        (void)cg_error(resolver->diag, &cluster->pos, "secrets",
                       "cluster '%s' has no 'secrets'", node->cluster);
        cg_hint(resolver->diag, "`talosctl gen secrets` makes a bundle; it is "
                                "never made or renewed here");
        return;
    }
    file = cg_files_yaml(resolver->inventory->files, ref);
    if (!file->good) {
        return;
    }
    if (file->trees.count == 0 || file->trees.roots[0]->kind == CG_NULL) {
        (void)cg_error(resolver->diag, &ref->pos, "secrets",
                       "the secrets bundle is empty");
        return;
    }
    bundle = file->trees.roots[0];
    if (cg_tree_get(bundle, "certs") == NULL ||
        cg_tree_get(bundle, "secrets") == NULL) {
        (void)cg_error(resolver->diag, &ref->pos, "secrets",
                       "the file is no secrets bundle: no 'certs' and "
                       "'secrets' in it");
        return;
    }
    if (!file->source->secret) {
        cg_warning(resolver->diag, &ref->pos, "plain-secret",
                   "the secrets bundle is not encrypted");
        cg_hint(resolver->diag, "encrypt it with sops, or print it with a "
                                "command: {command: [age, -d, ...]}");
    }
    node->secrets = bundle;
}

/* Where this node belongs; false: a finding was added when it was read. */
static bool
place_node(const struct cg_inventory *inventory, const struct cg_entry *entry,
           struct cg_node *node)
{
    const struct cg_tree *site, *cluster, *role;

    node->name = entry->key;
    node->pos = entry->pos;
    node->site = cg_tree_text(cg_inventory_get(entry->value, "site"));
    if (node->site == NULL) {
        return false;
    }
    site = cg_tree_get(cg_tree_get(inventory->top, "sites"), node->site);
    node->cluster = cg_tree_text(cg_inventory_get(site, "cluster"));
    if (node->cluster == NULL) {
        return false;
    }
    cluster =
        cg_tree_get(cg_tree_get(inventory->top, "clusters"), node->cluster);
    role = cg_inventory_get(entry->value, "role");
    node->role = role == NULL ? "worker" : cg_tree_text(role);
    if (cluster == NULL || node->role == NULL) {
        return false;
    }
    node->is_controlplane = strcmp(node->role, "controlplane") == 0;
    node->is_gated = strcmp(cg_site_text(site, "boot"), "gate") == 0;
    node->layers[0] = (struct cg_layer){ cluster, CG_AT_CLUSTER };
    node->layers[1] = (struct cg_layer){
        cg_tree_get(cg_inventory_get(cluster, "roles"), node->role), CG_AT_ROLE
    };
    node->layers[2] = (struct cg_layer){ site, CG_AT_SITE };
    node->layers[3] = (struct cg_layer){ entry->value, CG_AT_NODE };
    return true;
}

static void
resolve_node(const struct resolver *resolver, struct cg_node *node)
{
    node->all = cg_layer_merge(resolver->arena, node->layers, 4);
    resolve_hardware(resolver, node);
    resolve_config(resolver, node);
    resolve_patches(resolver, node);
    if (!resolver->images_only) {
        resolve_secrets(resolver, node);
    }
}

static bool
load(struct cg_arena *arena, const char *path, struct cg_diag *diag,
     bool images_only, struct cg_model *ret)
{
    const struct cg_tree *nodes;
    struct resolver resolver;

    *ret = (struct cg_model){ .arena = arena, .diag = diag };
    if (!cg_inventory_load(arena, path, diag, &ret->inventory)) {
        return false;
    }
    resolver = (struct resolver){ arena, diag, &ret->inventory, images_only };
    nodes = cg_tree_get(ret->inventory.top, "nodes");
    ret->nodes = cg_arena_array(arena, nodes->count, sizeof(*ret->nodes));
    for (size_t i = 0; i < nodes->count; i++) {
        struct cg_node *node = &ret->nodes[ret->count];

        if (place_node(&ret->inventory, &nodes->entries[i], node)) {
            resolve_node(&resolver, node);
            ret->count++;
        } else {
            *node = (struct cg_node){ 0 };
        }
    }
    return true;
}

bool
cg_model_load(struct cg_arena *arena, const char *path, struct cg_diag *diag,
              struct cg_model *ret)
{
    return load(arena, path, diag, false, ret);
}

bool
cg_model_load_images(struct cg_arena *arena, const char *path,
                     struct cg_diag *diag, struct cg_model *ret)
{
    return load(arena, path, diag, true, ret);
}

struct cg_tree *
cg_node_document(const struct cg_node *node, const char *kind, const char *name)
{
    for (size_t i = 0; i < node->docs.count; i++) {
        struct cg_tree *doc = node->docs.roots[i];
        const char *have = cg_tree_text(cg_tree_get(doc, "kind"));

        if (strcmp(have == NULL ? "" : have, kind) == 0 &&
            (name == NULL || cg_tree_is_text(cg_tree_get(doc, "name"), name))) {
            return doc;
        }
    }
    return NULL;
}

bool
cg_node_is_suspect(const struct cg_model *model, const struct cg_node *node,
                   const char *path)
{
    for (size_t i = 0; i < 4; i++) {
        if (cg_inventory_is_suspect(&model->inventory, node->layers[i].map,
                                    path)) {
            return true;
        }
    }
    return false;
}
