/*
 * What the files of the module share. nginx moves the bytes and owns time,
 * memory and threads; what a request may have is decided in core.
 *
 * A request passes:
 *   POST_READ       scrub   the credential is taken out of all that others see
 *   SERVER_REWRITE  gate    what cannot be in the table is refused
 *   PRECONTENT      gate    prepare -> fetch -> commit -> send; assets go on
 *                           to an internal location
 *   LOG             log     redacts what never got to POST_READ; notes that a
 *                           whole config was handed over
 */
#ifndef NGX_HTTP_EDGE_AUTH_MODULE_H
#define NGX_HTTP_EDGE_AUTH_MODULE_H

#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_http.h>
#include <ngx_thread_pool.h>

#include "ea_body.h"
#include "ea_clock.h"
#include "ea_commit.h"
#include "ea_gather.h"
#include "ea_keyd.h"
#include "ea_script.h"
#include "ea_store.h"


typedef struct ngx_http_edge_auth_worker_s  ngx_http_edge_auth_worker_t;


/* http {} */
typedef struct {
    ngx_str_t                     store;
    ngx_str_t                     pepper;
    ngx_flag_t                    lab;
    ngx_thread_pool_t            *pool;
    ngx_open_file_t              *audit;
    ngx_addr_t                   *keyd;     /* NULL: no key is minted */
    ngx_msec_t                    keyd_timeout;
    ngx_msec_t                    keyd_interval;
    ngx_uint_t                    used;     /* a server has a role */
    ngx_http_edge_auth_worker_t  *worker;   /* of this process */
} ngx_http_edge_auth_main_conf_t;


/* server {} */
typedef struct {
    ngx_uint_t                    role;     /* enum ea_role */
    ngx_str_t                     upstream;
    ngx_str_t                     assets;
    size_t                        body_max;
    ngx_msec_t                    timeout;

    unsigned                      upstream_seen:1;
    unsigned                      assets_seen:1;
} ngx_http_edge_auth_srv_conf_t;


/* One worker process: its store, made after fork. */
struct ngx_http_edge_auth_worker_s {
    ngx_http_edge_auth_main_conf_t  *conf;
    ngx_log_t                       *log;
    struct ea_store                 *store;    /* NULL: down, all is 503 */
    struct ea_pepper                 pepper;
    char                             boot_id[EA_UUID_LEN + 1];

    ngx_event_t                      retry;    /* open the store again */
    ngx_uint_t                       retries;
    ngx_event_t                      hold;     /* keeps the worker while ... */
    ngx_uint_t                       out;      /* ... operations are out */
    ngx_thread_task_t               *drain;
    time_t                           keyd_quiet;   /* not asked before */
    time_t                           checked;  /* when health was looked at */

    ngx_event_t                      summary;  /* of refusals, once a minute */
    ngx_uint_t                       refused[EA_REASON_COUNT_OF];
    ngx_uint_t                       redacted;
    ngx_uint_t                       lines;    /* written in this minute */
    ngx_uint_t                       peers;    /* bad ones, in this minute */

    unsigned                         draining:1;
    unsigned                         completing:1;
    unsigned                         healthy:1;
    unsigned                         lab:1;
    unsigned                         exiting:1;
    unsigned                         clock_out:1;
};


typedef struct ngx_http_edge_auth_join_s  ngx_http_edge_auth_join_t;
typedef struct ngx_http_edge_auth_alarms_s  ngx_http_edge_auth_alarms_t;


/* One question to edge-keyd. */
typedef struct ngx_http_edge_auth_ask_s  ngx_http_edge_auth_ask_t;

struct ngx_http_edge_auth_ask_s {
    char                          line[EA_KEYD_REQUEST_MAX];
    size_t                        len, sent;
    char                          reply[EA_KEYD_REPLY_MAX];
    size_t                        got;
    ngx_peer_connection_t         peer;
    ngx_http_edge_auth_worker_t  *worker;

    /* an empty reply is an outage; wipes the reply */
    void                        (*done)(ngx_http_edge_auth_ask_t *ask,
                                        struct ea_bytes reply);
    void                         *data;
};


