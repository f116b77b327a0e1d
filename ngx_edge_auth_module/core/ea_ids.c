/* Hardware ids: see ea_ids.h. */
#include <string.h>

#include "ea_ids.h"

#define UUID_BYTES 16
#define MAC_BYTES 6

/* What firmware shows when nobody wrote an id; both byte orders where they
 * differ. Sixteen equal bytes are placeholders too and not listed. */
static const char *const blank_uuids[] = {
    "03000200-0400-0500-0006-000700080009",
    "00020003-0004-0005-0006-000700080009",
    "00010203-0405-0607-0809-0a0b0c0d0e0f",
    "03020100-0504-0706-0809-0a0b0c0d0e0f",
    "01234567-8910-1112-1314-151617181920",
    "67452301-1089-1211-1314-151617181920",
    "12345678-1234-5678-90ab-cddeefaabbcc",
    "78563412-3412-7856-90ab-cddeefaabbcc",
    "12345678-1234-1234-1234-123456789012",
    "78563412-3412-3412-1234-123456789012",
    "4c4c4544-0000-2010-8020-80c04f202020",
    "44454c4c-0000-1020-8020-80c04f202020",
};

/* In lower case. */
static const char *const blank_serials[] = {
    "to be filled by o.e.m.",
    "to be filled by oem",
    "filled by o.e.m.",
    "default string",
    "default",
    "system serial number",
    "chassis serial number",
    "base board serial number",
    "serial number",
    "serial",
    "system product name",
    "not specified",
    "not applicable",
    "not available",
    "not set",
    "not present",
    "no serial number",
    "none",
    "null",
    "n/a",
    "na",
    "unknown",
    "undefined",
    "empty",
    "invalid",
    "o.e.m.",
    "oem",
    "tbd",
    "sernum0",
    "0123456789",
    "123456789",
    "1234567890",
    "01234567890123456789",
};

/* Length for "%.*s"; whatever is longer is cut in a message. */
static int
shown(struct ea_bytes text)
{
    return text.len > EA_SERIAL_MAX ? EA_SERIAL_MAX : (int)text.len;
}

static char
lower(char c)
{
    return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

static int
hex_digit(char c)
{
    c = lower(c);
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

static bool
is_listed(const char *const *list, size_t count, const char *text)
{
    for (size_t i = 0; i < count; i++) {
        if (strcmp(list[i], text) == 0) {
            return true;
        }
    }
    return false;
}

/* Lower-case copy of a text in the shape of `form`, in which 'x' stands for a
 * hex digit and anything else for itself. */
static bool
read_form(struct ea_bytes text, const char *form, char *ret_text)
{
    if (text.len != strlen(form)) {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        if (form[i] == 'x' ? hex_digit(text.ptr[i]) < 0
                           : text.ptr[i] != form[i]) {
            return false;
        }
        ret_text[i] = lower(text.ptr[i]);
    }
    ret_text[text.len] = '\0';
    return true;
}

/* "11111111-1111-..": sixteen equal bytes. */
static bool
is_one_byte(const char *uuid)
{
    size_t nibble = 0;

    for (size_t i = 0; i < EA_UUID_LEN; i++) {
        if (uuid[i] != '-' && uuid[i] != uuid[nibble++ % 2]) {
            return false;
        }
    }
    return true;
}

bool
ea_uuid_normalise(struct ea_bytes text, char ret_uuid[static EA_UUID_LEN + 1],
                  struct ea_error *err)
{
    char uuid[EA_UUID_LEN + 1] = "";

    if (text.len > 0 &&
        !read_form(text, "xxxxxxxx-xxxx-xxxx-xxxx-xxxxxxxxxxxx", uuid)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "uuid '%.*s' is not 32 hex digits in groups of 8, 4, 4, "
                       "4 and 12 with '-' between them",
                       shown(text), text.ptr);
    }
    if (text.len > 0 &&
        (is_one_byte(uuid) ||
         is_listed(blank_uuids, sizeof(blank_uuids) / sizeof(blank_uuids[0]),
                   uuid))) {
        uuid[0] = '\0';
    }
    strncpy(ret_uuid, uuid, EA_UUID_LEN + 1);
    return true;
}

/* Nothing but one of the characters that fill up empty fields. */
static bool
is_filler(const char *serial)
{
    return strchr("0xf.-_*/#?", serial[0]) != NULL &&
           strspn(serial, (char[]){ serial[0], '\0' }) == strlen(serial);
}

bool
ea_serial_normalise(struct ea_bytes text,
                    char ret_serial[static EA_SERIAL_MAX + 1],
                    struct ea_error *err)
{
    char folded[EA_SERIAL_MAX + 1] = "";

    while (text.len > 0 && text.ptr[0] == ' ') {
        text.ptr++;
        text.len--;
    }
    while (text.len > 0 && text.ptr[text.len - 1] == ' ') {
        text.len--;
    }
    if (text.len > EA_SERIAL_MAX) {
        return ea_fail(err, EA_E_RANGE,
                       "serial '%.*s...' is longer than %d characters",
                       shown(text), text.ptr, EA_SERIAL_MAX);
    }
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] < ' ' || text.ptr[i] > '~') {
            return ea_fail(err, EA_E_SYNTAX,
                           "serial '%.*s' holds byte 0x%02x: expected "
                           "printable ASCII",
                           (int)i, text.ptr, (unsigned char)text.ptr[i]);
        }
        folded[i] = lower(text.ptr[i]);
    }
    if (text.len == 0 || is_filler(folded) ||
        is_listed(blank_serials,
                  sizeof(blank_serials) / sizeof(blank_serials[0]), folded)) {
        ret_serial[0] = '\0';
        return true;
    }
    memcpy(ret_serial, text.ptr, text.len);
    ret_serial[text.len] = '\0';
    return true;
}

