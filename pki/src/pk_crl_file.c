/* Certificate revocation lists: see pk_crl_file.h. */
#include "pk_crl_file.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/x509v3.h>

#include "pk_error.h"

/* The gate's clock may be a little behind. */
#define CRL_BACKDATE_SECONDS 3600
/* A certificate that has ended stays on the list for clocks that are behind. */
#define KEEP_SECONDS (7 * 24 * 60 * 60)

/* "2026-11-24T12:00:00Z" as ASN.1 has it: without the marks between. */
static ASN1_TIME *
parse_time(const char *text)
{
    char digits[PK_TIME_TEXT_MAX];
    size_t len = 0;
    ASN1_TIME *time;

    for (; *text != '\0' && len < sizeof(digits) - 1; text++) {
        if (*text != '-' && *text != ':' && *text != 'T') {
            digits[len++] = *text;
        }
    }
    digits[len] = '\0';
    time = ASN1_TIME_new();
    if (time != NULL && ASN1_TIME_set_string_X509(time, digits) != 1) {
        ASN1_TIME_free(time);
        return NULL;
    }
    return time;
}

/* Seconds from `now` to a time; a time out of reach is far away. */
static int64_t
seconds_to(const ASN1_TIME *time, int64_t now)
{
    ASN1_TIME *start = ASN1_TIME_set(NULL, (time_t)now);
    int days = 0, seconds = 0;

    if (start == NULL || ASN1_TIME_diff(&days, &seconds, start, time) != 1) {
        days = -1;
    }
    ASN1_TIME_free(start);
    return (int64_t)days * 24 * 60 * 60 + seconds;
}

/* On record for this CA and not over for long. */
static bool
is_listed(const struct pk_revocation *row, const char *issuer, int64_t now)
{
    ASN1_TIME *ends;
    bool listed;

    if (strcmp(row->issuer, issuer) != 0) {
        return false;
    }
    ends = parse_time(row->ends);
    listed = ends == NULL || seconds_to(ends, now) > -KEEP_SECONDS;
    ASN1_TIME_free(ends);
    return listed;
}

static bool
add_entry(X509_CRL *crl, const struct pk_revocation *row)
{
    X509_REVOKED *entry = X509_REVOKED_new();
    ASN1_TIME *when = parse_time(row->when);
    ASN1_ENUMERATED *reason = ASN1_ENUMERATED_new();
    ASN1_INTEGER *serial = NULL;
    BIGNUM *number = NULL;
    int code = pk_reason_code(row->reason);
    bool ok = entry != NULL && when != NULL && reason != NULL &&
              BN_hex2bn(&number, row->serial) > 0 &&
              (serial = BN_to_ASN1_INTEGER(number, NULL)) != NULL &&
              X509_REVOKED_set_serialNumber(entry, serial) == 1 &&
              X509_REVOKED_set_revocationDate(entry, when) == 1;

    /* RFC 5280, 5.3.1: "unspecified" is said by leaving it out. */
    if (ok && code > 0) {
        ok =
            ASN1_ENUMERATED_set(reason, code) == 1 &&
            X509_REVOKED_add1_ext_i2d(entry, NID_crl_reason, reason, 0, 0) == 1;
    }
    ok = ok && X509_CRL_add0_revoked(crl, entry) == 1;
    if (!ok) {
        X509_REVOKED_free(entry);
    }
    ASN1_ENUMERATED_free(reason);
    ASN1_INTEGER_free(serial);
    ASN1_TIME_free(when);
    BN_free(number);
    return ok;
}

/* The time in seconds, or one more than before when that is larger: it grows
 * even if the file of before was lost. */
static bool
set_number(X509_CRL *crl, const X509_CRL *before, int64_t now)
{
    ASN1_INTEGER *number = ASN1_INTEGER_new();
    ASN1_INTEGER *last =
        before != NULL
            ? X509_CRL_get_ext_d2i(before, NID_crl_number, NULL, NULL)
            : NULL;
    int64_t value = 0;
    bool ok;

    if (last != NULL && ASN1_INTEGER_get_int64(&value, last) == 1) {
        value++;
    }
    ok = number != NULL &&
         ASN1_INTEGER_set_int64(number, value > now ? value : now) == 1 &&
         X509_CRL_add1_ext_i2d(crl, NID_crl_number, number, 0, 0) == 1;
    ASN1_INTEGER_free(number);
    ASN1_INTEGER_free(last);
    return ok;
}

