/* Is the CA behind gate.config in the config as the inventory says? A patch
 * may bring roots of its own, under another name. */
#include "lint/cg_lint.h"

#define KIND "TrustedRootsConfig"

void
cg_rule_config_ca(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *doc = cg_node_document(node, KIND, CG_CONFIG_CA_NAME);
    const struct cg_tree *text = cg_tree_get(doc, "certificates");

    if (node->roots == NULL) {
        return;
    }
    if (text == NULL) {
        (void)cg_error(model->diag, &node->pos, "config-ca",
                       "a patch removes the " KIND " '" CG_CONFIG_CA_NAME
                       "' of node '%s'",
                       node->name);
        cg_also(model->diag, &node->roots->pos, "what it is made of");
    } else if (text->pos.source != model->inventory.source) {
        (void)cg_error(model->diag, &text->pos, "config-ca",
                       "the " KIND " '" CG_CONFIG_CA_NAME
                       "' is what gate.config_ca becomes");
        cg_also(model->diag, &node->roots->pos, "gate.config_ca");
        cg_hint(model->diag, "a " KIND " of another name is added to it");
    }
}
