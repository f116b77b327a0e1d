/*
 * Folders that appear whole or not at all. A key and its certificate belong
 * together, so they are written into a folder aside, flushed, and put in place
 * by one rename: a crash leaves no key without its certificate, and what is in
 * place already is never touched.
 */
#ifndef PK_FOLDER_H
#define PK_FOLDER_H

#include <limits.h>

#include <sys/types.h>

#include <openssl/bio.h>

#include "ea_types.h"

struct pk_folder {
    char target[PATH_MAX]; /* where it is to appear */
    char aside[PATH_MAX];  /* where it is written; empty when there is none */
};

/* Joins folder and name; false if the result is longer than a path may be. */
EA_MUST_CHECK bool pk_path_join(const char *folder, const char *name,
                                char ret_path[static PATH_MAX],
                                struct ea_error *err);

/* Whether something has that path, whatever it is. */
bool pk_path_is_taken(const char *path);

/* Makes the parents of `target` (mode 0755) and a folder aside (mode 0700). */
EA_MUST_CHECK bool pk_folder_open(struct pk_folder *folder, const char *target,
                                  struct ea_error *err);

/* Writes and flushes one new file; `bytes` is read from its start. */
EA_MUST_CHECK bool pk_folder_write(const struct pk_folder *folder,
                                   const char *name, BIO *bytes, mode_t mode,
                                   struct ea_error *err);

/* Puts the folder in place. EA_E_DUPLICATE if the target exists by now, which
 * is left as it is. */
EA_MUST_CHECK bool pk_folder_commit(struct pk_folder *folder,
                                    struct ea_error *err);

/* Like commit, for a target that exists: the two change places in one step and
 * the old one ends at `archive`, which must not exist. */
EA_MUST_CHECK bool pk_folder_replace(struct pk_folder *folder,
                                     const char *archive, struct ea_error *err);

/* Removes what is aside, if anything is. Accepts a zeroed struct. */
void pk_folder_drop(struct pk_folder *folder);

#endif
