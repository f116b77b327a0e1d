/* Rules about what the nodes of a cluster have in common: its CA, its endpoint,
 * and how long a packet of a pod may be. */
#include <stdint.h>
#include <string.h>

#include "lint/cg_lint.h"

#define TAILNET_INTERFACE "tailscale0"
#define TAILNET_MTU 1280

static const struct cg_tree *
ca_of(const struct cg_node *node)
{
    return cg_tree_path(node->secrets, "certs", "k8s", "crt", NULL);
}

static const struct cg_node *
first_of(const struct cg_model *model, const char *cluster)
{
    for (size_t i = 0; i < model->count; i++) {
        if (strcmp(model->nodes[i].cluster, cluster) == 0) {
            return &model->nodes[i];
        }
    }
    return NULL;
}

/* A node trusts the CA of its bundle and asks its endpoint: two clusters have
 * both in common, which then are one, or none. */
static void
compare_clusters(struct cg_model *model, const struct cg_node *a,
                 const struct cg_node *b)
{
    bool same_ca, same_endpoint;

    if (a == NULL || b == NULL || a->endpoint == NULL || b->endpoint == NULL ||
        ca_of(a) == NULL || ca_of(b) == NULL) {
        return;
    }
    same_ca = cg_tree_equal(ca_of(a), ca_of(b));
    same_endpoint = cg_tree_equal(a->endpoint, b->endpoint);
    if (same_endpoint && !same_ca) {
        (void)cg_error(model->diag, &b->endpoint->pos, "cluster-ca",
                       "clusters '%s' and '%s' have one endpoint, and bundles "
                       "with different CAs",
                       a->cluster, b->cluster);
        cg_also(model->diag, &a->endpoint->pos, "the first one");
    } else if (same_ca) {
        const struct cg_tree *bundle =
            cg_inventory_get(b->layers[0].map, "secrets");

        (void)cg_error(model->diag,
                       bundle == NULL ? &b->endpoint->pos : &bundle->pos,
                       "cluster-ca",
                       "clusters '%s' and '%s' have one secrets bundle: each "
                       "trusts the nodes of the other",
                       a->cluster, b->cluster);
    }
}

void
cg_rule_cluster_ca(struct cg_model *model)
{
    const struct cg_tree *clusters =
        cg_tree_get(model->inventory.top, "clusters");

    for (size_t i = 0; clusters->kind == CG_MAP && i < clusters->count; i++) {
        for (size_t n = i + 1; n < clusters->count; n++) {
            compare_clusters(model, first_of(model, clusters->entries[i].key),
                             first_of(model, clusters->entries[n].key));
        }
    }
}

void
cg_rule_ca_endpoint(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *cluster =
        cg_tree_get(cg_node_document(node, "", NULL), "cluster");
    const struct cg_tree *crt = cg_tree_path(cluster, "ca", "crt", NULL);
    const struct cg_tree *endpoint =
        cg_tree_path(cluster, "controlPlane", "endpoint", NULL);
    bool has_other_ca, has_other_endpoint;

    if (cg_tree_text(crt) == NULL || cg_tree_text(endpoint) == NULL ||
        cg_tree_text(ca_of(node)) == NULL) {
        return;
    }
    has_other_ca = !cg_tree_is_text(crt, ca_of(node)->text);
    has_other_endpoint = !cg_tree_is_text(endpoint, node->endpoint->text);
    if (has_other_ca && !has_other_endpoint) {
        cg_warning(model->diag, &crt->pos, "ca-endpoint",
                   "a patch gives node '%s' another CA of Kubernetes, and the "
                   "cluster's endpoint stays",
                   node->name);
        cg_also(model->diag, &node->endpoint->pos, "the endpoint");
    } else if (has_other_endpoint && !has_other_ca) {
        cg_warning(model->diag, &endpoint->pos, "ca-endpoint",
                   "a patch gives node '%s' another endpoint, and the CA stays "
                   "that of cluster '%s'",
                   node->name, node->cluster);
        cg_also(model->diag, &node->endpoint->pos, "the cluster's endpoint");
    }
}

