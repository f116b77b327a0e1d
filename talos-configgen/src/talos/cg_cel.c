/* A parser of CEL that follows types as far as it knows them. */
#include "talos/cg_cel.h"

#include <ctype.h>
#include <string.h>

#include "talos/cg_cel_names.h"

#define TEXT_MAX 4096 /* bytes */
#define DEPTH_MAX 40
#define ARGS_MAX 8
#define SCOPE_MAX 8

/* A variable of exists(x, ...) and its kin. */
struct bound {
    const char *name;
    size_t len;
    enum cg_cel_type type;
};

struct cel {
    const char *text, *p;
    enum cg_cel_env env;
    struct ea_error *err;
    struct bound scope[SCOPE_MAX];
    size_t bound;
    int depth;
    bool unchecked;
};

static enum cg_cel_type parse_expr(struct cel *cel);

#define FAIL(cel, at, ...)                                                     \
    (ea_fail((cel)->err, EA_E_SYNTAX, __VA_ARGS__) ? CG_T_NONE : place(cel, at))

static enum cg_cel_type
place(struct cel *cel, const char *at)
{
    if (cel->err->col == 0) {
        cel->err->col = (unsigned)(at - cel->text) + 1;
    }
    return CG_T_NONE;
}

static void
skip(struct cel *cel)
{
    for (;;) {
        cel->p += strspn(cel->p, " \t\r\n\f");
        if (cel->p[0] != '/' || cel->p[1] != '/') {
            return;
        }
        cel->p += strcspn(cel->p, "\n");
    }
}

/* Takes `token` if it is next. Of operators that are a prefix of a longer one
 * only the longer is taken. */
static bool
take(struct cel *cel, const char *token)
{
    size_t len = strlen(token);

    skip(cel);
    if (strncmp(cel->p, token, len) != 0 ||
        (len == 1 && strchr("<>!=", *token) != NULL && cel->p[1] == '=') ||
        (len == 1 && strchr("&|", *token) != NULL && cel->p[1] == *token)) {
        return false;
    }
    cel->p += len;
    return true;
}

static size_t
word_length(const char *p)
{
    size_t len = 0;

    if (isalpha((unsigned char)*p) || *p == '_') {
        while (isalnum((unsigned char)p[len]) || p[len] == '_') {
            len++;
        }
    }
    return len;
}

static bool
take_word(struct cel *cel, const char *word)
{
    skip(cel);
    if (word_length(cel->p) != strlen(word) ||
        strncmp(cel->p, word, strlen(word)) != 0) {
        return false;
    }
    cel->p += strlen(word);
    return true;
}

/* Undecided meets anything, and leaves its mark. */
static bool
is_compatible(struct cel *cel, enum cg_cel_type a, enum cg_cel_type b)
{
    if (a == CG_T_ANY || b == CG_T_ANY) {
        cel->unchecked = true;
        return true;
    }
    return a == b;
}

static enum cg_cel_type
mismatch(struct cel *cel, const char *at, const char *op, enum cg_cel_type a,
         enum cg_cel_type b)
{
    return FAIL(cel, at, "'%s' between %s and %s", op, cg_cel_type_name(a),
                cg_cel_type_name(b));
}

static enum cg_cel_type
parse_string(struct cel *cel, bool raw, enum cg_cel_type type)
{
    const char *start = cel->p;
    char quote = *start;
    bool triple = start[1] == quote && start[2] == quote;

    cel->p += triple ? 3 : 1;
    for (; *cel->p != '\0'; cel->p++) {
        if (*cel->p == '\\' && !raw) {
            if (strchr("abfnrtv\\?\"'`xXuU0123", cel->p[1]) == NULL ||
                cel->p[1] == '\0') {
                return FAIL(cel, cel->p, "unknown escape in a string");
            }
            cel->p++;
        } else if (*cel->p == '\n' && !triple) {
            break;
        } else if (*cel->p == quote &&
                   (!triple || (cel->p[1] == quote && cel->p[2] == quote))) {
            cel->p += triple ? 3 : 1;
            return type;
        }
    }
    return FAIL(cel, start, "a string that does not end");
}

