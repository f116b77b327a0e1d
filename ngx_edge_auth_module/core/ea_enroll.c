/*
 * The state table for requests: rows 2 to 10, 13, 14, 17, 18, 21 to 23. Rows
 * are tried in the order 21, 2, 17, 18, 23, 6, 14, then by number.
 */
#include <string.h>

#include "ea_enroll_private.h"

bool
ea_state_is_ticketed(enum ea_state state)
{
    return state == EA_STATE_CLAIMED || state == EA_STATE_DELIVERED;
}

bool
ea_state_is_open(enum ea_state state)
{
    return state == EA_STATE_ARMED || ea_state_is_ticketed(state);
}

bool
ea_record_is_closed(const struct ea_record *record, uint64_t now)
{
    return (record->state == EA_STATE_ARMED && now >= record->expiry) ||
           (ea_state_is_ticketed(record->state) && now >= record->deadline);
}

const struct ea_attempt *
ea_record_attempt(const struct ea_record *record, uint16_t n)
{
    for (size_t i = 0; i < record->attempts_count; i++) {
        if (record->attempts[i].n == n) {
            return &record->attempts[i];
        }
    }
    return NULL;
}

void
ea_policy_from(const struct ea_site *site, const struct ea_node *node,
               struct ea_policy *ret_policy)
{
    struct ea_policy policy;

    memset(&policy, 0, sizeof(policy));
    policy.mode = site->mode;
    memcpy(policy.uuid, node->uuid, sizeof(policy.uuid));
    memcpy(policy.serial, node->serial, sizeof(policy.serial));
    policy.macs_count = node->macs_count;
    memcpy(policy.macs, node->macs, sizeof(policy.macs));
    policy.need_token = site->require == EA_REQUIRE_TOKEN ||
                        site->require == EA_REQUIRE_TOKEN_CERT;
    policy.need_cert = site->require == EA_REQUIRE_CERT ||
                       site->require == EA_REQUIRE_TOKEN_CERT;
    policy.bind_source = site->bind_source;
    policy.window_open = true;
    policy.role_ok = node->role == EA_NODE_WORKER;
    policy.mint = node->key == EA_KEYS_MINT;
    policy.redeliver = site->redeliver;
    policy.ttl = site->ttl;
    policy.claim_window = EA_CLAIM_WINDOW;
    policy.body_window = EA_BODY_WINDOW;
    policy.d_max = EA_D_MAX;
    policy.n_max = EA_ATTEMPT_MAX;
    policy.gen_max = EA_GEN_MAX;
    policy.attempts_max = EA_ATTEMPTS_MAX;
    policy.keys_max = EA_KEYS_MAX;
    *ret_policy = policy;
}

/* ---- conditions ---- */

static bool
is_token_genuine(const struct ea_record *record, const struct ea_policy *policy,
                 const struct ea_facts *facts)
{
    if (!facts->token.set || facts->token.epoch != policy->epoch) {
        return false;
    }
    switch (facts->token.kind) {
    case EA_TOKEN_KIND_NONE:
        return false;
    case EA_TOKEN_NODE:
        return facts->token.gen == record->gen;
    case EA_TOKEN_SITE:
        return facts->token.gen == policy->site_gen;
    }
    return false;
}

enum ea_reason
ea_enroll_credential(const struct ea_record *record,
                     const struct ea_policy *policy,
                     const struct ea_facts *facts)
{
    static const uint8_t none[EA_SHA256_LEN];
    bool token = is_token_genuine(record, policy, facts);

    if (record->epoch != policy->epoch ||
        !(policy->need_token || policy->need_cert)) {
        return EA_REASON_UNKNOWN;
    }
    if (policy->need_cert && !facts->cert_ok) {
        if (!token) {
            return EA_REASON_UNKNOWN;
        }
        return memcmp(facts->spki, none, sizeof(none)) == 0
                   ? EA_REASON_LISTENER
                   : EA_REASON_CERT_IDENTITY;
    }
    if (policy->need_token && !token) {
        return facts->cert_ok && !facts->token.set ? EA_REASON_TOKEN_MISSING
                                                   : EA_REASON_UNKNOWN;
    }
    return EA_REASON_NONE;
}

