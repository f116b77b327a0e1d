/* Requests beyond the model's samples: each refusal changes one thing of an
 * event that is accepted, which the same test asserts first. */
#include <string.h>

#include <check.h>

#include "enrolled.h"
#include "suites.h"

/* What one row changes. */
enum change {
    AS_IT_IS,
    UUID_SWAPPED,
    UUID_OTHER,
    UUID_ABSENT,
    UUID_ABSENT_ON_RECORD,
    DECLARED_SWAPPED,
    DECLARED_OTHER,
    MAC_OTHER,
    MAC_ABSENT,
    NO_TOKEN,
    TOKEN_WITHOUT_KIND,
    TOKEN_OF_SITE,
    TOKEN_OF_OLD_SITE,
    TOKEN_OLD,
    TOKEN_OTHER_EPOCH,
    NO_CERT,
    NO_CERT_OLD_TOKEN,
    CERT_OTHER_SITE,
    NOTHING_PRESENTED,
    CERT_OTHER_KEY,
    REQUIRES_NOTHING,
    WINDOW_SHUT,
    FOREIGN,
    EXPIRED,
    STORE_DOWN,
    KEYD_DOWN,
    NO_EVENT,
    SECRET_WRONG,
    TICKET_NOT_SET,
    SERVED_ATTEMPT_LOST,
    EXPOSED_TOO_OFTEN,
    ROLE,
    SOURCE_OTHER
};

static void
change_ids(struct enrolled *e, enum change change)
{
    const char *uuid = change == UUID_SWAPPED || change == DECLARED_SWAPPED
                           ? ENROLLED_UUID_SWAPPED
                       : change == UUID_OTHER || change == DECLARED_OTHER
                           ? ENROLLED_UUID_OTHER
                           : "";

    if (change == MAC_OTHER || change == MAC_ABSENT) {
        enrolled_text(e->f.ids.mac, sizeof(e->f.ids.mac),
                      change == MAC_OTHER ? ENROLLED_MAC_OTHER : "");
    } else if (change == DECLARED_SWAPPED || change == DECLARED_OTHER) {
        enrolled_text(e->pol.uuid, sizeof(e->pol.uuid), uuid);
    } else {
        enrolled_text(e->f.ids.uuid, sizeof(e->f.ids.uuid), uuid);
    }
    if (change == UUID_ABSENT_ON_RECORD) {
        e->rec.ids.uuid[0] = '\0';
    }
}

static void
change_credential(struct enrolled *e, enum change change)
{
    e->f.token.set = change != NO_TOKEN;
    if (change == TOKEN_WITHOUT_KIND) {
        e->f.token.kind = EA_TOKEN_KIND_NONE;
    } else if (change == TOKEN_OF_SITE || change == TOKEN_OF_OLD_SITE) {
        e->f.token.kind = EA_TOKEN_SITE;
        e->f.token.gen = e->pol.site_gen - (change == TOKEN_OF_SITE ? 0 : 1);
    } else if (change == TOKEN_OLD) {
        e->f.token.gen--;
    } else if (change == TOKEN_OTHER_EPOCH) {
        e->f.token.epoch++;
    } else if (change == REQUIRES_NOTHING) {
        e->pol.need_token = false;
    } else if (change == NOTHING_PRESENTED) {
        e->f.token.set = e->f.cert_ok = false;
    } else if (change == NO_CERT || change == NO_CERT_OLD_TOKEN ||
               change == CERT_OTHER_SITE) {
        e->pol.need_cert = true;
        e->f.cert_ok = false;
        e->f.token.gen -= change == NO_CERT_OLD_TOKEN ? 1 : 0;
        if (change != CERT_OTHER_SITE) {
            memset(e->f.spki, 0, sizeof(e->f.spki));
        }
    } else if (change == CERT_OTHER_KEY) {
        e->pol.need_cert = true;
        e->f.spki[0]++;
    }
}

static void
apply(struct enrolled *e, enum change change)
{
    if (change >= UUID_SWAPPED && change <= MAC_ABSENT) {
        change_ids(e, change);
    } else if (change >= NO_TOKEN && change <= REQUIRES_NOTHING) {
        change_credential(e, change);
    }
    e->pol.window_open = change != WINDOW_SHUT;
    e->f.foreign = change == FOREIGN;
    e->now += change == EXPIRED ? 200 : 0;
    e->f.store_ok = change != STORE_DOWN;
    e->f.keyd_ok = change != KEYD_DOWN;
    e->f.event = change == NO_EVENT ? EA_EVENT_NONE : e->f.event;
    e->f.ticket.secret_ok = e->f.ticket.secret_ok && change != SECRET_WRONG;
    e->f.ticket.set = e->f.ticket.set && change != TICKET_NOT_SET;
    e->rec.attempts_count =
        change == SERVED_ATTEMPT_LOST ? 0 : e->rec.attempts_count;
    if (change == EXPOSED_TOO_OFTEN) {
        e->rec.attempts[0].d = EA_D_MAX;
    }
    e->pol.role_ok = change != ROLE;
    if (change == SOURCE_OTHER) {
        e->pol.bind_source = true;
        enrolled_text(e->f.source, sizeof(e->f.source), "192.0.2.2/32");
    }
}

