/* A growing string; see cg_strbuf.h. */
#include "base/cg_strbuf.h"

#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cg_arena.h"

char *
cg_strbuf_room(struct cg_strbuf *buf, size_t len)
{
    size_t cap = buf->cap == 0 ? 256 : buf->cap;
    char *larger;

    if (len > SIZE_MAX / 4 - buf->len) {
        cg_out_of_memory();
    }
    if (buf->len + len + 1 <= buf->cap) {
        return buf->text + buf->len;
    }
    while (cap < buf->len + len + 1) {
        cap *= 2;
    }
    /* not realloc: the old copy has to be wiped */
    if ((larger = malloc(cap)) == NULL) {
        cg_out_of_memory();
    }
    if (buf->text != NULL) {
        memcpy(larger, buf->text, buf->len);
        explicit_bzero(buf->text, buf->cap);
        free(buf->text);
    }
    larger[buf->len] = '\0';
    buf->text = larger;
    buf->cap = cap;
    return buf->text + buf->len;
}

void
cg_strbuf_added(struct cg_strbuf *buf, size_t len)
{
    buf->len += len;
    buf->text[buf->len] = '\0';
}

void
cg_strbuf_add(struct cg_strbuf *buf, const char *bytes, size_t len)
{
    char *room = cg_strbuf_room(buf, len);

    if (len > 0) {
        memcpy(room, bytes, len);
    }
    cg_strbuf_added(buf, len);
}

void
cg_strbuf_puts(struct cg_strbuf *buf, const char *text)
{
    cg_strbuf_add(buf, text, strlen(text));
}

void
cg_strbuf_putc(struct cg_strbuf *buf, char c)
{
    cg_strbuf_add(buf, &c, 1);
}

void
cg_strbuf_repeat(struct cg_strbuf *buf, char c, size_t count)
{
    memset(cg_strbuf_room(buf, count), c, count);
    cg_strbuf_added(buf, count);
}

void
cg_strbuf_vprintf(struct cg_strbuf *buf, const char *format, va_list args)
{
    va_list again;
    int len;

    va_copy(again, args);
    len = vsnprintf(NULL, 0, format, again);
    va_end(again);
    if (len < 0) {
        cg_out_of_memory();
    }
    (void)vsnprintf(cg_strbuf_room(buf, (size_t)len), (size_t)len + 1, format,
                    args);
    cg_strbuf_added(buf, (size_t)len);
}

void
cg_strbuf_printf(struct cg_strbuf *buf, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    cg_strbuf_vprintf(buf, format, args);
    va_end(args);
}

struct ea_bytes
cg_strbuf_bytes(const struct cg_strbuf *buf)
{
    return (struct ea_bytes){ buf->text == NULL ? "" : buf->text, buf->len };
}

void
cg_strbuf_release(struct cg_strbuf *buf)
{
    if (buf->text != NULL) {
        explicit_bzero(buf->text, buf->cap);
        free(buf->text);
    }
    *buf = (struct cg_strbuf){ 0 };
}

void
cg_free_pointer(void *pointer)
{
    void **place = pointer;

    free(*place);
    *place = NULL;
}
