/* What holds for every stored value: it comes back as it was, and a value that
 * is cut, longer, of another format or damaged is refused and changes
 * nothing. */
#include <string.h>

#include <check.h>

#include "ea_record.h"
#include "suites.h"

union value {
    struct ea_record record;
    struct ea_token_row token;
    struct ea_meta meta;
    struct ea_gate gate;
    struct ea_site site;
    struct ea_node node;
    struct ea_asset asset;
};

/* As long as it may be: no byte of it is zero but the NUL. */
static void
fill(char *text, size_t size)
{
    memset(text, 'z', size - 1);
    text[size - 1] = '\0';
}

#define FILL(text) fill((text), sizeof(text))

static void
fill_ids(struct ea_ids *ids)
{
    FILL(ids->uuid);
    FILL(ids->serial);
    FILL(ids->mac);
}

static void
fill_lists(struct ea_record *record)
{
    record->attempts_count = EA_ATTEMPTS_MAX;
    for (size_t i = 0; i < EA_ATTEMPTS_MAX; i++) {
        record->attempts[i].n = (uint16_t)(0x0102 + i);
        record->attempts[i].pepper_id = 3;
        memset(record->attempts[i].salt, 4, EA_SALT_LEN);
        record->attempts[i].d = 0x05060708;
        record->attempts[i].w = 0x090a0b0c;
    }
    record->slots_count = EA_SLOTS_MAX;
    for (size_t i = 0; i < EA_SLOTS_MAX; i++) {
        FILL(record->slots[i].code);
        FILL(record->slots[i].poll);
        record->slots[i].n = (uint16_t)(0x0203 + i);
        fill_ids(&record->slots[i].ids);
        FILL(record->slots[i].source);
        memset(record->slots[i].spki, 5, EA_SHA256_LEN);
    }
    record->keys_count = EA_KEYS_MAX;
    for (size_t i = 0; i < EA_KEYS_MAX; i++) {
        record->keys[i].n = (uint16_t)(0x0304 + i);
        FILL(record->keys[i].id);
    }
    record->delete_count = EA_DELETE_MAX;
    for (size_t i = 0; i < EA_DELETE_MAX; i++) {
        FILL(record->delete_ids[i]);
    }
}

static void
fill_record(union value *value)
{
    struct ea_record *record = &value->record;

    record->number = EA_NUMBER_MAX - 1;
    record->gen = EA_GEN_MAX - 1;
    record->epoch = 0x01020304;
    record->state = EA_STATE_RETIRED;
    record->mode = EA_MODE_APPROVE;
    record->expiry = 0x0102030405060708;
    record->deadline = 0x1112131415161718;
    record->hold = EA_HOLD_CLONE;
    record->n = EA_ATTEMPT_MAX;
    record->cur = EA_ATTEMPT_MAX - 1;
    record->floor = EA_ATTEMPT_MAX - 2;
    record->r = 0x21222324;
    fill_ids(&record->ids);
    FILL(record->source);
    memset(record->spki, 6, EA_SHA256_LEN);
    FILL(record->device);
    record->exposed = true;
    record->exposed_at = 0x3132333435363738;
    fill_lists(record);
}

static void
fill_token(union value *value)
{
    struct ea_token_row *row = &value->token;

    FILL(row->id);
    row->kind = EA_TOKEN_SITE;
    row->number = 0x01020304;
    FILL(row->site);
    row->gen = 0x11121314;
    row->epoch = 0x21222324;
    row->created = 0x3132333435363738;
}

static void
empty_meta(union value *value)
{
    value->meta.schema = EA_SCHEMA;
}

static void
fill_meta(union value *value)
{
    struct ea_meta *meta = &value->meta;

    meta->schema = EA_SCHEMA;
    meta->epoch = 0x01020304;
    meta->import_gen = 0x11121314;
    meta->next_number = 0x21222324;
    meta->clock = 0x3132333435363738;
    meta->boot_clock = 0x4142434445464748;
    FILL(meta->boot_id);
    meta->lab = true;
}

static void
fill_gate(union value *value)
{
    struct ea_gate *gate = &value->gate;

    gate->serial = 0x01020304;
    FILL(gate->cluster);
    FILL(gate->boot);
    FILL(gate->boot_mtls);
    FILL(gate->config);
    FILL(gate->trust_domain);
}

