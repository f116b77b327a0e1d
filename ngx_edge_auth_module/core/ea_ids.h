/*
 * Hardware ids, normalised once: everything below the border compares bytes.
 *
 * uuid    SMBIOS UUID, lower case with dashes. All-zero, all-ff and well-known
 *         placeholder values count as absent.
 * serial  SMBIOS serial without surrounding space, 1 to 64 printable ASCII
 *         characters; placeholders ("To Be Filled By O.E.M.", "Default string",
 *         "None", "0" ...) count as absent.
 * mac     six octets, lower case with colons. Accepts colons, dashes (iPXE's
 *         hexhyp) or none; a multicast, all-zero or broadcast address is
 *         refused.
 * An absent id is the empty string.
 */
#ifndef EA_IDS_H
#define EA_IDS_H

#include "ea_types.h"

#define EA_UUID_LEN 36
#define EA_SERIAL_MAX 64
#define EA_MAC_LEN 17
#define EA_MACS_MAX 16

struct ea_ids {
    char uuid[EA_UUID_LEN + 1];
    char serial[EA_SERIAL_MAX + 1];
    char mac[EA_MAC_LEN + 1];
};

/* Placeholders and empty text give an empty result and true; a malformed value
 * false, and the result is not written. */
EA_MUST_CHECK bool ea_uuid_normalise(struct ea_bytes text,
                                     char ret_uuid[static EA_UUID_LEN + 1],
                                     struct ea_error *err);
EA_MUST_CHECK bool
ea_serial_normalise(struct ea_bytes text,
                    char ret_serial[static EA_SERIAL_MAX + 1],
                    struct ea_error *err);
EA_MUST_CHECK bool ea_mac_normalise(struct ea_bytes text,
                                    char ret_mac[static EA_MAC_LEN + 1],
                                    struct ea_error *err);

/* The other byte order in which an SMBIOS before 2.6 may show the same UUID:
 * first three fields reversed. `uuid` is normalised and may be ret_uuid; empty
 * stays empty. */
void ea_uuid_swap(const char uuid[static EA_UUID_LEN + 1],
                  char ret_uuid[static EA_UUID_LEN + 1]);

/* Equal in one of both byte orders; false if either is empty. */
bool ea_uuid_is_same(const char *a, const char *b);

bool ea_ids_is_empty(const struct ea_ids *ids);
bool ea_ids_equal(const struct ea_ids *a, const struct ea_ids *b);

#endif
