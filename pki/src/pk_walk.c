/* Every certificate below DIR: see pk_walk.h. */
#include "pk_walk.h"

#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pk_error.h"
#include "pk_folder.h"
#include "pk_tree.h"

struct walk {
    const char *dir;
    pk_visit visit;
    void *context;
};

static bool
show(const struct walk *walk, struct pk_found *found, struct ea_error *err)
{
    const char *slash = strrchr(found->path, '/');
    char file[PATH_MAX];
    bool ok;

    if (!pk_tree_path(walk->dir, found->path, "cert.pem", file, err)) {
        return false;
    }
    found->name = slash != NULL ? slash + 1 : found->path;
    found->cert = pk_cert_read(file, err);
    if (found->cert == NULL) {
        return false;
    }
    ok = walk->visit(walk->context, found, err);
    X509_free(found->cert);
    return ok;
}

static bool
walk_cas(const struct walk *walk, bool shown, struct ea_error *err)
{
    bool any = false;

    for (int stand = PK_CURRENT; stand < PK_STAND_COUNT; stand++) {
        for (size_t i = 0; i < PK_CA_COUNT; i++) {
            char folder[PK_CA_FOLDER_MAX];
            struct pk_found found = { .path = folder, .set = PK_WALK_CAS };

            found.kind = pk_tree_cas()[i].folder;
            pk_tree_ca_folder(found.kind, (enum pk_stand)stand, folder);
            if (!pk_tree_has(walk->dir, folder)) {
                continue;
            }
            any = true;
            if (shown && !show(walk, &found, err)) {
                return false;
            }
        }
    }
    return any ||
           ea_fail(err, EA_E_UNAVAILABLE,
                   "'%s' has no CA; run `edge-pki init` first", walk->dir);
}

static int
is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* All of one kind, by name; a kind of which nothing was issued is fine. */
static bool
walk_kind(const struct walk *walk, const char *top, unsigned set,
          const char *kind, struct ea_error *err)
{
    char below[PATH_MAX], folder[PATH_MAX], path[PATH_MAX];
    struct dirent **names = NULL;
    bool ok = true;
    int count;

    if (!pk_path_join(top, kind, below, err) ||
        !pk_tree_path(walk->dir, below, NULL, folder, err)) {
        return false;
    }
    if (!pk_path_is_taken(folder)) {
        return true;
    }
    count = scandir(folder, &names, is_shown, alphasort);
    if (count < 0) {
        return pk_errno_fail(err, "cannot read folder", folder);
    }
    for (int i = 0; i < count; i++) {
        struct pk_found found = { .path = path, .kind = kind, .set = set };

        ok = ok && pk_path_join(below, names[i]->d_name, path, err) &&
             show(walk, &found, err);
        free(names[i]);
    }
    free(names);
    return ok;
}

static bool
walk_kinds(const struct walk *walk, const char *top, unsigned set,
           struct ea_error *err)
{
    static const char *const kinds[] = { "boot", "config", "client" };

    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!walk_kind(walk, top, set, kinds[i], err)) {
            return false;
        }
    }
    return true;
}

bool
pk_walk(const char *dir, unsigned sets, pk_visit visit, void *context,
        struct ea_error *err)
{
    const struct walk walk = { dir, visit, context };

    return walk_cas(&walk, (sets & PK_WALK_CAS) != 0, err) &&
           ((sets & PK_WALK_ISSUED) == 0 ||
            walk_kinds(&walk, "issued", PK_WALK_ISSUED, err)) &&
           ((sets & PK_WALK_RETIRED) == 0 ||
            walk_kinds(&walk, "retired", PK_WALK_RETIRED, err));
}
