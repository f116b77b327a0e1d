/* What edge-keyd counts. */
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "kd_metrics.h"
#include "suites.h"

static const struct {
    long status;
    const char *name;
} answers[] = {
    { 200, "edge_keyd_api_answers_total{code=\"2xx\"}" },
    { 204, "edge_keyd_api_answers_total{code=\"2xx\"}" },
    { 302, "edge_keyd_api_answers_total{code=\"4xx\"}" },
    { 401, "edge_keyd_api_answers_total{code=\"4xx\"}" },
    { 429, "edge_keyd_api_answers_total{code=\"429\"}" },
    { 500, "edge_keyd_api_answers_total{code=\"5xx\"}" },
    { 599, "edge_keyd_api_answers_total{code=\"5xx\"}" },
    { 0, "edge_keyd_api_answers_total{code=\"none\"}" },
    { 100, "edge_keyd_api_answers_total{code=\"none\"}" },
};

static json_int_t
value(const struct kd_metrics *metrics, const char *name)
{
    const struct kd_gauges gauges = { .held = 7, .started = 1790000000 };
    static char line[KD_METRICS_MAX];
    size_t len = kd_metrics_format(metrics, &gauges, line, sizeof(line));
    json_t *root = json_loadb(line, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *found = json_object_get(json_object_get(root, "metrics"), name);
    json_int_t number = json_integer_value(found);

    ck_assert_uint_gt(len, 0);
    ck_assert_int_eq(line[len - 1], '\n');
    ck_assert_ptr_nonnull(root);
    ck_assert(json_is_true(json_object_get(root, "ok")));
    ck_assert_msg(json_is_integer(found), "%s", name);
    json_decref(root);
    return number;
}

START_TEST(test_answers)
{
    struct kd_metrics metrics = { 0 };

    kd_metrics_answer(&metrics, answers[_i].status, 1500, 1);
    ck_assert_int_eq(value(&metrics, answers[_i].name), 1);
    ck_assert_int_eq(value(&metrics, "edge_keyd_api_requests_total"), 1);
    ck_assert_int_eq(value(&metrics, "edge_keyd_api_microseconds_total"), 1500);
    ck_assert_int_eq(value(&metrics, "edge_keyd_keys_held"), 7);
    ck_assert_int_eq(value(&metrics, "edge_keyd_start_time_seconds"),
                     1790000000);
}
END_TEST

/* The slowest of some minutes, not of all time. */
START_TEST(test_slowest)
{
    static const char name[] = "edge_keyd_api_slowest_microseconds";
    struct kd_metrics metrics = { 0 };

    kd_metrics_answer(&metrics, 200, 5000, 1000);
    kd_metrics_answer(&metrics, 200, 3000, 1300);
    ck_assert_int_eq(value(&metrics, name), 5000);
    kd_metrics_answer(&metrics, 200, 3000, 1301);
    ck_assert_int_eq(value(&metrics, name), 3000);
}
END_TEST

/* All at their largest fit, and what does not fit is nothing. */
START_TEST(test_fits)
{
    static char line[KD_METRICS_MAX];
    struct kd_metrics metrics;
    struct kd_gauges gauges = { SIZE_MAX, SIZE_MAX, true, UINT64_MAX,
                                UINT64_MAX };
    size_t len;

    memset(&metrics, 0xff, sizeof(metrics));
    len = kd_metrics_format(&metrics, &gauges, line, sizeof(line));
    ck_assert_uint_gt(len, 0);
    ck_assert_uint_lt(len, sizeof(line) / 2);
    ck_assert_uint_eq(kd_metrics_format(&metrics, &gauges, line, len + 1), len);
    ck_assert_uint_eq(kd_metrics_format(&metrics, &gauges, line, len), 0);
    ck_assert_uint_eq(kd_metrics_format(&metrics, &gauges, line, 1), 0);
    ck_assert_uint_eq(kd_metrics_format(&metrics, &gauges, line, 0), 0);
}
END_TEST

Suite *
suite_kd_metrics(void)
{
    Suite *suite = suite_create("kd_metrics");
    TCase *tcase = tcase_create("metrics");

    tcase_add_loop_test(tcase, test_answers, 0,
                        (int)(sizeof(answers) / sizeof(answers[0])));
    tcase_add_test(tcase, test_slowest);
    tcase_add_test(tcase, test_fits);
    suite_add_tcase(suite, tcase);
    return suite;
}
