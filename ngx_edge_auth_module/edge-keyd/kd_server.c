/* Clients and their lines: see kd_server.h. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "ea_crypto.h"
#include "ea_number.h"
#include "kd_server.h"

#define PASSED_FD 3 /* of systemd's first socket */
#define TICK 1000   /* ms */

struct client {
    int fd; /* -1: free */
    char in[EA_KEYD_REQUEST_MAX];
    size_t in_len;
    char *out; /* KD_METRICS_MAX bytes */
    size_t out_len, out_done;
    struct kd_job *job;
    uint64_t heard;
    struct kd_server *server;
};

struct kd_server {
    const struct kd_config *config;
    struct kd_jobs *jobs;
    struct kd_http *http;
    int fd;
    bool made_socket;
    uint64_t now;
    struct client clients[KD_CLIENTS_MAX];
    struct kd_http_wait waits[KD_CLIENTS_MAX + 1];
    struct client *waiting[KD_CLIENTS_MAX + 1];
};

/* ---- the socket ---- */

static int
passed_socket(void)
{
    const char *pid = getenv("LISTEN_PID"), *count = getenv("LISTEN_FDS");
    uint64_t value;

    if (pid == NULL || count == NULL ||
        !ea_number_parse(ea_bytes_of(pid), 1, INT32_MAX, "pid", &value, NULL) ||
        value != (uint64_t)getpid() || strcmp(count, "1") != 0) {
        return -1;
    }
    return PASSED_FD;
}

/* A socket that nobody listens on is left over; one that answers is not ours
 * to take. */
static bool
remove_left_over(const char *path, const struct sockaddr_un *address,
                 struct ea_error *err)
{
    struct stat st;
    int fd, answer;

    if (lstat(path, &st) != 0) {
        return true;
    }
    if (!S_ISSOCK(st.st_mode)) {
        return ea_fail(err, EA_E_CONFLICT, "%s is there and is no socket",
                       path);
    }
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "socket: %s", strerror(errno));
    }
    answer = connect(fd, (const struct sockaddr *)address, sizeof(*address));
    (void)close(fd);
    if (answer == 0) {
        return ea_fail(err, EA_E_CONFLICT,
                       "another edge-keyd listens on %s: stop it first", path);
    }
    (void)unlink(path);
    return true;
}

/* The group of the first user lets the gate in; who it is, SO_PEERCRED says. */
static bool
open_to_users(const struct kd_config *config, struct ea_error *err)
{
    const struct passwd *user = getpwuid(config->uids[0]);

    if (user != NULL && user->pw_uid != geteuid() &&
        chown(config->socket, (uid_t)-1, user->pw_gid) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "%s cannot be given to the group of user '%s': run "
                       "edge-keyd with that group, or let systemd make the "
                       "socket",
                       config->socket, config->users[0]);
    }
    if (chmod(config->socket, 0660) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "%s: %s", config->socket,
                       strerror(errno));
    }
    return true;
}

