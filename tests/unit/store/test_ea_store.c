/*
 * What every back end must do: each test runs against LMDB, against the fake,
 * and against the fake when it is slow and out of order.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "ea_audit.h"
#include "fake_store.h"
#include "suites.h"

enum back_end { LMDB = 0, FAKE, SLOW_FAKE, BACK_ENDS };

static struct fake_plan plan;
static struct ea_store *store;
static char folder[64];
static uint64_t clock_ms;

static uint64_t
now_ms(void)
{
    return clock_ms;
}

static void
set_clock(uint64_t ms)
{
    clock_ms = plan.now_ms = ms;
}

static struct ea_store *
open_one(int which)
{
    const struct ea_store_lmdb_options options = {
        .path = folder, .map_size = 64u << 20, .create = true, .now_ms = now_ms
    };
    struct ea_store *opened = NULL;
    struct ea_error err = { 0 };

    plan = (struct fake_plan){ .delay = which == SLOW_FAKE ? 2 : 0,
                               .reorder = which == SLOW_FAKE };
    if (which != LMDB) {
        return fake_store_open(&plan);
    }
    (void)snprintf(folder, sizeof(folder), "/tmp/ea-store.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(folder));
    ck_assert_msg(ea_store_lmdb_open(&options, &opened, &err), "%s",
                  err.message);
    return opened;
}

static void
remove_folder(void)
{
    char path[128];

    if (folder[0] == '\0') {
        return;
    }
    (void)snprintf(path, sizeof(path), "%s/data.mdb", folder);
    ck_assert_int_eq(unlink(path), 0);
    (void)snprintf(path, sizeof(path), "%s/lock.mdb", folder);
    ck_assert_int_eq(unlink(path), 0);
    (void)snprintf(path, sizeof(path), "%s/write.lock", folder);
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_int_eq(rmdir(folder), 0);
    folder[0] = '\0';
}

static void
begin(int which)
{
    store = open_one(which);
}

static void
end(void)
{
    ea_store_close(store);
    store = NULL;
    remove_folder();
}

/* ---- one operation ---- */

static struct ea_bytes
b(const char *text)
{
    return ea_bytes_of(text);
}

static enum ea_result
put_at(const char *key, uint64_t rev, const char *value)
{
    const struct ea_store_condition condition = { EA_TABLE_ENROLL, b(key),
                                                  rev };
    const struct ea_store_write write = { .table = EA_TABLE_ENROLL,
                                          .key = b(key),
                                          .value = b(value) };
    struct ea_store_op op = { .conditions = &condition,
                              .conditions_count = 1,
                              .writes = &write,
                              .writes_count = 1 };

    return ea_store_run(store, &op);
}

static enum ea_result
remove_key(const char *key)
{
    const struct ea_store_write write = { .table = EA_TABLE_ENROLL,
                                          .key = b(key),
                                          .remove = true };
    struct ea_store_op op = { .writes = &write, .writes_count = 1 };

    return ea_store_run(store, &op);
}

/* The revision, 0 if absent; fails unless the value is the one expected. */
static uint64_t
rev_of(const char *key, const char *expected)
{
    struct ea_view *view = ea_store_view(store, NULL);
    struct ea_bytes value;
    uint64_t rev = 0;
    enum ea_found found;

    ck_assert_ptr_nonnull(view);
    found = ea_view_get(view, EA_TABLE_ENROLL, b(key), &value, &rev);
    ck_assert_int_eq(found, expected == NULL ? EA_FOUND_ABSENT : EA_FOUND);
    ck_assert(expected == NULL || ea_bytes_equal(value, b(expected)));
    ea_view_close(view);
    return rev;
}

