/*
 * The unix socket: who may speak, lines in, lines out. Clients are programs on
 * this machine; each has one request on its way at a time.
 */
#ifndef KD_SERVER_H
#define KD_SERVER_H

#include <signal.h>

#include "kd_job.h"

#define KD_CLIENTS_MAX 1000
#define KD_IDLE_MAX 300 /* s that a silent client may stay */

struct kd_server;

/* Takes the socket that systemd passed (LISTEN_FDS), else makes one at
 * config->socket, mode 0660 with the group of the first of its users, in place
 * of one that nobody listens on. NULL with err. */
struct kd_server *kd_server_open(const struct kd_config *config,
                                 struct kd_jobs *jobs, struct kd_http *http,
                                 struct ea_error *err);
void kd_server_close(struct kd_server *server);

/* Runs until *stop is set. false with err: it cannot go on. */
EA_MUST_CHECK bool kd_server_run(struct kd_server *server,
                                 const volatile sig_atomic_t *stop,
                                 struct ea_error *err);

#endif
