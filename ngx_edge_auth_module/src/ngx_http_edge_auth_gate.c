/*
 * The protocol: prepare -> fetch -> commit -> send.
 *
 *   prepare  the credential's tag, then one view of the store and a decision
 *   fetch    the whole body of the upstream into memory, by a subrequest that
 *            is built from the record and holds nothing of the client's
 *   commit   decided again on the record as it is now, then made durable; for
 *            a config with an auth key once more, when the key is minted
 *   send     our own answer
 *
 * A failure before the commit spends nothing. A lost compare-and-put goes back
 * to the decision; an unknown outcome is read back.
 */

#include "ngx_http_edge_auth_module.h"


static ngx_int_t ngx_http_edge_auth_prepare(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
static enum ea_reason ngx_http_edge_auth_credential(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

static enum ea_reason ngx_http_edge_auth_misfit(ngx_http_edge_auth_ctx_t *ctx);
static enum ea_gathered ngx_http_edge_auth_gather(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
static enum ea_gathered ngx_http_edge_auth_decide(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx, struct ea_view *view);
static enum ea_reason ngx_http_edge_auth_ticket(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);

static ngx_int_t ngx_http_edge_auth_fetched(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx);
static enum ea_reason ngx_http_edge_auth_fit(ngx_http_edge_auth_ctx_t *ctx);


/* What a look at the request alone refuses; no location can switch it off. */

ngx_int_t
ngx_http_edge_auth_early(ngx_http_request_t *r)
{
    ngx_http_edge_auth_ctx_t       *ctx;
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_http_get_module_srv_conf(r, ngx_http_edge_auth_module);

    if (r != r->main || r->internal || escf->role == EA_ROLE_NONE) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_edge_auth_ctx(r);

    if (ctx == NULL) {
        return NGX_HTTP_NOT_FOUND;
    }

    if (ctx->source[0] == '\0') {
        /* realip has had its say by now */
        ngx_cpystrn((u_char *) ctx->source, r->connection->addr_text.data,
                    ngx_min(r->connection->addr_text.len + 1,
                            sizeof(ctx->source)));
    }

    if (ctx->early == EA_REASON_NONE) {
        return NGX_DECLINED;
    }

    return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE, ctx->early);
}


ngx_int_t
ngx_http_edge_auth_gate(ngx_http_request_t *r)
{
    ngx_http_edge_auth_ctx_t       *ctx;
    ngx_http_edge_auth_srv_conf_t  *escf;

    escf = ngx_http_get_module_srv_conf(r, ngx_http_edge_auth_module);

    if (r != r->main || escf->role == EA_ROLE_NONE) {
        return NGX_DECLINED;
    }

    ctx = ngx_http_edge_auth_ctx(r);

    if (ctx == NULL) {
        /* an error page of a request that failed before POST_READ */
        return NGX_HTTP_NOT_FOUND;
    }

    switch (ctx->step) {

    case NGX_HTTP_EDGE_AUTH_START:
        if (r->internal) {
            return NGX_HTTP_NOT_FOUND;
        }

        return ngx_http_edge_auth_prepare(r, ctx);

    case NGX_HTTP_EDGE_AUTH_FETCHING:
        if (!ctx->claim->fetched) {
            return NGX_AGAIN;
        }

        return ngx_http_edge_auth_fetched(r, ctx);

    case NGX_HTTP_EDGE_AUTH_WRITING:
        if (ctx->claim->waiting) {
            return NGX_AGAIN;
        }

        return ngx_http_edge_auth_written(r, ctx);

    case NGX_HTTP_EDGE_AUTH_MINTING:
        if (ctx->claim->waiting) {
            return NGX_AGAIN;
        }

        return ngx_http_edge_auth_got_key(r, ctx);

    case NGX_HTTP_EDGE_AUTH_GRANTED:
        return r->internal ? NGX_DECLINED : NGX_HTTP_NOT_FOUND;

    case NGX_HTTP_EDGE_AUTH_ANSWERED:
        break;
    }

    return NGX_HTTP_NOT_FOUND;
}


static ngx_int_t
ngx_http_edge_auth_prepare(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    bool             literal;
    enum ea_reason   reason;
    struct ea_error  err;

    if (ngx_http_edge_auth_worker(r) == NULL
        || ngx_http_edge_auth_worker(r)->store == NULL)
    {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    reason = ngx_http_edge_auth_credential(r, ctx);

    if (reason == EA_REASON_STORE) {
        return ngx_http_edge_auth_busy(r, ctx, reason);
    }

    if (reason != EA_REASON_NONE) {
        return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE, reason);
    }

    ctx->genuine = 1;
    ctx->presented.source = ctx->source;

    if (ctx->target.stage == EA_STAGE_ASSET) {
        return ngx_http_edge_auth_asset(r, ctx);
    }

    ctx->claim = ngx_pcalloc(r->pool, sizeof(ngx_http_edge_auth_claim_t));
    if (ctx->claim == NULL) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    if (ctx->target.stage == EA_STAGE_BOOT) {
        return ngx_http_edge_auth_boot(r, ctx);
    }

    literal = false;
    ngx_memzero(&err, sizeof(struct ea_error));

    if (!ea_query_parse(ctx->target.query, &ctx->query, &literal, &err)) {
        return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE,
                                         EA_REASON_MALFORMED);
    }

    if (literal) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_LITERAL);
    }

    ctx->presented.ids = ctx->query.ids;

    return ngx_http_edge_auth_advance(r, ctx);
}


