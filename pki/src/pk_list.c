/* `edge-pki list`: what is there, and how long it is still valid. */
#include "ea_number.h"
#include "pk_cert.h"
#include "pk_commands.h"
#include "pk_error.h"
#include "pk_show.h"
#include "pk_walk.h"

/* Longer than any of our certificates lives. */
#define WITHIN_MAX 36500

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--within", "N", PK_WITHIN, false,
      "only what ends within N days, or has ended" },
    { "--retired", NULL, PK_RETIRED, false,
      "also what renewals have replaced" },
    { "--json", NULL, PK_JSON, false, "one JSON array" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

struct listing {
    const struct pk_args *args;
    int within;   /* days */
    size_t shown; /* lines so far */
};

static bool
print_cert(struct listing *listing, const char *path, X509 *cert,
           struct ea_error *err)
{
    int days = pk_cert_days_left(cert, listing->args->now);
    FILE *out = listing->args->out;
    char end[PK_TIME_TEXT_MAX], serial[PK_SERIAL_TEXT_MAX];

    if (days > listing->within) {
        return true;
    }
    if (!pk_show_time(X509_get0_notAfter(cert), end) ||
        !pk_show_serial(X509_get0_serialNumber(cert), serial)) {
        return pk_openssl_fail(err, path);
    }
    if (listing->args->value[PK_JSON] == NULL) {
        (void)fprintf(out, "%6d days, until %s  %s  %s\n", days, end, serial,
                      path);
    } else {
        (void)fprintf(out, "%s\n  {\"path\": ", listing->shown > 0 ? "," : "");
        pk_show_quoted(out, path);
        (void)fprintf(out,
                      ", \"serial\": \"%s\", \"days\": %d, \"ends\": \"%s\"}",
                      serial, days, end);
    }
    listing->shown++;
    return true;
}

static bool
visit(void *context, const struct pk_found *found, struct ea_error *err)
{
    return print_cert(context, found->path, found->cert, err);
}

static bool
run(const struct pk_args *args, struct ea_error *err)
{
    struct listing listing = { .args = args, .within = WITHIN_MAX };
    const char *within = args->value[PK_WITHIN];
    uint64_t days;
    bool ok;

    if (within != NULL) {
        if (!ea_number_parse(ea_bytes_of(within), 0, WITHIN_MAX, "--within",
                             &days, err)) {
            return false;
        }
        listing.within = (int)days;
    }
    if (args->value[PK_JSON] != NULL) {
        (void)fputc('[', args->out);
    }
    ok = pk_walk(args->value[PK_DIR],
                 PK_WALK_CAS | PK_WALK_ISSUED |
                     (args->value[PK_RETIRED] != NULL ? PK_WALK_RETIRED : 0U),
                 visit, &listing, err);
    /* After an error the array stays open: half a list must not pass. */
    if (ok && args->value[PK_JSON] != NULL) {
        (void)fputs(listing.shown > 0 ? "\n]\n" : "]\n", args->out);
    }
    return ok;
}

const struct pk_command pk_command_list = {
    "list", "show what is there and how long it is valid", options, run
};
