/* Telling an Image Factory a schematic, and whether it counts as we do. */
#ifndef CG_PUSH_H
#define CG_PUSH_H

#include "base/cg_arena.h"
#include "image/cg_fetch.h"

/* POSTs the schematic's canonical YAML to BASE/schematics, once. False: the
 * factory did not take it, or it gave it another id than `id`. */
EA_MUST_CHECK bool cg_push(struct cg_arena *arena, struct cg_fetch *fetch,
                           const char *base, struct ea_bytes text,
                           const char *id, struct ea_error *err);

#endif
