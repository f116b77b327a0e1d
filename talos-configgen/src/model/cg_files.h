/*
 * The files an inventory refers to: by path, or by a command that prints them.
 * Each is read once per run, however many nodes use it. A file with SOPS
 * metadata is decrypted with `sops -d`. What came out of a decryption or a
 * command is secret: it stays in memory, and findings never quote it.
 */
#ifndef CG_FILES_H
#define CG_FILES_H

#include <stdbool.h>

#include "base/cg_diag.h"
#include "yaml/cg_tree.h"

struct cg_files;

/* `folder`: what relative paths and commands start from; borrowed. */
struct cg_files *cg_files_new(struct cg_arena *arena, const char *folder,
                              struct cg_diag *diag);

/* One file that was asked for. `good` is false when it could not be read; the
 * findings were then added, once. */
struct cg_file_text {
    const struct cg_source *source;
    struct cg_trees trees; /* of cg_files_yaml */
    bool good, is_parsed;
};

/* `ref`: the inventory's value (a path, or {command: [...]}); its position is
 * blamed when the file cannot be had. Never NULL. */
const struct cg_file_text *cg_files_text(struct cg_files *files,
                                         const struct cg_tree *ref);

/* The same, read as YAML documents, decrypted if it has SOPS metadata. */
const struct cg_file_text *cg_files_yaml(struct cg_files *files,
                                         const struct cg_tree *ref);

/* A path as the inventory means it: joined to the folder unless absolute. */
const char *cg_files_path(struct cg_files *files, const char *path);

/* The mapping has SOPS metadata: it is still encrypted. */
bool cg_files_is_encrypted(const struct cg_tree *tree);

#endif
