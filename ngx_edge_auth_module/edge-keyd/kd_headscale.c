/*
 * Headscale's REST API v1 (0.29): pre-authentication keys of one user that
 * nobody else mints for, since its keys have no description: every unused key
 * of that user which no record names is an orphan.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ea_number.h"
#include "kd_provider.h"

static void
ask(struct kd_exchange *exchange, const char *method, const char *path)
{
    kd_exchange_begin(exchange, method);
    (void)snprintf(exchange->path, sizeof(exchange->path), "%s", path);
}

static bool
is_number(const char *id)
{
    uint64_t value;

    return ea_number_parse(ea_bytes_of(id), 1, UINT64_MAX, "id", &value, NULL);
}

/* ---- mint ---- */

static bool
format_mint(const struct kd_call *call, char *body, size_t size)
{
    const struct kd_request *req = call->request;
    uint64_t from = req->deadline > call->now ? req->deadline : call->now;
    json_t *root;
    char expires[21];

    kd_time_format(from + KD_AFTER_CLOSE, expires);
    root = json_pack("{s:s,s:b,s:b,s:s,s:o}", "user", call->identity->user,
                     "reusable", 0, "ephemeral", 0, "expiration", expires,
                     "aclTags", kd_tags_json(req));
    return kd_body_dump(root, body, size);
}

static enum kd_next
read_mint(struct kd_call *call, const struct kd_response *last)
{
    struct ea_keyd_minted *minted = &call->result->minted;
    const char *id, *text;
    json_t *root, *key;

    if (last->status != 200) {
        return kd_call_fail(call, last);
    }
    root = kd_response_json(last);
    key = json_object_get(root, "preAuthKey");
    id = kd_json_text(key, "id");
    text = kd_json_text(key, "key");
    call->result->outcome = EA_KEYD_API;
    minted->expires = kd_time_parse(kd_json_text(key, "expiration"));
    if (is_number(id) && strlen(id) <= EA_KEY_ID_MAX &&
        kd_is_id(text, 1, EA_KEYD_KEY_MAX) &&
        !json_is_true(json_object_get(key, "reusable")) &&
        !json_is_true(json_object_get(key, "ephemeral")) &&
        minted->expires > call->request->deadline) {
        memcpy(minted->id, id, strlen(id) + 1);
        memcpy(minted->key.text, text, strlen(text) + 1);
        call->result->outcome = EA_KEYD_OK;
    }
    json_decref(root);
    return KD_NEXT_DONE;
}

static enum kd_next
mint(struct kd_call *call, const struct kd_response *last,
     struct kd_exchange *exchange)
{
    if (last != NULL) {
        return read_mint(call, last);
    }
    ask(exchange, "POST", "/api/v1/preauthkey");
    exchange->content_type = "application/json";
    if (!format_mint(call, exchange->body, sizeof(exchange->body))) {
        return kd_call_done(call, EA_KEYD_BAD);
    }
    return KD_NEXT_SEND;
}

/* ---- check ---- */

/* The key of the list with this id, borrowed from root; NULL: none. */
static const json_t *
find_key(const json_t *root, const char *id)
{
    const json_t *key;
    size_t i;

    json_array_foreach(json_object_get(root, "preAuthKeys"), i, key)
    {
        if (strcmp(kd_json_text(key, "id"), id) == 0) {
            return key;
        }
    }
    return NULL;
}

/* A node says which key it came with: no need to go by its name. */
static enum kd_next
read_nodes(struct kd_call *call, const struct kd_response *last)
{
    struct ea_keyd_checked *checked = &call->result->checked;
    const json_t *node;
    json_t *root;
    size_t i;

    if (last->status != 200) {
        return kd_call_fail(call, last);
    }
    root = kd_response_json(last);
    if (!json_is_array(json_object_get(root, "nodes"))) {
        json_decref(root);
        return kd_call_done(call, EA_KEYD_API);
    }
    json_array_foreach(json_object_get(root, "nodes"), i, node)
    {
        const char *id = kd_json_text(node, "id");
        const char *key =
            kd_json_text(json_object_get(node, "preAuthKey"), "id");

        if (strcmp(key, call->request->id) == 0 &&
            kd_is_id(id, 1, EA_DEVICE_MAX)) {
            memcpy(checked->device, id, strlen(id) + 1);
            checked->devices++;
        }
    }
    json_decref(root);
    return kd_call_done(call, EA_KEYD_OK);
}

static enum kd_next
check(struct kd_call *call, const struct kd_response *last,
      struct kd_exchange *exchange)
{
    const json_t *key;
    json_t *root;
    bool used;

    if (last == NULL) {
        ask(exchange, "GET", "/api/v1/preauthkey");
        return KD_NEXT_SEND;
    }
    if (call->step > 1) {
        return read_nodes(call, last);
    }
    if (last->status != 200) {
        return kd_call_fail(call, last);
    }
    root = kd_response_json(last);
    if (!json_is_array(json_object_get(root, "preAuthKeys"))) {
        json_decref(root);
        return kd_call_done(call, EA_KEYD_API);
    }
    key = find_key(root, call->request->id);
    used = json_is_true(json_object_get(key, "used"));
    json_decref(root);
    if (!used) {
        return kd_call_done(call, EA_KEYD_OK);
    }
    call->result->checked.used = true;
    ask(exchange, "GET", "/api/v1/node");
    return KD_NEXT_SEND;
}

/* ---- delete, forget ---- */

static enum kd_next
gone(struct kd_call *call, const struct kd_response *last)
{
    if (last->status == 200 || last->status == 404) {
        return kd_call_done(call, EA_KEYD_OK);
    }
    return kd_call_fail(call, last);
}

