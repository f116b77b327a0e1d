/* Members of the secrets bundle. */
#include "talos/cg_secrets.h"

#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_value.h"

#define PEM_BASE64 "LS0tLS1CRUdJTi" /* what "-----BEGIN " starts with */

struct member {
    const char *path[3];
    bool is_pem;
};

static const struct cg_tree *
find(const struct cg_tree *bundle, const struct member *member)
{
    for (size_t i = 0; i < 3 && member->path[i] != NULL; i++) {
        bundle = cg_check_get(bundle, member->path[i]);
    }
    return bundle;
}

static const struct cg_tree *
take(const struct cg_walk *walk, const struct cg_tree *bundle,
     const struct member *member)
{
    const struct cg_tree *value = find(bundle, member);
    const char *name =
        cg_arena_printf(walk->arena, "%s.%s%s%s", member->path[0],
                        member->path[1], member->path[2] == NULL ? "" : ".",
                        member->path[2] == NULL ? "" : member->path[2]);

    if (value == NULL || cg_tree_text(value) == NULL || value->len == 0) {
        (void)cg_error(walk->diag, value == NULL ? &bundle->pos : &value->pos,
                       "secrets", "the secrets bundle has no %s", name);
        cg_hint(walk->diag, "it is never made anew: bring back the file that "
                            "the cluster was created with");
        return NULL;
    }
    if (strncmp(value->text, "ENC[", 4) == 0) {
        (void)cg_error(walk->diag, &value->pos, "secrets",
                       "%s of the secrets bundle is still encrypted", name);
        return NULL;
    }
    if (member->is_pem &&
        (!cg_value_is_base64(value->text) ||
         strncmp(value->text, PEM_BASE64, strlen(PEM_BASE64)) != 0)) {
        (void)cg_error(walk->diag, &value->pos, "secrets",
                       "%s of the secrets bundle is no PEM in base64", name);
        return NULL;
    }
    return value;
}

bool
cg_secrets_read(const struct cg_walk *walk, const struct cg_tree *bundle,
                struct cg_secrets *ret)
{
    static const struct member members[] = {
        { { "cluster", "id", NULL }, false },
        { { "cluster", "secret", NULL }, false },
        { { "secrets", "bootstraptoken", NULL }, false },
        { { "trustdinfo", "token", NULL }, false },
        { { "certs", "os", "crt" }, true },
        { { "certs", "k8s", "crt" }, true },
    };
    struct cg_secrets found = { 0 };
    const struct cg_tree **slots[] = {
        &found.cluster_id,   &found.cluster_secret, &found.bootstrap_token,
        &found.trustd_token, &found.os_crt,         &found.k8s_crt,
    };
    bool ok = true;

    if (bundle->kind != CG_MAP) {
        return cg_error(walk->diag, &bundle->pos, "secrets",
                        "the secrets bundle is %s, expected a mapping",
                        cg_type_name(cg_tree_type(bundle)));
    }
    for (size_t i = 0; i < sizeof(members) / sizeof(members[0]); i++) {
        *slots[i] = take(walk, bundle, &members[i]);
        ok = ok && *slots[i] != NULL;
    }
    if (ok) {
        *ret = found;
    }
    return ok;
}
