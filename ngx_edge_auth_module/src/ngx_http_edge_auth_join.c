/*
 * What becomes of auth keys, in worker 0 and apart from any request: deletes
 * what is listed, sees which keys were used (row 16), and sweeps keys that no
 * record names. One question to edge-keyd at a time, so that a gate with many
 * nodes never crowds out the keys that nodes wait for.
 *
 * A pass goes through all records by number; what one needs is done before the
 * next one is looked at. A lost compare-and-put is left to the next pass.
 */

#include "ngx_http_edge_auth_module.h"


#define NGX_HTTP_EDGE_AUTH_JOIN_RECORDS  256          /* a step */
#define NGX_HTTP_EDGE_AUTH_JOIN_STEP     20           /* ms between steps */
#define NGX_HTTP_EDGE_AUTH_JOIN_TWIN     (7 * 86400)  /* s after exposure */
#define NGX_HTTP_EDGE_AUTH_JOIN_SELDOM   40           /* passes: sweep, twins */


typedef enum {
    NGX_HTTP_EDGE_AUTH_JOIN_NOTHING = 0,
    NGX_HTTP_EDGE_AUTH_JOIN_CHECK,
    NGX_HTTP_EDGE_AUTH_JOIN_LAST_LOOK,      /* before a key is deleted */
    NGX_HTTP_EDGE_AUTH_JOIN_DELETE,
    NGX_HTTP_EDGE_AUTH_JOIN_LIST,
    NGX_HTTP_EDGE_AUTH_JOIN_ORPHAN,
    NGX_HTTP_EDGE_AUTH_JOIN_DEVICES
} ngx_http_edge_auth_join_e;


struct ngx_http_edge_auth_join_s {
    ngx_http_edge_auth_worker_t  *worker;
    ngx_http_edge_auth_alarms_t  *alarms;
    ngx_event_t                   timer;
    ngx_http_edge_auth_ask_t      ask;
    struct ea_commit              commit;
    struct ea_case                of;
    struct ea_decision            decision;
    struct ea_record              record;

    ngx_http_edge_auth_join_e     doing;
    uint32_t                      number;   /* the record looked at */
    ngx_uint_t                    key;      /* of its keys, the next */
    char                          id[EA_KEY_ID_MAX + 1];
    char                          after[EA_KEY_ID_MAX + 1];
    char                          behind[EA_DEVICE_MAX + 1];
    time_t                        started;
    ngx_uint_t                    passes;
    uint32_t                      devices;  /* of the key that was used */
    uint64_t                      now;      /* of the last decision */

    unsigned                      again:1;  /* the same record */
    unsigned                      looked:1; /* at the key to be deleted */
    unsigned                      sweeping:1;
    unsigned                      listed:1; /* the keys, now the devices */
    unsigned                      busy:1;   /* question or write is out */
};


static void ngx_http_edge_auth_join_step(ngx_event_t *ev);
static ngx_int_t ngx_http_edge_auth_join_find(ngx_http_edge_auth_join_t *j);
static ngx_int_t ngx_http_edge_auth_join_wanted(ngx_http_edge_auth_join_t *j,
    const struct ea_record *record, uint64_t now);
static ngx_int_t ngx_http_edge_auth_join_delete(ngx_http_edge_auth_join_t *j,
    const struct ea_record *record);
static void ngx_http_edge_auth_join_next(ngx_http_edge_auth_join_t *j,
    ngx_msec_t delay);
static ngx_int_t ngx_http_edge_auth_join_ask(ngx_http_edge_auth_join_t *j,
    size_t len);
static void ngx_http_edge_auth_join_answered(ngx_http_edge_auth_ask_t *ask,
    struct ea_bytes reply);
static void ngx_http_edge_auth_join_checked(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_checked *checked);
static void ngx_http_edge_auth_join_listed(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_listed *listed);
static ngx_int_t ngx_http_edge_auth_join_is_orphan(
    ngx_http_edge_auth_join_t *j, const struct ea_keyd_listed *listed);
static void ngx_http_edge_auth_join_device(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_device *device);
static ngx_int_t ngx_http_edge_auth_join_is_explained(
    ngx_http_edge_auth_join_t *j, const struct ea_keyd_device *device);
static ngx_int_t ngx_http_edge_auth_join_has_name(const char *hostname,
    const char *name);
static void ngx_http_edge_auth_join_write(ngx_http_edge_auth_join_t *j,
    enum ea_event event, const char *device);
