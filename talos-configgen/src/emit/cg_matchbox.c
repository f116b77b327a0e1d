/*
 * Matchbox' folder: groups, profiles, generic. Names of profiles and generics
 * carry a digest of their content, and groups are written last, so a request
 * during a publication gets an old config or a new one, both whole. What the
 * groups before this publication refer to stays for one more: a node that got
 * the old script still finds the old config.
 */
#include <dirent.h>
#include <stdlib.h>
#include <string.h>

#include "base/cg_file.h"
#include "emit/cg_body.h"
#include "emit/cg_emit.h"
#include "emit/cg_profile.h"
#include "yaml/cg_json.h"
#include "yaml/cg_yaml.h"

#define FOLDER "publish/matchbox"
#define FILE_MODE 0640
#define GROUP_SIZE_MAX 65536
#define GENERATOR "talos-configgen"

static struct cg_tree *
group_of(struct cg_arena *arena, const struct cg_node *node,
         const char *profile)
{
    struct cg_tree *group = cg_tree_new_map(arena);
    struct cg_tree *metadata = cg_tree_new_map(arena);

    cg_tree_set_text(arena, group, "id", node->name);
    cg_tree_set_text(arena, group, "name", node->name);
    cg_tree_set_text(arena, group, "profile", profile);
    (void)cg_tree_set(arena, group, "selector", cg_node_select(arena, node));
    /* text only: Matchbox prints large numbers as 1e+06 */
    cg_tree_set_text(arena, metadata, "generator", GENERATOR);
    cg_tree_set_text(arena, metadata, "node", node->name);
    cg_tree_set_text(arena, metadata, "site", node->site);
    cg_tree_set_text(arena, metadata, "role", node->role);
    (void)cg_tree_set(arena, group, "metadata", metadata);
    return group;
}

static void
add_json(const struct cg_publication *pub, enum cg_phase phase,
         const char *name, const struct cg_tree *tree)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

    cg_json_emit(&text, tree);
    cg_output_add(pub->output, phase, name, cg_strbuf_bytes(&text), FILE_MODE);
}

/* Adds the config as a template, returns its name in generic/. */
static const char *
add_generic(const struct cg_publication *pub, const struct cg_node *node)
{
    CG_AUTO_STRBUF struct cg_strbuf body = { 0 };
    CG_AUTO_STRBUF struct cg_strbuf escaped = { 0 };
    struct cg_arena *arena = pub->model->arena;
    char digest[CG_DIGEST_DIGITS + 1];
    const char *name;

    cg_body_format(node, &body);
    cg_body_digest(cg_strbuf_bytes(&body), digest);
    cg_body_escape(cg_strbuf_bytes(&body), &escaped);
    name = cg_arena_printf(arena, "%s-%.*s.yaml", node->name, CG_DIGEST_SHOWN,
                           digest);
    cg_output_add(pub->output, CG_PHASE_CONTENT,
                  cg_arena_printf(arena, FOLDER "/generic/%s", name),
                  cg_strbuf_bytes(&escaped), FILE_MODE);
    return name;
}

static bool
add_node(const struct cg_publication *pub, const struct cg_node *node)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_arena *arena = pub->model->arena;
    struct cg_tree *profile = cg_profile_fill(pub, node);
    char digest[CG_DIGEST_DIGITS + 1];
    const char *id;

    if (profile == NULL) {
        return false;
    }
    cg_tree_set_text(arena, profile, "generic_id", add_generic(pub, node));
    cg_json_emit(&text, profile);
    cg_body_digest(cg_strbuf_bytes(&text), digest);
    id = cg_arena_printf(arena, "%s-%.*s", node->name, CG_DIGEST_SHOWN, digest);
    cg_tree_set_text(arena, profile, "id", id);
    add_json(pub, CG_PHASE_CONTENT,
             cg_arena_printf(arena, FOLDER "/profiles/%s.json", id), profile);
    add_json(pub, CG_PHASE_SWITCH,
             cg_arena_printf(arena, FOLDER "/groups/%s.json", node->name),
             group_of(arena, node, id));
    return true;
}

/* A JSON file of an earlier publication; NULL if it is none. */
static const struct cg_tree *
load_old(const struct cg_publication *pub, const char *name)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_arena *arena = pub->model->arena;
    struct cg_diag *quiet = cg_diag_new(arena);
    struct cg_trees trees = { 0 };
    struct ea_bytes bytes;

    if (!cg_file_read(
            cg_arena_printf(arena, "%s/%s", cg_output_root(pub->output), name),
            GROUP_SIZE_MAX, &text, NULL)) {
        return NULL;
    }
    bytes.ptr = cg_arena_copy(arena, text.text, text.len);
    bytes.len = text.len;
    if (!cg_yaml_load(arena, cg_diag_source(quiet, name, bytes, false), quiet,
                      &trees) ||
        trees.count != 1) {
        return NULL;
    }
    return trees.roots[0];
}

