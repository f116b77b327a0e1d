/*
 * What `nginx -t` refuses: configurations under which a secret would reach a
 * disk, a log or another listener, or a client would get past the gate.
 */

#include "ngx_http_edge_auth_module.h"


static char *ngx_http_edge_auth_check_proxy(ngx_conf_t *cf,
    ngx_http_core_loc_conf_t *clcf, ngx_http_upstream_conf_t *u);
static char *ngx_http_edge_auth_check_target(ngx_conf_t *cf,
    ngx_http_edge_auth_srv_conf_t *escf, ngx_http_core_loc_conf_t *clcf,
    ngx_http_upstream_conf_t *u);

static const char *ngx_http_edge_auth_missing(
    ngx_http_edge_auth_main_conf_t *emcf, ngx_http_edge_auth_srv_conf_t *escf);
static const char *ngx_http_edge_auth_check_ssl(
    ngx_http_edge_auth_srv_conf_t *escf, ngx_http_ssl_srv_conf_t *sscf);
static ngx_int_t ngx_http_edge_auth_check_address(ngx_conf_t *cf,
    ngx_http_conf_addr_t *addr);
static ngx_uint_t ngx_http_edge_auth_logs_too_much(ngx_log_t *log);
static ngx_int_t ngx_http_edge_auth_server_error(ngx_conf_t *cf,
    ngx_http_core_srv_conf_t *cscf, const char *text);


extern ngx_module_t  ngx_http_proxy_module;


static const char  *ngx_http_edge_auth_role_words[] = {
    "off", "boot", "boot_mtls", "config"
};


#define ngx_http_edge_auth_escf(cscf)                                         \
    ((ngx_http_edge_auth_srv_conf_t *)                                        \
     (cscf)->ctx->srv_conf[ngx_http_edge_auth_module.ctx_index])


/*
 * Called for each server and each of its locations, after the modules that are
 * part of nginx have merged theirs.
 */

char *
ngx_http_edge_auth_check_location(ngx_conf_t *cf, void *parent, void *child)
{
    ngx_http_core_loc_conf_t       *clcf;
    ngx_http_upstream_conf_t       *u;
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_http_conf_get_module_srv_conf(cf, ngx_http_edge_auth_module);

    if (escf->role == EA_ROLE_NONE) {
        return NGX_CONF_OK;
    }

    clcf = ngx_http_conf_get_module_loc_conf(cf, ngx_http_core_module);

    if (clcf->satisfy == NGX_HTTP_SATISFY_ANY) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "\"satisfy any\" is not allowed in location \"%V\" "
                           "of a server with \"edge_auth\"", &clcf->name);
        return NGX_CONF_ERROR;
    }

    /* the first member of the proxy module's configuration in all versions */
    u = ngx_http_conf_get_module_loc_conf(cf, ngx_http_proxy_module);

    if (ngx_http_edge_auth_check_proxy(cf, clcf, u) != NGX_CONF_OK) {
        return NGX_CONF_ERROR;
    }

    return ngx_http_edge_auth_check_target(cf, escf, clcf, u);
}


static char *
ngx_http_edge_auth_check_proxy(ngx_conf_t *cf, ngx_http_core_loc_conf_t *clcf,
    ngx_http_upstream_conf_t *u)
{
    const char  *text;

    text = NULL;

#if (NGX_HTTP_CACHE)
    if (u->cache) {
        text = "\"proxy_cache\" is not allowed";
    }
#endif

    if (u->store) {
        text = "\"proxy_store\" is not allowed";
    }

    /* only where something is proxied: the default is not 0 */

    if (clcf->handler && u->upstream && u->max_temp_file_size) {
        text = "\"proxy_max_temp_file_size 0\" is required";
    }

    if (text == NULL) {
        return NGX_CONF_OK;
    }

    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "%s in location \"%V\" of a server with \"edge_auth\": "
                       "machine configs must not reach a disk",
                       text, &clcf->name);
    return NGX_CONF_ERROR;
}


/* The two locations that the gate itself sends requests to. */

