/*
 * Every certificate below DIR, one after the other: the CAs in the order in
 * which they are made, then what was issued, by name.
 */
#ifndef PK_WALK_H
#define PK_WALK_H

#include <openssl/x509.h>

#include "ea_types.h"

enum {
    PK_WALK_CAS = 1,    /* in use, next and previous */
    PK_WALK_ISSUED = 2, /* issued/ */
    PK_WALK_RETIRED = 4 /* retired/ of what was issued */
};

struct pk_found {
    const char *path; /* of the folder, below DIR */
    const char *kind; /* "boot", "config", "client"; of a CA its own name */
    const char *name; /* last part of the path */
    X509 *cert;
    unsigned set; /* one of the above */
};

/* Returning false ends the walk with that error. */
typedef bool (*pk_visit)(void *context, const struct pk_found *found,
                         struct ea_error *err);

/* A certificate that cannot be read ends the walk with an error, and so does a
 * DIR without any CA. */
EA_MUST_CHECK bool pk_walk(const char *dir, unsigned sets, pk_visit visit,
                           void *context, struct ea_error *err);

#endif
