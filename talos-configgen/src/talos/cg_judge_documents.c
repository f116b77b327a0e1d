/* Rules about the other documents, and which rule belongs to which kind. */
#include <ctype.h>
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_fields.h"
#include "talos/cg_judge.h"
#include "talos/cg_pem.h"
#include "talos/cg_url.h"
#include "talos/cg_value.h"

#define FQDN_MAX 253
#define HOSTNAME_MAX 63
#define KUBESPAN_MTU_MIN 1280
#define WATCHDOG_MIN 10 /* seconds */

static void
judge_hostname(struct cg_judge *judge)
{
    const struct cg_tree *mode = cg_check_get(judge->doc, "auto");
    const struct cg_tree *name = cg_check_get(judge->doc, "hostname");
    const char *text = cg_judge_text(judge->doc, "hostname");
    size_t label = strcspn(text, ".");

    if (mode == NULL && *text == '\0') {
        cg_judge_refuse(judge, NULL, "neither auto nor hostname is set");
    }
    if (mode != NULL && !cg_fields_has_word("off stable", mode->text)) {
        cg_judge_refuse(judge, mode, "auto must be off or stable");
    } else if (*text != '\0' && mode != NULL &&
               !cg_fields_has_word("off", mode->text)) {
        cg_judge_refuse(judge, name, "hostname needs 'auto: off'");
    }
    if (strlen(text) > FQDN_MAX ||
        (*text != '\0' && (label == 0 || label > HOSTNAME_MAX))) {
        cg_judge_refuse(judge, name,
                        "hostname %s is too long, or starts with a dot",
                        cg_judge_quote(judge, name));
    }
}

static void
judge_kubespan(struct cg_judge *judge)
{
    const struct cg_tree *mtu = cg_check_get(judge->doc, "mtu");
    const struct cg_tree *list =
        cg_check_get(cg_check_get(judge->doc, "filters"), "endpoints");

    if (cg_judge_number(judge->doc, "mtu", KUBESPAN_MTU_MIN) <
        KUBESPAN_MTU_MIN) {
        cg_judge_refuse(judge, mtu, "mtu is below %d", KUBESPAN_MTU_MIN);
    }
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const char *text = list->items[i]->text;

        text += *text == '!';
        if (!cg_value_is_prefix(text) && !cg_value_is_addr(text)) {
            cg_judge_refuse(judge, list->items[i],
                            "filters.endpoints: %s is no network",
                            cg_judge_quote(judge, list->items[i]));
        }
    }
}

static void
judge_link_alias(struct cg_judge *judge)
{
    const char *name = cg_judge_text(judge->doc, "name");
    const char *percent = strchr(name, '%');
    const struct cg_tree *match =
        cg_check_get(cg_check_get(judge->doc, "selector"), "match");

    if (percent != NULL && (percent == name || strcmp(percent, "%d") != 0)) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "name"),
                        "a pattern in the name must be %%d at its end");
    }
    if (match == NULL || match->len == 0) {
        cg_judge_refuse(judge, NULL, "selector.match is missing");
    }
    cg_judge_cel(judge, match, CG_CEL_LINK);
}

static void
judge_address_name(struct cg_judge *judge)
{
    if (!cg_value_is_addr(cg_judge_text(judge->doc, "name"))) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "name"),
                        "the name must be an IP address");
    }
}

static void
judge_prefix_name(struct cg_judge *judge)
{
    if (!cg_value_is_prefix(cg_judge_text(judge->doc, "name"))) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "name"),
                        "the name must be a network such as 10.0.0.0/8");
    }
}

static void
judge_static_host(struct cg_judge *judge)
{
    judge_address_name(judge);
    if (cg_judge_count(judge->doc, "hostnames") == 0) {
        cg_judge_refuse(judge, NULL, "hostnames is empty");
    }
}

