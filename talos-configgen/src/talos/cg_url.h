/*
 * URLs in their parts, after Go's net/url, which is what Talos' library keeps
 * them in: a patch replaces the parts it has and leaves the others.
 */
#ifndef CG_URL_H
#define CG_URL_H

#include <stdbool.h>

#include "base/cg_arena.h"
#include "ea_types.h"

/* Slices of the text that was parsed. An absent part is empty; `has_user` tells
 * an empty user name from none. `host` includes the port. */
struct cg_url {
    struct ea_bytes scheme, opaque, user, host, path, query, fragment;
    bool has_user, omit_host, force_query;
};

/* False when Go would refuse the text. The empty text is a URL without parts.
 */
bool cg_url_parse(const char *text, struct cg_url *ret);

/* `over` laid over `base`, as text. False when both have a user name, which
 * Talos' library cannot merge. */
bool cg_url_merge(struct cg_arena *arena, const struct cg_url *base,
                  const struct cg_url *over, const char **ret);

/* Host without port and brackets, and the port ("" if none). */
struct ea_bytes cg_url_hostname(const struct cg_url *url);
struct ea_bytes cg_url_port(const struct cg_url *url);

#endif
