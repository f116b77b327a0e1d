/* See au_command.h. */
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "au_command.h"
#include "au_keyd.h"

/* What an option's value goes to: a member of au_args. */
struct option {
    const char *name, *value; /* value NULL: a switch */
    size_t offset;
    const char *help;
};

#define VALUE(name, what, member, help)                                        \
    {                                                                          \
        name, what, offsetof(struct au_args, member), help                     \
    }
#define SWITCH(name, member, help)                                             \
    {                                                                          \
        name, NULL, offsetof(struct au_args, member), help                     \
    }

/* Bits of a command's options are indices into this table. */
enum {
    O_STORE,
    O_PEPPER,
    O_JSON,
    O_OWNER,
    O_LAB,
    O_ACCEPT,
    O_TTL,
    O_BY,
    O_OUT,
    O_DNSMASQ,
    O_FORGET,
    O_CHANGED,
    O_ROLLBACK,
    O_UUID,
    O_MAC,
    O_SERIAL,
    O_KEYD,
    O_TIMEOUT,
    O_TEXTFILE,
    O_SITE,
    O_TAGS,
    O_HOSTNAME,
    O_COUNT
};

static const struct option options[O_COUNT] = {
    [O_STORE] = VALUE("--store", "DIR", store,
                      "the store, instead of " AU_STORE_DEFAULT),
    [O_PEPPER] = VALUE("--pepper", "FILE", pepper,
                       "the pepper file, instead of " AU_PEPPER_DEFAULT),
    [O_JSON] = SWITCH("--json", json, "print one JSON object"),
    [O_OWNER] =
        VALUE("--owner", "USER", owner, "the user that nginx' workers run as"),
    [O_LAB] = SWITCH("--lab", lab,
                     "a store that only a gate with edge_auth_lab opens"),
    [O_ACCEPT] =
        SWITCH("--accept", accept, "take the machine's clock as it is now"),
    [O_TTL] = VALUE("--ttl", "TIME", ttl,
                    "how long the first claim may take, 60s to 30d, instead of "
                    "the site's"),
    [O_BY] = VALUE("--by", "TIME", by, "how long from now, usually 4h"),
    [O_OUT] = VALUE("--out", "FILE", out,
                    "write the boot URL to a new file, 0600, and print no "
                    "secret"),
    [O_DNSMASQ] = VALUE("--dnsmasq", "DIR", dnsmasq,
                        "keep the node's boot URL for DHCP in DIR/NODE.conf, "
                        "and print no secret"),
    [O_FORGET] =
        SWITCH("--forget", forget, "forget the hardware ids that were learned"),
    [O_CHANGED] = SWITCH("--allow-changed", allow_changed,
                         "even if a live enrollment's ids or policy change"),
    [O_ROLLBACK] =
        SWITCH("--rollback", rollback, "even if the serial is lower"),
    [O_UUID] = VALUE("--uuid", "UUID", uuid, "SMBIOS UUID that is presented"),
    [O_MAC] = VALUE("--mac", "MAC", mac, "MAC address that is presented"),
    [O_SERIAL] =
        VALUE("--serial", "TEXT", serial, "SMBIOS serial that is presented"),
    [O_KEYD] = VALUE("--keyd", "SOCKET", keyd,
                     "edge-keyd's, instead of " AU_KEYD_DEFAULT),
    [O_TIMEOUT] = VALUE("--timeout", "TIME", timeout,
                        "how long to wait for edge-keyd, usually 30s"),
    [O_TEXTFILE] = VALUE("--textfile", "FILE", textfile,
                         "replace FILE.prom, which node_exporter collects"),
    [O_SITE] = VALUE("--site", "SITE", site,
                     "whose ceilings of keys count, instead of the node's"),
    [O_TAGS] = VALUE("--tags", "TAG,...", tags,
                     "what the device is tagged with, instead of the node's"),
    [O_HOSTNAME] = VALUE("--hostname", "NAME", hostname,
                         "the device's name, instead of the node's"),
};

#define BIT(option) (1u << (option))
#define ALWAYS (BIT(O_STORE) | BIT(O_JSON))

