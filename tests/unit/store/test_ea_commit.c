/* One transition: what becomes durable, and what reading it back tells. */
#include <string.h>

#include <check.h>

#include "ea_commit.h"
#include "facts.h"
#include "suites.h"

static struct ea_store *store;
static struct ea_commit commit;

static void
setup(void)
{
    store = facts_open();
}

static const struct ea_audit event = { .time = 1000,
                                       .action = "arm",
                                       .actor = "ada",
                                       .node = "alpha",
                                       .site = "north",
                                       .reply = EA_REPLY_DONE };

static enum ea_result
put(const struct ea_record *record, uint64_t rev)
{
    ck_assert(ea_commit_init(&commit, record, rev, &event, NULL));
    return ea_store_run(store, &commit.op);
}

static struct ea_case
read_back(const char *node)
{
    struct ea_case of;
    struct ea_view *view = ea_store_view(store, NULL);

    ck_assert_ptr_nonnull(view);
    ck_assert_int_eq(ea_gather_node(view, ea_bytes_of(node), &of, NULL),
                     EA_GATHER_FOUND);
    ea_view_close(view);
    return of;
}

static size_t
audit_lines(void)
{
    struct ea_view *view = ea_store_view(store, NULL);
    struct ea_bytes key = { NULL, 0 }, value;
    size_t count = 0;

    while (ea_view_next(view, EA_TABLE_AUDIT, &key, &value, NULL) == EA_FOUND) {
        count++;
    }
    ea_view_close(view);
    return count;
}

START_TEST(test_record_and_event_are_one_step)
{
    struct ea_record record = facts_record(ALPHA);
    struct ea_case of;

    ck_assert_int_eq(put(&record, 0), EA_RESULT_WON);
    of = read_back("alpha");
    ck_assert_int_eq(of.record.state, EA_STATE_ARMED);
    ck_assert_uint_gt(of.record.rev, 0);
    ck_assert(ea_commit_is_in(&record, &of.record));
    ck_assert_uint_eq(audit_lines(), 1);
    /* The same again at the old revision, as a slower gate would. */
    ck_assert_int_eq(put(&record, 0), EA_RESULT_LOST);
    ck_assert_uint_eq(audit_lines(), 1);
    ck_assert_uint_eq(read_back("alpha").record.rev, of.record.rev);
    ck_assert_int_eq(put(&record, of.record.rev), EA_RESULT_WON);
    ck_assert_uint_gt(read_back("alpha").record.rev, of.record.rev);
    ck_assert_uint_eq(audit_lines(), 2);
}
END_TEST

/* A token whose arming lost is not left behind. */
START_TEST(test_token_goes_with_the_record)
{
    const struct ea_token_row row = { .id = "0123456789",
                                      .kind = EA_TOKEN_NODE,
                                      .number = ALPHA,
                                      .site = "north",
                                      .gen = 1,
                                      .epoch = FACTS_EPOCH,
                                      .created = 1000 };
    const struct ea_claims claims = { .id = "0123456789", .stored = { 7 } };
    const struct ea_bytes key = { (const char *)claims.stored,
                                  sizeof(claims.stored) };
    struct ea_record record = facts_record(ALPHA);
    struct ea_token_row found;
    struct ea_bytes value;

    for (uint64_t rev = 9; rev != UINT64_MAX; rev -= rev == 0 ? 1 : 9) {
        struct ea_view *view;
        enum ea_result expected = rev == 0 ? EA_RESULT_WON : EA_RESULT_LOST;

        ck_assert(ea_commit_init(&commit, &record, rev, &event, NULL));
        ck_assert(ea_commit_add_token(&commit, &claims, &row, NULL));
        ck_assert_int_eq(ea_store_run(store, &commit.op), expected);
        view = ea_store_view(store, NULL);
        ck_assert_int_eq(ea_view_get(view, EA_TABLE_TOKEN, key, &value, NULL),
                         rev == 0 ? EA_FOUND : EA_FOUND_ABSENT);
        ck_assert(rev != 0 || ea_token_row_decode(value, &found, NULL));
        ea_view_close(view);
    }
    ck_assert_str_eq(found.id, row.id);
    ck_assert_uint_eq(found.number, ALPHA);
}
END_TEST

