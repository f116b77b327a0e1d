/*
 * The audit file: JSON lines. What changed state was written with the state;
 * the file gets the same text. Refusals without a genuine credential are
 * counted and summed up once a minute, so that a scanner cannot fill the disk;
 * a lab writes a line for each.
 */

#include "ngx_http_edge_auth_module.h"


#define NGX_HTTP_EDGE_AUTH_SUMMARY    60000
#define NGX_HTTP_EDGE_AUTH_LINES_MAX  600


static void ngx_http_edge_auth_summary(ngx_event_t *ev);
static const char *ngx_http_edge_auth_action(enum ea_stage stage);


void
ngx_http_edge_auth_event(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx,
    struct ea_audit *event)
{
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    ngx_memzero(event, sizeof(struct ea_audit));

    event->time = ngx_time();
    event->action = ngx_http_edge_auth_action(ctx->target.stage);
    event->actor = "gate";
    event->node = ctx->node;
    event->site = ctx->site;
    event->row = ctx->row;
    event->reason = ctx->reason;
    event->credential = ctx->token.id;
    event->ids = ctx->query.ids;
    event->source = ctx->source;
    event->ref = ctx->ref;

    if (claim) {
        event->mark = claim->decision.mark;
        event->n = claim->decision.n;
        event->gen = claim->decision.writes ? claim->record.gen
                                            : claim->facts_of.record.gen;
    }
}


static const char *
ngx_http_edge_auth_action(enum ea_stage stage)
{
    switch (stage) {

    case EA_STAGE_BOOT:
        return "boot";

    case EA_STAGE_CLAIM:
        return "claim";

    case EA_STAGE_ASSET:
        return "asset";

    case EA_STAGE_CONFIG:
        return "get";

    default: /* EA_STAGE_NONE */
        return "request";
    }
}


void
ngx_http_edge_auth_audit_line(ngx_http_edge_auth_worker_t *w,
    struct ea_bytes text)
{
    ssize_t  n;
    u_char   line[EA_AUDIT_LINE_MAX + 1];

    if (w->conf->audit == NULL || text.len == 0
        || text.len > EA_AUDIT_LINE_MAX)
    {
        return;
    }

    ngx_memcpy(line, text.ptr, text.len);
    line[text.len] = '\n';

    /* one write, so that lines of several workers do not mix */

    n = ngx_write_fd(w->conf->audit->fd, line, text.len + 1);

    if (n != (ssize_t) text.len + 1) {
        ngx_log_error(NGX_LOG_ALERT, w->log, n == -1 ? ngx_errno : 0,
                      ngx_write_fd_n " to \"%V\" failed, the event is in the "
                      "store if it changed state", &w->conf->audit->name);
    }
}


void
ngx_http_edge_auth_audit_refusal(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, enum ea_reply reply)
{
    char                          text[EA_AUDIT_LINE_MAX];
    struct ea_audit               event;
    struct ea_bytes               line;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);

    if (w == NULL) {
        return;
    }

    if (reply != EA_REPLY_LOCAL) {
        w->refused[ctx->reason]++;
    }

    if (ctx->genuine && reply != EA_REPLY_LOCAL) {
        ngx_log_error(NGX_LOG_WARN, r->connection->log, 0,
                      "edge_auth: refused, reason \"%s\", row \"%s\", "
                      "node \"%s\", site \"%s\", reference \"%s\": %s",
                      ea_reason_row(ctx->reason)->word, ctx->row, ctx->node,
                      ctx->site, ctx->ref, ea_reason_row(ctx->reason)->remedy);
    }

    if (ctx->claim && ctx->claim->decision.writes) {
        /* it has its line from the commit */
        return;
    }

    if (!w->lab
        && (!ctx->genuine || w->lines >= NGX_HTTP_EDGE_AUTH_LINES_MAX))
    {
        return;
    }

    w->lines++;

    ngx_http_edge_auth_event(r, ctx, &event);
    event.reply = reply;

    line.ptr = text;
    line.len = ea_audit_format(&event, text, sizeof(text));

    ngx_http_edge_auth_audit_line(w, line);
}


void
ngx_http_edge_auth_audit_start(ngx_http_edge_auth_worker_t *w)
{
    w->summary.handler = ngx_http_edge_auth_summary;
    w->summary.data = w;
    w->summary.log = w->log;
    w->summary.cancelable = 1;

    ngx_add_timer(&w->summary, NGX_HTTP_EDGE_AUTH_SUMMARY);
}


static void
ngx_http_edge_auth_summary(ngx_event_t *ev)
{
    ngx_http_edge_auth_worker_t  *w = ev->data;

    u_char           *p, *last;
    ngx_uint_t        i, n;
    struct ea_bytes   line;
    u_char            text[EA_AUDIT_LINE_MAX];

    w->lines = 0;
    w->peers = 0;

    last = text + sizeof(text);
    n = w->redacted;

    p = ngx_slprintf(text, last,
                     "{\"time\":%T,\"action\":\"summary\",\"actor\":\"gate\","
                     "\"pid\":%P,\"redacted\":%ui,\"refused\":{",
                     ngx_time(), ngx_pid, w->redacted);

    for (i = 0; i < EA_REASON_COUNT_OF; i++) {
        if (w->refused[i] == 0) {
            continue;
        }

        p = ngx_slprintf(p, last, "%s\"%s\":%ui", p[-1] == '{' ? "" : ",",
                         ea_reason_row(i)->word, w->refused[i]);
        n += w->refused[i];
        w->refused[i] = 0;
    }

    p = ngx_slprintf(p, last, "}}");

    if (n) {
        line.ptr = (const char *) text;
        line.len = p - text;
        ngx_http_edge_auth_audit_line(w, line);
    }

    w->redacted = 0;

    ngx_add_timer(ev, NGX_HTTP_EDGE_AUTH_SUMMARY);
}
