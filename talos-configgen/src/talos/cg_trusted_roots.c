/* CA certificates by way of OpenSSL; see cg_trusted_roots.h. */
#include "talos/cg_trusted_roots.h"

#include <limits.h>
#include <string.h>

#include <openssl/bio.h>
#include <openssl/ec.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>
#include <zstd.h>

#include "talos/cg_when.h"
#include "yaml/cg_yaml.h"

#define FINDING "config-ca"
#define RSA_BITS_MIN 2048
#define ZSTD_LEVEL 19

struct reader {
    const struct cg_walk *walk;
    const struct cg_pos *pos;
    int64_t now;
    X509 *found[CG_TRUSTED_ROOTS_MAX];
    size_t count;
    bool good;
};

/* `text` ends the sentence "CA certificate N of the file ...". */
static void
refuse(struct reader *reader, const char *text)
{
    reader->good =
        cg_error(reader->walk->diag, reader->pos, FINDING,
                 "CA certificate %zu of the file %s", reader->count + 1, text);
}

static void
check_time(struct reader *reader, const X509 *certificate)
{
    const ASN1_TIME *first = X509_get0_notBefore(certificate);
    const ASN1_TIME *last = X509_get0_notAfter(certificate);
    struct cg_arena *arena = reader->walk->arena;

    if (cg_when_is_over(last, reader->now)) {
        refuse(reader, cg_arena_printf(arena, "expired on %s",
                                       cg_when_date(arena, last)));
        cg_hint(reader->walk->diag, "a node would refuse the gate; name the "
                                    "file with its successor");
    } else if (cg_when_is_over(last, reader->now +
                                         (int64_t)CG_TRUSTED_ROOTS_WARN_DAYS *
                                             CG_WHEN_DAY)) {
        cg_warning(reader->walk->diag, reader->pos, FINDING,
                   "CA certificate %zu of the file expires on %s",
                   reader->count + 1, cg_when_date(arena, last));
        cg_hint(reader->walk->diag, "put its successor into the file as well: "
                                    "both are trusted until it is gone");
    }
    if (!cg_when_is_over(first, reader->now)) {
        cg_warning(reader->walk->diag, reader->pos, FINDING,
                   "CA certificate %zu of the file is not valid before %s",
                   reader->count + 1, cg_when_date(arena, first));
    }
}

/* What Go verifies signatures with. */
static bool
has_usable_key(const X509 *certificate)
{
    static const char *const curves[] = { "prime256v1", "secp384r1",
                                          "secp521r1" };
    const EVP_PKEY *key = X509_get0_pubkey(certificate);
    char curve[64] = "";

    if (key == NULL) {
        return false;
    }
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA) {
        return EVP_PKEY_get_bits(key) >= RSA_BITS_MIN;
    }
    if (EVP_PKEY_get_base_id(key) == EVP_PKEY_ED25519) {
        return true;
    }
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_EC ||
        EVP_PKEY_get_group_name(key, curve, sizeof(curve), NULL) != 1) {
        return false;
    }
    for (size_t i = 0; i < sizeof(curves) / sizeof(curves[0]); i++) {
        if (strcmp(curve, curves[i]) == 0) {
            return true;
        }
    }
    return false;
}

static void
check_certificate(struct reader *reader, X509 *certificate)
{
    if (X509_check_ca(certificate) != 1) {
        refuse(reader, "is not that of a CA (basicConstraints)");
        cg_hint(reader->walk->diag, "the CA that signed the gate's "
                                    "certificate is asked for, not that "
                                    "certificate");
        return;
    }
    if (!has_usable_key(certificate)) {
        refuse(reader, "has a key that Talos cannot use");
        cg_hint(reader->walk->diag, "EC P-256 is best; P-384, P-521, Ed25519 "
                                    "and RSA of 2048 bits or more work");
        return;
    }
    check_time(reader, certificate);
}

static void
take_certificate(struct reader *reader, const unsigned char *data, long len)
{
    const unsigned char *p = data;
    X509 *certificate = d2i_X509(NULL, &p, len);

    if (certificate == NULL || p != data + len) {
        refuse(reader, "cannot be read");
        X509_free(certificate);
        return;
    }
    if (reader->count == CG_TRUSTED_ROOTS_MAX) {
        reader->good =
            cg_error(reader->walk->diag, reader->pos, FINDING,
                     "the file has more than %d certificates: the CA of "
                     "gate.config, and during a roll-over its successor",
                     CG_TRUSTED_ROOTS_MAX);
        X509_free(certificate);
        return;
    }
    if (reader->count == 1 && X509_cmp(reader->found[0], certificate) == 0) {
        refuse(reader, "is the same as the first");
    } else {
        check_certificate(reader, certificate);
    }
    reader->found[reader->count++] = certificate;
}

