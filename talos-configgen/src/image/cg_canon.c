/* How the factory's encoder quotes; see cg_canon.h. */
#include "image/cg_canon.h"

#include <ctype.h>
#include <string.h>

#include "yaml/cg_tree.h"

#define DIGITS "0123456789"

enum style { STYLE_UNKNOWN = 0, STYLE_PLAIN, STYLE_SINGLE, STYLE_DOUBLE };

/* The length of a letter that every version of the encoder leaves as it is, or
 * 0. Not ASCII: U+00A1 to U+FFFD without what breaks lines or is invisible. */
static size_t
letter_len(const unsigned char *p)
{
    bool is_two = (p[1] & 0xc0) == 0x80;
    bool is_three = is_two && (p[2] & 0xc0) == 0x80;

    if (p[0] >= 0x20 && p[0] < 0x7f) {
        return 1;
    }
    if (p[0] == 0xc2) {
        return is_two && p[1] > 0xa0 ? 2 : 0;
    }
    if (p[0] > 0xc2 && p[0] < 0xe0) {
        return is_two ? 2 : 0;
    }
    if (p[0] == 0xe0) {
        return is_three && p[1] >= 0xa0 ? 3 : 0;
    }
    if (p[0] == 0xe2 && p[1] == 0x80 && (p[2] == 0xa8 || p[2] == 0xa9)) {
        return 0;
    }
    if (p[0] == 0xed) {
        return is_three && p[1] < 0xa0 ? 3 : 0;
    }
    if (p[0] == 0xef) {
        return is_three && p[1] < 0xbb ? 3 : 0;
    }
    return p[0] > 0xe0 && p[0] < 0xef && is_three ? 3 : 0;
}

static bool
has_known_letters(const char *text)
{
    const unsigned char *p = (const unsigned char *)text;

    while (*p != '\0') {
        size_t len = letter_len(p);

        if (len == 0) {
            return false;
        }
        p += len;
    }
    return true;
}

static bool
is_word(const char *text)
{
    static const char *const words[] = {
        "y",    "Y",    "yes",   "Yes",   "YES",   "n",    "N",
        "no",   "No",   "NO",    "on",    "On",    "ON",   "off",
        "Off",  "OFF",  "~",     "null",  "Null",  "NULL", "true",
        "True", "TRUE", "false", "False", "FALSE",
    };

    for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        if (strcmp(text, words[i]) == 0) {
            return true;
        }
    }
    return false;
}

/* Digits, then parts of a colon and one digit or two up to 59: base 60. */
static bool
is_sexagesimal(const char *p)
{
    if (*p == '-' || *p == '+') {
        p++;
    }
    if (!isdigit((unsigned char)*p)) {
        return false;
    }
    p += strspn(p, DIGITS "_");
    if (*p != ':') {
        return false;
    }
    while (*p == ':') {
        size_t len = strspn(++p, DIGITS);

        if (len == 0 || len > 2 || (len == 2 && *p > '5')) {
            return false;
        }
        p += len;
    }
    if (*p == '.') {
        p++;
        p += strspn(p, DIGITS "_");
    }
    return *p == '\0';
}

/* What begins like a number: one, none, or not ours to say. */
static enum style
number_style(const char *text)
{
    const struct cg_tree plain = {
        .kind = CG_SCALAR, .plain = true, .text = text, .len = strlen(text)
    };
    const char *p = text + (*text == '-' || *text == '+');

    p += *p == '.';
    if (is_sexagesimal(text) || cg_tree_type(&plain) != CG_TYPE_TEXT) {
        return STYLE_DOUBLE;
    }
    if (!isdigit((unsigned char)*p)) {
        return STYLE_PLAIN;
    }
    if (strspn(text, DIGITS) == 4 && text[4] == '-' &&
        isdigit((unsigned char)text[5])) {
        return STYLE_UNKNOWN; /* a date, perhaps */
    }
    return text[strspn(text, DIGITS "abcdefABCDEFxXoOpP_.+-")] == '\0'
               ? STYLE_UNKNOWN
               : STYLE_PLAIN;
}

static bool
is_end(char c)
{
    return c == ' ' || c == '\0';
}

/* Signs of YAML where they mean something. */
static bool
has_signs(const char *text)
{
    if (strchr("#,[]{}&*!|>'\"%@` ", text[0]) != NULL ||
        strncmp(text, "---", 3) == 0 || strncmp(text, "...", 3) == 0 ||
        ((text[0] == '?' || text[0] == '-') && is_end(text[1]))) {
        return true;
    }
    for (const char *p = text; *p != '\0'; p++) {
        if ((*p == ':' && is_end(p[1])) ||
            (*p == ' ' && (p[1] == '#' || p[1] == '\0'))) {
            return true;
        }
    }
    return false;
}

static enum style
style_of(const char *text)
{
    enum style style = STYLE_PLAIN;

    if (text[0] == '\0' || !has_known_letters(text) ||
        strcmp(text, "<<") == 0 || strcmp(text, "=") == 0) {
        return STYLE_UNKNOWN;
    }
    if (is_word(text)) {
        return STYLE_DOUBLE;
    }
    if (strchr(DIGITS "+-.", text[0]) != NULL) {
        style = number_style(text);
    }
    return style == STYLE_PLAIN && has_signs(text) ? STYLE_SINGLE : style;
}

bool
cg_canon_add(struct cg_strbuf *out, const char *text)
{
    switch (style_of(text)) {
    case STYLE_UNKNOWN:
        return false;
    case STYLE_PLAIN:
        cg_strbuf_puts(out, text);
        return true;
    case STYLE_DOUBLE: /* has nothing to escape */
        cg_strbuf_printf(out, "\"%s\"", text);
        return true;
    case STYLE_SINGLE:
        break;
    }
    cg_strbuf_putc(out, '\'');
    for (; *text != '\0'; text++) {
        if (*text == '\'') {
            cg_strbuf_putc(out, '\'');
        }
        cg_strbuf_putc(out, *text);
    }
    cg_strbuf_putc(out, '\'');
    return true;
}
