/* `image fetch`: what images.lock names and nodes need, into one folder. */
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/cg_file.h"
#include "cli/cg_image.h"
#include "cli/cg_image_set.h"
#include "cli/cg_progress.h"
#include "ea_nodes.h"
#include "image/cg_schematic.h"
#include "model/cg_key.h"
#include "yaml/cg_json.h"

#define LOCK_MODE 0644 /* it stands beside the inventory, in git */

struct task {
    const struct cg_options *options;
    struct cg_image_set *set;
    struct cg_lock lock;
    struct cg_want *wants;
    size_t count, cap;
};

static struct cg_want *
add_want(struct task *task, const struct cg_asset *asset, const char *base)
{
    struct cg_arena *arena = task->set->model.arena;
    struct cg_want *want;

    task->wants = cg_arena_grow(arena, task->wants, task->count, &task->cap,
                                sizeof(*task->wants));
    want = &task->wants[task->count++];
    *want = (struct cg_want){
        .url = cg_schematic_url_at(arena, base, asset->schematic,
                                   asset->version, asset->file),
        .asset = *asset,
        .pinned = asset->sha256 != NULL,
        .pos = asset->pos,
        .state = CG_WANT_WAITING,
    };
    return want;
}

static const char *
base_of(const struct task *task, const struct cg_node *node)
{
    if (task->options->mirror != NULL) {
        return task->options->mirror;
    }
    return node == NULL
               ? cg_arena_printf(
                     task->set->model.arena, "https://%s",
                     cg_key_find("image.factory", CG_AT_NODE)->fallback)
               : cg_schematic_base(task->set->model.arena, node);
}

/* A node's file that images.lock does not name. */
static void
add_unpinned(struct task *task, const struct cg_node *node, const char *file)
{
    const struct cg_asset asset = {
        .schematic = node->schematic,
        .version = node->talos->text,
        .arch = cg_schematic_setting(node, "arch"),
        .file = file,
        .pos = node->talos->pos,
    };

    if (task->options->pin) {
        (void)add_want(task, &asset, base_of(task, node));
        return;
    }
    (void)cg_error(task->set->model.diag, &node->talos->pos, "image-missing",
                   "%s does not list %s of %s with schematic %.16s...",
                   task->lock.name, file, node->talos->text, node->schematic);
    cg_hint(task->set->model.diag,
            "--pin gets it and adds its size and digest");
}

/* The first node whose image this is, or NULL. */
static const struct cg_node *
find_user(const struct cg_image_set *set, const struct cg_asset *asset)
{
    for (size_t i = 0; i < set->count; i++) {
        const struct cg_node *node = set->groups[i].nodes[0];

        if (strcmp(node->schematic, asset->schematic) == 0 &&
            strcmp(node->talos->text, asset->version) == 0) {
            return node;
        }
    }
    return NULL;
}

static void
collect(struct task *task)
{
    struct cg_image_set *set = task->set;

    for (size_t i = 0; i < task->lock.count; i++) {
        const struct cg_asset *asset = &task->lock.assets[i];
        bool is_there = false;

        for (size_t n = 0; n < i; n++) {
            is_there =
                is_there || strcmp(task->lock.assets[n].path, asset->path) == 0;
        }
        if (!is_there) {
            (void)add_want(task, asset, base_of(task, find_user(set, asset)));
        }
    }
    for (size_t i = 0; i < set->count; i++) {
        const struct cg_node *node = set->groups[i].nodes[0];
        const char *const files[] = {
            cg_schematic_kernel(set->model.arena, node),
            cg_schematic_initramfs(set->model.arena, node),
        };

        for (size_t n = 0; n < 2; n++) {
            if (cg_lock_find(&task->lock, node->schematic, node->talos->text,
                             files[n]) == NULL) {
                add_unpinned(task, node, files[n]);
            }
        }
    }
    if (task->count > EA_ASSETS_MAX) {
        (void)cg_error(set->model.diag, NULL, "images-lock",
                       "%zu boot files are more than a gate's list holds (%d)",
                       task->count, EA_ASSETS_MAX);
    }
}

/* Somebody may have changed it while the files came. */
static bool
has_changed(const struct cg_lock *lock)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };

    if (lock->source == NULL) {
        return access(lock->name, F_OK) == 0;
    }
    return !cg_file_read(lock->name, lock->source->text.len, &text, NULL) ||
           !ea_bytes_equal(cg_strbuf_bytes(&text), lock->source->text);
}

static bool
write_pins(struct task *task, const struct cg_asset *added, size_t count)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct ea_error err = { 0 };
    struct stat st;
    mode_t mode =
        stat(task->lock.name, &st) == 0 ? st.st_mode & 0777 : LOCK_MODE;

    if (has_changed(&task->lock)) {
        (void)cg_error(task->set->model.diag, NULL, "images-lock",
                       "%s was changed meanwhile, and is left alone",
                       task->lock.name);
        cg_hint(task->set->model.diag, "run it again: the files are there");
        return false;
    }
    cg_lock_format(task->set->model.arena, &task->lock, added, count, &text);
    return cg_file_write(task->lock.name, cg_strbuf_bytes(&text), mode, &err) ||
           cg_error_from(task->set->model.diag, NULL, "image-store", &err);
}

