/* talos-configgen: the commands. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cg_image.h"
#include "cli/cg_options.h"
#include "cli/cg_pipeline.h"
#include "cli/cg_report.h"
#include "emit/cg_policy.h"
#include "lint/cg_lint.h"
#include "model/cg_key.h"
#include "model/cg_tailnet.h"

static int run_render(const struct cg_options *options);
static int run_lint(const struct cg_options *options);
static int run_policy(const struct cg_options *options);
static int run_keys(const struct cg_options *options);
static int run_rules(const struct cg_options *options);

const struct cg_command cg_commands[] = {
    { "render", "write configs, Matchbox files and nodes.json",
      CG_OPTION_INVENTORY | CG_OPTION_OUTPUT | CG_OPTION_SERIAL |
          CG_OPTION_LOCK | CG_OPTION_PROFILES,
      run_render },
    { "lint", "find mistakes, write nothing",
      CG_OPTION_INVENTORY | CG_OPTION_LOCK | CG_OPTION_PROFILES, run_lint },
    { "image id", "print each node's schematic id", CG_IMAGE_OPTIONS_ID,
      cg_image_id },
    { "image urls", "print where the factory has each node's images",
      CG_IMAGE_OPTIONS_URLS, cg_image_urls },
    { "image fetch", "get the boot files that nodes need, verified",
      CG_IMAGE_OPTIONS_FETCH, cg_image_fetch },
    { "image push", "tell the factory each schematic, compare its id",
      CG_IMAGE_OPTIONS_PUSH, cg_image_push },
    { "images", "list the boot files that images.lock must name",
      CG_OPTION_INVENTORY, cg_image_list },
    { "tailnet-policy", "print the policy that the tailnet needs",
      CG_OPTION_INVENTORY | CG_OPTION_OWNER | CG_OPTION_FORMAT, run_policy },
    { "keys", "list the keys of an inventory", 0, run_keys },
    { "rules", "list the rules that lint applies", 0, run_rules },
    { NULL, NULL, 0, NULL },
};

/* Everything but writing. */
static void
prepare(struct cg_model *model, const struct cg_options *options,
        struct cg_output *output)
{
    struct cg_lock lock;
    const struct cg_publication pub = {
        .model = model,
        .lock = &lock,
        .output = output,
        .profiles = options->profiles,
        .serial = options->serial,
    };

    if (!cg_model_load(model->arena, options->inventory, model->diag, model)) {
        return;
    }
    cg_pipeline_images(model);
    cg_pipeline_render(model, (int64_t)time(NULL));
    if (cg_lock_load(model, options->images_lock, &lock)) {
        cg_pipeline_emit(&pub);
    }
}

static int
write_output(const struct cg_model *model, struct cg_output *output)
{
    struct ea_error err = { 0 };
    size_t published = 0;

    if (!cg_output_write(output, &err)) {
        (void)fprintf(stderr, "talos-configgen: %s%s%s\n", err.file,
                      err.file[0] == '\0' ? "" : ": ", err.message);
        return CG_EXIT_OUTPUT;
    }
    for (size_t i = 0; i < model->count; i++) {
        published += cg_node_is_published(&model->nodes[i]);
    }
    (void)printf("rendered %zu node%s into %s\n", published,
                 published == 1 ? "" : "s", cg_output_root(output));
    return CG_EXIT_GOOD;
}

static int
run_render(const struct cg_options *options)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_model model = { .arena = arena, .diag = cg_diag_new(arena) };
    struct cg_output *output = cg_output_new(arena, options->output);
    int status = CG_EXIT_FINDINGS;

    prepare(&model, options, output);
    cg_report(model.diag);
    if (cg_diag_errors(model.diag) == 0) {
        status = write_output(&model, output);
    }
    cg_arena_free(arena);
    return status;
}

static int
run_lint(const struct cg_options *options)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_model model = { .arena = arena, .diag = cg_diag_new(arena) };
    unsigned errors;

    prepare(&model, options, cg_output_new(arena, "."));
    cg_report(model.diag);
    errors = cg_diag_errors(model.diag);
    cg_arena_free(arena);
    return errors == 0 ? CG_EXIT_GOOD : CG_EXIT_FINDINGS;
}

static bool
check_policy_options(const struct cg_options *options)
{
    if (strcmp(options->format, "grants") != 0 &&
        strcmp(options->format, "acls") != 0) {
        (void)fprintf(stderr,
                      "talos-configgen: --format '%s', expected grants or "
                      "acls\n",
                      options->format);
        return false;
    }
    if (!cg_peer_is_valid(options->owner, true) ||
        strncmp(options->owner, "group:", 6) == 0) {
        (void)fprintf(stderr,
                      "talos-configgen: --owner '%s', expected tag:name or "
                      "user@\n",
                      options->owner);
        return false;
    }
    return true;
}

