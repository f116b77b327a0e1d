/* What providers share: see kd_provider.h. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "ea_number.h"
#include "kd_provider.h"

#define DESCRIPTION_PREFIX "edge-auth "

void
kd_listing_clear(struct kd_listing *listing)
{
    free(listing->keys);
    listing->keys = NULL;
    listing->count = 0;
}

bool
kd_listing_add(struct kd_listing *listing, const struct kd_listed *key)
{
    struct kd_listed *keys;

    if (!kd_is_id(key->id, 1, EA_KEY_ID_MAX)) {
        return false;
    }
    /* grows when the count is a power of two */
    if ((listing->count & (listing->count - 1)) == 0) {
        size_t cap = listing->count == 0 ? 1 : listing->count * 2;

        keys = realloc(listing->keys, cap * sizeof(*keys));
        if (keys == NULL) {
            return false;
        }
        listing->keys = keys;
    }
    listing->keys[listing->count++] = *key;
    return true;
}

static int
compare(const void *a, const void *b)
{
    const struct kd_listed *left = a, *right = b;

    return strcmp(left->id, right->id);
}

void
kd_listing_sort(struct kd_listing *listing)
{
    if (listing->count > 1) {
        qsort(listing->keys, listing->count, sizeof(*listing->keys), compare);
    }
}

const struct kd_listed *
kd_listing_find(const struct kd_listing *listing, const char *id)
{
    struct kd_listed wanted = { 0 };

    if (listing->count == 0 || strlen(id) > EA_KEY_ID_MAX) {
        return NULL;
    }
    memcpy(wanted.id, id, strlen(id) + 1);
    return bsearch(&wanted, listing->keys, listing->count,
                   sizeof(*listing->keys), compare);
}

struct kd_listed *
kd_listing_after(const struct kd_listing *listing, const char *id)
{
    size_t low = 0, high = listing->count;

    while (low < high) {
        size_t middle = low + (high - low) / 2;

        if (strcmp(listing->keys[middle].id, id) > 0) {
            high = middle;
        } else {
            low = middle + 1;
        }
    }
    return low < listing->count ? &listing->keys[low] : NULL;
}

void
kd_exchange_begin(struct kd_exchange *exchange, const char *method)
{
    exchange->method = method;
    exchange->content_type = NULL;
    exchange->body[0] = '\0';
    exchange->with_token = true;
}

json_t *
kd_response_json(const struct kd_response *response)
{
    return json_loadb(response->body.ptr, response->body.len, 0, NULL);
}

const char *
kd_json_text(const json_t *object, const char *name)
{
    const char *text = json_string_value(json_object_get(object, name));

    return text == NULL ? "" : text;
}

json_t *
kd_tags_json(const struct kd_request *request)
{
    json_t *tags = json_array();

    for (size_t i = 0; i < request->tags_count; i++) {
        (void)json_array_append_new(tags, json_string(request->tags[i]));
    }
    return tags;
}

bool
kd_body_dump(json_t *root, char *ret_body, size_t size)
{
    size_t len =
        root == NULL ? 0 : json_dumpb(root, ret_body, size - 1, JSON_COMPACT);

    json_decref(root);
    if (len == 0 || len >= size - 1) {
        return false;
    }
    ret_body[len] = '\0';
    return true;
}

bool
kd_tag_is_allowed(char *const *rules, size_t count, const char *tag)
{
    for (size_t i = 0; i < count; i++) {
        size_t len = strlen(rules[i]);

        if (strcmp(rules[i], tag) == 0 ||
            (len > 0 && rules[i][len - 1] == '*' &&
             strncmp(rules[i], tag, len - 1) == 0)) {
            return true;
        }
    }
    return false;
}

static bool
has_allowed_tag(const struct kd_identity *identity, const json_t *tags)
{
    const json_t *tag;
    size_t i;

    json_array_foreach(tags, i, tag)
    {
        if (json_is_string(tag) &&
            kd_tag_is_allowed(identity->tags, identity->tags_count,
                              json_string_value(tag))) {
            return true;
        }
    }
    return false;
}

/* A hostname is the device's own word: what is no id becomes a hyphen. */
static void
copy_hostname(const char *text, char ret_text[static EA_HOSTNAME_MAX + 1])
{
    size_t len = 0;

    for (; text[len] != '\0' && len < EA_HOSTNAME_MAX; len++) {
        const char one[2] = { text[len], '\0' };

        ret_text[len] = kd_is_id(one, 1, 1) ? text[len] : '-';
    }
    ret_text[len] = '\0';
}

