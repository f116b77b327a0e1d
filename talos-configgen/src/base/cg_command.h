/*
 * Runs one program, without a shell, for its standard output: the way secrets
 * come in (`sops -d`, `age -d`, a vault's client). What it prints stays in
 * memory. Bounded in size and time; its messages go to our standard error.
 */
#ifndef CG_COMMAND_H
#define CG_COMMAND_H

#include <stdbool.h>
#include <stddef.h>

#include "base/cg_strbuf.h"
#include "ea_types.h"

#define CG_COMMAND_SECONDS 60

/* argv ends in NULL; argv[0] is looked up in PATH. It runs in `folder`, with
 * our environment and no standard input. Appends at most `max` bytes to *ret.
 * False when it cannot be started, fails, takes too long or prints more; it is
 * gone then, and *ret holds nothing new. */
EA_MUST_CHECK bool cg_command_run(const char *const argv[], const char *folder,
                                  size_t max, struct cg_strbuf *ret,
                                  struct ea_error *err);

#endif
