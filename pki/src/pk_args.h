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
    PK_DRY_RUN,
    PK_FIRST, /* operands: what follows the subcommand without a dash */
    PK_SECOND,
    PK_REASON,
    PK_ROOT_DAYS,
    PK_WARN,
    PK_KEEP_KEY,
    PK_OUT,
    PK_EARLY,
    PK_FORCE,
    PK_CERT,
    PK_CHAIN,
    PK_KEY,
    PK_IPXE,
    PK_SCRIPT,
    PK_GATE,
    PK_RETIRED,
    PK_OPTION_COUNT
};

struct pk_option {
    const char *name;     /* "--dir", or "NAME" of an operand; NULL ends */
    const char *argument; /* NULL: a switch, or an operand */
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
    int *status; /* exit status of a run that worked, if it is not 0 */
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

/* Whether nothing is to be written, only said. */
bool pk_args_is_dry(const struct pk_args *args);

/* One line per option. */
void pk_args_print(const struct pk_option *options, FILE *out);

/* --days as a number of 1..max, 0 when it was not given. */
EA_MUST_CHECK bool pk_args_days(const struct pk_args *args, unsigned max,
                                unsigned *ret_days, struct ea_error *err);

/* The same for any option, `usual` when it was not given. */
EA_MUST_CHECK bool pk_args_number(const struct pk_args *args,
                                  enum pk_option_id id, const char *name,
                                  unsigned max, unsigned *number,
                                  struct ea_error *err);

/* A duration such as 30d, in days; *days stays as it is when the option was not
 * given. */
EA_MUST_CHECK bool pk_args_duration(const struct pk_args *args,
                                    enum pk_option_id id, const char *name,
                                    int *days, struct ea_error *err);

#endif
