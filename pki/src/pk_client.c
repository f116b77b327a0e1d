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
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

static bool
read_domain(const char *dir, char *ret_domain, size_t size,
            struct ea_error *err)
{
    struct pk_issuer ca = { NULL, NULL };
    bool ok;

    if (!pk_tree_read(dir, "client", false, &ca, err)) {
        return false;
    }
    ok = pk_cert_subject_text(ca.cert, NID_organizationName, ret_domain, size,
                              err);
    pk_issuer_release(&ca);
    return ok;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *site = args->value[PK_SITE], *node = args->value[PK_NODE];
    char domain[PK_DOMAIN_MAX + 1], name[2 * EA_NAME_MAX + 2];
    char uri[EA_SPIFFE_MAX + 1], names[EA_SPIFFE_MAX + 8];
    struct pk_leaf leaf = { .profile = PK_CLIENT,
                            .ca = "client",
                            .kind = "client",
                            .name = name,
                            .common = node != NULL ? node : site,
                            .unit = node != NULL ? site : NULL,
                            .names = names,
                            .with_der = true };

    if (!ea_name_check(ea_bytes_of(site), "site", err) ||
        (node != NULL && !ea_name_check(ea_bytes_of(node), "node", err)) ||
        !read_domain(args->value[PK_DIR], domain, sizeof(domain), err) ||
        !ea_spiffe_format(ea_bytes_of(domain), ea_bytes_of(site),
                          ea_bytes_of(node != NULL ? node : ""), uri, err)) {
        return false;
    }
    (void)snprintf(names, sizeof(names), "URI:%s", uri);
    (void)snprintf(name, sizeof(name), "%s%s%s", site, node != NULL ? "." : "",
                   node != NULL ? node : "");
    return pk_issue(args, &leaf, err);
}

const struct pk_command pk_command_client = {
    "client", "issue the certificate of a site, or of one node", options, run
};
