/* Rules about `machine:`. */
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_judge.h"
#include "talos/cg_label.h"
#include "talos/cg_url.h"
#include "talos/cg_value.h"
#include "talos/cg_version.h"

#define ANNOTATIONS_MAX (256 * 1024) /* bytes of all of them */

static void
judge_install(struct cg_judge *judge, const struct cg_tree *machine)
{
    static const char *const types[] = { "ssd", "hdd", "nvme", "sd", NULL };
    const struct cg_tree *install = cg_check_get(machine, "install");
    const struct cg_tree *selector = cg_check_get(install, "diskSelector");
    const struct cg_tree *args = cg_check_get(install, "extraKernelArgs");
    const struct cg_tree *list = cg_check_get(install, "extensions");
    const struct cg_tree *name = cg_check_get(selector, "name");
    const struct cg_tree *type = cg_check_get(selector, "type");

    if (install == NULL) {
        cg_judge_refuse(judge, machine, "machine.install is missing");
        return;
    }
    if (name != NULL && name->len > 0) {
        cg_judge_refuse(judge, name,
                        "machine.install.diskSelector.name is not supported");
    }
    if (type != NULL && type->len > 0 &&
        !cg_judge_is_one_of(type->text, types)) {
        cg_judge_refuse(judge, type,
                        "machine.install.diskSelector.type is %s, expected "
                        "ssd, hdd, nvme or sd",
                        cg_judge_quote(judge, type));
    }
    if (*cg_judge_text(install, "disk") == '\0' && selector == NULL) {
        cg_judge_refuse(judge, install,
                        "machine.install has neither disk nor diskSelector");
    }
    if (args != NULL && args->count > 0 &&
        cg_judge_flag(install, "grubUseUKICmdline", false)) {
        cg_judge_refuse(judge, args,
                        "machine.install.extraKernelArgs and "
                        "grubUseUKICmdline exclude each other; bake the "
                        "arguments into the image");
    }
    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const char *image = cg_judge_text(list->items[i], "image");

        for (size_t k = 0; k < i; k++) {
            if (strcmp(image, cg_judge_text(list->items[k], "image")) == 0) {
                cg_judge_refuse(judge, list->items[i],
                                "machine.install.extensions has '%s' twice",
                                image);
            }
        }
    }
}

/* A worker trusts authorities, it is none. */
static void
judge_authority(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *ca = cg_check_get(machine, "ca");
    size_t accepted = cg_judge_count(machine, "acceptedCAs");
    const struct cg_tree *key = cg_check_get(ca, "key");

    if (ca == NULL && accepted == 0) {
        cg_judge_refuse(judge, machine,
                        "machine has neither ca nor acceptedCAs");
        return;
    }
    if (key != NULL && key->len > 0) {
        cg_judge_refuse(judge, key,
                        "machine.ca.key is not allowed on a worker");
    }
    if (ca != NULL && *cg_judge_text(ca, "crt") == '\0' && accepted == 0) {
        cg_judge_refuse(judge, ca, "machine.ca.crt is empty");
    }
}

static void
judge_type(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *type = cg_check_get(machine, "type");
    const char *text = cg_judge_text(machine, "type");

    if (strcmp(text, "worker") == 0) {
        return;
    }
    if (strcmp(text, "join") == 0) {
        cg_judge_warn(judge, type, "talos-warns",
                      "machine.type 'join' is called 'worker' today");
    } else {
        cg_judge_refuse(judge, type, "machine.type is %s, expected 'worker'",
                        cg_judge_quote(judge, type));
    }
}

static bool
is_subnet(const char *text)
{
    text += *text == '!';
    return cg_value_is_prefix(text) || cg_value_is_addr(text);
}

static void
judge_kubelet(struct cg_judge *judge, const struct cg_tree *machine)
{
    static const char *const reserved[] = {
        "apiVersion",     "authentication",
        "authorization",  "cgroupRoot",
        "kind",           "kubeletCgroups",
        "port",           "protectKernelDefaults",
        "resolvConf",     "rotateCertificates",
        "systemCgroups",  "staticPodPath",
        "seccompDefault", NULL,
    };
    const struct cg_tree *kubelet = cg_check_get(machine, "kubelet");
    const struct cg_tree *config = cg_check_get(kubelet, "extraConfig");
    const struct cg_tree *subnets =
        cg_check_get(cg_check_get(kubelet, "nodeIP"), "validSubnets");

    for (size_t i = 0; subnets != NULL && i < subnets->count; i++) {
        if (!is_subnet(subnets->items[i]->text)) {
            cg_judge_refuse(judge, subnets->items[i],
                            "machine.kubelet.nodeIP.validSubnets: %s is no "
                            "network, '!' in front allowed",
                            cg_judge_quote(judge, subnets->items[i]));
        }
    }
    for (size_t i = 0; config != NULL && i < config->count; i++) {
        if (cg_judge_is_one_of(config->entries[i].key, reserved)) {
            cg_judge_refuse(judge, config->entries[i].value,
                            "machine.kubelet.extraConfig must not set '%s'",
                            config->entries[i].key);
        }
    }
}

