/* What a CA and a server certificate have to be: see pk_import.h. */
#include "pk_import.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "ea_spiffe.h"
#include "pk_error.h"
#include "pk_issue.h"
#include "pk_name.h"
#include "pk_show.h"
#include "pk_trust.h"
#include "pk_verify.h"

#define RSA_BITS_MIN 2048

static bool
check_rsa(X509 *cert, struct ea_error *err)
{
    EVP_PKEY *key = X509_get0_pubkey(cert);
    char name[128];

    if (key != NULL && EVP_PKEY_get_base_id(key) == EVP_PKEY_RSA &&
        EVP_PKEY_get_bits(key) >= RSA_BITS_MIN) {
        return true;
    }
    (void)X509_NAME_oneline(X509_get_subject_name(cert), name, sizeof(name));
    return ea_fail(err, EA_E_REFUSED,
                   "'%s' has no RSA key of %d bits or more, and ROMs before "
                   "2025-12 read no other",
                   name, RSA_BITS_MIN);
}

/* iPXE ends at a critical extension it does not know, name constraints for
 * one. */
static bool
check_critical(X509 *cert, struct ea_error *err)
{
    static const int known[] = { NID_basic_constraints, NID_key_usage,
                                 NID_ext_key_usage, NID_info_access,
                                 NID_subject_alt_name };

    for (int i = 0; i < X509_get_ext_count(cert); i++) {
        X509_EXTENSION *extension = X509_get_ext(cert, i);
        int nid = OBJ_obj2nid(X509_EXTENSION_get_object(extension));
        bool is_known = X509_EXTENSION_get_critical(extension) == 0;

        for (size_t j = 0; j < sizeof(known) / sizeof(known[0]); j++) {
            is_known = is_known || known[j] == nid;
        }
        if (!is_known) {
            char name[128];

            (void)X509_NAME_oneline(X509_get_subject_name(cert), name,
                                    sizeof(name));
            return ea_fail(err, EA_E_REFUSED,
                           "'%s' has a critical extension that iPXE does not "
                           "know: %s",
                           name, OBJ_nid2ln(nid));
        }
    }
    return true;
}

static void
warn_of_ocsp(const struct pk_import *import, X509 *cert)
{
    STACK_OF(OPENSSL_STRING) *responders = X509_get1_ocsp(cert);
    char name[128];

    if (sk_OPENSSL_STRING_num(responders) > 0) {
        (void)X509_NAME_oneline(X509_get_subject_name(cert), name,
                                sizeof(name));
        (void)fprintf(import->args->out,
                      "warning: '%s' names an OCSP responder: iPXE asks it and "
                      "gives up when it does not answer\n",
                      name);
    }
    X509_email_free(responders);
}

/* What a ROM reads of a chain. */
static bool
check_for_rom(const struct pk_import *import, struct ea_error *err)
{
    if (!check_rsa(import->cert, err) || !check_critical(import->cert, err)) {
        return false;
    }
    warn_of_ocsp(import, import->cert);
    for (int i = 0; i < sk_X509_num(import->chain); i++) {
        X509 *cert = sk_X509_value(import->chain, i);

        if (!check_rsa(cert, err) || !check_critical(cert, err)) {
            return false;
        }
        warn_of_ocsp(import, cert);
    }
    return true;
}

static bool
check_is_ca(const struct pk_import *import, struct ea_error *err)
{
    const char *path = import->args->value[PK_CERT];

    if ((X509_get_key_usage(import->cert) & X509v3_KU_KEY_CERT_SIGN) == 0) {
        return ea_fail(err, EA_E_REFUSED,
                       "--cert '%s' is not a CA: its key usage does not let it "
                       "sign certificates",
                       path);
    }
    if (X509_check_ca(import->cert) != 1) {
        return ea_fail(err, EA_E_REFUSED,
                       "--cert '%s' is not a CA: its basic constraints do not "
                       "say so",
                       path);
    }
    return true;
}

