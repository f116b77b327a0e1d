/* Reading nodes.json: see au_nodes.h. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "au_nodes.h"
#include "ea_base32.h"
#include "ea_keyd.h"

/* A JSON object with the path that messages name it by. */
struct at {
    json_t *object;
    const char *path;
};

static bool
refuse(struct ea_error *err, enum ea_code code, const struct at *at,
       const char *member, const char *what)
{
    return ea_fail(err, code, "%s%s%s: %s", at->path,
                   at->path[0] != '\0' && member[0] != '\0' ? "." : "", member,
                   what);
}

/* Every member of the object is one of `names`, which ends with NULL. */
static bool
has_only(const struct at *at, const char *const *names, struct ea_error *err)
{
    const char *key;
    json_t *value;

    json_object_foreach(at->object, key, value)
    {
        size_t i = 0;

        while (names[i] != NULL && strcmp(names[i], key) != 0) {
            i++;
        }
        if (names[i] == NULL) {
            return refuse(err, EA_E_UNKNOWN, at, key,
                          "unknown member; is this edge-auth older than the "
                          "generator?");
        }
    }
    return true;
}

/* The text of a member; absent gives an empty slice if `required` is false. */
static bool
get_text(const struct at *at, const char *member, bool required, size_t max,
         struct ea_bytes *ret_text, struct ea_error *err)
{
    json_t *value = json_object_get(at->object, member);

    if (value == NULL && !required) {
        *ret_text = (struct ea_bytes){ "", 0 };
        return true;
    }
    if (!json_is_string(value)) {
        return refuse(err, value ? EA_E_SYNTAX : EA_E_MISSING, at, member,
                      value ? "is not text" : "is missing");
    }
    if (json_string_length(value) > max) {
        return refuse(err, EA_E_RANGE, at, member, "is too long");
    }
    ret_text->ptr = json_string_value(value);
    ret_text->len = json_string_length(value);
    return true;
}

static bool
get_number(const struct at *at, const char *member, json_int_t min,
           json_int_t max, json_int_t *ret_value, struct ea_error *err)
{
    json_t *value = json_object_get(at->object, member);

    if (!json_is_integer(value)) {
        return refuse(err, value ? EA_E_SYNTAX : EA_E_MISSING, at, member,
                      value ? "is not a whole number" : "is missing");
    }
    if (json_integer_value(value) < min || json_integer_value(value) > max) {
        return ea_fail(err, EA_E_RANGE,
                       "%s.%s: '%lld' is not between %lld and "
                       "%lld",
                       at->path, member, (long long)json_integer_value(value),
                       (long long)min, (long long)max);
    }
    *ret_value = json_integer_value(value);
    return true;
}

static bool
get_flag(const struct at *at, const char *member, bool *ret_value,
         struct ea_error *err)
{
    json_t *value = json_object_get(at->object, member);

    if (!json_is_boolean(value)) {
        return refuse(err, EA_E_SYNTAX, at, member, "is not true or false");
    }
    *ret_value = json_is_true(value);
    return true;
}

/* The enumerator of a required word. */
static bool
get_word(const struct at *at, const char *member, const struct ea_words *words,
         unsigned *ret_value, struct ea_error *err)
{
    struct ea_bytes text;

    if (!get_text(at, member, true, 64, &text, err)) {
        return false;
    }
    *ret_value = ea_word_find(words, text, err);
    if (*ret_value == 0) {
        ea_error_prefix(err, "%s", at->path);
        return false;
    }
    return true;
}

static bool
get_hex(const struct at *at, const char *member,
        uint8_t ret_digest[static EA_SHA256_LEN], struct ea_error *err)
{
    struct ea_bytes text;

    if (!get_text(at, member, true, 2 * EA_SHA256_LEN, &text, err)) {
        return false;
    }
    return (text.len == 2 * EA_SHA256_LEN &&
            ea_hex_decode(text, ret_digest, EA_SHA256_LEN)) ||
           refuse(err, EA_E_SYNTAX, at, member,
                  "is not 64 lower-case hexadecimal digits");
}