static void
judge_labels(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *labels = cg_check_get(machine, "nodeLabels");

    for (size_t i = 0; labels != NULL && i < labels->count; i++) {
        const struct cg_entry *entry = &labels->entries[i];
        const char *fault = cg_label_key_fault(entry->key);

        if (fault != NULL) {
            cg_judge_refuse(judge, entry->value,
                            "machine.nodeLabels: key '%s' %s", entry->key,
                            fault);
        }
        fault = cg_label_value_fault(
            entry->value->len == 0 ? "" : entry->value->text);
        if (fault != NULL) {
            cg_judge_refuse(judge, entry->value,
                            "machine.nodeLabels: the value of '%s' %s",
                            entry->key, fault);
        }
    }
}

static void
judge_annotations(struct cg_judge *judge, const struct cg_tree *machine)
{
    static const char *const reserved[] = { "talos.dev/owned-annotations",
                                            "talos.dev/owned-labels",
                                            "talos.dev/owned-taints", NULL };
    const struct cg_tree *map = cg_check_get(machine, "nodeAnnotations");
    size_t size = 0;

    for (size_t i = 0; map != NULL && i < map->count; i++) {
        const struct cg_entry *entry = &map->entries[i];
        const char *fault = cg_label_key_fault(entry->key);

        size += strlen(entry->key) + entry->value->len;
        if (fault != NULL) {
            cg_judge_refuse(judge, entry->value,
                            "machine.nodeAnnotations: key '%s' %s", entry->key,
                            fault);
        }
        if (cg_judge_is_one_of(entry->key, reserved)) {
            cg_judge_refuse(judge, entry->value,
                            "machine.nodeAnnotations: '%s' is reserved",
                            entry->key);
        }
    }
    if (size > ANNOTATIONS_MAX) {
        cg_judge_refuse(judge, map,
                        "machine.nodeAnnotations has more than 256 KiB");
    }
}

/* The Talos that will be installed lets a worker taint itself. Known by the
 * tag of the installer. */
static bool
can_taint_itself(const struct cg_tree *machine)
{
    const char *image =
        cg_judge_text(cg_check_get(machine, "install"), "image");
    const char *tag = strrchr(image, ':');
    struct cg_version version;

    return tag != NULL && cg_version_parse(tag + 1, &version) &&
           cg_version_minor(&version) >= CG_VERSION(1, 14);
}

static void
judge_taints(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *taints = cg_check_get(machine, "nodeTaints");

    for (size_t i = 0; taints != NULL && i < taints->count; i++) {
        const struct cg_entry *entry = &taints->entries[i];
        const char *fault = cg_label_key_fault(entry->key);

        if (fault != NULL) {
            cg_judge_refuse(judge, entry->value,
                            "machine.nodeTaints: key '%s' %s", entry->key,
                            fault);
            continue;
        }
        fault = cg_label_taint_fault(
            entry->value->len == 0 ? "" : entry->value->text);
        if (fault != NULL) {
            cg_judge_refuse(judge, entry->value,
                            "machine.nodeTaints: the taint of '%s' %s",
                            entry->key, fault);
        }
    }
    if (taints != NULL && taints->count > 0 && !can_taint_itself(machine)) {
        cg_judge_warn(judge, taints->entries[0].value, "taint-refused",
                      "Kubernetes refuses machine.nodeTaints that a worker "
                      "sets on itself; use the inventory's 'taints:', which "
                      "the kubelet registers with");
    }
}

static void
judge_features(struct cg_judge *judge, const struct cg_tree *machine)
{
    static const char *const sorts[] = { "v1", "v2", NULL };
    const struct cg_tree *features = cg_check_get(machine, "features");
    const struct cg_tree *dns = cg_check_get(features, "hostDNS");
    const struct cg_tree *sort =
        cg_check_get(features, "nodeAddressSortAlgorithm");
    const struct cg_tree *api =
        cg_check_get(features, "kubernetesTalosAPIAccess");

    if (cg_judge_flag(dns, "forwardKubeDNSToHost", false) &&
        !cg_judge_flag(dns, "enabled", false)) {
        cg_judge_refuse(judge, dns,
                        "machine.features.hostDNS.forwardKubeDNSToHost needs "
                        "hostDNS.enabled");
    }
    if (cg_judge_flag(api, "enabled", false)) {
        cg_judge_refuse(judge, api,
                        "machine.features.kubernetesTalosAPIAccess is for "
                        "control planes only");
    }
    if (sort != NULL && sort->len > 0 &&
        !cg_judge_is_one_of(sort->text, sorts)) {
        cg_judge_refuse(judge, sort,
                        "machine.features.nodeAddressSortAlgorithm is %s, "
                        "expected v1 or v2",
                        cg_judge_quote(judge, sort));
    }
}

static void
judge_disks(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *disks = cg_check_get(machine, "disks");

    for (size_t i = 0; disks != NULL && i < disks->count; i++) {
        const struct cg_tree *parts =
            cg_check_get(disks->items[i], "partitions");

        for (size_t k = 0; parts != NULL && k + 1 < parts->count; k++) {
            double size = 0;

            (void)cg_value_bytes(cg_judge_text(parts->items[k], "size"), &size);
            if (!(size >= 1)) {
                cg_judge_refuse(judge, parts->items[k],
                                "machine.disks[%zu].partitions[%zu] has no "
                                "size; only the last one may fill the disk",
                                i, k);
            }
        }
    }
}

