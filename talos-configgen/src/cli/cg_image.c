/* Which images nodes have: see cg_image.h; cg_image_fetch.c gets them. */
#include "cli/cg_image.h"

#include <string.h>

#include "cli/cg_image_set.h"
#include "cli/cg_report.h"
#include "image/cg_push.h"
#include "image/cg_schematic.h"
#include "yaml/cg_json.h"

/* What the factory has for an image, besides the installer's container. %A is
 * the architecture, %P the platform. */
static const struct row {
    const char *name;
    bool metal_only;
} rows[] = {
    { "kernel-%A", false },        { "initramfs-%A.xz", false },
    { "cmdline-%P-%A", false },    { "%P-%A.iso", true },
    { "%P-%A.raw.zst", true },     { "%P-%A-uki.efi", true },
    { "installer-%A.tar", false },
};
#define ROWS (sizeof(rows) / sizeof(rows[0]))

static const char *
row_name(struct cg_arena *arena, const struct row *row,
         const struct cg_node *node)
{
    CG_AUTO_STRBUF struct cg_strbuf name = { 0 };

    for (const char *p = row->name; *p != '\0'; p++) {
        if (*p != '%') {
            cg_strbuf_putc(&name, *p);
            continue;
        }
        cg_strbuf_puts(&name, cg_schematic_setting(
                                  node, *++p == 'A' ? "arch" : "platform"));
    }
    return cg_arena_text(arena, name.text);
}

static bool
has_row(const struct row *row, const struct cg_node *node)
{
    return !row->metal_only ||
           strcmp(cg_schematic_setting(node, "platform"), "metal") == 0;
}

static void
print_json(struct cg_tree *tree)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

    cg_json_emit(&text, tree);
    (void)fwrite(text.text, 1, text.len, stdout);
}

/* "a, b, c" */
static const char *
names_of(struct cg_arena *arena, const struct cg_image_group *group)
{
    CG_AUTO_STRBUF struct cg_strbuf names = { 0 };

    for (size_t i = 0; i < group->count; i++) {
        cg_strbuf_printf(&names, "%s%s", i == 0 ? "" : ", ",
                         group->nodes[i]->name);
    }
    return cg_arena_text(arena, names.text);
}

static struct cg_tree *
names_json(struct cg_arena *arena, const struct cg_image_group *group)
{
    struct cg_tree *list = cg_tree_new_list(arena);

    for (size_t i = 0; i < group->count; i++) {
        cg_tree_add_text(arena, list, group->nodes[i]->name);
    }
    return list;
}

/* The schematic as the factory hashes it; it was formatted before. */
static const char *
schematic_of(struct cg_model *model, const struct cg_node *node)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

    (void)cg_schematic_format(cg_tree_get(node->all, "image"), model->diag,
                              &text);
    return cg_arena_text(model->arena, text.text);
}

static int
list(const struct cg_options *options, struct cg_image_set *set)
{
    (void)options;
    for (size_t i = 0; i < set->count; i++) {
        const struct cg_node *node = set->groups[i].nodes[0];

        for (size_t n = 0; n < 2; n++) {
            const char *file = row_name(set->model.arena, &rows[n], node);

            (void)printf("%s %s %s %s\n", node->schematic, node->talos->text,
                         file, cg_schematic_url(set->model.arena, node, file));
        }
    }
    return CG_EXIT_GOOD;
}

static int
id(const struct cg_options *options, struct cg_image_set *set)
{
    struct cg_arena *arena = set->model.arena;
    struct cg_tree *all = cg_tree_new_list(arena);

    for (size_t i = 0; i < set->count; i++) {
        const struct cg_image_group *group = &set->groups[i];
        const char *text = schematic_of(&set->model, group->nodes[0]);
        struct cg_tree *one = cg_tree_add(arena, all, cg_tree_new_map(arena));

        cg_tree_set_text(arena, one, "id", group->nodes[0]->schematic);
        (void)cg_tree_set(arena, one, "nodes", names_json(arena, group));
        if (options->schematic) {
            cg_tree_set_text(arena, one, "schematic", text);
        }
        if (!options->json && options->schematic) {
            (void)printf("%s# %s  %s\n%s", i == 0 ? "" : "---\n",
                         group->nodes[0]->schematic, names_of(arena, group),
                         text);
        } else if (!options->json) {
            (void)printf("%s  %s\n", group->nodes[0]->schematic,
                         names_of(arena, group));
        }
    }
    if (options->json) {
        print_json(all);
    }
    return CG_EXIT_GOOD;
}