static void
judge_probe(struct cg_judge *judge)
{
    static const char *const keys[] = { "interval", "timeout",
                                        "failureThreshold" };

    for (size_t i = 0; i < sizeof(keys) / sizeof(keys[0]); i++) {
        if (*cg_judge_text(judge->doc, keys[i]) == '-') {
            cg_judge_refuse(judge, cg_check_get(judge->doc, keys[i]),
                            "%s is negative", keys[i]);
        }
    }
}

static void
judge_time_sync(struct cg_judge *judge)
{
    if (*cg_judge_text(judge->doc, "bootTimeout") == '-') {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "bootTimeout"),
                        "bootTimeout is negative");
    }
    if (cg_check_get(judge->doc, "ntp") != NULL &&
        cg_check_get(judge->doc, "ptp") != NULL) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "ptp"),
                        "ntp and ptp exclude each other");
    }
}

static void
judge_zswap(struct cg_judge *judge)
{
    int64_t percent = cg_judge_number(judge->doc, "maxPoolPercent", 0);

    if (percent < 0 || percent > 100) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "maxPoolPercent"),
                        "maxPoolPercent must be from 0 to 100");
    }
}

static void
judge_registry_auth(struct cg_judge *judge)
{
    static const char *const ways[] = { "username", "auth", "identityToken" };
    int count = 0;

    for (size_t i = 0; i < sizeof(ways) / sizeof(ways[0]); i++) {
        count += *cg_judge_text(judge->doc, ways[i]) != '\0';
    }
    if (count > 1) {
        cg_judge_refuse(judge, NULL,
                        "username, auth and identityToken exclude each other");
    }
}

static void
judge_registry_mirror(struct cg_judge *judge)
{
    const struct cg_tree *list = cg_check_get(judge->doc, "endpoints");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const char *text = cg_judge_text(list->items[i], "url");
        struct cg_url url = { 0 };

        if (*text == '\0' || !cg_url_parse(text, &url) ||
            !(ea_bytes_equal(url.scheme, EA_BYTES("http")) ||
              ea_bytes_equal(url.scheme, EA_BYTES("https")))) {
            cg_judge_refuse(judge, list->items[i],
                            "endpoints[%zu].url is no http:// or https:// URL",
                            i);
        }
    }
}

static void
judge_registry_tls(struct cg_judge *judge)
{
    const struct cg_tree *ca = cg_check_get(judge->doc, "ca");
    const struct cg_tree *id = cg_check_get(judge->doc, "clientIdentity");

    if (ca != NULL && ca->len > 0 && !cg_pem_has_certificate(ca->text)) {
        cg_judge_refuse(judge, ca, "ca is no certificate in PEM");
    }
    if (id == NULL) {
        return;
    }
    if (!cg_pem_has_certificate(cg_judge_text(id, "cert"))) {
        cg_judge_refuse(judge, id,
                        "clientIdentity.cert is no certificate in PEM");
    }
    if (!cg_pem_has_key(cg_judge_text(id, "key"))) {
        cg_judge_refuse(judge, id,
                        "clientIdentity.key is no private key in PEM");
    }
}

static void
judge_environment(struct cg_judge *judge)
{
    const struct cg_tree *map = cg_check_get(judge->doc, "variables");

    for (size_t i = 0; map != NULL && i < map->count; i++) {
        const char *key = map->entries[i].key;
        bool good = *key != '\0' && !isdigit((unsigned char)*key);

        for (; *key != '\0'; key++) {
            good = good && (isalnum((unsigned char)*key) || *key == '_');
        }
        if (!good) {
            cg_judge_refuse(judge, map->entries[i].value,
                            "'%s' is no name of a variable",
                            map->entries[i].key);
        }
    }
}

static void
judge_event_sink(struct cg_judge *judge)
{
    const struct cg_tree *endpoint = cg_check_get(judge->doc, "endpoint");
    const char *text = cg_judge_text(judge->doc, "endpoint");
    const char *colon = strrchr(text, ':');
    const char *bracket = strrchr(text, ']');

    if (colon == NULL || (bracket != NULL && colon != bracket + 1) ||
        (bracket == NULL && strchr(text, ':') != colon) ||
        (*text == '[') != (bracket != NULL)) {
        cg_judge_refuse(judge, endpoint, "endpoint must be host:port");
    }
}

