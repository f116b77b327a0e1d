/* Filling Matchbox profiles; see cg_profile.h. */
#include "emit/cg_profile.h"

#include <stdlib.h>
#include <string.h>

#include "ea_ids.h"
#include "ea_token.h"
#include "yaml/cg_yaml.h"

#define PROFILE_NAME "talos.json"
#define CONFIG_VARIABLE "${edge_config}"
#define CONFIG_ARGUMENT "talos.config="
#define EARLY_ARGUMENT "talos.config.early="

struct name {
    const char *word, *value;
};

struct filler {
    const struct cg_publication *pub;
    const struct cg_node *node;
    struct name names[7];
    const struct cg_tree *boot_args;
    bool good;
};

static const struct cg_tree *
template_ref(const struct cg_publication *pub, const struct cg_node *node)
{
    const struct cg_tree *own = cg_inventory_get(node->all, "profile");
    struct cg_tree *made;

    if (own != NULL) {
        return own;
    }
    made = cg_tree_new_text(pub->model->arena,
                            cg_arena_printf(pub->model->arena, "%s/%s",
                                            pub->profiles, PROFILE_NAME));
    if (made->text[0] != '/') {
        /* given on the command line: relative to where we are, not to the
         * inventory */
        CG_AUTO_FREE char *here = realpath(made->text, NULL);

        if (here != NULL) {
            made->text = cg_arena_text(pub->model->arena, here);
            made->len = strlen(made->text);
        }
    }
    return made;
}

static const struct name *
find_name(const struct filler *filler, const char *p)
{
    for (size_t i = 0; i < sizeof(filler->names) / sizeof(filler->names[0]);
         i++) {
        const char *word = filler->names[i].word;

        if (strncmp(p, word, strlen(word)) == 0) {
            return &filler->names[i];
        }
    }
    return NULL;
}

static struct cg_tree *
fill_text(struct filler *filler, const struct cg_tree *from)
{
    struct cg_arena *arena = filler->pub->model->arena;
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };
    const char *p = from->text;
    struct cg_tree *made;

    while (*p != '\0') {
        const struct name *name = *p == '{' ? find_name(filler, p) : NULL;

        if (p[0] == '$' && p[1] == '{') { /* iPXE's */
            size_t len = strcspn(p, "}");

            cg_strbuf_add(&out, p, len);
            p += len;
        } else if (name != NULL) {
            cg_strbuf_puts(&out, name->value);
            p += strlen(name->word);
        } else if (*p == '{') {
            filler->good =
                cg_error(filler->pub->model->diag, &from->pos, "profile",
                         "unknown name in braces in '%s'", from->text);
            break;
        } else {
            cg_strbuf_putc(&out, *p++);
        }
    }
    made = cg_tree_new_bytes(arena, cg_strbuf_bytes(&out));
    made->pos = from->pos;
    return made;
}

static struct cg_tree *fill(struct filler *filler, const struct cg_tree *from);

static struct cg_tree *
fill_list(struct filler *filler, const struct cg_tree *from)
{
    struct cg_arena *arena = filler->pub->model->arena;
    struct cg_tree *made = cg_tree_new_list(arena);

    for (size_t i = 0; i < from->count; i++) {
        if (!cg_tree_is_text(from->items[i], "{boot_args}")) {
            (void)cg_tree_add(arena, made, fill(filler, from->items[i]));
            continue;
        }
        for (size_t n = 0;
             filler->boot_args != NULL && n < filler->boot_args->count; n++) {
            (void)cg_tree_add(arena, made,
                              cg_tree_copy(arena, filler->boot_args->items[n]));
        }
    }
    made->pos = from->pos;
    return made;
}

static struct cg_tree *
fill(struct filler *filler, const struct cg_tree *from)
{
    struct cg_arena *arena = filler->pub->model->arena;
    struct cg_tree *made;

    if (from->kind == CG_LIST) {
        return fill_list(filler, from);
    }
    if (from->kind == CG_SCALAR && !from->plain) {
        return fill_text(filler, from);
    }
    if (from->kind != CG_MAP) {
        return cg_tree_copy(arena, from);
    }
    made = cg_tree_new_map(arena);
    for (size_t i = 0; i < from->count; i++) {
        (void)cg_tree_set(arena, made, from->entries[i].key,
                          fill(filler, from->entries[i].value));
    }
    made->pos = from->pos;
    return made;
}

