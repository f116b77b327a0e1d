/* What a request asks for: see ea_request.h. */
#include <string.h>

#include "ea_request.h"

static const char *const arch_words[] = {
    [EA_ARCH_NONE] = "",
    [EA_ARCH_X86_64] = "x86_64",
    [EA_ARCH_ARM64] = "arm64",
    [EA_ARCH_I386] = "i386",
};
#define ARCHES (sizeof(arch_words) / sizeof(arch_words[0]))

/* Everything that is not here is 404. */
static const struct stage_row {
    const char *path;
    enum ea_stage stage;
    bool config; /* on the config listener, else on the boot listeners */
} stages[] = {
    { "boot.ipxe", EA_STAGE_BOOT, false },
    { "boot.ipxe.0", EA_STAGE_BOOT, false },
    { "ipxe", EA_STAGE_CLAIM, false },
    { "ipxe.efi", EA_STAGE_ASSET, false },
    { "ipxe-arm64.efi", EA_STAGE_ASSET, false },
    { "autoexec.ipxe", EA_STAGE_ASSET, false },
    { "generic", EA_STAGE_CONFIG, true },
    { "ignition", EA_STAGE_CONFIG, true },
    { "cloud", EA_STAGE_CONFIG, true },
    { "metadata", EA_STAGE_CONFIG, true },
};
#define STAGES (sizeof(stages) / sizeof(stages[0]))

static bool
is_one_of(char c, const char *others)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
           (c >= '0' && c <= '9') || (c != '\0' && strchr(others, c) != NULL);
}

/* "assets/NAME[/NAME...]": names of letters, digits and "._+-" that do not
 * begin with a dot. */
static bool
is_asset(struct ea_bytes path)
{
    const struct ea_bytes folder = EA_BYTES("assets/");
    char before = '/';

    if (path.len <= folder.len || path.len > EA_ASSET_NAME_MAX ||
        memcmp(path.ptr, folder.ptr, folder.len) != 0) {
        return false;
    }
    for (size_t i = folder.len; i < path.len; i++) {
        char c = path.ptr[i];

        if (c == '/' ? before == '/' : !is_one_of(c, "._+-")) {
            return false;
        }
        if (c == '.' && before == '/') {
            return false;
        }
        before = c;
    }
    return before != '/';
}

static enum ea_stage
find_stage(bool config, struct ea_bytes path)
{
    for (size_t i = 0; i < STAGES; i++) {
        if (stages[i].config == config &&
            ea_bytes_equal(path, ea_bytes_of(stages[i].path))) {
            return stages[i].stage;
        }
    }
    return !config && is_asset(path) ? EA_STAGE_ASSET : EA_STAGE_NONE;
}

bool
ea_target_is_uefi(struct ea_bytes path)
{
    for (size_t i = 0; i < STAGES; i++) {
        if (stages[i].stage == EA_STAGE_ASSET &&
            ea_bytes_equal(path, ea_bytes_of(stages[i].path))) {
            return true;
        }
    }
    return false;
}

/* Up to `separator`, which is skipped; *rest is what follows, if anything. */
static struct ea_bytes
take(struct ea_bytes text, char separator, struct ea_bytes *rest)
{
    const char *end =
        text.len > 0 ? memchr(text.ptr, separator, text.len) : NULL;
    size_t len = end != NULL ? (size_t)(end - text.ptr) : text.len;

    *rest = end != NULL ? (struct ea_bytes){ end + 1, text.len - len - 1 }
                        : (struct ea_bytes){ NULL, 0 };
    return (struct ea_bytes){ text.ptr, len };
}

void
ea_target_split(enum ea_role role, struct ea_bytes target,
                struct ea_target *ret_target)
{
    struct ea_target out = { .stage = EA_STAGE_NONE };
    bool config = role == EA_ROLE_CONFIG;
    char prefix = '\0';

    if (target.len == 0 || target.ptr[0] != '/') {
        *ret_target = out;
        return;
    }
    out.path = take(target, '?', &out.query);
    out.path.ptr++;
    out.path.len--;
    if (out.path.len >= 2 && out.path.ptr[1] == '/' &&
        (out.path.ptr[0] == 't' || out.path.ptr[0] == 'c')) {
        prefix = out.path.ptr[0];
        out.credential =
            take((struct ea_bytes){ out.path.ptr + 2, out.path.len - 2 }, '/',
                 &out.path);
    }
    /* A prefix of the other kind is recognised, so that it is scrubbed, but
     * opens nothing; a config URL always has its ticket. */
    if (role != EA_ROLE_NONE && target.len <= EA_TARGET_MAX &&
        (config ? prefix == 'c' : prefix != 'c') &&
        (prefix == '\0' || out.credential.len > 0)) {
        out.stage = find_stage(config, out.path);
    }
    *ret_target = out;
}

