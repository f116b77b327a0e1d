/* The authorities of a secrets bundle; see cg_bundle.h. */
#include "talos/cg_bundle.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "talos/cg_when.h"

#define FINDING "bundle-ca"

/* A reader of base64 text; NULL: it is none. The bytes are in the arena. */
static BIO *
open_base64(struct cg_arena *arena, const struct cg_tree *text)
{
    unsigned char *bytes;
    int len;

    if (cg_tree_text(text) == NULL || text->len > INT_MAX / 2) {
        return NULL;
    }
    bytes = cg_arena_alloc(arena, text->len + 1);
    len = EVP_DecodeBlock(bytes, (const unsigned char *)text->text,
                          (int)text->len);
    return len <= 0 ? NULL : BIO_new_mem_buf(bytes, len);
}

static X509 *
read_certificate(struct cg_arena *arena, const struct cg_tree *text)
{
    BIO *bio = open_base64(arena, text);
    X509 *certificate =
        bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);

    BIO_free(bio);
    ERR_clear_error();
    return certificate;
}

/* By its bytes, not by its label: Talos has one of its own for Ed25519. */
static EVP_PKEY *
read_key(struct cg_arena *arena, const struct cg_tree *text)
{
    BIO *bio = open_base64(arena, text);
    unsigned char *data = NULL;
    char *label = NULL, *header = NULL;
    EVP_PKEY *key = NULL;
    long len = 0;

    if (bio != NULL && PEM_read_bio(bio, &label, &header, &data, &len) == 1) {
        const unsigned char *p = data;

        key = d2i_AutoPrivateKey(NULL, &p, len);
        OPENSSL_cleanse(data, (size_t)len);
    }
    OPENSSL_free(label);
    OPENSSL_free(header);
    OPENSSL_free(data);
    BIO_free(bio);
    ERR_clear_error();
    return key;
}

static void
check_time(const struct cg_walk *walk, const struct cg_tree *crt,
           const X509 *certificate, const char *name, int64_t now)
{
    const ASN1_TIME *end = X509_get0_notAfter(certificate);
    const char *date = cg_when_date(walk->arena, end);

    if (cg_when_is_over(end, now)) {
        (void)cg_error(walk->diag, &crt->pos, FINDING,
                       "the bundle's CA '%s' expired on %s", name, date);
        cg_hint(walk->diag, "no node can join with it");
    } else if (cg_when_is_over(end, now + (int64_t)CG_BUNDLE_WARN_DAYS *
                                              CG_WHEN_DAY)) {
        cg_warning(walk->diag, &crt->pos, FINDING,
                   "the bundle's CA '%s' expires on %s", name, date);
    }
}

static void
check_authority(const struct cg_walk *walk, const struct cg_tree *bundle,
                const char *name, int64_t now)
{
    const struct cg_tree *crt =
        cg_tree_path(bundle, "certs", name, "crt", NULL);
    X509 *certificate = read_certificate(walk->arena, crt);
    EVP_PKEY *key =
        read_key(walk->arena, cg_tree_path(bundle, "certs", name, "key", NULL));

    if (certificate != NULL) {
        if (X509_check_ca(certificate) != 1) {
            (void)cg_error(walk->diag, &crt->pos, FINDING,
                           "the bundle's CA '%s' is no CA (basicConstraints)",
                           name);
        } else if (key != NULL &&
                   X509_check_private_key(certificate, key) != 1) {
            (void)cg_error(walk->diag, &crt->pos, FINDING,
                           "the bundle's CA '%s' is that of another key than "
                           "the one beside it",
                           name);
            ERR_clear_error();
        }
        check_time(walk, crt, certificate, name, now);
    }
    X509_free(certificate);
    EVP_PKEY_free(key);
}

void
cg_bundle_check(const struct cg_walk *walk, const struct cg_tree *bundle,
                int64_t now)
{
    check_authority(walk, bundle, "k8s", now);
    check_authority(walk, bundle, "os", now);
}
