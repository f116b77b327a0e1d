/* Finding the certificate an operator means: see pk_select.h. */
#include "pk_select.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "pk_show.h"

struct search {
    const char *word;
    struct pk_selected found;
    size_t count;
    char other[256]; /* a second one of that name */
    char near[256];
    unsigned distance;
};

static bool
is_meant(const struct pk_found *found, const char *word)
{
    char serial[PK_SERIAL_TEXT_MAX];

    return strcmp(found->path, word) == 0 || strcmp(found->name, word) == 0 ||
           (pk_show_serial(X509_get0_serialNumber(found->cert), serial) &&
            strcasecmp(serial, word) == 0);
}

static void
note_near(struct search *search, const char *candidate)
{
    unsigned distance = pk_show_distance(search->word, candidate);

    if (distance < search->distance) {
        search->distance = distance;
        (void)snprintf(search->near, sizeof(search->near), "%s", candidate);
    }
}

static bool
visit(void *context, const struct pk_found *found, struct ea_error *err)
{
    struct search *search = context;
    struct pk_selected *kept = &search->found;

    (void)err;
    if (!is_meant(found, search->word)) {
        note_near(search, found->name);
        note_near(search, found->path);
        return true;
    }
    if (search->count++ > 0) {
        (void)snprintf(search->other, sizeof(search->other), "%s", found->path);
        return true;
    }
    (void)snprintf(kept->path, sizeof(kept->path), "%s", found->path);
    (void)snprintf(kept->name, sizeof(kept->name), "%s", found->name);
    (void)snprintf(kept->kind, sizeof(kept->kind), "%s", found->kind);
    kept->set = found->set;
    X509_up_ref(found->cert);
    kept->cert = found->cert;
    return true;
}

bool
pk_select(const char *dir, unsigned sets, const char *word,
          struct pk_selected *ret_selected, struct ea_error *err)
{
    struct search search = { .word = word, .distance = 4 };

    if (!pk_walk(dir, sets, visit, &search, err)) {
        X509_free(search.found.cert);
        return false;
    }
    if (search.count == 1) {
        *ret_selected = search.found;
        return true;
    }
    X509_free(search.found.cert);
    if (search.count > 1) {
        return ea_fail(err, EA_E_UNKNOWN,
                       "'%.64s' is '%.100s' and '%.100s'; write the one that "
                       "is meant",
                       word, search.found.path, search.other);
    }
    if (search.near[0] != '\0') {
        return ea_fail(err, EA_E_UNKNOWN,
                       "no certificate '%.64s'; the nearest is '%.100s'", word,
                       search.near);
    }
    return ea_fail(err, EA_E_UNKNOWN,
                   "no certificate '%.64s'; `edge-pki list` shows them", word);
}
