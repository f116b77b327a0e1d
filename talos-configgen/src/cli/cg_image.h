/* The commands about images: `image id`, `urls`, `fetch`, `push`, and `images`,
 * the list that images.lock must name. */
#ifndef CG_IMAGE_H
#define CG_IMAGE_H

#include "cli/cg_options.h"

#define CG_IMAGE_OPTIONS_NODES                                                 \
    (CG_OPTION_INVENTORY | CG_OPTION_NODE | CG_OPTION_SITE | CG_OPTION_ROLE |  \
     CG_OPTION_JSON)
#define CG_IMAGE_OPTIONS_NET                                                   \
    (CG_OPTION_MIRROR | CG_OPTION_PROXY | CG_OPTION_CACERT |                   \
     CG_OPTION_INSECURE | CG_OPTION_STALL | CG_OPTION_DRY_RUN)
#define CG_IMAGE_OPTIONS_ID (CG_IMAGE_OPTIONS_NODES | CG_OPTION_SCHEMATIC)
#define CG_IMAGE_OPTIONS_URLS (CG_IMAGE_OPTIONS_NODES | CG_OPTION_MIRROR)
#define CG_IMAGE_OPTIONS_PUSH (CG_IMAGE_OPTIONS_NODES | CG_IMAGE_OPTIONS_NET)
#define CG_IMAGE_OPTIONS_FETCH                                                 \
    (CG_OPTION_INVENTORY | CG_OPTION_ASSETS | CG_OPTION_LOCK |                 \
     CG_IMAGE_OPTIONS_NET | CG_OPTION_PIN | CG_OPTION_VERIFY |                 \
     CG_OPTION_JOBS | CG_OPTION_TRIES | CG_OPTION_JSON)

int cg_image_list(const struct cg_options *options);
int cg_image_id(const struct cg_options *options);
int cg_image_urls(const struct cg_options *options);
int cg_image_push(const struct cg_options *options);
int cg_image_fetch(const struct cg_options *options);

#endif
