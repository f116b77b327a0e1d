/*
 * Names a server certificate is made for: a DNS name or an IP address. A client
 * decides by these whether it talks to the right gate, so only one spelling of
 * each is let through.
 */
#ifndef PK_NAME_H
#define PK_NAME_H

#include "ea_types.h"

#define PK_NAME_MAX 253
/* X.509's limit of a common name (RFC 5280, ub-common-name), which the first
 * name of a server certificate also becomes: ROMs of 2019 read it. */
#define PK_COMMON_NAME_MAX 64

enum pk_name_kind { PK_NAME_NONE = 0, PK_NAME_DNS, PK_NAME_IP };

struct pk_name {
    enum pk_name_kind kind;
    char text[PK_NAME_MAX + 1];
};

/* A DNS name in lower case (labels of a-z 0-9 '-', no '-' at either end, 63
 * characters at most, no wildcard, no dot at the end), or an IPv4 or IPv6
 * address, which is rewritten to its usual form. Digits and dots that are not
 * an address are refused, not taken for a name. */
EA_MUST_CHECK bool pk_name_parse(const char *text, struct pk_name *ret_name,
                                 struct ea_error *err);

#endif
