/* Records that must not be written, or read, because a member is outside its
 * limits: each is one member away from one that may. */
#include <string.h>

#include <check.h>

#include "ea_record.h"
#include "suites.h"

/* The record is at all its limits. */
static struct ea_record
at_limits(void)
{
    struct ea_record record;

    memset(&record, 0, sizeof(record));
    record.number = EA_NUMBER_MAX;
    record.gen = EA_GEN_MAX;
    record.n = record.cur = record.floor = EA_ATTEMPT_MAX;
    record.state = EA_STATE_RETIRED;
    record.mode = EA_MODE_APPROVE;
    record.hold = EA_HOLD_CLONE;
    record.attempts_count = EA_ATTEMPTS_MAX;
    record.slots_count = EA_SLOTS_MAX;
    record.keys_count = EA_KEYS_MAX;
    record.delete_count = EA_DELETE_MAX;
    memset(record.device, 'd', EA_DEVICE_MAX);
    return record;
}

static bool
is_writable(const struct ea_record *record)
{
    uint8_t bytes[EA_RECORD_MAX];
    struct ea_buf buf = { bytes, 0, sizeof(bytes), false };

    return ea_record_encode(record, &buf);
}

enum limit {
    NO_LIMIT,
    NUMBER,
    GEN,
    N,
    CUR,
    FLOOR,
    STATE,
    MODE,
    HOLD,
    ATTEMPTS,
    SLOTS,
    KEYS,
    DELETE,
    COUNT_BEYOND_A_BYTE,
    TEXT_WITHOUT_END,
    LIMITS
};

static void
pass(struct ea_record *record, enum limit limit)
{
    record->number += limit == NUMBER;
    record->gen = (uint16_t)(record->gen + (limit == GEN));
    record->n = (uint16_t)(record->n + (limit == N));
    record->cur = (uint16_t)(record->cur + (limit == CUR));
    record->floor = (uint16_t)(record->floor + (limit == FLOOR));
    record->state = (enum ea_state)(record->state + (limit == STATE));
    record->mode = (enum ea_mode)(record->mode + (limit == MODE));
    record->hold = (enum ea_hold)(record->hold + (limit == HOLD));
    record->attempts_count += limit == ATTEMPTS;
    record->slots_count += limit == SLOTS;
    record->keys_count += limit == KEYS;
    record->delete_count += limit == DELETE;
    record->delete_count += limit == COUNT_BEYOND_A_BYTE ? 256 : 0;
    if (limit == TEXT_WITHOUT_END) {
        record->device[EA_DEVICE_MAX] = 'd';
    }
}

START_TEST(test_limit)
{
    struct ea_record record = at_limits();

    pass(&record, (enum limit)_i);
    ck_assert_msg(is_writable(&record) == (_i == NO_LIMIT), "limit %d", _i);
}
END_TEST

/* Where number, generation and n stand in the bytes of an empty record. */
static const struct {
    const char *label;
    size_t at;
    uint8_t byte;
    bool good;
} bytes_of[] = {
    { "number", 2, 0xff, true },
    { "number of 25 bit", 1, 0x01, false },
    { "generation", 5, 0x0f, true },
    { "generation of 13 bit", 5, 0x10, false },
    { "state", 11, EA_STATE_RETIRED, true },
    { "no such state", 11, EA_STATE_RETIRED + 1, false },
    { "mode", 12, EA_MODE_APPROVE, true },
    { "no such mode", 12, EA_MODE_APPROVE + 1, false },
    { "hold", 29, EA_HOLD_CLONE, true },
    { "no such hold", 29, EA_HOLD_CLONE + 1, false },
    { "n", 30, 0x3f, true },
    { "n of 15 bit", 30, 0x40, false },
    { "cur above n", 32, 0x01, false },
    { "floor above n", 34, 0x01, false },
    { "nine attempts", 40, EA_ATTEMPTS_MAX + 1, false },
};

