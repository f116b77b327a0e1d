/*
 * Private keys: made, read, and written in the two forms that consumers take.
 */
#ifndef PK_KEY_H
#define PK_KEY_H

#include <openssl/bio.h>
#include <openssl/evp.h>

#include "ea_types.h"

enum pk_key_kind {
    PK_KEY_NONE = 0,
    PK_KEY_RSA_2048,
    PK_KEY_RSA_4096,
    PK_KEY_P256
};

/* "RSA-2048" and so on, for people. */
const char *pk_key_kind_name(enum pk_key_kind kind);

/* A new key, or NULL and *err. The caller frees it. */
EA_MUST_CHECK EVP_PKEY *pk_key_new(enum pk_key_kind kind, struct ea_error *err);

/* Reads an unencrypted PEM key; NULL and *err when it cannot. */
EA_MUST_CHECK EVP_PKEY *pk_key_read(const char *path, struct ea_error *err);

/* The key as PKCS#8 PEM, and an RSA key as PKCS#1, the only form a ROM of 2019
 * reads, in DER and in PEM. The memory is wiped when the caller frees the
 * result; NULL and *err on failure. */
EA_MUST_CHECK BIO *pk_key_pem(const EVP_PKEY *key, struct ea_error *err);
EA_MUST_CHECK BIO *pk_key_pkcs1(const EVP_PKEY *key, struct ea_error *err);
EA_MUST_CHECK BIO *pk_key_pkcs1_pem(const EVP_PKEY *key, struct ea_error *err);

#endif
