/*
 * One request on its way through ceilings, held keys, access token and provider
 * to its result. Two mints for the same attempt share one key: the second waits
 * for the first.
 */
#ifndef KD_JOB_H
#define KD_JOB_H

#include "kd_config.h"
#include "kd_http.h"
#include "kd_limit.h"
#include "kd_metrics.h"

struct kd_jobs;
struct kd_job;

typedef void kd_job_done(void *context, const struct kd_request *request,
                         const struct kd_result *result);

/* Everything given is borrowed until kd_jobs_free. NULL when out of memory. */
struct kd_jobs *kd_jobs_new(const struct kd_config *config,
                            struct kd_http *http);
void kd_jobs_free(struct kd_jobs *jobs); /* done is not called any more */

/* Starts a request; `done` is called once, at the earliest from
 * kd_jobs_run. NULL: the queue is full (answer `busy`). */
struct kd_job *kd_jobs_start(struct kd_jobs *jobs,
                             const struct kd_request *request,
                             kd_job_done *done, void *context);

/* Nobody waits for the answer any more. What is on its way goes on: a key that
 * comes is held for the next request of its attempt. */
void kd_job_abandon(struct kd_job *job);

/* Carries on what can be carried on. Call after each kd_http_poll. */
void kd_jobs_run(struct kd_jobs *jobs, uint64_t now);
/* Is something to be done at once? */
bool kd_jobs_is_ready(const struct kd_jobs *jobs);

struct kd_metrics *kd_jobs_metrics(struct kd_jobs *jobs);
struct kd_gauges kd_jobs_gauges(const struct kd_jobs *jobs, uint64_t now);

#endif