struct row {
    const char *label;
    enum change change;
    enum ea_reply reply;
    const char *row;
    enum ea_reason reason;
    enum ea_mark mark;
};

#define REFUSE EA_REPLY_REFUSE
#define UNKNOWN "2", EA_REASON_UNKNOWN, EA_MARK_NONE
#define WRONG_IDS "6", EA_REASON_IDS, EA_MARK_ALARM
#define WRONG_UUID "6", EA_REASON_UUID, EA_MARK_ALARM

/* Claims of an armed node, whose declared uuid and MAC are the twin's. */
static const struct row claims[] = {
    { "twin", AS_IT_IS, EA_REPLY_SCRIPT, "3", EA_REASON_CLAIMED, 0 },
    { "swapped", UUID_SWAPPED, EA_REPLY_SCRIPT, "3", EA_REASON_CLAIMED, 0 },
    { "declared swapped", DECLARED_SWAPPED, EA_REPLY_SCRIPT, "3",
      EA_REASON_CLAIMED, 0 },
    { "site token", TOKEN_OF_SITE, EA_REPLY_SCRIPT, "3", EA_REASON_CLAIMED, 0 },
    { "keyd down", KEYD_DOWN, EA_REPLY_SCRIPT, "3", EA_REASON_CLAIMED, 0 },
    { "other uuid", UUID_OTHER, REFUSE, WRONG_IDS },
    { "no uuid", UUID_ABSENT, REFUSE, WRONG_IDS },
    { "other declared", DECLARED_OTHER, REFUSE, WRONG_IDS },
    { "other mac", MAC_OTHER, REFUSE, WRONG_IDS },
    { "no mac", MAC_ABSENT, REFUSE, WRONG_IDS },
    { "foreign", FOREIGN, REFUSE, WRONG_IDS },
    { "no token beside a certificate", NO_TOKEN, REFUSE, "2",
      EA_REASON_TOKEN_MISSING, EA_MARK_NONE },
    { "no token and no certificate", NOTHING_PRESENTED, REFUSE, UNKNOWN },
    { "token without kind", TOKEN_WITHOUT_KIND, REFUSE, UNKNOWN },
    { "old site token", TOKEN_OF_OLD_SITE, REFUSE, UNKNOWN },
    { "old token", TOKEN_OLD, REFUSE, UNKNOWN },
    { "token of another epoch", TOKEN_OTHER_EPOCH, REFUSE, UNKNOWN },
    { "no certificate", NO_CERT, REFUSE, "2", EA_REASON_LISTENER,
      EA_MARK_NONE },
    { "no certificate, old token", NO_CERT_OLD_TOKEN, REFUSE, UNKNOWN },
    { "certificate of another site", CERT_OTHER_SITE, REFUSE, "2",
      EA_REASON_CERT_IDENTITY, EA_MARK_NONE },
    { "nothing required", REQUIRES_NOTHING, REFUSE, UNKNOWN },
    { "window", WINDOW_SHUT, REFUSE, "6", EA_REASON_WINDOW, 0 },
    { "expired", EXPIRED, REFUSE, "17", EA_REASON_CLOSED, 0 },
    { "store down", STORE_DOWN, EA_REPLY_BUSY, "21", EA_REASON_STORE, 0 },
    { "no event", NO_EVENT, REFUSE, "22", EA_REASON_UNKNOWN, 0 },
};

/* Claims of a claimed node. */
static const struct row again[] = {
    { "twin", AS_IT_IS, EA_REPLY_SCRIPT, "7", EA_REASON_AGAIN, 0 },
    { "window", WINDOW_SHUT, EA_REPLY_SCRIPT, "7", EA_REASON_AGAIN, 0 },
    { "other key", CERT_OTHER_KEY, REFUSE, "6", EA_REASON_CERT, 0 },
    { "other source", SOURCE_OTHER, REFUSE, "6", EA_REASON_SOURCE, 0 },
    { "other uuid", UUID_OTHER, REFUSE, WRONG_IDS },
    { "past its deadline", EXPIRED, REFUSE, "17", EA_REASON_CLOSED, 0 },
};

