/*
 * What consumers take: each form is one function and one row in pk_export.c.
 */
#ifndef PK_EXPORT_H
#define PK_EXPORT_H

#include <openssl/bio.h>
#include <openssl/x509.h>

#include "ea_types.h"
#include "pk_args.h"
#include "pk_trust.h"

bool pk_export_ipxe(const struct pk_args *args, struct ea_error *err);
bool pk_export_siglist(const struct pk_args *args, struct ea_error *err);
bool pk_export_talos(const struct pk_args *args, struct ea_error *err);
bool pk_export_usb(const struct pk_args *args, struct ea_error *err);

/* A client certificate with its key. */
struct pk_identity {
    X509 *cert;
    EVP_PKEY *key;
};
void pk_identity_release(struct pk_identity *identity);

/* That of --site and --node. Refused: one that is revoked or has expired, and a
 * key that iPXE's build does not take. */
EA_MUST_CHECK bool pk_identity_read(const struct pk_args *args,
                                    struct pk_identity *ret_identity,
                                    struct ea_error *err);

/* The lines of an iPXE script that give a stock ROM this identity, appended to
 * `out`, which is memory that is wiped. */
EA_MUST_CHECK bool pk_identity_script(const struct pk_identity *identity,
                                      BIO *out, struct ea_error *err);

/* The CAs of one trust file. EA_E_CONFLICT when one of them has expired or is
 * revoked, or there is none. */
EA_MUST_CHECK bool pk_export_trust(const struct pk_args *args,
                                   enum pk_trust_id id,
                                   struct pk_trust *ret_trust,
                                   struct ea_error *err);

/* The EFI_SIGNATURE_LISTs of the boot roots; NULL and *err on failure. */
EA_MUST_CHECK BIO *pk_siglist(const struct pk_args *args, struct ea_error *err);

#endif
