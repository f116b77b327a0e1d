/*
 * `edge-pki init`: the four CAs and what consumers trust. What is there already
 * is kept; what is missing is made, so that a run that was cut short is simply
 * repeated.
 */
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "ea_spiffe.h"
#include "pk_ca.h"
#include "pk_commands.h"
#include "pk_folder.h"
#include "pk_tree.h"
#include "pk_trust.h"

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--trust-domain", "DOMAIN", PK_DOMAIN, true,
      "trust domain of client identities, as in the inventory" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be made" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

/* A CA that is there must be of this trust domain. The config CA names none:
 * each byte of it costs room on a kernel command line. */
static bool
check_domain(const struct pk_args *args, const struct pk_ca *ca,
             const struct pk_issuer *found, struct ea_error *err)
{
    char domain[PK_DOMAIN_MAX + 1];

    if (pk_tree_is_imported(args->value[PK_DIR], ca->folder, domain)) {
        return domain[0] == '\0' ||
               strcmp(domain, args->value[PK_DOMAIN]) == 0 ||
               ea_fail(err, EA_E_CONFLICT,
                       "'%s/%s' was imported for trust domain '%s', not '%s'",
                       args->value[PK_DIR], ca->folder, domain,
                       args->value[PK_DOMAIN]);
    }
    if (ca->profile == PK_CONFIG_CA) {
        return true;
    }
    if (!pk_cert_subject_text(found->cert, NID_organizationName, domain,
                              sizeof(domain), err)) {
        ea_error_prefix(err, "'%s/%s'", args->value[PK_DIR], ca->folder);
        return false;
    }
    if (strcmp(domain, args->value[PK_DOMAIN]) != 0) {
        return ea_fail(
            err, EA_E_CONFLICT, "'%s/%s' is of trust domain '%s', not '%s'",
            args->value[PK_DIR], ca->folder, domain, args->value[PK_DOMAIN]);
    }
    return true;
}

static bool
settle_ca(const struct pk_args *args, const struct pk_ca *ca,
          struct ea_error *err)
{
    char next[PK_CA_FOLDER_MAX], previous[PK_CA_FOLDER_MAX];
    struct pk_issuer found = { NULL, NULL };
    char target[PATH_MAX];
    bool ok;

    if (!pk_tree_path(args->value[PK_DIR], ca->folder, NULL, target, err)) {
        return false;
    }
    pk_tree_ca_folder(ca->folder, PK_NEXT, next);
    pk_tree_ca_folder(ca->folder, PK_PREVIOUS, previous);
    if (!pk_path_is_taken(target) && pk_tree_has(args->value[PK_DIR], next) &&
        pk_tree_has(args->value[PK_DIR], previous)) {
        return ea_fail(err, EA_E_CONFLICT,
                       "a roll-over of '%s' was cut short; repeat `edge-pki "
                       "rollover switch`",
                       target);
    }
    if (!pk_path_is_taken(target) && pk_args_is_dry(args)) {
        pk_ca_report(args, "would make", ca, ca->folder);
        return true;
    }
    if (!pk_path_is_taken(target)) {
        const struct pk_new_ca wanted = { .ca = ca,
                                          .folder = ca->folder,
                                          .issuer = ca->issuer,
                                          .domain = args->value[PK_DOMAIN] };

        return pk_ca_make(args, &wanted, err);
    }
    if (!pk_tree_read(args->value[PK_DIR], ca->folder, false, &found, err)) {
        return false;
    }
    ok = check_domain(args, ca, &found, err);
    if (ok) {
        pk_ca_report(args, "kept", ca, ca->folder);
    }
    pk_issuer_release(&found);
    return ok;
}

static bool
write_trust(const struct pk_args *args, const struct pk_folder *folder,
            enum pk_trust_id id, struct ea_error *err)
{
    BIO *out = pk_trust_pem(args->value[PK_DIR], id, err);
    bool ok = out != NULL &&
              pk_folder_write(folder, pk_trust_name(id), out, 0644, err);

    BIO_free(out);
    return ok;
}

/* A file of trust/ may hold more than we wrote (while a CA is replaced, the old
 * and the new one), but never less. */
static bool
check_trust(const char *path, X509 *wanted, struct ea_error *err)
{
    BIO *file = BIO_new_file(path, "r");
    bool found = false;
    X509 *cert;

    while (file != NULL && !found &&
           (cert = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        found = X509_cmp(cert, wanted) == 0;
        X509_free(cert);
    }
    BIO_free(file);
    ERR_clear_error();
    return found ||
           ea_fail(err, EA_E_CONFLICT,
                   "'%s' lacks a CA that is in place; append its cert.pem, or "
                   "move the folder away and repeat this",
                   path);
}

static bool
check_trust_file(const struct pk_args *args, const char *target,
                 enum pk_trust_id id, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    char path[PATH_MAX];
    bool ok = pk_path_join(target, pk_trust_name(id), path, err) &&
              pk_trust_read(args->value[PK_DIR], id, &trust, err);

    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = check_trust(path, trust.row[i].cert, err);
    }
    pk_trust_release(&trust);
    return ok;
}

static bool
make_trust(const struct pk_args *args, const char *target, struct ea_error *err)
{
    struct pk_folder folder = { .aside = "" };
    bool ok = pk_folder_open(&folder, target, err);

    for (int id = 0; ok && id < PK_TRUST_COUNT; id++) {
        ok = write_trust(args, &folder, (enum pk_trust_id)id, err);
    }
    ok = ok && pk_folder_commit(&folder, err);
    pk_folder_drop(&folder);
    return ok;
}

static bool
settle_trust(const struct pk_args *args, struct ea_error *err)
{
    char target[PATH_MAX];
    bool taken;

    if (!pk_tree_path(args->value[PK_DIR], "trust", NULL, target, err)) {
        return false;
    }
    taken = pk_path_is_taken(target);
    if (!taken && pk_args_is_dry(args)) {
        (void)fprintf(args->out, "would make %s\n", target);
        return true;
    }
    if (!taken && !make_trust(args, target, err)) {
        return false;
    }
    for (int id = 0; id < PK_TRUST_COUNT; id++) {
        if (!check_trust_file(args, target, (enum pk_trust_id)id, err)) {
            return false;
        }
    }
    (void)fprintf(args->out, "%s %s\n", taken ? "kept" : "made", target);
    return true;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *domain = args->value[PK_DOMAIN];

    if (!ea_domain_check(ea_bytes_of(domain), err)) {
        ea_error_prefix(err, "--trust-domain");
        return false;
    }
    if (strlen(domain) > PK_DOMAIN_MAX) {
        return ea_fail(err, EA_E_RANGE,
                       "--trust-domain is longer than %d characters",
                       PK_DOMAIN_MAX);
    }
    for (size_t i = 0; i < PK_CA_COUNT; i++) {
        if (!settle_ca(args, &pk_tree_cas()[i], err)) {
            return false;
        }
    }
    return settle_trust(args, err);
}

const struct pk_command pk_command_init = {
    "init", "make the root, the boot, client and config CAs", options, run
};
