/* Errors and slices: see ea_types.h. */
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "ea_types.h"

struct ea_bytes
ea_bytes_of(const char *text)
{
    return (struct ea_bytes){ text, strlen(text) };
}

bool
ea_bytes_equal(struct ea_bytes a, struct ea_bytes b)
{
    return a.len == b.len && (a.len == 0 || memcmp(a.ptr, b.ptr, a.len) == 0);
}

/* Offending values come from outside: nothing in them may steer a terminal or
 * forge a line of a log. */
static void
make_printable(char *text)
{
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text < ' ' || *text == 0x7f) {
            *text = '?';
        }
    }
}

bool
ea_fail(struct ea_error *err, enum ea_code code, const char *format, ...)
{
    va_list args;

    if (err == NULL) {
        return false;
    }
    err->code = code;
    err->line = err->col = 0;
    err->file[0] = '\0';
    va_start(args, format);
    (void)vsnprintf(err->message, sizeof(err->message), format, args);
    va_end(args);
    make_printable(err->message);
    return false;
}

void
ea_error_prefix(struct ea_error *err, const char *format, ...)
{
    char text[EA_ERROR_MESSAGE_MAX];
    va_list args;
    size_t len;

    if (err == NULL) {
        return;
    }
    va_start(args, format);
    (void)vsnprintf(text, sizeof(text), format, args);
    va_end(args);
    len = strlen(text);
    if (len + 2 < sizeof(text)) {
        (void)snprintf(text + len, sizeof(text) - len, ": %.*s",
                       (int)(sizeof(text) - len - 3), err->message);
    }
    memcpy(err->message, text, sizeof(text));
}

void
ea_error_at(struct ea_error *err, const char *file, unsigned line, unsigned col)
{
    if (err == NULL) {
        return;
    }
    (void)snprintf(err->file, sizeof(err->file), "%s", file);
    err->line = line;
    err->col = col;
}
