/* Rules about the volume documents. */
#include <ctype.h>
#include <string.h>

#include "talos/cg_check.h"
#include "talos/cg_fields.h"
#include "talos/cg_judge.h"
#include "talos/cg_value.h"

/* A partition label has 36 characters, of which Talos takes two. */
#define VOLUME_NAME_MAX 34
#define PCR_MAX 23

static void
judge_name(struct cg_judge *judge, size_t max)
{
    const struct cg_tree *name = cg_check_get(judge->doc, "name");
    const char *text = cg_judge_text(judge->doc, "name");

    if (*text == '\0' || strlen(text) > max) {
        cg_judge_refuse(judge, name, "the name must have 1 to %zu characters",
                        max);
        return;
    }
    for (; *text != '\0'; text++) {
        if (!isalnum((unsigned char)*text) && *text != '-') {
            cg_judge_refuse(judge, name,
                            "the name must be of ASCII letters, digits and "
                            "hyphens");
            return;
        }
    }
}

static bool
is_set(const struct cg_tree *map, const char *key)
{
    const struct cg_tree *value = cg_check_get(map, key);

    return value != NULL && (value->kind != CG_SCALAR || value->len > 0);
}

/* A size in bytes; negative and relative sizes have none. */
static bool
absolute_size(const struct cg_tree *map, const char *key, double *ret)
{
    const char *text = cg_judge_text(map, key);

    return *text != '\0' && *text != '-' && strchr(text, '%') == NULL &&
           cg_value_bytes(text, ret);
}

static void
judge_sizes(struct cg_judge *judge, const struct cg_tree *spec, bool required)
{
    double min = 0, max = 0;
    const char *min_text = cg_judge_text(spec, "minSize");

    if (required && !is_set(spec, "minSize") && !is_set(spec, "maxSize")) {
        cg_judge_refuse(judge, spec,
                        "provisioning has neither minSize nor maxSize");
    }
    if (*min_text == '-') {
        cg_judge_refuse(judge, cg_check_get(spec, "minSize"),
                        "provisioning.minSize is negative");
        (void)cg_value_bytes(min_text + 1, &min);
    } else if (!absolute_size(spec, "minSize", &min)) {
        return;
    }
    if (absolute_size(spec, "maxSize", &max) && min > max) {
        cg_judge_refuse(judge, cg_check_get(spec, "minSize"),
                        "provisioning.minSize is greater than maxSize");
    }
}

static void
judge_provisioning(struct cg_judge *judge, bool required, bool sized)
{
    const struct cg_tree *spec = cg_check_get(judge->doc, "provisioning");
    const struct cg_tree *match =
        cg_check_get(cg_check_get(spec, "diskSelector"), "match");

    if (required && (match == NULL || match->len == 0)) {
        cg_judge_refuse(judge, spec,
                        "provisioning.diskSelector.match is missing");
    }
    cg_judge_cel(judge, match, CG_CEL_DISK);
    if (sized) {
        judge_sizes(judge, spec, required);
    } else if (is_set(spec, "minSize") || is_set(spec, "maxSize") ||
               is_set(spec, "grow")) {
        cg_judge_refuse(judge, spec,
                        "a whole disk has no minSize, maxSize or grow");
    }
}

static void
judge_key(struct cg_judge *judge, const struct cg_tree *keys, size_t index)
{
    static const char *const methods[] = { "static", "nodeID", "kms", "tpm" };
    const struct cg_tree *key = keys->items[index];
    const struct cg_tree *pcrs =
        cg_check_get(cg_check_get(cg_check_get(key, "tpm"), "options"), "pcrs");
    bool has_method = false;

    for (size_t m = 0; m < sizeof(methods) / sizeof(methods[0]); m++) {
        has_method = has_method || cg_check_get(key, methods[m]) != NULL;
    }
    if (!has_method) {
        cg_judge_refuse(judge, key,
                        "encryption.keys[%zu] has none of static, nodeID, kms, "
                        "tpm",
                        index);
    }
    for (size_t k = 0; k < index; k++) {
        if (cg_judge_number(key, "slot", 0) ==
            cg_judge_number(keys->items[k], "slot", 0)) {
            cg_judge_refuse(judge, key,
                            "encryption.keys[%zu] is in the slot of another",
                            index);
        }
    }
    for (size_t i = 0; pcrs != NULL && i < pcrs->count; i++) {
        int64_t pcr;

        if (cg_tree_int(pcrs->items[i], &pcr) && (pcr < 0 || pcr > PCR_MAX)) {
            cg_judge_refuse(judge, pcrs->items[i],
                            "encryption.keys[%zu]: a PCR is from 0 to %d",
                            index, PCR_MAX);
        }
    }
}

static bool
has_provider(const struct cg_tree *spec)
{
    const char *provider = cg_judge_text(spec, "provider");

    return *provider != '\0' && !cg_fields_has_word("none", provider);
}

static bool
has_encryption(const struct cg_judge *judge)
{
    const struct cg_tree *spec = cg_check_get(judge->doc, "encryption");

    return has_provider(spec) || cg_judge_count(spec, "keys") > 0;
}

static void
judge_encryption(struct cg_judge *judge)
{
    const struct cg_tree *spec = cg_check_get(judge->doc, "encryption");
    const struct cg_tree *keys = cg_check_get(spec, "keys");

    if (!has_encryption(judge)) {
        return;
    }
    if (!has_provider(spec)) {
        cg_judge_refuse(judge, spec, "encryption.provider is not luks2");
    }
    if (keys == NULL || keys->count == 0) {
        cg_judge_refuse(judge, spec, "encryption has no keys");
        return;
    }
    for (size_t i = 0; i < keys->count; i++) {
        judge_key(judge, keys, i);
    }
}