/* An authority of one purpose must not be bound to another. */
static bool
check_purpose(const struct pk_import *import, const char *purpose,
              struct ea_error *err)
{
    uint32_t usage = X509_get_extended_key_usage(import->cert);
    bool is_client = strcmp(purpose, "client") == 0;

    /* Without the extension everything is allowed. */
    if ((usage & (is_client ? XKU_SSL_CLIENT : XKU_SSL_SERVER)) != 0 ||
        strcmp(purpose, "root") == 0) {
        return true;
    }
    return ea_fail(
        err, EA_E_REFUSED, "--cert '%s' may not sign certificates of %s",
        import->args->value[PK_CERT], is_client ? "clients" : "servers");
}

/* A CA below another needs that one here: trust/ and chains are made of it. */
static bool
check_above(const struct pk_import *import, struct ea_error *err)
{
    char folder[PK_CA_FOLDER_MAX];
    X509 *above;

    if (X509_self_signed(import->cert, 1) == 1) {
        return true;
    }
    ERR_clear_error();
    above = pk_tree_issuer_of(import->args->value[PK_DIR], import->cert, folder,
                              NULL);
    X509_free(above);
    if (above != NULL && strcmp(folder, "root") == 0) {
        return true;
    }
    return ea_fail(err, EA_E_REFUSED,
                   "--cert '%s' is signed by a CA that is not here; `edge-pki "
                   "import ca --for root` takes it in first",
                   import->args->value[PK_CERT]);
}

static bool
check_ca(struct pk_import *import, const char *purpose, struct ea_error *err)
{
    bool is_config = strcmp(purpose, "config") == 0;

    if (!check_is_ca(import, err) || !pk_import_check_dates(import, err) ||
        !check_purpose(import, purpose, err) || !check_above(import, err)) {
        return false;
    }
    /* A client key must be of its issuer's type. */
    if (!is_config && !check_rsa(import->cert, err)) {
        return false;
    }
    /* ROMs are never sent the client CA. */
    return is_config || strcmp(purpose, "client") == 0 ||
           check_critical(import->cert, err);
}

static bool
settle_domain(struct pk_import *import, const char *purpose,
              struct ea_error *err)
{
    const char *domain = import->args->value[PK_DOMAIN];

    if (strcmp(purpose, "client") != 0) {
        return domain == NULL ||
               ea_fail(err, EA_E_SYNTAX,
                       "--trust-domain is for a client CA only");
    }
    if (domain == NULL) {
        return ea_fail(err, EA_E_SYNTAX,
                       "a client CA needs --trust-domain DOMAIN");
    }
    if (!ea_domain_check(ea_bytes_of(domain), err)) {
        ea_error_prefix(err, "--trust-domain");
        return false;
    }
    import->domain = domain;
    return strlen(domain) <= PK_DOMAIN_MAX ||
           ea_fail(err, EA_E_RANGE,
                   "--trust-domain is longer than %d characters",
                   PK_DOMAIN_MAX);
}

bool
pk_import_ca(struct pk_import *import, struct ea_error *err)
{
    const char *purpose = import->args->value[PK_FOR];
    bool is_known = false;

    for (size_t i = 0; i < PK_CA_COUNT; i++) {
        is_known = is_known || strcmp(pk_tree_cas()[i].folder, purpose) == 0;
    }
    if (!is_known) {
        return ea_fail(err, EA_E_UNKNOWN,
                       "--for '%.64s' is neither root, boot, client nor config",
                       purpose);
    }
    import->kind = "ca";
    import->name = purpose;
    if (!settle_domain(import, purpose, err) ||
        !check_ca(import, purpose, err) ||
        !pk_tree_path(import->args->value[PK_DIR], purpose, NULL,
                      import->target, err) ||
        !pk_import_put(import, err) ||
        (pk_tree_has(import->args->value[PK_DIR], "trust") &&
         !pk_args_is_dry(import->args) &&
         !pk_trust_update(import->args, err))) {
        return false;
    }
    if (import->key == NULL) {
        (void)fprintf(import->args->out,
                      "its key is not here: certificates of it are made where "
                      "the key is\n");
    }
    (void)fprintf(import->args->out,
                  "now `edge-pki init` makes what is still missing\n");
    return true;
}

