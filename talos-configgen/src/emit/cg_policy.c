/*
 * A tailnet's policy; see cg_policy.h. Rules are about tags, so a tag that both
 * control planes and workers have, or nodes of two clusters, says nothing: it
 * gets an owner and stands in no rule.
 */
#include "emit/cg_policy.h"

#include <stdlib.h>
#include <string.h>

#include "model/cg_cidr.h"
#include "model/cg_tailnet.h"
#include "yaml/cg_json.h"

#define TCP(first, last)                                                       \
    {                                                                          \
        .is_udp = false, first, last                                           \
    }

/* A tag and whose it is: the cluster's index, control planes apart. */
struct tag {
    const char *name;
    size_t kind;
    bool is_shared;
};

struct policy {
    struct cg_model *model;
    struct cg_arena *arena;
    const struct cg_policy_options *options;
    const struct cg_tree *clusters;
    struct tag *tags; /* by name, each once */
    size_t count;
    struct cg_tree *rules;
};

static size_t
kind_of(const struct policy *policy, const struct cg_node *node)
{
    size_t i = 0;

    while (strcmp(policy->clusters->entries[i].key, node->cluster) != 0) {
        i++;
    }
    return 2 * i + node->is_controlplane;
}

static int
by_name(const void *left, const void *right)
{
    const struct tag *a = left, *b = right;

    return strcmp(a->name, b->name);
}

static void
collect_tags(struct policy *policy)
{
    size_t cap = 0, count = 0, kept = 0;
    struct tag *tags = NULL;

    for (size_t i = 0; i < policy->model->count; i++) {
        const struct cg_node *node = &policy->model->nodes[i];
        const struct cg_tree *list = node->tailscale_tags;

        for (size_t n = 0;
             node->has_tailscale && list != NULL && n < list->count; n++) {
            tags =
                cg_arena_grow(policy->arena, tags, count, &cap, sizeof(*tags));
            tags[count++] = (struct tag){ list->items[n]->text,
                                          kind_of(policy, node), false };
        }
    }
    if (count > 0) {
        qsort(tags, count, sizeof(*tags), by_name);
    }
    for (size_t i = 0; i < count; i++) {
        if (kept > 0 && strcmp(tags[kept - 1].name, tags[i].name) == 0) {
            tags[kept - 1].is_shared =
                tags[kept - 1].is_shared || tags[kept - 1].kind != tags[i].kind;
        } else {
            tags[kept++] = tags[i];
        }
    }
    policy->tags = tags;
    policy->count = kept;
}

static struct tag *
find_tag(const struct policy *policy, const char *name)
{
    const struct tag wanted = { .name = name };

    return policy->count == 0 ? NULL
                              : bsearch(&wanted, policy->tags, policy->count,
                                        sizeof(wanted), by_name);
}

/* ---- what cannot be said by tags ---- */

static void
check_node(const struct policy *policy, const struct cg_node *node)
{
    const struct cg_tree *list = node->tailscale_tags;
    struct cg_diag *diag = policy->model->diag;
    size_t own = 0;

    if (list == NULL || list->count == 0) {
        (void)cg_error(diag, &node->pos, "policy",
                       "node '%s' is in the tailnet and has no "
                       "tailscale.tags: no rule can name it",
                       node->name);
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        own += !find_tag(policy, list->items[i]->text)->is_shared;
        if (cg_tree_is_text(list->items[i], policy->options->owner)) {
            (void)cg_error(diag, &node->pos, "policy",
                           "node '%s' has the tag '%s', which owns the others: "
                           "it could give itself any of them",
                           node->name, policy->options->owner);
        }
    }
    if (own == 0) {
        (void)cg_error(diag, &node->pos, "policy",
                       "each tag of node '%s' is on nodes of another kind, "
                       "too: control planes, workers, another cluster's",
                       node->name);
        cg_hint(diag, "roles: {controlplane: {tailscale: {tags: [...]}}} gives "
                      "control planes one of their own");
    }
}