static void
keep(char *to, struct ea_bytes text)
{
    memcpy(to, text.ptr, text.len);
    to[text.len] = '\0';
}

/* ---- the parts ---- */

static bool
get_url(const struct at *at, const char *member, bool required,
        char ret_url[static EA_URL_MAX + 1], struct ea_error *err)
{
    struct ea_bytes text;

    if (!get_text(at, member, required, EA_URL_MAX, &text, err)) {
        return false;
    }
    if (text.len > 0 && !ea_url_check(text, err)) {
        ea_error_prefix(err, "%s.%s", at->path, member);
        return false;
    }
    keep(ret_url, text);
    return true;
}

static bool
read_gate(const struct at *top, struct ea_gate *ret_gate, struct ea_error *err)
{
    static const char *const names[] = { EA_KEY_BOOT, EA_KEY_BOOT_MTLS,
                                         EA_KEY_CONFIG, EA_KEY_TRUST_DOMAIN,
                                         NULL };
    struct at at = { json_object_get(top->object, EA_KEY_GATE), EA_KEY_GATE };
    struct ea_bytes cluster, domain;
    json_int_t serial = 0;

    if (!get_number(top, EA_KEY_SERIAL, 0, EA_NODES_SERIAL_MAX, &serial, err) ||
        !get_text(top, EA_KEY_CLUSTER, true, EA_NAME_MAX, &cluster, err)) {
        return false;
    }
    if (!json_is_object(at.object)) {
        return refuse(err, EA_E_MISSING, &at, "", "is not an object");
    }
    if (!has_only(&at, names, err) ||
        !get_url(&at, EA_KEY_BOOT, true, ret_gate->boot, err) ||
        !get_url(&at, EA_KEY_BOOT_MTLS, false, ret_gate->boot_mtls, err) ||
        !get_url(&at, EA_KEY_CONFIG, true, ret_gate->config, err) ||
        !get_text(&at, EA_KEY_TRUST_DOMAIN, true, EA_DOMAIN_MAX, &domain,
                  err) ||
        !ea_domain_check(domain, err)) {
        return false;
    }
    keep(ret_gate->trust_domain, domain);
    keep(ret_gate->cluster, cluster);
    ret_gate->serial = (uint32_t)serial;
    return true;
}

static bool
check_site(const struct at *at, const struct ea_gate *gate,
           const struct ea_site *site, struct ea_error *err)
{
    bool certificate = site->require == EA_REQUIRE_CERT ||
                       site->require == EA_REQUIRE_TOKEN_CERT;

    if (site->mode == EA_MODE_APPROVE) {
        return refuse(err, EA_E_REFUSED, at, EA_KEY_MODE,
                      "this gate has no approval by an operator; use "
                      "allowlist");
    }
    if (site->token == EA_TOKEN_SITE && site->require != EA_REQUIRE_CERT) {
        return refuse(err, EA_E_REFUSED, at, EA_KEY_TOKEN,
                      "this gate makes tokens for single nodes only; use "
                      "node");
    }
    if (site->assets == EA_ASSETS_MATCHBOX) {
        return refuse(err, EA_E_REFUSED, at, EA_KEY_ASSETS,
                      "this gate serves the imported list only; use list");
    }
    if (certificate && gate->boot_mtls[0] == '\0') {
        return refuse(err, EA_E_MISSING, at, EA_KEY_REQUIRE,
                      "a certificate is asked for, but gate.boot_mtls is "
                      "missing");
    }
    return true;
}

static bool
read_site(const struct at *at, const char *name, const struct ea_gate *gate,
          struct ea_site *ret_site, struct ea_error *err)
{
    static const char *const names[] = { EA_KEY_REQUIRE,   EA_KEY_TOKEN,
                                         EA_KEY_MODE,      EA_KEY_TTL,
                                         EA_KEY_REDELIVER, EA_KEY_BIND_SOURCE,
                                         EA_KEY_ASSETS,    NULL };
    unsigned require = 0, token = 0, mode = 0, assets = 0;
    json_int_t ttl = 0, redeliver = 0;

