/*
 * `edge-pki rollover`: a new CA in the place of an old one, in three steps, so
 * that at each moment every client trusts whoever it meets:
 *
 *   start   the new one stands in next/ and is trusted beside the old
 *   switch  the new one signs; the old stands in previous/, still trusted
 *   finish  the old is trusted no longer, and is kept below retired/ca/
 *
 * Each step may be repeated, also when it was cut short.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <sys/stat.h>

#include "pk_ca.h"
#include "pk_commands.h"
#include "pk_error.h"
#include "pk_file.h"
#include "pk_revoked.h"
#include "pk_show.h"
#include "pk_trust.h"
#include "pk_walk.h"

static const struct pk_option options[] = {
    { "STEP", NULL, PK_FIRST, true, "start, switch, finish or cancel" },
    { "CA", NULL, PK_SECOND, true, "boot (with the root), client or config" },
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--force", NULL, PK_FORCE, false,
      "finish even if valid certificates hang on the old CA" },
    { "--dry-run", NULL, PK_DRY_RUN, false, "say what would be done" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

/* What is replaced together, what signs first. */
struct target {
    const char *name;
    const char *members[3]; /* ends with NULL */
    const char *then[3];    /* what is to be done after start, switch, finish */
};

static const struct target targets[] = {
    { "boot",
      { "root", "boot", NULL },
      { "give every ROM both roots (`export ipxe`, `export efi-siglist`), and "
        "switch when none is left without",
        "renew the server certificates and reload nginx; what still hangs on "
        "the old root is named by finish",
        "ROMs may be built with the new root alone" } },
    { "client",
      { "client", NULL, NULL },
      { "run `edge-pki crl`, give the gate trust/clients.pem and "
        "clients.crl.pem, reload nginx, then switch",
        "renew the client certificates and build their ROMs and sticks anew",
        "run `edge-pki crl`, give the gate both files and reload nginx" } },
    { "config",
      { "config", NULL, NULL },
      { "give every node both CAs (`export talos-trusted-roots`, the "
        "inventory's gate.config_ca), then switch",
        "renew the config server's certificate and reload nginx",
        "take the old CA out of the inventory" } },
};

struct work {
    const struct pk_args *args;
    const struct target *target;
    const char *dir;
};

static bool
has(const struct work *work, const char *member, enum pk_stand stand)
{
    char folder[PK_CA_FOLDER_MAX];

    pk_tree_ca_folder(member, stand, folder);
    return pk_tree_has(work->dir, folder);
}

static bool
has_any(const struct work *work, enum pk_stand stand)
{
    const char *const *member = work->target->members;

    while (*member != NULL && !has(work, *member, stand)) {
        member++;
    }
    return *member != NULL;
}

static const struct pk_ca *
find_ca(const char *name)
{
    const struct pk_ca *ca = pk_tree_cas();

    while (strcmp(ca->folder, name) != 0) {
        ca++;
    }
    return ca;
}

/* The profile's name for the first of its kind, then "... 2", "... 3": two CAs
 * of one subject are more than iPXE tells apart. */
static bool
next_common(const struct work *work, const struct pk_ca *ca, char *ret_common,
            size_t size, struct ea_error *err)
{
    const char *usual = pk_profile_get(ca->profile)->common;
    struct pk_issuer old = { NULL, NULL };
    char text[65];
    unsigned number = 1;
    size_t len = strlen(usual);

    if (!has(work, ca->folder, PK_CURRENT)) {
        (void)snprintf(ret_common, size, "%s", usual);
        return true;
    }
    if (!pk_tree_read(work->dir, ca->folder, false, &old, err)) {
        return false;
    }
    if (pk_cert_subject_text(old.cert, NID_commonName, text, sizeof(text),
                             NULL) &&
        strncmp(text, usual, len) == 0) {
        unsigned long found =
            text[len] == ' ' ? strtoul(text + len, NULL, 10) : 1;

        number = found < 1000 ? (unsigned)found + 1 : 2;
    }
    if (number > 1) {
        (void)snprintf(ret_common, size, "%s %u", usual, number);
    } else {
        (void)snprintf(ret_common, size, "%s", usual);
    }
    pk_issuer_release(&old);
    return true;
}

