/* Lines between gate and key service. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_crypto.h"
#include "ea_keyd.h"
#include "suites.h"

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

static const struct ea_record record = {
    .number = 12,
    .gen = 3,
    .cur = 2,
    .deadline = 1790000000,
    .exposed_at = 1789990000,
};

static const struct ea_node node = {
    .name = "edge-worker-1",
    .site = "edge-site-1",
    .hostname = "setup02-edge-worker-1",
    .tags = "tag:edge tag:setup02-edge-site-1",
};

START_TEST(test_requests)
{
    char line[EA_KEYD_REQUEST_MAX];
    size_t len;

    len = ea_keyd_mint(&record, &node, line, sizeof(line));
    ck_assert_str_eq(
        line, "{\"op\":\"mint\",\"number\":12,\"gen\":3,\"n\":2,\"node\":"
              "\"edge-worker-1\",\"site\":\"edge-site-1\",\"hostname\":"
              "\"setup02-edge-worker-1\",\"tags\":[\"tag:edge\","
              "\"tag:setup02-edge-site-1\"],\"deadline\":1790000000}\n");
    ck_assert_uint_eq(len, strlen(line));
    ck_assert_uint_eq(ea_keyd_mint(&record, &node, line, len + 1), len);
    ck_assert_uint_eq(ea_keyd_mint(&record, &node, line, len), 0);
    ck_assert_str_eq(line, "");

    ck_assert_uint_gt(
        ea_keyd_check(&record, "k1CNTRL", &node, line, sizeof(line)), 0);
    ck_assert_str_eq(line,
                     "{\"op\":\"check\",\"number\":12,\"gen\":3,\"id\":"
                     "\"k1CNTRL\",\"hostname\":\"setup02-edge-worker-1\","
                     "\"tags\":[\"tag:edge\",\"tag:setup02-edge-site-1\"],"
                     "\"since\":1789990000}\n");
    ck_assert_uint_gt(ea_keyd_delete("k1", line, sizeof(line)), 0);
    ck_assert_str_eq(line, "{\"op\":\"delete\",\"id\":\"k1\"}\n");
    ck_assert_uint_gt(ea_keyd_forget("n5", line, sizeof(line)), 0);
    ck_assert_str_eq(line, "{\"op\":\"forget\",\"device\":\"n5\"}\n");
    ck_assert_uint_gt(ea_keyd_list("", line, sizeof(line)), 0);
    ck_assert_str_eq(line, "{\"op\":\"list\",\"after\":\"\"}\n");
    ck_assert_uint_gt(ea_keyd_devices("n5", 1790000000, line, sizeof(line)), 0);
    ck_assert_str_eq(line, "{\"op\":\"devices\",\"after\":\"n5\",\"since\":"
                           "1790000000}\n");
    ck_assert_uint_eq(ea_keyd_devices("n\"5", 1, line, sizeof(line)), 0);
}
END_TEST

/* A text that is no id cannot become a member of its own. */
START_TEST(test_request_refused)
{
    static const char *const ids[] = { "",    "k\"1", "k\\1",
                                       "k\n", "k,1",  "k\xc3\xa4" };
    char line[EA_KEYD_REQUEST_MAX], longer[EA_KEY_ID_MAX + 2];
    struct ea_node bare = node, bad = node;

    for (int i = 0; i < COUNT(ids); i++) {
        ck_assert_uint_eq(ea_keyd_delete(ids[i], line, sizeof(line)), 0);
        ck_assert_uint_eq(
            ea_keyd_check(&record, ids[i], &node, line, sizeof(line)), 0);
    }
    memset(longer, 'k', sizeof(longer) - 1);
    longer[sizeof(longer) - 1] = '\0';
    ck_assert_uint_eq(ea_keyd_delete(longer, line, sizeof(line)), 0);
    ck_assert_uint_gt(ea_keyd_delete(longer + 1, line, sizeof(line)), 0);

    bare.tags[0] = '\0';
    ck_assert_uint_eq(ea_keyd_mint(&record, &bare, line, sizeof(line)), 0);
    (void)snprintf(bad.tags, sizeof(bad.tags), "%s", "tag:edge edge");
    ck_assert_uint_eq(ea_keyd_mint(&record, &bad, line, sizeof(line)), 0);
    (void)snprintf(bad.tags, sizeof(bad.tags), "%s", "tag:edge  tag:more");
    ck_assert_uint_eq(ea_keyd_mint(&record, &bad, line, sizeof(line)), 0);
    ck_assert_uint_gt(ea_keyd_mint(&record, &node, line, sizeof(line)), 0);
}
END_TEST

