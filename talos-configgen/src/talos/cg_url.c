/* URLs after Go's net/url. */
#include "talos/cg_url.h"

#include <ctype.h>
#include <string.h>

#include "base/cg_strbuf.h"

static struct ea_bytes
slice(const char *from, const char *to)
{
    return (struct ea_bytes){ from, (size_t)(to - from) };
}

/* "%" is followed by two hex digits everywhere. */
static bool
has_good_escapes(struct ea_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (text.ptr[i] == '%' &&
            (i + 2 >= text.len || !isxdigit((unsigned char)text.ptr[i + 1]) ||
             !isxdigit((unsigned char)text.ptr[i + 2]))) {
            return false;
        }
    }
    return true;
}

/* Returns what follows the scheme, NULL when the text starts with a colon. */
static const char *
take_scheme(const char *text, struct cg_url *url)
{
    const char *p = text;

    if (*p == ':') {
        return NULL;
    }
    if (!isalpha((unsigned char)*p)) {
        return text;
    }
    while (isalnum((unsigned char)*p) || *p == '+' || *p == '-' || *p == '.') {
        p++;
    }
    if (*p != ':') {
        return text;
    }
    url->scheme = slice(text, p);
    return p + 1;
}

static bool
is_digits(struct ea_bytes text)
{
    for (size_t i = 0; i < text.len; i++) {
        if (!isdigit((unsigned char)text.ptr[i])) {
            return false;
        }
    }
    return true;
}

static const char *
last(struct ea_bytes text, char c)
{
    return text.len == 0 ? NULL : memrchr(text.ptr, c, text.len);
}

/* In a host only bytes beyond ASCII may be escaped, and the zone of an IPv6
 * address has its %25. */
static bool
has_good_host_escapes(struct ea_bytes host)
{
    bool is_v6 = host.len > 0 && host.ptr[0] == '[';

    for (size_t i = 0; !is_v6 && i < host.len; i++) {
        if (host.ptr[i] == '%' &&
            strchr("89abcdefABCDEF", host.ptr[i + 1]) == NULL) {
            return false;
        }
    }
    return has_good_escapes(host);
}

static bool
is_host(struct ea_bytes host)
{
    const char *end = host.ptr + host.len;
    const char *colon = last(host, ':');

    for (size_t i = 0; i < host.len; i++) {
        unsigned char c = (unsigned char)host.ptr[i];

        if (c < 0x80 && !isalnum(c) &&
            strchr("-_.~!$&'()*+,;=:[]<>\"%", c) == NULL) {
            return false;
        }
    }
    if (host.len > 0 && host.ptr[0] == '[') {
        const char *bracket = last(host, ']');

        return bracket != NULL &&
               (bracket + 1 == end ||
                (bracket[1] == ':' && is_digits(slice(bracket + 2, end))));
    }
    if (last(host, '[') != NULL || last(host, ']') != NULL) {
        return false;
    }
    if (colon == NULL) {
        return true;
    }
    return memchr(host.ptr, ':', (size_t)(colon - host.ptr)) == NULL &&
           is_digits(slice(colon + 1, end));
}

static bool
take_authority(struct ea_bytes text, struct cg_url *url)
{
    const char *end = text.ptr + text.len;
    const char *at = last(text, '@');

    url->host = text;
    if (at != NULL) {
        url->has_user = true;
        url->user = slice(text.ptr, at);
        url->host = slice(at + 1, end);
    }
    for (size_t i = 0; i < url->user.len; i++) {
        unsigned char c = (unsigned char)url->user.ptr[i];

        if (!isalnum(c) && strchr("-._:~!$&'()*+,;=%@", c) == NULL) {
            return false;
        }
    }
    return has_good_escapes(url->user) && is_host(url->host) &&
           has_good_host_escapes(url->host);
}

/* The part behind the scheme, without query and fragment. */
static bool
take_rest(struct ea_bytes rest, struct cg_url *url)
{
    const char *end = rest.ptr + rest.len;

    if (rest.len == 0 || rest.ptr[0] != '/') {
        const char *slash = memchr(rest.ptr, '/', rest.len);
        size_t first = slash == NULL ? rest.len : (size_t)(slash - rest.ptr);

        if (url->scheme.len > 0) {
            url->opaque = rest;
            return true;
        }
        url->path = rest;
        return memchr(rest.ptr, ':', first) == NULL && has_good_escapes(rest);
    }
    url->path = rest;
    if (rest.len > 1 && rest.ptr[1] == '/' &&
        (url->scheme.len > 0 || rest.len < 3 || rest.ptr[2] != '/')) {
        const char *slash = memchr(rest.ptr + 2, '/', rest.len - 2);

        url->path = slash == NULL ? slice(end, end) : slice(slash, end);
        return take_authority(slice(rest.ptr + 2, slash == NULL ? end : slash),
                              url) &&
               has_good_escapes(url->path);
    }
    url->omit_host = url->scheme.len > 0;
    return has_good_escapes(rest);
}

