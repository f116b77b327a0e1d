/*
 * The auth keys this process minted, in memory only: the same attempt gets the
 * same key again. Keys are wiped when they leave. A restart forgets them all,
 * which the sweep (list) then repairs.
 */
#ifndef KD_KEYS_H
#define KD_KEYS_H

#include "kd_line.h"

#define KD_KEYS_MAX 16384

struct kd_keys;

/* NULL when out of memory. */
struct kd_keys *kd_keys_new(void);
void kd_keys_free(struct kd_keys *keys);

/* The key of an attempt that outlives its deadline; false if there is none. */
bool kd_keys_find(struct kd_keys *keys, const struct kd_request *attempt,
                  struct ea_keyd_minted *ret_minted);

/* Keeps a copy. When KD_KEYS_MAX are held, the one that expires first goes. */
void kd_keys_add(struct kd_keys *keys, const struct kd_request *attempt,
                 const struct ea_keyd_minted *minted);

/* Forgets the key with this id, if it is held. */
void kd_keys_remove(struct kd_keys *keys, const char *id);

/* Forgets what expired. */
void kd_keys_expire(struct kd_keys *keys, uint64_t now);

/* Whose attempt the key with this id is for; false if it is not held. */
bool kd_keys_whose(const struct kd_keys *keys, const char *id,
                   struct kd_request *ret_attempt);
size_t kd_keys_count(const struct kd_keys *keys);

#endif
