/*
 * What is being imported, and the two kinds of checks it goes through.
 */
#ifndef PK_IMPORT_H
#define PK_IMPORT_H

#include <limits.h>

#include <openssl/x509v3.h>

#include "ea_types.h"
#include "pk_args.h"
#include "pk_folder.h"
#include "pk_tree.h"

struct pk_import {
    const struct pk_args *args;
    bool is_server;
    X509 *cert;
    EVP_PKEY *key;          /* NULL: a CA's that stays elsewhere */
    STACK_OF(X509) * chain; /* above it */
    const char *kind;       /* folder below retired/ */
    const char *name;       /* last part of the target */
    const char *domain;     /* trust domain of a client CA, or NULL */
    char target[PATH_MAX];
};
void pk_import_release(struct pk_import *import);

/* Check everything, then put it into place or find it there. */
EA_MUST_CHECK bool pk_import_ca(struct pk_import *import, struct ea_error *err);
EA_MUST_CHECK bool pk_import_server(struct pk_import *import,
                                    struct ea_error *err);

/* Valid now. */
EA_MUST_CHECK bool pk_import_check_dates(const struct pk_import *import,
                                         struct ea_error *err);

/* Puts the folder into place, or says that it is there. */
EA_MUST_CHECK bool pk_import_put(const struct pk_import *import,
                                 struct ea_error *err);

#endif
