/* A body as a Matchbox template: what Go's text/template makes of it is the
 * body again. The only action we write is the one for two braces. */
#include <string.h>

#include <check.h>

#include "emit/cg_body.h"
#include "suites.h"

static const struct {
    const char *text, *escaped;
} rows[] = {
    { "", "" },
    { "a: b\n", "a: b\n" },
    { "{a}", "{a}" },
    { "{{", "{{\"{{\"}}" },
    { "a {{ .x }} b", "a {{\"{{\"}} .x }} b" },
    { "{{{", "{{\"{{\"}}{" },
    { "{{{{", "{{\"{{\"}}{{\"{{\"}}" },
    { "{ {", "{ {" },
    { "}}", "}}" },
    { "{{- x -}}", "{{\"{{\"}}- x -}}" },
    { "${a}", "${a}" },
};

START_TEST(test_escape)
{
    struct cg_strbuf out = { 0 };

    cg_strbuf_puts(&out, "");
    cg_body_escape(ea_bytes_of(rows[_i].text), &out);
    ck_assert_str_eq(out.text, rows[_i].escaped);
    cg_strbuf_release(&out);
}
END_TEST

START_TEST(test_digest)
{
    char digest[CG_DIGEST_DIGITS + 1];

    cg_body_digest(EA_BYTES("abc"), digest);
    ck_assert_str_eq(digest, "ba7816bf8f01cfea414140de5dae2223"
                             "b00361a396177a9cb410ff61f20015ad");
}
END_TEST

Suite *
suite_cg_body(void)
{
    Suite *suite = suite_create("cg_body");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_escape, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_test(tcase, test_digest);
    suite_add_tcase(suite, tcase);
    return suite;
}
