/* Grouping nodes by image; see cg_image_set.h. */
#include "cli/cg_image_set.h"

#include <string.h>

#include "cli/cg_pipeline.h"
#include "cli/cg_report.h"
#include "image/cg_fetch.h"
#include "image/cg_schematic.h"

static bool
has_same(const struct cg_node *a, const struct cg_node *b, const char *name)
{
    return strcmp(cg_schematic_setting(a, name),
                  cg_schematic_setting(b, name)) == 0;
}

static bool
is_same(const struct cg_node *a, const struct cg_node *b, enum cg_image_by by)
{
    bool is_kernel =
        strcmp(a->talos->text, b->talos->text) == 0 && has_same(a, b, "arch");

    if (strcmp(a->schematic, b->schematic) != 0) {
        return false;
    }
    switch (by) {
    case CG_IMAGE_BY_ID:
        return true;
    case CG_IMAGE_BY_FACTORY:
        return has_same(a, b, "factory");
    case CG_IMAGE_BY_KERNEL:
        return is_kernel;
    case CG_IMAGE_BY_ALL:
        return is_kernel && has_same(a, b, "factory") &&
               has_same(a, b, "platform") &&
               strcmp(a->installer->text, b->installer->text) == 0;
    }
    return false;
}

static bool
is_chosen(const struct cg_options *options, enum cg_image_by by,
          const struct cg_node *node)
{
    if (node->schematic == NULL ||
        (by == CG_IMAGE_BY_KERNEL &&
         (!node->is_gated || node->is_controlplane))) {
        return false;
    }
    return (options->node == NULL || strcmp(options->node, node->name) == 0) &&
           (options->site == NULL || strcmp(options->site, node->site) == 0) &&
           (options->role == NULL || strcmp(options->role, node->role) == 0);
}

static void
add(struct cg_image_set *set, const struct cg_node *node, enum cg_image_by by)
{
    struct cg_arena *arena = set->model.arena;
    struct cg_image_group *group = NULL;

    for (size_t i = 0; i < set->count && group == NULL; i++) {
        if (is_same(set->groups[i].nodes[0], node, by)) {
            group = &set->groups[i];
        }
    }
    if (group == NULL) {
        set->groups = cg_arena_grow(arena, set->groups, set->count, &set->cap,
                                    sizeof(*set->groups));
        group = &set->groups[set->count++];
        *group = (struct cg_image_group){ 0 };
    }
    group->nodes = cg_arena_grow(arena, group->nodes, group->count, &group->cap,
                                 sizeof(const void *));
    group->nodes[group->count++] = node;
}

static bool
load(const struct cg_options *options, enum cg_image_by by,
     struct cg_image_set *set)
{
    struct cg_model *model = &set->model;

    if (cg_model_load_images(model->arena, options->inventory, model->diag,
                             model)) {
        cg_pipeline_images(model);
    }
    if (cg_diag_errors(model->diag) > 0) {
        return false;
    }
    for (size_t i = 0; i < model->count; i++) {
        if (is_chosen(options, by, &model->nodes[i])) {
            add(set, &model->nodes[i], by);
        }
    }
    if (set->count == 0 && (options->node != NULL || options->site != NULL ||
                            options->role != NULL)) {
        return cg_error(model->diag, NULL, "unknown-name",
                        "no node has this name, site and role");
    }
    return true;
}

int
cg_image_set_run(const struct cg_options *options, enum cg_image_by by,
                 int (*run)(const struct cg_options *options,
                            struct cg_image_set *set))
{
    struct cg_image_set set = { .count = 0 };
    struct ea_error err = { 0 };
    int status = CG_EXIT_FINDINGS;

    if (options->mirror != NULL &&
        !cg_fetch_check_base(options->mirror, options->insecure_http, &err)) {
        (void)fprintf(stderr, "talos-configgen: --mirror: %s\n", err.message);
        return CG_EXIT_USAGE;
    }
    set.model.arena = cg_arena_new();
    set.model.diag = cg_diag_new(set.model.arena);
    if (load(options, by, &set)) {
        status = run(options, &set);
    }
    if (cg_diag_errors(set.model.diag) > 0) {
        cg_report(set.model.diag);
    }
    cg_arena_free(set.model.arena);
    return status;
}
