/* Writing a set of files; see cg_output.h. */
#include "base/cg_output.h"

#include <errno.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cg_file.h"

struct output_file {
    enum cg_phase phase;
    const char *path;
    struct ea_bytes bytes;
    mode_t mode;
    bool created; /* by this run: not there before */
};

struct cg_output {
    struct cg_arena *arena;
    const char *root;
    struct output_file *files;
    size_t count, cap;
    const char **removed;
    size_t removed_count, removed_cap;
};

struct cg_output *
cg_output_new(struct cg_arena *arena, const char *root)
{
    struct cg_output *output = cg_arena_alloc(arena, sizeof(*output));

    output->arena = arena;
    output->root = root;
    return output;
}

const char *
cg_output_root(const struct cg_output *output)
{
    return output->root;
}

void
cg_output_add(struct cg_output *output, enum cg_phase phase, const char *name,
              struct ea_bytes bytes, mode_t mode)
{
    output->files = cg_arena_grow(output->arena, output->files, output->count,
                                  &output->cap, sizeof(*output->files));
    output->files[output->count++] = (struct output_file){
        .phase = phase,
        .path = cg_arena_printf(output->arena, "%s/%s", output->root, name),
        .bytes = { cg_arena_copy(output->arena, bytes.ptr, bytes.len),
                   bytes.len },
        .mode = mode,
    };
}

void
cg_output_remove(struct cg_output *output, const char *name)
{
    output->removed =
        cg_arena_grow(output->arena, output->removed, output->removed_count,
                      &output->removed_cap, sizeof(*output->removed));
    output->removed[output->removed_count++] =
        cg_arena_printf(output->arena, "%s/%s", output->root, name);
}

bool
cg_output_has(const struct cg_output *output, const char *name)
{
    size_t skip = strlen(output->root) + 1;

    for (size_t i = 0; i < output->count; i++) {
        if (strcmp(output->files[i].path + skip, name) == 0) {
            return true;
        }
    }
    return false;
}

static char *
folder_of(struct cg_arena *arena, const char *path)
{
    char *folder = cg_arena_text(arena, path);

    *strrchr(folder, '/') = '\0';
    return folder;
}

static bool
write_file(const struct cg_output *output, struct output_file *file,
           struct ea_error *err)
{
    mode_t search = (file->mode & 0444) >> 2;

    if (!cg_file_mkdir(folder_of(output->arena, file->path),
                       file->mode | search, err)) {
        return false;
    }
    file->created = access(file->path, F_OK) != 0;
    if (!cg_file_write(file->path, file->bytes, file->mode, err)) {
        file->created = false;
        return false;
    }
    return true;
}

/* What is not referred to yet goes away again. */
static void
take_back(const struct cg_output *output)
{
    for (size_t i = 0; i < output->count; i++) {
        if (output->files[i].created) {
            (void)unlink(output->files[i].path);
        }
    }
}

/* Each folder once: there are a handful, and thousands of files. */
static bool
sync_phase(const struct cg_output *output, enum cg_phase phase,
           struct ea_error *err)
{
    const char **folders = NULL;
    size_t count = 0, cap = 0;

    for (size_t i = 0; i < output->count; i++) {
        const char *folder = folder_of(output->arena, output->files[i].path);
        bool is_done = output->files[i].phase != phase;

        for (size_t n = 0; n < count && !is_done; n++) {
            is_done = strcmp(folders[n], folder) == 0;
        }
        if (is_done) {
            continue;
        }
        if (!cg_file_sync_folder(folder, err)) {
            return false;
        }
        folders = cg_arena_grow(output->arena, folders, count, &cap,
                                sizeof(*folders));
        folders[count++] = folder;
    }
    return true;
}

static bool
write_phase(const struct cg_output *output, enum cg_phase phase,
            struct ea_error *err)
{
    for (size_t i = 0; i < output->count; i++) {
        if (output->files[i].phase == phase &&
            !write_file(output, &output->files[i], err)) {
            return false;
        }
    }
    return sync_phase(output, phase, err);
}

bool
cg_output_write(struct cg_output *output, struct ea_error *err)
{
    if (!write_phase(output, CG_PHASE_CONTENT, err) ||
        !write_phase(output, CG_PHASE_RECORD, err)) {
        take_back(output);
        return false;
    }
    if (!write_phase(output, CG_PHASE_SWITCH, err)) {
        return false;
    }
    for (size_t i = 0; i < output->removed_count; i++) {
        if (unlink(output->removed[i]) != 0 && errno != ENOENT) {
            (void)ea_fail(err, EA_E_UNAVAILABLE, "cannot remove: %s",
                          strerror(errno));
            ea_error_at(err, output->removed[i], 0, 0);
            return false;
        }
    }
    return true;
}
