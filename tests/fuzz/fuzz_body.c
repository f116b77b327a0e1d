/* An accepted body stays accepted with a comment behind it, and is refused with
 * a second config, a placeholder or a private key behind it. */
#include <string.h>

#include "ea_body.h"
#include "fuzz.h"

static enum ea_reason
check_with(const uint8_t *data, size_t size, const char *more)
{
    const struct ea_node node = { .kind = EA_KIND_TALOS, .key = EA_KEYS_NONE };
    size_t len = strlen(more);
    char *text = malloc(size + len + 1);
    enum ea_reason reason;

    MUST(text != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    memcpy(text + size, more, len + 1);
    reason = ea_body_check(&node, (struct ea_bytes){ text, size + len });
    free(text);
    return reason;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    enum ea_reason reason = check_with(data, size, "");

    MUST(reason == EA_REASON_EXPOSED || reason == EA_REASON_BODY ||
         reason == EA_REASON_PLACEHOLDER);
    if (reason != EA_REASON_EXPOSED || size > EA_BODY_MAX / 2) {
        return 0;
    }
    MUST(check_with(data, size, "\n# x\n") == EA_REASON_EXPOSED);
    MUST(check_with(data, size, "\n---\nversion: v1alpha1\nmachine:\n") ==
         EA_REASON_BODY);
    MUST(check_with(data, size, "\n# " EA_PLACEHOLDER "\n") ==
         EA_REASON_PLACEHOLDER);
    MUST(check_with(data, size, "\n# -----BEGIN PRIVATE KEY-----\n") ==
         EA_REASON_BODY);
    MUST(check_with(data, size, "\n# LS0tLS1CRUdJTiBQUklWQVRFIEtFWS0tLS0t\n") ==
         EA_REASON_BODY);
    return 0;
}
