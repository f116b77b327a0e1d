/* `edge-pki export`: the forms that ROMs, firmware and Talos take. */
#include "pk_export.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "ea_spiffe.h"
#include "pk_commands.h"
#include "pk_error.h"
#include "pk_folder.h"
#include "pk_revoked.h"
#include "pk_select.h"
#include "pk_show.h"

static const struct pk_option options[] = {
    { "WHAT", NULL, PK_FIRST, true,
      "ipxe, efi-siglist, talos-trusted-roots or usb" },
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--out", "PATH", PK_OUT, false,
      "file to write; the folder for ipxe; usual for talos: print it" },
    { "--site", "SITE", PK_SITE, false,
      "ipxe, usb: with this site's certificate and key" },
    { "--node", "NODE", PK_NODE, false, "ipxe, usb: with this node's" },
    { "--early", NULL, PK_EARLY, false,
      "talos: print talos.config.early= for a kernel command line" },
    { "--ipxe", "FILE", PK_IPXE, false, "usb: the iPXE program to boot" },
    { "--script", "FILE", PK_SCRIPT, false,
      "usb: the script it runs, usually the installed one" },
    { "--gate", "URL", PK_GATE, false,
      "usb: boot URL of the gate, where DHCP names none" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be written" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

/* Options that a form needs, and those that mean nothing to it. */
struct form {
    const char *name;
    bool (*run)(const struct pk_args *args, struct ea_error *err);
    enum pk_option_id needs[3];
    enum pk_option_id unused[6];
};

#define END PK_OPTION_COUNT

static const struct form forms[] = {
    { "ipxe",
      pk_export_ipxe,
      { PK_OUT, END, END },
      { PK_EARLY, PK_IPXE, PK_SCRIPT, PK_GATE, END, END } },
    { "efi-siglist",
      pk_export_siglist,
      { PK_OUT, END, END },
      { PK_SITE, PK_NODE, PK_EARLY, PK_IPXE, PK_SCRIPT, PK_GATE } },
    { "talos-trusted-roots",
      pk_export_talos,
      { END, END, END },
      { PK_SITE, PK_NODE, PK_IPXE, PK_SCRIPT, PK_GATE, END } },
    { "usb",
      pk_export_usb,
      { PK_SITE, PK_IPXE, PK_OUT },
      { PK_EARLY, END, END, END, END, END } },
};

static const char *
option_name(enum pk_option_id id)
{
    const struct pk_option *option = options;

    while (option->name != NULL && option->id != id) {
        option++;
    }
    return option->name;
}

static bool
check_options(const struct pk_args *args, const struct form *form,
              struct ea_error *err)
{
    for (size_t i = 0; i < 3 && form->needs[i] != END; i++) {
        if (args->value[form->needs[i]] == NULL) {
            return ea_fail(err, EA_E_SYNTAX, "%s needs %s", form->name,
                           option_name(form->needs[i]));
        }
    }
    for (size_t i = 0; i < 6 && form->unused[i] != END; i++) {
        if (args->value[form->unused[i]] != NULL) {
            return ea_fail(err, EA_E_SYNTAX, "%s takes no %s", form->name,
                           option_name(form->unused[i]));
        }
    }
    if (args->value[PK_NODE] != NULL && args->value[PK_SITE] == NULL) {
        return ea_fail(err, EA_E_SYNTAX, "--node needs --site");
    }
    return true;
}

void
pk_identity_release(struct pk_identity *identity)
{
    X509_free(identity->cert);
    EVP_PKEY_free(identity->key);
    *identity = (struct pk_identity){ NULL, NULL };
}

/* Names the folder of --site and --node, as `client` does. */
static bool
client_path(const struct pk_args *args, char *ret_path, size_t size,
            struct ea_error *err)
{
    const char *site = args->value[PK_SITE], *node = args->value[PK_NODE];

    if (!ea_name_check(ea_bytes_of(site), "site", err) ||
        (node != NULL && !ea_name_check(ea_bytes_of(node), "node", err))) {
        return false;
    }
    (void)snprintf(ret_path, size, "issued/client/%s%s%s", site,
                   node != NULL ? "." : "", node != NULL ? node : "");
    return true;
}

static bool
check_identity(const struct pk_args *args, const struct pk_selected *found,
               const EVP_PKEY *key, struct ea_error *err)
{
    char reason[24];

    if (!pk_revoked_check(args->value[PK_DIR], found->cert, reason, err)) {
        return false;
    }
    if (reason[0] != '\0') {
        return ea_fail(err, EA_E_REFUSED,
                       "'%.100s' is revoked (%s); `edge-pki renew %.64s` "
                       "first",
                       found->path, reason, found->name);
    }
    if (pk_cert_days_left(found->cert, args->now) < 0) {
        return ea_fail(err, EA_E_REFUSED,
                       "'%.100s' has expired; `edge-pki renew %.64s` first",
                       found->path, found->name);
    }
    if (X509_check_private_key(found->cert, key) != 1) {
        ERR_clear_error();
        return ea_fail(err, EA_E_CONFLICT,
                       "'%.100s/key.pem' is not the key of the certificate "
                       "beside it",
                       found->path);
    }
    if (EVP_PKEY_get_base_id(key) != EVP_PKEY_RSA) {
        return ea_fail(err, EA_E_REFUSED,
                       "'%.100s' has no RSA key: iPXE's build runs `openssl "
                       "rsa` on PRIVKEY=, and ROMs before 2025-12 know no "
                       "other",
                       found->path);
    }
    return true;
}

bool
pk_identity_read(const struct pk_args *args, struct pk_identity *ret_identity,
                 struct ea_error *err)
{
    char word[2 * EA_NAME_MAX + 32], path[PATH_MAX];
    const char *dir = args->value[PK_DIR];
    struct pk_selected found;
    EVP_PKEY *key = NULL;

    if (!client_path(args, word, sizeof(word), err) ||
        !pk_select(dir, PK_WALK_ISSUED, word, &found, err)) {
        return false;
    }
    if (pk_tree_path(dir, found.path, "key.pem", path, err)) {
        key = pk_key_read(path, err);
    }
    if (key == NULL || !check_identity(args, &found, key, err)) {
        X509_free(found.cert);
        EVP_PKEY_free(key);
        return false;
    }
    *ret_identity = (struct pk_identity){ found.cert, key };
    return true;
}

/* "set NAME:hex 30:82:..." */
static bool
append_setting(BIO *out, const char *name, BIO *der)
{
    static const char digits[] = "0123456789abcdef";
    char *bytes = NULL;
    long len = BIO_get_mem_data(der, &bytes);
    bool ok = BIO_printf(out, "set %s:hex ", name) > 0;

    for (long i = 0; ok && i < len; i++) {
        unsigned char byte = (unsigned char)bytes[i];
        char text[3] = { digits[byte >> 4], digits[byte & 15], ':' };

        ok = BIO_write(out, text, i + 1 < len ? 3 : 2) > 0;
        OPENSSL_cleanse(text, sizeof(text));
    }
    return ok && BIO_puts(out, "\n") > 0;
}

bool
pk_identity_script(const struct pk_identity *identity, BIO *out,
                   struct ea_error *err)
{
    BIO *cert = BIO_new(BIO_s_mem());
    BIO *key = pk_key_pkcs1(identity->key, err);
    bool ok = cert != NULL && key != NULL;

    if (ok && (i2d_X509_bio(cert, identity->cert) != 1 ||
               !append_setting(out, "cert", cert) ||
               !append_setting(out, "privkey", key))) {
        ok = pk_openssl_fail(err, "cannot write the script");
    }
    BIO_free(cert);
    BIO_free(key);
    return ok;
}

static bool
check_trusted(const struct pk_args *args, const struct pk_trusted *ca,
              struct ea_error *err)
{
    char reason[24];

    if (!pk_revoked_check(args->value[PK_DIR], ca->cert, reason, err)) {
        return false;
    }
    if (reason[0] != '\0') {
        return ea_fail(err, EA_E_CONFLICT,
                       "'%s' is revoked (%s) and must not be trusted; end the "
                       "roll-over first, or begin one",
                       ca->folder, reason);
    }
    if (pk_cert_days_left(ca->cert, args->now) < 0) {
        return ea_fail(err, EA_E_CONFLICT,
                       "'%s' has expired; make a new one with `edge-pki "
                       "rollover`",
                       ca->folder);
    }
    return true;
}

bool
pk_export_trust(const struct pk_args *args, enum pk_trust_id id,
                struct pk_trust *ret_trust, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    bool ok = pk_trust_read(args->value[PK_DIR], id, &trust, err);

    if (ok && trust.count == 0) {
        ok = ea_fail(err, EA_E_UNAVAILABLE,
                     "'%s' has no CA; run `edge-pki init` first",
                     args->value[PK_DIR]);
    }
    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = check_trusted(args, &trust.row[i], err);
    }
    if (!ok) {
        pk_trust_release(&trust);
        return false;
    }
    *ret_trust = trust;
    return true;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *near = forms[0].name, *what = args->value[PK_FIRST];

    for (size_t i = 0; i < sizeof(forms) / sizeof(forms[0]); i++) {
        if (strcmp(forms[i].name, what) == 0) {
            return check_options(args, &forms[i], err) &&
                   forms[i].run(args, err);
        }
        if (pk_show_distance(what, forms[i].name) <
            pk_show_distance(what, near)) {
            near = forms[i].name;
        }
    }
    return ea_fail(err, EA_E_UNKNOWN,
                   "'%.64s' is nothing to export; the nearest is %s", what,
                   near);
}

const struct pk_command pk_command_export = {
    "export", "write what ROMs, firmware and Talos take", options, run
};
