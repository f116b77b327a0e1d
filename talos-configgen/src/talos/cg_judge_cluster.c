/* Rules about `cluster:`, and about KubeSpan, which needs it. */
#include <ctype.h>
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_judge.h"
#include "talos/cg_url.h"
#include "talos/cg_value.h"

#define DNS_NAME_MAX 255
#define DNS_LABEL_MAX 63
#define KUBESPAN_MTU_MIN 1280
#define KUBESPAN_MTU 1420

/* NULL when good, else what is wrong. */
static const char *
endpoint_fault(const char *text)
{
    struct cg_url url;
    struct ea_bytes port;
    uint64_t number = 1;

    if (!cg_url_parse(text, &url)) {
        return "is no URL";
    }
    if (cg_url_hostname(&url).len == 0) {
        return "has no host";
    }
    port = cg_url_port(&url);
    if (port.len > 0 &&
        (!cg_value_decimal(port, UINT16_MAX, &number) || number == 0)) {
        return "has a port that is not from 1 to 65535";
    }
    return NULL;
}

static void
judge_endpoint(struct cg_judge *judge, const struct cg_tree *cluster)
{
    const struct cg_tree *endpoint =
        cg_check_get(cg_check_get(cluster, "controlPlane"), "endpoint");
    const char *fault;

    if (endpoint == NULL) {
        cg_judge_refuse(judge, cluster,
                        "cluster.controlPlane.endpoint is missing");
        return;
    }
    fault = endpoint_fault(endpoint->text);
    if (fault != NULL) {
        cg_judge_refuse(judge, endpoint, "cluster.controlPlane.endpoint %s %s",
                        cg_judge_quote(judge, endpoint), fault);
    }
}

/* One label: letters, digits, underscore; inside also a hyphen. */
static bool
is_dns_name(const char *text)
{
    size_t len = strlen(text);

    if (len > 0 && (text[len - 1] == '.')) {
        len--;
    }
    if (len == 0 || len > DNS_NAME_MAX) {
        return false;
    }
    for (size_t start = 0; start < len;) {
        size_t end = start;

        while (end < len && text[end] != '.') {
            if (!isalnum((unsigned char)text[end]) && text[end] != '_' &&
                (text[end] != '-' || end == start)) {
                return false;
            }
            end++;
        }
        if (end == start || end - start > DNS_LABEL_MAX || end + 1 == len) {
            return false;
        }
        start = end + 1;
    }
    return true;
}

static void
judge_manifests(struct cg_judge *judge, const struct cg_tree *cluster)
{
    const struct cg_tree *list = cg_check_get(cluster, "inlineManifests");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const char *name = cg_judge_text(list->items[i], "name");

        if (name[strspn(name, " \t\r\n")] == '\0') {
            cg_judge_refuse(judge, list->items[i],
                            "cluster.inlineManifests[%zu] has no name", i);
        }
        for (size_t k = 0; k < i; k++) {
            if (strcmp(name, cg_judge_text(list->items[k], "name")) == 0) {
                cg_judge_refuse(judge, list->items[i],
                                "cluster.inlineManifests has '%s' twice", name);
            }
        }
    }
}

static void
judge_cloud_provider(struct cg_judge *judge, const struct cg_tree *cluster)
{
    const struct cg_tree *provider =
        cg_check_get(cluster, "externalCloudProvider");
    const struct cg_tree *list = cg_check_get(provider, "manifests");

    if (list == NULL || list->count == 0) {
        return;
    }
    if (!cg_judge_flag(provider, "enabled", false)) {
        cg_judge_refuse(judge, list,
                        "cluster.externalCloudProvider has manifests and is "
                        "not enabled");
        return;
    }
    for (size_t i = 0; i < list->count; i++) {
        const char *fault = endpoint_fault(list->items[i]->text);

        if (fault != NULL) {
            cg_judge_refuse(judge, list->items[i],
                            "cluster.externalCloudProvider.manifests: %s %s",
                            cg_judge_quote(judge, list->items[i]), fault);
        }
    }
}

/* Go's ParseRequestURI: a path from the root, or a URL with scheme. */
static bool
is_request_uri(const char *text, struct cg_url *url)
{
    return cg_url_parse(text, url) && (url->scheme.len > 0 || text[0] == '/');
}

static void
judge_discovery(struct cg_judge *judge, const struct cg_tree *cluster)
{
    const struct cg_tree *discovery = cg_check_get(cluster, "discovery");
    const struct cg_tree *service =
        cg_check_get(cg_check_get(discovery, "registries"), "service");
    const struct cg_tree *endpoint = cg_check_get(service, "endpoint");
    struct cg_url url = { 0 };

    if (!cg_judge_flag(discovery, "enabled", false) ||
        cg_judge_flag(service, "disabled", false)) {
        return;
    }
    if (endpoint != NULL && endpoint->len > 0) {
        if (!is_request_uri(endpoint->text, &url)) {
            cg_judge_refuse(judge, endpoint, "cluster.discovery: %s is no URL",
                            cg_judge_quote(judge, endpoint));
        } else if (url.path.len > 0 &&
                   !ea_bytes_equal(url.path, EA_BYTES("/"))) {
            cg_judge_refuse(judge, endpoint,
                            "cluster.discovery: the endpoint has a path");
        }
    }
    if (*cg_judge_text(cluster, "id") == '\0' ||
        *cg_judge_text(cluster, "secret") == '\0') {
        cg_judge_refuse(judge, discovery,
                        "cluster.discovery needs cluster.id and "
                        "cluster.secret");
    }
}

