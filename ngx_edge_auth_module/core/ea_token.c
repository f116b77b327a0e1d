/* Tokens and tickets: see ea_token.h. */
#include <string.h>

#include "ea_base32.h"
#include "ea_token.h"

#define ID_AT EA_TOKEN_PREFIX_LEN
#define SECRET_AT (ID_AT + EA_TOKEN_ID_CHARS)
#define TAG_AT (SECRET_AT + EA_TOKEN_SECRET_CHARS)
#define BODY_CHARS (EA_TOKEN_LEN - EA_TOKEN_PREFIX_LEN)
#define BODY_BYTES ((5 * BODY_CHARS + 7) / 8)

#define N_BITS 14
#define GEN_BITS 12
#define ID_BYTES 7                                      /* 50 bit, */
#define ID_SPARE (8 * ID_BYTES - 5 * EA_TOKEN_ID_CHARS) /* 6 of them unused */

_Static_assert(TAG_AT + EA_TOKEN_TAG_CHARS == EA_TOKEN_LEN, "grammar");
_Static_assert(EA_TOKEN_RANDOM_LEN * 8 >=
                   5 * (EA_TOKEN_ID_CHARS + EA_TOKEN_SECRET_CHARS),
               "randomness");

/* The tag that belongs to text[0 .. TAG_AT). */
static bool
make_tag(struct ea_mac *mac, const char *text,
         char ret_tag[static EA_TOKEN_TAG_CHARS])
{
    const struct ea_bytes part = { text, TAG_AT };
    uint8_t sum[EA_SHA256_LEN];

    if (!ea_mac_sum(mac, &part, 1, sum)) {
        return false;
    }
    ea_base32_encode(sum, EA_TOKEN_TAG_CHARS, ret_tag);
    return true;
}

/* Length, prefix, alphabet, then the tag; *ret_key is the key it was made
 * with. */
static bool
verify(const struct ea_pepper *pepper, struct ea_bytes text, const char *prefix,
       size_t *ret_key, struct ea_error *err)
{
    uint8_t bits[BODY_BYTES];
    char tag[EA_TOKEN_TAG_CHARS];
    bool good;

    if (text.len != EA_TOKEN_LEN) {
        return ea_fail(err, EA_E_SYNTAX, "credential is not %d characters long",
                       EA_TOKEN_LEN);
    }
    if (memcmp(text.ptr, prefix, EA_TOKEN_PREFIX_LEN) != 0) {
        return ea_fail(err, EA_E_SYNTAX, "credential does not begin with '%s'",
                       prefix);
    }
    good = ea_base32_decode(text.ptr + ID_AT, BODY_CHARS, bits);
    ea_wipe(bits, sizeof(bits));
    if (!good) {
        return ea_fail(err, EA_E_SYNTAX,
                       "credential holds a character outside of base32");
    }
    for (size_t i = 0; i < pepper->count; i++) {
        if (!make_tag(pepper->mac[i], text.ptr, tag)) {
            return ea_fail(err, EA_E_INTERNAL, "HMAC-SHA-256 failed");
        }
        if (ea_ct_equal(tag, text.ptr + TAG_AT, EA_TOKEN_TAG_CHARS)) {
            *ret_key = i;
            return true;
        }
    }
    return ea_fail(err, EA_E_REFUSED, "credential was not made by this gate");
}

static bool
fill_claims(const struct ea_pepper *pepper, size_t key, const char *text,
            struct ea_claims *ret_claims)
{
    const struct ea_bytes whole = { text, EA_TOKEN_LEN };
    struct ea_claims claims = { .pepper = (uint8_t)key };

    if (!ea_mac_sum(pepper->mac[key], &whole, 1, claims.stored)) {
        return false;
    }
    memcpy(claims.id, text + ID_AT, EA_TOKEN_ID_CHARS);
    *ret_claims = claims;
    return true;
}

bool
ea_token_make(const struct ea_pepper *pepper,
              const uint8_t random[static EA_TOKEN_RANDOM_LEN],
              struct ea_secret_text *ret_token, struct ea_claims *ret_claims,
              struct ea_error *err)
{
    struct ea_secret_text token = { EA_TOKEN_PREFIX };
    struct ea_claims claims;

