/* Time never runs backwards and never leaps within a boot. */
#include <string.h>

#include <check.h>

#include "ea_clock.h"
#include "suites.h"

#define BOOT "9ddf0214-b102-49a3-bec3-d1151498a44e"
#define LATER "00112233-4455-6677-8899-aabbccddeeff"
#define T 1700000000u

/* The store has time T, written 1000 s after boot BOOT. */
static const struct {
    const char *label, *boot_id;
    uint64_t wall, boot;
    bool good;
    uint64_t now;
    bool persist;
} rows[] = {
    { "same moment", BOOT, T, 1000, true, T, false },
    { "a minute less a second", BOOT, T + 59, 1059, true, T + 59, false },
    { "a minute", BOOT, T + 60, 1060, true, T + 60, true },
    { "a day", BOOT, T + 86400, 87400, true, T + 86400, true },
    { "a bit ahead", BOOT, T + 300, 1000, true, T + 300, true },
    { "too far ahead", BOOT, T + 301, 1000, false, 0, false },
    { "too far after an hour", BOOT, T + 3901, 4600, false, 0, false },
    { "just right after an hour", BOOT, T + 3900, 4600, true, T + 3900, true },
    { "set back, no time passed", BOOT, T - 5000, 1000, true, T, false },
    { "set back, the boot clock goes on", BOOT, T - 5000, 1500, true, T + 500,
      true },
    { "set back to 1970", BOOT, 0, 1030, true, T + 30, false },
    { "the boot clock behind", BOOT, T + 10, 900, true, T + 10, false },
    { "the boot clock behind, a leap", BOOT, T + 301, 900, false, 0, false },
    { "after a reboot", LATER, T + 90, 20, true, T + 90, true },
    { "after a year off", LATER, T + 31536000, 20, true, T + 31536000, true },
    { "after a reboot, clock lost", LATER, 0, 20, true, T + 20, true },
    { "after a reboot, clock slow", LATER, T + 10, 3600, true, T + 3600, true },
};

START_TEST(test_row)
{
    const struct ea_meta meta = { .clock = T,
                                  .boot_clock = 1000,
                                  .boot_id = BOOT };
    const struct ea_clock_reading reading = { rows[_i].wall, rows[_i].boot,
                                              rows[_i].boot_id };
    struct ea_error err = { 0 };
    uint64_t now = 0;
    bool persist = false;
    bool good = ea_clock_now(&meta, &reading, &now, &persist, &err);

    ck_assert_msg(good == rows[_i].good, "%s: %s", rows[_i].label, err.message);
    ck_assert_msg(now == rows[_i].now && persist == rows[_i].persist, "%s",
                  rows[_i].label);
    ck_assert(good || strstr(err.message, "edge-auth store clock --accept"));
    ck_assert(good || err.code == EA_E_UNAVAILABLE);
}
END_TEST

START_TEST(test_fresh_store)
{
    const struct ea_meta meta = { .clock = 0 };
    const struct ea_clock_reading reading = { T, 77, BOOT };
    uint64_t now = 0;
    bool persist = false;

    ck_assert(ea_clock_now(&meta, &reading, &now, &persist, NULL));
    ck_assert_uint_eq(now, T);
    ck_assert(persist);
}
END_TEST

Suite *
suite_ea_clock(void)
{
    Suite *suite = suite_create("ea_clock");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_row, 0, sizeof(rows) / sizeof(rows[0]));
    tcase_add_test(tcase, test_fresh_store);
    suite_add_tcase(suite, tcase);
    return suite;
}
