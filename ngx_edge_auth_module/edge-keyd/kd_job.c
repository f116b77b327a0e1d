/* The flow of requests: see kd_job.h. */
#include <stdlib.h>
#include <string.h>

#include "ea_crypto.h"
#include "kd_job.h"

#define TOKEN_SLACK 120u /* s: a token that ends so soon is not used */
#define RETRY_BUSY 2u
#define EXPIRY_EVERY 3600u /* s */

enum state {
    STATE_NEW,   /* to be looked at */
    STATE_WAITS, /* for another job, or for an access token */
    STATE_SENT,
    STATE_DONE /* the result is to be told */
};

struct kd_job {
    struct kd_job *next;
    struct kd_jobs *jobs;
    enum state state;
    struct kd_request request;
    struct kd_result result;
    struct kd_call call;
    bool refreshed; /* the token was got anew for this job */
    bool counted;   /* towards the ceilings of its site */
    uint64_t token; /* number of the access token it was sent with */
    kd_job_done *done;
    void *context;
};

struct kd_jobs {
    const struct kd_config *config;
    struct kd_identity identity;
    struct kd_http *http;
    struct kd_keys *keys;
    struct kd_limit *limit;
    struct kd_listing listing;
    struct kd_metrics metrics;
    struct kd_exchange exchange; /* scratch */
    struct kd_job *first, **last;
    size_t count;
    struct ea_keyd_key token;
    uint64_t token_ends, token_number, started, now;
    bool token_asked;
    uint64_t expiry, expiry_due; /* of the credential */
};

struct kd_jobs *
kd_jobs_new(const struct kd_config *config, struct kd_http *http)
{
    struct kd_jobs *jobs = calloc(1, sizeof(*jobs));

    if (jobs == NULL) {
        return NULL;
    }
    jobs->config = config;
    jobs->identity = kd_config_identity(config);
    jobs->http = http;
    jobs->last = &jobs->first;
    jobs->keys = kd_keys_new();
    jobs->limit = kd_limit_new(config->per_hour, config->per_day);
    if (jobs->keys == NULL || jobs->limit == NULL) {
        kd_jobs_free(jobs);
        return NULL;
    }
    return jobs;
}

static void
free_job(struct kd_job *job)
{
    ea_wipe(&job->result, sizeof(job->result));
    free(job);
}

void
kd_jobs_free(struct kd_jobs *jobs)
{
    if (jobs == NULL) {
        return;
    }
    while (jobs->first != NULL) {
        struct kd_job *job = jobs->first;

        jobs->first = job->next;
        free_job(job);
    }
    kd_listing_clear(&jobs->listing);
    kd_keys_free(jobs->keys);
    kd_limit_free(jobs->limit);
    ea_wipe(jobs, sizeof(*jobs));
    free(jobs);
}

struct kd_job *
kd_jobs_start(struct kd_jobs *jobs, const struct kd_request *request,
              kd_job_done *done, void *context)
{
    struct kd_job *job;

    jobs->metrics.requests[request->op]++;
    if (jobs->count >= jobs->config->queue) {
        jobs->metrics.failures[EA_KEYD_BUSY]++;
        return NULL;
    }
    job = calloc(1, sizeof(*job));
    if (job == NULL) {
        return NULL;
    }
    job->jobs = jobs;
    job->request = *request;
    job->done = done;
    job->context = context;
    *jobs->last = job;
    jobs->last = &job->next;
    jobs->count++;
    return job;
}

void
kd_job_abandon(struct kd_job *job)
{
    job->done = NULL;
}

static void
finish(struct kd_job *job, enum ea_keyd_outcome outcome, uint32_t retry)
{
    job->result.outcome = outcome;
    job->result.retry = retry;
    job->state = STATE_DONE;
}

/* Others that wait are looked at again: the key or the token may be there. */
static void
wake(struct kd_jobs *jobs)
{
    for (struct kd_job *job = jobs->first; job != NULL; job = job->next) {
        if (job->state == STATE_WAITS) {
            job->state = STATE_NEW;
        }
    }
}

/* ---- access token ---- */

static void
token_done(void *context, const struct kd_response *response,
           uint32_t retry_after, uint64_t microseconds)
{
    struct kd_jobs *jobs = context;
    enum ea_keyd_outcome outcome;
    uint64_t life = 0;

    kd_metrics_answer(&jobs->metrics, response->status, microseconds,
                      jobs->now);
    outcome = kd_token_read(response, &jobs->token, &life);
    jobs->token_asked = false;
    if (outcome == EA_KEYD_OK) {
        kd_limit_success(jobs->limit);
        jobs->metrics.counts[KD_COUNT_TOKENS]++;
        jobs->token_ends = jobs->now + life;
        jobs->token_number++;
        wake(jobs);
        return;
    }
    if (outcome == EA_KEYD_DENIED) {
        kd_limit_success(jobs->limit);
    } else {
        kd_limit_failure(jobs->limit, jobs->now, retry_after);
    }
    for (struct kd_job *job = jobs->first; job != NULL; job = job->next) {
        if (job->state == STATE_WAITS) {
            finish(job, outcome, retry_after);
        }
    }
}