/* One policy is of one tailnet. */
static void
check_servers(const struct policy *policy)
{
    const struct cg_node *first = NULL;

    for (size_t i = 0; i < policy->model->count; i++) {
        const struct cg_node *node = &policy->model->nodes[i];
        const char *server = cg_tree_text(node->tailscale_login_server);
        const char *other =
            first == NULL ? NULL : cg_tree_text(first->tailscale_login_server);

        if (!node->has_tailscale) {
            continue;
        }
        if (first == NULL) {
            first = node;
        } else if (strcmp(server == NULL ? "" : server,
                          other == NULL ? "" : other) != 0) {
            (void)cg_error(policy->model->diag, &node->pos, "policy",
                           "nodes '%s' and '%s' have different "
                           "tailscale.login_server, and a policy is of one "
                           "tailnet",
                           first->name, node->name);
            return;
        }
    }
}

/* ---- who ---- */

typedef bool includes(const struct cg_node *node, const void *detail);

/* Tags of the cluster's nodes that `test` (NULL: all) takes, by name. */
static struct cg_tree *
tags_of(const struct policy *policy, size_t kind, includes *test,
        const void *detail)
{
    struct cg_tree *list = cg_tree_new_list(policy->arena);
    bool *has = cg_arena_array(policy->arena, policy->count + 1, sizeof(*has));

    for (size_t i = 0; i < policy->model->count; i++) {
        const struct cg_node *node = &policy->model->nodes[i];
        const struct cg_tree *tags = node->tailscale_tags;

        if (!node->has_tailscale || tags == NULL ||
            kind_of(policy, node) != kind ||
            (test != NULL && !test(node, detail))) {
            continue;
        }
        for (size_t n = 0; n < tags->count; n++) {
            has[find_tag(policy, tags->items[n]->text) - policy->tags] = true;
        }
    }
    for (size_t i = 0; i < policy->count; i++) {
        if (has[i] && !policy->tags[i].is_shared) {
            cg_tree_add_text(policy->arena, list, policy->tags[i].name);
        }
    }
    return list;
}

/* Workers' tags, then control planes'. */
static struct cg_tree *
all_tags_of(const struct policy *policy, size_t cluster, includes *test,
            const void *detail)
{
    struct cg_tree *list = tags_of(policy, 2 * cluster, test, detail);
    const struct cg_tree *more = tags_of(policy, 2 * cluster + 1, test, detail);

    for (size_t i = 0; i < more->count; i++) {
        cg_tree_add_text(policy->arena, list, more->items[i]->text);
    }
    return list;
}

/* ---- rules ---- */

static const char *
show_ports(const struct policy *policy, const struct cg_ports *ports)
{
    if (ports->first == ports->last) {
        return cg_arena_printf(policy->arena, "%u", ports->first);
    }
    return cg_arena_printf(policy->arena, "%u-%u", ports->first, ports->last);
}

static void
add_grant(const struct policy *policy, const struct cg_tree *from,
          const struct cg_tree *to, const struct cg_ports *ports, size_t count)
{
    struct cg_tree *rule = cg_tree_new_map(policy->arena);
    struct cg_tree *list;

    (void)cg_tree_set(policy->arena, rule, "src",
                      cg_tree_copy(policy->arena, from));
    (void)cg_tree_set(policy->arena, rule, "dst",
                      cg_tree_copy(policy->arena, to));
    list =
        cg_tree_set(policy->arena, rule, "ip", cg_tree_new_list(policy->arena));
    for (size_t i = 0; i < count; i++) {
        cg_tree_add_text(policy->arena, list,
                         cg_arena_printf(policy->arena, "%s:%s",
                                         ports[i].is_udp ? "udp" : "tcp",
                                         show_ports(policy, &ports[i])));
    }
    (void)cg_tree_add(policy->arena, policy->rules, rule);
}

