/*
 * The store: durable state behind one asynchronous interface. Nothing above it
 * may assume a local disk.
 *
 * An operation is submitted, and completes later with a result; the owner's
 * thread gets the completion from ea_store_complete. The store starts no
 * thread: ea_store_flush, which may be called on another thread (one at a
 * time), carries out everything queued in one transaction, so that whatever
 * queued meanwhile is the next group. edge-auth and tests call flush and
 * complete one after the other. submit, complete, the views, health and close
 * belong to the owner's thread; close only while no flush runs.
 *
 * Within a group the operations are carried out in the order they were
 * submitted, each seeing what the ones before it wrote; an operation that
 * loses, or is too large for the store, does not disturb the others.
 *
 * Every value has a revision, counted by the store: 0 is absent, a put makes it
 * larger, also when the key was removed in between. A condition names the
 * revision it expects.
 */
#ifndef EA_STORE_H
#define EA_STORE_H

#include "ea_record.h"

enum ea_table {
    EA_TABLE_META = 0,
    EA_TABLE_FACT, /* gate, site, node, asset: per import generation */
    EA_TABLE_HWID, /* hardware id -> node number, per import generation */
    EA_TABLE_NAME, /* node name -> number, for ever; site -> token generation */
    EA_TABLE_ENROLL,
    EA_TABLE_TOKEN,
    EA_TABLE_AUDIT, /* written through ea_store_op.audit only. Key: sequence,
                       from 1, 8 bytes big endian; value: ea_audit_chain's hash,
                       then the line */
    EA_TABLE_COUNT
};

/* An operation beyond these is refused by submit. */
#define EA_STORE_VALUE_MAX (1u << 20)
#define EA_STORE_QUEUE_MAX 65536u

enum ea_result {
    EA_RESULT_UNAVAILABLE = 0, /* nothing was written; fail closed */
    EA_RESULT_UNKNOWN,         /* may or may not have been written: read back.
                                  After a failed disk flush the store is down
                                  until it is opened again: read back then */
    EA_RESULT_LOST,            /* a condition did not hold; nothing written */
    EA_RESULT_WON,             /* durable */
    EA_RESULT_CANCELLED        /* by the owner or its deadline; not written */
};
const char *ea_result_word(enum ea_result result);

struct ea_store_condition {
    enum ea_table table;
    struct ea_bytes key;
    uint64_t rev; /* 0: must be absent */
};

struct ea_store_write {
    enum ea_table table;
    struct ea_bytes key;
    bool remove;
    struct ea_bytes value;
};

/* One atomic step: all conditions hold, then all writes and all audit lines
 * (each gets its sequence and hash), else nothing. Owned by the caller and not
 * to be changed from submit until done was called, but for `cancelled`. The
 * slices are borrowed for as long. */
struct ea_store_op {
    const struct ea_store_condition *conditions;
    size_t conditions_count;
    const struct ea_store_write *writes;
    size_t writes_count;
    const struct ea_bytes *audit;
    size_t audit_count;
    uint64_t deadline_ms;   /* on the clock given at open; 0: none. Looked at
                               inside the transaction */
    _Atomic bool cancelled; /* may be set at any time by the owner */
    void (*done)(struct ea_store_op *op); /* from ea_store_complete or _close;
                                             may submit; may be NULL */
    void *context;
    enum ea_result result;    /* valid from done on */
    struct ea_store_op *next; /* the store's */
};

enum ea_found { EA_FOUND_FAILED = 0, EA_FOUND_ABSENT, EA_FOUND };

/* A consistent view of one moment, for inline reads (LMDB: a snapshot; a remote
 * back end: a watch-fed copy that fails when it is older than its bound).
 * Opened for one request and closed in the same event; values are borrowed
 * until then. */
struct ea_view;
struct ea_store;

