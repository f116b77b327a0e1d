/*
 * Enrollment: the one record of a node and the function that answers an event,
 * (record, policy, facts, now) -> decision. This is the state table of DESIGN
 * section 5 and part 1 of the model, row for row and word for word; it reads no
 * clock, makes no randomness and touches nothing but its arguments. The glue
 * and `edge-auth explain` call the same function.
 *
 * Times are seconds since 1970. A zeroed record was never armed, a zeroed
 * decision refuses.
 */
#ifndef EA_ENROLL_H
#define EA_ENROLL_H

#include "ea_nodes.h"
#include "ea_reason.h"

#define EA_ATTEMPTS_MAX 8
#define EA_SLOTS_MAX 8
#define EA_KEYS_MAX 16
#define EA_DELETE_MAX 64
#define EA_SOURCE_MAX 49 /* "2001:db8::/64" with its NUL fits */
#define EA_KEY_ID_MAX 47
#define EA_DEVICE_MAX 63
#define EA_CODE_LEN 6  /* Crockford characters an operator types */
#define EA_POLL_LEN 26 /* 130 bit */

#define EA_CLAIM_WINDOW                                                        \
    14400u                   /* s: a claim's deadline is at least now + 4 h    \
                              */
#define EA_BODY_WINDOW 9000u /* s: 150 min to install and join */
#define EA_D_MAX 32u         /* durable exposures of one attempt */

enum ea_state {
    EA_STATE_NONE = 0,
    EA_STATE_ARMED,
    EA_STATE_CLAIMED,
    EA_STATE_DELIVERED,
    EA_STATE_JOINED,
    EA_STATE_REVOKED,
    EA_STATE_RETIRED
};
enum ea_hold { EA_HOLD_NONE = 0, EA_HOLD_REDELIVER, EA_HOLD_CLONE };

const char *ea_state_word(enum ea_state state);
const char *ea_hold_word(enum ea_hold hold);

struct ea_attempt {
    uint16_t n;
    uint8_t pepper_id; /* id of the key its ticket was made with */
    uint8_t salt[EA_SALT_LEN];
    uint32_t d; /* durable exposures since the operator last said go */
    uint32_t w; /* whole bodies handed over */
};

/* A machine that waits for the operator's word, with the facts of its claim. */
struct ea_slot {
    char code[EA_CODE_LEN + 1];
    char poll[EA_POLL_LEN + 1];
    uint16_t n; /* the attempt it was approved as, 0: not yet */
    struct ea_ids ids;
    char source[EA_SOURCE_MAX + 1];
    uint8_t spki[EA_SHA256_LEN];
};

struct ea_key_ref {
    uint16_t n;
    char id[EA_KEY_ID_MAX + 1];
};

struct ea_record {
    uint32_t number;
    uint64_t rev; /* of the store: what a compare-and-put compares */
    uint16_t gen;
    uint32_t epoch;
    enum ea_state state;
    enum ea_mode mode;
    uint64_t expiry, deadline;
    enum ea_hold hold;
    uint16_t n, cur, floor; /* highest attempt, the served one, and up to where
                               tickets prove nothing more */
    uint32_t r;             /* claims after a whole body */
    size_t attempts_count;
    struct ea_attempt attempts[EA_ATTEMPTS_MAX];
    struct ea_ids ids;              /* as recorded at the first claim */
    char source[EA_SOURCE_MAX + 1]; /* of the served attempt */
    uint8_t spki[EA_SHA256_LEN];    /* SHA-256 of the client key; zero: none */
    size_t slots_count;
    struct ea_slot slots[EA_SLOTS_MAX];
    size_t keys_count;
    struct ea_key_ref keys[EA_KEYS_MAX];
    size_t delete_count; /* key ids that keyd has to delete */
    char delete_ids[EA_DELETE_MAX][EA_KEY_ID_MAX + 1];
    char device[EA_DEVICE_MAX + 1];
    bool exposed;        /* exposed_at is set */
    uint64_t exposed_at; /* first exposure of this generation */
};

/* What inventory, site and store say about the node. The limits stand here so
 * that the model's samples, which use small ones, can be replayed. */
struct ea_policy {
    enum ea_mode mode;
    char uuid[EA_UUID_LEN + 1], serial[EA_SERIAL_MAX + 1]; /* "": undeclared */
    size_t macs_count;
    char macs[EA_MACS_MAX][EA_MAC_LEN + 1];
    bool need_token, need_cert, bind_source;
    bool window_open; /* for claims of an armed node */
    bool role_ok;
    bool mint; /* the node's config carries a key that is minted */
    uint32_t redeliver;
    uint64_t ttl, claim_window, body_window;
    uint32_t d_max;
    uint16_t n_max, gen_max;
    size_t attempts_max, slots_max, keys_max;
    uint32_t epoch, site_gen;
};

/* Fills a policy from the facts of the store with the limits above; the caller
 * sets epoch and site_gen. slots_max is 0: nothing that polls exists yet, so a
 * hold is left by `node arm`. */
void ea_policy_from(const struct ea_site *site, const struct ea_node *node,
                    struct ea_policy *ret_policy);

enum ea_event {
    EA_EVENT_NONE = 0,
    EA_EVENT_CLAIM, /* polls too */
    EA_EVENT_GET,
    EA_EVENT_MINTED, /* key events */
    EA_EVENT_HANDED,
    EA_EVENT_USED,
    EA_EVENT_DELETED,
    EA_EVENT_ARM, /* verbs */
    EA_EVENT_RESET,
    EA_EVENT_REVOKE,
    EA_EVENT_RETIRE,
    EA_EVENT_APPROVE,
    EA_EVENT_DENY,
    EA_EVENT_EXTEND,
    EA_EVENT_CONFIRM,
    EA_EVENT_REBIND
};

