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

    if (SSL_get_verify_result(ssl) != X509_V_OK
        || X509_cmp_time(X509_get0_notAfter(cert), &now) != 1
        || X509_cmp_time(X509_get0_notBefore(cert), &now) != -1)
    {
        X509_free(cert);
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
