/* Progress lines; see cg_progress.h. */
#include "cli/cg_progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <time.h>

#define REDRAW 100 /* milliseconds */

const char *
cg_progress_word(enum cg_want_state state)
{
    switch (state) {
    case CG_WANT_THERE:
        return "there";
    case CG_WANT_FETCHED:
        return "fetched";
    case CG_WANT_WAITING:
        return "wanted";
    case CG_WANT_RUNNING:
        return "running";
    case CG_WANT_FAILED:
    case CG_WANT_NO_DISK:
        break;
    }
    return "failed";
}

static void
draw_one(const struct cg_want *want)
{
    uint64_t whole = want->pinned ? want->asset.size : want->transfer.total;

    (void)fprintf(stderr, "\r%-7s %s %s", cg_progress_word(want->state),
                  want->asset.version, want->asset.file);
    if (whole > 0) {
        (void)fprintf(stderr, "  %3" PRIu64 " %% of %.1f MB",
                      want->size >= whole ? 100 : want->size * 100 / whole,
                      (double)whole / 1e6);
    } else {
        (void)fprintf(stderr, "  %.1f MB", (double)want->size / 1e6);
    }
    (void)fputs("\033[K\n", stderr);
}

static void
draw(struct cg_progress *progress, const struct cg_download *download)
{
    if (progress->drawn > 0) {
        (void)fprintf(stderr, "\033[%zuA", progress->drawn);
    }
    for (size_t i = 0; i < download->count; i++) {
        draw_one(&download->wants[i]);
    }
    progress->drawn = download->count;
}

static bool
is_due(struct cg_progress *progress, enum cg_event event)
{
    struct timespec time = { 0 };
    int64_t now;

    (void)clock_gettime(CLOCK_MONOTONIC, &time);
    now = (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
    if (event == CG_EVENT_MOVED && now - progress->last < REDRAW) {
        return false;
    }
    progress->last = now;
    return true;
}

void
cg_progress_watch(void *context, const struct cg_want *want,
                  enum cg_event event, int64_t wait)
{
    struct cg_progress *progress = context;

    if (progress->is_terminal && want->download->count > 0) {
        if (is_due(progress, event)) {
            draw(progress, want->download);
        }
    } else if (event == CG_EVENT_AGAIN) {
        (void)fprintf(stderr, "talos-configgen: %s of %s: %s; again in %g s\n",
                      want->asset.file, want->asset.version,
                      want->transfer.err.message, (double)wait / 1000);
    }
    if (event == CG_EVENT_ENDED && !progress->is_quiet &&
        !progress->is_terminal && want->asset.path != NULL &&
        want->state >= CG_WANT_THERE && want->state != CG_WANT_NO_DISK) {
        (void)printf("%s %s %" PRIu64 "\n", cg_progress_word(want->state),
                     strrchr(want->asset.path, '/') + 1, want->asset.size);
        (void)fflush(stdout);
    }
}