static enum kd_next
remove_one(struct kd_call *call, const struct kd_response *last,
           const char *path, const char *id, struct kd_exchange *exchange)
{
    char where[KD_PATH_MAX];

    if (last != NULL) {
        return gone(call, last);
    }
    if (!is_number(id)) {
        return kd_call_done(call, EA_KEYD_BAD);
    }
    (void)snprintf(where, sizeof(where), "%s%s", path, id);
    ask(exchange, "DELETE", where);
    return KD_NEXT_SEND;
}

/* ---- list ---- */

static bool
read_list(struct kd_call *call, const struct kd_response *last)
{
    const json_t *key;
    json_t *root = kd_response_json(last);
    bool good = json_is_array(json_object_get(root, "preAuthKeys"));
    size_t i;

    kd_listing_clear(call->listing);
    json_array_foreach(json_object_get(root, "preAuthKeys"), i, key)
    {
        struct kd_listed listed = { .known = true };
        const char *id = kd_json_text(key, "id");
        const char *user = kd_json_text(json_object_get(key, "user"), "id");

        listed.ours = strcmp(user, call->identity->user) == 0;
        listed.used = json_is_true(json_object_get(key, "used"));
        listed.created = kd_time_parse(kd_json_text(key, "createdAt"));
        if (listed.ours && kd_is_id(id, 1, EA_KEY_ID_MAX)) {
            memcpy(listed.id, id, strlen(id) + 1);
            good = kd_listing_add(call->listing, &listed) && good;
        }
    }
    kd_listing_sort(call->listing);
    json_decref(root);
    return good;
}

static enum kd_next
list(struct kd_call *call, const struct kd_response *last,
     struct kd_exchange *exchange)
{
    struct ea_keyd_listed *listed = &call->result->listed;
    const struct kd_listed *key;
    struct kd_request attempt = { 0 };

    if (last == NULL && call->request->id[0] == '\0') {
        ask(exchange, "GET", "/api/v1/preauthkey");
        return KD_NEXT_SEND;
    }
    if (last != NULL && (last->status != 200 || !read_list(call, last))) {
        return kd_call_fail(call, last);
    }
    key = kd_listing_after(call->listing, call->request->id);
    while (key != NULL && key->created + KD_YOUNG > call->now) {
        key = kd_listing_after(call->listing, key->id);
    }
    if (key != NULL) {
        memcpy(listed->id, key->id, sizeof(listed->id));
        listed->used = key->used;
        (void)kd_keys_whose(call->keys, key->id, &attempt);
        listed->number = attempt.number;
        listed->gen = attempt.gen;
        listed->n = attempt.n;
    }
    return kd_call_done(call, EA_KEYD_OK);
}

/* ---- devices ---- */

static enum kd_next
devices(struct kd_call *call, const struct kd_response *last,
        struct kd_exchange *exchange)
{
    static const struct kd_device_names names = { "nodes", "id", "name",
                                                  "createdAt", "tags" };

    if (last != NULL) {
        return kd_devices_read(call, last, &names);
    }
    ask(exchange, "GET", "/api/v1/node");
    return KD_NEXT_SEND;
}

static enum kd_next
next(struct kd_call *call, const struct kd_response *last,
     struct kd_exchange *ret_exchange)
{
    if (last != NULL && last->status == 0) {
        return kd_call_done(call, EA_KEYD_API);
    }
    switch (call->request->op) {
    case KD_OP_MINT:
        return mint(call, last, ret_exchange);
    case KD_OP_CHECK:
        return check(call, last, ret_exchange);
    case KD_OP_DELETE:
        return remove_one(call, last,
                          "/api/v1/preauthkey?id=", call->request->id,
                          ret_exchange);
    case KD_OP_FORGET:
        return remove_one(call, last, "/api/v1/node/", call->request->device,
                          ret_exchange);
    case KD_OP_LIST:
        return list(call, last, ret_exchange);
    case KD_OP_DEVICES:
        return devices(call, last, ret_exchange);
    case KD_OP_NONE:
    case KD_OP_METRICS:
    case KD_OP_COUNT:
        break;
    }
    return kd_call_done(call, EA_KEYD_BAD);
}

/* ---- the API key's end ---- */

static void
ask_expiry(struct kd_exchange *ret_exchange)
{
    ask(ret_exchange, "GET", "/api/v1/apikey");
}

/* The key of which only "hskey-api-PREFIX-***" is shown is ours if our secret
 * begins so. */
static bool
is_ours(const struct kd_identity *identity, const char *shown)
{
    size_t len = strlen(shown), stars = strlen("***");

    return len > stars + strlen("hskey-api-") &&
           strcmp(shown + len - stars, "***") == 0 &&
           strncmp(identity->secret, shown, len - stars) == 0;
}

static uint64_t
read_expiry(const struct kd_identity *identity,
            const struct kd_response *response)
{
    json_t *root = response->status == 200 ? kd_response_json(response) : NULL;
    const json_t *key;
    uint64_t expiry = 0;
    size_t i;

    json_array_foreach(json_object_get(root, "apiKeys"), i, key)
    {
        if (is_ours(identity, kd_json_text(key, "prefix"))) {
            expiry = kd_time_parse(kd_json_text(key, "expiration"));
        }
    }
    json_decref(root);
    return expiry;
}

const struct kd_provider kd_headscale = {
    .name = "headscale",
    .key_prefix = "hskey-auth-",
    .base_url = NULL,
    .has_tokens = false,
    .next = next,
    .ask_expiry = ask_expiry,
    .read_expiry = read_expiry,
};
