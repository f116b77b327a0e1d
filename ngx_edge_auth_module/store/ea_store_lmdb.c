/*
 * The store in an LMDB environment: default sync flags, one named database per
 * table, the revision as 8 bytes big endian in front of each value. One more
 * database holds the counter the revisions come from: LMDB's own transaction
 * number starts again in a compacted copy.
 *
 * Queue and results are two stacks that only atomics touch: submit pushes, a
 * flush takes all there is; it pushes what it finished, complete takes that.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include <sys/stat.h>

#include <lmdb.h>

#include "ea_audit.h"
#include "ea_store.h"
#include "ea_store_lmdb_error.h"
#include "ea_store_lock.h"

#define FILE_MODE 0600
#define REV_LEN 8
#define PATH_SIZE 1024
#define MAP_SIZE_DEFAULT ((uint64_t)1 << 30)
#define READERS_DEFAULT 126u
#define OPEN_TRIES 5
#define COUNTER_TABLE "counter"
#define COUNTER_KEY "rev"

static const char *const table_names[EA_TABLE_COUNT] = {
    [EA_TABLE_META] = "meta",     [EA_TABLE_FACT] = "fact",
    [EA_TABLE_HWID] = "hwid",     [EA_TABLE_NAME] = "name",
    [EA_TABLE_ENROLL] = "enroll", [EA_TABLE_TOKEN] = "token",
    [EA_TABLE_AUDIT] = "audit",
};

/* A reader's slot, kept for the next view: renewing costs a fifth of opening.
 */
struct view {
    struct ea_view base;
    MDB_txn *txn;
    struct view *next;
};

struct store {
    struct ea_store base;
    MDB_env *env;
    MDB_dbi tables[EA_TABLE_COUNT];
    MDB_dbi counter;
    bool read_only;
    uint64_t (*now_ms)(void);
    char data_path[PATH_SIZE];
    int lock_fd; /* -1: read only */
    struct view *idle;
    _Atomic(struct ea_store_op *) queued, finished;
    _Atomic size_t queued_count;
    _Atomic bool down; /* a flush to disk failed: nothing more is believed */
};

/* A transaction that waits for nobody inside LMDB. A write transaction keeps
 * its lock until unlock_writer. */
static int
begin(const struct store *store, bool write, MDB_txn **ret_txn)
{
    enum ea_store_lock lock =
        write ? EA_STORE_LOCK_WRITER : EA_STORE_LOCK_READERS;
    int rc;

    if (!ea_store_lock_take(store->lock_fd, lock)) {
        return errno;
    }
    rc = mdb_txn_begin(store->env, NULL, write ? 0 : MDB_RDONLY, ret_txn);
    if (!write || rc != 0) {
        ea_store_lock_drop(store->lock_fd, lock);
    }
    return rc;
}

static void
unlock_writer(const struct store *store)
{
    ea_store_lock_drop(store->lock_fd, EA_STORE_LOCK_WRITER);
}

/* ---- values ---- */

static void
put_u64(uint8_t at[static REV_LEN], uint64_t value)
{
    for (size_t i = 0; i < REV_LEN; i++) {
        at[i] = (uint8_t)(value >> (56 - 8 * i));
    }
}

static uint64_t
get_u64(const uint8_t at[static REV_LEN])
{
    uint64_t value = 0;

    for (size_t i = 0; i < REV_LEN; i++) {
        value = value << 8 | at[i];
    }
    return value;
}

/* LMDB's struct has no const; it does not write through keys and values. */
static MDB_val
val_of(struct ea_bytes bytes)
{
    union {
        const char *in;
        void *out;
    } pointer = { .in = bytes.ptr };

    return (MDB_val){ .mv_size = bytes.len, .mv_data = pointer.out };
}

static enum ea_found
value_of(const MDB_val *raw, struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    if (raw->mv_size < REV_LEN) {
        return EA_FOUND_FAILED;
    }
    *ret_rev = get_u64(raw->mv_data);
    ret_value->ptr = (const char *)raw->mv_data + REV_LEN;
    ret_value->len = raw->mv_size - REV_LEN;
    return EA_FOUND;
}

static enum ea_found
get(MDB_txn *txn, MDB_dbi table, struct ea_bytes key,
    struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    MDB_val raw_key = val_of(key), raw;
    int rc = mdb_get(txn, table, &raw_key, &raw);

    if (rc == MDB_NOTFOUND) {
        return EA_FOUND_ABSENT;
    }
    return rc == 0 ? value_of(&raw, ret_value, ret_rev) : EA_FOUND_FAILED;
}

