/* From a credential and hardware ids to one node, and no further. */
#include <string.h>

#include <check.h>

#include "facts.h"
#include "suites.h"

#define NOW 1000u
#define UUID_A_SWAPPED "1402df9d-02b1-a349-bec3-d1151498a44e"

static struct ea_store *store;
static struct ea_case of;
static struct ea_facts facts;

static void
setup(void)
{
    store = facts_open();
}

/* ---- views whose n-th read fails ---- */

static size_t reads, fails_at;

static enum ea_found failing_get(struct ea_view *view, enum ea_table table,
                                 struct ea_bytes key,
                                 struct ea_bytes *ret_value, uint64_t *ret_rev);
static enum ea_found failing_next(struct ea_view *view, enum ea_table table,
                                  struct ea_bytes *key_io,
                                  struct ea_bytes *ret_value,
                                  uint64_t *ret_rev);

static const struct ea_store_ops failing_ops = {
    .name = "failing",
    .view_get = failing_get,
    .view_next = failing_next,
};
static struct ea_store failing_store = { &failing_ops };
static struct failing_view {
    struct ea_view base;
    struct ea_view *real;
} failing = { { &failing_store }, NULL };

static enum ea_found
failing_get(struct ea_view *view, enum ea_table table, struct ea_bytes key,
            struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    (void)view;
    return ++reads == fails_at
               ? EA_FOUND_FAILED
               : ea_view_get(failing.real, table, key, ret_value, ret_rev);
}

static enum ea_found
failing_next(struct ea_view *view, enum ea_table table, struct ea_bytes *key_io,
             struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    (void)view;
    return ++reads == fails_at
               ? EA_FOUND_FAILED
               : ea_view_next(failing.real, table, key_io, ret_value, ret_rev);
}

/* Asks with every single read failing in turn: each time the answer must be
 * FAILED with a message, and at last, when none fails, what it is without. */
static enum ea_gathered
ask_with_failures(enum ea_gathered (*ask)(struct ea_view *, const void *,
                                          struct ea_error *),
                  const void *context)
{
    enum ea_gathered got;

    failing.real = ea_store_view(store, NULL);
    ck_assert_ptr_nonnull(failing.real);
    for (fails_at = 1;; fails_at++) {
        struct ea_error err = { 0 };

        reads = 0;
        got = ask(&failing.base, context, &err);
        if (reads < fails_at) {
            break;
        }
        ck_assert_msg(got == EA_GATHER_FAILED, "read %zu of %zu", fails_at,
                      reads);
        ck_assert(err.message[0] != '\0');
        ck_assert_int_eq(err.code, EA_E_UNAVAILABLE);
    }
    ea_view_close(failing.real);
    return got;
}

/* ---- claims ---- */

enum token {
    NO_TOKEN = 0,
    OF_ALPHA,
    OF_FORMER,
    OF_NORTH,
    OF_DELTA,
    OF_NO_KIND,
    NOT_STORED
};
static struct ea_claims tokens[NOT_STORED + 1];

static void
put_tokens(void)
{
    static const struct ea_token_row token_rows[] = {
        [OF_ALPHA] = { .kind = EA_TOKEN_NODE,
                       .number = ALPHA,
                       .site = "north",
                       .gen = 1,
                       .epoch = FACTS_EPOCH },
        [OF_FORMER] = { .kind = EA_TOKEN_NODE,
                        .number = FORMER,
                        .site = "north",
                        .gen = 1,
                        .epoch = FACTS_EPOCH },
        [OF_NORTH] = { .kind = EA_TOKEN_SITE,
                       .site = "north",
                       .gen = FACTS_SITE_GEN,
                       .epoch = FACTS_EPOCH },
        [OF_DELTA] = { .kind = EA_TOKEN_NODE,
                       .number = DELTA,
                       .site = "both",
                       .gen = 1,
                       .epoch = FACTS_EPOCH },
        [OF_NO_KIND] = { .number = ALPHA,
                         .site = "north",
                         .gen = 1,
                         .epoch = FACTS_EPOCH },
    };

    for (size_t i = OF_ALPHA; i <= OF_NO_KIND; i++) {
        tokens[i] = facts_token((char)('a' + i), &token_rows[i]);
    }
    memset(tokens[NOT_STORED].stored, 0xee, EA_SHA256_LEN);
}

