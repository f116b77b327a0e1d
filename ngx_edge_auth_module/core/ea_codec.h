/*
 * Private to core: one walk over a value's layout that writes it or reads it,
 * so that the two cannot differ. Integers are big-endian, text has a length
 * byte. The first thing that does not fit sets `failed`, and it sticks; a
 * failed read leaves what it was given zeroed by the caller.
 */
#ifndef EA_CODEC_H
#define EA_CODEC_H

#include "ea_record.h"

#define EA_CODEC_FORMAT 1u

struct ea_codec {
    bool writing, failed;
    uint8_t *out;
    const uint8_t *in;
    size_t at, size; /* of in, or the room in out */
};

void ea_codec_u8(struct ea_codec *c, uint8_t *value);
void ea_codec_u16(struct ea_codec *c, uint16_t *value);
void ea_codec_u32(struct ea_codec *c, uint32_t *value);
void ea_codec_u64(struct ea_codec *c, uint64_t *value);
void ea_codec_flag(struct ea_codec *c, bool *value);
void ea_codec_raw(struct ea_codec *c, uint8_t *bytes, size_t len);
/* `size` is that of the array, its NUL included; at most 256. Text with a NUL
 * inside fails. */
void ea_codec_text(struct ea_codec *c, char *text, size_t size);
/* An enumerator from 0 to max, in a byte: the value to store back. */
unsigned ea_codec_word(struct ea_codec *c, unsigned value, unsigned max);
/* A count from 0 to max, in a byte; one that is more fails and becomes 0, in
 * both directions, so that the walk may loop up to it. */
void ea_codec_count(struct ea_codec *c, size_t *count, size_t max);

typedef void ea_codec_walk(struct ea_codec *c, void *value);

/* Format byte, then the walk. Writing appends to buf and fails it when the
 * value does not fit; buf->len stays then. `value` is the caller's copy: a
 * count that is too high is set to 0 there. */
bool ea_codec_encode(ea_codec_walk *walk, void *value, struct ea_buf *buf);

/* The whole of `bytes` must be used up. `what` names the value in err. */
EA_MUST_CHECK bool ea_codec_decode(ea_codec_walk *walk, struct ea_bytes bytes,
                                   void *value, const char *what,
                                   struct ea_error *err);

#endif
