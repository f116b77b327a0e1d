/*
 * edge-pki: the certificates of the boot path. Finds the subcommand, prints
 * what it reports, and turns errors into exit codes.
 */
#include <errno.h>
#include <string.h>
#include <time.h>

#include <sys/resource.h>
#include <sys/stat.h>

#include "pk_commands.h"

enum { EXIT_OK = 0, EXIT_FAILED = 1, EXIT_USAGE = 2, EXIT_IN_PLACE = 3 };

static const struct pk_command *const commands[] = {
    &pk_command_init,     &pk_command_server, &pk_command_client,
    &pk_command_list,     &pk_command_revoke, &pk_command_crl,
    &pk_command_expiry,   &pk_command_renew,  &pk_command_export,
    &pk_command_rollover, &pk_command_import,
};

#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_help(FILE *out)
{
    (void)fprintf(out, "usage: edge-pki COMMAND [OPTION...]\n\n"
                       "Makes the certificates of the boot path. Never "
                       "overwrites a key.\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        (void)fprintf(out, "  %-10s%s\n", commands[i]->name,
                      commands[i]->summary);
    }
    (void)fprintf(out, "\n  --help     this text, or that of a command\n"
                       "  --version  the version\n\n"
                       "See edge-pki(1).\n");
}

static void
print_command_help(const struct pk_command *command, FILE *out)
{
    const struct pk_option *option = command->options;

    (void)fprintf(out, "usage: edge-pki %s", command->name);
    for (; option->name != NULL; option++) {
        if (option->name[0] != '-') {
            (void)fprintf(out, option->required ? " %s" : " [%s]",
                          option->name);
        }
    }
    (void)fprintf(out, " [OPTION...]\n\n%s\n\n", command->summary);
    pk_args_print(command->options, out);
}

static int
exit_code(enum ea_code code)
{
    switch (code) {
    case EA_E_SYNTAX:
    case EA_E_RANGE:
    case EA_E_UNKNOWN:
    case EA_E_MISSING:
        return EXIT_USAGE;
    case EA_E_DUPLICATE:
    case EA_E_CONFLICT:
    case EA_E_REFUSED:
        return EXIT_IN_PLACE;
    case EA_E_NONE:
    case EA_E_UNAVAILABLE:
    case EA_E_INTERNAL:
        break;
    }
    return EXIT_FAILED;
}

static int
fail(const char *command, const struct ea_error *err)
{
    (void)fprintf(stderr, "edge-pki %s: %s\n", command, err->message);
    return exit_code(err->code);
}

/* A report that nobody could read is a failure, as any other write is. */
static int
close_output(void)
{
    if (fflush(stdout) == 0 && ferror(stdout) == 0) {
        return EXIT_OK;
    }
    (void)fprintf(stderr, "edge-pki: cannot write to standard output: %s\n",
                  strerror(errno));
    return EXIT_FAILED;
}

static int
run(const struct pk_command *command, int argc, char *const argv[])
{
    int status = EXIT_OK, closed;
    struct pk_args args = { .out = stdout,
                            .now = (int64_t)time(NULL),
                            .status = &status };
    struct ea_error err = { 0 };

    if (argc > 0 && strcmp(argv[0], "--help") == 0) {
        print_command_help(command, stdout);
        return close_output();
    }
    if (!pk_args_parse(command->options, argc, argv, &args, &err)) {
        int code = fail(command->name, &err);

        (void)fprintf(stderr, "see `edge-pki %s --help`\n", command->name);
        return code;
    }
    if (!command->run(&args, &err)) {
        (void)fflush(stdout);
        return fail(command->name, &err);
    }
    closed = close_output();
    return closed != EXIT_OK ? closed : status;
}

int
main(int argc, char *argv[])
{
    const struct rlimit none = { 0, 0 };
    const char *name = argc > 1 ? argv[1] : "";

    /* Keys are in memory: no core dump, and nothing readable by others. */
    (void)setrlimit(RLIMIT_CORE, &none);
    (void)umask(022);
    for (size_t i = 0; i < COMMANDS; i++) {
        if (strcmp(commands[i]->name, name) == 0) {
            return run(commands[i], argc - 2, argv + 2);
        }
    }
    if (strcmp(name, "--help") == 0) {
        print_help(stdout);
        return close_output();
    }
    if (strcmp(name, "--version") == 0) {
        (void)printf("edge-pki %s\n", EA_VERSION);
        return close_output();
    }
    if (name[0] != '\0') {
        (void)fprintf(stderr, "edge-pki: '%.64s' is not a command\n", name);
    }
    print_help(stderr);
    return EXIT_USAGE;
}
