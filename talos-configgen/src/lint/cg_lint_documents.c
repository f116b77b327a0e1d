/* Rules over a node's rendered documents. */
#include <string.h>

#include "lint/cg_lint.h"

#define PLACEHOLDER "@edge-auth:tailscale-key@"
#define CRI_PART "/etc/cri/conf.d/20-customization.part"

static const struct cg_tree *
machine_of(const struct cg_node *node)
{
    return cg_tree_get(cg_node_document(node, "", NULL), "machine");
}

static bool
is_inventory(const struct cg_model *model, const struct cg_pos *pos)
{
    return pos->source == model->inventory.source;
}

/* A position to blame: the tree's, or the node's if it was made by us. */
static const struct cg_pos *
blame(const struct cg_node *node, const struct cg_tree *tree)
{
    return tree->pos.source == NULL ? &node->pos : &tree->pos;
}

bool
cg_lint_has_disk(const struct cg_node *node)
{
    const struct cg_tree *install = cg_tree_get(machine_of(node), "install");
    const char *disk = cg_tree_text(cg_tree_get(install, "disk"));

    return (disk != NULL && disk[0] != '\0') ||
           cg_tree_get(install, "diskSelector") != NULL;
}

/* Conditions on a disk that were refused, all of them: reported where they
 * stand. */
static bool
has_bad_conditions(const struct cg_model *model, const struct cg_node *node)
{
    bool has_any = false;

    for (size_t i = 0; i < 4; i++) {
        const struct cg_tree *map =
            cg_inventory_get(node->layers[i].map, "install.disk_selector");

        has_any = has_any || (map != NULL && map->count > 0);
    }
    return has_any && cg_diag_errors(model->diag) > 0;
}

void
cg_rule_disk(struct cg_model *model, const struct cg_node *node)
{
    if (!node->is_gated || cg_lint_has_disk(node) ||
        cg_node_is_suspect(model, node, "install.disk") ||
        has_bad_conditions(model, node)) {
        return;
    }
    (void)cg_error(model->diag, &node->pos, "no-disk",
                   "node '%s' boots through the gate and has no install.disk",
                   node->name);
    cg_hint(model->diag, "a node that only boots over the network would ask "
                         "for its config at every start");
}

void
cg_rule_tailscale(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *doc =
        cg_node_document(node, "ExtensionServiceConfig", "tailscale");
    const struct cg_entry *typed = cg_tree_entry(node->all, "tailscale");

    if (!node->has_tailscale && typed != NULL && typed->value->count > 0) {
        cg_warning(model->diag, &typed->value->entries[0].pos,
                   "tailscale-config",
                   "tailscale settings change nothing for a node whose image "
                   "has no extension siderolabs/tailscale");
    }
    if (node->has_tailscale && doc == NULL) {
        (void)cg_error(model->diag, &node->pos, "tailscale-config",
                       "node '%s' has the Tailscale extension and no "
                       "ExtensionServiceConfig named tailscale",
                       node->name);
        cg_hint(model->diag, "Talos would wait for it 70 minutes at each boot");
    }
    if (!node->has_tailscale && doc != NULL) {
        (void)cg_error(model->diag, blame(node, doc), "tailscale-config",
                       "node '%s' configures Tailscale and has no extension "
                       "siderolabs/tailscale in its image",
                       node->name);
    }
}

static const struct cg_tree *
tailscale_environment(const struct cg_node *node)
{
    const struct cg_tree *env = cg_tree_get(
        cg_node_document(node, "ExtensionServiceConfig", "tailscale"),
        "environment");

    return env != NULL && env->kind == CG_LIST ? env : NULL;
}

static bool
has_prefix(const struct cg_tree *item, const char *prefix)
{
    const char *text = cg_tree_text(item);

    return text != NULL && strncmp(text, prefix, strlen(prefix)) == 0;
}

/* How often the placeholder stands anywhere below. */
static size_t
count_placeholders(const struct cg_tree *tree, const struct cg_tree **ret_last)
{
    size_t count = 0;

    if (tree->kind == CG_SCALAR) {
        for (const char *p = tree->text; (p = strstr(p, PLACEHOLDER)) != NULL;
             p++) {
            *ret_last = tree;
            count++;
        }
    }
    for (size_t i = 0; i < tree->count; i++) {
        count += count_placeholders(
            tree->kind == CG_LIST ? tree->items[i] : tree->entries[i].value,
            ret_last);
    }
    return count;
}

