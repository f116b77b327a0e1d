/*
 * One worker's store: opened after fork, never in the event loop's way. Writes
 * are flushed by one task on the thread pool at a time; what queues meanwhile
 * is the next group. A store that does not open leaves the worker alive: it
 * answers 503 and tries again.
 */

#include "ngx_http_edge_auth_module.h"

#include <time.h>


#define NGX_HTTP_EDGE_AUTH_RETRY_MIN  1000
#define NGX_HTTP_EDGE_AUTH_RETRY_MAX  30000
#define NGX_HTTP_EDGE_AUTH_HOLD       1000
#define NGX_HTTP_EDGE_AUTH_BOOT_ID    "/proc/sys/kernel/random/boot_id"


/* A write of the worker's own: the highest time seen. */
typedef struct {
    struct ea_store_op             op;
    struct ea_store_condition      condition;
    struct ea_store_write          write;
    uint8_t                        value[512];
    ngx_http_edge_auth_worker_t   *worker;
} ngx_http_edge_auth_clock_t;


static void ngx_http_edge_auth_open(ngx_event_t *ev);
static ngx_int_t ngx_http_edge_auth_open_store(ngx_http_edge_auth_worker_t *w,
    struct ea_error *err);
static ngx_int_t ngx_http_edge_auth_read_pepper(
    ngx_http_edge_auth_worker_t *w, struct ea_error *err);
static ngx_int_t ngx_http_edge_auth_check_lab(ngx_http_edge_auth_worker_t *w,
    struct ea_error *err);
static ngx_int_t ngx_http_edge_auth_read_file(ngx_str_t *name, u_char *buf,
    size_t size, size_t *len, ngx_uint_t secret, struct ea_error *err);
static void ngx_http_edge_auth_close(ngx_http_edge_auth_worker_t *w);
static void ngx_http_edge_auth_reopen(ngx_http_edge_auth_worker_t *w);

static void ngx_http_edge_auth_kick(ngx_http_edge_auth_worker_t *w);
static void ngx_http_edge_auth_flush(void *data, ngx_log_t *log);
static void ngx_http_edge_auth_flushed(ngx_event_t *ev);
static void ngx_http_edge_auth_hold(ngx_event_t *ev);
static void ngx_http_edge_auth_completed(ngx_http_edge_auth_worker_t *w);

static void ngx_http_edge_auth_save_clock(ngx_http_edge_auth_worker_t *w,
    uint64_t now, const struct ea_clock_reading *reading);
static void ngx_http_edge_auth_clock_done(struct ea_store_op *op);


ngx_int_t
ngx_http_edge_auth_store_init(ngx_cycle_t *cycle)
{
    size_t                           len;
    u_char                           id[64];
    ngx_str_t                        name;
    ngx_http_edge_auth_worker_t     *w;
    ngx_http_edge_auth_main_conf_t  *emcf;

    emcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_edge_auth_module);

    if (emcf == NULL || !emcf->used
        || (ngx_process != NGX_PROCESS_WORKER
            && ngx_process != NGX_PROCESS_SINGLE))
    {
        return NGX_OK;
    }

    w = ngx_pcalloc(cycle->pool, sizeof(ngx_http_edge_auth_worker_t));
    if (w == NULL) {
        return NGX_ERROR;
    }

    w->drain = ngx_thread_task_alloc(cycle->pool, sizeof(void *));
    if (w->drain == NULL) {
        return NGX_ERROR;
    }

    w->conf = emcf;
    w->log = cycle->log;

    *(ngx_http_edge_auth_worker_t **) w->drain->ctx = w;
    w->drain->handler = ngx_http_edge_auth_flush;
    w->drain->event.data = w;
    w->drain->event.handler = ngx_http_edge_auth_flushed;
    w->drain->event.log = cycle->log;

    w->retry.handler = ngx_http_edge_auth_open;
    w->retry.data = w;
    w->retry.log = cycle->log;
    w->retry.cancelable = 1;

    w->hold.handler = ngx_http_edge_auth_hold;
    w->hold.data = w;
    w->hold.log = cycle->log;

    ngx_str_set(&name, NGX_HTTP_EDGE_AUTH_BOOT_ID);

    if (ngx_http_edge_auth_read_file(&name, id, sizeof(id), &len, 0, NULL)
        == NGX_OK && len >= EA_UUID_LEN)
    {
        ngx_memcpy(w->boot_id, id, EA_UUID_LEN);
    }

    emcf->worker = w;

    ngx_http_edge_auth_audit_start(w);
    ngx_http_edge_auth_join_start(w);
    ngx_http_edge_auth_open(&w->retry);

    return NGX_OK;
}


