/* Audit events as JSON, and their chain: see ea_audit.h. */
#include <string.h>

#include "ea_audit.h"
#include "ea_base32.h"

/* Text being written; `failed` sticks. */
struct out {
    char *text;
    size_t len, size;
    bool failed;
};

static void
put(struct out *o, const char *text, size_t len)
{
    if (o->failed || o->size - o->len < len) {
        o->failed = true;
        return;
    }
    memcpy(o->text + o->len, text, len);
    o->len += len;
}

static void
put_literal(struct out *o, const char *text)
{
    put(o, text, strlen(text));
}

static void
put_digits(struct out *o, uint64_t value)
{
    char digits[20];
    size_t at = sizeof(digits);

    do {
        digits[--at] = (char)('0' + value % 10);
        value /= 10;
    } while (value > 0);
    put(o, digits + at, sizeof(digits) - at);
}

/* RFC 8259: quote, backslash and control characters are escaped; here all that
 * is not printable ASCII is, byte by byte. */
static void
put_string(struct out *o, const char *text)
{
    put_literal(o, "\"");
    for (; *text != '\0'; text++) {
        uint8_t byte = (uint8_t)*text;
        char escape[7] = "\\u00";

        if (byte == '"' || byte == '\\') {
            put_literal(o, "\\");
        }
        if (byte >= ' ' && byte < 127) {
            put(o, text, 1);
        } else {
            ea_hex_encode(&byte, 1, escape + 4);
            put(o, escape, 6);
        }
    }
    put_literal(o, "\"");
}

static void
member(struct out *o, const char *name, const char *value)
{
    if (value == NULL || value[0] == '\0') {
        return;
    }
    put_literal(o, ",\"");
    put_literal(o, name);
    put_literal(o, "\":");
    put_string(o, value);
}

static void
count(struct out *o, const char *name, uint64_t value)
{
    if (value == 0) {
        return;
    }
    put_literal(o, ",\"");
    put_literal(o, name);
    put_literal(o, "\":");
    put_digits(o, value);
}

size_t
ea_audit_format(const struct ea_audit *event, char *ret_text, size_t size)
{
    const struct ea_reason_row *row = ea_reason_row(event->reason);
    enum ea_reason reason = event->reason;
    struct out o = { ret_text, 0, size, false };

    put_literal(&o, "{\"time\":");
    put_digits(&o, event->time);
    member(&o, "action", event->action);
    member(&o, "actor", event->actor);
    member(&o, "node", event->node);
    member(&o, "site", event->site);
    member(&o, "reply", ea_reply_word(event->reply));
    member(&o, "row", event->row);
    member(&o, "reason", reason != EA_REASON_NONE ? row->word : "");
    member(&o, "mark", ea_mark_word(event->mark));
    if ((reason != EA_REASON_NONE && row->alarm) ||
        event->mark == EA_MARK_ALARM) {
        put_literal(&o, ",\"alarm\":true");
    }
    member(&o, "credential", event->credential);
    count(&o, "gen", event->gen);
    count(&o, "n", event->n);
    member(&o, "uuid", event->ids.uuid);
    member(&o, "serial", event->ids.serial);
    member(&o, "mac", event->ids.mac);
    member(&o, "source", event->source);
    member(&o, "ref", event->ref);
    put_literal(&o, "}");
    return o.failed ? 0 : o.len;
}

bool
ea_audit_chain(const uint8_t previous[static EA_SHA256_LEN], uint64_t sequence,
               struct ea_bytes text, uint8_t ret_hash[static EA_SHA256_LEN])
{
    char number[8];
    struct ea_bytes parts[] = {
        { (const char *)previous, EA_SHA256_LEN },
        { number, sizeof(number) },
        text,
    };

    for (size_t i = 0; i < sizeof(number); i++) {
        number[i] = (char)(sequence >> (56 - 8 * i));
    }
    return ea_sha256(parts, 3, ret_hash);
}
