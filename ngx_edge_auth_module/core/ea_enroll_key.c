/* Rows 11, 12, 16, 16a: what the delivery and the key service report, and keys
 * that are deleted. */
#include <string.h>

#include "ea_enroll_private.h"

bool
ea_move_drop_keys(struct ea_record *rec, const char *keep)
{
    struct ea_key_ref kept;
    size_t kept_count = 0, dropped = 0;

    for (size_t i = 0; i < rec->keys_count; i++) {
        dropped += keep == NULL || strcmp(rec->keys[i].id, keep) != 0;
    }
    if (dropped > EA_DELETE_MAX - rec->delete_count) {
        return false;
    }
    for (size_t i = 0; i < rec->keys_count; i++) {
        if (keep != NULL && strcmp(rec->keys[i].id, keep) == 0) {
            kept = rec->keys[i];
            kept_count = 1;
            continue;
        }
        memcpy(rec->delete_ids[rec->delete_count++], rec->keys[i].id,
               sizeof(rec->keys[i].id));
    }
    if (kept_count == 1) {
        rec->keys[0] = kept;
    }
    rec->keys_count = kept_count;
    return true;
}

static bool
has_key(const struct ea_record *rec, const char *id)
{
    for (size_t i = 0; i < rec->keys_count; i++) {
        if (strcmp(rec->keys[i].id, id) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_key_of(const struct ea_record *rec, const struct ea_facts *f)
{
    for (size_t i = 0; i < rec->keys_count; i++) {
        if (f->gen == rec->gen && rec->keys[i].n == f->n &&
            strcmp(rec->keys[i].id, f->key) == 0) {
            return true;
        }
    }
    return false;
}

static bool
is_to_delete(const struct ea_record *rec, const char *id)
{
    for (size_t i = 0; i < rec->delete_count; i++) {
        if (strcmp(rec->delete_ids[i], id) == 0) {
            return true;
        }
    }
    return false;
}

/* Is this report about the attempt that is served? */
static bool
is_current(const struct ea_move *m)
{
    return m->f->gen == m->rec->gen && m->f->n == m->rec->cur &&
           m->rec->state == EA_STATE_DELIVERED;
}

static void
add_key(struct ea_record *rec, const struct ea_facts *f, size_t max)
{
    struct ea_key_ref *key;

    if (rec->keys_count >= max) { /* the oldest makes room */
        memcpy(rec->delete_ids[rec->delete_count++], rec->keys[0].id,
               sizeof(rec->keys[0].id));
        memmove(rec->keys, rec->keys + 1,
                (rec->keys_count - 1) * sizeof(rec->keys[0]));
        rec->keys_count--;
    }
    key = &rec->keys[rec->keys_count++];
    key->n = f->n;
    memcpy(key->id, f->key, sizeof(key->id));
}

/* 11: a newer claim, generation, hold or close ends this delivery. A key that
 * an earlier answer may have carried is kept; one that is already to be deleted
 * is never sent. */
static void
minted(struct ea_move *m)
{
    const struct ea_record *rec = m->rec;
    bool good =
        is_current(m) && rec->hold == EA_HOLD_NONE && m->now < rec->deadline;
    bool have = is_key_of(rec, m->f);
    enum ea_reason why_not = EA_REASON_OVERTAKEN;
    struct ea_record *changed;

    if (have || is_to_delete(rec, m->f->key)) {
        good = good && have;
    } else if (rec->delete_count >= EA_DELETE_MAX) {
        good = false; /* no room to remember it: keyd's sweep finds it */
        why_not = EA_REASON_KEYD;
    } else if (good) {
        add_key(ea_move_change(m), m->f, m->pol->keys_max);
    } else {
        changed = ea_move_change(m);
        memcpy(changed->delete_ids[changed->delete_count++], m->f->key,
               sizeof(m->f->key));
    }
    if (good) {
        m->out->n = m->f->n;
        ea_move_answer(m, EA_REPLY_SEND, "11", EA_REASON_KEY);
    } else {
        ea_move_answer(m, EA_REPLY_BUSY, "11", why_not);
    }
}

/* 12: advisory; losing it only leaves the longer window. */
static void
handed(struct ea_move *m)
{
    uint64_t window = m->now + m->pol->body_window;
    struct ea_record *rec;

    if (!is_current(m)) {
        ea_move_answer(m, EA_REPLY_NOTHING, "12", EA_REASON_OVERTAKEN);
        return;
    }
    rec = ea_move_change(m);
    for (size_t i = 0; i < rec->attempts_count; i++) {
        rec->attempts[i].w += rec->attempts[i].n == m->f->n ? 1 : 0;
    }
    rec->deadline = rec->deadline < window ? rec->deadline : window;
    ea_move_answer(m, EA_REPLY_DONE, "12", EA_REASON_WHOLE);
}

/* 16: a key of this generation was used by a new device; held and closed
 * included. 16a: a second key or device, or a key of a voided generation. */
static void
used(struct ea_move *m)
{
    const struct ea_record *rec = m->rec;
    bool joins = rec->state == EA_STATE_DELIVERED &&
                 strcmp(m->f->device, rec->device) != 0 &&
                 has_key(rec, m->f->key);
    struct ea_record *changed;

    if (!joins) {
        m->out->mark = rec->state == EA_STATE_JOINED && rec->gen == m->f->gen
                           ? EA_MARK_TWIN
                           : EA_MARK_STRAY;
        ea_move_answer(m, EA_REPLY_NOTHING, "16a", EA_REASON_ALARM);
        return;
    }
    changed = ea_move_change(m);
    if (!ea_move_drop_keys(changed, m->f->key)) {
        m->out->writes = false;
        ea_move_answer(m, EA_REPLY_BUSY, "21", EA_REASON_KEYD);
        return;
    }
    changed->state = EA_STATE_JOINED;
    changed->hold = EA_HOLD_NONE;
    changed->slots_count = 0;
    memcpy(changed->device, m->f->device, sizeof(changed->device));
    m->out->mark = EA_MARK_JOINED;
    ea_move_answer(m, EA_REPLY_DONE, "16", EA_REASON_JOINED);
}

/* Gone at the provider: off the list. */
static void
deleted(struct ea_move *m)
{
    struct ea_record *rec;
    size_t at = 0;

    if (!is_to_delete(m->rec, m->f->key)) {
        ea_move_answer(m, EA_REPLY_NOTHING, "deleted", EA_REASON_KEY);
        return;
    }
    rec = ea_move_change(m);
    while (strcmp(rec->delete_ids[at], m->f->key) != 0) {
        at++;
    }
    rec->delete_count--;
    memmove(rec->delete_ids[at], rec->delete_ids[at + 1],
            (rec->delete_count - at) * sizeof(rec->delete_ids[0]));
    ea_move_answer(m, EA_REPLY_DONE, "deleted", EA_REASON_KEY);
}

void
ea_move_key(struct ea_move *m)
{
    if (m->f->event == EA_EVENT_MINTED) {
        minted(m);
    } else if (m->f->event == EA_EVENT_HANDED) {
        handed(m);
    } else if (m->f->event == EA_EVENT_DELETED) {
        deleted(m);
    } else {
        used(m);
    }
}
