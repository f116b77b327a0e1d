/*
 * Certificates: the profiles this PKI issues, and one function that issues
 * them. What a profile says is the whole difference between two kinds.
 *
 * Every certificate: version 3, serial of 128 random bits, SHA-256, valid from
 * 24 hours before now (edge boxes have dead batteries), no AIA and no OCSP:
 * iPXE would ask the responder and fail hard without it.
 */
#ifndef PK_CERT_H
#define PK_CERT_H

#include <openssl/x509.h>

#include "ea_types.h"
#include "pk_key.h"

#define PK_BACKDATE_SECONDS (24 * 60 * 60)

struct pk_profile {
    const char *name;   /* of the kind, for people */
    const char *common; /* subject of a CA that brings no other */
    enum pk_key_kind key;
    unsigned days; /* validity, and the most that can be asked for */
    const char *basic, *usage, *extended; /* in OpenSSL's config notation */
    bool constrain_uri; /* name constraints: URIs of the trust domain only */
};

enum pk_profile_id {
    PK_ROOT,
    PK_BOOT_CA,
    PK_CLIENT_CA,
    PK_CONFIG_CA,
    PK_BOOT_SERVER,
    PK_CONFIG_SERVER,
    PK_CLIENT
};
const struct pk_profile *pk_profile_get(enum pk_profile_id id);

/* A CA with its key; the key is NULL where only the certificate is needed. */
struct pk_issuer {
    X509 *cert;
    EVP_PKEY *key;
};
void pk_issuer_release(struct pk_issuer *issuer);

struct pk_subject {
    const struct pk_profile *profile;
    const char *organisation, *unit, *common; /* NULL: left out */
    const char *names;  /* subject alternative names, "DNS:a,IP:b"; or NULL */
    const char *domain; /* of the name constraints, if the profile has them */
    unsigned days;      /* 0: as the profile says */
    int64_t now;        /* seconds since the epoch */
};

/* Issues a certificate for `key`; `issuer` NULL signs with `key` itself. One
 * that would outlive its issuer is refused. NULL and *err on failure. */
EA_MUST_CHECK X509 *pk_cert_issue(const struct pk_subject *subject,
                                  EVP_PKEY *key, const struct pk_issuer *issuer,
                                  struct ea_error *err);

EA_MUST_CHECK X509 *pk_cert_read(const char *path, struct ea_error *err);

/* `cert` as PEM, appended to `out`. */
EA_MUST_CHECK bool pk_cert_append_pem(BIO *out, X509 *cert,
                                      struct ea_error *err);

/* Whether the certificate carries exactly these subject alternative names, in
 * this order. */
bool pk_cert_has_names(X509 *cert, const char *names);

/* The subject alternative names in that notation, "DNS:a,IP:b". False if there
 * are none, or one of another kind than DNS, IP and URI. */
EA_MUST_CHECK bool pk_cert_names(X509 *cert, char *ret_names, size_t size,
                                 struct ea_error *err);

/* Size of the DER encoding. */
size_t pk_cert_size(X509 *cert);

/* The first value of a subject attribute such as NID_organizationName, whole
 * and with a NUL. False if there is none or `size` bytes do not hold it. */
EA_MUST_CHECK bool pk_cert_subject_text(X509 *cert, int nid, char *ret_text,
                                        size_t size, struct ea_error *err);

/* Whole days from `now` to the certificate's end; negative when it is past. */
int pk_cert_days_left(X509 *cert, int64_t now);

#endif
