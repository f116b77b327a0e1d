/*
 * `edge-pki export talos-trusted-roots`: the config CA as the document by which
 * Talos trusts it, and the same as a kernel argument: talos.config.early= is
 * base64 of zstd of a machine config document.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <zstd.h>

#include "pk_cert.h"
#include "pk_error.h"
#include "pk_export.h"
#include "pk_file.h"

/* COMMAND_LINE_SIZE of x86 and arm64. */
#define COMMAND_LINE_MAX 2048
#define ZSTD_LEVEL 22
#define INDENT "    "

/* PEM as a YAML block: its lines need no escapes, only the indent. */
static bool
append_block(BIO *out, BIO *pem)
{
    char line[128];
    int len;

    while ((len = BIO_gets(pem, line, sizeof(line))) > 0) {
        if (BIO_printf(out, INDENT "%s", line) <= 0) {
            return false;
        }
    }
    return true;
}

static BIO *
make_document(const struct pk_args *args, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    BIO *out = BIO_new(BIO_s_mem()), *pem = BIO_new(BIO_s_mem());
    bool ok = out != NULL && pem != NULL &&
              pk_export_trust(args, PK_TRUST_CONFIG, &trust, err);

    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = pk_cert_append_pem(pem, trust.row[i].cert, err);
    }
    if (ok && (BIO_puts(out, "apiVersion: v1alpha1\n"
                             "kind: TrustedRootsConfig\n"
                             "name: edge-config\n"
                             "certificates: |\n") <= 0 ||
               !append_block(out, pem))) {
        ok = pk_openssl_fail(err, "cannot write the document");
    }
    pk_trust_release(&trust);
    BIO_free(pem);
    if (!ok) {
        BIO_free(out);
        return NULL;
    }
    return out;
}

/* The value of the kernel argument in *ret_text, which the caller frees. */
static bool
pack(BIO *document, char **ret_text, struct ea_error *err)
{
    char *bytes = NULL;
    size_t len = (size_t)BIO_get_mem_data(document, &bytes);
    size_t room = ZSTD_compressBound(len), packed = 0;
    unsigned char *small = malloc(room);
    char *text = malloc(room * 4 / 3 + 8);
    bool ok = small != NULL && text != NULL;

    if (ok) {
        packed = ZSTD_compress(small, room, bytes, len, ZSTD_LEVEL);
        ok = ZSTD_isError(packed) == 0;
    }
    if (ok) {
        (void)EVP_EncodeBlock((unsigned char *)text, small, (int)packed);
        *ret_text = text;
    } else {
        (void)ea_fail(err, EA_E_INTERNAL, "cannot pack the document");
        free(text);
    }
    free(small);
    return ok;
}

static bool
print_early(const struct pk_args *args, BIO *document, struct ea_error *err)
{
    static const char name[] = "talos.config.early=";
    char *text = NULL;
    size_t len;

    if (!pack(document, &text, err)) {
        return false;
    }
    len = sizeof(name) - 1 + strlen(text);
    if (len >= COMMAND_LINE_MAX) {
        free(text);
        return ea_fail(err, EA_E_RANGE,
                       "%s would have %zu bytes, and a kernel command line has "
                       "%d: use a smaller CA (P-256)",
                       name, len, COMMAND_LINE_MAX);
    }
    (void)fprintf(args->out,
                  "%s%s\n# %zu of the %d bytes of a kernel command line\n",
                  name, text, len, COMMAND_LINE_MAX);
    free(text);
    return true;
}

static bool
print_document(const struct pk_args *args, BIO *document)
{
    char *bytes = NULL;
    size_t len = (size_t)BIO_get_mem_data(document, &bytes);

    /* A short write is seen when main closes the output. */
    (void)fwrite(bytes, 1, len, args->out);
    return true;
}

bool
pk_export_talos(const struct pk_args *args, struct ea_error *err)
{
    BIO *document = make_document(args, err);
    bool ok = document != NULL;

    if (ok && args->value[PK_OUT] != NULL) {
        ok = pk_file_put(args, args->value[PK_OUT], document, 0644, err);
    } else if (ok && args->value[PK_EARLY] == NULL) {
        ok = print_document(args, document);
    }
    if (ok && args->value[PK_EARLY] != NULL) {
        ok = print_early(args, document, err);
    }
    BIO_free(document);
    return ok;
}