/*
 * After QUIT, TERM and HUP nginx runs no completion of a thread task any more.
 * The pool's threads have ended by now: what they finished is completed, what
 * is still queued is carried out here.
 */

void
ngx_http_edge_auth_store_exit(ngx_cycle_t *cycle)
{
    ngx_http_edge_auth_worker_t     *w;
    ngx_http_edge_auth_main_conf_t  *emcf;

    emcf = ngx_http_cycle_get_module_main_conf(cycle,
                                               ngx_http_edge_auth_module);

    if (emcf == NULL || emcf->worker == NULL) {
        return;
    }

    w = emcf->worker;
    w->exiting = 1;

    if (w->store) {
        (void) ea_store_complete(w->store);

        if (ea_store_has_work(w->store)) {
            ea_store_flush(w->store);
            (void) ea_store_complete(w->store);
        }
    }

    ngx_http_edge_auth_close(w);

    emcf->worker = NULL;
}


static void
ngx_http_edge_auth_open(ngx_event_t *ev)
{
    ngx_http_edge_auth_worker_t  *w = ev->data;

    ngx_msec_t       delay;
    struct ea_error  err;

    ngx_memzero(&err, sizeof(struct ea_error));

    if (ngx_http_edge_auth_open_store(w, &err) == NGX_OK) {
        w->healthy = 1;
        w->checked = ngx_time();
        w->retries = 0;

        if (w->lab) {
            ngx_log_error(NGX_LOG_WARN, w->log, 0,
                          "edge_auth: \"%V\" is a lab's store, opened because "
                          "of \"edge_auth_lab on\": not for production",
                          &w->conf->store);
        }

        return;
    }

    ngx_http_edge_auth_close(w);

    ngx_log_error(NGX_LOG_CRIT, w->log, 0,
                  "edge_auth: store \"%V\" cannot be used, all requests are "
                  "answered with 503: %s", &w->conf->store, err.message);

    delay = NGX_HTTP_EDGE_AUTH_RETRY_MIN << w->retries;

    if (delay < NGX_HTTP_EDGE_AUTH_RETRY_MAX) {
        w->retries++;

    } else {
        delay = NGX_HTTP_EDGE_AUTH_RETRY_MAX;
    }

    if (!ngx_exiting) {
        ngx_add_timer(&w->retry, delay);
    }
}


static ngx_int_t
ngx_http_edge_auth_open_store(ngx_http_edge_auth_worker_t *w,
    struct ea_error *err)
{
    struct ea_store_lmdb_options  opt;

    if (ngx_http_edge_auth_read_pepper(w, err) != NGX_OK) {
        return NGX_ERROR;
    }

    ngx_memzero(&opt, sizeof(struct ea_store_lmdb_options));

    /* ngx_conf_full_name() leaves a NUL behind */

    opt.path = (const char *) w->conf->store.data;
    opt.now_ms = ngx_http_edge_auth_msec;

    if (!ea_store_lmdb_open(&opt, &w->store, err)) {
        w->store = NULL;
        return NGX_ERROR;
    }

    return ngx_http_edge_auth_check_lab(w, err);
}


static ngx_int_t
ngx_http_edge_auth_read_pepper(ngx_http_edge_auth_worker_t *w,
    struct ea_error *err)
{
    bool             ok;
    size_t           len;
    u_char           buf[EA_PEPPER_FILE_MAX + 1];
    struct ea_bytes  text;