static const struct {
    const char *tag;
    bool good;
} tags[] = {
    { "tag:a", true },
    { "tag:edge-site-1", true },
    { "tag:A9-", true },
    { "tag:", false },
    { "tag", false },
    { "", false },
    { "tag:1a", false },
    { "tag:-a", false },
    { "tag:a b", false },
    { "tag:a_b", false },
    { "Tag:a", false },
    { "tag:a\"", false },
    { "tag:tag:a", false },
    { "tag:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", true },
    { "tag:aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa",
      false },
};

START_TEST(test_tags)
{
    struct ea_error err = { 0 };

    ck_assert_msg(ea_keyd_tag_check(ea_bytes_of(tags[_i].tag), &err) ==
                      tags[_i].good,
                  "%s", tags[_i].tag);
    ck_assert((err.message[0] != '\0') == !tags[_i].good);
}
END_TEST

/* The longest there can be still fits. */
START_TEST(test_longest)
{
    char line[EA_KEYD_REQUEST_MAX];
    struct ea_record rec = record;
    struct ea_node longest = { 0 };

    memset(longest.name, 'a', EA_NAME_MAX);
    memset(longest.site, 'a', EA_NAME_MAX);
    memset(longest.hostname, 'a', EA_HOSTNAME_MAX);
    memset(longest.tags, 'a', EA_TAGS_TEXT_MAX);
    for (size_t at = 0; at < EA_TAGS_TEXT_MAX; at += 64) {
        memcpy(longest.tags + at, "tag:", 4);
        if (at > 0) {
            longest.tags[at - 1] = ' ';
        }
    }
    rec.number = EA_NUMBER_MAX;
    rec.gen = EA_GEN_MAX;
    rec.cur = EA_ATTEMPT_MAX;
    rec.deadline = UINT64_MAX;
    ck_assert_uint_gt(ea_keyd_mint(&rec, &longest, line, sizeof(line)), 0);
}
END_TEST

START_TEST(test_replies)
{
    struct ea_keyd_minted minted;
    struct ea_keyd_checked checked;
    struct ea_keyd_listed listed;
    struct ea_keyd_device device;
    uint32_t retry = 99;

    ck_assert_int_eq(
        ea_keyd_read_minted(EA_BYTES("{\"ok\":true,\"id\":\"k1\",\"key\":"
                                     "\"tskey-auth-k1-x_Y\",\"expires\":"
                                     "1790009000}\n"),
                            &minted, &retry),
        EA_KEYD_OK);
    ck_assert_str_eq(minted.id, "k1");
    ck_assert_str_eq(minted.key.text, "tskey-auth-k1-x_Y");
    ck_assert_uint_eq(minted.expires, 1790009000);
    ck_assert_int_eq(
        ea_keyd_read_checked(EA_BYTES("{\"ok\":true,\"used\":true,\"device\":"
                                      "\"n7\",\"devices\":2}\n"),
                             &checked, &retry),
        EA_KEYD_OK);
    ck_assert(checked.used);
    ck_assert_str_eq(checked.device, "n7");
    ck_assert_uint_eq(checked.devices, 2);
    ck_assert_int_eq(
        ea_keyd_read_listed(EA_BYTES("{\"ok\":true,\"id\":\"k9\",\"number\":12,"
                                     "\"gen\":3,\"n\":1,\"used\":false}\n"),
                            &listed, &retry),
        EA_KEYD_OK);
    ck_assert_str_eq(listed.id, "k9");
    ck_assert(listed.number == 12 && listed.gen == 3 && listed.n == 1);
    ck_assert(!listed.used);
    ck_assert_int_eq(
        ea_keyd_read_device(EA_BYTES("{\"ok\":true,\"device\":\"n7\","
                                     "\"hostname\":\"edge-1\"}\n"),
                            &device, &retry),
        EA_KEYD_OK);
    ck_assert_str_eq(device.device, "n7");
    ck_assert_str_eq(device.hostname, "edge-1");
    ck_assert_int_eq(ea_keyd_read_device(EA_BYTES("{\"ok\":true,\"device\":"
                                                  "\"n7\",\"hostname\":"
                                                  "\"edge 1\"}\n"),
                                         &device, &retry),
                     EA_KEYD_OUTAGE);
    ck_assert_int_eq(ea_keyd_read_done(EA_BYTES("{\"ok\":true}\n"), &retry),
                     EA_KEYD_OK);
    ck_assert_uint_eq(retry, 99);
}
END_TEST