    if (!json_is_object(at->object)) {
        return refuse(err, EA_E_SYNTAX, at, "", "is not an object");
    }
    if (!ea_name_check(ea_bytes_of(name), "site", err) ||
        !has_only(at, names, err) ||
        !get_word(at, EA_KEY_REQUIRE, &ea_words_require, &require, err) ||
        !get_word(at, EA_KEY_TOKEN, &ea_words_token, &token, err) ||
        !get_word(at, EA_KEY_MODE, &ea_words_mode, &mode, err) ||
        !get_word(at, EA_KEY_ASSETS, &ea_words_assets, &assets, err) ||
        !get_number(at, EA_KEY_TTL, EA_TTL_MIN, EA_TTL_MAX, &ttl, err) ||
        !get_number(at, EA_KEY_REDELIVER, 0, EA_REDELIVER_MAX, &redeliver,
                    err) ||
        !get_flag(at, EA_KEY_BIND_SOURCE, &ret_site->bind_source, err)) {
        return false;
    }
    keep(ret_site->name, ea_bytes_of(name));
    ret_site->require = (enum ea_require)require;
    ret_site->token = (enum ea_token_kind)token;
    ret_site->mode = (enum ea_mode)mode;
    ret_site->assets = (enum ea_assets)assets;
    ret_site->ttl = (uint32_t)ttl;
    ret_site->redeliver = (uint32_t)redeliver;
    return check_site(at, gate, ret_site, err);
}

static bool
read_macs(const struct at *at, struct ea_node *node, struct ea_error *err)
{
    json_t *list = json_object_get(at->object, EA_KEY_MACS), *value;
    size_t i;

    if (list == NULL) {
        return true;
    }
    if (!json_is_array(list) || json_array_size(list) > EA_MACS_MAX) {
        return refuse(err, EA_E_RANGE, at, EA_KEY_MACS,
                      "is not a list of at most 16 addresses");
    }
    json_array_foreach(list, i, value)
    {
        if (!json_is_string(value)) {
            return refuse(err, EA_E_SYNTAX, at, EA_KEY_MACS, "is not text");
        }
        if (!ea_mac_normalise((struct ea_bytes){ json_string_value(value),
                                                 json_string_length(value) },
                              node->macs[i], err)) {
            ea_error_prefix(err, "%s.%s", at->path, EA_KEY_MACS);
            return false;
        }
        node->macs_count++;
    }
    return true;
}

static bool
read_ids(const struct at *at, struct ea_node *node, struct ea_error *err)
{
    struct ea_bytes uuid, serial;

    if (!get_text(at, EA_KEY_UUID, false, 64, &uuid, err) ||
        !get_text(at, EA_KEY_SERIAL, false, 2 * EA_SERIAL_MAX, &serial, err) ||
        !read_macs(at, node, err)) {
        return false;
    }
    if ((uuid.len > 0 && !ea_uuid_normalise(uuid, node->uuid, err)) ||
        (serial.len > 0 && !ea_serial_normalise(serial, node->serial, err))) {
        ea_error_prefix(err, "%s", at->path);
        return false;
    }
    if ((uuid.len > 0 && node->uuid[0] == '\0') ||
        (serial.len > 0 && node->serial[0] == '\0')) {
        return refuse(err, EA_E_REFUSED, at,
                      node->uuid[0] == '\0' && uuid.len > 0 ? EA_KEY_UUID
                                                            : EA_KEY_SERIAL,
                      "is a placeholder that many machines show");
    }
    return true;
}