/* The root that will stay signs: the next one if there is one. */
static const char *
signer(const struct work *work, const struct pk_ca *ca)
{
    if (ca->issuer == NULL) {
        return NULL;
    }
    return has(work, ca->issuer, PK_NEXT) ? "next/root" : ca->issuer;
}

static bool
start_member(const struct work *work, const char *member, struct ea_error *err)
{
    const struct pk_ca *ca = find_ca(member);
    char folder[PK_CA_FOLDER_MAX], common[65], domain[PK_DOMAIN_MAX + 1] = "";
    struct pk_new_ca wanted = { .ca = ca,
                                .folder = folder,
                                .issuer = signer(work, ca),
                                .common = common,
                                .domain = domain };

    pk_tree_ca_folder(member, PK_NEXT, folder);
    if (has(work, member, PK_NEXT)) {
        pk_ca_report(work->args, "kept", ca, folder);
        return true;
    }
    if (pk_args_is_dry(work->args)) {
        pk_ca_report(work->args, "would make", ca, folder);
        return true;
    }
    return next_common(work, ca, common, sizeof(common), err) &&
           (ca->profile == PK_CONFIG_CA ||
            pk_tree_domain(work->dir, domain, sizeof(domain), err)) &&
           pk_ca_make(work->args, &wanted, err);
}

static bool
start(const struct work *work, struct ea_error *err)
{
    const char *const *member = work->target->members;

    if (has_any(work, PK_PREVIOUS)) {
        return ea_fail(err, EA_E_CONFLICT,
                       "the roll-over of %s before this one is not over; "
                       "`edge-pki rollover finish %s` first",
                       work->target->name, work->target->name);
    }
    if (!has(work, work->target->name, PK_CURRENT)) {
        return ea_fail(err, EA_E_UNAVAILABLE,
                       "'%s/%s' is not there; run `edge-pki init` first",
                       work->dir, work->target->name);
    }
    for (; *member != NULL; member++) {
        if (!start_member(work, *member, err)) {
            return false;
        }
    }
    return true;
}

/* One rename below DIR; the folder above the new place is made. */
static bool
move(const struct work *work, const char *from, const char *to,
     struct ea_error *err)
{
    char old[PATH_MAX], new[PATH_MAX];
    char *slash;

    if (!pk_path_join(work->dir, from, old, err) ||
        !pk_path_join(work->dir, to, new, err)) {
        return false;
    }
    if (pk_args_is_dry(work->args)) {
        (void)fprintf(work->args->out, "would move %s to %s\n", from, to);
        return true;
    }
    for (slash = strchr(new + strlen(work->dir) + 1, '/'); slash != NULL;
         slash = strchr(slash + 1, '/')) {
        *slash = '\0';
        if (mkdir(new, 0755) != 0 && errno != EEXIST) {
            return pk_errno_fail(err, "cannot make folder", new);
        }
        *slash = '/';
    }
    if (rename(old, new) != 0) {
        return pk_errno_fail(err, "cannot put in place", new);
    }
    (void)fprintf(work->args->out, "moved %s to %s\n", from, to);
    return pk_file_flush_parent(new, err) && pk_file_flush_parent(old, err);
}

static bool
switch_member(const struct work *work, const char *member, struct ea_error *err)
{
    char next[PK_CA_FOLDER_MAX], previous[PK_CA_FOLDER_MAX];

    pk_tree_ca_folder(member, PK_NEXT, next);
    pk_tree_ca_folder(member, PK_PREVIOUS, previous);
    if (!has(work, member, PK_NEXT)) {
        (void)fprintf(work->args->out, "kept %s/%s\n", work->dir, member);
        return true;
    }
    /* Cut short between these two, nothing signs until this is repeated. */
    return (!has(work, member, PK_CURRENT) ||
            move(work, member, previous, err)) &&
           move(work, next, member, err);
}

