/* The words that audit, metrics and JSON keep for ever. */
#include <check.h>

#include "ea_enroll.h"
#include "suites.h"

START_TEST(test_words)
{
    ck_assert_str_eq(ea_state_word(EA_STATE_NONE), "none");
    ck_assert_str_eq(ea_state_word(EA_STATE_DELIVERED), "delivered");
    ck_assert_str_eq(ea_state_word(EA_STATE_RETIRED), "retired");
    ck_assert_str_eq(ea_hold_word(EA_HOLD_CLONE), "clone");
    ck_assert_str_eq(ea_reply_word(EA_REPLY_REFUSE), "refuse");
    ck_assert_str_eq(ea_reply_word(EA_REPLY_HELD), "held");
    ck_assert_str_eq(ea_reply_word(EA_REPLY_SCRIPT), "script");
    ck_assert_str_eq(ea_reply_word(EA_REPLY_NOTHING), "nothing");
    ck_assert_str_eq(ea_mark_word(EA_MARK_NONE), "");
    ck_assert_str_eq(ea_mark_word(EA_MARK_STRAY), "stray");
    ck_assert_str_eq(ea_mark_word(EA_MARK_OVERDUE), "overdue");
    ck_assert_str_eq(ea_mark_word(EA_MARK_DUPLICATE), "duplicate");
    ck_assert_str_eq(ea_mark_word(EA_MARK_UNKNOWN), "unknown");
}
END_TEST

START_TEST(test_no_word)
{
    ck_assert_str_eq(ea_state_word((enum ea_state)(EA_STATE_RETIRED + 1)), "");
    ck_assert_str_eq(ea_hold_word((enum ea_hold)(EA_HOLD_CLONE + 1)), "");
    ck_assert_str_eq(ea_reply_word((enum ea_reply)(EA_REPLY_NOTHING + 1)), "");
    ck_assert_str_eq(ea_mark_word((enum ea_mark)(EA_MARK_UNKNOWN + 1)), "");
}
END_TEST

Suite *
suite_ea_enroll_words(void)
{
    Suite *suite = suite_create("ea_enroll_words");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, test_words);
    tcase_add_test(tcase, test_no_word);
    suite_add_tcase(suite, tcase);
    return suite;
}
