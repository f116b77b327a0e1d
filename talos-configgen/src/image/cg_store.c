/* Boot files on the disk; see cg_store.h. */
#include "image/cg_store.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cg_file.h"

#define READ_STEP ((size_t)256 * 1024)
#define FILE_MODE 0644   /* whoever serves them is another user */
#define FOLDER_MODE 0755 /* boot files are no secret */

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

static const char *
path_of(const struct cg_store *store, const char *name)
{
    return cg_arena_printf(store->arena, "%s/%s", store->folder, name);
}

enum cg_store_lock
cg_store_open(struct cg_store *store, struct cg_arena *arena,
              const char *folder, bool wait, struct ea_error *err)
{
    const char *path;

    *store = (struct cg_store){ .arena = arena, .folder = folder, .lock = -1 };
    if (!cg_file_mkdir(folder, FOLDER_MODE, err)) {
        return CG_STORE_FAILED;
    }
    path = path_of(store, ".lock");
    store->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0600);
    if (store->lock < 0) {
        (void)fail(err, path, "open");
        return CG_STORE_FAILED;
    }
    while (flock(store->lock, LOCK_EX | (wait ? 0 : LOCK_NB)) != 0) {
        if (errno == EINTR) {
            continue;
        }
        if (errno == EWOULDBLOCK) {
            cg_store_close(store);
            return CG_STORE_BUSY;
        }
        (void)fail(err, path, "lock");
        cg_store_close(store);
        return CG_STORE_FAILED;
    }
    return CG_STORE_HELD;
}

void
cg_store_close(struct cg_store *store)
{
    if (store->lock >= 0) {
        (void)close(store->lock);
    }
    store->lock = -1;
}

/* All bytes of an open file, from its beginning. */
static bool
sum_file(int fd, struct ea_digest *digest, uint64_t *ret_size)
{
    CG_AUTO_FREE char *buffer = malloc(READ_STEP);
    uint64_t size = 0;

    if (buffer == NULL || digest == NULL) {
        cg_out_of_memory();
    }
    for (;;) {
        ssize_t got = pread(fd, buffer, READ_STEP, (off_t)size);

        if (got < 0 && errno == EINTR) {
            continue;
        }
        if (got < 0 ||
            !ea_digest_add(digest, (struct ea_bytes){ buffer, (size_t)got })) {
            return false;
        }
        if (got == 0) {
            *ret_size = size;
            return true;
        }
        size += (uint64_t)got;
    }
}

static bool
finish_sum(struct ea_digest *digest,
           char ret_sha256[static CG_DIGEST_DIGITS + 1])
{
    uint8_t sum[EA_SHA256_LEN];

    if (!ea_digest_final(digest, sum)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(sum); i++) {
        (void)snprintf(ret_sha256 + 2 * i, 3, "%02x", sum[i]);
    }
    return true;
}

static bool
has_digest(int fd, const char *sha256)
{
    struct ea_digest *digest = ea_digest_new();
    char have[CG_DIGEST_DIGITS + 1];
    uint64_t size;
    bool good = sum_file(fd, digest, &size) && finish_sum(digest, have) &&
                strcmp(have, sha256) == 0;

    ea_digest_free(digest);
    return good;
}

bool
cg_store_has(const struct cg_store *store, const char *name, uint64_t size,
             const char *sha256)
{
    int fd = open(path_of(store, name), O_RDONLY | O_CLOEXEC | O_NOFOLLOW);
    struct stat st;
    bool good;

    if (fd < 0) {
        return false;
    }
    good = fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
           (uint64_t)st.st_size == size &&
           (sha256 == NULL || has_digest(fd, sha256));
    (void)close(fd);
    return good;
}

bool
cg_part_open(struct cg_part *part, const struct cg_store *store,
             const char *name, uint64_t max, struct ea_error *err)
{
    struct stat st;

    *part = (struct cg_part){
        .store = store,
        .path =
            cg_arena_printf(store->arena, "%s/%s.part", store->folder, name),
        .fd = -1,
    };
    part->fd =
        open(part->path, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, FILE_MODE);
    if (part->fd < 0 || fstat(part->fd, &st) != 0) {
        return fail(err, part->path, "open");
    }
    if (!S_ISREG(st.st_mode) || (uint64_t)st.st_size > max) {
        return cg_part_restart(part, err);
    }
    part->digest = ea_digest_new();
    if (!sum_file(part->fd, part->digest, &part->size)) {
        return fail(err, part->path, "read");
    }
    return true;
}

bool
cg_part_add(struct cg_part *part, struct ea_bytes bytes, struct ea_error *err)
{
    if (!ea_digest_add(part->digest, bytes)) {
        return ea_fail(err, EA_E_INTERNAL, "SHA-256 is not available");
    }
    while (bytes.len > 0) {
        ssize_t put = pwrite(part->fd, bytes.ptr, bytes.len, (off_t)part->size);

        if (put < 0 && errno == EINTR) {
            continue;
        }
        if (put <= 0) {
            return fail(err, part->path, "write");
        }
        bytes.ptr += put;
        bytes.len -= (size_t)put;
        part->size += (uint64_t)put;
    }
    return true;
}

bool
cg_part_restart(struct cg_part *part, struct ea_error *err)
{
    ea_digest_free(part->digest);
    part->digest = ea_digest_new();
    part->size = 0;
    if (part->digest == NULL) {
        cg_out_of_memory();
    }
    return ftruncate(part->fd, 0) == 0 || fail(err, part->path, "write");
}

bool
cg_part_sum(struct cg_part *part, char ret_sha256[static CG_DIGEST_DIGITS + 1],
            struct ea_error *err)
{
    return finish_sum(part->digest, ret_sha256) ||
           ea_fail(err, EA_E_INTERNAL, "SHA-256 is not available");
}

static void
release(struct cg_part *part)
{
    if (part->fd >= 0) {
        (void)close(part->fd);
    }
    part->fd = -1;
    ea_digest_free(part->digest);
    part->digest = NULL;
}

bool
cg_part_finish(struct cg_part *part, const char *name, struct ea_error *err)
{
    const char *path = path_of(part->store, name);
    bool good = fchmod(part->fd, FILE_MODE) == 0 && fsync(part->fd) == 0 &&
                rename(part->path, path) == 0;

    if (!good) {
        (void)fail(err, path, "put into place");
    }
    release(part);
    return good && cg_file_sync_folder(part->store->folder, err);
}

void
cg_part_close(struct cg_part *part)
{
    if (part->fd >= 0 && part->size == 0) {
        (void)unlink(part->path);
    }
    release(part);
}

void
cg_part_drop(struct cg_part *part)
{
    if (part->fd >= 0) {
        (void)unlink(part->path);
    }
    release(part);
}
