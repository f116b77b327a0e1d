/* A site's DHCP: addresses, relay ids, what a server hands out. */
#include <check.h>

#include "model/cg_dhcp.h"
#include "suites.h"

static const struct {
    const char *text;
    bool good;
    uint32_t address;
} addresses[] = {
    { "10.0.20.1", true, 0x0a001401 },
    { "0.0.0.0", true, 0 },
    { "255.255.255.255", true, UINT32_MAX },
    { "10.0.20.0/24", false, 0 },
    { "10.0.20", false, 0 },
    { "10.0.20.256", false, 0 },
    { "::1", false, 0 },
    { "", false, 0 },
    { NULL, false, 0 },
};

START_TEST(test_ipv4)
{
    char text[CG_IPV4_MAX + 1];
    uint32_t address = 1;

    ck_assert(cg_ipv4_parse(addresses[_i].text, &address) ==
              addresses[_i].good);
    if (addresses[_i].good) {
        ck_assert_uint_eq(address, addresses[_i].address);
        cg_ipv4_format(address, text);
        ck_assert_str_eq(text, addresses[_i].text);
    } else {
        ck_assert_uint_eq(address, 1);
    }
}
END_TEST

static const struct {
    const char *text;
    bool is_hex;
} ids[] = {
    { "00:04:00:0a", true }, { "AB:cd", true },   { "ab", false },
    { "0:4", false },        { "00:04:", false }, { ":00:04", false },
    { "00:0g", false },      { "00-04", false },  { "00:04:0", false },
    { "port 00:04", false }, { "", false },       { "a:b", false },
};

START_TEST(test_is_hex)
{
    ck_assert_msg(cg_dhcp_is_hex(ids[_i].text) == ids[_i].is_hex, "%s",
                  ids[_i].text);
}
END_TEST

/* Two servers' shares are the range: no address twice, none left out. */
static const struct {
    uint32_t first, last;
    bool one, two; /* there is something for one server, for each of two */
} ranges[] = {
    { 10, 200, true, true },
    { 10, 11, true, true },
    { 10, 12, true, true },
    { 10, 10, true, false },
    { 11, 10, false, false },
    { 0, UINT32_MAX, true, true },
    { UINT32_MAX - 1, UINT32_MAX, true, true },
};

START_TEST(test_share)
{
    struct cg_dhcp dhcp = { .servers = 1,
                            .has_range = true,
                            .first = ranges[_i].first,
                            .last = ranges[_i].last };
    uint32_t first = 0, last = 0, next = 0, end = 0;

    ck_assert(cg_dhcp_share(&dhcp, 0, &first, &last) == ranges[_i].one);
    if (ranges[_i].one) {
        ck_assert(first == dhcp.first && last == dhcp.last);
    }
    dhcp.servers = 2;
    ck_assert(cg_dhcp_share(&dhcp, 0, &first, &last) == ranges[_i].two);
    ck_assert(cg_dhcp_share(&dhcp, 1, &next, &end) == ranges[_i].two);
    if (ranges[_i].two) {
        ck_assert(first == dhcp.first && last >= first);
        ck_assert(next == last + 1 && end >= next && end == dhcp.last);
    }
    dhcp.has_range = false;
    ck_assert(!cg_dhcp_share(&dhcp, 0, &first, &last));
}
END_TEST

Suite *
suite_cg_dhcp(void)
{
    Suite *suite = suite_create("cg_dhcp");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_ipv4, 0,
                        (int)(sizeof(addresses) / sizeof(addresses[0])));
    tcase_add_loop_test(tcase, test_is_hex, 0,
                        (int)(sizeof(ids) / sizeof(ids[0])));
    tcase_add_loop_test(tcase, test_share, 0,
                        (int)(sizeof(ranges) / sizeof(ranges[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