void
cg_rule_placeholder(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *env = tailscale_environment(node);
    const struct cg_tree *last = NULL;
    size_t count = 0, keys = 0;

    if (env == NULL && node->has_tailscale) {
        return; /* cg_rule_tailscale has reported it */
    }

    for (size_t i = 0; i < node->docs.count; i++) {
        count += count_placeholders(node->docs.roots[i], &last);
    }
    if (count != (node->has_placeholder ? 1 : 0)) {
        (void)cg_error(model->diag,
                       last == NULL ? &node->pos : blame(node, last),
                       "placeholder",
                       "the config of node '%s' has the auth key's "
                       "placeholder %zu times, expected %d",
                       node->name, count, node->has_placeholder ? 1 : 0);
    }
    for (size_t i = 0; env != NULL && i < env->count; i++) {
        if (!has_prefix(env->items[i], "TS_AUTHKEY=") &&
            !has_prefix(env->items[i], "TS_AUTH_KEY=")) {
            continue;
        }
        keys++;
        if (node->is_gated && (keys > 1 || (!node->has_placeholder &&
                                            node->tailscale_key == NULL))) {
            (void)cg_error(model->diag, blame(node, env->items[i]),
                           "placeholder",
                           "node '%s' boots through the gate and gets its "
                           "auth key there, not from a patch",
                           node->name);
        }
    }
}

/* Ways to log in with something else than a key, or with one that stands where
 * nothing here can look. */
static const struct {
    const char *prefix, *fault;
} logins[] = {
    { "TS_CLIENT_ID=", "logs in as an OAuth client, which can make keys" },
    { "TS_CLIENT_SECRET=", "logs in as an OAuth client, which can make keys" },
    { "TS_ID_TOKEN=", "logs in by an identity token, which can make keys" },
    { "TS_AUDIENCE=", "logs in by an identity token, which can make keys" },
    { "TS_AUTHKEY=file:", "takes its key from a file, which may hold any" },
    { "TS_AUTH_KEY=file:", "takes its key from a file, which may hold any" },
};

/* What is wrong with a text, or NULL. Secrets that make keys are those of
 * Tailscale's OAuth clients and APIs, and of Headscale's API. */
static const char *
minting_fault(const char *text)
{
    static const char *const marks[] = { "tskey-client-", "tskey-api-",
                                         "tskey-scim-", "hskey-api-" };

    for (size_t i = 0; i < sizeof(logins) / sizeof(logins[0]); i++) {
        if (strncmp(text, logins[i].prefix, strlen(logins[i].prefix)) == 0) {
            return logins[i].fault;
        }
    }
    for (size_t i = 0; i < sizeof(marks) / sizeof(marks[0]); i++) {
        if (strstr(text, marks[i]) != NULL) {
            return "gets a secret that can make keys for any node";
        }
    }
    return NULL;
}

static void
find_minting(struct cg_model *model, const struct cg_node *node,
             const struct cg_tree *tree)
{
    const char *fault =
        tree->kind == CG_SCALAR ? minting_fault(tree->text) : NULL;

    if (fault != NULL) {
        (void)cg_error(model->diag, blame(node, tree), "oauth-secret",
                       "a node %s", fault);
        cg_hint(model->diag, "nodes get single-use keys only");
    }
    for (size_t i = 0; i < tree->count; i++) {
        find_minting(model, node,
                     tree->kind == CG_LIST ? tree->items[i]
                                           : tree->entries[i].value);
    }
}

void
cg_rule_oauth(struct cg_model *model, const struct cg_node *node)
{
    for (size_t i = 0; i < node->docs.count; i++) {
        find_minting(model, node, node->docs.roots[i]);
    }
}

/* That HostnameConfig and machine.network.hostname exclude each other is
 * Talos' own rule. */
void
cg_rule_hostname(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *name =
        cg_tree_get(cg_node_document(node, "HostnameConfig", NULL), "hostname");

    if (node->hostname == NULL || name == NULL || name->pos.source == NULL ||
        is_inventory(model, &name->pos)) {
        return;
    }
    (void)cg_error(model->diag, &name->pos, "hostname-twice",
                   "a patch sets the hostname of node '%s', and the inventory "
                   "does too",
                   node->name);
    cg_also(model->diag, &node->hostname->pos, "the inventory's");
    cg_hint(model->diag, "`hostname: {from: platform}` leaves it alone");
}

