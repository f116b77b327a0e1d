/* A request that is taken can be written again from what was read, and reads
 * the same then; no reply to it is one that the gate would not understand. */
#include <stdbool.h>
#include <string.h>

#include "fuzz.h"
#include "kd_line.h"

static size_t
write_tags(const struct kd_request *req, char *text, size_t size)
{
    size_t len = (size_t)snprintf(text, size, "[");

    for (size_t i = 0; i < req->tags_count; i++) {
        len += (size_t)snprintf(text + len, size - len, "%s\"%s\"",
                                i > 0 ? "," : "", req->tags[i]);
    }
    len += (size_t)snprintf(text + len, size - len, "]");
    return len;
}

static size_t
write_again(const struct kd_request *req, char *line, size_t size)
{
    char tags[EA_TAGS_MAX * (EA_TAG_MAX + 3) + 3];

    (void)write_tags(req, tags, sizeof(tags));
    switch (req->op) {
    case KD_OP_MINT:
        return (size_t)snprintf(
            line, size,
            "{\"op\":\"mint\",\"number\":%u,\"gen\":%u,\"n\":%u,\"node\":"
            "\"%s\",\"site\":\"%s\",\"hostname\":\"%s\",\"tags\":%s,"
            "\"deadline\":%llu}",
            req->number, req->gen, req->n, req->node, req->site, req->hostname,
            tags, (unsigned long long)req->deadline);
    case KD_OP_CHECK:
        return (size_t)snprintf(
            line, size,
            "{\"op\":\"check\",\"number\":%u,\"gen\":%u,\"id\":\"%s\","
            "\"hostname\":\"%s\",\"tags\":%s,\"since\":%llu}",
            req->number, req->gen, req->id, req->hostname, tags,
            (unsigned long long)req->since);
    case KD_OP_DELETE:
        return (size_t)snprintf(line, size, "{\"op\":\"delete\",\"id\":\"%s\"}",
                                req->id);
    case KD_OP_FORGET:
        return (size_t)snprintf(
            line, size, "{\"op\":\"forget\",\"device\":\"%s\"}", req->device);
    case KD_OP_LIST:
        return (size_t)snprintf(line, size,
                                "{\"op\":\"list\",\"after\":\"%s\"}", req->id);
    case KD_OP_DEVICES:
        return (size_t)snprintf(
            line, size, "{\"op\":\"devices\",\"after\":\"%s\",\"since\":%llu}",
            req->device, (unsigned long long)req->since);
    case KD_OP_METRICS:
        return (size_t)snprintf(line, size, "{\"op\":\"metrics\"}");
    case KD_OP_NONE:
    case KD_OP_COUNT:
        break;
    }
    abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct kd_request req, again;
    struct kd_result result = { .outcome = EA_KEYD_OK };
    char line[EA_KEYD_REQUEST_MAX], reply[EA_KEYD_REPLY_MAX];
    size_t len;

    memset(&req, 0, sizeof(req));
    memset(&again, 0, sizeof(again));
    if (!kd_request_parse((struct ea_bytes){ (const char *)data, size }, &req,
                          NULL)) {
        return 0;
    }
    len = write_again(&req, line, sizeof(line));
    MUST(len < sizeof(line));
    MUST(kd_request_parse((struct ea_bytes){ line, len }, &again, NULL));
    MUST(memcmp(&req, &again, sizeof(req)) == 0);

    /* a key made of what the client said */
    memcpy(result.minted.id, req.id, sizeof(req.id));
    memcpy(result.minted.key.text, req.hostname, sizeof(req.hostname));
    if (req.op != KD_OP_METRICS) {
        struct ea_keyd_minted minted;
        struct ea_keyd_checked checked;
        struct ea_keyd_listed listed;
        struct ea_keyd_device device;
        struct ea_bytes text = { reply, kd_reply_format(req.op, &result, reply,
                                                        sizeof(reply)) };

        MUST(text.len > 0);
        MUST(req.op != KD_OP_MINT ||
             ea_keyd_read_minted(text, &minted, NULL) != EA_KEYD_OUTAGE);
        MUST(req.op != KD_OP_CHECK ||
             ea_keyd_read_checked(text, &checked, NULL) != EA_KEYD_OUTAGE);
        MUST(req.op != KD_OP_LIST ||
             ea_keyd_read_listed(text, &listed, NULL) != EA_KEYD_OUTAGE);
        MUST(req.op != KD_OP_DEVICES ||
             ea_keyd_read_device(text, &device, NULL) != EA_KEYD_OUTAGE);
        MUST((req.op != KD_OP_DELETE && req.op != KD_OP_FORGET) ||
             ea_keyd_read_done(text, NULL) != EA_KEYD_OUTAGE);
    }
    return 0;
}
