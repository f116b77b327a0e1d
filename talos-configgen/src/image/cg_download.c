/* Boot files from the network to the disk; see cg_download.h. */
#include "image/cg_download.h"

#include <inttypes.h>
#include <string.h>
#include <time.h>

#define WAIT_FIRST 250  /* milliseconds before the second try; then 4 times */
#define WAIT_MAX 120000 /* more, and so on up to this */
#define POLL 200        /* milliseconds */

static bool take_head(struct cg_transfer *transfer);
static bool take_bytes(struct cg_transfer *transfer, struct ea_bytes bytes);
static void end(struct cg_transfer *transfer, enum cg_fetch_result result);

static const struct cg_transfer_calls calls = { take_head, take_bytes, end };

static int64_t
now(void)
{
    struct timespec time = { 0 };

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

static const char *
final_name(const struct cg_want *want)
{
    return strrchr(want->asset.path, '/') + 1;
}

/* Unpinned files have no digest yet. */
static const char *
part_name(const struct cg_download *download, const struct cg_want *want)
{
    return want->pinned
               ? final_name(want)
               : cg_arena_printf(download->arena, "new-%.16s-%s-%s",
                                 want->asset.schematic, want->asset.version,
                                 want->asset.file);
}

static void
tell(const struct cg_want *want, enum cg_event event, int64_t wait)
{
    if (want->download->watch != NULL) {
        want->download->watch(want->download->context, want, event, wait);
    }
}

/* ---- how one ends ---- */

static void
leave_part(struct cg_want *want, bool is_wrong)
{
    if (want->has_part && is_wrong) {
        cg_part_drop(&want->part);
    } else if (want->has_part) {
        cg_part_close(&want->part);
    }
    want->has_part = false;
}

static void
fail_network(struct cg_want *want, const struct ea_error *err)
{
    leave_part(want, false);
    want->state = CG_WANT_FAILED;
    (void)cg_error(want->download->diag, &want->pos, "image-fetch",
                   "%s of %s cannot be had: %s", want->asset.file,
                   want->asset.version, err->message);
    cg_hint(want->download->diag, "from %s", want->url);
    if (want->tries > 1) {
        cg_hint(want->download->diag, "%u tries", want->tries);
    }
    tell(want, CG_EVENT_ENDED, 0);
}

/* What came is not what images.lock says: nothing that a retry would mend. */
static void
fail_content(struct cg_want *want, const char *message)
{
    leave_part(want, true);
    want->state = CG_WANT_FAILED;
    (void)cg_error(want->download->diag, &want->pos, "image-digest", "%s",
                   message);
    cg_hint(want->download->diag, "from %s", want->url);
    cg_hint(want->download->diag,
            "nothing was changed; if the new content is meant, remove this "
            "image from images.lock and pin it again");
    tell(want, CG_EVENT_ENDED, 0);
}

static void
fail_disk(struct cg_want *want, const struct ea_error *err)
{
    leave_part(want, false);
    want->state = CG_WANT_NO_DISK;
    (void)cg_error_from(want->download->diag, NULL, "image-store", err);
    tell(want, CG_EVENT_ENDED, 0);
}

/* The server's word is taken up to WAIT_MAX. */
static int64_t
wait_of(const struct cg_want *want)
{
    int64_t wait = WAIT_FIRST;

    if (want->transfer.retry_after > 0) {
        wait = (int64_t)want->transfer.retry_after * 1000;
    } else {
        for (unsigned i = 1; i < want->tries && wait < WAIT_MAX; i++) {
            wait *= 4;
        }
    }
    return wait < WAIT_MAX ? wait : WAIT_MAX;
}

static void
try_again(struct cg_want *want)
{
    if (want->tries >= want->download->tries) {
        fail_network(want, &want->transfer.err);
        return;
    }
    want->state = CG_WANT_WAITING;
    want->due = now() + wait_of(want);
    tell(want, CG_EVENT_AGAIN, wait_of(want));
}

/* From the first byte, at once and once only. */
static void
restart(struct cg_want *want)
{
    struct ea_error err = { 0 };

    want->has_restarted = true;
    if (!cg_part_restart(&want->part, &err)) {
        fail_disk(want, &err);
        return;
    }
    want->size = 0;
    want->state = CG_WANT_WAITING;
    want->due = 0;
}

/* ---- as it comes ---- */

static bool
take_head(struct cg_transfer *transfer)
{
    struct cg_want *want = transfer->context;

    if (!transfer->is_partial && want->part.size > 0) {
        /* it has no ranges, or another file by now */
        if (!cg_part_restart(&want->part, &transfer->err)) {
            want->state = CG_WANT_NO_DISK;
            return false;
        }
        want->size = 0;
    }
    want->etag = transfer->etag[0] == '\0'
                     ? NULL
                     : cg_arena_text(want->download->arena, transfer->etag);
    if (want->pinned && transfer->has_total &&
        transfer->total != want->asset.size) {
        return ea_fail(&transfer->err, EA_E_CONFLICT,
                       "%s of %s has %" PRIu64
                       " bytes there; images.lock says %" PRIu64,
                       want->asset.file, want->asset.version, transfer->total,
                       want->asset.size);
    }
    return true;
}

static bool
take_bytes(struct cg_transfer *transfer, struct ea_bytes bytes)
{
    struct cg_want *want = transfer->context;
    uint64_t max = want->pinned ? want->asset.size : CG_DOWNLOAD_SIZE_MAX;

    if (bytes.len > max - want->part.size) {
        return ea_fail(&transfer->err, EA_E_CONFLICT,
                       "%s of %s has more than %" PRIu64 " bytes there",
                       want->asset.file, want->asset.version, max);
    }
    if (!cg_part_add(&want->part, bytes, &transfer->err)) {
        want->state = CG_WANT_NO_DISK;
        return false;
    }
    want->size = want->part.size;
    tell(want, CG_EVENT_MOVED, 0);
    return true;
}

static void
finish(struct cg_want *want)
{
    struct cg_arena *arena = want->download->arena;
    char sha256[CG_DIGEST_DIGITS + 1];
    struct ea_error err = { 0 };

    if (!cg_part_sum(&want->part, sha256, &err)) {
        fail_disk(want, &err);
        return;
    }
    if (want->pinned && strcmp(sha256, want->asset.sha256) != 0) {
        if (want->transfer.is_partial && !want->has_restarted) {
            restart(want); /* what an earlier try left was of another file */
            return;
        }
        fail_content(want,
                     cg_arena_printf(arena,
                                     "%s of %s has SHA-256 %s there; "
                                     "images.lock says %s",
                                     want->asset.file, want->asset.version,
                                     sha256, want->asset.sha256));
        return;
    }
    if (!want->pinned) {
        want->asset.size = want->part.size;
        want->asset.sha256 = cg_arena_text(arena, sha256);
        want->asset.path = cg_lock_path(arena, sha256, want->asset.file);
    }
    want->has_part = false;
    if (!cg_part_finish(&want->part, final_name(want), &err)) {
        fail_disk(want, &err);
        return;
    }
    want->state = CG_WANT_FETCHED;
    tell(want, CG_EVENT_ENDED, 0);
}

/* The answer ended well; whether all of the file is there is another matter
 * when the server did not say how long it is. */
static void
end_good(struct cg_want *want)
{
    uint64_t whole = want->pinned ? want->asset.size : want->transfer.total;

    if ((want->pinned || want->transfer.has_total) && want->part.size < whole) {
        (void)ea_fail(&want->transfer.err, EA_E_UNAVAILABLE,
                      "it ended after %" PRIu64 " of %" PRIu64 " bytes",
                      want->part.size, whole);
        try_again(want);
        return;
    }
    if (want->part.size == 0) {
        (void)ea_fail(&want->transfer.err, EA_E_UNAVAILABLE, "it is empty");
        fail_network(want, &want->transfer.err);
        return;
    }
    finish(want);
}

static void
end(struct cg_transfer *transfer, enum cg_fetch_result result)
{
    struct cg_want *want = transfer->context;

    if (want->state == CG_WANT_NO_DISK) {
        fail_disk(want, &transfer->err);
        return;
    }
    switch (result) {
    case CG_FETCH_DONE:
        end_good(want);
        return;
    case CG_FETCH_AGAIN:
        try_again(want);
        return;
    case CG_FETCH_REFUSED:
        break;
    }
    if (transfer->offset > 0 && !want->has_restarted &&
        (transfer->status == 206 || transfer->status == 416)) {
        restart(want);
    } else if (transfer->err.code == EA_E_CONFLICT) {
        fail_content(want, transfer->err.message);
    } else {
        fail_network(want, &transfer->err);
    }
}

/* ---- all of them ---- */

/* With a digest, what an earlier run left can be told apart in the end; without
 * one it must be known to be of the same file. */
static bool
open_part(struct cg_want *want, struct ea_error *err)
{
    if (want->has_part) {
        return want->pinned || want->etag != NULL ||
               cg_part_restart(&want->part, err);
    }
    want->has_part = true;
    return cg_part_open(&want->part, want->download->store,
                        part_name(want->download, want),
                        want->pinned ? want->asset.size : 0, err);
}

static void
begin(struct cg_want *want)
{
    struct cg_transfer *transfer = &want->transfer;
    struct ea_error err = { 0 };

    want->state = CG_WANT_RUNNING;
    if (!open_part(want, &err)) {
        fail_disk(want, &err);
        return;
    }
    want->size = want->part.size;
    if (want->pinned && want->part.size == want->asset.size &&
        !want->has_restarted) {
        transfer->is_partial = true; /* complete: an earlier run's last act */
        finish(want);
        return;
    }
    want->tries++;
    *transfer = (struct cg_transfer){
        .url = want->url,
        .offset = want->part.size,
        .same_as = want->etag,
        .calls = &calls,
        .context = want,
    };
    if (!cg_fetch_add(want->download->fetch, transfer, &err)) {
        fail_network(want, &err);
    }
}

void
cg_download_check(struct cg_download *download, struct cg_want *wants,
                  size_t count)
{
    download->wants = wants;
    download->count = count;
    for (size_t i = 0; i < count; i++) {
        struct cg_want *want = &wants[i];

        want->download = download;
        want->state = CG_WANT_WAITING;
        if (want->pinned &&
            cg_store_has(download->store, final_name(want), want->asset.size,
                         download->verify ? want->asset.sha256 : NULL)) {
            want->size = want->asset.size;
            want->state = CG_WANT_THERE;
            tell(want, CG_EVENT_ENDED, 0);
        }
    }
}

/* Begins what is due. False when all have ended. */
static bool
begin_due(struct cg_download *download)
{
    unsigned running = 0;
    bool is_left = false;

    for (size_t i = 0; i < download->count; i++) {
        running += download->wants[i].state == CG_WANT_RUNNING;
    }
    for (size_t i = 0; i < download->count; i++) {
        struct cg_want *want = &download->wants[i];

        if (want->state == CG_WANT_WAITING && running < download->jobs &&
            want->due <= now()) {
            begin(want);
            running += want->state == CG_WANT_RUNNING;
        }
        is_left = is_left || want->state == CG_WANT_WAITING ||
                  want->state == CG_WANT_RUNNING;
    }
    return is_left;
}

bool
cg_download_run(struct cg_download *download)
{
    struct ea_error err = { 0 };
    bool good = true;

    while (begin_due(download)) {
        if (!cg_fetch_run(download->fetch, POLL, &err)) {
            return cg_error_from(download->diag, NULL, "image-fetch", &err);
        }
    }
    for (size_t i = 0; i < download->count; i++) {
        enum cg_want_state state = download->wants[i].state;

        good = good && (state == CG_WANT_THERE || state == CG_WANT_FETCHED);
    }
    return good;
}
