/* Profiles and issuing: see pk_cert.h. */
#include "pk_cert.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include <openssl/err.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/x509v3.h>

#include "pk_error.h"

/* The boot chain and client certificates are RSA throughout: iPXE before 2.0
 * knows nothing else, and it picks the client key by its issuer's key type. The
 * config CA travels on a kernel command line of 2048 bytes: P-256, and its own
 * root, since a signature of the RSA root alone would be 512 bytes. */
static const struct pk_profile profiles[] = {
    [PK_ROOT] = { .name = "root",
                  .common = "edge boot root",
                  .key = PK_KEY_RSA_4096,
                  .days = 7305,
                  .basic = "critical,CA:TRUE,pathlen:1",
                  .usage = "critical,keyCertSign,cRLSign" },
    [PK_BOOT_CA] = { .name = "boot CA",
                     .common = "edge boot CA",
                     .key = PK_KEY_RSA_2048,
                     .days = 3652,
                     .basic = "critical,CA:TRUE,pathlen:0",
                     .usage = "critical,keyCertSign,cRLSign",
                     .extended = "serverAuth" },
    [PK_CLIENT_CA] = { .name = "client CA",
                       .common = "edge client CA",
                       .key = PK_KEY_RSA_2048,
                       .days = 3652,
                       .basic = "critical,CA:TRUE,pathlen:0",
                       .usage = "critical,keyCertSign,cRLSign",
                       .extended = "clientAuth",
                       .constrain_uri = true },
    [PK_CONFIG_CA] = { .name = "config CA",
                       .common = "edge config CA",
                       .key = PK_KEY_P256,
                       .days = 3652,
                       .basic = "critical,CA:TRUE,pathlen:0",
                       .usage = "critical,keyCertSign,cRLSign" },
    [PK_BOOT_SERVER] = { .name = "boot server",
                         .key = PK_KEY_RSA_2048,
                         .days = 397,
                         .basic = "critical,CA:FALSE",
                         .usage = "critical,digitalSignature,keyEncipherment",
                         .extended = "serverAuth" },
    [PK_CONFIG_SERVER] = { .name = "config server",
                           .key = PK_KEY_P256,
                           .days = 397,
                           .basic = "critical,CA:FALSE",
                           .usage = "critical,digitalSignature",
                           .extended = "serverAuth" },
    [PK_CLIENT] = { .name = "client",
                    .key = PK_KEY_RSA_2048,
                    .days = 90,
                    .basic = "critical,CA:FALSE",
                    .usage = "critical,digitalSignature",
                    .extended = "clientAuth" },
};

const struct pk_profile *
pk_profile_get(enum pk_profile_id id)
{
    return &profiles[id];
}

void
pk_issuer_release(struct pk_issuer *issuer)
{
    X509_free(issuer->cert);
    EVP_PKEY_free(issuer->key);
    *issuer = (struct pk_issuer){ NULL, NULL };
}

static bool
set_serial(X509 *cert)
{
    unsigned char bytes[16];
    BIGNUM *number = NULL;
    bool ok;

    if (RAND_bytes(bytes, sizeof(bytes)) != 1) {
        return false;
    }
    number = BN_bin2bn(bytes, sizeof(bytes), NULL);
    ok = number != NULL &&
         BN_to_ASN1_INTEGER(number, X509_get_serialNumber(cert)) != NULL;
    BN_free(number);
    return ok;
}

static bool
add_text(X509_NAME *name, int nid, const char *text)
{
    return text == NULL || X509_NAME_add_entry_by_NID(
                               name, nid, MBSTRING_UTF8,
                               (const unsigned char *)text, -1, -1, 0) == 1;
}

static bool
set_subject(X509 *cert, const struct pk_subject *subject)
{
    X509_NAME *name = X509_get_subject_name(cert);
    const char *common =
        subject->common != NULL ? subject->common : subject->profile->common;

    return add_text(name, NID_organizationName, subject->organisation) &&
           add_text(name, NID_organizationalUnitName, subject->unit) &&
           add_text(name, NID_commonName, common);
}

static bool
set_times(X509 *cert, const struct pk_subject *subject,
          const struct pk_issuer *issuer, struct ea_error *err)
{
    unsigned days = subject->days != 0 ? subject->days : subject->profile->days;
    time_t now = (time_t)subject->now;
    time_t end = now + (time_t)days * 24 * 60 * 60;

    if (issuer != NULL && pk_cert_days_left(issuer->cert, subject->now) < 0) {
        return ea_fail(err, EA_E_CONFLICT,
                       "the CA of a %s certificate has expired; make a new one "
                       "with `edge-pki rollover`",
                       subject->profile->name);
    }
    if (issuer != NULL &&
        X509_cmp_time(X509_get0_notAfter(issuer->cert), &end) <= 0) {
        return ea_fail(err, EA_E_RANGE,
                       "a %s certificate of %u days would outlive its CA; ask "
                       "for fewer with --days, or make a new CA",
                       subject->profile->name, days);
    }
    if (ASN1_TIME_set(X509_getm_notBefore(cert), now - PK_BACKDATE_SECONDS) ==
            NULL ||
        ASN1_TIME_set(X509_getm_notAfter(cert), end) == NULL) {
        return pk_openssl_fail(err, "cannot set the validity");
    }
    return true;
}

