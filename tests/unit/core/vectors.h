/* The golden rows of tests/vectors/, for the unit tests. Tests run with the
 * project as working folder. */
#ifndef VECTORS_H
#define VECTORS_H

#include <jansson.h>

#include "ea_types.h"

/* The whole file, which lives as long as the program; ends the program with a
 * message if it cannot be read. */
json_t *vectors_load(const char *file);

/* Row number `i` of an array that is a member of `file`, or of `file` itself
 * if member is NULL. */
json_t *vectors_row(json_t *file, const char *member, int i);
int vectors_count(json_t *file, const char *member);

/* Members of a row; a missing one fails the test. */
const char *vectors_text(json_t *row, const char *member);
struct ea_bytes vectors_bytes(json_t *row, const char *member);
uint64_t vectors_number(json_t *row, const char *member);
/* Hex digits into exactly `len` bytes. */
void vectors_hex(json_t *row, const char *member, uint8_t *ret_bytes,
                 size_t len);

#endif
