/* Commands: their output arrives whole, or not at all with the reason. */
#include <string.h>

#include <check.h>

#include "base/cg_command.h"
#include "suites.h"

#define MAX 100000

static const struct {
    const char *argv[5];
    const char *output; /* NULL: refused */
    const char *message;
} runs[] = {
    { { "printf", "a b", NULL }, "a b", NULL },
    { { "true", NULL }, "", NULL },
    { { "pwd", NULL }, "/usr\n", NULL },
    { { "echo", "$HOME; exit 1", NULL }, "$HOME; exit 1\n", NULL },
    { { "cat", NULL }, "", NULL }, /* no standard input */
    { { "false", NULL }, NULL, "command 'false' failed with status 1" },
    { { "sh", "-c", "echo x; exit 7", NULL },
      NULL,
      "command 'sh' failed with status 7" },
    { { "sh", "-c", "kill -9 $$", NULL }, NULL, "command 'sh' was killed" },
    { { "no-such-program", NULL },
      NULL,
      "command 'no-such-program' was not found" },
    { { "yes", NULL }, NULL, "command 'yes' printed more than can be read" },
};

START_TEST(test_run)
{
    struct cg_strbuf out = { 0 };
    struct ea_error err = { 0 };
    bool good;

    cg_strbuf_puts(&out, "before ");
    good = cg_command_run(runs[_i].argv, "/usr", MAX, &out, &err);
    ck_assert_msg(good == (runs[_i].output != NULL), "%s: %s", runs[_i].argv[0],
                  err.message);
    if (good) {
        ck_assert_str_eq(out.text + strlen("before "), runs[_i].output);
    } else {
        ck_assert_str_eq(err.message, runs[_i].message);
        ck_assert_uint_eq(out.len, strlen("before "));
    }
    cg_strbuf_release(&out);
}
END_TEST

START_TEST(test_no_folder)
{
    const char *const argv[] = { "true", NULL };
    struct cg_strbuf out = { 0 };

    ck_assert(!cg_command_run(argv, "/no/such/folder", MAX, &out, NULL));
    ck_assert(cg_command_run(argv, "/", MAX, &out, NULL));
    cg_strbuf_release(&out);
}
END_TEST

Suite *
suite_cg_command(void)
{
    Suite *suite = suite_create("cg_command");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_run, 0,
                        (int)(sizeof(runs) / sizeof(runs[0])));
    tcase_add_test(tcase, test_no_folder);
    suite_add_tcase(suite, tcase);
    return suite;
}
