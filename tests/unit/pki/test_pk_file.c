/* Files appear whole, and the same bytes are left alone. */
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <sys/stat.h>

#include <check.h>

#include "pk_file.h"
#include "suites.h"

static char base[PATH_MAX / 2], path[PATH_MAX];
static char *said;
static size_t said_len;
static struct pk_args args;

static void
make_base(void)
{
    (void)snprintf(base, sizeof(base), "/tmp/pk-file.XXXXXX");
    ck_assert_ptr_nonnull(mkdtemp(base));
    (void)snprintf(path, sizeof(path), "%s/f", base);
    args = (struct pk_args){ .out = open_memstream(&said, &said_len) };
}

static void
remove_base(void)
{
    ck_assert_int_eq(fclose(args.out), 0);
    free(said);
    (void)remove(path);
    ck_assert_int_eq(rmdir(base), 0); /* nothing else was left behind */
}

static void
put(const char *text, mode_t mode, const char *verb)
{
    BIO *bytes = BIO_new_mem_buf(text, -1);
    size_t before;

    ck_assert_int_eq(fflush(args.out), 0);
    before = said_len;
    ck_assert(pk_file_put(&args, path, bytes, mode, NULL));
    ck_assert_int_eq(fflush(args.out), 0);
    ck_assert_msg(strncmp(said + before, verb, strlen(verb)) == 0, "%s",
                  said + before);
    BIO_free(bytes);
}

START_TEST(test_put)
{
    struct stat info;

    put("one", 0600, "wrote ");
    put("one", 0600, "kept ");
    put("one", 0644, "wrote ");
    put("two", 0644, "wrote ");
    put("twos", 0644, "wrote ");
    ck_assert_int_eq(stat(path, &info), 0);
    ck_assert_uint_eq(info.st_mode & 0777, 0644);
    ck_assert_int_eq(info.st_size, 4);
}
END_TEST

START_TEST(test_dry_run)
{
    args.value[PK_DRY_RUN] = "--dry-run";
    put("one", 0600, "would write ");
    ck_assert_int_ne(access(path, F_OK), 0);
    args.value[PK_DRY_RUN] = NULL;
    put("one", 0600, "wrote ");
    args.value[PK_DRY_RUN] = "--dry-run";
    put("one", 0600, "kept ");
}
END_TEST

START_TEST(test_where_no_file_can_be)
{
    BIO *bytes = BIO_new_mem_buf("x", 1);
    struct ea_error err = { 0 };

    ck_assert(!pk_file_put(&args, "/nonexistent/f", bytes, 0600, &err));
    ck_assert_int_eq(err.code, EA_E_UNAVAILABLE);
    ck_assert(!pk_file_put(&args, base, bytes, 0600, &err));
    ck_assert_int_eq(err.code, EA_E_CONFLICT);
    ck_assert(!pk_file_put(&args, "/dev/null", bytes, 0600, &err));
    ck_assert_int_eq(err.code, EA_E_CONFLICT);
    BIO_free(bytes);
}
END_TEST

START_TEST(test_read)
{
    struct ea_error err = { 0 };
    char *text = NULL;
    BIO *bytes;

    put("three", 0600, "wrote ");
    bytes = pk_file_read(path, 5, &err);
    ck_assert_ptr_nonnull(bytes);
    ck_assert_int_eq(BIO_get_mem_data(bytes, &text), 5);
    ck_assert_int_eq(strncmp(text, "three", 5), 0);
    BIO_free(bytes);
    ck_assert_ptr_null(pk_file_read(path, 4, &err));
    ck_assert_int_eq(err.code, EA_E_RANGE);
    ck_assert_ptr_null(pk_file_read("/nonexistent", 5, &err));
    ck_assert_int_eq(err.code, EA_E_UNAVAILABLE);
}
END_TEST

Suite *
suite_pk_file(void)
{
    Suite *suite = suite_create("pk_file");
    TCase *tcase = tcase_create("all");

    tcase_add_checked_fixture(tcase, make_base, remove_base);
    tcase_add_test(tcase, test_put);
    tcase_add_test(tcase, test_dry_run);
    tcase_add_test(tcase, test_where_no_file_can_be);
    tcase_add_test(tcase, test_read);
    suite_add_tcase(suite, tcase);
    return suite;
}
