/*
 * publish/nodes.json: what the gate knows of nodes, sites and boot files. Its
 * members and limits are those of ea_nodes.h.
 */
#include <string.h>
#include <unistd.h>

#include "base/cg_file.h"
#include "ea_nodes.h"
#include "ea_number.h"
#include "emit/cg_body.h"
#include "emit/cg_emit.h"
#include "yaml/cg_json.h"
#include "yaml/cg_yaml.h"

#define FILE_NAME "publish/nodes.json"
#define FILE_MODE 0640

static void
set(struct cg_arena *arena, struct cg_tree *map, const char *key,
    const char *text)
{
    if (text != NULL) {
        cg_tree_set_text(arena, map, key, text);
    }
}

static struct cg_tree *
gate_of(struct cg_arena *arena, const struct cg_node *node)
{
    static const char *const keys[] = { EA_KEY_BOOT, EA_KEY_BOOT_MTLS,
                                        EA_KEY_CONFIG, EA_KEY_TRUST_DOMAIN };
    struct cg_tree *gate = cg_tree_new_map(arena);

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        set(arena, gate, keys[i],
            cg_tree_text(cg_tree_path(node->all, "gate", keys[i], NULL)));
    }
    return gate;
}

/* Values passed cg_check_value, so these cannot fail. */
static int64_t
seconds_of(const struct cg_tree *site, const char *path, uint64_t fallback)
{
    uint64_t seconds = fallback;

    if (!ea_duration_parse(ea_bytes_of(cg_site_text(site, path)), 0, INT64_MAX,
                           path, &seconds, NULL)) {
        return (int64_t)fallback;
    }
    return (int64_t)seconds;
}

static struct cg_tree *
site_of(struct cg_arena *arena, const struct cg_node *node)
{
    const struct cg_tree *from = node->layers[2].map;
    struct cg_tree *site = cg_tree_new_map(arena);
    uint64_t redeliver = EA_REDELIVER_DEFAULT;

    if (!ea_number_parse(ea_bytes_of(cg_site_text(from, "enroll.redeliver")), 0,
                         EA_REDELIVER_MAX, "redeliver", &redeliver, NULL)) {
        redeliver = EA_REDELIVER_DEFAULT;
    }
    set(arena, site, EA_KEY_REQUIRE, cg_site_text(from, "enroll.require"));
    set(arena, site, EA_KEY_TOKEN, cg_site_text(from, "enroll.token"));
    set(arena, site, EA_KEY_MODE, cg_site_text(from, "enroll.mode"));
    (void)cg_tree_set(
        arena, site, EA_KEY_TTL,
        cg_tree_new_int(arena, seconds_of(from, "enroll.ttl", EA_TTL_DEFAULT)));
    (void)cg_tree_set(arena, site, EA_KEY_REDELIVER,
                      cg_tree_new_int(arena, (int64_t)redeliver));
    (void)cg_tree_set(
        arena, site, EA_KEY_BIND_SOURCE,
        cg_tree_new_bool(arena, strcmp(cg_site_text(from, "enroll.bind_source"),
                                       "true") == 0));
    set(arena, site, EA_KEY_ASSETS, cg_site_text(from, "enroll.assets"));
    return site;
}

/* What the gate has a key made for. */
static void
add_tailnet(struct cg_arena *arena, const struct cg_node *node,
            struct cg_tree *out)
{
    if (!node->has_placeholder || node->tailscale_tags == NULL) {
        return;
    }
    set(arena, out, EA_KEY_HOSTNAME, cg_tree_text(node->tailnet_name));
    (void)cg_tree_set(arena, out, EA_KEY_TAGS,
                      cg_tree_copy(arena, node->tailscale_tags));
}

static struct cg_tree *
node_of(struct cg_arena *arena, const struct cg_node *node)
{
    CG_AUTO_STRBUF struct cg_strbuf body = { 0 };
    struct cg_tree *out = cg_tree_new_map(arena);
    char digest[CG_DIGEST_DIGITS + 1];
    struct cg_tree *macs;

    cg_body_format(node, &body);
    cg_body_digest(cg_strbuf_bytes(&body), digest);
    set(arena, out, EA_KEY_SITE, node->site);
    set(arena, out, EA_KEY_ROLE, node->role);
    set(arena, out, EA_KEY_KIND, "talos");
    set(arena, out, EA_KEY_UUID, node->uuid);
    set(arena, out, EA_KEY_SERIAL, node->serial);
    if (node->mac_count > 0) {
        macs = cg_tree_set(arena, out, EA_KEY_MACS, cg_tree_new_list(arena));
        for (size_t i = 0; i < node->mac_count; i++) {
            cg_tree_add_text(arena, macs, node->macs[i]);
        }
    }
    (void)cg_tree_set(arena, out, EA_KEY_SELECT, cg_node_select(arena, node));
    set(arena, out, EA_KEY_SHA256, digest);
    set(arena, out, EA_KEY_KEY, cg_body_key_source(node));
    add_tailnet(arena, node, out);
    return out;
}

static void
add_asset(struct cg_arena *arena, struct cg_tree *list,
          const struct cg_asset *asset)
{
    struct cg_tree *item;

    if (asset == NULL) {
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        if (cg_tree_is_text(cg_tree_get(list->items[i], EA_KEY_PATH),
                            asset->path)) {
            return;
        }
    }
    item = cg_tree_add(arena, list, cg_tree_new_map(arena));
    set(arena, item, EA_KEY_PATH, asset->path);
    (void)cg_tree_set(arena, item, EA_KEY_SIZE,
                      cg_tree_new_int(arena, (int64_t)asset->size));
    set(arena, item, EA_KEY_SHA256, asset->sha256);
}

