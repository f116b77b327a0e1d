/* Private keys: see pk_key.h. */
#include "pk_key.h"

#include <openssl/encoder.h>
#include <openssl/pem.h>

#include "pk_error.h"

const char *
pk_key_kind_name(enum pk_key_kind kind)
{
    switch (kind) {
    case PK_KEY_RSA_2048:
        return "RSA-2048";
    case PK_KEY_RSA_4096:
        return "RSA-4096";
    case PK_KEY_P256:
        return "P-256";
    case PK_KEY_NONE:
        break;
    }
    return "no key";
}

EVP_PKEY *
pk_key_new(enum pk_key_kind kind, struct ea_error *err)
{
    EVP_PKEY *key = NULL;

    switch (kind) {
    case PK_KEY_RSA_2048:
        key = EVP_RSA_gen(2048U);
        break;
    case PK_KEY_RSA_4096:
        key = EVP_RSA_gen(4096U);
        break;
    case PK_KEY_P256:
        key = EVP_EC_gen("P-256");
        break;
    case PK_KEY_NONE:
        break;
    }
    if (key == NULL) {
        (void)pk_openssl_fail(err, "cannot make a key");
    }
    return key;
}

EVP_PKEY *
pk_key_read(const char *path, struct ea_error *err)
{
    BIO *file = BIO_new_file(path, "r");
    EVP_PKEY *key = NULL;

    if (file != NULL) {
        /* An empty pass phrase: never ask on a terminal that may not exist. */
        key = PEM_read_bio_PrivateKey(file, NULL, NULL, (void *)(uintptr_t) "");
    }
    BIO_free(file);
    if (key == NULL) {
        (void)pk_openssl_fail(err, path);
    }
    return key;
}

/* Encodes the key in memory that OpenSSL wipes when it is freed. */
static BIO *
encode(const EVP_PKEY *key, const char *form, const char *structure,
       struct ea_error *err)
{
    OSSL_ENCODER_CTX *encoder = OSSL_ENCODER_CTX_new_for_pkey(
        key, OSSL_KEYMGMT_SELECT_ALL, form, structure, NULL);
    BIO *out = BIO_new(BIO_s_secmem());

    if (encoder == NULL || out == NULL ||
        OSSL_ENCODER_to_bio(encoder, out) != 1) {
        BIO_free(out);
        out = NULL;
        (void)pk_openssl_fail(err, "cannot encode a key");
    }
    OSSL_ENCODER_CTX_free(encoder);
    return out;
}

BIO *
pk_key_pem(const EVP_PKEY *key, struct ea_error *err)
{
    return encode(key, "PEM", "PrivateKeyInfo", err);
}

BIO *
pk_key_pkcs1(const EVP_PKEY *key, struct ea_error *err)
{
    return encode(key, "DER", "type-specific", err);
}

BIO *
pk_key_pkcs1_pem(const EVP_PKEY *key, struct ea_error *err)
{
    return encode(key, "PEM", "type-specific", err);
}
