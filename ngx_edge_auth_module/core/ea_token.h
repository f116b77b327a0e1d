/*
 * The two bearer secrets and their grammar (DESIGN section 6).
 *
 *   token   ket1_ + 49 characters of lower-case Crockford base32
 *   ticket  ktk1_ + 49 characters
 *
 * 10 characters id (50 bit), 26 secret (130 bit), 13 tag (65 bit). The tag is
 * the beginning of HMAC-SHA-256(pepper, prefix + id + secret as text), so a
 * guess is refused without a look into the store. The id of a token is random;
 * that of a ticket is number (24 bit), generation (12), attempt (14). The
 * secret of a ticket is the beginning of
 *   HMAC-SHA-256(pepper, "ktk1 secret" | number 4 | gen 2 | n 2 | epoch 4 |
 *                salt 16)
 * with big-endian integers, so that the same ticket can be made again from the
 * record. What the store keeps of a token is HMAC-SHA-256(pepper, all 54
 * characters).
 *
 * Only ea_token_verify and ea_ticket_verify make claims: a function that takes
 * claims cannot be called with an unchecked string.
 */
#ifndef EA_TOKEN_H
#define EA_TOKEN_H

#include "ea_pepper.h"

#define EA_TOKEN_LEN 54
#define EA_TOKEN_PREFIX "ket1_"
#define EA_TICKET_PREFIX "ktk1_"
#define EA_TOKEN_PREFIX_LEN 5
#define EA_TOKEN_ID_CHARS 10
#define EA_TOKEN_SECRET_CHARS 26
#define EA_TOKEN_TAG_CHARS 13
#define EA_TOKEN_RANDOM_LEN 24 /* bytes of randomness a token is made from */
#define EA_SALT_LEN 16
#define EA_NUMBER_MAX ((1u << 24) - 1)
#define EA_GEN_MAX ((1u << 12) - 1)
#define EA_ATTEMPT_MAX ((1u << 14) - 1)

/* The full secret text with a NUL; a type of its own so that nothing prints it
 * by accident. Wipe after use. */
struct ea_secret_text {
    char text[EA_TOKEN_LEN + 1];
};

/* A token whose tag is right: `id` may be logged, `stored` is the key under
 * which the store knows it. */
struct ea_claims {
    char id[EA_TOKEN_ID_CHARS + 1];
    uint8_t pepper; /* index into the pepper */
    uint8_t stored[EA_SHA256_LEN];
};

/* A ticket whose tag is right. The secret is kept for ea_ticket_matches. */
struct ea_ticket {
    uint32_t number;
    uint16_t gen, n;
    uint8_t pepper;
    char secret[EA_TOKEN_SECRET_CHARS];
};

/* Makes a token from fresh randomness under the writing key; id and secret are
 * its first 180 bits. */
EA_MUST_CHECK bool
ea_token_make(const struct ea_pepper *pepper,
              const uint8_t random[static EA_TOKEN_RANDOM_LEN],
              struct ea_secret_text *ret_token, struct ea_claims *ret_claims,
              struct ea_error *err);

/* Exact length, prefix and alphabet (else EA_E_SYNTAX), then the tag under each
 * key, compared in constant time (else EA_E_REFUSED: forged). EA_E_INTERNAL
 * says nothing about the text. The message never holds a part of it. */
EA_MUST_CHECK bool ea_token_verify(const struct ea_pepper *pepper,
                                   struct ea_bytes text,
                                   struct ea_claims *ret_claims,
                                   struct ea_error *err);

/* The ticket of attempt n; key_index is the pepper's key, 0 for a new one.
 * Refuses a number, generation or attempt beyond its bits. */
EA_MUST_CHECK bool ea_ticket_make(const struct ea_pepper *pepper,
                                  size_t key_index, uint32_t number,
                                  uint16_t gen, uint16_t n, uint32_t epoch,
                                  const uint8_t salt[static EA_SALT_LEN],
                                  struct ea_secret_text *ret_ticket,
                                  struct ea_error *err);

/* As ea_token_verify. */
EA_MUST_CHECK bool ea_ticket_verify(const struct ea_pepper *pepper,
                                    struct ea_bytes text,
                                    struct ea_ticket *ret_ticket,
                                    struct ea_error *err);

/* Was this ticket made with this epoch and salt? Constant time. */
EA_MUST_CHECK bool ea_ticket_matches(const struct ea_pepper *pepper,
                                     const struct ea_ticket *ticket,
                                     uint32_t epoch,
                                     const uint8_t salt[static EA_SALT_LEN]);

/* Something that looks like a token or ticket, wherever it stands: the prefix
 * (any letter case, any character of it also as an escape, as in "ket1%5f")
 * and at least 8 letters or digits. Overwrites them in place with '*', however
 * many there are, so also a cut-off or over-long one; returns how many
 * credentials were found. Idempotent. For log lines of requests that never
 * reached the module. */
size_t ea_token_redact(char *text, size_t len);

#endif