static void ngx_http_edge_auth_join_written(struct ea_store_op *op);
static void ngx_http_edge_auth_join_event(ngx_http_edge_auth_join_t *j,
    uint64_t now, const char *action, struct ea_audit *event);
static void ngx_http_edge_auth_join_copy(char *to, const char *from,
    size_t size);


void
ngx_http_edge_auth_join_start(ngx_http_edge_auth_worker_t *w)
{
    ngx_http_edge_auth_join_t  *j;

    if (w->conf->keyd == NULL || ngx_worker != 0) {
        return;
    }

    j = ngx_pcalloc(ngx_cycle->pool, sizeof(ngx_http_edge_auth_join_t));
    if (j == NULL) {
        return;
    }

    j->alarms = ngx_http_edge_auth_alarms(w);
    if (j->alarms == NULL) {
        return;
    }

    j->worker = w;
    j->started = ngx_time();
    j->timer.handler = ngx_http_edge_auth_join_step;
    j->timer.data = j;
    j->timer.log = w->log;
    j->timer.cancelable = 1;

    ngx_http_edge_auth_join_next(j, w->conf->keyd_interval);
}


static void
ngx_http_edge_auth_join_next(ngx_http_edge_auth_join_t *j, ngx_msec_t delay)
{
    if (!j->timer.timer_set && !ngx_exiting && !j->worker->exiting) {
        ngx_add_timer(&j->timer, delay);
    }
}


static void
ngx_http_edge_auth_join_step(ngx_event_t *ev)
{
    ngx_http_edge_auth_join_t  *j = ev->data;

    size_t  len;

    if (j->busy || j->worker->exiting) {
        return;
    }

    if (!ngx_http_edge_auth_keyd_up(j->worker)) {
        ngx_http_edge_auth_join_next(j, j->worker->conf->keyd_interval);
        return;
    }

    switch (ngx_http_edge_auth_join_find(j)) {

    case NGX_OK:                            /* asked: goes on with the answer */
        return;

    case NGX_AGAIN:                         /* more records */
        ngx_http_edge_auth_join_next(j, NGX_HTTP_EDGE_AUTH_JOIN_STEP);
        return;

    default:                                /* a pass has ended, or no store */
        break;
    }

    j->number = 0;
    j->key = 0;
    j->again = 0;
    j->passes++;

    if (j->sweeping || j->passes % NGX_HTTP_EDGE_AUTH_JOIN_SELDOM == 0) {
        j->sweeping = 1;

        if (!j->listed) {
            j->doing = NGX_HTTP_EDGE_AUTH_JOIN_LIST;
            len = ea_keyd_list(j->after, j->ask.line, sizeof(j->ask.line));

        } else {
            j->doing = NGX_HTTP_EDGE_AUTH_JOIN_DEVICES;
            len = ea_keyd_devices(j->behind, j->started, j->ask.line,
                                  sizeof(j->ask.line));
        }

        if (ngx_http_edge_auth_join_ask(j, len) == NGX_OK) {
            return;
        }
    }

    ngx_http_edge_auth_join_next(j, j->worker->conf->keyd_interval);
}


/*
 * The next record that needs something, from j->number on. NGX_OK: edge-keyd
 * was asked; NGX_AGAIN: looked at enough for one step; NGX_DONE: the end.
 */

