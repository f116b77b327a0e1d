/* Times, JSON strings, and the distance between words. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "pk_show.h"
#include "suites.h"

static const struct {
    const char *a, *b;
    unsigned distance;
} words[] = {
    { "", "", 0 },        { "site", "site", 0 },      { "site", "sites", 1 },
    { "site", "sit", 1 }, { "site", "side", 1 },      { "site", "sties", 3 },
    { "", "abc", 3 },     { "kitten", "sitting", 3 },
};

START_TEST(test_distance)
{
    ck_assert_uint_eq(pk_show_distance(words[_i].a, words[_i].b),
                      words[_i].distance);
    ck_assert_uint_eq(pk_show_distance(words[_i].b, words[_i].a),
                      words[_i].distance);
}
END_TEST

START_TEST(test_a_long_word_is_far_away)
{
    char word[80];

    memset(word, 'a', sizeof(word) - 1);
    word[sizeof(word) - 1] = '\0';
    ck_assert_uint_ge(pk_show_distance(word, "a"), 63);
    ck_assert_uint_ge(pk_show_distance("a", word), 63);
    word[63] = '\0';
    ck_assert_uint_eq(pk_show_distance(word, word), 0);
}
END_TEST

static const struct {
    const char *text, *shown;
} quoted[] = {
    { "", "\"\"" },
    { "a b", "\"a b\"" },
    { "a\"b\\", "\"a\\\"b\\\\\"" },
    { "\n\x7f", "\"\\u000a\\u007f\"" },
};

START_TEST(test_quoted)
{
    char *text = NULL;
    size_t len = 0;
    FILE *out = open_memstream(&text, &len);

    ck_assert_ptr_nonnull(out);
    pk_show_quoted(out, quoted[_i].text);
    ck_assert_int_eq(fclose(out), 0);
    ck_assert_str_eq(text, quoted[_i].shown);
    free(text);
}
END_TEST

START_TEST(test_time)
{
    ASN1_TIME *when = ASN1_TIME_set(NULL, 1700000000);
    char text[PK_TIME_TEXT_MAX];

    ck_assert(pk_show_time(when, text));
    ck_assert_str_eq(text, "2023-11-14T22:13:20Z");
    ASN1_TIME_free(when);
}
END_TEST

START_TEST(test_serial)
{
    static const char longest[] = "7FFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFFF";
    char text[PK_SERIAL_TEXT_MAX], too_long[60];
    BIGNUM *number = NULL;
    ASN1_INTEGER *serial;

    ck_assert_int_gt(BN_hex2bn(&number, longest), 0);
    serial = BN_to_ASN1_INTEGER(number, NULL);
    ck_assert(pk_show_serial(serial, text));
    ck_assert_str_eq(text, longest);
    ASN1_INTEGER_free(serial);
    memset(too_long, 'F', sizeof(too_long));
    too_long[50] = '\0';
    ck_assert_int_gt(BN_hex2bn(&number, too_long), 0);
    serial = BN_to_ASN1_INTEGER(number, NULL);
    ck_assert(!pk_show_serial(serial, text));
    ASN1_INTEGER_free(serial);
    BN_free(number);
}
END_TEST

Suite *
suite_pk_show(void)
{
    Suite *suite = suite_create("pk_show");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_distance, 0,
                        sizeof(words) / sizeof(words[0]));
    tcase_add_loop_test(tcase, test_quoted, 0,
                        sizeof(quoted) / sizeof(quoted[0]));
    tcase_add_test(tcase, test_a_long_word_is_far_away);
    tcase_add_test(tcase, test_time);
    tcase_add_test(tcase, test_serial);
    suite_add_tcase(suite, tcase);
    return suite;
}
