/*
 * From an inventory to output files in memory: resolve, generate, patch,
 * validate, lint, emit. Findings collect in the model's diag; whoever runs it
 * decides what to write.
 */
#ifndef CG_PIPELINE_H
#define CG_PIPELINE_H

#include <stdbool.h>
#include <stdint.h>

#include "emit/cg_emit.h"
#include "model/cg_node.h"

/* Images of all nodes: schematic ids and installers. */
void cg_pipeline_images(struct cg_model *model);

/* Documents of every worker, with all findings about them; certificates are
 * judged at `now`, in seconds since 1970. */
void cg_pipeline_render(struct cg_model *model, int64_t now);

/* Files of every emitter, into pub->output. */
void cg_pipeline_emit(const struct cg_publication *pub);

#endif
