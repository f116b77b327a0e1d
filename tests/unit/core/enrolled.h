/* A node on record in some state, with an event that passes every check: tests
 * of the decision change one thing and look at the answer. */
#ifndef ENROLLED_H
#define ENROLLED_H

#include "ea_enroll.h"

#define ENROLLED_NOW 1000000u
#define ENROLLED_UUID "00112233-4455-6677-8899-aabbccddeeff"
#define ENROLLED_UUID_SWAPPED "33221100-5544-7766-8899-aabbccddeeff"
#define ENROLLED_UUID_OTHER "00112233-4455-6677-8899-aabbccddeefe"
#define ENROLLED_MAC "52:54:00:00:02:01"
#define ENROLLED_MAC_OTHER "52:54:00:00:02:02"

struct enrolled {
    struct ea_record rec;
    struct ea_policy pol;
    struct ea_facts f;
    uint64_t now;
    struct ea_decision d;
    struct ea_record new_rec;
};

/* Mode allowlist, a node token, generation 2; one attempt once claimed, one
 * exposure and no whole body once delivered. The event is a claim. */
void enrolled_init(struct enrolled *e, enum ea_state state);

/* The event is a GET with the ticket of the served attempt. */
void enrolled_get(struct enrolled *e);

/* A machine waits in slot `code`; it is live. */
void enrolled_add_slot(struct enrolled *e, const char *code);

/* `keys` keys of the served attempt, and so many more on the list of those to
 * delete. */
void enrolled_add_keys(struct enrolled *e, size_t keys, size_t to_delete);

void enrolled_text(char *to, size_t size, const char *text);

void enrolled_decide(struct enrolled *e);

/* Reply, row, reason, and whether something is written, with a message that
 * names the label. */
void enrolled_expect(const struct enrolled *e, const char *label,
                     enum ea_reply reply, const char *row,
                     enum ea_reason reason, bool writes);

#endif