enum cert {
    NO_CERT = 0,
    FOR_SOUTH,
    FOR_GAMMA,
    FOR_BOTH,
    FOR_ALIEN,
    FOR_NOBODY
};
static const struct ea_spiffe certs[] = {
    [FOR_SOUTH] = { FACTS_DOMAIN, "south", "" },
    [FOR_GAMMA] = { FACTS_DOMAIN, "south", "gamma" },
    [FOR_BOTH] = { FACTS_DOMAIN, "both", "" },
    [FOR_ALIEN] = { "other.example.net", "south", "gamma" },
    [FOR_NOBODY] = { FACTS_DOMAIN, "south", "nobody" },
};

static const struct claim_row {
    const char *label;
    enum token token;
    enum cert cert;
    struct ea_ids ids;
    const char *node; /* NULL: none */
    bool foreign, cert_ok;
} claims[] = {
    { "node token",
      OF_ALPHA,
      0,
      { FACTS_UUID_A, "", FACTS_MAC "1" },
      "alpha",
      false,
      false },
    { "node token, unknown ids",
      OF_ALPHA,
      0,
      { "", "X", FACTS_MAC "f" },
      "alpha",
      false,
      false },
    { "node token, a serial of another",
      OF_ALPHA,
      0,
      { FACTS_UUID_A, "B", FACTS_MAC "1" },
      "alpha",
      true,
      false },
    { "node token, all ids of another",
      OF_ALPHA,
      0,
      { "", "B", FACTS_MAC "2" },
      "alpha",
      true,
      false },
    { "node token of a node no longer there",
      OF_FORMER,
      0,
      { "", "F", FACTS_MAC "5" },
      NULL,
      false,
      false },
    { "token that was never stored",
      NOT_STORED,
      0,
      { FACTS_UUID_A, "", FACTS_MAC "1" },
      NULL,
      false,
      false },
    { "token of no kind",
      OF_NO_KIND,
      0,
      { FACTS_UUID_A, "", FACTS_MAC "1" },
      NULL,
      false,
      false },
    { "nothing",
      0,
      0,
      { FACTS_UUID_A, "", FACTS_MAC "1" },
      NULL,
      false,
      false },
    { "site token, uuid",
      OF_NORTH,
      0,
      { FACTS_UUID_A, "", FACTS_MAC "f" },
      "alpha",
      false,
      false },
    { "site token, uuid in the other order",
      OF_NORTH,
      0,
      { UUID_A_SWAPPED, "", "" },
      "alpha",
      false,
      false },
    { "site token, serial",
      OF_NORTH,
      0,
      { "", "B", "" },
      "beta",
      false,
      false },
    { "site token, mac",
      OF_NORTH,
      0,
      { "", "", FACTS_MAC "2" },
      "beta",
      false,
      false },
    { "site token, no id known",
      OF_NORTH,
      0,
      { "", "X", FACTS_MAC "f" },
      NULL,
      false,
      false },
    { "site token, no id", OF_NORTH, 0, { "", "", "" }, NULL, false, false },
    { "site token, ids of two",
      OF_NORTH,
      0,
      { FACTS_UUID_A, "B", "" },
      NULL,
      false,
      false },
    { "site token, ids of two, the last one",
      OF_NORTH,
      0,
      { "", "B", FACTS_MAC "1" },
      NULL,
      false,
      false },
    { "site token, a node of another site",
      OF_NORTH,
      0,
      { FACTS_UUID_C, "", FACTS_MAC "3" },
      NULL,
      false,
      false },
    { "site token, an id of an older import",
      OF_NORTH,
      0,
      { "", "F", "" },
      NULL,
      false,
      false },
    { "site certificate",
      0,
      FOR_SOUTH,
      { FACTS_UUID_C, "", FACTS_MAC "3" },
      "gamma",
      false,
      true },
    { "site certificate, a node of another site",
      0,
      FOR_SOUTH,
      { FACTS_UUID_A, "", FACTS_MAC "1" },
      NULL,
      false,
      false },
    { "node certificate",
      0,
      FOR_GAMMA,
      { FACTS_UUID_C, "", FACTS_MAC "3" },
      "gamma",
      false,
      true },
    { "node certificate, ids of another",
      0,
      FOR_GAMMA,
      { FACTS_UUID_A, "", FACTS_MAC "3" },
      "gamma",
      true,
      true },
    { "node certificate of another domain",
      0,
      FOR_ALIEN,
      { FACTS_UUID_C, "", FACTS_MAC "3" },
      "gamma",
      false,
      false },
    { "node certificate of no node",
      0,
      FOR_NOBODY,
      { FACTS_UUID_C, "", FACTS_MAC "3" },
      NULL,
      false,
      false },
    { "both",
      OF_DELTA,
      FOR_BOTH,
      { "", "D", FACTS_MAC "4" },
      "delta",
      false,
      true },
    { "both, certificate of another site",
      OF_DELTA,
      FOR_SOUTH,
      { "", "D", FACTS_MAC "4" },
      "delta",
      false,
      false },
};

