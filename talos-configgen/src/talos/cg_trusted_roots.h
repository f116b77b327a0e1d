/*
 * The private CA behind gate.config, as Talos has to get it: a
 * TrustedRootsConfig document, in every gated node's config and, before there
 * is a config, on the kernel command line.
 */
#ifndef CG_TRUSTED_ROOTS_H
#define CG_TRUSTED_ROOTS_H

#include <stdbool.h>
#include <stdint.h>

#include "ea_types.h"
#include "talos/cg_where.h"
#include "yaml/cg_tree.h"

/* One root, or the old and the new one of a roll-over. */
#define CG_TRUSTED_ROOTS_MAX 2

/* Before a root expires by this, a warning asks for its successor. */
#define CG_TRUSTED_ROOTS_WARN_DAYS 30

/* Judges a PEM file: one or two CA certificates that Go takes for roots, valid
 * at `now` (seconds since 1970), and nothing else. Text around the blocks is
 * dropped. Returns the certificates as PEM, at `pos`; NULL: findings (all with
 * `pos`, none with a part of the file) were added. */
struct cg_tree *cg_trusted_roots_read(const struct cg_walk *walk,
                                      struct ea_bytes file,
                                      const struct cg_pos *pos, int64_t now);

/* The value of talos.config.early: base64 of the zstd of a TrustedRootsConfig
 * of this name. In the arena; without a line break. */
const char *cg_trusted_roots_early(struct cg_arena *arena, const char *name,
                                   const struct cg_tree *pem);

#endif