static bool
set_issuer(X509_CRL *crl, X509 *ca)
{
    X509_EXTENSION *extension;
    X509V3_CTX context;
    bool ok;

    if (X509_CRL_set_issuer_name(crl, X509_get_subject_name(ca)) != 1) {
        return false;
    }
    /* An imported CA may have no key id to point to. */
    if (X509_get0_subject_key_id(ca) == NULL) {
        return true;
    }
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, ca, NULL, NULL, crl, 0);
    extension = X509V3_EXT_conf_nid(
        NULL, &context, NID_authority_key_identifier, "keyid:always");
    ok = extension != NULL && X509_CRL_add_ext(crl, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

static bool
set_times(X509_CRL *crl, unsigned days, int64_t now)
{
    ASN1_TIME *start = ASN1_TIME_set(NULL, (time_t)now - CRL_BACKDATE_SECONDS);
    ASN1_TIME *end =
        ASN1_TIME_set(NULL, (time_t)now + (time_t)days * 24 * 60 * 60);
    bool ok = start != NULL && end != NULL &&
              X509_CRL_set1_lastUpdate(crl, start) == 1 &&
              X509_CRL_set1_nextUpdate(crl, end) == 1;

    ASN1_TIME_free(start);
    ASN1_TIME_free(end);
    return ok;
}

X509_CRL *
pk_crl_sign(const struct pk_issuer *ca, const struct pk_revoked *revoked,
            const X509_CRL *before, unsigned days, int64_t now,
            struct ea_error *err)
{
    X509_CRL *crl = X509_CRL_new();
    char issuer[PK_ISSUER_ID_MAX];
    bool ok = crl != NULL && X509_CRL_set_version(crl, X509_CRL_VERSION_2) == 1;

    if (!pk_issuer_id(ca->cert, issuer, err)) {
        X509_CRL_free(crl);
        return NULL;
    }
    ok = ok && set_issuer(crl, ca->cert) && set_times(crl, days, now) &&
         set_number(crl, before, now);
    for (size_t i = 0; ok && i < revoked->count; i++) {
        ok = !is_listed(&revoked->row[i], issuer, now) ||
             add_entry(crl, &revoked->row[i]);
    }
    ok = ok && X509_CRL_sort(crl) == 1 &&
         X509_CRL_sign(crl, ca->key, EVP_sha256()) > 0;
    if (!ok) {
        (void)pk_openssl_fail(err, "cannot sign a CRL");
        X509_CRL_free(crl);
        return NULL;
    }
    return crl;
}

static bool
has_entry(X509_CRL *crl, const struct pk_revocation *row)
{
    X509_REVOKED *entry = NULL;
    ASN1_INTEGER *serial = NULL;
    BIGNUM *number = NULL;
    bool found = BN_hex2bn(&number, row->serial) > 0 &&
                 (serial = BN_to_ASN1_INTEGER(number, NULL)) != NULL &&
                 X509_CRL_get0_by_serial(crl, &entry, serial) == 1;

    ASN1_INTEGER_free(serial);
    BN_free(number);
    return found;
}

bool
pk_crl_is_complete(X509_CRL *crl, X509 *ca, const struct pk_revoked *revoked,
                   int64_t now)
{
    char issuer[PK_ISSUER_ID_MAX];

    if (!pk_issuer_id(ca, issuer, NULL)) {
        return false;
    }
    for (size_t i = 0; i < revoked->count; i++) {
        if (is_listed(&revoked->row[i], issuer, now) &&
            !has_entry(crl, &revoked->row[i])) {
            return false;
        }
    }
    return true;
}

int
pk_crl_days_left(const X509_CRL *crl, int64_t now)
{
    const ASN1_TIME *end = X509_CRL_get0_nextUpdate(crl);
    int64_t left = end != NULL ? seconds_to(end, now) : -1;

    return left < 0 ? -1 - (int)(-left / (24 * 60 * 60))
                    : (int)(left / (24 * 60 * 60));
}

int
pk_crl_percent_left(const X509_CRL *crl, int64_t now)
{
    const ASN1_TIME *start = X509_CRL_get0_lastUpdate(crl);
    const ASN1_TIME *end = X509_CRL_get0_nextUpdate(crl);
    int64_t left, life;

    if (start == NULL || end == NULL) {
        return 0;
    }
    left = seconds_to(end, now);
    life = left - seconds_to(start, now);
    return left <= 0 || life <= 0 ? 0 : (int)(left * 100 / life);
}

X509_CRL *
pk_crl_find(const char *path, X509 *ca)
{
    BIO *file = BIO_new_file(path, "r");
    X509_CRL *crl = NULL;

    while (file != NULL &&
           (crl = PEM_read_bio_X509_CRL(file, NULL, NULL, NULL)) != NULL) {
        if (X509_NAME_cmp(X509_CRL_get_issuer(crl),
                          X509_get_subject_name(ca)) == 0 &&
            X509_CRL_verify(crl, X509_get0_pubkey(ca)) == 1) {
            break;
        }
        X509_CRL_free(crl);
        crl = NULL;
    }
    BIO_free(file);
    ERR_clear_error();
    return crl;
}