START_TEST(test_put_and_revisions)
{
    uint64_t first, second, third;

    begin(_i);
    (void)rev_of("k", NULL);
    ck_assert_int_eq(put_at("k", 1, "early"), EA_RESULT_LOST);
    ck_assert_int_eq(put_at("k", 0, "one"), EA_RESULT_WON);
    first = rev_of("k", "one");
    ck_assert_uint_gt(first, 0);
    ck_assert_int_eq(put_at("k", 0, "again"), EA_RESULT_LOST);
    ck_assert_int_eq(put_at("k", first + 1, "ahead"), EA_RESULT_LOST);
    ck_assert_uint_eq(rev_of("k", "one"), first);
    ck_assert_int_eq(put_at("k", first, "two"), EA_RESULT_WON);
    second = rev_of("k", "two");
    ck_assert_uint_gt(second, first);
    ck_assert_int_eq(put_at("k", first, "late"), EA_RESULT_LOST);
    ck_assert_int_eq(remove_key("k"), EA_RESULT_WON);
    ck_assert_int_eq(remove_key("k"), EA_RESULT_WON);
    (void)rev_of("k", NULL);
    ck_assert_int_eq(put_at("k", second, "late"), EA_RESULT_LOST);
    ck_assert_int_eq(put_at("k", 0, ""), EA_RESULT_WON);
    third = rev_of("k", "");
    ck_assert_uint_gt(third, second);
    ck_assert(ea_store_health(store, NULL));
    end();
}
END_TEST

/* ---- groups ---- */

#define GROUP_MAX 6

static struct ea_store_op *completed[GROUP_MAX];
static size_t completed_count;

static void
note(struct ea_store_op *op)
{
    completed[completed_count++] = op;
}

/* Flushes until everything is through. */
static void
drain(size_t count)
{
    size_t got = 0;

    for (int i = 0; got < count && i < 100; i++) {
        ea_store_flush(store);
        got += ea_store_complete(store);
    }
    ck_assert_uint_eq(got, count);
    ck_assert(!ea_store_has_work(store));
}

START_TEST(test_group)
{
    uint64_t rev;

    begin(_i);
    ck_assert_int_eq(put_at("a", 0, "0"), EA_RESULT_WON);
    rev = rev_of("a", "0");
    {
        const struct ea_store_condition conditions[] = {
            { EA_TABLE_ENROLL, b("a"), rev },
            { EA_TABLE_ENROLL, b("b"), 0 },
            { EA_TABLE_ENROLL, b("c"), 9 },
        };
        const struct ea_store_write writes[] = {
            { EA_TABLE_ENROLL, b("a"), false, b("1") },
            { EA_TABLE_ENROLL, b("a"), false, b("2") },
            { EA_TABLE_ENROLL, b("b"), false, b("3") },
            { EA_TABLE_ENROLL, b("b"), false, b("4") },
            { EA_TABLE_ENROLL, b("c"), false, b("5") },
        };
        const struct ea_bytes line = b("line");
        struct ea_store_op ops[] = {
            /* wins; loses to it; both conditions hold, two writes; the first
             * condition of its two holds; wins without a condition */
            { .conditions = &conditions[0],
              .conditions_count = 1,
              .writes = &writes[0],
              .writes_count = 1 },
            { .conditions = &conditions[0],
              .conditions_count = 1,
              .writes = &writes[1],
              .writes_count = 1,
              .audit = &line,
              .audit_count = 1 },
            { .conditions = &conditions[1],
              .conditions_count = 1,
              .writes = &writes[2],
              .writes_count = 1,
              .audit = &line,
              .audit_count = 1 },
            { .conditions = &conditions[1],
              .conditions_count = 2,
              .writes = &writes[3],
              .writes_count = 2 },
            { .writes = &writes[4], .writes_count = 1 },
        };
        static const enum ea_result expected[] = {
            EA_RESULT_WON,  EA_RESULT_LOST, EA_RESULT_WON,
            EA_RESULT_LOST, EA_RESULT_WON,
        };

        completed_count = 0;
        for (size_t i = 0; i < 5; i++) {
            ops[i].done = note;
            ck_assert(!ea_store_has_work(store) == (i == 0));
            ck_assert(ea_store_submit(store, &ops[i]));
        }
        ck_assert(ea_store_has_work(store));
        ck_assert_uint_eq(ea_store_complete(store), 0);
        drain(5);
        ck_assert_uint_eq(completed_count, 5);
        for (size_t i = 0; i < 5; i++) {
            ck_assert_msg(ops[i].result == expected[i], "operation %zu: %s", i,
                          ea_result_word(ops[i].result));
        }
    }
    (void)rev_of("a", "1");
    (void)rev_of("b", "3");
    (void)rev_of("c", "5");
    end();
}
END_TEST