static bool
read_select(const struct at *at, struct ea_node *node, struct ea_error *err)
{
    json_t *object = json_object_get(at->object, EA_KEY_SELECT), *value;
    const char *key;

    if (!json_is_object(object) || json_object_size(object) == 0 ||
        json_object_size(object) > EA_LABELS_MAX) {
        return refuse(err, EA_E_RANGE, at, EA_KEY_SELECT,
                      "is not an object of 1 to 8 labels");
    }
    json_object_foreach(object, key, value)
    {
        struct ea_label *label = &node->select[node->select_count++];

        if (key[0] == '\0' || strlen(key) > EA_LABEL_KEY_MAX ||
            !json_is_string(value) || json_string_length(value) == 0 ||
            json_string_length(value) > EA_LABEL_VALUE_MAX) {
            return refuse(err, EA_E_RANGE, at, EA_KEY_SELECT,
                          "a label has no key, no text, or too long a one; "
                          "Matchbox takes an empty one for any");
        }
        keep(label->key, ea_bytes_of(key));
        keep(label->value, ea_bytes_of(json_string_value(value)));
    }
    return true;
}

/* What the key service mints a key for: present where it does, and only there.
 */
static bool
read_tailnet(const struct at *at, struct ea_node *node, struct ea_error *err)
{
    json_t *list = json_object_get(at->object, EA_KEY_TAGS), *tag;
    struct ea_bytes hostname;
    size_t i, len = 0;

    if (node->key != EA_KEYS_MINT) {
        return (list == NULL &&
                json_object_get(at->object, EA_KEY_HOSTNAME) == NULL) ||
               refuse(err, EA_E_REFUSED, at,
                      list != NULL ? EA_KEY_TAGS : EA_KEY_HOSTNAME,
                      "stands at a node whose key is not minted");
    }
    if (!get_text(at, EA_KEY_HOSTNAME, true, EA_HOSTNAME_MAX, &hostname, err)) {
        return false;
    }
    if (!ea_name_check(hostname, "hostname", err)) {
        ea_error_prefix(err, "%s", at->path);
        return false;
    }
    keep(node->hostname, hostname);
    if (!json_is_array(list) || json_array_size(list) == 0 ||
        json_array_size(list) > EA_TAGS_MAX) {
        return refuse(err, EA_E_RANGE, at, EA_KEY_TAGS,
                      "is not a list of 1 to 8 tags");
    }
    json_array_foreach(list, i, tag)
    {
        const char *text = json_string_value(tag);

        if (text == NULL || !ea_keyd_tag_check(ea_bytes_of(text), err)) {
            return refuse(err, EA_E_SYNTAX, at, EA_KEY_TAGS,
                          "holds what is no tag: expected 'tag:' and a name");
        }
        if (len + strlen(text) + 1 > EA_TAGS_TEXT_MAX) {
            return refuse(err, EA_E_RANGE, at, EA_KEY_TAGS, "is too long");
        }
        if (len > 0) {
            node->tags[len++] = ' ';
        }
        memcpy(node->tags + len, text, strlen(text) + 1);
        len += strlen(text);
    }
    return true;
}

static const struct ea_site *
find_site(const struct au_nodes *all, struct ea_bytes name)
{
    for (size_t i = 0; i < all->sites_count; i++) {
        if (ea_bytes_equal(ea_bytes_of(all->sites[i].name), name)) {
            return &all->sites[i];
        }
    }
    return NULL;
}

static bool
check_node(const struct at *at, const struct ea_site *site,
           const struct ea_node *node, bool lab, struct ea_error *err)
{
    bool has_id = node->uuid[0] != '\0' || node->serial[0] != '\0' ||
                  node->macs_count > 0;

    if (site == NULL) {
        return refuse(err, EA_E_UNKNOWN, at, EA_KEY_SITE,
                      "no site of that name in the file");
    }
    if (node->role == EA_NODE_CONTROLPLANE) {
        return refuse(err, EA_E_REFUSED, at, EA_KEY_ROLE,
                      "a control plane's config holds the cluster's CA keys "
                      "and does not go over the Internet");
    }
    if (node->key == EA_KEYS_STATIC && !lab) {
        return refuse(err, EA_E_REFUSED, at, EA_KEY_KEY,
                      "fixed auth keys are for lab stores (store init --lab)");
    }
    if (site->mode == EA_MODE_ALLOWLIST && !has_id) {
        return refuse(err, EA_E_MISSING, at, "",
                      "declares no uuid, serial or mac, and its site's mode "
                      "is allowlist");
    }
    return true;
}

