/* Configuration and secret: see kd_config.h. */
#include <errno.h>
#include <fcntl.h>
#include <pwd.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include <jansson.h>

#include "ea_crypto.h"
#include "kd_config.h"

#define URL_MAX 200
#define SOCKET_MAX 107 /* sun_path without its NUL */

enum takes { TAKES_TEXT, TAKES_NUMBER, TAKES_LIST };

/* `at` is the place in struct kd_config; of a list its first element, with the
 * count in `count_at`. */
struct member {
    const char *name;
    enum takes takes;
    size_t at, count_at;
    long min, max; /* of a number; of a list: how many */
    long fallback;
    const char *help;
};

#define AT(name) offsetof(struct kd_config, name)

static const struct member members[] = {
    { "provider", TAKES_TEXT, SIZE_MAX, 0, 0, 0, 0, "tailscale or headscale" },
    { "base_url", TAKES_TEXT, AT(base_url), 0, 0, 0, 0,
      "https://HOST[:PORT] of the API; default: Tailscale's" },
    { "instance", TAKES_TEXT, AT(instance), 0, 0, 0, 0,
      "word in key descriptions; one per gate and tailnet" },
    { "tailnet", TAKES_TEXT, AT(tailnet), 0, 0, 0, 0,
      "tailscale: tailnet; default \"-\", the credential's own" },
    { "client_id", TAKES_TEXT, AT(client_id), 0, 0, 0, 0,
      "tailscale: OAuth client; default: the one in its secret" },
    { "user", TAKES_TEXT, AT(user), 0, 0, 0, 0,
      "headscale: number of a user that only edge-keyd mints for" },
    { "secret_file", TAKES_TEXT, AT(secret_file), 0, 0, 0, 0,
      "file with the API secret, mode 0400" },
    { "secret_credential", TAKES_TEXT, AT(secret_credential), 0, 0, 0, 0,
      "or the name of a systemd credential" },
    { "secret_expires", TAKES_TEXT, AT(secret_expires), 0, 0, 0, 0,
      "day the secret ends, YYYY-MM-DD, for the figures; default: never" },
    { "ca_file", TAKES_TEXT, AT(ca_file), 0, 0, 0, 0,
      "PEM file of the API's CA; default: the system's" },
    { "socket", TAKES_TEXT, AT(socket), 0, 0, 0, 0,
      "socket that clients connect to; default /run/edge-keyd/keyd.sock" },
    { "users", TAKES_LIST, AT(users), AT(users_count), 0, KD_USERS_MAX, 0,
      "users that may connect, besides root; default [\"edge-auth\"]" },
    { "tags", TAKES_LIST, AT(tags), AT(tags_count), 1, KD_TAG_RULES_MAX, 0,
      "tags that keys may have; \"*\" at the end stands for anything" },
    { "keys_per_hour", TAKES_NUMBER, AT(per_hour), 0, 0, 1000000, 60,
      "keys for one site in an hour; 0: no ceiling" },
    { "keys_per_day", TAKES_NUMBER, AT(per_day), 0, 0, 1000000, 500,
      "keys for one site in a day; 0: no ceiling" },
    { "queue", TAKES_NUMBER, AT(queue), 0, 1, 1024, 256,
      "requests that may wait at once" },
    { "timeout", TAKES_NUMBER, AT(timeout), 0, 1, 60, 8,
      "seconds that one request to the API may take" },
};

#define MEMBERS (sizeof(members) / sizeof(members[0]))

void
kd_config_print(FILE *out)
{
    for (size_t i = 0; i < MEMBERS; i++) {
        (void)fprintf(out, "  %-18s %s", members[i].name, members[i].help);
        if (members[i].takes == TAKES_NUMBER) {
            (void)fprintf(out, "; %ld..%ld, default %ld", members[i].min,
                          members[i].max, members[i].fallback);
        }
        (void)fputc('\n', out);
    }
}

static void *
place(struct kd_config *config, size_t at)
{
    return (char *)config + at;
}

static bool
set_text(char **place_of, const char *text, struct ea_error *err)
{
    free(*place_of);
    *place_of = strdup(text);
    return *place_of != NULL || ea_fail(err, EA_E_UNAVAILABLE, "out of memory");
}