static int
put(MDB_txn *txn, MDB_dbi table, struct ea_bytes key, uint64_t rev,
    struct ea_bytes value)
{
    MDB_val raw_key = val_of(key);
    MDB_val raw = { .mv_size = REV_LEN + value.len };
    int rc = mdb_put(txn, table, &raw_key, &raw, MDB_RESERVE);

    if (rc == 0) {
        put_u64(raw.mv_data, rev);
        if (value.len > 0) {
            memcpy((uint8_t *)raw.mv_data + REV_LEN, value.ptr, value.len);
        }
    }
    return rc;
}

static int
remove_key(MDB_txn *txn, MDB_dbi table, struct ea_bytes key)
{
    MDB_val raw_key = val_of(key);
    int rc = mdb_del(txn, table, &raw_key, NULL);

    return rc == MDB_NOTFOUND ? 0 : rc;
}

/* ---- one operation inside the write transaction ---- */

static int
next_rev(const struct store *store, MDB_txn *txn, uint64_t *ret_rev)
{
    uint64_t last = 0, unused;
    struct ea_bytes value;
    uint8_t bytes[REV_LEN];
    enum ea_found found =
        get(txn, store->counter, EA_BYTES(COUNTER_KEY), &value, &unused);

    if (found == EA_FOUND_FAILED ||
        (found == EA_FOUND && value.len != REV_LEN)) {
        return MDB_CORRUPTED;
    }
    if (found == EA_FOUND) {
        last = get_u64((const uint8_t *)value.ptr);
    }
    put_u64(bytes, last + 1);
    *ret_rev = last + 1;
    return put(txn, store->counter, EA_BYTES(COUNTER_KEY), last + 1,
               (struct ea_bytes){ (const char *)bytes, sizeof(bytes) });
}

/* The end of the chain: sequence and hash of the last line, zero before it. */
static int
last_line(const struct store *store, MDB_txn *txn, uint64_t *ret_sequence,
          uint8_t ret_hash[static EA_SHA256_LEN])
{
    MDB_cursor *cursor;
    MDB_val key, raw;
    int rc = mdb_cursor_open(txn, store->tables[EA_TABLE_AUDIT], &cursor);

    if (rc != 0) {
        return rc;
    }
    rc = mdb_cursor_get(cursor, &key, &raw, MDB_LAST);
    mdb_cursor_close(cursor);
    *ret_sequence = 0;
    memset(ret_hash, 0, EA_SHA256_LEN);
    if (rc == MDB_NOTFOUND) {
        return 0;
    }
    if (rc == 0 &&
        (key.mv_size != REV_LEN || raw.mv_size < REV_LEN + EA_SHA256_LEN)) {
        rc = MDB_CORRUPTED;
    }
    if (rc == 0) {
        *ret_sequence = get_u64(key.mv_data);
        memcpy(ret_hash, (const uint8_t *)raw.mv_data + REV_LEN, EA_SHA256_LEN);
    }
    return rc;
}

static int
add_lines(const struct store *store, MDB_txn *txn, const struct ea_store_op *op,
          uint64_t rev)
{
    uint8_t hash[EA_SHA256_LEN], key[REV_LEN];
    char line[EA_SHA256_LEN + EA_AUDIT_LINE_MAX];
    uint64_t sequence = 0;
    int rc = op->audit_count == 0 ? 0 : last_line(store, txn, &sequence, hash);

    for (size_t i = 0; rc == 0 && i < op->audit_count; i++) {
        struct ea_bytes text = op->audit[i];

        sequence++;
        if (!ea_audit_chain(hash, sequence, text, hash)) {
            return ENOMEM;
        }
        put_u64(key, sequence);
        memcpy(line, hash, sizeof(hash));
        memcpy(line + sizeof(hash), text.ptr, text.len);
        rc = put(txn, store->tables[EA_TABLE_AUDIT],
                 (struct ea_bytes){ (const char *)key, sizeof(key) }, rev,
                 (struct ea_bytes){ line, sizeof(hash) + text.len });
    }
    return rc;
}

/* 0, MDB_NOTFOUND for a condition that does not hold, or a failure. */
static int
check_conditions(const struct store *store, MDB_txn *txn,
                 const struct ea_store_op *op)
{
    for (size_t i = 0; i < op->conditions_count; i++) {
        const struct ea_store_condition *c = &op->conditions[i];
        struct ea_bytes value;
        uint64_t rev = 0;

        if (get(txn, store->tables[c->table], c->key, &value, &rev) ==
            EA_FOUND_FAILED) {
            return MDB_CORRUPTED;
        }
        if (rev != c->rev) {
            return MDB_NOTFOUND;
        }
    }
    return 0;
}

