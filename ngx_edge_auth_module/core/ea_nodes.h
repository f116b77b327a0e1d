/*
 * The contract of nodes.json, which talos-configgen writes and `edge-auth node
 * import` reads: names of members, words of enumerations, limits (DESIGN
 * section 6). Format 1:
 *
 * { "format": 1, "serial": 7, "cluster": "lab",
 *   "gate": { "boot": "https://..", "boot_mtls": "https://..",
 *             "config": "https://..", "trust_domain": "edge.example.net" },
 *   "sites": { "<site>": { "require": "token", "token": "node",
 *              "mode": "allowlist", "ttl": 86400, "redeliver": 2,
 *              "bind_source": false, "assets": "list" } },
 *   "nodes": { "<node>": { "site": "<site>", "role": "worker",
 *              "kind": "talos", "uuid": "..", "serial": "..", "macs": [".."],
 *              "select": { "uuid": ".." }, "sha256": "<64 hex digits>",
 *              "key": "mint" } },
 *   "assets": [ { "path": "assets/..", "size": 123, "sha256": ".." } ] }
 *
 * uuid, serial and macs may be absent; all else in a node but sha256 is
 * required. boot_mtls may be absent when no site requires a certificate.
 * Unknown members are refused.
 */
#ifndef EA_NODES_H
#define EA_NODES_H

#include "ea_request.h"
#include "ea_spiffe.h"

#define EA_NODES_FORMAT 1
#define EA_NODES_SERIAL_MAX 4294967295u
#define EA_NODES_FILE_MAX (64u << 20)
#define EA_SITES_MAX 4096
#define EA_NODES_MAX 100000
#define EA_ASSETS_MAX 256
#define EA_URL_MAX 200
#define EA_TTL_MIN 60u           /* seconds */
#define EA_TTL_MAX (30u * 86400) /* seconds */
#define EA_TTL_DEFAULT 86400u    /* seconds */
#define EA_REDELIVER_MAX 16u
#define EA_REDELIVER_DEFAULT 2u
#define EA_HOSTNAME_MAX 63 /* one DNS label */
#define EA_TAGS_MAX 8
#define EA_TAG_MAX 63 /* "tag:" included */
#define EA_TAGS_TEXT_MAX 255

#define EA_KEY_FORMAT "format"
#define EA_KEY_SERIAL "serial"
#define EA_KEY_CLUSTER "cluster"
#define EA_KEY_GATE "gate"
#define EA_KEY_BOOT "boot"
#define EA_KEY_BOOT_MTLS "boot_mtls"
#define EA_KEY_CONFIG "config"
#define EA_KEY_TRUST_DOMAIN "trust_domain"
#define EA_KEY_SITES "sites"
#define EA_KEY_NODES "nodes"
#define EA_KEY_ASSETS "assets"
#define EA_KEY_REQUIRE "require"
#define EA_KEY_TOKEN "token"
#define EA_KEY_MODE "mode"
#define EA_KEY_TTL "ttl"
#define EA_KEY_REDELIVER "redeliver"
#define EA_KEY_BIND_SOURCE "bind_source"
#define EA_KEY_SITE "site"
#define EA_KEY_ROLE "role"
#define EA_KEY_KIND "kind"
#define EA_KEY_UUID "uuid"
#define EA_KEY_MACS "macs"
#define EA_KEY_SELECT "select"
#define EA_KEY_SHA256 "sha256"
#define EA_KEY_KEY "key"
#define EA_KEY_HOSTNAME "hostname"
#define EA_KEY_TAGS "tags"
#define EA_KEY_PATH "path"
#define EA_KEY_SIZE "size"

enum ea_require {
    EA_REQUIRE_NONE = 0, /* refuses */
    EA_REQUIRE_TOKEN,
    EA_REQUIRE_CERT,
    EA_REQUIRE_TOKEN_CERT
};
enum ea_token_kind { EA_TOKEN_KIND_NONE = 0, EA_TOKEN_NODE, EA_TOKEN_SITE };
enum ea_mode {
    EA_MODE_NONE = 0,
    EA_MODE_ALLOWLIST,
    EA_MODE_TOFU,
    EA_MODE_APPROVE
};
enum ea_node_role {
    EA_NODE_ROLE_NONE = 0,
    EA_NODE_WORKER,
    EA_NODE_CONTROLPLANE
};
enum ea_kind {
    EA_KIND_NONE = 0,
    EA_KIND_TALOS,
    EA_KIND_IGNITION,
    EA_KIND_OTHER
};
enum ea_key_source {
    EA_KEYS_NONE_SET = 0,
    EA_KEYS_MINT,
    EA_KEYS_STATIC,
    EA_KEYS_NONE
};
enum ea_assets { EA_ASSETS_NONE = 0, EA_ASSETS_LIST, EA_ASSETS_MATCHBOX };

/* The words of one enumeration, index = enumerator; index 0 is "" (refuses). */
struct ea_words {
    const char *what; /* for messages, as in "mode" */
    const char *const *word;
    size_t count;
};
extern const struct ea_words ea_words_require; /* token cert token+cert */
extern const struct ea_words ea_words_token;   /* node site */
extern const struct ea_words ea_words_mode;    /* allowlist tofu approve */
extern const struct ea_words ea_words_role;    /* worker controlplane */
extern const struct ea_words ea_words_kind;    /* talos ignition other */
extern const struct ea_words ea_words_key;     /* mint static none */
extern const struct ea_words ea_words_assets;  /* list matchbox */

/* The enumerator of a word, or 0 with "mode 'x' is not one of allowlist, ..."
 * in err. */
EA_MUST_CHECK unsigned ea_word_find(const struct ea_words *words,
                                    struct ea_bytes text, struct ea_error *err);

/* https://host[:port], nothing behind it, at most EA_URL_MAX characters; host
 * is a DNS name in lower case or an IPv4 address. */
EA_MUST_CHECK bool ea_url_check(struct ea_bytes text, struct ea_error *err);

/* ---- the same as facts in the store (codec: ea_record.h) ---- */

struct ea_gate {
    uint32_t serial;
    char cluster[EA_NAME_MAX + 1];
    char boot[EA_URL_MAX + 1], boot_mtls[EA_URL_MAX + 1];
    char config[EA_URL_MAX + 1];
    char trust_domain[EA_DOMAIN_MAX + 1];
};

struct ea_site {
    char name[EA_NAME_MAX + 1];
    enum ea_require require;
    enum ea_token_kind token;
    enum ea_mode mode;
    enum ea_assets assets;
    uint32_t ttl, redeliver;
    bool bind_source;
};

struct ea_node {
    uint32_t number;
    char name[EA_NAME_MAX + 1], site[EA_NAME_MAX + 1];
    enum ea_node_role role;
    enum ea_kind kind;
    enum ea_key_source key;
    char uuid[EA_UUID_LEN + 1], serial[EA_SERIAL_MAX + 1];
    size_t macs_count;
    char macs[EA_MACS_MAX][EA_MAC_LEN + 1];
    size_t select_count;
    struct ea_label select[EA_LABELS_MAX];
    bool has_digest, has_previous;
    uint8_t digest[EA_SHA256_LEN], previous[EA_SHA256_LEN];
    /* of a node whose key is minted: its name in the tailnet, and its tags with
     * one space between */
    char hostname[EA_HOSTNAME_MAX + 1], tags[EA_TAGS_TEXT_MAX + 1];
};

struct ea_asset {
    char path[EA_ASSET_NAME_MAX + 1]; /* "assets/<name>" or an UEFI file */
    uint64_t size;
    uint8_t digest[EA_SHA256_LEN];
};

#endif