/* false: the job waits, or is done */
static bool
has_token(struct kd_job *job)
{
    struct kd_jobs *jobs = job->jobs;
    bool sent;

    if (!jobs->config->provider->has_tokens) {
        return true;
    }
    /* a token that lasts less than the slack in all is used to its end */
    if (jobs->token.text[0] != '\0' &&
        (jobs->now + TOKEN_SLACK < jobs->token_ends ||
         (job->refreshed && jobs->now < jobs->token_ends))) {
        return true;
    }
    if (!jobs->token_asked) {
        kd_token_request(&jobs->identity, &jobs->exchange);
        sent =
            kd_http_send(jobs->http, &jobs->exchange, NULL, token_done, jobs);
        ea_wipe(&jobs->exchange, sizeof(jobs->exchange));
        if (!sent) {
            finish(job, EA_KEYD_API, RETRY_BUSY);
            wake(jobs);
            return false;
        }
        jobs->token_asked = true;
    }
    job->refreshed = true;
    job->state = STATE_WAITS;
    return false;
}

/* ---- the credential's end ---- */

static void
expiry_done(void *context, const struct kd_response *response,
            uint32_t retry_after, uint64_t microseconds)
{
    struct kd_jobs *jobs = context;
    uint64_t expiry =
        jobs->config->provider->read_expiry(&jobs->identity, response);

    (void)retry_after; /* the next one is an hour away */
    kd_metrics_answer(&jobs->metrics, response->status, microseconds,
                      jobs->now);
    if (expiry > 0) {
        jobs->expiry = expiry;
    }
}

/* Nobody waits for it, so it neither opens nor closes the breaker. */
static void
look_at_expiry(struct kd_jobs *jobs)
{
    if (jobs->config->provider->ask_expiry == NULL ||
        jobs->now < jobs->expiry_due ||
        kd_limit_is_open(jobs->limit, jobs->now)) {
        return;
    }
    jobs->expiry_due = jobs->now + EXPIRY_EVERY;
    jobs->config->provider->ask_expiry(&jobs->exchange);
    if (!kd_http_send(jobs->http, &jobs->exchange, jobs->identity.secret,
                      expiry_done, jobs)) {
        jobs->expiry_due = jobs->now + RETRY_BUSY;
    }
}

/* ---- the provider ---- */

static void
account(struct kd_job *job)
{
    struct kd_jobs *jobs = job->jobs;
    const struct kd_result *result = &job->result;
    struct kd_request attempt;

    if (result->outcome != EA_KEYD_OK) {
        return;
    }
    switch (job->request.op) {
    case KD_OP_MINT:
        jobs->metrics.counts[KD_COUNT_MINTED]++;
        kd_keys_add(jobs->keys, &job->request, &result->minted);
        break;
    case KD_OP_CHECK:
        jobs->metrics.counts[KD_COUNT_USED] +=
            result->checked.used && result->checked.device[0] != '\0';
        break;
    case KD_OP_DELETE:
        jobs->metrics.counts[KD_COUNT_DELETED]++;
        kd_keys_remove(jobs->keys, job->request.id);
        break;
    case KD_OP_LIST:
        jobs->metrics.counts[KD_COUNT_ORPHANS] +=
            result->listed.id[0] != '\0' && !result->listed.used &&
            !kd_keys_whose(jobs->keys, result->listed.id, &attempt);
        break;
    case KD_OP_NONE:
    case KD_OP_DEVICES:
    case KD_OP_FORGET:
    case KD_OP_METRICS:
    case KD_OP_COUNT:
        break;
    }
}

static void carry_on(struct kd_job *job, const struct kd_response *response);

static void
answered(void *context, const struct kd_response *response,
         uint32_t retry_after, uint64_t microseconds)
{
    struct kd_job *job = context;
    struct kd_jobs *jobs = job->jobs;
    long status = response->status;
    bool is_outage = status == 0 || status == 408 || status == 429 ||
                     (status >= 500 && status != 501);

    kd_metrics_answer(&jobs->metrics, status, microseconds, jobs->now);
    if (is_outage) {
        kd_limit_failure(jobs->limit, jobs->now, retry_after);
        finish(job, EA_KEYD_API, retry_after);
        wake(jobs);
        return;
    }
    kd_limit_success(jobs->limit);
    if (status == 401 && jobs->config->provider->has_tokens &&
        !job->refreshed) {
        /* ended early: once more, unless there is a newer one already */
        if (job->token == jobs->token_number) {
            ea_wipe(&jobs->token, sizeof(jobs->token));
        }
        job->refreshed = true;
        job->state = STATE_NEW;
        return;
    }
    carry_on(job, response);
}

static void
carry_on(struct kd_job *job, const struct kd_response *response)
{
    struct kd_jobs *jobs = job->jobs;
    const char *bearer = jobs->config->provider->has_tokens
                             ? jobs->token.text
                             : jobs->identity.secret;

    job->call.now = jobs->now;
    if (jobs->config->provider->next(&job->call, response, &jobs->exchange) ==
        KD_NEXT_DONE) {
        account(job);
        finish(job, job->result.outcome, 0);
        wake(jobs);
        return;
    }
    job->call.step++;
    job->token = jobs->token_number;
    job->state = STATE_SENT;
    if (!kd_http_send(jobs->http, &jobs->exchange, bearer, answered, job)) {
        finish(job, EA_KEYD_API, RETRY_BUSY);
        wake(jobs);
    }
}

