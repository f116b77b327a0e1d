/* Nodes that have the same image, as one group: what the image commands run
 * over. */
#ifndef CG_IMAGE_SET_H
#define CG_IMAGE_SET_H

#include <stddef.h>

#include "cli/cg_options.h"
#include "model/cg_node.h"

/* What makes two nodes' images the same. BY_KERNEL has nodes that boot through
 * the gate only: those that need boot files. */
enum cg_image_by {
    CG_IMAGE_BY_ID = 0,  /* schematic */
    CG_IMAGE_BY_FACTORY, /* and factory */
    CG_IMAGE_BY_KERNEL,  /* schematic, version, architecture */
    CG_IMAGE_BY_ALL      /* all of that, and platform */
};

struct cg_image_group {
    const struct cg_node **nodes; /* at least one */
    size_t count, cap;
};

struct cg_image_set {
    struct cg_model model;
    struct cg_image_group *groups; /* in the order of the inventory */
    size_t count, cap;
};

/* Reads the inventory, groups the nodes that the options choose, runs the
 * command, shows its findings, and returns its exit status; with errors in the
 * inventory, or when no node is chosen, the command is not run. */
int cg_image_set_run(const struct cg_options *options, enum cg_image_by by,
                     int (*run)(const struct cg_options *options,
                                struct cg_image_set *set));

#endif
