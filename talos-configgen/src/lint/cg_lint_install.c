/* Rules about what is installed, and what boots it. */
#include <string.h>

#include "lint/cg_lint.h"
#include "model/cg_key_check.h"

#define SCHEMATIC_DIGITS 64
#define WIPE "talos.experimental.wipe="

static const struct cg_tree *
machine_of(const struct cg_node *node)
{
    return cg_tree_get(cg_node_document(node, "", NULL), "machine");
}

static const struct cg_pos *
blame(const struct cg_node *node, const struct cg_tree *tree)
{
    return tree->pos.source == NULL ? &node->pos : &tree->pos;
}

/* The machine wipes itself, reboots, and gets the same arguments again. */
void
cg_rule_boot_loop(struct cg_model *model)
{
    static const char *const lists[] = { "boot_args", "image.kernel_args" };

    for (size_t i = 0; i < model->count; i++) {
        for (size_t k = 0; k < sizeof(lists) / sizeof(lists[0]); k++) {
            const struct cg_tree *args =
                cg_inventory_get(model->nodes[i].all, lists[k]);

            for (size_t n = 0; args != NULL && n < args->count; n++) {
                if (strncmp(args->items[n]->text, WIPE, strlen(WIPE)) != 0) {
                    continue;
                }
                cg_warning(model->diag, &args->items[n]->pos, "boot-loop",
                           "with '%s' in %s a machine wipes its disk and "
                           "reboots, again and again",
                           args->items[n]->text, lists[k]);
                cg_hint(model->diag, "`talosctl reset` wipes once; here it has "
                                     "to go again before the second boot");
            }
        }
    }
}

/* The inventory's own two are told apart where they are read; a patch can
 * bring the other. Talos then looks at the conditions alone. */
void
cg_rule_install_disk(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *install = cg_tree_get(machine_of(node), "install");
    const struct cg_tree *disk = cg_tree_get(install, "disk");
    const struct cg_tree *selector = cg_tree_get(install, "diskSelector");

    if (selector == NULL || selector->count == 0 ||
        cg_tree_text(disk) == NULL || disk->text[0] == '\0') {
        return;
    }
    (void)cg_error(model->diag, blame(node, selector), "install-disk",
                   "node '%s' has both an install disk and a diskSelector",
                   node->name);
    cg_also(model->diag, blame(node, disk), "the disk");
    cg_hint(model->diag, "Talos would look at the diskSelector alone");
}

/* A schematic's id in an image's name, or NULL. */
static const char *
find_schematic(const char *image)
{
    const char *end = image + strcspn(image, "@");

    for (const char *p = image; p < end; p++) {
        if (strspn(p, "0123456789abcdef") == SCHEMATIC_DIGITS &&
            (p == image || p[-1] == '/')) {
            return p;
        }
    }
    return NULL;
}

/* The tag, "v1.13.3" of "host:5000/name:v1.13.3@sha256:...". */
static const char *
tag_of(struct cg_arena *arena, const char *image)
{
    const char *text = cg_arena_copy(arena, image, strcspn(image, "@"));
    const char *slash = strrchr(text, '/');
    const char *colon = strrchr(slash == NULL ? text : slash, ':');

    return colon == NULL ? NULL : colon + 1;
}

static void
compare_versions(struct cg_model *model, const struct cg_node *node,
                 const struct cg_tree *image)
{
    const char *tag = tag_of(model->arena, image->text);
    unsigned booted[3], installed[3];

    if (tag == NULL || node->talos == NULL || !cg_key_version(tag, installed) ||
        !cg_key_version(node->talos->text, booted) ||
        memcmp(booted, installed, sizeof(booted)) == 0) {
        return;
    }
    cg_warning(model->diag, blame(node, image), "installer",
               "the installer is Talos %s, and what boots over the network is "
               "%s",
               tag, node->talos->text);
    cg_also(model->diag, &node->talos->pos, "the version of the boot images");
    cg_hint(model->diag, "a machine that boots over the network once more runs "
                         "the other version on its disk");
}

static void
compare_extensions(struct cg_model *model, const struct cg_node *node,
                   const struct cg_tree *image)
{
    static const char bare[] = "ghcr.io/siderolabs/installer:";
    const struct cg_tree *extensions =
        cg_inventory_get(node->all, "image.extensions");
    const char *id = find_schematic(image->text);

    if (node->schematic != NULL && id != NULL &&
        strncmp(id, node->schematic, SCHEMATIC_DIGITS) != 0) {
        (void)cg_error(model->diag, blame(node, image), "installer",
                       "the installer is that of another schematic than "
                       "image.extensions and image.kernel_args make");
        cg_hint(model->diag, "expected %s", node->schematic);
    } else if (extensions != NULL && extensions->count > 0 &&
               strncmp(image->text, bare, strlen(bare)) == 0) {
        (void)cg_error(model->diag, blame(node, image), "installer",
                       "this installer has no extensions, and "
                       "image.extensions names some");
        cg_also(model->diag, &extensions->pos, "the extensions");
    }
}

/* Only what was not made of `talos` and `image` can disagree with them. */
void
cg_rule_installer(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *image =
        cg_tree_path(machine_of(node), "install", "image", NULL);

    if (!node->is_gated || cg_tree_text(image) == NULL) {
        return;
    }
    compare_versions(model, node, image);
    compare_extensions(model, node, image);
}

/* EPHEMERAL takes what is left of the disk, unless it is told not to. */
static bool
is_bounded(const struct cg_node *node)
{
    const struct cg_tree *provisioning = cg_tree_get(
        cg_node_document(node, "VolumeConfig", "EPHEMERAL"), "provisioning");
    bool grows = true;

    (void)cg_tree_bool(cg_tree_get(provisioning, "grow"), &grows);
    return !grows || cg_tree_get(provisioning, "maxSize") != NULL;
}

/* The expression asks for the system disk: "system_disk", "disk.size > 1u &&
 * system_disk", not "!system_disk". */
static bool
asks_for_system_disk(const char *match)
{
    static const char word[] = "system_disk";

    for (const char *p = match; (p = strstr(p, word)) != NULL;
         p += strlen(word)) {
        const char *before = p;

        while (before > match && before[-1] == ' ') {
            before--;
        }
        if (before == match || before[-1] != '!') {
            return true;
        }
    }
    return false;
}

void
cg_rule_system_volume(struct cg_model *model, const struct cg_node *node)
{
    static const char *const kinds[] = { "UserVolumeConfig", "RawVolumeConfig",
                                         "SwapVolumeConfig" };

    if (is_bounded(node)) {
        return;
    }
    for (size_t i = 0; i < node->docs.count; i++) {
        const struct cg_tree *doc = node->docs.roots[i];
        const struct cg_tree *match =
            cg_tree_path(doc, "provisioning", "diskSelector", "match", NULL);

        for (size_t k = 0; k < sizeof(kinds) / sizeof(kinds[0]); k++) {
            if (!cg_tree_is_text(cg_tree_get(doc, "kind"), kinds[k]) ||
                cg_tree_text(match) == NULL ||
                !asks_for_system_disk(match->text)) {
                continue;
            }
            cg_warning(model->diag, blame(node, match), "system-volume",
                       "the volume is on the system disk, and EPHEMERAL takes "
                       "all of it");
            cg_hint(model->diag, "give the VolumeConfig EPHEMERAL a "
                                 "provisioning.maxSize");
        }
    }
}
