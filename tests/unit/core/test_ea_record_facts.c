/* Keys of the tables: fixed bytes, in the order of a scan, one for each name.
 */
#include <string.h>

#include <check.h>

#include "ea_record.h"
#include "suites.h"

static size_t
make(int which, uint32_t gen, struct ea_bytes name, uint8_t *key)
{
    switch (which) {
    case 0:
        return ea_key_gate(gen, key);
    case 1:
        return ea_key_site(gen, name, key);
    case 2:
        return ea_key_node(gen, 0x010203, key);
    case 3:
        return ea_key_hwid(gen, 'u', name, key);
    case 4:
        return ea_key_hwid(gen, 'm', name, key);
    case 5:
        return ea_key_asset(gen, name, key);
    case 6:
        return ea_key_name(name, key);
    case 7:
        return ea_key_site_tokens(name, key);
    case 8:
        return ea_key_member(gen, name, 0x010203, key);
    default:
        return ea_key_number(0x010203, key);
    }
}

#define KEY(literal)                                                           \
    {                                                                          \
        (literal), sizeof(literal) - 1                                         \
    }

static const struct ea_bytes keys[] = {
    KEY("\0\0\1\2g"),   KEY("\0\0\1\2sab"), KEY("\0\0\1\2n\0\1\2\3"),
    KEY("\0\0\1\2uab"), KEY("\0\0\1\2mab"), KEY("\0\0\1\2aab"),
    KEY("ab"),          KEY("/ab"),         KEY("\0\0\1\2iab\0\0\1\2\3"),
    KEY("\0\1\2\3"),
};

START_TEST(test_key)
{
    uint8_t key[EA_KEY_MAX];
    size_t len = make(_i, 0x0102, EA_BYTES("ab"), key);

    ck_assert_uint_eq(len, keys[_i].len);
    ck_assert_mem_eq(key, keys[_i].ptr, len);
}
END_TEST

START_TEST(test_order)
{
    uint8_t low[EA_KEY_MAX], high[EA_KEY_MAX];
    size_t len = ea_key_node(255, 256, low);

    ck_assert_uint_eq(ea_key_node(255, 65536, high), len);
    ck_assert_int_lt(memcmp(low, high, len), 0);
    ck_assert_uint_eq(ea_key_node(256, 0, low), len);
    ck_assert_int_lt(memcmp(high, low, len), 0);
}
END_TEST

/* The longest path has a key of its own; one that is longer has none. */
START_TEST(test_long_paths)
{
    char path[EA_ASSET_NAME_MAX + 2];
    struct ea_bytes name = { path, EA_ASSET_NAME_MAX };
    uint8_t one[EA_KEY_MAX], other[EA_KEY_MAX];

    memset(path, 'a', sizeof(path));
    ck_assert_uint_eq(ea_key_asset(1, name, one), EA_KEY_MAX);
    path[EA_ASSET_NAME_MAX - 1] = 'b';
    ck_assert_uint_eq(ea_key_asset(1, name, other), EA_KEY_MAX);
    ck_assert_mem_ne(one, other, EA_KEY_MAX);
    name.len++;
    ck_assert_uint_eq(ea_key_asset(1, name, one), 0);
}
END_TEST

START_TEST(test_no_key)
{
    char text[EA_KEY_MAX + 1];
    struct ea_bytes name = { text, sizeof(text) };
    uint8_t key[EA_KEY_MAX];

    memset(text, 'a', sizeof(text));
    ck_assert_uint_eq(ea_key_name(name, key), 0);
    name.len--;
    ck_assert_uint_eq(ea_key_name(name, key), EA_KEY_MAX);
    ck_assert_uint_eq(ea_key_site_tokens(name, key), 0);
    name.len--;
    ck_assert_uint_eq(ea_key_site_tokens(name, key), EA_KEY_MAX);
    ck_assert_uint_eq(ea_key_name(EA_BYTES(""), key), 0);
}
END_TEST

Suite *
suite_ea_record_facts(void)
{
    Suite *suite = suite_create("ea_record_facts");
    TCase *tcase = tcase_create("keys");

    tcase_add_loop_test(tcase, test_key, 0, sizeof(keys) / sizeof(keys[0]));
    tcase_add_test(tcase, test_order);
    tcase_add_test(tcase, test_long_paths);
    tcase_add_test(tcase, test_no_key);
    suite_add_tcase(suite, tcase);
    return suite;
}
