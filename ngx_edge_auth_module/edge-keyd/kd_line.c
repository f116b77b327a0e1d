/* Requests and replies: see kd_line.h. */
#include <stdio.h>
#include <string.h>

#include <jansson.h>

#include "ea_crypto.h"
#include "kd_line.h"

static const char *const ops[KD_OP_COUNT] = {
    [KD_OP_NONE] = "none",       [KD_OP_MINT] = "mint",
    [KD_OP_CHECK] = "check",     [KD_OP_DELETE] = "delete",
    [KD_OP_FORGET] = "forget",   [KD_OP_LIST] = "list",
    [KD_OP_DEVICES] = "devices", [KD_OP_METRICS] = "metrics",
};

const char *
kd_op_word(enum kd_op op)
{
    return ops[op];
}

bool
kd_is_id(const char *text, size_t min, size_t max)
{
    size_t len = strlen(text);

    return len >= min && len <= max &&
           strspn(text, "abcdefghijklmnopqrstuvwxyz"
                        "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-") == len;
}

/* Names of nodes and sites may have dots as well. */
static bool
copy_name(const char *text, size_t max, char *ret_text)
{
    size_t len = strlen(text);

    if (len == 0 || len > max ||
        strspn(text, "abcdefghijklmnopqrstuvwxyz"
                     "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-.") != len) {
        return false;
    }
    memcpy(ret_text, text, len + 1);
    return true;
}

static bool
copy_id(const char *text, size_t min, size_t max, char *ret_text)
{
    if (!kd_is_id(text, min, max)) {
        return false;
    }
    memcpy(ret_text, text, strlen(text) + 1);
    return true;
}

static bool
copy_tags(const json_t *list, struct kd_request *req)
{
    size_t count = json_array_size(list);

    if (!json_is_array(list) || count == 0 || count > EA_TAGS_MAX) {
        return false;
    }
    for (size_t i = 0; i < count; i++) {
        const char *tag = json_string_value(json_array_get(list, i));

        if (tag == NULL || !ea_keyd_tag_check(ea_bytes_of(tag), NULL)) {
            return false;
        }
        memcpy(req->tags[i], tag, strlen(tag) + 1);
    }
    req->tags_count = count;
    return true;
}

static bool
copy_attempt(json_int_t number, json_int_t gen, json_int_t n,
             struct kd_request *req)
{
    if (number < 1 || number > EA_NUMBER_MAX || gen < 1 || gen > EA_GEN_MAX ||
        n < 0 || n > EA_ATTEMPT_MAX) {
        return false;
    }
    req->number = (uint32_t)number;
    req->gen = (uint16_t)gen;
    req->n = (uint16_t)n;
    return true;
}

static bool
parse_mint(json_t *root, struct kd_request *req)
{
    const char *op, *node, *site, *hostname;
    json_int_t number, gen, n, deadline;
    json_t *tags;

    if (json_unpack_ex(root, NULL, JSON_STRICT,
                       "{s:s,s:I,s:I,s:I,s:s,s:s,s:s,s:o,s:I}", "op", &op,
                       "number", &number, "gen", &gen, "n", &n, "node", &node,
                       "site", &site, "hostname", &hostname, "tags", &tags,
                       "deadline", &deadline) != 0 ||
        deadline < 0 || n < 1) {
        return false;
    }
    req->deadline = (uint64_t)deadline;
    return copy_attempt(number, gen, n, req) &&
           copy_name(node, EA_NAME_MAX, req->node) &&
           copy_name(site, EA_NAME_MAX, req->site) &&
           copy_name(hostname, EA_HOSTNAME_MAX, req->hostname) &&
           copy_tags(tags, req);
}

static bool
parse_check(json_t *root, struct kd_request *req)
{
    const char *op, *id, *hostname;
    json_int_t number, gen, since;
    json_t *tags;

    if (json_unpack_ex(root, NULL, JSON_STRICT, "{s:s,s:I,s:I,s:s,s:s,s:o,s:I}",
                       "op", &op, "number", &number, "gen", &gen, "id", &id,
                       "hostname", &hostname, "tags", &tags, "since",
                       &since) != 0 ||
        since < 0) {
        return false;
    }
    req->since = (uint64_t)since;
    return copy_attempt(number, gen, 0, req) &&
           copy_id(id, 1, EA_KEY_ID_MAX, req->id) &&
           copy_name(hostname, EA_HOSTNAME_MAX, req->hostname) &&
           copy_tags(tags, req);
}

/* The ones with a single member besides "op". */
static bool
parse_single(json_t *root, const char *name, size_t min, size_t max,
             char *ret_text)
{
    const char *op, *text;

    return json_unpack_ex(root, NULL, JSON_STRICT, "{s:s,s:s}", "op", &op, name,
                          &text) == 0 &&
           copy_id(text, min, max, ret_text);
}

static bool
parse_devices(json_t *root, struct kd_request *req)
{
    const char *op, *after;
    json_int_t since;

    if (json_unpack_ex(root, NULL, JSON_STRICT, "{s:s,s:s,s:I}", "op", &op,
                       "after", &after, "since", &since) != 0 ||
        since < 0) {
        return false;
    }
    req->since = (uint64_t)since;
    return copy_id(after, 0, EA_DEVICE_MAX, req->device);
}