struct ea_store_ops {
    const char *name;
    bool (*submit)(struct ea_store *, struct ea_store_op *);
    void (*flush)(struct ea_store *);
    size_t (*complete)(struct ea_store *);
    bool (*has_work)(const struct ea_store *);
    struct ea_view *(*view_open)(struct ea_store *, struct ea_error *);
    enum ea_found (*view_get)(struct ea_view *, enum ea_table, struct ea_bytes,
                              struct ea_bytes *, uint64_t *);
    enum ea_found (*view_next)(struct ea_view *, enum ea_table,
                               struct ea_bytes *, struct ea_bytes *,
                               uint64_t *);
    void (*view_close)(struct ea_view *);
    bool (*health)(struct ea_store *, struct ea_error *);
    void (*close)(struct ea_store *);
};

/* Back ends embed these as their first members. They need not check an
 * operation's form: ea_store_submit does. */
struct ea_store {
    const struct ea_store_ops *ops;
};
struct ea_view {
    struct ea_store *store;
};

/* Queues the operation. false: refused (queue full, store down, malformed); it
 * is not the store's then and done is not called. */
EA_MUST_CHECK bool ea_store_submit(struct ea_store *store,
                                   struct ea_store_op *op);
/* Carries out what is queued; may block on the disk. */
void ea_store_flush(struct ea_store *store);
/* Calls done for everything that finished; returns how many. */
size_t ea_store_complete(struct ea_store *store);
/* Is something queued, and not yet taken by a flush? */
bool ea_store_has_work(const struct ea_store *store);

/* NULL with err: fail closed. Several may be open at once. */
EA_MUST_CHECK struct ea_view *ea_store_view(struct ea_store *store,
                                            struct ea_error *err);
/* ret_value and ret_rev (may be NULL) are set only on EA_FOUND. */
EA_MUST_CHECK enum ea_found
ea_view_get(struct ea_view *view, enum ea_table table, struct ea_bytes key,
            struct ea_bytes *ret_value, uint64_t *ret_rev);
/* The first entry whose key is greater than *key_io (or the first at all when
 * its len is 0); sets *key_io to that key. For scans by edge-auth. */
EA_MUST_CHECK enum ea_found
ea_view_next(struct ea_view *view, enum ea_table table, struct ea_bytes *key_io,
             struct ea_bytes *ret_value, uint64_t *ret_rev);
void ea_view_close(struct ea_view *view);

/* Is the store usable now? Cheap; LMDB also compares the inode of the open file
 * with that of the path. */
EA_MUST_CHECK bool ea_store_health(struct ea_store *store,
                                   struct ea_error *err);
/* Operations still queued complete as CANCELLED inside. */
void ea_store_close(struct ea_store *store);

/* Submits, flushes, completes: for programs with one thing to do. `done` of the
 * operation is not called. */
EA_MUST_CHECK enum ea_result ea_store_run(struct ea_store *store,
                                          struct ea_store_op *op);

/* ---- LMDB ---- */

struct ea_store_lmdb_options {
    const char *path;  /* a directory */
    uint64_t map_size; /* bytes; 0: 1 GiB */
    unsigned readers;  /* 0: 126 */
    bool create;       /* `store init` only: the folder exists; refuses one that
                          holds a store */
    bool read_only;    /* submit refuses */
    uint64_t (*now_ms)(void); /* monotonic, for deadlines; NULL: none expire */
};

/* After fork, once per process and path. Files are made 0600: everyone who
 * opens the store runs as its owner. Slots of readers that died are freed.
 * Whether a lab's store may be used is the caller's to decide from
 * ea_meta.lab. On failure err's code is EA_E_MISSING (no store there),
 * EA_E_DUPLICATE (create: there is one), EA_E_CONFLICT (files of something
 * else, or of another version) or EA_E_UNAVAILABLE. */
EA_MUST_CHECK bool ea_store_lmdb_open(const struct ea_store_lmdb_options *opt,
                                      struct ea_store **ret_store,
                                      struct ea_error *err);

#endif