static bool
has_argument(const struct cg_tree *args, const char *prefix)
{
    for (size_t i = 0; i < args->count; i++) {
        const char *text = cg_tree_text(args->items[i]);

        if (text != NULL && strncmp(text, prefix, strlen(prefix)) == 0) {
            return true;
        }
    }
    return false;
}

/* Talos does not boot without these; the last brings the config. */
static bool
check_required(struct cg_diag *diag, const struct cg_tree *args)
{
    static const char *const needed[] = {
        "initrd=",
        "talos.platform=metal",
        "slab_nomerge",
        "pti=on",
        CONFIG_ARGUMENT CONFIG_VARIABLE "/generic?uuid=",
    };
    bool good = true;

    for (size_t i = 0; i < sizeof(needed) / sizeof(needed[0]); i++) {
        if (!has_argument(args, needed[i])) {
            good = cg_error(diag, &args->pos, "profile",
                            "the profile's args have no '%s'", needed[i]);
        }
    }
    return good;
}

/* One argument becomes part of a line of an iPXE script. */
static bool
check_argument(struct cg_diag *diag, const struct cg_tree *arg)
{
    const char *text = cg_tree_text(arg);

    if (text == NULL) {
        return cg_error(diag, &arg->pos, "profile", "an argument is text");
    }
    for (; *text != '\0'; text++) {
        if ((unsigned char)*text <= 0x20 || *text == 0x7f) {
            return cg_error(diag, &arg->pos, "profile",
                            "an argument may hold no blank and no control "
                            "character");
        }
    }
    return true;
}

/* What iPXE puts in for a variable of the profile, at most; what is not here
 * counts as it is written. */
static const struct {
    const char *name;
    size_t len;
} variables[] = {
    { "uuid", EA_UUID_LEN },
    { "serial", EA_SERIAL_MAX },
    { "mac", EA_MAC_LEN },
    { "hostname", 63 },
    { "ip", 15 },
};

/* "${net0/mac:hexhyp}" is a mac. */
static size_t
variable_length(const char *text, size_t len, size_t url)
{
    const char *name = text + 2;
    const char *slash = memchr(text, '/', len);
    size_t count;

    if (len == sizeof(CONFIG_VARIABLE) - 1 &&
        memcmp(text, CONFIG_VARIABLE, len) == 0) {
        return url;
    }
    name = slash == NULL ? name : slash + 1;
    count = strcspn(name, ":}");
    for (size_t i = 0; i < sizeof(variables) / sizeof(variables[0]); i++) {
        if (strlen(variables[i].name) == count &&
            memcmp(variables[i].name, name, count) == 0) {
            return variables[i].len;
        }
    }
    return len;
}

/* An argument as the kernel gets it from iPXE, and what parts it from the
 * next. */
static size_t
argument_length(const struct cg_node *node, const struct cg_tree *arg)
{
    const struct cg_tree *config = cg_inventory_get(node->all, "gate.config");
    size_t url =
        (config == NULL ? 0 : config->len) + sizeof("/c/") - 1 + EA_TOKEN_LEN;
    const char *p = arg->text;
    size_t sum = arg->len + 1;

    while ((p = strstr(p, "${")) != NULL) {
        size_t len = strcspn(p, "}") + (strchr(p, '}') != NULL);

        sum += variable_length(p, len, url) - len;
        p += len;
    }
    return sum;
}

static size_t
list_length(const struct cg_node *node, const struct cg_tree *args,
            const char *prefix)
{
    size_t len = 0;

    for (size_t i = 0; args != NULL && i < args->count; i++) {
        if (strncmp(args->items[i]->text, prefix, strlen(prefix)) == 0) {
            len += argument_length(node, args->items[i]);
        }
    }
    return len;
}

