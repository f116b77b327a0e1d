/* Folders appear whole, and what is in place stays in place. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <check.h>

#include "pk_folder.h"
#include "suites.h"

static char base[PATH_MAX / 2];

static void
make_base(void)
{
    (void)snprintf(base, sizeof(base), "/tmp/pk-folder.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(base));
}

/* Everything the tests leave is at most two levels deep. */
static void
remove_base(void)
{
    static const char *const names[] = { "a/x/f", "a/x", "a/y/f", "a/y",
                                         "a/z",   "a",   "plain" };
    char path[PATH_MAX];

    for (size_t i = 0; i < sizeof(names) / sizeof(names[0]); i++) {
        (void)snprintf(path, sizeof(path), "%s/%s", base, names[i]);
        (void)remove(path);
    }
    ck_assert_int_eq(rmdir(base), 0); /* nothing else was left behind */
}

static char *
at(const char *name)
{
    static char path[PATH_MAX];

    (void)snprintf(path, sizeof(path), "%s/%s", base, name);
    return path;
}

static void
write_text(struct pk_folder *folder, const char *text)
{
    BIO *bytes = BIO_new_mem_buf(text, -1);

    ck_assert(pk_folder_write(folder, "f", bytes, 0600, NULL));
    ck_assert(!pk_folder_write(folder, "f", bytes, 0600, NULL));
    BIO_free(bytes);
}

static void
expect_text(const char *name, const char *text)
{
    char found[64] = "";
    FILE *file = fopen(at(name), "r");

    ck_assert_msg(file != NULL, "%s", name);
    ck_assert_ptr_nonnull(fgets(found, sizeof(found), file));
    (void)fclose(file);
    ck_assert_str_eq(found, text);
}

START_TEST(test_commit_and_the_second_one_refused)
{
    struct pk_folder folder = { .aside = "" };
    struct ea_error err = { 0 };
    struct stat info;

    make_base();
    ck_assert(pk_folder_open(&folder, at("a/x"), NULL));
    ck_assert(!pk_path_is_taken(at("a/x")));
    write_text(&folder, "first");
    ck_assert(pk_folder_commit(&folder, NULL));
    expect_text("a/x/f", "first");
    ck_assert_int_eq(stat(at("a/x/f"), &info), 0);
    ck_assert_uint_eq(info.st_mode & 07777, 0600);

    ck_assert(pk_folder_open(&folder, at("a/x"), NULL));
    write_text(&folder, "second");
    ck_assert(!pk_folder_commit(&folder, &err));
    ck_assert_int_eq(err.code, EA_E_DUPLICATE);
    expect_text("a/x/f", "first");
    pk_folder_drop(&folder);
    remove_base();
}
END_TEST

START_TEST(test_replace_keeps_the_old)
{
    struct pk_folder folder = { .aside = "" };
    struct ea_error err = { 0 };
    char archive[PATH_MAX];

    make_base();
    ck_assert(pk_folder_open(&folder, at("a/x"), NULL));
    write_text(&folder, "first");
    ck_assert(pk_folder_commit(&folder, NULL));
    (void)snprintf(archive, sizeof(archive), "%s", at("a/y"));

    ck_assert(pk_folder_open(&folder, at("a/x"), NULL));
    write_text(&folder, "second");
    ck_assert(pk_folder_replace(&folder, archive, NULL));
    expect_text("a/x/f", "second");
    expect_text("a/y/f", "first");

    ck_assert(pk_folder_open(&folder, at("a/x"), NULL));
    write_text(&folder, "third");
    ck_assert(!pk_folder_replace(&folder, archive, &err));
    ck_assert_int_eq(err.code, EA_E_DUPLICATE);
    pk_folder_drop(&folder);
    expect_text("a/x/f", "second");
    expect_text("a/y/f", "first");
    remove_base();
}
END_TEST

START_TEST(test_a_file_in_the_way)
{
    struct pk_folder folder = { .aside = "" };
    FILE *file;

    make_base();
    file = fopen(at("plain"), "w");
    ck_assert_ptr_nonnull(file);
    (void)fclose(file);
    ck_assert(!pk_folder_open(&folder, at("plain/x"), NULL));
    ck_assert(pk_folder_open(&folder, at("plain"), NULL));
    ck_assert(!pk_folder_commit(&folder, NULL));
    pk_folder_drop(&folder);
    pk_folder_drop(&folder);
    remove_base();
}
END_TEST

START_TEST(test_paths_too_long)
{
    struct pk_folder folder = { .aside = "" };
    char text[PATH_MAX], joined[PATH_MAX];

    memset(text, 'x', sizeof(text));
    text[PATH_MAX - 35] = '\0';
    ck_assert(pk_path_join(text, "b", joined, NULL));
    ck_assert(!pk_path_join(text, "bc", joined, NULL));
    text[PATH_MAX - 35] = 'x';
    text[PATH_MAX - 1] = '\0';
    ck_assert(!pk_folder_open(&folder, text, NULL));
    pk_folder_drop(&folder);
}
END_TEST

Suite *
suite_pk_folder(void)
{
    Suite *suite = suite_create("pk_folder");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, test_commit_and_the_second_one_refused);
    tcase_add_test(tcase, test_replace_keeps_the_old);
    tcase_add_test(tcase, test_a_file_in_the_way);
    tcase_add_test(tcase, test_paths_too_long);
    suite_add_tcase(suite, tcase);
    return suite;
}
