/*
 * Audit events. An event that changes state is written in the same store
 * transaction as the state; the store gives it its sequence and chains it by
 * hash. Exported as JSON lines. Never a secret.
 */
#ifndef EA_AUDIT_H
#define EA_AUDIT_H

#include "ea_enroll.h"

#define EA_AUDIT_LINE_MAX 2048

struct ea_audit {
    uint64_t time;           /* seconds since 1970 */
    const char *action;      /* "claim", "get", "asset", "arm", "import", ... */
    const char *actor;       /* "gate", or the operator's user name */
    const char *node, *site; /* "" if not known */
    const char *row;         /* of the state table, or "" */
    enum ea_reason reason;
    enum ea_reply reply;
    enum ea_mark mark;
    const char *credential; /* token id, or "" */
    uint16_t gen, n;
    struct ea_ids ids;  /* as presented */
    const char *source; /* client address, or "" */
    const char *ref;    /* reference shown to the operator, or "" */
};

/* One JSON object without newline. Bytes that are not printable ASCII are
 * escaped. Returns the length, 0 if it does not fit into `size`. */
size_t ea_audit_format(const struct ea_audit *event, char *ret_text,
                       size_t size);

/* hash = SHA-256(previous hash | sequence 8 | text): the chain of the audit
 * table. The first previous hash is all zero. */
EA_MUST_CHECK bool ea_audit_chain(const uint8_t previous[static EA_SHA256_LEN],
                                  uint64_t sequence, struct ea_bytes text,
                                  uint8_t ret_hash[static EA_SHA256_LEN]);

#endif