/* What the inventory itself says is enough: no file it names is opened. */
static int
run_policy(const struct cg_options *options)
{
    const struct cg_policy_options how = {
        .owner = options->owner,
        .is_acls = strcmp(options->format, "acls") == 0,
    };
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_arena *arena;
    struct cg_model model;
    bool good;

    if (!check_policy_options(options)) {
        return CG_EXIT_USAGE;
    }
    arena = cg_arena_new();
    model = (struct cg_model){ .arena = arena, .diag = cg_diag_new(arena) };
    good = cg_model_load_images(arena, options->inventory, model.diag, &model);
    if (good && cg_diag_errors(model.diag) == 0) {
        cg_rule_tags(&model);
        cg_rule_logs(&model);
        good = cg_policy_make(&model, &how, &text);
    } else {
        good = false;
    }
    cg_report(model.diag);
    if (good) {
        (void)fputs(text.text, stdout);
    }
    cg_arena_free(arena);
    return good ? CG_EXIT_GOOD : CG_EXIT_FINDINGS;
}

static void
print_key(const struct cg_key *key)
{
    static const char *const merges[] = { "replaced", "merged by key",
                                          "united" };

    (void)printf("%s\n    %s.\n    takes %s", key->path, key->help,
                 cg_takes_name(key->takes));
    for (const char *const *word = key->words; word != NULL && *word != NULL;
         word++) {
        (void)printf("%s%s", word == key->words ? ": " : ", ", *word);
    }
    if (key->fallback != NULL) {
        (void)printf("; default %s", key->fallback);
    }
    (void)printf("\n    in %s",
                 cg_level_name(key->levels & (0u - key->levels)));
    for (unsigned level = CG_AT_TOP; level <= CG_AT_NODE; level *= 2) {
        if ((key->levels & level) != 0 &&
            level != (key->levels & (0u - key->levels))) {
            (void)printf(", %s", cg_level_name(level));
        }
    }
    if (key->levels == (unsigned)CG_AT_LAYERS) {
        (void)printf("; %s by the more specific", merges[key->merge]);
    }
    (void)printf("\n");
}

static int
run_keys(const struct cg_options *options)
{
    (void)options;
    for (size_t i = 0; i < cg_keys_count; i++) {
        print_key(&cg_keys[i]);
    }
    return CG_EXIT_GOOD;
}

static int
run_rules(const struct cg_options *options)
{
    (void)options;
    for (size_t i = 0; i < cg_rules_count; i++) {
        (void)printf("%-8s %-18s %s\n",
                     cg_rules[i].severity == CG_ERROR ? "error" : "warning",
                     cg_rules[i].id, cg_rules[i].help);
    }
    return CG_EXIT_GOOD;
}

static bool
is_help(const char *text)
{
    return strcmp(text, "--help") == 0 || strcmp(text, "-h") == 0;
}

/* A command has one word or two ("image fetch"). */
static const struct cg_command *
find_command(int argc, char **argv, int *ret_words)
{
    for (const struct cg_command *c = cg_commands; c->name != NULL; c++) {
        size_t len = strcspn(c->name, " ");
        bool is_pair = c->name[len] == ' ';

        if (argc >= 2 + is_pair && strlen(argv[1]) == len &&
            strncmp(argv[1], c->name, len) == 0 &&
            (!is_pair || strcmp(argv[2], c->name + len + 1) == 0)) {
            *ret_words = 1 + is_pair;
            return c;
        }
    }
    return NULL;
}

/* What was printed counts as written only when it got there. */
static int
finish(int status)
{
    if (fflush(stdout) != 0 || ferror(stdout)) {
        (void)fputs("talos-configgen: cannot write to standard output\n",
                    stderr);
        return CG_EXIT_OUTPUT;
    }
    return status;
}

/* Secrets are in memory: new files are ours alone, and no core is dumped. */
static void
protect(void)
{
    const struct rlimit none = { 0, 0 };

    (void)umask(077);
    (void)setrlimit(RLIMIT_CORE, &none);
}

int
main(int argc, char **argv)
{
    const struct cg_command *command;
    struct cg_options options;
    int words = 0;

    protect();
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        (void)puts("talos-configgen " EA_VERSION);
        return CG_EXIT_GOOD;
    }
    if (argc >= 2 && is_help(argv[1])) {
        cg_options_help(NULL, stdout);
        return CG_EXIT_GOOD;
    }
    command = find_command(argc, argv, &words);
    if (command == NULL) {
        if (argc >= 2) {
            (void)fprintf(
                stderr, "talos-configgen: unknown command '%s%s%s'\n", argv[1],
                argc >= 3 && strcmp(argv[1], "image") == 0 ? " " : "",
                argc >= 3 && strcmp(argv[1], "image") == 0 ? argv[2] : "");
        }
        cg_options_help(NULL, stderr);
        return CG_EXIT_USAGE;
    }
    if (argc == words + 2 && is_help(argv[words + 1])) {
        cg_options_help(command, stdout);
        return CG_EXIT_GOOD;
    }
    if (!cg_options_parse(command, argc - 1 - words, argv + 1 + words,
                          &options)) {
        return CG_EXIT_USAGE;
    }
    return finish(command->run(&options));
}