/* All conditions are looked at before the first write, so that one which does
 * not hold leaves the transaction as it was. The result is set; what is
 * returned is a failure of the transaction. */
static int
carry_out(const struct store *store, MDB_txn *txn, struct ea_store_op *op)
{
    uint64_t rev = 0;
    int rc;

    if (op->cancelled || (op->deadline_ms != 0 && store->now_ms != NULL &&
                          store->now_ms() >= op->deadline_ms)) {
        op->result = EA_RESULT_CANCELLED;
        return 0;
    }
    rc = check_conditions(store, txn, op);
    if (rc == MDB_NOTFOUND) {
        op->result = EA_RESULT_LOST;
        return 0;
    }
    op->result = EA_RESULT_WON;
    if (rc == 0 && op->writes_count + op->audit_count > 0) {
        rc = next_rev(store, txn, &rev);
    }
    for (size_t i = 0; rc == 0 && i < op->writes_count; i++) {
        const struct ea_store_write *w = &op->writes[i];

        rc = w->remove
                 ? remove_key(txn, store->tables[w->table], w->key)
                 : put(txn, store->tables[w->table], w->key, rev, w->value);
    }
    return rc == 0 ? add_lines(store, txn, op, rev) : rc;
}

/* ---- groups ---- */

/* The results of operations that were carried out in a transaction which did
 * not come about. */
static void
spoil(struct ea_store_op *first, enum ea_result result)
{
    for (struct ea_store_op *op = first; op != NULL; op = op->next) {
        op->result = result;
    }
}

/* Is the environment dead? LMDB only says so to the next transaction. */
static bool
is_dead(const struct store *store)
{
    MDB_txn *txn;
    int rc = begin(store, false, &txn);

    if (rc == 0) {
        mdb_txn_abort(txn);
    }
    return rc == MDB_PANIC;
}

static bool
has_winner(const struct ea_store_op *first)
{
    for (const struct ea_store_op *op = first; op != NULL; op = op->next) {
        if (op->result == EA_RESULT_WON) {
            return true;
        }
    }
    return false;
}

/* Carries a list out in the transaction and ends it. */
static bool
end_group(struct store *store, struct ea_store_op *first, MDB_txn *txn)
{
    int rc = 0;

    for (struct ea_store_op *op = first; rc == 0 && op != NULL; op = op->next) {
        rc = carry_out(store, txn, op);
    }
    if (rc != 0) {
        mdb_txn_abort(txn);
        spoil(first, EA_RESULT_UNAVAILABLE);
        return false;
    }
    if (!has_winner(first)) {
        mdb_txn_abort(txn);
        return true;
    }
    rc = mdb_txn_commit(txn);
    if (rc != 0 && ea_store_lmdb_is_harmless(rc) && !is_dead(store)) {
        spoil(first, EA_RESULT_UNAVAILABLE);
        return false;
    }
    if (rc != 0) {
        store->down = true;
        spoil(first, EA_RESULT_UNKNOWN);
    }
    return true;
}

/* Sets the results of a list of operations. false: the transaction failed
 * before its commit was tried, all are UNAVAILABLE. */
static bool
run_group(struct store *store, struct ea_store_op *first)
{
    MDB_txn *txn;
    int rc = begin(store, true, &txn);
    bool good;

    if (rc != 0) {
        if (rc == MDB_PANIC || rc == MDB_MAP_RESIZED) {
            store->down = true;
        }
        spoil(first, EA_RESULT_UNAVAILABLE);
        return false;
    }
    good = end_group(store, first, txn);
    unlock_writer(store);
    return good;
}

/* One operation that is too large must not take the others with it. */
static void
run_each(struct store *store, struct ea_store_op *first)
{
    while (first != NULL) {
        struct ea_store_op *next = first->next;

        first->next = NULL;
        if (store->down) {
            first->result = EA_RESULT_UNAVAILABLE;
        } else {
            (void)run_group(store, first);
        }
        first->next = next;
        first = next;
    }
}

/* ---- the queue ---- */

static void
push(_Atomic(struct ea_store_op *) *stack, struct ea_store_op *op)
{
    op->next = *stack;
    while (!atomic_compare_exchange_weak(stack, &op->next, op)) {
    }
}

