/* What providers share: times, descriptions, listings. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "kd_provider.h"
#include "suites.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static const struct {
    const char *text;
    uint64_t time;
} times[] = {
    { "2026-09-21T13:33:20Z", 1789997600 },
    { "2026-09-21T13:33:20.123456789Z", 1789997600 },
    { "2026-09-21T13:33:20+00:00", 1789997600 },
    { "2026-09-21T13:33:20.5+00:00", 1789997600 },
    { "2000-02-29T00:00:00Z", 951782400 },
    { "2026-09-21T13:33:20", 0 },
    { "2026-09-21T13:33:20+02:00", 0 },
    { "2026-09-21T13:33:20z", 0 },
    { "2026-09-21T13:33:20Zx", 0 },
    { "2026-09-21 13:33:20Z", 0 },
    { "2026-09-21", 0 },
    { "1969-12-31T23:59:59Z", 0 },
    { "0001-01-01T00:00:00Z", 0 },
    { "1789997600", 0 },
    { "", 0 },
};

START_TEST(test_time)
{
    ck_assert_msg(kd_time_parse(times[_i].text) == times[_i].time, "%s: %llu",
                  times[_i].text,
                  (unsigned long long)kd_time_parse(times[_i].text));
}
END_TEST

START_TEST(test_time_format)
{
    char text[21];

    kd_time_format(1789997600, text);
    ck_assert_str_eq(text, "2026-09-21T13:33:20Z");
    kd_time_format(UINT64_MAX, text);
    ck_assert_uint_eq(kd_time_parse(text), 0);
}
END_TEST

static const struct kd_identity gate_a = { .instance = "gate-a" };

START_TEST(test_description)
{
    const struct kd_request first = { .number = 12, .gen = 3, .n = 2 };
    const struct kd_request last = { .number = EA_NUMBER_MAX,
                                     .gen = EA_GEN_MAX,
                                     .n = EA_ATTEMPT_MAX };
    const struct kd_identity longest = { .instance = "abcdefghijabcdefghij" };
    struct kd_listed listed = { 0 };
    char text[51];

    kd_description(&gate_a, &first, text);
    ck_assert_str_eq(text, "edge-auth gate-a 12-3-2");
    kd_description(&longest, &last, text);
    ck_assert_str_eq(text,
                     "edge-auth abcdefghijabcdefghij 16777215-4095-16383");
    ck_assert_uint_le(strlen(text), 50);
    ck_assert(kd_description_parse(&longest, text, &listed));
    ck_assert_uint_eq(listed.number, EA_NUMBER_MAX);
    ck_assert_uint_eq(listed.gen, EA_GEN_MAX);
    ck_assert_uint_eq(listed.n, EA_ATTEMPT_MAX);
}
END_TEST

static const struct {
    const char *text;
    bool ours;
} descriptions[] = {
    { "edge-auth gate-a 12-3-2", true },
    { "edge-auth gate-a 1-1-1", true },
    { "edge-auth gate-b 12-3-2", false },
    { "edge-auth gate-a2 12-3-2", false },
    { "edge-auth gate- 12-3-2", false },
    { "edge-auth  12-3-2", false },
    { "Edge-auth gate-a 12-3-2", false },
    { " edge-auth gate-a 12-3-2", false },
    { "edge-auth gate-a 12-3", false },
    { "edge-auth gate-a 12-3-2-1", false },
    { "edge-auth gate-a 12-3-2 ", false },
    { "edge-auth gate-a 12--2", false },
    { "edge-auth gate-a -3-2", false },
    { "edge-auth gate-a 012-3-2", false },
    { "edge-auth gate-a 16777216-3-2", false },
    { "edge-auth gate-a 12-4096-2", false },
    { "edge-auth gate-a 12-3-16384", false },
    { "edge-auth gate-a 99999999999999999999-3-2", false },
    { "edge-auth", false },
    { "", false },
};

START_TEST(test_description_parse)
{
    struct kd_listed listed = { 0 };

    ck_assert_msg(kd_description_parse(&gate_a, descriptions[_i].text,
                                       &listed) == descriptions[_i].ours,
                  "%s", descriptions[_i].text);
    ck_assert((listed.number != 0) == descriptions[_i].ours);
}
END_TEST

START_TEST(test_listing)
{
    struct kd_listing listing = { 0 };
    const struct kd_listed none = { .id = "" }, bad = { .id = "a/b" };
    const struct kd_listed *key;
    unsigned count = 0;

    ck_assert_ptr_null(kd_listing_after(&listing, ""));
    ck_assert(!kd_listing_add(&listing, &none));
    ck_assert(!kd_listing_add(&listing, &bad));
    for (unsigned i = 0; i < 100; i++) {
        struct kd_listed one = { 0 };

        (void)snprintf(one.id, sizeof(one.id), "k%03u", (i * 37) % 100);
        ck_assert(kd_listing_add(&listing, &one));
    }
    kd_listing_sort(&listing);
    for (key = kd_listing_after(&listing, ""); key != NULL;
         key = kd_listing_after(&listing, key->id)) {
        char wanted[8];

        (void)snprintf(wanted, sizeof(wanted), "k%03u", count++);
        ck_assert_str_eq(key->id, wanted);
    }
    ck_assert_uint_eq(count, 100);
    ck_assert_str_eq(kd_listing_after(&listing, "k0115")->id, "k012");
    ck_assert_ptr_null(kd_listing_after(&listing, "k099"));
    kd_listing_clear(&listing);
    ck_assert_ptr_null(kd_listing_after(&listing, ""));
}
END_TEST

static const struct {
    long status;
    enum ea_keyd_outcome outcome;
} statuses[] = {
    { 400, EA_KEYD_DENIED }, { 401, EA_KEYD_DENIED }, { 403, EA_KEYD_DENIED },
    { 404, EA_KEYD_DENIED }, { 405, EA_KEYD_DENIED }, { 422, EA_KEYD_DENIED },
    { 501, EA_KEYD_DENIED }, { 0, EA_KEYD_API },      { 200, EA_KEYD_API },
    { 302, EA_KEYD_API },    { 408, EA_KEYD_API },    { 429, EA_KEYD_API },
    { 500, EA_KEYD_API },    { 502, EA_KEYD_API },    { 503, EA_KEYD_API },
};

START_TEST(test_status)
{
    const struct kd_response response = { .status = statuses[_i].status };
    struct kd_result result = { 0 };
    struct kd_call call = { .result = &result };

    ck_assert_int_eq(kd_call_fail(&call, &response), KD_NEXT_DONE);
    ck_assert_int_eq(result.outcome, statuses[_i].outcome);
}
END_TEST

Suite *
suite_kd_provider(void)
{
    Suite *suite = suite_create("kd_provider");
    TCase *tcase = tcase_create("provider");

    tcase_add_loop_test(tcase, test_time, 0, COUNT(times));
    tcase_add_test(tcase, test_time_format);
    tcase_add_test(tcase, test_description);
    tcase_add_loop_test(tcase, test_description_parse, 0, COUNT(descriptions));
    tcase_add_test(tcase, test_listing);
    tcase_add_loop_test(tcase, test_status, 0, COUNT(statuses));
    suite_add_tcase(suite, tcase);
    return suite;
}