static ngx_int_t
ngx_http_edge_auth_join_find(ngx_http_edge_auth_join_t *j)
{
    size_t            len;
    uint8_t           key[EA_KEY_MAX];
    uint64_t          now;
    ngx_int_t         rc;
    ngx_uint_t        n;
    struct ea_meta    meta;
    struct ea_gate    gate;
    struct ea_view   *view;
    struct ea_bytes   at, value;
    struct ea_record  record;

    view = ngx_http_edge_auth_view(j->worker);
    if (view == NULL) {
        return NGX_ERROR;
    }

    rc = NGX_ERROR;

    if (ea_gather_meta(view, &meta, &gate, NULL) != EA_GATHER_FOUND
        || ngx_http_edge_auth_now(j->worker, &meta, &now) != NGX_OK)
    {
        goto done;
    }

    rc = NGX_AGAIN;

    for (n = 0; n < NGX_HTTP_EDGE_AUTH_JOIN_RECORDS; n++) {

        len = ea_key_number(j->number - j->again, key);
        at.ptr = (char *) key;
        at.len = j->number ? len : 0;

        if (ea_view_next(view, EA_TABLE_ENROLL, &at, &value, NULL)
            != EA_FOUND)
        {
            rc = NGX_DONE;
            break;
        }

        if (!ea_record_decode(value, &record, NULL)) {
            rc = NGX_ERROR;
            break;
        }

        j->again = 0;

        if (record.number != j->number) {
            j->number = record.number;
            j->key = 0;
        }

        if (record.keys_count == 0 && record.delete_count == 0) {
            continue;
        }

        /* of a node that left the import, what is listed is deleted */

        ngx_memzero(&j->of, sizeof(struct ea_case));

        if (ea_gather_number(view, record.number, &j->of, NULL)
            == EA_GATHER_FAILED)
        {
            rc = NGX_ERROR;
            break;
        }

        if (ngx_http_edge_auth_join_wanted(j, &record, now) == NGX_OK) {
            rc = NGX_OK;
            break;
        }

        j->key = 0;
    }

done:

    ea_view_close(view);

    return rc;
}


static ngx_int_t
ngx_http_edge_auth_join_wanted(ngx_http_edge_auth_join_t *j,
    const struct ea_record *record, uint64_t now)
{
    size_t       len;
    ngx_uint_t   key;
    const char  *id;

    if (record->delete_count && j->key == 0) {
        return ngx_http_edge_auth_join_delete(j, record);
    }

    if (j->key >= record->keys_count) {
        return NGX_DECLINED;
    }

    switch (record->state) {

    case EA_STATE_DELIVERED:
        if (now >= record->deadline && j->of.node.name[0]) {
            ngx_http_edge_auth_alarm(j->alarms, &j->of, EA_MARK_OVERDUE, "",
                                     now);
        }

        if (now >= record->deadline + EA_BODY_WINDOW) {
            return NGX_DECLINED;    /* its keys have ended by now */
        }

        break;

    case EA_STATE_JOINED:
        if (j->passes % NGX_HTTP_EDGE_AUTH_JOIN_SELDOM
            || now >= record->exposed_at + NGX_HTTP_EDGE_AUTH_JOIN_TWIN)
        {
            return NGX_DECLINED;
        }

        break;

    default:
        return NGX_DECLINED;
    }

    j->doing = NGX_HTTP_EDGE_AUTH_JOIN_CHECK;
    key = j->key++;
    id = record->keys[key].id;

    ngx_http_edge_auth_join_copy(j->id, id, sizeof(j->id));
    len = ea_keyd_check(record, id, &j->of.node, j->ask.line,
                        sizeof(j->ask.line));

    return ngx_http_edge_auth_join_ask(j, len);
}


/*
 * A key that was used before it could be deleted is evidence: of a device that
 * nobody expects. Nothing can be told where the operator said that the node
 * joined: then the device is not known, and one of its keys was used.
 */

static ngx_int_t
ngx_http_edge_auth_join_delete(ngx_http_edge_auth_join_t *j,
    const struct ea_record *record)
{
    size_t       len;
    const char  *id;

    id = record->delete_ids[0];
    len = 0;

    if ((!j->looked || ngx_strcmp(j->id, id) != 0)
        && j->of.node.name[0]
        && (record->state != EA_STATE_JOINED || record->device[0]))
    {
        len = ea_keyd_check(record, id, &j->of.node, j->ask.line,
                            sizeof(j->ask.line));
    }

    ngx_http_edge_auth_join_copy(j->id, id, sizeof(j->id));

    j->looked = len != 0;
    j->doing = NGX_HTTP_EDGE_AUTH_JOIN_LAST_LOOK;

    if (len == 0) {
        j->doing = NGX_HTTP_EDGE_AUTH_JOIN_DELETE;
        len = ea_keyd_delete(id, j->ask.line, sizeof(j->ask.line));
    }

    return ngx_http_edge_auth_join_ask(j, len);
}


static ngx_int_t
ngx_http_edge_auth_join_ask(ngx_http_edge_auth_join_t *j, size_t len)
{
    if (len == 0) {
        return NGX_DECLINED;
    }

    j->ask.len = len;
    j->ask.data = j;
    j->ask.done = ngx_http_edge_auth_join_answered;

    if (ngx_http_edge_auth_ask(j->worker, &j->ask) != NGX_OK) {
        return NGX_DECLINED;
    }

    j->busy = 1;

    return NGX_OK;
}


