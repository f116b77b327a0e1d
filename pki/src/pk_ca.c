/* Making a CA: see pk_ca.h. */
#include "pk_ca.h"

#include <openssl/pem.h>

#include "pk_folder.h"

void
pk_ca_report(const struct pk_args *args, const char *verb,
             const struct pk_ca *ca, const char *folder)
{
    const struct pk_profile *profile = pk_profile_get(ca->profile);

    (void)fprintf(args->out, "%s %s/%s (%s, %s)\n", verb, args->value[PK_DIR],
                  folder, profile->name, pk_key_kind_name(profile->key));
}

static bool
write_ca(const char *target, X509 *cert, const EVP_PKEY *key,
         struct ea_error *err)
{
    struct pk_folder folder = { .aside = "" };
    BIO *pem = BIO_new(BIO_s_mem());
    BIO *secret = pk_key_pem(key, err);
    bool ok = pem != NULL && secret != NULL;

    ok = ok && pk_cert_append_pem(pem, cert, err) &&
         pk_folder_open(&folder, target, err) &&
         pk_folder_write(&folder, "key.pem", secret, 0600, err) &&
         pk_folder_write(&folder, "cert.pem", pem, 0644, err) &&
         pk_folder_commit(&folder, err);
    pk_folder_drop(&folder);
    BIO_free(pem);
    BIO_free(secret);
    return ok;
}

bool
pk_ca_make(const struct pk_args *args, const struct pk_new_ca *wanted,
           struct ea_error *err)
{
    /* Each byte of the config CA costs room on a kernel command line. */
    bool is_config = wanted->ca->profile == PK_CONFIG_CA;
    struct pk_subject subject = {
        .profile = pk_profile_get(wanted->ca->profile),
        .organisation = is_config ? NULL : wanted->domain,
        .common = wanted->common,
        .domain = wanted->domain,
        .now = args->now,
    };
    struct pk_issuer issuer = { NULL, NULL };
    const char *dir = args->value[PK_DIR];
    char target[PATH_MAX];
    EVP_PKEY *key = NULL;
    X509 *cert = NULL;
    bool ok = false;

    if (!pk_tree_path(dir, wanted->folder, NULL, target, err) ||
        (wanted->issuer != NULL &&
         !pk_tree_read(dir, wanted->issuer, true, &issuer, err))) {
        return false;
    }
    key = pk_key_new(subject.profile->key, err);
    if (key != NULL) {
        cert = pk_cert_issue(&subject, key,
                             wanted->issuer != NULL ? &issuer : NULL, err);
    }
    if (cert != NULL && write_ca(target, cert, key, err)) {
        pk_ca_report(args, "made", wanted->ca, wanted->folder);
        ok = true;
    }
    pk_issuer_release(&issuer);
    EVP_PKEY_free(key);
    X509_free(cert);
    return ok;
}
