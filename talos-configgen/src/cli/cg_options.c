/* Reading the command line; see cg_options.h. */
#include "cli/cg_options.h"

#include <stddef.h>
#include <string.h>

#include "ea_nodes.h"
#include "ea_number.h"

#ifndef CG_PROFILE_DIR
#define CG_PROFILE_DIR "/usr/local/share/talos-configgen"
#endif

#define OWNER "tag:edge-provisioner"
#define JOBS 4
#define TRIES 5
#define STALL 30

/* What an option takes; `at`: the offset of its member. */
enum takes { TAKES_TEXT = 0, TAKES_SERIAL, TAKES_NUMBER, TAKES_NOTHING };

#define AT(member) offsetof(struct cg_options, member)

static const struct option {
    unsigned bit;
    const char *letter, *word, *value, *help;
    bool is_required;
    enum takes takes;
    size_t at;
    unsigned max; /* of a number; 1 is the least */
} options[] = {
    { CG_OPTION_INVENTORY, "-i", "--inventory", "FILE", "the inventory", true,
      TAKES_TEXT, AT(inventory), 0 },
    { CG_OPTION_OUTPUT, "-o", "--output", "DIR",
      "folder for publish/ and configs/", true, TAKES_TEXT, AT(output), 0 },
    { CG_OPTION_SERIAL, "-s", "--serial", "N",
      "serial number of nodes.json; without it, one more than the file there, "
      "if anything changed",
      false, TAKES_SERIAL, AT(serial), 0 },
    { CG_OPTION_ASSETS, "-o", "--output", "DIR",
      "folder of the boot files: the one that the gate serves as assets/", true,
      TAKES_TEXT, AT(output), 0 },
    { CG_OPTION_LOCK, "-l", "--images-lock", "FILE",
      "images.lock, instead of the inventory's", false, TAKES_TEXT,
      AT(images_lock), 0 },
    { CG_OPTION_PROFILES, "-p", "--profiles", "DIR",
      "folder of the Matchbox profiles, instead of " CG_PROFILE_DIR, false,
      TAKES_TEXT, AT(profiles), 0 },
    { CG_OPTION_OWNER, NULL, "--owner", "NAME",
      "who makes keys: tag:NAME or user@, tag:edge-provisioner if not given",
      false, TAKES_TEXT, AT(owner), 0 },
    { CG_OPTION_FORMAT, NULL, "--format", "WORD",
      "grants or acls, grants if not given", false, TAKES_TEXT, AT(format), 0 },
    { CG_OPTION_NODE, NULL, "--node", "NAME", "this node only", false,
      TAKES_TEXT, AT(node), 0 },
    { CG_OPTION_SITE, NULL, "--site", "NAME", "nodes of this site only", false,
      TAKES_TEXT, AT(site), 0 },
    { CG_OPTION_ROLE, NULL, "--role", "NAME", "nodes of this role only", false,
      TAKES_TEXT, AT(role), 0 },
    { CG_OPTION_SCHEMATIC, NULL, "--schematic", NULL,
      "print the schematics themselves, as the factory hashes them", false,
      TAKES_NOTHING, AT(schematic), 0 },
    { CG_OPTION_PIN, NULL, "--pin", NULL,
      "get what images.lock does not name too, and add it there", false,
      TAKES_NOTHING, AT(pin), 0 },
    { CG_OPTION_VERIFY, NULL, "--verify", NULL,
      "hash the files that are there, too", false, TAKES_NOTHING, AT(verify),
      0 },
    { CG_OPTION_MIRROR, NULL, "--mirror", "URL",
      "a server with the factory's paths, instead of the factory", false,
      TAKES_TEXT, AT(mirror), 0 },
    { CG_OPTION_PROXY, NULL, "--proxy", "URL",
      "proxy, instead of the environment's", false, TAKES_TEXT, AT(proxy), 0 },
    { CG_OPTION_CACERT, NULL, "--cacert", "FILE",
      "PEM of the authorities, instead of the system's", false, TAKES_TEXT,
      AT(ca_file), 0 },
    { CG_OPTION_INSECURE, NULL, "--insecure-http", NULL,
      "let --mirror be http on another machine", false, TAKES_NOTHING,
      AT(insecure_http), 0 },
    { CG_OPTION_JOBS, NULL, "--jobs", "N", "files at once, 4 if not given",
      false, TAKES_NUMBER, AT(jobs), 32 },
    { CG_OPTION_TRIES, NULL, "--tries", "N",
      "how often each file is tried, 5 if not given", false, TAKES_NUMBER,
      AT(tries), 100 },
    { CG_OPTION_STALL, NULL, "--stall", "SECONDS",
      "end a try after so long without a byte, 30 if not given", false,
      TAKES_NUMBER, AT(stall), 3600 },
    { CG_OPTION_DRY_RUN, NULL, "--dry-run", NULL,
      "show what would be done, do nothing", false, TAKES_NOTHING, AT(dry_run),
      0 },
    { CG_OPTION_JSON, NULL, "--json", NULL, "print JSON", false, TAKES_NOTHING,
      AT(json), 0 },
};
#define OPTIONS (sizeof(options) / sizeof(options[0]))