bool
ea_mac_normalise(struct ea_bytes text, char ret_mac[static EA_MAC_LEN + 1],
                 struct ea_error *err)
{
    char given[EA_MAC_LEN + 1] = "", mac[EA_MAC_LEN + 1] = "";
    size_t digits = 0;

    if (text.len == 0) {
        ret_mac[0] = '\0';
        return true;
    }
    if (!read_form(text, "xx:xx:xx:xx:xx:xx", given) &&
        !read_form(text, "xx-xx-xx-xx-xx-xx", given) &&
        !read_form(text, "xxxxxxxxxxxx", given)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "mac '%.*s' is not six octets in hex, as in "
                       "'52:54:00:00:02:01'",
                       shown(text), text.ptr);
    }
    for (size_t i = 0; given[i] != '\0'; i++) {
        if (given[i] != ':' && given[i] != '-') {
            mac[digits / 2 * 3 + digits % 2] = given[i];
            digits++;
        }
    }
    for (size_t i = 2; i < EA_MAC_LEN; i += 3) {
        mac[i] = ':';
    }
    /* The lowest bit of the first octet; the broadcast address has it too. */
    if (hex_digit(mac[1]) % 2 == 1 || strcmp(mac, "00:00:00:00:00:00") == 0) {
        return ea_fail(err, EA_E_RANGE,
                       "mac '%s' is not the address of one interface: "
                       "expected no multicast, broadcast or zero address",
                       mac);
    }
    memcpy(ret_mac, mac, sizeof(mac));
    return true;
}

void
ea_uuid_swap(const char uuid[static EA_UUID_LEN + 1],
             char ret_uuid[static EA_UUID_LEN + 1])
{
    /* Where the byte at each of the first three fields' places comes from. */
    static const uint8_t from[] = { 6, 4, 2, 0, 11, 9, 16, 14 };
    static const uint8_t to[] = { 0, 2, 4, 6, 9, 11, 14, 16 };
    char swapped[EA_UUID_LEN + 1];

    memcpy(swapped, uuid, sizeof(swapped));
    if (uuid[0] != '\0') {
        for (size_t i = 0; i < sizeof(to); i++) {
            memcpy(swapped + to[i], uuid + from[i], 2);
        }
    }
    memcpy(ret_uuid, swapped, sizeof(swapped));
}

bool
ea_uuid_is_same(const char *a, const char *b)
{
    char swapped[EA_UUID_LEN + 1];

    if (a[0] == '\0' || b[0] == '\0') {
        return false;
    }
    if (strcmp(a, b) == 0) {
        return true;
    }
    ea_uuid_swap(a, swapped);
    return strcmp(swapped, b) == 0;
}

bool
ea_ids_is_empty(const struct ea_ids *ids)
{
    return ids->uuid[0] == '\0' && ids->serial[0] == '\0' &&
           ids->mac[0] == '\0';
}

bool
ea_ids_equal(const struct ea_ids *a, const struct ea_ids *b)
{
    return strcmp(a->uuid, b->uuid) == 0 && strcmp(a->serial, b->serial) == 0 &&
           strcmp(a->mac, b->mac) == 0;
}