static enum cg_cel_type
parse_number(struct cel *cel)
{
    const char *start = cel->p;
    enum cg_cel_type type = CG_T_INT;

    if (start[0] == '0' && (start[1] == 'x' || start[1] == 'X')) {
        cel->p += 2;
        cel->p += strspn(cel->p, "0123456789abcdefABCDEF");
    } else {
        cel->p += strspn(cel->p, "0123456789");
        if (*cel->p == '.' && isdigit((unsigned char)cel->p[1])) {
            type = CG_T_DOUBLE;
            cel->p++;
            cel->p += strspn(cel->p, "0123456789");
        }
        if (*cel->p == 'e' || *cel->p == 'E') {
            type = CG_T_DOUBLE;
            cel->p++;
            cel->p += *cel->p == '-' || *cel->p == '+';
            cel->p += strspn(cel->p, "0123456789");
        }
    }
    if (type == CG_T_INT && (*cel->p == 'u' || *cel->p == 'U')) {
        cel->p++;
        type = CG_T_UINT;
    }
    if (word_length(cel->p) > 0) {
        return FAIL(cel, start, "a number that ends in letters");
    }
    return type;
}

static enum cg_cel_type
parse_list(struct cel *cel)
{
    enum cg_cel_type all = CG_T_NONE;

    if (take(cel, "]")) {
        return CG_T_LIST;
    }
    do {
        enum cg_cel_type type = parse_expr(cel);

        if (type == CG_T_NONE) {
            return type;
        }
        all = all == CG_T_NONE || all == type ? type : CG_T_ANY;
    } while (take(cel, ","));
    if (!take(cel, "]")) {
        return FAIL(cel, cel->p, "a list that does not end");
    }
    return all == CG_T_STRING ? CG_T_STRINGS : CG_T_LIST;
}

static enum cg_cel_type
parse_map(struct cel *cel)
{
    if (take(cel, "}")) {
        return CG_T_MAP;
    }
    do {
        if (parse_expr(cel) == CG_T_NONE) {
            return CG_T_NONE;
        }
        if (!take(cel, ":")) {
            return FAIL(cel, cel->p, "expected ':' in a map");
        }
        if (parse_expr(cel) == CG_T_NONE) {
            return CG_T_NONE;
        }
    } while (take(cel, ","));
    if (!take(cel, "}")) {
        return FAIL(cel, cel->p, "a map that does not end");
    }
    return CG_T_MAP;
}

static bool
is_word(const char *word, const char *name, size_t len)
{
    return strlen(word) == len && memcmp(word, name, len) == 0;
}

/* Macros that test elements, and those that make a list of them. */
static bool
is_test_macro(const char *name, size_t len)
{
    return is_word("exists", name, len) || is_word("exists_one", name, len) ||
           is_word("all", name, len);
}

static bool
is_macro(const char *name, size_t len)
{
    return is_test_macro(name, len) || is_word("filter", name, len) ||
           is_word("map", name, len);
}

/* list.exists(x, x == "a"); the parenthesis is taken. */
static enum cg_cel_type
parse_macro(struct cel *cel, enum cg_cel_type list, const char *name,
            size_t len)
{
    bool is_test = is_test_macro(name, len);
    enum cg_cel_type body;
    size_t word;

    if (list != CG_T_STRINGS && list != CG_T_LIST && list != CG_T_MAP &&
        list != CG_T_ANY) {
        return FAIL(cel, name, "%s has no elements", cg_cel_type_name(list));
    }
    skip(cel);
    word = word_length(cel->p);
    if (word == 0 || cel->bound == SCOPE_MAX) {
        return FAIL(cel, cel->p, "expected the name of a variable");
    }
    cel->scope[cel->bound++] =
        (struct bound){ cel->p, word,
                        list == CG_T_STRINGS ? CG_T_STRING : CG_T_ANY };
    cel->p += word;
    if (!take(cel, ",")) {
        return FAIL(cel, cel->p, "expected ','");
    }
    body = parse_expr(cel);
    if (body != CG_T_NONE && take(cel, ",")) {
        cel->unchecked = true;
        body = parse_expr(cel);
        is_test = false;
    }
    cel->bound--;
    if (body == CG_T_NONE) {
        return body;
    }
    if (!take(cel, ")")) {
        return FAIL(cel, cel->p, "expected ')'");
    }
    if (is_test && !is_compatible(cel, body, CG_T_BOOL)) {
        return FAIL(cel, name, "the condition is %s, expected bool",
                    cg_cel_type_name(body));
    }
    return is_test ? CG_T_BOOL : CG_T_LIST;
}