static const struct command {
    const char *group, *verb; /* verb NULL: the group is the command */
    const char *operand;      /* NULL: takes none */
    unsigned options;
    au_run *run;
    const char *help;
} commands[] = {
    { "store", "init", NULL, ALWAYS | BIT(O_PEPPER) | BIT(O_OWNER) | BIT(O_LAB),
      au_store_init, "make an empty store, and the pepper if there is none" },
    { "store", "check", NULL, ALWAYS | BIT(O_PEPPER), au_store_check,
      "is everything the gate needs there and readable?" },
    { "store", "clock", NULL, ALWAYS | BIT(O_ACCEPT), au_store_clock,
      "show the store's time, or accept the machine's after a jump" },
    { "node", "import", "FILE", ALWAYS | BIT(O_CHANGED) | BIT(O_ROLLBACK),
      au_node_import, "replace sites and nodes by those of a nodes.json" },
    { "node", "list", NULL, ALWAYS, au_node_list, "one line a node" },
    { "node", "show", "NODE", ALWAYS, au_node_show,
      "facts and enrollment of a node" },
    { "node", "arm", "NODE", ALWAYS | BIT(O_TTL) | BIT(O_FORGET), au_node_arm,
      "open a new enrollment; everything older is void, a hold too" },
    { "node", "confirm", "NODE", ALWAYS, au_node_confirm,
      "say that a delivered node has joined" },
    { "node", "retire", "NODE",
      ALWAYS | BIT(O_DNSMASQ) | BIT(O_KEYD) | BIT(O_TIMEOUT), au_node_retire,
      "take a node out of service: enrollment, keys, device" },
    { "token", "create", "NODE",
      ALWAYS | BIT(O_PEPPER) | BIT(O_TTL) | BIT(O_OUT) | BIT(O_DNSMASQ) |
          BIT(O_FORGET),
      au_token_create, "arm a node and print its token and boot URL, once" },
    { "token", "list", NULL, ALWAYS, au_token_list, "one line a token" },
    { "token", "show", "ID", ALWAYS, au_token_show,
      "what the token with this id opens" },
    { "token", "extend", "NODE", ALWAYS | BIT(O_BY), au_token_extend,
      "give a node more time; a waiting ticket lives again" },
    { "token", "revoke", "NODE", ALWAYS | BIT(O_DNSMASQ), au_token_revoke,
      "void a node's token and tickets at once" },
    { "key", "mint", "NODE",
      ALWAYS | BIT(O_KEYD) | BIT(O_TIMEOUT) | BIT(O_SITE) | BIT(O_TAGS) |
          BIT(O_HOSTNAME),
      au_key_mint, "print a key, once, for a node that does not boot here" },
    { "key", "metrics", NULL,
      ALWAYS | BIT(O_KEYD) | BIT(O_TIMEOUT) | BIT(O_TEXTFILE), au_key_metrics,
      "keys and joins in figures, for Prometheus" },
    { "explain", NULL, "NODE|REASON",
      ALWAYS | BIT(O_UUID) | BIT(O_MAC) | BIT(O_SERIAL), au_explain,
      "what the gate would answer a node now, or what a reason means" },
    { "audit", "show", NULL, ALWAYS, au_audit_show,
      "the events on record, one JSON object a line" },
    { "audit", "verify", NULL, ALWAYS, au_audit_verify,
      "check the chain of hashes over all events" },
};
#define COMMANDS (sizeof(commands) / sizeof(commands[0]))

static void
print_name(const struct command *command)
{
    printf("edge-auth %s%s%s%s%s", command->group, command->verb ? " " : "",
           command->verb ? command->verb : "", command->operand ? " " : "",
           command->operand ? command->operand : "");
}

static enum au_exit
help(void)
{
    printf("usage: edge-auth COMMAND [OPTION...]\n\n"
           "Enrollment of edge nodes: what the gate knows, and what it may "
           "hand out.\n\n");
    for (size_t i = 0; i < COMMANDS; i++) {
        char name[64];

        (void)snprintf(name, sizeof(name), "%s %s %s", commands[i].group,
                       commands[i].verb ? commands[i].verb : "",
                       commands[i].operand ? commands[i].operand : "");
        printf("  %-20s %s\n", name, commands[i].help);
    }
    printf(
        "\n  --help     this text, or that of a command\n"
        "  --version  the version\n\n"
        "exit status: 0 done, 1 refused or not found, 2 wrong command line,\n"
        "             3 store, pepper, clock or edge-keyd cannot be used,\n"
        "             4 node retire: something is left\n\n"
        "See edge-auth(8).\n");
    return AU_OK;
}

