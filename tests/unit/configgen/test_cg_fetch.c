/* Which base URLs are taken, and how a file on its way to the disk behaves;
 * what crosses a network is tested in tests/cases/test_image.py. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <check.h>

#include "image/cg_fetch.h"
#include "image/cg_store.h"
#include "suites.h"

/* SHA-256 of "abc" and of "ab". */
#define ABC "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad"
#define AB "fb8e20fc2e4c3f248c60c39bd652f3c1347298bb977b8b4d5903b85055620603"

static const struct {
    const char *url;
    bool good, good_with_http;
} bases[] = {
    { "https://factory.talos.dev", true, true },
    { "https://mirror.example.net:8443/talos", true, true },
    { "https://[2001:db8::1]:8443", true, true },
    { "http://127.0.0.1:8080", true, true },
    { "http://127.9.9.9", true, true },
    { "http://localhost:1", true, true },
    { "http://[::1]:1", true, true },
    { "http://mirror.example.net", false, true },
    { "http://127.example.net", false, true },
    { "http://10.0.0.1", false, true },
    { "https://mirror.example.net/", false, false },
    { "https://mirror.example.net?x", false, false },
    { "https://mirror.example.net#x", false, false },
    { "https://user@mirror.example.net", false, false },
    { "https://user:word@mirror.example.net", false, false },
    { "https://mirror.example.net/a b", false, false },
    { "ftp://mirror.example.net", false, false },
    { "file:///srv", false, false },
    { "mirror.example.net", false, false },
    { "https://", false, false },
    { "", false, false },
};

START_TEST(test_base)
{
    struct ea_error err = { 0 };

    ck_assert_msg(cg_fetch_check_base(bases[_i].url, false, &err) ==
                      bases[_i].good,
                  "%s", bases[_i].url);
    ck_assert((err.message[0] == '\0') == bases[_i].good);
    ck_assert_msg(cg_fetch_check_base(bases[_i].url, true, NULL) ==
                      bases[_i].good_with_http,
                  "%s with http", bases[_i].url);
}
END_TEST

struct folder {
    char path[32];
    struct cg_arena *arena;
    struct cg_store store;
};

static void
open_folder(struct folder *folder)
{
    *folder = (struct folder){ .path = "/tmp/cg-store-XXXXXX" };
    folder->arena = cg_arena_new();
    ck_assert_ptr_nonnull(mkdtemp(folder->path));
    ck_assert(cg_store_open(&folder->store, folder->arena, folder->path, false,
                            NULL) == CG_STORE_HELD);
}

static const char *
name_in(struct folder *folder, const char *name)
{
    return cg_arena_printf(folder->arena, "%s/%s", folder->path, name);
}

static void
close_folder(struct folder *folder)
{
    ck_assert(unlink(name_in(folder, ".lock")) == 0);
    ck_assert_msg(rmdir(folder->path) == 0, "something was left behind");
    cg_store_close(&folder->store);
    cg_arena_free(folder->arena);
}

START_TEST(test_part)
{
    struct folder folder;
    struct cg_part part;
    char sum[CG_DIGEST_DIGITS + 1];
    struct stat st;

    open_folder(&folder);
    ck_assert(cg_part_open(&part, &folder.store, "file", 10, NULL));
    ck_assert(cg_part_add(&part, EA_BYTES("ab"), NULL));
    cg_part_close(&part);
    ck_assert(access(name_in(&folder, "file.part"), F_OK) == 0);
    ck_assert(!cg_store_has(&folder.store, "file", 2, NULL));

    /* the next run goes on where that one ended */
    ck_assert(cg_part_open(&part, &folder.store, "file", 10, NULL));
    ck_assert_uint_eq(part.size, 2);
    ck_assert(cg_part_add(&part, EA_BYTES("c"), NULL));
    ck_assert(cg_part_sum(&part, sum, NULL));
    ck_assert_str_eq(sum, ABC);
    ck_assert(cg_part_finish(&part, "file", NULL));
    ck_assert(access(name_in(&folder, "file.part"), F_OK) != 0);
    ck_assert(stat(name_in(&folder, "file"), &st) == 0);
    ck_assert((st.st_mode & 0777) == 0644);
    ck_assert(cg_store_has(&folder.store, "file", 3, NULL));
    ck_assert(cg_store_has(&folder.store, "file", 3, ABC));
    ck_assert(!cg_store_has(&folder.store, "file", 4, NULL));
    ck_assert(!cg_store_has(&folder.store, "file", 3, AB));
    ck_assert(unlink(name_in(&folder, "file")) == 0);
    close_folder(&folder);
}
END_TEST

START_TEST(test_part_begins_anew)
{
    struct folder folder;
    struct cg_part part;
    char sum[CG_DIGEST_DIGITS + 1];

    open_folder(&folder);
    ck_assert(cg_part_open(&part, &folder.store, "file", 10, NULL));
    ck_assert(cg_part_add(&part, EA_BYTES("xyz"), NULL));
    cg_part_close(&part);
    ck_assert(cg_part_open(&part, &folder.store, "file", 2, NULL));
    ck_assert_uint_eq(part.size, 0); /* it was longer than the file may be */
    ck_assert(cg_part_add(&part, EA_BYTES("x"), NULL));
    ck_assert(cg_part_restart(&part, NULL));
    ck_assert(cg_part_add(&part, EA_BYTES("ab"), NULL));
    ck_assert(cg_part_sum(&part, sum, NULL));
    ck_assert_str_eq(sum, AB);
    cg_part_drop(&part);
    cg_part_drop(&part);
    ck_assert(cg_part_open(&part, &folder.store, "file", 10, NULL));
    cg_part_close(&part); /* an empty one goes */
    close_folder(&folder);
}
END_TEST

START_TEST(test_part_is_no_link)
{
    struct folder folder;
    struct cg_part part;

    open_folder(&folder);
    ck_assert(symlink("elsewhere", name_in(&folder, "file.part")) == 0);
    ck_assert(!cg_part_open(&part, &folder.store, "file", 10, NULL));
    cg_part_close(&part);
    ck_assert(access(name_in(&folder, "elsewhere"), F_OK) != 0);
    ck_assert(unlink(name_in(&folder, "file.part")) == 0);
    close_folder(&folder);
}
END_TEST

START_TEST(test_one_run_at_a_time)
{
    struct folder folder;
    struct cg_store second;

    open_folder(&folder);
    ck_assert(cg_store_open(&second, folder.arena, folder.path, false, NULL) ==
              CG_STORE_BUSY);
    cg_store_close(&folder.store);
    ck_assert(cg_store_open(&second, folder.arena, folder.path, false, NULL) ==
              CG_STORE_HELD);
    cg_store_close(&second);
    close_folder(&folder);
}
END_TEST

Suite *
suite_cg_fetch(void)
{
    Suite *suite = suite_create("cg_fetch");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_base, 0,
                        (int)(sizeof(bases) / sizeof(bases[0])));
    tcase_add_test(tcase, test_part);
    tcase_add_test(tcase, test_part_begins_anew);
    tcase_add_test(tcase, test_part_is_no_link);
    tcase_add_test(tcase, test_one_run_at_a_time);
    suite_add_tcase(suite, tcase);
    return suite;
}