static enum ea_gathered
ask_claim(struct ea_view *view, const void *context, struct ea_error *err)
{
    const struct claim_row *row = context;
    const struct ea_presented presented = {
        .token = row->token == NO_TOKEN ? NULL : &tokens[row->token],
        .cert = row->cert == NO_CERT ? NULL : &certs[row->cert],
        .spki = { 9 },
        .ids = row->ids,
        .source = "192.0.2.7",
    };

    return ea_gather_claim(view, &presented, &of, &facts, err);
}

START_TEST(test_claim)
{
    const struct claim_row *row = &claims[_i];
    enum ea_gathered got;

    put_tokens();
    got = ask_with_failures(ask_claim, row);
    if (row->node == NULL) {
        ck_assert_msg(got == EA_GATHER_NONE, "%s", row->label);
        return;
    }
    ck_assert_msg(got == EA_GATHER_FOUND, "%s", row->label);
    ck_assert_str_eq(of.node.name, row->node);
    ck_assert_str_eq(of.site.name, of.node.site);
    ck_assert_uint_eq(of.record.number, of.node.number);
    ck_assert_uint_eq(of.policy.epoch, FACTS_EPOCH);
    ck_assert_uint_eq(of.policy.site_gen,
                      strcmp(of.site.name, "north") == 0 ? FACTS_SITE_GEN : 0);
    ck_assert_int_eq(facts.event, EA_EVENT_CLAIM);
    ck_assert(facts.store_ok && !facts.keyd_ok);
    ck_assert_msg(facts.foreign == row->foreign, "%s", row->label);
    ck_assert_msg(facts.cert_ok == row->cert_ok, "%s", row->label);
    ck_assert(facts.token.set == (row->token != NO_TOKEN));
    ck_assert(ea_ids_equal(&facts.ids, &row->ids));
    ck_assert_uint_eq(facts.spki[0], 9);
    ck_assert_str_eq(facts.source, "192.0.2.7/32");
}
END_TEST

