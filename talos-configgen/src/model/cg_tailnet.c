/* Words of a tailnet; see cg_tailnet.h. */
#include "model/cg_tailnet.h"

#include <string.h>

#include "ea_keyd.h"
#include "ea_number.h"
#include "model/cg_cidr.h"

#define LOWER "abcdefghijklmnopqrstuvwxyz"
#define UPPER "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
#define DIGITS "0123456789"
#define PORT_MAX 65535
#define PEER_MAX 255

static bool
parse_port(const char *text, size_t len, unsigned *ret)
{
    uint64_t port = 0;

    if (!ea_number_parse((struct ea_bytes){ text, len }, 1, PORT_MAX, "port",
                         &port, NULL)) {
        return false;
    }
    *ret = (unsigned)port;
    return true;
}

/* What follows "tcp" or "udp" and `mark`; NULL: neither. */
static const char *
after_protocol(const char *text, const char *mark, bool *ret_is_udp)
{
    size_t len = strlen(mark);

    if ((strncmp(text, "tcp", 3) != 0 && strncmp(text, "udp", 3) != 0) ||
        strncmp(text + 3, mark, len) != 0) {
        return NULL;
    }
    *ret_is_udp = *text == 'u';
    return text + 3 + len;
}

bool
cg_ports_parse(const char *text, struct cg_ports *ret)
{
    struct cg_ports ports = { 0 };
    const char *rest = after_protocol(text, ":", &ports.is_udp);
    const char *dash = rest == NULL ? NULL : strchr(rest, '-');

    if (rest == NULL || !parse_port(rest, strcspn(rest, "-"), &ports.first)) {
        return false;
    }
    ports.last = ports.first;
    if (dash != NULL && (!parse_port(dash + 1, strlen(dash + 1), &ports.last) ||
                         ports.last <= ports.first)) {
        return false;
    }
    *ret = ports;
    return true;
}

/* Labels of letters, digits and hyphens with dots between them; the last one
 * is no number, or it would be an address that was mistyped. */
static bool
is_host_name(const char *text)
{
    const char *last = text;

    while (true) {
        size_t len = strspn(text, LOWER UPPER DIGITS "-");

        if (len == 0 || len > 63 || text[0] == '-' || text[len - 1] == '-') {
            return false;
        }
        last = text;
        text += len;
        if (*text != '.') {
            break;
        }
        text++;
    }
    return *text == '\0' && strspn(last, DIGITS) != strlen(last);
}

bool
cg_receiver_parse(const char *text, struct cg_receiver *ret)
{
    struct cg_receiver receiver = { 0 };
    const char *rest = after_protocol(text, "://", &receiver.is_udp);
    const char *colon = rest == NULL ? NULL : strrchr(rest, ':');
    bool has_brackets = rest != NULL && *rest == '[';
    struct cg_cidr cidr;
    size_t len;

    if (colon == NULL ||
        !parse_port(colon + 1, strlen(colon + 1), &receiver.port)) {
        return false;
    }
    len = (size_t)(colon - rest);
    if (has_brackets) {
        if (len < 2 || rest[len - 1] != ']') {
            return false;
        }
        rest++;
        len -= 2;
    }
    if (len == 0 || len > CG_HOST_MAX || memchr(rest, '/', len) != NULL) {
        return false;
    }
    memcpy(receiver.host, rest, len);
    if (cg_cidr_parse(receiver.host, &cidr)) {
        if (cidr.is_v6 != has_brackets) {
            return false;
        }
    } else if (has_brackets || !is_host_name(receiver.host)) {
        return false;
    } else {
        receiver.is_name = true;
    }
    *ret = receiver;
    return true;
}

bool
cg_tailnet_has(const char *address)
{
    static const char *const networks[] = { CG_TAILNET_V4, CG_TAILNET_V6 };
    struct cg_cidr net;

    for (size_t i = 0; i < sizeof(networks) / sizeof(networks[0]); i++) {
        if (cg_cidr_parse(networks[i], &net) &&
            cg_cidr_contains(&net, address)) {
            return true;
        }
    }
    return false;
}

static bool
has_prefix(const char *text, const char *prefix)
{
    return strncmp(text, prefix, strlen(prefix)) == 0;
}

static bool
is_word(const char *text, size_t len, const char *characters)
{
    return len > 0 && strspn(text, characters) >= len;
}

bool
cg_peer_is_valid(const char *text, bool may_be_tag)
{
    static const char user[] = LOWER UPPER DIGITS "._+-";
    static const char domain[] = LOWER UPPER DIGITS ".-";
    const char *at;

    if (strlen(text) > PEER_MAX) {
        return false;
    }
    if (has_prefix(text, "tag:")) {
        return may_be_tag && ea_keyd_tag_check(ea_bytes_of(text), NULL);
    }
    if (has_prefix(text, "autogroup:")) {
        text += strlen("autogroup:");
        return is_word(text, strlen(text), LOWER "-");
    }
    if (has_prefix(text, "group:")) {
        text += strlen("group:");
        at = strchr(text, '@');
        return at == NULL ? is_word(text, strlen(text), user)
                          : is_word(text, (size_t)(at - text), user) &&
                                is_word(at + 1, strlen(at + 1), domain);
    }
    at = strchr(text, '@');
    return at != NULL && is_word(text, (size_t)(at - text), user) &&
           (at[1] == '\0' || is_word(at + 1, strlen(at + 1), domain));
}

bool
cg_peer_is_local_group(const char *text)
{
    return has_prefix(text, "group:") && strchr(text, '@') == NULL;
}
