/* Counters: see kd_metrics.h. */
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>

#include "kd_metrics.h"

#define SLOWEST_FOR 300

static const char *const counters[KD_COUNT_OF] = {
    [KD_COUNT_MINTED] = "edge_keyd_keys_minted_total",
    [KD_COUNT_REPEATED] = "edge_keyd_keys_repeated_total",
    [KD_COUNT_USED] = "edge_keyd_keys_used_total",
    [KD_COUNT_DELETED] = "edge_keyd_keys_deleted_total",
    [KD_COUNT_ORPHANS] = "edge_keyd_keys_orphaned_total",
    [KD_COUNT_TOKENS] = "edge_keyd_access_tokens_total",
    [KD_COUNT_EXCHANGES] = "edge_keyd_api_requests_total",
    [KD_COUNT_CEILINGS] = "edge_keyd_ceilings_total",
};

static const char *const answers[KD_ANSWER_OF] = {
    [KD_ANSWER_2XX] = "2xx", [KD_ANSWER_4XX] = "4xx",   [KD_ANSWER_429] = "429",
    [KD_ANSWER_5XX] = "5xx", [KD_ANSWER_NONE] = "none",
};

void
kd_metrics_answer(struct kd_metrics *metrics, long status,
                  uint64_t microseconds, uint64_t now)
{
    enum kd_answer answer = status == 429                   ? KD_ANSWER_429
                            : status >= 200 && status < 300 ? KD_ANSWER_2XX
                            : status >= 300 && status < 500 ? KD_ANSWER_4XX
                            : status >= 500                 ? KD_ANSWER_5XX
                                                            : KD_ANSWER_NONE;

    metrics->counts[KD_COUNT_EXCHANGES]++;
    metrics->answers[answer]++;
    metrics->microseconds += microseconds;
    if (microseconds >= metrics->slowest ||
        now > metrics->slowest_at + SLOWEST_FOR) {
        metrics->slowest = microseconds;
        metrics->slowest_at = now;
    }
}

struct out {
    char *text;
    size_t len, size;
    bool good, any;
};

static void put(struct out *out, const char *format, ...) EA_PRINTF(2, 3);

static void
put(struct out *out, const char *format, ...)
{
    va_list args;
    int len;

    va_start(args, format);
    len = vsnprintf(out->text + out->len, out->size - out->len, format, args);
    va_end(args);
    if (len < 0 || (size_t)len >= out->size - out->len) {
        out->good = false;
        return;
    }
    out->len += (size_t)len;
}

/* label "": none. Quotes are escaped as JSON wants them in a name. */
static void
put_value(struct out *out, const char *name, const char *label,
          const char *word, uint64_t value)
{
    put(out, out->any ? "," : "");
    out->any = true;
    if (label[0] == '\0') {
        put(out, "\"%s\":%" PRIu64, name, value);
    } else {
        put(out, "\"%s{%s=\\\"%s\\\"}\":%" PRIu64, name, label, word, value);
    }
}

size_t
kd_metrics_format(const struct kd_metrics *metrics,
                  const struct kd_gauges *gauges, char *ret_line, size_t size)
{
    struct out out = { ret_line, 0, size, size > 0, false };

    put(&out, "{\"ok\":true,\"metrics\":{");
    for (size_t i = 0; i < KD_COUNT_OF; i++) {
        put_value(&out, counters[i], "", "", metrics->counts[i]);
    }
    for (size_t i = 0; i < KD_ANSWER_OF; i++) {
        put_value(&out, "edge_keyd_api_answers_total", "code", answers[i],
                  metrics->answers[i]);
    }
    for (size_t i = KD_OP_NONE + 1; i < KD_OP_COUNT; i++) {
        put_value(&out, "edge_keyd_requests_total", "op",
                  kd_op_word((enum kd_op)i), metrics->requests[i]);
    }
    for (size_t i = EA_KEYD_BUSY; i <= EA_KEYD_BAD; i++) {
        put_value(&out, "edge_keyd_failures_total", "reason",
                  ea_keyd_outcome_word((enum ea_keyd_outcome)i),
                  metrics->failures[i]);
    }
    put_value(&out, "edge_keyd_api_microseconds_total", "", "",
              metrics->microseconds);
    put_value(&out, "edge_keyd_api_slowest_microseconds", "", "",
              metrics->slowest);
    put_value(&out, "edge_keyd_keys_held", "", "", gauges->held);
    put_value(&out, "edge_keyd_requests_queued", "", "", gauges->queued);
    put_value(&out, "edge_keyd_breaker_open", "", "", gauges->breaker_open);
    put_value(&out, "edge_keyd_start_time_seconds", "", "", gauges->started);
    if (gauges->secret_ends != 0) {
        put_value(&out, "edge_keyd_credential_expiry_seconds", "", "",
                  gauges->secret_ends);
    }
    put(&out, "}}\n");
    return out.good ? out.len : 0;
}
