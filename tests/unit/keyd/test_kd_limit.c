/* Ceilings slide, the breaker opens, half opens and closes. */
#include <stdio.h>

#include <check.h>

#include "kd_limit.h"
#include "suites.h"

#define NOON 1789992000u /* a multiple of 7200 */

START_TEST(test_hour)
{
    struct kd_limit *limit = kd_limit_new(3, 0);

    for (unsigned i = 0; i < 3; i++) {
        ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + i * 600), 0);
        kd_limit_count(limit, "a", NOON + i * 600);
    }
    /* the first leaves an hour after its step of 5 minutes began */
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + 1200), 2400);
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + 3599), 1);
    ck_assert_uint_eq(kd_limit_site(limit, "b", NOON + 1200), 0);
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + 3600), 0);
    kd_limit_count(limit, "a", NOON + 3600);
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + 3600), 600);
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + 4200), 0);
    kd_limit_free(limit);
}
END_TEST

START_TEST(test_day)
{
    struct kd_limit *limit = kd_limit_new(0, 2);
    uint32_t wait;

    kd_limit_count(limit, "a", NOON);
    kd_limit_count(limit, "a", NOON);
    wait = kd_limit_site(limit, "a", NOON);
    ck_assert_uint_gt(wait, 86400 - 7200);
    ck_assert_uint_le(wait, 86400);
    ck_assert_uint_gt(kd_limit_site(limit, "a", NOON + wait - 1), 0);
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON + wait), 0);
    kd_limit_free(limit);
}
END_TEST

/* The longer of both waits counts; many in one step count all. */
START_TEST(test_both)
{
    struct kd_limit *limit = kd_limit_new(2, 4);

    for (unsigned i = 0; i < 4; i++) {
        kd_limit_count(limit, "a", NOON);
    }
    ck_assert_uint_gt(kd_limit_site(limit, "a", NOON), 3600);
    ck_assert_uint_gt(kd_limit_site(limit, "a", NOON + 3600), 3600);
    kd_limit_free(limit);
}
END_TEST

START_TEST(test_no_ceiling)
{
    struct kd_limit *limit = kd_limit_new(0, 0);

    for (unsigned i = 0; i < 10000; i++) {
        kd_limit_count(limit, "a", NOON);
    }
    ck_assert_uint_eq(kd_limit_site(limit, "a", NOON), 0);
    kd_limit_free(limit);
    kd_limit_free(NULL);
}
END_TEST

/* A clock that went back takes nothing away. */
START_TEST(test_back)
{
    struct kd_limit *limit = kd_limit_new(1, 0);

    kd_limit_count(limit, "a", NOON + 7200);
    ck_assert_uint_gt(kd_limit_site(limit, "a", NOON), 0);
    ck_assert_uint_gt(kd_limit_site(limit, "a", NOON + 7200), 0);
    kd_limit_free(limit);
}
END_TEST

START_TEST(test_sites)
{
    struct kd_limit *limit = kd_limit_new(1, 1);
    char name[EA_NAME_MAX + 1];

    for (unsigned i = 0; i < KD_SITES_MAX; i++) {
        (void)snprintf(name, sizeof(name), "site-%u", i);
        ck_assert_uint_eq(kd_limit_site(limit, name, NOON), 0);
    }
    ck_assert_uint_eq(kd_limit_site(limit, name, NOON), 0);
    ck_assert_uint_gt(kd_limit_site(limit, "one-more", NOON), 0);
    kd_limit_count(limit, "one-more", NOON); /* and nothing happens */
    kd_limit_free(limit);
}
END_TEST

START_TEST(test_breaker)
{
    struct kd_limit *limit = kd_limit_new(0, 0);
    uint64_t now = NOON;
    uint32_t pause = KD_BREAKER_FIRST;

    for (unsigned i = 1; i < KD_BREAKER_FAILURES; i++) {
        kd_limit_failure(limit, now, 0);
        ck_assert_uint_eq(kd_limit_wait(limit, now), 0);
        ck_assert(!kd_limit_is_open(limit, now));
    }
    for (unsigned i = 0; i < 8; i++) {
        kd_limit_failure(limit, now, 0);
        ck_assert(kd_limit_is_open(limit, now));
        ck_assert_uint_eq(kd_limit_wait(limit, now), pause);
        ck_assert_uint_eq(kd_limit_wait(limit, now + pause - 1), 1);
        now += pause;
        /* half open: one, and no other until that one is answered */
        ck_assert_uint_eq(kd_limit_wait(limit, now), 0);
        ck_assert_uint_gt(kd_limit_wait(limit, now), 0);
        pause = pause * 2 > KD_BREAKER_LAST ? KD_BREAKER_LAST : pause * 2;
    }
    kd_limit_success(limit);
    ck_assert_uint_eq(kd_limit_wait(limit, now), 0);
    ck_assert_uint_eq(kd_limit_wait(limit, now), 0);
    ck_assert(!kd_limit_is_open(limit, now));
    for (unsigned i = 0; i < KD_BREAKER_FAILURES; i++) {
        kd_limit_failure(limit, now, 0);
    }
    ck_assert_uint_eq(kd_limit_wait(limit, now), KD_BREAKER_FIRST);
    kd_limit_free(limit);
}
END_TEST

/* One that was let through and never came back does not close it for ever. */
START_TEST(test_lost_try)
{
    struct kd_limit *limit = kd_limit_new(0, 0);
    uint64_t now = NOON + KD_BREAKER_FIRST;

    for (unsigned i = 0; i < KD_BREAKER_FAILURES; i++) {
        kd_limit_failure(limit, NOON, 0);
    }
    ck_assert_uint_eq(kd_limit_wait(limit, now), 0);
    ck_assert_uint_gt(kd_limit_wait(limit, now + 29), 0);
    ck_assert_uint_eq(kd_limit_wait(limit, now + 30), 0);
    kd_limit_free(limit);
}
END_TEST

START_TEST(test_retry_after)
{
    struct kd_limit *limit = kd_limit_new(0, 0);

    kd_limit_failure(limit, NOON, 20);
    ck_assert_uint_eq(kd_limit_wait(limit, NOON), 20);
    ck_assert(kd_limit_is_open(limit, NOON));
    kd_limit_failure(limit, NOON + 1, 2); /* a shorter one takes nothing away */
    ck_assert_uint_eq(kd_limit_wait(limit, NOON + 19), 1);
    kd_limit_success(limit); /* nor does an answer that was on its way */
    ck_assert_uint_eq(kd_limit_wait(limit, NOON + 19), 1);
    ck_assert_uint_eq(kd_limit_wait(limit, NOON + 20), 0);
    kd_limit_failure(limit, NOON + 20, 86400);
    ck_assert_uint_eq(kd_limit_wait(limit, NOON + 20), KD_PAUSE_MAX);
    kd_limit_free(limit);
}
END_TEST

Suite *
suite_kd_limit(void)
{
    Suite *suite = suite_create("kd_limit");
    TCase *tcase = tcase_create("limit");

    tcase_add_test(tcase, test_hour);
    tcase_add_test(tcase, test_day);
    tcase_add_test(tcase, test_both);
    tcase_add_test(tcase, test_no_ceiling);
    tcase_add_test(tcase, test_back);
    tcase_add_test(tcase, test_sites);
    tcase_add_test(tcase, test_breaker);
    tcase_add_test(tcase, test_lost_try);
    tcase_add_test(tcase, test_retry_after);
    suite_add_tcase(suite, tcase);
    return suite;
}
