/* The only core file that sees libcrypto: see ea_crypto.h. */
#include <openssl/core_names.h>
#include <openssl/crypto.h>
#include <openssl/evp.h>
#include <openssl/params.h>

#include "ea_crypto.h"

struct ea_mac {
    EVP_MAC_CTX *ctx; /* keyed; started afresh by each sum */
};

struct ea_mac *
ea_mac_new(const uint8_t key[static EA_KEY_LEN])
{
    char digest[] = "SHA256";
    OSSL_PARAM params[] = {
        OSSL_PARAM_construct_utf8_string(OSSL_MAC_PARAM_DIGEST, digest, 0),
        OSSL_PARAM_construct_end(),
    };
    struct ea_mac *mac = OPENSSL_zalloc(sizeof(*mac));
    EVP_MAC *hmac = EVP_MAC_fetch(NULL, OSSL_MAC_NAME_HMAC, NULL);

    if (mac != NULL && hmac != NULL) {
        mac->ctx = EVP_MAC_CTX_new(hmac); /* holds its own reference */
    }
    EVP_MAC_free(hmac);
    if (mac == NULL || mac->ctx == NULL ||
        !EVP_MAC_init(mac->ctx, key, EA_KEY_LEN, params)) {
        ea_mac_free(mac);
        return NULL;
    }
    return mac;
}

void
ea_mac_free(struct ea_mac *mac)
{
    if (mac != NULL) {
        EVP_MAC_CTX_free(mac->ctx);
        OPENSSL_free(mac);
    }
}

bool
ea_mac_sum(struct ea_mac *mac, const struct ea_bytes *parts, size_t count,
           uint8_t ret_sum[static EA_SHA256_LEN])
{
    uint8_t sum[EA_SHA256_LEN];
    size_t len = 0;

    /* Without a key it starts again with the one it has: EVP_MAC(3). */
    if (!EVP_MAC_init(mac->ctx, NULL, 0, NULL)) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        if (parts[i].len > 0 &&
            !EVP_MAC_update(mac->ctx, (const unsigned char *)parts[i].ptr,
                            parts[i].len)) {
            return false;
        }
    }
    if (!EVP_MAC_final(mac->ctx, sum, &len, sizeof(sum)) ||
        len != sizeof(sum)) {
        return false;
    }
    for (size_t i = 0; i < sizeof(sum); i++) {
        ret_sum[i] = sum[i];
    }
    OPENSSL_cleanse(sum, sizeof(sum));
    return true;
}

bool
ea_sha256(const struct ea_bytes *parts, size_t count,
          uint8_t ret_sum[static EA_SHA256_LEN])
{
    EVP_MD_CTX *ctx = EVP_MD_CTX_new();
    bool good = ctx != NULL && EVP_DigestInit_ex(ctx, EVP_sha256(), NULL);

    for (size_t i = 0; good && i < count; i++) {
        good = EVP_DigestUpdate(ctx, parts[i].ptr, parts[i].len);
    }
    good = good && EVP_DigestFinal_ex(ctx, ret_sum, NULL);
    EVP_MD_CTX_free(ctx);
    return good;
}

struct ea_digest {
    EVP_MD_CTX *ctx;
};

struct ea_digest *
ea_digest_new(void)
{
    struct ea_digest *digest = OPENSSL_zalloc(sizeof(*digest));

    if (digest != NULL) {
        digest->ctx = EVP_MD_CTX_new();
    }
    if (digest == NULL || digest->ctx == NULL ||
        !EVP_DigestInit_ex(digest->ctx, EVP_sha256(), NULL)) {
        ea_digest_free(digest);
        return NULL;
    }
    return digest;
}

bool
ea_digest_add(struct ea_digest *digest, struct ea_bytes bytes)
{
    return EVP_DigestUpdate(digest->ctx, bytes.ptr, bytes.len);
}

bool
ea_digest_final(struct ea_digest *digest, uint8_t ret_sum[static EA_SHA256_LEN])
{
    return EVP_DigestFinal_ex(digest->ctx, ret_sum, NULL);
}

void
ea_digest_free(struct ea_digest *digest)
{
    if (digest != NULL) {
        EVP_MD_CTX_free(digest->ctx);
        OPENSSL_free(digest);
    }
}

bool
ea_ct_equal(const void *a, const void *b, size_t len)
{
    return CRYPTO_memcmp(a, b, len) == 0;
}

void
ea_wipe(void *memory, size_t len)
{
    OPENSSL_cleanse(memory, len);
}