    if (pepper->count == 0) {
        return ea_fail(err, EA_E_MISSING, "pepper holds no key");
    }
    ea_base32_encode(random, EA_TOKEN_ID_CHARS + EA_TOKEN_SECRET_CHARS,
                     token.text + ID_AT);
    if (!make_tag(pepper->mac[0], token.text, token.text + TAG_AT) ||
        !fill_claims(pepper, 0, token.text, &claims)) {
        ea_wipe(&token, sizeof(token));
        return ea_fail(err, EA_E_INTERNAL, "HMAC-SHA-256 failed");
    }
    *ret_token = token;
    *ret_claims = claims;
    ea_wipe(&token, sizeof(token));
    return true;
}

bool
ea_token_verify(const struct ea_pepper *pepper, struct ea_bytes text,
                struct ea_claims *ret_claims, struct ea_error *err)
{
    size_t key = 0;

    if (!verify(pepper, text, EA_TOKEN_PREFIX, &key, err)) {
        return false;
    }
    if (!fill_claims(pepper, key, text.ptr, ret_claims)) {
        return ea_fail(err, EA_E_INTERNAL, "HMAC-SHA-256 failed");
    }
    return true;
}

static uint8_t *
put_be(uint8_t *to, uint64_t value, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        to[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
    }
    return to + len;
}

static bool
make_secret(struct ea_mac *mac, const struct ea_ticket *ticket, uint32_t epoch,
            const uint8_t salt[static EA_SALT_LEN],
            char ret_secret[static EA_TOKEN_SECRET_CHARS])
{
    uint8_t bytes[4 + 2 + 2 + 4 + EA_SALT_LEN], sum[EA_SHA256_LEN];
    const struct ea_bytes parts[] = {
        EA_BYTES("ktk1 secret"),
        { (const char *)bytes, sizeof(bytes) },
    };
    uint8_t *at = put_be(bytes, ticket->number, 4);
    bool good;

    at = put_be(at, ticket->gen, 2);
    at = put_be(at, ticket->n, 2);
    at = put_be(at, epoch, 4);
    memcpy(at, salt, EA_SALT_LEN);
    good = ea_mac_sum(mac, parts, 2, sum);
    if (good) {
        ea_base32_encode(sum, EA_TOKEN_SECRET_CHARS, ret_secret);
    }
    ea_wipe(sum, sizeof(sum));
    return good;
}

bool
ea_ticket_make(const struct ea_pepper *pepper, size_t key_index,
               uint32_t number, uint16_t gen, uint16_t n, uint32_t epoch,
               const uint8_t salt[static EA_SALT_LEN],
               struct ea_secret_text *ret_ticket, struct ea_error *err)
{
    const struct ea_ticket ticket = { .number = number, .gen = gen, .n = n };
    struct ea_secret_text text = { EA_TICKET_PREFIX };
    uint8_t id[ID_BYTES];

    if (key_index >= pepper->count) {
        return ea_fail(err, EA_E_MISSING,
                       "pepper does not hold the key of this ticket");
    }
    if (number > EA_NUMBER_MAX || gen > EA_GEN_MAX || n > EA_ATTEMPT_MAX) {
        return ea_fail(err, EA_E_RANGE,
                       "number, generation or attempt is too large");
    }
    (void)put_be(
        id,
        ((uint64_t)number << (GEN_BITS + N_BITS) | (uint64_t)gen << N_BITS | n)
            << ID_SPARE,
        ID_BYTES);
    ea_base32_encode(id, EA_TOKEN_ID_CHARS, text.text + ID_AT);
    if (!make_secret(pepper->mac[key_index], &ticket, epoch, salt,
                     text.text + SECRET_AT) ||
        !make_tag(pepper->mac[key_index], text.text, text.text + TAG_AT)) {
        ea_wipe(&text, sizeof(text));
        return ea_fail(err, EA_E_INTERNAL, "HMAC-SHA-256 failed");
    }
    *ret_ticket = text;
    ea_wipe(&text, sizeof(text));
    return true;
}

