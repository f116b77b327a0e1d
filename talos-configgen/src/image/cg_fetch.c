/* libcurl's border: see cg_fetch.h. */
#include "image/cg_fetch.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <curl/curl.h>

#include "base/cg_arena.h"
#include "ea_number.h"

#define REDIRECTS_MAX 5L
#define CONNECT_SECONDS 20L
#define BUFFER_SIZE (256L * 1024)
#define RETRY_AFTER_MAX (24 * 3600)

struct cg_exchange {
    struct cg_exchange *next;
    struct cg_transfer *transfer;
    CURL *easy;
    struct curl_slist *headers;
    char reason[CURL_ERROR_SIZE];
};

struct cg_fetch {
    struct cg_fetch_options options;
    CURLM *multi;
    struct cg_exchange *out;
};

struct cg_fetch *
cg_fetch_open(const struct cg_fetch_options *options, struct ea_error *err)
{
    struct cg_fetch *fetch = calloc(1, sizeof(*fetch));

    if (fetch == NULL) {
        cg_out_of_memory();
    }
    fetch->options = *options;
    if (curl_global_init(CURL_GLOBAL_DEFAULT) != CURLE_OK) {
        free(fetch);
        (void)ea_fail(err, EA_E_INTERNAL, "libcurl cannot be used");
        return NULL;
    }
    fetch->multi = curl_multi_init();
    if (fetch->multi == NULL) {
        cg_fetch_close(fetch);
        (void)ea_fail(err, EA_E_INTERNAL, "libcurl cannot be used");
        return NULL;
    }
    return fetch;
}

static void
release(struct cg_fetch *fetch, struct cg_exchange *exchange)
{
    struct cg_exchange **at = &fetch->out;

    while (*at != NULL && *at != exchange) {
        at = &(*at)->next;
    }
    if (*at == exchange) {
        *at = exchange->next;
        (void)curl_multi_remove_handle(fetch->multi, exchange->easy);
    }
    exchange->transfer->exchange = NULL;
    if (exchange->easy != NULL) {
        curl_easy_cleanup(exchange->easy);
    }
    curl_slist_free_all(exchange->headers);
    free(exchange);
}

void
cg_fetch_close(struct cg_fetch *fetch)
{
    if (fetch == NULL) {
        return;
    }
    while (fetch->out != NULL) {
        release(fetch, fetch->out);
    }
    if (fetch->multi != NULL) {
        (void)curl_multi_cleanup(fetch->multi);
    }
    free(fetch);
    curl_global_cleanup();
}

/* Of the last answer, after redirects. */
static const char *
header(const struct cg_exchange *exchange, const char *name)
{
    struct curl_header *found;

    return curl_easy_header(exchange->easy, name, 0, CURLH_HEADER, -1,
                            &found) == CURLHE_OK
               ? found->value
               : NULL;
}

/* "bytes FIRST-LAST/TOTAL" */
static bool
read_range(const char *text, uint64_t *ret_first, uint64_t *ret_total)
{
    static const char unit[] = "bytes ";
    const char *dash, *slash;
    uint64_t last;

    if (text == NULL || strncmp(text, unit, sizeof(unit) - 1) != 0) {
        return false;
    }
    text += sizeof(unit) - 1;
    dash = strchr(text, '-');
    slash = strchr(text, '/');
    return dash != NULL && slash != NULL && dash < slash &&
           ea_number_parse((struct ea_bytes){ text, (size_t)(dash - text) }, 0,
                           INT64_MAX, "range", ret_first, NULL) &&
           ea_number_parse(
               (struct ea_bytes){ dash + 1, (size_t)(slash - dash - 1) },
               *ret_first, INT64_MAX, "range", &last, NULL) &&
           ea_number_parse(ea_bytes_of(slash + 1), last + 1, INT64_MAX, "range",
                           ret_total, NULL) &&
           last + 1 == *ret_total;
}

/* A weak one says nothing about bytes: RFC 9110, 8.8.1. */
static void
read_etag(struct cg_transfer *transfer)
{
    const char *etag = header(transfer->exchange, "ETag");

    transfer->etag[0] = '\0';
    if (etag != NULL && etag[0] == '"' &&
        strlen(etag) < sizeof(transfer->etag)) {
        memcpy(transfer->etag, etag, strlen(etag) + 1);
    }
}

