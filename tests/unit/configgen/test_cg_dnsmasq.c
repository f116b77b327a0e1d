/* A relay's id as dnsmasq reads it: bytes with colons, or quoted text. */
#include <check.h>

#include "emit/cg_dnsmasq.h"
#include "suites.h"

static const struct {
    const char *id, *line;
} rows[] = {
    { "site-a", "\"site-a\"" },
    { "00:04:00:0a", "00:04:00:0a" },
    { "port 1, slot #2", "\"port 1, slot #2\"" },
    { "say \"a\\b\"", "\"say \\\"a\\\\b\\\"\"" },
    /* text that dnsmasq would take for bytes becomes those of the text */
    { "1:2", "31:3a:32" },
    { "ab:c", "61:62:3a:63" },
    { "::", "3a:3a" },
    /* one byte is no pair, so it is text for dnsmasq as well */
    { "a", "\"a\"" },
    { "ab", "\"ab\"" },
    { ":", "\":\"" },
};

START_TEST(test_id)
{
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };

    cg_dnsmasq_add_id(rows[_i].id, &out);
    ck_assert_str_eq(out.text, rows[_i].line);
}
END_TEST

Suite *
suite_cg_dnsmasq(void)
{
    Suite *suite = suite_create("cg_dnsmasq");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_id, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