bool
ea_ticket_verify(const struct ea_pepper *pepper, struct ea_bytes text,
                 struct ea_ticket *ret_ticket, struct ea_error *err)
{
    struct ea_ticket ticket;
    uint8_t id[ID_BYTES];
    uint64_t value = 0;
    size_t key = 0;

    if (!verify(pepper, text, EA_TICKET_PREFIX, &key, err)) {
        return false;
    }
    if (!ea_base32_decode(text.ptr + ID_AT, EA_TOKEN_ID_CHARS, id)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "credential holds a character outside of base32");
    }
    for (size_t i = 0; i < sizeof(id); i++) {
        value = value << 8 | id[i];
    }
    value >>= ID_SPARE;
    ticket.n = (uint16_t)(value & EA_ATTEMPT_MAX);
    ticket.gen = (uint16_t)(value >> N_BITS & EA_GEN_MAX);
    ticket.number = (uint32_t)(value >> (GEN_BITS + N_BITS));
    ticket.pepper = (uint8_t)key;
    memcpy(ticket.secret, text.ptr + SECRET_AT, EA_TOKEN_SECRET_CHARS);
    *ret_ticket = ticket;
    return true;
}

bool
ea_ticket_matches(const struct ea_pepper *pepper,
                  const struct ea_ticket *ticket, uint32_t epoch,
                  const uint8_t salt[static EA_SALT_LEN])
{
    char secret[EA_TOKEN_SECRET_CHARS];
    bool good =
        ticket->pepper < pepper->count &&
        make_secret(pepper->mac[ticket->pepper], ticket, epoch, salt, secret);

    good = good && ea_ct_equal(secret, ticket->secret, sizeof(secret));
    ea_wipe(secret, sizeof(secret));
    return good;
}

/* ---- redaction: of text that may be anything, so not constant time ---- */

#define REDACT_MIN 8

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* The lower-case character at `at`, an escape decoded; *ret_len is how many
 * bytes it takes. */
static char
folded(const char *text, size_t len, size_t at, size_t *ret_len)
{
    char c = text[at];

    *ret_len = 1;
    if (c == '%' && len - at >= 3 && hex_digit(text[at + 1]) >= 0 &&
        hex_digit(text[at + 2]) >= 0) {
        c = (char)(hex_digit(text[at + 1]) << 4 | hex_digit(text[at + 2]));
        *ret_len = 3;
    }
    return c >= 'A' && c <= 'Z' ? (char)(c | 0x20) : c;
}

/* Both prefixes begin with a 'k', or with its escape: on the path of every
 * request, most bytes need no closer look. */
static bool
may_begin(char c)
{
    return c == 'k' || c == 'K' || c == '%';
}

/* Where the prefix that begins at `at` ends; `at` if there is none. */
static size_t
skip_prefix(const char *text, size_t len, size_t at, const char *prefix)
{
    size_t pos = at, step = 0;

    for (size_t i = 0; i < EA_TOKEN_PREFIX_LEN; i++, pos += step) {
        if (pos >= len || folded(text, len, pos, &step) != prefix[i]) {
            return at;
        }
    }
    return pos;
}

size_t
ea_token_redact(char *text, size_t len)
{
    size_t found = 0, at = 0;

    while (at < len) {
        size_t begin = at, end, step = 0, chars = 0;

        if (!may_begin(text[at])) {
            at++;
            continue;
        }
        begin = skip_prefix(text, len, at, EA_TOKEN_PREFIX);
        if (begin == at) {
            begin = skip_prefix(text, len, at, EA_TICKET_PREFIX);
        }
        if (begin == at) {
            at++;
            continue;
        }
        /* Any letter or digit: one that is not of the alphabet does not make
         * the rest less secret. */
        for (end = begin; end < len; end += step, chars++) {
            char c = folded(text, len, end, &step);

            if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9'))) {
                break;
            }
        }
        if (chars >= REDACT_MIN) {
            memset(text + begin, '*', end - begin);
            found++;
        }
        at = begin;
    }
    return found;
}
