/* See facts.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "facts.h"

static char folder[64];
static struct ea_store *store;

/* What is put while the store is filled becomes one group: a flush to disk for
 * each value would take longer than all the tests. */
#define PENDING_MAX 64
static struct pending {
    struct ea_store_op op;
    struct ea_store_write write;
    char key[EA_KEY_MAX], value[EA_RECORD_MAX];
} pending[PENDING_MAX];
static size_t pending_count;
static bool filling;

static void
flush(void)
{
    ea_store_flush(store);
    ck_assert_uint_eq(ea_store_complete(store), pending_count);
    for (size_t i = 0; i < pending_count; i++) {
        ck_assert_int_eq(pending[i].op.result, EA_RESULT_WON);
    }
    pending_count = 0;
}

void
facts_put(enum ea_table table, const uint8_t *key, size_t key_len,
          const void *value, size_t len)
{
    struct pending *p = &pending[pending_count++];

    ck_assert_uint_le(pending_count, PENDING_MAX);
    memcpy(p->key, key, key_len);
    memcpy(p->value, value, len);
    p->write = (struct ea_store_write){ .table = table,
                                        .key = { p->key, key_len },
                                        .value = { p->value, len } };
    p->op = (struct ea_store_op){ .writes = &p->write, .writes_count = 1 };
    ck_assert(ea_store_submit(store, &p->op));
    if (!filling) {
        flush();
    }
}

static void
put_number(enum ea_table table, const uint8_t *key, size_t len, uint32_t number)
{
    const uint8_t value[4] = { (uint8_t)(number >> 24), (uint8_t)(number >> 16),
                               (uint8_t)(number >> 8), (uint8_t)number };

    facts_put(table, key, len, value, sizeof(value));
}

static void
put_meta(void)
{
    const struct ea_meta meta = { .schema = EA_SCHEMA,
                                  .epoch = FACTS_EPOCH,
                                  .import_gen = FACTS_IMPORT,
                                  .next_number = 6 };
    const struct ea_gate gate = { .serial = 1,
                                  .cluster = "lab",
                                  .boot = "https://boot.example.net",
                                  .boot_mtls = "https://mtls.example.net",
                                  .config = "https://config.example.net",
                                  .trust_domain = FACTS_DOMAIN };
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };

    ck_assert(ea_meta_encode(&meta, &buf));
    facts_put(EA_TABLE_META, (const uint8_t *)"store", 5, value, buf.len);
    buf.len = 0;
    ck_assert(ea_gate_encode(&gate, &buf));
    facts_put(EA_TABLE_FACT, key, ea_key_gate(FACTS_IMPORT, key), value,
              buf.len);
}

static void
put_site(uint32_t import, const char *name, enum ea_require require)
{
    struct ea_site site = { .require = require,
                            .token = EA_TOKEN_NODE,
                            .mode = EA_MODE_ALLOWLIST,
                            .assets = EA_ASSETS_LIST,
                            .ttl = EA_TTL_DEFAULT,
                            .redeliver = EA_REDELIVER_DEFAULT };
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };

    memcpy(site.name, name, strlen(name));
    ck_assert(ea_site_encode(&site, &buf));
    facts_put(EA_TABLE_FACT, key, ea_key_site(import, ea_bytes_of(name), key),
              value, buf.len);
}

static void
put_id(uint32_t import, char kind, const char *id, uint32_t number)
{
    uint8_t key[EA_KEY_MAX];

    if (id[0] != '\0') {
        put_number(EA_TABLE_HWID, key,
                   ea_key_hwid(import, kind, ea_bytes_of(id), key), number);
    }
}

