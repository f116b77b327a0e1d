/*
 * What Talos' library generates for a worker (declared in cg_talos.h), and the
 * inventory's typed settings as a patch on top of it: they then merge by the
 * very rules that patches merge by.
 */
#include <string.h>

#include "base/cg_strbuf.h"
#include "ea_types.h"
#include "talos/cg_check.h"
#include "talos/cg_label.h"
#include "talos/cg_secrets.h"
#include "talos/cg_talos.h"
#include "talos/cg_version.h"

#define KUBELET_IMAGE "ghcr.io/siderolabs/kubelet"

/* Library defaults of the contract. */
#define DNS_DOMAIN "cluster.local"
#define POD_SUBNET "10.244.0.0/16"
#define SERVICE_SUBNET "10.96.0.0/12"
#define KUBE_PRISM_PORT 7445

struct gen {
    struct cg_walk walk;
    const struct cg_talos_input *in;
    struct cg_secrets secrets;
};

/* A text of our own that is blamed on `origin` (NULL: on the node). */
static struct cg_tree *
text(const struct gen *gen, const char *value, const struct cg_pos *origin)
{
    struct cg_tree *tree = cg_tree_new_text(gen->walk.arena, value);

    tree->pos = origin == NULL ? gen->in->pos : *origin;
    return tree;
}

static void
set(const struct gen *gen, struct cg_tree *map, const char *key,
    struct cg_tree *value)
{
    if (value->pos.source == NULL) {
        value->pos = gen->in->pos;
    }
    (void)cg_tree_set(gen->walk.arena, map, key, value);
}

static void
set_text(const struct gen *gen, struct cg_tree *map, const char *key,
         const char *value)
{
    set(gen, map, key, text(gen, value, NULL));
}

static void
set_bool(const struct gen *gen, struct cg_tree *map, const char *key,
         bool value)
{
    set(gen, map, key, cg_tree_new_bool(gen->walk.arena, value));
}

/* The text of an input node, always as text: 1.20 must not become a number. */
static void
set_input(const struct gen *gen, struct cg_tree *map, const char *key,
          const struct cg_tree *input)
{
    if (input != NULL) {
        set(gen, map, key, text(gen, input->text, &input->pos));
    }
}

static void
set_copy(const struct gen *gen, struct cg_tree *map, const char *key,
         const struct cg_tree *input)
{
    if (input != NULL) {
        set(gen, map, key, cg_tree_copy(gen->walk.arena, input));
    }
}

static struct cg_tree *
set_map(const struct gen *gen, struct cg_tree *map, const char *key)
{
    struct cg_tree *made = cg_tree_new_map(gen->walk.arena);

    set(gen, map, key, made);
    return made;
}

static struct cg_tree *
set_list(const struct gen *gen, struct cg_tree *map, const char *key,
         const struct cg_pos *origin)
{
    struct cg_tree *made = cg_tree_new_list(gen->walk.arena);

    made->pos = origin == NULL ? gen->in->pos : *origin;
    (void)cg_tree_set(gen->walk.arena, map, key, made);
    return made;
}

static struct cg_tree *
document(const struct gen *gen, const char *kind)
{
    struct cg_tree *doc = cg_tree_new_map(gen->walk.arena);

    doc->pos = gen->in->pos;
    set_text(gen, doc, "apiVersion", "v1alpha1");
    set_text(gen, doc, "kind", kind);
    return doc;
}

/* The certificate alone: a worker never has an authority's key. */
static void
set_ca(const struct gen *gen, struct cg_tree *map, const struct cg_tree *crt)
{
    struct cg_tree *ca = set_map(gen, map, "ca");

    set_input(gen, ca, "crt", crt);
    set_text(gen, ca, "key", "");
}

static void
generate_features(const struct gen *gen, struct cg_tree *machine)
{
    struct cg_tree *features = set_map(gen, machine, "features");
    struct cg_tree *prism, *dns;

    set_bool(gen, features, "diskQuotaSupport", true);
    prism = set_map(gen, features, "kubePrism");
    set_bool(gen, prism, "enabled", true);
    set(gen, prism, "port", cg_tree_new_int(gen->walk.arena, KUBE_PRISM_PORT));
    dns = set_map(gen, features, "hostDNS");
    set_bool(gen, dns, "enabled", true);
    set_bool(gen, dns, "forwardKubeDNSToHost", true);
}

