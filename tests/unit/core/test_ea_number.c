/* Numbers and durations: exact grammar, exact limits. */
#include <string.h>

#include <check.h>

#include "ea_number.h"
#include "suites.h"

static const struct {
    const char *text;
    uint64_t min, max;
    bool good;
    uint64_t value;
    const char *message; /* part of it */
} numbers[] = {
    { "0", 0, 9, true, 0, "" },
    { "7", 7, 7, true, 7, "" },
    { "18446744073709551615", 0, UINT64_MAX, true, UINT64_MAX, "" },
    { "6", 7, 7, false, 0, "ttl '6' is less than 7" },
    { "8", 7, 7, false, 0, "ttl '8' is more than 7" },
    { "18446744073709551616", 0, UINT64_MAX, false, 0, "not a number" },
    { "99999999999999999999", 0, UINT64_MAX, false, 0, "not a number" },
    { "100000000000000000000", 0, UINT64_MAX, false, 0, "not a number" },
    { "", 0, 9, false, 0, "ttl '' is not a number" },
    { "00", 0, 9, false, 0, "not a number" },
    { "07", 0, 9, false, 0, "not a number" },
    { "+7", 0, 9, false, 0, "not a number" },
    { "-7", 0, 9, false, 0, "not a number" },
    { " 7", 0, 9, false, 0, "not a number" },
    { "7 ", 0, 9, false, 0, "not a number" },
    { "7\n", 0, 9, false, 0, "ttl '7?' is not a number" },
    { "0x7", 0, 9, false, 0, "not a number" },
    { "7.0", 0, 9, false, 0, "not a number" },
    { "1e1", 0, 99, false, 0, "not a number" },
};

static const struct {
    const char *text;
    uint64_t min, max;
    bool good;
    uint64_t value;
    const char *message;
} durations[] = {
    { "60s", 60, 86400, true, 60, "" },
    { "24h", 60, 86400, true, 86400, "" },
    { "90m", 60, 86400, true, 5400, "" },
    { "30d", 60, 2592000, true, 2592000, "" },
    { "0s", 0, 1, true, 0, "" },
    { "59s", 60, 86400, false, 0, "by '59s' is less than 60s" },
    { "25h", 60, 86400, false, 0, "by '25h' is more than 86400s" },
    { "213503982334602d", 0, UINT64_MAX, false, 0, "is more than" },
    { "24", 60, 86400, false, 0, "by '24' is not a duration" },
    { "h", 60, 86400, false, 0, "not a duration" },
    { "", 60, 86400, false, 0, "not a duration" },
    { "24H", 60, 86400, false, 0, "not a duration" },
    { "24 h", 60, 86400, false, 0, "not a duration" },
    { "1h30m", 60, 86400, false, 0, "not a duration" },
    { "01h", 60, 86400, false, 0, "not a duration" },
    { "-1h", 60, 86400, false, 0, "not a duration" },
    { "1w", 60, 8640000, false, 0, "not a duration" },
};

START_TEST(test_number)
{
    struct ea_error err = { 0 };
    uint64_t value = 42;
    bool good = ea_number_parse(ea_bytes_of(numbers[_i].text), numbers[_i].min,
                                numbers[_i].max, "ttl", &value, &err);

    ck_assert_msg(good == numbers[_i].good, "'%s'", numbers[_i].text);
    ck_assert_msg(value == (good ? numbers[_i].value : 42), "'%s'",
                  numbers[_i].text);
    ck_assert_msg(strstr(err.message, numbers[_i].message) != NULL, "'%s'",
                  err.message);
}
END_TEST

START_TEST(test_duration)
{
    struct ea_error err = { 0 };
    uint64_t value = 42;
    bool good =
        ea_duration_parse(ea_bytes_of(durations[_i].text), durations[_i].min,
                          durations[_i].max, "by", &value, &err);

    ck_assert_msg(good == durations[_i].good, "'%s'", durations[_i].text);
    ck_assert_msg(value == (good ? durations[_i].value : 42), "'%s'",
                  durations[_i].text);
    ck_assert_msg(strstr(err.message, durations[_i].message) != NULL, "'%s'",
                  err.message);
}
END_TEST

START_TEST(test_slices_need_no_nul)
{
    uint64_t value = 0;

    ck_assert(ea_number_parse((struct ea_bytes){ "123", 2 }, 0, 99, "n", &value,
                              NULL));
    ck_assert_uint_eq(value, 12);
    ck_assert(!ea_number_parse((struct ea_bytes){ "1\0", 2 }, 0, 99, "n",
                               &value, NULL));
    ck_assert(!ea_number_parse((struct ea_bytes){ NULL, 0 }, 0, 99, "n", &value,
                               NULL));
    ck_assert(!ea_duration_parse((struct ea_bytes){ NULL, 0 }, 0, 99, "n",
                                 &value, NULL));
}
END_TEST

Suite *
suite_ea_number(void)
{
    Suite *suite = suite_create("ea_number");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_number, 0,
                        sizeof(numbers) / sizeof(numbers[0]));
    tcase_add_loop_test(tcase, test_duration, 0,
                        sizeof(durations) / sizeof(durations[0]));
    tcase_add_test(tcase, test_slices_need_no_nul);
    suite_add_tcase(suite, tcase);
    return suite;
}
