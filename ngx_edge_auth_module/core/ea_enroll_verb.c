/* The operator's verbs: rows 1, 5, 15, 19, 20 and those without a number. */
#include <string.h>

#include "ea_enroll_private.h"

struct ea_slot *
ea_move_find_code(struct ea_record *rec, const char *code)
{
    for (size_t i = 0; code[0] != '\0' && i < rec->slots_count; i++) {
        if (strcmp(rec->slots[i].code, code) == 0) {
            return &rec->slots[i];
        }
    }
    return NULL;
}

static void
refuse(struct ea_move *m, const char *row, enum ea_reason reason)
{
    m->out->writes = false;
    ea_move_answer(m, EA_REPLY_REFUSED, row, reason);
}

static void
done(struct ea_move *m, const char *row, enum ea_reason reason)
{
    ea_move_answer(m, EA_REPLY_DONE, row, reason);
}

static uint64_t
later(uint64_t a, uint64_t b)
{
    return a > b ? a : b;
}

/* 20: holds and slots go too. */
static void
end(struct ea_move *m)
{
    struct ea_record *rec = ea_move_change(m);
    bool revoke = m->f->event == EA_EVENT_REVOKE;

    if (!ea_move_drop_keys(rec, NULL)) {
        rec->keys_count = 0; /* in no record: the sweep deletes them */
    }
    rec->state = revoke ? EA_STATE_REVOKED : EA_STATE_RETIRED;
    rec->gen = (uint16_t)(rec->gen + (rec->gen >= m->pol->gen_max ? 0 : 1));
    rec->hold = EA_HOLD_NONE;
    rec->slots_count = 0;
    done(m, "20", revoke ? EA_REASON_REVOKED : EA_REASON_RETIRED);
}

/* 1 and `reset`: nothing of the old generation stays but the learned ids and
 * the known device. */
static void
arm(struct ea_move *m)
{
    struct ea_record *rec;
    struct ea_record old;

    if (m->rec->gen >= m->pol->gen_max) {
        refuse(m, "1", EA_REASON_GENERATIONS);
        return;
    }
    rec = ea_move_change(m);
    if (!ea_move_drop_keys(rec, NULL)) {
        refuse(m, "1", EA_REASON_KEYD);
        return;
    }
    old = *rec;
    memset(rec, 0, sizeof(*rec));
    rec->number = old.number;
    rec->rev = old.rev;
    rec->gen = (uint16_t)(old.gen + 1);
    rec->epoch = m->pol->epoch;
    rec->state = EA_STATE_ARMED;
    rec->mode = m->pol->mode;
    rec->expiry = m->now + m->pol->ttl;
    if (m->f->event == EA_EVENT_RESET || !m->f->forget) {
        rec->ids = old.ids;
    }
    memcpy(rec->device, old.device, sizeof(rec->device));
    rec->delete_count = old.delete_count;
    memcpy(rec->delete_ids, old.delete_ids, sizeof(rec->delete_ids));
    done(m, "1", EA_REASON_ARMED);
}

static void
clear_exposures(struct ea_record *rec, uint16_t n)
{
    for (size_t i = 0; i < rec->attempts_count; i++) {
        if (rec->attempts[i].n == n) {
            rec->attempts[i].d = 0;
        }
    }
}

/* The machine that waits in `code` becomes attempt n+1; other slots go. */
static void
pick_slot(struct ea_move *m, struct ea_record *rec)
{
    struct ea_slot slot = *ea_move_find_code(rec, m->f->slot_code);

    if (m->rec->state == EA_STATE_DELIVERED) {
        m->out->mark = EA_MARK_RECLAIM;
    }
    ea_move_next_attempt(m, rec, &slot.ids, slot.source, slot.spki);
    slot.n = rec->n;
    rec->slots[0] = slot;
    rec->slots_count = 1;
}

static bool
is_live(const struct ea_move *m, const struct ea_slot *slot)
{
    return (m->f->live >> (slot - m->new_rec->slots) & 1u) != 0;
}

/* 5, and 15 on a hold: the operator picks one machine, by its code or by the
 * tail of its ticket. From a hold on, every claim needs his word (or a second
 * holder could take the place of the one he picked), and what was issued so far
 * is no evidence any more (floor). */