static const struct cg_tree *
files_of(const struct cg_node *node)
{
    const struct cg_tree *files = cg_tree_get(machine_of(node), "files");

    return files != NULL && files->kind == CG_LIST ? files : NULL;
}

static bool
is_creatable(const char *path)
{
    return strncmp(path, "/var/", 5) == 0 || strcmp(path, CRI_PART) == 0;
}

void
cg_rule_files(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *files = files_of(node);

    for (size_t i = 0; files != NULL && i < files->count; i++) {
        const struct cg_tree *path = cg_tree_get(files->items[i], "path");
        const struct cg_tree *op = cg_tree_get(files->items[i], "op");

        if (cg_tree_text(path) == NULL || is_creatable(path->text) ||
            (op != NULL && !cg_tree_is_text(op, "create"))) {
            continue;
        }
        (void)cg_error(model->diag, blame(node, path), "file-path",
                       "Talos creates files below /var only, and " CRI_PART);
        cg_hint(model->diag, "elsewhere the root file system is read-only");
    }
}

void
cg_rule_permissions(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *files = files_of(node);

    for (size_t i = 0; files != NULL && i < files->count; i++) {
        const struct cg_tree *item = files->items[i];
        const struct cg_tree *mode = cg_tree_get(item, "permissions");

        if (mode == NULL) {
            (void)cg_error(model->diag, blame(node, item), "file-permissions",
                           "a file without 'permissions' can be read by "
                           "nobody");
            cg_hint(model->diag, "permissions: 0o644");
            continue;
        }
        /* sops -d turns 0o644 into 420: that is the same number */
        if (cg_tree_text(mode) != NULL && mode->text[0] != '0' &&
            mode->pos.source != NULL && !mode->pos.source->secret) {
            (void)cg_error(model->diag, &mode->pos, "file-permissions",
                           "permissions '%s' are decimal", mode->text);
            cg_hint(model->diag, "octal begins with 0o, as in 0o644");
        }
    }
}

/* The part of a list item that tells it from others. */
static const char *
item_name(struct cg_arena *arena, const struct cg_tree *item)
{
    const char *text = cg_tree_text(item);

    if (item->kind == CG_MAP) {
        const struct cg_tree *name = cg_tree_get(item, "name");

        return cg_tree_text(name != NULL ? name
                                         : cg_tree_get(item, "endpoint"));
    }
    return text == NULL ? NULL : cg_arena_copy(arena, text, strcspn(text, "="));
}

static void
compare_items(struct cg_model *model, const struct cg_node *node,
              const struct cg_tree *list, const char *what)
{
    for (size_t i = 0; list != NULL && list->kind == CG_LIST && i < list->count;
         i++) {
        const char *one = item_name(model->arena, list->items[i]);

        for (size_t n = i + 1; one != NULL && n < list->count; n++) {
            const struct cg_tree *later = list->items[n];
            const char *other = item_name(model->arena, later);

            if (other == NULL || strcmp(one, other) != 0 ||
                strcmp(one, "TS_AUTHKEY") == 0) {
                continue; /* keys are cg_rule_placeholder's */
            }
            (void)cg_error(model->diag, blame(node, later), "typed-and-patched",
                           "%s '%s' is in the list already, and Talos appends",
                           what, one);
            cg_also(model->diag, blame(node, list->items[i]), "the first one");
        }
    }
}

void
cg_rule_twice(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *machine = machine_of(node);

    compare_items(model, node, cg_tree_path(machine, "kernel", "modules", NULL),
                  "kernel module");
    compare_items(
        model, node,
        cg_tree_path(machine, "kubelet", "nodeIP", "validSubnets", NULL),
        "subnet");
    compare_items(model, node, tailscale_environment(node), "variable");
    compare_items(model, node,
                  cg_tree_path(machine, "logging", "destinations", NULL),
                  "destination");
}

/* Where the inventory asks for the Tailscale extension. */
static const struct cg_pos *
extension_place(const struct cg_node *node)
{
    const struct cg_tree *list =
        cg_inventory_get(node->all, "image.extensions");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (cg_tree_is_text(list->items[i], "siderolabs/tailscale")) {
            return &list->items[i]->pos;
        }
    }
    return &node->pos;
}