/* What was fetched without a pin gets one, also when other files failed. */
static bool
pin(struct task *task)
{
    struct cg_asset *added =
        cg_arena_array(task->set->model.arena, task->count, sizeof(*added));
    size_t count = 0;

    for (size_t i = 0; i < task->count; i++) {
        if (!task->wants[i].pinned && task->wants[i].state == CG_WANT_FETCHED) {
            added[count++] = task->wants[i].asset;
        }
    }
    if (count == 0) {
        return true;
    }
    if (!write_pins(task, added, count)) {
        return false;
    }
    if (!task->options->json) {
        (void)printf("pinned %zu file%s in %s\n", count, count == 1 ? "" : "s",
                     task->lock.name);
    }
    return true;
}

static void
print_json(const struct task *task)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct cg_arena *arena = task->set->model.arena;
    struct cg_tree *all = cg_tree_new_list(arena);

    for (size_t i = 0; i < task->count; i++) {
        const struct cg_want *want = &task->wants[i];
        const struct cg_asset *asset = &want->asset;
        struct cg_tree *one = cg_tree_add(arena, all, cg_tree_new_map(arena));

        cg_tree_set_text(arena, one, "state", cg_progress_word(want->state));
        cg_tree_set_text(arena, one, "schematic", asset->schematic);
        cg_tree_set_text(arena, one, "version", asset->version);
        cg_tree_set_text(arena, one, "arch", asset->arch);
        cg_tree_set_text(arena, one, "file", asset->file);
        cg_tree_set_text(arena, one, "url", want->url);
        if (asset->sha256 != NULL) {
            cg_tree_set_text(arena, one, "path", strrchr(asset->path, '/') + 1);
            (void)cg_tree_set(arena, one, "size",
                              cg_tree_new_int(arena, (int64_t)asset->size));
            cg_tree_set_text(arena, one, "sha256", asset->sha256);
        }
    }
    cg_json_emit(&text, all);
    (void)fwrite(text.text, 1, text.len, stdout);
}

/* Looks, and asks nobody. */
static int
rehearse(struct task *task, struct cg_download *download)
{
    const struct cg_store store = { .arena = task->set->model.arena,
                                    .folder = task->options->output,
                                    .lock = -1 };

    download->store = &store;
    cg_download_check(download, task->wants, task->count);
    for (size_t i = 0; !task->options->json && i < task->count; i++) {
        if (task->wants[i].state == CG_WANT_WAITING) {
            (void)printf("wanted %s\n", task->wants[i].url);
        }
    }
    return CG_EXIT_GOOD;
}

static bool
open_store(const struct task *task, struct cg_store *store)
{
    struct cg_arena *arena = task->set->model.arena;
    const char *folder = task->options->output;
    struct ea_error err = { 0 };
    enum cg_store_lock held = cg_store_open(store, arena, folder, false, &err);

    if (held == CG_STORE_BUSY) {
        (void)fprintf(
            stderr, "talos-configgen: waiting for another run in %s\n", folder);
        held = cg_store_open(store, arena, folder, true, &err);
    }
    return held == CG_STORE_HELD ||
           cg_error_from(task->set->model.diag, NULL, "image-store", &err);
}

static int
status_of(const struct task *task, bool is_pinned)
{
    int status = CG_EXIT_GOOD;

    for (size_t i = 0; i < task->count; i++) {
        if (task->wants[i].state == CG_WANT_NO_DISK) {
            return CG_EXIT_OUTPUT;
        }
        if (task->wants[i].state != CG_WANT_THERE &&
            task->wants[i].state != CG_WANT_FETCHED) {
            status = CG_EXIT_FETCH;
        }
    }
    return is_pinned ? status : CG_EXIT_OUTPUT;
}

static int
get(struct task *task, struct cg_download *download)
{
    const struct cg_fetch_options net = { task->options->proxy,
                                          task->options->ca_file,
                                          task->options->stall };
    struct cg_store store = { .lock = -1 };
    struct ea_error err = { 0 };
    int status = CG_EXIT_OUTPUT;

    download->store = &store;
    download->fetch = cg_fetch_open(&net, &err);
    if (download->fetch == NULL) {
        (void)cg_error_from(task->set->model.diag, NULL, "image-fetch", &err);
        return CG_EXIT_FETCH;
    }
    if (open_store(task, &store)) {
        cg_download_check(download, task->wants, task->count);
        (void)cg_download_run(download);
        status = status_of(task, pin(task));
    }
    cg_fetch_close(download->fetch);
    cg_store_close(&store);
    return status;
}

static int
fetch(const struct cg_options *options, struct cg_image_set *set)
{
    struct cg_progress progress = {
        .is_terminal = isatty(STDERR_FILENO) == 1,
        .is_quiet = options->json,
    };
    struct cg_download download = {
        .arena = set->model.arena,
        .diag = set->model.diag,
        .jobs = options->jobs,
        .tries = options->tries,
        .verify = options->verify,
        .watch = cg_progress_watch,
        .context = &progress,
    };
    struct task task = { .options = options, .set = set };
    int status;

    if (cg_lock_load_any(&set->model, options->images_lock, &task.lock)) {
        collect(&task);
    }
    if (cg_diag_errors(set->model.diag) > 0) {
        return CG_EXIT_FINDINGS;
    }
    status =
        options->dry_run ? rehearse(&task, &download) : get(&task, &download);
    if (options->json) {
        print_json(&task);
    }
    return status;
}

int
cg_image_fetch(const struct cg_options *options)
{
    return cg_image_set_run(options, CG_IMAGE_BY_KERNEL, fetch);
}