/* The parenthesis is taken; `object` is NONE for a plain call. */
static enum cg_cel_type
parse_call(struct cel *cel, enum cg_cel_type object, const char *name,
           size_t len)
{
    enum cg_cel_type args[ARGS_MAX], result;
    size_t count = 0;
    bool known;

    if (object != CG_T_NONE) {
        args[count++] = object;
    }
    skip(cel);
    while (*cel->p != ')') {
        if (count == ARGS_MAX) {
            return FAIL(cel, cel->p, "too many arguments");
        }
        args[count] = parse_expr(cel);
        if (args[count++] == CG_T_NONE) {
            return CG_T_NONE;
        }
        if (!take(cel, ",")) {
            break;
        }
    }
    if (!take(cel, ")")) {
        return FAIL(cel, cel->p, "expected ')'");
    }
    if (object == CG_T_NONE && is_word("has", name, len)) {
        return count == 1 ? CG_T_BOOL
                          : FAIL(cel, name, "has() takes one argument");
    }
    result = cg_cel_call(cel->env, name, len, object != CG_T_NONE, args, count,
                         &known);
    if (!known && object == CG_T_ANY) {
        result = CG_T_ANY;
    } else if (!known) {
        return FAIL(cel, name, "no function '%.*s'", (int)len, name);
    }
    if (result == CG_T_NONE) {
        return FAIL(cel, name, "'%.*s' does not take these arguments", (int)len,
                    name);
    }
    cel->unchecked = cel->unchecked || result == CG_T_ANY;
    return result;
}

static enum cg_cel_type
parse_name(struct cel *cel)
{
    const char *name = cel->p;
    size_t len = word_length(name);
    enum cg_cel_type type;

    cel->p += len;
    if (take(cel, "(")) {
        return parse_call(cel, CG_T_NONE, name, len);
    }
    for (size_t i = cel->bound; i > 0; i--) {
        const struct bound *bound = &cel->scope[i - 1];

        if (bound->len == len && memcmp(bound->name, name, len) == 0) {
            return bound->type;
        }
    }
    type = cg_cel_variable(cel->env, name, len);
    return type != CG_T_NONE
               ? type
               : FAIL(cel, name, "no name '%.*s'", (int)len, name);
}

static enum cg_cel_type
parse_primary(struct cel *cel)
{
    enum cg_cel_type type;
    bool raw, bytes;

    skip(cel);
    if (take(cel, "(")) {
        type = parse_expr(cel);
        return type == CG_T_NONE || take(cel, ")")
                   ? type
                   : FAIL(cel, cel->p, "expected ')'");
    }
    if (take(cel, "[")) {
        return parse_list(cel);
    }
    if (take(cel, "{")) {
        return parse_map(cel);
    }
    if (isdigit((unsigned char)*cel->p)) {
        return parse_number(cel);
    }
    raw = (*cel->p == 'r' || *cel->p == 'R') &&
          (cel->p[1] == '"' || cel->p[1] == '\'');
    bytes = (*cel->p == 'b' || *cel->p == 'B') &&
            (cel->p[1] == '"' || cel->p[1] == '\'');
    if (raw || bytes || *cel->p == '"' || *cel->p == '\'') {
        cel->p += raw || bytes;
        return parse_string(cel, raw, bytes ? CG_T_BYTES : CG_T_STRING);
    }
    if (take_word(cel, "true") || take_word(cel, "false")) {
        return CG_T_BOOL;
    }
    if (take_word(cel, "null")) {
        cel->unchecked = true;
        return CG_T_ANY;
    }
    if (word_length(cel->p) > 0) {
        return parse_name(cel);
    }
    return FAIL(cel, cel->p,
                *cel->p == '\0' ? "it ends where a value is expected"
                                : "expected a value");
}

static enum cg_cel_type
parse_select(struct cel *cel, enum cg_cel_type object)
{
    const char *name;
    size_t len;
    enum cg_cel_type type;

    if (*cel->p == '?') {
        cel->p++;
        cel->unchecked = true;
    }
    skip(cel);
    name = cel->p;
    len = word_length(name);
    if (len == 0) {
        return FAIL(cel, name, "expected a name after '.'");
    }
    cel->p += len;
    if (take(cel, "(")) {
        return is_macro(name, len) ? parse_macro(cel, object, name, len)
                                   : parse_call(cel, object, name, len);
    }
    type = cg_cel_field(object, name, len);
    if (type == CG_T_NONE) {
        return FAIL(cel, name, "%s has no field '%.*s'",
                    cg_cel_type_name(object), (int)len, name);
    }
    cel->unchecked = cel->unchecked || type == CG_T_ANY;
    return type;
}

