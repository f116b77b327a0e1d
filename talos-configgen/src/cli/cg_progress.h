/* How a download goes, for people: on a terminal one line a file that is
 * rewritten as it moves, else a line when something happens. */
#ifndef CG_PROGRESS_H
#define CG_PROGRESS_H

#include <stdbool.h>

#include "image/cg_download.h"

struct cg_progress {
    bool is_terminal; /* standard error */
    bool is_quiet;    /* no lines on standard output: they are for JSON */
    size_t drawn;     /* lines on the terminal so far */
    int64_t last;     /* milliseconds */
};

/* A watcher for struct cg_download; `context` is a struct cg_progress. */
void cg_progress_watch(void *context, const struct cg_want *want,
                       enum cg_event event, int64_t wait);

/* "there", "fetched", ... */
const char *cg_progress_word(enum cg_want_state state);

#endif
