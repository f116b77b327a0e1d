/* The enrollment record, the token row and meta as bytes: see ea_record.h. */
#include <string.h>

#include "ea_codec.h"
#include "ea_record.h"

static void
ids(struct ea_codec *c, struct ea_ids *value)
{
    ea_codec_text(c, value->uuid, sizeof(value->uuid));
    ea_codec_text(c, value->serial, sizeof(value->serial));
    ea_codec_text(c, value->mac, sizeof(value->mac));
}

static void
attempts(struct ea_codec *c, struct ea_record *record)
{
    ea_codec_count(c, &record->attempts_count, EA_ATTEMPTS_MAX);
    for (size_t i = 0; i < record->attempts_count; i++) {
        struct ea_attempt *a = &record->attempts[i];

        ea_codec_u16(c, &a->n);
        ea_codec_u8(c, &a->pepper_id);
        ea_codec_raw(c, a->salt, sizeof(a->salt));
        ea_codec_u32(c, &a->d);
        ea_codec_u32(c, &a->w);
    }
}

static void
slots(struct ea_codec *c, struct ea_record *record)
{
    ea_codec_count(c, &record->slots_count, EA_SLOTS_MAX);
    for (size_t i = 0; i < record->slots_count; i++) {
        struct ea_slot *slot = &record->slots[i];

        ea_codec_text(c, slot->code, sizeof(slot->code));
        ea_codec_text(c, slot->poll, sizeof(slot->poll));
        ea_codec_u16(c, &slot->n);
        ids(c, &slot->ids);
        ea_codec_text(c, slot->source, sizeof(slot->source));
        ea_codec_raw(c, slot->spki, sizeof(slot->spki));
    }
}

static void
keys(struct ea_codec *c, struct ea_record *record)
{
    ea_codec_count(c, &record->keys_count, EA_KEYS_MAX);
    for (size_t i = 0; i < record->keys_count; i++) {
        ea_codec_u16(c, &record->keys[i].n);
        ea_codec_text(c, record->keys[i].id, sizeof(record->keys[i].id));
    }
    ea_codec_count(c, &record->delete_count, EA_DELETE_MAX);
    for (size_t i = 0; i < record->delete_count; i++) {
        ea_codec_text(c, record->delete_ids[i], sizeof(record->delete_ids[i]));
    }
}

static void
walk_record(struct ea_codec *c, void *value)
{
    struct ea_record *record = value;

    ea_codec_u32(c, &record->number);
    ea_codec_u16(c, &record->gen);
    ea_codec_u32(c, &record->epoch);
    record->state =
        (enum ea_state)ea_codec_word(c, record->state, EA_STATE_RETIRED);
    record->mode =
        (enum ea_mode)ea_codec_word(c, record->mode, EA_MODE_APPROVE);
    ea_codec_u64(c, &record->expiry);
    ea_codec_u64(c, &record->deadline);
    record->hold = (enum ea_hold)ea_codec_word(c, record->hold, EA_HOLD_CLONE);
    ea_codec_u16(c, &record->n);
    ea_codec_u16(c, &record->cur);
    ea_codec_u16(c, &record->floor);
    ea_codec_u32(c, &record->r);
    attempts(c, record);
    ids(c, &record->ids);
    ea_codec_text(c, record->source, sizeof(record->source));
    ea_codec_raw(c, record->spki, sizeof(record->spki));
    slots(c, record);
    keys(c, record);
    ea_codec_text(c, record->device, sizeof(record->device));
    ea_codec_flag(c, &record->exposed);
    ea_codec_u64(c, &record->exposed_at);
    if (record->number > EA_NUMBER_MAX || record->gen > EA_GEN_MAX ||
        record->n > EA_ATTEMPT_MAX || record->cur > record->n ||
        record->floor > record->n) {
        c->failed = true;
    }
}

bool
ea_record_encode(const struct ea_record *record, struct ea_buf *buf)
{
    struct ea_record copy = *record;

    return ea_codec_encode(walk_record, &copy, buf);
}

bool
ea_record_decode(struct ea_bytes value, struct ea_record *ret_record,
                 struct ea_error *err)
{
    struct ea_record record;

    memset(&record, 0, sizeof(record));
    if (!ea_codec_decode(walk_record, value, &record, "enrollment", err)) {
        return false;
    }
    *ret_record = record;
    return true;
}

static void
walk_token(struct ea_codec *c, void *value)
{
    struct ea_token_row *row = value;

    ea_codec_text(c, row->id, sizeof(row->id));
    row->kind = (enum ea_token_kind)ea_codec_word(c, row->kind, EA_TOKEN_SITE);
    ea_codec_u32(c, &row->number);
    ea_codec_text(c, row->site, sizeof(row->site));
    ea_codec_u32(c, &row->gen);
    ea_codec_u32(c, &row->epoch);
    ea_codec_u64(c, &row->created);
}

bool
ea_token_row_encode(const struct ea_token_row *row, struct ea_buf *buf)
{
    struct ea_token_row copy = *row;

    return ea_codec_encode(walk_token, &copy, buf);
}

bool
ea_token_row_decode(struct ea_bytes value, struct ea_token_row *ret_row,
                    struct ea_error *err)
{
    struct ea_token_row row;

    memset(&row, 0, sizeof(row));
    if (!ea_codec_decode(walk_token, value, &row, "token", err)) {
        return false;
    }
    *ret_row = row;
    return true;
}

static void
walk_meta(struct ea_codec *c, void *value)
{
    struct ea_meta *meta = value;

    ea_codec_u32(c, &meta->schema);
    ea_codec_u32(c, &meta->epoch);
    ea_codec_u32(c, &meta->import_gen);
    ea_codec_u32(c, &meta->next_number);
    ea_codec_u64(c, &meta->clock);
    ea_codec_u64(c, &meta->boot_clock);
    ea_codec_text(c, meta->boot_id, sizeof(meta->boot_id));
    ea_codec_flag(c, &meta->lab);
}

bool
ea_meta_encode(const struct ea_meta *meta, struct ea_buf *buf)
{
    struct ea_meta copy = *meta;

    return ea_codec_encode(walk_meta, &copy, buf);
}

bool
ea_meta_decode(struct ea_bytes value, struct ea_meta *ret_meta,
               struct ea_error *err)
{
    struct ea_meta meta;

    memset(&meta, 0, sizeof(meta));
    if (!ea_codec_decode(walk_meta, value, &meta, "meta", err)) {
        return false;
    }
    if (meta.schema != EA_SCHEMA) {
        return ea_fail(err, EA_E_CONFLICT,
                       "store has schema '%u', this program reads '%u'",
                       meta.schema, EA_SCHEMA);
    }
    *ret_meta = meta;
    return true;
}
