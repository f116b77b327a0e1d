/* Ceilings, breaker, pause: see kd_limit.h. */
#include <stdlib.h>
#include <string.h>

#include "kd_limit.h"

#define STEPS 12
#define TRY 30 /* s */

/* Keys of the last STEPS steps of a span. */
struct window {
    uint64_t newest; /* number of the step that counts[0] is */
    uint32_t counts[STEPS];
};

struct site {
    char name[EA_NAME_MAX + 1];
    struct window hour, day;
};

struct kd_limit {
    uint32_t per_hour, per_day;
    struct site *sites;
    size_t count;
    unsigned failures;
    uint32_t pause; /* s, the last one of the breaker */
    uint64_t until;
    uint64_t trying; /* half open: one request is on its way until then */
};

struct kd_limit *
kd_limit_new(uint32_t per_hour, uint32_t per_day)
{
    struct kd_limit *limit = calloc(1, sizeof(*limit));

    if (limit != NULL) {
        limit->per_hour = per_hour;
        limit->per_day = per_day;
        limit->sites = calloc(KD_SITES_MAX, sizeof(*limit->sites));
    }
    if (limit == NULL || limit->sites == NULL) {
        free(limit);
        return NULL;
    }
    return limit;
}

void
kd_limit_free(struct kd_limit *limit)
{
    if (limit != NULL) {
        free(limit->sites);
    }
    free(limit);
}

/* NULL: no room, which only happens with more sites than there can be. */
static struct site *
site_of(struct kd_limit *limit, const char *name)
{
    struct site *site;

    for (size_t i = 0; i < limit->count; i++) {
        if (strcmp(limit->sites[i].name, name) == 0) {
            return &limit->sites[i];
        }
    }
    if (limit->count == KD_SITES_MAX || strlen(name) > EA_NAME_MAX) {
        return NULL;
    }
    site = &limit->sites[limit->count++];
    memcpy(site->name, name, strlen(name) + 1);
    return site;
}

static void
turn(struct window *window, uint64_t step)
{
    uint64_t by = step > window->newest ? step - window->newest : 0;

    if (by >= STEPS) {
        memset(window->counts, 0, sizeof(window->counts));
    } else if (by > 0) {
        memmove(window->counts + by, window->counts,
                (STEPS - by) * sizeof(window->counts[0]));
        memset(window->counts, 0, by * sizeof(window->counts[0]));
    }
    if (by > 0) {
        window->newest = step;
    }
}

/* Seconds until fewer than `max` are in the window. */
static uint32_t
wait_for(struct window *window, uint32_t span, uint32_t max, uint64_t now)
{
    uint32_t step = span / STEPS, sum = 0;
    unsigned oldest = STEPS;

    if (max == 0) {
        return 0;
    }
    turn(window, now / step);
    for (unsigned i = 0; i < STEPS; i++) {
        sum += window->counts[i];
    }
    if (sum < max) {
        return 0;
    }
    while (sum >= max && oldest > 0) {
        sum -= window->counts[--oldest];
    }
    /* counts[oldest] leaves when STEPS - oldest further steps have begun */
    return (uint32_t)((STEPS - oldest) * step - now % step);
}

uint32_t
kd_limit_site(struct kd_limit *limit, const char *name, uint64_t now)
{
    struct site *site = site_of(limit, name);
    uint32_t hour, day;

    if (site == NULL) {
        return 3600;
    }
    hour = wait_for(&site->hour, 3600, limit->per_hour, now);
    day = wait_for(&site->day, 86400, limit->per_day, now);
    return hour > day ? hour : day;
}

void
kd_limit_count(struct kd_limit *limit, const char *name, uint64_t now)
{
    struct site *site = site_of(limit, name);

    if (site == NULL) {
        return;
    }
    turn(&site->hour, now / (3600 / STEPS));
    turn(&site->day, now / (86400 / STEPS));
    site->hour.counts[0]++;
    site->day.counts[0]++;
}

uint32_t
kd_limit_wait(struct kd_limit *limit, uint64_t now)
{
    if (now < limit->until) {
        return (uint32_t)(limit->until - now);
    }
    if (limit->failures < KD_BREAKER_FAILURES) {
        return 0;
    }
    if (now < limit->trying) {
        return 1;
    }
    limit->trying = now + TRY;
    return 0;
}

void
kd_limit_success(struct kd_limit *limit)
{
    limit->failures = 0;
    limit->pause = 0;
    limit->trying = 0;
}

void
kd_limit_failure(struct kd_limit *limit, uint64_t now, uint32_t retry_after)
{
    uint32_t pause = retry_after > KD_PAUSE_MAX ? KD_PAUSE_MAX : retry_after;

    limit->trying = 0;
    limit->failures++;
    if (limit->failures >= KD_BREAKER_FAILURES) {
        limit->pause = limit->pause == 0 ? KD_BREAKER_FIRST : limit->pause * 2;
        if (limit->pause > KD_BREAKER_LAST) {
            limit->pause = KD_BREAKER_LAST;
        }
        pause = pause > limit->pause ? pause : limit->pause;
    }
    if (now + pause > limit->until) {
        limit->until = now + pause;
    }
}

bool
kd_limit_is_open(const struct kd_limit *limit, uint64_t now)
{
    return now < limit->until || limit->failures >= KD_BREAKER_FAILURES;
}
