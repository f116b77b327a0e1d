/* Networks and whether they overlap; see cg_cidr.h. */
#include "model/cg_cidr.h"

#include <arpa/inet.h>
#include <string.h>

#include "ea_number.h"

bool
cg_cidr_parse(const char *text, struct cg_cidr *ret)
{
    char address[INET6_ADDRSTRLEN];
    const char *slash = strchr(text, '/');
    struct cg_cidr cidr = { 0 };
    uint64_t bits;
    size_t len;

    len = slash == NULL ? strlen(text) : (size_t)(slash - text);
    if (len == 0 || len >= sizeof(address)) {
        return false;
    }
    memcpy(address, text, len);
    address[len] = '\0';
    cidr.is_v6 = strchr(address, ':') != NULL;
    if (inet_pton(cidr.is_v6 ? AF_INET6 : AF_INET, address, cidr.address) !=
        1) {
        return false;
    }
    bits = cidr.is_v6 ? 128 : 32;
    if (slash != NULL && !ea_number_parse(ea_bytes_of(slash + 1), 0, bits,
                                          "prefix length", &bits, NULL)) {
        return false;
    }
    cidr.bits = (unsigned)bits;
    *ret = cidr;
    return true;
}

bool
cg_cidr_overlaps(const struct cg_cidr *a, const struct cg_cidr *b)
{
    unsigned bits = a->bits < b->bits ? a->bits : b->bits;

    if (a->is_v6 != b->is_v6 || memcmp(a->address, b->address, bits / 8) != 0) {
        return false;
    }
    return bits % 8 == 0 || (a->address[bits / 8] >> (8 - bits % 8)) ==
                                (b->address[bits / 8] >> (8 - bits % 8));
}

bool
cg_cidr_contains(const struct cg_cidr *net, const char *address)
{
    struct cg_cidr one;

    return cg_cidr_parse(address, &one) && one.bits >= net->bits &&
           cg_cidr_overlaps(net, &one);
}

bool
cg_cidr_has_host_bits(const struct cg_cidr *cidr)
{
    for (unsigned i = cidr->bits; i < (cidr->is_v6 ? 128U : 32U); i++) {
        if ((cidr->address[i / 8] & (0x80U >> i % 8)) != 0) {
            return true;
        }
    }
    return false;
}