static bool
add_extension(X509 *cert, X509V3_CTX *context, int nid, const char *value)
{
    X509_EXTENSION *extension;
    bool ok;

    if (value == NULL) {
        return true;
    }
    extension = X509V3_EXT_conf_nid(NULL, context, nid, value);
    ok = extension != NULL && X509_add_ext(cert, extension, -1) == 1;
    X509_EXTENSION_free(extension);
    return ok;
}

/* Without the DNS, email and IP lines a certificate with such names would pass:
 * constraints bind only the kinds they mention (RFC 5280, 4.2.1.10). */
static bool
format_constraints(const struct pk_subject *subject, char *text, size_t size)
{
    int len = snprintf(text, size,
                       "critical,permitted;URI:%s,permitted;DNS:invalid,"
                       "permitted;email:invalid,"
                       "excluded;IP:0.0.0.0/0.0.0.0,excluded;IP:::/::",
                       subject->domain);

    return len > 0 && (size_t)len < size;
}

static bool
set_extensions(X509 *cert, const struct pk_subject *subject, X509 *issuer,
               struct ea_error *err)
{
    const struct pk_profile *profile = subject->profile;
    char constraints[512];
    X509V3_CTX context;
    bool ok;

    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, issuer, cert, NULL, NULL, 0);
    ok = add_extension(cert, &context, NID_basic_constraints, profile->basic) &&
         add_extension(cert, &context, NID_key_usage, profile->usage) &&
         add_extension(cert, &context, NID_ext_key_usage, profile->extended) &&
         add_extension(cert, &context, NID_subject_alt_name, subject->names) &&
         add_extension(cert, &context, NID_subject_key_identifier, "hash") &&
         (issuer == cert ||
          add_extension(cert, &context, NID_authority_key_identifier,
                        "keyid:always"));
    if (ok && profile->constrain_uri) {
        ok = format_constraints(subject, constraints, sizeof(constraints)) &&
             add_extension(cert, &context, NID_name_constraints, constraints);
    }
    return ok || pk_openssl_fail(err, "cannot set the extensions");
}

static bool
fill(X509 *cert, const struct pk_subject *subject, EVP_PKEY *key,
     const struct pk_issuer *issuer, struct ea_error *err)
{
    X509 *parent = issuer != NULL ? issuer->cert : cert;

    if (X509_set_version(cert, X509_VERSION_3) != 1 || !set_serial(cert) ||
        !set_subject(cert, subject) ||
        X509_set_issuer_name(cert, X509_get_subject_name(parent)) != 1 ||
        X509_set_pubkey(cert, key) != 1) {
        return pk_openssl_fail(err, "cannot fill in a certificate");
    }
    return set_times(cert, subject, issuer, err) &&
           set_extensions(cert, subject, parent, err);
}

X509 *
pk_cert_issue(const struct pk_subject *subject, EVP_PKEY *key,
              const struct pk_issuer *issuer, struct ea_error *err)
{
    X509 *cert = X509_new();
    bool ok;

    if (cert == NULL) {
        (void)pk_openssl_fail(err, "cannot make a certificate");
        return NULL;
    }
    ok = fill(cert, subject, key, issuer, err);
    if (ok && X509_sign(cert, issuer != NULL ? issuer->key : key,
                        EVP_sha256()) == 0) {
        ok = pk_openssl_fail(err, "cannot sign a certificate");
    }
    if (!ok) {
        X509_free(cert);
        return NULL;
    }
    return cert;
}

X509 *
pk_cert_read(const char *path, struct ea_error *err)
{
    BIO *file = BIO_new_file(path, "r");
    X509 *cert = NULL;

    if (file != NULL) {
        cert = PEM_read_bio_X509(file, NULL, NULL, NULL);
    }
    BIO_free(file);
    if (cert == NULL) {
        (void)pk_openssl_fail(err, path);
    }
    return cert;
}

bool
pk_cert_append_pem(BIO *out, X509 *cert, struct ea_error *err)
{
    return PEM_write_bio_X509(out, cert) == 1 ||
           pk_openssl_fail(err, "cannot encode a certificate");
}