/* An ACL is of one protocol and has the ports behind each destination. */
static void
add_acl(const struct policy *policy, const struct cg_tree *from,
        const struct cg_tree *to, const struct cg_ports *ports, size_t count)
{
    for (unsigned udp = 0; udp < 2; udp++) {
        struct cg_tree *rule = cg_tree_new_map(policy->arena);
        CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
        struct cg_tree *list;

        for (size_t i = 0; i < count; i++) {
            if (ports[i].is_udp == (udp == 1)) {
                cg_strbuf_printf(&text, "%s%s", text.len == 0 ? ":" : ",",
                                 show_ports(policy, &ports[i]));
            }
        }
        if (text.len == 0) {
            continue;
        }
        cg_tree_set_text(policy->arena, rule, "action", "accept");
        cg_tree_set_text(policy->arena, rule, "proto", udp ? "udp" : "tcp");
        (void)cg_tree_set(policy->arena, rule, "src",
                          cg_tree_copy(policy->arena, from));
        list = cg_tree_set(policy->arena, rule, "dst",
                           cg_tree_new_list(policy->arena));
        for (size_t i = 0; i < to->count; i++) {
            const char *who = to->items[i]->text;
            bool is_v6 = strncmp(who, "tag:", 4) != 0 && strchr(who, ':');

            cg_tree_add_text(policy->arena, list,
                             cg_arena_printf(policy->arena, "%s%s%s%s",
                                             is_v6 ? "[" : "", who,
                                             is_v6 ? "]" : "", text.text));
        }
        (void)cg_tree_add(policy->arena, policy->rules, rule);
    }
}

/* Nobody on one side, or no port: no rule. */
static void
add_rule(const struct policy *policy, const struct cg_tree *from,
         const struct cg_tree *to, const struct cg_ports *ports, size_t count)
{
    if (from == NULL || to == NULL || from->count == 0 || to->count == 0 ||
        count == 0) {
        return;
    }
    if (policy->options->is_acls) {
        add_acl(policy, from, to, ports, count);
    } else {
        add_grant(policy, from, to, ports, count);
    }
}

/* Kubernetes' API, Talos' APIs and trustd, the kubelet, etcd. */
static void
add_cluster(const struct policy *policy, size_t cluster)
{
    static const struct cg_ports join[] = { TCP(6443, 6443),
                                            TCP(50001, 50001) };
    static const struct cg_ports manage[] = { TCP(10250, 10250),
                                              TCP(50000, 50000) };
    static const struct cg_ports peers[] = { TCP(2379, 2380), TCP(6443, 6443),
                                             TCP(50000, 50001) };
    static const struct cg_ports operate[] = { TCP(6443, 6443),
                                               TCP(50000, 50000) };
    const struct cg_entry *entry = &policy->clusters->entries[cluster];
    const struct cg_tree *nodes = tags_of(policy, 2 * cluster, NULL, NULL);
    const struct cg_tree *planes = tags_of(policy, 2 * cluster + 1, NULL, NULL);

    if (nodes->count > 0 && planes->count == 0) {
        cg_warning(policy->model->diag, &entry->pos, "policy",
                   "cluster '%s' has nodes in the tailnet, and no control "
                   "plane there",
                   entry->key);
    }
    add_rule(policy, nodes, planes, join, 2);
    add_rule(policy, planes, nodes, manage, 2);
    add_rule(policy, planes, planes, peers, 3);
    add_rule(policy, cg_inventory_get(entry->value, "tailscale.operators"),
             planes, operate, 2);
}

/* Behind a route of some node, a receiver is reached through the tailnet as
 * well. */
static bool
is_reached(const struct policy *policy, const struct cg_receiver *receiver)
{
    if (receiver->is_name || cg_tailnet_has(receiver->host)) {
        return !receiver->is_name;
    }
    for (size_t i = 0; i < policy->model->count; i++) {
        const struct cg_node *node = &policy->model->nodes[i];
        const struct cg_tree *routes = node->tailscale_routes;

        for (size_t n = 0;
             node->has_tailscale && routes != NULL && n < routes->count; n++) {
            struct cg_cidr net;

            if (cg_cidr_parse(routes->items[n]->text, &net) &&
                cg_cidr_contains(&net, receiver->host)) {
                return true;
            }
        }
    }
    return false;
}