/* We issued the credential, for what is in force now. */
static bool
is_genuine(const struct ea_move *m, enum ea_reason *ret_why)
{
    const struct ea_facts *f = m->f;

    *ret_why = EA_REASON_UNKNOWN;
    if (f->event == EA_EVENT_GET) {
        return m->rec->epoch == m->pol->epoch && f->ticket.set &&
               f->ticket.gen == m->rec->gen && f->ticket.epoch_ok;
    }
    *ret_why = ea_enroll_credential(m->rec, m->pol, f);
    return *ret_why == EA_REASON_NONE;
}

/* Both absent, or the same in one of the two SMBIOS byte orders. */
static bool
is_same_uuid(const char *a, const char *b)
{
    return (a[0] == '\0' && b[0] == '\0') || ea_uuid_is_same(a, b);
}

/* Declared ids equal; an undeclared uuid or serial as first recorded. An
 * undeclared MAC does not bind: firmware may fall through to the machine's
 * second NIC at any power-on. */
static bool
has_right_ids(const struct ea_move *m)
{
    const struct ea_policy *pol = m->pol;
    const struct ea_ids *ids = &m->f->ids;
    const struct ea_ids *known =
        ea_ids_is_empty(&m->rec->ids) ? ids : &m->rec->ids;
    const char *uuid = pol->uuid[0] != '\0' ? pol->uuid : known->uuid;
    const char *serial = pol->serial[0] != '\0' ? pol->serial : known->serial;
    bool listed = pol->macs_count == 0;

    if (m->f->foreign || ids->mac[0] == '\0' ||
        (ids->uuid[0] == '\0' && ids->serial[0] == '\0')) {
        return false;
    }
    for (size_t i = 0; i < pol->macs_count; i++) {
        listed = listed || strcmp(pol->macs[i], ids->mac) == 0;
    }
    return listed && is_same_uuid(ids->uuid, uuid) &&
           strcmp(ids->serial, serial) == 0;
}

/* Row 6: the first check that fails, EA_REASON_NONE if none does. */
static enum ea_reason
failed_check(const struct ea_move *m)
{
    const struct ea_record *rec = m->rec;
    const struct ea_facts *f = m->f;
    bool first = rec->state == EA_STATE_ARMED;
    const struct ea_attempt *served = ea_record_attempt(rec, rec->cur);

    if (f->event == EA_EVENT_CLAIM) {
        if (!has_right_ids(m)) {
            return EA_REASON_IDS;
        }
        if (m->pol->need_cert && !first &&
            memcmp(f->spki, rec->spki, sizeof(rec->spki)) != 0) {
            return EA_REASON_CERT;
        }
        if (first && !m->pol->window_open) {
            return EA_REASON_WINDOW;
        }
    } else {
        if (!is_same_uuid(f->ids.uuid, rec->ids.uuid)) {
            return EA_REASON_UUID;
        }
        if (!m->pol->role_ok) {
            return EA_REASON_ROLE;
        }
        if (f->ticket.n == rec->cur && served != NULL &&
            served->d >= m->pol->d_max) {
            return EA_REASON_COUNT;
        }
    }
    if (m->pol->bind_source && !first && strcmp(f->source, rec->source) != 0) {
        return EA_REASON_SOURCE;
    }
    return EA_REASON_NONE;
}

/* ---- writes and answers that several rows share ---- */

void
ea_move_answer(struct ea_move *m, enum ea_reply reply, const char *row,
               enum ea_reason reason)
{
    m->out->reply = reply;
    m->out->row = row;
    m->out->reason = reason;
}