bool
cg_url_parse(const char *text, struct cg_url *ret)
{
    struct cg_url url = { 0 };
    const char *rest, *hash, *query, *end;

    for (const char *p = text; *p != '\0'; p++) {
        if (iscntrl((unsigned char)*p)) {
            return false;
        }
    }
    rest = take_scheme(text, &url);
    if (rest == NULL) {
        return false;
    }
    end = rest + strlen(rest);
    hash = strchr(rest, '#');
    if (hash != NULL) {
        url.fragment = slice(hash + 1, end);
        end = hash;
    }
    query = memchr(rest, '?', (size_t)(end - rest));
    if (query != NULL) {
        url.force_query = query + 1 == end;
        url.query = slice(query + 1, end);
        end = query;
    }
    if (!has_good_escapes(url.fragment) || !take_rest(slice(rest, end), &url)) {
        return false;
    }
    *ret = url;
    return true;
}

static struct ea_bytes
either(struct ea_bytes base, struct ea_bytes over)
{
    return over.len > 0 ? over : base;
}

static void
put(struct cg_strbuf *out, struct ea_bytes text)
{
    cg_strbuf_add(out, text.ptr, text.len);
}

static void
put_hierarchy(struct cg_strbuf *out, const struct cg_url *url)
{
    bool bare = url->omit_host && url->host.len == 0 && !url->has_user;

    if ((url->scheme.len > 0 || url->host.len > 0 || url->has_user) && !bare) {
        if (url->host.len > 0 || url->path.len > 0 || url->has_user) {
            cg_strbuf_puts(out, "//");
        }
        if (url->has_user) {
            put(out, url->user);
            cg_strbuf_putc(out, '@');
        }
        put(out, url->host);
    }
    if (url->path.len > 0 && url->path.ptr[0] != '/' && url->host.len > 0) {
        cg_strbuf_putc(out, '/');
    }
    put(out, url->path);
}

bool
cg_url_merge(struct cg_arena *arena, const struct cg_url *base,
             const struct cg_url *over, const char **ret)
{
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };
    struct cg_url url = {
        .scheme = either(base->scheme, over->scheme),
        .opaque = either(base->opaque, over->opaque),
        .user = over->has_user ? over->user : base->user,
        .host = either(base->host, over->host),
        .path = either(base->path, over->path),
        .query = either(base->query, over->query),
        .fragment = either(base->fragment, over->fragment),
        .has_user = base->has_user || over->has_user,
        .omit_host = over->omit_host,
        .force_query = over->force_query,
    };

    if (base->has_user && over->has_user) {
        return false;
    }
    if (url.scheme.len > 0) {
        put(&out, url.scheme);
        cg_strbuf_putc(&out, ':');
    }
    if (url.opaque.len > 0) {
        put(&out, url.opaque);
    } else {
        put_hierarchy(&out, &url);
    }
    if (url.query.len > 0 || url.force_query) {
        cg_strbuf_putc(&out, '?');
        put(&out, url.query);
    }
    if (url.fragment.len > 0) {
        cg_strbuf_putc(&out, '#');
        put(&out, url.fragment);
    }
    *ret = cg_arena_copy(arena, out.len == 0 ? "" : out.text, out.len);
    return true;
}

/* The colon before the port, or the end. */
static const char *
port_mark(const struct cg_url *url)
{
    const char *end = url->host.ptr + url->host.len;
    const char *colon = last(url->host, ':');
    const char *bracket = last(url->host, ']');

    return colon == NULL || (bracket != NULL && colon < bracket) ? end : colon;
}

struct ea_bytes
cg_url_hostname(const struct cg_url *url)
{
    struct ea_bytes host;

    if (url->host.len == 0) {
        return url->host;
    }
    host = slice(url->host.ptr, port_mark(url));
    if (host.len >= 2 && host.ptr[0] == '[' && host.ptr[host.len - 1] == ']') {
        host.ptr++;
        host.len -= 2;
    }
    return host;
}

struct ea_bytes
cg_url_port(const struct cg_url *url)
{
    const char *end, *mark;

    if (url->host.len == 0) {
        return url->host;
    }
    end = url->host.ptr + url->host.len;
    mark = port_mark(url);
    return mark == end ? slice(end, end) : slice(mark + 1, end);
}
