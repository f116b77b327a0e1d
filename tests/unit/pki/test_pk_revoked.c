/* The record of what was revoked: rows that are read, and rows that are not. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "pk_revoked.h"
#include "suites.h"

#define GOOD                                                                   \
    "0A 2026-11-24T12:00:00Z keyCompromise 00ff 2027-02-22T12:00:00Z a b\n"

static char dir[PATH_MAX / 2], path[PATH_MAX];

static void
make_dir(void)
{
    (void)snprintf(dir, sizeof(dir), "/tmp/pk-revoked.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(dir));
    (void)snprintf(path, sizeof(path), "%s/revoked.txt", dir);
}

static void
remove_dir(void)
{
    (void)remove(path);
    ck_assert_int_eq(rmdir(dir), 0);
}

static void
write_record(const char *text)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_int_ge(fputs(text, file), 0);
    ck_assert_int_eq(fclose(file), 0);
}

static const struct {
    const char *text;
    int count; /* -1: refused */
} rows[] = {
    { "", 0 },
    { "# a note\n\n", 0 },
    { GOOD, 1 },
    { "# a note\n" GOOD GOOD, 2 },
    { "0A 2026-11-24T12:00:00Z keyCompromise 00ff 2027-02-22T12:00:00Z a", -1 },
    { "0A 2026-11-24T12:00:00Z stolen 00ff 2027-02-22T12:00:00Z a\n", -1 },
    { "0A 2026-11-24T12:00:00Z keyCompromise 00ff 2027-02-22T12:00:00Z\n", -1 },
    { "0A  2026-11-24T12:00:00Z keyCompromise 00ff 2027-02-22T12:00:00Z a\n",
      -1 },
    { "0A\n", -1 },
    { " \n", -1 },
    { "0123456789012345678901234567890123456789012345678901234567890123 "
      "2026-11-24T12:00:00Z keyCompromise 00ff 2027-02-22T12:00:00Z a\n",
      -1 },
};

START_TEST(test_rows)
{
    struct pk_revoked revoked = { NULL, 0 };
    struct ea_error err = { 0 };

    write_record(rows[_i].text);
    ck_assert_msg(pk_revoked_read(dir, &revoked, &err) == (rows[_i].count >= 0),
                  "row %d: %s", _i, err.message);
    if (rows[_i].count < 0) {
        ck_assert_int_eq(err.code, EA_E_CONFLICT);
    } else {
        ck_assert_uint_eq(revoked.count, (size_t)rows[_i].count);
    }
    pk_revoked_release(&revoked);
}
END_TEST

/* Two CAs may have given the same serial: the other one's certificate is not
 * the one that was revoked. */
START_TEST(test_find)
{
    struct pk_revoked revoked = { NULL, 0 };
    struct ea_error err = { 0 };
    X509 *cert = X509_new();

    write_record(GOOD);
    ck_assert_msg(pk_revoked_read(dir, &revoked, &err), "%s", err.message);
    ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(cert), 10), 1);
    ck_assert_int_eq(
        ASN1_TIME_set_string(X509_getm_notAfter(cert), "270222120000Z"), 1);
    ck_assert_ptr_eq(pk_revoked_find(&revoked, cert), &revoked.row[0]);
    ck_assert_int_eq(
        ASN1_TIME_set_string(X509_getm_notAfter(cert), "270222120001Z"), 1);
    ck_assert_ptr_null(pk_revoked_find(&revoked, cert));
    ck_assert_int_eq(
        ASN1_TIME_set_string(X509_getm_notAfter(cert), "270222120000Z"), 1);
    ck_assert_int_eq(ASN1_INTEGER_set(X509_get_serialNumber(cert), 11), 1);
    ck_assert_ptr_null(pk_revoked_find(&revoked, cert));
    X509_free(cert);
    pk_revoked_release(&revoked);
}
END_TEST

START_TEST(test_fields)
{
    struct pk_revoked revoked = { NULL, 0 };

    write_record(GOOD);
    ck_assert(pk_revoked_read(dir, &revoked, NULL));
    ck_assert_str_eq(revoked.row[0].serial, "0A");
    ck_assert_str_eq(revoked.row[0].reason, "keyCompromise");
    ck_assert_str_eq(revoked.row[0].ends, "2027-02-22T12:00:00Z");
    ck_assert_str_eq(revoked.row[0].path, "a b");
    pk_revoked_release(&revoked);
}
END_TEST

START_TEST(test_no_record_is_an_empty_one)
{
    struct pk_revoked revoked = { NULL, 0 };

    ck_assert(pk_revoked_read(dir, &revoked, NULL));
    ck_assert_uint_eq(revoked.count, 0);
    ck_assert_ptr_null(revoked.row);
}
END_TEST

/* The numbers of RFC 5280, 5.3.1. */
START_TEST(test_reasons)
{
    ck_assert_int_eq(pk_reason_code("unspecified"), 0);
    ck_assert_int_eq(pk_reason_code("keyCompromise"), 1);
    ck_assert_int_eq(pk_reason_code("CACompromise"), 2);
    ck_assert_int_eq(pk_reason_code("affiliationChanged"), 3);
    ck_assert_int_eq(pk_reason_code("superseded"), 4);
    ck_assert_int_eq(pk_reason_code("cessationOfOperation"), 5);
    ck_assert_int_eq(pk_reason_code("certificateHold"), -1);
    ck_assert_int_eq(pk_reason_code("keycompromise"), -1);
    ck_assert_int_eq(pk_reason_code(""), -1);
}
END_TEST

Suite *
suite_pk_revoked(void)
{
    Suite *suite = suite_create("pk_revoked");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, make_dir, remove_dir);
    tcase_add_loop_test(tcase, test_rows, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, test_fields);
    tcase_add_test(tcase, test_find);
    tcase_add_test(tcase, test_no_record_is_an_empty_one);
    tcase_add_test(tcase, test_reasons);
    suite_add_tcase(suite, tcase);
    return suite;
}