static void
judge_encryption(struct cg_judge *judge, const struct cg_tree *machine)
{
    static const char *const volumes[] = { "state", "ephemeral" };
    static const char *const methods[] = { "static", "nodeID", "kms", "tpm" };
    const struct cg_tree *both = cg_check_get(machine, "systemDiskEncryption");

    for (size_t v = 0; v < 2; v++) {
        const struct cg_tree *one = cg_check_get(both, volumes[v]);
        const struct cg_tree *keys = cg_check_get(one, "keys");

        if (one != NULL && (keys == NULL || keys->count == 0)) {
            cg_judge_refuse(judge, one,
                            "machine.systemDiskEncryption.%s has no keys",
                            volumes[v]);
        }
        for (size_t i = 0; keys != NULL && i < keys->count; i++) {
            bool has_method = false;

            for (size_t m = 0; m < 4; m++) {
                has_method = has_method ||
                             cg_check_get(keys->items[i], methods[m]) != NULL;
            }
            if (!has_method) {
                cg_judge_refuse(judge, keys->items[i],
                                "machine.systemDiskEncryption.%s: key %zu has "
                                "no method",
                                volumes[v], i);
            }
            for (size_t k = 0; k < i; k++) {
                if (cg_judge_number(keys->items[i], "slot", 0) ==
                    cg_judge_number(keys->items[k], "slot", 0)) {
                    cg_judge_refuse(judge, keys->items[i],
                                    "machine.systemDiskEncryption.%s: two keys "
                                    "in one slot",
                                    volumes[v]);
                }
            }
        }
    }
}

static void
judge_logging(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *list =
        cg_check_get(cg_check_get(machine, "logging"), "destinations");

    for (size_t i = 0; list != NULL && i < list->count; i++) {
        const struct cg_tree *endpoint =
            cg_check_get(list->items[i], "endpoint");
        const struct cg_tree *format = cg_check_get(list->items[i], "format");
        struct cg_url url = { 0 };

        if (endpoint == NULL || !cg_url_parse(endpoint->text, &url) ||
            url.host.len == 0 ||
            !(ea_bytes_equal(url.scheme, EA_BYTES("tcp")) ||
              ea_bytes_equal(url.scheme, EA_BYTES("udp")))) {
            cg_judge_refuse(judge, endpoint,
                            "machine.logging.destinations[%zu].endpoint is no "
                            "tcp:// or udp:// URL with a host",
                            i);
        }
        if (!cg_tree_is_text(format, "json_lines")) {
            cg_judge_refuse(judge, format,
                            "machine.logging.destinations[%zu].format is not "
                            "json_lines",
                            i);
        }
    }
}

static void
judge_registries(struct cg_judge *judge, const struct cg_tree *machine)
{
    static const char *const maps[] = { "config", "mirrors" };
    const struct cg_tree *both = cg_check_get(machine, "registries");

    for (size_t m = 0; m < 2; m++) {
        const struct cg_tree *map = cg_check_get(both, maps[m]);

        for (size_t i = 0; map != NULL && i < map->count; i++) {
            if (cg_tree_type(map->entries[i].value) == CG_TYPE_NULL) {
                cg_judge_refuse(judge, map->entries[i].value,
                                "machine.registries.%s: '%s' is empty", maps[m],
                                map->entries[i].key);
            }
        }
    }
}

/* Talos decodes it as an OCI runtime specification, whose types are not in our
 * table. */
static void
judge_runtime_spec(struct cg_judge *judge, const struct cg_tree *machine)
{
    const struct cg_tree *spec =
        cg_check_get(machine, "baseRuntimeSpecOverrides");

    if (spec != NULL && spec->count > 0) {
        cg_judge_warn(judge, spec, "spec-unchecked",
                      "machine.baseRuntimeSpecOverrides is not checked here; "
                      "Talos refuses fields of another type than the OCI "
                      "runtime specification's");
    }
}

void
cg_judge_machine(struct cg_judge *judge)
{
    const struct cg_tree *machine = cg_check_get(judge->doc, "machine");
    const struct cg_tree *persist = cg_check_get(judge->doc, "persist");

    if (machine == NULL) {
        cg_judge_refuse(judge, NULL, "machine is missing");
        return;
    }
    if (!cg_judge_flag(judge->doc, "persist", true)) {
        cg_judge_refuse(judge, persist, "persist must not be false");
    }
    judge_type(judge, machine);
    judge_authority(judge, machine);
    judge_install(judge, machine);
    judge_features(judge, machine);
    judge_kubelet(judge, machine);
    judge_labels(judge, machine);
    judge_annotations(judge, machine);
    judge_taints(judge, machine);
    judge_disks(judge, machine);
    judge_encryption(judge, machine);
    judge_logging(judge, machine);
    judge_registries(judge, machine);
    judge_runtime_spec(judge, machine);
    cg_judge_interfaces(judge);
}
