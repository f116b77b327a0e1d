/*
 * The one parser of numbers from text. Every size, count, time and port that
 * comes from outside goes through it.
 */
#ifndef EA_NUMBER_H
#define EA_NUMBER_H

#include "ea_types.h"

/* Decimal digits only, no sign, no space, no leading zero but "0" itself;
 * min <= value <= max. On failure err says which limit was missed (`what` names
 * the value in the message, as in "ttl '0' is less than 60"). */
EA_MUST_CHECK bool ea_number_parse(struct ea_bytes text, uint64_t min,
                                   uint64_t max, const char *what,
                                   uint64_t *ret_value, struct ea_error *err);

/* A duration: digits and one unit out of s, m, h, d, as in "24h"; the result is
 * in seconds and lies between min and max seconds. */
EA_MUST_CHECK bool ea_duration_parse(struct ea_bytes text, uint64_t min,
                                     uint64_t max, const char *what,
                                     uint64_t *ret_seconds,
                                     struct ea_error *err);

#endif
