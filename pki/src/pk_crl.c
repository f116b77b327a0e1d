/*
 * `edge-pki crl`: the revocation lists of every CA in trust/clients.pem, in one
 * file. nginx's ssl_crl checks the whole chain, so one list too few refuses
 * every client.
 */
#include <stdio.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "pk_commands.h"
#include "pk_crl_file.h"
#include "pk_error.h"
#include "pk_file.h"
#include "pk_key.h"
#include "pk_trust.h"

#define CRL_DAYS_MAX 3650

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--days", "N", PK_DAYS, false, "life of a CA's list, usually 30" },
    { "--root-days", "N", PK_ROOT_DAYS, false,
      "life of the root's, usually 365: its key is away" },
    { "--renew", NULL, PK_RENEW, false,
      "sign anew even if what is there is complete and young" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be signed" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

struct work {
    const struct pk_args *args;
    struct pk_revoked revoked;
    char path[PATH_MAX]; /* of trust/clients.crl.pem */
    unsigned days, root_days;
    BIO *out;
};

static void
report(const struct work *work, const char *verb, const char *folder,
       X509_CRL *crl)
{
    STACK_OF(X509_REVOKED) *entries = X509_CRL_get_REVOKED(crl);
    int count = sk_X509_REVOKED_num(entries);

    (void)fprintf(work->args->out, "%s CRL of %s (%d revoked, %d days left)\n",
                  verb, folder, count < 0 ? 0 : count,
                  pk_crl_days_left(crl, work->args->now));
}

static X509_CRL *
sign(const struct work *work, const struct pk_trusted *ca,
     const X509_CRL *before, struct ea_error *err)
{
    bool is_root = X509_self_signed(ca->cert, 0) == 1;
    struct pk_issuer issuer = { NULL, NULL };
    X509_CRL *crl;

    if (!pk_tree_read(work->args->value[PK_DIR], ca->folder, true, &issuer,
                      err)) {
        return NULL;
    }
    crl = pk_crl_sign(&issuer, &work->revoked, before,
                      is_root ? work->root_days : work->days, work->args->now,
                      err);
    pk_issuer_release(&issuer);
    return crl;
}

/* Still good, complete, and in the first half of its life. */
static bool
is_young(const struct work *work, const struct pk_trusted *ca, X509_CRL *crl)
{
    return crl != NULL && work->args->value[PK_RENEW] == NULL &&
           pk_crl_is_complete(crl, ca->cert, &work->revoked, work->args->now) &&
           pk_crl_percent_left(crl, work->args->now) >= 50;
}

/* Without the key a list that is complete and not over is as good as new. */
static bool
is_usable(const struct work *work, const struct pk_trusted *ca, X509_CRL *crl)
{
    return crl != NULL &&
           pk_crl_is_complete(crl, ca->cert, &work->revoked, work->args->now) &&
           pk_crl_days_left(crl, work->args->now) >= 0;
}

/* A CA whose key stands elsewhere: the list its owner made, beside it. */
static X509_CRL *
owners_list(const struct work *work, const struct pk_trusted *ca)
{
    char path[PATH_MAX];
    X509_CRL *crl = NULL;

    if (pk_tree_path(work->args->value[PK_DIR], ca->folder, "crl.pem", path,
                     NULL)) {
        crl = pk_crl_find(path, ca->cert);
    }
    if (crl != NULL && !is_usable(work, ca, crl)) {
        X509_CRL_free(crl);
        crl = NULL;
    }
    return crl;
}

static bool
has_key(const struct work *work, const struct pk_trusted *ca)
{
    char path[PATH_MAX];

    return pk_tree_path(work->args->value[PK_DIR], ca->folder, "key.pem", path,
                        NULL) &&
           pk_path_is_taken(path);
}

/* The list to go into the file: *verb says where it is from. */
static X509_CRL *
settle(const struct work *work, const struct pk_trusted *ca, const char **verb,
       struct ea_error *err)
{
    X509_CRL *before = pk_crl_find(work->path, ca->cert);
    X509_CRL *crl;

    *verb = "kept";
    if (is_young(work, ca, before)) {
        return before;
    }
    if (has_key(work, ca)) {
        *verb = pk_args_is_dry(work->args) ? "would sign" : "signed";
        crl = sign(work, ca, before, err);
        X509_CRL_free(before);
        return crl;
    }
    crl = owners_list(work, ca);
    if (crl != NULL) {
        *verb = "took";
        X509_CRL_free(before);
        return crl;
    }
    if (is_usable(work, ca, before)) {
        *verb = "kept, without the key,";
        return before;
    }
    X509_CRL_free(before);
    (void)ea_fail(err, EA_E_UNAVAILABLE,
                  "'%s' has no key.pem here and no list that will do: bring "
                  "the key back for as long as this takes, or put its owner's "
                  "list beside it as crl.pem",
                  ca->folder);
    return NULL;
}

static bool
add(struct work *work, const struct pk_trusted *ca, struct ea_error *err)
{
    const char *verb = "";
    X509_CRL *crl = settle(work, ca, &verb, err);
    bool ok;

    if (crl == NULL) {
        return false;
    }
    ok = PEM_write_bio_X509_CRL(work->out, crl) == 1 ||
         pk_openssl_fail(err, "cannot encode a CRL");
    if (ok) {
        report(work, verb, ca->folder, crl);
    }
    X509_CRL_free(crl);
    return ok;
}

static bool
put(struct work *work, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    bool ok =
        pk_trust_read(work->args->value[PK_DIR], PK_TRUST_CLIENTS, &trust, err);

    if (ok && trust.count == 0) {
        ok = ea_fail(err, EA_E_UNAVAILABLE,
                     "'%s' has no client CA; run `edge-pki init` first",
                     work->args->value[PK_DIR]);
    }
    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = add(work, &trust.row[i], err);
    }
    pk_trust_release(&trust);
    return ok && pk_file_put(work->args, work->path, work->out, 0644, err);
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    struct work work = { .args = args, .days = 30, .root_days = 365 };
    const char *dir = args->value[PK_DIR];
    bool ok;

    if (!pk_args_number(args, PK_DAYS, "--days", CRL_DAYS_MAX, &work.days,
                        err) ||
        !pk_args_number(args, PK_ROOT_DAYS, "--root-days", CRL_DAYS_MAX,
                        &work.root_days, err) ||
        !pk_tree_lock(dir, err) ||
        !pk_tree_path(dir, "trust", "clients.crl.pem", work.path, err) ||
        !pk_revoked_read(dir, &work.revoked, err)) {
        return false;
    }
    work.out = BIO_new(BIO_s_mem());
    ok = work.out != NULL ? put(&work, err)
                          : pk_openssl_fail(err, "cannot make a CRL");
    BIO_free(work.out);
    pk_revoked_release(&work.revoked);
    return ok;
}

const struct pk_command pk_command_crl = {
    "crl", "sign the revocation lists that the gate checks", options, run
};