START_TEST(test_too_long_is_refused)
{
    static char word[EA_AUDIT_LINE_MAX + 1];
    struct ea_audit wordy = event;
    struct ea_record record = facts_record(ALPHA);
    struct ea_error err = { 0 };

    memset(word, 'x', sizeof(word) - 1);
    wordy.ref = word;
    ck_assert(!ea_commit_init(&commit, &record, 0, &wordy, &err));
    ck_assert_int_eq(err.code, EA_E_INTERNAL);
    wordy.ref = "x";
    ck_assert(ea_commit_init(&commit, &record, 0, &wordy, NULL));
    record.number = EA_NUMBER_MAX + 1;
    ck_assert(!ea_commit_init(&commit, &record, 0, &wordy, NULL));
}
END_TEST

/* ---- after UNKNOWN ---- */

static struct ea_record
delivered(void)
{
    struct ea_record record = facts_record(ALPHA);

    record.state = EA_STATE_DELIVERED;
    record.n = record.cur = 2;
    record.attempts_count = 2;
    record.attempts[0] = (struct ea_attempt){ .n = 1, .salt = { 1 } };
    record.attempts[1] = (struct ea_attempt){ .n = 2, .salt = { 2 }, .d = 1 };
    record.exposed = true;
    record.exposed_at = 1000;
    record.deadline = 9000;
    return record;
}

static void
same(struct ea_record *r)
{
    (void)r;
}
static void
joined(struct ea_record *r)
{
    r->state = EA_STATE_JOINED;
}
static void
again(struct ea_record *r)
{
    r->attempts[1].d++;
}
static void
whole(struct ea_record *r)
{
    r->attempts[1].w++;
}
static void
next_attempt(struct ea_record *r)
{
    r->n = r->cur = 3;
    r->attempts[r->attempts_count++] =
        (struct ea_attempt){ .n = 3, .salt = { 3 } };
}
static void
pushed_out(struct ea_record *r)
{
    r->n = r->cur = 10;
    r->attempts_count = 1;
    r->attempts[0] = (struct ea_attempt){ .n = 10, .salt = { 9 } };
}
static void
before(struct ea_record *r)
{
    r->attempts[1].d--;
}
static void
claimed(struct ea_record *r)
{
    r->state = EA_STATE_CLAIMED;
}
static void
not_exposed(struct ea_record *r)
{
    r->exposed = false;
}
static void
other_salt(struct ea_record *r)
{
    r->attempts[1].salt[0]++;
}
static void
without(struct ea_record *r)
{
    r->attempts_count = 1;
}
static void
armed_anew(struct ea_record *r)
{
    r->gen++;
}
static void
revoked(struct ea_record *r)
{
    r->gen++, r->state = EA_STATE_REVOKED;
}
static void
other_epoch(struct ea_record *r)
{
    r->epoch++;
}
static void
other_node(struct ea_record *r)
{
    r->number++;
}
static void
held(struct ea_record *r)
{
    r->hold = EA_HOLD_CLONE;
}

static const struct {
    const char *label;
    void (*change)(struct ea_record *);
    bool is_in;
} rows[] = {
    { "the same", same, true },
    { "joined since", joined, true },
    { "exposed again since", again, true },
    { "a whole body since", whole, true },
    { "a later attempt since", next_attempt, true },
    { "pushed out by later attempts", pushed_out, true },
    { "one exposure less", before, false },
    { "still claimed", claimed, false },
    { "not exposed", not_exposed, false },
    { "another salt: somebody else's attempt", other_salt, false },
    { "the attempt is not there", without, false },
    { "armed anew", armed_anew, false },
    { "revoked", revoked, false },
    { "another epoch", other_epoch, false },
    { "another node", other_node, false },
    { "a hold: nothing may leave", held, false },
};

START_TEST(test_is_in)
{
    struct ea_record written = delivered(), read = delivered();

    rows[_i].change(&read);
    ck_assert_msg(ea_commit_is_in(&written, &read) == rows[_i].is_in, "%s",
                  rows[_i].label);
}
END_TEST

Suite *
suite_ea_commit(void)
{
    Suite *suite = suite_create("ea_commit");
    TCase *stored = tcase_create("stored"), *plain = tcase_create("is_in");

    tcase_add_checked_fixture(stored, setup, facts_close);
    tcase_add_test(stored, test_record_and_event_are_one_step);
    tcase_add_test(stored, test_token_goes_with_the_record);
    tcase_add_test(stored, test_too_long_is_refused);
    suite_add_tcase(suite, stored);
    tcase_add_loop_test(plain, test_is_in, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(suite, plain);
    return suite;
}