static bool
logs_to(const struct cg_node *node, const void *detail)
{
    const char *url = detail;

    return (node->logs_kernel != NULL &&
            cg_tree_is_text(node->logs_kernel, url)) ||
           (node->logs_services != NULL &&
            cg_tree_is_text(node->logs_services, url));
}

static bool
has_metrics_at(const struct cg_node *node, const void *detail)
{
    const char *port = detail;

    return node->metrics_port != NULL &&
           cg_tree_is_text(node->metrics_port, port);
}

static void
add_text_once(const struct policy *policy, struct cg_tree *list,
              const struct cg_tree *text)
{
    for (size_t i = 0; text != NULL && i < list->count; i++) {
        if (cg_tree_is_text(list->items[i], text->text)) {
            return;
        }
    }
    if (text != NULL) {
        cg_tree_add_text(policy->arena, list, text->text);
    }
}

static void
add_logs(const struct policy *policy, size_t cluster)
{
    struct cg_tree *urls = cg_tree_new_list(policy->arena);

    for (size_t i = 0; i < policy->model->count; i++) {
        const struct cg_node *node = &policy->model->nodes[i];

        if (node->has_tailscale && kind_of(policy, node) / 2 == cluster) {
            add_text_once(policy, urls, node->logs_kernel);
            add_text_once(policy, urls, node->logs_services);
        }
    }
    for (size_t i = 0; i < urls->count; i++) {
        struct cg_tree *to = cg_tree_new_list(policy->arena);
        struct cg_receiver receiver;
        struct cg_ports port;

        if (!cg_receiver_parse(urls->items[i]->text, &receiver) ||
            !is_reached(policy, &receiver)) {
            continue;
        }
        port =
            (struct cg_ports){ receiver.is_udp, receiver.port, receiver.port };
        cg_tree_add_text(policy->arena, to, receiver.host);
        add_rule(policy,
                 all_tags_of(policy, cluster, logs_to, urls->items[i]->text),
                 to, &port, 1);
    }
}

static void
add_metrics(const struct policy *policy, size_t cluster)
{
    const struct cg_entry *entry = &policy->clusters->entries[cluster];
    const struct cg_tree *scrapers =
        cg_inventory_get(entry->value, "tailscale.scrapers");
    struct cg_tree *ports = cg_tree_new_list(policy->arena);

    for (size_t i = 0; i < policy->model->count; i++) {
        const struct cg_node *node = &policy->model->nodes[i];

        if (node->has_tailscale && kind_of(policy, node) / 2 == cluster) {
            add_text_once(policy, ports, node->metrics_port);
        }
    }
    if (ports->count > 0 && scrapers == NULL) {
        cg_warning(policy->model->diag, &entry->pos, "policy",
                   "nodes of cluster '%s' serve metrics, and no "
                   "tailscale.scrapers may read them",
                   entry->key);
    }
    for (size_t i = 0; i < ports->count; i++) {
        const char *text = ports->items[i]->text;
        struct cg_ports port;

        if (cg_ports_parse(cg_arena_printf(policy->arena, "tcp:%s", text),
                           &port)) {
            add_rule(policy, scrapers,
                     all_tags_of(policy, cluster, has_metrics_at, text), &port,
                     1);
        }
    }
}

/* ---- between all nodes of a cluster ---- */

/* The kubelet may take its address from the tailnet, so that pods' packets are
 * wrapped between addresses there. */
static bool
may_live_in_tailnet(const struct cg_node *node, const void *detail)
{
    (void)detail;
    for (size_t i = 0; node->node_ip != NULL && i < node->node_ip->count; i++) {
        const char *text = node->node_ip->items[i]->text;
        struct cg_cidr mine, tailnet;

        if (cg_cidr_parse(text, &mine) &&
            cg_cidr_parse(mine.is_v6 ? CG_TAILNET_V6 : CG_TAILNET_V4,
                          &tailnet) &&
            cg_cidr_overlaps(&mine, &tailnet)) {
            return true;
        }
    }
    return node->node_ip == NULL;
}

