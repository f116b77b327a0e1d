/* The cursor under all stored values: see ea_codec.h. */
#include <string.h>

#include "ea_codec.h"

/* The next `len` bytes, NULL (and failed) if there are not so many. */
static uint8_t *
room(struct ea_codec *c, size_t len)
{
    uint8_t *at;

    if (c->failed || c->size - c->at < len) {
        c->failed = true;
        return NULL;
    }
    at = c->out + c->at;
    c->at += len;
    return at;
}

static const uint8_t *
next(struct ea_codec *c, size_t len)
{
    const uint8_t *at;

    if (c->failed || c->size - c->at < len) {
        c->failed = true;
        return NULL;
    }
    at = c->in + c->at;
    c->at += len;
    return at;
}

static uint64_t
number(struct ea_codec *c, uint64_t value, size_t len)
{
    const uint8_t *from;
    uint64_t read = 0;
    uint8_t *to;

    if (c->writing) {
        to = room(c, len);
        for (size_t i = 0; to != NULL && i < len; i++) {
            to[i] = (uint8_t)(value >> (8 * (len - 1 - i)));
        }
        return value;
    }
    from = next(c, len);
    for (size_t i = 0; from != NULL && i < len; i++) {
        read = read << 8 | from[i];
    }
    return read;
}

void
ea_codec_u8(struct ea_codec *c, uint8_t *value)
{
    *value = (uint8_t)number(c, *value, sizeof(*value));
}

void
ea_codec_u16(struct ea_codec *c, uint16_t *value)
{
    *value = (uint16_t)number(c, *value, sizeof(*value));
}

void
ea_codec_u32(struct ea_codec *c, uint32_t *value)
{
    *value = (uint32_t)number(c, *value, sizeof(*value));
}

void
ea_codec_u64(struct ea_codec *c, uint64_t *value)
{
    *value = number(c, *value, sizeof(*value));
}

void
ea_codec_flag(struct ea_codec *c, bool *value)
{
    *value = ea_codec_word(c, *value, 1) == 1;
}

void
ea_codec_raw(struct ea_codec *c, uint8_t *bytes, size_t len)
{
    const uint8_t *from;
    uint8_t *to;

    if (c->writing) {
        to = room(c, len);
        if (to != NULL) {
            memcpy(to, bytes, len);
        }
        return;
    }
    from = next(c, len);
    if (from != NULL) {
        memcpy(bytes, from, len);
    }
}

void
ea_codec_text(struct ea_codec *c, char *text, size_t size)
{
    size_t len = c->writing ? strnlen(text, size) : 0;
    const uint8_t *from;
    uint8_t *to;

    if (c->writing && len == size) {
        c->failed = true;
        return;
    }
    ea_codec_count(c, &len, size - 1);
    if (c->writing) {
        to = room(c, len);
        if (to != NULL) {
            memcpy(to, text, len);
        }
        return;
    }
    from = next(c, len);
    if (from == NULL) {
        return;
    }
    if (len > 0 && memchr(from, 0, len) != NULL) {
        c->failed = true;
        return;
    }
    memcpy(text, from, len);
    text[len] = '\0';
}

unsigned
ea_codec_word(struct ea_codec *c, unsigned value, unsigned max)
{
    uint8_t byte = (uint8_t)value;

    ea_codec_u8(c, &byte);
    if (byte > max || (c->writing && value > max)) {
        c->failed = true;
        return 0;
    }
    return byte;
}

void
ea_codec_count(struct ea_codec *c, size_t *count, size_t max)
{
    uint8_t byte = (uint8_t)*count;

    /* The walk goes on after a failure: it must not count beyond the array. */
    if (c->writing && (*count > max || *count > UINT8_MAX)) {
        c->failed = true;
        *count = 0;
        return;
    }
    ea_codec_u8(c, &byte);
    if (byte > max) {
        c->failed = true;
        byte = 0;
    }
    *count = byte;
}

bool
ea_codec_encode(ea_codec_walk *walk, void *value, struct ea_buf *buf)
{
    struct ea_codec c = { .writing = true };
    uint8_t format = EA_CODEC_FORMAT;

    if (buf->failed) {
        return false;
    }
    c.out = buf->ptr + buf->len;
    c.size = buf->cap - buf->len;
    ea_codec_u8(&c, &format);
    walk(&c, value);
    if (c.failed) {
        buf->failed = true;
        return false;
    }
    buf->len += c.at;
    return true;
}

bool
ea_codec_decode(ea_codec_walk *walk, struct ea_bytes bytes, void *value,
                const char *what, struct ea_error *err)
{
    struct ea_codec c = { .in = (const uint8_t *)bytes.ptr, .size = bytes.len };
    uint8_t format = 0;

    ea_codec_u8(&c, &format);
    if (c.failed || format != EA_CODEC_FORMAT) {
        return ea_fail(err, EA_E_SYNTAX,
                       "stored %s has format '%u', this program reads '%u'",
                       what, (unsigned)format, EA_CODEC_FORMAT);
    }
    walk(&c, value);
    if (c.failed) {
        return ea_fail(err, EA_E_SYNTAX, "stored %s is damaged at byte '%zu'",
                       what, c.at);
    }
    if (c.at != c.size) {
        return ea_fail(err, EA_E_SYNTAX,
                       "stored %s has '%zu' bytes behind its end", what,
                       c.size - c.at);
    }
    return true;
}
