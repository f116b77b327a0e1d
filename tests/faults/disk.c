/*
 * For LD_PRELOAD: while the file that EDGE_FAULT names exists, the call it
 * names first fails with the errno that follows, as in "pwrite 28". Only for
 * files of a store (data.mdb), so that logs are written as ever.
 */
#include <dlfcn.h>
#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/uio.h>
#include <unistd.h>

static bool
fails(const char *call, int fd)
{
    const char *name = getenv("EDGE_FAULT");
    char link[64], path[4096] = "", word[32] = "";
    FILE *file = name ? fopen(name, "r") : NULL;
    int error = 0;

    if (file == NULL) {
        return false;
    }
    if (fscanf(file, "%31s %d", word, &error) != 2) {
        error = 0;
    }
    fclose(file);
    snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
    if (strcmp(word, call) != 0 || error == 0 ||
        readlink(link, path, sizeof(path) - 1) < 0 ||
        strstr(path, "/data.mdb") == NULL) {
        return false;
    }
    errno = error;
    return true;
}

ssize_t
pwrite(int fd, const void *data, size_t len, off_t at)
{
    ssize_t (*next)(int, const void *, size_t, off_t) =
        (ssize_t(*)(int, const void *, size_t, off_t))dlsym(RTLD_NEXT,
                                                            "pwrite");

    return fails("pwrite", fd) ? -1 : next(fd, data, len, at);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
    ssize_t (*next)(int, const struct iovec *, int) =
        (ssize_t(*)(int, const struct iovec *, int))dlsym(RTLD_NEXT, "writev");

    return fails("pwrite", fd) ? -1 : next(fd, parts, count);
}

int
fdatasync(int fd)
{
    int (*next)(int) = (int (*)(int))dlsym(RTLD_NEXT, "fdatasync");

    return fails("fdatasync", fd) ? -1 : next(fd);
}