START_TEST(test_cancelled_and_late)
{
    begin(_i);
    {
        const struct ea_store_write writes[] = {
            { EA_TABLE_ENROLL, b("in time"), false, b("x") },
            { EA_TABLE_ENROLL, b("late"), false, b("x") },
            { EA_TABLE_ENROLL, b("cancelled"), false, b("x") },
            { EA_TABLE_ENROLL, b("no deadline"), false, b("x") },
        };
        struct ea_store_op ops[4] = {
            { .deadline_ms = 1001 },
            { .deadline_ms = 1000 },
            { .deadline_ms = 1001 },
            { .deadline_ms = 0 },
        };

        set_clock(999);
        for (size_t i = 0; i < 4; i++) {
            ops[i].writes = &writes[i];
            ops[i].writes_count = 1;
            ck_assert(ea_store_submit(store, &ops[i]));
        }
        /* Looked at when it is carried out, not when it was submitted. */
        set_clock(1000);
        ops[2].cancelled = true;
        drain(4);
        ck_assert_int_eq(ops[0].result, EA_RESULT_WON);
        ck_assert_int_eq(ops[1].result, EA_RESULT_CANCELLED);
        ck_assert_int_eq(ops[2].result, EA_RESULT_CANCELLED);
        ck_assert_int_eq(ops[3].result, EA_RESULT_WON);
    }
    (void)rev_of("in time", "x");
    (void)rev_of("late", NULL);
    (void)rev_of("cancelled", NULL);
    (void)rev_of("no deadline", "x");
    end();
}
END_TEST

/* A completion may submit the next step. */
static struct ea_store_op second_step;

static void
submit_second(struct ea_store_op *op)
{
    ck_assert_int_eq(op->result, EA_RESULT_WON);
    ck_assert(ea_store_submit(op->context, &second_step));
}

START_TEST(test_done_may_submit)
{
    const struct ea_store_write writes[] = {
        { EA_TABLE_ENROLL, b("1"), false, b("one") },
        { EA_TABLE_ENROLL, b("2"), false, b("two") },
    };
    struct ea_store_op first = { .writes = &writes[0],
                                 .writes_count = 1,
                                 .done = submit_second };

    begin(_i);
    first.context = store;
    second_step =
        (struct ea_store_op){ .writes = &writes[1], .writes_count = 1 };
    ck_assert(ea_store_submit(store, &first));
    for (int i = 0; i < 10 && second_step.result != EA_RESULT_WON; i++) {
        ea_store_flush(store);
        (void)ea_store_complete(store);
    }
    (void)rev_of("1", "one");
    (void)rev_of("2", "two");
    end();
}
END_TEST

START_TEST(test_close_cancels_what_is_queued)
{
    const struct ea_store_write write = { EA_TABLE_ENROLL, b("k"), false,
                                          b("v") };
    struct ea_store_op ops[2] = { { .done = note }, { .done = NULL } };

    begin(_i);
    completed_count = 0;
    for (size_t i = 0; i < 2; i++) {
        ops[i].writes = &write;
        ops[i].writes_count = 1;
        ops[i].result = EA_RESULT_WON;
        ck_assert(ea_store_submit(store, &ops[i]));
    }
    end();
    ck_assert_uint_eq(completed_count, 1);
    ck_assert_int_eq(ops[0].result, EA_RESULT_CANCELLED);
    ck_assert_int_eq(ops[1].result, EA_RESULT_CANCELLED);
}
END_TEST

START_TEST(test_queue_has_an_end)
{
    const struct ea_store_write write = { EA_TABLE_ENROLL, b("k"), false,
                                          b("v") };
    struct ea_store_op *ops = calloc(EA_STORE_QUEUE_MAX + 1, sizeof(*ops));

    begin(_i);
    ck_assert_ptr_nonnull(ops);
    for (size_t i = 0; i <= EA_STORE_QUEUE_MAX; i++) {
        ops[i].writes = &write;
        ops[i].writes_count = 1;
        ck_assert(ea_store_submit(store, &ops[i]) == (i < EA_STORE_QUEUE_MAX));
    }
    end();
    free(ops);
}
END_TEST

