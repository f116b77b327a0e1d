/* Single files that appear whole or not at all: see pk_file.h. */
#include "pk_file.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <openssl/crypto.h>

#include "pk_error.h"

static bool
write_all(int fd, const char *bytes, size_t len)
{
    while (len > 0) {
        ssize_t done = write(fd, bytes, len);

        if (done < 0 && errno == EINTR) {
            continue;
        }
        if (done <= 0) {
            return false;
        }
        bytes += done;
        len -= (size_t)done;
    }
    return fsync(fd) == 0;
}

/* Writes, flushes and closes; `path` is for the message. */
static bool
fill(int fd, const char *path, BIO *bytes, mode_t mode, struct ea_error *err)
{
    char *start = NULL;
    long len = BIO_get_mem_data(bytes, &start);
    bool ok = fchmod(fd, mode) == 0 && write_all(fd, start, (size_t)len);

    if (!ok) {
        (void)pk_errno_fail(err, "cannot write", path);
    }
    if (close(fd) != 0 && ok) {
        return pk_errno_fail(err, "cannot close", path);
    }
    return ok;
}

bool
pk_file_create(const char *path, BIO *bytes, mode_t mode, struct ea_error *err)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);

    if (fd < 0) {
        return pk_errno_fail(err, "cannot create", path);
    }
    return fill(fd, path, bytes, mode, err);
}

bool
pk_file_flush_folder(const char *path)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok;

    if (fd < 0) {
        return false;
    }
    ok = fsync(fd) == 0;
    return close(fd) == 0 && ok;
}

bool
pk_file_flush_parent(const char *path, struct ea_error *err)
{
    char parent[PATH_MAX];
    char *slash;

    (void)snprintf(parent, sizeof(parent), "%s", path);
    slash = strrchr(parent, '/');
    if (slash == NULL) {
        (void)snprintf(parent, sizeof(parent), ".");
    } else {
        slash[slash == parent ? 1 : 0] = '\0';
    }
    return pk_file_flush_folder(parent) ||
           pk_errno_fail(err, "cannot flush folder", parent);
}

BIO *
pk_file_read(const char *path, size_t max, struct ea_error *err)
{
    FILE *file = fopen(path, "re");
    BIO *bytes = BIO_new(BIO_s_secmem());
    char buffer[4096];
    size_t len, total = 0;
    bool ok = file != NULL && bytes != NULL;

    while (ok && (len = fread(buffer, 1, sizeof(buffer), file)) > 0) {
        total += len;
        ok = total <= max && BIO_write(bytes, buffer, (int)len) == (int)len;
    }
    ok = ok && ferror(file) == 0;
    if (!ok && total > max) {
        (void)ea_fail(err, EA_E_RANGE, "'%s' is larger than %zu bytes", path,
                      max);
    } else if (!ok) {
        (void)pk_errno_fail(err, "cannot read", path);
    }
    OPENSSL_cleanse(buffer, sizeof(buffer));
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!ok) {
        BIO_free(bytes);
        return NULL;
    }
    return bytes;
}

static bool
is_there(const char *path, BIO *bytes, mode_t mode)
{
    char *wanted = NULL, *found = NULL;
    long len = BIO_get_mem_data(bytes, &wanted);
    struct stat info;
    BIO *file;
    bool same;

    if (stat(path, &info) != 0 || !S_ISREG(info.st_mode) ||
        (info.st_mode & 07777) != mode || info.st_size != len) {
        return false;
    }
    file = pk_file_read(path, (size_t)len, NULL);
    same = file != NULL && BIO_get_mem_data(file, &found) == len &&
           (len == 0 || CRYPTO_memcmp(wanted, found, (size_t)len) == 0);
    BIO_free(file);
    return same;
}

static bool
replace(const char *path, BIO *bytes, mode_t mode, struct ea_error *err)
{
    const char *slash = strrchr(path, '/');
    int parent = slash == NULL ? 0 : (int)(slash - path + 1);
    char aside[PATH_MAX];
    int fd,
        len = snprintf(aside, sizeof(aside), "%.*s.new.XXXXXX", parent, path);

    if (len < 0 || (size_t)len >= sizeof(aside)) {
        return ea_fail(err, EA_E_RANGE, "path '%.200s' is too long", path);
    }
    fd = mkostemp(aside, O_CLOEXEC);
    if (fd < 0) {
        return pk_errno_fail(err, "cannot create", aside);
    }
    if (!fill(fd, path, bytes, mode, err)) {
        (void)unlink(aside);
        return false;
    }
    if (rename(aside, path) != 0) {
        (void)pk_errno_fail(err, "cannot put in place", path);
        (void)unlink(aside);
        return false;
    }
    return pk_file_flush_parent(path, err);
}

/* A rename would put a file in the place of a disk or a terminal. */
static bool
check_target(const char *path, struct ea_error *err)
{
    struct stat info;

    return stat(path, &info) != 0 || S_ISREG(info.st_mode) ||
           ea_fail(err, EA_E_CONFLICT, "'%s' is there and is not a plain file",
                   path);
}

bool
pk_file_put(const struct pk_args *args, const char *path, BIO *bytes,
            mode_t mode, struct ea_error *err)
{
    const char *verb = "wrote";

    if (!check_target(path, err)) {
        return false;
    }
    if (is_there(path, bytes, mode)) {
        verb = "kept";
    } else if (pk_args_is_dry(args)) {
        verb = "would write";
    } else if (!replace(path, bytes, mode, err)) {
        return false;
    }
    (void)fprintf(args->out, "%s %s\n", verb, path);
    return true;
}