/*
 * EA_REASON_NONE: the tag is right, or the certificate's identity is one of
 * ours. What the store says about it is decided later.
 */

static enum ea_reason
ngx_http_edge_auth_credential(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    uint64_t                      now;
    struct ea_meta                meta;
    struct ea_gate                gate;
    struct ea_view               *view;
    enum ea_reason                reason;
    enum ea_gathered              found;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);

    if (ctx->conf->role == EA_ROLE_CONFIG) {
        return ea_ticket_verify(&w->pepper, ctx->secret, &ctx->ticket, NULL)
               ? EA_REASON_NONE : EA_REASON_FORGED;
    }

    if (ctx->secret.len) {
        if (!ea_token_verify(&w->pepper, ctx->secret, &ctx->token, NULL)) {
            return EA_REASON_FORGED;
        }

        ctx->presented.token = &ctx->token;
    }

    if (ctx->conf->role == EA_ROLE_BOOT) {
        return EA_REASON_NONE;
    }

    view = ngx_http_edge_auth_view(w);
    if (view == NULL) {
        return EA_REASON_STORE;
    }

    found = ea_gather_meta(view, &meta, &gate, NULL);

    ea_view_close(view);

    if (found != EA_GATHER_FOUND
        || ngx_http_edge_auth_now(w, &meta, &now) != NGX_OK)
    {
        return EA_REASON_STORE;
    }

    if (ngx_http_edge_auth_peer(r, ctx, (time_t) now, &reason) != NGX_OK) {
        return reason;
    }

    if (ngx_strcmp(ctx->cert.domain, gate.trust_domain) != 0) {
        ctx->presented.cert = NULL;
        return EA_REASON_CERT_IDENTITY;
    }

    ngx_cpystrn((u_char *) ctx->site, (u_char *) ctx->cert.site,
                sizeof(ctx->site));
    ngx_cpystrn((u_char *) ctx->node, (u_char *) ctx->cert.node,
                sizeof(ctx->node));

    return EA_REASON_NONE;
}


/*
 * Claims and configs: decides on what is in the store now, and takes the next
 * step that the decision needs.
 */

ngx_int_t
ngx_http_edge_auth_advance(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    enum ea_reason               reason;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    if (claim->tries++ == NGX_HTTP_EDGE_AUTH_TRIES) {
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
    }

    switch (ngx_http_edge_auth_gather(r, ctx)) {

    case EA_GATHER_FAILED:
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);

    case EA_GATHER_NONE:
        claim->decision.writes = false;
        ctx->row = "22";
        return ngx_http_edge_auth_refuse(r, ctx, EA_REPLY_REFUSE,
                                         ngx_http_edge_auth_misfit(ctx));

    case EA_GATHER_FOUND:
        break;
    }

    if (claim->decision.reply == EA_REPLY_SCRIPT
        || claim->decision.reply == EA_REPLY_CONFIG)
    {
        if (!claim->fetched) {
            return ngx_http_edge_auth_fetch(r, ctx);
        }

        /* nothing may be left to fail once the record is written */

        reason = ngx_http_edge_auth_fit(ctx);

        if (reason == EA_REASON_NONE
            && claim->decision.reply == EA_REPLY_SCRIPT)
        {
            reason = ngx_http_edge_auth_ticket(r, ctx);
        }

        if (reason != EA_REASON_NONE) {
            claim->decision.writes = false;
            return ngx_http_edge_auth_busy(r, ctx, reason);
        }
    }

    if (claim->decision.writes) {
        return ngx_http_edge_auth_commit(r, ctx);
    }

    return ngx_http_edge_auth_answer(r, ctx);
}


