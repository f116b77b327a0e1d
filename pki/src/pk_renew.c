/*
 * `edge-pki renew`: a certificate made anew with the names of the one in place,
 * or all those that end soon. The same as --renew of `server` and `client`.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pk_commands.h"
#include "pk_folder.h"
#include "pk_issue.h"
#include "pk_name.h"
#include "pk_revoked.h"
#include "pk_select.h"
#include "pk_tree.h"

static const struct pk_option options[] = {
    { "NAME", NULL, PK_FIRST, false,
      "its name, its path as `list` shows it, or its serial" },
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--within", "DURATION", PK_WITHIN, false,
      "instead of NAME: all that end this soon, as in 30d" },
    { "--days", "N", PK_DAYS, false, "validity, as for server and client" },
    { "--keep-key", NULL, PK_KEEP_KEY, false,
      "certify the key that is there again; usually there is a new one" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be renewed" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

/* NULL without that attribute. */
static const char *
attribute(X509 *cert, int nid, char *text, size_t size)
{
    return pk_cert_subject_text(cert, nid, text, size, NULL) ? text : NULL;
}

static bool
is_imported(const struct pk_args *args, const char *path)
{
    char mark[PATH_MAX];

    return pk_path_join(path, "imported", mark, NULL) &&
           pk_tree_has(args->value[PK_DIR], mark);
}

static bool
renew(const struct pk_args *args, const struct pk_selected *old,
      struct ea_error *err)
{
    char names[4096], common[(PK_COMMON_NAME_MAX + 1)],
        unit[(PK_COMMON_NAME_MAX + 1)], reason[24];
    struct pk_args anew = *args;
    struct pk_leaf leaf;

    if (is_imported(args, old->path)) {
        return ea_fail(err, EA_E_REFUSED,
                       "'%.100s' was imported: renew it where it was issued, "
                       "then `edge-pki import server --renew`",
                       old->path);
    }
    if (!pk_leaf_of_kind(old->kind, &leaf) ||
        !pk_cert_names(old->cert, names, sizeof(names), err) ||
        !pk_revoked_check(args->value[PK_DIR], old->cert, reason, err)) {
        ea_error_prefix(err, "'%.100s'", old->path);
        return false;
    }
    leaf.name = old->name;
    leaf.names = names;
    leaf.common = attribute(old->cert, NID_commonName, common, sizeof(common));
    leaf.unit =
        attribute(old->cert, NID_organizationalUnitName, unit, sizeof(unit));
    leaf.keep_key = args->value[PK_KEEP_KEY] != NULL;
    anew.value[PK_RENEW] = "--renew";
    if (!pk_issue(&anew, &leaf, err)) {
        return false;
    }
    if (reason[0] != '\0') {
        (void)fprintf(args->out, "the one it replaces is revoked (%s)\n",
                      reason);
    }
    return true;
}

struct due {
    const struct pk_args *args;
    struct pk_revoked revoked;
    int within;
    struct pk_selected *row;
    size_t count;
};

static bool
note_due(void *context, const struct pk_found *found, struct ea_error *err)
{
    struct due *due = context;
    struct pk_selected *more;
    bool imported = is_imported(due->args, found->path);

    if (pk_cert_days_left(found->cert, due->args->now) >= due->within) {
        return true;
    }
    if (imported || pk_revoked_find(&due->revoked, found->cert) != NULL) {
        (void)fprintf(due->args->out, "left %s (%s)\n", found->path,
                      imported ? "imported" : "revoked");
        return true;
    }
    more = realloc(due->row, (due->count + 1) * sizeof(*due->row));
    if (more == NULL) {
        return ea_fail(err, EA_E_INTERNAL, "out of memory");
    }
    due->row = more;
    due->row[due->count] = (struct pk_selected){ .cert = found->cert };
    (void)snprintf(more[due->count].path, PATH_MAX, "%s", found->path);
    (void)snprintf(more[due->count].name, NAME_MAX + 1, "%s", found->name);
    (void)snprintf(more[due->count].kind, sizeof(more->kind), "%s",
                   found->kind);
    X509_up_ref(found->cert);
    due->count++;
    return true;
}

static bool
renew_due(const struct pk_args *args, struct ea_error *err)
{
    struct due due = { .args = args };
    const char *dir = args->value[PK_DIR];
    bool ok = pk_args_duration(args, PK_WITHIN, "--within", &due.within, err) &&
              pk_revoked_read(dir, &due.revoked, err) &&
              pk_walk(dir, PK_WALK_ISSUED, note_due, &due, err);

    for (size_t i = 0; i < due.count; i++) {
        ok = ok && renew(args, &due.row[i], err);
        X509_free(due.row[i].cert);
    }
    if (ok && due.count == 0) {
        (void)fprintf(args->out, "nothing ends within %d days\n", due.within);
    }
    free(due.row);
    pk_revoked_release(&due.revoked);
    return ok;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const char *name = args->value[PK_FIRST];
    struct pk_selected old;
    bool ok;

    if ((name == NULL) == (args->value[PK_WITHIN] == NULL)) {
        return ea_fail(err, EA_E_SYNTAX, "either NAME or --within is needed");
    }
    if (!pk_tree_lock(args->value[PK_DIR], err)) {
        return false;
    }
    if (name == NULL) {
        return renew_due(args, err);
    }
    if (!pk_select(args->value[PK_DIR], PK_WALK_ISSUED, name, &old, err)) {
        return false;
    }
    ok = renew(args, &old, err);
    X509_free(old.cert);
    return ok;
}

const struct pk_command pk_command_renew = {
    "renew", "make a certificate anew, or all that end soon", options, run
};
