/* What was revoked: see pk_revoked.h. */
#include "pk_revoked.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "pk_error.h"
#include "pk_file.h"
#include "pk_folder.h"

/* More than any fleet loses. */
#define ROWS_MAX 100000

static const char *const words[] = { "unspecified",
                                     "keyCompromise",
                                     "CACompromise",
                                     "affiliationChanged",
                                     "superseded",
                                     "cessationOfOperation",
                                     NULL };

const char *const *
pk_reasons(void)
{
    return words;
}

int
pk_reason_code(const char *word)
{
    for (int i = 0; words[i] != NULL; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    return -1;
}

bool
pk_issuer_id(X509 *ca, char ret_id[static PK_ISSUER_ID_MAX],
             struct ea_error *err)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned len = 0;

    if (X509_pubkey_digest(ca, EVP_sha256(), digest, &len) != 1) {
        return pk_openssl_fail(err, "cannot hash a key");
    }
    for (size_t i = 0; i < (PK_ISSUER_ID_MAX - 1) / 2; i++) {
        (void)snprintf(ret_id + 2 * i, 3, "%02x", digest[i]);
    }
    return true;
}

void
pk_revoked_release(struct pk_revoked *revoked)
{
    free(revoked->row);
    *revoked = (struct pk_revoked){ NULL, 0 };
}

/* Cuts one field off *line; the last field is what is left of it. */
static bool
cut(char **line, bool is_last, char *ret_field, size_t size)
{
    size_t len = strcspn(*line, is_last ? "\n" : " \n");

    if (len == 0 || len >= size || (!is_last && (*line)[len] != ' ')) {
        return false;
    }
    memcpy(ret_field, *line, len);
    ret_field[len] = '\0';
    *line += len + 1;
    return true;
}

static bool
parse(char *line, struct pk_revocation *ret_row)
{
    struct pk_revocation row;

    if (!cut(&line, false, row.serial, sizeof(row.serial)) ||
        !cut(&line, false, row.when, sizeof(row.when)) ||
        !cut(&line, false, row.reason, sizeof(row.reason)) ||
        !cut(&line, false, row.issuer, sizeof(row.issuer)) ||
        !cut(&line, false, row.ends, sizeof(row.ends)) ||
        !cut(&line, true, row.path, sizeof(row.path)) ||
        pk_reason_code(row.reason) < 0) {
        return false;
    }
    *ret_row = row;
    return true;
}

static bool
push(struct pk_revoked *revoked, const struct pk_revocation *row,
     struct ea_error *err)
{
    struct pk_revocation *more;

    if (revoked->count == ROWS_MAX) {
        return ea_fail(err, EA_E_RANGE, "more than %d certificates are revoked",
                       ROWS_MAX);
    }
    more = realloc(revoked->row, (revoked->count + 1) * sizeof(*revoked->row));
    if (more == NULL) {
        return ea_fail(err, EA_E_INTERNAL, "out of memory");
    }
    revoked->row = more;
    revoked->row[revoked->count++] = *row;
    return true;
}

static bool
read_rows(FILE *file, const char *path, struct pk_revoked *revoked,
          struct ea_error *err)
{
    char line[1024];

    for (unsigned number = 1; fgets(line, sizeof(line), file) != NULL;
         number++) {
        struct pk_revocation row;

        if (line[0] == '#' || line[0] == '\n') {
            continue;
        }
        if (strchr(line, '\n') == NULL || !parse(line, &row)) {
            return ea_fail(err, EA_E_CONFLICT,
                           "'%s' line %u is not SERIAL WHEN REASON ISSUER ENDS "
                           "PATH; mend it, or take it from a backup",
                           path, number);
        }
        if (!push(revoked, &row, err)) {
            return false;
        }
    }
    return ferror(file) == 0 || pk_errno_fail(err, "cannot read", path);
}

bool
pk_revoked_read(const char *dir, struct pk_revoked *ret_revoked,
                struct ea_error *err)
{
    struct pk_revoked revoked = { NULL, 0 };
    char path[PATH_MAX];
    FILE *file;
    bool ok;

    if (!pk_path_join(dir, "revoked.txt", path, err)) {
        return false;
    }
    file = fopen(path, "re");
    if (file == NULL && errno != ENOENT) {
        return pk_errno_fail(err, "cannot read", path);
    }
    ok = file == NULL || read_rows(file, path, &revoked, err);
    if (file != NULL) {
        (void)fclose(file);
    }
    if (!ok) {
        pk_revoked_release(&revoked);
        return false;
    }
    *ret_revoked = revoked;
    return true;
}

const struct pk_revocation *
pk_revoked_find(const struct pk_revoked *revoked, X509 *cert)
{
    char serial[PK_SERIAL_TEXT_MAX], ends[PK_TIME_TEXT_MAX];

    if (!pk_show_serial(X509_get0_serialNumber(cert), serial) ||
        !pk_show_time(X509_get0_notAfter(cert), ends)) {
        return NULL;
    }
    for (size_t i = 0; i < revoked->count; i++) {
        /* Imported CAs may count alike; the end tells theirs apart. */
        if (strcmp(revoked->row[i].serial, serial) == 0 &&
            strcmp(revoked->row[i].ends, ends) == 0) {
            return &revoked->row[i];
        }
    }
    return NULL;
}

bool
pk_revoked_check(const char *dir, X509 *cert, char ret_reason[static 24],
                 struct ea_error *err)
{
    struct pk_revoked revoked = { NULL, 0 };
    const struct pk_revocation *row;

    if (!pk_revoked_read(dir, &revoked, err)) {
        return false;
    }
    row = pk_revoked_find(&revoked, cert);
    (void)snprintf(ret_reason, 24, "%s", row != NULL ? row->reason : "");
    pk_revoked_release(&revoked);
    return true;
}

static bool
append(BIO *out, const struct pk_revocation *row)
{
    return BIO_printf(out, "%s %s %s %s %s %s\n", row->serial, row->when,
                      row->reason, row->issuer, row->ends, row->path) > 0;
}

bool
pk_revoked_add(const struct pk_args *args, const struct pk_revoked *revoked,
               const struct pk_revocation *row, struct ea_error *err)
{
    BIO *out = BIO_new(BIO_s_mem());
    char path[PATH_MAX];
    bool ok = out != NULL;

    ok = ok && BIO_puts(out, "# serial, when, reason, issuer, end of the "
                             "certificate, where it stood\n") > 0;
    for (size_t i = 0; ok && i < revoked->count; i++) {
        ok = append(out, &revoked->row[i]);
    }
    ok = ok && append(out, row);
    if (!ok) {
        (void)pk_openssl_fail(err, "cannot list what is revoked");
    }
    ok = ok && pk_path_join(args->value[PK_DIR], "revoked.txt", path, err) &&
         pk_file_put(args, path, out, 0644, err);
    BIO_free(out);
    return ok;
}
