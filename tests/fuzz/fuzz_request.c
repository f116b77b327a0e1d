/* First byte: the role. What is accepted is spelled exactly as in the table and
 * means the same after the scrub; a query means the same once normalised; an
 * upstream target holds no character but those of its grammar. */
#include <string.h>

#include "ea_request.h"
#include "fuzz.h"

static bool
is_inside(struct ea_bytes part, struct ea_bytes whole)
{
    return part.len == 0 || (part.ptr >= whole.ptr &&
                             part.ptr + part.len <= whole.ptr + whole.len);
}

static void
check_target(enum ea_role role, struct ea_bytes text)
{
    struct ea_target target, again;
    char *scrubbed = malloc(text.len + 1);
    size_t len;

    MUST(scrubbed != NULL);
    ea_target_split(role, text, &target);
    MUST(is_inside(target.credential, text) && is_inside(target.path, text) &&
         is_inside(target.query, text));
    len = ea_target_scrub(&target, scrubbed, text.len + 1);
    MUST(len > 0 && scrubbed[0] == '/');
    MUST(len <= text.len || text.len == 0 || text.ptr[0] != '/');
    if (target.stage != EA_STAGE_NONE) {
        MUST(role != EA_ROLE_NONE && text.len <= EA_TARGET_MAX);
        MUST(memchr(target.path.ptr, '%', target.path.len) == NULL);
        MUST(memmem(target.path.ptr, target.path.len, "..", 2) == NULL ||
             target.stage == EA_STAGE_ASSET);
        MUST(memmem(target.path.ptr, target.path.len, "/.", 2) == NULL);
        MUST(memmem(target.path.ptr, target.path.len, "//", 2) == NULL);
        ea_target_split(role, (struct ea_bytes){ scrubbed, len }, &again);
        /* An asset named like a credential is overwritten. */
        MUST(again.credential.len == 0);
        MUST(again.stage ==
                 (role == EA_ROLE_CONFIG ? EA_STAGE_NONE : target.stage) ||
             memchr(scrubbed, '*', len) != NULL);
    }
    free(scrubbed);
}

static void
check_query(struct ea_bytes text)
{
    struct ea_query query, again;
    bool literal = false;
    char normal[1024], *to = normal;

    if (!ea_query_parse(text, &query, &literal, NULL)) {
        return;
    }
    to += snprintf(to, 512, "uuid=%s&mac=%s&arch=%s&serial=", query.ids.uuid,
                   query.ids.mac, ea_arch_word(query.arch));
    for (const char *at = query.ids.serial; *at != '\0'; at++) {
        to += snprintf(to, 4, "%%%02x", (unsigned char)*at);
    }
    MUST(ea_query_parse((struct ea_bytes){ normal, (size_t)(to - normal) },
                        &again, &literal, NULL));
    MUST(ea_ids_equal(&query.ids, &again.ids) && query.arch == again.arch);
}

static void
check_upstream(const uint8_t *data, size_t size)
{
    struct ea_label label = { .key = "", .value = "" };
    char text[2048];
    size_t len = 0, half = size / 2;

    if (half > 0) {
        memcpy(label.key, data,
               half < EA_LABEL_KEY_MAX ? half : EA_LABEL_KEY_MAX);
        memcpy(label.value, data + half,
               half < EA_LABEL_VALUE_MAX ? half : EA_LABEL_VALUE_MAX);
    }
    if (!ea_upstream_target("ipxe", &label, 1, EA_ARCH_ARM64, text,
                            sizeof(text), &len)) {
        return;
    }
    for (size_t i = 0; i < len; i++) {
        MUST(strchr("abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
                    "0123456789-._~/?=&%",
                    text[i]) != NULL &&
             text[i] != '\0');
    }
    MUST(memchr(text + 6, '/', len - 6) == NULL);
    MUST(memchr(text + 6, '?', len - 6) == NULL);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ea_bytes text;

    if (size == 0) {
        return 0;
    }
    text = (struct ea_bytes){ (const char *)data + 1, size - 1 };
    check_target((enum ea_role)(data[0] % 4), text);
    check_query(text);
    check_upstream(data, size);
    return 0;
}