static void
judge_resources(struct cg_judge *judge, const struct cg_tree *cluster,
                const char *component)
{
    static const char *const sides[] = { "requests", "limits" };
    const struct cg_tree *resources =
        cg_check_get(cg_check_get(cluster, component), "resources");

    for (size_t s = 0; s < 2; s++) {
        const struct cg_tree *map = cg_check_get(resources, sides[s]);

        for (size_t i = 0; map != NULL && i < map->count; i++) {
            if (strcmp(map->entries[i].key, "cpu") != 0 &&
                strcmp(map->entries[i].key, "memory") != 0) {
                cg_judge_refuse(judge, map->entries[i].value,
                                "cluster.%s.resources.%s: '%s' is neither cpu "
                                "nor memory",
                                component, sides[s], map->entries[i].key);
            }
        }
    }
}

static void
judge_filters(struct cg_judge *judge, const struct cg_tree *kubespan)
{
    const struct cg_tree *filters = cg_check_get(kubespan, "filters");
    const struct cg_tree *endpoints = cg_check_get(filters, "endpoints");
    const struct cg_tree *networks =
        cg_check_get(filters, "excludeAdvertisedNetworks");

    for (size_t i = 0; endpoints != NULL && i < endpoints->count; i++) {
        const char *text = endpoints->items[i]->text;

        text += *text == '!';
        if (!cg_value_is_prefix(text) && !cg_value_is_addr(text)) {
            cg_judge_refuse(judge, endpoints->items[i],
                            "kubespan filter: %s is no network",
                            cg_judge_quote(judge, endpoints->items[i]));
        }
    }
    for (size_t i = 0; networks != NULL && i < networks->count; i++) {
        if (!cg_value_is_prefix(networks->items[i]->text)) {
            cg_judge_refuse(judge, networks->items[i],
                            "kubespan filter: %s is no network",
                            cg_judge_quote(judge, networks->items[i]));
        }
    }
}

static void
judge_kubespan(struct cg_judge *judge, const struct cg_tree *cluster)
{
    const struct cg_tree *kubespan = cg_check_get(
        cg_check_get(cg_check_get(judge->doc, "machine"), "network"),
        "kubespan");

    if (!cg_judge_flag(kubespan, "enabled", false)) {
        return;
    }
    if (cg_judge_number(kubespan, "mtu", KUBESPAN_MTU) < KUBESPAN_MTU_MIN) {
        cg_judge_refuse(judge, cg_check_get(kubespan, "mtu"),
                        "machine.network.kubespan.mtu is below 1280");
    }
    if (!cg_judge_flag(cg_check_get(cluster, "discovery"), "enabled", false) ||
        *cg_judge_text(cluster, "id") == '\0' ||
        *cg_judge_text(cluster, "secret") == '\0') {
        cg_judge_refuse(judge, kubespan,
                        "machine.network.kubespan needs cluster.discovery, "
                        "cluster.id and cluster.secret");
    }
    judge_filters(judge, kubespan);
}

static void
judge_authorizers(struct cg_judge *judge, const struct cg_tree *cluster)
{
    static const char *const types[] = { "Node", "RBAC", "Webhook", NULL };
    const struct cg_tree *api = cg_check_get(cluster, "apiServer");
    const struct cg_tree *args = cg_check_get(api, "extraArgs");
    const struct cg_tree *list = cg_check_get(api, "authorizationConfig");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        if (!cg_judge_is_one_of(cg_judge_text(list->items[i], "type"), types) ||
            *cg_judge_text(list->items[i], "name") == '\0') {
            cg_judge_refuse(judge, list->items[i],
                            "cluster.apiServer.authorizationConfig[%zu] needs "
                            "a name, and Node, RBAC or Webhook as its type",
                            i);
        }
    }
    if (list == NULL) {
        return;
    }
    for (size_t i = 0; args != NULL && i < args->count; i++) {
        const char *key = args->entries[i].key;

        if (strcmp(key, "authorization-mode") == 0 ||
            strncmp(key, "authorization-webhook-", 22) == 0) {
            cg_judge_refuse(judge, args->entries[i].value,
                            "cluster.apiServer: '%s' and authorizationConfig "
                            "exclude each other",
                            key);
        }
    }
}

void
cg_judge_cluster(struct cg_judge *judge)
{
    const struct cg_tree *cluster = cg_check_get(judge->doc, "cluster");
    const struct cg_tree *domain =
        cg_check_get(cg_check_get(cluster, "network"), "dnsDomain");
    const struct cg_tree *key =
        cg_check_get(cg_check_get(cluster, "ca"), "key");
    const struct cg_tree *etcd = cg_check_get(cluster, "etcd");

    if (cluster == NULL) {
        cg_judge_refuse(judge, NULL, "cluster is missing");
        return;
    }
    judge_endpoint(judge, cluster);
    if (domain != NULL && domain->len > 0 && !is_dns_name(domain->text)) {
        cg_judge_refuse(judge, domain,
                        "cluster.network.dnsDomain: %s is no DNS name",
                        cg_judge_quote(judge, domain));
    }
    if (etcd != NULL) {
        cg_judge_refuse(judge, etcd, "cluster.etcd is for control planes only");
    }
    if (key != NULL && key->len > 0) {
        cg_judge_refuse(judge, key,
                        "cluster.ca.key is not allowed on a worker");
    }
    judge_cloud_provider(judge, cluster);
    judge_manifests(judge, cluster);
    judge_discovery(judge, cluster);
    judge_authorizers(judge, cluster);
    judge_resources(judge, cluster, "apiServer");
    judge_resources(judge, cluster, "controllerManager");
    judge_resources(judge, cluster, "scheduler");
    judge_kubespan(judge, cluster);
}