static void
put_node(uint32_t import, uint32_t number, const char *name, const char *site,
         const char *uuid, const char *serial)
{
    struct ea_node node = { .number = number,
                            .role = EA_NODE_WORKER,
                            .kind = EA_KIND_TALOS,
                            .key = EA_KEYS_MINT,
                            .macs_count = 1 };
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };
    char swapped[EA_UUID_LEN + 1] = "";

    memcpy(node.name, name, strlen(name));
    memcpy(node.site, site, strlen(site));
    memcpy(node.uuid, uuid, strlen(uuid));
    memcpy(node.serial, serial, strlen(serial));
    (void)snprintf(node.macs[0], sizeof(node.macs[0]), FACTS_MAC "%u",
                   (unsigned)number % 10);
    ck_assert(ea_node_encode(&node, &buf));
    facts_put(EA_TABLE_FACT, key, ea_key_node(import, number, key), value,
              buf.len);
    put_number(EA_TABLE_FACT, key,
               ea_key_member(import, ea_bytes_of(site), number, key), number);
    put_number(EA_TABLE_NAME, key, ea_key_name(ea_bytes_of(name), key), number);
    if (uuid[0] != '\0') {
        ea_uuid_swap(node.uuid, swapped);
    }
    put_id(import, 'u', node.uuid, number);
    put_id(import, 'u', swapped, number);
    put_id(import, 's', node.serial, number);
    put_id(import, 'm', node.macs[0], number);
}

static void
put_asset(const char *path)
{
    struct ea_asset asset = { .size = 4711 };
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };

    memcpy(asset.path, path, strlen(path));
    ck_assert(ea_asset_encode(&asset, &buf));
    facts_put(EA_TABLE_FACT, key,
              ea_key_asset(FACTS_IMPORT, ea_bytes_of(path), key), value,
              buf.len);
}

struct ea_store *
facts_open(void)
{
    struct ea_store_lmdb_options options = { .path = folder,
                                             .map_size = 16u << 20,
                                             .create = true };
    uint8_t key[EA_KEY_MAX];
    struct ea_error err = { 0 };

    (void)snprintf(folder, sizeof(folder), "/tmp/ea-store.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_msg(ea_store_lmdb_open(&options, &store, &err), "%s",
                  err.message);
    filling = true;
    put_meta();
    put_site(1, "north", EA_REQUIRE_TOKEN);
    put_site(FACTS_IMPORT, "north", EA_REQUIRE_TOKEN);
    put_site(FACTS_IMPORT, "south", EA_REQUIRE_CERT);
    put_site(FACTS_IMPORT, "both", EA_REQUIRE_TOKEN_CERT);
    put_number(EA_TABLE_NAME, key, ea_key_site_tokens(EA_BYTES("north"), key),
               FACTS_SITE_GEN);
    put_node(1, FORMER, "former", "north", "", "F");
    put_node(FACTS_IMPORT, ALPHA, "alpha", "north", FACTS_UUID_A, "");
    put_node(FACTS_IMPORT, BETA, "beta", "north", "", "B");
    put_node(FACTS_IMPORT, GAMMA, "gamma", "south", FACTS_UUID_C, "");
    put_node(FACTS_IMPORT, DELTA, "delta", "both", "", "D");
    put_asset("assets/vmlinuz");
    filling = false;
    flush();
    return store;
}

void
facts_close(void)
{
    static const char *const names[] = { "data.mdb", "lock.mdb", "write.lock" };
    char path[128];

    ea_store_close(store);
    store = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", folder, names[i]);
        ck_assert_int_eq(unlink(path), 0);
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

struct ea_record
facts_record(uint32_t number)
{
    return (struct ea_record){ .number = number,
                               .gen = 1,
                               .epoch = FACTS_EPOCH,
                               .state = EA_STATE_ARMED,
                               .mode = EA_MODE_ALLOWLIST,
                               .expiry = 2000 };
}

void
facts_put_record(const struct ea_record *record)
{
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };

    ck_assert(ea_record_encode(record, &buf));
    facts_put(EA_TABLE_ENROLL, key, ea_key_number(record->number, key), value,
              buf.len);
}

struct ea_claims
facts_token(char id, const struct ea_token_row *row)
{
    struct ea_token_row full = *row;
    struct ea_claims claims = { .pepper = 0 };
    uint8_t value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };

    memset(full.id, id, EA_TOKEN_ID_CHARS);
    memset(claims.id, id, EA_TOKEN_ID_CHARS);
    memset(claims.stored, id, sizeof(claims.stored));
    ck_assert(ea_token_row_encode(&full, &buf));
    facts_put(EA_TABLE_TOKEN, claims.stored, sizeof(claims.stored), value,
              buf.len);
    return claims;
}
