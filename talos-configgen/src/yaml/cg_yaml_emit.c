/* Trees to YAML text that all readers take for the same; see cg_yaml.h. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "yaml/cg_yaml.h"

#define INDENT 4

static void emit_value(struct cg_strbuf *out, const struct cg_tree *tree,
                       unsigned indent);

/* Text that every reader takes for this very string without quotes: it starts
 * with a letter or a slash, has none of YAML's signs, and is no word of any
 * schema. Anything else is quoted; there is no prize for fewer quotes. */
static bool
is_safe_plain(const char *text, size_t len)
{
    const struct cg_tree plain = {
        .kind = CG_SCALAR, .plain = true, .text = text, .len = len
    };
    static const char safe[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
                               "0123456789_./-+=@";
    static const char first[] = "abcdefghijklmnopqrstuvwxyz"
                                "ABCDEFGHIJKLMNOPQRSTUVWXYZ/_";

    if (len == 0 || strchr(first, text[0]) == NULL) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (text[i] == '\0') {
            return false;
        }
        if (strchr(safe, text[i]) != NULL) {
            continue;
        }
        /* "https://x" is safe: no blank follows the colon */
        if (text[i] == ':' && i + 1 < len &&
            strchr(safe, text[i + 1]) != NULL) {
            continue;
        }
        if (text[i] == ' ' && i + 1 < len &&
            strchr(safe, text[i + 1]) != NULL) {
            continue;
        }
        return false;
    }
    return cg_tree_type(&plain) == CG_TYPE_TEXT &&
           !cg_tree_is_ambiguous(&plain);
}

static void
emit_quoted(struct cg_strbuf *out, const char *text, size_t len)
{
    cg_strbuf_putc(out, '"');
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];

        if (c == '"' || c == '\\') {
            cg_strbuf_printf(out, "\\%c", c);
        } else if (c == '\n') {
            cg_strbuf_puts(out, "\\n");
        } else if (c == '\t') {
            cg_strbuf_puts(out, "\\t");
        } else if (c < 0x20 || c == 0x7f) {
            cg_strbuf_printf(out, "\\x%02x", c);
        } else if (c == 0xc2 && i + 1 < len &&
                   (unsigned char)text[i + 1] < 0xa0) {
            /* C1 controls: not printable in YAML */
            cg_strbuf_printf(out, "\\x%02x", (unsigned char)text[++i]);
        } else if (c == 0xe2 && i + 2 < len &&
                   (unsigned char)text[i + 1] == 0x80 &&
                   ((unsigned char)text[i + 2] & 0xfe) == 0xa8) {
            /* line and paragraph separators: line breaks to YAML 1.1 */
            cg_strbuf_printf(out, "\\u20%02x",
                             ((unsigned char)text[i + 2] & 0x3f));
            i += 2;
        } else if (c == 0xef && i + 2 < len &&
                   (unsigned char)text[i + 1] == 0xbb &&
                   (unsigned char)text[i + 2] == 0xbf) {
            cg_strbuf_puts(out, "\\ufeff");
            i += 2;
        } else {
            cg_strbuf_putc(out, (char)c);
        }
    }
    cg_strbuf_putc(out, '"');
}

/* A literal block keeps several lines of printable ASCII readable. Its first
 * line must not be blank or begin with a blank (that sets the indentation), no
 * line may end in one, and only a single final newline is written as such. */
static bool
is_block_text(const char *text, size_t len)
{
    if (len < 2 || memchr(text, '\n', len) == NULL || text[0] == ' ' ||
        text[0] == '\n' || text[0] == '\t') {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        unsigned char c = (unsigned char)text[i];
        bool at_end = i + 1 == len || text[i + 1] == '\n';

        if (c != '\n' && (c < 0x20 || c > 0x7e)) {
            return false;
        }
        if (c == ' ' && at_end) {
            return false;
        }
        if (c == '\n' && at_end && i + 2 >= len && i + 1 < len) {
            return false; /* more than one newline at the end */
        }
    }
    return true;
}

static void
emit_block(struct cg_strbuf *out, const char *text, size_t len, unsigned indent)
{
    const char *end = text + len;

    cg_strbuf_puts(out, text[len - 1] == '\n' ? "|\n" : "|-\n");
    while (text < end) {
        const char *stop = memchr(text, '\n', (size_t)(end - text));
        size_t size = (size_t)((stop == NULL ? end : stop) - text);

        if (size > 0) {
            cg_strbuf_repeat(out, ' ', indent);
            cg_strbuf_add(out, text, size);
        }
        cg_strbuf_putc(out, '\n');
        text += size + 1;
    }
}

static void
emit_text(struct cg_strbuf *out, const char *text, size_t len)
{
    if (is_safe_plain(text, len)) {
        cg_strbuf_add(out, text, len);
    } else {
        emit_quoted(out, text, len);
    }
}

