/* The pepper file: what it may hold, and the line that is to blame. */
#include <string.h>

#include <check.h>

#include "ea_pepper.h"
#include "suites.h"

#define A "00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff"
#define B "ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100"
#define ZERO "0000000000000000000000000000000000000000000000000000000000000000"

static const struct {
    const char *text;
    size_t count;     /* 0: refused */
    uint8_t first;    /* id of the writing key */
    unsigned line;    /* to blame; 0: the whole file */
    const char *part; /* of the message */
} rows[] = {
    { "1 " A "\n", 1, 1, 0, "" },
    { "1 " A, 1, 1, 0, "" },
    { "255 " A "\n1 " B "\n", 2, 255, 0, "" },
    { "# written by store init\n\n7 " A "\n\n# old\n3 " B "\n", 2, 7, 0, "" },
    { "", 0, 0, 0, "holds no key" },
    { "# nothing\n\n", 0, 0, 0, "holds no key" },
    { "0 " A "\n", 0, 0, 1, "key id is not" },
    { "256 " A "\n", 0, 0, 1, "key id is not" },
    { "01 " A "\n", 0, 0, 1, "key id is not" },
    { "x " A "\n", 0, 0, 1, "key id is not" },
    { A "\n", 0, 0, 1, "key id is not" },
    { " 1 " A "\n", 0, 0, 1, "key id is not" },
    { "1\t" A "\n", 0, 0, 1, "key id is not" },
    { "1  " A "\n", 0, 0, 1, "key 1 is not 64" },
    { "1 " A " \n", 0, 0, 1, "key 1 is not 64" },
    { "1 " A "\r\n", 0, 0, 1, "key 1 is not 64" },
    { "1 " A "0\n", 0, 0, 1, "key 1 is not 64" },
    { "1 \n", 0, 0, 1, "key 1 is not 64" },
    { "1 0011\n", 0, 0, 1, "key 1 is not 64" },
    { "1 " ZERO "\n", 0, 0, 1, "all zero" },
    { "\n1 " A "\n2 00112233\n", 0, 0, 3, "key 2 is not 64" },
    { "1 " A "\n1 " B "\n", 0, 0, 2, "there already" },
    { "1 " A "\n2 " B "\n3 " A "\n", 0, 0, 3, "more than 2" },
};

START_TEST(test_row)
{
    struct ea_pepper pepper;
    struct ea_error err = { 0 };
    bool good = ea_pepper_parse(ea_bytes_of(rows[_i].text), &pepper, &err);

    ck_assert_msg(good == (rows[_i].count > 0), "row %d: %s", _i, err.message);
    ck_assert_uint_eq(pepper.count, rows[_i].count);
    ck_assert_uint_eq(pepper.id[0], rows[_i].first);
    ck_assert_uint_eq(err.line, rows[_i].line);
    ck_assert_msg(strstr(err.message, rows[_i].part) != NULL, "%s",
                  err.message);
    ck_assert(strstr(err.message, "112233") == NULL);
    ea_pepper_release(&pepper);
    ck_assert_uint_eq(pepper.count, 0);
    ck_assert_ptr_null(pepper.mac[0]);
}
END_TEST

START_TEST(test_upper_case_hex)
{
    char text[] = "1 " A "\n";
    struct ea_pepper pepper;

    text[strlen(text) - 2] = 'F';
    ck_assert(!ea_pepper_parse(ea_bytes_of(text), &pepper, NULL));
    text[strlen(text) - 2] = 'f';
    ck_assert(ea_pepper_parse(ea_bytes_of(text), &pepper, NULL));
    ea_pepper_release(&pepper);
    ea_pepper_release(&pepper);
    ea_pepper_release(NULL);
}
END_TEST

START_TEST(test_length)
{
    static char text[EA_PEPPER_FILE_MAX + 2] = "1 " A "\n";
    struct ea_pepper pepper;
    struct ea_error err = { 0 };

    memset(text + strlen(text), '\n', sizeof(text) - 1 - strlen(text));
    ck_assert(ea_pepper_parse((struct ea_bytes){ text, EA_PEPPER_FILE_MAX },
                              &pepper, &err));
    ea_pepper_release(&pepper);
    ck_assert(!ea_pepper_parse(
        (struct ea_bytes){ text, EA_PEPPER_FILE_MAX + 1 }, &pepper, &err));
    ck_assert_int_eq(err.code, EA_E_RANGE);
}
END_TEST

Suite *
suite_ea_pepper(void)
{
    Suite *suite = suite_create("ea_pepper");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, test_upper_case_hex);
    tcase_add_test(tcase, test_length);
    suite_add_tcase(suite, tcase);
    return suite;
}
