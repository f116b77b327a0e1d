/* Names and certificate identities: see ea_spiffe.h. */
#include <stdio.h>
#include <string.h>

#include "ea_spiffe.h"

#define SCHEME "spiffe://"

/* Names in messages are cut here; the limits make the casts true. */
static int
shown(struct ea_bytes text)
{
    return text.len > EA_DOMAIN_MAX ? EA_DOMAIN_MAX : (int)text.len;
}

static bool
is_label(struct ea_bytes text)
{
    if (text.len == 0 || text.len > EA_NAME_MAX || text.ptr[0] == '-' ||
        text.ptr[text.len - 1] == '-') {
        return false;
    }
    for (size_t i = 0; i < text.len; i++) {
        char c = text.ptr[i];

        if (!((c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-')) {
            return false;
        }
    }
    return true;
}

bool
ea_name_check(struct ea_bytes text, const char *what, struct ea_error *err)
{
    if (!is_label(text)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "%s '%.*s' is not a name: expected 1 to %d of a-z, 0-9 "
                       "and '-', without '-' at either end",
                       what, shown(text), text.ptr, EA_NAME_MAX);
    }
    return true;
}

/* What stands before the next `separator`; *rest is what follows it, with a
 * NULL pointer if there was none. */
static struct ea_bytes
take(struct ea_bytes text, char separator, struct ea_bytes *rest)
{
    const char *end =
        text.len > 0 ? memchr(text.ptr, separator, text.len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;

    *rest = end != NULL ? (struct ea_bytes){ end + 1, text.len - len - 1 }
                        : (struct ea_bytes){ NULL, 0 };
    return (struct ea_bytes){ text.ptr, len };
}

static bool
is_domain(struct ea_bytes text)
{
    struct ea_bytes rest = text;

    if (text.len == 0 || text.len > EA_DOMAIN_MAX) {
        return false;
    }
    while (rest.ptr != NULL) {
        if (!is_label(take(rest, '.', &rest))) {
            return false;
        }
    }
    return true;
}

bool
ea_domain_check(struct ea_bytes text, struct ea_error *err)
{
    if (!is_domain(text)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "domain '%.*s' is not a DNS name in lower case of at "
                       "most %d characters",
                       shown(text), text.ptr, EA_DOMAIN_MAX);
    }
    return true;
}

static void
copy(struct ea_bytes text, char *ret_text)
{
    memcpy(ret_text, text.ptr, text.len);
    ret_text[text.len] = '\0';
}

bool
ea_spiffe_parse(struct ea_bytes uri, struct ea_spiffe *ret_id,
                struct ea_error *err)
{
    struct ea_bytes rest = { NULL, 0 }, domain, site, node = { NULL, 0 };
    bool good;

    if (uri.len > EA_SPIFFE_MAX) {
        return ea_fail(err, EA_E_RANGE, "identity is longer than %d characters",
                       EA_SPIFFE_MAX);
    }
    if (uri.len < strlen(SCHEME) ||
        memcmp(uri.ptr, SCHEME, strlen(SCHEME)) != 0) {
        return ea_fail(err, EA_E_SYNTAX,
                       "identity '%.*s' does not begin with '" SCHEME "'",
                       shown(uri), uri.ptr);
    }
    domain = take(
        (struct ea_bytes){ uri.ptr + strlen(SCHEME), uri.len - strlen(SCHEME) },
        '/', &rest);
    good = is_domain(domain) &&
           ea_bytes_equal(take(rest, '/', &rest), EA_BYTES("site"));
    site = take(rest, '/', &rest);
    good = good && is_label(site);
    if (good && rest.ptr != NULL) {
        good = ea_bytes_equal(take(rest, '/', &rest), EA_BYTES("node"));
        node = take(rest, '/', &rest);
        good = good && is_label(node) && rest.ptr == NULL;
    }
    if (!good) {
        return ea_fail(err, EA_E_SYNTAX,
                       "identity '%.*s' is not " SCHEME
                       "DOMAIN/site/SITE[/node/NODE]",
                       shown(uri), uri.ptr);
    }
    *ret_id = (struct ea_spiffe){ .node = "" };
    copy(domain, ret_id->domain);
    copy(site, ret_id->site);
    if (node.len > 0) {
        copy(node, ret_id->node);
    }
    return true;
}

bool
ea_spiffe_format(struct ea_bytes domain, struct ea_bytes site,
                 struct ea_bytes node, char ret_uri[static EA_SPIFFE_MAX + 1],
                 struct ea_error *err)
{
    if (!ea_domain_check(domain, err) || !ea_name_check(site, "site", err) ||
        (node.len > 0 && !ea_name_check(node, "node", err))) {
        return false;
    }
    (void)snprintf(ret_uri, EA_SPIFFE_MAX + 1, SCHEME "%.*s/site/%.*s%s%.*s",
                   (int)domain.len, domain.ptr, (int)site.len, site.ptr,
                   node.len > 0 ? "/node/" : "", (int)node.len,
                   node.len > 0 ? node.ptr : "");
    return true;
}