static bool
make_socket(struct kd_server *server, struct ea_error *err)
{
    const char *path = server->config->socket;
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    mode_t mask;
    int bound;

    if (strlen(path) >= sizeof(address.sun_path)) {
        return ea_fail(err, EA_E_RANGE, "socket '%s' is longer than %zu", path,
                       sizeof(address.sun_path) - 1);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    if (!remove_left_over(path, &address, err)) {
        return false;
    }
    server->fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (server->fd < 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "socket: %s", strerror(errno));
    }
    mask = umask(0177);
    bound =
        bind(server->fd, (const struct sockaddr *)&address, sizeof(address));
    (void)umask(mask);
    if (bound != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    server->made_socket = true;
    if (!open_to_users(server->config, err)) {
        return false;
    }
    if (listen(server->fd, SOMAXCONN) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    return true;
}

static bool
open_socket(struct kd_server *server, struct ea_error *err)
{
    server->fd = passed_socket();
    if (server->fd < 0 && !make_socket(server, err)) {
        return false;
    }
    if (fcntl(server->fd, F_SETFL, O_NONBLOCK) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "socket: %s", strerror(errno));
    }
    return true;
}

struct kd_server *
kd_server_open(const struct kd_config *config, struct kd_jobs *jobs,
               struct kd_http *http, struct ea_error *err)
{
    struct kd_server *server = calloc(1, sizeof(*server));

    if (server == NULL) {
        (void)ea_fail(err, EA_E_UNAVAILABLE, "out of memory");
        return NULL;
    }
    server->config = config;
    server->jobs = jobs;
    server->http = http;
    server->fd = -1;
    for (size_t i = 0; i < KD_CLIENTS_MAX; i++) {
        server->clients[i].fd = -1;
        server->clients[i].server = server;
    }
    if (!open_socket(server, err)) {
        kd_server_close(server);
        return NULL;
    }
    return server;
}

/* ---- clients ---- */

static void
drop(struct client *client)
{
    if (client->fd >= 0) {
        (void)close(client->fd);
    }
    if (client->job != NULL) {
        kd_job_abandon(client->job);
    }
    if (client->out != NULL) {
        ea_wipe(client->out, KD_METRICS_MAX);
    }
    free(client->out);
    client->fd = -1;
    client->out = NULL;
    client->job = NULL;
    client->in_len = client->out_len = client->out_done = 0;
}

void
kd_server_close(struct kd_server *server)
{
    if (server == NULL) {
        return;
    }
    for (size_t i = 0; i < KD_CLIENTS_MAX; i++) {
        drop(&server->clients[i]);
    }
    if (server->fd >= 0) {
        (void)close(server->fd);
    }
    if (server->made_socket) {
        (void)unlink(server->config->socket);
    }
    free(server);
}

static bool
may_speak(const struct kd_config *config, int fd)
{
    struct ucred who;
    socklen_t len = sizeof(who);

    if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) != 0) {
        return false;
    }
    for (size_t i = 0; i < config->users_count; i++) {
        if (who.uid == config->uids[i]) {
            return true;
        }
    }
    return who.uid == 0;
}

/* false: nobody else waits to be let in. */
static bool
accept_client(struct kd_server *server)
{
    int fd = accept4(server->fd, NULL, NULL, SOCK_CLOEXEC | SOCK_NONBLOCK);
    struct client *client = NULL;

    for (size_t i = 0; fd >= 0 && i < KD_CLIENTS_MAX; i++) {
        if (server->clients[i].fd < 0) {
            client = &server->clients[i];
            break;
        }
    }
    if (fd < 0) {
        return false;
    }
    if (client == NULL || !may_speak(server->config, fd)) {
        (void)close(fd);
        return true;
    }
    client->out = malloc(KD_METRICS_MAX);
    if (client->out == NULL) {
        (void)close(fd);
        return true;
    }
    client->fd = fd;
    client->heard = server->now;
    return true;
}

/* All that wait, for a full backlog turns a gate away; but then the others. */
static void
accept_clients(struct kd_server *server)
{
    size_t count = 0;

    while (count < KD_CLIENTS_MAX && accept_client(server)) {
        count++;
    }
}

/* What the socket does not take at once goes later. */
static void
write_out(struct client *client)
{
    ssize_t done = send(client->fd, client->out + client->out_done,
                        client->out_len - client->out_done, MSG_NOSIGNAL);

    if (done < 0 && errno != EAGAIN && errno != EINTR) {
        drop(client);
        return;
    }
    if (done > 0) {
        client->out_done += (size_t)done;
        client->heard = client->server->now;
    }
    if (client->out_done == client->out_len) {
        ea_wipe(client->out, client->out_len);
        client->out_len = client->out_done = 0;
    }
}

static void
reply(struct client *client, enum kd_op op, const struct kd_result *result)
{
    client->out_done = 0;
    client->out_len = kd_reply_format(op, result, client->out, KD_METRICS_MAX);
    if (client->out_len == 0) {
        drop(client);
    }
}

static void
job_done(void *context, const struct kd_request *request,
         const struct kd_result *result)
{
    struct client *client = context;

    client->job = NULL;
    client->heard = client->server->now;
    reply(client, request->op, result);
}

static void
reply_metrics(struct client *client)
{
    struct kd_server *server = client->server;
    struct kd_metrics *metrics = kd_jobs_metrics(server->jobs);
    struct kd_gauges gauges = kd_jobs_gauges(server->jobs, server->now);

    metrics->requests[KD_OP_METRICS]++;
    client->out_done = 0;
    client->out_len =
        kd_metrics_format(metrics, &gauges, client->out, KD_METRICS_MAX);
    if (client->out_len == 0) {
        drop(client);
    }
}

