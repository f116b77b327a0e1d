/*
 * The command line, as tables: what can be asked for, and what was. Help and
 * parsing both come from the table.
 */
#ifndef PK_ARGS_H
#define PK_ARGS_H

#include <stdio.h>

#include "ea_types.h"

enum pk_option_id {
    PK_DIR,
    PK_DOMAIN,
    PK_NAME,
    PK_FOR,
    PK_SAN,
    PK_SITE,
    PK_NODE,
    PK_DAYS,
    PK_RENEW,
    PK_WITHIN,
    PK_JSON,
    PK_OPTION_COUNT
};

struct pk_option {
    const char *name;     /* "--dir"; NULL ends a table */
    const char *argument; /* NULL: a switch */
    enum pk_option_id id;
    bool required;
    const char *help;
};

#define PK_SAN_MAX 16

struct pk_args {
    const char *value[PK_OPTION_COUNT]; /* NULL: not given */
    const char *san[PK_SAN_MAX];        /* --san may be repeated */
    size_t sans;
    int64_t now; /* seconds since the epoch */
    FILE *out;   /* what was done, one line each */
};

struct pk_command {
    const char *name, *summary;
    const struct pk_option *options;
    bool (*run)(const struct pk_args *args, struct ea_error *err);
};

/* Fills in value and san from what follows the subcommand's name. Every option
 * but --san is given once. err->code on failure: EA_E_SYNTAX. The strings in
 * `argv` are borrowed for as long as *args lives. */
EA_MUST_CHECK bool pk_args_parse(const struct pk_option *options, int argc,
                                 char *const argv[], struct pk_args *args,
                                 struct ea_error *err);

/* One line per option. */
void pk_args_print(const struct pk_option *options, FILE *out);

/* --days as a number of 1..max, 0 when it was not given. */
EA_MUST_CHECK bool pk_args_days(const struct pk_args *args, unsigned max,
                                unsigned *ret_days, struct ea_error *err);

#endif
