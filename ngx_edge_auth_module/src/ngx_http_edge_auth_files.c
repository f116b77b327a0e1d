/*
 * What a genuine credential is enough for: the script that all nodes share, and
 * the files they boot. Nothing is written; a revocation acts on the next
 * request.
 */

#include "ngx_http_edge_auth_module.h"


/* The same script for every node, and no secret in it. */

ngx_int_t
ngx_http_edge_auth_boot(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    struct ea_view    *view;
    enum ea_reason     reason;
    enum ea_gathered   found;

    view = ngx_http_edge_auth_view(ngx_http_edge_auth_worker(r));
    if (view == NULL) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    reason = EA_REASON_STORE;
    found = ea_gather_boot(view, &ctx->presented, &reason, NULL);

    ea_view_close(view);

    switch (found) {

    case EA_GATHER_FOUND:
        return ngx_http_edge_auth_fetch(r, ctx);

    case EA_GATHER_NONE:
        return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE, reason);

    case EA_GATHER_FAILED:
        break;
    }

    return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
}


ngx_int_t
ngx_http_edge_auth_asset(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    u_char                       *p;
    uint64_t                      now;
    ngx_str_t                     uri, name;
    struct ea_meta                meta;
    struct ea_gate                gate;
    struct ea_view               *view;
    enum ea_reason                reason;
    struct ea_asset               asset;
    enum ea_gathered              found;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);

    view = ngx_http_edge_auth_view(w);
    if (view == NULL) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    reason = EA_REASON_NONE;
    found = ea_gather_meta(view, &meta, &gate, NULL);

    if (found == EA_GATHER_FOUND) {
        found = ngx_http_edge_auth_now(w, &meta, &now) == NGX_OK
                ? ea_gather_asset(view, &ctx->presented, ctx->target.path, now,
                                  &asset, &reason, NULL)
                : EA_GATHER_FAILED;
    }

    ea_view_close(view);

    if (found == EA_GATHER_FAILED) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    if (found == EA_GATHER_NONE) {
        return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE, reason);
    }

    if (ctx->conf->assets.len == 0) {
        return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE,
                                         EA_REASON_ASSET);
    }

    /* "assets/NAME" and "ipxe.efi" stand in one folder */

    name.data = (u_char *) asset.path;
    name.len = ngx_strlen(asset.path);

    if (name.len > 7 && ngx_strncmp(name.data, "assets/", 7) == 0) {
        name.data += 7;
        name.len -= 7;
    }

    uri.len = ctx->conf->assets.len + name.len;
    uri.data = ngx_pnalloc(r->pool, uri.len);

    if (uri.data == NULL) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    p = ngx_cpymem(uri.data, ctx->conf->assets.data, ctx->conf->assets.len);
    ngx_memcpy(p, name.data, name.len);

    ctx->step = NGX_HTTP_EDGE_AUTH_GRANTED;

    (void) ngx_http_internal_redirect(r, &uri, NULL);

    /* the redirect counts the request up, and no phase counts it down */
    ngx_http_finalize_request(r, NGX_DONE);

    return NGX_DONE;
}
