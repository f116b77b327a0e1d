/*
 * images.lock: which boot files there are, by content. The operator (or CI)
 * fetches them once, and everything after that names them by digest.
 *
 *   format: 1
 *   images:
 *     - schematic:
 * 376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba version:
 * v1.13.3 arch: amd64 file: kernel-amd64             # or initramfs-amd64.xz
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
    const char *path; /* assets/<first 16 digits>-<file> */
};

struct cg_lock {
    const char *name; /* of the file */
    struct cg_asset *assets;
    size_t count;
};

/* `path` NULL: the inventory's images_lock, or images.lock beside it. Nothing
 * is read when no node boots through the gate. */
bool cg_lock_load(struct cg_model *model, const char *path,
                  struct cg_lock *ret);

/* Sets kernel and initramfs of a gated node, or adds findings that say which
 * file is missing and where to get it. */
bool cg_lock_assign(struct cg_model *model, const struct cg_lock *lock,
                    struct cg_node *node);

#endif