struct ea_record *
ea_move_change(struct ea_move *m)
{
    *m->new_rec = *m->rec;
    m->out->writes = true;
    return m->new_rec;
}

static void
add_attempt(struct ea_move *m, struct ea_record *rec)
{
    size_t keep = m->pol->attempts_max - 1;
    struct ea_attempt *a;

    if (rec->attempts_count > keep) {
        memmove(rec->attempts, rec->attempts + (rec->attempts_count - keep),
                keep * sizeof(rec->attempts[0]));
        rec->attempts_count = keep;
    }
    a = &rec->attempts[rec->attempts_count++];
    memset(a, 0, sizeof(*a));
    a->n = rec->n;
    a->pepper_id = m->f->pepper_id;
    memcpy(a->salt, m->f->salt, sizeof(a->salt));
}

void
ea_move_next_attempt(struct ea_move *m, struct ea_record *rec,
                     const struct ea_ids *ids, const char *source,
                     const uint8_t spki[static EA_SHA256_LEN])
{
    uint64_t window = m->now + m->pol->claim_window;

    rec->n++;
    rec->cur = rec->n;
    memmove(rec->source, source, strlen(source) + 1);
    add_attempt(m, rec);
    if (rec->state == EA_STATE_ARMED) {
        rec->state = EA_STATE_CLAIMED;
        rec->ids = *ids;
        memmove(rec->spki, spki, sizeof(rec->spki));
        rec->deadline = rec->expiry > window ? rec->expiry : window;
    }
}

static const struct ea_slot *
find_poll(const struct ea_record *rec, const char *poll)
{
    for (size_t i = 0; poll[0] != '\0' && i < rec->slots_count; i++) {
        if (ea_ct_equal(rec->slots[i].poll, poll, EA_POLL_LEN)) {
            return &rec->slots[i];
        }
    }
    return NULL;
}

/* Slots that nobody polls make room, except the approved one that is served:
 * shared memory forgets, the operator's word does not. */
static size_t
kept_slots(const struct ea_move *m, struct ea_slot *ret_slots)
{
    const struct ea_record *rec = m->rec;
    size_t count = 0;

    for (size_t i = 0; i < rec->slots_count; i++) {
        const struct ea_slot *slot = &rec->slots[i];

        if ((m->f->live >> i & 1u) != 0 ||
            (slot->n != 0 && slot->n == rec->cur)) {
            ret_slots[count++] = *slot;
        }
    }
    return count;
}

static void
add_slot(const struct ea_move *m, struct ea_record *rec)
{
    struct ea_slot *slot = &rec->slots[rec->slots_count++];

    memset(slot, 0, sizeof(*slot));
    memcpy(slot->code, m->f->slot_code, sizeof(slot->code));
    memcpy(slot->poll, m->f->slot_poll, sizeof(slot->poll));
    memcpy(slot->source, m->f->source, sizeof(slot->source));
    memcpy(slot->spki, m->f->spki, sizeof(slot->spki));
    slot->ids = m->f->ids;
}

/* Rows 4, 9, 14: the machine waits for the operator's word. Polls write
 * nothing, but a new hold (row 9) is written whatever the answer. */
static void
give_code(struct ea_move *m, const char *row, enum ea_reason reason,
          enum ea_hold hold)
{
    const struct ea_slot *mine = find_poll(m->rec, m->f->poll);
    struct ea_slot slots[EA_SLOTS_MAX];
    size_t count = kept_slots(m, slots);
    struct ea_record *rec;

