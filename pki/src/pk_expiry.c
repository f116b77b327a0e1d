/*
 * `edge-pki expiry`: what ends soon, for a person or a monitoring job. The exit
 * status is the worst of what is shown.
 */
#include <stdio.h>
#include <string.h>

#include "pk_cert.h"
#include "pk_commands.h"
#include "pk_crl_file.h"
#include "pk_folder.h"
#include "pk_trust.h"
#include "pk_walk.h"

/* Exit status; 1 to 3 mean what they mean for every command. */
enum { STATUS_SOON = 4, STATUS_OVER = 5 };

#define WARN_DAYS 30
/* A CRL is renewed in the second half of its life: less than a quarter left
 * means that nobody does it. */
#define CRL_PERCENT 25

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--warn", "DURATION", PK_WARN, false,
      "how long before its end a certificate is \"soon\", usually 30d" },
    { "--json", NULL, PK_JSON, false, "one JSON array" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

/* What to do about it. */
#define RENEW "renew it, or move its folder below retired/"
#define ROLL_OVER "roll it over"

struct line {
    const char *path;
    const char *kind; /* "ca", "certificate", "crl" */
    const ASN1_TIME *ends;
    int days;
    const char *state;
    const char *why; /* empty, or one sentence */
};

struct report {
    const struct pk_args *args;
    struct pk_revoked revoked;
    int warn;
    size_t shown;
    int status;
};

/* A CA is due when what it issues would outlive it. */
static int
warn_days(const struct report *report, const struct pk_found *found)
{
    static const struct {
        const char *ca;
        enum pk_profile_id leaf;
    } rows[] = { { "boot", PK_BOOT_SERVER },
                 { "config", PK_CONFIG_SERVER },
                 { "client", PK_CLIENT } };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (found->set == PK_WALK_CAS && strcmp(found->path, rows[i].ca) == 0) {
            return report->warn + (int)pk_profile_get(rows[i].leaf)->days;
        }
    }
    return report->warn;
}

static void
worsen(struct report *report, const char *state)
{
    if (strcmp(state, "soon") == 0 && report->status < STATUS_SOON) {
        report->status = STATUS_SOON;
    } else if (strcmp(state, "expired") == 0 || strcmp(state, "revoked") == 0) {
        report->status = STATUS_OVER;
    }
}

static bool
print(struct report *report, const struct line *line, struct ea_error *err)
{
    FILE *out = report->args->out;
    char ends[PK_TIME_TEXT_MAX];

    if (!pk_show_time(line->ends, ends)) {
        return ea_fail(err, EA_E_CONFLICT, "'%.200s' ends at no time",
                       line->path);
    }
    if (report->args->value[PK_JSON] == NULL) {
        (void)fprintf(out, "%-8s %6d days, until %s  %s%s%s\n", line->state,
                      line->days, ends, line->path,
                      line->why[0] != '\0' ? ": " : "", line->why);
    } else {
        (void)fprintf(out, "%s\n  {\"path\": ", report->shown > 0 ? "," : "");
        pk_show_quoted(out, line->path);
        (void)fprintf(out,
                      ", \"kind\": \"%s\", \"not_after\": \"%s\", "
                      "\"days_left\": %d, \"state\": \"%s\", \"why\": \"%s\"}",
                      line->kind, ends, line->days, line->state, line->why);
    }
    report->shown++;
    worsen(report, line->state);
    return true;
}

static bool
visit(void *context, const struct pk_found *found, struct ea_error *err)
{
    struct report *report = context;
    bool is_ca = found->set == PK_WALK_CAS;
    struct line line = { .path = found->path,
                         .kind = is_ca ? "ca" : "certificate",
                         .ends = X509_get0_notAfter(found->cert),
                         .days =
                             pk_cert_days_left(found->cert, report->args->now),
                         .state = "ok",
                         .why = "" };

    if (pk_revoked_find(&report->revoked, found->cert) != NULL) {
        line.state = "revoked";
        line.why = is_ca ? ROLL_OVER : RENEW;
    } else if (line.days < 0) {
        line.state = "expired";
        line.why = is_ca ? ROLL_OVER : RENEW;
    } else if (line.days < warn_days(report, found)) {
        line.state = "soon";
        line.why = is_ca ? "what it issues would outlive it" : "";
    }
    return print(report, &line, err);
}

static bool
print_crl(struct report *report, const struct pk_trusted *ca, X509_CRL *crl,
          struct ea_error *err)
{
    char path[PK_CA_FOLDER_MAX + 48];
    struct line line = { .path = path,
                         .kind = "crl",
                         .ends = X509_CRL_get0_nextUpdate(crl),
                         .days = pk_crl_days_left(crl, report->args->now),
                         .state = "ok",
                         .why = "" };

    (void)snprintf(path, sizeof(path), "trust/clients.crl.pem (%s)",
                   ca->folder);
    if (line.days < 0) {
        line.state = "expired";
        line.why = "the gate refuses every client; run `edge-pki crl`";
    } else if (!pk_crl_is_complete(crl, ca->cert, &report->revoked,
                                   report->args->now)) {
        line.state = "soon";
        line.why = "lacks what was revoked since; run `edge-pki crl`";
    } else if (pk_crl_percent_left(crl, report->args->now) < CRL_PERCENT) {
        line.state = "soon";
        line.why = "run `edge-pki crl`";
    }
    return print(report, &line, err);
}

/* The lists, where there are any: one too few makes the file useless. */
static bool
show_crls(struct report *report, struct ea_error *err)
{
    const char *dir = report->args->value[PK_DIR];
    struct pk_trust trust = { .count = 0 };
    char path[PATH_MAX];
    bool ok = pk_tree_path(dir, "trust", "clients.crl.pem", path, err);

    if (!ok || !pk_path_is_taken(path)) {
        return ok;
    }
    ok = pk_trust_read(dir, PK_TRUST_CLIENTS, &trust, err);
    for (size_t i = 0; ok && i < trust.count; i++) {
        X509_CRL *crl = pk_crl_find(path, trust.row[i].cert);

        ok = crl != NULL ? print_crl(report, &trust.row[i], crl, err)
                         : ea_fail(err, EA_E_CONFLICT,
                                   "'%s' has no list of '%s': the gate "
                                   "refuses every client; run `edge-pki crl`",
                                   path, trust.row[i].folder);
        X509_CRL_free(crl);
    }
    pk_trust_release(&trust);
    return ok;
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    struct report report = { .args = args, .warn = WARN_DAYS };
    const char *dir = args->value[PK_DIR];
    bool ok;

    if (!pk_args_duration(args, PK_WARN, "--warn", &report.warn, err) ||
        !pk_revoked_read(dir, &report.revoked, err)) {
        return false;
    }
    if (args->value[PK_JSON] != NULL) {
        (void)fputc('[', args->out);
    }
    ok = pk_walk(dir, PK_WALK_CAS | PK_WALK_ISSUED, visit, &report, err) &&
         show_crls(&report, err);
    /* After an error the array stays open: half a list must not pass. */
    if (ok && args->value[PK_JSON] != NULL) {
        (void)fputs(report.shown > 0 ? "\n]\n" : "]\n", args->out);
    }
    pk_revoked_release(&report.revoked);
    *args->status = report.status;
    return ok;
}

const struct pk_command pk_command_expiry = {
    "expiry", "what ends soon, has ended or is revoked; the status says so",
    options, run
};
