/* Facts of an import as bytes, and the keys of all tables: see ea_record.h. */
#include <string.h>

#include "ea_codec.h"
#include "ea_record.h"

static void
walk_gate(struct ea_codec *c, void *value)
{
    struct ea_gate *gate = value;

    ea_codec_u32(c, &gate->serial);
    ea_codec_text(c, gate->cluster, sizeof(gate->cluster));
    ea_codec_text(c, gate->boot, sizeof(gate->boot));
    ea_codec_text(c, gate->boot_mtls, sizeof(gate->boot_mtls));
    ea_codec_text(c, gate->config, sizeof(gate->config));
    ea_codec_text(c, gate->trust_domain, sizeof(gate->trust_domain));
}

bool
ea_gate_encode(const struct ea_gate *gate, struct ea_buf *buf)
{
    struct ea_gate copy = *gate;

    return ea_codec_encode(walk_gate, &copy, buf);
}

bool
ea_gate_decode(struct ea_bytes value, struct ea_gate *ret_gate,
               struct ea_error *err)
{
    struct ea_gate gate;

    memset(&gate, 0, sizeof(gate));
    if (!ea_codec_decode(walk_gate, value, &gate, "gate", err)) {
        return false;
    }
    *ret_gate = gate;
    return true;
}

static void
walk_site(struct ea_codec *c, void *value)
{
    struct ea_site *site = value;

    ea_codec_text(c, site->name, sizeof(site->name));
    site->require =
        (enum ea_require)ea_codec_word(c, site->require, EA_REQUIRE_TOKEN_CERT);
    site->token =
        (enum ea_token_kind)ea_codec_word(c, site->token, EA_TOKEN_SITE);
    site->mode = (enum ea_mode)ea_codec_word(c, site->mode, EA_MODE_APPROVE);
    site->assets =
        (enum ea_assets)ea_codec_word(c, site->assets, EA_ASSETS_MATCHBOX);
    ea_codec_u32(c, &site->ttl);
    ea_codec_u32(c, &site->redeliver);
    ea_codec_flag(c, &site->bind_source);
}

bool
ea_site_encode(const struct ea_site *site, struct ea_buf *buf)
{
    struct ea_site copy = *site;

    return ea_codec_encode(walk_site, &copy, buf);
}

bool
ea_site_decode(struct ea_bytes value, struct ea_site *ret_site,
               struct ea_error *err)
{
    struct ea_site site;

    memset(&site, 0, sizeof(site));
    if (!ea_codec_decode(walk_site, value, &site, "site", err)) {
        return false;
    }
    *ret_site = site;
    return true;
}

static void
walk_node(struct ea_codec *c, void *value)
{
    struct ea_node *node = value;

    ea_codec_u32(c, &node->number);
    ea_codec_text(c, node->name, sizeof(node->name));
    ea_codec_text(c, node->site, sizeof(node->site));
    node->role =
        (enum ea_node_role)ea_codec_word(c, node->role, EA_NODE_CONTROLPLANE);
    node->kind = (enum ea_kind)ea_codec_word(c, node->kind, EA_KIND_OTHER);
    node->key = (enum ea_key_source)ea_codec_word(c, node->key, EA_KEYS_NONE);
    ea_codec_text(c, node->uuid, sizeof(node->uuid));
    ea_codec_text(c, node->serial, sizeof(node->serial));
    ea_codec_count(c, &node->macs_count, EA_MACS_MAX);
    for (size_t i = 0; i < node->macs_count; i++) {
        ea_codec_text(c, node->macs[i], sizeof(node->macs[i]));
    }
    ea_codec_count(c, &node->select_count, EA_LABELS_MAX);
    for (size_t i = 0; i < node->select_count; i++) {
        struct ea_label *label = &node->select[i];

        ea_codec_text(c, label->key, sizeof(label->key));
        ea_codec_text(c, label->value, sizeof(label->value));
    }
    ea_codec_flag(c, &node->has_digest);
    ea_codec_raw(c, node->digest, sizeof(node->digest));
    ea_codec_flag(c, &node->has_previous);
    ea_codec_raw(c, node->previous, sizeof(node->previous));
    ea_codec_text(c, node->hostname, sizeof(node->hostname));
    ea_codec_text(c, node->tags, sizeof(node->tags));
}

bool
ea_node_encode(const struct ea_node *node, struct ea_buf *buf)
{
    struct ea_node copy = *node;

    return ea_codec_encode(walk_node, &copy, buf);
}

