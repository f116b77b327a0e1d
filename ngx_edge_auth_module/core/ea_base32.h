/*
 * Lower-case Crockford base32 (0-9 a-z without i l o u) and hex, most
 * significant bit first. Encoding and decoding take a time that depends on the
 * length only, so they may be used on secrets.
 */
#ifndef EA_BASE32_H
#define EA_BASE32_H

#include "ea_types.h"

/* Writes the first 5 * chars bits of `bits` as `chars` characters, without NUL;
 * bits holds at least (5 * chars + 7) / 8 bytes. */
void ea_base32_encode(const uint8_t *bits, size_t chars, char *ret_text);

/* Reads `chars` characters into (5 * chars + 7) / 8 bytes; unused low bits of
 * the last byte are 0. false, and ret_bits all zero, if a character is not in
 * the alphabet (upper case is not). */
EA_MUST_CHECK bool ea_base32_decode(const char *text, size_t chars,
                                    uint8_t *ret_bits);

/* 2 * len lower-case digits and a NUL. */
void ea_hex_encode(const uint8_t *bytes, size_t len, char *ret_text);

/* text.len must be 2 * len; lower-case digits only. */
EA_MUST_CHECK bool ea_hex_decode(struct ea_bytes text, uint8_t *ret_bytes,
                                 size_t len);

#endif
