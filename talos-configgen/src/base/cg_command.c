/* One child, one pipe, one deadline; see cg_command.h. */
#include "base/cg_command.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/cg_arena.h"

#define READ_STEP ((size_t)16 * 1024)

extern char **environ;

static int
start(const char *const argv[], const char *folder, int out, pid_t *ret_pid)
{
    posix_spawn_file_actions_t actions;
    int cause;

    if (posix_spawn_file_actions_init(&actions) != 0) {
        cg_out_of_memory();
    }
    if (posix_spawn_file_actions_addopen(&actions, STDIN_FILENO, "/dev/null",
                                         O_RDONLY, 0) != 0 ||
        posix_spawn_file_actions_adddup2(&actions, out, STDOUT_FILENO) != 0 ||
        posix_spawn_file_actions_addchdir_np(&actions, folder) != 0) {
        cg_out_of_memory();
    }
    /* posix_spawn takes char *const[] for historical reasons only */
    cause = posix_spawnp(ret_pid, argv[0], &actions, NULL,
                         (char *const *)(uintptr_t)argv, environ);
    (void)posix_spawn_file_actions_destroy(&actions);
    return cause;
}

static long
now_ms(void)
{
    struct timespec now;

    (void)clock_gettime(CLOCK_MONOTONIC, &now);
    return now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

/* 0 = the output ended; else an errno. */
static int
collect(int fd, size_t max, struct cg_strbuf *ret)
{
    long end = now_ms() + CG_COMMAND_SECONDS * 1000L;
    size_t before = ret->len;

    for (;;) {
        struct pollfd waited = { .fd = fd, .events = POLLIN };
        long left = end - now_ms();
        ssize_t got;

        if (left <= 0 || poll(&waited, 1, (int)left) == 0) {
            return ETIMEDOUT;
        }
        got = read(fd, cg_strbuf_room(ret, READ_STEP), READ_STEP);
        if (got < 0 && errno != EINTR) {
            return errno;
        }
        if (got == 0) {
            return 0;
        }
        cg_strbuf_added(ret, got < 0 ? 0 : (size_t)got);
        if (ret->len - before > max) {
            return EFBIG;
        }
    }
}

static bool
fail(struct ea_error *err, const char *program, const char *what)
{
    return ea_fail(err, EA_E_UNAVAILABLE, "command '%s' %s", program, what);
}

static bool
finish(pid_t pid, const char *program, int cause, struct ea_error *err)
{
    int status = 0;

    if (cause != 0) {
        (void)kill(pid, SIGKILL);
    }
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR) {
        continue;
    }
    if (cause == ETIMEDOUT) {
        return fail(err, program, "did not end within 60 seconds");
    }
    if (cause == EFBIG) {
        return fail(err, program, "printed more than can be read");
    }
    if (cause != 0) {
        return fail(err, program, strerror(cause));
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 127) {
        return fail(err, program, "was not found");
    }
    if (!WIFEXITED(status)) {
        return fail(err, program, "was killed");
    }
    if (WEXITSTATUS(status) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "command '%s' failed with status %d", program,
                       WEXITSTATUS(status));
    }
    return true;
}

bool
cg_command_run(const char *const argv[], const char *folder, size_t max,
               struct cg_strbuf *ret, struct ea_error *err)
{
    size_t before = ret->len;
    int ends[2], cause;
    pid_t pid;

    if (pipe2(ends, O_CLOEXEC) != 0) {
        return fail(err, argv[0], strerror(errno));
    }
    cause = start(argv, folder, ends[1], &pid);
    (void)close(ends[1]);
    if (cause != 0) {
        (void)close(ends[0]);
        return fail(err, argv[0],
                    cause == ENOENT ? "was not found" : strerror(cause));
    }
    cause = collect(ends[0], max, ret);
    (void)close(ends[0]);
    if (!finish(pid, argv[0], cause, err)) {
        ret->len = before;
        return false;
    }
    return true;
}
