/*
 * The command line as tables: commands, options, and the help that is made
 * from them.
 */
#ifndef CG_OPTIONS_H
#define CG_OPTIONS_H

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* Exit codes, as in the manual. */
enum {
    CG_EXIT_GOOD = 0,     /* no errors; warnings may have been shown */
    CG_EXIT_FINDINGS = 1, /* the inventory or a file it names has errors */
    CG_EXIT_USAGE = 2,    /* the command line is wrong */
    CG_EXIT_OUTPUT = 3,   /* the output could not be written */
    CG_EXIT_FETCH = 4     /* a boot file cannot be had, or is another one */
};

struct cg_options {
    const char *inventory, *output, *images_lock, *profiles;
    uint32_t serial; /* 0: not given */

    /* of `image` */
    const char *site, *node, *role;
    const char *mirror, *proxy, *ca_file;
    unsigned jobs, tries, stall;
    /* of `tailnet-policy` */
    const char *owner, *format;

    bool schematic, json, dry_run, pin, verify, insecure_http;
};

struct cg_command {
    const char *name, *help;
    unsigned options; /* which, or-ed CG_OPTION_* */
    int (*run)(const struct cg_options *options);
};

/* A NULL name ends the table; main.c has it. */
extern const struct cg_command cg_commands[];

/* Options of a command behind its name. False: the reason was printed. */
bool cg_options_parse(const struct cg_command *command, int argc, char **argv,
                      struct cg_options *ret);

/* All commands, or (command not NULL) one and its options. */
void cg_options_help(const struct cg_command *command, FILE *out);

/* The bits of struct cg_command. */
enum {
    CG_OPTION_INVENTORY = 1,
    CG_OPTION_OUTPUT = 2,
    CG_OPTION_SERIAL = 4,
    CG_OPTION_LOCK = 8,
    CG_OPTION_PROFILES = 1 << 4,
    CG_OPTION_ASSETS = 1 << 5,
    CG_OPTION_SITE = 1 << 6,
    CG_OPTION_NODE = 1 << 7,
    CG_OPTION_ROLE = 1 << 8,
    CG_OPTION_SCHEMATIC = 1 << 9,
    CG_OPTION_JSON = 1 << 10,
    CG_OPTION_DRY_RUN = 1 << 11,
    CG_OPTION_PIN = 1 << 12,
    CG_OPTION_VERIFY = 1 << 13,
    CG_OPTION_MIRROR = 1 << 14,
    CG_OPTION_PROXY = 1 << 15,
    CG_OPTION_CACERT = 1 << 16,
    CG_OPTION_INSECURE = 1 << 17,
    CG_OPTION_JOBS = 1 << 18,
    CG_OPTION_TRIES = 1 << 19,
    CG_OPTION_STALL = 1 << 20,
    CG_OPTION_OWNER = 1 << 21,
    CG_OPTION_FORMAT = 1 << 22
};

#endif
