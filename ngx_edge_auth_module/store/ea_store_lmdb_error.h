/*
 * Private to the LMDB back end: its error numbers (and errno's, which it hands
 * through), as what the operator has to do.
 */
#ifndef EA_STORE_LMDB_ERROR_H
#define EA_STORE_LMDB_ERROR_H

#include "ea_types.h"

enum ea_code ea_store_lmdb_code(int rc);

/* "what: text"; returns false. */
bool ea_store_lmdb_fail(struct ea_error *err, int rc, const char *what);

/* After which failures of a commit is it certain that nothing was written? All
 * of these come before LMDB writes its meta page, and say nothing about what
 * the disk holds. A failed fsync is not among them: the kernel may have dropped
 * older pages with it. */
bool ea_store_lmdb_is_harmless(int rc);

#endif
