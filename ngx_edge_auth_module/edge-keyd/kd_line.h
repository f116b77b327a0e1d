/*
 * The lines of clients, as edge-keyd sees them: requests are read strictly (a
 * missing, unknown or double member is refused), replies are written in the
 * canonical form that ea_keyd.h describes. No socket, no clock.
 */
#ifndef KD_LINE_H
#define KD_LINE_H

#include "ea_keyd.h"

#define KD_METRICS_MAX 32768 /* bytes of the one reply that may be longer */

enum kd_op {
    KD_OP_NONE = 0,
    KD_OP_MINT,
    KD_OP_CHECK,
    KD_OP_DELETE,
    KD_OP_FORGET,
    KD_OP_LIST,
    KD_OP_DEVICES,
    KD_OP_METRICS,
    KD_OP_COUNT
};
const char *kd_op_word(enum kd_op op);

struct kd_request {
    enum kd_op op;
    uint32_t number;
    uint16_t gen, n;
    char node[EA_NAME_MAX + 1], site[EA_NAME_MAX + 1];
    char hostname[EA_HOSTNAME_MAX + 1];
    size_t tags_count;
    char tags[EA_TAGS_MAX][EA_TAG_MAX + 1];
    uint64_t deadline, since;
    char id[EA_KEY_ID_MAX + 1];     /* check, delete; list: after, "" = start */
    char device[EA_DEVICE_MAX + 1]; /* forget; devices: after */
};

struct kd_result {
    enum ea_keyd_outcome outcome;
    uint32_t retry; /* seconds */
    struct ea_keyd_minted minted;
    struct ea_keyd_checked checked;
    struct ea_keyd_listed listed;
    struct ea_keyd_device device;
};

/* `line` without its line feed. err says what is wrong, and holds nothing of
 * the line. */
EA_MUST_CHECK bool kd_request_parse(struct ea_bytes line,
                                    struct kd_request *ret_request,
                                    struct ea_error *err);

/* Writes the reply to a request (not metrics) with its line feed; its length. A
 * result that the client would not take (a key with other characters) becomes
 * the failure `api`. size is at least EA_KEYD_REPLY_MAX. */
size_t kd_reply_format(enum kd_op op, const struct kd_result *result,
                       char *ret_line, size_t size);

/* Is this text made of letters, digits, "_" and "-", and of min..max of them?
 * All ids, keys and devices are. */
bool kd_is_id(const char *text, size_t min, size_t max);

#endif