/* ---- form ---- */

static char much[EA_STORE_VALUE_MAX + 1];

static const struct {
    const char *label;
    enum ea_table table;
    size_t key_len, value_len, line_len;
    bool remove, condition, accepted;
} forms[] = {
    { "plain", EA_TABLE_META, 1, 1, 1, false, true, true },
    { "last table", EA_TABLE_TOKEN, 1, 1, 1, false, true, true },
    { "audit is the store's own", EA_TABLE_AUDIT, 1, 1, 1, false, false,
      false },
    { "no condition on audit either", EA_TABLE_AUDIT, 1, 0, 0, false, true,
      false },
    { "no removal from audit", EA_TABLE_AUDIT, 1, 1, 1, true, false, false },
    { "no such table", EA_TABLE_COUNT, 1, 1, 1, false, false, false },
    { "no key", EA_TABLE_META, 0, 1, 1, false, false, false },
    { "longest key", EA_TABLE_META, EA_KEY_MAX, 1, 1, false, true, true },
    { "key too long", EA_TABLE_META, EA_KEY_MAX + 1, 1, 1, false, false,
      false },
    { "condition's key too long", EA_TABLE_META, EA_KEY_MAX + 1, 0, 0, false,
      true, false },
    { "empty value", EA_TABLE_META, 1, 0, 1, false, true, true },
    { "longest value", EA_TABLE_META, 1, EA_STORE_VALUE_MAX, 1, false, true,
      true },
    { "value too long", EA_TABLE_META, 1, EA_STORE_VALUE_MAX + 1, 1, false,
      true, false },
    { "longest line", EA_TABLE_META, 1, 1, EA_AUDIT_LINE_MAX, false, true,
      true },
    { "line too long", EA_TABLE_META, 1, 1, EA_AUDIT_LINE_MAX + 1, false, true,
      false },
    { "empty line", EA_TABLE_META, 1, 1, 0, false, true, false },
};
#define FORMS (sizeof(forms) / sizeof(forms[0]))

START_TEST(test_form)
{
    const size_t row = (size_t)_i / BACK_ENDS;
    const struct ea_bytes key = { much, forms[row].key_len };
    const struct ea_store_condition condition = { forms[row].table, key, 0 };
    const struct ea_store_write write = {
        forms[row].table, key, forms[row].remove, { much, forms[row].value_len }
    };
    const struct ea_bytes line = { much, forms[row].line_len };
    bool only_condition = forms[row].value_len == 0 && forms[row].line_len == 0;
    struct ea_store_op op = { .conditions = &condition,
                              .conditions_count = forms[row].condition,
                              .writes = &write,
                              .writes_count = !only_condition,
                              .audit = &line,
                              .audit_count = !only_condition,
                              .result = EA_RESULT_WON };

    memset(much, 'k', sizeof(much));
    begin(_i % BACK_ENDS);
    ck_assert_msg(ea_store_submit(store, &op) == forms[row].accepted, "%s",
                  forms[row].label);
    if (forms[row].accepted) {
        struct ea_view *view;
        struct ea_bytes value;

        drain(1);
        ck_assert_int_eq(op.result, EA_RESULT_WON);
        view = ea_store_view(store, NULL);
        ck_assert_int_eq(ea_view_get(view, forms[row].table, key, &value, NULL),
                         EA_FOUND);
        ck_assert_uint_eq(value.len, forms[row].value_len);
        ea_view_close(view);
    }
    ck_assert(!ea_store_has_work(store));
    end();
}
END_TEST

/* ---- views ---- */

