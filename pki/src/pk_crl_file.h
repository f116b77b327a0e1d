/*
 * Certificate revocation lists: signed, read, compared.
 */
#ifndef PK_CRL_FILE_H
#define PK_CRL_FILE_H

#include <openssl/x509.h>

#include "ea_types.h"
#include "pk_cert.h"
#include "pk_revoked.h"

/* Signs a CRL of everything on record for this CA that has not ended by itself.
 * Its number is larger than that of `before`, which may be NULL. NULL and *err
 * on failure. */
EA_MUST_CHECK X509_CRL *pk_crl_sign(const struct pk_issuer *ca,
                                    const struct pk_revoked *revoked,
                                    const X509_CRL *before, unsigned days,
                                    int64_t now, struct ea_error *err);

/* Whether it lists what is on record for this CA. */
bool pk_crl_is_complete(X509_CRL *crl, X509 *ca,
                        const struct pk_revoked *revoked, int64_t now);

/* Days from `now` to nextUpdate (negative when past), and what is left of its
 * life in percent. */
int pk_crl_days_left(const X509_CRL *crl, int64_t now);
int pk_crl_percent_left(const X509_CRL *crl, int64_t now);

/* The one in a PEM file that this CA signed; NULL without one or without the
 * file. */
X509_CRL *pk_crl_find(const char *path, X509 *ca);

#endif