/* "-i, --inventory FILE" */
static void
show_option(const struct option *option, char *ret, size_t size)
{
    (void)snprintf(ret, size, "%s%s%s%s%s",
                   option->letter == NULL ? "" : option->letter,
                   option->letter == NULL ? "" : ", ", option->word,
                   option->value == NULL ? "" : " ",
                   option->value == NULL ? "" : option->value);
}

static void
show_command(const struct cg_command *command, FILE *out)
{
    char text[48];

    (void)fprintf(out, "  %-15s %s\n", command->name, command->help);
    for (size_t i = 0; i < OPTIONS; i++) {
        if ((command->options & options[i].bit) != 0) {
            show_option(&options[i], text, sizeof(text));
            (void)fprintf(out, "                  %s%s\n", text,
                          options[i].is_required ? " (required)" : "");
        }
    }
}

void
cg_options_help(const struct cg_command *command, FILE *out)
{
    char text[48];

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
            show_option(&options[i], text, sizeof(text));
            (void)fprintf(out, "  %-24s %s\n", text, options[i].help);
        }
    }
    (void)fputs(
        "  -h, --help               this text; behind a command, its part\n"
        "\nexit status: 0 no errors, 1 errors were found, 2 wrong command "
        "line,\n             3 the output could not be written, 4 a boot file "
        "cannot be had\n             or is another one\n",
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
read_number(const struct option *option, const char *text, uint64_t max,
            uint64_t *ret)
{
    struct ea_error err = { 0 };

    if (!ea_number_parse(ea_bytes_of(text), 1, max, option->word + 2, ret,
                         &err)) {
        (void)fprintf(stderr, "talos-configgen: %s: %s\n", option->word,
                      err.message);
        return false;
    }
    return true;
}

static bool
set(const struct option *option, const char *value, struct cg_options *ret)
{
    char *member = (char *)ret + option->at;
    uint64_t number = 0;

    switch (option->takes) {
    case TAKES_TEXT:
        memcpy(member, &value, sizeof(value));
        return true;
    case TAKES_NOTHING:
        memcpy(member, &(bool){ true }, sizeof(bool));
        return true;
    case TAKES_SERIAL:
        if (!read_number(option, value, EA_NODES_SERIAL_MAX, &number)) {
            return false;
        }
        memcpy(member, &(uint32_t){ (uint32_t)number }, sizeof(uint32_t));
        return true;
    case TAKES_NUMBER:
        if (!read_number(option, value, option->max, &number)) {
            return false;
        }
        memcpy(member, &(unsigned){ (unsigned)number }, sizeof(unsigned));
        return true;
    }
    return false;
}

static const struct option *
find(const struct cg_command *command, const char *text)
{
    for (size_t i = 0; i < OPTIONS; i++) {
        if ((command->options & options[i].bit) != 0 &&
            ((options[i].letter != NULL &&
              strcmp(text, options[i].letter) == 0) ||
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

    *ret = (struct cg_options){
        .profiles = CG_PROFILE_DIR,
        .owner = OWNER,
        .format = "grants",
        .jobs = JOBS,
        .tries = TRIES,
        .stall = STALL,
    };
    for (int i = 0; i < argc; i++) {
        const struct option *option = find(command, argv[i]);

        if (option == NULL) {
            return fail("unknown option", argv[i]);
        }
        if ((given & option->bit) != 0) {
            return fail("given twice:", option->word);
        }
        if (option->takes != TAKES_NOTHING && i + 1 == argc) {
            return fail("no value behind", argv[i]);
        }
        i += option->takes != TAKES_NOTHING;
        if (!set(option, argv[i], ret)) {
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
