/*
 * When not to ask the provider: ceilings per site, a circuit breaker, and the
 * pause that a provider asks for with Retry-After. No clock of its own; times
 * are seconds since 1970 that do not run backwards.
 */
#ifndef KD_LIMIT_H
#define KD_LIMIT_H

#include "kd_line.h"

#define KD_SITES_MAX 4096
#define KD_BREAKER_FAILURES 5u
#define KD_BREAKER_FIRST 10u /* s, doubling */
#define KD_BREAKER_LAST 300u /* s */
#define KD_PAUSE_MAX 600u    /* s: a longer Retry-After counts as this */

struct kd_limit;

/* Keys minted per site; 0 is no ceiling. NULL when out of memory. */
struct kd_limit *kd_limit_new(uint32_t per_hour, uint32_t per_day);
void kd_limit_free(struct kd_limit *limit);

/* Would a further key of the site be over a ceiling? Seconds until one is not
 * any more, 0: mint. Hours and days slide in twelve steps each. */
uint32_t kd_limit_site(struct kd_limit *limit, const char *site, uint64_t now);
/* A key was asked for: also one whose answer got lost. */
void kd_limit_count(struct kd_limit *limit, const char *site, uint64_t now);

/* Seconds until the provider may be asked again, 0: now. After a pause one
 * request at a time is let through until one succeeds. */
uint32_t kd_limit_wait(struct kd_limit *limit, uint64_t now);
void kd_limit_success(struct kd_limit *limit);
/* An outage (not a refusal). retry_after: what the answer asked for, 0: none */
void kd_limit_failure(struct kd_limit *limit, uint64_t now,
                      uint32_t retry_after);
bool kd_limit_is_open(const struct kd_limit *limit, uint64_t now);

#endif
