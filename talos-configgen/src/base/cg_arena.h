/*
 * The generator's memory: one arena that everything read and everything built
 * lives in, released at once. Inventories hold secrets, so release wipes.
 * Running out of memory ends the program in one place, with one message; no
 * caller checks for NULL.
 */
#ifndef CG_ARENA_H
#define CG_ARENA_H

#include <stdarg.h>
#include <stddef.h>

#include "ea_types.h"

struct cg_arena;

struct cg_arena *cg_arena_new(void);

/* Wipes and frees everything that was allocated; NULL is accepted. */
void cg_arena_free(struct cg_arena *arena);

/* Zeroed storage, aligned for any type, until cg_arena_free. */
void *cg_arena_alloc(struct cg_arena *arena, size_t size);

/* The same for an array; a product that overflows ends the program. */
void *cg_arena_array(struct cg_arena *arena, size_t count, size_t size);

/* Copies, NUL-terminated. */
char *cg_arena_copy(struct cg_arena *arena, const char *bytes, size_t len);
char *cg_arena_text(struct cg_arena *arena, const char *text);
char *cg_arena_printf(struct cg_arena *arena, const char *format, ...)
    EA_PRINTF(2, 3);
char *cg_arena_vprintf(struct cg_arena *arena, const char *format, va_list args)
    EA_PRINTF(2, 0);

/* Makes room for one more item behind `count` in an array that grows by
 * doubling: returns `items`, or a larger copy. *cap is kept by the arena. */
void *cg_arena_grow(struct cg_arena *arena, void *items, size_t count,
                    size_t *cap, size_t size);

/* The one place where lack of memory ends the program. */
_Noreturn void cg_out_of_memory(void);

#endif