/* With two networks the kubelet picks one, and not always the same. */
void
cg_rule_node_ip(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *subnets = cg_tree_path(
        machine_of(node), "kubelet", "nodeIP", "validSubnets", NULL);

    if (subnets == NULL || subnets->count == 0) {
        if (node->has_tailscale) {
            cg_warning(model->diag, extension_place(node), "node-ip",
                       "a node with Tailscale has two networks, and no "
                       "node_ip says which one the kubelet uses");
            cg_hint(model->diag, "node_ip: tailnet, or node_ip: lan");
        }
        return;
    }
    if (has_prefix(subnets->items[0], "!")) {
        cg_warning(model->diag, blame(node, subnets->items[0]), "node-ip",
                   "a list that begins with an exclusion matches every other "
                   "address");
    }
}

static void
find_ambiguous(struct cg_model *model, const struct cg_tree *tree)
{
    if (cg_tree_is_ambiguous(tree) && tree->pos.source != NULL &&
        !tree->pos.source->secret) {
        cg_warning(model->diag, &tree->pos, "yaml-ambiguous",
                   "'%s' is not the same to all readers of YAML", tree->text);
        cg_hint(model->diag,
                "true, false, decimal numbers and quoted text are");
    }
    for (size_t i = 0; i < tree->count; i++) {
        find_ambiguous(model, tree->kind == CG_LIST ? tree->items[i]
                                                    : tree->entries[i].value);
    }
}

/* Elsewhere the field's type decides; here whoever reads it in the end. */
void
cg_rule_ambiguous(struct cg_model *model, const struct cg_node *node)
{
    const struct cg_tree *untyped[] = {
        cg_tree_path(machine_of(node), "kubelet", "extraConfig", NULL),
        cg_tree_get(machine_of(node), "baseRuntimeSpecOverrides"),
    };

    for (size_t i = 0; i < sizeof(untyped) / sizeof(untyped[0]); i++) {
        if (untyped[i] != NULL) {
            find_ambiguous(model, untyped[i]);
        }
    }
}

void
cg_rule_dhcp_off(struct cg_model *model, const struct cg_node *node)
{
    static const char *const links[] = { "LinkConfig", "VLANConfig",
                                         "BondConfig", "BridgeConfig" };
    bool has_dhcp = cg_node_document(node, "DHCPv4Config", NULL) != NULL ||
                    cg_node_document(node, "DHCPv6Config", NULL) != NULL;

    for (size_t i = 0; !has_dhcp && i < sizeof(links) / sizeof(links[0]); i++) {
        const struct cg_tree *doc = cg_node_document(node, links[i], NULL);

        if (doc == NULL) {
            continue;
        }
        cg_warning(model->diag, blame(node, doc), "dhcp-off",
                   "a %s switches default DHCP off on all interfaces, and no "
                   "DHCPv4Config switches it on for one",
                   links[i]);
    }
}

static bool
is_secret_text(const char *text)
{
    static const char *const prefixes[] = { "TS_AUTHKEY=tskey-",
                                            "TS_AUTHKEY=hskey-",
                                            "TS_AUTH_KEY=tskey-",
                                            "TS_AUTH_KEY=hskey-",
                                            "TS_CLIENT_SECRET=",
                                            "TS_ID_TOKEN=",
                                            "tskey-",
                                            "hskey-" };

    for (size_t i = 0; i < sizeof(prefixes) / sizeof(prefixes[0]); i++) {
        if (strncmp(text, prefixes[i], strlen(prefixes[i])) == 0) {
            return true;
        }
    }
    return strstr(text, "PRIVATE KEY-----") != NULL;
}

/* Secrets that stand in a patch; the inventory names files only, and what came
 * from one of these carries the inventory's position. */
static void
find_plain_secrets(struct cg_model *model, const struct cg_tree *tree)
{
    if (tree->kind == CG_SCALAR && tree->pos.source != NULL &&
        !tree->pos.source->secret && !is_inventory(model, &tree->pos) &&
        is_secret_text(tree->text)) {
        cg_warning(model->diag, &tree->pos, "plain-secret",
                   "a secret in a file that is not encrypted");
    }
    for (size_t i = 0; i < tree->count; i++) {
        find_plain_secrets(model, tree->kind == CG_LIST
                                      ? tree->items[i]
                                      : tree->entries[i].value);
    }
}

void
cg_rule_plain_secret(struct cg_model *model, const struct cg_node *node)
{
    for (size_t i = 0; i < node->docs.count; i++) {
        find_plain_secrets(model, node->docs.roots[i]);
    }
}