/* Bytes that wrap a packet of a pod, at least: outer IPv4 and UDP, the header,
 * and the inner Ethernet of those that carry one. */
static const struct {
    const char *word;
    int64_t bytes;
} wraps[] = {
    { "none", 0 },
    { "geneve", 50 },
    { "vxlan", 50 },
    { "wireguard", 60 },
};

/* How the pods' packets are wrapped; NULL: not known. Talos' own flannel does
 * it with VXLAN. */
static const char *
wrap_of(const struct cg_node *node)
{
    const struct cg_tree *word =
        cg_inventory_get(node->all, "network.encapsulation");

    if (word != NULL) {
        return word->text;
    }
    return node->cni == NULL || cg_tree_is_text(node->cni, "flannel") ? "vxlan"
                                                                      : NULL;
}

static bool
uses_tailnet(const struct cg_node *node)
{
    const struct cg_tree *ip = cg_inventory_get(node->all, "node_ip");

    return node->has_tailscale && ip != NULL && cg_tree_is_text(ip, "tailnet");
}

static void
check_mtu(struct cg_model *model, const struct cg_node *node, size_t i)
{
    const struct cg_tree *mtu = cg_inventory_get(node->all, "network.mtu");
    int64_t most = TAILNET_MTU - wraps[i].bytes, have = 0;

    if (mtu == NULL) {
        cg_warning(model->diag, &cg_inventory_get(node->all, "node_ip")->pos,
                   "mtu",
                   "over the tailnet a pod's packet may have %d bytes (%s), "
                   "and no network.mtu says that it has no more",
                   (int)most, wraps[i].word);
        cg_hint(model->diag,
                "set it in the network plug-in and say so: "
                "network: {mtu: %d}",
                (int)most);
    } else if (cg_tree_int(mtu, &have) && have > most) {
        (void)cg_error(model->diag, &mtu->pos, "mtu",
                       "over the tailnet a pod's packet may have %d bytes: "
                       "%s has %d, and %s takes %d",
                       (int)most, TAILNET_INTERFACE, TAILNET_MTU, wraps[i].word,
                       (int)wraps[i].bytes);
    }
}

/* Once per cluster, whatever its nodes are: equal findings are one. */
void
cg_rule_mtu(struct cg_model *model)
{
    for (size_t n = 0; n < model->count; n++) {
        const struct cg_node *node = &model->nodes[n];
        const char *word = wrap_of(node);

        for (size_t i = 0; uses_tailnet(node) && word != NULL &&
                           i < sizeof(wraps) / sizeof(wraps[0]);
             i++) {
            if (strcmp(wraps[i].word, word) == 0) {
                check_mtu(model, node, i);
            }
        }
    }
}

static void
check_link(struct cg_model *model, const struct cg_node *node,
           const struct cg_tree *name, const struct cg_tree *mtu)
{
    int64_t value = 0;

    if (!cg_tree_is_text(name, TAILNET_INTERFACE) || mtu == NULL ||
        !cg_tree_int(mtu, &value) || value <= TAILNET_MTU) {
        return;
    }
    cg_warning(model->diag, mtu->pos.source == NULL ? &node->pos : &mtu->pos,
               "mtu", "%s carries %d bytes, whatever its MTU is",
               TAILNET_INTERFACE, TAILNET_MTU);
}

void
cg_rule_link_mtu(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *list =
        cg_tree_path(cg_node_document(node, "", NULL), "machine", "network",
                     "interfaces", NULL);

    for (size_t i = 0; i < node->docs.count; i++) {
        const struct cg_tree *doc = node->docs.roots[i];

        if (cg_tree_is_text(cg_tree_get(doc, "kind"), "LinkConfig")) {
            check_link(model, node, cg_tree_get(doc, "name"),
                       cg_tree_get(doc, "mtu"));
        }
    }
    for (size_t i = 0; list != NULL && list->kind == CG_LIST && i < list->count;
         i++) {
        check_link(model, node, cg_tree_get(list->items[i], "interface"),
                   cg_tree_get(list->items[i], "mtu"));
    }
}