/* STATE holds the config itself: it cannot be placed, nor locked to itself. */
static void
judge_state(struct cg_judge *judge)
{
    const struct cg_tree *spec = cg_check_get(judge->doc, "provisioning");
    const struct cg_tree *keys =
        cg_check_get(cg_check_get(judge->doc, "encryption"), "keys");

    if (is_set(spec, "grow") || is_set(spec, "minSize") ||
        is_set(spec, "maxSize") ||
        is_set(cg_check_get(spec, "diskSelector"), "match")) {
        cg_judge_refuse(judge, spec, "the STATE volume takes no provisioning");
    }
    for (size_t i = 0; keys != NULL && i < keys->count; i++) {
        if (cg_judge_flag(keys->items[i], "lockToState", false)) {
            cg_judge_refuse(judge, keys->items[i],
                            "a key of the STATE volume cannot be locked to it");
        }
    }
}

void
cg_judge_volume(struct cg_judge *judge)
{
    static const char *const names[] = { "STATE", "EPHEMERAL", "IMAGECACHE",
                                         NULL };
    const char *name = cg_judge_text(judge->doc, "name");

    if (!cg_judge_is_one_of(name, names)) {
        cg_judge_refuse(judge, cg_check_get(judge->doc, "name"),
                        "the name must be STATE, EPHEMERAL or IMAGECACHE; own "
                        "volumes are UserVolumeConfig or RawVolumeConfig");
        return;
    }
    if (strcmp(name, "STATE") == 0) {
        judge_state(judge);
    }
    judge_provisioning(judge, false, true);
    judge_encryption(judge);
}

void
cg_judge_raw_volume(struct cg_judge *judge)
{
    judge_name(judge, VOLUME_NAME_MAX);
    judge_provisioning(judge, true, true);
    judge_encryption(judge);
}

static void
judge_filesystem(struct cg_judge *judge)
{
    static const char *const types[] = { "", "none", "xfs", "ext4", NULL };
    const struct cg_tree *spec = cg_check_get(judge->doc, "filesystem");
    const struct cg_tree *type = cg_check_get(spec, "type");
    const char *text = cg_judge_text(spec, "type");

    if (!cg_judge_is_one_of(text, types)) {
        cg_judge_refuse(judge, type, "filesystem.type must be xfs or ext4");
    } else if (cg_judge_flag(spec, "projectQuotaSupport", false) &&
               strcmp(text, "ext4") == 0) {
        cg_judge_refuse(judge, type,
                        "filesystem.projectQuotaSupport needs xfs");
    }
}

/* A directory below EPHEMERAL has nothing of its own. */
static void
judge_directory(struct cg_judge *judge)
{
    static const char *const fields[][2] = {
        { "provisioning", "grow" },
        { "provisioning", "minSize" },
        { "provisioning", "maxSize" },
        { "filesystem", "type" },
        { "filesystem", "projectQuotaSupport" },
        { "mount", "disableAccessTime" },
        { "mount", "secure" },
    };
    const struct cg_tree *selector =
        cg_check_get(cg_check_get(judge->doc, "provisioning"), "diskSelector");
    bool is_plain = !is_set(selector, "match") && !has_encryption(judge);

    for (size_t i = 0; i < sizeof(fields) / sizeof(fields[0]); i++) {
        is_plain = is_plain && !is_set(cg_check_get(judge->doc, fields[i][0]),
                                       fields[i][1]);
    }
    if (!is_plain) {
        cg_judge_refuse(judge, NULL,
                        "'volumeType: directory' takes no provisioning, "
                        "encryption, filesystem or mount");
    }
}

void
cg_judge_user_volume(struct cg_judge *judge)
{
    const struct cg_tree *type = cg_check_get(judge->doc, "volumeType");

    judge_name(judge, VOLUME_NAME_MAX);
    if (type != NULL && cg_fields_has_word("directory", type->text)) {
        judge_directory(judge);
        return;
    }
    if (type != NULL && !cg_fields_has_word("partition disk", type->text)) {
        cg_judge_refuse(judge, type,
                        "volumeType must be partition, disk or directory");
        return;
    }
    judge_provisioning(judge, true,
                       type == NULL || !cg_fields_has_word("disk", type->text));
    judge_filesystem(judge);
    judge_encryption(judge);
}

void
cg_judge_existing_volume(struct cg_judge *judge)
{
    const struct cg_tree *match = cg_check_get(
        cg_check_get(cg_check_get(judge->doc, "discovery"), "volumeSelector"),
        "match");

    judge_name(judge, SIZE_MAX);
    if (match == NULL || match->len == 0) {
        cg_judge_refuse(judge, NULL,
                        "discovery.volumeSelector.match is missing");
    }
    cg_judge_cel(judge, match, CG_CEL_VOLUME);
}

void
cg_judge_external_volume(struct cg_judge *judge)
{
    const struct cg_tree *type = cg_check_get(judge->doc, "filesystemType");
    const struct cg_tree *virtiofs =
        cg_check_get(cg_check_get(judge->doc, "mount"), "virtiofs");

    judge_name(judge, VOLUME_NAME_MAX);
    if (type == NULL || !cg_fields_has_word("virtiofs", type->text)) {
        cg_judge_refuse(judge, type, "filesystemType must be virtiofs");
    } else if (*cg_judge_text(virtiofs, "tag") == '\0') {
        cg_judge_refuse(judge, virtiofs, "mount.virtiofs.tag is missing");
    }
}