static bool
swap(const struct work *work, struct ea_error *err)
{
    const char *const *member = work->target->members;

    if (!has_any(work, PK_NEXT) && !has_any(work, PK_PREVIOUS)) {
        return ea_fail(err, EA_E_CONFLICT,
                       "%s is not rolling over; `edge-pki rollover start %s` "
                       "first",
                       work->target->name, work->target->name);
    }
    for (; *member != NULL; member++) {
        if (has_any(work, PK_NEXT) && !has(work, *member, PK_NEXT) &&
            !has(work, *member, PK_PREVIOUS)) {
            return ea_fail(err, EA_E_CONFLICT,
                           "'%s/next/%s' is not there: a start was cut short; "
                           "repeat `edge-pki rollover start %s`",
                           work->dir, *member, work->target->name);
        }
    }
    for (member = work->target->members; *member != NULL; member++) {
        if (!switch_member(work, *member, err)) {
            return false;
        }
    }
    return true;
}

struct hanging {
    const struct work *work;
    enum pk_stand stand; /* of the CAs that are to go */
    struct pk_revoked revoked;
    size_t count;
};

/* Whether a folder is one of those that are to go. */
static bool
is_leaving(const struct hanging *hanging, const char *folder)
{
    const char *const *member = hanging->work->target->members;

    for (; *member != NULL; member++) {
        char leaving[PK_CA_FOLDER_MAX];

        pk_tree_ca_folder(*member, hanging->stand, leaving);
        if (strcmp(leaving, folder) == 0) {
            return true;
        }
    }
    return false;
}

/* A server no longer shows a retired certificate, but a ROM out there may. */
static bool
visit(void *context, const struct pk_found *found, struct ea_error *err)
{
    struct hanging *hanging = context;
    const struct pk_args *args = hanging->work->args;
    int days = pk_cert_days_left(found->cert, args->now);
    char folder[PK_CA_FOLDER_MAX];
    X509 *ca;

    (void)err;
    if (is_leaving(hanging, found->path) || days < 0 ||
        (found->set == PK_WALK_RETIRED && strcmp(found->kind, "client") != 0) ||
        pk_revoked_find(&hanging->revoked, found->cert) != NULL) {
        return true;
    }
    ca = pk_tree_issuer_of(hanging->work->dir, found->cert, folder, NULL);
    if (ca != NULL && is_leaving(hanging, folder)) {
        (void)fprintf(args->out, "hangs on %s: %s (%d days left)\n", folder,
                      found->path, days);
        hanging->count++;
    }
    X509_free(ca);
    return true;
}

static bool
check_hanging(const struct work *work, enum pk_stand stand,
              struct ea_error *err)
{
    struct hanging hanging = { .work = work, .stand = stand };
    bool ok = pk_revoked_read(work->dir, &hanging.revoked, err) &&
              pk_walk(work->dir, PK_WALK_CAS | PK_WALK_ISSUED | PK_WALK_RETIRED,
                      visit, &hanging, err);

    pk_revoked_release(&hanging.revoked);
    if (!ok || hanging.count == 0 || work->args->value[PK_FORCE] != NULL) {
        return ok;
    }
    return ea_fail(err, EA_E_CONFLICT,
                   "%zu valid certificates hang on what is to go: renew what "
                   "is issued, revoke or outwait what is retired, roll over a "
                   "CA; --force gives them up",
                   hanging.count);
}

static bool
retire_member(const struct work *work, const char *member, enum pk_stand stand,
              struct ea_error *err)
{
    char from[PK_CA_FOLDER_MAX], to[PATH_MAX];
    char serial[PK_SERIAL_TEXT_MAX];
    struct pk_issuer old = { NULL, NULL };
    bool ok;

