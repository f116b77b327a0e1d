/*
 * Asking OpenSSL whether a chain holds, as clients will.
 */
#ifndef PK_VERIFY_H
#define PK_VERIFY_H

#include <openssl/x509v3.h>

#include "ea_types.h"

struct pk_chain {
    X509 *cert;
    STACK_OF(X509) * between; /* untrusted, may be NULL */
    STACK_OF(X509) * anchors; /* may be NULL */
    bool with_system;         /* the machine's own list of roots counts too */
    int purpose;              /* X509_PURPOSE_SSL_SERVER ... */
};

/* EA_E_REFUSED with OpenSSL's reason and the certificate it is about. */
EA_MUST_CHECK bool pk_verify(const struct pk_chain *chain, int64_t now,
                             struct ea_error *err);

#endif
