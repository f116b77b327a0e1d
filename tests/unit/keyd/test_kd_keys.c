/* Keys that are held. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "kd_keys.h"
#include "suites.h"

static struct kd_request
attempt(uint32_t number, uint16_t gen, uint16_t n, uint64_t deadline)
{
    return (struct kd_request){ .op = KD_OP_MINT,
                                .number = number,
                                .gen = gen,
                                .n = n,
                                .deadline = deadline };
}

static void
add(struct kd_keys *keys, const struct kd_request *of, const char *id,
    uint64_t expires)
{
    struct ea_keyd_minted minted = { .expires = expires };

    (void)snprintf(minted.id, sizeof(minted.id), "%s", id);
    (void)snprintf(minted.key.text, sizeof(minted.key.text), "key-of-%s", id);
    kd_keys_add(keys, of, &minted);
}

static bool
is_held(const struct kd_keys *keys, const char *id)
{
    struct kd_request of;

    return kd_keys_whose(keys, id, &of);
}

START_TEST(test_find)
{
    struct kd_keys *keys = kd_keys_new();
    struct kd_request first = attempt(1, 2, 3, 100);
    struct kd_request others[] = { attempt(2, 2, 3, 100), attempt(1, 3, 3, 100),
                                   attempt(1, 2, 4, 100),
                                   attempt(1, 2, 3, 200) };
    struct ea_keyd_minted minted;
    struct kd_request whose;

    ck_assert(!kd_keys_find(keys, &first, &minted));
    add(keys, &first, "k1", 200);
    ck_assert(kd_keys_find(keys, &first, &minted));
    ck_assert_str_eq(minted.id, "k1");
    ck_assert_str_eq(minted.key.text, "key-of-k1");
    ck_assert_uint_eq(minted.expires, 200);
    ck_assert(kd_keys_whose(keys, "k1", &whose));
    ck_assert(whose.number == 1 && whose.gen == 2 && whose.n == 3);
    for (size_t i = 0; i < sizeof(others) / sizeof(others[0]); i++) {
        ck_assert(!kd_keys_find(keys, &others[i], &minted));
    }
    others[3].deadline = 199;
    ck_assert(kd_keys_find(keys, &others[3], &minted));
    kd_keys_free(keys);
}
END_TEST

START_TEST(test_remove)
{
    struct kd_keys *keys = kd_keys_new();
    struct kd_request one = attempt(1, 1, 1, 0), two = attempt(2, 1, 1, 0);
    struct ea_keyd_minted minted;

    add(keys, &one, "k1", 100);
    add(keys, &two, "k2", 200);
    ck_assert(is_held(keys, "k1") && is_held(keys, "k2"));
    ck_assert(!is_held(keys, "k"));
    kd_keys_remove(keys, "k3");
    ck_assert_uint_eq(kd_keys_count(keys), 2);
    kd_keys_remove(keys, "k1");
    ck_assert(!is_held(keys, "k1") && is_held(keys, "k2"));
    ck_assert(!kd_keys_find(keys, &one, &minted));
    ck_assert(kd_keys_find(keys, &two, &minted));
    kd_keys_expire(keys, 199);
    ck_assert_uint_eq(kd_keys_count(keys), 1);
    kd_keys_expire(keys, 200);
    ck_assert_uint_eq(kd_keys_count(keys), 0);
    kd_keys_free(keys);
    kd_keys_free(NULL);
}
END_TEST

/* The one that expires first makes room. */
START_TEST(test_full)
{
    struct kd_keys *keys = kd_keys_new();
    char id[EA_KEY_ID_MAX + 1];

    for (uint32_t i = 1; i <= KD_KEYS_MAX + 2; i++) {
        struct kd_request of = attempt(i, 1, 1, 0);

        (void)snprintf(id, sizeof(id), "k%u", i);
        add(keys, &of, id, i == 77 ? 5 : 1000 + i);
    }
    ck_assert_uint_eq(kd_keys_count(keys), KD_KEYS_MAX);
    ck_assert(!is_held(keys, "k77") && !is_held(keys, "k1"));
    ck_assert(is_held(keys, "k2") && is_held(keys, id));
    kd_keys_free(keys);
}
END_TEST

Suite *
suite_kd_keys(void)
{
    Suite *suite = suite_create("kd_keys");
    TCase *tcase = tcase_create("keys");

    tcase_set_timeout(tcase, 60);
    tcase_add_test(tcase, test_find);
    tcase_add_test(tcase, test_remove);
    tcase_add_test(tcase, test_full);
    suite_add_tcase(suite, tcase);
    return suite;
}
