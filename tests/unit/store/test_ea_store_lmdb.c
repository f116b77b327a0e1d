/*
 * What is LMDB's own: opening, a full map, failing disks, replaced files,
 * several processes and threads, a killed writer.
 */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>

#include <check.h>
#include <lmdb.h>

#include "ea_audit.h"
#include "ea_store.h"
#include "suites.h"

static char folder[64];
static struct ea_store *store;

/* ---- a disk that fails ---- */

/* These stand in for libc's, also in liblmdb. */
static _Atomic int sync_error, page_error, meta_error;

int
fdatasync(int fd)
{
    if (sync_error != 0) {
        errno = sync_error;
        return -1;
    }
    return (int)syscall(SYS_fdatasync, fd);
}

/* LMDB's first two pages are its meta pages. */
ssize_t
pwrite(int fd, const void *bytes, size_t len, off_t offset)
{
    int error = offset < 2 * sysconf(_SC_PAGESIZE) ? meta_error : page_error;

    if (error != 0) {
        errno = error;
        return -1;
    }
    return syscall(SYS_pwrite64, fd, bytes, len, offset);
}

ssize_t
writev(int fd, const struct iovec *parts, int count)
{
    if (page_error != 0) {
        errno = page_error;
        return -1;
    }
    return syscall(SYS_writev, fd, parts, count);
}

/* ---- life ---- */

static const char *
in_folder(const char *name)
{
    static char path[128];

    (void)snprintf(path, sizeof(path), "%s/%s", folder, name);
    return path;
}

static struct ea_store_lmdb_options
options(void)
{
    return (struct ea_store_lmdb_options){ .path = folder,
                                           .map_size = 16u << 20 };
}

static void
open_store(bool create)
{
    struct ea_store_lmdb_options opt = options();
    struct ea_error err = { 0 };

    opt.create = create;
    ck_assert_msg(ea_store_lmdb_open(&opt, &store, &err), "%s", err.message);
}

static void
reopen(void)
{
    ea_store_close(store);
    open_store(false);
}

static void
make_folder(void)
{
    (void)snprintf(folder, sizeof(folder), "/tmp/ea-store.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
}

static void
setup(void)
{
    make_folder();
    open_store(true);
}

static void
teardown(void)
{
    static const char *const names[] = { "data.mdb", "lock.mdb", "write.lock",
                                         "aside.mdb" };

    ea_store_close(store);
    store = NULL;
    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)unlink(in_folder(names[i]));
    }
    ck_assert_int_eq(rmdir(folder), 0);
}

static struct ea_bytes
b(const char *text)
{
    return ea_bytes_of(text);
}

static enum ea_result
put(const char *key, struct ea_bytes value)
{
    const struct ea_store_write write = { EA_TABLE_ENROLL, b(key), false,
                                          value };
    const struct ea_bytes line = b("line");
    struct ea_store_op op = {
        .writes = &write, .writes_count = 1, .audit = &line, .audit_count = 1
    };

    return ea_store_run(store, &op);
}

static bool
has(const char *key)
{
    struct ea_view *view = ea_store_view(store, NULL);
    struct ea_bytes value;
    enum ea_found found;

    ck_assert_ptr_nonnull(view);
    found = ea_view_get(view, EA_TABLE_ENROLL, b(key), &value, NULL);
    ea_view_close(view);
    ck_assert_int_ne(found, EA_FOUND_FAILED);
    return found == EA_FOUND;
}

/* Lines in the audit table; fails unless the chain holds. */
static uint64_t
audit_count(void)
{
    struct ea_view *view = ea_store_view(store, NULL);
    struct ea_bytes key = { NULL, 0 }, value;
    uint8_t hash[EA_SHA256_LEN] = { 0 };
    uint64_t count = 0;

    while (ea_view_next(view, EA_TABLE_AUDIT, &key, &value, NULL) == EA_FOUND) {
        count++;
        ck_assert(ea_audit_chain(hash, count,
                                 (struct ea_bytes){ value.ptr + EA_SHA256_LEN,
                                                    value.len - EA_SHA256_LEN },
                                 hash));
        ck_assert_mem_eq(value.ptr, hash, EA_SHA256_LEN);
    }
    ea_view_close(view);
    return count;
}

