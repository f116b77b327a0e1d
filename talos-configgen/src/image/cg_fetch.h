/*
 * HTTP, and the only file of the generator that knows libcurl. Several
 * transfers run at once in one thread: cg_fetch_run moves what there is to move
 * and calls back. Nothing is kept here: bytes go to whoever asked for them as
 * they come, in pieces.
 *
 * A transfer that began with https never leaves it, whatever a redirect says;
 * one that began with http may be redirected to either. Certificates are always
 * verified.
 */
#ifndef CG_FETCH_H
#define CG_FETCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "ea_types.h"

#define CG_FETCH_ETAG_MAX 128
#define CG_FETCH_NOTE_MAX 120

/* proxy NULL: as the environment says (https_proxy, no_proxy, ...); ca_file
 * NULL: the system's authorities. `stall`: seconds without a byte, after which
 * a transfer ends. */
struct cg_fetch_options {
    const char *proxy, *ca_file;
    unsigned stall;
};

enum cg_fetch_result {
    CG_FETCH_REFUSED = 0, /* asking again would not help */
    CG_FETCH_AGAIN,       /* a later try may succeed */
    CG_FETCH_DONE
};

struct cg_transfer;

/* `start`: the answer's head is there (status, total, is_partial are set).
 * `write`: the next bytes of its content. Both may end the transfer as refused
 * by filling transfer->err. Neither is called for an error status. `done`:
 * always, once, last; the transfer may be added again from there. */
struct cg_transfer_calls {
    bool (*start)(struct cg_transfer *transfer);
    bool (*write)(struct cg_transfer *transfer, struct ea_bytes bytes);
    void (*done)(struct cg_transfer *transfer, enum cg_fetch_result result);
};

/* Caller's storage, which must stay where it is until `done`. */
struct cg_transfer {
    const char *url;
    struct ea_bytes post;     /* ptr NULL: GET; else POST, never redirected */
    const char *content_type; /* of post */
    uint64_t offset;          /* GET: from this byte on, if the server can */
    const char *same_as;      /* with offset: only of this ETag, or NULL */
    const struct cg_transfer_calls *calls;
    void *context;

    /* the answer */
    long status;     /* 0: none came */
    bool is_partial; /* it begins at offset; else at the first byte */
    bool has_total;  /* the server said how long the whole thing is */
    uint64_t total;
    uint64_t retry_after;         /* seconds; 0: the server did not say */
    char etag[CG_FETCH_ETAG_MAX]; /* strong, or "" */
    struct ea_error err;

    /* cg_fetch.c's own */
    bool has_started;
    char note[CG_FETCH_NOTE_MAX + 1]; /* first line of an error's content */
    struct cg_exchange *exchange;
};

struct cg_fetch;

/* NULL: err says why. The options' strings are borrowed until close. */
struct cg_fetch *cg_fetch_open(const struct cg_fetch_options *options,
                               struct ea_error *err);

/* Ends what is under way, without calling back. NULL is accepted. */
void cg_fetch_close(struct cg_fetch *fetch);

/* Starts a transfer. False: err says why, and `done` will not be called. */
EA_MUST_CHECK bool cg_fetch_add(struct cg_fetch *fetch,
                                struct cg_transfer *transfer,
                                struct ea_error *err);

/* Waits for at most `milliseconds`, moves bytes, calls back. */
EA_MUST_CHECK bool cg_fetch_run(struct cg_fetch *fetch, int milliseconds,
                                struct ea_error *err);

/* "https://host[:port][/path]" or the same with http, and nothing that does
 * not belong into a base URL (user, query, fragment, blanks, a `/` at the end);
 * http only for this machine unless `any_http`. */
EA_MUST_CHECK bool cg_fetch_check_base(const char *url, bool any_http,
                                       struct ea_error *err);

#endif
