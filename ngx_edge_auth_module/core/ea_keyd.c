/* Lines between gate and key service: see ea_keyd.h. */
#include <string.h>

#include "ea_crypto.h"
#include "ea_keyd.h"
#include "ea_number.h"

#define DIGITS "0123456789"
#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"

#define RETRY_MAX 86400u
#define TIME_MAX 253402300799u /* the end of the year 9999 */
#define DEVICES_MAX 1000000u

/* What a string may be made of; none needs an escape in JSON. */
static const char id_set[] = LOWER UPPER DIGITS "_-";
static const char name_set[] = LOWER UPPER DIGITS "_-.";

static const char *const outcomes[] = {
    [EA_KEYD_OUTAGE] = "outage", [EA_KEYD_OK] = "ok",
    [EA_KEYD_BUSY] = "busy",     [EA_KEYD_CEILING] = "ceiling",
    [EA_KEYD_API] = "api",       [EA_KEYD_DENIED] = "denied",
    [EA_KEYD_BAD] = "bad",
};

const char *
ea_keyd_outcome_word(enum ea_keyd_outcome outcome)
{
    return outcomes[outcome];
}

bool
ea_keyd_tag_check(struct ea_bytes text, struct ea_error *err)
{
    static const char letters[] = LOWER UPPER, rest[] = LOWER UPPER DIGITS "-";

    if (text.len > EA_TAG_MAX) {
        return ea_fail(err, EA_E_RANGE, "a tag is longer than %d characters",
                       EA_TAG_MAX);
    }
    if (text.len < 5 || memcmp(text.ptr, "tag:", 4) != 0 ||
        memchr(letters, text.ptr[4], sizeof(letters) - 1) == NULL) {
        return ea_fail(err, EA_E_SYNTAX,
                       "'%.*s' is not a tag: expected 'tag:' and a letter",
                       (int)text.len, text.ptr);
    }
    for (size_t i = 5; i < text.len; i++) {
        if (memchr(rest, text.ptr[i], sizeof(rest) - 1) == NULL) {
            return ea_fail(err, EA_E_SYNTAX,
                           "'%.*s' is not a tag: expected letters, digits and "
                           "hyphens after 'tag:'",
                           (int)text.len, text.ptr);
        }
    }
    return true;
}

/* ---- requests ---- */

struct out {
    char *text;
    size_t len, size;
    bool good;
};

static void
put_bytes(struct out *out, const char *text, size_t len)
{
    if (!out->good || len >= out->size - out->len) {
        out->good = false;
        return;
    }
    memcpy(out->text + out->len, text, len);
    out->len += len;
}

static void
put(struct out *out, const char *text)
{
    put_bytes(out, text, strlen(text));
}

static void
put_number(struct out *out, const char *name, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(out, name);
    put_bytes(out, digits + at, sizeof(digits) - at);
}

/* `least` characters or more out of the set, between quotes. */
static void
put_text(struct out *out, const char *name, const char *text, const char *set,
         size_t least, size_t max)
{
    size_t len = strlen(text);

    if (len < least || len > max || strspn(text, set) != len) {
        out->good = false;
        return;
    }
    put(out, name);
    put(out, "\"");
    put_bytes(out, text, len);
    put(out, "\"");
}

static void
put_tags(struct out *out, const char *tags)
{
    size_t count = 0;

    while (out->good && *tags != '\0') {
        struct ea_bytes tag = { tags, strcspn(tags, " ") };

        out->good = ++count <= EA_TAGS_MAX && ea_keyd_tag_check(tag, NULL);
        put(out, count == 1 ? ",\"tags\":[\"" : ",\"");
        put_bytes(out, tag.ptr, tag.len);
        put(out, "\"");
        tags += tag.len;
        tags += *tags == ' ';
    }
    out->good = out->good && count > 0;
    put(out, "]");
}

static size_t
finish(struct out *out)
{
    put(out, "}\n");
    if (!out->good) {
        if (out->size > 0) {
            out->text[0] = '\0';
        }
        return 0;
    }
    out->text[out->len] = '\0';
    return out->len;
}

static struct out
begin(const char *op, char *text, size_t size)
{
    struct out out = { text, 0, size, size > 0 };

    put(&out, "{\"op\":\"");
    put(&out, op);
    put(&out, "\"");
    return out;
}

size_t
ea_keyd_mint(const struct ea_record *record, const struct ea_node *node,
             char *ret_line, size_t size)
{
    struct out out = begin("mint", ret_line, size);

    put_number(&out, ",\"number\":", record->number);
    put_number(&out, ",\"gen\":", record->gen);
    put_number(&out, ",\"n\":", record->cur);
    put_text(&out, ",\"node\":", node->name, name_set, 1, EA_NAME_MAX);
    put_text(&out, ",\"site\":", node->site, name_set, 1, EA_NAME_MAX);
    put_text(&out, ",\"hostname\":", node->hostname, name_set, 1,
             EA_HOSTNAME_MAX);
    put_tags(&out, node->tags);
    put_number(&out, ",\"deadline\":", record->deadline);
    return finish(&out);
}

