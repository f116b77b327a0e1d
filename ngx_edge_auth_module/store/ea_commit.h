/*
 * One transition of one node as a store operation: the record at the revision
 * it was read at, the audit event, and what goes with it (a token row).
 * Everything is encoded into the caller's struct, so that it can live in a
 * request pool while the store works on it.
 */
#ifndef EA_COMMIT_H
#define EA_COMMIT_H

#include "ea_audit.h"
#include "ea_store.h"

struct ea_commit {
    struct ea_store_op op; /* submit this; done and context are the caller's */
    struct ea_store_condition condition;
    struct ea_store_write writes[2];
    struct ea_bytes audit;
    uint8_t key[EA_KEY_MAX];
    uint8_t value[EA_RECORD_MAX];
    uint8_t token_key[EA_SHA256_LEN];
    uint8_t token_value[512];
    char audit_text[EA_AUDIT_LINE_MAX];
};

/* `record` is the new one; it replaces revision `rev` (0: there was none). */
EA_MUST_CHECK bool ea_commit_init(struct ea_commit *commit,
                                  const struct ea_record *record, uint64_t rev,
                                  const struct ea_audit *event,
                                  struct ea_error *err);

/* Adds the row of a new token to the same step. */
EA_MUST_CHECK bool ea_commit_add_token(struct ea_commit *commit,
                                       const struct ea_claims *claims,
                                       const struct ea_token_row *row,
                                       struct ea_error *err);

/* After UNKNOWN: is the record that this commit wrote the one in force, or
 * built upon it? Compares the attempt numbers and salts, for a verb the
 * generation and state. */
EA_MUST_CHECK bool ea_commit_is_in(const struct ea_record *written,
                                   const struct ea_record *read);

#endif