    pk_tree_ca_folder(member, stand, from);
    if (!has(work, member, stand)) {
        return true;
    }
    if (!pk_tree_read(work->dir, from, false, &old, err)) {
        return false;
    }
    ok = pk_show_serial(X509_get0_serialNumber(old.cert), serial) ||
         ea_fail(err, EA_E_CONFLICT, "'%s' has no serial", from);
    (void)snprintf(to, sizeof(to), "retired/ca/%s-%s", member, serial);
    pk_issuer_release(&old);
    return ok && move(work, from, to, err);
}

static bool
retire(const struct work *work, enum pk_stand stand, struct ea_error *err)
{
    const char *const *member = work->target->members;

    if (!has_any(work, stand)) {
        (void)fprintf(work->args->out, "kept: no %s of %s is left\n",
                      stand == PK_NEXT ? "next" : "previous",
                      work->target->name);
        return true;
    }
    if (!check_hanging(work, stand, err)) {
        return false;
    }
    for (; *member != NULL; member++) {
        if (!retire_member(work, *member, stand, err)) {
            return false;
        }
    }
    return true;
}

static bool
finish(const struct work *work, struct ea_error *err)
{
    if (has_any(work, PK_NEXT)) {
        return ea_fail(err, EA_E_CONFLICT,
                       "the new CA does not sign yet; `edge-pki rollover "
                       "switch %s` first",
                       work->target->name);
    }
    return retire(work, PK_PREVIOUS, err);
}

static bool
cancel(const struct work *work, struct ea_error *err)
{
    if (has_any(work, PK_PREVIOUS)) {
        return ea_fail(err, EA_E_CONFLICT,
                       "the new CA signs already; to go back, finish and start "
                       "again");
    }
    return retire(work, PK_NEXT, err);
}

static const struct step {
    const char *name;
    bool (*run)(const struct work *work, struct ea_error *err);
    int then; /* which of the target's next things to do, -1: none */
} steps[] = { { "start", start, 0 },
              { "switch", swap, 1 },
              { "finish", finish, 2 },
              { "cancel", cancel, -1 } };

static const struct step *
find_step(const char *word)
{
    for (size_t i = 0; i < sizeof(steps) / sizeof(steps[0]); i++) {
        if (strcmp(steps[i].name, word) == 0) {
            return &steps[i];
        }
    }
    return NULL;
}

static const struct target *
find_target(const char *word)
{
    for (size_t i = 0; i < sizeof(targets) / sizeof(targets[0]); i++) {
        if (strcmp(targets[i].name, word) == 0) {
            return &targets[i];
        }
    }
    return NULL;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    const struct step *step = find_step(args->value[PK_FIRST]);
    struct work work = { .args = args,
                         .target = find_target(args->value[PK_SECOND]),
                         .dir = args->value[PK_DIR] };

    if (step == NULL) {
        return ea_fail(err, EA_E_UNKNOWN,
                       "'%.64s' is no step: start, switch, finish or cancel",
                       args->value[PK_FIRST]);
    }
    if (work.target == NULL) {
        return ea_fail(err, EA_E_UNKNOWN,
                       "'%.64s' does not roll over: boot, client or config",
                       args->value[PK_SECOND]);
    }
    /* In a dry run trust/ would be said to stay, since no CA has moved. */
    if (!pk_tree_lock(work.dir, err) || !step->run(&work, err) ||
        (!pk_args_is_dry(args) && !pk_trust_update(args, err))) {
        return false;
    }
    if (step->then >= 0 && !pk_args_is_dry(args)) {
        (void)fprintf(args->out, "now %s\n", work.target->then[step->then]);
    }
    return true;
}

const struct pk_command pk_command_rollover = {
    "rollover", "put a new CA in the place of an old one, step by step",
    options, run
};
