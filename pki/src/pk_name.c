/* DNS names and addresses in server certificates: see pk_name.h. */
#include "pk_name.h"

#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "ea_spiffe.h"

static bool
parse_ip(const char *text, struct pk_name *ret_name)
{
    static const int families[] = { AF_INET, AF_INET6 };
    unsigned char address[sizeof(struct in6_addr)];

    for (size_t i = 0; i < sizeof(families) / sizeof(families[0]); i++) {
        if (inet_pton(families[i], text, address) == 1 &&
            inet_ntop(families[i], address, ret_name->text,
                      sizeof(ret_name->text)) != NULL) {
            ret_name->kind = PK_NAME_IP;
            return true;
        }
    }
    return false;
}

bool
pk_name_parse(const char *text, struct pk_name *ret_name, struct ea_error *err)
{
    struct pk_name name = { .kind = PK_NAME_NONE };

    if (parse_ip(text, &name)) {
        *ret_name = name;
        return true;
    }
    if (text[0] != '\0' && text[strspn(text, "0123456789.")] == '\0') {
        return ea_fail(err, EA_E_SYNTAX,
                       "'%.64s' is neither an IP address nor a name; write "
                       "four numbers of 0 to 255",
                       text);
    }
    if (!ea_domain_check(ea_bytes_of(text), err)) {
        ea_error_prefix(err, "server name");
        return false;
    }
    name.kind = PK_NAME_DNS;
    (void)snprintf(name.text, sizeof(name.text), "%s", text);
    *ret_name = name;
    return true;
}