/* Everything on the stack, oldest first. */
static struct ea_store_op *
take(_Atomic(struct ea_store_op *) *stack)
{
    struct ea_store_op *op = atomic_exchange(stack, NULL), *first = NULL;

    while (op != NULL) {
        struct ea_store_op *next = op->next;

        op->next = first;
        first = op;
        op = next;
    }
    return first;
}

static bool
lmdb_submit(struct ea_store *base, struct ea_store_op *op)
{
    struct store *store = (struct store *)base;

    if (store->down || store->read_only ||
        store->queued_count >= EA_STORE_QUEUE_MAX) {
        return false;
    }
    store->queued_count++;
    push(&store->queued, op);
    return true;
}

static void
lmdb_flush(struct ea_store *base)
{
    struct store *store = (struct store *)base;
    struct ea_store_op *op = take(&store->queued);

    if (op == NULL) {
        return;
    }
    if (store->down) {
        spoil(op, EA_RESULT_UNAVAILABLE);
    } else if (!run_group(store, op) && op->next != NULL) {
        run_each(store, op);
    }
    while (op != NULL) {
        struct ea_store_op *next = op->next;

        /* Once pushed it may be completed and gone. */
        store->queued_count--;
        push(&store->finished, op);
        op = next;
    }
}

static size_t
lmdb_complete(struct ea_store *base)
{
    struct store *store = (struct store *)base;
    struct ea_store_op *op = take(&store->finished);
    size_t count = 0;

    while (op != NULL) {
        struct ea_store_op *next = op->next;

        op->next = NULL;
        count++;
        if (op->done != NULL) {
            op->done(op);
        }
        op = next;
    }
    return count;
}

static bool
lmdb_has_work(const struct ea_store *base)
{
    return ((const struct store *)base)->queued != NULL;
}

/* ---- views ---- */

static struct ea_view *
lmdb_view_open(struct ea_store *base, struct ea_error *err)
{
    struct store *store = (struct store *)base;
    struct view *view = store->idle;
    int rc;

    if (store->down) {
        (void)ea_fail(err, EA_E_UNAVAILABLE,
                      "a write to the store failed: it has to be opened again");
        return NULL;
    }
    if (view != NULL) {
        store->idle = view->next;
        rc = mdb_txn_renew(view->txn);
        if (rc != 0) {
            mdb_txn_abort(view->txn);
        }
    } else {
        view = calloc(1, sizeof(*view));
        rc = view == NULL ? ENOMEM : begin(store, false, &view->txn);
    }
    if (rc != 0) {
        free(view);
        store->down = store->down || rc == MDB_PANIC || rc == MDB_MAP_RESIZED;
        (void)ea_store_lmdb_fail(err, rc, "cannot read the store");
        return NULL;
    }
    view->next = NULL;
    view->base.store = base;
    return &view->base;
}

static enum ea_found
lmdb_view_get(struct ea_view *base, enum ea_table table, struct ea_bytes key,
              struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    const struct store *store = (const struct store *)base->store;

    return get(((struct view *)base)->txn, store->tables[table], key, ret_value,
               ret_rev);
}

static enum ea_found
lmdb_view_next(struct ea_view *base, enum ea_table table,
               struct ea_bytes *key_io, struct ea_bytes *ret_value,
               uint64_t *ret_rev)
{
    const struct store *store = (const struct store *)base->store;
    MDB_val key = val_of(*key_io), raw;
    enum ea_found found = EA_FOUND_FAILED;
    MDB_cursor *cursor;
    int rc = mdb_cursor_open(((struct view *)base)->txn, store->tables[table],
                             &cursor);

    if (rc != 0) {
        return EA_FOUND_FAILED;
    }
    rc = mdb_cursor_get(cursor, &key, &raw,
                        key_io->len == 0 ? MDB_FIRST : MDB_SET_RANGE);
    if (rc == 0 && key_io->len == key.mv_size &&
        memcmp(key_io->ptr, key.mv_data, key.mv_size) == 0) {
        rc = mdb_cursor_get(cursor, &key, &raw, MDB_NEXT);
    }
    mdb_cursor_close(cursor);
    if (rc == MDB_NOTFOUND) {
        return EA_FOUND_ABSENT;
    }
    if (rc == 0) {
        found = value_of(&raw, ret_value, ret_rev);
    }
    if (found == EA_FOUND) {
        *key_io = (struct ea_bytes){ key.mv_data, key.mv_size };
    }
    return found;
}