static void
ngx_http_edge_auth_join_answered(ngx_http_edge_auth_ask_t *ask,
    struct ea_bytes reply)
{
    ngx_http_edge_auth_join_t  *j = ask->data;

    uint32_t                retry;
    enum ea_keyd_outcome    outcome;
    struct ea_keyd_listed   listed;
    struct ea_keyd_device   device;
    struct ea_keyd_checked  checked;

    j->busy = 0;
    retry = 0;

    ngx_memzero(&listed, sizeof(listed));
    ngx_memzero(&device, sizeof(device));
    ngx_memzero(&checked, sizeof(checked));

    switch (j->doing) {

    case NGX_HTTP_EDGE_AUTH_JOIN_CHECK:
    case NGX_HTTP_EDGE_AUTH_JOIN_LAST_LOOK:
        outcome = ea_keyd_read_checked(reply, &checked, &retry);
        break;

    case NGX_HTTP_EDGE_AUTH_JOIN_LIST:
        outcome = ea_keyd_read_listed(reply, &listed, &retry);
        break;

    case NGX_HTTP_EDGE_AUTH_JOIN_DEVICES:
        outcome = ea_keyd_read_device(reply, &device, &retry);
        break;

    default:
        outcome = ea_keyd_read_done(reply, &retry);
        break;
    }

    if (outcome != EA_KEYD_OK) {
        ngx_http_edge_auth_keyd_failed(j->worker, outcome, retry);
        ngx_http_edge_auth_join_next(j, j->worker->conf->keyd_interval);
        return;
    }

    switch (j->doing) {

    case NGX_HTTP_EDGE_AUTH_JOIN_CHECK:
    case NGX_HTTP_EDGE_AUTH_JOIN_LAST_LOOK:
        ngx_http_edge_auth_join_checked(j, &checked);
        j->again = 1;
        break;

    case NGX_HTTP_EDGE_AUTH_JOIN_LIST:
        ngx_http_edge_auth_join_listed(j, &listed);
        break;

    case NGX_HTTP_EDGE_AUTH_JOIN_DEVICES:
        ngx_http_edge_auth_join_device(j, &device);
        break;

    case NGX_HTTP_EDGE_AUTH_JOIN_DELETE:
        ngx_http_edge_auth_join_write(j, EA_EVENT_DELETED, "");
        j->again = j->busy;
        break;

    default:
        break;
    }

    if (!j->busy) {
        ngx_http_edge_auth_join_next(j, NGX_HTTP_EDGE_AUTH_JOIN_STEP);
    }
}


static void
ngx_http_edge_auth_join_checked(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_checked *checked)
{
    if (!checked->used || checked->device[0] == '\0') {
        return;
    }

    if ((j->of.record.state == EA_STATE_JOINED
         || j->doing == NGX_HTTP_EDGE_AUTH_JOIN_LAST_LOOK)
        && checked->devices <= 1
        && ngx_strcmp(j->of.record.device, checked->device) == 0)
    {
        return;     /* the one that is known */
    }

    j->devices = checked->devices;

    ngx_http_edge_auth_join_write(j, EA_EVENT_USED, checked->device);
}


static void
ngx_http_edge_auth_join_listed(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_listed *listed)
{
    if (listed->id[0] == '\0') {
        j->listed = 1;
        j->after[0] = '\0';
        return;
    }

    ngx_http_edge_auth_join_copy(j->after, listed->id, sizeof(j->after));

    if (listed->used
        || listed->number == EA_KEYD_NUMBER_HAND    /* edge-auth key mint */
        || !ngx_http_edge_auth_join_is_orphan(j, listed))
    {
        return;
    }

    ngx_log_error(NGX_LOG_WARN, j->worker->log, 0,
                  "edge_auth: auth key \"%s\" is in no record and is deleted",
                  listed->id);

    j->doing = NGX_HTTP_EDGE_AUTH_JOIN_ORPHAN;

    (void) ngx_http_edge_auth_join_ask(j, ea_keyd_delete(listed->id,
                                           j->ask.line, sizeof(j->ask.line)));
}


/*
 * In doubt it is none: it ends by itself. Neither is a key of an enrollment
 * that is still open: edge-keyd gives it to a further try of the same ticket.
 */

