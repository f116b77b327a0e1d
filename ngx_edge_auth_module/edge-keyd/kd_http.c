/* libcurl's border: see kd_http.h. */
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "ea_crypto.h"
#include "kd_http.h"

#define WAITS_MAX 1100
#define CONNECTIONS_MAX 32L /* to the API; more requests wait their turn */

struct exchange {
    struct exchange *next;
    CURL *easy;
    struct curl_slist *headers;
    char *answer;
    size_t len, cap;
    kd_http_done *done;
    void *context;
};

struct kd_http {
    struct kd_http_options options;
    CURLM *multi;
    struct exchange *out;
    struct curl_waitfd waits[WAITS_MAX];
};

struct kd_http *
kd_http_open(const struct kd_http_options *options, struct ea_error *err)
{
    struct kd_http *http = calloc(1, sizeof(*http));

    if (http == NULL || curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(http);
        (void)ea_fail(err, EA_E_INTERNAL, "libcurl cannot be used");
        return NULL;
    }
    http->options = *options;
    http->multi = curl_multi_init();
    if (http->multi == NULL ||
        curl_multi_setopt(http->multi, CURLMOPT_MAX_HOST_CONNECTIONS,
                          CONNECTIONS_MAX) != CURLM_OK) {
        kd_http_close(http);
        (void)ea_fail(err, EA_E_INTERNAL, "libcurl cannot be used");
        return NULL;
    }
    return http;
}

static void
release(struct kd_http *http, struct exchange *x)
{
    struct exchange **at = &http->out;

    while (*at != NULL && *at != x) {
        at = &(*at)->next;
    }
    if (*at == x) {
        *at = x->next;
    }
    if (x->easy != NULL) {
        (void)curl_multi_remove_handle(http->multi, x->easy);
        curl_easy_cleanup(x->easy);
    }
    curl_slist_free_all(x->headers);
    if (x->answer != NULL) {
        ea_wipe(x->answer, x->cap);
    }
    free(x->answer);
    free(x);
}

void
kd_http_close(struct kd_http *http)
{
    if (http == NULL) {
        return;
    }
    while (http->out != NULL) {
        release(http, http->out);
    }
    if (http->multi != NULL) {
        (void)curl_multi_cleanup(http->multi);
    }
    free(http);
    curl_global_cleanup();
}

/* realloc would leave copies of keys behind. */
static bool
grow(struct exchange *x, size_t need)
{
    size_t cap = x->cap == 0 ? 4096 : x->cap;
    char *answer;

    while (cap < need) {
        cap *= 2;
    }
    if (cap > x->cap) {
        answer = malloc(cap);
        if (answer == NULL) {
            return false;
        }
        if (x->answer != NULL) {
            memcpy(answer, x->answer, x->len);
            ea_wipe(x->answer, x->cap);
        }
        free(x->answer);
        x->answer = answer;
        x->cap = cap;
    }
    return true;
}

static size_t
take(char *data, size_t one, size_t count, void *context)
{
    struct exchange *x = context;
    size_t len = one * count;

    if (len > KD_ANSWER_MAX - x->len || !grow(x, x->len + len)) {
        return 0; /* libcurl then ends the exchange as failed */
    }
    memcpy(x->answer + x->len, data, len);
    x->len += len;
    return len;
}

#define SET(option, value)                                                     \
    (curl_easy_setopt(x->easy, (option), (value)) == CURLE_OK)

static bool
set_transport(const struct kd_http *http, struct exchange *x)
{
    const char *schemes =
        strncmp(http->options.base_url, "http:", 5) == 0 ? "http" : "https";

    return SET(CURLOPT_PROTOCOLS_STR, schemes) &&
           SET(CURLOPT_FOLLOWLOCATION, 0L) && SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_CONNECTTIMEOUT, 3L) &&
           SET(CURLOPT_TIMEOUT, (long)http->options.timeout) &&
           SET(CURLOPT_USERAGENT, "edge-keyd/" EA_VERSION) &&
           SET(CURLOPT_WRITEFUNCTION, take) && SET(CURLOPT_WRITEDATA, x) &&
           SET(CURLOPT_PRIVATE, x) &&
           (http->options.ca_file == NULL ||
            SET(CURLOPT_CAINFO, http->options.ca_file));
}

