/*
 * First in the LOG phase. Requests that failed before POST_READ (a bad request
 * line or Host, http on the TLS port, a missing certificate, a line that is too
 * long) still have their token where the access log would print it.
 */

#include "ngx_http_edge_auth_module.h"


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

    if (ctx == NULL || !ctx->config_sent) {
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
