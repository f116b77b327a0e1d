/* `edge-pki client`: the certificate of a site or of one node. */
#include "ea_spiffe.h"
#include "pk_commands.h"
#include "pk_issue.h"
#include "pk_tree.h"

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--site", "SITE", PK_SITE, true, "site the certificate speaks for" },
    { "--node", "NODE", PK_NODE, false, "only this node of the site" },
    { "--days", "N", PK_DAYS, false, "validity, 1 to 90, usually 90" },
    { "--renew", NULL, PK_RENEW, false,
      "new key and certificate in place of the old" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be made" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *site = args->value[PK_SITE], *node = args->value[PK_NODE];
    char domain[PK_DOMAIN_MAX + 1], name[2 * EA_NAME_MAX + 2];
    char uri[EA_SPIFFE_MAX + 1], names[EA_SPIFFE_MAX + 8];
    struct pk_leaf leaf;

    if (!ea_name_check(ea_bytes_of(site), "site", err) ||
        (node != NULL && !ea_name_check(ea_bytes_of(node), "node", err)) ||
        !pk_tree_domain(args->value[PK_DIR], domain, sizeof(domain), err) ||
        !ea_spiffe_format(ea_bytes_of(domain), ea_bytes_of(site),
                          ea_bytes_of(node != NULL ? node : ""), uri, err)) {
        return false;
    }
    (void)snprintf(names, sizeof(names), "URI:%s", uri);
    (void)snprintf(name, sizeof(name), "%s%s%s", site, node != NULL ? "." : "",
                   node != NULL ? node : "");
    if (!pk_leaf_of_kind("client", &leaf)) {
        return ea_fail(err, EA_E_INTERNAL, "no certificates of clients");
    }
    leaf.name = name;
    leaf.common = node != NULL ? node : site;
    leaf.unit = node != NULL ? site : NULL;
    leaf.names = names;
    return pk_issue(args, &leaf, err);
}

const struct pk_command pk_command_client = {
    "client", "issue the certificate of a site, or of one node", options, run
};