static ngx_int_t
ngx_http_edge_auth_join_is_orphan(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_listed *listed)
{
    size_t            i;
    uint8_t           key[EA_KEY_MAX];
    ngx_int_t         rc;
    struct ea_view   *view;
    struct ea_bytes   at, value;
    struct ea_record  record;

    view = ngx_http_edge_auth_view(j->worker);
    if (view == NULL) {
        return 0;
    }

    rc = 1;
    at.ptr = (char *) key;
    at.len = 0;

    while (rc && ea_view_next(view, EA_TABLE_ENROLL, &at, &value, NULL)
                 == EA_FOUND)
    {
        if (!ea_record_decode(value, &record, NULL)) {
            rc = 0;
            break;
        }

        if (record.number == listed->number && record.gen == listed->gen
            && (record.state == EA_STATE_CLAIMED
                || record.state == EA_STATE_DELIVERED))
        {
            rc = 0;
        }

        for (i = 0; i < record.keys_count; i++) {
            rc = rc && ngx_strcmp(record.keys[i].id, listed->id) != 0;
        }

        for (i = 0; i < record.delete_count; i++) {
            rc = rc && ngx_strcmp(record.delete_ids[i], listed->id) != 0;
        }
    }

    ea_view_close(view);

    return rc;
}


/*
 * A device that came while this worker ran, with a tag that keys are minted
 * for: a node's own one is on record, or is about to be. The operator knows of
 * one that got its key by hand.
 */

static void
ngx_http_edge_auth_join_device(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_device *device)
{
    if (device->device[0] == '\0') {
        j->sweeping = 0;
        j->listed = 0;
        j->behind[0] = '\0';
        return;
    }

    ngx_http_edge_auth_join_copy(j->behind, device->device,
                                 sizeof(j->behind));

    if (ngx_http_edge_auth_join_is_explained(j, device)) {
        return;
    }

    /* it has no node; alarms tell one device from the next by its number */

    ngx_memzero(&j->of, sizeof(struct ea_case));

    j->of.record.number = ngx_crc32_short((u_char *) j->behind,
                                          ngx_strlen(j->behind));

    ngx_http_edge_auth_alarm(j->alarms, &j->of, EA_MARK_UNKNOWN, j->behind,
                             j->now);
}


/* In doubt it is: no store, no alarm. */

static ngx_int_t
ngx_http_edge_auth_join_is_explained(ngx_http_edge_auth_join_t *j,
    const struct ea_keyd_device *device)
{
    uint8_t           key[EA_KEY_MAX];
    ngx_int_t         rc;
    struct ea_view   *view;
    struct ea_bytes   at, value;
    struct ea_record  record;

    view = ngx_http_edge_auth_view(j->worker);
    if (view == NULL) {
        return 1;
    }

    rc = 0;
    at.ptr = (char *) key;
    at.len = 0;

    while (!rc && ea_view_next(view, EA_TABLE_ENROLL, &at, &value, NULL)
                  == EA_FOUND)
    {
        if (!ea_record_decode(value, &record, NULL)) {
            rc = 1;
            break;
        }

        if (ngx_strcmp(record.device, device->device) == 0) {
            rc = 1;
        }

        if (rc || (record.state != EA_STATE_DELIVERED
                   && (record.state != EA_STATE_JOINED || record.device[0])))
        {
            continue;
        }

        /* its key tells, or the operator said so without naming a device */

        if (ea_gather_number(view, record.number, &j->of, NULL)
            == EA_GATHER_FOUND)
        {
            rc = ngx_http_edge_auth_join_has_name(device->hostname,
                                                  j->of.node.hostname);
        }
    }

    if (!rc && (ea_gather_meta(view, &j->of.meta, &j->of.gate, NULL)
                != EA_GATHER_FOUND
                || ngx_http_edge_auth_now(j->worker, &j->of.meta, &j->now)
                   != NGX_OK))
    {
        rc = 1;
    }

    ea_view_close(view);

    return rc;
}


/* NAME, or NAME-1 of a second one */

static ngx_int_t
ngx_http_edge_auth_join_has_name(const char *hostname, const char *name)
{
    size_t  len;

    len = ngx_strlen(name);

    if (len == 0 || ngx_strncmp(hostname, name, len) != 0) {
        return 0;
    }

    hostname += len;

    if (*hostname == '\0') {
        return 1;
    }

    if (*hostname++ != '-' || *hostname == '\0') {
        return 0;
    }

    while (*hostname >= '0' && *hostname <= '9') {
        hostname++;
    }

    return *hostname == '\0';
}


