/* Bounded reading, atomic writing; see cg_file.h. */
#include "base/cg_file.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cg_arena.h"

#define READ_STEP ((size_t)64 * 1024)

static bool
fail(struct ea_error *err, const char *path, const char *what)
{
    int cause = errno;

    (void)ea_fail(err, EA_E_UNAVAILABLE, "cannot %s: %s", what,
                  strerror(cause));
    if (err != NULL) {
        ea_error_at(err, path, 0, 0);
    }
    return false;
}

static bool
read_all(int fd, size_t max, struct cg_strbuf *ret)
{
    size_t before = ret->len;
    ssize_t got;

    for (;;) {
        char *room = cg_strbuf_room(ret, READ_STEP);

        got = read(fd, room, READ_STEP);
        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got <= 0) {
            return got == 0;
        }
        cg_strbuf_added(ret, (size_t)got);
        if (ret->len - before > max) {
            errno = EFBIG;
            return false;
        }
    }
}

bool
cg_file_read(const char *path, size_t max, struct cg_strbuf *ret,
             struct ea_error *err)
{
    size_t before = ret->len;
    struct stat st;
    bool done;
    int fd;

    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return fail(err, path, "open");
    }
    if (fstat(fd, &st) != 0 || S_ISDIR(st.st_mode)) {
        errno = EISDIR;
        (void)close(fd);
        return fail(err, path, "read");
    }
    done = read_all(fd, max, ret);
    if (!done) {
        (void)fail(err, path, "read");
        ret->len = before;
    }
    (void)close(fd);
    return done;
}

static bool
has_content(const char *path, struct ea_bytes bytes, mode_t mode)
{
    CG_AUTO_STRBUF struct cg_strbuf old = { 0 };
    struct stat st;

    return lstat(path, &st) == 0 && S_ISREG(st.st_mode) &&
           (st.st_mode & 07777) == mode && (size_t)st.st_size == bytes.len &&
           cg_file_read(path, bytes.len, &old, NULL) &&
           ea_bytes_equal(cg_strbuf_bytes(&old), bytes);
}

static bool
write_all(int fd, struct ea_bytes bytes)
{
    while (bytes.len > 0) {
        ssize_t put = write(fd, bytes.ptr, bytes.len);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return false;
        }
        bytes.ptr += put;
        bytes.len -= (size_t)put;
    }
    return true;
}

bool
cg_file_sync_folder(const char *folder, struct ea_error *err)
{
    int fd = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool done;

    if (fd < 0) {
        return fail(err, folder, "open");
    }
    done = fsync(fd) == 0;
    if (!done) {
        (void)fail(err, folder, "flush");
    }
    (void)close(fd);
    return done;
}

/* A name that no *.json or *.yaml listing takes for content. */
static int
open_aside(const char *path, char **ret_name)
{
    if (asprintf(ret_name, "%s.tmp-XXXXXX", path) < 0) {
        cg_out_of_memory();
    }
    return mkostemp(*ret_name, O_CLOEXEC);
}

bool
cg_file_write(const char *path, struct ea_bytes bytes, mode_t mode,
              struct ea_error *err)
{
    CG_AUTO_FREE char *aside = NULL;
    int fd;

    if (has_content(path, bytes, mode)) {
        return true;
    }
    fd = open_aside(path, &aside);
    if (fd < 0) {
        return fail(err, path, "create");
    }
    if (!write_all(fd, bytes) || fchmod(fd, mode) != 0 || fsync(fd) != 0) {
        (void)fail(err, path, "write");
        (void)close(fd);
        (void)unlink(aside);
        return false;
    }
    if (close(fd) != 0 || rename(aside, path) != 0) {
        (void)fail(err, path, "put into place");
        (void)unlink(aside);
        return false;
    }
    return true;
}

bool
cg_file_mkdir(const char *path, mode_t mode, struct ea_error *err)
{
    CG_AUTO_FREE char *name = strdup(path);
    struct stat st;
    bool made;

    if (name == NULL) {
        cg_out_of_memory();
    }
    for (char *p = name + 1; name[0] != '\0'; p++) {
        char end = *p;

        if (end != '/' && end != '\0') {
            continue;
        }
        *p = '\0';
        if (mkdir(name, mode) == 0) {
            made = chmod(name, mode) == 0; /* whatever the umask is */
        } else {
            made = errno == EEXIST;
        }
        if (!made) {
            return fail(err, path, "create folder");
        }
        *p = end;
        if (end == '\0') {
            break;
        }
    }
    if (stat(path, &st) != 0 || !S_ISDIR(st.st_mode)) {
        errno = ENOTDIR;
        return fail(err, path, "create folder");
    }
    return true;
}
