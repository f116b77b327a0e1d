/*
 * `edge-pki import`: a CA that exists already, or a server certificate that was
 * issued elsewhere (ACME), checked and put where list, expiry, export and the
 * gate look for it.
 */
#include <stdio.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/pem.h>

#include "ea_spiffe.h"
#include "pk_commands.h"
#include "pk_error.h"
#include "pk_file.h"
#include "pk_import.h"
#include "pk_name.h"
#include "pk_show.h"

#define PEM_MAX (256 * (size_t)1024)
#define CHAIN_MAX 10

static const struct pk_option options[] = {
    { "WHAT", NULL, PK_FIRST, true, "ca or server" },
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--for", "PURPOSE", PK_FOR, true,
      "ca: root, boot, client or config; server: boot or config" },
    { "--cert", "FILE", PK_CERT, true, "the certificate, PEM" },
    { "--key", "FILE", PK_KEY, false,
      "its key, PEM without a pass phrase; a CA's may stay elsewhere" },
    { "--chain", "FILE", PK_CHAIN, false,
      "server: the CAs above it, PEM; usually those in --cert" },
    { "--name", "NAME", PK_NAME, false,
      "server: folder name, usually the first DNS name" },
    { "--trust-domain", "DOMAIN", PK_DOMAIN, false,
      "client CA: trust domain of what it issues" },
    { "--renew", NULL, PK_RENEW, false,
      "server: in place of what is there, which is kept below retired/" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "check, and write nothing" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

void
pk_import_release(struct pk_import *import)
{
    X509_free(import->cert);
    EVP_PKEY_free(import->key);
    sk_X509_pop_free(import->chain, X509_free);
    *import = (struct pk_import){ .cert = NULL };
}

/* Every certificate of a file, appended to *chain. */
static bool
read_all(const char *path, STACK_OF(X509) * chain, struct ea_error *err)
{
    BIO *file = pk_file_read(path, PEM_MAX, err);
    int before = sk_X509_num(chain);
    X509 *cert;

    if (file == NULL) {
        return false;
    }
    while ((cert = PEM_read_bio_X509(file, NULL, NULL, NULL)) != NULL) {
        if (sk_X509_push(chain, cert) <= 0) {
            X509_free(cert);
            break;
        }
    }
    BIO_free(file);
    ERR_clear_error();
    if (sk_X509_num(chain) == before) {
        return ea_fail(err, EA_E_CONFLICT, "'%s' has no certificate in PEM",
                       path);
    }
    if (sk_X509_num(chain) > CHAIN_MAX) {
        return ea_fail(err, EA_E_RANGE, "'%s' has more than %d certificates",
                       path, CHAIN_MAX);
    }
    return true;
}

static bool
read_key(struct pk_import *import, struct ea_error *err)
{
    const char *path = import->args->value[PK_KEY];

    if (path == NULL) {
        return true;
    }
    import->key = pk_key_read(path, err);
    if (import->key == NULL) {
        return false;
    }
    if (X509_check_private_key(import->cert, import->key) != 1) {
        ERR_clear_error();
        return ea_fail(err, EA_E_CONFLICT,
                       "--key '%s' is not the key of --cert '%s'", path,
                       import->args->value[PK_CERT]);
    }
    return true;
}

/* The first certificate is what is imported, the others are its chain. */
static bool
read_files(struct pk_import *import, struct ea_error *err)
{
    const struct pk_args *args = import->args;

    import->chain = sk_X509_new_null();
    if (import->chain == NULL) {
        return pk_openssl_fail(err, "cannot read a chain");
    }
    if (!read_all(args->value[PK_CERT], import->chain, err) ||
        (args->value[PK_CHAIN] != NULL &&
         !read_all(args->value[PK_CHAIN], import->chain, err))) {
        return false;
    }
    import->cert = sk_X509_shift(import->chain);
    /* ACME clients write the leaf into the chain file as well. */
    while (sk_X509_num(import->chain) > 0 &&
           X509_cmp(sk_X509_value(import->chain, 0), import->cert) == 0) {
        X509_free(sk_X509_shift(import->chain));
    }
    return read_key(import, err);
}

bool
pk_import_check_dates(const struct pk_import *import, struct ea_error *err)
{
    time_t now = (time_t)import->args->now;
    const char *path = import->args->value[PK_CERT];
    char ends[PK_TIME_TEXT_MAX], begins[PK_TIME_TEXT_MAX];

    if (!pk_show_time(X509_get0_notAfter(import->cert), ends) ||
        !pk_show_time(X509_get0_notBefore(import->cert), begins)) {
        return ea_fail(err, EA_E_CONFLICT, "--cert '%s' has no dates", path);
    }
    if (X509_cmp_time(X509_get0_notAfter(import->cert), &now) <= 0) {
        return ea_fail(err, EA_E_REFUSED, "--cert '%s' has expired on %s", path,
                       ends);
    }
    if (X509_cmp_time(X509_get0_notBefore(import->cert), &now) >= 0) {
        return ea_fail(err, EA_E_REFUSED, "--cert '%s' is not valid before %s",
                       path, begins);
    }
    return true;
}

static bool
append_key(const struct pk_import *import, const struct pk_folder *folder,
           struct ea_error *err)
{
    BIO *key;
    bool ok;

    if (import->key == NULL) {
        return true;
    }
    key = pk_key_pem(import->key, err);
    ok = key != NULL && pk_folder_write(folder, "key.pem", key, 0600, err);
    BIO_free(key);
    return ok;
}

/* chain.pem as nginx takes it: the leaf, then what is above it. */
static bool
write_chain(const struct pk_import *import, const struct pk_folder *folder,
            struct ea_error *err)
{
    BIO *chain = BIO_new(BIO_s_mem());
    bool ok = chain != NULL && pk_cert_append_pem(chain, import->cert, err);

    for (int i = 0; ok && i < sk_X509_num(import->chain); i++) {
        ok = pk_cert_append_pem(chain, sk_X509_value(import->chain, i), err);
    }
    ok = ok && pk_folder_write(folder, "chain.pem", chain, 0644, err);
    BIO_free(chain);
    return ok;
}

static bool
write_parts(const struct pk_import *import, const struct pk_folder *folder,
            struct ea_error *err)
{
    BIO *cert = BIO_new(BIO_s_mem());
    BIO *mark = BIO_new(BIO_s_mem());
    bool ok = cert != NULL && mark != NULL &&
              BIO_printf(mark, "%s\n",
                         import->domain != NULL ? import->domain : "") > 0 &&
              pk_cert_append_pem(cert, import->cert, err);

    ok = ok && append_key(import, folder, err) &&
         (!import->is_server || write_chain(import, folder, err)) &&
         pk_folder_write(folder, "imported", mark, 0644, err) &&
         pk_folder_write(folder, "cert.pem", cert, 0644, err);
    BIO_free(cert);
    BIO_free(mark);
    return ok;
}

static bool
put(const struct pk_import *import, const char *archive, struct ea_error *err)
{
    struct pk_folder folder = { .aside = "" };
    bool ok;

    if (pk_args_is_dry(import->args)) {
        (void)fprintf(import->args->out, "would import %s\n", import->target);
        return true;
    }
    ok = pk_folder_open(&folder, import->target, err) &&
         write_parts(import, &folder, err) &&
         (archive != NULL ? pk_folder_replace(&folder, archive, err)
                          : pk_folder_commit(&folder, err));
    pk_folder_drop(&folder);
    if (ok) {
        (void)fprintf(import->args->out, "imported %s (%d days left)\n",
                      import->target,
                      pk_cert_days_left(import->cert, import->args->now));
    }
    return ok;
}

/* Whether the same certificate is there, and in *ret_archive where the one that
 * stands there would go. */
static bool
look(const struct pk_import *import, bool *ret_same,
     char ret_archive[static PATH_MAX], struct ea_error *err)
{
    char path[PATH_MAX], serial[PK_SERIAL_TEXT_MAX];
    X509 *there;
    int len;
    bool ok;

    if (!pk_path_join(import->target, "cert.pem", path, err)) {
        return false;
    }
    there = pk_cert_read(path, err);
    if (there == NULL) {
        return false;
    }
    *ret_same = X509_cmp(there, import->cert) == 0;
    ok = pk_show_serial(X509_get0_serialNumber(there), serial) ||
         ea_fail(err, EA_E_CONFLICT, "'%s' has no serial", path);
    X509_free(there);
    len = snprintf(ret_archive, PATH_MAX, "%s/retired/%s/%s-%s",
                   import->args->value[PK_DIR], import->kind, import->name,
                   serial);
    return ok && (len < PATH_MAX ||
                  ea_fail(err, EA_E_RANGE, "path '%.200s' is too long", path));
}

bool
pk_import_put(const struct pk_import *import, struct ea_error *err)
{
    char archive[PATH_MAX];
    bool same = false;

    if (!pk_path_is_taken(import->target)) {
        return put(import, NULL, err);
    }
    if (!look(import, &same, archive, err)) {
        return false;
    }
    if (same) {
        (void)fprintf(import->args->out, "kept %s (%d days left)\n",
                      import->target,
                      pk_cert_days_left(import->cert, import->args->now));
        return true;
    }
    if (import->is_server && import->args->value[PK_RENEW] != NULL) {
        return put(import, archive, err);
    }
    return ea_fail(err, EA_E_CONFLICT,
                   "'%s' is there with another certificate; %s", import->target,
                   import->is_server
                       ? "--renew replaces it and keeps it below retired/"
                       : "a CA is replaced by `edge-pki rollover`");
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *what = args->value[PK_FIRST];
    struct pk_import import = { .args = args };
    bool ok;

    import.is_server = strcmp(what, "server") == 0;
    if (!import.is_server && strcmp(what, "ca") != 0) {
        return ea_fail(err, EA_E_UNKNOWN, "'%.64s' is neither ca nor server",
                       what);
    }
    /* The first import makes the folder. */
    ok = (!pk_path_is_taken(args->value[PK_DIR]) ||
          pk_tree_lock(args->value[PK_DIR], err)) &&
         read_files(&import, err) &&
         (import.is_server ? pk_import_server(&import, err)
                           : pk_import_ca(&import, err));
    pk_import_release(&import);
    return ok;
}

const struct pk_command pk_command_import = {
    "import", "take in a CA or a server certificate made elsewhere", options,
    run
};
