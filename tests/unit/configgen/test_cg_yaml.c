/* YAML in, YAML out: what is kept, what is refused and where. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "suites.h"
#include "yaml/cg_yaml.h"

/* Loads `text`, returns the findings (empty = good) and, re-emitted, *yaml. */
static char *
load(const char *text, bool secret, char **yaml)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_diag *diag = cg_diag_new(arena);
    struct cg_strbuf out = { 0 }, findings = { 0 };
    struct cg_trees trees = { 0 };
    bool good;

    good = cg_yaml_load(
        arena, cg_diag_source(diag, "f.yaml", ea_bytes_of(text), secret), diag,
        &trees);
    cg_diag_format(diag, &findings);
    ck_assert(good == (cg_diag_errors(diag) == 0));
    cg_strbuf_puts(&findings, "");
    cg_yaml_emit(&out, &trees);
    cg_strbuf_puts(&out, "");
    *yaml = strdup(out.text);
    cg_strbuf_release(&out);
    cg_arena_free(arena);
    return findings.text;
}

static const struct {
    const char *label, *in, *out;
} kept[] = {
    { "types", "{a: 1, b: true, c: ~, d: 1.5, e: x}",
      "a: 1\nb: true\nc: null\nd: 1.5\ne: x\n" },
    { "octal as Go reads it", "[0644, 0o644, 0x1F]", "- 420\n- 420\n- 31\n" },
    { "1.1 booleans are text", "[off, on, yes, n]",
      "- \"off\"\n- \"on\"\n- \"yes\"\n- \"n\"\n" },
    { "1.1 base 60 and dates are text", "[12:30:45, 2001-01-01]",
      "- \"12:30:45\"\n- \"2001-01-01\"\n" },
    { "quoted stays text", "['1', \"true\", '~', '']",
      "- \"1\"\n- \"true\"\n- \"~\"\n- \"\"\n" },
    { "tagged text", "!!str 12", "\"12\"\n" },
    { "block text", "a: |\n  x\n   y\n\n  z\n",
      "a: |\n    x\n     y\n\n    z\n" },
    { "block without end", "a: |-\n  x\n  y\n", "a: |-\n    x\n    y\n" },
    { "text that a block would change", "a: \"x \\ny\\n\\n\"",
      "a: \"x \\ny\\n\\n\"\n" },
    { "signs", "['# a', 'a: b', '- c', '{{x}}', '@k@', '*a', '&b', '!c']",
      "- \"# a\"\n- \"a: b\"\n- \"- c\"\n- \"{{x}}\"\n- \"@k@\"\n- \"*a\"\n"
      "- \"&b\"\n- \"!c\"\n" },
    { "control characters", "\"\\0\\x01\\x85\\u2028\\ufeff\\t\"",
      "\"\\x00\\x01\\x85\\u2028\\ufeff\\t\"\n" },
    { "aliases are copied", "a: &x {b: [1]}\nc: *x\n",
      "a:\n    b:\n        - 1\nc:\n    b:\n        - 1\n" },
    { "merge key", "a: &x {b: 1, c: 2}\nd: {<<: *x, b: 3}\n",
      "a:\n    b: 1\n    c: 2\nd:\n    b: 3\n    c: 2\n" },
    { "a quoted << is a key", "{'<<': 1}", "\"<<\": 1\n" },
    { "documents", "a: 1\n---\n---\n[]\n", "a: 1\n---\nnull\n---\n[]\n" },
    { "exponents", "[1e3, 1.5E-7, .inf, -.inf]",
      "- 1000.0\n- 1.4999999999999999e-07\n- .inf\n- -.inf\n" },
    { "lists in lists", "[[a, [b]], {c: [d]}]",
      "-\n  - a\n  -\n    - b\n- c:\n      - d\n" },
    { "an empty file", "", "" },
};

START_TEST(test_kept)
{
    char *yaml, *again, *findings;

    findings = load(kept[_i].in, false, &yaml);
    ck_assert_msg(findings[0] == '\0', "%s: %s", kept[_i].label, findings);
    ck_assert_msg(strcmp(yaml, kept[_i].out) == 0, "%s: %s", kept[_i].label,
                  yaml);
    free(findings);
    findings = load(yaml, false, &again); /* what we write, we read */
    ck_assert_msg(findings[0] == '\0' && strcmp(yaml, again) == 0, "%s: %s",
                  kept[_i].label, again);
    free(findings);
    free(yaml);
    free(again);
}
END_TEST

