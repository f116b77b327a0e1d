/* Headscale's API v1: golden exchanges, and answers that are none. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "suites.h"
#include "talk.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

#define MINT                                                                   \
    "POST /api/v1/preauthkey {\"user\":\"3\",\"reusable\":false,"              \
    "\"ephemeral\":false,\"expiration\":\"2026-09-21T14:56:40Z\","             \
    "\"aclTags\":[\"tag:a\",\"tag:b\"]}"
#define MINTED(id, key, more, expires)                                         \
    "{\"preAuthKey\":{\"user\":{\"id\":\"3\",\"name\":\"edge\"},\"id\":" id    \
    ",\"key\":" key more ",\"used\":false,\"expiration\":" expires             \
    ",\"createdAt\":\"2026-09-21T11:26:40Z\",\"aclTags\":[\"tag:a\"]}}"
#define KEY "\"hskey-auth-abc-def\""
#define EXPIRES "\"2026-09-21T13:33:20Z\""

START_TEST(test_mint)
{
    struct talk talk;

    talk_init(&talk, &kd_headscale, KD_OP_MINT);
    ck_assert_str_eq(talk_begin(&talk), MINT);
    ck_assert_str_eq(
        talk_answer(&talk, 200, MINTED("\"17\"", KEY, "", EXPIRES)), "done ok");
    ck_assert_str_eq(talk.result.minted.id, "17");
    ck_assert_str_eq(talk.result.minted.key.text, "hskey-auth-abc-def");
    ck_assert_uint_eq(talk.result.minted.expires, 1789997600);
    talk_release(&talk);
}
END_TEST

/* A deadline that has passed: from now on. */
START_TEST(test_mint_late)
{
    struct talk talk;

    talk_init(&talk, &kd_headscale, KD_OP_MINT);
    talk.request.deadline = 5;
    ck_assert_ptr_nonnull(
        strstr(talk_begin(&talk), "\"expiration\":\"2026-09-21T13:56:40Z\""));
    talk_release(&talk);
}
END_TEST

static const char *const no_keys[] = {
    MINTED("\"\"", KEY, "", EXPIRES),
    MINTED("17", KEY, "", EXPIRES),
    MINTED("\"0\"", KEY, "", EXPIRES),
    MINTED("\"k17\"", KEY, "", EXPIRES),
    MINTED("\"17\"", "\"\"", "", EXPIRES),
    MINTED("\"17\"", "\"a b\"", "", EXPIRES),
    MINTED("\"17\"", KEY, ",\"reusable\":true", EXPIRES),
    MINTED("\"17\"", KEY, ",\"ephemeral\":true", EXPIRES),
    MINTED("\"17\"", KEY, "", "\"2026-09-21T12:26:40Z\""),
    MINTED("\"17\"", KEY, "", "null"),
    "{\"preAuthKey\":[]}",
    "{}",
    "[]",
    "",
    "Unauthorized",
};

START_TEST(test_mint_is_no_key)
{
    talk_must_fail(&kd_headscale, KD_OP_MINT, 200, no_keys[_i], EA_KEYD_API);
}
END_TEST

static const struct {
    long status;
    enum ea_keyd_outcome any, delete;
} statuses[] = {
    { 400, EA_KEYD_DENIED, EA_KEYD_DENIED },
    { 401, EA_KEYD_DENIED, EA_KEYD_DENIED },
    { 403, EA_KEYD_DENIED, EA_KEYD_DENIED },
    { 404, EA_KEYD_DENIED, EA_KEYD_OK },
    { 429, EA_KEYD_API, EA_KEYD_API },
    { 500, EA_KEYD_API, EA_KEYD_API },
    { 0, EA_KEYD_API, EA_KEYD_API },
};

START_TEST(test_status)
{
    static const enum kd_op ops[] = { KD_OP_MINT, KD_OP_CHECK, KD_OP_LIST };
    long status = statuses[_i].status;

    for (int i = 0; i < COUNT(ops); i++) {
        talk_must_fail(&kd_headscale, ops[i], status, TALK_SECRET,
                       statuses[_i].any);
    }
    talk_must_fail(&kd_headscale, KD_OP_DELETE, status, "{}",
                   statuses[_i].delete);
    talk_must_fail(&kd_headscale, KD_OP_FORGET, status, "{}",
                   statuses[_i].delete);
}
END_TEST

START_TEST(test_delete)
{
    static const char *const ids[] = { "k1", "01", "-1", "1a", "0", "" };
    struct talk talk;

    talk_init(&talk, &kd_headscale, KD_OP_DELETE);
    ck_assert_str_eq(talk_begin(&talk), "DELETE /api/v1/preauthkey?id=1");
    ck_assert_str_eq(talk_answer(&talk, 200, "{}"), "done ok");
    talk_again(&talk, KD_OP_FORGET, "1");
    ck_assert_str_eq(talk_begin(&talk), "DELETE /api/v1/node/1");
    ck_assert_str_eq(talk_answer(&talk, 200, "{}"), "done ok");
    /* ids of another provider never become a path */
    for (int i = 0; i < COUNT(ids); i++) {
        talk_again(&talk, KD_OP_DELETE, ids[i]);
        ck_assert_str_eq(talk_begin(&talk), "done bad");
    }
    talk_release(&talk);
}
END_TEST

