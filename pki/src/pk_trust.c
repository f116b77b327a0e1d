/* What is to be trusted: see pk_trust.h. */
#include "pk_trust.h"

#include <stdio.h>
#include <string.h>

#include <openssl/err.h>

#include "pk_error.h"
#include "pk_file.h"

static const char *const names[PK_TRUST_COUNT] = {
    [PK_TRUST_BOOT] = "boot-root.pem",
    [PK_TRUST_CONFIG] = "config-ca.pem",
    [PK_TRUST_CLIENTS] = "clients.pem",
};

const char *
pk_trust_name(enum pk_trust_id id)
{
    return names[id];
}

void
pk_trust_release(struct pk_trust *trust)
{
    for (size_t i = 0; i < trust->count; i++) {
        X509_free(trust->row[i].cert);
    }
    trust->count = 0;
}

static bool
is_self_signed(X509 *cert)
{
    return X509_self_signed(cert, 0) == 1;
}

/* A CA that is its own root, or any. */
static bool
is_root(const struct pk_trust *trust, X509 *cert)
{
    (void)trust;
    return is_self_signed(cert);
}

static bool
is_any(const struct pk_trust *trust, X509 *cert)
{
    (void)trust;
    (void)cert;
    return true;
}

/* Above one of those in the list. */
static bool
is_above(const struct pk_trust *trust, X509 *cert)
{
    for (size_t i = 0; i < trust->count; i++) {
        if (X509_verify(trust->row[i].cert, X509_get0_pubkey(cert)) == 1) {
            return true;
        }
        ERR_clear_error();
    }
    return false;
}

/* Adds the CA called `ca` of each standing that is wanted. */
static bool
add(const char *dir, const char *ca,
    bool (*is_wanted)(const struct pk_trust *, X509 *), struct pk_trust *trust,
    struct ea_error *err)
{
    for (int stand = PK_CURRENT; stand < PK_STAND_COUNT; stand++) {
        struct pk_trusted *row = &trust->row[trust->count];
        struct pk_issuer found = { NULL, NULL };

        pk_tree_ca_folder(ca, (enum pk_stand)stand, row->folder);
        if (!pk_tree_has(dir, row->folder)) {
            continue;
        }
        if (!pk_tree_read(dir, row->folder, false, &found, err)) {
            return false;
        }
        row->cert = found.cert;
        if (is_wanted(trust, found.cert)) {
            trust->count++;
        } else {
            X509_free(found.cert);
        }
    }
    return true;
}

bool
pk_trust_read(const char *dir, enum pk_trust_id id, struct pk_trust *ret_trust,
              struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    bool ok = false;

    switch (id) {
    case PK_TRUST_BOOT:
        ok = add(dir, "root", is_any, &trust, err) &&
             add(dir, "boot", is_root, &trust, err);
        break;
    case PK_TRUST_CONFIG:
        ok = add(dir, "config", is_any, &trust, err);
        break;
    case PK_TRUST_CLIENTS:
        ok = add(dir, "client", is_any, &trust, err) &&
             add(dir, "root", is_above, &trust, err);
        break;
    }
    if (!ok) {
        pk_trust_release(&trust);
        return false;
    }
    *ret_trust = trust;
    return true;
}

BIO *
pk_trust_pem(const char *dir, enum pk_trust_id id, struct ea_error *err)
{
    struct pk_trust trust = { .count = 0 };
    BIO *out = BIO_new(BIO_s_mem());
    bool ok = out != NULL && pk_trust_read(dir, id, &trust, err);

    for (size_t i = 0; ok && i < trust.count; i++) {
        ok = pk_cert_append_pem(out, trust.row[i].cert, err);
    }
    pk_trust_release(&trust);
    if (!ok) {
        BIO_free(out);
        return NULL;
    }
    return out;
}

bool
pk_trust_update(const struct pk_args *args, struct ea_error *err)
{
    for (int id = 0; id < PK_TRUST_COUNT; id++) {
        const char *dir = args->value[PK_DIR];
        BIO *pem = pk_trust_pem(dir, (enum pk_trust_id)id, err);
        char path[PATH_MAX];
        bool ok = pem != NULL &&
                  pk_tree_path(dir, "trust", names[id], path, err) &&
                  (BIO_ctrl_pending(pem) == 0 ||
                   pk_file_put(args, path, pem, 0644, err));

        BIO_free(pem);
        if (!ok) {
            return false;
        }
    }
    return true;
}
