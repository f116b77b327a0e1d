/*
 * The body of the upstream, whole and in memory. The request for it is built,
 * never edited: a constant path, the labels on record, and not one header of
 * the client's.
 */

#include "ngx_http_edge_auth_module.h"


static ngx_int_t ngx_http_edge_auth_fetch_done(ngx_http_request_t *r,
    void *data, ngx_int_t rc);


ngx_int_t
ngx_http_edge_auth_fetch(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    char                        *path;
    size_t                       len, size;
    u_char                      *p, *query, *last;
    ngx_str_t                    uri, args;
    struct ea_node              *node;
    ngx_http_request_t          *sr;
    ngx_http_post_subrequest_t  *ps;

    node = &ctx->claim->facts_of.node;
    size = ctx->conf->upstream.len + EA_TARGET_MAX;

    path = ngx_pnalloc(r->pool, ctx->target.path.len + 1);
    uri.data = ngx_pnalloc(r->pool, size);
    ps = ngx_palloc(r->pool, sizeof(ngx_http_post_subrequest_t));

    if (path == NULL || uri.data == NULL || ps == NULL) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    /* one of the table's paths, or the split would have refused it */

    ngx_memcpy(path, ctx->target.path.ptr, ctx->target.path.len);
    path[ctx->target.path.len] = '\0';

    if (ctx->target.stage == EA_STAGE_BOOT) {
        path = "boot.ipxe";
    }

    p = ngx_cpymem(uri.data, ctx->conf->upstream.data,
                   ctx->conf->upstream.len);

    if (!ea_upstream_target(path, node->select,
                            ctx->target.stage == EA_STAGE_BOOT
                            ? 0 : node->select_count,
                            ctx->query.arch, (char *) p, EA_TARGET_MAX, &len))
    {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_UPSTREAM);
    }

    if (len && *p == '/') {
        ngx_memmove(p, p + 1, --len);
    }

    last = p + len;
    query = ngx_strlchr(p, last, '?');

    uri.len = (query ? query : last) - uri.data;
    args.data = query ? query + 1 : last;
    args.len = last - args.data;

    ps->handler = ngx_http_edge_auth_fetch_done;
    ps->data = ctx->claim;

    ctx->step = NGX_HTTP_EDGE_AUTH_FETCHING;

    if (ngx_http_subrequest(r, &uri, &args, &sr, ps,
                            NGX_HTTP_SUBREQUEST_IN_MEMORY
                            |NGX_HTTP_SUBREQUEST_WAITED)
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ngx_memzero(&sr->headers_in, sizeof(ngx_http_headers_in_t));
    sr->headers_in.content_length_n = -1;
    sr->headers_in.keep_alive_n = -1;

    if (ngx_list_init(&sr->headers_in.headers, r->pool, 1,
                      sizeof(ngx_table_elt_t))
        != NGX_OK)
    {
        return NGX_ERROR;
    }

    ctx->claim->fetch = sr;

    return NGX_AGAIN;
}


/* May run twice for one error: what the upstream said is read on wake-up. */

static ngx_int_t
ngx_http_edge_auth_fetch_done(ngx_http_request_t *r, void *data, ngx_int_t rc)
{
    ngx_http_edge_auth_claim_t  *claim = data;

    claim->fetched = 1;

    return rc;
}


enum ea_reason
ngx_http_edge_auth_body(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    ngx_buf_t                   *b;
    ngx_http_request_t          *sr;
    ngx_http_upstream_t         *u;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;
    sr = claim->fetch;
    u = sr->upstream;

    if (sr->headers_out.status != NGX_HTTP_OK || u == NULL) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "edge_auth: the upstream answered %ui for node \"%s\"",
                      sr->headers_out.status, ctx->node);
        return EA_REASON_UPSTREAM;
    }

    /* a body that broke off arrives as a 200 all the same */

    if (u->pipe == NULL || !u->pipe->upstream_done || sr->out == NULL
        || sr->headers_out.content_encoding)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "edge_auth: the upstream's body for node \"%s\" is not "
                      "complete", ctx->node);
        return EA_REASON_UPSTREAM;
    }

    b = sr->out->buf;

    claim->body.data = b->pos;
    claim->body.len = b->last - b->pos;

    if (claim->body.len == 0 || claim->body.len > ctx->conf->body_max) {
        return EA_REASON_UPSTREAM;
    }

    return EA_REASON_NONE;
}