/* One finding, at what is longest of what the inventory says. */
static bool
refuse_length(const struct filler *filler, const struct cg_tree *args)
{
    const struct cg_node *node = filler->node;
    struct cg_diag *diag = filler->pub->model->diag;
    size_t len = list_length(node, args, "");
    size_t own = list_length(node, filler->boot_args, "");
    size_t config = list_length(node, args, CONFIG_ARGUMENT);
    size_t early = list_length(node, args, EARLY_ARGUMENT);
    const struct cg_pos *blamed =
        own > 0 ? &filler->boot_args->pos : &node->pos;

    if (node->roots != NULL && early > own) {
        blamed = &node->roots->pos;
    }
    (void)cg_error(diag, blamed, "command-line",
                   "the boot command line has %zu bytes, the kernel takes %d",
                   len, CG_COMMAND_LINE_MAX);
    cg_hint(diag,
            "the profile's arguments take %zu bytes, boot_args %zu, "
            "talos.config with its ticket %zu, talos.config.early with "
            "gate.config_ca %zu",
            len - own - config - early, own, config, early);
    if (early > own) {
        cg_hint(diag, "a P-256 root takes about 700 bytes, one of RSA-2048 "
                      "1250, one of RSA-4096 1950; a public certificate for "
                      "gate.config takes none");
    }
    return false;
}

static bool
check_args(const struct filler *filler, const struct cg_tree *args)
{
    struct cg_diag *diag = filler->pub->model->diag;
    bool good = true;

    for (size_t i = 0; i < args->count; i++) {
        good = check_argument(diag, args->items[i]) && good;
    }
    if (!good || !check_required(diag, args)) {
        return false;
    }
    if (list_length(filler->node, args, "") > CG_COMMAND_LINE_MAX) {
        return refuse_length(filler, args);
    }
    return true;
}

/* Talos trusts the CA behind gate.config before it has a config. It joins
 * several values of this argument into one, so ours must be alone. */
static bool
add_early(const struct filler *filler, struct cg_tree *args)
{
    const struct cg_node *node = filler->node;
    struct cg_arena *arena = filler->pub->model->arena;
    struct cg_tree *made;

    if (node->early == NULL) {
        return true;
    }
    if (has_argument(args, EARLY_ARGUMENT)) {
        return cg_error(filler->pub->model->diag, &args->pos, "profile",
                        "the boot arguments have a talos.config.early of their "
                        "own, and gate.config_ca needs it");
    }
    made = cg_tree_new_text(
        arena, cg_arena_printf(arena, "%s%s", EARLY_ARGUMENT, node->early));
    made->pos = node->roots->pos;
    (void)cg_tree_add(arena, args, made);
    return true;
}

static const char *
base_name(const char *path)
{
    const char *slash = strrchr(path, '/');

    return slash == NULL ? path : slash + 1;
}

struct cg_tree *
cg_profile_fill(const struct cg_publication *pub, const struct cg_node *node)
{
    const struct cg_tree *ref = template_ref(pub, node);
    const struct cg_file_text *file =
        cg_files_yaml(pub->model->inventory.files, ref);
    struct filler filler = {
        .pub = pub,
        .node = node,
        .names = { { "{kernel}", node->kernel->path },
                   { "{initrd}", node->initramfs->path },
                   { "{initrd_name}", base_name(node->initramfs->path) },
                   { "{version}", node->talos->text },
                   { "{arch}", node->kernel->arch },
                   { "{node}", node->name },
                   { "{site}", node->site } },
        .boot_args = cg_inventory_get(node->all, "boot_args"),
        .good = true,
    };
    struct cg_tree *made;
    struct cg_tree *args;

    if (!file->good) {
        return NULL;
    }
    if (file->trees.count != 1 || file->trees.roots[0]->kind != CG_MAP) {
        (void)cg_error(pub->model->diag, &ref->pos, "profile",
                       "'%s' is no Matchbox profile", ref->text);
        return NULL;
    }
    made = fill(&filler, file->trees.roots[0]);
    args = cg_tree_path(made, "boot", "args", NULL);
    if (cg_tree_text(cg_tree_path(made, "boot", "kernel", NULL)) == NULL ||
        args == NULL || args->kind != CG_LIST) {
        (void)cg_error(pub->model->diag, &file->trees.roots[0]->pos, "profile",
                       "the profile has no boot with kernel and args");
        return NULL;
    }
    return filler.good && add_early(&filler, args) && check_args(&filler, args)
               ? made
               : NULL;
}