    if (hold != EA_HOLD_NONE) {
        ea_move_change(m)->hold = hold;
    }
    if (mine != NULL) {
        memcpy(m->out->slot, mine->code, sizeof(m->out->slot));
        ea_move_answer(m, EA_REPLY_CODE, row, reason);
        return;
    }
    if (m->pol->slots_max == 0) {
        ea_move_answer(m, EA_REPLY_HELD, row, reason);
        return;
    }
    if (count >= m->pol->slots_max) {
        ea_move_answer(m, EA_REPLY_BUSY, row, EA_REASON_SLOTS);
        return;
    }
    rec = m->out->writes ? m->new_rec : ea_move_change(m);
    memcpy(rec->slots, slots, sizeof(slots[0]) * count);
    rec->slots_count = count;
    add_slot(m, rec);
    memcpy(m->out->slot, m->f->slot_code, sizeof(m->out->slot));
    ea_move_answer(m, EA_REPLY_CODE, row, reason);
}

/* ---- the table ---- */

/* Rows 7, 8, 9: claimed again. A whole body that went out is the difference. */
static void
claim_again(struct ea_move *m)
{
    const struct ea_attempt *served = ea_record_attempt(m->rec, m->rec->cur);
    bool whole = served != NULL && served->w > 0;
    struct ea_record *rec;

    if (whole || m->rec->state == EA_STATE_DELIVERED) {
        m->out->mark = EA_MARK_RECLAIM;
    }
    if (whole && m->rec->r >= m->pol->redeliver) {
        give_code(m, "9", EA_REASON_REDELIVER, EA_HOLD_REDELIVER);
        return;
    }
    rec = ea_move_change(m);
    rec->r += whole ? 1 : 0;
    ea_move_next_attempt(m, rec, &m->f->ids, m->f->source, m->f->spki);
    m->out->n = rec->n;
    ea_move_answer(m, EA_REPLY_SCRIPT, whole ? "8" : "7", EA_REASON_AGAIN);
}

static void
decide_claim(struct ea_move *m)
{
    const struct ea_slot *slot = find_poll(m->rec, m->f->poll);
    struct ea_record *rec;

    /* 5: the approved machine gets its ticket as often as it polls; a reply may
     * get lost. */
    if (slot != NULL && slot->n != 0 && slot->n == m->rec->cur) {
        m->out->n = m->rec->cur;
        ea_move_answer(m, EA_REPLY_SCRIPT, "5", EA_REASON_APPROVED);
        return;
    }
    if (m->rec->mode == EA_MODE_APPROVE) {
        give_code(m, "4", EA_REASON_PENDING, EA_HOLD_NONE);
        return;
    }
    if (m->rec->n >= m->pol->n_max) {
        ea_move_answer(m, EA_REPLY_REFUSE, "22", EA_REASON_ATTEMPTS);
        return;
    }
    if (m->rec->state != EA_STATE_ARMED) {
        claim_again(m);
        return;
    }
    rec = ea_move_change(m);
    ea_move_next_attempt(m, rec, &m->f->ids, m->f->source, m->f->spki);
    m->out->n = rec->n;
    ea_move_answer(m, EA_REPLY_SCRIPT, "3", EA_REASON_CLAIMED);
}

static void
expose(struct ea_move *m)
{
    struct ea_record *rec;

    if (m->pol->mint && !m->f->keyd_ok) {
        ea_move_answer(m, EA_REPLY_BUSY, "21", EA_REASON_KEYD);
        return;
    }
    rec = ea_move_change(m);
    for (size_t i = 0; i < rec->attempts_count; i++) {
        rec->attempts[i].d += rec->attempts[i].n == rec->cur ? 1 : 0;
    }
    rec->state = EA_STATE_DELIVERED;
    if (!rec->exposed) {
        rec->exposed = true;
        rec->exposed_at = m->now;
    }
    m->out->n = rec->cur;
    ea_move_answer(m, EA_REPLY_CONFIG, "10", EA_REASON_EXPOSED);
}

