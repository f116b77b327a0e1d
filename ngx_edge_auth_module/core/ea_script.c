/* iPXE scripts: see ea_script.h. */
#include <stdio.h>
#include <string.h>

#include "ea_nodes.h"
#include "ea_script.h"

#define FIRST_LINE "#!ipxe\n"

/* On UEFI a status gives the next boot option: after a success many a firmware
 * shows its menu instead. A BIOS may start from the network again, so there the
 * first disk is named, and `exit` is what is left if that does not boot. */
#define LOCAL_BOOT                                                             \
    "iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\n"       \
    "exit 1\n"

/* What snprintf returned as a length, 0 if the text was cut. */
static size_t
fitting(int len, size_t size)
{
    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}

static bool
is_ref(const char *ref)
{
    size_t len = strspn(ref, "0123456789abcdefghjkmnpqrstvwxyz");

    return len == EA_REF_LEN && ref[len] == '\0';
}

size_t
ea_script_refuse(enum ea_reason reason, const char *ref, char *ret_text,
                 size_t size)
{
    const char *console = ea_reason_row(reason)->console;

    if (!is_ref(ref)) {
        return 0;
    }
    if (console[0] == '\0') {
        console = "This machine may not boot from the network now.";
    }
    return fitting(snprintf(ret_text, size,
                            FIRST_LINE
                            "echo\n"
                            "echo edge-auth: %s\n"
                            "echo Tell the operator this reference: %s\n"
                            "echo Booting the local disk in 10 seconds.\n"
                            "sleep 10\n" LOCAL_BOOT,
                            console, ref),
                   size);
}

size_t
ea_script_local(char *ret_text, size_t size)
{
    return fitting(snprintf(ret_text, size, "%s",
                            FIRST_LINE
                            "echo edge-auth: installed, booting the local "
                            "disk.\n" LOCAL_BOOT),
                   size);
}

bool
ea_script_insert(struct ea_bytes body, const struct ea_secret_text *ticket,
                 struct ea_bytes config_url, char *ret_text, size_t size,
                 size_t *ret_len, struct ea_error *err)
{
    size_t first = strlen(FIRST_LINE), len;
    int inserted;

    if (body.len >= first + 1 && memcmp(body.ptr, "#!ipxe\r\n", 8) == 0) {
        first++;
    } else if (body.len < first || memcmp(body.ptr, FIRST_LINE, first) != 0) {
        return ea_fail(err, EA_E_SYNTAX,
                       "script does not begin with a line '#!ipxe'");
    }
    if (memchr(body.ptr, '\0', body.len) != NULL) {
        return ea_fail(err, EA_E_SYNTAX, "script holds a NUL");
    }
    if (!ea_url_check(config_url, err)) {
        return false;
    }
    if (memcmp(ticket->text, EA_TICKET_PREFIX, EA_TOKEN_PREFIX_LEN) != 0) {
        return ea_fail(err, EA_E_INTERNAL, "there is no ticket to hand out");
    }
    if (size < first || size - first < body.len) {
        return ea_fail(err, EA_E_RANGE, "script is longer than %zu bytes",
                       size);
    }
    inserted = snprintf(ret_text + first, size - first,
                        "set edge_ticket %.*s\n"
                        "set edge_config %.*s/c/%.*s\n",
                        EA_TOKEN_LEN, ticket->text, (int)config_url.len,
                        config_url.ptr, EA_TOKEN_LEN, ticket->text);
    len = fitting(inserted, size - first);
    if (len == 0 || size - first - len < body.len - first) {
        ea_wipe(ret_text, size);
        return ea_fail(err, EA_E_RANGE, "script is longer than %zu bytes",
                       size);
    }
    memcpy(ret_text, body.ptr, first);
    memcpy(ret_text + first + len, body.ptr + first, body.len - first);
    *ret_len = body.len + len;
    return true;
}