START_TEST(test_claim_carries_the_token_and_the_record)
{
    struct ea_record record = facts_record(ALPHA);
    const struct claim_row *row = &claims[0];

    put_tokens();
    ck_assert_int_eq(ask_with_failures(ask_claim, row), EA_GATHER_FOUND);
    ck_assert_int_eq(of.record.state, EA_STATE_NONE);
    ck_assert_uint_eq(of.record.rev, 0);
    record.n = record.cur = 2;
    record.state = EA_STATE_CLAIMED;
    facts_put_record(&record);
    ck_assert_int_eq(ask_with_failures(ask_claim, row), EA_GATHER_FOUND);
    ck_assert_int_eq(of.record.state, EA_STATE_CLAIMED);
    ck_assert_uint_gt(of.record.rev, 0);
    ck_assert_uint_eq(facts.seen_n, 2);
    ck_assert_int_eq(facts.token.kind, EA_TOKEN_NODE);
    ck_assert_uint_eq(facts.token.gen, 1);
    ck_assert_uint_eq(facts.token.epoch, FACTS_EPOCH);
}
END_TEST

/* ---- tickets ---- */

#define PEPPER                                                                 \
    "1 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"

static struct ea_pepper pepper;
static struct ea_ticket ticket;

static void
make_ticket(uint16_t n, uint32_t epoch, uint8_t salt_byte)
{
    const uint8_t salt[EA_SALT_LEN] = { salt_byte };
    struct ea_secret_text text;

    ck_assert(
        ea_ticket_make(&pepper, 0, ALPHA, 1, n, epoch, salt, &text, NULL));
    ck_assert(ea_ticket_verify(&pepper, ea_bytes_of(text.text), &ticket, NULL));
}

static enum ea_gathered
ask_get(struct ea_view *view, const void *context, struct ea_error *err)
{
    return ea_gather_get(view, &pepper, &ticket, context, "2001:db8::7", &of,
                         &facts, err);
}

static const struct {
    const char *label;
    uint16_t n;
    uint32_t epoch;
    uint8_t salt;
    bool secret_ok;
} tickets[] = {
    { "the served one", 2, FACTS_EPOCH, 2, true },
    { "an earlier one", 1, FACTS_EPOCH, 1, true },
    { "salt of another arming", 2, FACTS_EPOCH, 1, false },
    { "another epoch", 2, FACTS_EPOCH - 1, 2, false },
    { "an attempt that is not kept", 3, FACTS_EPOCH, 2, false },
};

START_TEST(test_get)
{
    const struct ea_ids ids = { FACTS_UUID_A, "", "" };
    struct ea_record record = facts_record(ALPHA);

    record.state = EA_STATE_CLAIMED;
    record.n = record.cur = 2;
    record.attempts_count = 2;
    record.attempts[0] = (struct ea_attempt){ .n = 1, .salt = { 1 } };
    record.attempts[1] = (struct ea_attempt){ .n = 2, .salt = { 2 } };
    facts_put_record(&record);
    ck_assert(ea_pepper_parse(EA_BYTES(PEPPER), &pepper, NULL));
    make_ticket(tickets[_i].n, tickets[_i].epoch, tickets[_i].salt);
    ck_assert_int_eq(ask_with_failures(ask_get, &ids), EA_GATHER_FOUND);
    ck_assert_str_eq(of.node.name, "alpha");
    ck_assert_int_eq(facts.event, EA_EVENT_GET);
    ck_assert(facts.ticket.set && facts.store_ok && facts.ticket.epoch_ok);
    ck_assert_uint_eq(facts.ticket.n, tickets[_i].n);
    ck_assert_msg(facts.ticket.secret_ok == tickets[_i].secret_ok, "%s",
                  tickets[_i].label);
    ck_assert_str_eq(facts.ids.uuid, FACTS_UUID_A);
    ck_assert_str_eq(facts.source, "2001:db8::/64");
    /* The same record, armed anew or left from before a restore. */
    record.gen = 2;
    facts_put_record(&record);
    ck_assert_int_eq(ask_with_failures(ask_get, &ids), EA_GATHER_FOUND);
    ck_assert(!facts.ticket.secret_ok);
    record.gen = 1;
    record.epoch--;
    facts_put_record(&record);
    ck_assert_int_eq(ask_with_failures(ask_get, &ids), EA_GATHER_FOUND);
    ck_assert(!facts.ticket.epoch_ok);
    ea_pepper_release(&pepper);
}
END_TEST

