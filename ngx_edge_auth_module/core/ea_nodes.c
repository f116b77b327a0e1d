/* Words of nodes.json and its URLs: see ea_nodes.h. */
#include <stdio.h>
#include <string.h>

#include "ea_nodes.h"
#include "ea_number.h"

#define COUNT(list) (sizeof(list) / sizeof((list)[0]))
#define WORDS(name, what, ...)                                                 \
    static const char *const name##_list[] = { "", __VA_ARGS__ };              \
    const struct ea_words ea_words_##name = { what, name##_list,               \
                                              COUNT(name##_list) }

WORDS(require, "require", "token", "cert", "token+cert");
WORDS(token, "token", "node", "site");
WORDS(mode, "mode", "allowlist", "tofu", "approve");
WORDS(role, "role", "worker", "controlplane");
WORDS(kind, "kind", "talos", "ignition", "other");
WORDS(key, "key", "mint", "static", "none");
WORDS(assets, "assets", "list", "matchbox");

unsigned
ea_word_find(const struct ea_words *words, struct ea_bytes text,
             struct ea_error *err)
{
    char all[128] = "";
    size_t len = 0;

    for (unsigned i = 1; i < words->count; i++) {
        if (ea_bytes_equal(text, ea_bytes_of(words->word[i]))) {
            return i;
        }
    }
    for (size_t i = 1; i < words->count && len < sizeof(all); i++) {
        len += (size_t)snprintf(all + len, sizeof(all) - len, "%s%s",
                                i > 1 ? ", " : "", words->word[i]);
    }
    (void)ea_fail(err, EA_E_UNKNOWN, "%s '%.*s' is not one of %s", words->what,
                  text.len > 64 ? 64 : (int)text.len, text.ptr, all);
    return 0;
}

bool
ea_url_check(struct ea_bytes text, struct ea_error *err)
{
    struct ea_bytes host;
    const char *colon;
    uint64_t port;
    bool good = text.len > 8 && text.len <= EA_URL_MAX &&
                memcmp(text.ptr, "https://", 8) == 0;

    if (good) {
        host = (struct ea_bytes){ text.ptr + 8, text.len - 8 };
        colon = memchr(host.ptr, ':', host.len);
        if (colon != NULL) {
            struct ea_bytes digits = { colon + 1, 0 };

            digits.len = host.len - (size_t)(digits.ptr - host.ptr);
            host.len = (size_t)(colon - host.ptr);
            good = ea_number_parse(digits, 1, 65535, "port", &port, NULL);
        }
        good = good && ea_domain_check(host, NULL);
    }
    if (!good) {
        return ea_fail(err, EA_E_SYNTAX,
                       "url '%.*s' is not https://HOST[:PORT] in lower case, "
                       "with nothing behind it and at most %d characters",
                       text.len > EA_URL_MAX ? EA_URL_MAX : (int)text.len,
                       text.ptr, EA_URL_MAX);
    }
    return true;
}