static void
generate_machine(const struct gen *gen, struct cg_tree *top)
{
    const struct cg_talos_input *in = gen->in;
    struct cg_tree *machine = set_map(gen, top, "machine");
    struct cg_tree *kubelet, *install;
    const char *version = in->kubernetes->text;

    set_text(gen, machine, "type", "worker");
    set_input(gen, machine, "token", gen->secrets.trustd_token);
    set_ca(gen, machine, gen->secrets.os_crt);
    (void)set_list(gen, machine, "certSANs", NULL);
    kubelet = set_map(gen, machine, "kubelet");
    set(gen, kubelet, "image",
        text(gen,
             cg_arena_printf(gen->walk.arena, KUBELET_IMAGE ":v%s",
                             version + (*version == 'v')),
             &in->kubernetes->pos));
    set_bool(gen, kubelet, "defaultRuntimeSeccompProfileEnabled", true);
    set_bool(gen, kubelet, "disableManifestsDirectory", true);
    install = set_map(gen, machine, "install");
    set_input(gen, install, "disk", in->disk);
    set_input(gen, install, "image", in->image);
    set_bool(gen, install, "wipe", false);
    set_bool(gen, install, "grubUseUKICmdline", true);
    generate_features(gen, machine);
}

static void
generate_network(const struct gen *gen, struct cg_tree *cluster)
{
    struct cg_tree *network = set_map(gen, cluster, "network");
    struct cg_tree *list;

    set_text(gen, network, "dnsDomain", DNS_DOMAIN);
    list = set_list(gen, network, "podSubnets", NULL);
    (void)cg_tree_add(gen->walk.arena, list, text(gen, POD_SUBNET, NULL));
    list = set_list(gen, network, "serviceSubnets", NULL);
    (void)cg_tree_add(gen->walk.arena, list, text(gen, SERVICE_SUBNET, NULL));
}

static void
generate_cluster(const struct gen *gen, struct cg_tree *top)
{
    struct cg_tree *cluster = set_map(gen, top, "cluster");
    struct cg_tree *discovery, *registries;

    set_input(gen, cluster, "id", gen->secrets.cluster_id);
    set_input(gen, cluster, "secret", gen->secrets.cluster_secret);
    set_input(gen, set_map(gen, cluster, "controlPlane"), "endpoint",
              gen->in->endpoint);
    set_input(gen, cluster, "clusterName", gen->in->cluster);
    generate_network(gen, cluster);
    set_input(gen, cluster, "token", gen->secrets.bootstrap_token);
    set_ca(gen, cluster, gen->secrets.k8s_crt);
    discovery = set_map(gen, cluster, "discovery");
    set_bool(gen, discovery, "enabled", true);
    registries = set_map(gen, discovery, "registries");
    set_bool(gen, set_map(gen, registries, "kubernetes"), "disabled", true);
    (void)set_map(gen, registries, "service");
}

static void
generate_base(const struct gen *gen, struct cg_trees *docs)
{
    struct cg_tree *top = cg_tree_new_map(gen->walk.arena);
    struct cg_tree *hostname = document(gen, "HostnameConfig");

    top->pos = gen->in->pos;
    set_text(gen, top, "version", "v1alpha1");
    set_bool(gen, top, "debug", false);
    set_bool(gen, top, "persist", true);
    generate_machine(gen, top);
    generate_cluster(gen, top);
    cg_trees_add(gen->walk.arena, docs, top);
    set_text(gen, hostname, "auto", "stable");
    cg_trees_add(gen->walk.arena, docs, hostname);
}

/* "cloud:NoSchedule" or "NoSchedule", as the kubelet wants it. */
static struct cg_tree *
kubelet_taint(const struct gen *gen, const struct cg_entry *taint)
{
    struct cg_tree *made = cg_tree_new_map(gen->walk.arena);
    const char *both = taint->value->text;
    const char *colon = strrchr(both, ':');

    made->pos = taint->value->pos;
    set(gen, made, "effect",
        text(gen, colon == NULL ? both : colon + 1, &made->pos));
    set(gen, made, "key", text(gen, taint->key, &taint->pos));
    if (colon != NULL) {
        set(gen, made, "value",
            text(gen,
                 cg_arena_copy(gen->walk.arena, both, (size_t)(colon - both)),
                 &made->pos));
    }
    return made;
}

