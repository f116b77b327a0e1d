/* Keys that are held: see kd_keys.h. */
#include <stdlib.h>
#include <string.h>

#include "ea_crypto.h"
#include "kd_keys.h"

struct held {
    uint32_t number;
    uint16_t gen, n;
    struct ea_keyd_minted minted;
};

/* Keys live for hours and come a few a minute: a scan is fast enough, and a
 * plain array is easy to wipe. */
struct kd_keys {
    struct held *held;
    size_t count, cap;
};

struct kd_keys *
kd_keys_new(void)
{
    return calloc(1, sizeof(struct kd_keys));
}

void
kd_keys_free(struct kd_keys *keys)
{
    if (keys == NULL) {
        return;
    }
    if (keys->held != NULL) {
        ea_wipe(keys->held, keys->cap * sizeof(*keys->held));
    }
    free(keys->held);
    free(keys);
}

static void
take_out(struct kd_keys *keys, size_t at)
{
    keys->count--;
    keys->held[at] = keys->held[keys->count];
    ea_wipe(&keys->held[keys->count], sizeof(*keys->held));
}

bool
kd_keys_find(struct kd_keys *keys, const struct kd_request *attempt,
             struct ea_keyd_minted *ret_minted)
{
    for (size_t i = 0; i < keys->count; i++) {
        const struct held *held = &keys->held[i];

        if (held->number == attempt->number && held->gen == attempt->gen &&
            held->n == attempt->n && held->minted.expires > attempt->deadline) {
            *ret_minted = held->minted;
            return true;
        }
    }
    return false;
}

/* realloc would leave copies of keys behind. */
static bool
grow(struct kd_keys *keys)
{
    size_t cap = keys->cap == 0 ? 64 : keys->cap * 2;
    struct held *held = calloc(cap, sizeof(*held));

    if (held == NULL) {
        return false;
    }
    if (keys->held != NULL) {
        memcpy(held, keys->held, keys->count * sizeof(*held));
        ea_wipe(keys->held, keys->cap * sizeof(*held));
    }
    free(keys->held);
    keys->held = held;
    keys->cap = cap;
    return true;
}

static size_t
first_to_expire(const struct kd_keys *keys)
{
    size_t first = 0;

    for (size_t i = 1; i < keys->count; i++) {
        if (keys->held[i].minted.expires < keys->held[first].minted.expires) {
            first = i;
        }
    }
    return first;
}

void
kd_keys_add(struct kd_keys *keys, const struct kd_request *attempt,
            const struct ea_keyd_minted *minted)
{
    if (keys->count == KD_KEYS_MAX ||
        (keys->count == keys->cap && !grow(keys))) {
        if (keys->count == 0) {
            return; /* no memory: the next request mints again */
        }
        take_out(keys, first_to_expire(keys));
    }
    keys->held[keys->count].number = attempt->number;
    keys->held[keys->count].gen = attempt->gen;
    keys->held[keys->count].n = attempt->n;
    keys->held[keys->count].minted = *minted;
    keys->count++;
}

void
kd_keys_remove(struct kd_keys *keys, const char *id)
{
    for (size_t i = keys->count; i-- > 0;) {
        if (strcmp(keys->held[i].minted.id, id) == 0) {
            take_out(keys, i);
        }
    }
}

void
kd_keys_expire(struct kd_keys *keys, uint64_t now)
{
    for (size_t i = keys->count; i-- > 0;) {
        if (keys->held[i].minted.expires <= now) {
            take_out(keys, i);
        }
    }
}

bool
kd_keys_whose(const struct kd_keys *keys, const char *id,
              struct kd_request *ret_attempt)
{
    for (size_t i = 0; i < keys->count; i++) {
        if (strcmp(keys->held[i].minted.id, id) == 0) {
            ret_attempt->number = keys->held[i].number;
            ret_attempt->gen = keys->held[i].gen;
            ret_attempt->n = keys->held[i].n;
            return true;
        }
    }
    return false;
}

size_t
kd_keys_count(const struct kd_keys *keys)
{
    return keys->count;
}