static void
take_block(struct reader *reader, const char *label, const unsigned char *data,
           long len)
{
    if (strstr(label, "PRIVATE KEY") != NULL) {
        reader->good = cg_error(reader->walk->diag, reader->pos, FINDING,
                                "the file holds a private key");
        cg_hint(reader->walk->diag, "every node would get it; name the file "
                                    "with the certificate alone");
    } else if (strcmp(label, "CERTIFICATE") != 0) {
        reader->good = cg_error(reader->walk->diag, reader->pos, FINDING,
                                "the file holds something else than "
                                "certificates");
    } else {
        take_certificate(reader, data, len);
    }
}

/* Block by block, until nothing begins any more. */
static void
read_blocks(struct reader *reader, BIO *bio)
{
    unsigned char *data = NULL;
    char *label = NULL, *header = NULL;
    bool has_any = false;
    long len = 0;

    ERR_clear_error();
    while (PEM_read_bio(bio, &label, &header, &data, &len) == 1) {
        has_any = true;
        take_block(reader, label, data, len);
        OPENSSL_cleanse(data, (size_t)len);
        OPENSSL_free(label);
        OPENSSL_free(header);
        OPENSSL_free(data);
    }
    if (ERR_GET_REASON(ERR_peek_last_error()) != PEM_R_NO_START_LINE) {
        reader->good = cg_error(reader->walk->diag, reader->pos, FINDING,
                                "the file is damaged: a PEM block cannot be "
                                "read");
    } else if (!has_any) {
        reader->good = cg_error(reader->walk->diag, reader->pos, FINDING,
                                "the file holds no certificate in PEM");
        cg_hint(reader->walk->diag, "it begins with -----BEGIN CERTIFICATE");
    }
    ERR_clear_error();
}

static struct cg_tree *
write_pem(const struct reader *reader)
{
    BIO *bio = BIO_new(BIO_s_mem());
    struct cg_tree *made = NULL;
    char *text = NULL;
    bool good = bio != NULL;
    long len;

    for (size_t i = 0; good && i < reader->count; i++) {
        good = PEM_write_bio_X509(bio, reader->found[i]) == 1;
    }
    len = good ? BIO_get_mem_data(bio, &text) : 0;
    if (len <= 0) {
        cg_out_of_memory();
    }
    made = cg_tree_new_bytes(reader->walk->arena,
                             (struct ea_bytes){ text, (size_t)len });
    made->pos = *reader->pos;
    BIO_free(bio);
    return made;
}

struct cg_tree *
cg_trusted_roots_read(const struct cg_walk *walk, struct ea_bytes file,
                      const struct cg_pos *pos, int64_t now)
{
    struct reader reader = {
        .walk = walk, .pos = pos, .now = now, .good = true
    };
    struct cg_tree *made = NULL;
    BIO *bio;

    if (file.len > INT_MAX) {
        (void)cg_error(walk->diag, pos, FINDING, "the file is too long");
        return NULL;
    }
    bio = BIO_new_mem_buf(file.ptr, (int)file.len);
    if (bio == NULL) {
        cg_out_of_memory();
    }
    read_blocks(&reader, bio);
    BIO_free(bio);
    if (reader.good) {
        made = write_pem(&reader);
    }
    for (size_t i = 0; i < reader.count; i++) {
        X509_free(reader.found[i]);
    }
    return made;
}

const char *
cg_trusted_roots_early(struct cg_arena *arena, const char *name,
                       const struct cg_tree *pem)
{
    CG_AUTO_STRBUF struct cg_strbuf yaml = { 0 };
    CG_AUTO_STRBUF struct cg_strbuf packed = { 0 };
    struct cg_tree *doc = cg_tree_new_map(arena);
    size_t len, room;
    char *text;

    cg_tree_set_text(arena, doc, "apiVersion", "v1alpha1");
    cg_tree_set_text(arena, doc, "kind", "TrustedRootsConfig");
    cg_tree_set_text(arena, doc, "name", name);
    cg_tree_set_text(arena, doc, "certificates", pem->text);
    cg_yaml_emit_one(&yaml, doc);
    room = ZSTD_compressBound(yaml.len);
    len = ZSTD_compress(cg_strbuf_room(&packed, room), room, yaml.text,
                        yaml.len, ZSTD_LEVEL);
    if (ZSTD_isError(len)) {
        cg_out_of_memory(); /* with that much room nothing else fails */
    }
    text = cg_arena_alloc(arena, (len + 2) / 3 * 4 + 1);
    (void)EVP_EncodeBlock((unsigned char *)text,
                          (const unsigned char *)packed.text, (int)len);
    return text;
}