enum kd_next
kd_devices_read(struct kd_call *call, const struct kd_response *response,
                const struct kd_device_names *names)
{
    struct ea_keyd_device *next = &call->result->device;
    const json_t *list, *device;
    json_t *root;
    size_t i;

    if (response->status != 200) {
        return kd_call_fail(call, response);
    }
    root = kd_response_json(response);
    list = json_object_get(root, names->list);
    if (!json_is_array(list)) {
        json_decref(root);
        return kd_call_done(call, EA_KEYD_API);
    }
    json_array_foreach(list, i, device)
    {
        const char *id = kd_json_text(device, names->id);
        uint64_t created = kd_time_parse(kd_json_text(device, names->created));

        if (!kd_is_id(id, 1, EA_DEVICE_MAX) || created == 0 ||
            created < call->request->since ||
            strcmp(id, call->request->device) <= 0 ||
            (next->device[0] != '\0' && strcmp(id, next->device) >= 0) ||
            !has_allowed_tag(call->identity,
                             json_object_get(device, names->tags))) {
            continue;
        }
        memcpy(next->device, id, strlen(id) + 1);
        copy_hostname(kd_json_text(device, names->hostname), next->hostname);
    }
    json_decref(root);
    return kd_call_done(call, EA_KEYD_OK);
}

enum kd_next
kd_call_done(struct kd_call *call, enum ea_keyd_outcome outcome)
{
    call->result->outcome = outcome;
    return KD_NEXT_DONE;
}

enum kd_next
kd_call_fail(struct kd_call *call, const struct kd_response *response)
{
    switch (response->status) {
    case 400:
    case 401:
    case 403:
    case 404:
    case 405:
    case 422:
    case 501:
        call->result->outcome = EA_KEYD_DENIED;
        break;
    default:
        call->result->outcome = EA_KEYD_API;
        break;
    }
    return KD_NEXT_DONE;
}

uint64_t
kd_time_parse(const char *text)
{
    struct tm parts = { 0 };
    const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &parts);
    time_t time;

    if (rest == NULL) {
        return 0;
    }
    if (*rest == '.') {
        rest += 1 + strspn(rest + 1, "0123456789");
    }
    if (strcmp(rest, "Z") != 0 && strcmp(rest, "+00:00") != 0) {
        return 0;
    }
    time = timegm(&parts);
    return time > 0 ? (uint64_t)time : 0;
}

void
kd_time_format(uint64_t time, char ret_text[static 21])
{
    time_t seconds = (time_t)time;
    struct tm parts;

    if (gmtime_r(&seconds, &parts) == NULL ||
        strftime(ret_text, 21, "%Y-%m-%dT%H:%M:%SZ", &parts) == 0) {
        ret_text[0] = '\0';
    }
}

void
kd_description(const struct kd_identity *identity,
               const struct kd_request *attempt, char ret_text[static 51])
{
    (void)snprintf(ret_text, 51, DESCRIPTION_PREFIX "%s %u-%u-%u",
                   identity->instance, attempt->number, attempt->gen,
                   attempt->n);
}

/* Digits up to `stop`, and what follows it. */
static bool
take_number(const char **text, char stop, uint64_t max, uint64_t *ret_value)
{
    size_t len = strspn(*text, "0123456789");
    struct ea_bytes digits = { *text, len };

    if ((*text)[len] != stop ||
        !ea_number_parse(digits, 0, max, "number", ret_value, NULL)) {
        return false;
    }
    *text += len + (stop != '\0');
    return true;
}

bool
kd_description_parse(const struct kd_identity *identity, const char *text,
                     struct kd_listed *ret_listed)
{
    size_t prefix = strlen(DESCRIPTION_PREFIX);
    size_t instance = strlen(identity->instance);
    uint64_t number, gen, n;

    if (strncmp(text, DESCRIPTION_PREFIX, prefix) != 0 ||
        strncmp(text + prefix, identity->instance, instance) != 0 ||
        text[prefix + instance] != ' ') {
        return false;
    }
    text += prefix + instance + 1;
    if (!take_number(&text, '-', EA_NUMBER_MAX, &number) ||
        !take_number(&text, '-', EA_GEN_MAX, &gen) ||
        !take_number(&text, '\0', EA_ATTEMPT_MAX, &n)) {
        return false;
    }
    ret_listed->number = (uint32_t)number;
    ret_listed->gen = (uint16_t)gen;
    ret_listed->n = (uint16_t)n;
    return true;
}