static char *
ngx_http_edge_auth_check_target(ngx_conf_t *cf,
    ngx_http_edge_auth_srv_conf_t *escf, ngx_http_core_loc_conf_t *clcf,
    ngx_http_upstream_conf_t *u)
{
    const char  *text;
    ngx_uint_t   upstream, assets;

    upstream = clcf->name.len == escf->upstream.len
               && ngx_strncmp(clcf->name.data, escf->upstream.data,
                              clcf->name.len) == 0
               && clcf->name.len;
    assets = clcf->name.len == escf->assets.len
             && ngx_strncmp(clcf->name.data, escf->assets.data,
                            clcf->name.len) == 0
             && clcf->name.len;

    if (!upstream && !assets) {
        return NGX_CONF_OK;
    }

    text = NULL;

    if (!clcf->internal) {
        text = "must be \"internal\"";

    } else if (assets && clcf->handler) {
        text = "must serve files: \"alias\" or \"root\", and nothing else";

    } else if (upstream && u->upstream == NULL) {
        text = "needs \"proxy_pass\" to Matchbox, without variables";

    } else if (upstream && u->pass_request_headers) {
        text = "needs \"proxy_pass_request_headers off\"";

    } else if (upstream && u->pass_request_body) {
        text = "needs \"proxy_pass_request_body off\"";

    } else if (upstream && !u->buffering) {
        text = "must not have \"proxy_buffering off\": a truncated body could "
               "not be told from a whole one";

    } else if (upstream
               && clcf->subrequest_output_buffer_size < escf->body_max)
    {
        text = "needs a \"subrequest_output_buffer_size\" of at least "
               "\"edge_auth_body_max\"";
    }

    if (text) {
        ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                           "location \"%V\" of \"edge_auth_%s\" %s",
                           &clcf->name, upstream ? "upstream" : "assets",
                           text);
        return NGX_CONF_ERROR;
    }

    if (upstream) {
        escf->upstream_seen = 1;
    }

    if (assets) {
        escf->assets_seen = 1;
    }

    return NGX_CONF_OK;
}


ngx_int_t
ngx_http_edge_auth_check_servers(ngx_conf_t *cf,
    ngx_http_edge_auth_main_conf_t *emcf)
{
    ngx_uint_t                       i, j;
    const char                      *text;
    ngx_http_conf_addr_t            *addr;
    ngx_http_conf_port_t            *port;
    ngx_http_ssl_srv_conf_t         *sscf;
    ngx_http_core_srv_conf_t       **cscfp;
    ngx_http_core_main_conf_t       *cmcf;
    ngx_http_edge_auth_srv_conf_t   *escf;

    cmcf = ngx_http_conf_get_module_main_conf(cf, ngx_http_core_module);
    cscfp = cmcf->servers.elts;

    for (i = 0; i < cmcf->servers.nelts; i++) {

        escf = ngx_http_edge_auth_escf(cscfp[i]);

        if (escf->role == EA_ROLE_NONE) {
            continue;
        }

        sscf = cscfp[i]->ctx->srv_conf[ngx_http_ssl_module.ctx_index];

        text = ngx_http_edge_auth_missing(emcf, escf);

        if (text == NULL) {
            text = ngx_http_edge_auth_check_ssl(escf, sscf);
        }

        if (text) {
            return ngx_http_edge_auth_server_error(cf, cscfp[i], text);
        }

        if (escf->role == EA_ROLE_BOOT_MTLS && sscf->crl.len == 0) {
            ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                          "without \"ssl_crl\" no client certificate can be "
                          "revoked in the server with \"edge_auth boot_mtls\" "
                          "in %s:%ui", cscfp[i]->file_name, cscfp[i]->line);
        }
    }

    if (cmcf->ports == NULL) {
        return NGX_OK;
    }

    port = cmcf->ports->elts;

    for (i = 0; i < cmcf->ports->nelts; i++) {

        addr = port[i].addrs.elts;

        for (j = 0; j < port[i].addrs.nelts; j++) {
            if (ngx_http_edge_auth_check_address(cf, &addr[j]) != NGX_OK) {
                return NGX_ERROR;
            }
        }
    }

    return NGX_OK;
}


static const char *
ngx_http_edge_auth_missing(ngx_http_edge_auth_main_conf_t *emcf,
    ngx_http_edge_auth_srv_conf_t *escf)
{
    if (emcf->store.len == 0) {
        return "no \"edge_auth_store\" is defined for";
    }

    if (emcf->pepper.len == 0) {
        return "no \"edge_auth_pepper\" is defined for";
    }

    if (emcf->pool == NULL) {
        return "no \"edge_auth_thread_pool\" is defined for";
    }

    if (escf->upstream.len == 0) {
        return "no \"edge_auth_upstream\" is defined for";
    }

    if (!escf->upstream_seen) {
        return "the location of \"edge_auth_upstream\" is missing in";
    }

    if (escf->assets.len && !escf->assets_seen
        && escf->role != EA_ROLE_CONFIG)
    {
        return "the location of \"edge_auth_assets\" is missing in";
    }

    return NULL;
}


