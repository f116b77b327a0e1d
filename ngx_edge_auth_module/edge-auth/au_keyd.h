/*
 * edge-auth as a client of edge-keyd: a connection, a line, a reply, all within
 * one time. The lines are those of core/ea_keyd.h; what a reply says is read
 * there, but for the figures, which are JSON for people and Prometheus.
 */
#ifndef AU_KEYD_H
#define AU_KEYD_H

#include "au.h"
#include "ea_keyd.h"

#define AU_KEYD_DEFAULT "/run/edge-keyd/keyd.sock"
#define AU_KEYD_TIMEOUT 30 /* s, without --timeout */
#define AU_KEYD_TIMEOUT_MAX 600
#define AU_KEYD_FIGURES_MAX 32768 /* bytes of the one longer reply */

/* --timeout in seconds; err is about the command line. */
EA_MUST_CHECK bool au_keyd_timeout(const struct au_args *args,
                                   uint64_t *ret_seconds, struct ea_error *err);

/* Sends the line of `len` bytes (0, which no request has, is refused) to the
 * socket that args name, and reads one line back, with its line feed, into
 * `reply`. On failure err says why there is none. The reply may hold a key:
 * the caller wipes it. */
EA_MUST_CHECK bool au_keyd_ask(const struct au_args *args, const char *line,
                               size_t len, char *reply, size_t size,
                               size_t *ret_len, struct ea_error *err);

/* An error for a reply that is no success; `what` is what it was to do. */
bool au_keyd_fail(enum ea_keyd_outcome outcome, uint32_t retry,
                  const char *what, struct ea_error *err);

/* The figures of the `metrics` reply: an object of names, with a label or
 * without, and numbers that are not negative. NULL with err. */
EA_MUST_CHECK json_t *au_keyd_figures(const struct au_args *args,
                                      struct ea_error *err);

#endif
