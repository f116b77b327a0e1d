/* `edge-pki server`: the certificate of a public name of the gate. */
#include <string.h>

#include "pk_commands.h"
#include "pk_issue.h"
#include "pk_name.h"

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--name", "NAME", PK_NAME, true, "DNS name or IP address of the gate" },
    { "--for", "WHAT", PK_FOR, false,
      "boot (RSA, read by ROMs; usual) or config (P-256, read by Talos)" },
    { "--san", "NAME", PK_SAN, false, "one more name or address, repeatable" },
    { "--days", "N", PK_DAYS, false, "validity, 1 to 397, usually 397" },
    { "--renew", NULL, PK_RENEW, false,
      "new key and certificate in place of the old" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be made" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

static bool
find_purpose(const char *text, struct pk_leaf *ret_leaf, struct ea_error *err)
{
    if (text == NULL) {
        text = "boot";
    }
    return (strcmp(text, "client") != 0 && pk_leaf_of_kind(text, ret_leaf)) ||
           ea_fail(err, EA_E_UNKNOWN,
                   "--for '%.64s' is neither boot nor config", text);
}

struct names {
    char text[(PK_SAN_MAX + 1) * (PK_NAME_MAX + 8)];
    size_t len;
};

/* Appends "DNS:name" or "IP:address"; one that is there already is an error of
 * the caller's, most likely in one of two names that were meant to differ. */
static bool
add_name(struct names *names, const struct pk_name *name, struct ea_error *err)
{
    char entry[PK_NAME_MAX + 8], around[sizeof(entry) + 2];
    char whole[sizeof(names->text) + 2];

    (void)snprintf(entry, sizeof(entry), "%s:%s",
                   name->kind == PK_NAME_IP ? "IP" : "DNS", name->text);
    (void)snprintf(around, sizeof(around), ",%s,", entry);
    (void)snprintf(whole, sizeof(whole), ",%s,", names->text);
    if (strstr(whole, around) != NULL) {
        return ea_fail(err, EA_E_SYNTAX, "'%s' is named twice", name->text);
    }
    names->len += (size_t)snprintf(names->text + names->len,
                                   sizeof(names->text) - names->len, "%s%s",
                                   names->len > 0 ? "," : "", entry);
    return true;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    struct names names = { .len = 0 };
    struct pk_name first, more;
    struct pk_leaf leaf;

    if (!find_purpose(args->value[PK_FOR], &leaf, err) ||
        !pk_name_parse(args->value[PK_NAME], &first, err) ||
        !add_name(&names, &first, err)) {
        return false;
    }
    if (strlen(first.text) > PK_COMMON_NAME_MAX) {
        return ea_fail(err, EA_E_RANGE,
                       "--name is longer than %d characters, the limit of a "
                       "common name; longer ones can go into --san",
                       PK_COMMON_NAME_MAX);
    }
    for (size_t i = 0; i < args->sans; i++) {
        if (!pk_name_parse(args->san[i], &more, err) ||
            !add_name(&names, &more, err)) {
            return false;
        }
    }
    leaf.name = leaf.common = first.text;
    leaf.names = names.text;
    return pk_issue(args, &leaf, err);
}

const struct pk_command pk_command_server = {
    "server", "issue the certificate of a public name of the gate", options, run
};