START_TEST(test_views_are_of_one_moment)
{
    struct ea_view *early, *late;
    struct ea_bytes value;

    begin(_i);
    ck_assert_int_eq(put_at("k", 0, "one"), EA_RESULT_WON);
    early = ea_store_view(store, NULL);
    ck_assert_int_eq(put_at("k", rev_of("k", "one"), "two"), EA_RESULT_WON);
    ck_assert_int_eq(put_at("l", 0, "new"), EA_RESULT_WON);
    late = ea_store_view(store, NULL);
    ck_assert_int_eq(ea_view_get(early, EA_TABLE_ENROLL, b("k"), &value, NULL),
                     EA_FOUND);
    ck_assert(ea_bytes_equal(value, b("one")));
    ck_assert_int_eq(ea_view_get(early, EA_TABLE_ENROLL, b("l"), &value, NULL),
                     EA_FOUND_ABSENT);
    ck_assert_int_eq(ea_view_get(late, EA_TABLE_ENROLL, b("k"), &value, NULL),
                     EA_FOUND);
    ck_assert(ea_bytes_equal(value, b("two")));
    /* Closed in any order, opened again: the newest moment. */
    ea_view_close(early);
    early = ea_store_view(store, NULL);
    ck_assert_int_eq(ea_view_get(early, EA_TABLE_ENROLL, b("l"), &value, NULL),
                     EA_FOUND);
    /* The same key in another table is another key; what is no key is not
     * there. */
    ck_assert_int_eq(ea_view_get(early, EA_TABLE_TOKEN, b("l"), &value, NULL),
                     EA_FOUND_ABSENT);
    ck_assert_int_eq(ea_view_get(early, EA_TABLE_ENROLL, b(""), &value, NULL),
                     EA_FOUND_ABSENT);
    ck_assert_int_eq(ea_view_get(early, EA_TABLE_ENROLL,
                                 (struct ea_bytes){ much, EA_KEY_MAX + 1 },
                                 &value, NULL),
                     EA_FOUND_ABSENT);
    ea_view_close(late);
    ea_view_close(early);
    ea_view_close(NULL);
    end();
}
END_TEST

START_TEST(test_scan)
{
    static const char *const keys[] = { "b", "a", "ab", "\xff", "aa" };
    static const char *const sorted[] = { "a", "aa", "ab", "b", "\xff" };
    struct ea_bytes key = { NULL, 0 }, value;
    struct ea_view *view;
    uint64_t rev;

    begin(_i);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(put_at(keys[i], 0, keys[i]), EA_RESULT_WON);
    }
    view = ea_store_view(store, NULL);
    for (size_t i = 0; i < 5; i++) {
        ck_assert_int_eq(
            ea_view_next(view, EA_TABLE_ENROLL, &key, &value, &rev), EA_FOUND);
        ck_assert(ea_bytes_equal(key, b(sorted[i])));
        ck_assert(ea_bytes_equal(value, b(sorted[i])));
        ck_assert_uint_gt(rev, 0);
    }
    ck_assert_int_eq(ea_view_next(view, EA_TABLE_ENROLL, &key, &value, NULL),
                     EA_FOUND_ABSENT);
    ck_assert(ea_bytes_equal(key, b("\xff")));
    /* From a key that is not there itself. */
    key = b("aaa");
    ck_assert_int_eq(ea_view_next(view, EA_TABLE_ENROLL, &key, &value, NULL),
                     EA_FOUND);
    ck_assert(ea_bytes_equal(key, b("ab")));
    key = b("");
    ck_assert_int_eq(ea_view_next(view, EA_TABLE_HWID, &key, &value, NULL),
                     EA_FOUND_ABSENT);
    ea_view_close(view);
    end();
}
END_TEST

/* ---- audit ---- */

static enum ea_result
append(const char *one, const char *two, uint64_t rev)
{
    const struct ea_store_condition condition = { EA_TABLE_ENROLL, b("k"),
                                                  rev };
    const struct ea_bytes lines[] = { b(one), b(two) };
    struct ea_store_op op = { .conditions = &condition,
                              .conditions_count = 1,
                              .audit = lines,
                              .audit_count = 2 };

    return ea_store_run(store, &op);
}