typedef enum {
    NGX_HTTP_EDGE_AUTH_START = 0,
    NGX_HTTP_EDGE_AUTH_FETCHING,   /* the subrequest is on its way */
    NGX_HTTP_EDGE_AUTH_WRITING,    /* the store has the record */
    NGX_HTTP_EDGE_AUTH_MINTING,    /* edge-keyd is asked for a key */
    NGX_HTTP_EDGE_AUTH_GRANTED,    /* an asset: nginx serves it */
    NGX_HTTP_EDGE_AUTH_ANSWERED
} ngx_http_edge_auth_step_e;


/* The part of a request that decides by a record; claims and configs only. */
typedef struct {
    struct ea_case                facts_of;
    struct ea_facts               facts;
    struct ea_decision            decision;
    struct ea_record              record;   /* the new one */
    struct ea_commit              commit;
    uint16_t                      seen_n;
    ngx_uint_t                    tries;

    ngx_http_request_t           *fetch;
    ngx_str_t                     body;     /* of the upstream, whole */

    ngx_http_edge_auth_ask_t     *ask;
    struct ea_keyd_minted         minted;   /* id "": not yet */
    enum ea_keyd_outcome          keyd;

    unsigned                      seen:1;
    unsigned                      fetched:1;
    unsigned                      waiting:1;
} ngx_http_edge_auth_claim_t;


typedef struct {
    ngx_http_edge_auth_step_e     step;
    ngx_http_edge_auth_srv_conf_t
                                 *conf;
    ngx_str_t                     raw;      /* our copy of the target */
    ngx_str_t                     header;   /* our copy of X-Edge-Token */
    struct ea_target              target;   /* slices of raw */
    struct ea_bytes               secret;   /* of one of both */
    enum ea_reason                early;    /* known before any record */

    struct ea_claims              token;
    struct ea_ticket              ticket;
    struct ea_spiffe              cert;
    struct ea_presented           presented;
    struct ea_query               query;
    char                          source[NGX_SOCKADDR_STRLEN + 1];
    char                          ref[EA_REF_LEN + 1];

    ngx_http_edge_auth_claim_t   *claim;
    ngx_str_t                     output;   /* wiped with the request */

    /* for logs */
    char                          node[EA_NAME_MAX + 1];
    char                          site[EA_NAME_MAX + 1];
    const char                   *row;
    enum ea_reason                reason;

    unsigned                      genuine:1;
    unsigned                      config_sent:1;
} ngx_http_edge_auth_ctx_t;


#define NGX_HTTP_EDGE_AUTH_TRIES  8


extern ngx_module_t  ngx_http_edge_auth_module;

#define ngx_http_edge_auth_worker(r)                                          \
    ((ngx_http_edge_auth_main_conf_t *)                                       \
     ngx_http_get_module_main_conf(r, ngx_http_edge_auth_module))->worker

/* Text of libc as nginx prints it. */
#define ngx_http_edge_auth_bytes(s)                                           \
    ((struct ea_bytes) { (const char *) (s)->data, (s)->len })


/* module: survives an internal redirect; NULL if POST_READ never saw it */
ngx_http_edge_auth_ctx_t *ngx_http_edge_auth_ctx(ngx_http_request_t *r);
ngx_http_edge_auth_ctx_t *ngx_http_edge_auth_ctx_create(ngx_http_request_t *r);

/* check: what `nginx -t` refuses */
char *ngx_http_edge_auth_check_location(ngx_conf_t *cf, void *parent,
    void *child);
ngx_int_t ngx_http_edge_auth_check_servers(ngx_conf_t *cf,
    ngx_http_edge_auth_main_conf_t *emcf);

/* scrub */
ngx_int_t ngx_http_edge_auth_scrub(ngx_http_request_t *r);
ngx_uint_t ngx_http_edge_auth_redact(ngx_http_request_t *r);

