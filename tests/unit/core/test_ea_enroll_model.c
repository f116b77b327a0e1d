/*
 * The decision against samples of the model (tests/vectors/enroll.jsonl): each
 * line is a record, a policy, the facts of one event and the time, with what
 * the executable specification answered and wrote. The model's small integers
 * stand for secrets and ids; here they become text and bytes.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <check.h>
#include <jansson.h>

#include "ea_record.h"
#include "suites.h"

#define SAMPLES "tests/vectors/enroll.jsonl"
#define SAMPLES_MAX 1000

static json_t *samples[SAMPLES_MAX];
static size_t samples_count;

static long long
integer(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(json_is_integer(value), "no integer '%s'", key);
    return json_integer_value(value);
}

static bool
flag(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);

    ck_assert_msg(json_is_boolean(value), "no boolean '%s'", key);
    return json_is_true(value);
}

static const char *
text(const json_t *object, const char *key)
{
    const char *value = json_string_value(json_object_get(object, key));

    ck_assert_msg(value != NULL, "no text '%s'", key);
    return value;
}

static void
copy(char *to, size_t size, const char *from)
{
    ck_assert_uint_lt(strlen(from), size);
    memcpy(to, from, strlen(from) + 1);
}

/* An integer as text of a fixed width; 0 stands for "not there". */
static void
digits(char *to, size_t size, long long value)
{
    char number[64] = "";

    if (value != 0) {
        (void)snprintf(number, sizeof(number), "%0*lld", (int)size - 1, value);
    }
    copy(to, size, number);
}

static void
salt_of(uint8_t *salt, long long value)
{
    memset(salt, 0, EA_SALT_LEN);
    memcpy(salt, &value, sizeof(value));
}

static void
spki_of(uint8_t *spki, const char *value)
{
    memset(spki, 0, EA_SHA256_LEN);
    memcpy(spki, value, strlen(value));
}

static unsigned
word(const char *value, const char *(*word_of)(unsigned), unsigned count)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(value, word_of(i)) == 0) {
            return i;
        }
    }
    ck_abort_msg("unknown word '%s'", value);
    return 0;
}

static const char *
state_word(unsigned i)
{
    return ea_state_word((enum ea_state)i);
}

static const char *
hold_word(unsigned i)
{
    return ea_hold_word((enum ea_hold)i);
}

static const char *
mode_word(unsigned i)
{
    return ea_words_mode.word[i];
}

static const char *
mark_word(unsigned i)
{
    return ea_mark_word((enum ea_mark)i);
}

static void
read_ids(const json_t *object, struct ea_ids *ids)
{
    copy(ids->uuid, sizeof(ids->uuid), text(object, "uuid"));
    copy(ids->serial, sizeof(ids->serial), text(object, "serial"));
    copy(ids->mac, sizeof(ids->mac), text(object, "mac"));
}

static void
read_attempts(const json_t *list, struct ea_record *rec)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        struct ea_attempt *a = &rec->attempts[rec->attempts_count++];

        a->n = (uint16_t)integer(item, "n");
        salt_of(a->salt, integer(item, "salt"));
        a->d = (uint32_t)integer(item, "d");
        a->w = (uint32_t)integer(item, "w");
    }
}

static void
read_slots(const json_t *list, struct ea_record *rec)
{
    const json_t *item;
    size_t i;

    json_array_foreach(list, i, item)
    {
        struct ea_slot *slot = &rec->slots[rec->slots_count++];

        digits(slot->code, sizeof(slot->code), integer(item, "id"));
        digits(slot->poll, sizeof(slot->poll), integer(item, "id"));
        slot->n = (uint16_t)integer(item, "n");
        read_ids(json_object_get(item, "ids"), &slot->ids);
        copy(slot->source, sizeof(slot->source), text(item, "source"));
        spki_of(slot->spki, text(item, "spki"));
    }
}

static void
key_of(char *id, long long value)
{
    (void)snprintf(id, EA_KEY_ID_MAX + 1, "key-%lld", value);
}

static void
read_keys(const json_t *record, struct ea_record *rec)
{
    const json_t *item;
    size_t i;

    json_array_foreach(json_object_get(record, "keys"), i, item)
    {
        struct ea_key_ref *key = &rec->keys[rec->keys_count++];

        key->n = (uint16_t)json_integer_value(json_array_get(item, 0));
        key_of(key->id, json_integer_value(json_array_get(item, 1)));
    }
    json_array_foreach(json_object_get(record, "delete"), i, item)
    {
        key_of(rec->delete_ids[rec->delete_count++], json_integer_value(item));
    }
}

