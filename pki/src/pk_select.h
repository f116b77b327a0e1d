/*
 * Finding the certificate an operator means.
 */
#ifndef PK_SELECT_H
#define PK_SELECT_H

#include <limits.h>

#include "ea_types.h"
#include "pk_walk.h"

struct pk_selected {
    char path[PATH_MAX]; /* of the folder, below DIR */
    char name[NAME_MAX + 1];
    char kind[16];
    X509 *cert; /* the holder's to free */
    unsigned set;
};

/* Finds the one of `sets` whose path (as `list` shows it), name or serial is
 * `word`. Where a name means several, or none (the nearest is named), *err says
 * so: EA_E_UNKNOWN. */
EA_MUST_CHECK bool pk_select(const char *dir, unsigned sets, const char *word,
                             struct pk_selected *ret_selected,
                             struct ea_error *err);

#endif
