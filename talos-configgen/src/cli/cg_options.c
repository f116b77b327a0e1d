/* Reading the command line; see cg_options.h. */
#include "cli/cg_options.h"

#include <string.h>

#include "ea_nodes.h"
#include "ea_number.h"

#ifndef CG_PROFILE_DIR
#define CG_PROFILE_DIR "/usr/local/share/talos-configgen"
#endif

static const struct option {
    unsigned bit;
    const char *letter, *word, *value, *help;
    bool is_required;
} options[] = {
    { CG_OPTION_INVENTORY, "-i", "--inventory", "FILE", "the inventory", true },
    { CG_OPTION_OUTPUT, "-o", "--output", "DIR",
      "folder for publish/ and configs/", true },
    { CG_OPTION_SERIAL, "-s", "--serial", "N",
      "serial number of nodes.json; without it, one more than the file there, "
      "if anything changed",
      false },
    { CG_OPTION_LOCK, "-l", "--images-lock", "FILE",
      "images.lock, instead of the inventory's", false },
    { CG_OPTION_PROFILES, "-p", "--profiles", "DIR",
      "folder of the Matchbox profiles, instead of " CG_PROFILE_DIR, false },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

static void
show_command(const struct cg_command *command, FILE *out)
{
    (void)fprintf(out, "  %-8s %s\n", command->name, command->help);
    for (size_t i = 0; i < OPTIONS; i++) {
        if ((command->options & options[i].bit) != 0) {
            (void)fprintf(out, "             %s, %s %s%s\n", options[i].letter,
                          options[i].word, options[i].value,
                          options[i].is_required ? " (required)" : "");
        }
    }
}

void
cg_options_help(const struct cg_command *command, FILE *out)
{
    (void)fprintf(out, "usage: talos-configgen %s [option ...]\n\n",
                  command == NULL ? "COMMAND" : command->name);
    for (const struct cg_command *c = cg_commands; c->name != NULL; c++) {
        if (command == NULL || command == c) {
            show_command(c, out);
        }
    }
    (void)fputs("\n", out);
    for (size_t i = 0; i < OPTIONS; i++) {
        if (command == NULL || (command->options & options[i].bit) != 0) {
            (void)fprintf(out, "  %s, %-14s %s\n", options[i].letter,
                          options[i].word, options[i].help);
        }
    }
    (void)fputs("  -h, --help         this text; behind a command, its part\n"
                "\nexit status: 0 no errors, 1 errors were found, 2 wrong "
                "command line,\n             3 the output could not be "
                "written\n",
                out);
}

static bool
fail(const char *message, const char *what)
{
    (void)fprintf(stderr,
                  "talos-configgen: %s '%s'; see talos-configgen --help\n",
                  message, what);
    return false;
}

static bool
set_serial(const char *text, struct cg_options *ret)
{
    struct ea_error err = { 0 };
    uint64_t serial;

    if (!ea_number_parse(ea_bytes_of(text), 1, EA_NODES_SERIAL_MAX, "serial",
                         &serial, &err)) {
        (void)fprintf(stderr, "talos-configgen: --serial: %s\n", err.message);
        return false;
    }
    ret->serial = (uint32_t)serial;
    return true;
}

static bool
set(const struct option *option, const char *value, struct cg_options *ret)
{
    switch (option->bit) {
    case CG_OPTION_INVENTORY:
        ret->inventory = value;
        return true;
    case CG_OPTION_OUTPUT:
        ret->output = value;
        return true;
    case CG_OPTION_LOCK:
        ret->images_lock = value;
        return true;
    case CG_OPTION_PROFILES:
        ret->profiles = value;
        return true;
    default:
        return set_serial(value, ret);
    }
}

static const struct option *
find(const struct cg_command *command, const char *text)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if ((command->options & options[i].bit) != 0 &&
            (strcmp(text, options[i].letter) == 0 ||
             strcmp(text, options[i].word) == 0)) {
            return &options[i];
        }
    }
    return NULL;
}

bool
cg_options_parse(const struct cg_command *command, int argc, char **argv,
                 struct cg_options *ret)
{
    unsigned given = 0;

    *ret = (struct cg_options){ .profiles = CG_PROFILE_DIR };
    for (int i = 0; i < argc; i += 2) {
        const struct option *option = find(command, argv[i]);

        if (option == NULL) {
            return fail("unknown option", argv[i]);
        }
        if ((given & option->bit) != 0) {
            return fail("given twice:", option->word);
        }
        if (i + 1 == argc) {
            return fail("no value behind", argv[i]);
        }
        if (!set(option, argv[i + 1], ret)) {
            return false;
        }
        given |= option->bit;
    }
    for (size_t i = 0; i < OPTIONS; i++) {
        if (options[i].is_required && (command->options & options[i].bit) &&
            (given & options[i].bit) == 0) {
            return fail("missing option", options[i].word);
        }
    }
    return true;
}
