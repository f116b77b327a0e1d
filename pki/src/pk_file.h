/*
 * Single files that appear whole or not at all: written beside their place,
 * flushed, and renamed. What is there already with the same bytes is left
 * alone, so that repeating a command changes nothing.
 */
#ifndef PK_FILE_H
#define PK_FILE_H

#include <sys/types.h>

#include <openssl/bio.h>

#include "ea_types.h"
#include "pk_args.h"

/* Writes and flushes one new file; `bytes` is read from its start. */
EA_MUST_CHECK bool pk_file_create(const char *path, BIO *bytes, mode_t mode,
                                  struct ea_error *err);

/* Flushes a folder, and the folder that holds `path`. */
EA_MUST_CHECK bool pk_file_flush_folder(const char *path);
EA_MUST_CHECK bool pk_file_flush_parent(const char *path, struct ea_error *err);

/* Puts a file into place and reports "wrote", "kept" when it is there with
 * these bytes and this mode, or "would write" in a dry run. EA_E_CONFLICT when
 * something else than a plain file has that path: a folder, a disk. */
EA_MUST_CHECK bool pk_file_put(const struct pk_args *args, const char *path,
                               BIO *bytes, mode_t mode, struct ea_error *err);

/* The whole of a file of at most `max` bytes, in memory that OpenSSL wipes when
 * it is freed; NULL and *err when it cannot be read or is longer. */
EA_MUST_CHECK BIO *pk_file_read(const char *path, size_t max,
                                struct ea_error *err);

#endif
