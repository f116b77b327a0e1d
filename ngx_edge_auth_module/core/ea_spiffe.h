/*
 * Names of sites and nodes, and the identity in a client certificate: exactly
 * one URI SAN
 *   spiffe://<trust-domain>/site/<site>[/node/<node>]
 * A name is a DNS label: 1 to 63 of a-z 0-9 '-', no '-' at either end. A trust
 * domain is a DNS name in lower case of at most 253 characters. See
 * spiffe.io/docs, "SPIFFE-ID", section 2.
 */
#ifndef EA_SPIFFE_H
#define EA_SPIFFE_H

#include "ea_types.h"

#define EA_NAME_MAX 63
#define EA_DOMAIN_MAX 253
#define EA_SPIFFE_MAX 512

struct ea_spiffe {
    char domain[EA_DOMAIN_MAX + 1];
    char site[EA_NAME_MAX + 1];
    char node[EA_NAME_MAX + 1]; /* empty: the certificate names a site only */
};

/* `what` ("site", "node") names the value in the message. */
EA_MUST_CHECK bool ea_name_check(struct ea_bytes text, const char *what,
                                 struct ea_error *err);
EA_MUST_CHECK bool ea_domain_check(struct ea_bytes text, struct ea_error *err);

/* Strict: no percent escapes, no query, no trailing slash, no NUL. */
EA_MUST_CHECK bool ea_spiffe_parse(struct ea_bytes uri,
                                   struct ea_spiffe *ret_id,
                                   struct ea_error *err);

/* `node` may be empty. Writes at most EA_SPIFFE_MAX bytes and a NUL. */
EA_MUST_CHECK bool ea_spiffe_format(struct ea_bytes domain,
                                    struct ea_bytes site, struct ea_bytes node,
                                    char ret_uri[static EA_SPIFFE_MAX + 1],
                                    struct ea_error *err);

#endif
