/* Issuing: what a profile says, and a certificate that would outlive its CA. */
#include <string.h>

#include <check.h>
#include <openssl/x509v3.h>

#include "pk_cert.h"
#include "suites.h"

#define NOW 1800000000
#define DAY (24 * 60 * 60)

static struct pk_issuer
new_ca(enum pk_profile_id profile, int64_t now)
{
    struct pk_subject subject = { .profile = pk_profile_get(profile),
                                  .organisation = "example.net",
                                  .domain = "example.net",
                                  .now = now };
    struct pk_issuer ca = { .key = pk_key_new(PK_KEY_P256, NULL) };

    ck_assert_ptr_nonnull(ca.key);
    ca.cert = pk_cert_issue(&subject, ca.key, NULL, NULL);
    ck_assert_ptr_nonnull(ca.cert);
    return ca;
}

static const struct {
    unsigned days; /* asked for */
    int64_t later; /* days after the CA was made */
    bool good;
} lives[] = {
    { 0, 0, true },         { 90, 3652 - 90 - 1, true },
    { 7, 3652 - 90, true }, { 90, 3652 - 89, false },
    { 1, 3652, false },
};

START_TEST(test_no_leaf_outlives_its_ca)
{
    struct pk_issuer ca = new_ca(PK_CLIENT_CA, NOW);
    struct pk_subject subject = {
        .profile = pk_profile_get(PK_CLIENT),
        .common = "a",
        .names = "URI:spiffe://example.net/site/a",
        .days = lives[_i].days,
        .now = NOW + lives[_i].later * DAY,
    };
    EVP_PKEY *key = pk_key_new(PK_KEY_P256, NULL);
    struct ea_error err = { 0 };
    X509 *cert = pk_cert_issue(&subject, key, &ca, &err);

    ck_assert_msg((cert != NULL) == lives[_i].good, "row %d: %s", _i,
                  err.message);
    if (cert != NULL) {
        unsigned days = subject.days != 0 ? subject.days : 90;

        ck_assert_int_eq(pk_cert_days_left(cert, subject.now), (int)days);
        ck_assert_int_eq(
            pk_cert_days_left(cert, subject.now + (int64_t)days * DAY), 0);
        ck_assert_int_lt(
            pk_cert_days_left(cert, subject.now + (int64_t)days * DAY + 1), 0);
    } else {
        ck_assert_int_eq(err.code, EA_E_RANGE);
    }
    X509_free(cert);
    EVP_PKEY_free(key);
    pk_issuer_release(&ca);
    pk_issuer_release(&ca);
}
END_TEST

static const struct {
    enum pk_profile_id profile;
    bool ca, constrained;
    long path;
    uint32_t extended;
} shapes[] = {
    { PK_ROOT, true, false, 1, UINT32_MAX },
    { PK_BOOT_CA, true, false, 0, XKU_SSL_SERVER },
    { PK_CLIENT_CA, true, true, 0, XKU_SSL_CLIENT },
    { PK_CONFIG_CA, true, false, 0, UINT32_MAX },
    { PK_BOOT_SERVER, false, false, -1, XKU_SSL_SERVER },
    { PK_CONFIG_SERVER, false, false, -1, XKU_SSL_SERVER },
    { PK_CLIENT, false, false, -1, XKU_SSL_CLIENT },
};

START_TEST(test_shapes)
{
    struct pk_issuer made = new_ca(shapes[_i].profile, NOW);

    ck_assert(((X509_get_extension_flags(made.cert) & EXFLAG_CA) != 0) ==
              shapes[_i].ca);
    ck_assert_int_eq(X509_get_pathlen(made.cert), shapes[_i].path);
    ck_assert_uint_eq(X509_get_extended_key_usage(made.cert),
                      shapes[_i].extended);
    ck_assert((X509_get_ext_by_NID(made.cert, NID_name_constraints, -1) >= 0) ==
              shapes[_i].constrained);
    ck_assert(((X509_get_key_usage(made.cert) & KU_KEY_CERT_SIGN) != 0) ==
              shapes[_i].ca);
    ck_assert_uint_gt(pk_cert_size(made.cert), 200);
    pk_issuer_release(&made);
}
END_TEST

START_TEST(test_names_are_compared_whole)
{
    struct pk_issuer ca = new_ca(PK_BOOT_CA, NOW);
    struct pk_subject subject = { .profile = pk_profile_get(PK_BOOT_SERVER),
                                  .common = "a.net",
                                  .names = "DNS:a.net,IP:192.0.2.1",
                                  .now = NOW };
    X509 *cert = pk_cert_issue(&subject, ca.key, &ca, NULL);
    char text[8];

    ck_assert_ptr_nonnull(cert);
    ck_assert(pk_cert_has_names(cert, "DNS:a.net,IP:192.0.2.1"));
    ck_assert(!pk_cert_has_names(cert, "DNS:a.net"));
    ck_assert(!pk_cert_has_names(cert, "IP:192.0.2.1,DNS:a.net"));
    ck_assert(!pk_cert_has_names(cert, "DNS:a.net,IP:192.0.2.2"));
    ck_assert(!pk_cert_has_names(ca.cert, "DNS:a.net"));
    ck_assert(pk_cert_subject_text(cert, NID_commonName, text, 8, NULL));
    ck_assert_str_eq(text, "a.net");
    ck_assert(!pk_cert_subject_text(cert, NID_commonName, text, 5, NULL));
    ck_assert(!pk_cert_subject_text(cert, NID_organizationName, text, 8, NULL));
    X509_free(cert);
    pk_issuer_release(&ca);
}
END_TEST

Suite *
suite_pk_cert(void)
{
    Suite *suite = suite_create("pk_cert");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_no_leaf_outlives_its_ca, 0,
                        sizeof(lives) / sizeof(lives[0]));
    tcase_add_loop_test(tcase, test_shapes, 0,
                        sizeof(shapes) / sizeof(shapes[0]));
    tcase_add_test(tcase, test_names_are_compared_whole);
    suite_add_tcase(suite, tcase);
    return suite;
}
