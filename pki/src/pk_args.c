/* The command line as tables: see pk_args.h. */
#include "pk_args.h"

#include <string.h>

#include "ea_number.h"

#define PK_DAY_SECONDS 86400

static const struct pk_option *
find(const struct pk_option *options, const char *text, size_t len)
{
    for (; options->name != NULL; options++) {
        if (strlen(options->name) == len &&
            memcmp(options->name, text, len) == 0) {
            return options;
        }
    }
    return NULL;
}

/* The first operand of the table that has no value yet. */
static const struct pk_option *
find_operand(const struct pk_option *options, const struct pk_args *args)
{
    for (; options->name != NULL; options++) {
        if (options->name[0] != '-' && args->value[options->id] == NULL) {
            return options;
        }
    }
    return NULL;
}

static bool
store(const struct pk_option *option, const char *value, struct pk_args *args,
      struct ea_error *err)
{
    if (option->id == PK_SAN) {
        if (args->sans == PK_SAN_MAX) {
            return ea_fail(err, EA_E_SYNTAX, "more than %d times %s",
                           PK_SAN_MAX, option->name);
        }
        args->san[args->sans++] = value;
        return true;
    }
    if (args->value[option->id] != NULL) {
        return ea_fail(err, EA_E_SYNTAX, "%s is given twice", option->name);
    }
    args->value[option->id] = value;
    return true;
}

/* Takes one option at *at and moves past it. */
static bool
take(const struct pk_option *options, int argc, char *const argv[], int *at,
     struct pk_args *args, struct ea_error *err)
{
    const char *text = argv[(*at)++];
    const char *equals = strchr(text, '=');
    size_t len = equals != NULL ? (size_t)(equals - text) : strlen(text);
    const struct pk_option *option =
        text[0] == '-' ? find(options, text, len) : find_operand(options, args);

    if (option != NULL && option->name[0] != '-') {
        args->value[option->id] = text;
        return true;
    }
    if (option == NULL) {
        return ea_fail(err, EA_E_SYNTAX, "'%.80s' is not an option here", text);
    }
    if (option->argument == NULL) {
        if (equals != NULL) {
            return ea_fail(err, EA_E_SYNTAX, "%s takes no value", option->name);
        }
        return store(option, option->name, args, err);
    }
    if (equals != NULL) {
        return store(option, equals + 1, args, err);
    }
    if (*at == argc) {
        return ea_fail(err, EA_E_SYNTAX, "%s needs a value: %s", option->name,
                       option->argument);
    }
    return store(option, argv[(*at)++], args, err);
}

bool
pk_args_parse(const struct pk_option *options, int argc, char *const argv[],
              struct pk_args *args, struct ea_error *err)
{
    int at = 0;

    while (at < argc) {
        if (!take(options, argc, argv, &at, args, err)) {
            return false;
        }
    }
    for (; options->name != NULL; options++) {
        const char *value = args->value[options->id];

        if (options->required && value == NULL) {
            return ea_fail(err, EA_E_SYNTAX, "%s%s%s is missing", options->name,
                           options->argument != NULL ? " " : "",
                           options->argument != NULL ? options->argument : "");
        }
        if (value != NULL && value[0] == '\0') {
            return ea_fail(err, EA_E_SYNTAX, "%s is empty", options->name);
        }
    }
    return true;
}

void
pk_args_print(const struct pk_option *options, FILE *out)
{
    for (; options->name != NULL; options++) {
        int width = fprintf(out, "  %s%s%s", options->name,
                            options->argument != NULL ? " " : "",
                            options->argument != NULL ? options->argument : "");

        (void)fprintf(out, "%*s%s%s\n", width < 26 ? 26 - width : 1, "",
                      options->help, options->required ? " (required)" : "");
    }
}

bool
pk_args_is_dry(const struct pk_args *args)
{
    return args->value[PK_DRY_RUN] != NULL;
}

bool
pk_args_number(const struct pk_args *args, enum pk_option_id id,
               const char *name, unsigned max, unsigned *number,
               struct ea_error *err)
{
    uint64_t value = *number;

    if (args->value[id] != NULL &&
        !ea_number_parse(ea_bytes_of(args->value[id]), 1, max, name, &value,
                         err)) {
        return false;
    }
    *number = (unsigned)value;
    return true;
}

bool
pk_args_days(const struct pk_args *args, unsigned max, unsigned *ret_days,
             struct ea_error *err)
{
    unsigned days = 0;

    if (!pk_args_number(args, PK_DAYS, "--days", max, &days, err)) {
        return false;
    }
    *ret_days = days;
    return true;
}

bool
pk_args_duration(const struct pk_args *args, enum pk_option_id id,
                 const char *name, int *days, struct ea_error *err)
{
    uint64_t seconds = 0;

    if (args->value[id] == NULL) {
        return true;
    }
    if (!ea_duration_parse(ea_bytes_of(args->value[id]), PK_DAY_SECONDS,
                           (uint64_t)36500 * PK_DAY_SECONDS, name, &seconds,
                           err)) {
        return false;
    }
    *days = (int)(seconds / PK_DAY_SECONDS);
    return true;
}
