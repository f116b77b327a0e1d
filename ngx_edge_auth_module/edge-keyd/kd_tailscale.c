/*
 * Tailscale's API v2 (https://tailscale.com/api): keys of an OAuth client with
 * the scopes auth_keys and devices:core. Members that are not used here are not
 * looked at: the API grows.
 */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ea_crypto.h"
#include "kd_provider.h"

#define CLOCK_SLACK 120u /* s: their clock against ours */
#define TOKEN_LIFE_DEFAULT 3600

static enum kd_next
get_key(const struct kd_call *call, const char *method, const char *id,
        struct kd_exchange *exchange)
{
    kd_exchange_begin(exchange, method);
    (void)snprintf(exchange->path, sizeof(exchange->path),
                   "/api/v2/tailnet/%s/keys/%s", call->identity->tailnet, id);
    return KD_NEXT_SEND;
}

static enum kd_next
get_devices(const struct kd_call *call, struct kd_exchange *exchange)
{
    kd_exchange_begin(exchange, "GET");
    (void)snprintf(exchange->path, sizeof(exchange->path),
                   "/api/v2/tailnet/%s/devices?fields=default",
                   call->identity->tailnet);
    return KD_NEXT_SEND;
}

/* ---- access token ---- */

/* Ids and secrets of clients have no character that a form would escape; the
 * configuration checks that. */
void
kd_token_request(const struct kd_identity *identity,
                 struct kd_exchange *ret_exchange)
{
    kd_exchange_begin(ret_exchange, "POST");
    (void)snprintf(ret_exchange->path, sizeof(ret_exchange->path),
                   "/api/v2/oauth/token");
    (void)snprintf(ret_exchange->body, sizeof(ret_exchange->body),
                   "grant_type=client_credentials&client_id=%s"
                   "&client_secret=%s",
                   identity->client, identity->secret);
    ret_exchange->content_type = "application/x-www-form-urlencoded";
    ret_exchange->with_token = false;
}

enum ea_keyd_outcome
kd_token_read(const struct kd_response *response, struct ea_keyd_key *ret_token,
              uint64_t *ret_life)
{
    enum ea_keyd_outcome outcome = EA_KEYD_API;
    json_t *root = NULL;
    json_int_t life;
    const char *token;

    if (response->status >= 400 && response->status < 500 &&
        response->status != 408 && response->status != 429) {
        return EA_KEYD_DENIED;
    }
    if (response->status == 200) {
        root = kd_response_json(response);
    }
    token = kd_json_text(root, "access_token");
    life = json_is_integer(json_object_get(root, "expires_in"))
               ? json_integer_value(json_object_get(root, "expires_in"))
               : TOKEN_LIFE_DEFAULT;
    if (kd_is_id(token, 1, EA_KEYD_KEY_MAX) && life > 0) {
        memcpy(ret_token->text, token, strlen(token) + 1);
        *ret_life = (uint64_t)life;
        outcome = EA_KEYD_OK;
    }
    json_decref(root);
    return outcome;
}

/* ---- mint ---- */

static bool
format_mint(const struct kd_call *call, char *body, size_t size)
{
    const struct kd_request *req = call->request;
    char description[51];
    uint64_t life = KD_AFTER_CLOSE;
    json_t *root;

    if (req->deadline > call->now) {
        life += req->deadline - call->now;
    }
    if (life > KD_LIFE_MAX) {
        life = KD_LIFE_MAX;
    }
    kd_description(call->identity, req, description);
    root = json_pack("{s:{s:{s:{s:b,s:b,s:b,s:o}}},s:I,s:s}", "capabilities",
                     "devices", "create", "reusable", 0, "ephemeral", 0,
                     "preauthorized", 1, "tags", kd_tags_json(req),
                     "expirySeconds", (json_int_t)life, "description",
                     description);
    return kd_body_dump(root, body, size);
}

/* A key that may be used twice, or that vanishes, is not what was asked for. */
static bool
is_as_asked(const json_t *root)
{
    const json_t *create = json_object_get(
        json_object_get(json_object_get(root, "capabilities"), "devices"),
        "create");

    return !json_is_true(json_object_get(root, "invalid")) &&
           !json_is_true(json_object_get(create, "reusable")) &&
           !json_is_true(json_object_get(create, "ephemeral"));
}

