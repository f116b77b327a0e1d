/* Audit lines: one JSON object each, whatever a client put into it. */
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "ea_audit.h"
#include "ea_base32.h"
#include "suites.h"

static struct ea_audit
some_event(void)
{
    struct ea_audit event;

    memset(&event, 0, sizeof(event));
    event.time = 1700000000;
    event.action = "claim";
    event.actor = "gate";
    event.node = "edge-worker-1";
    event.site = "edge-site-1";
    event.row = "8";
    event.reason = EA_REASON_AGAIN;
    event.reply = EA_REPLY_SCRIPT;
    event.mark = EA_MARK_RECLAIM;
    event.credential = "0123456789";
    event.gen = 2;
    event.n = 3;
    memcpy(event.ids.mac, "52:54:00:00:02:01", EA_MAC_LEN + 1);
    event.source = "192.0.2.1";
    event.ref = "k7q2";
    return event;
}

START_TEST(test_line)
{
    const struct ea_audit event = some_event();
    char text[EA_AUDIT_LINE_MAX];
    size_t len = ea_audit_format(&event, text, sizeof(text));
    json_t *line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    json_t *expected = json_pack(
        "{s:i,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:s,s:i,s:i,s:s,s:s,s:s}", "time",
        1700000000, "action", "claim", "actor", "gate", "node", "edge-worker-1",
        "site", "edge-site-1", "reply", "script", "row", "8", "reason", "again",
        "mark", "reclaim", "credential", "0123456789", "gen", 2, "n", 3, "mac",
        "52:54:00:00:02:01", "source", "192.0.2.1", "ref", "k7q2");

    if (ea_reason_row(EA_REASON_AGAIN)->alarm) {
        json_object_set_new(expected, "alarm", json_true());
    }
    ck_assert_msg(json_equal(line, expected), "%.*s", (int)len, text);
    json_decref(line);
    json_decref(expected);
}
END_TEST

START_TEST(test_shortest)
{
    const struct ea_audit event = { .time = 0 };
    char text[EA_AUDIT_LINE_MAX];
    size_t len = ea_audit_format(&event, text, sizeof(text));
    json_t *line = json_loadb(text, len, 0, NULL);

    ck_assert_msg(json_is_object(line), "%.*s", (int)len, text);
    ck_assert_str_eq(json_string_value(json_object_get(line, "reply")),
                     "refuse");
    ck_assert_ptr_null(json_object_get(line, "node"));
    json_decref(line);
}
END_TEST

START_TEST(test_alarm)
{
    struct ea_audit event = some_event();
    char text[EA_AUDIT_LINE_MAX];
    size_t len;

    event.reason = EA_REASON_CLAIMED;
    event.mark = EA_MARK_NONE;
    len = ea_audit_format(&event, text, sizeof(text));
    ck_assert_ptr_null(memmem(text, len, "alarm", 5));
    event.mark = EA_MARK_ALARM;
    len = ea_audit_format(&event, text, sizeof(text));
    ck_assert_ptr_nonnull(memmem(text, len, "\"alarm\":true", 12));
}
END_TEST

static const struct {
    const char *given, *written;
} texts[] = {
    { "plain", "\"plain\"" },
    { "a\"b", "\"a\\\"b\"" },
    { "a\\b", "\"a\\\\b\"" },
    { "\",\"row\":\"3", "\"\\\",\\\"row\\\":\\\"3\"" },
    { "a\nb", "\"a\\u000ab\"" },
    { "\x1b[2J", "\"\\u001b[2J\"" },
    { "\x7f", "\"\\u007f\"" },
    { "\xc3\xa4", "\"\\u00c3\\u00a4\"" },
    { "\xff", "\"\\u00ff\"" },
};

START_TEST(test_text)
{
    struct ea_audit event = some_event();
    char text[EA_AUDIT_LINE_MAX];
    size_t len;
    json_t *line;

    event.ref = texts[_i].given;
    len = ea_audit_format(&event, text, sizeof(text));
    ck_assert_msg(
        memmem(text, len, texts[_i].written, strlen(texts[_i].written)) != NULL,
        "%.*s", (int)len, text);
    line = json_loadb(text, len, JSON_REJECT_DUPLICATES, NULL);
    ck_assert(json_is_object(line));
    ck_assert_str_eq(json_string_value(json_object_get(line, "row")), "8");
    json_decref(line);
    for (size_t i = 0; i < len; i++) {
        ck_assert(text[i] >= ' ' && text[i] < 127);
    }
}
END_TEST

/* All or nothing: never a line that is cut. */
START_TEST(test_no_room)
{
    const struct ea_audit event = some_event();
    char text[EA_AUDIT_LINE_MAX];
    size_t len = ea_audit_format(&event, text, sizeof(text));

    for (size_t size = 0; size < len; size++) {
        ck_assert_uint_eq(ea_audit_format(&event, text, size), 0);
    }
    ck_assert_uint_eq(ea_audit_format(&event, text, len), len);
}
END_TEST

/* The longest a gate can have to say fits. */
START_TEST(test_longest)
{
    struct ea_audit event = some_event();
    char name[EA_NAME_MAX + 1], text[EA_AUDIT_LINE_MAX];

    memset(name, 'z', EA_NAME_MAX);
    name[EA_NAME_MAX] = '\0';
    event.action = event.actor = event.node = event.site = name;
    event.credential = event.source = event.ref = name;
    event.time = UINT64_MAX;
    event.gen = event.n = UINT16_MAX;
    memset(event.ids.uuid, 'z', EA_UUID_LEN);
    memset(event.ids.serial, '"', EA_SERIAL_MAX);
    memset(event.ids.mac, 'z', EA_MAC_LEN);
    ck_assert_uint_ne(ea_audit_format(&event, text, sizeof(text)), 0);
}
END_TEST

/* Sums made with Python's hashlib from the header's words. */
START_TEST(test_chain)
{
    static const char first[] =
        "84b656359c71ff33088f16337a0f300427f000f3a425d6a823b9e8e84da95fcc";
    static const char second[] =
        "b7915aeb9a036471a1049d9760ace00dab13da38bb7d04a844e85f9351e917c8";
    const struct ea_bytes text = EA_BYTES("{\"time\":1}");
    uint8_t hash[EA_SHA256_LEN] = { 0 }, next[EA_SHA256_LEN];
    char hex[2 * EA_SHA256_LEN + 1];

    ck_assert(ea_audit_chain(hash, 1, text, next));
    ea_hex_encode(next, sizeof(next), hex);
    ck_assert_str_eq(hex, first);
    ck_assert(ea_audit_chain(next, 2, text, hash));
    ea_hex_encode(hash, sizeof(hash), hex);
    ck_assert_str_eq(hex, second);
    ck_assert(ea_audit_chain(next, 3, text, hash));
    ea_hex_encode(hash, sizeof(hash), hex);
    ck_assert_str_ne(hex, second);
}
END_TEST

Suite *
suite_ea_audit(void)
{
    Suite *suite = suite_create("ea_audit");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, test_line);
    tcase_add_test(tcase, test_shortest);
    tcase_add_test(tcase, test_alarm);
    tcase_add_loop_test(tcase, test_text, 0, sizeof(texts) / sizeof(texts[0]));
    tcase_add_test(tcase, test_no_room);
    tcase_add_test(tcase, test_longest);
    tcase_add_test(tcase, test_chain);
    suite_add_tcase(suite, tcase);
    return suite;
}
