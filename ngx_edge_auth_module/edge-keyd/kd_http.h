/*
 * HTTP to the provider, and the one file that includes libcurl. Everything runs
 * in the caller's loop: kd_http_poll waits for the API and for the caller's own
 * descriptors at once.
 */
#ifndef KD_HTTP_H
#define KD_HTTP_H

#include "kd_provider.h"

#define KD_ANSWER_MAX (16u << 20) /* bytes; a longer one is an outage */

struct kd_http;

struct kd_http_options {
    const char *base_url;
    const char *ca_file; /* NULL: the system's */
    unsigned timeout;    /* s, for a whole exchange */
};

/* Called once for each exchange, from kd_http_poll. The body is wiped and freed
 * afterwards. retry_after: seconds, 0 if the answer had none. */
typedef void kd_http_done(void *context, const struct kd_response *response,
                          uint32_t retry_after, uint64_t microseconds);

/* Strings of the options are borrowed until the end. NULL with err. */
struct kd_http *kd_http_open(const struct kd_http_options *options,
                             struct ea_error *err);
void kd_http_close(struct kd_http *http); /* done is not called any more */

/* `bearer` NULL: without Authorization. false: not sent, done is not called. */
EA_MUST_CHECK bool kd_http_send(struct kd_http *http,
                                const struct kd_exchange *exchange,
                                const char *bearer, kd_http_done *done,
                                void *context);

/* A descriptor of the caller's; as in poll(2). */
struct kd_http_wait {
    int fd;
    short events, revents;
};

/* Waits at most `milliseconds` and moves what can be moved. */
EA_MUST_CHECK bool kd_http_poll(struct kd_http *http,
                                struct kd_http_wait *waits, size_t count,
                                int milliseconds);

#endif
