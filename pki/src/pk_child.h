/*
 * Other programs, run without a shell.
 */
#ifndef PK_CHILD_H
#define PK_CHILD_H

#include "ea_types.h"

/* Runs argv[0], found on PATH, with no standard input and nothing of our
 * environment but PATH and HOME; `env` (NAME=VALUE, ends with NULL) is added.
 * Waits until it ends. `package` is what to install when there is no such
 * program. What the program prints goes to standard error. */
EA_MUST_CHECK bool pk_child_run(const char *const argv[],
                                const char *const env[], const char *package,
                                struct ea_error *err);

#endif
