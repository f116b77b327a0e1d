/* HMAC and SHA-256 against published and Python's values; a prepared context
 * gives the same sum every time. */
#include <string.h>

#include <check.h>

#include "ea_base32.h"
#include "ea_crypto.h"
#include "suites.h"

static void
assert_hex(const uint8_t sum[static EA_SHA256_LEN], const char *expected)
{
    char hex[2 * EA_SHA256_LEN + 1];

    ea_hex_encode(sum, EA_SHA256_LEN, hex);
    ck_assert_str_eq(hex, expected);
}

START_TEST(test_mac_parts_and_reuse)
{
    const struct ea_bytes parts[] = { EA_BYTES("abc"), EA_BYTES(""),
                                      EA_BYTES("defg") };
    const struct ea_bytes whole = EA_BYTES("abcdefg");
    uint8_t key[EA_KEY_LEN], sum[EA_SHA256_LEN];
    struct ea_mac *mac;

    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t)i;
    }
    mac = ea_mac_new(key);
    ck_assert_ptr_nonnull(mac);
    memset(key, 0xff, sizeof(key)); /* the context has its own copy */
    for (int i = 0; i < 3; i++) {
        ck_assert(ea_mac_sum(mac, parts, 3, sum));
        assert_hex(sum, "404004b6fffe07fb99c006f70b482a35"
                        "d98e985d23dbd35afbc7fc1511d5b6e5");
        ck_assert(ea_mac_sum(mac, &whole, 1, sum));
        assert_hex(sum, "404004b6fffe07fb99c006f70b482a35"
                        "d98e985d23dbd35afbc7fc1511d5b6e5");
    }
    ea_mac_free(mac);
    ea_mac_free(NULL);
}
END_TEST

START_TEST(test_mac_of_nothing)
{
    const uint8_t key[EA_KEY_LEN] = { 0 };
    uint8_t sum[EA_SHA256_LEN];
    struct ea_mac *mac = ea_mac_new(key);

    ck_assert_ptr_nonnull(mac);
    ck_assert(ea_mac_sum(mac, NULL, 0, sum));
    assert_hex(sum, "b613679a0814d9ec772f95d778c35fc5"
                    "ff1697c493715653c6c712144292c5ad");
    ea_mac_free(mac);
}
END_TEST

START_TEST(test_keys_differ)
{
    const struct ea_bytes text = EA_BYTES("abc");
    uint8_t key[EA_KEY_LEN] = { 0 }, one[EA_SHA256_LEN], two[EA_SHA256_LEN];
    struct ea_mac *a = ea_mac_new(key), *b;

    key[EA_KEY_LEN - 1] = 1;
    b = ea_mac_new(key);
    ck_assert(a != NULL && b != NULL);
    ck_assert(ea_mac_sum(a, &text, 1, one));
    ck_assert(ea_mac_sum(b, &text, 1, two));
    ck_assert(!ea_ct_equal(one, two, sizeof(one)));
    ck_assert(ea_mac_sum(a, &text, 1, two));
    ck_assert(ea_ct_equal(one, two, sizeof(one)));
    ea_mac_free(a);
    ea_mac_free(b);
}
END_TEST

START_TEST(test_sha256)
{
    const struct ea_bytes parts[] = { EA_BYTES("a"), EA_BYTES("bc") };
    uint8_t sum[EA_SHA256_LEN];

    ck_assert(ea_sha256(parts, 2, sum));
    assert_hex(sum, "ba7816bf8f01cfea414140de5dae2223"
                    "b00361a396177a9cb410ff61f20015ad");
    ck_assert(ea_sha256(NULL, 0, sum));
    assert_hex(sum, "e3b0c44298fc1c149afbf4c8996fb924"
                    "27ae41e4649b934ca495991b7852b855");
}
END_TEST

START_TEST(test_equal_and_wipe)
{
    char a[] = "secret", b[] = "secreT", zero[sizeof(a)] = { 0 };

    ck_assert(ea_ct_equal(a, b, 5));
    ck_assert(!ea_ct_equal(a, b, 6));
    ck_assert(ea_ct_equal(a, b, 0));
    ea_wipe(a, sizeof(a));
    ck_assert(memcmp(a, zero, sizeof(a)) == 0);
}
END_TEST

Suite *
suite_ea_crypto(void)
{
    Suite *suite = suite_create("ea_crypto");
    TCase *tcase = tcase_create("all");

    tcase_add_test(tcase, test_mac_parts_and_reuse);
    tcase_add_test(tcase, test_mac_of_nothing);
    tcase_add_test(tcase, test_keys_differ);
    tcase_add_test(tcase, test_sha256);
    tcase_add_test(tcase, test_equal_and_wipe);
    suite_add_tcase(suite, tcase);
    return suite;
}
