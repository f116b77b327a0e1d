/* The pepper file: see ea_pepper.h. */
#include <string.h>

#include "ea_base32.h"
#include "ea_number.h"
#include "ea_pepper.h"

/* Messages never quote the line: it may be a key. */
static bool
add_key(struct ea_bytes line, struct ea_pepper *pepper, struct ea_error *err)
{
    static const uint8_t zero[EA_KEY_LEN];
    const char *space = memchr(line.ptr, ' ', line.len);
    struct ea_bytes id = { line.ptr, 0 }, hex;
    uint8_t key[EA_KEY_LEN];
    uint64_t number = 0;
    size_t at = pepper->count;
    bool good;

    if (at == EA_PEPPERS) {
        return ea_fail(err, EA_E_RANGE, "more than %d keys", EA_PEPPERS);
    }
    id.len = space != NULL ? (size_t)(space - line.ptr) : 0;
    if (!ea_number_parse(id, 1, 255, "key id", &number, NULL)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "key id is not a number from 1 to 255: expected "
                       "'<id> <64 hex digits>'");
    }
    if (at > 0 && pepper->id[0] == number) {
        return ea_fail(err, EA_E_DUPLICATE, "key id %d is there already",
                       (int)number);
    }
    hex = (struct ea_bytes){ space + 1, line.len - id.len - 1 };
    good = ea_hex_decode(hex, key, sizeof(key));
    if (!good) {
        (void)ea_fail(err, EA_E_SYNTAX,
                      "key %d is not 64 hex digits in lower case", (int)number);
    } else if (ea_ct_equal(key, zero, sizeof(key))) {
        good =
            ea_fail(err, EA_E_REFUSED,
                    "key %d is all zero: expected random bytes", (int)number);
    } else {
        pepper->id[at] = (uint8_t)number;
        pepper->mac[at] = ea_mac_new(key);
        pepper->count++;
        good = pepper->mac[at] != NULL ||
               ea_fail(err, EA_E_INTERNAL, "HMAC-SHA-256 is not available");
    }
    ea_wipe(key, sizeof(key));
    return good;
}

bool
ea_pepper_parse(struct ea_bytes text, struct ea_pepper *ret_pepper,
                struct ea_error *err)
{
    struct ea_pepper pepper = { 0 };
    unsigned number = 0;

    *ret_pepper = pepper;
    if (text.len > EA_PEPPER_FILE_MAX) {
        return ea_fail(err, EA_E_RANGE, "pepper is longer than %d bytes",
                       EA_PEPPER_FILE_MAX);
    }
    while (text.len > 0) {
        const char *end = memchr(text.ptr, '\n', text.len);
        struct ea_bytes line = { text.ptr, text.len };

        number++;
        line.len = end != NULL ? (size_t)(end - text.ptr) : text.len;
        text.ptr += line.len + (end != NULL);
        text.len -= line.len + (end != NULL);
        if (line.len > 0 && line.ptr[0] != '#' &&
            !add_key(line, &pepper, err)) {
            ea_error_at(err, "", number, 0);
            ea_pepper_release(&pepper);
            return false;
        }
    }
    if (pepper.count == 0) {
        return ea_fail(err, EA_E_MISSING,
                       "pepper holds no key: expected a line "
                       "'<id> <64 hex digits>'");
    }
    *ret_pepper = pepper;
    return true;
}

void
ea_pepper_release(struct ea_pepper *pepper)
{
    if (pepper == NULL) {
        return;
    }
    for (size_t i = 0; i < EA_PEPPERS; i++) {
        ea_mac_free(pepper->mac[i]);
    }
    *pepper = (struct ea_pepper){ 0 };
}
