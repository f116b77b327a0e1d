/*
 * The image a node installs and boots: its schematic at the Image Factory, and
 * from that the installer's name and the boot files' URLs.
 *
 * A schematic's id is the SHA-256 of its canonical YAML, so it can be known
 * without asking the factory.
 */
#ifndef CG_SCHEMATIC_H
#define CG_SCHEMATIC_H

#include <stdbool.h>

#include "model/cg_node.h"

/* Sets node->schematic and node->installer from the node's image.* and talos
 * keys. Extensions are sorted, kernel arguments keep their order. False: a
 * finding was added, and both stay NULL. */
bool cg_schematic_resolve(struct cg_model *model, struct cg_node *node);

/* Appends the schematic's canonical YAML, as the factory hashes it. */
bool cg_schematic_format(const struct cg_tree *image, struct cg_diag *diag,
                         struct cg_strbuf *out);

/* "kernel-amd64", "initramfs-amd64.xz". */
const char *cg_schematic_kernel(struct cg_arena *arena,
                                const struct cg_node *node);
const char *cg_schematic_initramfs(struct cg_arena *arena,
                                   const struct cg_node *node);

/* image.NAME of the node, or the key's default. */
const char *cg_schematic_setting(const struct cg_node *node, const char *name);

/* "https://factory.talos.dev": what image.factory says. */
const char *cg_schematic_base(struct cg_arena *arena,
                              const struct cg_node *node);

/* Where a factory, or a mirror with its paths, has a file. */
const char *cg_schematic_url_at(struct cg_arena *arena, const char *base,
                                const char *schematic, const char *version,
                                const char *file);

/* Where the node's factory has a file of the node's image. */
const char *cg_schematic_url(struct cg_arena *arena, const struct cg_node *node,
                             const char *file);

#endif