static void
approve(struct ea_move *m)
{
    bool held = m->rec->hold != EA_HOLD_NONE;
    bool by_code = m->f->slot_code[0] != '\0';
    struct ea_record *rec = ea_move_change(m);
    struct ea_slot *slot = ea_move_find_code(rec, m->f->slot_code);

    if (by_code &&
        (slot == NULL || !is_live(m, slot) || (slot->n != 0 && !held))) {
        refuse(m, "22", EA_REASON_SLOT);
        return;
    }
    if (by_code && rec->n >= m->pol->n_max) {
        refuse(m, "22", EA_REASON_ATTEMPTS);
        return;
    }
    if (held) {
        rec->hold = EA_HOLD_NONE;
        rec->mode = EA_MODE_APPROVE;
        rec->floor = rec->n;
    }
    if (slot != NULL) {
        pick_slot(m, rec);
    } else if (held && ea_record_attempt(rec, m->f->n) != NULL) {
        clear_exposures(rec, m->f->n);
        rec->cur = m->f->n;
        rec->slots_count = 0;
    } else {
        refuse(m, "22", EA_REASON_TICKET);
        return;
    }
    /* A waiting Talos may ask again only after more than an hour: his word must
     * outlive that. */
    rec->deadline = later(rec->deadline, m->now + m->pol->claim_window);
    m->out->n = rec->cur;
    done(m, held ? "15" : "5", EA_REASON_APPROVED);
}

static void
deny(struct ea_move *m)
{
    struct ea_record *rec = ea_move_change(m);
    struct ea_slot *slot = ea_move_find_code(rec, m->f->slot_code);
    size_t at;

    if (slot == NULL) {
        refuse(m, "22", EA_REASON_STATE);
        return;
    }
    at = (size_t)(slot - rec->slots);
    memmove(slot, slot + 1, (rec->slots_count - at - 1) * sizeof(*slot));
    rec->slots_count--;
    done(m, "deny", EA_REASON_DENIED);
}

/* 19: never shortens. The ticket that a waiting node holds lives again, unless
 * there is a hold. */
static void
extend(struct ea_move *m)
{
    struct ea_record *rec = ea_move_change(m);
    uint64_t until = m->now + m->f->by;

    if (rec->state == EA_STATE_ARMED) {
        rec->expiry = later(rec->expiry, until);
    } else {
        clear_exposures(rec, rec->cur);
        rec->deadline = later(rec->deadline, until);
    }
    done(m, "19", EA_REASON_EXTENDED);
}

static void
confirm(struct ea_move *m)
{
    struct ea_record *rec;

    if (m->rec->state != EA_STATE_DELIVERED) {
        refuse(m, "22", EA_REASON_STATE);
        return;
    }
    rec = ea_move_change(m);
    if (!ea_move_drop_keys(rec, NULL)) {
        refuse(m, "confirm", EA_REASON_KEYD);
        return;
    }
    rec->state = EA_STATE_JOINED;
    rec->hold = EA_HOLD_NONE;
    rec->slots_count = 0;
    m->out->mark = EA_MARK_JOINED;
    done(m, "confirm", EA_REASON_JOINED);
}

/* Not once a config may be out: two different machines could hold one of one
 * enrollment. */
static void
rebind(struct ea_move *m)
{
    if (m->rec->state == EA_STATE_DELIVERED) {
        refuse(m, "22", EA_REASON_STATE);
        return;
    }
    ea_move_change(m)->ids = m->f->ids;
    done(m, "rebind", EA_REASON_REBOUND);
}

void
ea_move_verb(struct ea_move *m)
{
    enum ea_event verb = m->f->event;
    bool is_void =
        m->rec->epoch != m->pol->epoch ||
        (!ea_state_is_open(m->rec->state) && m->rec->state != EA_STATE_JOINED);

    if (verb == EA_EVENT_REVOKE || verb == EA_EVENT_RETIRE) {
        end(m);
    } else if (verb == EA_EVENT_ARM || (verb == EA_EVENT_RESET && !is_void)) {
        arm(m);
    } else if (is_void || m->rec->state == EA_STATE_JOINED) {
        refuse(m, "22", is_void ? EA_REASON_UNKNOWN : EA_REASON_JOINED);
    } else if (verb == EA_EVENT_APPROVE) {
        approve(m);
    } else if (verb == EA_EVENT_DENY) {
        deny(m);
    } else if (verb == EA_EVENT_EXTEND) {
        extend(m);
    } else if (verb == EA_EVENT_CONFIRM) {
        confirm(m);
    } else {
        rebind(m);
    }
}
