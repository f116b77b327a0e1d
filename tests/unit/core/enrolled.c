/* A node on record, for the tests of the decision: see enrolled.h. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_reason.h"
#include "enrolled.h"

void
enrolled_text(char *to, size_t size, const char *text)
{
    ck_assert_uint_lt(strlen(text), size);
    memset(to, 0, size);
    memcpy(to, text, strlen(text));
}

static void
set_policy(struct ea_policy *pol)
{
    pol->mode = EA_MODE_ALLOWLIST;
    enrolled_text(pol->uuid, sizeof(pol->uuid), ENROLLED_UUID);
    pol->macs_count = 1;
    enrolled_text(pol->macs[0], sizeof(pol->macs[0]), ENROLLED_MAC);
    pol->need_token = pol->window_open = pol->role_ok = pol->mint = true;
    pol->redeliver = 2;
    pol->ttl = 86400;
    pol->claim_window = EA_CLAIM_WINDOW;
    pol->body_window = EA_BODY_WINDOW;
    pol->d_max = EA_D_MAX;
    pol->n_max = EA_ATTEMPT_MAX;
    pol->gen_max = EA_GEN_MAX;
    pol->attempts_max = EA_ATTEMPTS_MAX;
    pol->slots_max = EA_SLOTS_MAX;
    pol->keys_max = EA_KEYS_MAX;
    pol->epoch = 1;
    pol->site_gen = 5;
}

static void
set_facts(struct ea_facts *f)
{
    f->event = EA_EVENT_CLAIM;
    f->store_ok = f->keyd_ok = f->cert_ok = f->token.set = true;
    f->token.kind = EA_TOKEN_NODE;
    f->token.gen = 2;
    f->token.epoch = 1;
    enrolled_text(f->ids.uuid, sizeof(f->ids.uuid), ENROLLED_UUID);
    enrolled_text(f->ids.serial, sizeof(f->ids.serial), "S1");
    enrolled_text(f->ids.mac, sizeof(f->ids.mac), ENROLLED_MAC);
    enrolled_text(f->source, sizeof(f->source), "192.0.2.1/32");
    memset(f->spki, 's', sizeof(f->spki));
    memset(f->salt, 0x5a, sizeof(f->salt));
    f->pepper_id = 9;
    enrolled_text(f->slot_code, sizeof(f->slot_code), "NEWXYZ");
    enrolled_text(f->slot_poll, sizeof(f->slot_poll),
                  "newxyz00000000000000000000");
}

void
enrolled_init(struct enrolled *e, enum ea_state state)
{
    struct ea_record *rec = &e->rec;

    memset(e, 0, sizeof(*e));
    set_policy(&e->pol);
    set_facts(&e->f);
    e->now = ENROLLED_NOW;
    rec->number = 7;
    rec->rev = 3;
    rec->gen = 2;
    rec->epoch = 1;
    rec->state = state;
    rec->mode = EA_MODE_ALLOWLIST;
    rec->expiry = ENROLLED_NOW + 100;
    if (state == EA_STATE_NONE || state == EA_STATE_ARMED) {
        return;
    }
    rec->deadline = ENROLLED_NOW + 200;
    rec->n = rec->cur = e->f.seen_n = 1;
    rec->attempts_count = 1;
    rec->attempts[0].n = 1;
    rec->ids = e->f.ids;
    memcpy(rec->source, e->f.source, sizeof(rec->source));
    memcpy(rec->spki, e->f.spki, sizeof(rec->spki));
    if (state == EA_STATE_DELIVERED || state == EA_STATE_JOINED) {
        rec->attempts[0].d = 1;
        rec->exposed = true;
        rec->exposed_at = ENROLLED_NOW - 10;
    }
}

void
enrolled_get(struct enrolled *e)
{
    e->f.event = EA_EVENT_GET;
    e->f.token.set = false;
    e->f.ticket.set = e->f.ticket.epoch_ok = e->f.ticket.secret_ok = true;
    e->f.ticket.gen = e->rec.gen;
    e->f.ticket.n = e->rec.cur;
}

void
enrolled_add_slot(struct enrolled *e, const char *code)
{
    size_t i = e->rec.slots_count++;
    struct ea_slot *slot = &e->rec.slots[i];
    char poll[EA_POLL_LEN + 1];

    (void)snprintf(poll, sizeof(poll), "%s%020u", code, 0u);
    enrolled_text(slot->code, sizeof(slot->code), code);
    enrolled_text(slot->poll, sizeof(slot->poll), poll);
    slot->ids = e->f.ids;
    enrolled_text(slot->source, sizeof(slot->source), "192.0.2.9/32");
    e->f.live |= 1u << i;
}

void
enrolled_add_keys(struct enrolled *e, size_t keys, size_t to_delete)
{
    struct ea_record *rec = &e->rec;

    for (size_t i = 0; i < keys; i++) {
        rec->keys[i].n = rec->cur;
        (void)snprintf(rec->keys[i].id, sizeof(rec->keys[i].id), "key-%zu", i);
    }
    rec->keys_count = keys;
    for (size_t i = 0; i < to_delete; i++) {
        (void)snprintf(rec->delete_ids[i], sizeof(rec->delete_ids[i]),
                       "old-%zu", i);
    }
    rec->delete_count = to_delete;
}

void
enrolled_decide(struct enrolled *e)
{
    ea_enroll_decide(&e->rec, &e->pol, &e->f, e->now, &e->d, &e->new_rec);
}

void
enrolled_expect(const struct enrolled *e, const char *label,
                enum ea_reply reply, const char *row, enum ea_reason reason,
                bool writes)
{
    ck_assert_msg(e->d.reply == reply && strcmp(e->d.row, row) == 0 &&
                      e->d.reason == reason && e->d.writes == writes,
                  "%s: %s, row %s, %s, writes %d", label,
                  ea_reply_word(e->d.reply), e->d.row,
                  ea_reason_row(e->d.reason)->word, e->d.writes);
}
