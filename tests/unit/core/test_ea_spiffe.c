/* Names and identities: the grammar and nothing beside it. */
#include <string.h>

#include <check.h>

#include "ea_spiffe.h"
#include "suites.h"

#define X63 "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"
#define D253                                                                   \
    X63 "." X63 "." X63 "." /* + 61 */                                         \
        "xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx"

static const struct {
    const char *uri;
    const char *domain, *site, *node; /* domain NULL: refused */
} rows[] = {
    { "spiffe://edge.example.net/site/s1", "edge.example.net", "s1", "" },
    { "spiffe://lab/site/s1/node/n-1", "lab", "s1", "n-1" },
    { "spiffe://d/site/node/node/site", "d", "node", "site" },
    { "spiffe://d/site/" X63 "/node/" X63, "d", X63, X63 },
    { "spiffe://" D253 "/site/s", D253, "s", "" },
    { "spiffe://" D253 "x/site/s", NULL, NULL, NULL },
    { "spiffe://d/site/" X63 "x", NULL, NULL, NULL },
    { "spiffe://d/site/s1/", NULL, NULL, NULL },
    { "spiffe://d/site/s1/node", NULL, NULL, NULL },
    { "spiffe://d/site/s1/node/", NULL, NULL, NULL },
    { "spiffe://d/site/s1/node/n/", NULL, NULL, NULL },
    { "spiffe://d/site/s1/node/n/x", NULL, NULL, NULL },
    { "spiffe://d/site/s1/nodes/n", NULL, NULL, NULL },
    { "spiffe://d/node/n", NULL, NULL, NULL },
    { "spiffe://d/site", NULL, NULL, NULL },
    { "spiffe://d/site/", NULL, NULL, NULL },
    { "spiffe://d/", NULL, NULL, NULL },
    { "spiffe://d", NULL, NULL, NULL },
    { "spiffe:///site/s1", NULL, NULL, NULL },
    { "spiffe://d//site/s1", NULL, NULL, NULL },
    { "spiffe://d/site//s1", NULL, NULL, NULL },
    { "spiffe://d/./site/s1", NULL, NULL, NULL },
    { "spiffe://d/site/..", NULL, NULL, NULL },
    { "spiffe://d/site/S1", NULL, NULL, NULL },
    { "spiffe://d/Site/s1", NULL, NULL, NULL },
    { "spiffe://d/site/s%31", NULL, NULL, NULL },
    { "spiffe://d/site/s1?x=y", NULL, NULL, NULL },
    { "spiffe://d/site/s1#x", NULL, NULL, NULL },
    { "spiffe://d:443/site/s1", NULL, NULL, NULL },
    { "spiffe://u@d/site/s1", NULL, NULL, NULL },
    { "spiffe://D/site/s1", NULL, NULL, NULL },
    { "spiffe://d./site/s1", NULL, NULL, NULL },
    { "spiffe://.d/site/s1", NULL, NULL, NULL },
    { "spiffe://a..d/site/s1", NULL, NULL, NULL },
    { "spiffe://-a/site/s1", NULL, NULL, NULL },
    { "spiffe://d/site/-s1", NULL, NULL, NULL },
    { "spiffe://d/site/s1-", NULL, NULL, NULL },
    { "spiffe://d/site/s_1", NULL, NULL, NULL },
    { "spiffe://d/site/s1 ", NULL, NULL, NULL },
    { " spiffe://d/site/s1", NULL, NULL, NULL },
    { "SPIFFE://d/site/s1", NULL, NULL, NULL },
    { "https://d/site/s1", NULL, NULL, NULL },
    { "spiffe:/d/site/s1", NULL, NULL, NULL },
    { "", NULL, NULL, NULL },
};

