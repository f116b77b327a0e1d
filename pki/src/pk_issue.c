/* Issuing one leaf: see pk_issue.h. */
#include "pk_issue.h"

#include <string.h>

#include <openssl/err.h>

#include "pk_error.h"
#include "pk_folder.h"
#include "pk_revoked.h"
#include "pk_tree.h"
#include "pk_verify.h"

/* iPXE of 2019 fails with 1c0de882 when the Certificate message is larger. */
#define CHAIN_MESSAGE_MAX 4096
#define HANDSHAKE_HEADER 7 /* type, length, length of the list */
#define CERT_HEADER 3

struct work {
    const struct pk_args *args;
    const struct pk_leaf *leaf;
    char target[PATH_MAX];
    struct pk_issuer ca, root;
    EVP_PKEY *key;
    X509 *cert;
};

static void
work_release(struct work *work)
{
    pk_issuer_release(&work->ca);
    pk_issuer_release(&work->root);
    EVP_PKEY_free(work->key);
    X509_free(work->cert);
}

static void
report(const struct work *work, const char *verb, X509 *cert)
{
    (void)fprintf(work->args->out, "%s %s (%d days left)\n", verb, work->target,
                  pk_cert_days_left(cert, work->args->now));
}

static bool
is_same(const struct work *work, X509 *cert)
{
    return pk_cert_has_names(cert, work->leaf->names) &&
           X509_verify(cert, X509_get0_pubkey(work->ca.cert)) == 1;
}

static bool
is_unrevoked(const struct work *work, X509 *cert, struct ea_error *err)
{
    char reason[24];

    if (!pk_revoked_check(work->args->value[PK_DIR], cert, reason, err)) {
        return false;
    }
    return reason[0] == '\0' ||
           ea_fail(err, EA_E_CONFLICT,
                   "'%s' is revoked (%s); --renew makes a new one",
                   work->target, reason);
}

/* What stands at the target is what is asked for, and not out of date. */
static bool
keep(const struct work *work, struct ea_error *err)
{
    char path[PATH_MAX];
    bool ok = false;
    X509 *cert;

    if (!pk_path_join(work->target, "cert.pem", path, err)) {
        return false;
    }
    cert = pk_cert_read(path, err);
    if (cert == NULL) {
        return false;
    }
    if (!is_same(work, cert)) {
        ERR_clear_error();
        (void)ea_fail(err, EA_E_CONFLICT,
                      "'%s' is there with other names or from another CA; "
                      "--renew replaces it and keeps it below retired/",
                      work->target);
    } else if (!is_unrevoked(work, cert, err)) {
        ok = false;
    } else if (pk_cert_days_left(cert, work->args->now) < 0) {
        (void)ea_fail(err, EA_E_CONFLICT,
                      "'%s' has expired; --renew makes a new one",
                      work->target);
    } else {
        report(work, "kept", cert);
        ok = true;
    }
    X509_free(cert);
    return ok;
}

static bool
check_chain_size(const struct work *work, struct ea_error *err)
{
    size_t size = HANDSHAKE_HEADER + 2 * CERT_HEADER +
                  pk_cert_size(work->cert) + pk_cert_size(work->ca.cert);

    if (work->root.cert != NULL) {
        size += CERT_HEADER + pk_cert_size(work->root.cert);
    }

    if (size > CHAIN_MESSAGE_MAX) {
        return ea_fail(err, EA_E_RANGE,
                       "chain of %zu bytes is larger than the %d that ROMs "
                       "before 2023 read; use fewer or shorter names",
                       size, CHAIN_MESSAGE_MAX);
    }
    return true;
}

static bool
write_pem(const struct work *work, const struct pk_folder *folder,
          struct ea_error *err)
{
    BIO *cert = BIO_new(BIO_s_mem());
    BIO *chain = BIO_new(BIO_s_mem());
    BIO *key = pk_key_pem(work->key, err);
    bool ok = cert != NULL && chain != NULL && key != NULL;

