/* The table of keys: rows are well formed, misspellings find their key. */
#include <string.h>

#include <check.h>

#include "model/cg_key.h"
#include "suites.h"

START_TEST(test_rows_are_well_formed)
{
    const struct cg_key *key = &cg_keys[_i];

    ck_assert_uint_ne(key->levels, 0);
    ck_assert_int_ne(key->takes, CG_TAKES_NOTHING);
    ck_assert_uint_gt(strlen(key->help), 0);
    ck_assert_ptr_eq(cg_key_find(key->path, key->levels & (0u - key->levels)),
                     key);
    /* a key is not also a group at the same level */
    for (unsigned level = CG_AT_TOP; level <= CG_AT_NODE; level *= 2) {
        ck_assert(
            !((key->levels & level) != 0 && cg_key_is_group(key->path, level)));
    }
    ck_assert((key->takes == CG_TAKES_WORD) == (key->words != NULL));
    if (key->takes == CG_TAKES_NUMBER || key->takes == CG_TAKES_DURATION) {
        ck_assert_int_ge(key->max, key->min);
    }
    ck_assert_ptr_nonnull(cg_takes_name(key->takes));
}
END_TEST

static const struct {
    const char *prefix;
    unsigned level;
    const char *word, *nearest;
} spellings[] = {
    { "", CG_AT_NODE, "instal", "install" },
    { "", CG_AT_NODE, "lables", "labels" },
    { "", CG_AT_NODE, "hostnaem", "hostname" },
    { "", CG_AT_CLUSTER, "kubernets", "kubernetes" },
    { "image", CG_AT_SITE, "extension", "extensions" },
    { "enroll", CG_AT_SITE, "tll", "ttl" },
    { "", CG_AT_TOP, "node", "nodes" },
    { "", CG_AT_NODE, "kubernetes", NULL },
    { "", CG_AT_NODE, "zzzz", NULL },
    { "", CG_AT_NODE, "", NULL },
    { "image", CG_AT_SITE, "disk", NULL },
};

START_TEST(test_nearest)
{
    struct cg_arena *arena = cg_arena_new();
    const char *found = cg_key_nearest(arena, spellings[_i].prefix,
                                       spellings[_i].level, spellings[_i].word);

    if (spellings[_i].nearest == NULL) {
        ck_assert_msg(found == NULL, "%s: %s", spellings[_i].word, found);
    } else {
        ck_assert_ptr_nonnull(found);
        ck_assert_str_eq(found, spellings[_i].nearest);
    }
    cg_arena_free(arena);
}
END_TEST

static const struct {
    const char *a, *b;
    unsigned distance;
} distances[] = {
    { "", "", 0 },
    { "a", "a", 0 },
    { "a", "b", 1 },
    { "ab", "ba", 1 },
    { "abc", "ac", 1 },
    { "ac", "abc", 1 },
    { "", "abc", 3 },
    { "kitten", "sitting", 3 },
    { "abcdefgh", "hgfedcba", 5 }, /* beyond the limit of 4 */
};

START_TEST(test_distance)
{
    ck_assert_uint_eq(cg_key_distance(distances[_i].a, distances[_i].b, 4),
                      distances[_i].distance);
    ck_assert_uint_eq(cg_key_distance(distances[_i].b, distances[_i].a, 4),
                      distances[_i].distance);
}
END_TEST

START_TEST(test_elsewhere)
{
    struct cg_arena *arena = cg_arena_new();

    ck_assert_str_eq(cg_key_elsewhere(arena, "endpoint"), "clusters");
    ck_assert_str_eq(cg_key_elsewhere(arena, "enroll"), "sites");
    ck_assert_str_eq(cg_key_elsewhere(arena, "talos"),
                     "clusters, roles, sites, nodes");
    ck_assert_ptr_null(cg_key_elsewhere(arena, "nothing"));
    cg_arena_free(arena);
}
END_TEST

Suite *
suite_cg_key(void)
{
    Suite *suite = suite_create("cg_key");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_rows_are_well_formed, 0,
                        (int)cg_keys_count);
    tcase_add_loop_test(tcase, test_nearest, 0,
                        (int)(sizeof(spellings) / sizeof(spellings[0])));
    tcase_add_loop_test(tcase, test_distance, 0,
                        (int)(sizeof(distances) / sizeof(distances[0])));
    tcase_add_test(tcase, test_elsewhere);
    suite_add_tcase(suite, tcase);
    return suite;
}