/* How the cluster's plug-in wraps packets, and where that arrives; false: it
 * does not, or not at a port that is known. */
static bool
tunnel_of(const struct policy *policy, const struct cg_entry *entry,
          bool has_udp, struct cg_ports *ret)
{
    const struct cg_tree *wrap =
        cg_inventory_get(entry->value, "network.encapsulation");
    const struct cg_tree *cni = cg_inventory_get(entry->value, "network.cni");
    bool is_flannel = cni == NULL || cg_tree_is_text(cni, "flannel");

    if ((wrap == NULL && !is_flannel) ||
        (wrap != NULL && cg_tree_is_text(wrap, "none"))) {
        return false;
    }
    if (wrap != NULL && cg_tree_is_text(wrap, "geneve")) {
        *ret = (struct cg_ports){ true, 6081, 6081 };
        return true;
    }
    if (is_flannel && (wrap == NULL || cg_tree_is_text(wrap, "vxlan"))) {
        *ret = (struct cg_ports){ true, 4789, 4789 }; /* as Talos sets it */
        return true;
    }
    if (!has_udp) {
        cg_warning(policy->model->diag, &wrap->pos, "policy",
                   "network plug-ins take %s at different ports, and "
                   "network.ports names none of UDP",
                   wrap->text);
        cg_hint(policy->model->diag,
                cg_tree_is_text(wrap, "vxlan")
                    ? "Cilium: udp:8472, Calico: udp:4789"
                    : "Cilium: udp:51871, Calico and flannel: udp:51820");
    }
    return false;
}

static void
add_between(const struct policy *policy, size_t cluster)
{
    const struct cg_entry *entry = &policy->clusters->entries[cluster];
    const struct cg_tree *list =
        cg_inventory_get(entry->value, "network.ports");
    const struct cg_tree *all = all_tags_of(policy, cluster, NULL, NULL);
    size_t count = 0, more = list == NULL ? 0 : list->count;
    struct cg_ports *ports =
        cg_arena_array(policy->arena, more + 1, sizeof(*ports));
    struct cg_ports tunnel;
    bool has_udp = false, is_there = false;

    for (size_t i = 0; i < more; i++) {
        if (cg_ports_parse(list->items[i]->text, &ports[count])) {
            has_udp = has_udp || ports[count].is_udp;
            count++;
        }
    }
    if (all_tags_of(policy, cluster, may_live_in_tailnet, NULL)->count > 0 &&
        tunnel_of(policy, entry, has_udp, &tunnel)) {
        for (size_t i = 0; i < count; i++) {
            is_there = is_there ||
                       (ports[i].is_udp && ports[i].first <= tunnel.first &&
                        ports[i].last >= tunnel.last);
        }
        if (!is_there) {
            ports[count++] = tunnel;
        }
    }
    add_rule(policy, all, all, ports, count);
}

/* ---- owners and groups ---- */

static int
by_text(const void *left, const void *right)
{
    const char *const *a = left, *const *b = right;

    return strcmp(*a, *b);
}

/* Tags of nodes belong to who makes keys; the others to administrators. */
static struct cg_tree *
owners_of(const struct policy *policy)
{
    struct cg_tree *owners = cg_tree_new_map(policy->arena);
    const char **names = NULL;
    size_t count = 0, cap = 0;

    for (size_t c = 0; c <= policy->clusters->count; c++) {
        const struct cg_tree *list =
            c == policy->clusters->count
                ? NULL
                : cg_inventory_get(policy->clusters->entries[c].value,
                                   "tailscale.scrapers");

        for (size_t i = 0; list != NULL && i < list->count; i++) {
            names = cg_arena_grow(policy->arena, names, count, &cap,
                                  sizeof(*names));
            names[count++] = list->items[i]->text;
        }
    }
    for (size_t i = 0; i <= policy->count; i++) {
        names =
            cg_arena_grow(policy->arena, names, count, &cap, sizeof(*names));
        names[count++] =
            i < policy->count ? policy->tags[i].name : policy->options->owner;
    }
    qsort(names, count, sizeof(*names), by_text);
    for (size_t i = 0; i < count; i++) {
        struct cg_tree *list;

        if (strncmp(names[i], "tag:", 4) != 0) {
            continue;
        }
        list = cg_tree_set(policy->arena, owners, names[i],
                           cg_tree_new_list(policy->arena));
        if (find_tag(policy, names[i]) != NULL) {
            cg_tree_add_text(policy->arena, list, policy->options->owner);
        }
    }
    return owners;
}

