/*
 * Variables for log_format. No secret has one.
 */

#include "ngx_http_edge_auth_module.h"


typedef enum {
    NGX_HTTP_EDGE_AUTH_VAR_NODE = 0,
    NGX_HTTP_EDGE_AUTH_VAR_SITE,
    NGX_HTTP_EDGE_AUTH_VAR_REASON,
    NGX_HTTP_EDGE_AUTH_VAR_STAGE,
    NGX_HTTP_EDGE_AUTH_VAR_ROW,
    NGX_HTTP_EDGE_AUTH_VAR_REFERENCE
} ngx_http_edge_auth_var_e;


static ngx_int_t ngx_http_edge_auth_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data);


static ngx_http_variable_t  ngx_http_edge_auth_vars[] = {

    { ngx_string("edge_auth_node"), NULL, ngx_http_edge_auth_variable,
      NGX_HTTP_EDGE_AUTH_VAR_NODE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("edge_auth_site"), NULL, ngx_http_edge_auth_variable,
      NGX_HTTP_EDGE_AUTH_VAR_SITE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("edge_auth_reason"), NULL, ngx_http_edge_auth_variable,
      NGX_HTTP_EDGE_AUTH_VAR_REASON, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("edge_auth_stage"), NULL, ngx_http_edge_auth_variable,
      NGX_HTTP_EDGE_AUTH_VAR_STAGE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("edge_auth_row"), NULL, ngx_http_edge_auth_variable,
      NGX_HTTP_EDGE_AUTH_VAR_ROW, NGX_HTTP_VAR_NOCACHEABLE, 0 },

    { ngx_string("edge_auth_reference"), NULL, ngx_http_edge_auth_variable,
      NGX_HTTP_EDGE_AUTH_VAR_REFERENCE, NGX_HTTP_VAR_NOCACHEABLE, 0 },

      ngx_http_null_variable
};


static const char  *ngx_http_edge_auth_stage_words[] = {
    "", "boot", "claim", "asset", "config"
};


ngx_int_t
ngx_http_edge_auth_add_variables(ngx_conf_t *cf)
{
    ngx_http_variable_t  *var, *v;

    for (v = ngx_http_edge_auth_vars; v->name.len; v++) {
        var = ngx_http_add_variable(cf, &v->name, v->flags);
        if (var == NULL) {
            return NGX_ERROR;
        }

        var->get_handler = v->get_handler;
        var->data = v->data;
    }

    return NGX_OK;
}


static ngx_int_t
ngx_http_edge_auth_variable(ngx_http_request_t *r,
    ngx_http_variable_value_t *v, uintptr_t data)
{
    const char                *text;
    ngx_http_edge_auth_ctx_t  *ctx;

    ctx = ngx_http_edge_auth_ctx(r);

    if (ctx == NULL) {
        v->not_found = 1;
        return NGX_OK;
    }

    switch (data) {

    case NGX_HTTP_EDGE_AUTH_VAR_NODE:
        text = ctx->node;
        break;

    case NGX_HTTP_EDGE_AUTH_VAR_SITE:
        text = ctx->site;
        break;

    case NGX_HTTP_EDGE_AUTH_VAR_STAGE:
        text = ngx_http_edge_auth_stage_words[ctx->target.stage];
        break;

    case NGX_HTTP_EDGE_AUTH_VAR_ROW:
        text = ctx->row;
        break;

    case NGX_HTTP_EDGE_AUTH_VAR_REFERENCE:
        text = ctx->ref;
        break;

    default: /* NGX_HTTP_EDGE_AUTH_VAR_REASON */
        text = ctx->reason ? ea_reason_row(ctx->reason)->word : "";
    }

    v->len = ngx_strlen(text);

    if (v->len == 0) {
        v->not_found = 1;
        return NGX_OK;
    }

    v->data = ngx_pnalloc(r->pool, v->len);
    if (v->data == NULL) {
        return NGX_ERROR;
    }

    ngx_memcpy(v->data, text, v->len);
    v->valid = 1;
    v->no_cacheable = 1;
    v->not_found = 0;

    return NGX_OK;
}
