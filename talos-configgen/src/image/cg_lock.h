/*
 * images.lock: which boot files there are, by content. The operator (or CI)
 * fetches them once, and everything after that names them by digest.
 *
 *   format: 1
 *   images:
 *     - schematic: <64 hexadecimal digits>
 *       version: v1.13.3
 *       arch: amd64
 *       file: kernel-amd64 (or initramfs-amd64.xz)
 *       size: 21319680
 *       sha256: <64 hexadecimal digits>
 *
 * YAML or JSON. The file itself stands in Matchbox' assets folder under its
 * digest name, cg_asset.path without "assets/".
 */
#ifndef CG_LOCK_H
#define CG_LOCK_H

#include <stdbool.h>
#include <stdint.h>

#include "model/cg_node.h"

struct cg_asset {
    const char *schematic, *version, *arch, *file, *sha256;
    uint64_t size;
    struct cg_pos pos; /* of sha256 */
    const char *path;  /* assets/<first 16 digits>-<file> */
};

struct cg_lock {
    const char *name;               /* of the file */
    const struct cg_source *source; /* its text; NULL: there is none */
    struct cg_asset *assets;
    size_t count;
    unsigned indent; /* columns before the dash of its items */
};

/* `path` NULL: the inventory's images_lock, or images.lock beside it. Nothing
 * is read when no node boots through the gate. */
bool cg_lock_load(struct cg_model *model, const char *path,
                  struct cg_lock *ret);

/* The same whether or not a node boots through the gate; and a file that is not
 * there is an empty one. */
bool cg_lock_load_any(struct cg_model *model, const char *path,
                      struct cg_lock *ret);

/* NULL: the lock does not name it. */
const struct cg_asset *cg_lock_find(const struct cg_lock *lock,
                                    const char *schematic, const char *version,
                                    const char *file);

/* "assets/<first 16 digits>-<file>" */
const char *cg_lock_path(struct cg_arena *arena, const char *sha256,
                         const char *file);

/* The lock's text with these images at the end, into `out`. What was there
 * stays byte for byte if it is a list to which lines can be added; else (JSON,
 * a list in brackets) all of it is written anew, without comments. */
void cg_lock_format(struct cg_arena *arena, const struct cg_lock *lock,
                    const struct cg_asset *added, size_t count,
                    struct cg_strbuf *out);

/* Sets kernel and initramfs of a gated node, or adds findings that say which
 * file is missing and where to get it. */
bool cg_lock_assign(struct cg_model *model, const struct cg_lock *lock,
                    struct cg_node *node);

#endif