/* Its slot stays taken, but holds no old pages back. */
static void
lmdb_view_close(struct ea_view *base)
{
    struct store *store = (struct store *)base->store;
    struct view *view = (struct view *)base;

    mdb_txn_reset(view->txn);
    view->next = store->idle;
    store->idle = view;
}

/* ---- open, health, close ---- */

static bool
lmdb_health(struct ea_store *base, struct ea_error *err)
{
    struct store *store = (struct store *)base;
    struct stat open_file, path;
    mdb_filehandle_t fd;

    if (store->down) {
        return ea_fail(
            err, EA_E_UNAVAILABLE,
            "a write to the store failed: it has to be opened again");
    }
    if (mdb_env_get_fd(store->env, &fd) != 0 || fstat(fd, &open_file) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "cannot look at the open store");
    }
    if (stat(store->data_path, &path) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "'%s': %s", store->data_path,
                       strerror(errno));
    }
    if (open_file.st_dev != path.st_dev || open_file.st_ino != path.st_ino) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "'%s' is not the file that is open: the store was "
                       "replaced under a running program",
                       store->data_path);
    }
    return true;
}

static void
lmdb_close(struct ea_store *base)
{
    struct store *store = (struct store *)base;
    struct ea_store_op *op;

    store->down = true;
    (void)lmdb_complete(base);
    op = take(&store->queued);
    spoil(op, EA_RESULT_CANCELLED);
    while (op != NULL) {
        struct ea_store_op *next = op->next;

        push(&store->finished, op);
        op = next;
    }
    (void)lmdb_complete(base);
    while (store->idle != NULL) {
        struct view *view = store->idle;

        store->idle = view->next;
        mdb_txn_abort(view->txn);
        free(view);
    }
    if (store->env != NULL) {
        mdb_env_close(store->env);
    }
    if (store->lock_fd >= 0) {
        (void)close(store->lock_fd);
    }
    free(store);
}

static const struct ea_store_ops lmdb_ops = {
    .name = "lmdb",
    .submit = lmdb_submit,
    .flush = lmdb_flush,
    .complete = lmdb_complete,
    .has_work = lmdb_has_work,
    .view_open = lmdb_view_open,
    .view_get = lmdb_view_get,
    .view_next = lmdb_view_next,
    .view_close = lmdb_view_close,
    .health = lmdb_health,
    .close = lmdb_close,
};

/* In a transaction that is ended here. */
static bool
bind_tables(struct store *store, MDB_txn *txn, bool create,
            struct ea_error *err)
{
    unsigned flags = create ? MDB_CREATE : 0;
    int rc = mdb_dbi_open(txn, COUNTER_TABLE, flags, &store->counter);
    for (size_t i = 0; rc == 0 && i < EA_TABLE_COUNT; i++) {
        rc = mdb_dbi_open(txn, table_names[i], flags, &store->tables[i]);
    }
    if (rc == 0) {
        rc = mdb_txn_commit(txn);
        return rc == 0 || ea_store_lmdb_fail(err, rc, "cannot write the store");
    }
    mdb_txn_abort(txn);
    if (rc == MDB_NOTFOUND) {
        return ea_fail(err, EA_E_CONFLICT,
                       "'%s' is an LMDB file, but not a store of edge-auth",
                       store->data_path);
    }
    return ea_store_lmdb_fail(err, rc, "cannot open a table of the store");
}

static bool
open_tables(struct store *store, bool create, struct ea_error *err)
{
    MDB_txn *txn;
    int dead, rc;
    bool good;

    if (ea_store_lock_take(store->lock_fd, EA_STORE_LOCK_READERS)) {
        (void)mdb_reader_check(store->env, &dead);
        ea_store_lock_drop(store->lock_fd, EA_STORE_LOCK_READERS);
    }
    rc = begin(store, create, &txn);
    if (rc != 0) {
        return ea_store_lmdb_fail(err, rc, "cannot read the store");
    }
    good = bind_tables(store, txn, create, err);
    if (create) {
        unlock_writer(store);
    }
    return good;
}

static bool
check_path(const struct ea_store_lmdb_options *opt, struct store *store,
           struct ea_error *err)
{
    struct stat status;
    int len = snprintf(store->data_path, sizeof(store->data_path),
                       "%s/data.mdb", opt->path);
    bool there;

