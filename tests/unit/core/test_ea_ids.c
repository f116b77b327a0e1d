/* Hardware ids: one spelling each, placeholders are absent, nonsense is
 * refused. */
#include <string.h>

#include <check.h>

#include "ea_ids.h"
#include "suites.h"

struct row {
    const char *text;
    const char *expected; /* NULL: refused */
};

static const struct row uuids[] = {
    { "9ddf0214-b102-49a3-bec3-d1151498a44e",
      "9ddf0214-b102-49a3-bec3-d1151498a44e" },
    { "9DDF0214-B102-49A3-BEC3-D1151498A44E",
      "9ddf0214-b102-49a3-bec3-d1151498a44e" },
    { "00000000-0000-0000-0000-ac1f6b4d2e10",
      "00000000-0000-0000-0000-ac1f6b4d2e10" },
    { "", "" },
    { "00000000-0000-0000-0000-000000000000", "" },
    { "ffffffff-ffff-ffff-ffff-ffffffffffff", "" },
    { "FFFFFFFF-FFFF-FFFF-FFFF-FFFFFFFFFFFF", "" },
    { "11111111-1111-1111-1111-111111111111", "" },
    { "fefefefe-fefe-fefe-fefe-fefefefefefe", "" },
    { "03000200-0400-0500-0006-000700080009", "" },
    { "00020003-0004-0005-0006-000700080009", "" },
    { "4C4C4544-0000-2010-8020-80C04F202020", "" },
    { "9ddf0214-b102-49a3-bec3-d1151498a44", NULL },
    { "9ddf0214-b102-49a3-bec3-d1151498a44ee", NULL },
    { "9ddf0214b10249a3bec3d1151498a44e", NULL },
    { "{9ddf0214-b102-49a3-bec3-d1151498a44e}", NULL },
    { "9ddf0214-b102-49a3-bec3_d1151498a44e", NULL },
    { "9ddf0214-b102-49a3-bec3-d1151498a44g", NULL },
    { " 9ddf0214-b102-49a3-bec3-d1151498a44", NULL },
    { "9ddf0214-b102-49a3-bec3-d1151498a44e\n", NULL },
    { "${uuid}", NULL },
    { "00000000-0000-0000-0000-00000000000x", NULL },
};

static const struct row serials[] = {
    { "S384102X9A00417", "S384102X9A00417" },
    { "  S384102X9A00417   ", "S384102X9A00417" },
    { "AB 12/34", "AB 12/34" },
    { "7", "7" },
    { "1111", "1111" },
    { "0123456789012345678901234567890123456789012345678901234567890123",
      "0123456789012345678901234567890123456789012345678901234567890123" },
    { "none-7", "none-7" },
    { "", "" },
    { "    ", "" },
    { "To Be Filled By O.E.M.", "" },
    { " to be filled by o.e.m. ", "" },
    { "Default string", "" },
    { "System Serial Number", "" },
    { "Not Specified", "" },
    { "None", "" },
    { "N/A", "" },
    { "0", "" },
    { "00000000", "" },
    { "0123456789", "" },
    { "123456789", "" },
    { "XXXXXXXXXX", "" },
    { "..............", "" },
    { "INVALID", "" },
    { "01234567890123456789012345678901234567890123456789012345678901234",
      NULL },
    { "AB\t12", NULL },
    { "AB\n", NULL },
    { "\x1b[2J", NULL },
    { "AB\xc3\xa4", NULL },
    { "AB\x7f", NULL },
};

static const struct row macs[] = {
    { "52:54:00:00:02:01", "52:54:00:00:02:01" },
    { "3C:EC:EF:00:00:11", "3c:ec:ef:00:00:11" },
    { "3c-ec-ef-00-00-11", "3c:ec:ef:00:00:11" },
    { "3cecef000011", "3c:ec:ef:00:00:11" },
    { "", "" },
    { "00:00:00:00:00:00", NULL },
    { "ff:ff:ff:ff:ff:ff", NULL },
    { "01:00:5e:00:00:01", NULL },
    { "3c:ec-ef:00:00:11", NULL },
    { "3c:ec:ef:00:00:1", NULL },
    { "3c:ec:ef:00:00:111", NULL },
    { "3c:ec:ef:00:00:11:22:33", NULL },
    { "3cec.ef00.0011", NULL },
    { "3c:ec:ef:00:00:1g", NULL },
    { " 3c:ec:ef:00:00:11", NULL },
    { "3cecef00001", NULL },
    { "3cecef0000111", NULL },
    { "${mac}", NULL },
};

