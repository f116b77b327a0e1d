/* Revocation lists: what is on them, how they age, and their number. */
#include <string.h>

#include <check.h>
#include <openssl/x509v3.h>

#include "pk_crl_file.h"
#include "suites.h"

#define NOW 1764000000 /* 2025-11-24T16:00:00Z */
#define DAY (24 * 60 * 60)

static struct pk_issuer ca;
static char issuer[PK_ISSUER_ID_MAX];

static void
make_ca(void)
{
    const struct pk_subject subject = { .profile = pk_profile_get(PK_CONFIG_CA),
                                        .now = NOW };

    ca.key = pk_key_new(PK_KEY_P256, NULL);
    ca.cert = pk_cert_issue(&subject, ca.key, NULL, NULL);
    ck_assert_ptr_nonnull(ca.cert);
    ck_assert(pk_issuer_id(ca.cert, issuer, NULL));
}

static void
drop_ca(void)
{
    pk_issuer_release(&ca);
}

static struct pk_revocation
row(const char *serial, const char *ends)
{
    struct pk_revocation made = { .when = "2025-11-20T00:00:00Z",
                                  .reason = "superseded" };

    (void)snprintf(made.serial, sizeof(made.serial), "%s", serial);
    (void)snprintf(made.ends, sizeof(made.ends), "%s", ends);
    (void)snprintf(made.issuer, sizeof(made.issuer), "%s", issuer);
    return made;
}

static int
entries(X509_CRL *crl)
{
    int count = sk_X509_REVOKED_num(X509_CRL_get_REVOKED(crl));

    return count < 0 ? 0 : count;
}

static int64_t
number(const X509_CRL *crl)
{
    ASN1_INTEGER *value = X509_CRL_get_ext_d2i(crl, NID_crl_number, NULL, NULL);
    int64_t found = 0;

    ck_assert_int_eq(ASN1_INTEGER_get_int64(&found, value), 1);
    ASN1_INTEGER_free(value);
    return found;
}

START_TEST(test_entries)
{
    struct pk_revocation rows[] = {
        row("0A", "2026-11-24T00:00:00Z"),
        row("0B", "2025-11-20T00:00:00Z"), /* over, but not for long */
        row("0C", "2025-11-01T00:00:00Z"), /* long over */
        row("0D", "2026-11-24T00:00:00Z"), /* of another CA */
    };
    struct pk_revoked revoked = { rows, 4 };
    X509_CRL *crl;

    rows[3].issuer[0] = 'x';
    crl = pk_crl_sign(&ca, &revoked, NULL, 30, NOW, NULL);
    ck_assert_ptr_nonnull(crl);
    ck_assert_int_eq(X509_CRL_verify(crl, ca.key), 1);
    ck_assert_int_eq(entries(crl), 2);
    ck_assert(pk_crl_is_complete(crl, ca.cert, &revoked, NOW));
    rows[3] = row("0D", "2026-11-24T00:00:00Z");
    ck_assert(!pk_crl_is_complete(crl, ca.cert, &revoked, NOW));
    X509_CRL_free(crl);
}
END_TEST

START_TEST(test_number_grows)
{
    struct pk_revoked none = { NULL, 0 };
    X509_CRL *first = pk_crl_sign(&ca, &none, NULL, 30, NOW, NULL);
    X509_CRL *second = pk_crl_sign(&ca, &none, first, 30, NOW, NULL);
    X509_CRL *back = pk_crl_sign(&ca, &none, second, 30, NOW - DAY, NULL);

    ck_assert_int_eq(number(first), NOW);
    ck_assert_int_eq(number(second), NOW + 1);
    ck_assert_int_eq(number(back), NOW + 2); /* a clock that went back */
    X509_CRL_free(first);
    X509_CRL_free(second);
    X509_CRL_free(back);
}
END_TEST

START_TEST(test_age)
{
    static const struct {
        int64_t after;
        int days, percent;
    } ages[] = { { 0, 30, 99 },
                 { 15 * DAY, 15, 49 },
                 { 30 * DAY - 1, 0, 0 },
                 { 30 * DAY + 1, -1, 0 },
                 { 32 * DAY, -3, 0 } };
    struct pk_revoked none = { NULL, 0 };
    X509_CRL *crl = pk_crl_sign(&ca, &none, NULL, 30, NOW, NULL);

    for (size_t i = 0; i < sizeof(ages) / sizeof(ages[0]); i++) {
        ck_assert_int_eq(pk_crl_days_left(crl, NOW + ages[i].after),
                         ages[i].days);
        ck_assert_int_eq(pk_crl_percent_left(crl, NOW + ages[i].after),
                         ages[i].percent);
    }
    X509_CRL_free(crl);
}
END_TEST

START_TEST(test_no_file)
{
    ck_assert_ptr_null(pk_crl_find("/nonexistent/crl.pem", ca.cert));
}
END_TEST

Suite *
suite_pk_crl_file(void)
{
    Suite *suite = suite_create("pk_crl_file");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, make_ca, drop_ca);
    tcase_add_test(tcase, test_entries);
    tcase_add_test(tcase, test_number_grows);
    tcase_add_test(tcase, test_age);
    tcase_add_test(tcase, test_no_file);
    suite_add_tcase(suite, tcase);
    return suite;
}
