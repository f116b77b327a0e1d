/* The layout below DIR: see pk_tree.h. */
#include "pk_tree.h"

#include <openssl/err.h>

#include "pk_folder.h"

static const struct pk_ca cas[PK_CA_COUNT] = {
    { "root", PK_ROOT, NULL },
    { "boot", PK_BOOT_CA, "root" },
    { "client", PK_CLIENT_CA, "root" },
    { "config", PK_CONFIG_CA, NULL },
};

const struct pk_ca *
pk_tree_cas(void)
{
    return cas;
}

bool
pk_tree_path(const char *dir, const char *a, const char *b,
             char ret_path[static PATH_MAX], struct ea_error *err)
{
    char folder[PATH_MAX];

    if (b == NULL) {
        return pk_path_join(dir, a, ret_path, err);
    }
    return pk_path_join(dir, a, folder, err) &&
           pk_path_join(folder, b, ret_path, err);
}

static bool
read_key(const char *dir, const char *folder, struct pk_issuer *issuer,
         struct ea_error *err)
{
    char path[PATH_MAX];

    if (!pk_tree_path(dir, folder, "key.pem", path, err)) {
        return false;
    }
    if (!pk_path_is_taken(path)) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "'%s' is not here; bring the key back for as long as "
                       "this takes",
                       path);
    }
    issuer->key = pk_key_read(path, err);
    if (issuer->key == NULL) {
        return false;
    }
    if (X509_check_private_key(issuer->cert, issuer->key) != 1) {
        ERR_clear_error();
        return ea_fail(err, EA_E_CONFLICT,
                       "'%s' is not the key of the certificate beside it",
                       path);
    }
    return true;
}

bool
pk_tree_read(const char *dir, const char *folder, bool with_key,
             struct pk_issuer *ret_issuer, struct ea_error *err)
{
    struct pk_issuer issuer = { NULL, NULL };
    char path[PATH_MAX];

    if (!pk_tree_path(dir, folder, "cert.pem", path, err)) {
        return false;
    }
    if (!pk_path_is_taken(path)) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "'%s' is not there; run `edge-pki init` first", path);
    }
    issuer.cert = pk_cert_read(path, err);
    if (issuer.cert == NULL) {
        return false;
    }
    if (with_key && !read_key(dir, folder, &issuer, err)) {
        pk_issuer_release(&issuer);
        return false;
    }
    *ret_issuer = issuer;
    return true;
}