/* Decided on the record as it is now. */

static void
ngx_http_edge_auth_join_write(ngx_http_edge_auth_join_t *j,
    enum ea_event event, const char *device)
{
    size_t            i;
    uint64_t          now;
    struct ea_view   *view;
    enum ea_gathered  found;
    struct ea_audit   line;
    struct ea_facts   facts;

    view = ngx_http_edge_auth_view(j->worker);
    if (view == NULL) {
        return;
    }

    found = ea_gather_number(view, j->number, &j->of, NULL);

    ea_view_close(view);

    if (found == EA_GATHER_FAILED
        || (found == EA_GATHER_NONE && event != EA_EVENT_DELETED)
        || ngx_http_edge_auth_now(j->worker, &j->of.meta, &now) != NGX_OK)
    {
        return;
    }

    j->now = now;

    ngx_memzero(&facts, sizeof(struct ea_facts));

    facts.event = event;
    facts.store_ok = true;
    facts.gen = j->of.record.gen;

    ngx_http_edge_auth_join_copy(facts.key, j->id, sizeof(facts.key));
    ngx_http_edge_auth_join_copy(facts.device, device, sizeof(facts.device));

    if (j->doing == NGX_HTTP_EDGE_AUTH_JOIN_LAST_LOOK
        && j->of.record.state != EA_STATE_JOINED)
    {
        facts.gen = 0;      /* the key is of a generation that was voided */
    }

    for (i = 0; i < j->of.record.keys_count; i++) {
        if (ngx_strcmp(j->of.record.keys[i].id, j->id) == 0) {
            facts.n = j->of.record.keys[i].n;
        }
    }

    ea_enroll_decide(&j->of.record, &j->of.policy, &facts, now, &j->decision,
                     &j->record);

    if (!j->decision.writes) {
        if (j->decision.mark != EA_MARK_NONE) {
            ngx_http_edge_auth_alarm(j->alarms, &j->of, j->decision.mark,
                                     j->id, now);
        }

        return;
    }

    ngx_http_edge_auth_join_event(j, now, event == EA_EVENT_USED ? "used"
                                                                 : "deleted",
                                  &line);

    if (!ea_commit_init(&j->commit, &j->record, j->of.record.rev, &line, NULL))
    {
        return;
    }

    j->commit.op.done = ngx_http_edge_auth_join_written;
    j->commit.op.context = j;

    if (ngx_http_edge_auth_submit(j->worker, &j->commit.op) == NGX_OK) {
        j->busy = 1;
    }
}


static void
ngx_http_edge_auth_join_written(struct ea_store_op *op)
{
    ngx_http_edge_auth_join_t  *j = op->context;

    j->worker->out--;
    j->busy = 0;

    if (op->result == EA_RESULT_WON) {
        ngx_http_edge_auth_audit_line(j->worker, j->commit.audit);

        if (j->decision.mark == EA_MARK_JOINED) {
            ngx_log_error(NGX_LOG_NOTICE, j->worker->log, 0,
                          "edge_auth: node \"%s\" joined the tailnet",
                          j->of.node.name);

            if (j->devices > 1) {
                j->of.record = j->record;
                ngx_http_edge_auth_alarm(j->alarms, &j->of, EA_MARK_DUPLICATE,
                                         j->id, j->now);
            }
        }
    }

    ngx_http_edge_auth_join_next(j, NGX_HTTP_EDGE_AUTH_JOIN_STEP);
}


static void
ngx_http_edge_auth_join_event(ngx_http_edge_auth_join_t *j, uint64_t now,
    const char *action, struct ea_audit *event)
{
    ngx_memzero(event, sizeof(struct ea_audit));

    event->time = now;
    event->action = action;
    event->actor = "gate";
    event->node = j->of.node.name;
    event->site = j->of.node.site;
    event->row = j->decision.row ? j->decision.row : "";
    event->reason = j->decision.reason;
    event->reply = j->decision.reply;
    event->mark = j->decision.mark;
    event->credential = j->id;
    event->gen = j->of.record.gen;
    event->n = j->decision.n;
    event->source = "";
    event->ref = "";
}


static void
ngx_http_edge_auth_join_copy(char *to, const char *from, size_t size)
{
    u_char  *last;

    last = ngx_snprintf((u_char *) to, size - 1, "%s", from);
    *last = '\0';
}
