/*
 * Where everything stands below DIR:
 *
 *   root/ boot/ client/ config/        cert.pem key.pem of each CA
 *   issued/boot|config|client/<name>/  cert.pem chain.pem key.pem, and for
 *                                      clients cert.der key.der (PKCS#1)
 *   next/<ca>/ previous/<ca>/          while a CA is rolled over: made and
 *                                      trusted, but not signing yet; and no
 *                                      longer signing, but still trusted
 *   trust/                             boot-root.pem config-ca.pem clients.pem
 *                                      clients.crl.pem
 *   revoked.txt                        one line for each certificate
 *   retired/<kind>/<name>-<serial>/    what a renewal or a roll-over replaced
 *
 * The trust domain is the organisation in the client CA's subject: it stands
 * there once and nowhere else. A CA that was imported has it in its file
 * `imported`.
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

/* Where a CA stands; the folders of the others than the current one begin with
 * the word. */
enum pk_stand { PK_CURRENT = 0, PK_NEXT, PK_PREVIOUS };
#define PK_STAND_COUNT 3

/* "boot", "next/boot", "previous/boot". */
#define PK_CA_FOLDER_MAX 32
void pk_tree_ca_folder(const char *ca, enum pk_stand stand,
                       char ret_folder[static PK_CA_FOLDER_MAX]);

/* Whether DIR/<folder> is there. */
bool pk_tree_has(const char *dir, const char *folder);

/* The CA among all that stand below DIR whose key signed `cert`: its folder and
 * its certificate, which the caller frees. NULL without one; *err is filled in
 * then too. */
EA_MUST_CHECK X509 *pk_tree_issuer_of(const char *dir, X509 *cert,
                                      char ret_folder[static PK_CA_FOLDER_MAX],
                                      struct ea_error *err);

/* The trust domain of client identities. */
EA_MUST_CHECK bool pk_tree_domain(const char *dir, char *ret_domain,
                                  size_t size, struct ea_error *err);

/* What an imported CA's file `imported` says, the trust domain: false, with no
 * error, when the CA is ours. */
bool pk_tree_is_imported(const char *dir, const char *folder,
                         char ret_domain[static PK_DOMAIN_MAX + 1]);

/* Waits until no other edge-pki changes what stands below DIR. The lock ends
 * with the process. */
EA_MUST_CHECK bool pk_tree_lock(const char *dir, struct ea_error *err);

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
