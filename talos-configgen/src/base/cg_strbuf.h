/*
 * A growing string, and the scope attribute that frees a heap pointer. The
 * text is always NUL-terminated; release wipes it, since what we write often
 * holds secrets.
 */
#ifndef CG_STRBUF_H
#define CG_STRBUF_H

#include <stdarg.h>
#include <stddef.h>

#include "ea_types.h"

/* {0} is an empty buffer; text is NULL until something was added. */
struct cg_strbuf {
    char *text;
    size_t len, cap;
};

void cg_strbuf_add(struct cg_strbuf *buf, const char *bytes, size_t len);
void cg_strbuf_puts(struct cg_strbuf *buf, const char *text);
void cg_strbuf_putc(struct cg_strbuf *buf, char c);
void cg_strbuf_repeat(struct cg_strbuf *buf, char c, size_t count);
void cg_strbuf_printf(struct cg_strbuf *buf, const char *format, ...)
    EA_PRINTF(2, 3);
void cg_strbuf_vprintf(struct cg_strbuf *buf, const char *format, va_list args)
    EA_PRINTF(2, 0);

/* Room for `len` more bytes behind the text; cg_strbuf_added says how many of
 * them were then written by someone else (read(2), a library). */
char *cg_strbuf_room(struct cg_strbuf *buf, size_t len);
void cg_strbuf_added(struct cg_strbuf *buf, size_t len);

struct ea_bytes cg_strbuf_bytes(const struct cg_strbuf *buf);

/* Wipes, frees, and leaves {0}. */
void cg_strbuf_release(struct cg_strbuf *buf);

/* CG_AUTO_FREE char *path = NULL;  free()d at the end of the scope; handed
 * over by assigning it elsewhere and setting it to NULL.
 * CG_AUTO_STRBUF struct cg_strbuf text = { 0 };  released likewise. */
void cg_free_pointer(void *pointer);
#define CG_AUTO_FREE __attribute__((cleanup(cg_free_pointer)))
#define CG_AUTO_STRBUF __attribute__((cleanup(cg_strbuf_release)))

#endif