/* The head of a good answer, once. */
static bool
start(struct cg_transfer *transfer)
{
    struct cg_exchange *exchange = transfer->exchange;
    curl_off_t length = -1;
    uint64_t first = 0;

    transfer->has_started = true;
    read_etag(transfer);
    transfer->is_partial = transfer->status == 206;
    if (transfer->is_partial) {
        if (!read_range(header(exchange, "Content-Range"), &first,
                        &transfer->total) ||
            first != transfer->offset) {
            return ea_fail(&transfer->err, EA_E_UNAVAILABLE,
                           "the server sent another range than was asked for");
        }
        transfer->has_total = true;
    } else {
        (void)curl_easy_getinfo(exchange->easy,
                                CURLINFO_CONTENT_LENGTH_DOWNLOAD_T, &length);
        transfer->has_total = length >= 0;
        transfer->total = length >= 0 ? (uint64_t)length : 0;
    }
    return transfer->calls->start == NULL || transfer->calls->start(transfer);
}

/* What the server says about an error: one line of letters and signs. */
static void
take_note(struct cg_transfer *transfer, struct ea_bytes bytes)
{
    size_t len = strlen(transfer->note);

    for (size_t i = 0; i < bytes.len && len < CG_FETCH_NOTE_MAX; i++) {
        char c = bytes.ptr[i];

        if (c == '\n' && len > 0) {
            transfer->note[len] = '\0';
            return;
        }
        if (c >= ' ' && c < 0x7f) {
            transfer->note[len++] = c;
        }
    }
    transfer->note[len] = '\0';
}

static size_t
take(char *data, size_t one, size_t count, void *context)
{
    struct cg_transfer *transfer = context;
    const struct ea_bytes bytes = { data, one * count };

    (void)curl_easy_getinfo(transfer->exchange->easy, CURLINFO_RESPONSE_CODE,
                            &transfer->status);
    if (transfer->status >= 300) {
        take_note(transfer, bytes);
        return bytes.len;
    }
    if (!transfer->has_started && !start(transfer)) {
        return CURL_WRITEFUNC_ERROR;
    }
    return transfer->calls->write(transfer, bytes) ? bytes.len
                                                   : CURL_WRITEFUNC_ERROR;
}

#define SET(option, value)                                                     \
    (curl_easy_setopt(exchange->easy, (option), (value)) == CURLE_OK)

static bool
set_transport(const struct cg_fetch *fetch, struct cg_exchange *exchange)
{
    const struct cg_fetch_options *options = &fetch->options;
    const char *schemes = strncmp(exchange->transfer->url, "http:", 5) == 0
                              ? "http,https"
                              : "https";

    return SET(CURLOPT_PROTOCOLS_STR, schemes) &&
           SET(CURLOPT_REDIR_PROTOCOLS_STR, schemes) &&
           SET(CURLOPT_MAXREDIRS, REDIRECTS_MAX) &&
           SET(CURLOPT_FOLLOWLOCATION,
               exchange->transfer->post.ptr == NULL ? 1L : 0L) &&
           SET(CURLOPT_SSLVERSION, (long)CURL_SSLVERSION_TLSv1_2) &&
           SET(CURLOPT_NOSIGNAL, 1L) &&
           SET(CURLOPT_CONNECTTIMEOUT, CONNECT_SECONDS) &&
           SET(CURLOPT_LOW_SPEED_LIMIT, 1L) &&
           SET(CURLOPT_LOW_SPEED_TIME, (long)options->stall) &&
           SET(CURLOPT_BUFFERSIZE, BUFFER_SIZE) &&
           SET(CURLOPT_USERAGENT, "talos-configgen/" EA_VERSION) &&
           (options->proxy == NULL || SET(CURLOPT_PROXY, options->proxy)) &&
           (options->ca_file == NULL ||
            (SET(CURLOPT_CAINFO, options->ca_file) &&
             SET(CURLOPT_PROXY_CAINFO, options->ca_file)));
}

static bool
add_header(struct cg_exchange *exchange, const char *name, const char *value)
{
    struct cg_arena *arena = cg_arena_new();
    struct curl_slist *longer = curl_slist_append(
        exchange->headers, cg_arena_printf(arena, "%s: %s", name, value));

    cg_arena_free(arena);
    exchange->headers = longer == NULL ? exchange->headers : longer;
    return longer != NULL;
}

