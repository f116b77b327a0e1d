/* Shared by the three parts of the decision; see ea_enroll.h. */
#ifndef EA_ENROLL_PRIVATE_H
#define EA_ENROLL_PRIVATE_H

#include "ea_enroll.h"

/* One event being decided. `out` starts as a refusal. */
struct ea_move {
    const struct ea_record *rec;
    const struct ea_policy *pol;
    const struct ea_facts *f;
    uint64_t now;
    struct ea_decision *out;
    struct ea_record *new_rec;
};

void ea_move_answer(struct ea_move *m, enum ea_reply reply, const char *row,
                    enum ea_reason reason);

/* From here on the decision writes: a copy of the record, to be changed. */
struct ea_record *ea_move_change(struct ea_move *m);

/* Attempt n+1 is served, for the machine described; opens the first claim. */
void ea_move_next_attempt(struct ea_move *m, struct ea_record *rec,
                          const struct ea_ids *ids, const char *source,
                          const uint8_t spki[static EA_SHA256_LEN]);

/* All keys but `keep` (may be NULL) go to the delete list. false, and nothing
 * changed, if they do not fit there: an id must not get lost. */
EA_MUST_CHECK bool ea_move_drop_keys(struct ea_record *rec, const char *keep);

/* NULL if there is none with this code. */
struct ea_slot *ea_move_find_code(struct ea_record *rec, const char *code);

bool ea_state_is_ticketed(enum ea_state state); /* claimed, delivered */
bool ea_state_is_open(enum ea_state state);     /* armed, claimed, delivered */

void ea_move_key(struct ea_move *m);  /* rows 11, 12, 16, 16a, deleted */
void ea_move_verb(struct ea_move *m); /* rows 1, 5, 15, 19, 20 and the rest */

#endif