/* The kubelet's own setting is not judged by Talos, so it is here. */
static bool
check_taints(const struct gen *gen)
{
    const struct cg_tree *taints = gen->in->taints;
    bool ok = true;

    for (size_t i = 0; taints != NULL && i < taints->count; i++) {
        const struct cg_entry *taint = &taints->entries[i];
        const char *fault = cg_label_key_fault(taint->key);

        if (fault != NULL) {
            ok = cg_error(gen->walk.diag, &taint->pos, "taint",
                          "the taint's key '%s' %s", taint->key, fault);
        }
        fault = cg_label_taint_fault(taint->value->text);
        if (fault != NULL) {
            ok = cg_error(gen->walk.diag, &taint->value->pos, "taint",
                          "the taint of '%s' %s", taint->key, fault);
        }
    }
    return ok;
}

/* NodeRestriction refuses a worker that taints itself later: until v1.14 the
 * kubelet has to do it when it registers. */
static void
add_taints(const struct gen *gen, struct cg_tree *machine)
{
    const struct cg_tree *taints = gen->in->taints;
    struct cg_version version;
    struct cg_tree *config, *list;

    if (taints == NULL || taints->count == 0) {
        return;
    }
    if (cg_version_parse(gen->in->talos->text, &version) &&
        cg_version_minor(&version) >= CG_VERSION(1, 14)) {
        set_copy(gen, machine, "nodeTaints", taints);
        return;
    }
    config = cg_tree_need_map(
        gen->walk.arena, cg_tree_need_map(gen->walk.arena, machine, "kubelet"),
        "extraConfig");
    list = set_list(gen, config, "registerWithTaints", &taints->pos);
    for (size_t i = 0; i < taints->count; i++) {
        (void)cg_tree_add(gen->walk.arena, list,
                          kubelet_taint(gen, &taints->entries[i]));
    }
}

/* Legacy interface entries: a link document would end default DHCP on every
 * other card. */
static void
add_ignored(const struct gen *gen, struct cg_tree *machine)
{
    const struct cg_tree *ignore = gen->in->ignore;
    struct cg_tree *list;

    if (ignore == NULL || ignore->count == 0) {
        return;
    }
    list = set_list(gen, set_map(gen, machine, "network"), "interfaces",
                    &ignore->pos);
    for (size_t i = 0; i < ignore->count; i++) {
        struct cg_tree *item = cg_tree_new_map(gen->walk.arena);

        item->pos = ignore->items[i]->pos;
        set_input(gen, item, "interface", ignore->items[i]);
        set_bool(gen, item, "ignore", true);
        (void)cg_tree_add(gen->walk.arena, list, item);
    }
}

static void
add_install(const struct gen *gen, struct cg_tree *machine)
{
    const struct cg_talos_input *in = gen->in;
    struct cg_tree *install = cg_tree_new_map(gen->walk.arena);

    set_copy(gen, install, "diskSelector", in->disk_selector);
    set_copy(gen, install, "wipe", in->wipe);
    set_copy(gen, install, "legacyBIOSSupport", in->legacy_bios);
    set_copy(gen, install, "grubUseUKICmdline", in->uki_cmdline);
    if (install->count > 0) {
        set(gen, machine, "install", install);
    }
}

/* The one format Talos has; a line does not say which node it is of. */
static void
add_logging(const struct gen *gen, struct cg_tree *machine)
{
    const struct cg_talos_input *in = gen->in;
    struct cg_tree *list, *item;

    if (in->logs_services == NULL) {
        return;
    }
    list = set_list(gen, set_map(gen, machine, "logging"), "destinations",
                    &in->logs_services->pos);
    item = cg_tree_new_map(gen->walk.arena);
    item->pos = in->logs_services->pos;
    set_input(gen, item, "endpoint", in->logs_services);
    set(gen, item, "format", text(gen, "json_lines", &item->pos));
    set_copy(gen, item, "extraTags", in->log_tags);
    (void)cg_tree_add(gen->walk.arena, list, item);
}

static void
add_machine(const struct gen *gen, struct cg_trees *patch)
{
    const struct cg_talos_input *in = gen->in;
    struct cg_tree *top = cg_tree_new_map(gen->walk.arena);
    struct cg_tree *machine = set_map(gen, top, "machine");
    struct cg_tree *kubelet = cg_tree_new_map(gen->walk.arena);

    set_copy(gen, kubelet, "extraArgs", in->kubelet_args);
    if (in->node_ip != NULL) {
        set_copy(gen, set_map(gen, kubelet, "nodeIP"), "validSubnets",
                 in->node_ip);
    }
    if (kubelet->count > 0) {
        set(gen, machine, "kubelet", kubelet);
    }
    add_install(gen, machine);
    set_copy(gen, machine, "nodeLabels", in->labels);
    if (in->modules != NULL && in->modules->count > 0) {
        set_copy(gen, set_map(gen, machine, "kernel"), "modules", in->modules);
    }
    add_taints(gen, machine);
    add_ignored(gen, machine);
    add_logging(gen, machine);
    if (in->cni != NULL) {
        struct cg_tree *network =
            set_map(gen, set_map(gen, top, "cluster"), "network");

        set_input(gen, set_map(gen, network, "cni"), "name", in->cni);
    }
    cg_trees_add(gen->walk.arena, patch, top);
}

