/*
 * The client certificate of this connection: verified, in time, and exactly one
 * URI SAN. Looked at for every request, as a connection may outlive what was
 * true in its handshake.
 */

#include "ngx_http_edge_auth_module.h"

#include <openssl/x509v3.h>


static enum ea_reason ngx_http_edge_auth_identity(X509 *cert,
    struct ea_spiffe *spiffe);
static ngx_int_t ngx_http_edge_auth_spki(X509 *cert,
    uint8_t spki[static EA_SHA256_LEN]);


ngx_int_t
ngx_http_edge_auth_peer(ngx_http_request_t *r, ngx_http_edge_auth_ctx_t *ctx,
    time_t now, enum ea_reason *reason)
{
    SSL   *ssl;
    X509  *cert;

    *reason = EA_REASON_CERT_MISSING;

    if (r->connection->ssl == NULL) {
        return NGX_DECLINED;
    }

    ssl = r->connection->ssl->connection;

    cert = SSL_get_peer_certificate(ssl);
    if (cert == NULL) {
        return NGX_DECLINED;
    }

    if (SSL_get_verify_result(ssl) != X509_V_OK) {
        X509_free(cert);
        *reason = ngx_http_edge_auth_unverified(r->connection);
        return NGX_DECLINED;
    }

    if (X509_cmp_time(X509_get0_notAfter(cert), &now) != 1
        || X509_cmp_time(X509_get0_notBefore(cert), &now) != -1)
    {
        X509_free(cert);
        *reason = EA_REASON_CERT_EXPIRED;
        return NGX_DECLINED;
    }

    *reason = ngx_http_edge_auth_identity(cert, &ctx->cert);

    if (*reason == EA_REASON_NONE
        && ngx_http_edge_auth_spki(cert, ctx->presented.spki) != NGX_OK)
    {
        *reason = EA_REASON_CERT_MISSING;
    }

    X509_free(cert);

    if (*reason != EA_REASON_NONE) {
        return NGX_DECLINED;
    }

    ctx->presented.cert = &ctx->cert;

    return NGX_OK;
}


/*
 * Why nginx refused a connection's certificate. It let OpenSSL go on after each
 * error and knows the last one: for a stranger's certificate that there is no
 * CRL of his CA. What an operator has to know is the first; so verify again and
 * stop there.
 */

enum ea_reason
ngx_http_edge_auth_unverified(ngx_connection_t *c)
{
    int              error;
    SSL             *ssl;
    X509            *cert;
    X509_STORE_CTX  *verify;

    ssl = c->ssl->connection;

    cert = SSL_get_peer_certificate(ssl);
    if (cert == NULL) {
        return EA_REASON_CERT_MISSING;
    }

    error = SSL_get_verify_result(ssl);

    if (error == X509_V_OK) {
        X509_free(cert);
        return EA_REASON_NONE;
    }

    verify = X509_STORE_CTX_new();

    if (verify
        && X509_STORE_CTX_init(verify,
                               SSL_CTX_get_cert_store(SSL_get_SSL_CTX(ssl)),
                               cert, SSL_get_peer_cert_chain(ssl))
        && X509_STORE_CTX_set_default(verify, "ssl_client"))
    {
        X509_STORE_CTX_set_depth(verify, SSL_get_verify_depth(ssl));

        if (X509_verify_cert(verify) != 1) {
            error = X509_STORE_CTX_get_error(verify);
        }
    }

    X509_STORE_CTX_free(verify);
    X509_free(cert);
    ERR_clear_error();

    switch (error) {

    case X509_V_ERR_CERT_HAS_EXPIRED:
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return EA_REASON_CERT_EXPIRED;

    case X509_V_ERR_CERT_REVOKED:
        return EA_REASON_CERT_REVOKED;

    case X509_V_ERR_CRL_HAS_EXPIRED:
    case X509_V_ERR_CRL_NOT_YET_VALID:
    case X509_V_ERR_CRL_SIGNATURE_FAILURE:
    case X509_V_ERR_UNABLE_TO_GET_CRL:
        return EA_REASON_CERT_CRL;

    default:
        return EA_REASON_CERT_UNTRUSTED;
    }
}


/* Never the CN, and no second name that another reader might prefer. */

static enum ea_reason
ngx_http_edge_auth_identity(X509 *cert, struct ea_spiffe *spiffe)
{
    int              i, uris;
    struct ea_bytes  uri;
    GENERAL_NAME    *name;
    GENERAL_NAMES   *names;
    enum ea_reason   reason;

    names = X509_get_ext_d2i(cert, NID_subject_alt_name, NULL, NULL);
    if (names == NULL) {
        return EA_REASON_CERT_IDENTITY;
    }

    uris = 0;
    uri.ptr = NULL;
    uri.len = 0;

    for (i = 0; i < sk_GENERAL_NAME_num(names); i++) {
        name = sk_GENERAL_NAME_value(names, i);

        if (name->type != GEN_URI) {
            continue;
        }

        uri.ptr = (const char *)
            ASN1_STRING_get0_data(name->d.uniformResourceIdentifier);
        uri.len = ASN1_STRING_length(name->d.uniformResourceIdentifier);
        uris++;
    }

    reason = EA_REASON_CERT_IDENTITY;

    if (uris == 1 && ea_spiffe_parse(uri, spiffe, NULL)) {
        reason = EA_REASON_NONE;
    }

    GENERAL_NAMES_free(names);

    return reason;
}


static ngx_int_t
ngx_http_edge_auth_spki(X509 *cert, uint8_t spki[static EA_SHA256_LEN])
{
    int              len;
    bool             ok;
    u_char          *der;
    struct ea_bytes  bytes;

    der = NULL;

    len = i2d_X509_PUBKEY(X509_get_X509_PUBKEY(cert), &der);
    if (len <= 0) {
        return NGX_ERROR;
    }

    bytes.ptr = (const char *) der;
    bytes.len = len;

    ok = ea_sha256(&bytes, 1, spki);

    OPENSSL_free(der);

    return ok ? NGX_OK : NGX_ERROR;
}
