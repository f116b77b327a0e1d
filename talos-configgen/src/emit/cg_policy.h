/*
 * The policy of a tailnet that an inventory needs: who owns the tags, and which
 * ports are open between whom. Everything else stays shut, since a policy only
 * ever opens.
 */
#ifndef CG_POLICY_H
#define CG_POLICY_H

#include "base/cg_strbuf.h"
#include "model/cg_node.h"

struct cg_policy_options {
    const char *owner; /* "tag:name" or "user@": who makes keys with the tags */
    bool is_acls;      /* `acls`; else `grants` */
};

/* Appends the policy as JSON; the same inventory gives the same bytes. False:
 * findings were added, and *out was left alone. Of the model only what the
 * inventory itself says is used. */
EA_MUST_CHECK bool cg_policy_make(struct cg_model *model,
                                  const struct cg_policy_options *options,
                                  struct cg_strbuf *out);

#endif
