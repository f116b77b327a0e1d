/* The layout below DIR: see pk_tree.h. */
#include "pk_tree.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <sys/file.h>

#include <openssl/err.h>

#include "pk_error.h"
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

void
pk_tree_ca_folder(const char *ca, enum pk_stand stand,
                  char ret_folder[static PK_CA_FOLDER_MAX])
{
    static const char *const words[PK_STAND_COUNT] = { "", "next/",
                                                       "previous/" };

    (void)snprintf(ret_folder, PK_CA_FOLDER_MAX, "%s%s", words[stand], ca);
}

bool
pk_tree_has(const char *dir, const char *folder)
{
    char path[PATH_MAX];

    return pk_path_join(dir, folder, path, NULL) && pk_path_is_taken(path);
}

X509 *
pk_tree_issuer_of(const char *dir, X509 *cert,
                  char ret_folder[static PK_CA_FOLDER_MAX],
                  struct ea_error *err)
{
    for (int i = 0; i < PK_CA_COUNT * PK_STAND_COUNT; i++) {
        struct pk_issuer ca = { NULL, NULL };
        char folder[PK_CA_FOLDER_MAX];

        pk_tree_ca_folder(cas[i / PK_STAND_COUNT].folder,
                          (enum pk_stand)(i % PK_STAND_COUNT), folder);
        if (!pk_tree_has(dir, folder)) {
            continue;
        }
        if (!pk_tree_read(dir, folder, false, &ca, err)) {
            return NULL;
        }
        if (X509_NAME_cmp(X509_get_issuer_name(cert),
                          X509_get_subject_name(ca.cert)) == 0 &&
            X509_verify(cert, X509_get0_pubkey(ca.cert)) == 1) {
            (void)snprintf(ret_folder, PK_CA_FOLDER_MAX, "%s", folder);
            return ca.cert;
        }
        ERR_clear_error();
        pk_issuer_release(&ca);
    }
    (void)ea_fail(err, EA_E_CONFLICT, "no CA below '%s' has signed it", dir);
    return NULL;
}

bool
pk_tree_lock(const char *dir, struct ea_error *err)
{
    int fd = open(dir, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

    if (fd < 0) {
        return errno == ENOENT
                   ? ea_fail(err, EA_E_UNAVAILABLE,
                             "'%s' is not there; run `edge-pki init` first",
                             dir)
                   : pk_errno_fail(err, "cannot open folder", dir);
    }
    while (flock(fd, LOCK_EX) != 0) {
        if (errno != EINTR) {
            (void)pk_errno_fail(err, "cannot lock folder", dir);
            (void)close(fd);
            return false;
        }
    }
    return true;
}

bool
pk_tree_is_imported(const char *dir, const char *folder,
                    char ret_domain[static PK_DOMAIN_MAX + 1])
{
    char path[PATH_MAX];
    BIO *file;
    int len;

    if (!pk_tree_path(dir, folder, "imported", path, NULL) ||
        !pk_path_is_taken(path)) {
        return false;
    }
    file = BIO_new_file(path, "r");
    len = file != NULL ? BIO_gets(file, ret_domain, PK_DOMAIN_MAX + 1) : 0;
    ret_domain[len > 0 ? strcspn(ret_domain, "\n") : 0] = '\0';
    BIO_free(file);
    return true;
}

bool
pk_tree_domain(const char *dir, char *ret_domain, size_t size,
               struct ea_error *err)
{
    struct pk_issuer ca = { NULL, NULL };
    char imported[PK_DOMAIN_MAX + 1];
    bool ok;

    if (pk_tree_is_imported(dir, "client", imported)) {
        (void)snprintf(ret_domain, size, "%s", imported);
        return true;
    }
    if (!pk_tree_read(dir, "client", false, &ca, err)) {
        return false;
    }
    ok = pk_cert_subject_text(ca.cert, NID_organizationName, ret_domain, size,
                              err);
    pk_issuer_release(&ca);
    return ok;
}