    if (ngx_http_edge_auth_read_file(&w->conf->pepper, buf, sizeof(buf), &len,
                                     1, err)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    text.ptr = (const char *) buf;
    text.len = len;

    ok = ea_pepper_parse(text, &w->pepper, err);

    ea_wipe(buf, sizeof(buf));

    if (!ok) {
        ea_error_prefix(err, "pepper \"%s\", line %u",
                        (const char *) w->conf->pepper.data, err->line);
        return NGX_ERROR;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_edge_auth_check_lab(ngx_http_edge_auth_worker_t *w,
    struct ea_error *err)
{
    struct ea_meta    meta;
    struct ea_gate    gate;
    struct ea_view   *view;
    enum ea_gathered  found;

    view = ea_store_view(w->store, err);
    if (view == NULL) {
        return NGX_ERROR;
    }

    found = ea_gather_meta(view, &meta, &gate, err);

    ea_view_close(view);

    if (found != EA_GATHER_FOUND) {
        return NGX_ERROR;
    }

    if (meta.lab && !w->conf->lab) {
        (void) ea_fail(err, EA_E_REFUSED, "it is a lab's store, which only "
                       "\"edge_auth_lab on\" opens");
        return NGX_ERROR;
    }

    w->lab = meta.lab;

    return NGX_OK;
}


static ngx_int_t
ngx_http_edge_auth_read_file(ngx_str_t *name, u_char *buf, size_t size,
    size_t *len, ngx_uint_t secret, struct ea_error *err)
{
    ssize_t          n;
    ngx_fd_t         fd;
    ngx_file_info_t  fi;

    fd = ngx_open_file(name->data, NGX_FILE_RDONLY, NGX_FILE_OPEN, 0);

    if (fd == NGX_INVALID_FILE) {
        (void) ea_fail(err, EA_E_UNAVAILABLE, "cannot open \"%s\": %s",
                       (const char *) name->data, strerror(ngx_errno));
        return NGX_ERROR;
    }

    if (ngx_fd_info(fd, &fi) == NGX_FILE_ERROR || !ngx_is_file(&fi)
        || (secret && (fi.st_mode & 0137)))
    {
        (void) ea_fail(err, EA_E_REFUSED, "\"%s\" must be a file with mode "
                       "0640 or stricter", (const char *) name->data);
        (void) ngx_close_file(fd);
        return NGX_ERROR;
    }

    n = ngx_read_fd(fd, buf, size);

    (void) ngx_close_file(fd);

    if (n < 0 || (size_t) n == size) {
        ea_wipe(buf, size);
        (void) ea_fail(err, EA_E_RANGE, "\"%s\" cannot be read or is too long",
                       (const char *) name->data);
        return NGX_ERROR;
    }

    *len = n;

    return NGX_OK;
}


static void
ngx_http_edge_auth_close(ngx_http_edge_auth_worker_t *w)
{
    if (w->store) {
        ea_store_close(w->store);
        w->store = NULL;
    }

    ea_pepper_release(&w->pepper);
    ngx_memzero(&w->pepper, sizeof(struct ea_pepper));

    w->healthy = 0;
}


/*
 * The store's files may have been replaced, or its disk may have failed: no
 * grants then. It is closed and opened again when nothing is out.
 */

struct ea_view *
ngx_http_edge_auth_view(ngx_http_edge_auth_worker_t *w)
{
    struct ea_view   *view;
    struct ea_error   err;

    if (w == NULL || w->store == NULL) {
        return NULL;
    }

    ngx_memzero(&err, sizeof(struct ea_error));

    if (w->checked != ngx_time() || !w->healthy) {
        w->checked = ngx_time();

        if (!ea_store_health(w->store, &err)) {

            if (w->healthy) {
                ngx_log_error(NGX_LOG_CRIT, w->log, 0,
                              "edge_auth: store \"%V\" is unhealthy, all "
                              "requests are answered with 503: %s",
                              &w->conf->store, err.message);
            }

            w->healthy = 0;

            ngx_http_edge_auth_reopen(w);

            return NULL;
        }

        w->healthy = 1;
    }

    view = ea_store_view(w->store, &err);

    if (view == NULL) {
        ngx_log_error(NGX_LOG_ERR, w->log, 0,
                      "edge_auth: cannot read store \"%V\": %s",
                      &w->conf->store, err.message);
    }

    return view;
}


static void
ngx_http_edge_auth_reopen(ngx_http_edge_auth_worker_t *w)
{
    if (w->out || w->draining || w->completing) {
        return;
    }

    ngx_http_edge_auth_close(w);

    if (!w->retry.timer_set && !ngx_exiting) {
        ngx_add_timer(&w->retry, NGX_HTTP_EDGE_AUTH_RETRY_MIN);
    }
}


ngx_int_t
ngx_http_edge_auth_submit(ngx_http_edge_auth_worker_t *w,
    struct ea_store_op *op)
{
    if (w == NULL || w->store == NULL || w->exiting
        || !ea_store_submit(w->store, op))
    {
        return NGX_ERROR;
    }

    w->out++;

    /* not cancelable: a worker that is told to end waits for what is out */

    if (!w->hold.timer_set) {
        ngx_add_timer(&w->hold, NGX_HTTP_EDGE_AUTH_HOLD);
    }

    ngx_http_edge_auth_kick(w);

    return NGX_OK;
}


static void
ngx_http_edge_auth_kick(ngx_http_edge_auth_worker_t *w)
{
    if (w->draining || !ea_store_has_work(w->store)) {
        return;
    }

    if (ngx_thread_task_post(w->conf->pool, w->drain) != NGX_OK) {
        /* the pool's queue is full; the timer tries again */
        return;
    }

    w->draining = 1;
}


/* On the pool's thread: only the store, which is made for it. */

static void
ngx_http_edge_auth_flush(void *data, ngx_log_t *log)
{
    ngx_http_edge_auth_worker_t  **w = data;

    ea_store_flush((*w)->store);
}


static void
ngx_http_edge_auth_flushed(ngx_event_t *ev)
{
    ngx_http_edge_auth_worker_t  *w = ev->data;

    w->draining = 0;

    ngx_http_edge_auth_completed(w);
}


static void
ngx_http_edge_auth_hold(ngx_event_t *ev)
{
    ngx_http_edge_auth_worker_t  *w = ev->data;

    if (w->out == 0) {
        return;
    }

    ngx_add_timer(ev, NGX_HTTP_EDGE_AUTH_HOLD);

    if (!w->draining) {
        ngx_http_edge_auth_completed(w);
    }
}


static void
ngx_http_edge_auth_completed(ngx_http_edge_auth_worker_t *w)
{
    if (w->store == NULL) {
        return;
    }

    /* done() counts down, and may submit; the store stays open meanwhile */

    w->completing = 1;

    (void) ea_store_complete(w->store);

    w->completing = 0;

    ngx_http_edge_auth_kick(w);

    if (w->out == 0 && w->hold.timer_set) {
        ngx_del_timer(&w->hold);
    }

    if (!w->healthy) {
        ngx_http_edge_auth_reopen(w);
    }
}


ngx_int_t
ngx_http_edge_auth_now(ngx_http_edge_auth_worker_t *w,
    const struct ea_meta *meta, uint64_t *now)
{
    bool                     persist;
    struct timespec          ts;
    struct ea_error          err;
    struct ea_clock_reading  reading;

    if (clock_gettime(CLOCK_BOOTTIME, &ts) != 0) {
        return NGX_ERROR;
    }

    reading.wall = ngx_time();
    reading.boot = ts.tv_sec;
    reading.boot_id = w->boot_id;

    persist = false;
    ngx_memzero(&err, sizeof(struct ea_error));

    if (!ea_clock_now(meta, &reading, now, &persist, &err)) {
        ngx_log_error(NGX_LOG_CRIT, w->log, 0,
                      "edge_auth: %s; nothing is granted until "
                      "\"edge-auth store clock --accept\"", err.message);
        return NGX_ERROR;
    }

    if (persist && !w->clock_out) {
        ngx_http_edge_auth_save_clock(w, *now, &reading);
    }

    return NGX_OK;
}


/* Best effort: a lost write is tried again with the next request. */

static void
ngx_http_edge_auth_save_clock(ngx_http_edge_auth_worker_t *w, uint64_t now,
    const struct ea_clock_reading *reading)
{
    uint64_t                     rev;
    struct ea_buf                buf;
    struct ea_meta               meta;
    struct ea_view              *view;
    struct ea_bytes              key, value;
    ngx_http_edge_auth_clock_t  *clock;

    view = ea_store_view(w->store, NULL);
    if (view == NULL) {
        return;
    }

    key = EA_BYTES("store");

    if (ea_view_get(view, EA_TABLE_META, key, &value, &rev) != EA_FOUND
        || !ea_meta_decode(value, &meta, NULL))
    {
        ea_view_close(view);
        return;
    }

    ea_view_close(view);

    clock = ngx_calloc(sizeof(ngx_http_edge_auth_clock_t), w->log);
    if (clock == NULL) {
        return;
    }

    meta.clock = now;
    meta.boot_clock = reading->boot;
    ngx_cpystrn((u_char *) meta.boot_id, (u_char *) w->boot_id,
                sizeof(meta.boot_id));

    buf.ptr = clock->value;
    buf.len = 0;
    buf.cap = sizeof(clock->value);
    buf.failed = false;

    clock->worker = w;
    clock->condition = (struct ea_store_condition) {
        EA_TABLE_META, key, rev
    };
    clock->op.conditions = &clock->condition;
    clock->op.conditions_count = 1;
    clock->op.writes = &clock->write;
    clock->op.writes_count = 1;
    clock->op.done = ngx_http_edge_auth_clock_done;
    clock->op.context = clock;

    if (!ea_meta_encode(&meta, &buf)) {
        ngx_free(clock);
        return;
    }

    clock->write.table = EA_TABLE_META;
    clock->write.key = key;
    clock->write.value.ptr = (const char *) clock->value;
    clock->write.value.len = buf.len;

    w->clock_out = 1;

    if (ngx_http_edge_auth_submit(w, &clock->op) != NGX_OK) {
        w->clock_out = 0;
        ngx_free(clock);
    }
}


static void
ngx_http_edge_auth_clock_done(struct ea_store_op *op)
{
    ngx_http_edge_auth_clock_t  *clock = op->context;

    clock->worker->out--;
    clock->worker->clock_out = 0;

    ngx_free(clock);
}


uint64_t
ngx_http_edge_auth_msec(void)
{
    struct timespec  ts;

    if (clock_gettime(CLOCK_MONOTONIC, &ts) != 0) {
        return 0;
    }

    return (uint64_t) ts.tv_sec * 1000 + ts.tv_nsec / 1000000;
}
