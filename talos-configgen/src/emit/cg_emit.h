/*
 * From rendered nodes to output files. Each emitter is one row of cg_emitters
 * and knows nothing of the others; what a node's published body is, they share
 * (cg_body).
 */
#ifndef CG_EMIT_H
#define CG_EMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/cg_output.h"
#include "image/cg_lock.h"
#include "model/cg_node.h"

/* What emitters work on. */
struct cg_publication {
    struct cg_model *model;
    const struct cg_lock *lock;
    struct cg_output *output;
    const char *profiles; /* folder of the installed Matchbox profiles */
    uint32_t serial;      /* of nodes.json; 0: one more than the one there, or
                             the same if nothing else changed */
};

struct cg_emitter {
    const char *name, *help;
    /* Adds files to the output; false: findings were added. */
    bool (*emit)(const struct cg_publication *pub);
};

extern const struct cg_emitter cg_emitters[];
extern const size_t cg_emitters_count;

bool cg_emit_matchbox(const struct cg_publication *pub);
bool cg_emit_nodes(const struct cg_publication *pub);
bool cg_emit_configs(const struct cg_publication *pub);
bool cg_emit_dnsmasq(const struct cg_publication *pub);

/* Gated workers whose documents were rendered: what publish/ is about. */
bool cg_node_is_published(const struct cg_node *node);

/* The labels Matchbox selects the node's group by: uuid, else the first MAC. */
struct cg_tree *cg_node_select(struct cg_arena *arena,
                               const struct cg_node *node);

#endif
