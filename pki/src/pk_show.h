/*
 * How things are shown: times, serials, and names in JSON.
 */
#ifndef PK_SHOW_H
#define PK_SHOW_H

#include <stdio.h>

#include <openssl/x509.h>

#include "ea_types.h"

#define PK_TIME_TEXT_MAX 32
#define PK_SERIAL_TEXT_MAX 48

/* As in 2026-11-24T12:00:00Z. */
EA_MUST_CHECK bool pk_show_time(const ASN1_TIME *time,
                                char ret_text[static PK_TIME_TEXT_MAX]);

/* In capital hex digits, as OpenSSL does. False: more than 20 octets. */
EA_MUST_CHECK bool pk_show_serial(const ASN1_INTEGER *serial,
                                  char ret_text[static PK_SERIAL_TEXT_MAX]);

/* As a JSON string. Names come from the file system: anybody's, not only
 * ours. */
void pk_show_quoted(FILE *out, const char *text);

/* Edits (insert, delete, replace) from one word to the other; more than any
 * near one when a word is longer than 63. */
unsigned pk_show_distance(const char *a, const char *b);

#endif