static enum au_exit
help_of(const struct command *command)
{
    printf("usage: ");
    print_name(command);
    printf(" [OPTION...]\n\n%s\n\n", command->help);
    for (size_t i = 0; i < O_COUNT; i++) {
        char name[64];

        if ((command->options & BIT(i)) == 0) {
            continue;
        }
        (void)snprintf(name, sizeof(name), "%s %s", options[i].name,
                       options[i].value ? options[i].value : "");
        printf("  %-18s %s\n", name, options[i].help);
    }
    return AU_OK;
}

static const struct command *
find(int argc, char **argv, int *ret_used)
{
    for (size_t i = 0; i < COMMANDS; i++) {
        const struct command *command = &commands[i];

        if (argc < 2 || strcmp(argv[1], command->group) != 0) {
            continue;
        }
        if (command->verb == NULL) {
            *ret_used = 2;
            return command;
        }
        if (argc > 2 && strcmp(argv[2], command->verb) == 0) {
            *ret_used = 3;
            return command;
        }
    }
    return NULL;
}

/* The option of the command that `word` names, with "=value" or without. */
static const struct option *
find_option(const struct command *command, const char *word,
            const char **ret_value)
{
    for (size_t i = 0; i < O_COUNT; i++) {
        size_t len = strlen(options[i].name);

        if ((command->options & BIT(i)) == 0 ||
            strncmp(word, options[i].name, len) != 0) {
            continue;
        }
        if (word[len] == '\0' || (word[len] == '=' && options[i].value)) {
            *ret_value = word[len] == '=' ? word + len + 1 : NULL;
            return &options[i];
        }
    }
    return NULL;
}

static enum au_exit
parse(const struct command *command, int argc, char **argv, int at,
      struct au_args *args)
{
    for (; at < argc; at++) {
        const char *word = argv[at], *value = NULL;
        const struct option *option = find_option(command, word, &value);
        void *member = option ? (char *)args + option->offset : NULL;

        if (option == NULL && word[0] == '-' && word[1] != '\0') {
            return au_error(AU_USAGE, "unknown option '%s'; see --help", word);
        }
        if (option == NULL && (command->operand == NULL || args->operand)) {
            return au_error(AU_USAGE, "unexpected '%s'; see --help", word);
        }
        if (option == NULL) {
            args->operand = word;
        } else if (option->value == NULL) {
            *(bool *)member = true;
        } else {
            if (value == NULL && ++at == argc) {
                return au_error(AU_USAGE, "%s needs a %s", option->name,
                                option->value);
            }
            *(const char **)member = value ? value : argv[at];
        }
    }
    if (command->operand != NULL && args->operand == NULL) {
        return au_error(AU_USAGE, "%s %s needs a %s", command->group,
                        command->verb ? command->verb : "", command->operand);
    }
    return AU_OK;
}

enum au_exit
au_command_run(int argc, char **argv)
{
    struct au_args args = { .store = AU_STORE_DEFAULT,
                            .pepper = AU_PEPPER_DEFAULT,
                            .keyd = AU_KEYD_DEFAULT };
    const struct command *command;
    enum au_exit status;
    int used = 0;

    if (argc < 2) {
        (void)help();
        return AU_USAGE;
    }
    if (strcmp(argv[1], "--help") == 0) {
        return help();
    }
    if (strcmp(argv[1], "--version") == 0) {
        printf("edge-auth %s\n", EA_VERSION);
        return AU_OK;
    }
    command = find(argc, argv, &used);
    if (command == NULL) {
        return au_error(AU_USAGE, "no command '%s%s%s'; see edge-auth --help",
                        argv[1], argc > 2 ? " " : "", argc > 2 ? argv[2] : "");
    }
    for (int i = used; i < argc; i++) {
        if (strcmp(argv[i], "--help") == 0) {
            return help_of(command);
        }
    }
    status = parse(command, argc, argv, used, &args);
    return status == AU_OK ? command->run(&args) : status;
}
