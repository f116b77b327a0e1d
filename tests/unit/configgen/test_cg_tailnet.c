/* Words of a tailnet: ports, receivers, people, addresses. */
#include <string.h>

#include <check.h>

#include "model/cg_tailnet.h"
#include "suites.h"

static const struct {
    const char *text;
    bool good, is_udp;
    unsigned first, last;
} ports[] = {
    { "tcp:1", true, false, 1, 1 },
    { "tcp:65535", true, false, 65535, 65535 },
    { "udp:6081", true, true, 6081, 6081 },
    { "tcp:7000-7999", true, false, 7000, 7999 },
    { "udp:1-65535", true, true, 1, 65535 },
    { "", false, false, 0, 0 },
    { "tcp", false, false, 0, 0 },
    { "tcp:", false, false, 0, 0 },
    { "tcp:0", false, false, 0, 0 },
    { "tcp:65536", false, false, 0, 0 },
    { "tcp:07", false, false, 0, 0 },
    { "tcp: 7", false, false, 0, 0 },
    { "tcp:7 ", false, false, 0, 0 },
    { "tcp:7-", false, false, 0, 0 },
    { "tcp:-7", false, false, 0, 0 },
    { "tcp:7-7", false, false, 0, 0 },
    { "tcp:8-7", false, false, 0, 0 },
    { "tcp:7-8-9", false, false, 0, 0 },
    { "tcp:1-65536", false, false, 0, 0 },
    { "TCP:7", false, false, 0, 0 },
    { "sctp:7", false, false, 0, 0 },
    { "tcp/7", false, false, 0, 0 },
    { "7", false, false, 0, 0 },
    { "tcp:*", false, false, 0, 0 },
};

START_TEST(test_ports)
{
    struct cg_ports got = { 0 };

    ck_assert_msg(cg_ports_parse(ports[_i].text, &got) == ports[_i].good,
                  "'%s'", ports[_i].text);
    ck_assert(got.is_udp == ports[_i].is_udp);
    ck_assert_uint_eq(got.first, ports[_i].first);
    ck_assert_uint_eq(got.last, ports[_i].last);
}
END_TEST

#define LABEL63                                                                \
    "a12345678901234567890123456789012345678901234567890123456789012"

/* `host` NULL: refused. */
static const struct {
    const char *text, *host;
    bool is_udp, is_name;
    unsigned port;
} receivers[] = {
    { "tcp://100.64.0.9:6051", "100.64.0.9", false, false, 6051 },
    { "udp://100.64.0.9:1", "100.64.0.9", true, false, 1 },
    { "udp://[fd7a::9]:65535", "fd7a::9", true, false, 65535 },
    { "tcp://logs:6051", "logs", false, true, 6051 },
    { "tcp://logs.example.net:6051", "logs.example.net", false, true, 6051 },
    { "tcp://1.example:6051", "1.example", false, true, 6051 },
    { "tcp://" LABEL63 ".a:1", LABEL63 ".a", false, true, 1 },
    { "tcp://" LABEL63 "b.a:1", NULL, false, false, 0 },
    { "tcp://" LABEL63 "." LABEL63 "." LABEL63 "." LABEL63 ":1", NULL, false,
      false, 0 },
    { "", NULL, false, false, 0 },
    { "tcp://", NULL, false, false, 0 },
    { "tcp://:6051", NULL, false, false, 0 },
    { "tcp://100.64.0.9", NULL, false, false, 0 },
    { "tcp://100.64.0.9:", NULL, false, false, 0 },
    { "tcp://100.64.0.9:0", NULL, false, false, 0 },
    { "tcp://100.64.0.9:65536", NULL, false, false, 0 },
    { "tcp://100.64.0.9:6051/", NULL, false, false, 0 },
    { "tcp://100.64.0.9:6051?a", NULL, false, false, 0 },
    { "tcp://a@100.64.0.9:6051", NULL, false, false, 0 },
    { "tcp://100.64.0.9/10:6051", NULL, false, false, 0 },
    { "tcp://100.64.0.999:6051", NULL, false, false, 0 },
    { "tcp://100.64.0:6051", NULL, false, false, 0 },
    { "tcp://fd7a::9:6051", NULL, false, false, 0 },
    { "tcp://[fd7a::9:6051", NULL, false, false, 0 },
    { "tcp://[fd7a::9]6051", NULL, false, false, 0 },
    { "tcp://[]:6051", NULL, false, false, 0 },
    { "tcp://[100.64.0.9]:6051", NULL, false, false, 0 },
    { "tcp://[logs]:6051", NULL, false, false, 0 },
    { "tcp://-a:6051", NULL, false, false, 0 },
    { "tcp://a-:6051", NULL, false, false, 0 },
    { "tcp://a..b:6051", NULL, false, false, 0 },
    { "tcp://a.:6051", NULL, false, false, 0 },
    { "tcp://a_b:6051", NULL, false, false, 0 },
    { "tls://100.64.0.9:6051", NULL, false, false, 0 },
    { "tcp:100.64.0.9:6051", NULL, false, false, 0 },
    { " tcp://100.64.0.9:6051", NULL, false, false, 0 },
};