/* The model names devices as text or lists; only equality matters. */
static void
device_of(const json_t *object, char *device, size_t size)
{
    const json_t *value = json_object_get(object, "device");
    char *dumped = json_dumps(value, JSON_ENCODE_ANY | JSON_COMPACT);

    copy(device, size,
         json_is_string(value) && json_string_length(value) == 0 ? "" : dumped);
    free(dumped);
}

static struct ea_record
read_record(const json_t *object)
{
    struct ea_record rec;

    memset(&rec, 0, sizeof(rec));
    rec.gen = (uint16_t)integer(object, "gen");
    rec.epoch = (uint32_t)integer(object, "epoch");
    rec.state = (enum ea_state)word(text(object, "state"), state_word,
                                    EA_STATE_RETIRED + 1);
    rec.mode = (enum ea_mode)word(text(object, "mode"), mode_word,
                                  EA_MODE_APPROVE + 1);
    rec.expiry = (uint64_t)integer(object, "expiry");
    rec.deadline = (uint64_t)integer(object, "deadline");
    rec.hold =
        (enum ea_hold)word(text(object, "hold"), hold_word, EA_HOLD_CLONE + 1);
    rec.n = (uint16_t)integer(object, "n");
    rec.cur = (uint16_t)integer(object, "cur");
    rec.floor = (uint16_t)integer(object, "floor");
    rec.r = (uint32_t)integer(object, "r");
    read_attempts(json_object_get(object, "attempts"), &rec);
    read_ids(json_object_get(object, "ids"), &rec.ids);
    copy(rec.source, sizeof(rec.source), text(object, "source"));
    spki_of(rec.spki, text(object, "spki"));
    read_slots(json_object_get(object, "slots"), &rec);
    read_keys(object, &rec);
    device_of(object, rec.device, sizeof(rec.device));
    rec.exposed = integer(object, "exposed_at") >= 0;
    rec.exposed_at = rec.exposed ? (uint64_t)integer(object, "exposed_at") : 0;
    return rec;
}

static struct ea_policy
read_policy(const json_t *object, long long now)
{
    const json_t *window = json_object_get(object, "window"), *item;
    struct ea_policy pol;
    size_t i;

    memset(&pol, 0, sizeof(pol));
    pol.mode = (enum ea_mode)word(text(object, "mode"), mode_word,
                                  EA_MODE_APPROVE + 1);
    copy(pol.uuid, sizeof(pol.uuid), text(object, "uuid"));
    copy(pol.serial, sizeof(pol.serial), text(object, "serial"));
    json_array_foreach(json_object_get(object, "macs"), i, item)
    {
        copy(pol.macs[pol.macs_count++], sizeof(pol.macs[0]),
             json_string_value(item));
    }
    pol.need_token = flag(object, "need_token");
    pol.need_cert = flag(object, "need_cert");
    pol.bind_source = flag(object, "bind_source");
    pol.window_open = json_integer_value(json_array_get(window, 0)) <= now &&
                      now < json_integer_value(json_array_get(window, 1));
    pol.role_ok = flag(object, "role_ok");
    pol.mint = strcmp(text(object, "key"), "mint") == 0;
    pol.redeliver = (uint32_t)integer(object, "redeliver");
    pol.ttl = (uint64_t)integer(object, "ttl");
    pol.claim_window = (uint64_t)integer(object, "claim_window");
    pol.body_window = (uint64_t)integer(object, "body_window");
    pol.d_max = (uint32_t)integer(object, "d_max");
    pol.n_max = (uint16_t)integer(object, "n_max");
    pol.gen_max = (uint16_t)integer(object, "gen_max");
    pol.attempts_max = (size_t)integer(object, "attempts_max");
    pol.slots_max = (size_t)integer(object, "slots_max");
    pol.keys_max = (size_t)integer(object, "keys_max");
    pol.epoch = (uint32_t)integer(object, "epoch");
    pol.site_gen = (uint32_t)integer(object, "site_gen");
    return pol;
}

static const struct {
    const char *word;
    enum ea_event event;
} events[] = {
    { "claim", EA_EVENT_CLAIM },     { "get", EA_EVENT_GET },
    { "minted", EA_EVENT_MINTED },   { "handed", EA_EVENT_HANDED },
    { "used", EA_EVENT_USED },       { "arm", EA_EVENT_ARM },
    { "reset", EA_EVENT_RESET },     { "revoke", EA_EVENT_REVOKE },
    { "retire", EA_EVENT_RETIRE },   { "approve", EA_EVENT_APPROVE },
    { "deny", EA_EVENT_DENY },       { "extend", EA_EVENT_EXTEND },
    { "confirm", EA_EVENT_CONFIRM }, { "rebind", EA_EVENT_REBIND },
};

