/*
 * The gate as a client of edge-keyd: one connection, one line, one reply. A
 * reply that does not come in time, or not whole, is an outage.
 */

#include "ngx_http_edge_auth_module.h"


#define NGX_HTTP_EDGE_AUTH_KEYD_QUIET      1
#define NGX_HTTP_EDGE_AUTH_KEYD_QUIET_MAX  60


static void ngx_http_edge_auth_ask_write(ngx_event_t *wev);
static void ngx_http_edge_auth_ask_read(ngx_event_t *rev);
static void ngx_http_edge_auth_ask_end(ngx_http_edge_auth_ask_t *ask,
    ngx_uint_t whole);


/*
 * Known before anything is written: nobody listens, or the last answer asked
 * for a pause. A socket that accepts is as much as can be known.
 */

ngx_int_t
ngx_http_edge_auth_keyd_up(ngx_http_edge_auth_worker_t *w)
{
    ngx_socket_t  s;
    ngx_int_t     rc;

    if (w->conf->keyd == NULL || ngx_time() < w->keyd_quiet) {
        return 0;
    }

    s = ngx_socket(AF_UNIX, SOCK_STREAM, 0);
    if (s == (ngx_socket_t) -1) {
        return 0;
    }

    rc = ngx_nonblocking(s) != -1
         && connect(s, w->conf->keyd->sockaddr, w->conf->keyd->socklen) != -1;

    if (!rc) {
        ngx_log_error(NGX_LOG_ERR, w->log, ngx_socket_errno,
                      "edge_auth: no edge-keyd at \"%V\": configs that need a "
                      "key are answered with 503", &w->conf->keyd->name);
        w->keyd_quiet = ngx_time() + NGX_HTTP_EDGE_AUTH_KEYD_QUIET;
    }

    (void) ngx_close_socket(s);

    return rc;
}


/* A failure of keyd's: what it asks for is kept. */

void
ngx_http_edge_auth_keyd_failed(ngx_http_edge_auth_worker_t *w,
    enum ea_keyd_outcome outcome, uint32_t retry)
{
    switch (outcome) {

    case EA_KEYD_OK:
    case EA_KEYD_CEILING:       /* one site's matter */
    case EA_KEYD_BAD:
        return;

    default:
        break;
    }

    retry = ngx_max(retry, NGX_HTTP_EDGE_AUTH_KEYD_QUIET);
    retry = ngx_min(retry, NGX_HTTP_EDGE_AUTH_KEYD_QUIET_MAX);

    w->keyd_quiet = ngx_time() + retry;
}


/* Sends ask->line of ask->len; ask->done is called later, and only then. */

ngx_int_t
ngx_http_edge_auth_ask(ngx_http_edge_auth_worker_t *w,
    ngx_http_edge_auth_ask_t *ask)
{
    ngx_int_t          rc;
    ngx_connection_t  *c;

    if (w->conf->keyd == NULL || w->exiting) {
        return NGX_ERROR;
    }

    ask->worker = w;
    ask->sent = 0;
    ask->got = 0;

    ngx_memzero(&ask->peer, sizeof(ngx_peer_connection_t));

    ask->peer.sockaddr = w->conf->keyd->sockaddr;
    ask->peer.socklen = w->conf->keyd->socklen;
    ask->peer.name = &w->conf->keyd->name;
    ask->peer.get = ngx_event_get_peer;
    ask->peer.log = w->log;
    ask->peer.log_error = NGX_ERROR_ERR;

    rc = ngx_event_connect_peer(&ask->peer);

    if (rc == NGX_ERROR || rc == NGX_BUSY || rc == NGX_DECLINED) {
        if (ask->peer.connection) {
            ngx_close_connection(ask->peer.connection);
            ask->peer.connection = NULL;
        }

        return NGX_ERROR;
    }

    c = ask->peer.connection;
    c->data = ask;
    c->log = w->log;
    c->read->log = c->log;
    c->write->log = c->log;
    c->read->handler = ngx_http_edge_auth_ask_read;
    c->write->handler = ngx_http_edge_auth_ask_write;

    ngx_add_timer(c->read, w->conf->keyd_timeout);

    w->out++;

    if (rc == NGX_OK) {
        ngx_post_event(c->write, &ngx_posted_events);
    }

    return NGX_OK;
}


static void
ngx_http_edge_auth_ask_write(ngx_event_t *wev)
{
    ngx_connection_t  *c = wev->data;

    ssize_t                    n;
    ngx_http_edge_auth_ask_t  *ask;

    ask = c->data;

    while (ask->sent < ask->len) {
        n = c->send(c, (u_char *) ask->line + ask->sent, ask->len - ask->sent);

        if (n == NGX_AGAIN) {
            if (ngx_handle_write_event(wev, 0) != NGX_OK) {
                ngx_http_edge_auth_ask_end(ask, 0);
            }

            return;
        }

        if (n == NGX_ERROR || n == 0) {
            ngx_http_edge_auth_ask_end(ask, 0);
            return;
        }

        ask->sent += n;
    }

    if (ngx_handle_read_event(c->read, 0) != NGX_OK) {
        ngx_http_edge_auth_ask_end(ask, 0);
    }
}


static void
ngx_http_edge_auth_ask_read(ngx_event_t *rev)
{
    ngx_connection_t  *c = rev->data;

    ssize_t                    n;
    ngx_http_edge_auth_ask_t  *ask;

    ask = c->data;

    if (rev->timedout) {
        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "edge_auth: edge-keyd did not answer in time");
        ngx_http_edge_auth_ask_end(ask, 0);
        return;
    }

    for ( ;; ) {

        if (ask->got == sizeof(ask->reply)) {
            ngx_http_edge_auth_ask_end(ask, 0);
            return;
        }

        n = c->recv(c, (u_char *) ask->reply + ask->got,
                    sizeof(ask->reply) - ask->got);

        if (n == NGX_AGAIN) {
            if (ngx_handle_read_event(rev, 0) != NGX_OK) {
                ngx_http_edge_auth_ask_end(ask, 0);
            }

            return;
        }

        if (n == NGX_ERROR || n == 0) {
            ngx_http_edge_auth_ask_end(ask, 0);
            return;
        }

        ask->got += n;

        if (ask->reply[ask->got - 1] == '\n') {
            ngx_http_edge_auth_ask_end(ask, 1);
            return;
        }
    }
}


/* The reply may hold a key: whoever asked takes it out, here it is wiped. */

static void
ngx_http_edge_auth_ask_end(ngx_http_edge_auth_ask_t *ask, ngx_uint_t whole)
{
    struct ea_bytes               reply;
    ngx_http_edge_auth_worker_t  *w;

    w = ask->worker;

    ngx_close_connection(ask->peer.connection);
    ask->peer.connection = NULL;

    w->out--;

    reply.ptr = ask->reply;
    reply.len = whole ? ask->got : 0;

    if (w->exiting) {
        ea_wipe(ask->reply, sizeof(ask->reply));
        return;
    }

    /* the asker may free the memory that this stands in */

    ask->done(ask, reply);
}
