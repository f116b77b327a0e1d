/* Output files: a set is written in order, or taken back. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "base/cg_file.h"
#include "base/cg_output.h"
#include "suites.h"

static struct cg_arena *arena;
static char *root;

static void
setup(void)
{
    char template[] = "/tmp/cg_output-XXXXXX";

    arena = cg_arena_new();
    root = cg_arena_text(arena, mkdtemp(template));
}

static const char *
below(const char *name)
{
    return cg_arena_printf(arena, "%s/%s", root, name);
}

static void
teardown(void)
{
    static const char *const names[] = { "out/a/1", "out/b/2", "out/b/3",
                                         "out/a",   "out/b",   "out",
                                         "" };

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)remove(below(names[i]));
    }
    cg_arena_free(arena);
}

static struct cg_output *
three_files(void)
{
    struct cg_output *output = cg_output_new(arena, below("out"));

    cg_output_add(output, CG_PHASE_SWITCH, "b/3", EA_BYTES("three"), 0640);
    cg_output_add(output, CG_PHASE_CONTENT, "a/1", EA_BYTES("one"), 0600);
    cg_output_add(output, CG_PHASE_RECORD, "b/2", EA_BYTES("two"), 0640);
    return output;
}

static bool
has(const char *name, const char *text, mode_t mode)
{
    struct cg_strbuf read = { 0 };
    struct stat st;
    bool good;

    good = stat(below(name), &st) == 0 && (st.st_mode & 07777) == mode &&
           cg_file_read(below(name), 100, &read, NULL) &&
           ea_bytes_equal(cg_strbuf_bytes(&read), ea_bytes_of(text));
    cg_strbuf_release(&read);
    return good;
}

START_TEST(test_all_are_written)
{
    struct cg_output *output = three_files();
    struct ea_error err = { 0 };
    struct stat st;

    ck_assert(cg_output_has(output, "a/1"));
    ck_assert(!cg_output_has(output, "a/2"));
    ck_assert_msg(cg_output_write(output, &err), "%s", err.message);
    ck_assert(has("out/a/1", "one", 0600));
    ck_assert(has("out/b/2", "two", 0640));
    ck_assert(has("out/b/3", "three", 0640));
    ck_assert_int_eq(stat(below("out/a"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0700);
    ck_assert_int_eq(stat(below("out/b"), &st), 0);
    ck_assert_uint_eq(st.st_mode & 07777, 0750);
}
END_TEST

START_TEST(test_failure_before_the_switch)
{
    struct ea_error err = { 0 };
    struct cg_output *output = three_files();

    ck_assert(cg_file_mkdir(below("out/b/2"), 0700, &err)); /* in the way */
    ck_assert(!cg_output_write(output, &err));
    ck_assert_ptr_nonnull(strstr(err.file, "b/2"));
    ck_assert_int_ne(access(below("out/a/1"), F_OK), 0);
    ck_assert_int_ne(access(below("out/b/3"), F_OK), 0);
    ck_assert_int_eq(rmdir(below("out/b/2")), 0);
    ck_assert(cg_output_write(three_files(), &err));
}
END_TEST

START_TEST(test_old_files_survive_a_failure)
{
    struct ea_error err = { 0 };

    ck_assert(cg_file_mkdir(below("out/a"), 0700, &err));
    ck_assert(cg_file_write(below("out/a/1"), EA_BYTES("old"), 0600, &err));
    ck_assert(cg_file_mkdir(below("out/b/2"), 0700, &err));
    ck_assert(!cg_output_write(three_files(), &err));
    ck_assert_int_eq(access(below("out/a/1"), F_OK), 0);
    ck_assert_int_eq(rmdir(below("out/b/2")), 0);
}
END_TEST

START_TEST(test_removal_comes_last)
{
    struct cg_output *output = three_files();
    struct ea_error err = { 0 };

    ck_assert(cg_output_write(output, &err));
    output = cg_output_new(arena, below("out"));
    cg_output_remove(output, "b/3");
    cg_output_remove(output, "b/never-there");
    ck_assert(cg_output_write(output, &err));
    ck_assert_int_ne(access(below("out/b/3"), F_OK), 0);
    ck_assert(has("out/b/2", "two", 0640));
}
END_TEST

START_TEST(test_read_is_bounded)
{
    struct cg_strbuf text = { 0 };
    struct ea_error err = { 0 };

    ck_assert(cg_file_mkdir(below("out"), 0700, &err));
    ck_assert(cg_file_mkdir(below("out/a"), 0700, &err));
    ck_assert(cg_file_write(below("out/a/1"), EA_BYTES("12345"), 0600, &err));
    ck_assert(cg_file_read(below("out/a/1"), 5, &text, &err));
    ck_assert(!cg_file_read(below("out/a/1"), 4, &text, &err));
    ck_assert(!cg_file_read(below("out/a"), 100, &text, &err));
    ck_assert(!cg_file_read(below("out/none"), 100, &text, &err));
    ck_assert_uint_eq(text.len, 5);
    cg_strbuf_release(&text);
}
END_TEST

Suite *
suite_cg_output(void)
{
    Suite *suite = suite_create("cg_output");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_test(tcase, test_all_are_written);
    tcase_add_test(tcase, test_failure_before_the_switch);
    tcase_add_test(tcase, test_old_files_survive_a_failure);
    tcase_add_test(tcase, test_removal_comes_last);
    tcase_add_test(tcase, test_read_is_bounded);
    suite_add_tcase(suite, tcase);
    return suite;
}
