/*
 * The border to OpenSSL's error queue.
 */
#ifndef PK_ERROR_H
#define PK_ERROR_H

#include "ea_types.h"

/* Fills *err with "what: <OpenSSL's oldest reason>", empties the queue, and
 * returns false. The code is EA_E_INTERNAL. */
bool pk_openssl_fail(struct ea_error *err, const char *what);

/* The same for errno: "what 'path': <reason>", code EA_E_UNAVAILABLE. */
bool pk_errno_fail(struct ea_error *err, const char *what, const char *path);

#endif
