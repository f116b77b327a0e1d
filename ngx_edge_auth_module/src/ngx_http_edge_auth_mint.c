/*
 * The auth key of a config: after the exposure is durable (row 10) edge-keyd is
 * asked, what it minted is written (row 11), and only then is the body sent.
 * The request stays blocked while edge-keyd has the question: its memory must
 * not go away.
 */

#include "ngx_http_edge_auth_module.h"


static void ngx_http_edge_auth_minted(ngx_http_edge_auth_ask_t *ask,
    struct ea_bytes reply);
static void ngx_http_edge_auth_mint_cleanup(void *data);


ngx_int_t
ngx_http_edge_auth_mint(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    ngx_pool_cleanup_t           *cln;
    ngx_http_edge_auth_ask_t     *ask;
    ngx_http_edge_auth_claim_t   *claim;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);
    claim = ctx->claim;
    ask = claim->ask;

    if (ask == NULL) {
        ask = ngx_pcalloc(r->pool, sizeof(ngx_http_edge_auth_ask_t));
        cln = ngx_pool_cleanup_add(r->pool, 0);

        if (ask == NULL || cln == NULL) {
            return ngx_http_edge_auth_busy(r, ctx, EA_REASON_KEYD);
        }

        cln->handler = ngx_http_edge_auth_mint_cleanup;
        cln->data = claim;
        claim->ask = ask;
    }

    ask->data = r;
    ask->done = ngx_http_edge_auth_minted;
    ask->len = ea_keyd_mint(&claim->record, &claim->facts_of.node, ask->line,
                            sizeof(ask->line));

    if (ask->len == 0) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "edge_auth: node \"%s\" has no tags or hostname that a "
                      "key could be minted for: import nodes.json again",
                      ctx->node);
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_KEYD);
    }

    if (ngx_http_edge_auth_ask(w, ask) != NGX_OK) {
        ngx_http_edge_auth_keyd_failed(w, EA_KEYD_OUTAGE, 0);
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_KEYD);
    }

    r->main->blocked++;
    r->aio = 1;

    claim->waiting = 1;
    ctx->step = NGX_HTTP_EDGE_AUTH_MINTING;

    return NGX_AGAIN;
}


static void
ngx_http_edge_auth_minted(ngx_http_edge_auth_ask_t *ask, struct ea_bytes reply)
{
    uint32_t                     retry;
    ngx_connection_t            *c;
    ngx_http_request_t          *r;
    ngx_http_edge_auth_ctx_t    *ctx;
    ngx_http_edge_auth_claim_t  *claim;

    r = ask->data;
    c = r->connection;
    ctx = ngx_http_edge_auth_ctx(r);
    claim = ctx->claim;
    retry = 0;

    claim->keyd = ea_keyd_read_minted(reply, &claim->minted, &retry);

    ea_wipe(ask->reply, sizeof(ask->reply));

    ngx_http_set_log_request(c->log, r);

    if (claim->keyd != EA_KEYD_OK) {
        ngx_http_edge_auth_keyd_failed(ask->worker, claim->keyd, retry);

        ngx_log_error(NGX_LOG_ERR, c->log, 0,
                      "edge_auth: no key for node \"%s\": edge-keyd says "
                      "\"%s\"", ctx->node,
                      ea_keyd_outcome_word(claim->keyd));
    }

    r->main->blocked--;
    r->aio = 0;
    claim->waiting = 0;

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}


enum ea_reason
ngx_http_edge_auth_fill(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    size_t                       size;
    u_char                      *text;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    size = claim->body.len + EA_KEYD_KEY_MAX;
    text = ngx_pnalloc(r->pool, size);

    if (text == NULL) {
        return EA_REASON_KEYD;
    }

    ctx->output.data = text;
    ctx->output.len = ea_keyd_fill(ngx_http_edge_auth_bytes(&claim->body),
                                   &claim->minted.key, (char *) text, size);

    return ctx->output.len ? EA_REASON_NONE : EA_REASON_PLACEHOLDER;
}


static void
ngx_http_edge_auth_mint_cleanup(void *data)
{
    ngx_http_edge_auth_claim_t  *claim = data;

    ea_wipe(&claim->minted, sizeof(claim->minted));
    ea_wipe(claim->ask, sizeof(ngx_http_edge_auth_ask_t));
}