/* ---- queries ---- */

static int
hex_digit(char c)
{
    if (c >= '0' && c <= '9') {
        return c - '0';
    }
    c = (char)(c | 0x20);
    return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* A decoded piece of a query; the longest that can mean something is a serial
 * with spaces around. */
struct piece {
    char text[256];
    size_t len; /* counts on when text is full */
};

/* false: a bad escape, or a control character. '+' is a plus sign: that is how
 * iPXE sends one; it sends a space as %20. */
static bool
decode(struct ea_bytes raw, struct piece *ret_piece)
{
    struct piece piece = { .len = 0 };

    for (size_t i = 0; i < raw.len; i++, piece.len++) {
        char c = raw.ptr[i];

        if (c == '%') {
            if (raw.len - i < 3 || hex_digit(raw.ptr[i + 1]) < 0 ||
                hex_digit(raw.ptr[i + 2]) < 0) {
                return false;
            }
            c = (char)(hex_digit(raw.ptr[i + 1]) << 4 |
                       hex_digit(raw.ptr[i + 2]));
            i += 2;
        }
        if ((unsigned char)c < ' ' || c == 0x7f) {
            return false;
        }
        if (piece.len < sizeof(piece.text)) {
            piece.text[piece.len] = c;
        }
    }
    *ret_piece = piece;
    return true;
}

enum argument { ARG_OTHER = 0, ARG_UUID, ARG_MAC, ARG_SERIAL, ARG_ARCH };

static const char *const argument_words[] = {
    [ARG_OTHER] = "",    [ARG_UUID] = "uuid",     [ARG_MAC] = "mac",
    [ARG_ARCH] = "arch", [ARG_SERIAL] = "serial",
};
#define ARGUMENTS (sizeof(argument_words) / sizeof(argument_words[0]))

static enum argument
find_argument(struct ea_bytes key)
{
    for (size_t i = 1; i < ARGUMENTS; i++) {
        if (ea_bytes_equal(key, ea_bytes_of(argument_words[i]))) {
            return (enum argument)i;
        }
    }
    return ARG_OTHER;
}

static bool
set_argument(enum argument argument, struct ea_bytes value,
             struct ea_query *query, bool *ret_literal, struct ea_error *err)
{
    if (memmem(value.ptr, value.len, "${", 2) != NULL) {
        *ret_literal = *ret_literal || argument != ARG_ARCH;
        return true;
    }
    switch (argument) {
    case ARG_UUID:
        return ea_uuid_normalise(value, query->ids.uuid, err);
    case ARG_MAC:
        return ea_mac_normalise(value, query->ids.mac, err);
    case ARG_SERIAL:
        /* No inventory can declare a serial out of form, and firmware with
         * rubbish in it must boot by its other ids: absent. */
        if (!ea_serial_normalise(value, query->ids.serial, NULL)) {
            query->ids.serial[0] = '\0';
        }
        return true;
    case ARG_ARCH:
        for (size_t i = 1; i < ARCHES; i++) {
            if (ea_bytes_equal(value, ea_bytes_of(arch_words[i]))) {
                query->arch = (enum ea_arch)i;
            }
        }
        return true;
    case ARG_OTHER:
        return true;
    }
    return false;
}

bool
ea_query_parse(struct ea_bytes query, struct ea_query *ret_query,
               bool *ret_literal, struct ea_error *err)
{
    struct ea_query parsed = { .arch = EA_ARCH_NONE };
    bool seen[ARGUMENTS] = { false }, literal = false;

    while (query.len > 0) {
        struct ea_bytes raw = take(query, '&', &query), raw_value;
        struct ea_bytes raw_key = take(raw, '=', &raw_value);
        struct piece key, value;
        enum argument argument;

        if (!decode(raw_key, &key) || !decode(raw_value, &value)) {
            return ea_fail(err, EA_E_SYNTAX,
                           "query holds a bad escape or a control character");
        }
        if (key.len > sizeof(key.text)) {
            continue;
        }
        argument = find_argument((struct ea_bytes){ key.text, key.len });
        if (argument == ARG_OTHER) {
            continue;
        }
        if (seen[argument]) {
            return ea_fail(err, EA_E_DUPLICATE, "query holds '%s' twice",
                           argument_words[argument]);
        }
        seen[argument] = true;
        if (value.len > sizeof(value.text)) {
            return ea_fail(err, EA_E_RANGE,
                           "query argument '%s' is longer than %d characters",
                           argument_words[argument], (int)sizeof(value.text));
        }
        if (!set_argument(argument, (struct ea_bytes){ value.text, value.len },
                          &parsed, &literal, err)) {
            return false;
        }
    }
    *ret_query = parsed;
    *ret_literal = literal;
    return true;
}

const char *
ea_arch_word(enum ea_arch arch)
{
    return (size_t)arch < ARCHES ? arch_words[arch] : "";
}

/* ---- what others see of a request ---- */

/* Text being written; `failed` sticks. */
struct out {
    char *text;
    size_t len, size;
    bool failed;
};

static void
put(struct out *out, struct ea_bytes text)
{
    if (out->failed || text.len > out->size - out->len) {
        out->failed = true;
        return;
    }
    if (text.len > 0) {
        /* memmove: a scrub may write over the target it reads. */
        memmove(out->text + out->len, text.ptr, text.len);
    }
    out->len += text.len;
}

size_t
ea_target_scrub(const struct ea_target *target, char *ret_text, size_t size)
{
    struct out out = { .text = ret_text, .size = size };
    struct ea_bytes rest = target->query;
    const char *separator = "?";

    put(&out, EA_BYTES("/"));
    put(&out, target->path);
    while (rest.len > 0) {
        struct ea_bytes argument = take(rest, '&', &rest), value;

        if (find_argument(take(argument, '=', &value)) != ARG_OTHER) {
            put(&out, ea_bytes_of(separator));
            put(&out, argument);
            separator = "&";
        }
    }
    if (out.failed) {
        return 0;
    }
    /* A client may have put a credential where none belongs. */
    (void)ea_token_redact(ret_text, out.len);
    return out.len;
}

static void
put_escaped(struct out *out, const char *text)
{
    static const char digits[] = "0123456789ABCDEF";

    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;
        const char escape[] = { '%', digits[c >> 4], digits[c & 15] };

        if (is_one_of(*text, "-._~")) {
            put(out, (struct ea_bytes){ text, 1 });
        } else {
            put(out, (struct ea_bytes){ escape, sizeof(escape) });
        }
    }
}

