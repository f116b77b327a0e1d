/* The command line: what is taken, and what is refused with its reason. */
#include <string.h>

#include <check.h>

#include "pk_args.h"
#include "suites.h"

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder" },
    { "--san", "NAME", PK_SAN, false, "one more name" },
    { "--renew", NULL, PK_RENEW, false, "anew" },
    { "--days", "N", PK_DAYS, false, "validity" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

static const struct {
    const char *argv[6];
    const char *message; /* NULL: accepted */
} rows[] = {
    { { "--dir", "a" }, NULL },
    { { "--dir=a" }, NULL },
    { { "--renew", "--dir", "a" }, NULL },
    { { "--dir", "a", "--san", "x", "--san=y" }, NULL },
    { { "--dir", "--renew" }, NULL }, /* the value may look like an option */
    { { NULL }, "--dir DIR is missing" },
    { { "--dir" }, "--dir needs a value: DIR" },
    { { "--dir=" }, "--dir is empty" },
    { { "--di", "a" }, "'--di' is not an option here" },
    { { "--dirs", "a" }, "'--dirs' is not an option here" },
    { { "-d", "a" }, "'-d' is not an option here" },
    { { "a" }, "'a' is not an option here" },
    { { "--dir", "a", "--dir", "b" }, "--dir is given twice" },
    { { "--dir", "a", "--renew=yes" }, "--renew takes no value" },
    { { "--dir", "a", "--renew", "--renew" }, "--renew is given twice" },
};

START_TEST(test_parse)
{
    struct pk_args args = { .out = NULL };
    struct ea_error err = { 0 };
    char text[6][32];
    char *argv[6];
    int argc = 0;

    while (argc < 6 && rows[_i].argv[argc] != NULL) {
        (void)snprintf(text[argc], sizeof(text[argc]), "%s",
                       rows[_i].argv[argc]);
        argv[argc] = text[argc];
        argc++;
    }
    ck_assert_msg(pk_args_parse(options, argc, argv, &args, &err) ==
                      (rows[_i].message == NULL),
                  "row %d: %s", _i, err.message);
    if (rows[_i].message != NULL) {
        ck_assert_str_eq(err.message, rows[_i].message);
        ck_assert_int_eq(err.code, EA_E_SYNTAX);
    } else {
        ck_assert_ptr_nonnull(args.value[PK_DIR]);
    }
}
END_TEST

START_TEST(test_values)
{
    struct pk_args args = { .out = NULL };
    char dir[] = "--dir=a=b", san[] = "--san", x[] = "x", y[] = "--san=y";
    char *argv[] = { dir, san, x, y };

    ck_assert(pk_args_parse(options, 4, argv, &args, NULL));
    ck_assert_str_eq(args.value[PK_DIR], "a=b");
    ck_assert_uint_eq(args.sans, 2);
    ck_assert_str_eq(args.san[0], "x");
    ck_assert_str_eq(args.san[1], "y");
    ck_assert_ptr_null(args.value[PK_RENEW]);
}
END_TEST

START_TEST(test_as_many_names_as_there_is_room_for)
{
    struct pk_args args = { .out = NULL };
    char dir[] = "--dir=a", san[] = "--san=x";
    char *argv[PK_SAN_MAX + 2] = { dir };

    for (int i = 1; i < PK_SAN_MAX + 2; i++) {
        argv[i] = san;
    }
    ck_assert(pk_args_parse(options, PK_SAN_MAX + 1, argv, &args, NULL));
    args = (struct pk_args){ .out = NULL };
    ck_assert(!pk_args_parse(options, PK_SAN_MAX + 2, argv, &args, NULL));
}
END_TEST

static const struct {
    const char *text;
    bool good;
    unsigned days;
} days[] = {
    { NULL, true, 0 },
    { "1", true, 1 },
    { "90", true, 90 },
    { "0", false, 0 },
    { "91", false, 0 },
    { "", false, 0 },
    { "1d", false, 0 },
    { "+1", false, 0 },
    { "01", false, 0 },
    { " 1", false, 0 },
    { "18446744073709551617", false, 0 },
};

START_TEST(test_days)
{
    struct pk_args args = { .out = NULL };
    unsigned found = 7;

    args.value[PK_DAYS] = days[_i].text;
    ck_assert(pk_args_days(&args, 90, &found, NULL) == days[_i].good);
    ck_assert_uint_eq(found, days[_i].good ? days[_i].days : 7);
}
END_TEST

static const struct pk_option operands[] = {
    { "STEP", NULL, PK_FIRST, true, "what to do" },
    { "CA", NULL, PK_SECOND, false, "to what" },
    { "--dir", "DIR", PK_DIR, false, "folder" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

static const struct {
    const char *argv[4], *first, *second;
    const char *message; /* NULL: accepted */
} operand_rows[] = {
    { { "a" }, "a", NULL, NULL },
    { { "a", "b" }, "a", "b", NULL },
    { { "a", "--dir", "d", "b" }, "a", "b", NULL },
    { { "--dir=d", "a=b" }, "a=b", NULL, NULL },
    { { "a", "b", "c" }, NULL, NULL, "'c' is not an option here" },
    { { "a", "-b" }, NULL, NULL, "'-b' is not an option here" },
    { { "--dir", "d" }, NULL, NULL, "STEP is missing" },
    { { "" }, NULL, NULL, "STEP is empty" },
};

START_TEST(test_operands)
{
    struct pk_args args = { .out = NULL };
    struct ea_error err = { 0 };
    char text[4][32];
    char *argv[4];
    int argc = 0;

    for (; argc < 4 && operand_rows[_i].argv[argc] != NULL; argc++) {
        (void)snprintf(text[argc], sizeof(text[argc]), "%s",
                       operand_rows[_i].argv[argc]);
        argv[argc] = text[argc];
    }
    ck_assert_msg(pk_args_parse(operands, argc, argv, &args, &err) ==
                      (operand_rows[_i].message == NULL),
                  "row %d: %s", _i, err.message);
    if (operand_rows[_i].message != NULL) {
        ck_assert_str_eq(err.message, operand_rows[_i].message);
        return;
    }
    ck_assert_str_eq(args.value[PK_FIRST], operand_rows[_i].first);
    ck_assert_pstr_eq(args.value[PK_SECOND], operand_rows[_i].second);
}
END_TEST

static const struct {
    const char *text;
    bool good;
    int days;
} durations[] = {
    { NULL, true, 7 },   { "1d", true, 1 },  { "30d", true, 30 },
    { "48h", true, 2 },  { "25h", true, 1 }, { "36500d", true, 36500 },
    { "30", false, 7 },  { "0d", false, 7 }, { "23h", false, 7 },
    { "d", false, 7 },   { "1w", false, 7 }, { "36501d", false, 7 },
    { "-1d", false, 7 },
};

START_TEST(test_duration)
{
    struct pk_args args = { .out = NULL };
    int found = 7;

    args.value[PK_WARN] = durations[_i].text;
    ck_assert(pk_args_duration(&args, PK_WARN, "--warn", &found, NULL) ==
              durations[_i].good);
    ck_assert_int_eq(found, durations[_i].days);
}
END_TEST

Suite *
suite_pk_args(void)
{
    Suite *suite = suite_create("pk_args");
    TCase *tcase = tcase_create("rows");

    tcase_add_loop_test(tcase, test_parse, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_loop_test(tcase, test_days, 0, sizeof(days) / sizeof(days[0]));
    tcase_add_loop_test(tcase, test_operands, 0,
                        sizeof(operand_rows) / sizeof(operand_rows[0]));
    tcase_add_loop_test(tcase, test_duration, 0,
                        sizeof(durations) / sizeof(durations[0]));
    tcase_add_test(tcase, test_values);
    tcase_add_test(tcase, test_as_many_names_as_there_is_room_for);
    suite_add_tcase(suite, tcase);
    return suite;
}