bool
ea_node_decode(struct ea_bytes value, struct ea_node *ret_node,
               struct ea_error *err)
{
    struct ea_node node;

    memset(&node, 0, sizeof(node));
    if (!ea_codec_decode(walk_node, value, &node, "node", err)) {
        return false;
    }
    *ret_node = node;
    return true;
}

static void
walk_asset(struct ea_codec *c, void *value)
{
    struct ea_asset *asset = value;

    ea_codec_text(c, asset->path, sizeof(asset->path));
    ea_codec_u64(c, &asset->size);
    ea_codec_raw(c, asset->digest, sizeof(asset->digest));
}

bool
ea_asset_encode(const struct ea_asset *asset, struct ea_buf *buf)
{
    struct ea_asset copy = *asset;

    return ea_codec_encode(walk_asset, &copy, buf);
}

bool
ea_asset_decode(struct ea_bytes value, struct ea_asset *ret_asset,
                struct ea_error *err)
{
    struct ea_asset asset;

    memset(&asset, 0, sizeof(asset));
    if (!ea_codec_decode(walk_asset, value, &asset, "asset", err)) {
        return false;
    }
    *ret_asset = asset;
    return true;
}

/* ---- keys ---- */

static size_t
put_u32(uint8_t *at, uint32_t value)
{
    for (size_t i = 0; i < 4; i++) {
        at[i] = (uint8_t)(value >> (24 - 8 * i));
    }
    return 4;
}

/* `name` behind the first `at` bytes of the key; 0 if it does not fit. */
static size_t
put_name(uint8_t *ret_key, size_t at, struct ea_bytes name)
{
    if (name.len > EA_KEY_MAX - at) {
        return 0;
    }
    if (name.len > 0) {
        memcpy(ret_key + at, name.ptr, name.len);
    }
    return at + name.len;
}

/* Generation, a letter for the kind of fact, and the name. */
static size_t
fact_key(uint32_t import_gen, char kind, struct ea_bytes name, uint8_t *ret_key)
{
    (void)put_u32(ret_key, import_gen);
    ret_key[4] = (uint8_t)kind;
    return put_name(ret_key, 5, name);
}

size_t
ea_key_gate(uint32_t import_gen, uint8_t ret_key[static EA_KEY_MAX])
{
    return fact_key(import_gen, 'g', EA_BYTES(""), ret_key);
}

size_t
ea_key_site(uint32_t import_gen, struct ea_bytes name,
            uint8_t ret_key[static EA_KEY_MAX])
{
    return fact_key(import_gen, 's', name, ret_key);
}

size_t
ea_key_node(uint32_t import_gen, uint32_t number,
            uint8_t ret_key[static EA_KEY_MAX])
{
    size_t len = fact_key(import_gen, 'n', EA_BYTES(""), ret_key);

    return len + put_u32(ret_key + len, number);
}

/* The NUL ends the name: "a" and "ab" must not mix. */
size_t
ea_key_member(uint32_t import_gen, struct ea_bytes site, uint32_t number,
              uint8_t ret_key[static EA_KEY_MAX])
{
    size_t len = fact_key(import_gen, 'i', site, ret_key);

    if (len == 0 || len + 5 > EA_KEY_MAX) {
        return 0;
    }
    ret_key[len++] = 0;
    return len + put_u32(ret_key + len, number);
}

size_t
ea_key_hwid(uint32_t import_gen, char kind, struct ea_bytes id,
            uint8_t ret_key[static EA_KEY_MAX])
{
    return fact_key(import_gen, kind, id, ret_key);
}

size_t
ea_key_asset(uint32_t import_gen, struct ea_bytes path,
             uint8_t ret_key[static EA_KEY_MAX])
{
    return fact_key(import_gen, 'a', path, ret_key);
}

size_t
ea_key_name(struct ea_bytes name, uint8_t ret_key[static EA_KEY_MAX])
{
    return put_name(ret_key, 0, name);
}

size_t
ea_key_site_tokens(struct ea_bytes site, uint8_t ret_key[static EA_KEY_MAX])
{
    ret_key[0] = '/';
    return put_name(ret_key, 1, site);
}

size_t
ea_key_number(uint32_t number, uint8_t ret_key[static EA_KEY_MAX])
{
    return put_u32(ret_key, number);
}