static bool
set_request(struct cg_exchange *exchange)
{
    struct cg_transfer *transfer = exchange->transfer;
    char range[32];

    if (transfer->post.ptr != NULL) {
        return add_header(exchange, "Content-Type", transfer->content_type) &&
               add_header(exchange, "Expect", "") &&
               SET(CURLOPT_POSTFIELDSIZE_LARGE,
                   (curl_off_t)transfer->post.len) &&
               SET(CURLOPT_POSTFIELDS, transfer->post.ptr);
    }
    if (transfer->offset == 0) {
        return true;
    }
    (void)snprintf(range, sizeof(range), "%" PRIu64 "-", transfer->offset);
    return SET(CURLOPT_RANGE, range) &&
           (transfer->same_as == NULL ||
            add_header(exchange, "If-Range", transfer->same_as));
}

bool
cg_fetch_add(struct cg_fetch *fetch, struct cg_transfer *transfer,
             struct ea_error *err)
{
    struct cg_exchange *exchange = calloc(1, sizeof(*exchange));

    if (exchange == NULL) {
        cg_out_of_memory();
    }
    transfer->status = 0;
    transfer->is_partial = transfer->has_total = false;
    transfer->has_started = false;
    transfer->total = transfer->retry_after = 0;
    transfer->note[0] = transfer->etag[0] = '\0';
    transfer->err = (struct ea_error){ 0 };
    transfer->exchange = exchange;
    exchange->transfer = transfer;
    exchange->easy = curl_easy_init();
    if (exchange->easy == NULL || !SET(CURLOPT_URL, transfer->url) ||
        !SET(CURLOPT_WRITEFUNCTION, take) ||
        !SET(CURLOPT_WRITEDATA, transfer) || !SET(CURLOPT_PRIVATE, exchange) ||
        !SET(CURLOPT_ERRORBUFFER, exchange->reason) ||
        !set_transport(fetch, exchange) || !set_request(exchange) ||
        (exchange->headers != NULL &&
         !SET(CURLOPT_HTTPHEADER, exchange->headers)) ||
        curl_multi_add_handle(fetch->multi, exchange->easy) != CURLM_OK) {
        release(fetch, exchange);
        return ea_fail(err, EA_E_INTERNAL, "libcurl cannot be used");
    }
    exchange->next = fetch->out;
    fetch->out = exchange;
    return true;
}

/* Whether a failure below HTTP may pass. */
static bool
may_pass(CURLcode code)
{
    static const CURLcode passing[] = {
        CURLE_COULDNT_RESOLVE_PROXY,
        CURLE_COULDNT_RESOLVE_HOST,
        CURLE_COULDNT_CONNECT,
        CURLE_PARTIAL_FILE,
        CURLE_OPERATION_TIMEDOUT,
        CURLE_GOT_NOTHING,
        CURLE_SEND_ERROR,
        CURLE_RECV_ERROR,
        CURLE_HTTP2,
        CURLE_HTTP2_STREAM,
    };

    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        if (code == passing[i]) {
            return true;
        }
    }
    return false;
}

static enum cg_fetch_result
judge_status(struct cg_transfer *transfer)
{
    static const long passing[] = { 408, 425, 429, 500, 502, 503, 504 };
    curl_off_t wait = 0;

    (void)ea_fail(&transfer->err, EA_E_UNAVAILABLE, "status %ld%s%s",
                  transfer->status, transfer->note[0] == '\0' ? "" : ": ",
                  transfer->note);
    (void)curl_easy_getinfo(transfer->exchange->easy, CURLINFO_RETRY_AFTER,
                            &wait);
    if (wait > 0) {
        transfer->retry_after =
            wait > RETRY_AFTER_MAX ? RETRY_AFTER_MAX : (uint64_t)wait;
    }
    for (size_t i = 0; i < sizeof(passing) / sizeof(passing[0]); i++) {
        if (transfer->status == passing[i]) {
            return CG_FETCH_AGAIN;
        }
    }
    return CG_FETCH_REFUSED;
}

