/* Is this body fit to leave the gate: see ea_body.h. */
#include <string.h>

#include "ea_body.h"

/* Whatever begins like the placeholder is one that was mistyped. */
#define PLACEHOLDER_BEGIN "@edge-auth:"

static size_t
count_of(struct ea_bytes text, struct ea_bytes word)
{
    size_t count = 0;

    while (text.len >= word.len) {
        const char *at = memmem(text.ptr, text.len, word.ptr, word.len);

        if (at == NULL) {
            break;
        }
        count++;
        at += word.len;
        text.len -= (size_t)(at - text.ptr);
        text.ptr = at;
    }
    return count;
}

size_t
ea_body_placeholders(struct ea_bytes body)
{
    return count_of(body, EA_BYTES(EA_PLACEHOLDER));
}

static int
base64_value(char c)
{
    if (c >= 'A' && c <= 'Z') {
        return c - 'A';
    }
    if (c >= 'a' && c <= 'z') {
        return c - 'a' + 26;
    }
    if (c >= '0' && c <= '9') {
        return c - '0' + 52;
    }
    return c == '+' ? 62 : c == '/' ? 63 : -1;
}

/* Does base64 text begin with a PEM line of a private key? Talos keeps every
 * key in this form. The longest such line has 37 bytes, which is 52
 * characters. */
static bool
is_encoded_key(struct ea_bytes text)
{
    char line[64];
    size_t len = 0;
    uint32_t held = 0;

    for (size_t i = 0; i < text.len && len + 3 <= sizeof(line); i++) {
        int value = base64_value(text.ptr[i]);

        if (value < 0) {
            break;
        }
        held = held << 6 | (uint32_t)value;
        if (i % 4 != 0) {
            line[len++] = (char)(held >> (6 - 2 * (i % 4)) & 0xff);
        }
    }
    return count_of((struct ea_bytes){ line, len }, EA_BYTES("PRIVATE KEY")) >
           0;
}

static bool
has_private_key(struct ea_bytes body)
{
    const struct ea_bytes encoded = EA_BYTES("LS0tLS1CRUdJTi"); /* -----BEGIN */

    if (count_of(body, EA_BYTES("PRIVATE KEY-----")) > 0) {
        return true;
    }
    while (body.len >= encoded.len) {
        const char *at = memmem(body.ptr, body.len, encoded.ptr, encoded.len);

        if (at == NULL) {
            return false;
        }
        body.len -= (size_t)(at - body.ptr);
        body.ptr = at;
        if (is_encoded_key(body)) {
            return true;
        }
        body.ptr += encoded.len;
        body.len -= encoded.len;
    }
    return false;
}

/* Does the line begin with `word`, and is the rest nothing, or space and
 * perhaps a comment? */
static bool
is_line(struct ea_bytes line, struct ea_bytes word)
{
    if (line.len < word.len || memcmp(line.ptr, word.ptr, word.len) != 0) {
        return false;
    }
    for (size_t i = word.len; i < line.len; i++) {
        char c = line.ptr[i];

        if (c == '#' && i > word.len) {
            return true;
        }
        if (c != ' ' && c != '\t' && c != '\r') {
            return false;
        }
    }
    return true;
}

static bool
begins(struct ea_bytes line, struct ea_bytes word)
{
    return line.len >= word.len && memcmp(line.ptr, word.ptr, word.len) == 0;
}

/* Exactly one document with both lines at column 0, and no other version. What
 * stands at column 0 is structure: block scalars are indented. */
static bool
has_one_config(struct ea_bytes body)
{
    size_t versions = 0, configs = 0;
    bool version = false, machine = false;

    while (body.len > 0) {
        const char *end = memchr(body.ptr, '\n', body.len);
        struct ea_bytes line = { body.ptr, body.len };

        line.len = end != NULL ? (size_t)(end - body.ptr) : body.len;
        body.ptr += line.len + (end != NULL);
        body.len -= line.len + (end != NULL);
        if (begins(line, EA_BYTES("---")) || begins(line, EA_BYTES("..."))) {
            configs += version && machine;
            version = machine = false;
        } else if (begins(line, EA_BYTES("version:"))) {
            versions++;
            version = is_line(line, EA_BYTES("version: v1alpha1"));
        } else if (is_line(line, EA_BYTES("machine:"))) {
            machine = true;
        }
    }
    configs += version && machine;
    return versions == 1 && configs == 1;
}

/* A node without a digest: all that can be told from the bytes. */
static bool
is_plausible(enum ea_kind kind, struct ea_bytes body)
{
    switch (kind) {
    case EA_KIND_TALOS:
        return memchr(body.ptr, '\0', body.len) == NULL &&
               has_one_config(body) && !has_private_key(body);
    case EA_KIND_IGNITION:
        return memchr(body.ptr, '\0', body.len) == NULL;
    case EA_KIND_OTHER:
        return true;
    case EA_KIND_NONE:
        return false;
    }
    return false;
}

static bool
has_right_placeholders(enum ea_key_source key, struct ea_bytes body)
{
    size_t begun = count_of(body, EA_BYTES(PLACEHOLDER_BEGIN));

    switch (key) {
    case EA_KEYS_MINT:
        return begun == 1 && ea_body_placeholders(body) == 1;
    case EA_KEYS_STATIC:
    case EA_KEYS_NONE:
        return begun == 0;
    case EA_KEYS_NONE_SET:
        return false;
    }
    return false;
}

enum ea_reason
ea_body_check(const struct ea_node *node, struct ea_bytes body)
{
    uint8_t digest[EA_SHA256_LEN];

    if (body.len == 0 || body.len > EA_BODY_MAX) {
        return EA_REASON_BODY;
    }
    if (node->has_digest) {
        if (!ea_sha256(&body, 1, digest) ||
            (!ea_ct_equal(digest, node->digest, sizeof(digest)) &&
             !(node->has_previous &&
               ea_ct_equal(digest, node->previous, sizeof(digest))))) {
            return EA_REASON_DIGEST;
        }
    } else if (!is_plausible(node->kind, body)) {
        return EA_REASON_BODY;
    }
    if (!has_right_placeholders(node->key, body)) {
        return EA_REASON_PLACEHOLDER;
    }
    return EA_REASON_EXPOSED;
}
