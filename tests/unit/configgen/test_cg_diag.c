/* Findings: order, repetition, what is shown of a source and what is not. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "base/cg_diag.h"
#include "suites.h"

static struct cg_arena *arena;
static struct cg_diag *diag;

static void
setup(void)
{
    arena = cg_arena_new();
    diag = cg_diag_new(arena);
}

static void
teardown(void)
{
    cg_arena_free(arena);
}

static const struct cg_source *
source(const char *name, const char *text, bool secret)
{
    return cg_diag_source(diag, name, ea_bytes_of(text), secret);
}

static void
assert_shown(const char *expected)
{
    struct cg_strbuf out = { 0 };

    cg_diag_format(diag, &out);
    cg_strbuf_puts(&out, "");
    ck_assert_str_eq(out.text, expected);
    cg_strbuf_release(&out);
}

START_TEST(test_sorted_by_source_and_line)
{
    const struct cg_source *first = source("a.yaml", "x\ny\n", false);
    const struct cg_source *second = source("b.yaml", "z\n", false);
    struct cg_pos late = { second, 1, 1, 1, NULL };
    struct cg_pos early = { first, 2, 1, 1, NULL };

    cg_warning(diag, NULL, "w", "nowhere");
    cg_warning(diag, &late, "w", "late");
    ck_assert(!cg_error(diag, &early, "e", "early"));
    ck_assert_uint_eq(cg_diag_errors(diag), 1);
    ck_assert_uint_eq(cg_diag_warnings(diag), 2);
    assert_shown("a.yaml:2:1: error[e]: early\n"
                 "    2 | y\n"
                 "      | ^\n"
                 "b.yaml:1:1: warning[w]: late\n"
                 "    1 | z\n"
                 "      | ^\n"
                 "talos-configgen: warning[w]: nowhere\n");
}
END_TEST

START_TEST(test_repeated_is_one_finding)
{
    struct cg_pos pos = { source("a", "xyz\n", false), 1, 2, 2, NULL };

    for (int i = 0; i < 3; i++) {
        (void)cg_error(diag, &pos, "e", "again");
        cg_hint(diag, "once");
        cg_also(diag, &pos, "here");
    }
    (void)cg_error(diag, &pos, "e", "another");
    ck_assert_uint_eq(cg_diag_errors(diag), 2);
    assert_shown("a:1:2: error[e]: again\n"
                 "    1 | xyz\n"
                 "      |  ^~\n"
                 "      = once\n"
                 "      = a:1:2: here\n"
                 "a:1:2: error[e]: another\n"
                 "    1 | xyz\n"
                 "      |  ^~\n");
}
END_TEST

START_TEST(test_secret_source_shows_path_only)
{
    struct cg_pos pos = { source("s", "hunter2\n", true), 1, 1, 7,
                          "document 1: a.b" };
    struct cg_pos whole = { pos.source, 0, 0, 0, NULL };

    (void)cg_error(diag, &pos, "e", "wrong");
    (void)cg_error(diag, &whole, "e", "all of it");
    assert_shown("s: error[e]: all of it\n"
                 "s: document 1: a.b: error[e]: wrong\n");
}
END_TEST

static const struct {
    const char *line;
    bool is_shown;
} lines[] = {
    { "a: b", true },
    { "- TS_ROUTES=10.0.0.0/8", true },
    { "- TS_AUTHKEY=tskey-auth-x", false },
    { "key: hskey-auth-x", false },
    { "password: x", false },
    { "-----BEGIN PRIVATE KEY-----", false },
    { "TS_CLIENT_SECRET: x", false },
    { "TS_ID_TOKEN: x", false },
};

START_TEST(test_secret_lines_are_not_shown)
{
    struct cg_pos pos = { source("a", lines[_i].line, false), 1, 1, 1, NULL };
    struct cg_strbuf out = { 0 };

    (void)cg_error(diag, &pos, "e", "x");
    cg_diag_format(diag, &out);
    ck_assert_msg((strstr(out.text, lines[_i].line) != NULL) ==
                      lines[_i].is_shown,
                  "%s", lines[_i].line);
    cg_strbuf_release(&out);
}
END_TEST

START_TEST(test_terminal_is_not_steered)
{
    struct cg_pos pos = { source("a", "\x1b[31m\xc2\x9b\x7f\tx\n", false), 1, 9,
                          1, NULL };

    (void)cg_error(diag, &pos, "e", "%s", "a\x1b]0;b\nc");
    assert_shown("a:1:9: error[e]: a?]0;b?c\n"
                 "    1 | ?[31m??? x\n"
                 "      |         ^\n");
}
END_TEST

START_TEST(test_long_lines_are_windowed)
{
    char text[1001];
    struct cg_pos pos;
    struct cg_strbuf out = { 0 };

    memset(text, 'x', 1000);
    text[500] = 'Y';
    text[1000] = '\0';
    pos = (struct cg_pos){ source("a", text, false), 1, 501, 400, NULL };
    (void)cg_error(diag, &pos, "e", "m");
    cg_diag_format(diag, &out);
    ck_assert_ptr_nonnull(strchr(out.text, 'Y'));
    ck_assert_uint_lt(out.len, 300);
    cg_strbuf_release(&out);
}
END_TEST

START_TEST(test_too_many_are_counted)
{
    struct cg_strbuf out = { 0 };

    for (int i = 0; i < CG_DIAG_MAX + 7; i++) {
        (void)cg_error(diag, NULL, "e", "%d", i);
    }
    ck_assert_uint_eq(cg_diag_errors(diag), CG_DIAG_MAX + 7);
    cg_diag_format(diag, &out);
    ck_assert_ptr_nonnull(strstr(out.text, "talos-configgen: 7 more findings"));
    cg_strbuf_release(&out);
}
END_TEST

START_TEST(test_foreign_error_keeps_its_place)
{
    struct cg_pos pos = { source("a", "x\n", false), 1, 1, 1, NULL };
    struct ea_error err = { 0 };

    (void)ea_fail(&err, EA_E_SYNTAX, "bad");
    ea_error_at(&err, "f", 3, 4);
    (void)cg_error_from(diag, NULL, "e", &err);
    (void)cg_error_from(diag, &pos, "e", &err);
    assert_shown("a:1:1: error[e]: f: bad\n"
                 "    1 | x\n"
                 "      | ^\n"
                 "talos-configgen: error[e]: f:3:4: bad\n");
}
END_TEST

Suite *
suite_cg_diag(void)
{
    Suite *suite = suite_create("cg_diag");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_sorted_by_source_and_line);
    tcase_add_test(tcase, test_repeated_is_one_finding);
    tcase_add_test(tcase, test_secret_source_shows_path_only);
    tcase_add_loop_test(tcase, test_secret_lines_are_not_shown, 0,
                        (int)(sizeof(lines) / sizeof(lines[0])));
    tcase_add_test(tcase, test_terminal_is_not_steered);
    tcase_add_test(tcase, test_long_lines_are_windowed);
    tcase_add_test(tcase, test_too_many_are_counted);
    tcase_add_test(tcase, test_foreign_error_keeps_its_place);
    suite_add_tcase(suite, tcase);
    return suite;
}
