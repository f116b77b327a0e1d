/*
 * Files in and out. Reading is bounded. Writing goes to a temporary file in
 * the same folder, is flushed to disk and renamed into place, so that a reader
 * sees the old file or the new one and never a part.
 */
#ifndef CG_FILE_H
#define CG_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/cg_strbuf.h"
#include "ea_types.h"

/* Appends the file's bytes to *ret. Refuses what is not a regular file (or a
 * pipe) and what has more than `max` bytes; *ret then holds nothing new. */
EA_MUST_CHECK bool cg_file_read(const char *path, size_t max,
                                struct cg_strbuf *ret, struct ea_error *err);

/* Writes, or leaves alone a file that has these bytes and this mode already.
 * On failure the old file stands and no temporary file is left. The rename is
 * durable after cg_file_sync_folder, once for all files of a folder. */
EA_MUST_CHECK bool cg_file_write(const char *path, struct ea_bytes bytes,
                                 mode_t mode, struct ea_error *err);

EA_MUST_CHECK bool cg_file_sync_folder(const char *folder,
                                       struct ea_error *err);

/* Makes the folder and those above it, with exactly this mode; one that exists
 * keeps its own. */
EA_MUST_CHECK bool cg_file_mkdir(const char *path, mode_t mode,
                                 struct ea_error *err);

#endif
