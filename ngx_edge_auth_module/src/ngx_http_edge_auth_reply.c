/*
 * Answers, in the shape that iPXE and Talos can use: iPXE neither runs nor
 * shows the body of an error, so its refusals are scripts with status 200;
 * Talos shows the first 32 bytes of an error body on the console. Always a
 * Content-Length, never 204, never a Location.
 */

#include "ngx_http_edge_auth_module.h"


static ngx_int_t ngx_http_edge_auth_send(ngx_http_request_t *r,
    ngx_uint_t status, u_char *text, size_t len);
static ngx_int_t ngx_http_edge_auth_add_header(ngx_http_request_t *r,
    ngx_str_t *name, ngx_str_t *value);
static ngx_uint_t ngx_http_edge_auth_status(enum ea_reply reply,
    enum ea_reason reason);
static ngx_uint_t ngx_http_edge_auth_is_ipxe(ngx_http_request_t *r);
static void ngx_http_edge_auth_make_ref(ngx_http_edge_auth_ctx_t *ctx);
static size_t ngx_http_edge_auth_held(ngx_http_edge_auth_ctx_t *ctx,
    u_char *text, size_t size);
static ngx_int_t ngx_http_edge_auth_header_filter(ngx_http_request_t *r);


static ngx_http_output_header_filter_pt  ngx_http_next_header_filter;

static ngx_str_t  ngx_http_edge_auth_cache_control =
    ngx_string("Cache-Control");
static ngx_str_t  ngx_http_edge_auth_no_store = ngx_string("no-store");
static ngx_str_t  ngx_http_edge_auth_retry_after = ngx_string("Retry-After");
static ngx_str_t  ngx_http_edge_auth_seconds = ngx_string("15");
static ngx_str_t  ngx_http_edge_auth_allow = ngx_string("Allow");
static ngx_str_t  ngx_http_edge_auth_methods = ngx_string("GET, HEAD");


ngx_int_t
ngx_http_edge_auth_refuse(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx,
    enum ea_reply reply, enum ea_reason reason)
{
    size_t                       len;
    u_char                      *text;
    ngx_uint_t                   status;
    enum ea_stage                stage;
    const struct ea_reason_row  *row;

    ctx->reason = reason;
    ngx_http_edge_auth_make_ref(ctx);

    ngx_http_edge_auth_audit_refusal(r, ctx, reply);

    row = ea_reason_row(reason);
    stage = ctx->target.stage;
    status = ngx_http_edge_auth_status(reply, reason);