    if (len < 0 || (size_t)len >= sizeof(store->data_path)) {
        return ea_fail(err, EA_E_RANGE,
                       "the store's path is longer than %d characters",
                       PATH_SIZE - 1);
    }
    there = stat(store->data_path, &status) == 0;
    if (!there && errno != ENOENT) {
        return ea_fail(err, EA_E_UNAVAILABLE, "'%s': %s", store->data_path,
                       strerror(errno));
    }
    if (opt->create && there) {
        return ea_fail(err, EA_E_DUPLICATE, "there is a store in '%s' already",
                       opt->path);
    }
    if (!opt->create && !there) {
        return ea_fail(err, EA_E_MISSING,
                       "there is no store in '%s': make one with 'edge-auth "
                       "store init'",
                       opt->path);
    }
    return true;
}

/* Makes the data file, so that of two who create a store only one goes on and
 * may remove what it made. LMDB takes an empty file for a new one; no
 * environment is open yet whose locks the close could drop. */
static bool
claim_place(const struct store *store, struct ea_error *err)
{
    int fd = open(store->data_path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
                  FILE_MODE);

    if (fd < 0) {
        return ea_fail(
            err, errno == EEXIST ? EA_E_DUPLICATE : ea_store_lmdb_code(errno),
            "cannot make '%s': %s", store->data_path, strerror(errno));
    }
    (void)close(fd);
    return true;
}

/* Of a store that could not be made: what is half there would be in the way of
 * the next try. Only after claim_place. */
static void
remove_files(const char *path)
{
    static const char *const names[] = { "data.mdb", "lock.mdb",
                                         EA_STORE_LOCK_FILE };
    char file[PATH_SIZE + sizeof("/" EA_STORE_LOCK_FILE)];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(file, sizeof(file), "%s/%s", path, names[i]);
        (void)unlink(file);
    }
}

static int
open_env(struct store *store, const struct ea_store_lmdb_options *opt)
{
    uint64_t size = opt->map_size == 0 ? MAP_SIZE_DEFAULT : opt->map_size;
    unsigned flags = MDB_NOTLS | (opt->read_only ? MDB_RDONLY : 0u);
    int rc = mdb_env_create(&store->env);

    if (rc == 0) {
        rc = mdb_env_set_mapsize(store->env, (size_t)size);
    }
    if (rc == 0) {
        rc = mdb_env_set_maxdbs(store->env, EA_TABLE_COUNT + 1);
    }
    if (rc == 0) {
        rc = mdb_env_set_maxreaders(
            store->env, opt->readers == 0 ? READERS_DEFAULT : opt->readers);
    }
    if (rc == 0) {
        rc = mdb_env_open(store->env, opt->path, flags, FILE_MODE);
    }
    if (rc != 0 && store->env != NULL) {
        mdb_env_close(store->env);
        store->env = NULL;
    }
    return rc;
}

bool
ea_store_lmdb_open(const struct ea_store_lmdb_options *opt,
                   struct ea_store **ret_store, struct ea_error *err)
{
    const struct timespec pause = { .tv_nsec = 2000000 };
    struct store *store = calloc(1, sizeof(*store));
    int rc;

    if (store == NULL) {
        return ea_fail(err, EA_E_UNAVAILABLE, "out of memory");
    }
    store->base.ops = &lmdb_ops;
    store->read_only = opt->read_only;
    store->now_ms = opt->now_ms;
    store->lock_fd = -1;
    if (!check_path(opt, store, err) ||
        (opt->create && !claim_place(store, err))) {
        free(store);
        return false;
    }
    store->lock_fd = opt->read_only ? -1 : ea_store_lock_open(opt->path, err);
    if (store->lock_fd < 0 && !opt->read_only) {
        lmdb_close(&store->base);
        if (opt->create) {
            remove_files(opt->path);
        }
        return false;
    }
    rc = open_env(store, opt);
    /* Opening may fail while another process opens or closes the same store
     * (lmdb.h, caveats). */
    for (int i = 1; i < OPEN_TRIES && (rc == EAGAIN || rc == EBUSY); i++) {
        (void)nanosleep(&pause, NULL);
        rc = open_env(store, opt);
    }
    if (rc != 0) {
        (void)ea_store_lmdb_fail(err, rc, "cannot open the store");
        ea_error_prefix(err, "'%s'", store->data_path);
        lmdb_close(&store->base);
        if (opt->create) {
            remove_files(opt->path);
        }
        return false;
    }
    if (!open_tables(store, opt->create, err)) {
        lmdb_close(&store->base);
        if (opt->create) {
            remove_files(opt->path);
        }
        return false;
    }
    *ret_store = &store->base;
    return true;
}