/* ---- opening ---- */

static void
expect_refused(const struct ea_store_lmdb_options *opt, enum ea_code code,
               const char *text)
{
    struct ea_store *refused = NULL;
    struct ea_error err = { 0 };

    ck_assert(!ea_store_lmdb_open(opt, &refused, &err));
    ck_assert_msg(err.code == code && strstr(err.message, text) != NULL,
                  "%d: %s", err.code, err.message);
    ck_assert_ptr_null(refused);
}

START_TEST(test_open)
{
    struct ea_store_lmdb_options opt;
    struct stat info;
    static char path[2000];

    make_folder();
    opt = options();
    expect_refused(&opt, EA_E_MISSING, "edge-auth store init");
    ck_assert_int_ne(access(in_folder("data.mdb"), F_OK), 0);
    ck_assert_int_ne(access(in_folder("lock.mdb"), F_OK), 0);
    opt.create = true;
    open_store(true);
    ck_assert_int_eq(stat(in_folder("data.mdb"), &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    ck_assert_int_eq(stat(in_folder("lock.mdb"), &info), 0);
    ck_assert_int_eq(info.st_mode & 0777, 0600);
    ea_store_close(store);
    store = NULL;
    expect_refused(&opt, EA_E_DUPLICATE, "already");
    memset(path, 'x', sizeof(path) - 1);
    opt.path = path;
    expect_refused(&opt, EA_E_RANGE, "longer than");
    opt.path = in_folder("no-such-folder");
    opt.create = false;
    expect_refused(&opt, EA_E_MISSING, "edge-auth store init");
    open_store(false);
    teardown();
}
END_TEST

/* What could not be made leaves nothing in the way of the next try. */
START_TEST(test_create_fails)
{
    struct ea_store_lmdb_options opt;

    make_folder();
    opt = options();
    opt.create = true;
    sync_error = EIO;
    expect_refused(&opt, EA_E_UNAVAILABLE, "");
    sync_error = 0;
    ck_assert_int_ne(access(in_folder("data.mdb"), F_OK), 0);
    ck_assert_int_ne(access(in_folder("lock.mdb"), F_OK), 0);
    open_store(true);
    teardown();
}
END_TEST

START_TEST(test_open_something_else)
{
    struct ea_store_lmdb_options opt;
    FILE *file;

    make_folder();
    opt = options();
    file = fopen(in_folder("data.mdb"), "w");
    ck_assert_ptr_nonnull(file);
    for (int i = 0; i < 5000; i++) {
        (void)fputs("not a store\n", file);
    }
    (void)fclose(file);
    expect_refused(&opt, EA_E_CONFLICT, "data.mdb");
    ck_assert_int_eq(unlink(in_folder("data.mdb")), 0);
    teardown();
}
END_TEST

START_TEST(test_open_another_lmdb_file)
{
    struct ea_store_lmdb_options opt;
    MDB_env *env;
    MDB_txn *txn;
    MDB_dbi table;

    make_folder();
    opt = options();
    ck_assert_int_eq(mdb_env_create(&env), 0);
    ck_assert_int_eq(mdb_env_set_maxdbs(env, 2), 0);
    ck_assert_int_eq(mdb_env_open(env, folder, 0, 0600), 0);
    ck_assert_int_eq(mdb_txn_begin(env, NULL, 0, &txn), 0);
    ck_assert_int_eq(mdb_dbi_open(txn, "enroll", MDB_CREATE, &table), 0);
    ck_assert_int_eq(mdb_txn_commit(txn), 0);
    mdb_env_close(env);
    expect_refused(&opt, EA_E_CONFLICT, "not a store of edge-auth");
    teardown();
}
END_TEST

START_TEST(test_reopened_and_read_only)
{
    struct ea_store_lmdb_options opt = options();
    struct ea_store_op op = { .audit_count = 0 };

    ck_assert_int_eq(put("k", b("v")), EA_RESULT_WON);
    reopen();
    ck_assert(has("k"));
    ea_store_close(store);
    opt.read_only = true;
    ck_assert(ea_store_lmdb_open(&opt, &store, NULL));
    ck_assert(has("k"));
    ck_assert(!ea_store_submit(store, &op));
    ck_assert_int_eq(put("l", b("v")), EA_RESULT_UNAVAILABLE);
    ck_assert(ea_store_health(store, NULL));
    reopen();
    ck_assert(ea_store_submit(store, &op));
    ea_store_flush(store);
    ck_assert_uint_eq(ea_store_complete(store), 1);
    ck_assert_int_eq(op.result, EA_RESULT_WON);
}
END_TEST

/* ---- a full map ---- */

START_TEST(test_full)
{
    static char much[EA_STORE_VALUE_MAX];
    struct ea_store_write writes[] = {
        { EA_TABLE_ENROLL, b("small 1"), false, b("v") },
        { EA_TABLE_ENROLL, b("much"), false, { much, sizeof(much) } },
        { EA_TABLE_ENROLL, b("small 2"), false, b("v") },
    };
    struct ea_store_op ops[3] = { { .writes_count = 1 },
                                  { .writes_count = 1 },
                                  { .writes_count = 1 } };
    int filled = 0;
    char key[24];

    for (; filled < 100; filled++) {
        (void)snprintf(key, sizeof(key), "fill %d", filled);
        if (put(key, writes[1].value) != EA_RESULT_WON) {
            break;
        }
    }
    ck_assert_int_gt(filled, 2);
    ck_assert_int_lt(filled, 17);
    ck_assert(!has(key));
    ck_assert(ea_store_health(store, NULL));
    /* The one that does not fit spoils nothing for the others. */
    for (size_t i = 0; i < 3; i++) {
        ops[i].writes = &writes[i];
        ck_assert(ea_store_submit(store, &ops[i]));
    }
    ea_store_flush(store);
    ck_assert_uint_eq(ea_store_complete(store), 3);
    ck_assert_int_eq(ops[0].result, EA_RESULT_WON);
    ck_assert_int_eq(ops[1].result, EA_RESULT_UNAVAILABLE);
    ck_assert_int_eq(ops[2].result, EA_RESULT_WON);
    ck_assert(has("small 1") && !has("much") && has("small 2"));
    reopen();
    ck_assert(has("small 1") && !has("much") && has("small 2"));
    ck_assert_uint_eq(audit_count(), (unsigned)filled);
}
END_TEST

/* ---- failing disks ---- */

static const struct fault {
    const char *label;
    int sync, page, meta;
    enum ea_result result;
    bool stays_up;
} disk_faults[] = {
    { "none", 0, 0, 0, EA_RESULT_WON, true },
    { "no space for pages", 0, ENOSPC, 0, EA_RESULT_UNAVAILABLE, true },
    { "over quota", 0, EDQUOT, 0, EA_RESULT_UNAVAILABLE, true },
    { "pages do not get to the disk", 0, EIO, 0, EA_RESULT_UNKNOWN, false },
    { "flush fails", EIO, 0, 0, EA_RESULT_UNKNOWN, false },
    { "meta page fails", 0, 0, EIO, EA_RESULT_UNKNOWN, false },
    { "no space for the meta page", 0, 0, ENOSPC, EA_RESULT_UNKNOWN, false },
};

static void
set_faults(const struct fault *fault)
{
    sync_error = fault->sync;
    page_error = fault->page;
    meta_error = fault->meta;
}

START_TEST(test_disk)
{
    const struct fault *fault = &disk_faults[_i];
    const char value[9000] = "larger than a page";
    const struct ea_store_op nothing = { .audit_count = 0 };
    struct ea_store_op op = nothing;
    struct ea_error err = { 0 };

    ck_assert_int_eq(put("before", b("v")), EA_RESULT_WON);
    set_faults(fault);
    ck_assert_msg(put("k", (struct ea_bytes){ value, sizeof(value) }) ==
                      fault->result,
                  "%s", fault->label);
    set_faults(&disk_faults[0]);
    ck_assert_msg(ea_store_health(store, &err) == fault->stays_up, "%s",
                  fault->label);
    ck_assert(ea_store_submit(store, &op) == fault->stays_up);
    if (!fault->stays_up) {
        ck_assert(strstr(err.message, "opened again") != NULL);
        ck_assert_ptr_null(ea_store_view(store, NULL));
        ck_assert_int_eq(put("after", b("v")), EA_RESULT_UNAVAILABLE);
        reopen();
    } else {
        ea_store_flush(store);
        ck_assert_uint_eq(ea_store_complete(store), 1);
    }
    ck_assert(has("before"));
    ck_assert(has("k") || fault->result != EA_RESULT_WON);
    ck_assert(!has("k") || fault->result != EA_RESULT_UNAVAILABLE);
    ck_assert_int_eq(put("after", b("v")), EA_RESULT_WON);
    ck_assert(has("after"));
    ck_assert_uint_eq(audit_count(), has("k") ? 3 : 2);
}
END_TEST

/* Nothing that was queued behind the failure is carried out. */
START_TEST(test_down_refuses_what_is_queued)
{
    const struct ea_store_write write = { EA_TABLE_ENROLL, b("k"), false,
                                          b("v") };
    struct ea_store_op queued = { .writes = &write,
                                  .writes_count = 1,
                                  .result = EA_RESULT_WON };

    sync_error = EIO;
    ck_assert_int_eq(put("failing", b("v")), EA_RESULT_UNKNOWN);
    sync_error = 0;
    ck_assert(!ea_store_submit(store, &queued));
    reopen();
    ck_assert(ea_store_submit(store, &queued));
    ea_store_flush(store);
    ck_assert_uint_eq(ea_store_complete(store), 1);
    ck_assert_int_eq(queued.result, EA_RESULT_WON);
}
END_TEST

/* ---- replaced files ---- */

START_TEST(test_replaced)
{
    struct ea_error err = { 0 };
    char aside[128];

    ck_assert(ea_store_health(store, NULL));
    (void)snprintf(aside, sizeof(aside), "%s", in_folder("aside.mdb"));
    ck_assert_int_eq(rename(in_folder("data.mdb"), aside), 0);
    ck_assert(!ea_store_health(store, &err));
    ck_assert_int_eq(err.code, EA_E_UNAVAILABLE);
    ck_assert_ptr_nonnull(fopen(in_folder("data.mdb"), "w"));
    memset(&err, 0, sizeof(err));
    ck_assert(!ea_store_health(store, &err));
    ck_assert_msg(strstr(err.message, "replaced") != NULL, "%s", err.message);
    ck_assert_int_eq(rename(aside, in_folder("data.mdb")), 0);
    ck_assert(ea_store_health(store, NULL));
}
END_TEST

/* ---- many at once ---- */

static uint64_t
counter_in(struct ea_view *view, uint64_t *ret_rev)
{
    uint64_t count = 0;
    struct ea_bytes value;

    *ret_rev = 0;
    if (ea_view_get(view, EA_TABLE_META, b("count"), &value, ret_rev) ==
        EA_FOUND) {
        memcpy(&count, value.ptr, sizeof(count));
    }
    return count;
}

static enum ea_result
increment(void)
{
    struct ea_view *view = ea_store_view(store, NULL);
    uint64_t rev, count = counter_in(view, &rev) + 1;
    const struct ea_store_condition condition = { EA_TABLE_META, b("count"),
                                                  rev };
    const struct ea_store_write write = {
        EA_TABLE_META, b("count"), false, { (const char *)&count, 8 }
    };
    const struct ea_bytes line = b("count");
    struct ea_store_op op = { .conditions = &condition,
                              .conditions_count = 1,
                              .writes = &write,
                              .writes_count = 1,
                              .audit = &line,
                              .audit_count = 1 };

    ea_view_close(view);
    return ea_store_run(store, &op);
}

#define PROCESSES 3
#define INCREMENTS 40

START_TEST(test_processes)
{
    pid_t children[PROCESSES];
    struct ea_view *view;
    uint64_t rev;
    int status;

    ea_store_close(store);
    store = NULL;
    for (size_t i = 0; i < PROCESSES; i++) {
        children[i] = fork();
        ck_assert_int_ge(children[i], 0);
        if (children[i] == 0) {
            open_store(false);
            for (int won = 0; won < INCREMENTS;) {
                enum ea_result result = increment();

                if (result != EA_RESULT_WON && result != EA_RESULT_LOST) {
                    _exit(1);
                }
                won += result == EA_RESULT_WON;
            }
            ea_store_close(store);
            _exit(0);
        }
    }
    for (size_t i = 0; i < PROCESSES; i++) {
        ck_assert_int_eq(waitpid(children[i], &status, 0), children[i]);
        ck_assert_int_eq(status, 0);
    }
    open_store(false);
    view = ea_store_view(store, NULL);
    ck_assert_uint_eq(counter_in(view, &rev), PROCESSES * INCREMENTS);
    ea_view_close(view);
    ck_assert_uint_eq(audit_count(), PROCESSES * INCREMENTS);
}
END_TEST

/* Whatever was answered WON before a kill is there afterwards. */
START_TEST(test_killed_writer)
{
    uint64_t acknowledged = 0, rev, seen;
    struct ea_view *view;
    int ends[2], status;
    pid_t child;

    ea_store_close(store);
    store = NULL;
    for (unsigned round = 1; round <= 5; round++) {
        ck_assert_int_eq(pipe(ends), 0);
        child = fork();
        ck_assert_int_ge(child, 0);
        if (child == 0) {
            (void)alarm(30);
            open_store(false);
            while (increment() == EA_RESULT_WON) {
                if (write(ends[1], "+", 1) != 1) {
                    break;
                }
            }
            _exit(1);
        }
        (void)close(ends[1]);
        for (unsigned i = 0; i < 7 * round; i++) {
            char plus;

            ck_assert_int_eq(read(ends[0], &plus, 1), 1);
            acknowledged++;
        }
        ck_assert_int_eq(kill(child, SIGKILL), 0);
        ck_assert_int_eq(waitpid(child, &status, 0), child);
        for (char plus; read(ends[0], &plus, 1) == 1;) {
            acknowledged++;
        }
        (void)close(ends[0]);
        open_store(false);
        view = ea_store_view(store, NULL);
        seen = counter_in(view, &rev);
        ea_view_close(view);
        /* One more may have become durable without its answer. */
        ck_assert(seen == acknowledged || seen == acknowledged + 1);
        ck_assert_uint_eq(audit_count(), seen);
        acknowledged = seen;
        ea_store_close(store);
        store = NULL;
    }
}
END_TEST

/* A reader that was killed does not keep its slot: there is only one. */
START_TEST(test_dead_readers)
{
    struct ea_store_lmdb_options opt = options();
    struct ea_view *first;
    int ready[2], status;
    char byte;
    pid_t child;

    ea_store_close(store);
    /* Its size is the number of slots, and is kept. */
    ck_assert_int_eq(unlink(in_folder("lock.mdb")), 0);
    opt.readers = 1;
    ck_assert(ea_store_lmdb_open(&opt, &store, NULL));
    ck_assert_int_eq(pipe(ready), 0);
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct ea_store *own;

        (void)alarm(30);
        if (ea_store_lmdb_open(&opt, &own, NULL) &&
            ea_store_view(own, NULL) != NULL && write(ready[1], "+", 1) == 1) {
            (void)pause();
        }
        _exit(1);
    }
    ck_assert_int_eq(read(ready[0], &byte, 1), 1);
    (void)close(ready[0]);
    (void)close(ready[1]);
    ck_assert_ptr_null(ea_store_view(store, NULL));
    ck_assert_int_eq(kill(child, SIGKILL), 0);
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    /* As a gate that is started while another runs. */
    child = fork();
    ck_assert_int_ge(child, 0);
    if (child == 0) {
        struct ea_store *own;

        _exit(ea_store_lmdb_open(&opt, &own, NULL) &&
                      ea_store_view(own, NULL) != NULL
                  ? 0
                  : 1);
    }
    ck_assert_int_eq(waitpid(child, &status, 0), child);
    ck_assert_int_eq(status, 0);
    /* It ended without closing: that slot is taken until the next check. */
    reopen();
    first = ea_store_view(store, NULL);
    ck_assert_ptr_nonnull(first);
    ea_view_close(first);
}
END_TEST

/* ---- a thread that flushes ---- */

#define SUBMITTED 3000

static _Atomic bool ending;

static void *
flush_all(void *of)
{
    while (!ending) {
        ea_store_flush(of);
    }
    ea_store_flush(of);
    return NULL;
}

static size_t results[EA_RESULT_CANCELLED + 1];

static void
count_result(struct ea_store_op *op)
{
    results[op->result]++;
}

START_TEST(test_flush_on_another_thread)
{
    static struct ea_store_op ops[SUBMITTED];
    static struct ea_store_write writes[SUBMITTED];
    static char keys[SUBMITTED][8];
    size_t completed = 0;
    pthread_t thread;
    struct ea_view *view;
    struct ea_bytes value;

    ck_assert_int_eq(pthread_create(&thread, NULL, flush_all, store), 0);
    for (size_t i = 0; i < SUBMITTED; i++) {
        (void)snprintf(keys[i], sizeof(keys[i]), "%zu", i);
        writes[i] = (struct ea_store_write){ EA_TABLE_ENROLL, b(keys[i]), false,
                                             b("v") };
        ops[i].writes = &writes[i];
        ops[i].writes_count = 1;
        ops[i].done = count_result;
        ck_assert(ea_store_submit(store, &ops[i]));
        if (i % 10 == 9) {
            ops[i - 5].cancelled = true;
            completed += ea_store_complete(store);
            (void)has(keys[i]);
        }
    }
    ending = true;
    ck_assert_int_eq(pthread_join(thread, NULL), 0);
    completed += ea_store_complete(store);
    ck_assert_uint_eq(completed, SUBMITTED);
    ck_assert_uint_eq(results[EA_RESULT_WON] + results[EA_RESULT_CANCELLED],
                      SUBMITTED);
    ck_assert_uint_ge(results[EA_RESULT_WON], SUBMITTED - SUBMITTED / 10);
    view = ea_store_view(store, NULL);
    for (size_t i = 0; i < SUBMITTED; i++) {
        ck_assert_int_eq(
            ea_view_get(view, EA_TABLE_ENROLL, b(keys[i]), &value, NULL),
            ops[i].result == EA_RESULT_WON ? EA_FOUND : EA_FOUND_ABSENT);
    }
    ea_view_close(view);
}
END_TEST

Suite *
suite_ea_store_lmdb(void)
{
    Suite *suite = suite_create("ea_store_lmdb");
    TCase *opening = tcase_create("open"), *tcase = tcase_create("opened");

    tcase_add_test(opening, test_open);
    tcase_add_test(opening, test_create_fails);
    tcase_add_test(opening, test_open_something_else);
    tcase_add_test(opening, test_open_another_lmdb_file);
    suite_add_tcase(suite, opening);
    tcase_set_timeout(tcase, 60);
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_reopened_and_read_only);
    tcase_add_test(tcase, test_full);
    tcase_add_loop_test(tcase, test_disk, 0,
                        sizeof(disk_faults) / sizeof(disk_faults[0]));
    tcase_add_test(tcase, test_down_refuses_what_is_queued);
    tcase_add_test(tcase, test_replaced);
    tcase_add_test(tcase, test_processes);
    tcase_add_test(tcase, test_killed_writer);
    tcase_add_test(tcase, test_dead_readers);
    tcase_add_test(tcase, test_flush_on_another_thread);
    suite_add_tcase(suite, tcase);
    return suite;
}