static void
add_hostname(const struct gen *gen, struct cg_trees *patch)
{
    struct cg_tree *doc;

    if (gen->in->hostname == NULL) {
        return;
    }
    doc = document(gen, "HostnameConfig");
    doc->pos = gen->in->hostname->pos;
    set_text(gen, doc, "auto", "off");
    set_input(gen, doc, "hostname", gen->in->hostname);
    cg_trees_add(gen->walk.arena, patch, doc);
}

static void
add_roots(const struct gen *gen, struct cg_trees *patch)
{
    const struct cg_tree *roots = gen->in->roots;

    for (size_t i = 0; roots != NULL && i < roots->count; i++) {
        struct cg_tree *doc = document(gen, "TrustedRootsConfig");

        doc->pos = roots->entries[i].pos;
        set(gen, doc, "name",
            text(gen, roots->entries[i].key, &roots->entries[i].pos));
        set_input(gen, doc, "certificates", roots->entries[i].value);
        cg_trees_add(gen->walk.arena, patch, doc);
    }
}

static void
add_kernel_log(const struct gen *gen, struct cg_trees *patch)
{
    struct cg_tree *doc;

    if (gen->in->logs_kernel == NULL) {
        return;
    }
    doc = document(gen, "KmsgLogConfig");
    doc->pos = gen->in->logs_kernel->pos;
    set_text(gen, doc, "name", CG_TALOS_KMSG_NAME);
    set_input(gen, doc, "url", gen->in->logs_kernel);
    cg_trees_add(gen->walk.arena, patch, doc);
}

static void
add_variable(const struct gen *gen, struct cg_tree *list, const char *name,
             const char *value, const struct cg_pos *origin)
{
    (void)cg_tree_add(
        gen->walk.arena, list,
        text(gen, cg_arena_printf(gen->walk.arena, "%s=%s", name, value),
             origin));
}

/* Options of `tailscale up`, or NULL. */
static const char *
extra_args(const struct gen *gen, const struct cg_talos_tailscale *ts)
{
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };

    for (size_t i = 0; ts->tags != NULL && i < ts->tags->count; i++) {
        cg_strbuf_puts(&out, i == 0 ? "--advertise-tags=" : ",");
        cg_strbuf_puts(&out, ts->tags->items[i]->text);
    }
    if (ts->login_server != NULL) {
        cg_strbuf_printf(&out, "%s--login-server=%s", out.len == 0 ? "" : " ",
                         ts->login_server->text);
    }
    if (ts->accepts_routes) {
        cg_strbuf_printf(&out, "%s--accept-routes", out.len == 0 ? "" : " ");
    }
    return out.len == 0 ? NULL
                        : cg_arena_copy(gen->walk.arena, out.text, out.len);
}

/* The line to blame for the options. */
static const struct cg_pos *
extra_place(const struct cg_talos_tailscale *ts)
{
    if (ts->tags != NULL && ts->tags->count > 0) {
        return &ts->tags->pos;
    }
    return ts->login_server != NULL ? &ts->login_server->pos : &ts->pos;
}

/* "10.0.20.0/24,fd00::/64"; an empty value withdraws what was routed before. */
static void
add_routes(const struct gen *gen, const struct cg_talos_tailscale *ts,
           struct cg_tree *list)
{
    CG_AUTO_STRBUF struct cg_strbuf out = { 0 };

    if (ts->routes == NULL) {
        return;
    }
    for (size_t i = 0; i < ts->routes->count; i++) {
        cg_strbuf_printf(&out, "%s%s", i == 0 ? "" : ",",
                         ts->routes->items[i]->text);
    }
    add_variable(gen, list, "TS_ROUTES", out.len == 0 ? "" : out.text,
                 &ts->routes->pos);
}

/* containerboot cannot listen on the tailnet's address alone, which nobody
 * knows yet: a rule of Talos' own firewall keeps the other networks out. With
 * the default action `accept` a rule drops what it does not name; with `block`
 * it lets in what it names. */
