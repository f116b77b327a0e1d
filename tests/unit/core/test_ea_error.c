/* Errors keep their text within bounds and take context in front. */
#include <string.h>

#include <check.h>

#include "ea_types.h"
#include "suites.h"

START_TEST(test_fail_fills_and_returns_false)
{
    struct ea_error err = { 0 };

    ck_assert(!ea_fail(&err, EA_E_RANGE, "ttl '%d' is too long", 7));
    ck_assert_int_eq(err.code, EA_E_RANGE);
    ck_assert_str_eq(err.message, "ttl '7' is too long");
    ea_error_prefix(&err, "node '%s'", "edge-7");
    ck_assert_str_eq(err.message, "node 'edge-7': ttl '7' is too long");
    ck_assert(!ea_fail(NULL, EA_E_RANGE, "nobody listens"));
}
END_TEST

START_TEST(test_long_text_is_cut)
{
    struct ea_error err = { 0 };
    char text[2 * EA_ERROR_MESSAGE_MAX];

    memset(text, 'x', sizeof(text) - 1);
    text[sizeof(text) - 1] = '\0';
    ck_assert(!ea_fail(&err, EA_E_SYNTAX, "%s", text));
    ck_assert_uint_eq(strlen(err.message), EA_ERROR_MESSAGE_MAX - 1);
    ea_error_prefix(&err, "%s", text);
    ck_assert_uint_eq(strlen(err.message), EA_ERROR_MESSAGE_MAX - 1);
    ea_error_at(&err, text, 3, 4);
    ck_assert_uint_eq(strlen(err.file), EA_ERROR_FILE_MAX - 1);
    ck_assert_uint_eq(err.line, 3);
}
END_TEST

START_TEST(test_bytes_equal)
{
    ck_assert(ea_bytes_equal(EA_BYTES("ab"), ea_bytes_of("ab")));
    ck_assert(ea_bytes_equal((struct ea_bytes){ NULL, 0 }, EA_BYTES("")));
    ck_assert(!ea_bytes_equal(EA_BYTES("ab"), EA_BYTES("abc")));
    ck_assert(!ea_bytes_equal(EA_BYTES("ab"), EA_BYTES("aB")));
}
END_TEST

Suite *
suite_ea_error(void)
{
    Suite *suite = suite_create("ea_error");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, test_fail_fills_and_returns_false);
    tcase_add_test(tcase, test_long_text_is_cut);
    tcase_add_test(tcase, test_bytes_equal);
    suite_add_tcase(suite, tcase);
    return suite;
}
