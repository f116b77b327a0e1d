/* IP networks, for checks of overlap and membership. */
#ifndef CG_CIDR_H
#define CG_CIDR_H

#include <stdbool.h>

struct cg_cidr {
    bool is_v6;
    unsigned bits;
    unsigned char address[16];
};

/* "10.0.0.0/24", or an address alone, which is a network of one. The address
 * may have host bits. */
bool cg_cidr_parse(const char *text, struct cg_cidr *ret);

bool cg_cidr_overlaps(const struct cg_cidr *a, const struct cg_cidr *b);

/* 10.0.0.1/24: not a network, but an address in one. */
bool cg_cidr_has_host_bits(const struct cg_cidr *cidr);

/* `address` may be a network, which must then lie inside. */
bool cg_cidr_contains(const struct cg_cidr *net, const char *address);

#endif
