/* talos-configgen: the commands. */
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>

#include "cli/cg_options.h"
#include "cli/cg_pipeline.h"
#include "image/cg_schematic.h"
#include "lint/cg_lint.h"
#include "model/cg_key.h"

static int run_render(const struct cg_options *options);
static int run_lint(const struct cg_options *options);
static int run_images(const struct cg_options *options);
static int run_keys(const struct cg_options *options);
static int run_rules(const struct cg_options *options);

const struct cg_command cg_commands[] = {
    { "render", "write configs, Matchbox files and nodes.json",
      CG_OPTION_INVENTORY | CG_OPTION_OUTPUT | CG_OPTION_SERIAL |
          CG_OPTION_LOCK | CG_OPTION_PROFILES,
      run_render },
    { "lint", "find mistakes, write nothing",
      CG_OPTION_INVENTORY | CG_OPTION_LOCK | CG_OPTION_PROFILES, run_lint },
    { "images", "list the boot files that images.lock must name",
      CG_OPTION_INVENTORY, run_images },
    { "keys", "list the keys of an inventory", 0, run_keys },
    { "rules", "list the rules that lint applies", 0, run_rules },
    { NULL, NULL, 0, NULL },
};

static void
show_findings(struct cg_diag *diag)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    unsigned errors = cg_diag_errors(diag), warnings = cg_diag_warnings(diag);

    cg_diag_format(diag, &text);
    if (errors + warnings > 0) {
        cg_strbuf_printf(&text, "talos-configgen: %u error%s, %u warning%s\n",
                         errors, errors == 1 ? "" : "s", warnings,
                         warnings == 1 ? "" : "s");
    }
    if (text.len > 0) {
        (void)fwrite(text.text, 1, text.len, stderr);
    }
}

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
    show_findings(model.diag);
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
    show_findings(model.diag);
    errors = cg_diag_errors(model.diag);
    cg_arena_free(arena);
    return errors == 0 ? CG_EXIT_GOOD : CG_EXIT_FINDINGS;
}

static void
print_image(struct cg_arena *arena, const struct cg_node *node,
            const char *file)
{
    (void)printf("%s %s %s %s\n", node->schematic, node->talos->text, file,
                 cg_schematic_url(arena, node, file));
}

static bool
has_same_image(const struct cg_node *a, const struct cg_node *b,
               struct cg_arena *arena)
{
    return a->schematic != NULL && a->is_gated && !a->is_controlplane &&
           strcmp(a->schematic, b->schematic) == 0 &&
           strcmp(a->talos->text, b->talos->text) == 0 &&
           strcmp(cg_schematic_kernel(arena, a),
                  cg_schematic_kernel(arena, b)) == 0;
}

static void
print_images(struct cg_arena *arena, const struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];
        bool is_printed = false;

        if (!node->is_gated || node->is_controlplane ||
            node->schematic == NULL) {
            continue;
        }
        for (size_t n = 0; n < i; n++) {
            is_printed =
                is_printed || has_same_image(&model->nodes[n], node, arena);
        }
        if (!is_printed) {
            print_image(arena, node, cg_schematic_kernel(arena, node));
            print_image(arena, node, cg_schematic_initramfs(arena, node));
        }
    }
}

static int
run_images(const struct cg_options *options)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_model model = { .arena = arena, .diag = cg_diag_new(arena) };
    unsigned errors;

    if (cg_model_load(arena, options->inventory, model.diag, &model)) {
        cg_pipeline_images(&model);
    }
    errors = cg_diag_errors(model.diag);
    if (errors == 0) {
        print_images(arena, &model);
    } else {
        show_findings(model.diag);
    }
    cg_arena_free(arena);
    return errors == 0 ? CG_EXIT_GOOD : CG_EXIT_FINDINGS;
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

static const struct cg_command *
find_command(const char *name)
{
    for (const struct cg_command *c = cg_commands; c->name != NULL; c++) {
        if (strcmp(name, c->name) == 0) {
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

    protect();
    if (argc >= 2 && strcmp(argv[1], "--version") == 0) {
        (void)puts("talos-configgen " EA_VERSION);
        return CG_EXIT_GOOD;
    }
    if (argc >= 2 && is_help(argv[1])) {
        cg_options_help(NULL, stdout);
        return CG_EXIT_GOOD;
    }
    command = argc >= 2 ? find_command(argv[1]) : NULL;
    if (command == NULL) {
        if (argc >= 2) {
            (void)fprintf(stderr, "talos-configgen: unknown command '%s'\n",
                          argv[1]);
        }
        cg_options_help(NULL, stderr);
        return CG_EXIT_USAGE;
    }
    if (argc == 3 && is_help(argv[2])) {
        cg_options_help(command, stdout);
        return CG_EXIT_GOOD;
    }
    if (!cg_options_parse(command, argc - 2, argv + 2, &options)) {
        return CG_EXIT_USAGE;
    }
    return finish(command->run(&options));
}