static bool
set_list(struct kd_config *config, const struct member *member,
         const json_t *value, struct ea_error *err)
{
    char **list = place(config, member->at);
    size_t *count = place(config, member->count_at);
    size_t given = json_array_size(value);

    if (!json_is_array(value) || given < (size_t)member->min ||
        given > (size_t)member->max) {
        return ea_fail(err, EA_E_SYNTAX,
                       "'%s' is not a list of %ld to %ld strings", member->name,
                       member->min, member->max);
    }
    for (size_t i = 0; i < given; i++) {
        const char *text = json_string_value(json_array_get(value, i));

        if (text == NULL) {
            return ea_fail(err, EA_E_SYNTAX, "'%s' holds no string at %zu",
                           member->name, i + 1);
        }
        if (!set_text(&list[i], text, err)) {
            return false;
        }
        *count = i + 1;
    }
    return true;
}

static bool
set_member(struct kd_config *config, const struct member *member,
           const json_t *value, struct ea_error *err)
{
    json_int_t number;

    switch (member->takes) {
    case TAKES_LIST:
        return set_list(config, member, value, err);
    case TAKES_NUMBER:
        number = json_integer_value(value);
        if (!json_is_integer(value) || number < member->min ||
            number > member->max) {
            return ea_fail(err, EA_E_RANGE,
                           "'%s' is not a number from %ld to %ld", member->name,
                           member->min, member->max);
        }
        *(uint32_t *)place(config, member->at) = (uint32_t)number;
        return true;
    case TAKES_TEXT:
        break;
    }
    if (!json_is_string(value) || json_string_length(value) == 0) {
        return ea_fail(err, EA_E_SYNTAX, "'%s' is not a string with text",
                       member->name);
    }
    if (member->at != SIZE_MAX) {
        return set_text(place(config, member->at), json_string_value(value),
                        err);
    }
    for (size_t i = 0; i < 2; i++) {
        const struct kd_provider *known =
            i == 0 ? &kd_tailscale : &kd_headscale;

        if (strcmp(json_string_value(value), known->name) == 0) {
            config->provider = known;
        }
    }
    return config->provider != NULL ||
           ea_fail(err, EA_E_UNKNOWN,
                   "provider '%s' is not one of tailscale, headscale",
                   json_string_value(value));
}

static bool
set_all(struct kd_config *config, json_t *root, struct ea_error *err)
{
    const char *name;
    json_t *value;

    json_object_foreach(root, name, value)
    {
        size_t i = 0;

        while (i < MEMBERS && strcmp(members[i].name, name) != 0) {
            i++;
        }
        if (i == MEMBERS) {
            return ea_fail(err, EA_E_UNKNOWN,
                           "unknown member '%s': see edge-keyd --help", name);
        }
        if (!set_member(config, &members[i], value, err)) {
            return false;
        }
    }
    return true;
}

/* https://HOST[:PORT]; http on loopback only, for tests. */
static bool
check_url(const char *url, struct ea_error *err)
{
    const char *host;
    size_t len;

    if (strncmp(url, "http://127.0.0.1:", 17) == 0) {
        host = url + 7;
    } else if (strncmp(url, "https://", 8) == 0) {
        host = url + 8;
    } else {
        return ea_fail(err, EA_E_SYNTAX,
                       "base_url '%s' does not begin with https://", url);
    }
    len = strlen(host);
    if (len == 0 || len > URL_MAX ||
        strspn(host, "abcdefghijklmnopqrstuvwxyz0123456789.-:[]") != len) {
        return ea_fail(err, EA_E_SYNTAX,
                       "base_url '%s' is not https://HOST[:PORT]", url);
    }
    return true;
}

static bool
check_word(const char *name, const char *text, size_t max, const char *more,
           struct ea_error *err)
{
    static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
                                  "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";
    size_t len = strlen(text);

    for (size_t i = 0; i < len; i++) {
        if (memchr(letters, text[i], sizeof(letters) - 1) == NULL &&
            strchr(more, text[i]) == NULL) {
            return ea_fail(err, EA_E_SYNTAX,
                           "%s '%s' has characters other than letters, digits "
                           "and '%s'",
                           name, text, more);
        }
    }
    return len <= max || ea_fail(err, EA_E_RANGE,
                                 "%s is longer than %zu characters", name, max);
}