struct ea_facts {
    enum ea_event event;
    bool store_ok; /* store and clock up, outcome of an own write known */
    bool keyd_ok;
    struct { /* a token with the right tag that is in the store */
        bool set;
        enum ea_token_kind kind;
        uint32_t gen, epoch;
    } token;
    bool cert_ok; /* valid in this handshake, not denied, SAN fits */
    uint8_t spki[EA_SHA256_LEN];
    struct ea_ids ids;
    bool foreign; /* one of the ids belongs to another node */
    char source[EA_SOURCE_MAX + 1];
    uint16_t seen_n;           /* the record's n when the request arrived */
    uint8_t salt[EA_SALT_LEN]; /* fresh, used if a ticket is made */
    uint8_t pepper_id;         /* the writing key, recorded with the attempt */
    struct { /* a ticket with the right tag; gen and n are in its text */
        bool set;
        uint16_t gen, n;
        bool epoch_ok;  /* not known to be of another epoch */
        bool secret_ok; /* made from the salt of attempt n in the record */
    } ticket;
    char poll[EA_POLL_LEN + 1]; /* the poll secret presented, or "" */
    uint32_t live;              /* bit i: slots[i] polled in the last 2 min */
    char slot_code[EA_CODE_LEN + 1]; /* request: fresh code and poll secret; */
    char slot_poll[EA_POLL_LEN + 1]; /* verb: the code typed, or "" */
    uint16_t gen, n; /* key event: the key's generation and attempt; verb: n =
                        ticket tail */
    char key[EA_KEY_ID_MAX + 1];
    char device[EA_DEVICE_MAX + 1];
    uint64_t by; /* extend: seconds */
    bool forget; /* arm: forget learned ids */
};

enum ea_reply {
    EA_REPLY_REFUSE = 0, /* uniform script on the claim leg, KE-403 on GET */
    EA_REPLY_BUSY,       /* 503: nothing spent, try again */
    EA_REPLY_CONFLICT,   /* KE-409 */
    EA_REPLY_LOCAL,      /* boot the disk */
    EA_REPLY_CODE,       /* show slots[slot] and poll */
    EA_REPLY_HELD,       /* a hold, and no slot can be had (slots_max 0) */
    EA_REPLY_SCRIPT,     /* ticket n */
    EA_REPLY_CONFIG,     /* exposed: mint */
    EA_REPLY_SEND,       /* key recorded: 200 and body */
    EA_REPLY_DONE,       /* verb or key event carried out */
    EA_REPLY_REFUSED,    /* verb does not apply */
    EA_REPLY_NOTHING     /* key event without effect */
};
const char *ea_reply_word(enum ea_reply reply);

/* Audit events that are more than the row itself. */
enum ea_mark {
    EA_MARK_NONE = 0,
    EA_MARK_ALARM,   /* ids or uuid of other hardware */
    EA_MARK_RECLAIM, /* claimed again after a delivery */
    EA_MARK_CLONE,   /* a superseded ticket came back */
    EA_MARK_JOINED,
    EA_MARK_TWIN,
    EA_MARK_STRAY,
    EA_MARK_OVERDUE,   /* a config left, and its time passed without a join */
    EA_MARK_DUPLICATE, /* a node joined, and another device has its name */
    EA_MARK_UNKNOWN    /* a device with our tags that no enrollment explains */
};
const char *ea_mark_word(enum ea_mark mark);

struct ea_decision {
    enum ea_reply reply;
    const char *row; /* of the state table: "3", "16a", "deny"; static */
    enum ea_reason reason;
    uint16_t n;                 /* the attempt meant, 0: none */
    char slot[EA_CODE_LEN + 1]; /* code of the slot meant, or "" */
    enum ea_mark mark;
    bool writes; /* *ret_new holds the record to put at record->rev */
};

/* Decides one event. In the policy attempts_max and keys_max are at least 1,
 * and no *_max is more than the EA_*_MAX of its array.
 *
 * The id of a key must not get lost before keyd has deleted it. When the list
 * of ids to delete has no room (EA_DELETE_MAX; keyd was away for long), reason
 * keyd says so and nothing is written: arm, reset and confirm give REFUSED,
 * minted (the key is sent to nobody and keyd's sweep finds it) and used give
 * BUSY. Revoke and retire win all the same: the sweep finds what then is in no
 * record.
 *
 * ret_new is a copy of the record with the change, or unspecified when nothing
 * is written. A loser of the compare-and-put calls it again with the record it
 * lost to. */
void ea_enroll_decide(const struct ea_record *record,
                      const struct ea_policy *policy,
                      const struct ea_facts *facts, uint64_t now,
                      struct ea_decision *ret_decision,
                      struct ea_record *ret_new);

/* Is what a claim presents genuine, for what is in force now? EA_REASON_NONE:
 * yes. Otherwise unknown, or, where one of two credentials is genuine, what is
 * wrong with the other: listener (no certificate was asked for: spki is zero),
 * cert-identity, token-missing. */
enum ea_reason ea_enroll_credential(const struct ea_record *record,
                                    const struct ea_policy *policy,
                                    const struct ea_facts *facts);

/* Computed, never written. */
bool ea_record_is_closed(const struct ea_record *record, uint64_t now);

/* NULL if it is not among the kept ones. */
const struct ea_attempt *ea_record_attempt(const struct ea_record *record,
                                           uint16_t n);

#endif