/* "<name>-<16 digits><ending>": a name we gave. */
static bool
is_our_name(const char *name, const char *ending)
{
    size_t len = strlen(name), tail = strlen(ending) + CG_DIGEST_SHOWN;
    const char *digits;

    if (len < tail + 2 || strcmp(name + len - strlen(ending), ending) != 0) {
        return false;
    }
    digits = name + len - tail;
    return digits[-1] == '-' &&
           strspn(digits, "0123456789abcdef") >= CG_DIGEST_SHOWN;
}

/* The names in a folder, in the arena; a folder that is not there has none. */
static struct cg_tree *
list_folder(const struct cg_publication *pub, const char *folder)
{
    struct cg_arena *arena = pub->model->arena;
    struct cg_tree *names = cg_tree_new_list(arena);
    const struct dirent *entry;
    DIR *dir;

    dir = opendir(
        cg_arena_printf(arena, "%s/%s", cg_output_root(pub->output), folder));
    if (dir == NULL) {
        return names;
    }
    while ((entry = readdir(dir)) != NULL) {
        cg_tree_add_text(arena, names, entry->d_name);
    }
    (void)closedir(dir);
    return names;
}

static bool
has_name(const struct cg_tree *list, const char *name)
{
    for (size_t i = 0; i < list->count; i++) {
        if (cg_tree_is_text(list->items[i], name)) {
            return true;
        }
    }
    return false;
}

/* Groups that others wrote into the folder. Matchbox serves the group with the
 * most selectors that fit, and the gate asks by ours alone: one with the same
 * selector would be as good as ours, one without any is everybody's. */
static void
check_foreign(const struct cg_publication *pub, const char *name,
              const struct cg_tree *group)
{
    const struct cg_tree *selector = cg_tree_get(group, "selector");
    struct cg_arena *arena = pub->model->arena;

    if (selector == NULL || selector->count == 0) {
        cg_warning(pub->model->diag, NULL, "matchbox-group",
                   "%s/%s is a default group: Matchbox serves it to every "
                   "machine that no other group is for",
                   cg_output_root(pub->output), name);
        return;
    }
    for (size_t i = 0; i < pub->model->count; i++) {
        const struct cg_node *node = &pub->model->nodes[i];

        if (cg_node_is_published(node) &&
            cg_tree_equal(selector, cg_node_select(arena, node))) {
            (void)cg_error(pub->model->diag, &node->pos, "matchbox-group",
                           "%s/%s has the selector of node '%s'",
                           cg_output_root(pub->output), name, node->name);
        }
    }
}

/* Groups of nodes that are gone go; what our groups refer to is kept. */
static void
read_old_groups(const struct cg_publication *pub, struct cg_tree *kept)
{
    struct cg_arena *arena = pub->model->arena;
    const struct cg_tree *names = list_folder(pub, FOLDER "/groups");

    for (size_t i = 0; i < names->count; i++) {
        const char *name =
            cg_arena_printf(arena, FOLDER "/groups/%s", names->items[i]->text);
        const struct cg_tree *group = load_old(pub, name);
        const struct cg_tree *profile;
        const char *id = cg_tree_text(cg_tree_get(group, "profile"));
        const char *generic;

        if (!cg_tree_is_text(cg_tree_path(group, "metadata", "generator", NULL),
                             GENERATOR)) {
            if (group != NULL && group->kind == CG_MAP) {
                check_foreign(pub, name, group);
            }
            continue;
        }
        if (id == NULL) {
            continue;
        }
        cg_tree_add_text(arena, kept, cg_arena_printf(arena, "%s.json", id));
        profile = load_old(
            pub, cg_arena_printf(arena, FOLDER "/profiles/%s.json", id));
        generic = cg_tree_text(cg_tree_get(profile, "generic_id"));
        if (generic != NULL) {
            cg_tree_add_text(arena, kept, generic);
        }
        if (!cg_output_has(pub->output, name)) {
            cg_output_remove(pub->output, name);
        }
    }
}

static void
prune(const struct cg_publication *pub, const char *folder, const char *ending,
      const struct cg_tree *kept)
{
    const struct cg_tree *names = list_folder(pub, folder);

    for (size_t i = 0; i < names->count; i++) {
        const char *name = names->items[i]->text;
        const char *path =
            cg_arena_printf(pub->model->arena, "%s/%s", folder, name);

        if (is_our_name(name, ending) && !has_name(kept, name) &&
            !cg_output_has(pub->output, path)) {
            cg_output_remove(pub->output, path);
        }
    }
}

bool
cg_emit_matchbox(const struct cg_publication *pub)
{
    struct cg_tree *kept = cg_tree_new_list(pub->model->arena);
    bool good = true;

    for (size_t i = 0; i < pub->model->count; i++) {
        const struct cg_node *node = &pub->model->nodes[i];

        if (cg_node_is_published(node) && node->kernel != NULL &&
            node->initramfs != NULL) {
            good = add_node(pub, node) && good;
        }
    }
    read_old_groups(pub, kept);
    prune(pub, FOLDER "/profiles", ".json", kept);
    prune(pub, FOLDER "/generic", ".yaml", kept);
    return good;
}