START_TEST(test_parse)
{
    struct ea_spiffe id = { .domain = "before" };
    struct ea_error err = { 0 };
    char again[EA_SPIFFE_MAX + 1];

    if (rows[_i].domain == NULL) {
        ck_assert_msg(!ea_spiffe_parse(ea_bytes_of(rows[_i].uri), &id, &err),
                      "'%s' accepted", rows[_i].uri);
        ck_assert_str_eq(id.domain, "before");
        ck_assert_str_ne(err.message, "");
        return;
    }
    ck_assert_msg(ea_spiffe_parse(ea_bytes_of(rows[_i].uri), &id, &err), "%s",
                  err.message);
    ck_assert_str_eq(id.domain, rows[_i].domain);
    ck_assert_str_eq(id.site, rows[_i].site);
    ck_assert_str_eq(id.node, rows[_i].node);
    ck_assert(ea_spiffe_format(ea_bytes_of(id.domain), ea_bytes_of(id.site),
                               ea_bytes_of(id.node), again, &err));
    ck_assert_str_eq(again, rows[_i].uri);
}
END_TEST

START_TEST(test_nul_and_length)
{
    struct ea_spiffe id;
    struct ea_error err = { 0 };
    char text[EA_SPIFFE_MAX + 2];

    ck_assert(!ea_spiffe_parse((struct ea_bytes){ "spiffe://d/site/s1\0", 19 },
                               &id, &err));
    ck_assert(!ea_spiffe_parse((struct ea_bytes){ "spiffe://d\0/site/s1", 19 },
                               &id, &err));
    ck_assert(ea_spiffe_parse(
        (struct ea_bytes){ "spiffe://d/site/s1/node/x", 18 }, &id, &err));
    memset(text, 'x', sizeof(text));
    ck_assert(!ea_spiffe_parse((struct ea_bytes){ text, sizeof(text) - 1 }, &id,
                               &err));
    ck_assert_int_eq(err.code, EA_E_RANGE);
    ck_assert(!ea_spiffe_parse((struct ea_bytes){ NULL, 0 }, &id, &err));
}
END_TEST

START_TEST(test_format_refuses)
{
    char uri[EA_SPIFFE_MAX + 1] = "before";
    struct ea_error err = { 0 };

    ck_assert(!ea_spiffe_format(EA_BYTES("D"), EA_BYTES("s"), EA_BYTES(""), uri,
                                &err));
    ck_assert(!ea_spiffe_format(EA_BYTES("d"), EA_BYTES(""), EA_BYTES(""), uri,
                                &err));
    ck_assert(strstr(err.message, "site ''") != NULL);
    ck_assert(!ea_spiffe_format(EA_BYTES("d"), EA_BYTES("s"), EA_BYTES("a/b"),
                                uri, &err));
    ck_assert(strstr(err.message, "node 'a/b'") != NULL);
    ck_assert_str_eq(uri, "before");
}
END_TEST

START_TEST(test_names)
{
    ck_assert(ea_name_check(EA_BYTES("edge-worker-1"), "node", NULL));
    ck_assert(ea_name_check(EA_BYTES("0"), "node", NULL));
    ck_assert(!ea_name_check(EA_BYTES(""), "node", NULL));
    ck_assert(!ea_name_check(EA_BYTES("a.b"), "node", NULL));
    ck_assert(!ea_name_check(EA_BYTES("A"), "node", NULL));
    ck_assert(ea_domain_check(EA_BYTES("a.b-c.d0"), NULL));
    ck_assert(!ea_domain_check(EA_BYTES("a.b-.d0"), NULL));
    ck_assert(!ea_domain_check(EA_BYTES(""), NULL));
    ck_assert(!ea_domain_check((struct ea_bytes){ NULL, 0 }, NULL));
}
END_TEST

Suite *
suite_ea_spiffe(void)
{
    Suite *suite = suite_create("ea_spiffe");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_parse, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, test_nul_and_length);
    tcase_add_test(tcase, test_format_refuses);
    tcase_add_test(tcase, test_names);
    suite_add_tcase(suite, tcase);
    return suite;
}