/* GETs with the ticket that is served. */
static const struct row gets[] = {
    { "twin", AS_IT_IS, EA_REPLY_CONFIG, "10", EA_REASON_EXPOSED, 0 },
    { "swapped", UUID_SWAPPED, EA_REPLY_CONFIG, "10", EA_REASON_EXPOSED, 0 },
    { "both absent", UUID_ABSENT_ON_RECORD, EA_REPLY_CONFIG, "10",
      EA_REASON_EXPOSED, 0 },
    { "other uuid", UUID_OTHER, REFUSE, WRONG_UUID },
    { "no uuid", UUID_ABSENT, REFUSE, WRONG_UUID },
    { "role", ROLE, REFUSE, "6", EA_REASON_ROLE, 0 },
    { "too often", EXPOSED_TOO_OFTEN, REFUSE, "6", EA_REASON_COUNT, 0 },
    { "other source", SOURCE_OTHER, REFUSE, "6", EA_REASON_SOURCE, 0 },
    { "no ticket", TICKET_NOT_SET, REFUSE, UNKNOWN },
    { "wrong secret", SECRET_WRONG, EA_REPLY_CONFLICT, "13",
      EA_REASON_SUPERSEDED, 0 },
    { "attempt lost", SERVED_ATTEMPT_LOST, EA_REPLY_CONFLICT, "13",
      EA_REASON_SUPERSEDED, 0 },
    { "keyd down", KEYD_DOWN, EA_REPLY_BUSY, "21", EA_REASON_KEYD, 0 },
    { "past its deadline", EXPIRED, REFUSE, "18", EA_REASON_CLOSED, 0 },
};

static void
check_row(struct enrolled *e, const struct row *row)
{
    bool grants =
        row->reply == EA_REPLY_SCRIPT || row->reply == EA_REPLY_CONFIG;

    apply(e, row->change);
    enrolled_decide(e);
    enrolled_expect(e, row->label, row->reply, row->row, row->reason, grants);
    ck_assert_msg(e->d.mark == row->mark, "%s: mark %s", row->label,
                  ea_mark_word(e->d.mark));
    ck_assert_msg((e->d.n != 0) == grants, "%s: attempt %u", row->label,
                  (unsigned)e->d.n);
}

START_TEST(test_claim)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_ARMED);
    check_row(&e, &claims[_i]);
}
END_TEST

START_TEST(test_claim_again)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_CLAIMED);
    check_row(&e, &again[_i]);
}
END_TEST

START_TEST(test_get)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_CLAIMED);
    enrolled_get(&e);
    check_row(&e, &gets[_i]);
}
END_TEST

START_TEST(test_zero_refuses)
{
    struct enrolled e;

    memset(&e, 0, sizeof(e));
    e.f.store_ok = true;
    for (unsigned event = 0; event <= EA_EVENT_GET; event++) {
        e.f.event = (enum ea_event)event;
        enrolled_decide(&e);
        ck_assert_int_eq(e.d.reply, EA_REPLY_REFUSE);
        ck_assert(!e.d.writes);
    }
}
END_TEST

/* Row 3 keeps what identifies the record and writes what the ticket needs. */
START_TEST(test_first_claim_writes)
{
    struct enrolled e;
    const struct ea_record *rec = &e.new_rec;

    enrolled_init(&e, EA_STATE_ARMED);
    enrolled_decide(&e);
    ck_assert(rec->number == 7 && rec->rev == 3 && rec->gen == 2);
    ck_assert(rec->state == EA_STATE_CLAIMED && rec->n == 1 && rec->cur == 1);
    ck_assert_uint_eq(rec->deadline, ENROLLED_NOW + EA_CLAIM_WINDOW);
    ck_assert_uint_eq(rec->attempts_count, 1);
    ck_assert_uint_eq(rec->attempts[0].pepper_id, 9);
    ck_assert_mem_eq(rec->attempts[0].salt, e.f.salt, EA_SALT_LEN);
    ck_assert(ea_ids_equal(&rec->ids, &e.f.ids));
    ck_assert_mem_eq(rec->spki, e.f.spki, EA_SHA256_LEN);
}
END_TEST

/* ---- no slot can be had (slots_max 0) ---- */

START_TEST(test_approve_without_slots)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_ARMED);
    e.rec.mode = EA_MODE_APPROVE;
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_CODE, "4", EA_REASON_PENDING, true);
    e.pol.slots_max = 0;
    enrolled_decide(&e);
    enrolled_expect(&e, "4", EA_REPLY_HELD, "4", EA_REASON_PENDING, false);
}
END_TEST

START_TEST(test_redeliver_without_slots)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    e.rec.attempts[0].w = 1;
    e.rec.r = 1;
    e.pol.slots_max = 0;
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_SCRIPT, "8", EA_REASON_AGAIN, true);
    e.rec.r = 2;
    enrolled_decide(&e);
    enrolled_expect(&e, "9", EA_REPLY_HELD, "9", EA_REASON_REDELIVER, true);
    ck_assert_int_eq(e.new_rec.hold, EA_HOLD_REDELIVER);
    ck_assert_int_eq(e.d.mark, EA_MARK_RECLAIM);
    ck_assert_uint_eq(e.new_rec.slots_count, 0);
    ck_assert_uint_eq(e.new_rec.n, 1);
}
END_TEST