static void
decide_get(struct ea_move *m)
{
    const struct ea_record *rec = m->rec;
    uint16_t n = m->f->ticket.n;

    if (n == rec->cur && m->f->ticket.secret_ok &&
        ea_record_attempt(rec, n) != NULL) {
        expose(m);
        return;
    }
    /* 13: another ticket of this generation. Up to `floor` the operator saw the
     * evidence and picked one. */
    if (n <= rec->floor || n > rec->n || n == rec->cur) {
        ea_move_answer(m, EA_REPLY_CONFLICT, "13", EA_REASON_SUPERSEDED);
        return;
    }
    ea_move_change(m)->hold = EA_HOLD_CLONE;
    m->out->mark = EA_MARK_CLONE;
    ea_move_answer(m, EA_REPLY_CONFLICT, "13", EA_REASON_CLONE);
}

static void
decide_request(struct ea_move *m)
{
    bool claim = m->f->event == EA_EVENT_CLAIM;
    const char *late = claim ? "17" : "18";
    enum ea_reason why = EA_REASON_UNKNOWN;

    if ((!ea_state_is_open(m->rec->state) &&
         m->rec->state != EA_STATE_JOINED) ||
        !is_genuine(m, &why)) {
        ea_move_answer(m, EA_REPLY_REFUSE, "2", why);
        return;
    }
    if (m->rec->state == EA_STATE_JOINED) {
        ea_move_answer(m, claim ? EA_REPLY_LOCAL : EA_REPLY_REFUSE, late,
                       EA_REASON_JOINED);
        return;
    }
    if (ea_record_is_closed(m->rec, m->now)) {
        ea_move_answer(m, EA_REPLY_REFUSE, late, EA_REASON_CLOSED);
        return;
    }
    /* 23: a newer attempt was written since this request arrived. The machine
     * that sent it may have been power-cycled: overtaking the boot that
     * followed, or calling it a clone, would punish that boot. */
    if (m->f->seen_n != m->rec->n) {
        ea_move_answer(m, EA_REPLY_BUSY, "23", EA_REASON_OVERTAKEN);
        return;
    }
    why = failed_check(m);
    if (why != EA_REASON_NONE) {
        if (why == EA_REASON_IDS || why == EA_REASON_UUID) {
            m->out->mark = EA_MARK_ALARM;
        }
        ea_move_answer(m, EA_REPLY_REFUSE, "6", why);
        return;
    }
    if (m->rec->hold != EA_HOLD_NONE && claim) {
        give_code(m, "14", EA_REASON_HELD, EA_HOLD_NONE);
    } else if (m->rec->hold != EA_HOLD_NONE) {
        ea_move_answer(m, EA_REPLY_CONFLICT, "14", EA_REASON_HELD);
    } else if (claim) {
        decide_claim(m);
    } else {
        decide_get(m);
    }
}

void
ea_enroll_decide(const struct ea_record *record, const struct ea_policy *policy,
                 const struct ea_facts *facts, uint64_t now,
                 struct ea_decision *ret_decision, struct ea_record *ret_new)
{
    struct ea_move m = { record, policy, facts, now, ret_decision, ret_new };

    memset(ret_decision, 0, sizeof(*ret_decision));
    ea_move_answer(&m, EA_REPLY_REFUSE, "22", EA_REASON_UNKNOWN);
    if (!facts->store_ok) {
        ea_move_answer(&m, EA_REPLY_BUSY, "21", EA_REASON_STORE);
        return;
    }
    switch (facts->event) {
    case EA_EVENT_NONE:
        return;
    case EA_EVENT_CLAIM:
    case EA_EVENT_GET:
        decide_request(&m);
        return;
    case EA_EVENT_MINTED:
    case EA_EVENT_HANDED:
    case EA_EVENT_USED:
    case EA_EVENT_DELETED:
        ea_move_key(&m);
        return;
    case EA_EVENT_ARM:
    case EA_EVENT_RESET:
    case EA_EVENT_REVOKE:
    case EA_EVENT_RETIRE:
    case EA_EVENT_APPROVE:
    case EA_EVENT_DENY:
    case EA_EVENT_EXTEND:
    case EA_EVENT_CONFIRM:
    case EA_EVENT_REBIND:
        ea_move_verb(&m);
        return;
    }
}
