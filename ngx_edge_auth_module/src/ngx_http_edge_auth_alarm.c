/*
 * Alarms about keys and joins: evidence that changes no record. Each becomes an
 * event in the store's audit, where edge-auth counts it, a line of the audit
 * file and one of the error log. What was said is remembered in a table of
 * fixed size, in which a newer alarm may take an older one's place; no more
 * than one is on its way, and no more than a few are raised a minute: what is
 * left out is still true at the next pass.
 */

#include "ngx_http_edge_auth_module.h"


#define NGX_HTTP_EDGE_AUTH_ALARMS         4096
#define NGX_HTTP_EDGE_AUTH_ALARMS_MINUTE  30


typedef struct {
    uint32_t  number;
    uint16_t  gen;
    uint8_t   mark;
} ngx_http_edge_auth_said_t;


struct ngx_http_edge_auth_alarms_s {
    ngx_http_edge_auth_worker_t  *worker;
    struct ea_store_op            op;
    struct ea_bytes               line;
    char                          text[EA_AUDIT_LINE_MAX];
    char                          node[EA_NAME_MAX + 1];
    ngx_http_edge_auth_said_t    *writing;  /* NULL: none is on its way */
    ngx_http_edge_auth_said_t     next;
    time_t                        minute;
    ngx_uint_t                    count;
    ngx_http_edge_auth_said_t     said[NGX_HTTP_EDGE_AUTH_ALARMS];
};


static void ngx_http_edge_auth_alarm_written(struct ea_store_op *op);
static const char *ngx_http_edge_auth_alarm_text(enum ea_mark mark);


ngx_http_edge_auth_alarms_t *
ngx_http_edge_auth_alarms(ngx_http_edge_auth_worker_t *w)
{
    ngx_http_edge_auth_alarms_t  *alarms;

    alarms = ngx_pcalloc(ngx_cycle->pool, sizeof(ngx_http_edge_auth_alarms_t));

    if (alarms) {
        alarms->worker = w;
        alarms->op.audit = &alarms->line;
        alarms->op.audit_count = 1;
        alarms->op.done = ngx_http_edge_auth_alarm_written;
        alarms->op.context = alarms;
    }

    return alarms;
}


void
ngx_http_edge_auth_alarm(ngx_http_edge_auth_alarms_t *alarms,
    const struct ea_case *of, enum ea_mark mark, const char *credential,
    uint64_t now)
{
    time_t                      minute;
    struct ea_audit             event;
    ngx_http_edge_auth_said_t  *said;

    said = &alarms->said[(of->record.number * 8 + mark)
                         % NGX_HTTP_EDGE_AUTH_ALARMS];
    minute = ngx_time() / 60;

    if (minute != alarms->minute) {
        alarms->minute = minute;
        alarms->count = 0;
    }

    if (alarms->writing
        || alarms->count == NGX_HTTP_EDGE_AUTH_ALARMS_MINUTE
        || (said->number == of->record.number && said->gen == of->record.gen
            && said->mark == mark))
    {
        return;
    }

    ngx_memzero(&event, sizeof(struct ea_audit));

    event.time = now;
    event.action = "alarm";
    event.actor = "gate";
    event.node = of->node.name;
    event.site = of->node.site;
    event.row = mark == EA_MARK_TWIN || mark == EA_MARK_STRAY ? "16a" : "";
    event.reason = EA_REASON_ALARM;
    event.reply = EA_REPLY_NOTHING;
    event.mark = mark;
    event.credential = credential;
    event.gen = of->record.gen;
    event.source = "";
    event.ref = "";

    alarms->line.ptr = alarms->text;
    alarms->line.len = ea_audit_format(&event, alarms->text,
                                       sizeof(alarms->text));

    if (alarms->line.len == 0
        || ngx_http_edge_auth_submit(alarms->worker, &alarms->op) != NGX_OK)
    {
        return;
    }

    /* of a device without a node, its id */
    (void) ngx_snprintf((u_char *) alarms->node, sizeof(alarms->node),
                        "%s%Z", of->node.name[0] ? of->node.name : credential);

    alarms->writing = said;
    alarms->next.number = of->record.number;
    alarms->next.gen = of->record.gen;
    alarms->next.mark = mark;
    alarms->count++;
}


static void
ngx_http_edge_auth_alarm_written(struct ea_store_op *op)
{
    ngx_http_edge_auth_alarms_t  *alarms = op->context;

    enum ea_mark                mark;
    ngx_http_edge_auth_said_t  *said;

    alarms->worker->out--;

    said = alarms->writing;
    alarms->writing = NULL;

    if (op->result != EA_RESULT_WON) {
        return;                             /* the next pass says it again */
    }

    *said = alarms->next;
    mark = said->mark;

    ngx_http_edge_auth_audit_line(alarms->worker, alarms->line);

    ngx_log_error(NGX_LOG_WARN, alarms->worker->log, 0,
                  "edge_auth: %s \"%s\": %s: %s",
                  mark == EA_MARK_UNKNOWN ? "device" : "node", alarms->node,
                  ea_mark_word(mark), ngx_http_edge_auth_alarm_text(mark));
}


static const char *
ngx_http_edge_auth_alarm_text(enum ea_mark mark)
{
    switch (mark) {

    case EA_MARK_TWIN:
        return "a key of it was used by a further device: look at both";

    case EA_MARK_STRAY:
        return "a key of a voided generation was used: look at the devices "
               "with its name";

    case EA_MARK_OVERDUE:
        return "its config left, and its time passed without a join";

    case EA_MARK_DUPLICATE:
        return "it joined, and another device has its name";

    case EA_MARK_UNKNOWN:
        return "a device with our tags came without a delivery: look at it, "
               "unless you made its key by hand";

    default:
        return "look at it";
    }
}
