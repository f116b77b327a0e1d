/* Normalising twice is normalising once; identities, numbers and URLs that are
 * accepted are written back as they were read. */
#include <inttypes.h>
#include <string.h>

#include "ea_ids.h"
#include "ea_nodes.h"
#include "ea_number.h"
#include "ea_spiffe.h"
#include "fuzz.h"

static void
check_ids(struct ea_bytes text)
{
    struct ea_ids a, b;
    char swapped[EA_UUID_LEN + 1];

    if (ea_uuid_normalise(text, a.uuid, NULL)) {
        MUST(ea_uuid_normalise(ea_bytes_of(a.uuid), b.uuid, NULL));
        MUST(strcmp(a.uuid, b.uuid) == 0);
        ea_uuid_swap(a.uuid, swapped);
        MUST(ea_uuid_is_same(a.uuid, swapped) == (a.uuid[0] != '\0'));
        ea_uuid_swap(swapped, swapped);
        MUST(strcmp(a.uuid, swapped) == 0);
    }
    if (ea_serial_normalise(text, a.serial, NULL)) {
        MUST(ea_serial_normalise(ea_bytes_of(a.serial), b.serial, NULL));
        MUST(strcmp(a.serial, b.serial) == 0);
        MUST(strlen(a.serial) <= EA_SERIAL_MAX);
    }
    if (ea_mac_normalise(text, a.mac, NULL)) {
        MUST(ea_mac_normalise(ea_bytes_of(a.mac), b.mac, NULL));
        MUST(strcmp(a.mac, b.mac) == 0);
    }
}

static void
check_written_back(struct ea_bytes text)
{
    struct ea_spiffe id;
    char uri[EA_SPIFFE_MAX + 1], digits[24];
    uint64_t value = 0;

    if (ea_spiffe_parse(text, &id, NULL)) {
        MUST(ea_spiffe_format(ea_bytes_of(id.domain), ea_bytes_of(id.site),
                              ea_bytes_of(id.node), uri, NULL));
        MUST(ea_bytes_equal(ea_bytes_of(uri), text));
    }
    if (ea_number_parse(text, 0, UINT64_MAX, "number", &value, NULL)) {
        (void)snprintf(digits, sizeof(digits), "%" PRIu64, value);
        MUST(ea_bytes_equal(ea_bytes_of(digits), text));
    }
    if (ea_duration_parse(text, 0, 86400, "time", &value, NULL)) {
        MUST(value <= 86400 && text.len >= 2);
    }
    if (ea_url_check(text, NULL)) {
        MUST(text.len <= EA_URL_MAX && memcmp(text.ptr, "https://", 8) == 0);
        MUST(memchr(text.ptr + 8, '/', text.len - 8) == NULL);
    }
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ea_bytes text = { (const char *)data, size };

    check_ids(text);
    check_written_back(text);
    return 0;
}
