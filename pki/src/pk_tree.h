/*
 * Where everything stands below DIR:
 *
 *   root/ boot/ client/ config/        cert.pem key.pem of each CA
 *   issued/boot|config|client/<name>/  cert.pem chain.pem key.pem, and for
 *                                      clients cert.der key.der (PKCS#1)
 *   trust/                             boot-root.pem config-ca.pem clients.pem
 *   retired/<kind>/<name>-<serial>/    what a renewal replaced
 *
 * The trust domain is the organisation in the client CA's subject: it stands
 * there once and nowhere else.
 */
#ifndef PK_TREE_H
#define PK_TREE_H

#include <limits.h>

#include "ea_types.h"
#include "pk_cert.h"

/* Limit of an organisation name (RFC 5280, ub-organization-name). */
#define PK_DOMAIN_MAX 64

struct pk_ca {
    const char *folder;
    enum pk_profile_id profile;
    const char *issuer; /* folder of the CA that signs it, NULL: itself */
};

#define PK_CA_COUNT 4
/* In the order in which they are made. */
const struct pk_ca *pk_tree_cas(void);

/* DIR/a/b/c; c may be NULL. */
EA_MUST_CHECK bool pk_tree_path(const char *dir, const char *a, const char *b,
                                char ret_path[static PATH_MAX],
                                struct ea_error *err);

/* Reads DIR/<folder>/cert.pem and, if `with_key`, key.pem, and checks that they
 * belong together. The caller releases *ret_issuer, which stays as it was on
 * failure. */
EA_MUST_CHECK bool pk_tree_read(const char *dir, const char *folder,
                                bool with_key, struct pk_issuer *ret_issuer,
                                struct ea_error *err);

#endif