START_TEST(test_get_for_no_node)
{
    const struct ea_ids ids = { FACTS_UUID_A, "", "" };

    ck_assert(ea_pepper_parse(EA_BYTES(PEPPER), &pepper, NULL));
    make_ticket(1, FACTS_EPOCH, 1);
    ticket.number = FORMER;
    ck_assert_int_eq(ask_with_failures(ask_get, &ids), EA_GATHER_NONE);
    ticket.number = ALPHA;
    ck_assert_int_eq(ask_with_failures(ask_get, &ids), EA_GATHER_FOUND);
    ck_assert(!facts.ticket.secret_ok);
    ea_pepper_release(&pepper);
}
END_TEST

/* ---- assets ---- */

static struct ea_asset asset;
static enum ea_reason reason;

static const struct asset_row {
    const char *label;
    enum token token;
    enum cert cert;
    uint32_t number; /* of the node whose record is put, 0: none */
    enum ea_state state;
    uint64_t expiry;
    uint32_t gen, epoch;
    const char *path;
    enum ea_reason reason; /* NONE: granted */
} asset_rows[] = {
    { "armed", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_NONE },
    { "claimed", OF_ALPHA, 0, ALPHA, EA_STATE_CLAIMED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_NONE },
    { "delivered", OF_ALPHA, 0, ALPHA, EA_STATE_DELIVERED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_NONE },
    { "no such file", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinu", EA_REASON_ASSET },
    { "UEFI, not in the list", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "ipxe.efi", EA_REASON_NONE },
    { "UEFI script", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1, FACTS_EPOCH,
      "autoexec.ipxe", EA_REASON_NONE },
    { "UEFI, expired", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, NOW, 1, FACTS_EPOCH,
      "ipxe.efi", EA_REASON_CLOSED },
    { "UEFI, not stored", NOT_STORED, 0, ALPHA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "ipxe.efi", EA_REASON_UNKNOWN },
    { "UEFI name below assets", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "assets/ipxe.efi", EA_REASON_ASSET },
    { "no path", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1, FACTS_EPOCH, "",
      EA_REASON_ASSET },
    { "expired", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, NOW, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_CLOSED },
    { "expired, no such file", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, NOW, 1,
      FACTS_EPOCH, "x", EA_REASON_CLOSED },
    { "joined", OF_ALPHA, 0, ALPHA, EA_STATE_JOINED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_JOINED },
    { "revoked", OF_ALPHA, 0, ALPHA, EA_STATE_REVOKED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "retired", OF_ALPHA, 0, ALPHA, EA_STATE_RETIRED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "never armed", OF_ALPHA, 0, 0, 0, 0, 0, 0, "assets/vmlinuz",
      EA_REASON_UNKNOWN },
    { "another's token", OF_ALPHA, 0, BETA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "armed anew since", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 2,
      FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "restored since", OF_ALPHA, 0, ALPHA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH - 1, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "not stored", NOT_STORED, 0, ALPHA, EA_STATE_ARMED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "token of no kind", OF_NO_KIND, 0, ALPHA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "nothing presented", 0, 0, ALPHA, EA_STATE_ARMED, 2000, 1, FACTS_EPOCH,
      "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "site token, its second node", OF_NORTH, 0, BETA, EA_STATE_ARMED, 2000, 5,
      FACTS_EPOCH, "assets/vmlinuz", EA_REASON_NONE },
    { "site token, a node of another site", OF_NORTH, 0, GAMMA, EA_STATE_ARMED,
      2000, 1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "site token, its node is closed", OF_NORTH, 0, BETA, EA_STATE_ARMED, NOW,
      1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_CLOSED },
    { "site token, its node of an older import", OF_NORTH, 0, FORMER,
      EA_STATE_ARMED, 2000, 1, FACTS_EPOCH, "assets/vmlinuz",
      EA_REASON_UNKNOWN },
    { "site certificate", 0, FOR_SOUTH, GAMMA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "assets/vmlinuz", EA_REASON_NONE },
    { "node certificate", 0, FOR_GAMMA, GAMMA, EA_STATE_ARMED, 2000, 1,
      FACTS_EPOCH, "assets/vmlinuz", EA_REASON_NONE },
    { "node certificate of another domain", 0, FOR_ALIEN, GAMMA, EA_STATE_ARMED,
      2000, 1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "token and certificate", OF_DELTA, FOR_BOTH, DELTA, EA_STATE_ARMED, 2000,
      1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_NONE },
    { "token without the certificate", OF_DELTA, 0, DELTA, EA_STATE_ARMED, 2000,
      1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_LISTENER },
    { "token with another site's certificate", OF_DELTA, FOR_SOUTH, DELTA,
      EA_STATE_ARMED, 2000, 1, FACTS_EPOCH, "assets/vmlinuz",
      EA_REASON_CERT_IDENTITY },
    { "certificate without the token", 0, FOR_BOTH, DELTA, EA_STATE_ARMED, 2000,
      1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_TOKEN_MISSING },
    { "certificate with another site's token", OF_ALPHA, FOR_BOTH, DELTA,
      EA_STATE_ARMED, 2000, 1, FACTS_EPOCH, "assets/vmlinuz",
      EA_REASON_UNKNOWN },
    { "old token without the certificate", OF_DELTA, 0, DELTA, EA_STATE_ARMED,
      2000, 2, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
    { "revoked, without the certificate", OF_DELTA, 0, DELTA, EA_STATE_REVOKED,
      2000, 1, FACTS_EPOCH, "assets/vmlinuz", EA_REASON_UNKNOWN },
};

static enum ea_gathered
ask_asset(struct ea_view *view, const void *context, struct ea_error *err)
{
    const struct asset_row *row = context;
    const struct ea_presented presented = {
        .token = row->token == NO_TOKEN ? NULL : &tokens[row->token],
        .cert = row->cert == NO_CERT ? NULL : &certs[row->cert],
        .spki = { row->cert == NO_CERT ? 0 : 1 },
        .source = "",
    };

    return ea_gather_asset(view, &presented, ea_bytes_of(row->path), NOW,
                           &asset, &reason, err);
}

START_TEST(test_asset)
{
    const struct asset_row *row = &asset_rows[_i];
    struct ea_record record = facts_record(row->number);
    enum ea_gathered got;

    put_tokens();
    if (row->number != 0) {
        record.state = row->state;
        record.expiry = record.deadline = row->expiry;
        record.gen = (uint16_t)row->gen;
        record.epoch = row->epoch;
        facts_put_record(&record);
    }
    got = ask_with_failures(ask_asset, row);
    ck_assert_msg(reason == row->reason, "%s: %s", row->label,
                  ea_reason_row(reason)->word);
    ck_assert_msg(got == (row->reason == EA_REASON_NONE ? EA_GATHER_FOUND
                                                        : EA_GATHER_NONE),
                  "%s", row->label);
    if (got == EA_GATHER_FOUND) {
        ck_assert_str_eq(asset.path, row->path);
        ck_assert_uint_eq(asset.size,
                          strchr(row->path, '/') != NULL ? 4711 : 0);
    }
}
END_TEST

/* ---- the first script ---- */

static const struct boot_row {
    const char *label;
    enum token token;
    enum cert cert;
    enum ea_reason reason; /* NONE: granted */
} boot_rows[] = {
    { "token", OF_ALPHA, 0, EA_REASON_NONE },
    { "token that was never stored", NOT_STORED, 0, EA_REASON_NONE },
    { "token of a node no longer there", OF_FORMER, 0, EA_REASON_NONE },
    { "token and a certificate nobody asked for", OF_ALPHA, FOR_SOUTH,
      EA_REASON_NONE },
    { "site certificate", 0, FOR_SOUTH, EA_REASON_NONE },
    { "node certificate", 0, FOR_GAMMA, EA_REASON_NONE },
    { "certificate of a node that is not there", 0, FOR_NOBODY,
      EA_REASON_NONE },
    { "both", OF_DELTA, FOR_BOTH, EA_REASON_NONE },
    { "both required, no certificate", OF_DELTA, 0, EA_REASON_LISTENER },
    { "both required, another site's certificate", OF_DELTA, FOR_SOUTH,
      EA_REASON_CERT_IDENTITY },
    { "both required, no token", 0, FOR_BOTH, EA_REASON_TOKEN_MISSING },
};

static enum ea_gathered
ask_boot(struct ea_view *view, const void *context, struct ea_error *err)
{
    const struct boot_row *row = context;
    const struct ea_presented presented = {
        .token = row->token == NO_TOKEN ? NULL : &tokens[row->token],
        .cert = row->cert == NO_CERT ? NULL : &certs[row->cert],
        .spki = { row->cert == NO_CERT ? 0 : 1 },
        .source = "",
    };

    return ea_gather_boot(view, &presented, &reason, err);
}

START_TEST(test_boot)
{
    const struct boot_row *row = &boot_rows[_i];
    enum ea_gathered got;

    put_tokens();
    got = ask_with_failures(ask_boot, row);
    ck_assert_msg(reason == row->reason, "%s: %s", row->label,
                  ea_reason_row(reason)->word);
    ck_assert_int_eq(got, row->reason == EA_REASON_NONE ? EA_GATHER_FOUND
                                                        : EA_GATHER_NONE);
}
END_TEST

/* ---- names ---- */

static enum ea_gathered
ask_node(struct ea_view *view, const void *context, struct ea_error *err)
{
    return ea_gather_node(view, ea_bytes_of(context), &of, err);
}

START_TEST(test_node)
{
    struct ea_record record = facts_record(FORMER);

    facts_put_record(&record);
    ck_assert_int_eq(ask_with_failures(ask_node, "beta"), EA_GATHER_FOUND);
    ck_assert_uint_eq(of.node.number, BETA);
    ck_assert_int_eq(ask_with_failures(ask_node, "former"), EA_GATHER_NONE);
    ck_assert_uint_eq(of.record.number, FORMER);
    ck_assert_uint_gt(of.record.rev, 0);
    ck_assert_int_eq(ask_with_failures(ask_node, "nobody"), EA_GATHER_NONE);
    ck_assert_uint_eq(of.record.number, 0);
    ck_assert_int_eq(ask_with_failures(ask_node, ""), EA_GATHER_NONE);
    /* The key of a site's token generation is no node. */
    ck_assert_int_eq(ask_with_failures(ask_node, "/north"), EA_GATHER_NONE);
}
END_TEST

/* ---- what does not decode is no answer ---- */

static const struct {
    const char *label;
    enum ea_table table;
    const char *value;
    size_t len;
} broken[] = {
    { "meta", EA_TABLE_META, "", 0 },
    { "meta of another schema", EA_TABLE_META, "\1\0\0\0\2", 5 },
    { "enrollment", EA_TABLE_ENROLL, "\1garbage", 8 },
    { "enrollment without a byte", EA_TABLE_ENROLL, "", 0 },
    { "number", EA_TABLE_NAME, "\0\0\1", 3 },
};

START_TEST(test_broken)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_view *view;
    struct ea_error err = { 0 };

    view = ea_store_view(store, NULL);
    ck_assert_int_eq(ask_node(view, "alpha", NULL), EA_GATHER_FOUND);
    ea_view_close(view);
    switch (broken[_i].table) {
    case EA_TABLE_META:
        facts_put(EA_TABLE_META, (const uint8_t *)"store", 5, broken[_i].value,
                  broken[_i].len);
        break;
    case EA_TABLE_ENROLL:
        facts_put(EA_TABLE_ENROLL, key, ea_key_number(ALPHA, key),
                  broken[_i].value, broken[_i].len);
        break;
    case EA_TABLE_NAME:
        facts_put(EA_TABLE_NAME, key, ea_key_name(EA_BYTES("alpha"), key),
                  broken[_i].value, broken[_i].len);
        break;
    case EA_TABLE_FACT:
    case EA_TABLE_HWID:
    case EA_TABLE_TOKEN:
    case EA_TABLE_AUDIT:
    case EA_TABLE_COUNT:
        ck_abort();
    }
    view = ea_store_view(store, NULL);
    ck_assert_msg(ask_node(view, "alpha", &err) == EA_GATHER_FAILED, "%s",
                  broken[_i].label);
    ck_assert(err.message[0] != '\0');
    ea_view_close(view);
}
END_TEST

/* A record that stands under another node's key grants nothing. */
START_TEST(test_record_of_another_node)
{
    struct ea_record record = facts_record(BETA);
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };
    struct ea_view *view;

    ck_assert(ea_record_encode(&record, &buf));
    facts_put(EA_TABLE_ENROLL, key, ea_key_number(ALPHA, key), value, buf.len);
    view = ea_store_view(store, NULL);
    ck_assert_int_eq(ask_node(view, "alpha", NULL), EA_GATHER_FAILED);
    ck_assert_int_eq(ask_node(view, "beta", NULL), EA_GATHER_FOUND);
    ea_view_close(view);
}
END_TEST