static const char *
ngx_http_edge_auth_check_ssl(ngx_http_edge_auth_srv_conf_t *escf,
    ngx_http_ssl_srv_conf_t *sscf)
{
    if (sscf->early_data) {
        return "\"ssl_early_data\" is not allowed in";
    }

    if (sscf->protocols & (NGX_SSL_SSLv2|NGX_SSL_SSLv3|NGX_SSL_TLSv1
                           |NGX_SSL_TLSv1_1))
    {
        return "\"ssl_protocols\" below TLSv1.2 are not allowed in";
    }

    switch (escf->role) {

    case EA_ROLE_CONFIG:
        if (sscf->protocols & NGX_SSL_TLSv1_2) {
            return "\"ssl_protocols TLSv1.3\" is required in";
        }

        break;

    case EA_ROLE_BOOT:
        if (sscf->verify) {
            return "\"ssl_verify_client\" breaks ROMs without a certificate "
                   "(use \"edge_auth boot_mtls\" for those that have one) in";
        }

        break;

    default: /* EA_ROLE_BOOT_MTLS */
        if (sscf->verify != 1) {
            return "\"ssl_verify_client on\" is required in";
        }

        if (sscf->shm_zone || sscf->builtin_session_cache > 0
            || sscf->builtin_session_cache == NGX_SSL_DFLT_BUILTIN_SCACHE)
        {
            return "\"ssl_session_cache\" keeps revoked certificates alive "
                   "and is not allowed in";
        }

        if (sscf->session_tickets) {
            return "\"ssl_session_tickets off\" is required in";
        }
    }

    return NULL;
}


static ngx_int_t
ngx_http_edge_auth_check_address(ngx_conf_t *cf, ngx_http_conf_addr_t *addr)
{
    ngx_uint_t                       i, boot, mtls, used;
    const char                      *text;
    ngx_http_core_loc_conf_t        *clcf;
    ngx_http_core_srv_conf_t       **cscfp;
    ngx_http_edge_auth_srv_conf_t   *escf;

    boot = 0;
    mtls = 0;
    used = 0;

    cscfp = addr->servers.elts;

    for (i = 0; i < addr->servers.nelts; i++) {
        escf = ngx_http_edge_auth_escf(cscfp[i]);

        used |= escf->role != EA_ROLE_NONE;
        mtls |= escf->role == EA_ROLE_BOOT_MTLS;
        boot |= escf->role == EA_ROLE_BOOT || escf->role == EA_ROLE_BOOT_MTLS;
    }

    if (!used) {
        return NGX_OK;
    }

    for (i = 0; i < addr->servers.nelts; i++) {
        escf = ngx_http_edge_auth_escf(cscfp[i]);
        clcf = cscfp[i]->ctx->loc_conf[ngx_http_core_module.ctx_index];

        text = NULL;

        if (!addr->opt.ssl) {
            text = "\"listen ... ssl\" is required in";
#if (NGX_HTTP_V2 && nginx_version < 1025001)
        } else if (boot && addr->opt.http2) {
            text = "\"listen ... http2\" is not allowed (no iPXE speaks it) "
                   "in";
#endif
        } else if (mtls && escf->role != EA_ROLE_BOOT_MTLS) {
            text = "a listening address with \"edge_auth boot_mtls\" takes no "
                   "other server, as TLS sessions are those of the address:";

        } else if (ngx_http_edge_auth_logs_too_much(clcf->error_log)) {
            text = "\"error_log\" at \"info\" or \"debug\" prints tokens of "
                   "requests that fail early, and is not allowed in";
        }

        if (text) {
            return ngx_http_edge_auth_server_error(cf, cscfp[i], text);
        }
    }

    return NGX_OK;
}


static ngx_uint_t
ngx_http_edge_auth_logs_too_much(ngx_log_t *log)
{
    for ( /* void */ ; log; log = log->next) {
        if (log->log_level > NGX_LOG_NOTICE) {
            return 1;
        }
    }

    return 0;
}


static ngx_int_t
ngx_http_edge_auth_server_error(ngx_conf_t *cf, ngx_http_core_srv_conf_t *cscf,
    const char *text)
{
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_http_edge_auth_escf(cscf);

    ngx_log_error(NGX_LOG_EMERG, cf->log, 0,
                  "%s the server with \"edge_auth %s\" in %s:%ui", text,
                  ngx_http_edge_auth_role_words[escf->role], cscf->file_name,
                  cscf->line);

    return NGX_ERROR;
}
