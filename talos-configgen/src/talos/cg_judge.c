/* Typed reads and refusals. */
#include "talos/cg_judge.h"

#include <stdarg.h>
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_value.h"

static const struct cg_pos *
position(const struct cg_judge *judge, const struct cg_tree *value)
{
    return value == NULL || value->pos.source == NULL ? &judge->pos
                                                      : &value->pos;
}

void
cg_judge_refuse(struct cg_judge *judge, const struct cg_tree *value,
                const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = cg_arena_vprintf(judge->walk.arena, format, args);
    va_end(args);
    judge->failed = true;
    (void)cg_error(judge->walk.diag, position(judge, value), "talos-refuses",
                   "%s%s", judge->label, text);
}

void
cg_judge_warn(struct cg_judge *judge, const struct cg_tree *value,
              const char *id, const char *format, ...)
{
    va_list args;
    const char *text;

    va_start(args, format);
    text = cg_arena_vprintf(judge->walk.arena, format, args);
    va_end(args);
    cg_warning(judge->walk.diag, position(judge, value), id, "%s%s",
               judge->label, text);
}

const char *
cg_judge_quote(const struct cg_judge *judge, const struct cg_tree *value)
{
    return value == NULL ? "''" : cg_where_quote(judge->walk.arena, value);
}

const char *
cg_judge_text(const struct cg_tree *map, const char *key)
{
    const char *text = cg_tree_text(cg_check_get(map, key));

    return text == NULL ? "" : text;
}

bool
cg_judge_flag(const struct cg_tree *map, const char *key, bool absent)
{
    bool value;

    return cg_value_bool(cg_check_get(map, key), &value) ? value : absent;
}

int64_t
cg_judge_number(const struct cg_tree *map, const char *key, int64_t absent)
{
    const struct cg_tree *tree = cg_check_get(map, key);
    int64_t value;
    double real;

    if (tree == NULL) {
        return absent;
    }
    if (cg_tree_int(tree, &value)) {
        return value;
    }
    return cg_tree_float(tree, &real) ? (int64_t)real : absent;
}

size_t
cg_judge_count(const struct cg_tree *map, const char *key)
{
    const struct cg_tree *tree = cg_check_get(map, key);

    return tree == NULL ? 0 : tree->count;
}

bool
cg_judge_is_one_of(const char *text, const char *const words[])
{
    for (; *words != NULL; words++) {
        if (strcmp(text, *words) == 0) {
            return true;
        }
    }
    return false;
}

void
cg_judge_cel(struct cg_judge *judge, const struct cg_tree *value,
             enum cg_cel_env env)
{
    struct ea_error err = { 0 };

    if (value == NULL || value->len == 0) {
        return;
    }
    switch (cg_cel_check(value->text, env, &err)) {
    case CG_CEL_REFUSED:
        cg_judge_refuse(judge, value,
                        "the expression is no good: %s (at its "
                        "character %u)",
                        err.message, err.col);
        return;
    case CG_CEL_UNCHECKED:
        cg_judge_warn(judge, value, "cel-unchecked",
                      "only syntax and names of this expression were checked");
        return;
    case CG_CEL_GOOD:
        return;
    }
}
