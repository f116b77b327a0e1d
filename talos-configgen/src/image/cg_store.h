/*
 * The folder of boot files: final names begin with the content's digest, what
 * is on its way ends in ".part". One run at a time has the folder (a lock on
 * the file ".lock" in it, which ends with the process). A file gets its final
 * name only when all of it is on the disk and its digest is right.
 */
#ifndef CG_STORE_H
#define CG_STORE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cg_arena.h"
#include "ea_crypto.h"
#include "ea_types.h"

#define CG_DIGEST_DIGITS (2 * EA_SHA256_LEN)

struct cg_store {
    struct cg_arena *arena;
    const char *folder;
    int lock; /* file descriptor */
};

enum cg_store_lock {
    CG_STORE_FAILED = 0, /* err says why */
    CG_STORE_BUSY,       /* another run has it, and `wait` was not asked for */
    CG_STORE_HELD
};

/* Makes the folder if it is not there, and takes its lock. The store is empty
 * unless HELD; cg_store_close accepts both. */
enum cg_store_lock cg_store_open(struct cg_store *store, struct cg_arena *arena,
                                 const char *folder, bool wait,
                                 struct ea_error *err);
void cg_store_close(struct cg_store *store);

/* Whether a file is there: with this size, and (`sha256` not NULL) digest.
 * What cannot be read counts as not there. */
bool cg_store_has(const struct cg_store *store, const char *name, uint64_t size,
                  const char *sha256);

/* A file on its way. */
struct cg_part {
    const struct cg_store *store;
    const char *path;
    int fd; /* -1: closed */
    uint64_t size;
    struct ea_digest *digest; /* of the bytes so far */
};

/* Opens NAME.part and takes in what an earlier run left of it, unless that is
 * longer than `max` (then it begins anew). */
EA_MUST_CHECK bool cg_part_open(struct cg_part *part,
                                const struct cg_store *store, const char *name,
                                uint64_t max, struct ea_error *err);
EA_MUST_CHECK bool cg_part_add(struct cg_part *part, struct ea_bytes bytes,
                               struct ea_error *err);

/* Begins anew. */
EA_MUST_CHECK bool cg_part_restart(struct cg_part *part, struct ea_error *err);

/* The digest of all of it. Nothing can be added afterwards but by restart. */
EA_MUST_CHECK bool cg_part_sum(struct cg_part *part,
                               char ret_sha256[static CG_DIGEST_DIGITS + 1],
                               struct ea_error *err);

/* To its final name, on the disk; closes. */
EA_MUST_CHECK bool cg_part_finish(struct cg_part *part, const char *name,
                                  struct ea_error *err);

/* Close: what is there stays for the next run (an empty file goes); drop: it
 * goes. Both accept a closed part. */
void cg_part_close(struct cg_part *part);
void cg_part_drop(struct cg_part *part);

#endif
