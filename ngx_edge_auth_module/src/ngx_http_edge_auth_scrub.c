/*
 * The credential leaves the request before anyone else looks at it: location
 * matching, logs, the upstream and cache keys see a target without it.
 */

#include "ngx_http_edge_auth_module.h"


static ngx_int_t ngx_http_edge_auth_take_header(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
static ngx_int_t ngx_http_edge_auth_rewrite(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
static enum ea_reason ngx_http_edge_auth_look(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
static ngx_int_t ngx_http_edge_auth_copy(ngx_pool_t *pool, ngx_str_t *to,
    ngx_str_t *from);


static ngx_str_t  ngx_http_edge_auth_header = ngx_string("x-edge-token");


ngx_int_t
ngx_http_edge_auth_scrub(ngx_http_request_t *r)
{
    ngx_http_edge_auth_ctx_t       *ctx;
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_http_get_module_srv_conf(r, ngx_http_edge_auth_module);

    if (escf->role == EA_ROLE_NONE) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_edge_auth_ctx_create(r);
    if (ctx == NULL) {
        (void) ngx_http_edge_auth_redact(r);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    /*
     * The copies come first: what they are copied from is overwritten. An error
     * in between still leaves nothing that a log could print.
     */

    if (ngx_http_edge_auth_copy(r->pool, &ctx->raw, &r->unparsed_uri)
        != NGX_OK
        || ngx_http_edge_auth_take_header(r, ctx) != NGX_OK)
    {
        (void) ngx_http_edge_auth_redact(r);
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    ea_target_split(escf->role, ngx_http_edge_auth_bytes(&ctx->raw),
                    &ctx->target);

    (void) ngx_http_edge_auth_redact(r);

    if (ngx_http_edge_auth_rewrite(r, ctx) != NGX_OK) {
        return NGX_HTTP_INTERNAL_SERVER_ERROR;
    }

    if (ctx->early == EA_REASON_NONE) {
        ctx->early = ngx_http_edge_auth_look(r, ctx);
    }

    return NGX_DECLINED;
}


/* Copies X-Edge-Token, and overwrites the list element that others read. */

static ngx_int_t
ngx_http_edge_auth_take_header(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    ngx_uint_t        i;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                return NGX_OK;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        if (h[i].key.len != ngx_http_edge_auth_header.len
            || ngx_strncasecmp(h[i].key.data, ngx_http_edge_auth_header.data,
                               h[i].key.len)
               != 0)
        {
            continue;
        }

        if (ctx->header.data) {
            ctx->early = EA_REASON_MALFORMED;

        } else if (ngx_http_edge_auth_copy(r->pool, &ctx->header, &h[i].value)
                   != NGX_OK)
        {
            return NGX_ERROR;
        }

        ngx_explicit_memzero(h[i].value.data, h[i].value.len);

        h[i].hash = 0;
        ngx_str_set(&h[i].value, "-");
    }
}


static ngx_int_t
ngx_http_edge_auth_rewrite(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    u_char     *p, *query;
    size_t      size;
    ngx_str_t   uri, line;

    size = ctx->raw.len + 2;

    uri.data = ngx_pnalloc(r->pool, size);
    if (uri.data == NULL) {
        return NGX_ERROR;
    }

    uri.len = ea_target_scrub(&ctx->target, (char *) uri.data, size);

    if (uri.len == 0) {
        uri.data[0] = '/';
        uri.len = 1;
    }

    /* a token in a place that carries none */
    (void) ea_token_redact((char *) uri.data, uri.len);

    line.len = r->method_name.len + 1 + uri.len + 1 + r->http_protocol.len;

    line.data = ngx_pnalloc(r->pool, line.len);
    if (line.data == NULL) {
        return NGX_ERROR;
    }

    ngx_sprintf(line.data, "%V %V %V", &r->method_name, &uri,
                &r->http_protocol);

    /* a target out of the table was not decoded; neither is what replaces it */

    r->request_line = line;
    r->unparsed_uri = uri;
    r->uri = uri;
    ngx_str_null(&r->args);

    p = uri.data;
    query = ngx_strlchr(p, p + uri.len, '?');

    if (query) {
        r->uri.len = query - p;
        r->args.data = query + 1;
        r->args.len = p + uri.len - query - 1;
    }

    r->valid_unparsed_uri = 1;
    r->quoted_uri = 0;
    r->complex_uri = 0;

    ngx_http_set_exten(r);

    return NGX_OK;
}


static enum ea_reason
ngx_http_edge_auth_look(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    struct ea_bytes    header;
    struct ea_target  *target;

    target = &ctx->target;

    if (target->stage == EA_STAGE_NONE) {
        return EA_REASON_PATH;
    }

    if (r->method != NGX_HTTP_GET
        && !(r->method == NGX_HTTP_HEAD
             && (target->stage == EA_STAGE_BOOT
                 || target->stage == EA_STAGE_ASSET)))
    {
        return EA_REASON_METHOD;
    }

    header = ngx_http_edge_auth_bytes(&ctx->header);

    ctx->secret = target->credential.len ? target->credential : header;

    if (target->credential.len && ctx->header.data
        && (header.len != target->credential.len
            || !ea_ct_equal(header.ptr, target->credential.ptr, header.len)))
    {
        return EA_REASON_CARRIERS;
    }

    if (ctx->secret.len == 0 && ctx->conf->role != EA_ROLE_BOOT_MTLS) {
        return EA_REASON_MISSING;
    }

    return EA_REASON_NONE;
}


static ngx_int_t
ngx_http_edge_auth_copy(ngx_pool_t *pool, ngx_str_t *to, ngx_str_t *from)
{
    to->data = ngx_pnalloc(pool, from->len + 1);
    if (to->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(to->data, from->data, from->len);
    to->len = from->len;

    return NGX_OK;
}


/*
 * By pattern and in place, wherever a log could take it from: request line,
 * target, header fields. Returns how many were found.
 */

ngx_uint_t
ngx_http_edge_auth_redact(ngx_http_request_t *r)
{
    size_t            len;
    ngx_uint_t        i, n;
    ngx_list_part_t  *part;
    ngx_table_elt_t  *h;

    n = 0;

    if (r->request_line.len) {
        n += ea_token_redact((char *) r->request_line.data,
                             r->request_line.len);

    } else if (r->request_start && r->header_in
               && r->request_start >= r->header_in->start
               && r->request_start < r->header_in->last)
    {
        /* $request then ends where the buffer does */

        len = r->header_in->last - r->request_start;
        n += ea_token_redact((char *) r->request_start, len);
    }

    n += ea_token_redact((char *) r->unparsed_uri.data, r->unparsed_uri.len);
    n += ea_token_redact((char *) r->uri.data, r->uri.len);
    n += ea_token_redact((char *) r->args.data, r->args.len);

    part = &r->headers_in.headers.part;
    h = part->elts;

    for (i = 0; /* void */ ; i++) {

        if (i >= part->nelts) {
            if (part->next == NULL) {
                break;
            }

            part = part->next;
            h = part->elts;
            i = 0;
        }

        n += ea_token_redact((char *) h[i].value.data, h[i].value.len);
    }

    return n;
}
