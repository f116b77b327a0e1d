/*
 * The pepper file: the keys under which tokens and tickets are made and
 * recognised. It stands outside the store, so that neither alone is enough.
 *
 * Text, one key a line: `<id> <64 hex digits>`, id 1 to 255; lines that start
 * with '#' and empty lines are comments. The first key writes, a second one is
 * only read (the one that is being rotated out); one of zeros is refused. At
 * most EA_PEPPERS keys and EA_PEPPER_FILE_MAX bytes; mode 0640 or stricter,
 * which whoever opens the file checks.
 */
#ifndef EA_PEPPER_H
#define EA_PEPPER_H

#include "ea_crypto.h"

#define EA_PEPPERS 2
#define EA_PEPPER_FILE_MAX 1024

struct ea_pepper {
    size_t count;
    uint8_t id[EA_PEPPERS];
    struct ea_mac *mac[EA_PEPPERS];
};

/* The line number of the fault is in err. On failure *ret_pepper is zeroed. The
 * caller wipes `text`. */
EA_MUST_CHECK bool ea_pepper_parse(struct ea_bytes text,
                                   struct ea_pepper *ret_pepper,
                                   struct ea_error *err);
void ea_pepper_release(struct ea_pepper *pepper);

#endif