static enum cg_cel_type
parse_index(struct cel *cel, enum cg_cel_type object)
{
    const char *at = cel->p;
    enum cg_cel_type index;

    (void)take(cel, "?");
    index = parse_expr(cel);
    if (index == CG_T_NONE) {
        return index;
    }
    if (!take(cel, "]")) {
        return FAIL(cel, cel->p, "expected ']'");
    }
    if (object == CG_T_STRINGS && is_compatible(cel, index, CG_T_INT)) {
        return CG_T_STRING;
    }
    if (object == CG_T_LIST || object == CG_T_MAP || object == CG_T_ANY) {
        cel->unchecked = true;
        return CG_T_ANY;
    }
    return FAIL(cel, at, "%s cannot be indexed by %s", cg_cel_type_name(object),
                cg_cel_type_name(index));
}

static enum cg_cel_type
parse_member(struct cel *cel)
{
    enum cg_cel_type type = parse_primary(cel);

    while (type != CG_T_NONE) {
        if (take(cel, ".")) {
            type = parse_select(cel, type);
        } else if (take(cel, "[")) {
            type = parse_index(cel, type);
        } else {
            break;
        }
    }
    return type;
}

static enum cg_cel_type
parse_unary(struct cel *cel)
{
    const char *at = cel->p;
    enum cg_cel_type type;

    if (take(cel, "!")) {
        while (take(cel, "!")) {
        }
        type = parse_member(cel);
        if (type == CG_T_NONE || is_compatible(cel, type, CG_T_BOOL)) {
            return type == CG_T_NONE ? type : CG_T_BOOL;
        }
        return FAIL(cel, at, "'!' before %s", cg_cel_type_name(type));
    }
    if (take(cel, "-")) {
        while (take(cel, "-")) {
        }
        type = parse_member(cel);
        if (type == CG_T_NONE || type == CG_T_INT || type == CG_T_DOUBLE ||
            type == CG_T_ANY) {
            return type;
        }
        return FAIL(cel, at, "'-' before %s", cg_cel_type_name(type));
    }
    return parse_member(cel);
}

static bool
is_number(enum cg_cel_type type)
{
    return type == CG_T_INT || type == CG_T_UINT || type == CG_T_DOUBLE;
}

/* Both sides are there and parsed; NONE with a finding if they do not fit. */
static enum cg_cel_type
arithmetic(struct cel *cel, const char *at, const char *op, enum cg_cel_type a,
           enum cg_cel_type b)
{
    enum cg_cel_type known = a == CG_T_ANY ? b : a;

    if (!is_compatible(cel, a, b)) {
        return mismatch(cel, at, op, a, b);
    }
    if (known == CG_T_ANY || (is_number(known) && *op != '%') ||
        (*op == '%' && (known == CG_T_INT || known == CG_T_UINT)) ||
        (*op == '+' && (known == CG_T_STRING || known == CG_T_BYTES ||
                        known == CG_T_STRINGS || known == CG_T_LIST))) {
        return known;
    }
    return mismatch(cel, at, op, a, b);
}

static enum cg_cel_type
parse_product(struct cel *cel)
{
    static const char *const ops[] = { "*", "/", "%" };
    enum cg_cel_type type = parse_unary(cel);

    for (size_t i = 0; type != CG_T_NONE && i < 3;) {
        const char *at = cel->p;
        enum cg_cel_type right;

        if (!take(cel, ops[i])) {
            i++;
            continue;
        }
        right = parse_unary(cel);
        type = right == CG_T_NONE ? right
                                  : arithmetic(cel, at, ops[i], type, right);
        i = 0;
    }
    return type;
}

static enum cg_cel_type
parse_sum(struct cel *cel)
{
    static const char *const ops[] = { "+", "-" };
    enum cg_cel_type type = parse_product(cel);

    for (size_t i = 0; type != CG_T_NONE && i < 2;) {
        const char *at = cel->p;
        enum cg_cel_type right;

        if (!take(cel, ops[i])) {
            i++;
            continue;
        }
        right = parse_product(cel);
        type = right == CG_T_NONE ? right
                                  : arithmetic(cel, at, ops[i], type, right);
        i = 0;
    }
    return type;
}

static bool
is_ordered(enum cg_cel_type type)
{
    return is_number(type) || type == CG_T_BOOL || type == CG_T_STRING ||
           type == CG_T_BYTES || type == CG_T_ANY;
}