/*
 * Nothing fits. Where the ids name a node of another site than the certificate,
 * the operator has the wrong ROM, not the wrong node.
 */

static enum ea_reason
ngx_http_edge_auth_misfit(ngx_http_edge_auth_ctx_t *ctx)
{
    const struct ea_node    *node;
    const struct ea_spiffe  *cert;

    node = &ctx->claim->facts_of.node;
    cert = ctx->presented.cert;

    if (cert && node->name[0] && ngx_strcmp(node->site, cert->site) != 0) {
        return EA_REASON_CERT_IDENTITY;
    }

    return EA_REASON_UNKNOWN;
}


static enum ea_gathered
ngx_http_edge_auth_gather(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    struct ea_view    *view;
    enum ea_gathered   found;

    view = ngx_http_edge_auth_view(ngx_http_edge_auth_worker(r));
    if (view == NULL) {
        return EA_GATHER_FAILED;
    }

    found = ngx_http_edge_auth_decide(r, ctx, view);

    ea_view_close(view);

    return found;
}


static enum ea_gathered
ngx_http_edge_auth_decide(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx,
    struct ea_view *view)
{
    uint64_t                      now;
    struct ea_case               *of;
    struct ea_facts              *facts;
    struct ea_error               err;
    enum ea_gathered              found;
    ngx_http_edge_auth_claim_t   *claim;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);
    claim = ctx->claim;
    of = &claim->facts_of;
    facts = &claim->facts;

    ngx_memzero(&err, sizeof(struct ea_error));
    ngx_memzero(facts, sizeof(struct ea_facts));

    if (ctx->conf->role == EA_ROLE_CONFIG) {
        found = ea_gather_get(view, &w->pepper, &ctx->ticket, &ctx->query.ids,
                              ctx->source, of, facts, &err);
    } else {
        found = ea_gather_claim(view, &ctx->presented, of, facts, &err);
    }

    if (found == EA_GATHER_FAILED) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "edge_auth: reading the store failed: %s", err.message);
    }

    if (found != EA_GATHER_FOUND) {
        return found;
    }

    if (ngx_http_edge_auth_now(w, &of->meta, &now) != NGX_OK) {
        return EA_GATHER_FAILED;
    }

    ngx_cpystrn((u_char *) ctx->node, (u_char *) of->node.name,
                sizeof(ctx->node));
    ngx_cpystrn((u_char *) ctx->site, (u_char *) of->site.name,
                sizeof(ctx->site));

    /* an honest power cycle must not look like a clone: row 23 needs the
       record's n of when the request came */

    if (!claim->seen) {
        claim->seen = 1;
        claim->seen_n = facts->seen_n;
    }

    facts->seen_n = claim->seen_n;
    facts->pepper_id = w->pepper.id[0];

    if (claim->minted.id[0]) {
        facts->event = EA_EVENT_MINTED;
        facts->gen = ctx->ticket.gen;
        facts->n = ctx->ticket.n;
        ngx_memcpy(facts->key, claim->minted.id, sizeof(facts->key));

    } else if (facts->event == EA_EVENT_GET && !facts->keyd_ok) {
        facts->keyd_ok = ngx_http_edge_auth_keyd_up(w);
    }

    if (RAND_bytes(facts->salt, EA_SALT_LEN) != 1) {
        return EA_GATHER_FAILED;
    }

    ea_enroll_decide(&of->record, &of->policy, facts, now, &claim->decision,
                     &claim->record);

    ctx->row = claim->decision.row ? claim->decision.row : "";
    ctx->reason = claim->decision.reason;

    return EA_GATHER_FOUND;
}


/* Is the upstream's body what the decision allows to be sent? */

static enum ea_reason
ngx_http_edge_auth_fit(ngx_http_edge_auth_ctx_t *ctx)
{
    enum ea_reason               reason;
    ngx_str_t                    body;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;
    body = claim->body;

    if (ctx->target.stage == EA_STAGE_CONFIG) {
        reason = ea_body_check(&claim->facts_of.node,
                               ngx_http_edge_auth_bytes(&body));

        return reason == EA_REASON_EXPOSED ? EA_REASON_NONE : reason;
    }

    if (body.len < 7 || ngx_strncmp(body.data, "#!ipxe", 6) != 0
        || (body.data[6] != '\n' && body.data[6] != '\r'))
    {
        return EA_REASON_SCRIPT;
    }

    return EA_REASON_NONE;
}