static enum ea_event
event_of(const char *value)
{
    for (size_t i = 0; i < sizeof(events) / sizeof(events[0]); i++) {
        if (strcmp(events[i].word, value) == 0) {
            return events[i].event;
        }
    }
    ck_abort_msg("unknown event '%s'", value);
    return EA_EVENT_NONE;
}

static void
read_credentials(const json_t *object, const struct ea_record *rec,
                 struct ea_facts *f)
{
    const json_t *token = json_object_get(object, "token");
    const json_t *ticket = json_object_get(object, "ticket");
    const struct ea_attempt *a;
    uint8_t salt[EA_SALT_LEN];

    if (json_is_object(token)) {
        f->token.set = true;
        f->token.kind = strcmp(text(token, "kind"), "site") == 0
                            ? EA_TOKEN_SITE
                            : EA_TOKEN_NODE;
        f->token.gen = (uint32_t)integer(token, "gen");
        f->token.epoch = (uint32_t)integer(token, "epoch");
    }
    if (json_is_object(ticket)) {
        f->ticket.set = true;
        f->ticket.gen = (uint16_t)integer(ticket, "gen");
        f->ticket.n = (uint16_t)integer(ticket, "n");
        f->ticket.epoch_ok = integer(ticket, "epoch") == rec->epoch;
        a = ea_record_attempt(rec, f->ticket.n);
        salt_of(salt, integer(ticket, "salt"));
        f->ticket.secret_ok =
            a != NULL && memcmp(salt, a->salt, sizeof(salt)) == 0;
    }
}

static struct ea_facts
read_facts(const json_t *object, const struct ea_record *rec)
{
    const json_t *item;
    struct ea_facts f;
    char code[EA_CODE_LEN + 1];
    size_t i;

    memset(&f, 0, sizeof(f));
    f.event = event_of(text(object, "event"));
    f.store_ok = flag(object, "store_ok");
    f.keyd_ok = flag(object, "keyd_ok");
    read_credentials(object, rec, &f);
    f.cert_ok = flag(object, "cert_ok");
    spki_of(f.spki, text(object, "spki"));
    read_ids(json_object_get(object, "ids"), &f.ids);
    f.foreign = flag(object, "foreign");
    copy(f.source, sizeof(f.source), text(object, "source"));
    f.seen_n = (uint16_t)integer(object, "seen_n");
    salt_of(f.salt, integer(object, "salt"));
    digits(f.poll, sizeof(f.poll), integer(object, "poll"));
    json_array_foreach(json_object_get(object, "live"), i, item)
    {
        digits(code, sizeof(code), json_integer_value(item));
        for (size_t k = 0; k < rec->slots_count; k++) {
            f.live |= strcmp(rec->slots[k].code, code) == 0 ? 1u << k : 0;
        }
    }
    digits(f.slot_code, sizeof(f.slot_code), integer(object, "slot"));
    digits(f.slot_poll, sizeof(f.slot_poll), integer(object, "slot"));
    f.gen = (uint16_t)integer(object, "gen");
    f.n = (uint16_t)integer(object, "n");
    key_of(f.key, integer(object, "key"));
    device_of(object, f.device, sizeof(f.device));
    f.by = (uint64_t)integer(object, "by");
    f.forget = flag(object, "forget");
    return f;
}

static const struct {
    const char *word;
    enum ea_reply reply;
} replies[] = {
    { "script", EA_REPLY_SCRIPT },   { "config", EA_REPLY_CONFIG },
    { "send", EA_REPLY_SEND },       { "code", EA_REPLY_CODE },
    { "local", EA_REPLY_LOCAL },     { "uniform", EA_REPLY_REFUSE },
    { "KE-403", EA_REPLY_REFUSE },   { "KE-409", EA_REPLY_CONFLICT },
    { "503", EA_REPLY_BUSY },        { "done", EA_REPLY_DONE },
    { "refused", EA_REPLY_REFUSED }, { "nothing", EA_REPLY_NOTHING },
};

static enum ea_reply
reply_of(const char *value)
{
    for (size_t i = 0; i < sizeof(replies) / sizeof(replies[0]); i++) {
        if (strcmp(replies[i].word, value) == 0) {
            return replies[i].reply;
        }
    }
    ck_abort_msg("unknown reply '%s'", value);
    return EA_REPLY_REFUSE;
}

/* A verb that does not fit the state is refused with the state's name; that is
 * one reason here. */
static const char *
reason_of(const json_t *sample)
{
    const char *reason = text(sample, "reason");
    const json_t *decision = json_object_get(sample, "decision");

    if (strcmp(text(decision, "reply"), "refused") == 0 &&
        strcmp(text(decision, "row"), "22") == 0) {
        for (unsigned i = 0; i < EA_STATE_JOINED; i++) {
            if (strcmp(reason, state_word(i)) == 0) {
                return ea_reason_row(EA_REASON_STATE)->word;
            }
        }
    }
    return reason;
}