static void
put_label(struct out *out, const char *separator, const char *key,
          const char *value)
{
    put(out, ea_bytes_of(separator));
    put_escaped(out, key);
    put(out, EA_BYTES("="));
    put_escaped(out, value);
}

static bool
is_upstream_path(struct ea_bytes path)
{
    for (size_t i = 0; i < STAGES; i++) {
        if (stages[i].stage != EA_STAGE_ASSET &&
            ea_bytes_equal(path, ea_bytes_of(stages[i].path))) {
            return true;
        }
    }
    return false;
}

bool
ea_upstream_target(const char *path, const struct ea_label *labels,
                   size_t count, enum ea_arch arch, char *ret_text, size_t size,
                   size_t *ret_len)
{
    struct out out = { .text = ret_text, .size = size };
    const char *separator = "?";
    bool has_arch = false;

    if (!is_upstream_path(ea_bytes_of(path)) || count > EA_LABELS_MAX) {
        return false;
    }
    put(&out, EA_BYTES("/"));
    put(&out, ea_bytes_of(path));
    for (size_t i = 0; i < count; i++) {
        if (labels[i].key[0] == '\0') {
            return false;
        }
        put_label(&out, separator, labels[i].key, labels[i].value);
        has_arch = has_arch || strcmp(labels[i].key, "arch") == 0;
        separator = "&";
    }
    /* The node's own word for it stands first and alone: Matchbox takes the
     * first of two. */
    if (!has_arch && ea_arch_word(arch)[0] != '\0') {
        put_label(&out, separator, "arch", ea_arch_word(arch));
    }
    if (out.failed) {
        return false;
    }
    *ret_len = out.len;
    return true;
}
