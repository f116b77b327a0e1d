/* `edge-pki revoke`: puts a certificate on record as one nobody may use. */
#include <stdio.h>
#include <string.h>

#include "pk_cert.h"
#include "pk_commands.h"
#include "pk_revoked.h"
#include "pk_select.h"
#include "pk_tree.h"

static const struct pk_option options[] = {
    { "NAME", NULL, PK_FIRST, true,
      "its name, its path as `list` shows it, or its serial" },
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--reason", "WORD", PK_REASON, false,
      "keyCompromise (usual), superseded, cessationOfOperation, ..." },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be written" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

static bool
check_reason(const char *word, struct ea_error *err)
{
    const char *near = pk_reasons()[0];

    if (pk_reason_code(word) >= 0) {
        return true;
    }
    for (const char *const *known = pk_reasons(); *known != NULL; known++) {
        if (pk_show_distance(word, *known) < pk_show_distance(word, near)) {
            near = *known;
        }
    }
    return ea_fail(err, EA_E_UNKNOWN,
                   "--reason '%.64s' is not one of RFC 5280; the nearest is "
                   "'%s'",
                   word, near);
}

static bool
describe(const struct pk_args *args, const struct pk_selected *meant,
         const char *reason, struct pk_revocation *row, struct ea_error *err)
{
    char folder[PK_CA_FOLDER_MAX];
    ASN1_TIME *now = ASN1_TIME_set(NULL, (time_t)args->now);
    X509 *ca = pk_tree_issuer_of(args->value[PK_DIR], meant->cert, folder, err);
    bool ok = now != NULL && ca != NULL && pk_issuer_id(ca, row->issuer, err);

    if (ca == NULL) {
        ea_error_prefix(err, "'%.100s' is to be revoked where it was issued",
                        meant->path);
    } else if (ok &&
               (!pk_show_time(now, row->when) ||
                !pk_show_time(X509_get0_notAfter(meant->cert), row->ends) ||
                !pk_show_serial(X509_get0_serialNumber(meant->cert),
                                row->serial))) {
        ok = ea_fail(err, EA_E_INTERNAL, "cannot show '%.100s'", meant->path);
    }
    (void)snprintf(row->reason, sizeof(row->reason), "%s", reason);
    (void)snprintf(row->path, sizeof(row->path), "%.250s", meant->path);
    for (char *at = row->path; *at != '\0'; at++) {
        *at = (unsigned char)*at < ' ' ? '?' : *at;
    }
    ASN1_TIME_free(now);
    X509_free(ca);
    return ok;
}

static void
report(const struct pk_args *args, const struct pk_selected *meant,
       const struct pk_revocation *row)
{
    (void)fprintf(args->out, "%s %s (serial %s, %s)\n",
                  pk_args_is_dry(args) ? "would revoke" : "revoked", row->path,
                  row->serial, row->reason);
    if (meant->set != PK_WALK_CAS && strcmp(meant->kind, "client") != 0) {
        (void)fprintf(args->out,
                      "neither ROMs nor Talos read a CRL: replace it now, "
                      "`edge-pki renew %s`\n",
                      row->path);
        return;
    }
    (void)fprintf(args->out,
                  "the gate refuses it after `edge-pki crl`, a copy of "
                  "trust/clients.crl.pem and a reload of nginx\n");
}

struct twins {
    const struct pk_args *args;
    const struct pk_revoked *revoked;
    X509 *cert;
};

/* Whoever took a ROM may have an older one of the same identity: still good, or
 * even of the same key. */
static bool
show_twin(void *context, const struct pk_found *found, struct ea_error *err)
{
    const struct twins *twins = context;
    const char *what = NULL;
    char names[4096];

    (void)err;
    if (X509_cmp(found->cert, twins->cert) == 0 ||
        pk_revoked_find(twins->revoked, found->cert) != NULL ||
        pk_cert_days_left(found->cert, twins->args->now) < 0) {
        return true;
    }
    if (EVP_PKEY_eq(X509_get0_pubkey(found->cert),
                    X509_get0_pubkey(twins->cert)) == 1) {
        what = "has the same key";
    } else if (pk_cert_names(twins->cert, names, sizeof(names), NULL) &&
               pk_cert_has_names(found->cert, names)) {
        what = "has the same names";
    }
    if (what != NULL) {
        (void)fprintf(twins->args->out, "still good: %s, which %s\n",
                      found->path, what);
    }
    return true;
}

static bool
show_twins(const struct pk_args *args, X509 *cert,
           const struct pk_revoked *revoked, struct ea_error *err)
{
    struct twins twins = { args, revoked, cert };

    return pk_walk(args->value[PK_DIR], PK_WALK_ISSUED | PK_WALK_RETIRED,
                   show_twin, &twins, err);
}

static bool
record(const struct pk_args *args, const struct pk_selected *meant,
       const char *reason, struct ea_error *err)
{
    struct pk_revoked revoked = { NULL, 0 };
    const struct pk_revocation *found;
    struct pk_revocation row = { .serial = "" };
    bool ok;

    if (!pk_revoked_read(args->value[PK_DIR], &revoked, err)) {
        return false;
    }
    found = pk_revoked_find(&revoked, meant->cert);
    if (found == NULL) {
        ok = describe(args, meant, reason, &row, err) &&
             pk_revoked_add(args, &revoked, &row, err);
        if (ok) {
            report(args, meant, &row);
        }
    } else if (args->value[PK_REASON] == NULL ||
               strcmp(found->reason, reason) == 0) {
        (void)fprintf(args->out, "kept %s revoked since %s (%s)\n", meant->path,
                      found->when, found->reason);
        ok = true;
    } else {
        ok = ea_fail(err, EA_E_CONFLICT,
                     "'%.100s' is revoked since %s for %s, which stays",
                     meant->path, found->when, found->reason);
    }
    ok = ok && (meant->set == PK_WALK_CAS ||
                show_twins(args, meant->cert, &revoked, err));
    pk_revoked_release(&revoked);
    return ok;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *dir = args->value[PK_DIR];
    const char *reason = args->value[PK_REASON];
    struct pk_selected meant;
    bool ok;

    if (reason == NULL) {
        reason = "keyCompromise";
    }
    if (!check_reason(reason, err) || !pk_tree_lock(dir, err) ||
        !pk_select(dir, PK_WALK_CAS | PK_WALK_ISSUED | PK_WALK_RETIRED,
                   args->value[PK_FIRST], &meant, err)) {
        return false;
    }
    ok = record(args, &meant, reason, err);
    X509_free(meant.cert);
    return ok;
}

const struct pk_command pk_command_revoke = {
    "revoke", "put a certificate on record as one nobody may use", options, run
};
