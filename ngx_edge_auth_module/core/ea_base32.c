/* Base32 and hex without branch or table access on the data: see ea_base32.h.
 */
#include "ea_base32.h"

/* 1 if v > limit, else 0; both below 2^31. */
static uint32_t
above(uint32_t v, uint32_t limit)
{
    return (limit - v) >> 31;
}

/* All bits set if lo <= c <= hi, else 0. */
static uint32_t
within(uint32_t c, uint32_t lo, uint32_t hi)
{
    return above(c, lo - 1) * (1 - above(c, hi)) * UINT32_MAX;
}

/* The alphabet is the letters with four gaps: i, l, o and u. */
static char
base32_char(uint32_t v)
{
    return (char)(v + '0' + above(v, 9) * ('a' - '0' - 10) + above(v, 17) +
                  above(v, 19) + above(v, 21) + above(v, 26));
}

/* Value of a character; *bad gets bits if it is none of the alphabet. */
static uint32_t
base32_value(char text, uint32_t *bad)
{
    uint32_t c = (unsigned char)text;
    uint32_t digit = within(c, '0', '9'), a_h = within(c, 'a', 'h');
    uint32_t j_k = within(c, 'j', 'k'), m_n = within(c, 'm', 'n');
    uint32_t p_t = within(c, 'p', 't'), v_z = within(c, 'v', 'z');

    *bad |= ~(digit | a_h | j_k | m_n | p_t | v_z);
    return (digit & (c - '0')) | (a_h & (c - 'a' + 10)) |
           (j_k & (c - 'j' + 18)) | (m_n & (c - 'm' + 20)) |
           (p_t & (c - 'p' + 22)) | (v_z & (c - 'v' + 27));
}

void
ea_base32_encode(const uint8_t *bits, size_t chars, char *ret_text)
{
    uint32_t held = 0, count = 0;

    for (size_t i = 0; i < chars; i++) {
        if (count < 5) {
            held = ((held & 0xff) << 8) | *bits++;
            count += 8;
        }
        count -= 5;
        ret_text[i] = base32_char((held >> count) & 31);
    }
}

bool
ea_base32_decode(const char *text, size_t chars, uint8_t *ret_bits)
{
    size_t len = (5 * chars + 7) / 8, written = 0;
    uint32_t held = 0, count = 0, bad = 0;
    uint8_t keep;

    for (size_t i = 0; i < chars; i++) {
        held = ((held << 5) | base32_value(text[i], &bad)) & 0xffff;
        count += 5;
        if (count >= 8) {
            count -= 8;
            ret_bits[written++] = (uint8_t)(held >> count);
        }
    }
    if (written < len) {
        ret_bits[written] = (uint8_t)(held << (8 - count));
    }
    keep = (uint8_t)~bad; /* bad is all bits or none */
    for (size_t i = 0; i < len; i++) {
        ret_bits[i] &= keep;
    }
    return bad == 0;
}

void
ea_hex_encode(const uint8_t *bytes, size_t len, char *ret_text)
{
    for (size_t i = 0; i < 2 * len; i++) {
        uint32_t v = i % 2 == 0 ? bytes[i / 2] >> 4 : bytes[i / 2] & 15;

        ret_text[i] = (char)(v + '0' + above(v, 9) * ('a' - '0' - 10));
    }
    ret_text[2 * len] = '\0';
}

static uint32_t
hex_value(char text, uint32_t *bad)
{
    uint32_t c = (unsigned char)text;
    uint32_t digit = within(c, '0', '9'), letter = within(c, 'a', 'f');

    *bad |= ~(digit | letter);
    return (digit & (c - '0')) | (letter & (c - 'a' + 10));
}

bool
ea_hex_decode(struct ea_bytes text, uint8_t *ret_bytes, size_t len)
{
    uint32_t bad = 0;

    if (text.len != 2 * len) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        uint32_t high = hex_value(text.ptr[2 * i], &bad);

        ret_bytes[i] =
            (uint8_t)(high << 4 | hex_value(text.ptr[2 * i + 1], &bad));
    }
    return bad == 0;
}
