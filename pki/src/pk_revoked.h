/*
 * DIR/revoked.txt: what was revoked, one line for each certificate, to be read
 * by people as well:
 *
 *   SERIAL WHEN REASON ISSUER ENDS PATH
 *
 * Times are as in 2026-11-24T12:00:00Z; the reason is a word of RFC 5280;
 * ISSUER is the first half of the SHA-256 of the CA's key; PATH is where the
 * certificate stood below DIR, and is for people only. Lines that are empty or
 * begin with '#' are skipped.
 */
#ifndef PK_REVOKED_H
#define PK_REVOKED_H

#include <openssl/x509.h>

#include "ea_types.h"
#include "pk_args.h"
#include "pk_show.h"

#define PK_ISSUER_ID_MAX 33

struct pk_revocation {
    char serial[PK_SERIAL_TEXT_MAX];
    char when[PK_TIME_TEXT_MAX];
    char reason[24];
    char issuer[PK_ISSUER_ID_MAX];
    char ends[PK_TIME_TEXT_MAX];
    char path[256];
};

struct pk_revoked {
    struct pk_revocation *row;
    size_t count;
};

/* The words of RFC 5280, 5.3.1, that can be asked for; NULL ends. The index is
 * that of pk_reason_code. */
const char *const *pk_reasons(void);
/* The number of a reason in a CRL, -1: none of the words. */
int pk_reason_code(const char *word);

/* Which CA: the same for every certificate of one key. */
EA_MUST_CHECK bool pk_issuer_id(X509 *ca, char ret_id[static PK_ISSUER_ID_MAX],
                                struct ea_error *err);

/* Reads the file; one that is not there is an empty list. A line that does not
 * have the six fields is an error that names it. */
EA_MUST_CHECK bool pk_revoked_read(const char *dir,
                                   struct pk_revoked *ret_revoked,
                                   struct ea_error *err);
void pk_revoked_release(struct pk_revoked *revoked);

/* The row of a certificate, NULL without one. */
const struct pk_revocation *pk_revoked_find(const struct pk_revoked *revoked,
                                            X509 *cert);

/* The same straight from DIR: *ret_reason is empty when it is not revoked. */
EA_MUST_CHECK bool pk_revoked_check(const char *dir, X509 *cert,
                                    char ret_reason[static 24],
                                    struct ea_error *err);

/* Writes the file anew with one more row. */
EA_MUST_CHECK bool pk_revoked_add(const struct pk_args *args,
                                  const struct pk_revoked *revoked,
                                  const struct pk_revocation *row,
                                  struct ea_error *err);

#endif