size_t
ea_keyd_check(const struct ea_record *record, const char *id,
              const struct ea_node *node, char *ret_line, size_t size)
{
    struct out out = begin("check", ret_line, size);

    put_number(&out, ",\"number\":", record->number);
    put_number(&out, ",\"gen\":", record->gen);
    put_text(&out, ",\"id\":", id, id_set, 1, EA_KEY_ID_MAX);
    put_text(&out, ",\"hostname\":", node->hostname, name_set, 1,
             EA_HOSTNAME_MAX);
    put_tags(&out, node->tags);
    put_number(&out, ",\"since\":", record->exposed_at);
    return finish(&out);
}

size_t
ea_keyd_delete(const char *id, char *ret_line, size_t size)
{
    struct out out = begin("delete", ret_line, size);

    put_text(&out, ",\"id\":", id, id_set, 1, EA_KEY_ID_MAX);
    return finish(&out);
}

size_t
ea_keyd_forget(const char *device, char *ret_line, size_t size)
{
    struct out out = begin("forget", ret_line, size);

    put_text(&out, ",\"device\":", device, id_set, 1, EA_DEVICE_MAX);
    return finish(&out);
}

size_t
ea_keyd_list(const char *after, char *ret_line, size_t size)
{
    struct out out = begin("list", ret_line, size);

    put_text(&out, ",\"after\":", after, id_set, 0, EA_KEY_ID_MAX);
    return finish(&out);
}

size_t
ea_keyd_devices(const char *after, uint64_t since, char *ret_line, size_t size)
{
    struct out out = begin("devices", ret_line, size);

    put_text(&out, ",\"after\":", after, id_set, 0, EA_DEVICE_MAX);
    put_number(&out, ",\"since\":", since);
    return finish(&out);
}

/* ---- replies ---- */

struct in {
    struct ea_bytes rest;
    bool good;
};

static bool
take(struct in *in, const char *text)
{
    size_t len = strlen(text);

    if (in->good && in->rest.len >= len &&
        memcmp(in->rest.ptr, text, len) == 0) {
        in->rest.ptr += len;
        in->rest.len -= len;
        return true;
    }
    in->good = false;
    return false;
}

/* A value that ends before one of `stops`. */
static struct ea_bytes
take_until(struct in *in, const char *stops)
{
    struct ea_bytes value = { in->rest.ptr, 0 };

    while (value.len < in->rest.len &&
           strchr(stops, in->rest.ptr[value.len]) == NULL) {
        value.len++;
    }
    if (!in->good || value.len == in->rest.len) {
        in->good = false;
        value.len = 0;
        return value;
    }
    in->rest.ptr += value.len;
    in->rest.len -= value.len;
    return value;
}

static uint64_t
take_number(struct in *in, const char *name, uint64_t max)
{
    uint64_t value = 0;

    if (!take(in, name) || !ea_number_parse(take_until(in, ",}"), 0, max,
                                            "number", &value, NULL)) {
        in->good = false;
    }
    return value;
}

/* ret_text has room for max characters and a NUL. */
static void
take_text(struct in *in, const char *name, size_t least, size_t max,
          char *ret_text)
{
    struct ea_bytes value;

    ret_text[0] = '\0';
    if (!take(in, name) || !take(in, "\"")) {
        return;
    }
    value = take_until(in, "\"");
    if (!take(in, "\"") || value.len < least || value.len > max) {
        in->good = false;
        return;
    }
    for (size_t i = 0; i < value.len; i++) {
        if (memchr(id_set, value.ptr[i], sizeof(id_set) - 1) == NULL) {
            in->good = false;
            return;
        }
    }
    memcpy(ret_text, value.ptr, value.len);
    ret_text[value.len] = '\0';
}

static bool
take_bool(struct in *in, const char *name)
{
    struct in copy;

    if (!take(in, name)) {
        return false;
    }
    copy = *in;
    if (take(&copy, "true")) {
        *in = copy;
        return true;
    }
    (void)take(in, "false");
    return false;
}

static bool
take_end(struct in *in)
{
    return take(in, "}\n") && in->rest.len == 0;
}

/* {"ok":false,...}, or EA_KEYD_OUTAGE if it is not that either */
static enum ea_keyd_outcome
read_failure(struct ea_bytes line, uint32_t *ret_retry)
{
    struct in in = { line, true };
    enum ea_keyd_outcome outcome = EA_KEYD_OUTAGE;
    struct ea_bytes word;
    uint64_t retry;

    if (!take(&in, "{\"ok\":false,\"reason\":\"")) {
        return EA_KEYD_OUTAGE;
    }
    word = take_until(&in, "\"");
    for (size_t i = EA_KEYD_BUSY; i <= EA_KEYD_BAD; i++) {
        if (ea_bytes_equal(word, ea_bytes_of(outcomes[i]))) {
            outcome = (enum ea_keyd_outcome)i;
        }
    }
    retry = take_number(&in, "\",\"retry\":", RETRY_MAX);
    if (!take_end(&in) || outcome == EA_KEYD_OUTAGE) {
        return EA_KEYD_OUTAGE;
    }
    if (ret_retry != NULL) {
        *ret_retry = (uint32_t)retry;
    }
    return outcome;
}

