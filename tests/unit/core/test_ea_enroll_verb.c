/* The operator's verbs where the model has nothing to say: the fixed room for
 * keys to delete, and what a record keeps. */
#include <string.h>

#include <check.h>

#include "enrolled.h"
#include "suites.h"

/* Verbs that move all keys to the list of those to delete. */
static const struct {
    enum ea_event verb;
    const char *row;
    enum ea_reason done;
} dropping[] = {
    { EA_EVENT_ARM, "1", EA_REASON_ARMED },
    { EA_EVENT_RESET, "1", EA_REASON_ARMED },
    { EA_EVENT_REVOKE, "20", EA_REASON_REVOKED },
    { EA_EVENT_RETIRE, "20", EA_REASON_RETIRED },
    { EA_EVENT_CONFIRM, "confirm", EA_REASON_JOINED },
};

START_TEST(test_no_key_is_lost)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    e.f.event = dropping[_i].verb;
    enrolled_add_keys(&e, 3, EA_DELETE_MAX - 3);
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_DONE, dropping[_i].row,
                    dropping[_i].done, true);
    ck_assert_uint_eq(e.new_rec.delete_count, EA_DELETE_MAX);
    ck_assert_str_eq(e.new_rec.delete_ids[EA_DELETE_MAX - 1], "key-2");
    ck_assert_uint_eq(e.new_rec.keys_count, 0);

    enrolled_add_keys(&e, 3, EA_DELETE_MAX - 2);
    enrolled_decide(&e);
    if (dropping[_i].row[0] == '2') {
        /* what is in no record, the sweep finds */
        enrolled_expect(&e, "full", EA_REPLY_DONE, dropping[_i].row,
                        dropping[_i].done, true);
        ck_assert_uint_eq(e.new_rec.delete_count, EA_DELETE_MAX - 2);
        ck_assert_uint_eq(e.new_rec.keys_count, 0);
        return;
    }
    enrolled_expect(&e, "full", EA_REPLY_REFUSED, dropping[_i].row,
                    EA_REASON_KEYD, false);
    ck_assert_int_eq(e.d.mark, EA_MARK_NONE);
}
END_TEST

START_TEST(test_arm_keeps_and_clears)
{
    struct enrolled e;
    const struct ea_record *rec = &e.new_rec;

    enrolled_init(&e, EA_STATE_DELIVERED);
    e.rec.hold = EA_HOLD_CLONE;
    enrolled_add_slot(&e, "ABCDEF");
    enrolled_text(e.rec.device, sizeof(e.rec.device), "dev-1");
    e.f.event = EA_EVENT_ARM;
    enrolled_decide(&e);
    ck_assert(rec->number == 7 && rec->rev == 3 && rec->gen == 3);
    ck_assert(rec->state == EA_STATE_ARMED && rec->hold == EA_HOLD_NONE);
    ck_assert(rec->n == 0 && rec->cur == 0 && rec->attempts_count == 0);
    ck_assert(rec->slots_count == 0 && !rec->exposed && rec->deadline == 0);
    ck_assert_uint_eq(rec->expiry, ENROLLED_NOW + e.pol.ttl);
    ck_assert_str_eq(rec->device, "dev-1");
    ck_assert_str_eq(rec->source, "");
    ck_assert(ea_ids_equal(&rec->ids, &e.rec.ids));

    e.f.forget = true;
    enrolled_decide(&e);
    ck_assert(ea_ids_is_empty(&rec->ids));
}
END_TEST

/* The last generation is never passed: revoking must work all the same. */
START_TEST(test_last_generation)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_CLAIMED);
    e.f.event = EA_EVENT_ARM;
    e.rec.gen = EA_GEN_MAX - 1;
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_DONE, "1", EA_REASON_ARMED, true);
    e.rec.gen = EA_GEN_MAX;
    enrolled_decide(&e);
    enrolled_expect(&e, "last", EA_REPLY_REFUSED, "1", EA_REASON_GENERATIONS,
                    false);
    e.f.event = EA_EVENT_REVOKE;
    enrolled_decide(&e);
    enrolled_expect(&e, "revoke", EA_REPLY_DONE, "20", EA_REASON_REVOKED, true);
    ck_assert_uint_eq(e.new_rec.gen, EA_GEN_MAX);
}
END_TEST

START_TEST(test_deny_keeps_the_others)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_CLAIMED);
    e.f.event = EA_EVENT_DENY;
    enrolled_add_slot(&e, "AAAAAA");
    enrolled_add_slot(&e, "BBBBBB");
    enrolled_add_slot(&e, "CCCCCC");
    enrolled_text(e.f.slot_code, sizeof(e.f.slot_code), "BBBBBB");
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_DONE, "deny", EA_REASON_DENIED, true);
    ck_assert_uint_eq(e.new_rec.slots_count, 2);
    ck_assert_str_eq(e.new_rec.slots[0].code, "AAAAAA");
    ck_assert_str_eq(e.new_rec.slots[1].code, "CCCCCC");
    enrolled_text(e.f.slot_code, sizeof(e.f.slot_code), "BBBBBC");
    enrolled_decide(&e);
    enrolled_expect(&e, "other", EA_REPLY_REFUSED, "22", EA_REASON_STATE,
                    false);
    e.f.slot_code[0] = '\0';
    enrolled_decide(&e);
    enrolled_expect(&e, "none", EA_REPLY_REFUSED, "22", EA_REASON_STATE, false);
}
END_TEST

/* The machine in the slot is served, with the slot's facts and not with those
 * of the command. */
START_TEST(test_approve)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_ARMED);
    e.rec.mode = EA_MODE_APPROVE;
    e.f.event = EA_EVENT_APPROVE;
    enrolled_add_slot(&e, "AAAAAA");
    enrolled_add_slot(&e, "BBBBBB");
    enrolled_text(e.rec.slots[1].ids.serial, sizeof(e.rec.slots[1].ids.serial),
                  "S2");
    enrolled_text(e.f.slot_code, sizeof(e.f.slot_code), "BBBBBB");
    enrolled_decide(&e);
    enrolled_expect(&e, "twin", EA_REPLY_DONE, "5", EA_REASON_APPROVED, true);
    ck_assert_uint_eq(e.d.n, 1);
    ck_assert_uint_eq(e.new_rec.slots_count, 1);
    ck_assert_str_eq(e.new_rec.slots[0].code, "BBBBBB");
    ck_assert_uint_eq(e.new_rec.slots[0].n, 1);
    ck_assert_str_eq(e.new_rec.ids.serial, "S2");
    ck_assert_str_eq(e.new_rec.source, "192.0.2.9/32");
    e.f.live = 1;
    enrolled_decide(&e);
    enrolled_expect(&e, "not live", EA_REPLY_REFUSED, "22", EA_REASON_SLOT,
                    false);
    e.f.slot_code[0] = '\0';
    enrolled_decide(&e);
    enrolled_expect(&e, "no code", EA_REPLY_REFUSED, "22", EA_REASON_TICKET,
                    false);
}
END_TEST

Suite *
suite_ea_enroll_verb(void)
{
    Suite *suite = suite_create("ea_enroll_verb");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_no_key_is_lost, 0,
                        sizeof(dropping) / sizeof(dropping[0]));
    tcase_add_test(tcase, test_arm_keeps_and_clears);
    tcase_add_test(tcase, test_last_generation);
    tcase_add_test(tcase, test_deny_keeps_the_others);
    tcase_add_test(tcase, test_approve);
    suite_add_tcase(suite, tcase);
    return suite;
}
