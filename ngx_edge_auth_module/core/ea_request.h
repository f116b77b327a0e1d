/*
 * What a request asks for, decided from its bytes alone (DESIGN section 4): the
 * stage table, the path prefix that carries a token, the ticket in a config
 * URL, and the query of a claim. The glue hands over the raw target exactly as
 * it stood in the request line.
 *
 * A target is split without decoding: it is accepted only if the raw path
 * consists of the characters of the table's paths, so "%2e", "//", "..", a
 * trailing slash or another letter case is just another path, and not in the
 * table.
 */
#ifndef EA_REQUEST_H
#define EA_REQUEST_H

#include "ea_ids.h"
#include "ea_token.h"

/* The role of a listener. */
enum ea_role {
    EA_ROLE_NONE = 0,
    EA_ROLE_BOOT,      /* token: carriers are header and path prefix */
    EA_ROLE_BOOT_MTLS, /* client certificate, token too if the site says so */
    EA_ROLE_CONFIG     /* ticket */
};

enum ea_stage {
    EA_STAGE_NONE = 0, /* not in the table: 404 */
    EA_STAGE_BOOT,     /* boot.ipxe, boot.ipxe.0: Matchbox' own script */
    EA_STAGE_CLAIM,    /* ipxe */
    EA_STAGE_ASSET, /* assets/NAME, ipxe.efi, ipxe-arm64.efi, autoexec.ipxe */
    EA_STAGE_CONFIG /* generic, ignition, cloud, metadata */
};

#define EA_TARGET_MAX 2048
#define EA_ASSET_NAME_MAX 255

/* All slices point into the target that was given. */
struct ea_target {
    enum ea_stage stage;
    struct ea_bytes credential; /* what stood between /t/ or /c/ and '/'; len 0
                                   if there was no prefix; not yet verified */
    struct ea_bytes path;       /* behind the prefix, without '/' in front */
    struct ea_bytes query;      /* behind '?', without it */
};

/* Splits "/t/<token>/boot.ipxe?..." (boot roles; the prefix may be absent) or
 * "/c/<ticket>/generic?..." (config; it may not). EA_STAGE_NONE in stage: not
 * in the table for this role, or longer than EA_TARGET_MAX; credential is still
 * set where a prefix of either kind was recognised, so that it can be scrubbed.
 *
 * The name of an asset is one or more parts of letters, digits and "._+-"
 * with '/' between them; no part begins with a dot; EA_ASSET_NAME_MAX
 * characters with "assets/". Only origin form is known ("/..."). */
void ea_target_split(enum ea_role role, struct ea_bytes target,
                     struct ea_target *ret_target);

/* Is this one of the files of UEFI HTTP boot, which have plain names because
 * firmware and iPXE ask for them by these: ipxe.efi, ipxe-arm64.efi,
 * autoexec.ipxe? */
bool ea_target_is_uefi(struct ea_bytes path);

/* Path and query of the URI that everything after the scrub may see: the same
 * target without prefix and credential, as in "/ipxe?uuid=..." The query keeps
 * only uuid, mac, serial and arch, and ea_token_redact has been over the
 * result. Never longer than a target that begins with '/', and ret_text may be
 * the memory the target points into. Returns the length, 0 if `size` is too
 * small. */
size_t ea_target_scrub(const struct ea_target *target, char *ret_text,
                       size_t size);

enum ea_arch { EA_ARCH_NONE = 0, EA_ARCH_X86_64, EA_ARCH_ARM64, EA_ARCH_I386 };
const char *ea_arch_word(enum ea_arch arch); /* "" for none */

/* The facts in a claim's or config GET's query. */
struct ea_query {
    struct ea_ids ids;
    enum ea_arch arch;
};

/* Reads uuid, mac, serial, arch; each at most once, keys and values
 * percent-decoded once ('+' is a plus sign, as iPXE means it). A control
 * character after decoding or a bad escape anywhere, a second occurrence, a
 * value over 256 characters or a malformed uuid or mac refuses the whole query.
 * A serial out of form is absent; so is an arch that is not known. Any other
 * argument (iPXE sends domain and hostname) is ignored: nothing of the client's
 * query is ever forwarded. A uuid, mac or serial that still holds "${" sets
 * *ret_literal and is absent (Talos could not fill it in; answer 503, count
 * nothing). On failure neither result is written. */
EA_MUST_CHECK bool ea_query_parse(struct ea_bytes query,
                                  struct ea_query *ret_query, bool *ret_literal,
                                  struct ea_error *err);

#define EA_LABELS_MAX 8
#define EA_LABEL_KEY_MAX 63
#define EA_LABEL_VALUE_MAX 255
struct ea_label {
    char key[EA_LABEL_KEY_MAX + 1];
    char value[EA_LABEL_VALUE_MAX + 1];
};

/* The upstream request target: a constant path per stage and the node's own
 * labels, percent-encoded; never a byte of the client's. `path` is one of
 * "boot.ipxe", "boot.ipxe.0", "ipxe", "generic", "ignition", "cloud",
 * "metadata". `arch` is left out if it is none or if a label is called arch.
 * No NUL is written. false if it does not fit, for another path, for more than
 * EA_LABELS_MAX labels or one without a key. */
EA_MUST_CHECK bool ea_upstream_target(const char *path,
                                      const struct ea_label *labels,
                                      size_t count, enum ea_arch arch,
                                      char *ret_text, size_t size,
                                      size_t *ret_len);

#endif