static void
check_groups(const struct policy *policy, const struct cg_tree *peers,
             const struct cg_tree *groups)
{
    for (size_t i = 0; peers != NULL && i < peers->count; i++) {
        const struct cg_tree *peer = peers->items[i];

        if (cg_peer_is_local_group(peer->text) &&
            cg_tree_get(groups, peer->text) == NULL) {
            (void)cg_error(policy->model->diag, &peer->pos, "policy",
                           "no tailscale.groups says who is in '%s'",
                           peer->text);
        }
    }
}

static struct cg_tree *
groups_of(const struct policy *policy)
{
    struct cg_tree *groups = cg_tree_new_map(policy->arena);

    for (size_t c = 0; c < policy->clusters->count; c++) {
        const struct cg_tree *cluster = policy->clusters->entries[c].value;
        const struct cg_tree *own =
            cg_inventory_get(cluster, "tailscale.groups");

        for (size_t i = 0; own != NULL && i < own->count; i++) {
            const struct cg_entry *entry = &own->entries[i];
            const struct cg_entry *other = cg_tree_entry(groups, entry->key);

            if (other != NULL && !cg_tree_equal(other->value, entry->value)) {
                (void)cg_error(policy->model->diag, &entry->pos, "policy",
                               "two clusters have different people in '%s', "
                               "and a policy is of one tailnet",
                               entry->key);
            }
            (void)cg_tree_set(policy->arena, groups, entry->key,
                              cg_tree_copy(policy->arena, entry->value));
        }
    }
    for (size_t c = 0; c < policy->clusters->count; c++) {
        const struct cg_tree *cluster = policy->clusters->entries[c].value;

        check_groups(policy, cg_inventory_get(cluster, "tailscale.operators"),
                     groups);
        check_groups(policy, cg_inventory_get(cluster, "tailscale.scrapers"),
                     groups);
    }
    return groups;
}

bool
cg_policy_make(struct cg_model *model, const struct cg_policy_options *options,
               struct cg_strbuf *out)
{
    struct policy policy = {
        .model = model,
        .arena = model->arena,
        .options = options,
        .clusters = cg_tree_get(model->inventory.top, "clusters"),
        .rules = cg_tree_new_list(model->arena),
    };
    struct cg_tree *top = cg_tree_new_map(model->arena);
    struct cg_tree *groups;

    collect_tags(&policy);
    check_servers(&policy);
    for (size_t i = 0; i < model->count; i++) {
        if (model->nodes[i].has_tailscale) {
            check_node(&policy, &model->nodes[i]);
        }
    }
    groups = groups_of(&policy);
    for (size_t c = 0; c < policy.clusters->count; c++) {
        add_cluster(&policy, c);
        add_logs(&policy, c);
        add_metrics(&policy, c);
        add_between(&policy, c);
    }
    if (cg_diag_errors(model->diag) > 0) {
        return false;
    }
    if (groups->count > 0) {
        (void)cg_tree_set(model->arena, top, "groups", groups);
    }
    (void)cg_tree_set(model->arena, top, "tagOwners", owners_of(&policy));
    (void)cg_tree_set(model->arena, top, options->is_acls ? "acls" : "grants",
                      policy.rules);
    cg_json_emit(out, top);
    return true;
}
