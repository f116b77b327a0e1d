/*
 * First in the LOG phase. Requests that failed before POST_READ (a bad request
 * line or Host, http on the TLS port, a missing certificate, a line that is too
 * long) still have their token where the access log would print it.
 */

#include "ngx_http_edge_auth_module.h"


#define NGX_HTTP_EDGE_AUTH_PEERS_MAX  10


static void ngx_http_edge_auth_log_peer(ngx_http_request_t *r,
    ngx_http_edge_auth_worker_t *w);


ngx_int_t
ngx_http_edge_auth_log_init(ngx_conf_t *cf)
{
    ngx_uint_t                  n;
    ngx_http_handler_pt        *h;
    ngx_http_core_main_conf_t  *cmcf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    n = cmcf->phases[NGX_HTTP_LOG_PHASE].handlers.nelts;

    h = ngx_array_push(&cmcf->phases[NGX_HTTP_LOG_PHASE].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    /* log handlers run in the order of the array: ours before the writer's */

    h = cmcf->phases[NGX_HTTP_LOG_PHASE].handlers.elts;

    ngx_memmove(h + 1, h, n * sizeof(ngx_http_handler_pt));

    h[0] = ngx_http_edge_auth_log;

    return NGX_OK;
}


ngx_int_t
ngx_http_edge_auth_log(ngx_http_request_t *r)
{
    ngx_uint_t                    n;
    ngx_http_edge_auth_ctx_t     *ctx;
    ngx_http_edge_auth_worker_t  *w;

    n = ngx_http_edge_auth_redact(r);

    w = ngx_http_edge_auth_worker(r);

    if (w) {
        w->redacted += n;
    }

    if (r != r->main) {
        return NGX_OK;
    }

    ctx = ngx_http_edge_auth_ctx(r);

    if (ctx == NULL) {
        if (w) {
            ngx_http_edge_auth_log_peer(r, w);
        }

        return NGX_OK;
    }

    if (!ctx->config_sent) {
        return NGX_OK;
    }

    /* the whole body went to the kernel, and nobody has complained yet */

    if (r->connection->error || r->connection->timedout || r->out
        || r->buffered || r->connection->buffered
        || r->headers_out.status != NGX_HTTP_OK)
    {
        return NGX_OK;
    }

    ngx_http_edge_auth_handed(r, ctx);

    return NGX_OK;
}


/*
 * A client certificate that nginx itself answered with 400: it says why at the
 * level info only, which must not be logged. The access log gets the reason by
 * a context, the audit a count, the error log a few lines a minute.
 */

static void
ngx_http_edge_auth_log_peer(ngx_http_request_t *r,
    ngx_http_edge_auth_worker_t *w)
{
    ngx_str_t                       serial;
    ngx_uint_t                      level;
    enum ea_reason                  reason;
    ngx_http_edge_auth_ctx_t       *ctx;
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_http_get_module_srv_conf(r, ngx_http_edge_auth_module);

    if (escf->role != EA_ROLE_BOOT_MTLS || r->connection->ssl == NULL) {
        return;
    }

    reason = ngx_http_edge_auth_unverified(r->connection);

    if (reason == EA_REASON_NONE) {
        return;
    }

    ctx = ngx_http_edge_auth_ctx_create(r);
    if (ctx == NULL) {
        return;
    }

    ctx->reason = reason;
    ngx_cpystrn((u_char *) ctx->source, r->connection->addr_text.data,
                ngx_min(r->connection->addr_text.len + 1,
                        sizeof(ctx->source)));

    ngx_http_edge_auth_audit_refusal(r, ctx, EA_REPLY_REFUSE);

    if (reason == EA_REASON_CERT_MISSING
        || w->peers++ >= NGX_HTTP_EDGE_AUTH_PEERS_MAX)
    {
        return;
    }

    ngx_str_null(&serial);
    (void) ngx_ssl_get_serial_number(r->connection, r->pool, &serial);

    level = ea_reason_row(reason)->alarm ? NGX_LOG_ERR : NGX_LOG_WARN;

    ngx_log_error(level, r->connection->log, 0,
                  "edge_auth: client certificate refused, reason \"%s\", "
                  "serial \"%V\": %s", ea_reason_row(reason)->word, &serial,
                  ea_reason_row(reason)->remedy);
}