static bool
read_node(const struct at *at, const char *name, const struct au_nodes *all,
          bool lab, struct ea_node *ret_node, struct ea_error *err)
{
    static const char *const names[] = {
        EA_KEY_SITE,   EA_KEY_ROLE,     EA_KEY_KIND,   EA_KEY_UUID,
        EA_KEY_SERIAL, EA_KEY_MACS,     EA_KEY_SELECT, EA_KEY_SHA256,
        EA_KEY_KEY,    EA_KEY_HOSTNAME, EA_KEY_TAGS,   NULL
    };
    unsigned role = 0, kind = 0, key = 0;
    struct ea_bytes site;

    if (!json_is_object(at->object)) {
        return refuse(err, EA_E_SYNTAX, at, "", "is not an object");
    }
    if (!ea_name_check(ea_bytes_of(name), "node", err) ||
        !has_only(at, names, err) ||
        !get_text(at, EA_KEY_SITE, true, EA_NAME_MAX, &site, err) ||
        !get_word(at, EA_KEY_ROLE, &ea_words_role, &role, err) ||
        !get_word(at, EA_KEY_KIND, &ea_words_kind, &kind, err) ||
        !get_word(at, EA_KEY_KEY, &ea_words_key, &key, err) ||
        !read_ids(at, ret_node, err) || !read_select(at, ret_node, err)) {
        return false;
    }
    ret_node->has_digest = json_object_get(at->object, EA_KEY_SHA256) != NULL;
    if (ret_node->has_digest &&
        !get_hex(at, EA_KEY_SHA256, ret_node->digest, err)) {
        return false;
    }
    keep(ret_node->name, ea_bytes_of(name));
    keep(ret_node->site, site);
    ret_node->role = (enum ea_node_role)role;
    ret_node->kind = (enum ea_kind)kind;
    ret_node->key = (enum ea_key_source)key;
    if (!read_tailnet(at, ret_node, err)) {
        return false;
    }
    return check_node(at, find_site(all, site), ret_node, lab, err);
}

static bool
read_asset(const struct at *at, struct ea_asset *ret_asset,
           struct ea_error *err)
{
    static const char *const names[] = { EA_KEY_PATH, EA_KEY_SIZE,
                                         EA_KEY_SHA256, NULL };
    struct ea_target target;
    struct ea_bytes path;
    char raw[EA_ASSET_NAME_MAX + 2] = "/";
    json_int_t size = 0;

    if (!json_is_object(at->object)) {
        return refuse(err, EA_E_SYNTAX, at, "", "is not an object");
    }
    if (!has_only(at, names, err) ||
        !get_text(at, EA_KEY_PATH, true, EA_ASSET_NAME_MAX, &path, err) ||
        !get_number(at, EA_KEY_SIZE, 0, INT64_MAX, &size, err) ||
        !get_hex(at, EA_KEY_SHA256, ret_asset->digest, err)) {
        return false;
    }
    /* what no request could name is a mistake */
    memcpy(raw + 1, path.ptr, path.len);
    ea_target_split(EA_ROLE_BOOT_MTLS, (struct ea_bytes){ raw, path.len + 1 },
                    &target);
    if (target.stage != EA_STAGE_ASSET) {
        return refuse(err, EA_E_SYNTAX, at, EA_KEY_PATH,
                      "is no asset: assets/NAME or an UEFI file");
    }
    keep(ret_asset->path, path);
    ret_asset->size = (uint64_t)size;
    return true;
}

/* ---- the whole ---- */

static bool
count_of(const struct at *top, const char *member, bool list, size_t max,
         size_t size, void **ret_array, struct ea_error *err)
{
    json_t *value = json_object_get(top->object, member);
    size_t count = list ? json_array_size(value) : json_object_size(value);

    if (list ? !json_is_array(value) : !json_is_object(value)) {
        return refuse(err, value ? EA_E_SYNTAX : EA_E_MISSING, top, member,
                      list ? "is not a list" : "is not an object");
    }
    if (count > max) {
        return refuse(err, EA_E_RANGE, top, member, "has too many entries");
    }
    *ret_array = calloc(count + 1, size);
    return *ret_array != NULL || ea_fail(err, EA_E_INTERNAL, "out of memory");
}