START_TEST(test_receivers)
{
    struct cg_receiver got = { 0 };
    bool good = cg_receiver_parse(receivers[_i].text, &got);

    ck_assert_msg(good == (receivers[_i].host != NULL), "'%s'",
                  receivers[_i].text);
    ck_assert_str_eq(got.host,
                     receivers[_i].host == NULL ? "" : receivers[_i].host);
    ck_assert(got.is_udp == receivers[_i].is_udp);
    ck_assert(got.is_name == receivers[_i].is_name);
    ck_assert_uint_eq(got.port, receivers[_i].port);
}
END_TEST

static const struct {
    const char *text;
    bool is_inside;
} addresses[] = {
    { "100.64.0.0", true },
    { "100.127.255.255", true },
    { "100.64.0.0/10", true },
    { "100.63.255.255", false },
    { "100.128.0.0", false },
    { "100.64.0.0/9", false },
    { "fd7a:115c:a1e0::", true },
    { "fd7a:115c:a1e0:ffff::1", true },
    { "fd7a:115c:a1e1::1", false },
    { "fd7a:115c:a1e0::/47", false },
    { "::ffff:100.64.0.1", false },
    { "", false },
    { "logs", false },
};

START_TEST(test_addresses)
{
    ck_assert_msg(cg_tailnet_has(addresses[_i].text) == addresses[_i].is_inside,
                  "'%s'", addresses[_i].text);
}
END_TEST

/* 1: anywhere; 2: where tags may stand; 0: nowhere. */
static const struct {
    const char *text;
    int where;
    bool is_local;
} peers[] = {
    { "ops@", 1, false },
    { "ops@example.net", 1, false },
    { "a.b+c_d-e@example.net", 1, false },
    { "group:ops", 1, true },
    { "group:ops@example.net", 1, false },
    { "autogroup:member", 1, false },
    { "tag:ops", 2, false },
    { "tag:", 0, false },
    { "tag:9", 0, false },
    { "tag:a b", 0, false },
    { "", 0, false },
    { "*", 0, false },
    { "ops", 0, false },
    { "@", 0, false },
    { "@example.net", 0, false },
    { "a@b@c", 0, false },
    { "a @b", 0, false },
    { "a\"@b", 0, false },
    { "group:", 0, true },
    { "group:@", 0, false },
    { "group:a@", 0, false },
    { "group:a b", 0, true },
    { "autogroup:", 0, false },
    { "autogroup:Member", 0, false },
    { "host:a", 0, false },
    { "100.64.0.1", 0, false },
};

START_TEST(test_peers)
{
    ck_assert_msg(cg_peer_is_valid(peers[_i].text, false) ==
                      (peers[_i].where == 1),
                  "'%s'", peers[_i].text);
    ck_assert_msg(cg_peer_is_valid(peers[_i].text, true) ==
                      (peers[_i].where > 0),
                  "'%s'", peers[_i].text);
    ck_assert(cg_peer_is_local_group(peers[_i].text) == peers[_i].is_local);
}
END_TEST

START_TEST(test_long_peer)
{
    char text[300];

    memset(text, 'a', sizeof(text));
    text[254] = '@';
    text[255] = '\0';
    ck_assert(cg_peer_is_valid(text, false));
    text[254] = 'a';
    text[255] = '@';
    text[256] = '\0';
    ck_assert(!cg_peer_is_valid(text, false));
}
END_TEST

Suite *
suite_cg_tailnet(void)
{
    Suite *suite = suite_create("cg_tailnet");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_ports, 0,
                        (int)(sizeof(ports) / sizeof(ports[0])));
    tcase_add_loop_test(tcase, test_receivers, 0,
                        (int)(sizeof(receivers) / sizeof(receivers[0])));
    tcase_add_loop_test(tcase, test_addresses, 0,
                        (int)(sizeof(addresses) / sizeof(addresses[0])));
    tcase_add_loop_test(tcase, test_peers, 0,
                        (int)(sizeof(peers) / sizeof(peers[0])));
    tcase_add_test(tcase, test_long_peer);
    suite_add_tcase(suite, tcase);
    return suite;
}
