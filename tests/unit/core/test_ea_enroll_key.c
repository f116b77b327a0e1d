/* Key events at the limits of the record: 16 keys, 64 ids to delete. */
#include <string.h>

#include <check.h>

#include "enrolled.h"
#include "suites.h"

static void
report(struct enrolled *e, enum ea_event event, const char *key)
{
    e->f.event = event;
    e->f.gen = e->rec.gen;
    e->f.n = e->rec.cur;
    enrolled_text(e->f.key, sizeof(e->f.key), key);
    enrolled_text(e->f.device, sizeof(e->f.device), "dev-2");
    enrolled_decide(e);
}

START_TEST(test_minted_full_list)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    enrolled_add_keys(&e, 2, EA_DELETE_MAX - 1);
    report(&e, EA_EVENT_MINTED, "new");
    enrolled_expect(&e, "twin", EA_REPLY_SEND, "11", EA_REASON_KEY, true);
    enrolled_add_keys(&e, 2, EA_DELETE_MAX);
    report(&e, EA_EVENT_MINTED, "new");
    enrolled_expect(&e, "full", EA_REPLY_BUSY, "11", EA_REASON_KEYD, false);
    report(&e, EA_EVENT_MINTED, "key-1");
    enrolled_expect(&e, "known", EA_REPLY_SEND, "11", EA_REASON_KEY, false);
    report(&e, EA_EVENT_MINTED, "old-1");
    enrolled_expect(&e, "to delete", EA_REPLY_BUSY, "11", EA_REASON_OVERTAKEN,
                    false);
}
END_TEST

START_TEST(test_minted_too_late)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    enrolled_add_keys(&e, 1, 0);
    e.rec.hold = EA_HOLD_CLONE;
    report(&e, EA_EVENT_MINTED, "new");
    enrolled_expect(&e, "held", EA_REPLY_BUSY, "11", EA_REASON_OVERTAKEN, true);
    ck_assert_uint_eq(e.new_rec.keys_count, 1);
    ck_assert_str_eq(e.new_rec.delete_ids[0], "new");
    enrolled_add_keys(&e, 1, EA_DELETE_MAX);
    report(&e, EA_EVENT_MINTED, "new");
    enrolled_expect(&e, "full", EA_REPLY_BUSY, "11", EA_REASON_KEYD, false);
}
END_TEST

START_TEST(test_minted_oldest_makes_room)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    enrolled_add_keys(&e, EA_KEYS_MAX, EA_DELETE_MAX - 1);
    report(&e, EA_EVENT_MINTED, "new");
    enrolled_expect(&e, "17th", EA_REPLY_SEND, "11", EA_REASON_KEY, true);
    ck_assert_uint_eq(e.new_rec.keys_count, EA_KEYS_MAX);
    ck_assert_str_eq(e.new_rec.keys[0].id, "key-1");
    ck_assert_str_eq(e.new_rec.keys[EA_KEYS_MAX - 1].id, "new");
    ck_assert_uint_eq(e.new_rec.delete_count, EA_DELETE_MAX);
    ck_assert_str_eq(e.new_rec.delete_ids[EA_DELETE_MAX - 1], "key-0");
}
END_TEST

START_TEST(test_used_full_list)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    enrolled_add_keys(&e, 3, EA_DELETE_MAX - 2);
    report(&e, EA_EVENT_USED, "key-1");
    enrolled_expect(&e, "twin", EA_REPLY_DONE, "16", EA_REASON_JOINED, true);
    ck_assert_uint_eq(e.new_rec.keys_count, 1);
    ck_assert_str_eq(e.new_rec.keys[0].id, "key-1");
    ck_assert_str_eq(e.new_rec.device, "dev-2");
    ck_assert_uint_eq(e.new_rec.delete_count, EA_DELETE_MAX);
    enrolled_add_keys(&e, 3, EA_DELETE_MAX - 1);
    report(&e, EA_EVENT_USED, "key-1");
    enrolled_expect(&e, "full", EA_REPLY_BUSY, "21", EA_REASON_KEYD, false);
    ck_assert_int_eq(e.d.mark, EA_MARK_NONE);
}
END_TEST

START_TEST(test_used_by_nobody_new)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_DELIVERED);
    enrolled_add_keys(&e, 1, 0);
    report(&e, EA_EVENT_USED, "key-9");
    enrolled_expect(&e, "key", EA_REPLY_NOTHING, "16a", EA_REASON_ALARM, false);
    ck_assert_int_eq(e.d.mark, EA_MARK_STRAY);
    enrolled_text(e.rec.device, sizeof(e.rec.device), "dev-2");
    report(&e, EA_EVENT_USED, "key-0");
    enrolled_expect(&e, "device", EA_REPLY_NOTHING, "16a", EA_REASON_ALARM,
                    false);
    e.rec.state = EA_STATE_JOINED;
    report(&e, EA_EVENT_USED, "key-0");
    ck_assert_int_eq(e.d.mark, EA_MARK_TWIN);
}
END_TEST

START_TEST(test_deleted)
{
    struct enrolled e;

    enrolled_init(&e, EA_STATE_JOINED);
    enrolled_add_keys(&e, 1, 3);
    report(&e, EA_EVENT_DELETED, e.rec.delete_ids[1]);
    enrolled_expect(&e, "listed", EA_REPLY_DONE, "deleted", EA_REASON_KEY,
                    true);
    ck_assert_uint_eq(e.new_rec.delete_count, 2);
    ck_assert_str_eq(e.new_rec.delete_ids[0], e.rec.delete_ids[0]);
    ck_assert_str_eq(e.new_rec.delete_ids[1], e.rec.delete_ids[2]);
    ck_assert_uint_eq(e.new_rec.keys_count, 1);
    report(&e, EA_EVENT_DELETED, "key-0");
    enrolled_expect(&e, "kept", EA_REPLY_NOTHING, "deleted", EA_REASON_KEY,
                    false);
}
END_TEST

Suite *
suite_ea_enroll_key(void)
{
    Suite *suite = suite_create("ea_enroll_key");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, test_minted_full_list);
    tcase_add_test(tcase, test_minted_too_late);
    tcase_add_test(tcase, test_minted_oldest_makes_room);
    tcase_add_test(tcase, test_used_full_list);
    tcase_add_test(tcase, test_used_by_nobody_new);
    tcase_add_test(tcase, test_deleted);
    suite_add_tcase(suite, tcase);
    return suite;
}