static void
judge_extension(struct cg_judge *judge)
{
    const struct cg_tree *files = cg_check_get(judge->doc, "configFiles");

    if (cg_judge_count(judge->doc, "configFiles") == 0 &&
        cg_judge_count(judge->doc, "environment") == 0) {
        cg_judge_refuse(judge, NULL,
                        "neither configFiles nor environment is set");
    }
    for (size_t i = 0; files != NULL && i < files->count; i++) {
        if (*cg_judge_text(files->items[i], "content") == '\0' ||
            *cg_judge_text(files->items[i], "mountPath") == '\0') {
            cg_judge_refuse(judge, files->items[i],
                            "configFiles[%zu] needs content and mountPath", i);
        }
    }
}

/* A URL of one of two schemes, without a path. */
static void
judge_sink_url(struct cg_judge *judge, const char *key, const char *one,
               const char *two, bool needs_port)
{
    const struct cg_tree *value = cg_check_get(judge->doc, key);
    const char *text = cg_judge_text(judge->doc, key);
    struct cg_url url = { 0 };

    if (*text == '\0' || !cg_url_parse(text, &url) ||
        !(ea_bytes_equal(url.scheme, ea_bytes_of(one)) ||
          ea_bytes_equal(url.scheme, ea_bytes_of(two)))) {
        cg_judge_refuse(judge, value, "%s is no %s:// or %s:// URL", key, one,
                        two);
        return;
    }
    if (url.path.len > 0 && !ea_bytes_equal(url.path, EA_BYTES("/"))) {
        cg_judge_refuse(judge, value, "%s must have no path", key);
    }
    if (needs_port && cg_url_port(&url).len == 0) {
        cg_judge_refuse(judge, value, "%s has no port", key);
    }
}

static void
judge_kmsg_log(struct cg_judge *judge)
{
    judge_sink_url(judge, "url", "tcp", "udp", true);
}

static void
judge_siderolink(struct cg_judge *judge)
{
    judge_sink_url(judge, "apiUrl", "https", "grpc", false);
}

static void
judge_oom(struct cg_judge *judge)
{
    cg_judge_cel(judge, cg_check_get(judge->doc, "triggerExpression"),
                 CG_CEL_OOM_TRIGGER);
    cg_judge_cel(judge, cg_check_get(judge->doc, "cgroupRankingExpression"),
                 CG_CEL_OOM_RANKING);
    if (*cg_judge_text(judge->doc, "sampleInterval") == '-') {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "sampleInterval"),
                        "sampleInterval is negative");
    }
}

static void
judge_watchdog(struct cg_judge *judge)
{
    const struct cg_tree *timeout = cg_check_get(judge->doc, "timeout");
    double seconds = 0;

    if (timeout != NULL && cg_value_seconds(timeout->text, &seconds) &&
        seconds < WATCHDOG_MIN && (seconds > 0 || seconds < 0)) {
        cg_judge_refuse(judge, timeout, "timeout is below %d seconds",
                        WATCHDOG_MIN);
    }
}

void
cg_judge_image_rules(struct cg_judge *judge)
{
    const struct cg_tree *list = cg_check_get(judge->doc, "rules");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct cg_tree *rule = list->items[i];
        const struct cg_tree *keyless = cg_check_get(rule, "keyless");
        const struct cg_tree *key = cg_check_get(rule, "publicKey");
        int ways = cg_judge_flag(rule, "skip", false) +
                   cg_judge_flag(rule, "deny", false) + (keyless != NULL) +
                   (key != NULL);

        if (*cg_judge_text(rule, "image") == '\0') {
            cg_judge_refuse(judge, rule, "rules[%zu].image is missing", i);
        }
        if (ways != 1) {
            cg_judge_refuse(judge, rule,
                            "rules[%zu] needs exactly one of skip, deny, "
                            "keyless, publicKey",
                            i);
        }
        if (keyless != NULL &&
            (*cg_judge_text(keyless, "issuer") == '\0' ||
             (*cg_judge_text(keyless, "subject") == '\0' &&
              *cg_judge_text(keyless, "subjectRegex") == '\0'))) {
            cg_judge_refuse(judge, keyless,
                            "rules[%zu].keyless needs issuer, and subject or "
                            "subjectRegex",
                            i);
        }
        if (key != NULL && *cg_judge_text(key, "certificate") == '\0') {
            cg_judge_refuse(judge, key,
                            "rules[%zu].publicKey.certificate is missing", i);
        }
    }
}