static void
add_metrics_rule(const struct gen *gen, struct cg_trees *patch)
{
    static const char *const networks[] = { "100.64.0.0/10",
                                            "fd7a:115c:a1e0::/48" };
    const struct cg_tree *port = gen->in->tailscale->metrics_port;
    struct cg_tree *doc, *ports, *list, *item;
    int64_t number = 0;

    if (!cg_tree_int(port, &number)) {
        return;
    }
    doc = document(gen, "NetworkRuleConfig");
    doc->pos = port->pos;
    set_text(gen, doc, "name", CG_TALOS_METRICS_NAME);
    ports = set_map(gen, doc, "portSelector");
    list = set_list(gen, ports, "ports", &port->pos);
    (void)cg_tree_add(gen->walk.arena, list,
                      cg_tree_new_int(gen->walk.arena, number));
    set_text(gen, ports, "protocol", "tcp");
    list = set_list(gen, doc, "ingress", &port->pos);
    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
        item = cg_tree_add(gen->walk.arena, list,
                           cg_tree_new_map(gen->walk.arena));
        set_text(gen, item, "subnet", networks[i]);
    }
    cg_trees_add(gen->walk.arena, patch, doc);
}

static void
add_metrics(const struct gen *gen, struct cg_tree *list)
{
    const struct cg_tree *port = gen->in->tailscale->metrics_port;

    add_variable(gen, list, "TS_ENABLE_METRICS", "true", &port->pos);
    add_variable(gen, list, "TS_LOCAL_ADDR_PORT",
                 cg_arena_printf(gen->walk.arena, "[::]:%s", port->text),
                 &port->pos);
}

static void
add_tailscale(const struct gen *gen, struct cg_trees *patch)
{
    const struct cg_talos_tailscale *ts = gen->in->tailscale;
    struct cg_tree *doc, *list;
    const char *args;

    if (ts == NULL) {
        return;
    }
    doc = document(gen, "ExtensionServiceConfig");
    doc->pos = ts->pos;
    set_text(gen, doc, "name", "tailscale");
    list = set_list(gen, doc, "environment", &ts->pos);
    if (ts->key != NULL) {
        add_variable(gen, list, "TS_AUTHKEY", ts->key->text, &ts->key->pos);
    }
    /* Without it a one-off key is used again at each boot, and refused. */
    add_variable(gen, list, "TS_AUTH_ONCE", "true", &ts->pos);
    if (ts->hostname != NULL) {
        add_variable(gen, list, "TS_HOSTNAME", ts->hostname->text,
                     &ts->hostname->pos);
    }
    add_routes(gen, ts, list);
    args = extra_args(gen, ts);
    if (args != NULL) {
        add_variable(gen, list, "TS_EXTRA_ARGS", args, extra_place(ts));
    }
    if (ts->metrics_port != NULL) {
        add_metrics(gen, list);
    }
    for (size_t i = 0; ts->env != NULL && i < ts->env->count; i++) {
        add_variable(gen, list, ts->env->entries[i].key,
                     ts->env->entries[i].value->text, &ts->env->entries[i].pos);
    }
    cg_trees_add(gen->walk.arena, patch, doc);
    if (ts->metrics_port != NULL) {
        add_metrics_rule(gen, patch);
    }
}

static bool
has_known_contract(const struct gen *gen)
{
    const struct cg_tree *contract = gen->in->contract;

    if (strcmp(contract->text, CG_TALOS_CONTRACT) == 0 ||
        strcmp(contract->text, &CG_TALOS_CONTRACT[1]) == 0) {
        return true;
    }
    return cg_error(gen->walk.diag, &contract->pos, "contract",
                    "contract '%s' is not supported, expected '%s'",
                    contract->text, CG_TALOS_CONTRACT);
}

bool
cg_talos_generate(struct cg_arena *arena, const struct cg_talos_input *in,
                  struct cg_diag *diag, struct cg_trees *ret)
{
    struct gen gen = { .walk = { arena, diag }, .in = in };
    struct cg_trees docs = { 0 }, patch = { 0 };

    if (!has_known_contract(&gen) ||
        !cg_secrets_read(&gen.walk, in->secrets, &gen.secrets) ||
        !check_taints(&gen)) {
        return false;
    }
    generate_base(&gen, &docs);
    add_machine(&gen, &patch);
    add_hostname(&gen, &patch);
    add_roots(&gen, &patch);
    add_kernel_log(&gen, &patch);
    add_tailscale(&gen, &patch);
    if (!cg_talos_patch(arena, &docs, &patch, diag)) {
        return false;
    }
    for (size_t i = 0; i < docs.count; i++) {
        cg_trees_add(arena, ret, docs.roots[i]);
    }
    return true;
}