/* ---- the queue ---- */

static bool
tags_allowed(const struct kd_job *job)
{
    for (size_t i = 0; i < job->request.tags_count; i++) {
        if (!kd_config_allows_tag(job->jobs->config, job->request.tags[i])) {
            return false;
        }
    }
    return true;
}

/* Is a request on its way that this one has to wait for? A mint for the same
 * attempt: they share its key. A list: they share the listing. */
static bool
has_to_wait(const struct kd_job *job)
{
    const struct kd_request *req = &job->request;

    for (const struct kd_job *other = job->jobs->first; other != job;
         other = other->next) {
        if (other->state == STATE_DONE || other->request.op != req->op) {
            continue;
        }
        if (req->op == KD_OP_LIST ||
            (req->op == KD_OP_MINT && other->request.number == req->number &&
             other->request.gen == req->gen && other->request.n == req->n)) {
            return true;
        }
    }
    return false;
}

/* true: the provider has to be asked for a key */
static bool
needs_key(struct kd_job *job)
{
    struct kd_jobs *jobs = job->jobs;
    uint32_t wait;

    if (!tags_allowed(job)) {
        finish(job, EA_KEYD_DENIED, 0);
        return false;
    }
    if (kd_keys_find(jobs->keys, &job->request, &job->result.minted)) {
        jobs->metrics.counts[KD_COUNT_REPEATED]++;
        finish(job, EA_KEYD_OK, 0);
        return false;
    }
    if (job->counted) {
        return true;
    }
    wait = kd_limit_site(jobs->limit, job->request.site, jobs->now);
    if (wait > 0) {
        jobs->metrics.counts[KD_COUNT_CEILINGS]++;
        finish(job, EA_KEYD_CEILING, wait);
        return false;
    }
    return true;
}

static void
begin(struct kd_job *job)
{
    struct kd_jobs *jobs = job->jobs;
    bool has_begun = job->call.request != NULL;
    uint32_t wait;

    if (has_to_wait(job)) {
        job->state = STATE_WAITS;
        return;
    }
    if (job->request.op == KD_OP_MINT && !needs_key(job)) {
        return;
    }
    wait = has_begun ? 0 : kd_limit_wait(jobs->limit, jobs->now);
    if (wait > 0) {
        finish(job, EA_KEYD_API, wait);
        return;
    }
    job->call = (struct kd_call){
        .request = &job->request,
        .identity = &jobs->identity,
        .keys = jobs->keys,
        .listing = &jobs->listing,
        .result = &job->result,
    };
    if (!has_token(job)) {
        return;
    }
    if (job->request.op == KD_OP_MINT && !job->counted) {
        kd_limit_count(jobs->limit, job->request.site, jobs->now);
        job->counted = true;
    }
    carry_on(job, NULL);
}

/* Takes what is done off the queue and tells its owner. */
static void
tell(struct kd_jobs *jobs)
{
    struct kd_job **at = &jobs->first;

    while (*at != NULL) {
        struct kd_job *job = *at;

        if (job->state != STATE_DONE) {
            at = &job->next;
            continue;
        }
        *at = job->next;
        if (jobs->last == &job->next) {
            jobs->last = at;
        }
        jobs->count--;
        if (job->result.outcome != EA_KEYD_OK) {
            jobs->metrics.failures[job->result.outcome]++;
        }
        if (job->done != NULL) {
            job->done(job->context, &job->request, &job->result);
        }
        free_job(job);
    }
}

void
kd_jobs_run(struct kd_jobs *jobs, uint64_t now)
{
    jobs->now = now > jobs->now ? now : jobs->now;
    if (jobs->started == 0) {
        jobs->started = now;
    }
    kd_keys_expire(jobs->keys, jobs->now);
    look_at_expiry(jobs);
    for (struct kd_job *job = jobs->first; job != NULL; job = job->next) {
        if (job->state == STATE_NEW) {
            begin(job);
        }
    }
    tell(jobs);
}

bool
kd_jobs_is_ready(const struct kd_jobs *jobs)
{
    for (const struct kd_job *job = jobs->first; job != NULL; job = job->next) {
        if (job->state == STATE_NEW || job->state == STATE_DONE) {
            return true;
        }
    }
    return false;
}

struct kd_metrics *
kd_jobs_metrics(struct kd_jobs *jobs)
{
    return &jobs->metrics;
}

struct kd_gauges
kd_jobs_gauges(const struct kd_jobs *jobs, uint64_t now)
{
    return (struct kd_gauges){
        .held = kd_keys_count(jobs->keys),
        .queued = jobs->count,
        .breaker_open = kd_limit_is_open(jobs->limit, now),
        .started = jobs->started,
        .secret_ends =
            jobs->expiry > 0 ? jobs->expiry : jobs->config->secret_ends,
    };
}