/* ---- check ---- */

#define KEYS(list) "{\"preAuthKeys\":[" list "]}"
#define NODES(list) "{\"nodes\":[" list "]}"
#define NODE(id, key)                                                          \
    "{\"id\":\"" id "\",\"name\":\"x\",\"preAuthKey\":{\"id\":\"" key "\"}}"

static const struct {
    const char *keys, *nodes, *then;
    unsigned devices;
} checks[] = {
    { KEYS(""), NULL, "done ok", 0 },
    { KEYS("{\"id\":\"2\",\"used\":true}"), NULL, "done ok", 0 },
    { KEYS("{\"id\":\"1\",\"used\":false}"), NULL, "done ok", 0 },
    { KEYS("{\"id\":\"1\"}"), NULL, "done ok", 0 },
    { "{}", NULL, "done api", 0 },
    { "{\"preAuthKeys\":{}}", NULL, "done api", 0 },
    { "", NULL, "done api", 0 },
    { KEYS("{\"id\":\"1\",\"used\":true}"), NODES(""), "done ok", 0 },
    { KEYS("{\"id\":\"1\",\"used\":true}"), NODES(NODE("5", "1")), "done ok",
      1 },
    { KEYS("{\"id\":\"1\",\"used\":true}"),
      NODES(NODE("5", "1") "," NODE("6", "1")), "done ok", 2 },
    { KEYS("{\"id\":\"1\",\"used\":true}"),
      NODES(NODE("5", "2") ",7,{\"id\":\"8\"}"), "done ok", 0 },
    { KEYS("{\"id\":\"1\",\"used\":true}"), NODES(NODE("a/b", "1")), "done ok",
      0 },
    { KEYS("{\"id\":\"1\",\"used\":true}"), "{}", "done api", 0 },
    { KEYS("{\"id\":\"1\",\"used\":true}"), "[", "done api", 0 },
};

START_TEST(test_check)
{
    struct talk talk;
    const char *said;

    talk_init(&talk, &kd_headscale, KD_OP_CHECK);
    ck_assert_str_eq(talk_begin(&talk), "GET /api/v1/preauthkey");
    said = talk_answer(&talk, 200, checks[_i].keys);
    if (checks[_i].nodes != NULL) {
        ck_assert_str_eq(said, "GET /api/v1/node");
        said = talk_answer(&talk, 200, checks[_i].nodes);
    }
    ck_assert_str_eq(said, checks[_i].then);
    ck_assert(talk.result.checked.used == (checks[_i].nodes != NULL));
    ck_assert_uint_eq(talk.result.checked.devices, checks[_i].devices);
    talk_release(&talk);
}
END_TEST

/* ---- list ---- */

#define LISTED(id, user, used, created)                                        \
    "{\"id\":\"" id "\",\"user\":{\"id\":\"" user "\"},\"used\":" used         \
    ",\"createdAt\":\"" created "\"}"
#define OLD "2026-09-21T11:16:40.25Z"
#define YOUNG "2026-09-21T11:16:41Z"

START_TEST(test_list)
{
    struct ea_keyd_minted held = { .id = "15", .expires = TALK_NOW + 99999 };
    struct talk talk;

    talk_init(&talk, &kd_headscale, KD_OP_LIST);
    kd_keys_add(talk.keys, &talk.request, &held);
    ck_assert_str_eq(talk_begin(&talk), "GET /api/v1/preauthkey");
    ck_assert_str_eq(
        talk_answer(
            &talk, 200,
            KEYS(LISTED("9", "3", "false", OLD) "," LISTED(
                "10", "3", "true",
                OLD) "," LISTED("11", "4", "false",
                                OLD) "," LISTED("12", "3", "false",
                                                YOUNG) ","
                                                       "7,{}," LISTED(
                                                           "a/b", "3", "false",
                                                           OLD) "," LISTED("15",
                                                                           "3",
                                                                           "fal"
                                                                           "se",
                                                                           OLD))),
        "done ok");
    ck_assert_str_eq(talk.result.listed.id, "10");
    ck_assert(talk.result.listed.used);
    /* nobody remembers whose it is */
    ck_assert_uint_eq(talk.result.listed.number, 0);
    talk_again(&talk, KD_OP_LIST, "10");
    ck_assert_str_eq(talk_begin(&talk), "done ok");
    ck_assert_str_eq(talk.result.listed.id, "15"); /* held */
    ck_assert_uint_eq(talk.result.listed.number, 12);
    ck_assert_uint_eq(talk.result.listed.gen, 3);
    ck_assert_uint_eq(talk.result.listed.n, 2);
    talk_again(&talk, KD_OP_LIST, "15");
    ck_assert_str_eq(talk_begin(&talk), "done ok");
    ck_assert_str_eq(talk.result.listed.id, "9");
    ck_assert(!talk.result.listed.used);
    talk_again(&talk, KD_OP_LIST, "9");
    ck_assert_str_eq(talk_begin(&talk), "done ok");
    ck_assert_str_eq(talk.result.listed.id, "");
    talk_release(&talk);
}
END_TEST

