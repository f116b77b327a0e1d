/* Times in certificates. */
#ifndef CG_WHEN_H
#define CG_WHEN_H

#include <stdbool.h>
#include <stdint.h>

#include <openssl/asn1.h>

#include "base/cg_arena.h"

#define CG_WHEN_DAY 86400

/* It is not later than `now`, in seconds since 1970; a time that cannot be read
 * counts as over. */
bool cg_when_is_over(const ASN1_TIME *when, int64_t now);

/* "2026-11-25", in the arena: text of our own, whatever the certificate says.
 */
const char *cg_when_date(struct cg_arena *arena, const ASN1_TIME *when);

#endif