ngx_int_t
ngx_http_edge_auth_answer(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    size_t                       len;
    u_char                      *text;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    switch (claim->decision.reply) {

    case EA_REPLY_SCRIPT:
        return ngx_http_edge_auth_send_script(r, ctx, ctx->output.data,
                                              ctx->output.len);

    case EA_REPLY_CONFIG:
        if (claim->facts_of.policy.mint) {
            return ngx_http_edge_auth_mint(r, ctx);
        }

        return ngx_http_edge_auth_send_config(r, ctx, claim->body.data,
                                              claim->body.len);

    case EA_REPLY_SEND:
        if (ngx_http_edge_auth_fill(r, ctx) != EA_REASON_NONE) {
            claim->decision.writes = false;
            return ngx_http_edge_auth_busy(r, ctx, EA_REASON_PLACEHOLDER);
        }

        return ngx_http_edge_auth_send_config(r, ctx, ctx->output.data,
                                              ctx->output.len);

    case EA_REPLY_LOCAL:
        text = ngx_pnalloc(r->pool, EA_SCRIPT_MAX);
        len = text ? ea_script_local((char *) text, EA_SCRIPT_MAX) : 0;

        if (len == 0) {
            return ngx_http_edge_auth_busy(r, ctx, EA_REASON_STORE);
        }

        ngx_http_edge_auth_audit_refusal(r, ctx, EA_REPLY_LOCAL);

        return ngx_http_edge_auth_send_script(r, ctx, text, len);

    default:
        return ngx_http_edge_auth_refuse(r, ctx, claim->decision.reply,
                                         claim->decision.reason);
    }
}


/* The script with the ticket of the attempt that is about to be written. */

static enum ea_reason
ngx_http_edge_auth_ticket(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx)
{
    bool                          ok;
    size_t                        size, len;
    u_char                       *text;
    struct ea_bytes               url;
    struct ea_error               err;
    const struct ea_attempt      *attempt;
    struct ea_secret_text         ticket;
    ngx_http_edge_auth_claim_t   *claim;
    ngx_http_edge_auth_worker_t  *w;

    w = ngx_http_edge_auth_worker(r);
    claim = ctx->claim;

    ngx_memzero(&err, sizeof(struct ea_error));

    attempt = ea_record_attempt(&claim->record, claim->decision.n);
    size = claim->body.len + EA_SCRIPT_INSERT_MAX;
    text = ngx_pnalloc(r->pool, size);

    if (attempt == NULL || text == NULL) {
        return EA_REASON_STORE;
    }

    url = ea_bytes_of(claim->facts_of.gate.config);

    ok = ea_ticket_make(&w->pepper, 0, claim->record.number, claim->record.gen,
                        attempt->n, claim->record.epoch, attempt->salt,
                        &ticket, &err)
         && ea_script_insert(ngx_http_edge_auth_bytes(&claim->body), &ticket,
                             url, (char *) text, size, &len, &err);

    ea_wipe(&ticket, sizeof(ticket));

    if (!ok) {
        ngx_log_error(NGX_LOG_ERR, r->connection->log, 0,
                      "edge_auth: no script for node \"%s\": %s", ctx->node,
                      err.message);
        return EA_REASON_SCRIPT;
    }

    /* one of a try that lost is not sent any more */

    ea_wipe(ctx->output.data, ctx->output.len);

    ctx->output.data = text;
    ctx->output.len = len;

    return EA_REASON_NONE;
}


static ngx_int_t
ngx_http_edge_auth_fetched(ngx_http_request_t *r,
    ngx_http_edge_auth_ctx_t *ctx)
{
    enum ea_reason               reason;
    ngx_http_edge_auth_claim_t  *claim;

    claim = ctx->claim;

    reason = ngx_http_edge_auth_body(r, ctx);

    if (reason != EA_REASON_NONE) {
        claim->decision.writes = false;
        return ngx_http_edge_auth_busy(r, ctx, reason);
    }

    if (ctx->target.stage != EA_STAGE_BOOT) {
        return ngx_http_edge_auth_advance(r, ctx);
    }

    if (ngx_http_edge_auth_fit(ctx) != EA_REASON_NONE) {
        return ngx_http_edge_auth_busy(r, ctx, EA_REASON_SCRIPT);
    }

    return ngx_http_edge_auth_send_script(r, ctx, claim->body.data,
                                          claim->body.len);
}