START_TEST(test_list_is_none)
{
    static const char *const bad[] = { "", "{}", "{\"preAuthKeys\":{}}", "[]",
                                       "{\"preAuthKeys\":[" };

    for (int i = 0; i < COUNT(bad); i++) {
        talk_must_fail(&kd_headscale, KD_OP_LIST, 200, bad[i], EA_KEYD_API);
    }
    talk_must_fail(&kd_headscale, KD_OP_LIST, 200, KEYS(""), EA_KEYD_OK);
}
END_TEST

/* ---- the API key's end ---- */

#define API_KEYS(prefix, expiration)                                           \
    "{\"apiKeys\":[{\"id\":\"1\",\"prefix\":\"hskey-api-other-***\","          \
    "\"expiration\":\"2026-01-01T00:00:00Z\"},7,{\"id\":\"2\","                \
    "\"prefix\":" prefix ",\"expiration\":" expiration "}]}"

static const struct {
    long status;
    const char *body;
    uint64_t expiry;
} expiries[] = {
    { 200, API_KEYS("\"hskey-api-aB_-9-***\"", EXPIRES), 1789997600 },
    { 401, API_KEYS("\"hskey-api-aB_-9-***\"", EXPIRES), 0 },
    { 0, API_KEYS("\"hskey-api-aB_-9-***\"", EXPIRES), 0 },
    { 200, API_KEYS("\"hskey-api-aB_-8-***\"", EXPIRES), 0 },
    { 200, API_KEYS("\"hskey-api-aB_-9-\"", EXPIRES), 0 },
    { 200, API_KEYS("\"hskey-api-***\"", EXPIRES), 0 },
    { 200, API_KEYS("\"***\"", EXPIRES), 0 },
    { 200, API_KEYS("null", EXPIRES), 0 },
    { 200, API_KEYS("\"hskey-api-aB_-9-***\"", "null"), 0 },
    { 200, API_KEYS("\"hskey-api-aB_-9-***\"", "\"never\""), 0 },
    { 200, "{\"apiKeys\":{}}", 0 },
    { 200, "[", 0 },
    { 200, "", 0 },
};

START_TEST(test_expiry)
{
    const struct kd_identity identity = { .secret = "hskey-api-aB_-9-x" };
    const struct kd_response response = { expiries[_i].status,
                                          ea_bytes_of(expiries[_i].body) };
    struct kd_exchange exchange;

    memset(&exchange, 'x', sizeof(exchange));
    kd_headscale.ask_expiry(&exchange);
    ck_assert_str_eq(exchange.method, "GET");
    ck_assert_str_eq(exchange.path, "/api/v1/apikey");
    ck_assert_ptr_null(exchange.content_type);
    ck_assert_msg(kd_headscale.read_expiry(&identity, &response) ==
                      expiries[_i].expiry,
                  "%s", expiries[_i].body);
    ck_assert(kd_tailscale.ask_expiry == NULL);
}
END_TEST

START_TEST(test_devices)
{
    struct talk talk;

    talk_init(&talk, &kd_headscale, KD_OP_DEVICES);
    ck_assert_str_eq(talk_begin(&talk), "GET /api/v1/node");
    ck_assert_str_eq(
        talk_answer(&talk, 200,
                    "{\"nodes\":[{\"id\":\"7\",\"name\":\"edge-1\","
                    "\"createdAt\":\"2026-09-21T11:26:40.5Z\",\"tags\":"
                    "[\"tag:a\"]}]}"),
        "done ok");
    ck_assert_str_eq(talk.result.device.device, "7");
    ck_assert_str_eq(talk.result.device.hostname, "edge-1");
    talk_release(&talk);
    talk_must_fail(&kd_headscale, KD_OP_DEVICES, 200, "[]", EA_KEYD_API);
}
END_TEST

Suite *
suite_kd_headscale(void)
{
    Suite *suite = suite_create("kd_headscale");
    TCase *tcase = tcase_create("headscale");

    tcase_add_test(tcase, test_mint);
    tcase_add_test(tcase, test_mint_late);
    tcase_add_test(tcase, test_devices);
    tcase_add_loop_test(tcase, test_mint_is_no_key, 0, COUNT(no_keys));
    tcase_add_loop_test(tcase, test_status, 0, COUNT(statuses));
    tcase_add_test(tcase, test_delete);
    tcase_add_loop_test(tcase, test_check, 0, COUNT(checks));
    tcase_add_test(tcase, test_list);
    tcase_add_test(tcase, test_list_is_none);
    tcase_add_loop_test(tcase, test_expiry, 0, COUNT(expiries));
    suite_add_tcase(suite, tcase);
    return suite;
}
