/* Networks: parsing, overlap, membership. */
#include <check.h>

#include "model/cg_cidr.h"
#include "suites.h"

static const struct {
    const char *text;
    bool good;
} texts[] = {
    { "10.0.0.0/8", true },
    { "10.0.0.1", true },
    { "0.0.0.0/0", true },
    { "fd7a:115c:a1e0::/48", true },
    { "::1", true },
    { "::/0", true },
    { "", false },
    { "/8", false },
    { "10.0.0.0/", false },
    { "10.0.0.0/33", false },
    { "10.0.0.0/08", false },
    { "10.0.0.0/-1", false },
    { "10.0.0/8", false },
    { "10.0.0.256/8", false },
    { "::/129", false },
    { "1:2:3/64", false },
    { " 10.0.0.0/8", false },
    { "10.0.0.0/8 ", false },
    { "10.0.0.0/8/8", false },
    { "host/8", false },
};

START_TEST(test_parse)
{
    struct cg_cidr cidr;

    ck_assert_msg(cg_cidr_parse(texts[_i].text, &cidr) == texts[_i].good, "%s",
                  texts[_i].text);
}
END_TEST

static const struct {
    const char *a, *b;
    bool overlaps, contains;
} pairs[] = {
    { "10.0.0.0/8", "10.1.2.0/24", true, true },
    { "10.1.2.0/24", "10.0.0.0/8", true, false },
    { "10.0.0.0/8", "11.0.0.0/8", false, false },
    { "10.0.0.0/25", "10.0.0.128/25", false, false },
    { "10.0.0.0/25", "10.0.0.127", true, true },
    { "10.0.0.0/25", "10.0.0.128", false, false },
    { "100.64.0.0/10", "100.127.255.255", true, true },
    { "100.64.0.0/10", "100.128.0.0", false, false },
    { "0.0.0.0/0", "1.2.3.4", true, true },
    { "0.0.0.0/0", "::1", false, false },
    { "fd00::/8", "fd12::1", true, true },
    { "fd00::/8", "fe12::1", false, false },
};

START_TEST(test_pairs)
{
    struct cg_cidr a, b;

    ck_assert(cg_cidr_parse(pairs[_i].a, &a));
    ck_assert(cg_cidr_parse(pairs[_i].b, &b));
    ck_assert(cg_cidr_overlaps(&a, &b) == pairs[_i].overlaps);
    ck_assert(cg_cidr_overlaps(&b, &a) == pairs[_i].overlaps);
    ck_assert(cg_cidr_contains(&a, pairs[_i].b) == pairs[_i].contains);
}
END_TEST

static const struct {
    const char *text;
    bool has;
} hosts[] = {
    { "10.0.20.0/24", false },   { "10.0.20.1/24", true },
    { "10.0.20.128/25", false }, { "10.0.20.128/24", true },
    { "10.0.0.1", false },       { "0.0.0.0/0", false },
    { "128.0.0.0/0", true },     { "fd00:20::/64", false },
    { "fd00:20::1/64", true },   { "fd00:20::/10", true },
    { "::1/128", false },        { "::1/127", true },
};

START_TEST(test_host_bits)
{
    struct cg_cidr cidr;

    ck_assert(cg_cidr_parse(hosts[_i].text, &cidr));
    ck_assert_msg(cg_cidr_has_host_bits(&cidr) == hosts[_i].has, "%s",
                  hosts[_i].text);
}
END_TEST

Suite *
suite_cg_cidr(void)
{
    Suite *suite = suite_create("cg_cidr");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_parse, 0,
                        (int)(sizeof(texts) / sizeof(texts[0])));
    tcase_add_loop_test(tcase, test_pairs, 0,
                        (int)(sizeof(pairs) / sizeof(pairs[0])));
    tcase_add_loop_test(tcase, test_host_bits, 0,
                        (int)(sizeof(hosts) / sizeof(hosts[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