static void
add_urls(const struct cg_options *options, struct cg_arena *arena,
         const struct cg_node *node, struct cg_tree *urls)
{
    const char *base = options->mirror != NULL ? options->mirror
                                               : cg_schematic_base(arena, node);

    for (size_t i = 0; i < ROWS; i++) {
        const char *file = row_name(arena, &rows[i], node);

        if (has_row(&rows[i], node)) {
            cg_tree_set_text(arena, urls, file,
                             cg_schematic_url_at(arena, base, node->schematic,
                                                 node->talos->text, file));
        }
    }
    cg_tree_set_text(arena, urls, "installer", node->installer->text);
}

static int
urls(const struct cg_options *options, struct cg_image_set *set)
{
    struct cg_arena *arena = set->model.arena;
    struct cg_tree *all = cg_tree_new_list(arena);

    for (size_t i = 0; i < set->count; i++) {
        const struct cg_node *node = set->groups[i].nodes[0];
        struct cg_tree *one = cg_tree_add(arena, all, cg_tree_new_map(arena));
        struct cg_tree *found = cg_tree_new_map(arena);

        add_urls(options, arena, node, found);
        cg_tree_set_text(arena, one, "id", node->schematic);
        cg_tree_set_text(arena, one, "version", node->talos->text);
        (void)cg_tree_set(arena, one, "nodes",
                          names_json(arena, &set->groups[i]));
        (void)cg_tree_set(arena, one, "urls", found);
        for (size_t n = 0; !options->json && n < found->count; n++) {
            (void)printf("%s %s %s %s\n", node->schematic, node->talos->text,
                         found->entries[n].key, found->entries[n].value->text);
        }
    }
    if (options->json) {
        print_json(all);
    }
    return CG_EXIT_GOOD;
}

static const char *
base_of(const struct cg_options *options, struct cg_arena *arena,
        const struct cg_node *node)
{
    return options->mirror != NULL ? options->mirror
                                   : cg_schematic_base(arena, node);
}

/* One schematic to one factory. */
static bool
push_one(const struct cg_options *options, struct cg_image_set *set,
         struct cg_fetch *fetch, const struct cg_node *node)
{
    const char *base = base_of(options, set->model.arena, node);
    struct ea_error err = { 0 };

    if (options->dry_run ||
        cg_push(set->model.arena, fetch, base,
                ea_bytes_of(schematic_of(&set->model, node)), node->schematic,
                &err)) {
        return true;
    }
    (void)cg_error(set->model.diag, &node->pos, "image-push", "%s: %s", base,
                   err.message);
    cg_hint(set->model.diag, "schematic %s", node->schematic);
    return false;
}

static int
push(const struct cg_options *options, struct cg_image_set *set)
{
    const struct cg_fetch_options net = { options->proxy, options->ca_file,
                                          options->stall };
    struct cg_arena *arena = set->model.arena;
    struct cg_tree *all = cg_tree_new_list(arena);
    struct ea_error err = { 0 };
    struct cg_fetch *fetch = cg_fetch_open(&net, &err);

    for (size_t i = 0; fetch != NULL && i < set->count; i++) {
        const struct cg_node *node = set->groups[i].nodes[0];
        const char *base = base_of(options, arena, node);
        struct cg_tree *one;

        if (!push_one(options, set, fetch, node)) {
            continue;
        }
        one = cg_tree_add(arena, all, cg_tree_new_map(arena));
        cg_tree_set_text(arena, one, "id", node->schematic);
        cg_tree_set_text(arena, one, "factory", base);
        if (!options->json) {
            (void)printf("%s %s %s\n",
                         options->dry_run ? "would push" : "pushed",
                         node->schematic, base);
        }
    }
    if (fetch == NULL) {
        (void)cg_error_from(set->model.diag, NULL, "image-push", &err);
    }
    cg_fetch_close(fetch);
    if (options->json) {
        print_json(all);
    }
    return cg_diag_errors(set->model.diag) == 0 ? CG_EXIT_GOOD : CG_EXIT_FETCH;
}

int
cg_image_list(const struct cg_options *options)
{
    return cg_image_set_run(options, CG_IMAGE_BY_KERNEL, list);
}

int
cg_image_id(const struct cg_options *options)
{
    return cg_image_set_run(options, CG_IMAGE_BY_ID, id);
}

int
cg_image_urls(const struct cg_options *options)
{
    return cg_image_set_run(options, CG_IMAGE_BY_ALL, urls);
}

int
cg_image_push(const struct cg_options *options)
{
    return cg_image_set_run(options, CG_IMAGE_BY_FACTORY, push);
}