/* The gate serves one cluster; its URLs stand once in the file. */
static bool
check_one_cluster(const struct cg_publication *pub, const struct cg_node *first)
{
    for (size_t i = 0; i < pub->model->count; i++) {
        const struct cg_node *node = &pub->model->nodes[i];

        if (cg_node_is_published(node) &&
            strcmp(node->cluster, first->cluster) != 0) {
            return cg_error(pub->model->diag, &node->pos, "clusters",
                            "nodes of clusters '%s' and '%s' boot through one "
                            "gate",
                            first->cluster, node->cluster);
        }
    }
    return true;
}

static void
fill(const struct cg_publication *pub, struct cg_tree *top,
     const struct cg_node *first)
{
    struct cg_arena *arena = pub->model->arena;
    struct cg_tree *sites = cg_tree_new_map(arena);
    struct cg_tree *nodes = cg_tree_new_map(arena);
    struct cg_tree *assets = cg_tree_new_list(arena);

    set(arena, top, EA_KEY_CLUSTER, first->cluster);
    (void)cg_tree_set(arena, top, EA_KEY_GATE, gate_of(arena, first));
    (void)cg_tree_set(arena, top, EA_KEY_SITES, sites);
    (void)cg_tree_set(arena, top, EA_KEY_NODES, nodes);
    (void)cg_tree_set(arena, top, EA_KEY_ASSETS, assets);
    for (size_t i = 0; i < pub->model->count; i++) {
        const struct cg_node *node = &pub->model->nodes[i];

        if (!cg_node_is_published(node)) {
            continue;
        }
        if (cg_tree_get(sites, node->site) == NULL) {
            (void)cg_tree_set(arena, sites, node->site, site_of(arena, node));
        }
        (void)cg_tree_set(arena, nodes, node->name, node_of(arena, node));
        add_asset(arena, assets, node->kernel);
        add_asset(arena, assets, node->initramfs);
    }
}

/* The file of the publication before; NULL if there is none. */
static struct cg_tree *
load_old(const struct cg_publication *pub)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_arena *arena = pub->model->arena;
    struct cg_diag *quiet = cg_diag_new(arena);
    struct cg_trees trees = { 0 };
    struct ea_bytes bytes;

    if (!cg_file_read(cg_arena_printf(arena, "%s/" FILE_NAME,
                                      cg_output_root(pub->output)),
                      EA_NODES_FILE_MAX, &text, NULL)) {
        return NULL;
    }
    bytes.ptr = cg_arena_copy(arena, text.text, text.len);
    bytes.len = text.len;
    if (!cg_yaml_load(arena, cg_diag_source(quiet, FILE_NAME, bytes, false),
                      quiet, &trees)) {
        return NULL;
    }
    return trees.count == 1 ? trees.roots[0] : NULL;
}

/* The store refuses a serial lower than the one it has, so one that cannot be
 * read must not start again from 1. 0: a finding was added. */
static int64_t
serial_of(const struct cg_publication *pub, struct cg_tree *top)
{
    struct cg_arena *arena = pub->model->arena;
    const char *path =
        cg_arena_printf(arena, "%s/" FILE_NAME, cg_output_root(pub->output));
    struct cg_tree *old;
    int64_t serial = 0;

    if (pub->serial != 0) {
        return pub->serial;
    }
    if (access(path, F_OK) != 0) {
        return 1;
    }
    old = load_old(pub);
    if (!cg_tree_int(cg_tree_get(old, EA_KEY_SERIAL), &serial) || serial < 1 ||
        serial >= EA_NODES_SERIAL_MAX) {
        (void)cg_error(pub->model->diag, NULL, "serial",
                       "%s has no serial to go on from", path);
        cg_hint(pub->model->diag, "give one with --serial");
        return 0;
    }
    (void)cg_tree_set(arena, top, EA_KEY_SERIAL,
                      cg_tree_new_int(arena, serial));
    return cg_tree_equal(old, top) ? serial : serial + 1;
}

bool
cg_emit_nodes(const struct cg_publication *pub)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_arena *arena = pub->model->arena;
    struct cg_tree *top = cg_tree_new_map(arena);
    const struct cg_node *first = NULL;
    int64_t serial;

    for (size_t i = pub->model->count; i > 0; i--) {
        if (cg_node_is_published(&pub->model->nodes[i - 1])) {
            first = &pub->model->nodes[i - 1];
        }
    }
    if (first == NULL) {
        return true;
    }
    if (!check_one_cluster(pub, first)) {
        return false;
    }
    (void)cg_tree_set(arena, top, EA_KEY_FORMAT,
                      cg_tree_new_int(arena, EA_NODES_FORMAT));
    (void)cg_tree_set(arena, top, EA_KEY_SERIAL, cg_tree_new_int(arena, 1));
    fill(pub, top, first);
    serial = serial_of(pub, top);
    if (serial == 0) {
        return false;
    }
    (void)cg_tree_set(arena, top, EA_KEY_SERIAL,
                      cg_tree_new_int(arena, serial));
    cg_json_emit(&text, top);
    cg_output_add(pub->output, CG_PHASE_RECORD, FILE_NAME,
                  cg_strbuf_bytes(&text), FILE_MODE);
    return true;
}