static void
fill_site(union value *value)
{
    struct ea_site *site = &value->site;

    FILL(site->name);
    site->require = EA_REQUIRE_TOKEN_CERT;
    site->token = EA_TOKEN_SITE;
    site->mode = EA_MODE_APPROVE;
    site->assets = EA_ASSETS_MATCHBOX;
    site->ttl = 0x01020304;
    site->redeliver = 0x11121314;
    site->bind_source = true;
}

static void
fill_node(union value *value)
{
    struct ea_node *node = &value->node;

    node->number = 0x01020304;
    FILL(node->name);
    FILL(node->site);
    node->role = EA_NODE_CONTROLPLANE;
    node->kind = EA_KIND_OTHER;
    node->key = EA_KEYS_NONE;
    FILL(node->uuid);
    FILL(node->serial);
    node->macs_count = EA_MACS_MAX;
    for (size_t i = 0; i < EA_MACS_MAX; i++) {
        FILL(node->macs[i]);
    }
    node->select_count = EA_LABELS_MAX;
    for (size_t i = 0; i < EA_LABELS_MAX; i++) {
        FILL(node->select[i].key);
        FILL(node->select[i].value);
    }
    node->has_digest = node->has_previous = true;
    memset(node->digest, 2, EA_SHA256_LEN);
    memset(node->previous, 3, EA_SHA256_LEN);
    FILL(node->hostname);
    FILL(node->tags);
}

static void
fill_asset(union value *value)
{
    FILL(value->asset.path);
    value->asset.size = 0x0102030405060708;
    memset(value->asset.digest, 4, EA_SHA256_LEN);
}

/* The codecs behind one signature. */
#define CODEC(name)                                                            \
    static bool encode_##name(const union value *value, struct ea_buf *buf)    \
    {                                                                          \
        return ea_##name##_encode(&value->name, buf);                          \
    }                                                                          \
    static bool decode_##name(struct ea_bytes bytes, union value *ret_value,   \
                              struct ea_error *err)                            \
    {                                                                          \
        return ea_##name##_decode(bytes, &ret_value->name, err);               \
    }
#define ea_token_encode ea_token_row_encode
#define ea_token_decode ea_token_row_decode

CODEC(record)
CODEC(token)
CODEC(meta)
CODEC(gate)
CODEC(site)
CODEC(node)
CODEC(asset)

/* Nothing is set in a zeroed value. */
static void
empty(union value *value)
{
    (void)value;
}

static const struct {
    const char *label;
    void (*make)(union value *value);
    bool (*encode)(const union value *value, struct ea_buf *buf);
    bool (*decode)(struct ea_bytes bytes, union value *ret_value,
                   struct ea_error *err);
} values[] = {
    { "no record", empty, encode_record, decode_record },
    { "record", fill_record, encode_record, decode_record },
    { "no token", empty, encode_token, decode_token },
    { "token", fill_token, encode_token, decode_token },
    { "no meta", empty_meta, encode_meta, decode_meta },
    { "meta", fill_meta, encode_meta, decode_meta },
    { "no gate", empty, encode_gate, decode_gate },
    { "gate", fill_gate, encode_gate, decode_gate },
    { "no site", empty, encode_site, decode_site },
    { "site", fill_site, encode_site, decode_site },
    { "no node", empty, encode_node, decode_node },
    { "node", fill_node, encode_node, decode_node },
    { "no asset", empty, encode_asset, decode_asset },
    { "asset", fill_asset, encode_asset, decode_asset },
};

/* Room for a byte too many; a value of one kind and its bytes. */
struct stored {
    union value value;
    uint8_t bytes[EA_RECORD_MAX + 1];
    size_t len;
};

static void
store(struct stored *stored, int i)
{
    struct ea_buf buf = { stored->bytes, 0, EA_RECORD_MAX, false };

    memset(stored, 0, sizeof(*stored));
    values[i].make(&stored->value);
    ck_assert_msg(values[i].encode(&stored->value, &buf) && !buf.failed,
                  "%s does not fit", values[i].label);
    stored->len = buf.len;
}

static bool
load(const struct stored *stored, size_t len, int i, union value *ret_value,
     struct ea_error *err)
{
    struct ea_bytes bytes = { (const char *)stored->bytes, len };

    return values[i].decode(bytes, ret_value, err);
}

