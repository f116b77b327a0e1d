/* The first byte picks the kind of value. What is accepted is written the same
 * way again; what is refused leaves nothing behind. The decision takes any
 * record that can be read. */
#include <string.h>

#include "ea_record.h"
#include "fuzz.h"

/* The codecs behind one signature. */
#define CODEC(name, type)                                                      \
    static bool again_##name(struct ea_bytes in, struct ea_buf *out,           \
                             struct ea_error *err)                             \
    {                                                                          \
        struct type value, before;                                             \
                                                                               \
        memset(&value, 0xa5, sizeof(value));                                   \
        memset(&before, 0xa5, sizeof(before));                                 \
        if (!ea_##name##_decode(in, &value, err)) {                            \
            MUST(memcmp(&value, &before, sizeof(value)) == 0);                 \
            return false;                                                      \
        }                                                                      \
        MUST(ea_##name##_encode(&value, out));                                 \
        return true;                                                           \
    }

CODEC(record, ea_record)
CODEC(token_row, ea_token_row)
CODEC(meta, ea_meta)
CODEC(gate, ea_gate)
CODEC(site, ea_site)
CODEC(node, ea_node)
CODEC(asset, ea_asset)

static bool (*const codecs[])(struct ea_bytes in, struct ea_buf *out,
                              struct ea_error *err) = {
    again_record, again_token_row, again_meta,  again_gate,
    again_site,   again_node,      again_asset,
};

/* Every event against the record; what is to be written can be. */
static void
decide(struct ea_bytes in)
{
    const struct ea_site site = { .require = EA_REQUIRE_TOKEN,
                                  .mode = EA_MODE_APPROVE };
    const struct ea_node node = { .role = EA_NODE_WORKER };
    struct ea_record record, written;
    struct ea_policy policy;
    struct ea_facts facts;
    struct ea_decision decision;
    uint8_t bytes[EA_RECORD_MAX];

    memset(&record, 0, sizeof(record));
    if (!ea_record_decode(in, &record, NULL)) {
        return;
    }
    ea_policy_from(&site, &node, &policy);
    policy.epoch = record.epoch;
    memset(&facts, 0, sizeof(facts));
    facts.store_ok = facts.token.set = facts.ticket.set = true;
    facts.ticket.epoch_ok = facts.ticket.secret_ok = true;
    facts.token.kind = EA_TOKEN_NODE;
    facts.token.gen = facts.gen = facts.ticket.gen = record.gen;
    facts.token.epoch = record.epoch;
    facts.ids = record.ids;
    facts.seen_n = record.n;
    facts.n = facts.ticket.n = record.cur;
    memcpy(facts.slot_code, record.slots[0].code, sizeof(facts.slot_code));
    memcpy(facts.key, record.keys[0].id, sizeof(facts.key));
    for (unsigned i = 0; i < 3u * (EA_EVENT_REBIND + 1); i++) {
        struct ea_buf buf = { bytes, 0, sizeof(bytes), false };

        facts.event = (enum ea_event)(i / 3);
        facts.live = i % 3 == 0 ? 0 : UINT32_MAX;
        policy.slots_max = i % 3 == 1 ? 0 : EA_SLOTS_MAX;
        ea_enroll_decide(&record, &policy, &facts, record.expiry / 2, &decision,
                         &written);
        MUST(decision.row != NULL);
        MUST(!decision.writes || ea_record_encode(&written, &buf));
        MUST(!decision.writes || written.number == record.number);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ea_bytes in = { (const char *)data + 1, size - 1 };
    uint8_t bytes[EA_RECORD_MAX];
    struct ea_buf buf = { bytes, 0, sizeof(bytes), false };
    struct ea_error err = { 0 };

    if (size == 0) {
        return 0;
    }
    if (!codecs[data[0] % (sizeof(codecs) / sizeof(codecs[0]))](in, &buf,
                                                                &err)) {
        MUST(err.message[0] != '\0');
        return 0;
    }
    MUST(buf.len == in.len && memcmp(bytes, in.ptr, in.len) == 0);
    if (data[0] % (sizeof(codecs) / sizeof(codecs[0])) == 0) {
        decide(in);
    }
    return 0;
}