/* A day that does not exist, as the 31st of February, is none. */
static bool
check_day(struct kd_config *config, struct ea_error *err)
{
    const char *day = config->secret_expires;
    char text[sizeof("2000-01-01T00:00:00Z")], again[sizeof("2000-01-01")];
    struct tm parts;
    time_t at;

    if (day == NULL) {
        return true;
    }
    (void)snprintf(text, sizeof(text), "%sT00:00:00Z", day);
    config->secret_ends = strlen(day) == 10 ? kd_time_parse(text) : 0;
    at = (time_t)config->secret_ends;
    if (at == 0 || gmtime_r(&at, &parts) == NULL ||
        strftime(again, sizeof(again), "%Y-%m-%d", &parts) == 0 ||
        strcmp(again, day) != 0) {
        return ea_fail(err, EA_E_SYNTAX,
                       "secret_expires '%s' is no day, as in 2027-03-31", day);
    }
    return true;
}

static bool
check_tags(const struct kd_config *config, struct ea_error *err)
{
    if (config->tags_count == 0) {
        return ea_fail(err, EA_E_MISSING,
                       "'tags' is missing: which tags may keys have?");
    }
    for (size_t i = 0; i < config->tags_count; i++) {
        struct ea_bytes tag = ea_bytes_of(config->tags[i]);

        if (tag.len > 0 && tag.ptr[tag.len - 1] == '*') {
            tag.len--;
        }
        if (!ea_keyd_tag_check(tag, err)) {
            ea_error_prefix(err, "'tags'");
            return false;
        }
    }
    return true;
}

/* What would else show when it is needed. */
static bool
check_paths(const struct kd_config *config, struct ea_error *err)
{
    if (config->socket[0] != '/' || strlen(config->socket) > SOCKET_MAX) {
        return ea_fail(err, EA_E_RANGE,
                       "socket '%s' is not an absolute path of at most %d "
                       "characters",
                       config->socket, SOCKET_MAX);
    }
    if (config->ca_file != NULL && access(config->ca_file, R_OK) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "ca_file %s: %s", config->ca_file,
                       strerror(errno));
    }
    return true;
}

static bool
find_users(struct kd_config *config, struct ea_error *err)
{
    if (config->users_count == 0) {
        if (!set_text(&config->users[0], "edge-auth", err)) {
            return false;
        }
        config->users_count = 1;
    }
    for (size_t i = 0; i < config->users_count; i++) {
        const struct passwd *user = getpwnam(config->users[i]);

        if (user == NULL) {
            return ea_fail(err, EA_E_UNKNOWN,
                           "'users': there is no user '%s' on this machine",
                           config->users[i]);
        }
        config->uids[i] = user->pw_uid;
    }
    return true;
}

static bool
fill_in(struct kd_config *config, struct ea_error *err)
{
    static const char *const socket = "/run/edge-keyd/keyd.sock";

    for (size_t i = 0; i < MEMBERS; i++) {
        if (members[i].takes == TAKES_NUMBER) {
            *(uint32_t *)place(config, members[i].at) =
                (uint32_t)members[i].fallback;
        }
    }
    return set_text(&config->tailnet, "-", err) &&
           set_text(&config->socket, socket, err);
}

