/*
 * DIR/trust: what the gate, ROMs and Talos are to trust. Each file follows from
 * the CAs that stand below DIR, those of a roll-over included.
 */
#ifndef PK_TRUST_H
#define PK_TRUST_H

#include "ea_types.h"
#include "pk_args.h"
#include "pk_folder.h"
#include "pk_tree.h"

struct pk_trusted {
    char folder[PK_CA_FOLDER_MAX];
    X509 *cert;
};

struct pk_trust {
    struct pk_trusted row[PK_CA_COUNT * PK_STAND_COUNT];
    size_t count;
};

enum pk_trust_id {
    PK_TRUST_BOOT,   /* boot-root.pem: roots of the boot CAs */
    PK_TRUST_CONFIG, /* config-ca.pem: config CAs */
    PK_TRUST_CLIENTS /* clients.pem: client CAs, then the roots above them */
};
#define PK_TRUST_COUNT 3
const char *pk_trust_name(enum pk_trust_id id);

/* The CAs a file holds, in its order. Nothing is left behind on failure. */
EA_MUST_CHECK bool pk_trust_read(const char *dir, enum pk_trust_id id,
                                 struct pk_trust *ret_trust,
                                 struct ea_error *err);
void pk_trust_release(struct pk_trust *trust);

/* The file's bytes; NULL and *err on failure. */
EA_MUST_CHECK BIO *pk_trust_pem(const char *dir, enum pk_trust_id id,
                                struct ea_error *err);

/* Brings every file up to date and reports each; one of which no CA is here
 * stays as it is. What was added by hand goes. */
EA_MUST_CHECK bool pk_trust_update(const struct pk_args *args,
                                   struct ea_error *err);

#endif
