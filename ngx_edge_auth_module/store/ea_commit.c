/* One transition as one store operation: see ea_commit.h. */
#include <string.h>

#include "ea_commit.h"

static struct ea_bytes
bytes(const uint8_t *ptr, size_t len)
{
    return (struct ea_bytes){ (const char *)ptr, len };
}

bool
ea_commit_init(struct ea_commit *commit, const struct ea_record *record,
               uint64_t rev, const struct ea_audit *event, struct ea_error *err)
{
    struct ea_buf buf = { .ptr = commit->value, .cap = sizeof(commit->value) };
    struct ea_bytes key =
        bytes(commit->key, ea_key_number(record->number, commit->key));
    size_t len =
        ea_audit_format(event, commit->audit_text, sizeof(commit->audit_text));

    if (!ea_record_encode(record, &buf)) {
        return ea_fail(err, EA_E_INTERNAL, "the record is longer than %d bytes",
                       EA_RECORD_MAX);
    }
    if (len == 0) {
        return ea_fail(err, EA_E_INTERNAL,
                       "the audit event is longer than %d bytes",
                       EA_AUDIT_LINE_MAX);
    }
    commit->audit = (struct ea_bytes){ commit->audit_text, len };
    commit->condition =
        (struct ea_store_condition){ EA_TABLE_ENROLL, key, rev };
    commit->writes[0] = (struct ea_store_write){
        .table = EA_TABLE_ENROLL,
        .key = key,
        .value = bytes(buf.ptr, buf.len),
    };
    memset(&commit->op, 0, sizeof(commit->op));
    commit->op.conditions = &commit->condition;
    commit->op.conditions_count = 1;
    commit->op.writes = commit->writes;
    commit->op.writes_count = 1;
    commit->op.audit = &commit->audit;
    commit->op.audit_count = 1;
    return true;
}

bool
ea_commit_add_token(struct ea_commit *commit, const struct ea_claims *claims,
                    const struct ea_token_row *row, struct ea_error *err)
{
    struct ea_buf buf = { .ptr = commit->token_value,
                          .cap = sizeof(commit->token_value) };

    if (!ea_token_row_encode(row, &buf)) {
        return ea_fail(err, EA_E_INTERNAL, "the token's row is too long");
    }
    memcpy(commit->token_key, claims->stored, sizeof(commit->token_key));
    commit->writes[1] = (struct ea_store_write){
        .table = EA_TABLE_TOKEN,
        .key = bytes(commit->token_key, sizeof(commit->token_key)),
        .value = bytes(buf.ptr, buf.len),
    };
    commit->op.writes_count = 2;
    return true;
}

/* Everything the written attempts count is in the read ones, or was pushed out
 * by later attempts. */
static bool
has_attempts(const struct ea_record *written, const struct ea_record *read)
{
    for (size_t i = 0; i < written->attempts_count; i++) {
        const struct ea_attempt *a = &written->attempts[i];
        const struct ea_attempt *b = ea_record_attempt(read, a->n);

        if (b == NULL && read->n < a->n + EA_ATTEMPTS_MAX) {
            return false;
        }
        if (b != NULL && (memcmp(a->salt, b->salt, sizeof(a->salt)) != 0 ||
                          b->d < a->d || b->w < a->w)) {
            return false;
        }
    }
    return true;
}

/* Within one generation the states only go forward, in the enum's order. */
bool
ea_commit_is_in(const struct ea_record *written, const struct ea_record *read)
{
    return read->number == written->number && read->gen == written->gen &&
           read->epoch == written->epoch && read->state >= written->state &&
           read->mode == written->mode && read->hold == written->hold &&
           read->n >= written->n && read->floor >= written->floor &&
           read->r >= written->r && read->expiry >= written->expiry &&
           (read->exposed || !written->exposed) && has_attempts(written, read);
}