/* Decimal point, and a sign in the exponent: YAML 1.1 asks for both. */
static void
emit_float(struct cg_strbuf *out, const struct cg_tree *tree)
{
    char text[64];
    double value = 0;
    int len;

    (void)cg_tree_float(tree, &value);
    if (value != value) {
        cg_strbuf_puts(out, ".nan");
        return;
    }
    if (value > 1.7e308 || value < -1.7e308) {
        cg_strbuf_puts(out, value > 0 ? ".inf" : "-.inf");
        return;
    }
    len = snprintf(text, sizeof(text), "%.17g", value);
    if (strchr(text, '.') == NULL) {
        const char *exponent = strchr(text, 'e');
        size_t digits =
            exponent == NULL ? (size_t)len : (size_t)(exponent - text);

        cg_strbuf_add(out, text, digits);
        cg_strbuf_puts(out, ".0");
        cg_strbuf_puts(out, text + digits);
        return;
    }
    cg_strbuf_puts(out, text);
}

static void
emit_scalar(struct cg_strbuf *out, const struct cg_tree *tree)
{
    int64_t number = 0;
    bool is_true = false;

    switch (cg_tree_type(tree)) {
    case CG_TYPE_BOOL:
        (void)cg_tree_bool(tree, &is_true);
        cg_strbuf_puts(out, is_true ? "true" : "false");
        return;
    case CG_TYPE_INT:
        (void)cg_tree_int(tree, &number);
        cg_strbuf_printf(out, "%" PRId64, number);
        return;
    case CG_TYPE_FLOAT:
        emit_float(out, tree);
        return;
    case CG_TYPE_NULL:
        cg_strbuf_puts(out, "null");
        return;
    case CG_TYPE_TEXT:
    case CG_TYPE_LIST:
    case CG_TYPE_MAP:
        emit_text(out, tree->text, tree->len);
        return;
    }
}

/* Behind "key:" or "-": a scalar stays on the line. */
static void
emit_below(struct cg_strbuf *out, const struct cg_tree *tree, unsigned indent)
{
    if ((tree->kind == CG_LIST || tree->kind == CG_MAP) && tree->count > 0) {
        cg_strbuf_putc(out, '\n');
        emit_value(out, tree, indent);
        return;
    }
    cg_strbuf_putc(out, ' ');
    if (tree->kind == CG_SCALAR && cg_tree_type(tree) == CG_TYPE_TEXT &&
        is_block_text(tree->text, tree->len)) {
        emit_block(out, tree->text, tree->len, indent);
        return;
    }
    emit_value(out, tree, indent);
}

static void
emit_entries(struct cg_strbuf *out, const struct cg_tree *map, unsigned indent,
             bool at_margin)
{
    for (size_t i = 0; i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];

        if (i > 0 || !at_margin) {
            cg_strbuf_repeat(out, ' ', indent);
        }
        emit_text(out, entry->key, strlen(entry->key));
        cg_strbuf_putc(out, ':');
        emit_below(out, entry->value, indent + INDENT);
    }
}

static void
emit_items(struct cg_strbuf *out, const struct cg_tree *list, unsigned indent)
{
    for (size_t i = 0; i < list->count; i++) {
        const struct cg_tree *item = list->items[i];

        cg_strbuf_repeat(out, ' ', indent);
        cg_strbuf_putc(out, '-');
        if (item->kind == CG_MAP && item->count > 0) {
            cg_strbuf_putc(out, ' ');
            emit_entries(out, item, indent + 2, true);
        } else {
            emit_below(out, item, indent + 2);
        }
    }
}

static void
emit_value(struct cg_strbuf *out, const struct cg_tree *tree, unsigned indent)
{
    switch (tree->kind) {
    case CG_NULL:
        cg_strbuf_puts(out, "null\n");
        return;
    case CG_SCALAR:
        emit_scalar(out, tree);
        cg_strbuf_putc(out, '\n');
        return;
    case CG_LIST:
        if (tree->count == 0) {
            cg_strbuf_puts(out, "[]\n");
            return;
        }
        emit_items(out, tree, indent);
        return;
    case CG_MAP:
        if (tree->count == 0) {
            cg_strbuf_puts(out, "{}\n");
            return;
        }
        emit_entries(out, tree, indent, false);
        return;
    }
}

void
cg_yaml_emit_one(struct cg_strbuf *out, const struct cg_tree *tree)
{
    emit_value(out, tree, 0);
}

void
cg_yaml_emit(struct cg_strbuf *out, const struct cg_trees *trees)
{
    for (size_t i = 0; i < trees->count; i++) {
        if (i > 0) {
            cg_strbuf_puts(out, "---\n");
        }
        emit_value(out, trees->roots[i], 0);
    }
}
