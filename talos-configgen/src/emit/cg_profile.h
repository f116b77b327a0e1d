/*
 * Matchbox profiles are filled from templates (matchbox-profiles/, or the
 * inventory's `profile: FILE`): JSON in which {kernel} {initrd} {initrd_name}
 * {version} {arch} {node} {site} stand for the node's, and an argument that is
 * exactly "{boot_args}" for the list of them. iPXE's own ${...} stays. With
 * gate.config_ca a last argument brings that CA (talos.config.early).
 */
#ifndef CG_PROFILE_H
#define CG_PROFILE_H

#include <stdbool.h>

#include "emit/cg_emit.h"

/* The kernel's limit on the command line on x86 and arm64, with the NUL. */
#define CG_COMMAND_LINE_MAX 2048

/* The boot part of the node's profile: {"name": .., "boot": {..}}, filled and
 * checked (required arguments, length). NULL: findings were added. */
struct cg_tree *cg_profile_fill(const struct cg_publication *pub,
                                const struct cg_node *node);

#endif
