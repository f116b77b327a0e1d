/* Base32 and hex: every character, every length of the formats. */
#include <string.h>

#include <check.h>

#include "ea_base32.h"
#include "suites.h"
#include "vectors.h"

static const char alphabet[] = "0123456789abcdefghjkmnpqrstvwxyz";

static json_t *rows;

START_TEST(test_row)
{
    json_t *row = vectors_row(rows, NULL, _i);
    size_t chars = (size_t)vectors_number(row, "chars");
    const char *expected = vectors_text(row, "text");
    uint8_t bits[32], back[32] = { 0 };
    char text[64], hex[2 * sizeof(bits) + 1];

    vectors_hex(row, "bits", bits, sizeof(bits));
    ea_base32_encode(bits, chars, text);
    ck_assert_msg(strlen(expected) == chars &&
                      memcmp(text, expected, chars) == 0,
                  "%.*s instead of %s", (int)chars, text, expected);
    ck_assert(ea_base32_decode(expected, chars, back));
    ck_assert(memcmp(bits, back, 5 * chars / 8) == 0);
    ea_hex_encode(bits, sizeof(bits), hex);
    ck_assert_str_eq(hex, vectors_text(row, "bits"));
}
END_TEST

START_TEST(test_every_byte)
{
    char text[10] = "0000000000";
    uint8_t bits[7];
    const char *at = memchr(alphabet, _i, 32);

    text[3] = (char)_i;
    memset(bits, 0x5a, sizeof(bits));
    if (at != NULL) {
        ck_assert(ea_base32_decode(text, 10, bits));
        ck_assert_int_eq((bits[1] & 1) << 4 | bits[2] >> 4, at - alphabet);
    } else {
        ck_assert_msg(!ea_base32_decode(text, 10, bits), "byte %d", _i);
        for (size_t i = 0; i < sizeof(bits); i++) {
            ck_assert_uint_eq(bits[i], 0);
        }
    }
}
END_TEST

START_TEST(test_every_hex_byte)
{
    char text[2] = { '0', (char)_i };
    uint8_t value = 0;
    bool good = (_i >= '0' && _i <= '9') || (_i >= 'a' && _i <= 'f');

    ck_assert(ea_hex_decode((struct ea_bytes){ text, 2 }, &value, 1) == good);
    ck_assert(!good || value == (_i <= '9' ? _i - '0' : _i - 'a' + 10));
}
END_TEST

START_TEST(test_round_trip)
{
    uint8_t bits[40], back[40];
    char text[64], again[64];
    size_t chars = (size_t)_i;

    for (size_t i = 0; i < sizeof(bits); i++) {
        bits[i] = (uint8_t)(i * 73 + chars * 29 + 7);
    }
    ea_base32_encode(bits, chars, text);
    ck_assert(ea_base32_decode(text, chars, back));
    ea_base32_encode(back, chars, again);
    ck_assert(memcmp(text, again, chars) == 0);
    ck_assert(memcmp(bits, back, 5 * chars / 8) == 0);
}
END_TEST

START_TEST(test_hex_length)
{
    uint8_t bytes[4] = { 0 };

    ck_assert(ea_hex_decode(EA_BYTES("00ff10"), bytes, 3));
    ck_assert(!ea_hex_decode(EA_BYTES("00ff1"), bytes, 3));
    ck_assert(!ea_hex_decode(EA_BYTES("00ff100"), bytes, 3));
    ck_assert(!ea_hex_decode(EA_BYTES("00FF10"), bytes, 3));
}
END_TEST

Suite *
suite_ea_base32(void)
{
    Suite *suite = suite_create("ea_base32");
    TCase *tcase = tcase_create("all");

    rows = vectors_load("base32.json");
    tcase_add_loop_test(tcase, test_row, 0, vectors_count(rows, NULL));
    tcase_add_loop_test(tcase, test_every_byte, 0, 256);
    tcase_add_loop_test(tcase, test_every_hex_byte, 0, 256);
    tcase_add_loop_test(tcase, test_round_trip, 0, 52);
    tcase_add_test(tcase, test_hex_length);
    suite_add_tcase(suite, tcase);
    return suite;
}
