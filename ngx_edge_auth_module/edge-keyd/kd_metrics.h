/*
 * What edge-keyd counts, as names and labels of Prometheus; bounded: no label
 * has a value that a client chose.
 */
#ifndef KD_METRICS_H
#define KD_METRICS_H

#include "kd_line.h"

enum kd_counter {
    KD_COUNT_MINTED,   /* keys the provider gave */
    KD_COUNT_REPEATED, /* a key given again to the same attempt */
    KD_COUNT_USED,     /* checks that found a key used with a device */
    KD_COUNT_DELETED,  /* keys deleted at the provider */
    KD_COUNT_ORPHANS,  /* unused keys listed that are not held here */
    KD_COUNT_TOKENS,   /* access tokens got */
    KD_COUNT_EXCHANGES,
    KD_COUNT_CEILINGS, /* mints refused at a ceiling */
    KD_COUNT_OF
};

/* How the provider answered. */
enum kd_answer {
    KD_ANSWER_2XX,
    KD_ANSWER_4XX,
    KD_ANSWER_429,
    KD_ANSWER_5XX,
    KD_ANSWER_NONE, /* no whole answer */
    KD_ANSWER_OF
};

struct kd_metrics {
    uint64_t counts[KD_COUNT_OF];
    uint64_t answers[KD_ANSWER_OF];
    uint64_t requests[KD_OP_COUNT];
    uint64_t failures[EA_KEYD_BAD + 1];
    uint64_t microseconds; /* of all exchanges */
    uint64_t slowest;      /* us, of the last 5 minutes or so */
    uint64_t slowest_at;
};

/* What the present state is. */
struct kd_gauges {
    size_t held, queued;
    bool breaker_open;
    uint64_t started;
    uint64_t secret_ends; /* 0: not told */
};

void kd_metrics_answer(struct kd_metrics *metrics, long status,
                       uint64_t microseconds, uint64_t now);

/* The reply to `metrics` with its line feed; its length, 0 if it does not fit
 * KD_METRICS_MAX. */
size_t kd_metrics_format(const struct kd_metrics *metrics,
                         const struct kd_gauges *gauges, char *ret_line,
                         size_t size);

#endif