bool
pk_cert_has_names(X509 *cert, const char *names)
{
    int at = X509_get_ext_by_NID(cert, NID_subject_alt_name, -1);
    X509_EXTENSION *wanted;
    X509V3_CTX context;
    bool equal;

    if (at < 0) {
        return false;
    }
    X509V3_set_ctx_nodb(&context);
    X509V3_set_ctx(&context, NULL, NULL, NULL, NULL, 0);
    wanted = X509V3_EXT_conf_nid(NULL, &context, NID_subject_alt_name, names);
    equal = wanted != NULL &&
            ASN1_OCTET_STRING_cmp(
                X509_EXTENSION_get_data(wanted),
                X509_EXTENSION_get_data(X509_get_ext(cert, at))) == 0;
    X509_EXTENSION_free(wanted);
    return equal;
}

/* A name in OpenSSL's config notation; no other kind is issued here. */
static bool
append_name(BIO *out, const GENERAL_NAME *name)
{
    char address[INET6_ADDRSTRLEN];
    int kind = 0;
    const ASN1_STRING *text = GENERAL_NAME_get0_value(name, &kind);
    const unsigned char *bytes;
    int len;

    if (kind != GEN_DNS && kind != GEN_URI && kind != GEN_IPADD) {
        return false;
    }
    bytes = ASN1_STRING_get0_data(text);
    len = ASN1_STRING_length(text);
    if (kind == GEN_IPADD) {
        return (len == 4 || len == 16) &&
               inet_ntop(len == 4 ? AF_INET : AF_INET6, bytes, address,
                         sizeof(address)) != NULL &&
               BIO_printf(out, "IP:%s", address) > 0;
    }
    /* A comma or a NUL would mean something else when it is read again. */
    for (int i = 0; i < len; i++) {
        if (bytes[i] <= ' ' || bytes[i] == ',' || bytes[i] >= 0x7f) {
            return false;
        }
    }
    return BIO_printf(out, "%s:%.*s", kind == GEN_DNS ? "DNS" : "URI", len,
                      (const char *)bytes) > 0;
}

bool
pk_cert_names(X509 *cert, char *ret_names, size_t size, struct ea_error *err)
{
    GENERAL_NAMES *names =
        X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    BIO *out = BIO_new(BIO_s_mem());
    char *text = NULL;
    long len = 0;
    bool ok = names != NULL && out != NULL;

    for (int i = 0; ok && i < sk_GENERAL_NAME_num(names); i++) {
        ok = (i == 0 || BIO_puts(out, ",") > 0) &&
             append_name(out, sk_GENERAL_NAME_value(names, i));
    }
    if (ok) {
        len = BIO_get_mem_data(out, &text);
    }
    ok = ok && len > 0 && (size_t)len < size;
    if (ok) {
        memcpy(ret_names, text, (size_t)len);
        ret_names[len] = '\0';
    } else {
        ERR_clear_error();
        (void)ea_fail(err, EA_E_CONFLICT,
                      "the certificate has no names of the kinds that are "
                      "issued here");
    }
    BIO_free(out);
    GENERAL_NAMES_free(names);
    return ok;
}

size_t
pk_cert_size(X509 *cert)
{
    int size = i2d_X509(cert, NULL);

    return size > 0 ? (size_t)size : 0;
}

bool
pk_cert_subject_text(X509 *cert, int nid, char *ret_text, size_t size,
                     struct ea_error *err)
{
    X509_NAME *name = X509_get_subject_name(cert);
    int at = X509_NAME_get_index_by_NID(name, nid, -1);
    const ASN1_STRING *text =
        at < 0 ? NULL : X509_NAME_ENTRY_get_data(X509_NAME_get_entry(name, at));
    size_t len = text == NULL ? 0 : (size_t)ASN1_STRING_length(text);

    /* OpenSSL's own getter would cut a longer text and say it was all. */
    if (len == 0 || len >= size ||
        memchr(ASN1_STRING_get0_data(text), '\0', len) != NULL) {
        return ea_fail(err, EA_E_CONFLICT,
                       "the certificate has no %s of 1 to %zu characters",
                       OBJ_nid2ln(nid), size - 1);
    }
    memcpy(ret_text, ASN1_STRING_get0_data(text), len);
    ret_text[len] = '\0';
    return true;
}

int
pk_cert_days_left(X509 *cert, int64_t now)
{
    time_t epoch = (time_t)now;
    ASN1_TIME *start = ASN1_TIME_set(NULL, epoch);
    int days = -1, seconds = 0;

    if (start == NULL ||
        ASN1_TIME_diff(&days, &seconds, start, X509_get0_notAfter(cert)) != 1) {
        days = -1;
    } else if (seconds < 0 && days == 0) {
        days = -1;
    }
    ASN1_TIME_free(start);
    return days;
}
