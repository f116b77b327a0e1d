/*
 * What core needs of libcrypto, and the only core file that includes it:
 * SHA-256, HMAC-SHA-256 with a prepared key, constant-time compare, wipe.
 */
#ifndef EA_CRYPTO_H
#define EA_CRYPTO_H

#include "ea_types.h"

#define EA_SHA256_LEN 32
#define EA_KEY_LEN 32

/* A prepared MAC context: about 0.3 us a call against 1.5 us one-shot. Made
 * once per worker and key; not to be used by two threads at once. NULL when out
 * of memory or when the algorithm is missing. */
struct ea_mac;
struct ea_mac *ea_mac_new(const uint8_t key[static EA_KEY_LEN]);
void ea_mac_free(struct ea_mac *mac);

/* HMAC-SHA-256 over the concatenation of `count` slices. */
EA_MUST_CHECK bool ea_mac_sum(struct ea_mac *mac, const struct ea_bytes *parts,
                              size_t count,
                              uint8_t ret_sum[static EA_SHA256_LEN]);

EA_MUST_CHECK bool ea_sha256(const struct ea_bytes *parts, size_t count,
                             uint8_t ret_sum[static EA_SHA256_LEN]);

/* The same over bytes that come piece by piece. NULL when out of memory or when
 * the algorithm is missing; ea_digest_final is the last call but for free. */
struct ea_digest;
struct ea_digest *ea_digest_new(void);
EA_MUST_CHECK bool ea_digest_add(struct ea_digest *digest,
                                 struct ea_bytes bytes);
EA_MUST_CHECK bool ea_digest_final(struct ea_digest *digest,
                                   uint8_t ret_sum[static EA_SHA256_LEN]);
void ea_digest_free(struct ea_digest *digest);

/* Equal bytes, in a time that depends on len only. */
bool ea_ct_equal(const void *a, const void *b, size_t len);

/* Not removed by the optimiser. */
void ea_wipe(void *memory, size_t len);

#endif
