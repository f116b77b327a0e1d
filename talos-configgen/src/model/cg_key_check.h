/*
 * Whether a value is what its key takes: the checks behind every row of
 * cg_key.h, each with its own message. Nothing is converted; what passed here
 * may be read without further checks.
 */
#ifndef CG_KEY_CHECK_H
#define CG_KEY_CHECK_H

#include <stdbool.h>

#include "base/cg_diag.h"
#include "model/cg_key.h"
#include "yaml/cg_tree.h"

/* False: findings were added at the value or inside it. */
bool cg_key_check(struct cg_diag *diag, const struct cg_key *key,
                  const struct cg_tree *value);

/* {major, minor} of "v1.13.3" or "1.13" (the last part may be missing). */
bool cg_key_version(const char *text, unsigned ret[static 3]);

#endif
