/* Other programs, run without a shell: see pk_child.h. */
#include "pk_child.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/wait.h>

#define ENV_MAX 16

/* What the child sees: our PATH and HOME, then `env`. */
struct environment {
    char path[4096], home[4096];
    char *row[ENV_MAX + 1];
};

static bool
fill(struct environment *environment, const char *const env[])
{
    const char *path = getenv("PATH"), *home = getenv("HOME");
    size_t count = 0;

    (void)snprintf(environment->path, sizeof(environment->path), "PATH=%s",
                   path != NULL ? path : "/usr/local/bin:/usr/bin:/bin");
    (void)snprintf(environment->home, sizeof(environment->home), "HOME=%s",
                   home != NULL ? home : "/");
    environment->row[count++] = environment->path;
    environment->row[count++] = environment->home;
    for (; *env != NULL && count < ENV_MAX; env++) {
        environment->row[count++] = (char *)(uintptr_t)*env;
    }
    environment->row[count] = NULL;
    return *env == NULL;
}

static bool
await(pid_t child, const char *name, struct ea_error *err)
{
    int status = 0;

    while (waitpid(child, &status, 0) < 0) {
        if (errno != EINTR) {
            return ea_fail(err, EA_E_INTERNAL, "cannot wait for %s: %s", name,
                           strerror(errno));
        }
    }
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0) {
        return true;
    }
    return ea_fail(err, EA_E_UNAVAILABLE, "%s failed with %s %d", name,
                   WIFEXITED(status) ? "status" : "signal",
                   WIFEXITED(status) ? WEXITSTATUS(status) : WTERMSIG(status));
}

bool
pk_child_run(const char *const argv[], const char *const env[],
             const char *package, struct ea_error *err)
{
    posix_spawn_file_actions_t actions;
    struct environment environment;
    int number;
    pid_t child;

    if (!fill(&environment, env) ||
        posix_spawn_file_actions_init(&actions) != 0) {
        return ea_fail(err, EA_E_INTERNAL, "cannot prepare to run %s", argv[0]);
    }
    number = posix_spawn_file_actions_addopen(&actions, STDIN_FILENO,
                                              "/dev/null", O_RDONLY, 0);
    if (number == 0) {
        number = posix_spawn_file_actions_adddup2(&actions, STDERR_FILENO,
                                                  STDOUT_FILENO);
    }
    if (number == 0) {
        number = posix_spawnp(&child, argv[0], &actions, NULL,
                              (char *const *)(uintptr_t)argv, environment.row);
    }
    (void)posix_spawn_file_actions_destroy(&actions);
    if (number == ENOENT) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "there is no %s here; install the package %s", argv[0],
                       package);
    }
    if (number != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "cannot run %s: %s", argv[0],
                       strerror(number));
    }
    return await(child, argv[0], err);
}
