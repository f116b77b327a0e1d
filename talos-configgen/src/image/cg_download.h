/*
 * Boot files from a factory or a mirror to the folder of boot files: several at
 * once, each tried again after what may pass, resumed where it broke off,
 * verified before it gets its final name. A file that is there and good is not
 * asked for; one that fails leaves what was there.
 */
#ifndef CG_DOWNLOAD_H
#define CG_DOWNLOAD_H

#include "base/cg_diag.h"
#include "image/cg_fetch.h"
#include "image/cg_lock.h"
#include "image/cg_store.h"

#define CG_DOWNLOAD_JOBS_MAX 32
#define CG_DOWNLOAD_TRIES_MAX 100

/* Larger than any boot file that a node could take: 4 GiB. */
#define CG_DOWNLOAD_SIZE_MAX ((uint64_t)4 << 30)

enum cg_want_state {
    CG_WANT_FAILED = 0,
    CG_WANT_WAITING, /* for its turn, or until a retry is due */
    CG_WANT_RUNNING,
    CG_WANT_THERE, /* it was there before */
    CG_WANT_FETCHED,
    CG_WANT_NO_DISK /* failed, and not for a reason of the network's */
};

/* One file to have. `pinned`: what it must be, as images.lock says; else
 * asset->size and ->sha256 are to be found out, and asset->path is made. */
struct cg_want {
    const char *url;
    struct cg_asset asset;
    bool pinned;
    struct cg_pos pos; /* whom to blame: a line of images.lock, or a node's */

    /* as it goes */
    enum cg_want_state state;
    unsigned tries;
    uint64_t size; /* bytes so far */
    int64_t due;   /* milliseconds: not before */
    struct cg_part part;
    bool has_part, has_restarted;
    const char *etag; /* of the bytes in part, or NULL */
    struct cg_transfer transfer;
    struct cg_download *download;
};

/* What a watcher is told: bytes came; a try failed (transfer.err says why) and
 * the next one is `wait` milliseconds away; the state is final. */
enum cg_event { CG_EVENT_MOVED = 0, CG_EVENT_AGAIN, CG_EVENT_ENDED };

struct cg_download {
    struct cg_arena *arena;
    struct cg_diag *diag;
    const struct cg_store *store;
    struct cg_fetch *fetch;
    unsigned jobs, tries;
    bool verify; /* hash what is there already */
    void (*watch)(void *context, const struct cg_want *want,
                  enum cg_event event, int64_t wait);
    void *context;

    /* as it goes */
    struct cg_want *wants;
    size_t count;
};

/* Takes the wants on and sets the state of each: THERE, or WAITING. */
void cg_download_check(struct cg_download *download, struct cg_want *wants,
                       size_t count);

/* Gets all that are WAITING. Each failure is a finding ("image-fetch": it
 * cannot be had, "image-digest": it is another, "image-store": it cannot be
 * written) and the others go on. False when one failed. */
bool cg_download_run(struct cg_download *download);

#endif