    text = ngx_pnalloc(r->pool, EA_SCRIPT_MAX);
    if (text == NULL) {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    if ((stage == EA_STAGE_BOOT || stage == EA_STAGE_CLAIM)
        && (status == NGX_HTTP_FORBIDDEN || status == NGX_HTTP_CONFLICT
            || reason == EA_REASON_MALFORMED))
    {
        if (reply == EA_REPLY_HELD || reply == EA_REPLY_CODE) {
            len = ngx_http_edge_auth_held(ctx, text, EA_SCRIPT_MAX);

        } else {
            len = ea_script_refuse(reason, ctx->ref, (char *) text,
                                   EA_SCRIPT_MAX);
        }

        if (ngx_http_edge_auth_is_ipxe(r)) {
            status = NGX_HTTP_OK;

        } else if (status == NGX_HTTP_CONFLICT) {
            status = NGX_HTTP_FORBIDDEN;
        }

    } else {
        len = ngx_sprintf(text, "%s\n", row->code[0] ? row->code : row->word)
              - text;
    }

    if (status == NGX_HTTP_SERVICE_UNAVAILABLE
        && ngx_http_edge_auth_add_header(r, &ngx_http_edge_auth_retry_after,
                                         &ngx_http_edge_auth_seconds)
           != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    if (status == NGX_HTTP_NOT_ALLOWED
        && ngx_http_edge_auth_add_header(r, &ngx_http_edge_auth_allow,
                                         &ngx_http_edge_auth_methods)
           != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    return ngx_http_edge_auth_send(r, status, text, len);
}


static ngx_uint_t
ngx_http_edge_auth_status(enum ea_reply reply, enum ea_reason reason)
{
    ngx_uint_t  status;

    switch (reply) {

    case EA_REPLY_BUSY:
        return NGX_HTTP_SERVICE_UNAVAILABLE;

    case EA_REPLY_CONFLICT:
    case EA_REPLY_HELD:
    case EA_REPLY_CODE:
        return NGX_HTTP_CONFLICT;

    default:
        status = ea_reason_row(reason)->status;

        /* a refusal is a refusal whatever the table says */

        return status >= NGX_HTTP_BAD_REQUEST ? status : NGX_HTTP_FORBIDDEN;
    }
}


static ngx_uint_t
ngx_http_edge_auth_is_ipxe(ngx_http_request_t *r)
{
    ngx_table_elt_t  *agent;

    agent = r->headers_in.user_agent;

    return agent && agent->value.len >= sizeof("iPXE/") - 1
           && ngx_strncmp(agent->value.data, "iPXE/", sizeof("iPXE/") - 1)
              == 0;
}


/* Crockford's alphabet: an operator reads it out over the phone. */

static void
ngx_http_edge_auth_make_ref(ngx_http_edge_auth_ctx_t *ctx)
{
    uint32_t     bits;
    ngx_uint_t   i;

    static const char  alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

    if (ctx->ref[0]) {
        return;
    }

    bits = 0;

    for (i = 0; i < EA_REF_LEN; i++) {

        /* a reference is no secret: random() is good enough */

        if (i % 4 == 0) {
            bits = (uint32_t) ngx_random();
        }

        ctx->ref[i] = alphabet[bits & 31];
        bits >>= 5;
    }
}


static size_t
ngx_http_edge_auth_held(ngx_http_edge_auth_ctx_t *ctx, u_char *text,
    size_t size)
{
    u_char  *p;

    p = ngx_slprintf(text, text + size,
                     "#!ipxe\n"
                     "echo\n"
                     "echo This machine is held: the full credential of node "
                     "%s was used twice.\n"
                     "echo Nothing leaves until an operator decides. Find out "
                     "which machine is the right one, then:\n"
                     "echo\n"
                     "echo   edge-auth node arm %s\n"
                     "echo\n"
                     "echo Reference: %s\n"
                     "sleep 10\n"
                     "iseq ${platform} pcbios && "
                     "sanboot --no-describe --drive 0x80 ||\n"
                     "exit 1\n",
                     ctx->node, ctx->node, ctx->ref);

    return p - text;
}


ngx_int_t
ngx_http_edge_auth_send_script(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, u_char *text, size_t len)
{
    ctx->output.data = text;
    ctx->output.len = len;

    return ngx_http_edge_auth_send(r, NGX_HTTP_OK, text, len);
}


ngx_int_t
ngx_http_edge_auth_send_config(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, u_char *text, size_t len)
{
    ctx->config_sent = 1;

    return ngx_http_edge_auth_send(r, NGX_HTTP_OK, text, len);
}


static ngx_int_t
ngx_http_edge_auth_send(ngx_http_request_t *r, ngx_uint_t status, u_char *text,
    size_t len)
{
    ngx_int_t                  rc;
    ngx_buf_t                 *b;
    ngx_chain_t                out;
    ngx_http_edge_auth_ctx_t  *ctx;

    ctx = ngx_http_edge_auth_ctx(r);
    ctx->step = NGX_HTTP_EDGE_AUTH_ANSWERED;

    rc = ngx_http_discard_request_body(r);
    if (rc != NGX_OK) {
        ngx_http_finalize_request(r, rc);
        return NGX_DONE;
    }

    if (ngx_http_edge_auth_add_header(r, &ngx_http_edge_auth_cache_control,
                                      &ngx_http_edge_auth_no_store)
        != NGX_OK)
    {
        ngx_http_finalize_request(r, NGX_HTTP_INTERNAL_SERVER_ERROR);
        return NGX_DONE;
    }

    r->headers_out.status = status;
    r->headers_out.content_length_n = len;
    ngx_str_set(&r->headers_out.content_type, "text/plain");
    r->headers_out.content_type_len = r->headers_out.content_type.len;
    r->headers_out.content_type_lowcase = NULL;

    /* exactly these bytes: no 206, 304 or 412, and no compression */

    r->allow_ranges = 0;
    r->disable_not_modified = 1;
#if (NGX_HTTP_GZIP)
    r->gzip_tested = 1;
    r->gzip_ok = 0;
#endif

    rc = ngx_http_send_header(r);

    if (rc == NGX_ERROR || rc > NGX_OK || r->header_only) {
        ngx_http_finalize_request(r, rc);
        return NGX_DONE;
    }

    b = ngx_calloc_buf(r->pool);
    if (b == NULL) {
        ngx_http_finalize_request(r, NGX_ERROR);
        return NGX_DONE;
    }

    b->pos = text;
    b->last = text + len;
    b->start = b->pos;
    b->end = b->last;
    b->memory = len ? 1 : 0;
    b->last_buf = 1;
    b->last_in_chain = 1;

    out.buf = b;
    out.next = NULL;

    ngx_http_finalize_request(r, ngx_http_output_filter(r, &out));

    return NGX_DONE;
}


static ngx_int_t
ngx_http_edge_auth_add_header(ngx_http_request_t *r, ngx_str_t *name,
    ngx_str_t *value)
{
    ngx_table_elt_t  *h;

    h = ngx_list_push(&r->headers_out.headers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    ngx_memzero(h, sizeof(ngx_table_elt_t));

    h->hash = 1;
    h->key = *name;
    h->value = *value;

    return NGX_OK;
}


ngx_int_t
ngx_http_edge_auth_header_filter_init(ngx_conf_t *cf)
{
    ngx_http_next_header_filter = ngx_http_top_header_filter;
    ngx_http_top_header_filter = ngx_http_edge_auth_header_filter;

    return NGX_OK;
}


static ngx_int_t
ngx_http_edge_auth_header_filter(ngx_http_request_t *r)
{
    ngx_table_elt_t           *location;
    ngx_http_edge_auth_ctx_t  *ctx;

    ctx = ngx_http_edge_auth_ctx(r);

    if (ctx == NULL) {
        return ngx_http_next_header_filter(r);
    }

    if (r == r->main) {

        /* iPXE follows it even on 403, and even down to http */

        location = r->headers_out.location;

        if (location) {
            location->hash = 0;
            r->headers_out.location = NULL;

            ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                          "edge_auth: a redirect was removed from the answer, "
                          "clients of a gate must not be sent elsewhere");
        }

        return ngx_http_next_header_filter(r);
    }

    /*
     * An upstream body that is too long for memory would end the client's
     * connection without an answer; refused here it is a 503.
     */

    if (ctx->claim && ctx->claim->fetch == r
        && r->headers_out.status == NGX_HTTP_OK
        && r->headers_out.content_length_n > (off_t) ctx->conf->body_max)
    {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "edge_auth: the upstream's body of %O bytes is longer "
                      "than \"edge_auth_body_max\"",
                      r->headers_out.content_length_n);

        return NGX_HTTP_BAD_GATEWAY;
    }

    return ngx_http_next_header_filter(r);
}
