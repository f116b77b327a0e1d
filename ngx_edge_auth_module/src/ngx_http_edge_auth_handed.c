/*
 * Row 12: the whole body was handed over. Noted by a task of the worker's own
 * that outlives the request; losing it only leaves the longer window.
 */

#include "ngx_http_edge_auth_module.h"


typedef struct {
    struct ea_commit              commit;
    struct ea_ticket              ticket;
    struct ea_ids                 ids;
    char                          node[EA_NAME_MAX + 1];
    char                          source[NGX_SOCKADDR_STRLEN + 1];
    ngx_uint_t                    tries;
    ngx_http_edge_auth_worker_t  *worker;

    struct ea_case                facts_of;
    struct ea_facts               facts;
    struct ea_decision            decision;
    struct ea_record              record;
} ngx_http_edge_auth_handed_t;


static void ngx_http_edge_auth_handed_try(ngx_http_edge_auth_handed_t *handed);
static ngx_int_t ngx_http_edge_auth_handed_decide(
    ngx_http_edge_auth_handed_t *handed, uint64_t *now);
static ngx_int_t ngx_http_edge_auth_handed_submit(
    ngx_http_edge_auth_handed_t *handed, uint64_t now);
static void ngx_http_edge_auth_handed_done(struct ea_store_op *op);
static void ngx_http_edge_auth_handed_free(
    ngx_http_edge_auth_handed_t *handed);


void
ngx_http_edge_auth_handed(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    ngx_http_edge_auth_handed_t  *handed;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);

    if (w == NULL || w->store == NULL || w->exiting) {
        return;
    }

    handed = ngx_calloc(sizeof(ngx_http_edge_auth_handed_t), w->log);
    if (handed == NULL) {
        return;
    }

    handed->worker = w;
    handed->ticket = ctx->ticket;
    handed->ids = ctx->query.ids;

    ngx_memcpy(handed->node, ctx->node, sizeof(handed->node));
    ngx_memcpy(handed->source, ctx->source, sizeof(handed->source));

    ngx_http_edge_auth_handed_try(handed);
}


static void
ngx_http_edge_auth_handed_try(ngx_http_edge_auth_handed_t *handed)
{
    uint64_t  now;

    if (handed->tries++ == NGX_HTTP_EDGE_AUTH_TRIES
        || ngx_http_edge_auth_handed_decide(handed, &now) != NGX_OK
        || ngx_http_edge_auth_handed_submit(handed, now) != NGX_OK)
    {
        ngx_http_edge_auth_handed_free(handed);
    }
}


static ngx_int_t
ngx_http_edge_auth_handed_decide(ngx_http_edge_auth_handed_t *handed,
    uint64_t *now)
{
    struct ea_view               *view;
    enum ea_gathered              found;
    ngx_http_edge_auth_worker_t  *w;

    w = handed->worker;

    view = ngx_http_edge_auth_view(w);
    if (view == NULL) {
        return NGX_ERROR;
    }

    found = ea_gather_get(view, &w->pepper, &handed->ticket, &handed->ids,
                          handed->source, &handed->facts_of, &handed->facts,
                          NULL);

    ea_view_close(view);

    if (found != EA_GATHER_FOUND
        || ngx_http_edge_auth_now(w, &handed->facts_of.meta, now) != NGX_OK)
    {
        return NGX_ERROR;
    }

    handed->facts.event = EA_EVENT_HANDED;
    handed->facts.gen = handed->ticket.gen;
    handed->facts.n = handed->ticket.n;

    ea_enroll_decide(&handed->facts_of.record, &handed->facts_of.policy,
                     &handed->facts, *now, &handed->decision, &handed->record);

    return handed->decision.writes ? NGX_OK : NGX_DECLINED;
}


static ngx_int_t
ngx_http_edge_auth_handed_submit(ngx_http_edge_auth_handed_t *handed,
    uint64_t now)
{
    struct ea_audit  event;

    ngx_memzero(&event, sizeof(struct ea_audit));

    event.time = now;
    event.action = "handed";
    event.actor = "gate";
    event.node = handed->node;
    event.site = handed->facts_of.site.name;
    event.row = handed->decision.row ? handed->decision.row : "";
    event.reason = handed->decision.reason;
    event.reply = handed->decision.reply;
    event.mark = handed->decision.mark;
    event.credential = "";
    event.gen = handed->ticket.gen;
    event.n = handed->ticket.n;
    event.ids = handed->ids;
    event.source = handed->source;
    event.ref = "";

    if (!ea_commit_init(&handed->commit, &handed->record,
                        handed->facts_of.record.rev, &event, NULL))
    {
        return NGX_ERROR;
    }

    handed->commit.op.done = ngx_http_edge_auth_handed_done;
    handed->commit.op.context = handed;

    return ngx_http_edge_auth_submit(handed->worker, &handed->commit.op);
}


static void
ngx_http_edge_auth_handed_done(struct ea_store_op *op)
{
    ngx_http_edge_auth_handed_t  *handed = op->context;

    handed->worker->out--;

    if (op->result == EA_RESULT_WON) {
        ngx_http_edge_auth_audit_line(handed->worker, handed->commit.audit);
    }

    if (op->result == EA_RESULT_LOST && !handed->worker->exiting) {
        ngx_http_edge_auth_handed_try(handed);
        return;
    }

    ngx_http_edge_auth_handed_free(handed);
}


static void
ngx_http_edge_auth_handed_free(ngx_http_edge_auth_handed_t *handed)
{
    ea_wipe(handed, sizeof(ngx_http_edge_auth_handed_t));
    ngx_free(handed);
}