START_TEST(test_audit_chain)
{
    static const char *const lines[] = { "one", "two", "three", "four" };
    uint8_t hash[EA_SHA256_LEN] = { 0 };
    struct ea_bytes key = { NULL, 0 }, value;
    struct ea_view *view;

    begin(_i);
    ck_assert_int_eq(append("one", "two", 0), EA_RESULT_WON);
    /* A loser leaves no gap. */
    ck_assert_int_eq(append("lost", "lost", 7), EA_RESULT_LOST);
    ck_assert_int_eq(append("three", "four", 0), EA_RESULT_WON);
    view = ea_store_view(store, NULL);
    for (uint8_t i = 0; i < 4; i++) {
        const uint8_t sequence[8] = { [7] = (uint8_t)(i + 1) };

        ck_assert_int_eq(ea_view_next(view, EA_TABLE_AUDIT, &key, &value, NULL),
                         EA_FOUND);
        ck_assert_uint_eq(key.len, 8);
        ck_assert_mem_eq(key.ptr, sequence, 8);
        ck_assert(ea_audit_chain(hash, i + 1u, b(lines[i]), hash));
        ck_assert_uint_eq(value.len, EA_SHA256_LEN + strlen(lines[i]));
        ck_assert_mem_eq(value.ptr, hash, EA_SHA256_LEN);
        ck_assert_mem_eq(value.ptr + EA_SHA256_LEN, lines[i], strlen(lines[i]));
    }
    ck_assert_int_eq(ea_view_next(view, EA_TABLE_AUDIT, &key, &value, NULL),
                     EA_FOUND_ABSENT);
    ea_view_close(view);
    end();
}
END_TEST

/* ---- the back ends against each other ---- */

#define KEYS 5
#define ROUNDS 400

struct step {
    struct ea_store_condition conditions[2];
    struct ea_store_write writes[2];
    struct ea_store_op op;
    char key[4][2], value[2][8];
};

static uint32_t state = 1;

static uint32_t
pick(uint32_t below)
{
    state = state * 1664525u + 1013904223u;
    return (state >> 16) % below;
}

static uint64_t
rev_in(struct ea_store *of, struct ea_bytes key)
{
    struct ea_view *view = ea_store_view(of, NULL);
    struct ea_bytes value;
    uint64_t rev = 0;

    (void)!ea_view_get(view, EA_TABLE_ENROLL, key, &value, &rev);
    ea_view_close(view);
    return rev;
}

/* Conditions are on what is there now, so several of a group hit one key. */
static void
make_step(struct step *step, unsigned number)
{
    memset(step, 0, sizeof(*step));
    for (size_t i = 0; i < 4; i++) {
        step->key[i][0] = (char)('a' + pick(KEYS));
    }
    for (size_t i = 0; i < 2; i++) {
        struct ea_bytes key = b(step->key[i]);

        step->conditions[i] = (struct ea_store_condition){
            EA_TABLE_ENROLL, key, pick(8) == 0 ? pick(3) : rev_in(store, key)
        };
        (void)snprintf(step->value[i], sizeof(step->value[i]), "%u", number);
        step->writes[i] =
            (struct ea_store_write){ EA_TABLE_ENROLL, b(step->key[2 + i]),
                                     pick(4) == 0, b(step->value[i]) };
    }
    step->op = (struct ea_store_op){ .conditions = step->conditions,
                                     .conditions_count = pick(3),
                                     .writes = step->writes,
                                     .writes_count = pick(3) };
    step->op.cancelled = pick(10) == 0;
}

/* Sets the conditions to what the other store calls the same moment. */
static void
run_group(struct ea_store *on, struct step *steps, size_t count,
          enum ea_result *ret_results)
{
    for (size_t i = 0; i < count; i++) {
        steps[i].op.next = NULL;
        ck_assert(ea_store_submit(on, &steps[i].op));
    }
    ea_store_flush(on);
    ck_assert_uint_eq(ea_store_complete(on), count);
    for (size_t i = 0; i < count; i++) {
        ret_results[i] = steps[i].op.result;
    }
}

static void
compare_contents(struct ea_store *one, struct ea_store *two)
{
    struct ea_view *views[] = { ea_store_view(one, NULL),
                                ea_store_view(two, NULL) };
    struct ea_bytes keys[2] = { { NULL, 0 }, { NULL, 0 } }, values[2];
    enum ea_found found[2];

    do {
        for (size_t i = 0; i < 2; i++) {
            found[i] = ea_view_next(views[i], EA_TABLE_ENROLL, &keys[i],
                                    &values[i], NULL);
        }
        ck_assert_int_eq(found[0], found[1]);
        ck_assert(ea_bytes_equal(keys[0], keys[1]));
        ck_assert(found[0] != EA_FOUND || ea_bytes_equal(values[0], values[1]));
    } while (found[0] == EA_FOUND);
    ea_view_close(views[0]);
    ea_view_close(views[1]);
}

