/* Findings: collecting, sorting, showing; see cg_diag.h. */
#include "base/cg_diag.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#define NOTES_MAX 4
#define LINE_SHOWN 100 /* characters of a source line */

struct note {
    struct cg_pos pos; /* of cg_also; {0} = a hint */
    const char *text;
};

struct finding {
    enum cg_severity severity;
    struct cg_pos pos;
    const char *id;
    const char *message;
    struct note notes[NOTES_MAX];
    size_t note_count;
    size_t sequence;
};

struct cg_diag {
    struct cg_arena *arena;
    struct finding *findings;
    size_t count, cap;
    struct finding *last; /* takes hints; NULL after a repeated finding */
    unsigned errors, warnings, sources;
};

struct cg_diag *
cg_diag_new(struct cg_arena *arena)
{
    struct cg_diag *diag = cg_arena_alloc(arena, sizeof(*diag));

    diag->arena = arena;
    return diag;
}

const struct cg_source *
cg_diag_source(struct cg_diag *diag, const char *name, struct ea_bytes text,
               bool secret)
{
    struct cg_source *source = cg_arena_alloc(diag->arena, sizeof(*source));

    *source = (struct cg_source){ name, text, secret, ++diag->sources };
    return source;
}

/* A terminal must not be steered by what stands in a file: C0 controls, DEL,
 * and C1 controls in UTF-8 are replaced. */
static void
make_printable(char *text)
{
    unsigned char *p = (unsigned char *)text;

    for (; *p != '\0'; p++) {
        if (*p < 0x20 || *p == 0x7f) {
            *p = '?';
        } else if (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0) {
            p[0] = p[1] = '?';
        }
    }
}

static bool
is_same_place(const struct cg_pos *a, const struct cg_pos *b)
{
    return a->source == b->source && a->line == b->line && a->col == b->col;
}

static bool
is_known(const struct cg_diag *diag, const struct cg_pos *pos, const char *id,
         const char *message)
{
    for (size_t i = 0; i < diag->count; i++) {
        const struct finding *have = &diag->findings[i];

        if (is_same_place(&have->pos, pos) && strcmp(have->id, id) == 0 &&
            strcmp(have->message, message) == 0) {
            return true;
        }
    }
    return false;
}

static void
add(struct cg_diag *diag, enum cg_severity severity, const struct cg_pos *pos,
    const char *id, char *message)
{
    const struct cg_pos nowhere = { 0 };

    if (pos == NULL) {
        pos = &nowhere;
    }
    make_printable(message);
    diag->last = NULL;
    if (is_known(diag, pos, id, message)) {
        return;
    }
    if (severity == CG_ERROR) {
        diag->errors++;
    } else {
        diag->warnings++;
    }
    if (diag->count == CG_DIAG_MAX) {
        return;
    }
    diag->findings = cg_arena_grow(diag->arena, diag->findings, diag->count,
                                   &diag->cap, sizeof(*diag->findings));
    diag->last = &diag->findings[diag->count];
    *diag->last = (struct finding){ .severity = severity,
                                    .pos = *pos,
                                    .id = id,
                                    .message = message,
                                    .sequence = diag->count };
    diag->count++;
}

bool
cg_error(struct cg_diag *diag, const struct cg_pos *pos, const char *id,
         const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(diag, CG_ERROR, pos, id, cg_arena_vprintf(diag->arena, format, args));
    va_end(args);
    return false;
}

void
cg_warning(struct cg_diag *diag, const struct cg_pos *pos, const char *id,
           const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add(diag, CG_WARNING, pos, id, cg_arena_vprintf(diag->arena, format, args));
    va_end(args);
}

bool
cg_error_from(struct cg_diag *diag, const struct cg_pos *pos, const char *id,
              const struct ea_error *err)
{
    if (pos == NULL && err->file[0] != '\0' && err->line != 0) {
        return cg_error(diag, NULL, id, "%s:%u:%u: %s", err->file, err->line,
                        err->col, err->message);
    }
    if (pos == NULL && err->file[0] != '\0') {
        return cg_error(diag, NULL, id, "%s: %s", err->file, err->message);
    }
    if (err->file[0] != '\0') {
        return cg_error(diag, pos, id, "%s: %s", err->file, err->message);
    }
    return cg_error(diag, pos, id, "%s", err->message);
}

static void
add_note(struct cg_diag *diag, const struct cg_pos *pos, char *text)
{
    struct finding *last = diag->last;

    if (last == NULL || last->note_count == NOTES_MAX) {
        return;
    }
    make_printable(text);
    last->notes[last->note_count].text = text;
    if (pos != NULL) {
        last->notes[last->note_count].pos = *pos;
    }
    last->note_count++;
}

void
cg_hint(struct cg_diag *diag, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_note(diag, NULL, cg_arena_vprintf(diag->arena, format, args));
    va_end(args);
}

void
cg_also(struct cg_diag *diag, const struct cg_pos *pos, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    add_note(diag, pos, cg_arena_vprintf(diag->arena, format, args));
    va_end(args);
}

unsigned
cg_diag_errors(const struct cg_diag *diag)
{
    return diag->errors;
}

unsigned
cg_diag_warnings(const struct cg_diag *diag)
{
    return diag->warnings;
}

static int
by_number(size_t a, size_t b)
{
    return a < b ? -1 : a > b;
}

