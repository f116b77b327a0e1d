/*
 * What a plain scalar means (declared in cg_tree.h). Talos reads with
 * go.yaml.in/yaml/v4, whose numbers are those of Go: base prefixes 0x 0o 0b, a
 * leading 0 is octal, underscores are skipped.
 */
#include <ctype.h>
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "yaml/cg_tree.h"

#define NUMBER_MAX 64 /* characters */

static bool
is_one_of(const char *text, const char *const words[])
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_null_word(const char *text)
{
    static const char *const words[] = {
        "", "~", "null", "Null", "NULL", NULL
    };
    return is_one_of(text, words);
}

static bool
is_true_word(const char *text)
{
    static const char *const words[] = { "true", "True", "TRUE", NULL };
    return is_one_of(text, words);
}

static bool
is_false_word(const char *text)
{
    static const char *const words[] = { "false", "False", "FALSE", NULL };
    return is_one_of(text, words);
}

/* Copies without underscores; false when it cannot be a number. */
static bool
squeeze(const struct cg_tree *tree, char out[static NUMBER_MAX])
{
    size_t len = 0;

    if (!tree->plain || tree->len == 0 || tree->len >= NUMBER_MAX ||
        strlen(tree->text) != tree->len) {
        return false;
    }
    for (size_t i = 0; i < tree->len; i++) {
        if (tree->text[i] != '_') {
            out[len++] = tree->text[i];
        }
    }
    out[len] = '\0';
    return len > 0;
}

static bool
parse_int(const struct cg_tree *tree, int64_t *ret)
{
    char text[NUMBER_MAX];
    const char *digits = text;
    bool minus;
    int base = 10;
    unsigned long long value;
    char *end;

    if (!squeeze(tree, text)) {
        return false;
    }
    minus = *digits == '-';
    if (*digits == '-' || *digits == '+') {
        digits++;
    }
    if (digits[0] == '0' && digits[1] != '\0') {
        switch (tolower((unsigned char)digits[1])) {
        case 'x':
            base = 16;
            digits += 2;
            break;
        case 'o':
            base = 8;
            digits += 2;
            break;
        case 'b':
            base = 2;
            digits += 2;
            break;
        default:
            base = 8;
            digits++;
        }
    }
    if (!isxdigit((unsigned char)*digits)) {
        return false;
    }
    errno = 0;
    value = strtoull(digits, &end, base);
    if (*end != '\0' || errno != 0 ||
        value > (unsigned long long)INT64_MAX + minus) {
        return false;
    }
    *ret = minus ? (int64_t)(0 - value) : (int64_t)value;
    return true;
}

/* [-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)? */
static bool
has_float_shape(const char *p)
{
    size_t before, after = 0, exponent;

    if (*p == '-' || *p == '+') {
        p++;
    }
    before = strspn(p, "0123456789");
    p += before;
    if (*p == '.') {
        p++;
        after = strspn(p, "0123456789");
        p += after;
    }
    if (before + after == 0) {
        return false;
    }
    if (*p == 'e' || *p == 'E') {
        p++;
        if (*p == '-' || *p == '+') {
            p++;
        }
        exponent = strspn(p, "0123456789");
        p += exponent;
        return exponent > 0 && *p == '\0';
    }
    return *p == '\0';
}

static bool
parse_float(const struct cg_tree *tree, double *ret)
{
    static const char *const nan_words[] = { ".nan", ".NaN", ".NAN", NULL };
    static const char *const inf_words[] = { ".inf",  ".Inf",  ".INF", "+.inf",
                                             "+.Inf", "+.INF", NULL };
    static const char *const minus_words[] = { "-.inf", "-.Inf", "-.INF",
                                               NULL };
    char text[NUMBER_MAX];

    if (!squeeze(tree, text)) {
        return false;
    }
    if (is_one_of(tree->text, nan_words)) {
        *ret = NAN;
        return true;
    }
    if (is_one_of(tree->text, inf_words) ||
        is_one_of(tree->text, minus_words)) {
        *ret = tree->text[0] == '-' ? -HUGE_VAL : HUGE_VAL;
        return true;
    }
    if (!has_float_shape(text)) {
        return false;
    }
    *ret = strtod(text, NULL);
    return true;
}

const char *
cg_type_name(enum cg_type type)
{
    static const char *const names[] = {
        "nothing",          "text",   "true or false", "a number",
        "a decimal number", "a list", "a mapping",
    };
    return names[type];
}

enum cg_type
cg_tree_type(const struct cg_tree *tree)
{
    int64_t number;
    double real;

    switch (tree->kind) {
    case CG_NULL:
        return CG_TYPE_NULL;
    case CG_LIST:
        return CG_TYPE_LIST;
    case CG_MAP:
        return CG_TYPE_MAP;
    case CG_SCALAR:
        break;
    }
    if (!tree->plain) {
        return CG_TYPE_TEXT;
    }
    if (is_null_word(tree->text)) {
        return CG_TYPE_NULL;
    }
    if (is_true_word(tree->text) || is_false_word(tree->text)) {
        return CG_TYPE_BOOL;
    }
    if (parse_int(tree, &number)) {
        return CG_TYPE_INT;
    }
    return parse_float(tree, &real) ? CG_TYPE_FLOAT : CG_TYPE_TEXT;
}

bool
cg_tree_bool(const struct cg_tree *tree, bool *ret)
{
    if (tree == NULL || cg_tree_type(tree) != CG_TYPE_BOOL) {
        return false;
    }
    *ret = is_true_word(tree->text);
    return true;
}

bool
cg_tree_int(const struct cg_tree *tree, int64_t *ret)
{
    return tree != NULL && tree->kind == CG_SCALAR && parse_int(tree, ret);
}

bool
cg_tree_float(const struct cg_tree *tree, double *ret)
{
    int64_t number;

    if (cg_tree_int(tree, &number)) {
        *ret = (double)number;
        return true;
    }
    return tree != NULL && tree->kind == CG_SCALAR && parse_float(tree, ret);
}

const char *
cg_tree_text(const struct cg_tree *tree)
{
    return tree == NULL || tree->kind != CG_SCALAR ? NULL : tree->text;
}

bool
cg_tree_is_text(const struct cg_tree *tree, const char *text)
{
    return cg_tree_text(tree) != NULL && strcmp(tree->text, text) == 0;
}

/* digits and colons, as in 12:30:45: base 60 to YAML 1.1 */
static bool
is_sexagesimal(const char *text)
{
    if (*text == '-' || *text == '+') {
        text++;
    }
    return isdigit((unsigned char)*text) && strchr(text, ':') != NULL &&
           text[strspn(text, "0123456789_:.")] == '\0';
}

static bool
is_timestamp(const char *text)
{
    return strlen(text) >= 8 && strspn(text, "0123456789") == 4 &&
           text[4] == '-' && isdigit((unsigned char)text[5]);
}

bool
cg_tree_is_ambiguous(const struct cg_tree *tree)
{
    static const char *const words[] = {
        "y",  "Y",  "yes", "Yes", "YES", "n",   "N", "no", "No", "NO",
        "on", "On", "ON",  "off", "Off", "OFF", "=", "<<", NULL,
    };
    const char *digits;

    if (tree->kind != CG_SCALAR || !tree->plain) {
        return false;
    }
    digits = tree->text + (*tree->text == '-' || *tree->text == '+');
    return is_one_of(tree->text, words) || is_sexagesimal(tree->text) ||
           is_timestamp(tree->text) ||
           (cg_tree_type(tree) == CG_TYPE_INT && digits[0] == '0' &&
            digits[1] != '\0' && digits[1] != 'x');
}
