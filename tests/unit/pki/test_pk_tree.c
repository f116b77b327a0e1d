/* Paths below DIR, and the order in which the CAs are made. */
#include <limits.h>
#include <string.h>

#include <check.h>

#include "pk_tree.h"
#include "suites.h"

static const struct {
    const char *dir, *a, *b, *path;
} rows[] = {
    { "pki", "root", "cert.pem", "pki/root/cert.pem" },
    { "/srv/pki", "trust", NULL, "/srv/pki/trust" },
    { ".", "issued", "boot", "./issued/boot" },
};

START_TEST(test_path)
{
    char path[PATH_MAX];

    ck_assert(pk_tree_path(rows[_i].dir, rows[_i].a, rows[_i].b, path, NULL));
    ck_assert_str_eq(path, rows[_i].path);
}
END_TEST

START_TEST(test_path_too_long)
{
    char dir[PATH_MAX], path[PATH_MAX];
    struct ea_error err = { 0 };

    memset(dir, 'd', sizeof(dir));
    dir[PATH_MAX - 40] = '\0';
    ck_assert(pk_tree_path(dir, "a", NULL, path, &err));
    ck_assert(!pk_tree_path(dir, "a", "key.pem", path, &err));
    ck_assert_int_eq(err.code, EA_E_RANGE);
}
END_TEST

/* A CA can only be signed by one that was made before it. */
START_TEST(test_order)
{
    const struct pk_ca *cas = pk_tree_cas();

    for (size_t i = 0; i < PK_CA_COUNT; i++) {
        bool found = cas[i].issuer == NULL;

        for (size_t j = 0; j < i; j++) {
            found = found || strcmp(cas[i].issuer, cas[j].folder) == 0;
        }
        ck_assert_msg(found, "%s", cas[i].folder);
    }
}
END_TEST

START_TEST(test_nothing_there)
{
    struct pk_issuer ca = { NULL, NULL };
    struct ea_error err = { 0 };

    ck_assert(!pk_tree_read("/nonexistent", "root", false, &ca, &err));
    ck_assert_int_eq(err.code, EA_E_UNAVAILABLE);
    ck_assert_ptr_nonnull(strstr(err.message, "edge-pki init"));
    ck_assert_ptr_null(ca.cert);
}
END_TEST

Suite *
suite_pk_tree(void)
{
    Suite *suite = suite_create("pk_tree");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_path, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, test_path_too_long);
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_nothing_there);
    suite_add_tcase(suite, tcase);
    return suite;
}
