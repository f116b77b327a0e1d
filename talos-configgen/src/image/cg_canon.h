/*
 * Text as the Image Factory's YAML encoder writes it: one byte more or less
 * and a schematic has another id. Plain where it can be, in single quotes
 * where YAML's signs get in the way, in double quotes where a reader would
 * take it for something other than text. Lines are never folded.
 *
 * The encoder's versions disagree about rare text (control characters, letters
 * beyond the Basic Multilingual Plane, dates, huge numbers): that is refused,
 * since an id that is right by luck only is worse than none.
 */
#ifndef CG_CANON_H
#define CG_CANON_H

#include "base/cg_strbuf.h"

/* Appends the text. False, with nothing added: it cannot be known how the
 * factory would write it. */
EA_MUST_CHECK bool cg_canon_add(struct cg_strbuf *out, const char *text);

#endif
