/* Messages and JSON: see au.h. */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "au.h"

enum au_exit
au_error(enum au_exit status, const char *format, ...)
{
    va_list args;

    (void)fflush(stdout);
    (void)fputs("edge-auth: ", stderr);
    va_start(args, format);
    (void)vfprintf(stderr, format, args);
    va_end(args);
    (void)fputc('\n', stderr);
    return status;
}

enum au_exit
au_failed(const struct ea_error *err)
{
    enum au_exit status =
        err->code == EA_E_UNAVAILABLE || err->code == EA_E_INTERNAL
            ? AU_UNAVAILABLE
            : AU_REFUSED;

    if (err->file[0] != '\0' && err->line > 0) {
        return au_error(status, "%s:%u:%u: %s", err->file, err->line, err->col,
                        err->message);
    }
    if (err->file[0] != '\0') {
        return au_error(status, "%s: %s", err->file, err->message);
    }
    return au_error(status, "%s", err->message);
}

void
au_print_json(json_t *object)
{
    char *text = json_dumps(object, JSON_INDENT(2));

    if (text != NULL) {
        puts(text);
    }
    free(text);
    json_decref(object);
}

const char *
au_time(uint64_t seconds, char ret_text[static 32])
{
    time_t at = (time_t)seconds;
    struct tm parts;

    if (seconds == 0 || gmtime_r(&at, &parts) == NULL ||
        strftime(ret_text, 32, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        ret_text[0] = '-';
        ret_text[1] = '\0';
    }
    return ret_text;
}