static int
by_position(const void *left, const void *right)
{
    const struct finding *a = left;
    const struct finding *b = right;
    int order;

    /* findings that stand nowhere come last */
    order = by_number(a->pos.source == NULL ? SIZE_MAX : a->pos.source->order,
                      b->pos.source == NULL ? SIZE_MAX : b->pos.source->order);
    if (order == 0) {
        order = by_number(a->pos.line, b->pos.line);
    }
    if (order == 0) {
        order = by_number(a->pos.col, b->pos.col);
    }
    return order != 0 ? order : by_number(a->sequence, b->sequence);
}

static void
format_place(struct cg_strbuf *out, const struct cg_pos *pos)
{
    if (pos->source == NULL) {
        cg_strbuf_puts(out, "talos-configgen: ");
    } else if (pos->source->secret) {
        cg_strbuf_printf(out, "%s: %s%s", pos->source->name,
                         pos->path == NULL ? "" : pos->path,
                         pos->path == NULL ? "" : ": ");
    } else if (pos->line == 0) {
        cg_strbuf_printf(out, "%s: ", pos->source->name);
    } else {
        cg_strbuf_printf(out, "%s:%u:%u: ", pos->source->name, pos->line,
                         pos->col);
    }
}

/* The line's bytes, without its end; {NULL, 0} when there is none. */
static struct ea_bytes
line_of(struct ea_bytes text, unsigned line)
{
    const char *p = text.ptr;
    const char *end = text.ptr == NULL ? NULL : text.ptr + text.len;
    const char *stop;

    while (p != NULL && --line > 0) {
        p = memchr(p, '\n', (size_t)(end - p));
        p = p == NULL ? NULL : p + 1;
    }
    if (p == NULL || p == end) {
        return (struct ea_bytes){ NULL, 0 };
    }
    stop = memchr(p, '\n', (size_t)(end - p));
    if (stop == NULL) {
        stop = end;
    }
    if (stop > p && stop[-1] == '\r') {
        stop--;
    }
    return (struct ea_bytes){ p, (size_t)(stop - p) };
}

/* Bytes of the first `chars` UTF-8 characters. */
static size_t
utf8_prefix(struct ea_bytes text, size_t chars)
{
    size_t i = 0;

    while (i < text.len && chars > 0) {
        i++;
        while (i < text.len && ((unsigned char)text.ptr[i] & 0xc0) == 0x80) {
            i++;
        }
        chars--;
    }
    return i;
}

/* Findings end up in logs of CI jobs, which are read widely: a line that holds
 * a secret in a plain file is not shown. */
static bool
is_secret_line(struct ea_bytes line)
{
    static const char *const marks[] = {
        "ket1_",      "ktk1_",         "tskey-",  "hskey-",
        "TS_AUTHKEY", "TS_AUTH_KEY",   "SECRET",  "PRIVATE KEY",
        "password",   "identityToken", "ID_TOKEN"
    };

    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (memmem(line.ptr, line.len, marks[i], strlen(marks[i])) != NULL) {
            return true;
        }
    }
    return false;
}

static void
format_source(struct cg_strbuf *out, const struct cg_pos *pos)
{
    struct ea_bytes line;
    size_t from = 0, start, before, shown, width;
    char *text;

    if (pos->source == NULL || pos->source->secret || pos->line == 0) {
        return;
    }
    line = line_of(pos->source->text, pos->line);
    if (line.ptr == NULL || is_secret_line(line)) {
        return;
    }
    before = pos->col == 0 ? 0 : pos->col - 1;
    if (before > LINE_SHOWN - 20) {
        from = before - (LINE_SHOWN - 20);
        before -= from;
    }
    start = utf8_prefix(line, from);
    line.ptr += start;
    line.len -= start;
    shown = utf8_prefix(line, LINE_SHOWN);
    text = strndup(line.ptr, shown);
    if (text == NULL) {
        cg_out_of_memory();
    }
    make_printable(text);
    for (char *p = text; *p != '\0'; p++) {
        if (*p == '?' && line.ptr[p - text] == '\t') {
            *p = ' ';
        }
    }
    cg_strbuf_printf(out, "%5u | %s\n", pos->line, text);
    free(text);
    width = pos->len == 0 ? 1 : pos->len;
    if (width > LINE_SHOWN - before) {
        width = LINE_SHOWN - before;
    }
    cg_strbuf_puts(out, "      | ");
    cg_strbuf_repeat(out, ' ', before);
    cg_strbuf_putc(out, '^');
    cg_strbuf_repeat(out, '~', width - 1);
    cg_strbuf_putc(out, '\n');
}

void
cg_diag_format(struct cg_diag *diag, struct cg_strbuf *out)
{
    static const char *const words[] = { "error", "warning" };

    diag->last = NULL;
    if (diag->count > 0) {
        qsort(diag->findings, diag->count, sizeof(*diag->findings),
              by_position);
    }
    for (size_t i = 0; i < diag->count; i++) {
        const struct finding *one = &diag->findings[i];

        format_place(out, &one->pos);
        cg_strbuf_printf(out, "%s[%s]: %s\n", words[one->severity], one->id,
                         one->message);
        format_source(out, &one->pos);
        for (size_t n = 0; n < one->note_count; n++) {
            cg_strbuf_puts(out, "      = ");
            if (one->notes[n].pos.source != NULL) {
                format_place(out, &one->notes[n].pos);
            }
            cg_strbuf_printf(out, "%s\n", one->notes[n].text);
        }
    }
    if (diag->errors + diag->warnings > diag->count) {
        cg_strbuf_printf(out, "talos-configgen: %zu more findings\n",
                         diag->errors + diag->warnings - diag->count);
    }
}
