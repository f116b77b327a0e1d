/* Asking OpenSSL whether a chain holds: see pk_verify.h. */
#include "pk_verify.h"

#include <string.h>

#include <openssl/err.h>

#include "pk_error.h"

static bool
refuse(X509_STORE_CTX *context, struct ea_error *err)
{
    X509 *cert = X509_STORE_CTX_get_current_cert(context);
    char name[128] = "it";

    if (cert != NULL) {
        (void)X509_NAME_oneline(X509_get_subject_name(cert), name,
                                sizeof(name));
    }
    return ea_fail(
        err, EA_E_REFUSED, "'%s': %s", name,
        X509_verify_cert_error_string(X509_STORE_CTX_get_error(context)));
}

static bool
fill(X509_STORE *store, const struct pk_chain *chain)
{
    for (int i = 0; i < sk_X509_num(chain->anchors); i++) {
        if (X509_STORE_add_cert(store, sk_X509_value(chain->anchors, i)) != 1) {
            return false;
        }
    }
    return !chain->with_system || X509_STORE_set_default_paths(store) == 1;
}

bool
pk_verify(const struct pk_chain *chain, int64_t now, struct ea_error *err)
{
    X509_STORE *store = X509_STORE_new();
    X509_STORE_CTX *context = X509_STORE_CTX_new();
    bool ok =
        store != NULL && context != NULL && fill(store, chain) &&
        X509_STORE_CTX_init(context, store, chain->cert, chain->between) == 1 &&
        X509_STORE_CTX_set_purpose(context, chain->purpose) == 1;

    if (!ok) {
        (void)pk_openssl_fail(err, "cannot check a chain");
    } else {
        X509_STORE_CTX_set_time(context, 0, (time_t)now);
        ok = X509_verify_cert(context) == 1 || refuse(context, err);
    }
    X509_STORE_CTX_free(context);
    X509_STORE_free(store);
    ERR_clear_error();
    return ok;
}