    ok = ok && pk_cert_append_pem(cert, work->cert, err) &&
         pk_cert_append_pem(chain, work->cert, err);
    if (ok && work->leaf->with_chain) {
        ok = pk_cert_append_pem(chain, work->ca.cert, err) &&
             (work->root.cert == NULL ||
              pk_cert_append_pem(chain, work->root.cert, err));
    }
    ok = ok && pk_folder_write(folder, "key.pem", key, 0600, err) &&
         pk_folder_write(folder, "chain.pem", chain, 0644, err) &&
         pk_folder_write(folder, "cert.pem", cert, 0644, err);
    BIO_free(cert);
    BIO_free(chain);
    BIO_free(key);
    return ok;
}

static bool
write_der(const struct work *work, const struct pk_folder *folder,
          struct ea_error *err)
{
    BIO *cert = BIO_new(BIO_s_mem());
    BIO *key = pk_key_pkcs1(work->key, err);
    bool ok = cert != NULL && key != NULL;

    if (ok && i2d_X509_bio(cert, work->cert) != 1) {
        ok = pk_openssl_fail(err, "cannot encode a certificate");
    }
    ok = ok && pk_folder_write(folder, "key.der", key, 0600, err) &&
         pk_folder_write(folder, "cert.der", cert, 0644, err);
    BIO_free(cert);
    BIO_free(key);
    return ok;
}

/* The key of the certificate that is renewed. One that was revoked may be in
 * somebody else's hands. */
static EVP_PKEY *
read_key(const struct work *work, struct ea_error *err)
{
    char path[PATH_MAX], reason[24] = "";
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;

    if (pk_path_join(work->target, "cert.pem", path, err)) {
        cert = pk_cert_read(path, err);
    }
    if (cert != NULL &&
        pk_revoked_check(work->args->value[PK_DIR], cert, reason, err) &&
        pk_path_join(work->target, "key.pem", path, err)) {
        key = pk_key_read(path, err);
    }
    if (key != NULL && reason[0] != '\0') {
        (void)ea_fail(err, EA_E_REFUSED,
                      "'%s' is revoked (%s): its key is not used again; leave "
                      "--keep-key out",
                      work->target, reason);
    } else if (key != NULL && X509_check_private_key(cert, key) != 1) {
        ERR_clear_error();
        (void)ea_fail(err, EA_E_CONFLICT,
                      "'%s' is not the key of the certificate beside it", path);
    } else {
        X509_free(cert);
        return key;
    }
    EVP_PKEY_free(key);
    X509_free(cert);
    return NULL;
}

/* What clients will check, before anybody is given the certificate: an imported
 * CA may forbid what is asked for. */
static bool
holds(const struct work *work, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    struct pk_chain chain = { .cert = work->cert,
                              .anchors = sk_X509_new_null(),
                              .purpose = work->leaf->trust == PK_TRUST_CLIENTS
                                             ? X509_PURPOSE_SSL_CLIENT
                                             : X509_PURPOSE_SSL_SERVER };
    STACK_OF(X509) *cas = sk_X509_new_null();
    bool ok = chain.anchors != NULL && cas != NULL &&
              sk_X509_push(cas, work->ca.cert) > 0 &&
              pk_trust_read(work->args->value[PK_DIR], work->leaf->trust,
                            &trust, err);

    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = sk_X509_push(chain.anchors, trust.row[i].cert) > 0;
    }
    chain.between = cas;
    ok = ok && pk_verify(&chain, work->args->now, err);
    if (!ok) {
        ea_error_prefix(err, "'%s' would not be accepted", work->target);
    }
    pk_trust_release(&trust);
    sk_X509_free(chain.anchors);
    sk_X509_free(cas);
    return ok;
}

static bool
make(struct work *work, struct ea_error *err)
{
    const struct pk_leaf *leaf = work->leaf;
    struct pk_subject subject = { .profile = pk_profile_get(leaf->profile),
                                  .unit = leaf->unit,
                                  .common = leaf->common,
                                  .names = leaf->names,
                                  .now = work->args->now };

    if (!pk_args_days(work->args, subject.profile->days, &subject.days, err)) {
        return false;
    }
    work->key = leaf->keep_key ? read_key(work, err)
                               : pk_key_new(subject.profile->key, err);
    if (work->key == NULL) {
        return false;
    }
    work->cert = pk_cert_issue(&subject, work->key, &work->ca, err);
    return work->cert != NULL && holds(work, err) &&
           (!leaf->with_chain || check_chain_size(work, err));
}