static bool
parse(json_t *root, struct kd_request *req)
{
    switch (req->op) {
    case KD_OP_MINT:
        return parse_mint(root, req);
    case KD_OP_CHECK:
        return parse_check(root, req);
    case KD_OP_DELETE:
        return parse_single(root, "id", 1, EA_KEY_ID_MAX, req->id);
    case KD_OP_FORGET:
        return parse_single(root, "device", 1, EA_DEVICE_MAX, req->device);
    case KD_OP_LIST:
        return parse_single(root, "after", 0, EA_KEY_ID_MAX, req->id);
    case KD_OP_DEVICES:
        return parse_devices(root, req);
    case KD_OP_METRICS:
        return json_object_size(root) == 1;
    case KD_OP_NONE:
    case KD_OP_COUNT:
        break;
    }
    return false;
}

bool
kd_request_parse(struct ea_bytes line, struct kd_request *ret_request,
                 struct ea_error *err)
{
    struct kd_request req = { 0 };
    json_t *root;
    const char *op;
    bool good;

    if (line.len >= EA_KEYD_REQUEST_MAX) {
        return ea_fail(err, EA_E_RANGE, "a request is longer than %d bytes",
                       EA_KEYD_REQUEST_MAX);
    }
    root = json_loadb(line.ptr, line.len, JSON_REJECT_DUPLICATES, NULL);
    op = json_string_value(json_object_get(root, "op"));
    for (size_t i = KD_OP_NONE + 1; op != NULL && i < KD_OP_COUNT; i++) {
        if (strcmp(op, ops[i]) == 0) {
            req.op = (enum kd_op)i;
        }
    }
    good = parse(root, &req);
    json_decref(root);
    if (!good) {
        return ea_fail(err, EA_E_SYNTAX,
                       "a request is not one of those in edge-keyd(8)");
    }
    *ret_request = req;
    return true;
}

static int
format(enum kd_op op, const struct kd_result *r, char *line, size_t size)
{
    const char *yes_no = "false";

    switch (op) {
    case KD_OP_MINT:
        if (!kd_is_id(r->minted.id, 1, EA_KEY_ID_MAX) ||
            !kd_is_id(r->minted.key.text, 1, EA_KEYD_KEY_MAX)) {
            return -1;
        }
        return snprintf(line, size,
                        "{\"ok\":true,\"id\":\"%s\",\"key\":\"%s\","
                        "\"expires\":%llu}\n",
                        r->minted.id, r->minted.key.text,
                        (unsigned long long)r->minted.expires);
    case KD_OP_CHECK:
        if (!kd_is_id(r->checked.device, 0, EA_DEVICE_MAX)) {
            return -1;
        }
        yes_no = r->checked.used ? "true" : "false";
        return snprintf(line, size,
                        "{\"ok\":true,\"used\":%s,\"device\":\"%s\","
                        "\"devices\":%u}\n",
                        yes_no, r->checked.device, r->checked.devices);
    case KD_OP_LIST:
        if (!kd_is_id(r->listed.id, 0, EA_KEY_ID_MAX)) {
            return -1;
        }
        yes_no = r->listed.used ? "true" : "false";
        return snprintf(line, size,
                        "{\"ok\":true,\"id\":\"%s\",\"number\":%u,\"gen\":%u,"
                        "\"n\":%u,\"used\":%s}\n",
                        r->listed.id, r->listed.number, r->listed.gen,
                        r->listed.n, yes_no);
    case KD_OP_DEVICES:
        if (!kd_is_id(r->device.device, 0, EA_DEVICE_MAX) ||
            !kd_is_id(r->device.hostname, 0, EA_HOSTNAME_MAX)) {
            return -1;
        }
        return snprintf(line, size,
                        "{\"ok\":true,\"device\":\"%s\",\"hostname\":\"%s\"}\n",
                        r->device.device, r->device.hostname);
    case KD_OP_DELETE:
    case KD_OP_FORGET:
        return snprintf(line, size, "{\"ok\":true}\n");
    case KD_OP_NONE:
    case KD_OP_METRICS:
    case KD_OP_COUNT:
        break;
    }
    return -1;
}

size_t
kd_reply_format(enum kd_op op, const struct kd_result *result, char *ret_line,
                size_t size)
{
    enum ea_keyd_outcome outcome = result->outcome;
    int len = -1;

    if (outcome == EA_KEYD_OK) {
        len = format(op, result, ret_line, size);
    }
    if (len < 0) {
        if (outcome == EA_KEYD_OK || outcome == EA_KEYD_OUTAGE) {
            outcome = EA_KEYD_API;
        }
        len = snprintf(ret_line, size,
                       "{\"ok\":false,\"reason\":\"%s\",\"retry\":%u}\n",
                       ea_keyd_outcome_word(outcome), result->retry);
    }
    return len > 0 && (size_t)len < size ? (size_t)len : 0;
}