enum ea_keyd_outcome
ea_keyd_read_minted(struct ea_bytes line, struct ea_keyd_minted *ret_minted,
                    uint32_t *ret_retry)
{
    struct in in = { line, true };
    struct ea_keyd_minted minted;

    if (line.len > EA_KEYD_REPLY_MAX || !take(&in, "{\"ok\":true")) {
        return read_failure(line, ret_retry);
    }
    take_text(&in, ",\"id\":", 1, EA_KEY_ID_MAX, minted.id);
    take_text(&in, ",\"key\":", 1, EA_KEYD_KEY_MAX, minted.key.text);
    minted.expires = take_number(&in, ",\"expires\":", TIME_MAX);
    if (take_end(&in)) {
        *ret_minted = minted;
    }
    ea_wipe(&minted, sizeof(minted));
    return in.good ? EA_KEYD_OK : EA_KEYD_OUTAGE;
}

enum ea_keyd_outcome
ea_keyd_read_checked(struct ea_bytes line, struct ea_keyd_checked *ret_checked,
                     uint32_t *ret_retry)
{
    struct in in = { line, true };
    struct ea_keyd_checked checked;

    if (line.len > EA_KEYD_REPLY_MAX || !take(&in, "{\"ok\":true")) {
        return read_failure(line, ret_retry);
    }
    checked.used = take_bool(&in, ",\"used\":");
    take_text(&in, ",\"device\":", 0, EA_DEVICE_MAX, checked.device);
    checked.devices = (uint32_t)take_number(&in, ",\"devices\":", DEVICES_MAX);
    if (!take_end(&in)) {
        return EA_KEYD_OUTAGE;
    }
    *ret_checked = checked;
    return EA_KEYD_OK;
}

enum ea_keyd_outcome
ea_keyd_read_listed(struct ea_bytes line, struct ea_keyd_listed *ret_listed,
                    uint32_t *ret_retry)
{
    struct in in = { line, true };
    struct ea_keyd_listed listed;

    if (line.len > EA_KEYD_REPLY_MAX || !take(&in, "{\"ok\":true")) {
        return read_failure(line, ret_retry);
    }
    take_text(&in, ",\"id\":", 0, EA_KEY_ID_MAX, listed.id);
    listed.number = (uint32_t)take_number(&in, ",\"number\":", EA_NUMBER_MAX);
    listed.gen = (uint16_t)take_number(&in, ",\"gen\":", EA_GEN_MAX);
    listed.n = (uint16_t)take_number(&in, ",\"n\":", EA_ATTEMPT_MAX);
    listed.used = take_bool(&in, ",\"used\":");
    if (!take_end(&in)) {
        return EA_KEYD_OUTAGE;
    }
    *ret_listed = listed;
    return EA_KEYD_OK;
}

enum ea_keyd_outcome
ea_keyd_read_device(struct ea_bytes line, struct ea_keyd_device *ret_device,
                    uint32_t *ret_retry)
{
    struct in in = { line, true };
    struct ea_keyd_device device;

    if (line.len > EA_KEYD_REPLY_MAX || !take(&in, "{\"ok\":true")) {
        return read_failure(line, ret_retry);
    }
    take_text(&in, ",\"device\":", 0, EA_DEVICE_MAX, device.device);
    take_text(&in, ",\"hostname\":", 0, EA_HOSTNAME_MAX, device.hostname);
    if (!take_end(&in)) {
        return EA_KEYD_OUTAGE;
    }
    *ret_device = device;
    return EA_KEYD_OK;
}

enum ea_keyd_outcome
ea_keyd_read_done(struct ea_bytes line, uint32_t *ret_retry)
{
    struct in in = { line, true };

    if (line.len > EA_KEYD_REPLY_MAX || !take(&in, "{\"ok\":true")) {
        return read_failure(line, ret_retry);
    }
    return take_end(&in) ? EA_KEYD_OK : EA_KEYD_OUTAGE;
}

size_t
ea_keyd_fill(struct ea_bytes body, const struct ea_keyd_key *key,
             char *ret_body, size_t size)
{
    static const char placeholder[] = EA_PLACEHOLDER;
    const size_t gap = sizeof(placeholder) - 1;
    size_t len = strlen(key->text), before;
    const char *at;

    if (len == 0 || ea_body_placeholders(body) != 1 ||
        size < body.len - gap + len) {
        return 0;
    }
    at = memmem(body.ptr, body.len, placeholder, gap);
    before = (size_t)(at - body.ptr);
    memcpy(ret_body, body.ptr, before);
    memcpy(ret_body + before, key->text, len);
    memcpy(ret_body + before + len, at + gap, body.len - before - gap);
    return body.len - gap + len;
}
