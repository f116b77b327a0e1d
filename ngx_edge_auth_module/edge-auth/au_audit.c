/* edge-auth audit: show, verify. */
#include <stdio.h>
#include <string.h>

#include "au.h"
#include "ea_base32.h"

/* A stored event: the hash of its chain, then its text. */
static bool
split(struct ea_bytes value, struct ea_bytes *ret_hash,
      struct ea_bytes *ret_text)
{
    if (value.len < EA_SHA256_LEN) {
        return false;
    }
    *ret_hash = (struct ea_bytes){ value.ptr, EA_SHA256_LEN };
    *ret_text = (struct ea_bytes){ value.ptr + EA_SHA256_LEN,
                                   value.len - EA_SHA256_LEN };
    return true;
}

static uint64_t
sequence_of(struct ea_bytes key)
{
    uint64_t sequence = 0;

    for (size_t i = 0; i < key.len && i < 8; i++) {
        sequence = sequence << 8 | (uint8_t)key.ptr[i];
    }
    return sequence;
}

/* Sequences have no gap, and each hash is that of the event before it, the
 * sequence and the text. */
static bool
walk(struct ea_view *view, bool show, uint64_t *ret_count,
     uint8_t ret_last[static EA_SHA256_LEN], struct ea_error *err)
{
    uint8_t previous[EA_SHA256_LEN] = { 0 }, sum[EA_SHA256_LEN];
    struct ea_bytes key = { NULL, 0 }, value, hash, text;
    uint64_t count = 0, sequence;
    enum ea_found found;

    for (;;) {
        found = ea_view_next(view, EA_TABLE_AUDIT, &key, &value, NULL);
        if (found == EA_FOUND_FAILED) {
            return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
        }
        if (found == EA_FOUND_ABSENT) {
            break;
        }
        sequence = sequence_of(key);
        if (!split(value, &hash, &text) ||
            (count > 0 && sequence != count + 1)) {
            return ea_fail(err, EA_E_CONFLICT,
                           "event '%llu' is damaged or one before it is gone",
                           (unsigned long long)sequence);
        }
        if (!ea_audit_chain(previous, sequence, text, sum)) {
            return ea_fail(err, EA_E_INTERNAL, "cannot hash");
        }
        if (memcmp(sum, hash.ptr, sizeof(sum)) != 0) {
            return ea_fail(err, EA_E_CONFLICT,
                           "event '%llu' was changed, or one before it",
                           (unsigned long long)sequence);
        }
        if (show) {
            printf("%.*s\n", (int)text.len, text.ptr);
        }
        memcpy(previous, sum, sizeof(previous));
        count = sequence;
    }
    *ret_count = count;
    memcpy(ret_last, previous, EA_SHA256_LEN);
    return true;
}

static enum au_exit
run(const struct au_args *args, bool show)
{
    struct ea_error err = { 0 };
    uint8_t last[EA_SHA256_LEN];
    char hex[2 * EA_SHA256_LEN + 1];
    struct ea_view *view;
    uint64_t count = 0;
    struct au au;
    bool good;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    view = ea_store_view(au.store, &err);
    good = view != NULL && walk(view, show, &count, last, &err);
    ea_view_close(view);
    au_close(&au);
    if (!good) {
        return au_failed(&err);
    }
    ea_hex_encode(last, sizeof(last), hex);
    if (!show && args->json) {
        au_print_json(
            json_pack("{s:I, s:s}", "events", (json_int_t)count, "hash", hex));
    } else if (!show) {
        printf("%llu events, unbroken; last hash %s\n",
               (unsigned long long)count, hex);
    }
    return AU_OK;
}

enum au_exit
au_audit_show(const struct au_args *args)
{
    return run(args, true);
}

enum au_exit
au_audit_verify(const struct au_args *args)
{
    return run(args, false);
}
