/*
 * A set of output files. Everything is made in memory first; then the set is
 * written in order of phase, and what is no longer wanted is removed last. A
 * failure before the last phase removes what this run had created: a reader
 * sees the old publication as a whole.
 */
#ifndef CG_OUTPUT_H
#define CG_OUTPUT_H

#include <stdbool.h>
#include <sys/types.h>

#include "base/cg_arena.h"
#include "ea_types.h"

/* Groups switch last: until then nothing refers to the new files. */
enum cg_phase { CG_PHASE_CONTENT = 0, CG_PHASE_RECORD, CG_PHASE_SWITCH };

struct cg_output;

/* `root`: the folder that all names are below; it is made when written. */
struct cg_output *cg_output_new(struct cg_arena *arena, const char *root);

const char *cg_output_root(const struct cg_output *output);

/* Adds a file ("publish/nodes.json"). Name and bytes are copied. A name is
 * added once; the folder gets `mode` with search permission where reading. */
void cg_output_add(struct cg_output *output, enum cg_phase phase,
                   const char *name, struct ea_bytes bytes, mode_t mode);

/* Removes a file after all were written. */
void cg_output_remove(struct cg_output *output, const char *name);

bool cg_output_has(const struct cg_output *output, const char *name);

/* Writes, and leaves files alone that are as they should be. */
EA_MUST_CHECK bool cg_output_write(struct cg_output *output,
                                   struct ea_error *err);

#endif