/* The model's one word of row 2, where ours also say which of two credentials
 * is missing. */
static const char *
word_of(const struct ea_decision *d)
{
    bool finer = d->reason == EA_REASON_LISTENER ||
                 d->reason == EA_REASON_TOKEN_MISSING ||
                 d->reason == EA_REASON_CERT_IDENTITY;

    if (finer) {
        ck_assert_str_eq(d->row, "2");
    }
    return ea_reason_row(finer ? EA_REASON_UNKNOWN : d->reason)->word;
}

START_TEST(test_sample)
{
    const json_t *sample = samples[_i];
    const json_t *decision = json_object_get(sample, "decision");
    const json_t *expected = json_object_get(sample, "new");
    struct ea_record rec = read_record(json_object_get(sample, "record"));
    struct ea_record new_rec, want;
    struct ea_policy pol =
        read_policy(json_object_get(sample, "policy"), integer(sample, "now"));
    struct ea_facts f = read_facts(json_object_get(sample, "facts"), &rec);
    struct ea_decision d;
    char slot[EA_CODE_LEN + 1];

    ea_enroll_decide(&rec, &pol, &f, (uint64_t)integer(sample, "now"), &d,
                     &new_rec);
    ck_assert_msg(strcmp(d.row, text(decision, "row")) == 0,
                  "line %d: row %s, the model says %s", _i + 1, d.row,
                  text(decision, "row"));
    ck_assert_msg(d.reply == reply_of(text(decision, "reply")),
                  "line %d: reply %s, the model says %s", _i + 1,
                  ea_reply_word(d.reply), text(decision, "reply"));
    ck_assert_str_eq(word_of(&d), reason_of(sample));
    ck_assert_uint_eq(d.n, (unsigned)integer(decision, "n"));
    digits(slot, sizeof(slot), integer(decision, "slot"));
    ck_assert_str_eq(d.slot, slot);
    ck_assert_uint_eq(
        d.mark, word(text(decision, "event"), mark_word, EA_MARK_STRAY + 1));
    ck_assert_msg(d.writes == json_is_object(expected), "line %d: writes",
                  _i + 1);
    if (d.writes) {
        uint8_t got_bytes[EA_RECORD_MAX], want_bytes[EA_RECORD_MAX];
        struct ea_buf got_buf = { got_bytes, 0, sizeof(got_bytes), false };
        struct ea_buf want_buf = { want_bytes, 0, sizeof(want_bytes), false };

        want = read_record(expected);
        ck_assert(ea_record_encode(&new_rec, &got_buf));
        ck_assert(ea_record_encode(&want, &want_buf));
        ck_assert_msg(got_buf.len == want_buf.len &&
                          memcmp(got_bytes, want_bytes, got_buf.len) == 0,
                      "line %d: the new record differs from the model's",
                      _i + 1);
    }
}
END_TEST

/* Every row of the table is among the samples. */
START_TEST(test_rows_are_covered)
{
    static const char *const rows[] = {
        "1",  "2",  "3",  "4",  "5",  "6",  "7",       "8",    "9",
        "10", "11", "12", "13", "14", "15", "16",      "16a",  "17",
        "18", "19", "20", "21", "22", "23", "confirm", "deny", "rebind",
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        bool found = false;

        for (size_t k = 0; k < samples_count && !found; k++) {
            found = strcmp(text(json_object_get(samples[k], "decision"), "row"),
                           rows[i]) == 0;
        }
        ck_assert_msg(found, "no sample of row %s", rows[i]);
    }
}
END_TEST

/* Before the runner starts, so without Check's asserts. */
static void
load(void)
{
    FILE *file = fopen(SAMPLES, "r");
    char *line = NULL;
    size_t size = 0;

    while (file != NULL && getline(&line, &size, file) > 0 &&
           samples_count < SAMPLES_MAX) {
        samples[samples_count] = json_loads(line, 0, NULL);
        if (samples[samples_count] == NULL) {
            break;
        }
        samples_count++;
    }
    if (file == NULL || !feof(file)) {
        (void)fprintf(stderr, "cannot read %s behind line %zu\n", SAMPLES,
                      samples_count);
        exit(EXIT_FAILURE);
    }
    free(line);
    (void)fclose(file);
}

Suite *
suite_ea_enroll_model(void)
{
    Suite *suite = suite_create("ea_enroll_model");
    TCase *tcase = tcase_create("samples");

    load();
    tcase_add_test(tcase, test_rows_are_covered);
    tcase_add_loop_test(tcase, test_sample, 0, (int)samples_count);
    suite_add_tcase(suite, tcase);
    return suite;
}