/* `required`: fields of text that must not be empty, separated by one space. */
static const struct {
    const char *kind;
    const char *required;
    void (*judge)(struct cg_judge *);
} rows[] = {
    { "BlackholeRouteConfig", "", judge_prefix_name },
    { "BondConfig", "name", cg_judge_bond_link },
    { "BridgeConfig", "name", cg_judge_link },
    { "DHCPv4Config", "name", cg_judge_dhcp },
    { "DHCPv6Config", "name", cg_judge_dhcp },
    { "DummyLinkConfig", "name", cg_judge_link },
    { "EnvironmentConfig", "", judge_environment },
    { "EthernetConfig", "name", NULL },
    { "EventSinkConfig", "", judge_event_sink },
    { "ExistingVolumeConfig", "", cg_judge_existing_volume },
    { "ExtensionServiceConfig", "name", judge_extension },
    { "ExternalVolumeConfig", "", cg_judge_external_volume },
    { "HCloudVIPConfig", "link apiToken", judge_address_name },
    { "HostnameConfig", "", judge_hostname },
    { "ImageVerificationConfig", "", cg_judge_image_rules },
    { "KmsgLogConfig", "name", judge_kmsg_log },
    { "KubeSpanConfig", "", judge_kubespan },
    { "Layer2VIPConfig", "link", judge_address_name },
    { "LinkAliasConfig", "name", judge_link_alias },
    { "LinkConfig", "name", cg_judge_link },
    { "NetworkRuleConfig", "name", cg_judge_network_rule },
    { "OOMConfig", "", judge_oom },
    { "RawVolumeConfig", "", cg_judge_raw_volume },
    { "RegistryAuthConfig", "name", judge_registry_auth },
    { "RegistryMirrorConfig", "name", judge_registry_mirror },
    { "RegistryTLSConfig", "name", judge_registry_tls },
    { "RoutingRuleConfig", "", cg_judge_routing_rule },
    { "SideroLinkConfig", "", judge_siderolink },
    { "StaticHostConfig", "", judge_static_host },
    { "SwapVolumeConfig", "", cg_judge_raw_volume },
    { "TCPProbeConfig", "name endpoint", judge_probe },
    { "TimeSyncConfig", "", judge_time_sync },
    { "UserVolumeConfig", "", cg_judge_user_volume },
    { "VLANConfig", "name parent", cg_judge_vlan },
    { "VRFConfig", "name", cg_judge_vrf },
    { "VolumeConfig", "", cg_judge_volume },
    { "WatchdogTimerConfig", "device", judge_watchdog },
    { "WireguardConfig", "name", cg_judge_wireguard },
    { "ZswapConfig", "", judge_zswap },
};

static void
judge_required(struct cg_judge *judge, const char *words)
{
    while (*words != '\0') {
        size_t len = strcspn(words, " ");
        const char *key = cg_arena_copy(judge->walk.arena, words, len);

        if (*cg_judge_text(judge->doc, key) == '\0') {
            cg_judge_refuse(judge, NULL, "%s is missing", key);
        }
        words += len;
        words += strspn(words, " ");
    }
}

void
cg_judge_document(struct cg_judge *judge)
{
    const char *kind = cg_judge_text(judge->doc, "kind");

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        if (strcmp(rows[i].kind, kind) == 0) {
            judge_required(judge, rows[i].required);
            if (rows[i].judge != NULL) {
                rows[i].judge(judge);
            }
        }
    }
}
