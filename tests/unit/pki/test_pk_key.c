/* Keys come back as they were written, in the form that was asked for. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>
#include <openssl/err.h>
#include <openssl/pem.h>

#include "pk_key.h"
#include "suites.h"

static const struct {
    enum pk_key_kind kind;
    const char *name;
    int bits; /* 0: none is made */
} kinds[] = {
    { PK_KEY_RSA_2048, "RSA-2048", 2048 },
    { PK_KEY_RSA_4096, "RSA-4096", 4096 },
    { PK_KEY_P256, "P-256", 256 },
    { PK_KEY_NONE, "no key", 0 },
};

START_TEST(test_new)
{
    struct ea_error err = { 0 };
    EVP_PKEY *key = pk_key_new(kinds[_i].kind, &err);

    ck_assert_str_eq(pk_key_kind_name(kinds[_i].kind), kinds[_i].name);
    ck_assert((key != NULL) == (kinds[_i].bits != 0));
    if (key != NULL) {
        ck_assert_int_eq(EVP_PKEY_get_bits(key), kinds[_i].bits);
    } else {
        ck_assert_int_eq(err.code, EA_E_INTERNAL);
    }
    EVP_PKEY_free(key);
}
END_TEST

static void
write_file(const char *path, const char *text, long len)
{
    FILE *file = fopen(path, "w");

    ck_assert_ptr_nonnull(file);
    ck_assert_uint_eq(fwrite(text, 1, (size_t)len, file), (size_t)len);
    ck_assert_int_eq(fclose(file), 0);
}

START_TEST(test_pem_is_read_back)
{
    char path[] = "/tmp/pk-key.XXXXXX";
    EVP_PKEY *key = pk_key_new(PK_KEY_P256, NULL), *back;
    BIO *pem = pk_key_pem(key, NULL);
    char *text = NULL;
    long len = BIO_get_mem_data(pem, &text);
    int fd = mkstemp(path);

    ck_assert_int_ge(fd, 0);
    (void)close(fd);
    write_file(path, text, len);
    back = pk_key_read(path, NULL);
    ck_assert_ptr_nonnull(back);
    ck_assert_int_eq(EVP_PKEY_eq(key, back), 1);
    EVP_PKEY_free(back);

    write_file(path, text, len / 2);
    ck_assert_ptr_null(pk_key_read(path, NULL));
    ck_assert_int_eq(unlink(path), 0);
    ck_assert_ptr_null(pk_key_read(path, NULL));
    ck_assert_uint_eq(ERR_peek_error(), 0); /* nothing left for others */
    BIO_free(pem);
    EVP_PKEY_free(key);
}
END_TEST

/* A key under a pass phrase is refused, and nobody is asked for it. */
START_TEST(test_encrypted_key)
{
    char path[] = "/tmp/pk-key.XXXXXX", phrase[] = "x";
    EVP_PKEY *key = pk_key_new(PK_KEY_P256, NULL);
    BIO *pem = BIO_new(BIO_s_mem());
    char *text = NULL;
    int fd = mkstemp(path);
    long len;

    ck_assert_int_ge(fd, 0);
    (void)close(fd);
    ck_assert_int_eq(PEM_write_bio_PKCS8PrivateKey(pem, key, EVP_aes_128_cbc(),
                                                   phrase, 1, NULL, NULL),
                     1);
    len = BIO_get_mem_data(pem, &text);
    write_file(path, text, len);
    ck_assert_ptr_null(pk_key_read(path, NULL));
    ck_assert_int_eq(unlink(path), 0);
    BIO_free(pem);
    EVP_PKEY_free(key);
}
END_TEST

START_TEST(test_pkcs1)
{
    EVP_PKEY *rsa = pk_key_new(PK_KEY_RSA_2048, NULL), *back;
    BIO *der = pk_key_pkcs1(rsa, NULL);
    char *bytes = NULL;
    long len = BIO_get_mem_data(der, &bytes);
    const unsigned char *at = (const unsigned char *)bytes;

    /* SEQUENCE, version 0, then at once the modulus: no algorithm between. */
    ck_assert_int_gt(len, 1000);
    ck_assert_uint_eq(at[0], 0x30);
    ck_assert_mem_eq(at + 4, "\x02\x01\x00\x02", 4);
    back = d2i_PrivateKey(EVP_PKEY_RSA, NULL, &at, len);
    ck_assert_int_eq(EVP_PKEY_eq(rsa, back), 1);
    EVP_PKEY_free(back);
    BIO_free(der);
    EVP_PKEY_free(rsa);
}
END_TEST

Suite *
suite_pk_key(void)
{
    Suite *suite = suite_create("pk_key");
    TCase *tcase = tcase_create("all");

    tcase_set_timeout(tcase, 60); /* a large RSA key may take its time */
    tcase_add_loop_test(tcase, test_new, 0, sizeof(kinds) / sizeof(kinds[0]));
    tcase_add_test(tcase, test_pem_is_read_back);
    tcase_add_test(tcase, test_encrypted_key);
    tcase_add_test(tcase, test_pkcs1);
    suite_add_tcase(suite, tcase);
    return suite;
}