/* ---- addresses ---- */

static const struct {
    const char *address, *text;
} sources[] = {
    { "192.0.2.7", "192.0.2.7/32" },
    { "2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64" },
    { "2001:0DB8:0001:0002::", "2001:db8:1:2::/64" },
    { "::ffff:192.0.2.7", "192.0.2.7/32" },
    { "::1", "::/64" },
    { "", "" },
    { NULL, "" },
    { "unix:", "" },
    { "192.0.2", "" },
    { "192.0.2.7/32", "" },
    { "192.0.2.007", "" },
    { "fe80::1%eth0", "" },
    { "example.net", "" },
};

START_TEST(test_source)
{
    char text[EA_SOURCE_MAX + 1] = "before";

    ea_source_text(sources[_i].address, text);
    ck_assert_str_eq(text, sources[_i].text);
}
END_TEST

Suite *
suite_ea_gather(void)
{
    Suite *suite = suite_create("ea_gather");
    TCase *stored = tcase_create("stored"), *plain = tcase_create("addresses");

    tcase_add_checked_fixture(stored, setup, facts_close);
    tcase_add_loop_test(stored, test_claim, 0,
                        sizeof(claims) / sizeof(claims[0]));
    tcase_add_test(stored, test_claim_carries_the_token_and_the_record);
    tcase_add_loop_test(stored, test_get, 0,
                        sizeof(tickets) / sizeof(tickets[0]));
    tcase_add_test(stored, test_get_for_no_node);
    tcase_add_loop_test(stored, test_asset, 0,
                        sizeof(asset_rows) / sizeof(asset_rows[0]));
    tcase_add_loop_test(stored, test_boot, 0,
                        sizeof(boot_rows) / sizeof(boot_rows[0]));
    tcase_add_test(stored, test_node);
    tcase_add_loop_test(stored, test_broken, 0,
                        sizeof(broken) / sizeof(broken[0]));
    tcase_add_test(stored, test_record_of_another_node);
    suite_add_tcase(suite, stored);
    tcase_add_loop_test(plain, test_source, 0,
                        sizeof(sources) / sizeof(sources[0]));
    suite_add_tcase(suite, plain);
    return suite;
}