static const struct {
    const char *label, *in, *finding;
    bool secret;
} refused[] = {
    { "duplicate key", "a: 1\nb: 2\na: 3\n",
      "f.yaml:3:1: error[duplicate-key]: key 'a' is there already\n"
      "    3 | a: 3\n"
      "      | ^\n"
      "      = f.yaml:1:1: the first one\n",
      false },
    { "duplicate key, secret", "a: {b: 1, b: hunter2}\n",
      "f.yaml: document 1: a: error[duplicate-key]: key 'b' is there "
      "already\n"
      "      = f.yaml: document 1: a.b: the first one\n",
      true },
    { "not closed", "a: [1, 2\n",
      "f.yaml:2:1: error[yaml-syntax]: while parsing a flow sequence: did not "
      "find expected ',' or ']'\n",
      false },
    { "not closed, secret", "a: 1\n---\nkey: \"hunter2\n",
      "f.yaml: document 2: error[yaml-syntax]: while scanning a quoted scalar: "
      "found unexpected end of stream\n",
      true },
    { "tab", "a:\n\tb: 1\n",
      "f.yaml:2:1: error[yaml-syntax]: while scanning for the next token: "
      "found character that cannot start any token\n"
      "    2 |  b: 1\n"
      "      | ^\n",
      false },
    { "list as key", "{[a]: 1}",
      "f.yaml:1:2: error[yaml-key]: a key must be plain text\n"
      "    1 | {[a]: 1}\n"
      "      |  ^\n",
      false },
    { "NUL in a key", "{\"a\\0b\": 1}",
      "f.yaml:1:2: error[yaml-key]: a key must be plain text\n"
      "    1 | {\"a\\0b\": 1}\n"
      "      |  ^~~~~~\n",
      false },
    { "unknown tag", "a: !secret x\n",
      "f.yaml:1:4: error[yaml-tag]: tags other than the standard ones are not "
      "read\n"
      "    1 | a: !secret x\n"
      "      |    ^~~~~~~~~\n",
      false },
    { "alias to nothing", "a: *b\n",
      "f.yaml:1:4: error[yaml-alias]: alias to an anchor that does not stand "
      "before it\n"
      "    1 | a: *b\n"
      "      |    ^~\n",
      false },
    { "alias to itself", "a: &b [*b]\n",
      "f.yaml:1:8: error[yaml-alias]: alias to an anchor that does not stand "
      "before it\n"
      "    1 | a: &b [*b]\n"
      "      |        ^~\n",
      false },
    { "merge of a scalar", "{<<: 1}",
      "f.yaml:1:6: error[yaml-merge]: '<<' takes a mapping or a list of "
      "mappings\n"
      "    1 | {<<: 1}\n"
      "      |      ^\n",
      false },
    { "invalid UTF-8", "a: \"\xff\"\n",
      "f.yaml:1:1: error[yaml-syntax]: invalid leading UTF-8 octet\n"
      "    1 | a: \"\xff\"\n"
      "      | ^\n",
      false },
    { "terminal control in a key", "\"a\\e[31m\": 1\n\"a\\e[31m\": 2\n",
      "f.yaml:2:1: error[duplicate-key]: key 'a?[31m' is there already\n"
      "    2 | \"a\\e[31m\": 2\n"
      "      | ^~~~~~~~~\n"
      "      = f.yaml:1:1: the first one\n",
      false },
};

START_TEST(test_refused)
{
    char *yaml, *findings;

    findings = load(refused[_i].in, refused[_i].secret, &yaml);
    ck_assert_msg(strcmp(findings, refused[_i].finding) == 0, "%s: %s",
                  refused[_i].label, findings);
    free(findings);
    free(yaml);
}
END_TEST

START_TEST(test_billion_laughs)
{
    static const char text[] = "a: &a [x,x,x,x,x,x,x,x,x,x]\n"
                               "b: &b [*a,*a,*a,*a,*a,*a,*a,*a,*a,*a]\n"
                               "c: &c [*b,*b,*b,*b,*b,*b,*b,*b,*b,*b]\n"
                               "d: &d [*c,*c,*c,*c,*c,*c,*c,*c,*c,*c]\n"
                               "e: &e [*d,*d,*d,*d,*d,*d,*d,*d,*d,*d]\n"
                               "f: &f [*e,*e,*e,*e,*e,*e,*e,*e,*e,*e]\n";
    char *yaml, *findings = load(text, false, &yaml);

    ck_assert_ptr_nonnull(strstr(findings, "error[yaml-limit]: more nodes"));
    free(findings);
    free(yaml);
}
END_TEST

START_TEST(test_deep)
{
    char text[2 * CG_YAML_DEPTH_MAX + 3] = "";
    char *yaml, *findings;

    memset(text, '[', CG_YAML_DEPTH_MAX);
    memset(text + CG_YAML_DEPTH_MAX, ']', CG_YAML_DEPTH_MAX);
    findings = load(text, false, &yaml);
    ck_assert_str_eq(findings, "");
    free(findings);
    free(yaml);
    memset(text, '[', CG_YAML_DEPTH_MAX + 1);
    memset(text + CG_YAML_DEPTH_MAX + 1, ']', CG_YAML_DEPTH_MAX + 1);
    findings = load(text, false, &yaml);
    ck_assert_ptr_nonnull(strstr(findings, "error[yaml-limit]: nested too"));
    free(findings);
    free(yaml);
}
END_TEST

Suite *
suite_cg_yaml(void)
{
    Suite *suite = suite_create("cg_yaml");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_kept, 0,
                        (int)(sizeof(kept) / sizeof(kept[0])));
    tcase_add_loop_test(tcase, test_refused, 0,
                        (int)(sizeof(refused) / sizeof(refused[0])));
    tcase_add_test(tcase, test_billion_laughs);
    tcase_add_test(tcase, test_deep);
    suite_add_tcase(suite, tcase);
    return suite;
}