static void
answer(struct client *client, struct ea_bytes line)
{
    struct kd_server *server = client->server;
    struct kd_result result = { .outcome = EA_KEYD_BAD };
    struct kd_request request;

    if (!kd_request_parse(line, &request, NULL)) {
        kd_jobs_metrics(server->jobs)->failures[EA_KEYD_BAD]++;
        reply(client, KD_OP_NONE, &result);
        return;
    }
    if (request.op == KD_OP_METRICS) {
        reply_metrics(client);
        return;
    }
    client->job = kd_jobs_start(server->jobs, &request, job_done, client);
    if (client->job == NULL) {
        result.outcome = EA_KEYD_BUSY;
        result.retry = 2;
        reply(client, request.op, &result);
    }
}

/* The next whole line, if the one before it is answered. */
static void
take_line(struct client *client)
{
    char *end = memchr(client->in, '\n', client->in_len);
    size_t len;

    if (client->job != NULL || client->out_len > 0) {
        return;
    }
    if (end == NULL) {
        if (client->in_len == sizeof(client->in)) {
            drop(client); /* too long to be one of ours */
        }
        return;
    }
    len = (size_t)(end - client->in);
    answer(client, (struct ea_bytes){ client->in, len });
    if (client->fd >= 0) {
        client->in_len -= len + 1;
        memmove(client->in, end + 1, client->in_len);
    }
}

static void
read_in(struct client *client)
{
    ssize_t got = recv(client->fd, client->in + client->in_len,
                       sizeof(client->in) - client->in_len, 0);

    if (got == 0 || (got < 0 && errno != EAGAIN && errno != EINTR)) {
        drop(client);
        return;
    }
    if (got > 0) {
        client->in_len += (size_t)got;
        client->heard = client->server->now;
    }
}

/* ---- the loop ---- */

static uint64_t
now_of(void)
{
    time_t now = time(NULL);

    return now > 0 ? (uint64_t)now : 0;
}

static size_t
collect(struct kd_server *server)
{
    size_t count = 0;

    server->waits[count].fd = server->fd;
    server->waits[count].events = POLLIN;
    server->waiting[count++] = NULL;
    for (size_t i = 0; i < KD_CLIENTS_MAX; i++) {
        struct client *client = &server->clients[i];
        short events = 0;

        if (client->fd < 0) {
            continue;
        }
        if (client->in_len < sizeof(client->in)) {
            events = POLLIN;
        }
        if (client->out_len > 0) {
            events |= POLLOUT;
        }
        server->waits[count].fd = client->fd;
        server->waits[count].events = events;
        server->waiting[count++] = client;
    }
    return count;
}

static void
serve(struct kd_server *server, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        struct client *client = server->waiting[i];

        if (client->fd >= 0 && (server->waits[i].revents & POLLIN) != 0) {
            read_in(client);
        }
        if (client->fd >= 0 && client->job == NULL &&
            server->now > client->heard + KD_IDLE_MAX) {
            drop(client);
        }
    }
    if ((server->waits[0].revents & POLLIN) != 0) {
        accept_clients(server);
    }
    for (size_t i = 0; i < KD_CLIENTS_MAX; i++) {
        struct client *client = &server->clients[i];

        if (client->fd >= 0) {
            take_line(client);
        }
    }
    kd_jobs_run(server->jobs, server->now);
    for (size_t i = 0; i < KD_CLIENTS_MAX; i++) {
        struct client *client = &server->clients[i];

        if (client->fd >= 0 && client->out_len > 0) {
            write_out(client);
        }
    }
}

/* Does a further request of a client stand here already? */
static bool
has_line(const struct kd_server *server)
{
    for (size_t i = 0; i < KD_CLIENTS_MAX; i++) {
        const struct client *client = &server->clients[i];

        if (client->fd >= 0 && client->job == NULL && client->out_len == 0 &&
            memchr(client->in, '\n', client->in_len) != NULL) {
            return true;
        }
    }
    return false;
}

bool
kd_server_run(struct kd_server *server, const volatile sig_atomic_t *stop,
              struct ea_error *err)
{
    server->now = now_of();
    kd_jobs_run(server->jobs, server->now);
    while (!*stop) {
        size_t count = collect(server);
        bool at_once = kd_jobs_is_ready(server->jobs) || has_line(server);

        if (!kd_http_poll(server->http, server->waits, count,
                          at_once ? 0 : TICK)) {
            return ea_fail(err, EA_E_INTERNAL, "waiting for clients failed");
        }
        server->now = now_of();
        serve(server, count);
    }
    return true;
}
