/* `edge-pki list`: what is there, and how long it is still valid. */
#include <dirent.h>
#include <stdlib.h>
#include <time.h>

#include "ea_number.h"
#include "pk_commands.h"
#include "pk_error.h"
#include "pk_folder.h"
#include "pk_tree.h"

/* Longer than any of our certificates lives. */
#define WITHIN_MAX 36500

static const struct pk_option options[] = {
    { "--dir", "DIR", PK_DIR, true, "folder of the PKI" },
    { "--within", "N", PK_WITHIN, false,
      "only what ends within N days, or has ended" },
    { "--json", NULL, PK_JSON, false, "one JSON array" },
    { NULL, NULL, PK_OPTION_COUNT, false, NULL }
};

struct listing {
    const struct pk_args *args;
    int within;   /* days */
    size_t shown; /* lines so far */
};

/* Names come from the file system: anybody's, not only ours. */
static void
print_quoted(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            (void)fprintf(out, "\\%c", c);
        } else if (c < 0x20 || c >= 0x7f) {
            (void)fprintf(out, "\\u%04x", c);
        } else {
            (void)fputc(c, out);
        }
    }
    (void)fputc('"', out);
}

static bool
format_end(X509 *cert, char *text, size_t size)
{
    struct tm end;

    return ASN1_TIME_to_tm(X509_get0_notAfter(cert), &end) == 1 &&
           strftime(text, size, "%Y-%m-%dT%H:%M:%SZ", &end) > 0;
}

static bool
print_cert(struct listing *listing, const char *path, X509 *cert,
           struct ea_error *err)
{
    int days = pk_cert_days_left(cert, listing->args->now);
    FILE *out = listing->args->out;
    char end[32];

    if (days > listing->within) {
        return true;
    }
    if (!format_end(cert, end, sizeof(end))) {
        return pk_openssl_fail(err, path);
    }
    if (listing->args->value[PK_JSON] == NULL) {
        (void)fprintf(out, "%6d days, until %s  %s\n", days, end, path);
    } else {
        (void)fprintf(out, "%s\n  {\"path\": ", listing->shown > 0 ? "," : "");
        print_quoted(out, path);
        (void)fprintf(out, ", \"days\": %d, \"ends\": \"%s\"}", days, end);
    }
    listing->shown++;
    return true;
}

/* `path` is below DIR, and is what is shown. */
static bool
list_folder(struct listing *listing, const char *path, struct ea_error *err)
{
    char file[PATH_MAX];
    X509 *cert;
    bool ok;

    if (!pk_tree_path(listing->args->value[PK_DIR], path, "cert.pem", file,
                      err)) {
        return false;
    }
    cert = pk_cert_read(file, err);
    if (cert == NULL) {
        return false;
    }
    ok = print_cert(listing, path, cert, err);
    X509_free(cert);
    return ok;
}

static int
is_shown(const struct dirent *entry)
{
    return entry->d_name[0] != '.';
}

/* All of one kind, by name; a kind of which nothing was issued is fine. */
static bool
list_kind(struct listing *listing, const char *kind, struct ea_error *err)
{
    char folder[PATH_MAX], path[PATH_MAX];
    struct dirent **names = NULL;
    bool ok = true;
    int count;

    if (!pk_tree_path(listing->args->value[PK_DIR], kind, NULL, folder, err)) {
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
        ok = ok && pk_path_join(kind, names[i]->d_name, path, err) &&
             list_folder(listing, path, err);
        free(names[i]);
    }
    free(names);
    return ok;
}

static bool
list_all(struct listing *listing, struct ea_error *err)
{
    static const char *const kinds[] = { "issued/boot", "issued/config",
                                         "issued/client" };

    for (size_t i = 0; i < PK_CA_COUNT; i++) {
        if (!list_folder(listing, pk_tree_cas()[i].folder, err)) {
            return false;
        }
    }
    for (size_t i = 0; i < sizeof(kinds) / sizeof(kinds[0]); i++) {
        if (!list_kind(listing, kinds[i], err)) {
            return false;
        }
    }
    return true;
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
    ok = list_all(&listing, err);
    /* After an error the array stays open: half a list must not pass. */
    if (ok && args->value[PK_JSON] != NULL) {
        (void)fputs(listing.shown > 0 ? "\n]\n" : "]\n", args->out);
    }
    return ok;
}

const struct pk_command pk_command_list = {
    "list", "show what is there and how long it is valid", options, run
};
