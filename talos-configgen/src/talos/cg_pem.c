/* PEM by way of OpenSSL. */
#include "talos/cg_pem.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>

bool
cg_pem_has_certificate(const char *text)
{
    BIO *bio = BIO_new_mem_buf(text, -1);
    X509 *certificate =
        bio == NULL ? NULL : PEM_read_bio_X509(bio, NULL, NULL, NULL);
    bool found = certificate != NULL;

    X509_free(certificate);
    BIO_free(bio);
    ERR_clear_error();
    return found;
}

bool
cg_pem_has_key(const char *text)
{
    BIO *bio = BIO_new_mem_buf(text, -1);
    char *name = NULL, *header = NULL;
    unsigned char *data = NULL;
    const unsigned char *p;
    long len = 0;
    EVP_PKEY *key = NULL;

    if (bio != NULL && PEM_read_bio(bio, &name, &header, &data, &len) == 1 &&
        strstr(name, "PRIVATE KEY") != NULL) {
        p = data;
        key = d2i_AutoPrivateKey(NULL, &p, len);
    }
    if (data != NULL) {
        OPENSSL_cleanse(data, (size_t)len);
    }
    OPENSSL_free(data);
    OPENSSL_free(name);
    OPENSSL_free(header);
    BIO_free(bio);
    ERR_clear_error();
    if (key == NULL) {
        return false;
    }
    EVP_PKEY_free(key);
    return true;
}
