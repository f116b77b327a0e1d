/* Rules about what a node is in its tailnet: its tags, its name, what its
 * extension is told, and where its logs go. */
#include <stdlib.h>
#include <string.h>

#include "ea_keyd.h"
#include "ea_nodes.h"
#include "ea_spiffe.h"
#include "lint/cg_lint.h"
#include "model/cg_tailnet.h"

static const struct cg_pos *
place(const struct cg_node *node, const struct cg_tree *tree)
{
    return tree->pos.source == NULL ? &node->pos : &tree->pos;
}

/* A template that could not be filled in was reported when it was read. */
static bool
is_template(const struct cg_tree *tree)
{
    return strchr(tree->text, '{') != NULL;
}

static void
check_tags(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *tags = node->tailscale_tags;
    size_t len = 0;

    for (size_t i = 0; i < tags->count; i++) {
        const struct cg_tree *tag = tags->items[i];
        struct ea_error err = { 0 };

        len += tag->len + (i > 0);
        if (!is_template(tag) &&
            !ea_keyd_tag_check((struct ea_bytes){ tag->text, tag->len },
                               &err)) {
            (void)cg_error_from(model->diag, place(node, tag), "mint-tags",
                                &err);
        }
    }
    if (tags->count > EA_TAGS_MAX || len > EA_TAGS_TEXT_MAX) {
        (void)cg_error(model->diag, place(node, tags), "mint-tags",
                       "%zu tags of %zu characters together, expected at most "
                       "%d of %d",
                       tags->count, len, EA_TAGS_MAX, EA_TAGS_TEXT_MAX);
    }
}

void
cg_rule_tags(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        if (node->tailscale_tags != NULL && node->tailscale_tags->count > 0) {
            check_tags(model, node);
        } else if (cg_node_is_minted(node) &&
                   !cg_node_is_suspect(model, node, "tailscale.tags")) {
            (void)cg_error(model->diag, &node->pos, "mint-tags",
                           "the gate has an auth key made for node '%s', and "
                           "it has no tailscale.tags",
                           node->name);
            cg_hint(model->diag,
                    "a key without tags belongs to a person, and ends with "
                    "their account: tailscale: {tags: [\"tag:{site}\"]}");
        }
    }
}

static void
check_name(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *name = node->tailscale_hostname;
    struct ea_error err = { 0 };

    if (name == NULL || is_template(name)) {
        return;
    }
    if (!ea_name_check((struct ea_bytes){ name->text, name->len },
                       "name in the tailnet", &err)) {
        (void)cg_error_from(model->diag, place(node, name), "tailnet-name",
                            &err);
        cg_hint(model->diag, "tailscale.hostname gives a node another one than "
                             "its hostname");
    }
}

static int
by_name(const void *left, const void *right)
{
    const struct cg_node *const *a = left, *const *b = right;
    int order = strcmp((*a)->cluster, (*b)->cluster);

    if (order == 0) {
        order = strcmp((*a)->tailnet_name->text, (*b)->tailnet_name->text);
    }
    if (order == 0) { /* in the order of the inventory */
        order = *a < *b ? -1 : *a > *b;
    }
    return order;
}

/* The control server would give the second one another name. */
void
cg_rule_tailnet_name(struct cg_model *model)
{
    const struct cg_node **named =
        cg_arena_array(model->arena, model->count + 1, sizeof(const void *));
    size_t count = 0;

    for (size_t i = 0; i < model->count; i++) {
        const struct cg_node *node = &model->nodes[i];

        if (node->has_tailscale) {
            check_name(model, node);
        }
        if (node->has_tailscale && node->tailnet_name != NULL) {
            named[count++] = node;
        }
    }
    qsort(named, count, sizeof(const void *), by_name);
    for (size_t i = 1; i < count; i++) {
        const struct cg_node *first = named[i - 1], *second = named[i];

        if (strcmp(first->cluster, second->cluster) == 0 &&
            strcmp(first->tailnet_name->text, second->tailnet_name->text) ==
                0) {
            (void)cg_error(model->diag, &second->pos, "tailnet-name",
                           "node '%s' has the name '%s' in the tailnet, and "
                           "node '%s' has it already",
                           second->name, second->tailnet_name->text,
                           first->name);
            cg_also(model->diag, &first->pos, "the first one");
        }
    }
}

/* The node's kubelet has its address in the tailnet. */
static bool
lives_in_tailnet(const struct cg_node *node)
{
    const struct cg_tree *ip = cg_inventory_get(node->all, "node_ip");

    return node->has_tailscale && ip != NULL && cg_tree_is_text(ip, "tailnet");
}

static void
check_receiver(struct cg_model *model, const struct cg_node *node,
               const struct cg_tree *url)
{
    struct cg_receiver receiver;
    bool is_inside;

    if (url == NULL || !cg_receiver_parse(url->text, &receiver)) {
        return;
    }
    is_inside = !receiver.is_name && cg_tailnet_has(receiver.host);
    if (is_inside && !node->has_tailscale) {
        cg_warning(model->diag, &url->pos, "logs",
                   "receiver '%s' is an address of the tailnet, and a node's "
                   "image has no extension siderolabs/tailscale",
                   receiver.host);
    } else if (!is_inside && lives_in_tailnet(node)) {
        cg_warning(model->diag, &url->pos, "logs",
                   "receiver '%s' is no address of the tailnet: logs go in "
                   "clear over the networks between",
                   receiver.host);
        cg_hint(model->diag, "Talos sends them without TLS");
    }
}

void
cg_rule_logs(struct cg_model *model)
{
    for (size_t i = 0; i < model->count; i++) {
        check_receiver(model, &model->nodes[i], model->nodes[i].logs_kernel);
        check_receiver(model, &model->nodes[i], model->nodes[i].logs_services);
    }
}

/* The text behind `name` in the options, or NULL. */
static const char *
find_option(const char *options, const char *name)
{
    const char *found = strstr(options, name);

    return found == NULL ? NULL : found + strlen(name);
}

static void
check_options(struct cg_model *model, const struct cg_node *node,
              const struct cg_tree *item)
{
    const struct cg_tree *asks =
        cg_inventory_get(node->all, "tailscale.advertise_tags");
    const struct cg_tree *typed =
        cg_inventory_get(node->all, "tailscale.accept_routes");
    const char *accept = find_option(item->text, "--accept-routes");

    if (cg_node_is_minted(node) &&
        find_option(item->text, "--advertise-tags") != NULL) {
        (void)cg_error(model->diag,
                       asks != NULL && node->advertises_tags
                           ? &asks->pos
                           : place(node, item),
                       "tailscale-options",
                       "a node asks for tags, and the key that is made for it "
                       "has them: Headscale refuses both");
        cg_hint(model->diag, "tailscale.tags is enough");
    }
    if (accept != NULL && strncmp(accept, "=false", 6) != 0) {
        cg_warning(model->diag,
                   node->accepts_routes ? &typed->pos : place(node, item),
                   "tailscale-options",
                   "a node takes every route that the tailnet has: one for "
                   "pods, services or its own network cuts it off");
    }
}

void
cg_rule_options(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *env = cg_tree_get(
        cg_node_document(node, "ExtensionServiceConfig", "tailscale"),
        "environment");

    for (size_t i = 0; env != NULL && env->kind == CG_LIST && i < env->count;
         i++) {
        const char *text = cg_tree_text(env->items[i]);

        if (text != NULL && strncmp(text, "TS_EXTRA_ARGS=", 14) == 0) {
            check_options(model, node, env->items[i]);
        }
    }
}
