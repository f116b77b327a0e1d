/* See au_keyd.h. */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <time.h>
#include <unistd.h>

#include "au_keyd.h"
#include "ea_number.h"

bool
au_keyd_timeout(const struct au_args *args, uint64_t *ret_seconds,
                struct ea_error *err)
{
    *ret_seconds = AU_KEYD_TIMEOUT;
    return args->timeout == NULL ||
           ea_duration_parse(ea_bytes_of(args->timeout), 1, AU_KEYD_TIMEOUT_MAX,
                             "--timeout", ret_seconds, err);
}

static int64_t
now_ms(void)
{
    struct timespec now = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* Until the socket can be read or written; false: not in time. */
static bool
wait_for(int fd, short events, int64_t until)
{
    struct pollfd one = { .fd = fd, .events = events };

    for (;;) {
        int64_t left = until - now_ms();
        int ready = left > 0 ? poll(&one, 1, (int)left) : 0;

        if (ready > 0) {
            return true;
        }
        if (ready == 0 || errno != EINTR) {
            errno = ready == 0 ? ETIMEDOUT : errno;
            return false;
        }
    }
}

static bool
open_socket(const char *path, int *ret_fd, struct ea_error *err)
{
    struct sockaddr_un address = { .sun_family = AF_UNIX };
    int fd;

    if (strlen(path) >= sizeof(address.sun_path)) {
        return ea_fail(err, EA_E_RANGE,
                       "the path of a socket has at most %zu characters",
                       sizeof(address.sun_path) - 1);
    }
    memcpy(address.sun_path, path, strlen(path) + 1);
    fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (fd < 0 ||
        connect(fd, (const struct sockaddr *)&address, sizeof(address)) != 0) {
        ea_fail(err, EA_E_UNAVAILABLE, "no edge-keyd answers there: %s",
                strerror(errno));
        if (fd >= 0) {
            (void)close(fd);
        }
        return false;
    }
    *ret_fd = fd;
    return true;
}

static bool
send_line(int fd, const char *line, size_t len, int64_t until)
{
    while (len > 0) {
        ssize_t n = send(fd, line, len, MSG_NOSIGNAL);

        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        if (n < 0 && !wait_for(fd, POLLOUT, until)) {
            return false;
        }
        line += n > 0 ? n : 0;
        len -= n > 0 ? (size_t)n : 0;
    }
    return true;
}

/* One line and nothing behind it. */
static bool
read_line(int fd, char *reply, size_t size, int64_t until, size_t *ret_len)
{
    size_t len = 0;

    while (len < size) {
        ssize_t n = recv(fd, reply + len, size - len, 0);

        if (n == 0) {
            errno = ECONNRESET;
            return false;
        }
        if (n < 0 && errno != EAGAIN && errno != EINTR) {
            return false;
        }
        if (n < 0 && !wait_for(fd, POLLIN, until)) {
            return false;
        }
        len += n > 0 ? (size_t)n : 0;
        if (len > 0 && reply[len - 1] == '\n') {
            *ret_len = len;
            return true;
        }
    }
    errno = EMSGSIZE;
    return false;
}

bool
au_keyd_ask(const struct au_args *args, const char *line, size_t len,
            char *reply, size_t size, size_t *ret_len, struct ea_error *err)
{
    uint64_t seconds = 0;
    int64_t until;
    int fd = -1;
    bool good;

    if (len == 0) {
        return ea_fail(err, EA_E_INTERNAL, "there is no such request");
    }
    if (!au_keyd_timeout(args, &seconds, err)) {
        return false;
    }
    until = now_ms() + (int64_t)seconds * 1000;
    good = open_socket(args->keyd, &fd, err);
    if (good && (!send_line(fd, line, len, until) ||
                 !read_line(fd, reply, size, until, ret_len))) {
        good = ea_fail(err, EA_E_UNAVAILABLE, "edge-keyd gave no answer: %s",
                       strerror(errno));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (!good) {
        ea_error_at(err, args->keyd, 0, 0);
    }
    return good;
}

static const char *
meaning_of(enum ea_keyd_outcome outcome)
{
    switch (outcome) {
    case EA_KEYD_BUSY:
        return "its queue is full; try again";
    case EA_KEYD_CEILING:
        return "the site had its keys for this hour or day";
    case EA_KEYD_API:
        return "the provider does not answer; see its log";
    case EA_KEYD_DENIED:
        return "the provider or edge-keyd's configuration refuses; see its log "
               "and `edge-keyd --check`";
    case EA_KEYD_BAD:
        return "it does not understand the request; are both of one version?";
    case EA_KEYD_OUTAGE:
    case EA_KEYD_OK:
        break;
    }
    return "what it said is no answer; are both of one version?";
}

bool
au_keyd_fail(enum ea_keyd_outcome outcome, uint32_t retry, const char *what,
             struct ea_error *err)
{
    char when[48] = "";

    if (retry > 0) {
        (void)snprintf(when, sizeof(when), " (again in %u s)", retry);
    }
    return ea_fail(err, EA_E_UNAVAILABLE, "%s: edge-keyd says '%s': %s%s", what,
                   ea_keyd_outcome_word(outcome), meaning_of(outcome), when);
}

/* ---- figures ---- */

/* name or name{label="value"}, of characters that need no escape anywhere */
static bool
is_figure(const char *name)
{
    static const char letters[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ_0123456789";
    size_t len = strspn(name, letters);

    if (strncmp(name, "edge_keyd_", 10) != 0) {
        return false;
    }
    if (name[len] == '\0') {
        return true;
    }
    if (name[len] != '{') {
        return false;
    }
    name += len + 1;
    len = strspn(name, letters);
    if (len == 0 || strncmp(name + len, "=\"", 2) != 0) {
        return false;
    }
    name += len + 2;
    len = strcspn(name, "\"\\");
    return strcmp(name + len, "\"}") == 0 &&
           strspn(name,
                  " !#$%&'()*+,-./0123456789:;<=>?@[]^_`{|}~"
                  "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ") ==
               len;
}

static bool
are_figures(json_t *figures)
{
    const char *name;
    json_t *value;

    if (!json_is_object(figures)) {
        return false;
    }
    json_object_foreach(figures, name, value)
    {
        if (!is_figure(name) || !json_is_number(value)) {
            return false;
        }
    }
    return true;
}

json_t *
au_keyd_figures(const struct au_args *args, struct ea_error *err)
{
    static const char line[] = "{\"op\":\"metrics\"}\n";
    static char reply[AU_KEYD_FIGURES_MAX];
    json_t *root, *figures;
    size_t len = 0;

    if (!au_keyd_ask(args, line, sizeof(line) - 1, reply, sizeof(reply), &len,
                     err)) {
        return NULL;
    }
    root = json_loadb(reply, len, JSON_REJECT_DUPLICATES, NULL);
    figures = json_is_true(json_object_get(root, "ok"))
                  ? json_incref(json_object_get(root, "metrics"))
                  : NULL;
    json_decref(root);
    if (!are_figures(figures)) {
        json_decref(figures);
        ea_fail(err, EA_E_UNAVAILABLE,
                "edge-keyd's figures are none; are both of one version?");
        ea_error_at(err, args->keyd, 0, 0);
        return NULL;
    }
    return figures;
}