/* gate, handed */
ngx_int_t ngx_http_edge_auth_early(ngx_http_request_t *r);
ngx_int_t ngx_http_edge_auth_gate(ngx_http_request_t *r);
void ngx_http_edge_auth_handed(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

/* files */
ngx_int_t ngx_http_edge_auth_boot(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
ngx_int_t ngx_http_edge_auth_asset(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

/* gate: the next step of a claim or config, by what the store says now; and
   what its decision is answered with */
ngx_int_t ngx_http_edge_auth_advance(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
ngx_int_t ngx_http_edge_auth_answer(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

/* commit: NGX_AGAIN, and the gate is woken for `written`; `got_key` is its
   like when edge-keyd answered */
ngx_int_t ngx_http_edge_auth_commit(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
ngx_int_t ngx_http_edge_auth_written(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
ngx_int_t ngx_http_edge_auth_got_key(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

/* fetch: NGX_AGAIN, and the gate is woken; body: its checks and claim->body */
ngx_int_t ngx_http_edge_auth_fetch(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
enum ea_reason ngx_http_edge_auth_body(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

/* tls: NGX_DECLINED with the reason, or fills cert and spki of ctx */
ngx_int_t ngx_http_edge_auth_peer(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, time_t now, enum ea_reason *reason);
/* NONE: nginx verified the certificate */
enum ea_reason ngx_http_edge_auth_unverified(ngx_connection_t *c);

/* log */
ngx_int_t ngx_http_edge_auth_log(ngx_http_request_t *r);
ngx_int_t ngx_http_edge_auth_log_init(ngx_conf_t *cf);

/* reply: all send, finalize, and return NGX_DONE */
ngx_int_t ngx_http_edge_auth_refuse(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, enum ea_reply reply, enum ea_reason reason);
#define ngx_http_edge_auth_busy(r, ctx, reason)                               \
    ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_BUSY, reason)
ngx_int_t ngx_http_edge_auth_send_script(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, u_char *text, size_t len);
ngx_int_t ngx_http_edge_auth_send_config(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, u_char *text, size_t len);
ngx_int_t ngx_http_edge_auth_header_filter_init(ngx_conf_t *cf);

/* audit */
void ngx_http_edge_auth_event(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, struct ea_audit *event);
void ngx_http_edge_auth_audit_line(ngx_http_edge_auth_worker_t *w,
    struct ea_bytes text);
void ngx_http_edge_auth_audit_refusal(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, enum ea_reply reply);
void ngx_http_edge_auth_audit_start(ngx_http_edge_auth_worker_t *w);

/* store */
ngx_int_t ngx_http_edge_auth_store_init(ngx_cycle_t *cycle);
void ngx_http_edge_auth_store_exit(ngx_cycle_t *cycle);
/* NULL: down; said in the error log once */
struct ea_view *ngx_http_edge_auth_view(ngx_http_edge_auth_worker_t *w);
/* false: the clock cannot be trusted */
ngx_int_t ngx_http_edge_auth_now(ngx_http_edge_auth_worker_t *w,
    const struct ea_meta *meta, uint64_t *now);
/* NGX_ERROR: not queued, done is not called; done must count w->out down */
ngx_int_t ngx_http_edge_auth_submit(ngx_http_edge_auth_worker_t *w,
    struct ea_store_op *op);
uint64_t ngx_http_edge_auth_msec(void);   /* the clock of its deadlines */

/* keyd */
ngx_int_t ngx_http_edge_auth_keyd_up(ngx_http_edge_auth_worker_t *w);
void ngx_http_edge_auth_keyd_failed(ngx_http_edge_auth_worker_t *w,
    enum ea_keyd_outcome outcome, uint32_t retry);
/* NGX_ERROR: nobody listens, done is not called */
ngx_int_t ngx_http_edge_auth_ask(ngx_http_edge_auth_worker_t *w,
    ngx_http_edge_auth_ask_t *ask);

/* mint: asks for the key of the attempt that was exposed */
ngx_int_t ngx_http_edge_auth_mint(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
/* the body with the key in place of the placeholder, into ctx->output */
enum ea_reason ngx_http_edge_auth_fill(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

/* alarm: an event of the audit, and a line of the error log; the same one for
   a generation of a node is raised once. NULL: out of memory */
ngx_http_edge_auth_alarms_t *ngx_http_edge_auth_alarms(
    ngx_http_edge_auth_worker_t *w);
void ngx_http_edge_auth_alarm(ngx_http_edge_auth_alarms_t *alarms,
    const struct ea_case *of, enum ea_mark mark, const char *credential,
    uint64_t now);

/* join */
void ngx_http_edge_auth_join_start(ngx_http_edge_auth_worker_t *w);

/* variables */
ngx_int_t ngx_http_edge_auth_add_variables(ngx_conf_t *cf);


#endif