START_TEST(test_hold_without_slots)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_CLAIMED);
    e.rec.hold = EA_HOLD_CLONE;
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_CODE, "14", EA_REASON_HELD, true);
    ck_assert_str_eq(e.d.slot, "NEWXYZ");
    e.pol.slots_max = 0;
    enrolled_decide(&e);
    enrolled_expect(&e, "14", EA_REPLY_HELD, "14", EA_REASON_HELD, false);
}
END_TEST

/* A poll secret is nothing while its slot is not approved, and an empty one is
 * nobody's. */
START_TEST(test_poll)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_CLAIMED);
    e.rec.mode = EA_MODE_APPROVE;
    enrolled_add_slot(&e, "ABCDEF");
    e.rec.slots[0].n = 1;
    memcpy(e.f.poll, e.rec.slots[0].poll, sizeof(e.f.poll));
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_SCRIPT, "5", EA_REASON_APPROVED,
                    false);
    e.f.poll[0] = 'X';
    enrolled_decide(&e);
    enrolled_expect(&e, "other", EA_REPLY_CODE, "4", EA_REASON_PENDING, true);
    memset(e.f.poll, 0, sizeof(e.f.poll));
    memset(e.rec.slots[0].poll, 0, sizeof(e.rec.slots[0].poll));
    enrolled_decide(&e);
    enrolled_expect(&e, "empty", EA_REPLY_CODE, "4", EA_REASON_PENDING, true);
}
END_TEST

/* ---- policy ---- */

START_TEST(test_policy)
{
    struct ea_site site = { .require = EA_REQUIRE_TOKEN_CERT,
                            .mode = EA_MODE_TOFU,
                            .ttl = 60,
                            .redeliver = 4,
                            .bind_source = true };
    struct ea_node node = { .role = EA_NODE_WORKER,
                            .key = EA_KEYS_MINT,
                            .uuid = ENROLLED_UUID,
                            .macs_count = 1,
                            .macs = { ENROLLED_MAC } };
    struct ea_policy pol;

    ea_policy_from(&site, &node, &pol);
    ck_assert(pol.need_token && pol.need_cert && pol.bind_source);
    ck_assert(pol.window_open && pol.role_ok && pol.mint);
    ck_assert(pol.mode == EA_MODE_TOFU && pol.ttl == 60 && pol.redeliver == 4);
    ck_assert_str_eq(pol.uuid, ENROLLED_UUID);
    ck_assert_str_eq(pol.macs[0], ENROLLED_MAC);
    ck_assert(pol.macs_count == 1 && pol.slots_max == 0);
    ck_assert(pol.epoch == 0 && pol.site_gen == 0);
    ck_assert(pol.n_max == EA_ATTEMPT_MAX && pol.gen_max == EA_GEN_MAX);
}
END_TEST

static const struct {
    enum ea_require require;
    bool token, cert;
} requires[] = {
    { EA_REQUIRE_NONE, false, false },
    { EA_REQUIRE_TOKEN, true, false },
    { EA_REQUIRE_CERT, false, true },
    { EA_REQUIRE_TOKEN_CERT, true, true },
};

START_TEST(test_policy_requires)
{
    const struct ea_site site = { .require = requires[_i].require };
    const struct ea_node node = { .role = EA_NODE_CONTROLPLANE,
                                  .key = EA_KEYS_STATIC };
    struct ea_policy pol;

    ea_policy_from(&site, &node, &pol);
    ck_assert_int_eq(pol.need_token, requires[_i].token);
    ck_assert_int_eq(pol.need_cert, requires[_i].cert);
    ck_assert(!pol.role_ok && !pol.mint);
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *
suite_ea_enroll(void)
{
    Suite *suite = suite_create("ea_enroll");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_claim, 0, COUNT(claims));
    tcase_add_loop_test(tcase, test_claim_again, 0, COUNT(again));
    tcase_add_loop_test(tcase, test_get, 0, COUNT(gets));
    tcase_add_test(tcase, test_zero_refuses);
    tcase_add_test(tcase, test_first_claim_writes);
    tcase_add_test(tcase, test_approve_without_slots);
    tcase_add_test(tcase, test_redeliver_without_slots);
    tcase_add_test(tcase, test_hold_without_slots);
    tcase_add_test(tcase, test_poll);
    tcase_add_test(tcase, test_policy);
    tcase_add_loop_test(tcase, test_policy_requires, 0, COUNT(requires));
    suite_add_tcase(suite, tcase);
    return suite;
}