static bool
add_header(struct exchange *x, const char *text)
{
    struct curl_slist *headers = curl_slist_append(x->headers, text);

    if (headers == NULL) {
        return false;
    }
    x->headers = headers;
    return true;
}

static bool
set_request(const struct kd_http *http, struct exchange *x,
            const struct kd_exchange *exchange, const char *bearer)
{
    char text[KD_PATH_MAX + 300];
    bool good;

    (void)snprintf(text, sizeof(text), "%s%s", http->options.base_url,
                   exchange->path);
    good = SET(CURLOPT_URL, text) &&
           SET(CURLOPT_CUSTOMREQUEST, exchange->method) &&
           add_header(x, "Accept: application/json");
    if (good && bearer != NULL) {
        (void)snprintf(text, sizeof(text), "Authorization: Bearer %s", bearer);
        good = add_header(x, text);
        ea_wipe(text, sizeof(text));
    }
    if (good && exchange->content_type != NULL) {
        (void)snprintf(text, sizeof(text), "Content-Type: %s",
                       exchange->content_type);
        good = add_header(x, text) &&
               SET(CURLOPT_POSTFIELDSIZE, (long)strlen(exchange->body)) &&
               SET(CURLOPT_COPYPOSTFIELDS, exchange->body);
    }
    return good && SET(CURLOPT_HTTPHEADER, x->headers);
}

bool
kd_http_send(struct kd_http *http, const struct kd_exchange *exchange,
             const char *bearer, kd_http_done *done, void *context)
{
    struct exchange *x = calloc(1, sizeof(*x));

    if (x == NULL) {
        return false;
    }
    x->done = done;
    x->context = context;
    x->easy = curl_easy_init();
    x->next = http->out;
    http->out = x;
    if (x->easy == NULL || !set_transport(http, x) ||
        !set_request(http, x, exchange, bearer) ||
        curl_multi_add_handle(http->multi, x->easy) != CURLM_OK) {
        release(http, x);
        return false;
    }
    return true;
}

/* A body that is shorter or longer than announced is no answer. */
static void
finish(struct kd_http *http, CURL *easy, CURLcode code)
{
    struct kd_response response = { 0 };
    curl_off_t retry_after = 0, microseconds = 0;
    struct exchange *x = NULL;

    (void)curl_easy_getinfo(easy, CURLINFO_PRIVATE, &x);
    (void)curl_easy_getinfo(easy, CURLINFO_RETRY_AFTER, &retry_after);
    (void)curl_easy_getinfo(easy, CURLINFO_TOTAL_TIME_T, &microseconds);
    if (code == CURLE_OK) {
        (void)curl_easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response.status);
        response.body.ptr = x->answer == NULL ? "" : x->answer;
        response.body.len = x->len;
    }
    if (retry_after < 0 || retry_after > 86400) {
        retry_after = 86400;
    }
    x->done(x->context, &response, (uint32_t)retry_after,
            (uint64_t)(microseconds > 0 ? microseconds : 0));
    release(http, x);
}

bool
kd_http_poll(struct kd_http *http, struct kd_http_wait *waits, size_t count,
             int milliseconds)
{
    CURLMsg *message;
    int running, left;

    if (count > WAITS_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        http->waits[i].fd = waits[i].fd;
        http->waits[i].events =
            (short)((waits[i].events & POLLIN ? CURL_WAIT_POLLIN : 0) |
                    (waits[i].events & POLLOUT ? CURL_WAIT_POLLOUT : 0));
        http->waits[i].revents = 0;
    }
    if (curl_multi_poll(http->multi, http->waits, (unsigned)count, milliseconds,
                        NULL) != CURLM_OK ||
        curl_multi_perform(http->multi, &running) != CURLM_OK) {
        return false;
    }
    while ((message = curl_multi_info_read(http->multi, &left)) != NULL) {
        if (message->msg == CURLMSG_DONE) {
            finish(http, message->easy_handle, message->data.result);
        }
    }
    for (size_t i = 0; i < count; i++) {
        waits[i].revents =
            (short)((http->waits[i].revents & CURL_WAIT_POLLIN ? POLLIN : 0) |
                    (http->waits[i].revents & CURL_WAIT_POLLOUT ? POLLOUT : 0));
    }
    return true;
}