static enum cg_cel_type
membership(struct cel *cel, const char *at, enum cg_cel_type item,
           enum cg_cel_type list)
{
    if (list == CG_T_STRINGS) {
        return is_compatible(cel, item, CG_T_STRING)
                   ? CG_T_BOOL
                   : mismatch(cel, at, "in", item, list);
    }
    if (list == CG_T_LIST || list == CG_T_MAP || list == CG_T_ANY) {
        cel->unchecked = true;
        return CG_T_BOOL;
    }
    return mismatch(cel, at, "in", item, list);
}

static enum cg_cel_type
parse_relation(struct cel *cel)
{
    static const char *const ops[] = { "==", "!=", "<=", ">=", "<", ">" };
    enum cg_cel_type type = parse_sum(cel);

    for (size_t i = 0; type != CG_T_NONE && i < 7;) {
        const char *at = cel->p;
        bool is_in = i == 6 && take_word(cel, "in");
        enum cg_cel_type right;

        if (!is_in && (i == 6 || !take(cel, ops[i]))) {
            i++;
            continue;
        }
        right = parse_sum(cel);
        if (right == CG_T_NONE) {
            return right;
        }
        if (is_in) {
            type = membership(cel, at, type, right);
        } else if (!is_compatible(cel, type, right) ||
                   (i > 1 && !is_ordered(type))) {
            return mismatch(cel, at, ops[i], type, right);
        } else {
            type = CG_T_BOOL;
        }
        i = 0;
    }
    return type;
}

/* a && b, a || b: the operator binds what `next` reads. */
static enum cg_cel_type
parse_logic(struct cel *cel, const char *op,
            enum cg_cel_type (*next)(struct cel *))
{
    enum cg_cel_type type = next(cel);

    while (type != CG_T_NONE) {
        const char *at = cel->p;
        enum cg_cel_type right;

        if (!take(cel, op)) {
            break;
        }
        right = next(cel);
        if (right == CG_T_NONE) {
            return right;
        }
        if (!is_compatible(cel, type, CG_T_BOOL) ||
            !is_compatible(cel, right, CG_T_BOOL)) {
            return mismatch(cel, at, op, type, right);
        }
        type = CG_T_BOOL;
    }
    return type;
}

static enum cg_cel_type
parse_and(struct cel *cel)
{
    return parse_logic(cel, "&&", parse_relation);
}

static enum cg_cel_type
parse_choice(struct cel *cel)
{
    enum cg_cel_type type = parse_logic(cel, "||", parse_and);
    const char *at = cel->p;
    enum cg_cel_type yes, no;

    if (type == CG_T_NONE || !take(cel, "?")) {
        return type;
    }
    if (!is_compatible(cel, type, CG_T_BOOL)) {
        return FAIL(cel, at, "'?' after %s", cg_cel_type_name(type));
    }
    yes = parse_expr(cel);
    if (yes == CG_T_NONE) {
        return yes;
    }
    if (!take(cel, ":")) {
        return FAIL(cel, cel->p, "expected ':'");
    }
    no = parse_expr(cel);
    if (no == CG_T_NONE || is_compatible(cel, yes, no)) {
        return no;
    }
    return mismatch(cel, at, "?:", yes, no);
}

static enum cg_cel_type
parse_expr(struct cel *cel)
{
    enum cg_cel_type type;

    if (cel->depth == DEPTH_MAX) {
        return FAIL(cel, cel->p, "it is nested too deeply");
    }
    cel->depth++;
    type = parse_choice(cel);
    cel->depth--;
    return type;
}

enum cg_cel_verdict
cg_cel_check(const char *text, enum cg_cel_env env, struct ea_error *err)
{
    struct cel cel = { .text = text, .p = text, .env = env, .err = err };
    enum cg_cel_type want = env == CG_CEL_OOM_RANKING ? CG_T_DOUBLE : CG_T_BOOL;
    enum cg_cel_type type;

    if (strlen(text) > TEXT_MAX) {
        (void)ea_fail(err, EA_E_RANGE, "it is longer than %d bytes", TEXT_MAX);
        return CG_CEL_REFUSED;
    }
    type = parse_expr(&cel);
    if (type == CG_T_NONE) {
        return CG_CEL_REFUSED;
    }
    skip(&cel);
    if (*cel.p != '\0') {
        (void)FAIL(&cel, cel.p, "more than one expression");
        return CG_CEL_REFUSED;
    }
    if (!is_compatible(&cel, type, want)) {
        (void)FAIL(&cel, text, "it is %s, expected %s", cg_cel_type_name(type),
                   cg_cel_type_name(want));
        return CG_CEL_REFUSED;
    }
    return cel.unchecked ? CG_CEL_UNCHECKED : CG_CEL_GOOD;
}
