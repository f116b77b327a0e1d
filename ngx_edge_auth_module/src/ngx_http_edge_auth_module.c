/*
 * Directives, configuration, and where the handlers are hooked in.
 */

#include "ngx_http_edge_auth_module.h"


static void ngx_http_edge_auth_ctx_cleanup(void *data);

static void *ngx_http_edge_auth_create_main_conf(ngx_conf_t *cf);
static char *ngx_http_edge_auth_init_main_conf(ngx_conf_t *cf, void *conf);
static void *ngx_http_edge_auth_create_srv_conf(ngx_conf_t *cf);
static char *ngx_http_edge_auth_merge_srv_conf(ngx_conf_t *cf, void *parent,
    void *child);
static ngx_int_t ngx_http_edge_auth_preconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_edge_auth_postconfiguration(ngx_conf_t *cf);
static ngx_int_t ngx_http_edge_auth_hook(ngx_http_core_main_conf_t *cmcf,
    ngx_uint_t phase, ngx_http_handler_pt handler);

static char *ngx_http_edge_auth_path(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_edge_auth_pool(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_edge_auth_audit(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_edge_auth_keyd(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_edge_auth_prefix(ngx_conf_t *cf, ngx_command_t *cmd,
    void *conf);
static char *ngx_http_edge_auth_body_max(ngx_conf_t *cf, void *post,
    void *data);


static ngx_conf_enum_t  ngx_http_edge_auth_roles[] = {
    { ngx_string("boot"), EA_ROLE_BOOT },
    { ngx_string("boot_mtls"), EA_ROLE_BOOT_MTLS },
    { ngx_string("config"), EA_ROLE_CONFIG },
    { ngx_null_string, 0 }
};


static ngx_conf_post_t  ngx_http_edge_auth_body_max_post = {
    ngx_http_edge_auth_body_max
};


static ngx_command_t  ngx_http_edge_auth_commands[] = {

    { ngx_string("edge_auth"),
      NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_enum_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_srv_conf_t, role),
      &ngx_http_edge_auth_roles },

    { ngx_string("edge_auth_upstream"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_prefix,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_srv_conf_t, upstream),
      NULL },

    { ngx_string("edge_auth_assets"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_prefix,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_srv_conf_t, assets),
      NULL },

    { ngx_string("edge_auth_body_max"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_size_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_srv_conf_t, body_max),
      &ngx_http_edge_auth_body_max_post },

    { ngx_string("edge_auth_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_HTTP_SRV_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_SRV_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_srv_conf_t, timeout),
      NULL },

    { ngx_string("edge_auth_store"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_path,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_main_conf_t, store),
      NULL },

    { ngx_string("edge_auth_pepper"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_path,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_main_conf_t, pepper),
      NULL },

    { ngx_string("edge_auth_thread_pool"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_pool,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("edge_auth_audit"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_audit,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("edge_auth_keyd"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_http_edge_auth_keyd,
      NGX_HTTP_MAIN_CONF_OFFSET,
      0,
      NULL },

    { ngx_string("edge_auth_keyd_timeout"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_main_conf_t, keyd_timeout),
      NULL },

    { ngx_string("edge_auth_keyd_interval"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_TAKE1,
      ngx_conf_set_msec_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_main_conf_t, keyd_interval),
      NULL },

    { ngx_string("edge_auth_lab"),
      NGX_HTTP_MAIN_CONF|NGX_CONF_FLAG,
      ngx_conf_set_flag_slot,
      NGX_HTTP_MAIN_CONF_OFFSET,
      offsetof(ngx_http_edge_auth_main_conf_t, lab),
      NULL },

      ngx_null_command
};


static ngx_http_module_t  ngx_http_edge_auth_module_ctx = {
    ngx_http_edge_auth_preconfiguration,   /* preconfiguration */
    ngx_http_edge_auth_postconfiguration,  /* postconfiguration */

    ngx_http_edge_auth_create_main_conf,   /* create main configuration */
    ngx_http_edge_auth_init_main_conf,     /* init main configuration */

    ngx_http_edge_auth_create_srv_conf,    /* create server configuration */
    ngx_http_edge_auth_merge_srv_conf,     /* merge server configuration */

    NULL,                                  /* create location configuration */
    ngx_http_edge_auth_check_location      /* merge location configuration */
};


ngx_module_t  ngx_http_edge_auth_module = {
    NGX_MODULE_V1,
    &ngx_http_edge_auth_module_ctx,        /* module context */
    ngx_http_edge_auth_commands,           /* module directives */
    NGX_HTTP_MODULE,                       /* module type */
    NULL,                                  /* init master */
    NULL,                                  /* init module */
    ngx_http_edge_auth_store_init,         /* init process */
    NULL,                                  /* init thread */
    NULL,                                  /* exit thread */
    ngx_http_edge_auth_store_exit,         /* exit process */
    NULL,                                  /* exit master */
    NGX_MODULE_V1_PADDING
};


/*
 * An internal redirect (assets, error_page) clears r->ctx; the cleanup of the
 * request pool still leads to it.
 */

ngx_http_edge_auth_ctx_t *
ngx_http_edge_auth_ctx(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_edge_auth_ctx_t  *ctx;

    r = r->main;

    ctx = ngx_http_get_module_ctx(r, ngx_http_edge_auth_module);

    if (ctx == NULL && (r->internal || r->filter_finalize)) {

        for (cln = r->pool->cleanup; cln; cln = cln->next) {
            if (cln->handler == ngx_http_edge_auth_ctx_cleanup) {
                ctx = cln->data;
                break;
            }
        }
    }

    return ctx;
}


ngx_http_edge_auth_ctx_t *
ngx_http_edge_auth_ctx_create(ngx_http_request_t *r)
{
    ngx_pool_cleanup_t        *cln;
    ngx_http_edge_auth_ctx_t  *ctx;

    cln = ngx_pool_cleanup_add(r->pool, sizeof(ngx_http_edge_auth_ctx_t));
    if (cln == NULL) {
        return NULL;
    }

    ctx = cln->data;
    ngx_memzero(ctx, sizeof(ngx_http_edge_auth_ctx_t));

    ctx->row = "";
    ctx->conf = ngx_http_get_module_srv_conf(r, ngx_http_edge_auth_module);

    cln->handler = ngx_http_edge_auth_ctx_cleanup;

    ngx_http_set_ctx(r, ctx, ngx_http_edge_auth_module);

    return ctx;
}


static void
ngx_http_edge_auth_ctx_cleanup(void *data)
{
    ngx_http_edge_auth_ctx_t  *ctx = data;

    ea_wipe(ctx->raw.data, ctx->raw.len);
    ea_wipe(ctx->header.data, ctx->header.len);
    ea_wipe(ctx->output.data, ctx->output.len);
    ea_wipe(&ctx->ticket, sizeof(ctx->ticket));

    if (ctx->claim) {
        ea_wipe(ctx->claim->body.data, ctx->claim->body.len);
    }
}


static void *
ngx_http_edge_auth_create_main_conf(ngx_conf_t *cf)
{
    ngx_http_edge_auth_main_conf_t  *emcf;

    emcf = ngx_pcalloc(cf->pool, sizeof(ngx_http_edge_auth_main_conf_t));
    if (emcf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     emcf->store = { 0, NULL };
     *     emcf->pepper = { 0, NULL };
     *     emcf->pool = NULL;
     *     emcf->audit = NULL;
     *     emcf->keyd = NULL;
     *     emcf->used = 0;
     *     emcf->worker = NULL;
     */

    emcf->lab = NGX_CONF_UNSET;
    emcf->keyd_timeout = NGX_CONF_UNSET_MSEC;
    emcf->keyd_interval = NGX_CONF_UNSET_MSEC;

    return emcf;
}


static char *
ngx_http_edge_auth_init_main_conf(ngx_conf_t *cf, void *conf)
{
    ngx_http_edge_auth_main_conf_t  *emcf = conf;

    ngx_conf_init_value(emcf->lab, 0);
    ngx_conf_init_msec_value(emcf->keyd_timeout, 10000);
    ngx_conf_init_msec_value(emcf->keyd_interval, 15000);

    return NGX_CONF_OK;
}


static void *
ngx_http_edge_auth_create_srv_conf(ngx_conf_t *cf)
{
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_pcalloc(cf->pool, sizeof(ngx_http_edge_auth_srv_conf_t));
    if (escf == NULL) {
        return NULL;
    }

    /*
     * set by ngx_pcalloc():
     *
     *     escf->upstream = { 0, NULL };
     *     escf->assets = { 0, NULL };
     *     escf->upstream_seen = 0;
     *     escf->assets_seen = 0;
     */

    escf->role = NGX_CONF_UNSET_UINT;
    escf->body_max = NGX_CONF_UNSET_SIZE;
    escf->timeout = NGX_CONF_UNSET_MSEC;

    return escf;
}


static char *
ngx_http_edge_auth_merge_srv_conf(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_edge_auth_srv_conf_t   *prev = parent;
    ngx_http_edge_auth_srv_conf_t   *conf = child;
    ngx_http_edge_auth_main_conf_t  *emcf;

    ngx_conf_merge_uint_value(conf->role, prev->role, EA_ROLE_NONE);
    ngx_conf_merge_str_value(conf->upstream, prev->upstream, "");
    ngx_conf_merge_str_value(conf->assets, prev->assets, "");
    ngx_conf_merge_size_value(conf->body_max, prev->body_max, 256 * 1024);
    ngx_conf_merge_msec_value(conf->timeout, prev->timeout, 5000);

    if (conf->role != EA_ROLE_NONE) {
        emcf = ngx_http_conf_get_module_main_conf(cf,
                                                  ngx_http_edge_auth_module);
        emcf->used = 1;
    }

    return NGX_CONF_OK;
}


static ngx_int_t
ngx_http_edge_auth_preconfiguration(ngx_conf_t *cf)
{
    return ngx_http_edge_auth_add_variables(cf);
}


static ngx_int_t
ngx_http_edge_auth_postconfiguration(ngx_conf_t *cf)
{
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_edge_auth_main_conf_t  *emcf;

    emcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_edge_auth_module);

    if (!emcf->used) {
        return NGX_OK;
    }

    if (ngx_http_edge_auth_check_servers(cf, emcf) != NGX_OK) {
        return NGX_ERROR;
    }

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);

    if (ngx_http_edge_auth_hook(cmcf, NGX_HTTP_POST_READ_PHASE,
                                ngx_http_edge_auth_scrub)
        != NGX_OK
        || ngx_http_edge_auth_hook(cmcf, NGX_HTTP_SERVER_REWRITE_PHASE,
                                   ngx_http_edge_auth_early)
           != NGX_OK
        || ngx_http_edge_auth_hook(cmcf, NGX_HTTP_PRECONTENT_PHASE,
                                   ngx_http_edge_auth_gate)
           != NGX_OK)
    {
        return NGX_ERROR;
    }

    if (ngx_http_edge_auth_log_init(cf) != NGX_OK) {
        return NGX_ERROR;
    }

    return ngx_http_edge_auth_header_filter_init(cf);
}


static ngx_int_t
ngx_http_edge_auth_hook(ngx_http_core_main_conf_t *cmcf, ngx_uint_t phase,
    ngx_http_handler_pt handler)
{
    ngx_http_handler_pt  *h;

    h = ngx_array_push(&cmcf->phases[phase].handlers);
    if (h == NULL) {
        return NGX_ERROR;
    }

    *h = handler;

    return NGX_OK;
}


static char *
ngx_http_edge_auth_path(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    char       *rv;
    ngx_str_t  *path;

    rv = ngx_conf_set_str_slot(cf, cmd, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    path = (ngx_str_t *) (p + cmd->offset);

    if (path->len == 0) {
        return "is empty";
    }

    /* the pepper is a key, and found where certificate keys are */

    if (ngx_conf_full_name(cf->cycle, path,
            cmd->offset == offsetof(ngx_http_edge_auth_main_conf_t, pepper))
        != NGX_OK)
    {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_edge_auth_pool(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_edge_auth_main_conf_t  *emcf = conf;

    ngx_str_t  *value;

    if (emcf->pool) {
        return "is duplicate";
    }

    value = cf->args->elts;

    emcf->pool = ngx_thread_pool_add(cf, &value[1]);
    if (emcf->pool == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_edge_auth_audit(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_edge_auth_main_conf_t  *emcf = conf;

    ngx_str_t  *value;

    if (emcf->audit) {
        return "is duplicate";
    }

    value = cf->args->elts;

    emcf->audit = ngx_conf_open_file(cf->cycle, &value[1]);
    if (emcf->audit == NULL) {
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_edge_auth_keyd(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    ngx_http_edge_auth_main_conf_t  *emcf = conf;

    ngx_url_t   u;
    ngx_str_t  *value;

    if (emcf->keyd) {
        return "is duplicate";
    }

    value = cf->args->elts;

    ngx_memzero(&u, sizeof(ngx_url_t));
    u.url = value[1];

    if (value[1].len < 5 || ngx_strncmp(value[1].data, "unix:", 5) != 0) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, it must "
                           "be \"unix:\" and the path of edge-keyd's socket",
                           &value[1], &cmd->name);
        return NGX_CONF_ERROR;
    }

    if (ngx_parse_url(cf->pool, &u) != NGX_OK) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "%s in \"%V\" directive",
                           u.err ? u.err : "invalid value", &cmd->name);
        return NGX_CONF_ERROR;
    }

    emcf->keyd = u.addrs;

    return NGX_CONF_OK;
}


static char *
ngx_http_edge_auth_prefix(ngx_conf_t *cf, ngx_command_t *cmd, void *conf)
{
    char  *p = conf;

    char       *rv;
    ngx_str_t  *prefix;

    rv = ngx_conf_set_str_slot(cf, cmd, conf);
    if (rv != NGX_CONF_OK) {
        return rv;
    }

    prefix = (ngx_str_t *) (p + cmd->offset);

    if (prefix->len < 2 || prefix->data[0] != '/'
        || prefix->data[prefix->len - 1] != '/')
    {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "invalid value \"%V\" in \"%V\" directive, it must "
                           "be a location that begins and ends with \"/\"",
                           prefix, &cmd->name);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}


static char *
ngx_http_edge_auth_body_max(ngx_conf_t *cf, void *post, void *data)
{
    size_t  *size = data;

    if (*size == 0 || *size > EA_BODY_MAX) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"edge_auth_body_max\" must be between 1 and %ui",
                           (ngx_uint_t) EA_BODY_MAX);
        return NGX_CONF_ERROR;
    }

    return NGX_CONF_OK;
}
