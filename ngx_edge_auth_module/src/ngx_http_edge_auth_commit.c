/*
 * Making a decision durable. The store works in the request's memory, so the
 * request stays blocked meanwhile; what comes of it is acted upon here.
 */

#include "ngx_http_edge_auth_module.h"


static void ngx_http_edge_auth_committed(struct ea_store_op *op);
static ngx_int_t ngx_http_edge_auth_read_back(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);


ngx_int_t
ngx_http_edge_auth_commit(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    struct ea_audit              event;
    struct ea_error              err;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    ngx_memzero(&err, sizeof(struct ea_error));
    ngx_http_edge_auth_event(r, ctx, &event);
    event.reply = claim->decision.reply;

    if (!ea_commit_init(&claim->commit, &claim->record,
                        claim->facts_of.record.rev, &event, &err))
    {
        ngx_log_error(NGX_LOG_ALERT, r->connection->log, 0,
                      "edge_auth: the record of node \"%s\" cannot be "
                      "written: %s", ctx->node, err.message);
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    claim->commit.op.done = ngx_http_edge_auth_committed;
    claim->commit.op.context = r;
    claim->commit.op.deadline_ms = ngx_http_edge_auth_msec()
                                   + ctx->conf->timeout;

    if (ngx_http_edge_auth_submit(ngx_http_edge_auth_worker(r),
                                  &claim->commit.op)
        != NGX_OK)
    {
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    /* the store works in the request's memory: it must not go away */

    r->main->blocked++;
    r->aio = 1;

    claim->waiting = 1;
    ctx->step = NGX_HTTP_EDGE_AUTH_WRITING;

    return NGX_AGAIN;
}


static void
ngx_http_edge_auth_committed(struct ea_store_op *op)
{
    ngx_connection_t             *c;
    ngx_http_request_t           *r = op->context;
    ngx_http_edge_auth_ctx_t     *ctx;
    ngx_http_edge_auth_worker_t  *w;

    c = r->connection;
    w = ngx_http_edge_auth_worker(r);
    ctx = ngx_http_edge_auth_ctx(r);

    w->out--;

    if (op->result == EA_RESULT_WON) {
        ngx_http_edge_auth_audit_line(w, ctx->claim->commit.audit);
    }

    if (w->exiting) {
        return;
    }

    ngx_http_set_log_request(c->log, r);

    r->main->blocked--;
    r->aio = 0;
    ctx->claim->waiting = 0;

    r->write_event_handler(r);

    ngx_http_run_posted_requests(c);
}


ngx_int_t
ngx_http_edge_auth_written(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    if (r->connection->error || r->connection->close) {
        return NGX_ERROR;
    }

    switch (claim->commit.op.result) {

    case EA_RESULT_WON:
        return ngx_http_edge_auth_answer(r, ctx);

    case EA_RESULT_LOST:
        return ngx_http_edge_auth_advance(r, ctx);

    case EA_RESULT_UNKNOWN:
        return ngx_http_edge_auth_read_back(r, ctx);

    case EA_RESULT_UNAVAILABLE:
    case EA_RESULT_CANCELLED:
        break;
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "edge_auth: the record of node \"%s\" was not written (%s), "
                  "nothing is granted", ctx->node,
                  ea_result_word(claim->commit.op.result));

    claim->decision.writes = false;

    return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
}


static ngx_int_t
ngx_http_edge_auth_read_back(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    struct ea_case              *now;
    struct ea_view              *view;
    enum ea_gathered             found;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;
    found = EA_GATHER_FAILED;

    if (claim->minted.id[0]) {
        /* attempts and salts say nothing of a key */
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    now = ngx_palloc(r->pool, sizeof(struct ea_case));
    view = now ? ngx_http_edge_auth_view(ngx_http_edge_auth_worker(r)) : NULL;

    if (view) {
        found = ea_gather_node(view, ea_bytes_of(ctx->node), now, NULL);
        ea_view_close(view);
    }

    if (found == EA_GATHER_FOUND
        && ea_commit_is_in(&claim->record, &now->record))
    {
        return ngx_http_edge_auth_answer(r, ctx);
    }

    ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                  "edge_auth: it is not known whether the record of node "
                  "\"%s\" was written, nothing is granted", ctx->node);

    claim->decision.writes = false;

    return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
}


/* Row 11: decided on the record as it is now; a key that nobody gets is listed
   to be deleted. */

ngx_int_t
ngx_http_edge_auth_got_key(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    if (r->connection->error || r->connection->close) {
        return NGX_ERROR;
    }

    if (claim->keyd != EA_KEYD_OK) {
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_KEYD);
    }

    claim->tries = 0;

    return ngx_http_edge_auth_advance(r, ctx);
}
