/* Reading what an inventory refers to; see cg_files.h. */
#include "model/cg_files.h"

#include <string.h>

#include "base/cg_command.h"
#include "base/cg_file.h"
#include "yaml/cg_yaml.h"

#define COMMAND_WORDS_MAX 64

struct file {
    const struct cg_tree *ref;
    struct cg_file_text text;
};

struct cg_files {
    struct cg_arena *arena;
    struct cg_diag *diag;
    const char *folder;
    struct file **files;
    size_t count, cap;
};

struct cg_files *
cg_files_new(struct cg_arena *arena, const char *folder, struct cg_diag *diag)
{
    struct cg_files *files = cg_arena_alloc(arena, sizeof(*files));

    files->arena = arena;
    files->folder = folder;
    files->diag = diag;
    return files;
}

const char *
cg_files_path(struct cg_files *files, const char *path)
{
    if (path[0] == '/' || strcmp(files->folder, ".") == 0) {
        return path;
    }
    return cg_arena_printf(files->arena, "%s/%s", files->folder, path);
}

bool
cg_files_is_encrypted(const struct cg_tree *tree)
{
    const struct cg_tree *sops = cg_tree_get(tree, "sops");

    return cg_tree_get(sops, "mac") != NULL &&
           cg_tree_get(sops, "version") != NULL;
}

static const char *
program_of(const struct cg_tree *ref)
{
    return cg_tree_text(cg_tree_get(ref, "command")->items[0]);
}

static bool
run(struct cg_files *files, const struct cg_tree *ref, struct cg_strbuf *out,
    struct ea_error *err)
{
    const struct cg_tree *command = cg_tree_get(ref, "command");
    const char *argv[COMMAND_WORDS_MAX + 1] = { NULL };

    if (command->count > COMMAND_WORDS_MAX) {
        return ea_fail(err, EA_E_RANGE, "command has more than %d words",
                       COMMAND_WORDS_MAX);
    }
    for (size_t i = 0; i < command->count; i++) {
        argv[i] = cg_tree_text(command->items[i]);
    }
    return cg_command_run(argv, files->folder, CG_YAML_SIZE_MAX, out, err);
}

/* Keeps a copy in the arena (which is wiped at the end) and registers it. */
static const struct cg_source *
keep(struct cg_files *files, const char *name, const struct cg_strbuf *text,
     bool secret)
{
    struct ea_bytes bytes = {
        cg_arena_copy(files->arena, text->text, text->len), text->len
    };

    return cg_diag_source(files->diag, name, bytes, secret);
}

static bool
fetch(struct cg_files *files, struct file *file)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    const struct cg_tree *ref = file->ref;
    struct ea_error err = { 0 };
    const char *name;
    bool good;

    if (ref->kind == CG_MAP) {
        const struct cg_tree *command = cg_tree_get(ref, "command");

        /* the last word is most often the file's name */
        name =
            cg_arena_printf(files->arena, "%s ... %s", program_of(ref),
                            cg_tree_text(command->items[command->count - 1]));
        good = run(files, ref, &text, &err);
    } else {
        name = cg_files_path(files, ref->text);
        good = cg_file_read(name, CG_YAML_SIZE_MAX, &text, &err);
    }
    if (!good) {
        return cg_error_from(files->diag, &ref->pos, "file", &err);
    }
    file->text.source = keep(files, name, &text, ref->kind == CG_MAP);
    return true;
}

static struct file *
find(struct cg_files *files, const struct cg_tree *ref)
{
    struct file *file;

    for (size_t i = 0; i < files->count; i++) {
        if (cg_tree_equal(files->files[i]->ref, ref)) {
            return files->files[i];
        }
    }
    file = cg_arena_alloc(files->arena, sizeof(*file));
    file->ref = ref;
    file->text.good = fetch(files, file);
    files->files = cg_arena_grow(files->arena, files->files, files->count,
                                 &files->cap, sizeof(struct file *));
    files->files[files->count++] = file;
    return file;
}

const struct cg_file_text *
cg_files_text(struct cg_files *files, const struct cg_tree *ref)
{
    return &find(files, ref)->text;
}

static bool
has_encrypted(const struct cg_trees *trees)
{
    for (size_t i = 0; i < trees->count; i++) {
        if (cg_files_is_encrypted(trees->roots[i])) {
            return true;
        }
    }
    return false;
}

/* Reads it again through sops, which checks the MAC over all values. */
static bool
decrypt(struct cg_files *files, struct file *file)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    const char *const argv[] = { "sops", "-d", file->ref->text, NULL };
    struct ea_error err = { 0 };

    if (!cg_command_run(argv, files->folder, CG_YAML_SIZE_MAX, &text, &err)) {
        (void)cg_error_from(files->diag, &file->ref->pos, "decrypt", &err);
        cg_hint(files->diag, "'%s' has SOPS metadata", file->ref->text);
        return false;
    }
    file->text.source =
        keep(files, cg_files_path(files, file->ref->text), &text, true);
    file->text.trees = (struct cg_trees){ 0 };
    return cg_yaml_load(files->arena, file->text.source, files->diag,
                        &file->text.trees);
}

const struct cg_file_text *
cg_files_yaml(struct cg_files *files, const struct cg_tree *ref)
{
    struct file *file = find(files, ref);

    if (!file->text.good || file->text.is_parsed) {
        return &file->text;
    }
    file->text.is_parsed = true;
    file->text.good = cg_yaml_load(files->arena, file->text.source, files->diag,
                                   &file->text.trees);
    if (!file->text.good || !has_encrypted(&file->text.trees)) {
        return &file->text;
    }
    if (ref->kind == CG_MAP) {
        file->text.good =
            cg_error(files->diag, &ref->pos, "still-encrypted",
                     "what command '%s' prints is still encrypted by SOPS",
                     program_of(ref));
        return &file->text;
    }
    file->text.good = decrypt(files, file);
    return &file->text;
}