static enum kd_next
read_mint(struct kd_call *call, const struct kd_response *last)
{
    struct ea_keyd_minted *minted = &call->result->minted;
    json_t *root;
    const char *id, *key;

    if (last->status < 200 || last->status > 299) {
        return kd_call_fail(call, last);
    }
    root = kd_response_json(last);
    id = kd_json_text(root, "id");
    key = kd_json_text(root, "key");
    call->result->outcome = EA_KEYD_API;
    minted->expires = kd_time_parse(kd_json_text(root, "expires"));
    if (kd_is_id(id, 1, EA_KEY_ID_MAX) && kd_is_id(key, 1, EA_KEYD_KEY_MAX) &&
        strncmp(key, kd_tailscale.key_prefix,
                strlen(kd_tailscale.key_prefix)) == 0 &&
        is_as_asked(root) && minted->expires > call->request->deadline) {
        memcpy(minted->id, id, strlen(id) + 1);
        memcpy(minted->key.text, key, strlen(key) + 1);
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
    kd_exchange_begin(exchange, "POST");
    (void)snprintf(exchange->path, sizeof(exchange->path),
                   "/api/v2/tailnet/%s/keys", call->identity->tailnet);
    exchange->content_type = "application/json";
    if (!format_mint(call, exchange->body, sizeof(exchange->body))) {
        return kd_call_done(call, EA_KEYD_BAD);
    }
    return KD_NEXT_SEND;
}

/* ---- check ---- */

static bool
has_tags(const json_t *device, const struct kd_request *req)
{
    const json_t *tags = json_object_get(device, "tags");
    const json_t *tag;
    size_t i, found = 0;

    json_array_foreach(tags, i, tag)
    {
        for (size_t k = 0; k < req->tags_count; k++) {
            const char *text = json_string_value(tag);

            found += text != NULL && strcmp(text, req->tags[k]) == 0;
        }
    }
    return found == req->tags_count;
}

/* A second device of the same name is called NAME-1. */
static bool
has_name(const char *hostname, const struct kd_request *req)
{
    size_t len = strlen(req->hostname);

    if (strncasecmp(hostname, req->hostname, len) != 0) {
        return false;
    }
    hostname += len;
    return hostname[0] == '\0' ||
           (hostname[0] == '-' && hostname[1] != '\0' &&
            strspn(hostname + 1, "0123456789") == strlen(hostname + 1));
}

/* Tailscale does not say which key a device used: a spent key and a new device
 * with our tags and name together are the evidence. */
static enum kd_next
read_devices(struct kd_call *call, const struct kd_response *last)
{
    struct ea_keyd_checked *checked = &call->result->checked;
    const struct kd_request *req = call->request;
    const json_t *device;
    json_t *root;
    size_t i;

    if (last->status != 200) {
        return kd_call_fail(call, last);
    }
    root = kd_response_json(last);
    if (!json_is_array(json_object_get(root, "devices"))) {
        json_decref(root);
        return kd_call_done(call, EA_KEYD_API);
    }
    json_array_foreach(json_object_get(root, "devices"), i, device)
    {
        const char *id = kd_json_text(device, "nodeId");
        uint64_t created = kd_time_parse(kd_json_text(device, "created"));

        if (created + CLOCK_SLACK >= req->since && has_tags(device, req) &&
            has_name(kd_json_text(device, "hostname"), req) &&
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
    json_t *root;
    bool invalid;

    if (last == NULL) {
        return get_key(call, "GET", call->request->id, exchange);
    }
    if (call->step > 1) {
        return read_devices(call, last);
    }
    if (last->status == 200) {
        root = kd_response_json(last);
        invalid = json_is_true(json_object_get(root, "invalid"));
        if (root == NULL || (!invalid && strcmp(kd_json_text(root, "id"),
                                                call->request->id) != 0)) {
            json_decref(root);
            return kd_call_done(call, EA_KEYD_API);
        }
        json_decref(root);
        if (!invalid) {
            return kd_call_done(call, EA_KEYD_OK);
        }
    } else if (last->status != 404) {
        return kd_call_fail(call, last);
    }
    call->result->checked.used = true;
    return get_devices(call, exchange);
}

/* ---- delete, forget ---- */

static enum kd_next
gone(struct kd_call *call, const struct kd_response *last)
{
    if (last->status == 200 || last->status == 204 || last->status == 404) {
        return kd_call_done(call, EA_KEYD_OK);
    }
    return kd_call_fail(call, last);
}

static enum kd_next
delete_key(struct kd_call *call, const struct kd_response *last,
           struct kd_exchange *exchange)
{
    return last != NULL ? gone(call, last)
                        : get_key(call, "DELETE", call->request->id, exchange);
}

static enum kd_next
forget(struct kd_call *call, const struct kd_response *last,
       struct kd_exchange *exchange)
{
    if (last != NULL) {
        return gone(call, last);
    }
    kd_exchange_begin(exchange, "DELETE");
    (void)snprintf(exchange->path, sizeof(exchange->path), "/api/v2/device/%s",
                   call->request->device);
    return KD_NEXT_SEND;
}

/* ---- list ---- */

/* A provider may show keys for long that were used or deleted. One that was
 * looked at and is nobody's to delete stays so: it is not looked at in each
 * sweep again. */
static void
keep_looked(const struct kd_listing *before, struct kd_listed *listed)
{
    const struct kd_listed *known = kd_listing_find(before, listed->id);

    if (known != NULL && known->known && (!known->ours || known->used)) {
        *listed = *known;
    }
}

static bool
read_list(struct kd_call *call, const struct kd_response *last)
{
    struct kd_listing before = *call->listing;
    const json_t *key;
    json_t *root = kd_response_json(last);
    bool good = json_is_array(json_object_get(root, "keys"));
    size_t i;

    *call->listing = (struct kd_listing){ 0 };
    json_array_foreach(json_object_get(root, "keys"), i, key)
    {
        struct kd_listed listed = { 0 };
        const char *id = kd_json_text(key, "id");

        if (kd_is_id(id, 1, EA_KEY_ID_MAX)) {
            memcpy(listed.id, id, strlen(id) + 1);
            keep_looked(&before, &listed);
            good = kd_listing_add(call->listing, &listed) && good;
        }
    }
    kd_listing_sort(call->listing);
    kd_listing_clear(&before);
    json_decref(root);
    return good;
}

/* Only ids are sure to stand in the list: each key is looked at by itself. */
static bool
read_looked(struct kd_call *call, const struct kd_response *last)
{
    struct kd_listed *key = call->looking;
    json_t *root;

    if (last->status == 404) {
        key->known = true;
        key->ours = false;
        return true;
    }
    root = last->status == 200 ? kd_response_json(last) : NULL;
    if (root == NULL) {
        return false;
    }
    key->known = true;
    key->used = json_is_true(json_object_get(root, "invalid"));
    key->created = kd_time_parse(kd_json_text(root, "created"));
    key->ours = kd_description_parse(call->identity,
                                     kd_json_text(root, "description"), key);
    json_decref(root);
    return true;
}

static enum kd_next
list(struct kd_call *call, const struct kd_response *last,
     struct kd_exchange *exchange)
{
    struct ea_keyd_listed *listed = &call->result->listed;
    const char *after =
        call->looking != NULL ? call->looking->id : call->request->id;
    struct kd_listed *key;

    if (last == NULL && call->request->id[0] == '\0') {
        kd_exchange_begin(exchange, "GET");
        (void)snprintf(exchange->path, sizeof(exchange->path),
                       "/api/v2/tailnet/%s/keys?all=true",
                       call->identity->tailnet);
        return KD_NEXT_SEND;
    }
    if (last != NULL && call->looking == NULL &&
        (last->status != 200 || !read_list(call, last))) {
        return kd_call_fail(call, last);
    }
    if (last != NULL && call->looking != NULL && !read_looked(call, last)) {
        return kd_call_fail(call, last);
    }
    key = call->looking;
    if (key == NULL || !key->ours || key->created + KD_YOUNG > call->now) {
        key = kd_listing_after(call->listing, after);
        while (key != NULL && key->known && !key->ours) {
            key = kd_listing_after(call->listing, key->id);
        }
        if (key != NULL && !key->known && call->looks++ < KD_LOOKS_MAX) {
            call->looking = key;
            return get_key(call, "GET", key->id, exchange);
        }
    }
    if (key == NULL) {
        return kd_call_done(call, EA_KEYD_OK); /* the end */
    }
    memcpy(listed->id, key->id, sizeof(listed->id));
    if (!key->known || !key->ours || key->created + KD_YOUNG > call->now) {
        listed->used = true; /* nobody's to delete; go on behind it */
    } else {
        listed->number = key->number;
        listed->gen = key->gen;
        listed->n = key->n;
        listed->used = key->used;
    }
    return kd_call_done(call, EA_KEYD_OK);
}

/* ---- devices ---- */

static enum kd_next
devices(struct kd_call *call, const struct kd_response *last,
        struct kd_exchange *exchange)
{
    static const struct kd_device_names names = { "devices", "nodeId",
                                                  "hostname", "created",
                                                  "tags" };

    return last != NULL ? kd_devices_read(call, last, &names)
                        : get_devices(call, exchange);
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
        return delete_key(call, last, ret_exchange);
    case KD_OP_FORGET:
        return forget(call, last, ret_exchange);
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

const struct kd_provider kd_tailscale = {
    .name = "tailscale",
    .key_prefix = "tskey-auth-",
    .base_url = "https://api.tailscale.com",
    .has_tokens = true,
    .next = next,
};