static bool
check(struct kd_config *config, struct ea_error *err)
{
    const bool is_headscale = config->provider == &kd_headscale;

    if (config->provider == NULL) {
        return ea_fail(err, EA_E_MISSING,
                       "'provider' is missing: tailscale or headscale");
    }
    if (config->base_url == NULL && config->provider->base_url != NULL &&
        !set_text(&config->base_url, config->provider->base_url, err)) {
        return false;
    }
    if (config->base_url == NULL || config->instance == NULL ||
        (is_headscale && config->user == NULL)) {
        return ea_fail(err, EA_E_MISSING, "'%s' is missing",
                       config->base_url == NULL   ? "base_url"
                       : config->instance == NULL ? "instance"
                                                  : "user");
    }
    if ((config->secret_file == NULL) == (config->secret_credential == NULL)) {
        return ea_fail(err, EA_E_MISSING,
                       "give one of 'secret_file' and 'secret_credential'");
    }
    if (is_headscale &&
        strspn(config->user, "0123456789") != strlen(config->user)) {
        return ea_fail(err, EA_E_SYNTAX,
                       "user '%s' is not a number: see `headscale users list`",
                       config->user);
    }
    if (config->secret_credential != NULL &&
        !check_word("secret_credential", config->secret_credential, 255, "._-",
                    err)) {
        return false;
    }
    if (config->client_id != NULL &&
        !check_word("client_id", config->client_id, 100, "_-", err)) {
        return false;
    }
    return check_url(config->base_url, err) &&
           check_word("instance", config->instance, KD_INSTANCE_MAX, "-",
                      err) &&
           check_word("tailnet", config->tailnet, 100, ".-@_", err) &&
           check_day(config, err) && check_tags(config, err) &&
           check_paths(config, err) && find_users(config, err);
}

/* jansson says "... near 'TEXT'", with text of the file. */
static bool
load_file(const char *path, json_t **ret_root, struct ea_error *err)
{
    char *text = malloc(KD_FILE_MAX + 1), *near;
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    ssize_t got = -1;
    json_error_t where = { 0 };

    if (text != NULL && fd >= 0) {
        got = read(fd, text, KD_FILE_MAX + 1);
    }
    if (got >= 0 && got <= KD_FILE_MAX) {
        *ret_root =
            json_loadb(text, (size_t)got, JSON_REJECT_DUPLICATES, &where);
    }
    if (got < 0) {
        (void)ea_fail(err, EA_E_UNAVAILABLE, "%s", strerror(errno));
    } else if (got > KD_FILE_MAX) {
        (void)ea_fail(err, EA_E_RANGE, "longer than %d bytes", KD_FILE_MAX);
    } else if (*ret_root == NULL) {
        near = strstr(where.text, " near ");
        if (near != NULL) {
            *near = '\0';
        }
        (void)ea_fail(err, EA_E_SYNTAX, "%s", where.text);
    }
    if (*ret_root == NULL) {
        ea_error_at(err, path, (unsigned)(where.line > 0 ? where.line : 0),
                    (unsigned)(where.column > 0 ? where.column : 0));
    }
    if (fd >= 0) {
        (void)close(fd);
    }
    if (text != NULL) {
        ea_wipe(text, KD_FILE_MAX + 1);
    }
    free(text);
    return *ret_root != NULL;
}

bool
kd_config_load(const char *path, struct kd_config *ret, struct ea_error *err)
{
    struct kd_config config = { 0 };
    json_t *root = NULL;
    bool good;

    if (!load_file(path, &root, err)) {
        return false;
    }
    good =
        json_is_object(root) || ea_fail(err, EA_E_SYNTAX, "not a JSON object");
    good = good && fill_in(&config, err) && set_all(&config, root, err) &&
           check(&config, err);
    json_decref(root);
    if (!good) {
        ea_error_at(err, path, 0, 0);
        kd_config_clear(&config);
        return false;
    }
    *ret = config;
    return true;
}

/* A credential of systemd belongs to root and has an ACL for our user, which
 * shows as permission of the group. */
static bool
check_secret_file(int fd, const char *path, bool is_credential,
                  struct ea_error *err)
{
    const mode_t others = is_credential ? 037 : 077;
    struct stat st;

    if (fstat(fd, &st) != 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    if (!S_ISREG(st.st_mode)) {
        return ea_fail(err, EA_E_REFUSED, "%s is not a regular file", path);
    }
    if ((st.st_mode & others) != 0) {
        return ea_fail(err, EA_E_REFUSED,
                       "%s may be read by others: chmod 0400 it", path);
    }
    if (st.st_uid != geteuid() && st.st_uid != 0) {
        return ea_fail(err, EA_E_REFUSED,
                       "%s belongs to another user than the one edge-keyd "
                       "runs as",
                       path);
    }
    return true;
}

static bool
read_line(int fd, const char *path, struct ea_keyd_key *ret_secret,
          struct ea_error *err)
{
    char text[EA_KEYD_KEY_MAX + 3];
    ssize_t got = read(fd, text, sizeof(text) - 1);
    size_t len;
    bool good;

