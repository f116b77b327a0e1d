/*
 * `edge-pki export ipxe` and `efi-siglist`: what a build of iPXE takes, what a
 * script gives a stock one, and what firmware takes.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include <sys/stat.h>

#include "pk_cert.h"
#include "pk_error.h"
#include "pk_export.h"
#include "pk_file.h"
#include "pk_folder.h"

/* EFI_CERT_X509_GUID, in the byte order of UEFI. */
static const unsigned char x509_guid[16] = { 0xa1, 0x59, 0xc0, 0xa5, 0xe4, 0x94,
                                             0xa7, 0x4a, 0x87, 0xb5, 0xab, 0x15,
                                             0x5c, 0x2b, 0xf0, 0x72 };
#define GUID_SIZE 16
#define LIST_HEADER_SIZE (GUID_SIZE + 3 * 4)

static bool
put_le32(BIO *out, size_t value)
{
    const unsigned char bytes[4] = {
        (unsigned char)value,
        (unsigned char)(value >> 8),
        (unsigned char)(value >> 16),
        (unsigned char)(value >> 24),
    };

    return BIO_write(out, bytes, sizeof(bytes)) == sizeof(bytes);
}

/* One list for each certificate: all signatures of a list have one size (UEFI,
 * 32.4.1). Nobody in particular owns them. */
static bool
append_list(BIO *out, X509 *cert)
{
    static const unsigned char owner[GUID_SIZE];
    size_t size = GUID_SIZE + pk_cert_size(cert);

    return BIO_write(out, x509_guid, GUID_SIZE) == GUID_SIZE &&
           put_le32(out, LIST_HEADER_SIZE + size) && put_le32(out, 0) &&
           put_le32(out, size) &&
           BIO_write(out, owner, GUID_SIZE) == GUID_SIZE &&
           i2d_X509_bio(out, cert) == 1;
}

BIO *
pk_siglist(const struct pk_args *args, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = out != NULL && pk_export_trust(args, PK_TRUST_BOOT, &trust, err);

    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = append_list(out, trust.row[i].cert) ||
             pk_openssl_fail(err, "cannot encode a certificate");
    }
    pk_trust_release(&trust);
    if (!ok) {
        BIO_free(out);
        return NULL;
    }
    return out;
}

bool
pk_export_siglist(const struct pk_args *args, struct ea_error *err)
{
    BIO *out = pk_siglist(args, err);
    bool ok =
        out != NULL && pk_file_put(args, args->value[PK_OUT], out, 0644, err);

    BIO_free(out);
    return ok;
}

struct work {
    const struct pk_args *args;
    char out[PATH_MAX]; /* absolute: iPXE is built in a folder of its own */
    struct pk_trust trust;
    struct pk_identity identity;
};

static bool
put(const struct work *work, const char *name, BIO *bytes, struct ea_error *err)
{
    char path[PATH_MAX];

    return pk_path_join(work->out, name, path, err) &&
           pk_file_put(work->args, path, bytes, 0600, err);
}

/* One file for each root: TRUST= takes the first certificate of a file. */
static bool
put_roots(const struct work *work, struct ea_error *err)
{
    bool ok = true;

    for (size_t i = 0; ok && i < work->trust.count; i++) {
        BIO *pem = BIO_new(BIO_s_mem());
        char name[32];

        (void)snprintf(name, sizeof(name), "root-%zu.pem", i + 1);
        ok = pem != NULL &&
             pk_cert_append_pem(pem, work->trust.row[i].cert, err) &&
             put(work, name, pem, err);
        BIO_free(pem);
    }
    return ok;
}

/* What earlier roots left: nobody should build with it by mistake. */
static bool
drop_roots(const struct work *work, struct ea_error *err)
{
    for (size_t i = work->trust.count; i < PK_CA_COUNT * PK_STAND_COUNT; i++) {
        char name[32], path[PATH_MAX];

        (void)snprintf(name, sizeof(name), "root-%zu.pem", i + 1);
        if (!pk_path_join(work->out, name, path, err)) {
            return false;
        }
        if (!pk_path_is_taken(path)) {
            continue;
        }
        if (!pk_args_is_dry(work->args) && unlink(path) != 0) {
            return pk_errno_fail(err, "cannot remove", path);
        }
        (void)fprintf(work->args->out, "%s %s\n",
                      pk_args_is_dry(work->args) ? "would remove" : "removed",
                      path);
    }
    return true;
}

static bool
put_cert(const struct work *work, struct ea_error *err)
{
    BIO *pem = BIO_new(BIO_s_mem());
    bool ok = pem != NULL &&
              pk_cert_append_pem(pem, work->identity.cert, err) &&
              put(work, "client.pem", pem, err);

    BIO_free(pem);
    return ok;
}

static bool
put_key(const struct work *work, struct ea_error *err)
{
    BIO *der = pk_key_pkcs1(work->identity.key, err);
    BIO *pem = pk_key_pkcs1_pem(work->identity.key, err);
    bool ok = der != NULL && pem != NULL && put(work, "client.key", pem, err) &&
              put(work, "client.key.der", der, err);

    BIO_free(der);
    BIO_free(pem);
    return ok;
}

static bool
put_script(const struct work *work, struct ea_error *err)
{
    BIO *out = BIO_new(BIO_s_secmem());
    bool ok = out != NULL && BIO_puts(out, "#!ipxe\n") > 0 &&
              pk_identity_script(&work->identity, out, err) &&
              put(work, "client.ipxe", out, err);

    BIO_free(out);
    return ok;
}

/* The arguments of iPXE's make, on one line. */
static bool
put_make(const struct work *work, struct ea_error *err)
{
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = out != NULL && BIO_puts(out, "TRUST=") > 0;

    for (size_t i = 0; ok && i < work->trust.count; i++) {
        ok = BIO_printf(out, "%s%s/root-%zu.pem", i > 0 ? "," : "", work->out,
                        i + 1) > 0;
    }
    if (ok && work->identity.cert != NULL) {
        ok = BIO_printf(out, " CERT=%s/client.pem PRIVKEY=%s/client.key",
                        work->out, work->out) > 0;
    }
    ok = ok && BIO_puts(out, "\n") > 0 && put(work, "make.args", out, err);
    BIO_free(out);
    return ok;
}

static bool
settle_folder(struct work *work, struct ea_error *err)
{
    const char *out = work->args->value[PK_OUT];
    char *whole;

    if (!pk_args_is_dry(work->args) && mkdir(out, 0700) != 0 &&
        errno != EEXIST) {
        return pk_errno_fail(err, "cannot make folder", out);
    }
    whole = realpath(out, NULL);
    (void)snprintf(work->out, sizeof(work->out), "%s",
                   whole != NULL ? whole : out);
    free(whole);
    return true;
}

bool
pk_export_ipxe(const struct pk_args *args, struct ea_error *err)
{
    struct work work = { .args = args };
    bool ok = pk_export_trust(args, PK_TRUST_BOOT, &work.trust, err) &&
              (args->value[PK_SITE] == NULL ||
               pk_identity_read(args, &work.identity, err)) &&
              settle_folder(&work, err) && put_roots(&work, err) &&
              drop_roots(&work, err);

    if (ok && work.identity.cert != NULL) {
        ok = put_cert(&work, err) && put_key(&work, err) &&
             put_script(&work, err);
    }
    ok = ok && put_make(&work, err);
    pk_trust_release(&work.trust);
    pk_identity_release(&work.identity);
    return ok;
}
