/*
 * Findings. Everything that reads or judges the user's files reports here and
 * goes on, so that one run shows all of them; only cli/ prints. A finding
 * stands at a position in a source and has a severity, an id (a stable word
 * for machines and the manual), a message, and optionally hints and a second
 * position.
 *
 * A source whose text came out of a decryption is `secret`: its findings name
 * file, document and path, never a line or source text, and messages about it
 * must not quote values.
 */
#ifndef CG_DIAG_H
#define CG_DIAG_H

#include <stdbool.h>

#include "base/cg_arena.h"
#include "base/cg_strbuf.h"
#include "ea_types.h"

/* More findings than this are only counted. */
#define CG_DIAG_MAX 500

struct cg_diag;

/* One file that was read. The text belongs to the arena. */
struct cg_source {
    const char *name; /* as the user wrote it */
    struct ea_bytes text;
    bool secret;
    unsigned order; /* of registration; findings are sorted by it */
};

/* Where something stands; {0} = nowhere in particular. line and col count from
 * 1 (col in characters), 0 = unknown; len = characters to underline, 0 = one.
 * `path` (document and path, "document 2: machine.files[0]") is set in secret
 * sources only. */
struct cg_pos {
    const struct cg_source *source;
    unsigned line, col, len;
    const char *path;
};

enum cg_severity { CG_ERROR = 0, CG_WARNING };

struct cg_diag *cg_diag_new(struct cg_arena *arena);

/* Registers a source; name and text are borrowed until the arena is freed. */
const struct cg_source *cg_diag_source(struct cg_diag *diag, const char *name,
                                       struct ea_bytes text, bool secret);

/* Adds a finding (pos may be NULL); an equal one (same place, id and message)
 * is added once only: a patch that many nodes use is reported once. cg_error
 * returns false, so that a check reads `return cg_error(...)`. Control
 * characters in the message are shown as '?'. */
bool cg_error(struct cg_diag *diag, const struct cg_pos *pos, const char *id,
              const char *format, ...) EA_PRINTF(4, 5);
void cg_warning(struct cg_diag *diag, const struct cg_pos *pos, const char *id,
                const char *format, ...) EA_PRINTF(4, 5);

/* Adds a hint line, or a second position, to the finding added last (to
 * nothing when that one was there already). */
void cg_hint(struct cg_diag *diag, const char *format, ...) EA_PRINTF(2, 3);
void cg_also(struct cg_diag *diag, const struct cg_pos *pos, const char *format,
             ...) EA_PRINTF(3, 4);

/* Turns an ea_error into a finding at pos (or at the error's own file when pos
 * is NULL and it has one). Returns false. */
bool cg_error_from(struct cg_diag *diag, const struct cg_pos *pos,
                   const char *id, const struct ea_error *err);

unsigned cg_diag_errors(const struct cg_diag *diag);
unsigned cg_diag_warnings(const struct cg_diag *diag);

/* All findings in order of source, line and column, each with its source line
 * and a caret (unless the line looks like a secret), hints below. */
void cg_diag_format(struct cg_diag *diag, struct cg_strbuf *out);

#endif