START_TEST(test_stored)
{
    const struct ea_record empty = { .number = 0 };
    uint8_t bytes[EA_RECORD_MAX];
    struct ea_buf buf = { bytes, 0, sizeof(bytes), false };
    struct ea_bytes value = { (const char *)bytes, 0 };
    struct ea_record record;
    struct ea_error err = { 0 };

    ck_assert(ea_record_encode(&empty, &buf));
    value.len = buf.len;
    ck_assert(ea_record_decode(value, &record, &err));
    bytes[bytes_of[_i].at] = bytes_of[_i].byte;
    ck_assert_msg(ea_record_decode(value, &record, &err) == bytes_of[_i].good,
                  "%s: %s", bytes_of[_i].label, err.message);
    ck_assert_int_eq(strstr(err.message, "stored enrollment is damaged") ==
                         NULL,
                     bytes_of[_i].good);
}
END_TEST

/* A text with a NUL inside would be compared as a shorter one. */
START_TEST(test_nul_in_text)
{
    struct ea_record record = { .device = "d-1" };
    uint8_t bytes[EA_RECORD_MAX];
    struct ea_buf buf = { bytes, 0, sizeof(bytes), false };
    struct ea_bytes value = { (const char *)bytes, 0 };
    uint8_t *found;

    ck_assert(ea_record_encode(&record, &buf));
    value.len = buf.len;
    found = memmem(bytes, buf.len, "d-1", 3);
    ck_assert_ptr_nonnull(found);
    found[1] = '+';
    ck_assert(ea_record_decode(value, &record, NULL));
    ck_assert_str_eq(record.device, "d+1");
    found[1] = '\0';
    ck_assert(!ea_record_decode(value, &record, NULL));
}
END_TEST

/* The layout is fixed: these bytes are in the stores out there. */
START_TEST(test_layout)
{
    const struct ea_token_row row = { .id = "0123456789",
                                      .kind = EA_TOKEN_NODE,
                                      .number = 0x010203,
                                      .site = "s",
                                      .gen = 4,
                                      .epoch = 5,
                                      .created = 6 };
    static const uint8_t expected[] =
        "\x01\x0a"
        "0123456789"
        "\x01\x00\x01\x02\x03\x01s\x00\x00\x00\x04"
        "\x00\x00\x00\x05\x00\x00\x00\x00\x00\x00\x00\x06";
    uint8_t bytes[64];
    struct ea_buf buf = { bytes, 0, sizeof(bytes), false };

    ck_assert(ea_token_row_encode(&row, &buf));
    ck_assert_uint_eq(buf.len, sizeof(expected) - 1);
    ck_assert_mem_eq(bytes, expected, buf.len);
}
END_TEST

START_TEST(test_other_schema)
{
    struct ea_meta meta = { .schema = EA_SCHEMA + 1 }, got = { .epoch = 7 };
    uint8_t bytes[EA_RECORD_MAX];
    struct ea_buf buf = { bytes, 0, sizeof(bytes), false };
    struct ea_error err = { 0 };

    ck_assert(ea_meta_encode(&meta, &buf));
    ck_assert(!ea_meta_decode((struct ea_bytes){ (char *)bytes, buf.len }, &got,
                              &err));
    ck_assert_int_eq(err.code, EA_E_CONFLICT);
    ck_assert_str_eq(err.message,
                     "store has schema '2', this program reads '1'");
    ck_assert_uint_eq(got.epoch, 7);
    meta.schema = EA_SCHEMA;
    buf.len = 0;
    ck_assert(ea_meta_encode(&meta, &buf));
    ck_assert(ea_meta_decode((struct ea_bytes){ (char *)bytes, buf.len }, &got,
                             &err));
}
END_TEST

Suite *
suite_ea_record(void)
{
    Suite *suite = suite_create("ea_record");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_limit, 0, LIMITS);
    tcase_add_loop_test(tcase, test_stored, 0,
                        sizeof(bytes_of) / sizeof(bytes_of[0]));
    tcase_add_test(tcase, test_nul_in_text);
    tcase_add_test(tcase, test_layout);
    tcase_add_test(tcase, test_other_schema);
    suite_add_tcase(suite, tcase);
    return suite;
}