/* Up to a root: one that is sent along, one of ours, or, for Talos, one that
 * machines know. */
static bool
check_chain(const struct pk_import *import, bool is_boot, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    struct pk_chain chain = { .cert = import->cert,
                              .between = import->chain,
                              .anchors = sk_X509_new_null(),
                              .with_system = true,
                              .purpose = X509_PURPOSE_SSL_SERVER };
    bool ok =
        chain.anchors != NULL &&
        pk_trust_read(import->args->value[PK_DIR],
                      is_boot ? PK_TRUST_BOOT : PK_TRUST_CONFIG, &trust, err);

    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = sk_X509_push(chain.anchors, trust.row[i].cert) > 0;
    }
    for (int i = 0; ok && i < sk_X509_num(import->chain); i++) {
        X509 *cert = sk_X509_value(import->chain, i);

        ok = X509_self_signed(cert, 1) != 1 ||
             sk_X509_push(chain.anchors, cert) > 0;
    }
    ERR_clear_error();
    if (ok && !pk_verify(&chain, import->args->now, err)) {
        ea_error_prefix(err, "the chain of '%s' does not hold",
                        import->args->value[PK_CERT]);
        ok = false;
    }
    sk_X509_free(chain.anchors);
    pk_trust_release(&trust);
    return ok;
}

/* nginx has to send a ROM the root as well. */
static bool
check_has_root(const struct pk_import *import, struct ea_error *err)
{
    for (int i = 0; i < sk_X509_num(import->chain); i++) {
        if (X509_self_signed(sk_X509_value(import->chain, i), 1) == 1) {
            return true;
        }
        ERR_clear_error();
    }
    return ea_fail(err, EA_E_REFUSED,
                   "the chain of '%s' ends below its root: a ROM built with "
                   "TRUST= has to be sent the root; add it to --chain",
                   import->args->value[PK_CERT]);
}

/* The first DNS name of the certificate, if --name says nothing. */
static bool
find_name(const struct pk_import *import, struct pk_name *ret_name,
          struct ea_error *err)
{
    const char *word = import->args->value[PK_NAME];
    char names[4096];

    if (word == NULL) {
        char *start;

        if (!pk_cert_names(import->cert, names, sizeof(names), err)) {
            return false;
        }
        start = strstr(names, "DNS:");
        word = start != NULL ? start + 4 : names;
        names[(size_t)(word - names) + strcspn(word, ",")] = '\0';
        if (strncmp(word, "*.", 2) == 0) {
            return ea_fail(err, EA_E_MISSING,
                           "--name is needed for a certificate of '%s'", word);
        }
    }
    return pk_name_parse(word, ret_name, err);
}

bool
pk_import_server(struct pk_import *import, struct ea_error *err)
{
    const char *purpose = import->args->value[PK_FOR];
    bool is_boot = strcmp(purpose, "boot") == 0;
    char kind[PATH_MAX];
    struct pk_name name;

    if (!is_boot && strcmp(purpose, "config") != 0) {
        return ea_fail(err, EA_E_UNKNOWN,
                       "--for '%.64s' is neither boot nor config", purpose);
    }
    if (import->key == NULL) {
        return ea_fail(err, EA_E_SYNTAX, "a server needs --key FILE");
    }
    if (import->args->value[PK_DOMAIN] != NULL) {
        return ea_fail(err, EA_E_SYNTAX,
                       "--trust-domain is for a client CA only");
    }
    if (!find_name(import, &name, err) || !pk_import_check_dates(import, err) ||
        !check_chain(import, is_boot, err) ||
        (is_boot &&
         (!check_has_root(import, err) || !check_for_rom(import, err)))) {
        return false;
    }
    import->kind = purpose;
    import->name = name.text;
    return pk_tree_path(import->args->value[PK_DIR], "issued", purpose, kind,
                        err) &&
           pk_path_join(kind, name.text, import->target, err) &&
           pk_import_put(import, err);
}