/* The folder for the certificate that a renewal replaces. */
static bool
archive_path(const struct work *work, char ret_path[static PATH_MAX],
             struct ea_error *err)
{
    char path[PATH_MAX], kind[PATH_MAX], name[PATH_MAX];
    BIGNUM *number = NULL;
    char *serial = NULL;
    X509 *cert;
    bool ok;

    if (!pk_path_join(work->target, "cert.pem", path, err) ||
        !pk_tree_path(work->args->value[PK_DIR], "retired", work->leaf->kind,
                      kind, err)) {
        return false;
    }
    cert = pk_cert_read(path, err);
    if (cert == NULL) {
        return false;
    }
    number = ASN1_INTEGER_to_BN(X509_get0_serialNumber(cert), NULL);
    serial = number != NULL ? BN_bn2hex(number) : NULL;
    ok = serial != NULL || pk_openssl_fail(err, path);
    if (ok) {
        (void)snprintf(name, sizeof(name), "%s-%s", work->leaf->name, serial);
        ok = pk_path_join(kind, name, ret_path, err);
    }
    OPENSSL_free(serial);
    BN_free(number);
    X509_free(cert);
    return ok;
}

static bool
put(struct work *work, bool replaces, struct ea_error *err)
{
    struct pk_folder folder = { .aside = "" };
    char archive[PATH_MAX];
    bool ok;

    if ((replaces && !archive_path(work, archive, err)) || !make(work, err)) {
        return false;
    }
    if (pk_args_is_dry(work->args)) {
        report(work, replaces ? "would renew" : "would make", work->cert);
        return true;
    }
    if (!pk_folder_open(&folder, work->target, err)) {
        return false;
    }
    ok = write_pem(work, &folder, err) &&
         (!work->leaf->with_der || write_der(work, &folder, err));
    ok = ok && (replaces ? pk_folder_replace(&folder, archive, err)
                         : pk_folder_commit(&folder, err));
    pk_folder_drop(&folder);
    if (ok) {
        report(work, replaces ? "renewed" : "made", work->cert);
    }
    return ok;
}

/* The CA that signs, and the root that a ROM has to be sent. */
static bool
read_cas(struct work *work, struct ea_error *err)
{
    const char *dir = work->args->value[PK_DIR];

    return pk_tree_read(dir, work->leaf->ca, true, &work->ca, err) &&
           (!work->leaf->with_chain ||
            X509_self_signed(work->ca.cert, 0) == 1 ||
            pk_tree_read(dir, "root", false, &work->root, err));
}

bool
pk_issue(const struct pk_args *args, const struct pk_leaf *leaf,
         struct ea_error *err)
{
    struct work work = { .args = args, .leaf = leaf };
    const char *dir = args->value[PK_DIR];
    char kind[PATH_MAX];
    bool taken, ok;

    if (!pk_tree_path(dir, "issued", leaf->kind, kind, err) ||
        !pk_path_join(kind, leaf->name, work.target, err)) {
        return false;
    }
    taken = pk_path_is_taken(work.target);
    if (taken && args->value[PK_RENEW] == NULL) {
        ok = pk_tree_read(dir, leaf->ca, false, &work.ca, err) &&
             keep(&work, err);
    } else {
        ok = read_cas(&work, err) && put(&work, taken, err);
    }
    work_release(&work);
    return ok;
}

static const struct pk_leaf kinds[] = {
    { .profile = PK_BOOT_SERVER,
      .ca = "boot",
      .kind = "boot",
      .trust = PK_TRUST_BOOT,
      .with_chain = true },
    { .profile = PK_CONFIG_SERVER,
      .ca = "config",
      .kind = "config",
      .trust = PK_TRUST_CONFIG },
    { .profile = PK_CLIENT,
      .ca = "client",
      .kind = "client",
      .trust = PK_TRUST_CLIENTS,
      .with_der = true },
};

bool
pk_leaf_of_kind(const char *kind, struct pk_leaf *ret_leaf)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (strcmp(kinds[i].kind, kind) == 0) {
            *ret_leaf = kinds[i];
            return true;
        }
    }
    return false;
}