static const struct {
    const char *line;
    enum ea_keyd_outcome outcome;
} failures[] = {
    { "{\"ok\":false,\"reason\":\"busy\",\"retry\":30}\n", EA_KEYD_BUSY },
    { "{\"ok\":false,\"reason\":\"ceiling\",\"retry\":30}\n", EA_KEYD_CEILING },
    { "{\"ok\":false,\"reason\":\"api\",\"retry\":30}\n", EA_KEYD_API },
    { "{\"ok\":false,\"reason\":\"denied\",\"retry\":30}\n", EA_KEYD_DENIED },
    { "{\"ok\":false,\"reason\":\"bad\",\"retry\":30}\n", EA_KEYD_BAD },
    { "{\"ok\":false,\"reason\":\"ok\",\"retry\":30}\n", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"outage\",\"retry\":30}\n", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"\",\"retry\":30}\n", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"busy\",\"retry\":-1}\n", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"busy\",\"retry\":30}", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"busy\",\"retry\":30}\n\n", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"busy\"}\n", EA_KEYD_OUTAGE },
    { "{\"ok\": false,\"reason\":\"busy\",\"retry\":30}\n", EA_KEYD_OUTAGE },
    { "{\"ok\":false,\"reason\":\"busy", EA_KEYD_OUTAGE },
    { "", EA_KEYD_OUTAGE },
};

START_TEST(test_failures)
{
    struct ea_bytes line = ea_bytes_of(failures[_i].line);
    uint32_t retry = 0;

    ck_assert_int_eq(ea_keyd_read_done(line, &retry), failures[_i].outcome);
    ck_assert_uint_eq(retry, failures[_i].outcome == EA_KEYD_OUTAGE ? 0 : 30);
}
END_TEST

/* Each differs from test_replies' line in one thing. */
static const char *const wrong_minted[] = {
    "{\"ok\":true,\"id\":\"\",\"key\":\"tskey\",\"expires\":1}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"\",\"expires\":1}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"ts key\",\"expires\":1}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"ts\\u0041\",\"expires\":1}\n",
    "{\"ok\":true,\"key\":\"tskey\",\"id\":\"k1\",\"expires\":1}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"tskey\",\"expires\":01}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"tskey\",\"expires\":1,\"x\":1}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"tskey\",\"expires\":1}",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"tskey\"}\n",
    "{\"ok\":true}\n",
    "{\"ok\":true,\"id\":\"k1\",\"key\":\"tskey",
};

START_TEST(test_wrong_minted)
{
    struct ea_keyd_minted minted = { .id = "before" };

    ck_assert_int_eq(
        ea_keyd_read_minted(ea_bytes_of(wrong_minted[_i]), &minted, NULL),
        EA_KEYD_OUTAGE);
    ck_assert_str_eq(minted.id, "before");
    ck_assert_int_eq(
        ea_keyd_read_minted(EA_BYTES("{\"ok\":true,\"id\":\"k1\",\"key\":"
                                     "\"tskey\",\"expires\":1}\n"),
                            &minted, NULL),
        EA_KEYD_OK);
}
END_TEST

START_TEST(test_fill)
{
    static const struct ea_keyd_key key = { "tskey-1" }, none = { "" };
    const struct ea_bytes body = EA_BYTES("a: " EA_PLACEHOLDER "\nb: 1\n");
    char filled[128];
    size_t len = ea_keyd_fill(body, &key, filled, sizeof(filled));

    ck_assert_uint_eq(len, strlen("a: tskey-1\nb: 1\n"));
    ck_assert_mem_eq(filled, "a: tskey-1\nb: 1\n", len);
    ck_assert_uint_eq(ea_keyd_fill(body, &key, filled, len), len);
    ck_assert_uint_eq(ea_keyd_fill(body, &key, filled, len - 1), 0);
    ck_assert_uint_eq(ea_keyd_fill(body, &none, filled, sizeof(filled)), 0);
    ck_assert_uint_eq(
        ea_keyd_fill(EA_BYTES("a: b\n"), &key, filled, sizeof(filled)), 0);
    ck_assert_uint_eq(ea_keyd_fill(EA_BYTES(EA_PLACEHOLDER EA_PLACEHOLDER),
                                   &key, filled, sizeof(filled)),
                      0);
}
END_TEST

Suite *
suite_ea_keyd(void)
{
    Suite *suite = suite_create("ea_keyd");
    TCase *tcase = tcase_create("lines");

    tcase_add_test(tcase, test_requests);
    tcase_add_test(tcase, test_request_refused);
    tcase_add_loop_test(tcase, test_tags, 0, COUNT(tags));
    tcase_add_test(tcase, test_longest);
    tcase_add_test(tcase, test_replies);
    tcase_add_loop_test(tcase, test_failures, 0, COUNT(failures));
    tcase_add_loop_test(tcase, test_wrong_minted, 0, COUNT(wrong_minted));
    tcase_add_test(tcase, test_fill);
    suite_add_tcase(suite, tcase);
    return suite;
}