    if (got < 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    text[got] = '\0';
    len = strcspn(text, "\r\n");
    text[len] = '\0';
    good = len <= EA_KEYD_KEY_MAX && text[0] != '\0' &&
           len + 2 >= (size_t)got && kd_is_id(text, 1, EA_KEYD_KEY_MAX);
    if (good) {
        memcpy(ret_secret->text, text, len + 1);
    }
    ea_wipe(text, sizeof(text));
    return good || ea_fail(err, EA_E_SYNTAX,
                           "%s does not hold one line with a secret of "
                           "letters, digits, '_' and '-'",
                           path);
}

/* tskey-client-<id>-<secret>: the id may be shown, and is used if none is
 * configured. */
static bool
check_tailscale_secret(struct kd_config *config, struct ea_error *err)
{
    static const char prefix[] = "tskey-client-";
    const char *id = config->secret.text + sizeof(prefix) - 1;
    size_t len;

    if (strncmp(config->secret.text, prefix, sizeof(prefix) - 1) != 0) {
        return ea_fail(err, EA_E_REFUSED,
                       "the secret is not that of an OAuth client: expected "
                       "'tskey-client-...'");
    }
    len = strcspn(id, "-");
    if (config->client_id == NULL) {
        config->client_id = strndup(id, len);
    }
    return config->client_id != NULL ||
           ea_fail(err, EA_E_UNAVAILABLE, "out of memory");
}

bool
kd_config_read_secret(struct kd_config *config, struct ea_error *err)
{
    const char *folder = getenv("CREDENTIALS_DIRECTORY");
    char path[4096];
    bool good;
    int fd, len;

    if (config->secret_file != NULL) {
        len = snprintf(path, sizeof(path), "%s", config->secret_file);
    } else if (folder != NULL) {
        len = snprintf(path, sizeof(path), "%s/%s", folder,
                       config->secret_credential);
    } else {
        return ea_fail(err, EA_E_MISSING,
                       "no credentials from systemd: LoadCredential=%s:FILE "
                       "in the unit, or 'secret_file'",
                       config->secret_credential);
    }
    if (len < 0 || (size_t)len >= sizeof(path)) {
        return ea_fail(err, EA_E_RANGE, "the secret's path is too long");
    }
    fd = open(path, O_RDONLY | O_CLOEXEC | O_NOCTTY);
    if (fd < 0) {
        return ea_fail(err, EA_E_UNAVAILABLE, "%s: %s", path, strerror(errno));
    }
    good = check_secret_file(fd, path, config->secret_file == NULL, err) &&
           read_line(fd, path, &config->secret, err);
    (void)close(fd);
    if (good && config->provider == &kd_tailscale) {
        good = check_tailscale_secret(config, err);
    }
    if (!good) {
        ea_wipe(&config->secret, sizeof(config->secret));
    }
    return good;
}

void
kd_config_clear(struct kd_config *config)
{
    ea_wipe(&config->secret, sizeof(config->secret));
    for (size_t i = 0; i < MEMBERS; i++) {
        char **text = place(config, members[i].at);
        size_t count = 1;

        if (members[i].takes == TAKES_NUMBER || members[i].at == SIZE_MAX) {
            continue;
        }
        if (members[i].takes == TAKES_LIST) {
            count = *(size_t *)place(config, members[i].count_at);
        }
        for (size_t k = 0; k < count; k++) {
            free(text[k]);
            text[k] = NULL;
        }
    }
}

bool
kd_config_allows_tag(const struct kd_config *config, const char *tag)
{
    return kd_tag_is_allowed(config->tags, config->tags_count, tag);
}

struct kd_identity
kd_config_identity(const struct kd_config *config)
{
    return (struct kd_identity){
        .instance = config->instance,
        .tailnet = config->tailnet,
        .client = config->client_id,
        .secret = config->secret.text,
        .user = config->user,
        .tags = config->tags,
        .tags_count = config->tags_count,
    };
}