static bool
read_lists(const struct at *top, bool lab, struct au_nodes *all,
           struct ea_error *err)
{
    char path[EA_ERROR_MESSAGE_MAX / 2];
    const char *name;
    json_t *value;
    size_t i;

    json_object_foreach(json_object_get(top->object, EA_KEY_SITES), name, value)
    {
        (void)snprintf(path, sizeof(path), "%s.%s", EA_KEY_SITES, name);
        if (!read_site(&(struct at){ value, path }, name, &all->gate,
                       &all->sites[all->sites_count++], err)) {
            return false;
        }
    }
    json_object_foreach(json_object_get(top->object, EA_KEY_NODES), name, value)
    {
        (void)snprintf(path, sizeof(path), "%s.%s", EA_KEY_NODES, name);
        if (!read_node(&(struct at){ value, path }, name, all, lab,
                       &all->nodes[all->nodes_count++], err)) {
            return false;
        }
    }
    json_array_foreach(json_object_get(top->object, EA_KEY_ASSETS), i, value)
    {
        (void)snprintf(path, sizeof(path), "%s[%zu]", EA_KEY_ASSETS, i);
        if (!read_asset(&(struct at){ value, path },
                        &all->assets[all->assets_count++], err)) {
            return false;
        }
    }
    return true;
}

static bool
read_all(const struct at *top, bool lab, struct au_nodes *all,
         struct ea_error *err)
{
    static const char *const names[] = { EA_KEY_FORMAT,  EA_KEY_SERIAL,
                                         EA_KEY_CLUSTER, EA_KEY_GATE,
                                         EA_KEY_SITES,   EA_KEY_NODES,
                                         EA_KEY_ASSETS,  NULL };
    json_int_t format = 0;

    if (!json_is_object(top->object)) {
        return ea_fail(err, EA_E_SYNTAX, "is not a JSON object");
    }
    if (!get_number(top, EA_KEY_FORMAT, 0, INT32_MAX, &format, err)) {
        return false;
    }
    if (format != EA_NODES_FORMAT) {
        return ea_fail(err, EA_E_CONFLICT,
                       "format '%lld' is not the one this edge-auth reads, %d",
                       (long long)format, EA_NODES_FORMAT);
    }
    return has_only(top, names, err) &&
           count_of(top, EA_KEY_SITES, false, EA_SITES_MAX, sizeof(*all->sites),
                    (void **)&all->sites, err) &&
           count_of(top, EA_KEY_NODES, false, EA_NODES_MAX, sizeof(*all->nodes),
                    (void **)&all->nodes, err) &&
           count_of(top, EA_KEY_ASSETS, true, EA_ASSETS_MAX,
                    sizeof(*all->assets), (void **)&all->assets, err) &&
           read_gate(top, &all->gate, err) && read_lists(top, lab, all, err);
}

bool
au_nodes_load(const char *path, json_t **ret_document, struct ea_error *err)
{
    json_error_t bad;

    *ret_document = json_load_file(path, JSON_REJECT_DUPLICATES, &bad);
    if (*ret_document == NULL) {
        ea_fail(err, EA_E_SYNTAX, "%s", bad.text);
        ea_error_at(err, path, bad.line > 0 ? (unsigned)bad.line : 0,
                    bad.column > 0 ? (unsigned)bad.column : 0);
        return false;
    }
    return true;
}

bool
au_nodes_read(json_t *document, bool lab, struct au_nodes *ret_nodes,
              struct ea_error *err)
{
    struct at top = { document, "" };
    struct au_nodes all;

    memset(&all, 0, sizeof(all));
    if (!read_all(&top, lab, &all, err)) {
        au_nodes_release(&all);
        return false;
    }
    *ret_nodes = all;
    return true;
}

void
au_nodes_release(struct au_nodes *nodes)
{
    free(nodes->sites);
    free(nodes->nodes);
    free(nodes->assets);
    memset(nodes, 0, sizeof(*nodes));
}
