/* Numbers and durations from text: see ea_number.h. */
#include <inttypes.h>

#include "ea_number.h"

/* Digits into *ret_value; false if they do not fit into 64 bits or are none. */
static bool
read_digits(struct ea_bytes text, uint64_t *ret_value)
{
    uint64_t value = 0;

    if (text.len == 0 || (text.len > 1 && text.ptr[0] == '0')) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        unsigned char c = (unsigned char)text.ptr[i];
        uint64_t digit;

        if (c < '0' || c > '9') {
            return false;
        }
        digit = (uint64_t)(c - '0');
        if (value > (UINT64_MAX - digit) / 10) {
            return false;
        }
        value = value * 10 + digit;
    }
    *ret_value = value;
    return true;
}

static bool
check_limits(uint64_t value, uint64_t min, uint64_t max, const char *what,
             struct ea_bytes text, const char *unit, struct ea_error *err)
{
    if (value < min) {
        return ea_fail(err, EA_E_RANGE, "%s '%.*s' is less than %" PRIu64 "%s",
                       what, (int)text.len, text.ptr, min, unit);
    }
    if (value > max) {
        return ea_fail(err, EA_E_RANGE, "%s '%.*s' is more than %" PRIu64 "%s",
                       what, (int)text.len, text.ptr, max, unit);
    }
    return true;
}

/* The longest text that can be right; also makes the casts to int above true.
 */
#define DIGITS_MAX 20

bool
ea_number_parse(struct ea_bytes text, uint64_t min, uint64_t max,
                const char *what, uint64_t *ret_value, struct ea_error *err)
{
    uint64_t value = 0;

    if (text.len > DIGITS_MAX || !read_digits(text, &value)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "%s '%.*s' is not a number: expected decimal digits "
                       "without sign, space or leading zero",
                       what, text.len > 64 ? 64 : (int)text.len, text.ptr);
    }
    if (!check_limits(value, min, max, what, text, "", err)) {
        return false;
    }
    *ret_value = value;
    return true;
}

static uint64_t
unit_seconds(char unit)
{
    switch (unit) {
    case 's':
        return 1;
    case 'm':
        return 60;
    case 'h':
        return 3600;
    case 'd':
        return 86400;
    }
    return 0;
}

bool
ea_duration_parse(struct ea_bytes text, uint64_t min, uint64_t max,
                  const char *what, uint64_t *ret_seconds, struct ea_error *err)
{
    uint64_t value = 0, unit = 0;

    if (text.len >= 2 && text.len <= DIGITS_MAX + 1) {
        unit = unit_seconds(text.ptr[text.len - 1]);
    }
    if (unit == 0 ||
        !read_digits((struct ea_bytes){ text.ptr, text.len - 1 }, &value)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "%s '%.*s' is not a duration: expected digits and one "
                       "of s, m, h, d, as in '24h'",
                       what, text.len > 64 ? 64 : (int)text.len, text.ptr);
    }
    if (value > UINT64_MAX / unit) {
        return ea_fail(err, EA_E_RANGE, "%s '%.*s' is more than %" PRIu64 "s",
                       what, (int)text.len, text.ptr, max);
    }
    if (!check_limits(value * unit, min, max, what, text, "s", err)) {
        return false;
    }
    *ret_seconds = value * unit;
    return true;
}