static void
assert_row(const struct row *row, bool good, const char *value,
           const struct ea_error *err)
{
    if (row->expected == NULL) {
        ck_assert_msg(!good, "'%s' accepted as '%s'", row->text, value);
        ck_assert_str_eq(value, "before");
        ck_assert_str_ne(err->message, "");
        return;
    }
    ck_assert_msg(good, "'%s': %s", row->text, err->message);
    ck_assert_msg(strcmp(value, row->expected) == 0, "'%s' gave '%s'",
                  row->text, value);
}

START_TEST(test_uuid)
{
    char value[EA_UUID_LEN + 1] = "before";
    struct ea_error err = { 0 };
    bool good = ea_uuid_normalise(ea_bytes_of(uuids[_i].text), value, &err);

    assert_row(&uuids[_i], good, value, &err);
}
END_TEST

START_TEST(test_serial)
{
    char value[EA_SERIAL_MAX + 1] = "before";
    struct ea_error err = { 0 };
    bool good = ea_serial_normalise(ea_bytes_of(serials[_i].text), value, &err);

    assert_row(&serials[_i], good, value, &err);
}
END_TEST

START_TEST(test_mac)
{
    char value[EA_MAC_LEN + 1] = "before";
    struct ea_error err = { 0 };
    bool good = ea_mac_normalise(ea_bytes_of(macs[_i].text), value, &err);

    assert_row(&macs[_i], good, value, &err);
}
END_TEST

START_TEST(test_nul_inside)
{
    char serial[EA_SERIAL_MAX + 1], uuid[EA_UUID_LEN + 1], mac[EA_MAC_LEN + 1];

    ck_assert(
        !ea_serial_normalise((struct ea_bytes){ "A\0B", 3 }, serial, NULL));
    ck_assert(!ea_uuid_normalise(
        (struct ea_bytes){ "9ddf0214-b102-49a3-bec3-d1151498a44\0", 36 }, uuid,
        NULL));
    ck_assert(
        !ea_mac_normalise((struct ea_bytes){ "3cecef00001\0", 12 }, mac, NULL));
    ck_assert(ea_mac_normalise((struct ea_bytes){ NULL, 0 }, mac, NULL));
}
END_TEST

START_TEST(test_swap)
{
    const char *uuid = "00112233-4455-6677-8899-aabbccddeeff";
    const char *old = "33221100-5544-7766-8899-aabbccddeeff";
    char swapped[EA_UUID_LEN + 1], empty[EA_UUID_LEN + 1] = "";

    ea_uuid_swap(uuid, swapped);
    ck_assert_str_eq(swapped, old);
    ea_uuid_swap(swapped, swapped);
    ck_assert_str_eq(swapped, uuid);
    ea_uuid_swap(empty, swapped);
    ck_assert_str_eq(swapped, "");
    ck_assert(ea_uuid_is_same(uuid, uuid));
    ck_assert(ea_uuid_is_same(uuid, old));
    ck_assert(ea_uuid_is_same(old, uuid));
    ck_assert(!ea_uuid_is_same("", ""));
    ck_assert(!ea_uuid_is_same(uuid, ""));
    ck_assert(!ea_uuid_is_same("", uuid));
    ck_assert(!ea_uuid_is_same(uuid, "00112233-4455-6677-8899-aabbccddeefe"));
    ck_assert(!ea_uuid_is_same(uuid, "33221100-5544-6677-8899-aabbccddeeff"));
}
END_TEST

START_TEST(test_compare)
{
    static const struct ea_ids rows[] = {
        { .mac = "" },
        { .mac = "52:54:00:00:02:01" },
        { .mac = "52:54:00:00:02:01", .serial = "X" },
        { .mac = "52:54:00:00:02:01", .serial = "x" },
        { .uuid = "9ddf0214-b102-49a3-bec3-d1151498a44e" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert(ea_ids_is_empty(&rows[i]) == (i == 0));
        for (size_t j = 0; j < sizeof(rows) / sizeof(rows[0]); j++) {
            ck_assert(ea_ids_equal(&rows[i], &rows[j]) == (i == j));
        }
    }
}
END_TEST

#define LOOP(tcase, test, rows)                                                \
    tcase_add_loop_test(tcase, test, 0, sizeof(rows) / sizeof((rows)[0]))

Suite *
suite_ea_ids(void)
{
    Suite *suite = suite_create("ea_ids");
    TCase *tcase = tcase_create("all");

    LOOP(tcase, test_uuid, uuids);
    LOOP(tcase, test_serial, serials);
    LOOP(tcase, test_mac, macs);
    tcase_add_test(tcase, test_nul_inside);
    tcase_add_test(tcase, test_swap);
    tcase_add_test(tcase, test_compare);
    suite_add_tcase(suite, tcase);
    return suite;
}