/* Both count a revision per operation that writes: the numbers are the same. */
START_TEST(test_lmdb_does_what_the_fake_does)
{
    static struct step steps[GROUP_MAX];
    enum ea_result results[2][GROUP_MAX];
    struct ea_store *fake;
    size_t won = 0, lost = 0;

    begin(LMDB);
    fake = fake_store_open(&plan);
    for (unsigned round = 0; round < ROUNDS; round++) {
        size_t count = 1 + pick(GROUP_MAX);

        for (size_t i = 0; i < count; i++) {
            make_step(&steps[i], round);
        }
        run_group(store, steps, count, results[0]);
        for (size_t i = 0; i < count; i++) {
            won += results[0][i] == EA_RESULT_WON;
            lost += results[0][i] == EA_RESULT_LOST;
        }
        run_group(fake, steps, count, results[1]);
        for (size_t i = 0; i < count; i++) {
            ck_assert_msg(results[0][i] == results[1][i], "round %u, %zu: %s",
                          round, i, ea_result_word(results[0][i]));
        }
        compare_contents(store, fake);
    }
    ck_assert_uint_gt(won, ROUNDS / 4);
    ck_assert_uint_gt(lost, ROUNDS / 4);
    ea_store_close(fake);
    end();
}
END_TEST

/* ---- outcomes that only an unreliable store has ---- */

static const struct {
    enum fake_fault fault;
    enum ea_result result;
    bool written;
} faults[] = {
    { FAKE_NO_FAULT, EA_RESULT_WON, true },
    { FAKE_UNAVAILABLE, EA_RESULT_UNAVAILABLE, false },
    { FAKE_UNKNOWN_UNWRITTEN, EA_RESULT_UNKNOWN, false },
    { FAKE_UNKNOWN_WRITTEN, EA_RESULT_UNKNOWN, true },
};

START_TEST(test_fault)
{
    struct ea_error err = { 0 };

    begin(SLOW_FAKE);
    plan.fault = faults[_i].fault;
    ck_assert_int_eq(put_at("k", 0, "v"), faults[_i].result);
    (void)rev_of("k", faults[_i].written ? "v" : NULL);
    plan.views_fail = true;
    ck_assert_ptr_null(ea_store_view(store, &err));
    ck_assert_int_eq(err.code, EA_E_UNAVAILABLE);
    ck_assert(!ea_store_health(store, NULL));
    end();
}
END_TEST

START_TEST(test_words)
{
    for (int i = EA_RESULT_UNAVAILABLE; i <= EA_RESULT_CANCELLED; i++) {
        ck_assert(ea_result_word((enum ea_result)i)[0] != '\0');
    }
    ck_assert_str_eq(ea_result_word((enum ea_result)99), "");
    ea_store_close(NULL);
}
END_TEST

Suite *
suite_ea_store(void)
{
    Suite *suite = suite_create("ea_store");
    TCase *tcase = tcase_create("conformance"), *others = tcase_create("fake");

    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, test_put_and_revisions, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_group, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_cancelled_and_late, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_done_may_submit, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_close_cancels_what_is_queued, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_queue_has_an_end, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_form, 0, (int)FORMS * BACK_ENDS);
    tcase_add_loop_test(tcase, test_views_are_of_one_moment, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_scan, 0, BACK_ENDS);
    tcase_add_loop_test(tcase, test_audit_chain, 0, BACK_ENDS);
    tcase_add_test(tcase, test_lmdb_does_what_the_fake_does);
    suite_add_tcase(suite, tcase);
    tcase_add_loop_test(others, test_fault, 0,
                        sizeof(faults) / sizeof(faults[0]));
    tcase_add_test(others, test_words);
    suite_add_tcase(suite, others);
    return suite;
}