/* Refused, with a message, and the result not touched. */
static void
must_refuse(const struct stored *stored, size_t len, int i)
{
    union value got, before;
    struct ea_error err = { 0 };

    memset(&got, 0xa5, sizeof(got));
    before = got;
    ck_assert_msg(!load(stored, len, i, &got, &err), "%s: %zu of %zu bytes",
                  values[i].label, len, stored->len);
    ck_assert_mem_eq(&got, &before, sizeof(got));
    ck_assert_int_eq(err.code, EA_E_SYNTAX);
    ck_assert(strncmp(err.message, "stored ", 7) == 0);
}

START_TEST(test_round_trip)
{
    struct stored stored;
    union value got;
    struct ea_error err = { 0 };

    store(&stored, _i);
    memset(&got, 0, sizeof(got));
    ck_assert_msg(load(&stored, stored.len, _i, &got, &err), "%s: %s",
                  values[_i].label, err.message);
    ck_assert_mem_eq(&got, &stored.value, sizeof(got));
}
END_TEST

START_TEST(test_cut)
{
    struct stored stored;

    store(&stored, _i);
    for (size_t len = 0; len < stored.len; len++) {
        must_refuse(&stored, len, _i);
    }
}
END_TEST

START_TEST(test_trailing)
{
    struct stored stored;

    store(&stored, _i);
    must_refuse(&stored, stored.len + 1, _i);
    stored.bytes[stored.len] = 1;
    must_refuse(&stored, stored.len + 1, _i);
}
END_TEST

START_TEST(test_other_format)
{
    static const uint8_t formats[] = { 0, 2, 255 };
    struct stored stored;

    store(&stored, _i);
    for (size_t i = 0; i < sizeof(formats); i++) {
        stored.bytes[0] = formats[i];
        must_refuse(&stored, stored.len, _i);
    }
}
END_TEST

START_TEST(test_no_room)
{
    struct stored stored;
    uint8_t bytes[EA_RECORD_MAX] = { 0 };

    store(&stored, _i);
    for (size_t cap = 2; cap < stored.len + 2; cap++) {
        struct ea_buf buf = { bytes, 2, cap, false };

        ck_assert(!values[_i].encode(&stored.value, &buf));
        ck_assert(buf.failed && buf.len == 2);
        buf.cap = sizeof(bytes);
        ck_assert_msg(!values[_i].encode(&stored.value, &buf),
                      "the failure does not stick");
    }
}
END_TEST

/* There is one encoding: whatever is accepted is written the same way. */
START_TEST(test_damaged)
{
    struct stored stored;
    uint8_t bytes[EA_RECORD_MAX];
    union value got;

    store(&stored, _i);
    for (size_t at = 0; at < stored.len; at++) {
        uint8_t was = stored.bytes[at];

        for (unsigned bit = 0; bit < 8; bit++) {
            struct ea_buf buf = { bytes, 0, sizeof(bytes), false };

            stored.bytes[at] = (uint8_t)(was ^ 1u << bit);
            memset(&got, 0, sizeof(got));
            if (load(&stored, stored.len, _i, &got, NULL)) {
                ck_assert(values[_i].encode(&got, &buf));
                ck_assert_uint_eq(buf.len, stored.len);
                ck_assert_mem_eq(bytes, stored.bytes, buf.len);
            }
        }
        stored.bytes[at] = was;
    }
}
END_TEST

START_TEST(test_appends)
{
    struct stored stored;
    uint8_t bytes[EA_RECORD_MAX];
    struct ea_buf buf = { bytes, 3, sizeof(bytes), false };

    store(&stored, _i);
    memcpy(bytes, "abc", 3);
    ck_assert(values[_i].encode(&stored.value, &buf));
    ck_assert_uint_eq(buf.len, 3 + stored.len);
    ck_assert_mem_eq(bytes, "abc", 3);
    ck_assert_mem_eq(bytes + 3, stored.bytes, stored.len);
}
END_TEST

Suite *
suite_ea_codec(void)
{
    const int count = sizeof(values) / sizeof(values[0]);
    Suite *suite = suite_create("ea_codec");
    TCase *tcase = tcase_create("values");

    tcase_add_loop_test(tcase, test_round_trip, 0, count);
    tcase_add_loop_test(tcase, test_cut, 0, count);
    tcase_add_loop_test(tcase, test_trailing, 0, count);
    tcase_add_loop_test(tcase, test_other_format, 0, count);
    tcase_add_loop_test(tcase, test_no_room, 0, count);
    tcase_add_loop_test(tcase, test_damaged, 0, count);
    tcase_add_loop_test(tcase, test_appends, 0, count);
    suite_add_tcase(suite, tcase);
    return suite;
}