static enum cg_fetch_result
judge(struct cg_transfer *transfer, CURLcode code)
{
    (void)curl_easy_getinfo(transfer->exchange->easy, CURLINFO_RESPONSE_CODE,
                            &transfer->status);
    if (code == CURLE_WRITE_ERROR && transfer->err.message[0] != '\0') {
        return CG_FETCH_REFUSED; /* start or write said why */
    }
    if (code == CURLE_OPERATION_TIMEDOUT) {
        (void)ea_fail(&transfer->err, EA_E_UNAVAILABLE,
                      "no byte came for too long");
        return CG_FETCH_AGAIN;
    }
    if (code != CURLE_OK) {
        (void)ea_fail(&transfer->err, EA_E_UNAVAILABLE, "%s",
                      transfer->exchange->reason[0] == '\0'
                          ? curl_easy_strerror(code)
                          : transfer->exchange->reason);
        return may_pass(code) ? CG_FETCH_AGAIN : CG_FETCH_REFUSED;
    }
    if (transfer->status < 200 || transfer->status >= 300) {
        return judge_status(transfer);
    }
    if (!transfer->has_started && !start(transfer)) {
        return CG_FETCH_REFUSED;
    }
    return CG_FETCH_DONE;
}

bool
cg_fetch_run(struct cg_fetch *fetch, int milliseconds, struct ea_error *err)
{
    CURLMsg *message;
    int left = 0;

    if (curl_multi_poll(fetch->multi, NULL, 0, milliseconds, NULL) !=
            CURLM_OK ||
        curl_multi_perform(fetch->multi, &left) != CURLM_OK) {
        return ea_fail(err, EA_E_INTERNAL, "libcurl cannot be used");
    }
    while ((message = curl_multi_info_read(fetch->multi, &left)) != NULL) {
        struct cg_exchange *exchange = NULL;
        struct cg_transfer *transfer;
        enum cg_fetch_result result;

        if (message->msg != CURLMSG_DONE ||
            curl_easy_getinfo(message->easy_handle, CURLINFO_PRIVATE,
                              &exchange) != CURLE_OK ||
            exchange == NULL) {
            continue;
        }
        transfer = exchange->transfer;
        result = judge(transfer, message->data.result);
        release(fetch, exchange);
        transfer->calls->done(transfer, result);
    }
    return true;
}

static bool
is_here(const char *host)
{
    return strcmp(host, "localhost") == 0 || strcmp(host, "[::1]") == 0 ||
           (strncmp(host, "127.", 4) == 0 &&
            host[strspn(host, "0123456789.")] == '\0');
}

/* One part of a URL, for as long as the arena; NULL if it has none. */
static const char *
part_of(CURLU *parsed, CURLUPart part, struct cg_arena *arena)
{
    char *text = NULL;
    const char *copy = NULL;

    if (curl_url_get(parsed, part, &text, 0) == CURLUE_OK) {
        copy = cg_arena_text(arena, text);
    }
    curl_free(text);
    return copy;
}

static bool
check_parts(CURLU *parsed, const char *url, bool any_http,
            struct cg_arena *arena, struct ea_error *err)
{
    const char *scheme, *host;

    if (curl_url_set(parsed, CURLUPART_URL, url, 0) != CURLUE_OK) {
        return ea_fail(err, EA_E_SYNTAX, "'%s' is no URL", url);
    }
    scheme = part_of(parsed, CURLUPART_SCHEME, arena);
    host = part_of(parsed, CURLUPART_HOST, arena);
    if (scheme == NULL || host == NULL ||
        (strcmp(scheme, "https") != 0 && strcmp(scheme, "http") != 0)) {
        return ea_fail(err, EA_E_REFUSED, "'%s' is not https://HOST", url);
    }
    if (part_of(parsed, CURLUPART_USER, arena) != NULL ||
        part_of(parsed, CURLUPART_QUERY, arena) != NULL ||
        part_of(parsed, CURLUPART_FRAGMENT, arena) != NULL ||
        url[strcspn(url, " \"'<>\\^`{|}")] != '\0' ||
        url[strlen(url) - 1] == '/') {
        return ea_fail(err, EA_E_REFUSED,
                       "'%s' has more than scheme, host, port and path, or "
                       "ends in '/'",
                       url);
    }
    if (strcmp(scheme, "http") == 0 && !any_http && !is_here(host)) {
        return ea_fail(err, EA_E_REFUSED,
                       "'%s' is not https; for this machine alone that is "
                       "allowed without --insecure-http",
                       url);
    }
    return true;
}

bool
cg_fetch_check_base(const char *url, bool any_http, struct ea_error *err)
{
    struct cg_arena *arena = cg_arena_new();
    CURLU *parsed = curl_url();
    bool good;

    if (parsed == NULL) {
        cg_out_of_memory();
    }
    good = check_parts(parsed, url, any_http, arena, err);
    curl_url_cleanup(parsed);
    cg_arena_free(arena);
    return good;
}
