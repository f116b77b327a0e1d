/* Checks of inventory values; see cg_key_check.h. */
#include "model/cg_key_check.h"

#include <string.h>

#include "ea_ids.h"
#include "ea_nodes.h"
#include "ea_number.h"
#include "model/cg_cidr.h"
#include "model/cg_tailnet.h"

#define LABEL_NAME_MAX 63
#define LABEL_PREFIX_MAX 253

static bool
wrong(struct cg_diag *diag, const struct cg_key *key,
      const struct cg_tree *value)
{
    return cg_error(diag, &value->pos, "wrong-type", "'%s' takes %s, not %s",
                    key->path, cg_takes_name(key->takes),
                    cg_type_name(cg_tree_type(value)));
}

/* A value that people write as text: an unquoted number or boolean there is
 * most often a mistake of YAML's making (a bare MAC, `no`). */
static bool
is_textual(const struct cg_tree *value)
{
    return value->kind == CG_SCALAR && value->len > 0 &&
           strlen(value->text) == value->len;
}

static bool
check_text(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->len; i++) {
        if ((unsigned char)value->text[i] < 0x20 || value->text[i] == 0x7f) {
            return cg_error(diag, &value->pos, "wrong-value",
                            "'%s' must be one line of printable text",
                            key->path);
        }
    }
    return true;
}

static bool
check_word(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    CG_AUTO_STRBUF struct cg_strbuf all = { 0 };

    if (value->kind != CG_SCALAR) {
        return wrong(diag, key, value);
    }
    for (const char *const *word = key->words; *word != NULL; word++) {
        if (cg_tree_is_text(value, *word)) {
            return true;
        }
        cg_strbuf_printf(&all, "%s%s", all.len == 0 ? "" : ", ", *word);
    }
    return cg_error(diag, &value->pos, "wrong-value",
                    "'%s' is '%s', expected one of %s", key->path, value->text,
                    all.text);
}

static bool
check_bool(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    bool ignored;

    return cg_tree_bool(value, &ignored) || wrong(diag, key, value);
}

static bool
check_number(struct cg_diag *diag, const struct cg_key *key,
             const struct cg_tree *value)
{
    struct ea_error err = { 0 };
    uint64_t ignored;

    if (cg_tree_type(value) != CG_TYPE_INT) {
        return wrong(diag, key, value);
    }
    return ea_number_parse(ea_bytes_of(value->text), (uint64_t)key->min,
                           (uint64_t)key->max, key->path, &ignored, &err) ||
           cg_error_from(diag, &value->pos, "wrong-value", &err);
}

static bool
check_duration(struct cg_diag *diag, const struct cg_key *key,
               const struct cg_tree *value)
{
    struct ea_error err = { 0 };
    uint64_t ignored;

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    return ea_duration_parse(ea_bytes_of(value->text), (uint64_t)key->min,
                             (uint64_t)key->max, key->path, &ignored, &err) ||
           cg_error_from(diag, &value->pos, "wrong-value", &err);
}

static bool
check_url(struct cg_diag *diag, const struct cg_key *key,
          const struct cg_tree *value)
{
    struct ea_error err = { 0 };

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    if (!ea_url_check(ea_bytes_of(value->text), &err)) {
        ea_error_prefix(&err, "'%s'", key->path);
        return cg_error_from(diag, &value->pos, "wrong-value", &err);
    }
    return true;
}

bool
cg_key_version(const char *text, unsigned ret[static 3])
{
    uint64_t part;

    text += *text == 'v';
    for (size_t i = 0; i < 3; i++) {
        size_t len = strcspn(text, ".");

        if (i == 2 && *text == '\0') {
            ret[2] = 0;
            return true;
        }
        if (i == 2) {
            len = strspn(text, "0123456789"); /* "-rc.1" may follow */
            if (text[len] != '\0' && text[len] != '-') {
                return false;
            }
        }
        if (!ea_number_parse((struct ea_bytes){ text, len }, 0, 9999, "version",
                             &part, NULL)) {
            return false;
        }
        ret[i] = (unsigned)part;
        text += len;
        text += *text == '.' && i < 2;
    }
    return true;
}

static bool
check_version(struct cg_diag *diag, const struct cg_key *key,
              const struct cg_tree *value)
{
    unsigned parts[3];
    bool has_v, good;
    size_t dots = 0;

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    for (const char *p = value->text; *p != '\0' && *p != '-'; p++) {
        dots += *p == '.';
    }
    has_v = value->text[0] == 'v' || strcmp(key->path, "kubernetes") == 0;
    good = cg_key_version(value->text, parts) && has_v &&
           dots == (key->takes == CG_TAKES_CONTRACT ? 1 : 2);
    return good || cg_error(diag, &value->pos, "wrong-value",
                            "'%s' is '%s', expected %s", key->path, value->text,
                            cg_takes_name(key->takes));
}

static bool
check_cidr_text(struct cg_diag *diag, const struct cg_key *key,
                const struct cg_tree *value, bool may_negate)
{
    const char *text = cg_tree_text(value);
    struct cg_cidr cidr;

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    text += may_negate && *text == '!';
    if (strchr(text, '/') != NULL && cg_cidr_parse(text, &cidr)) {
        return true;
    }
    return cg_error(diag, &value->pos, "wrong-value",
                    "'%s': '%s' is no network such as 10.0.0.0/24", key->path,
                    value->text);
}

static bool
check_address(struct cg_diag *diag, const struct cg_key *key,
              const struct cg_tree *value)
{
    struct cg_cidr cidr;

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    return (strchr(value->text, '/') == NULL &&
            cg_cidr_parse(value->text, &cidr)) ||
           cg_error(diag, &value->pos, "wrong-value",
                    "'%s' is '%s', expected an IP address", key->path,
                    value->text);
}

static bool
check_cidrs(struct cg_diag *diag, const struct cg_key *key,
            const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_LIST) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        good = check_cidr_text(diag, key, value->items[i],
                               key->takes == CG_TAKES_NODE_IP) &&
               good;
    }
    return good;
}

/* `tailscale up` refuses a route with host bits. */
static bool
check_routes(struct cg_diag *diag, const struct cg_key *key,
             const struct cg_tree *value)
{
    bool good = check_cidrs(diag, key, value);

    for (size_t i = 0; value->kind == CG_LIST && i < value->count; i++) {
        const char *text = cg_tree_text(value->items[i]);
        struct cg_cidr cidr;

        if (text != NULL && strchr(text, '/') != NULL &&
            cg_cidr_parse(text, &cidr) && cg_cidr_has_host_bits(&cidr)) {
            good = cg_error(diag, &value->items[i]->pos, "wrong-value",
                            "'%s': '%s' has bits behind its prefix", key->path,
                            text);
        }
    }
    return good;
}

static bool
check_node_ip(struct cg_diag *diag, const struct cg_key *key,
              const struct cg_tree *value)
{
    if (cg_tree_is_text(value, "tailnet") || cg_tree_is_text(value, "lan")) {
        return true;
    }
    return check_cidrs(diag, key, value);
}

static bool
check_cidr(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    return check_cidr_text(diag, key, value, false);
}

static bool
check_hostname(struct cg_diag *diag, const struct cg_key *key,
               const struct cg_tree *value)
{
    if (value->kind == CG_MAP && value->count == 1 &&
        cg_tree_is_text(cg_tree_get(value, "from"), "platform")) {
        return true;
    }
    return check_text(diag, key, value);
}

static bool
check_list(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_LIST) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        good = check_text(diag, key, value->items[i]) && good;
    }
    return good;
}

/* Hardware ids through the one normaliser; placeholders are refused here, since
 * an operator who declares one believes that it tells machines apart. */
static bool
check_id(struct cg_diag *diag, const struct cg_key *key,
         const struct cg_tree *value)
{
    char text[EA_SERIAL_MAX + 1] = "";
    struct ea_error err = { 0 };
    bool good;

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    if (key->takes == CG_TAKES_UUID) {
        good = ea_uuid_normalise(ea_bytes_of(value->text), text, &err);
    } else if (key->takes == CG_TAKES_SERIAL) {
        good = ea_serial_normalise(ea_bytes_of(value->text), text, &err);
    } else {
        good = ea_mac_normalise(ea_bytes_of(value->text), text, &err);
    }
    if (!good) {
        return cg_error_from(diag, &value->pos, "wrong-value", &err);
    }
    if (text[0] == '\0') {
        (void)cg_error(diag, &value->pos, "placeholder-id",
                       "'%s' is a placeholder that many machines show",
                       value->text);
        cg_hint(diag, "leave it out, and declare another id");
        return false;
    }
    return true;
}

static bool
check_macs(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_LIST || value->count == 0) {
        return wrong(diag, key, value);
    }
    if (value->count > EA_MACS_MAX) {
        return cg_error(diag, &value->pos, "wrong-value",
                        "more than %d MAC addresses", EA_MACS_MAX);
    }
    for (size_t i = 0; i < value->count; i++) {
        good = check_id(diag, key, value->items[i]) && good;
    }
    return good;
}

/* Each item by one of the parsers of cg_tailnet.h. */
static bool
check_tailnet_list(struct cg_diag *diag, const struct cg_key *key,
                   const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_LIST) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        const struct cg_tree *item = value->items[i];
        struct cg_ports ports;

        if (!is_textual(item)) {
            good = wrong(diag, key, item);
        } else if (key->takes == CG_TAKES_PORTS
                       ? !cg_ports_parse(item->text, &ports)
                       : !cg_peer_is_valid(item->text,
                                           key->takes == CG_TAKES_PEERS)) {
            good = cg_error(diag, &item->pos, "wrong-value",
                            "'%s' has '%s', expected %s", key->path, item->text,
                            cg_takes_name(key->takes));
        }
    }
    return good;
}

static bool
check_receiver(struct cg_diag *diag, const struct cg_key *key,
               const struct cg_tree *value)
{
    struct cg_receiver receiver;

    if (!is_textual(value)) {
        return wrong(diag, key, value);
    }
    return cg_receiver_parse(value->text, &receiver) ||
           cg_error(diag, &value->pos, "wrong-value",
                    "'%s' is '%s', expected %s", key->path, value->text,
                    cg_takes_name(key->takes));
}

static bool
check_group(struct cg_diag *diag, const struct cg_key *key,
            const struct cg_entry *entry)
{
    const struct cg_tree *people = entry->value;
    bool good = check_list(diag, key, people);

    if (!cg_peer_is_local_group(entry->key) ||
        !cg_peer_is_valid(entry->key, false)) {
        return cg_error(diag, &entry->pos, "wrong-value",
                        "'%s' has '%s', expected group:name", key->path,
                        entry->key);
    }
    for (size_t i = 0; good && i < people->count; i++) {
        const char *text = people->items[i]->text;

        if (strchr(text, ':') != NULL || !cg_peer_is_valid(text, false)) {
            good = cg_error(diag, &people->items[i]->pos, "wrong-value",
                            "'%s' has '%s' in a group, expected user@domain",
                            key->path, text);
        }
    }
    return good;
}

static bool
is_label_name(const char *text, size_t len, size_t max, const char *extra)
{
    static const char ends[] = "abcdefghijklmnopqrstuvwxyz"
                               "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789";

    if (len == 0 || len > max || strchr(ends, text[0]) == NULL ||
        strchr(ends, text[len - 1]) == NULL) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (strchr(ends, text[i]) == NULL && strchr(extra, text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

static bool
is_label_key(const char *text)
{
    const char *slash = strchr(text, '/');
    size_t len = slash == NULL ? 0 : (size_t)(slash - text);

    if (slash != NULL && !is_label_name(text, len, LABEL_PREFIX_MAX, "-.")) {
        return false;
    }
    text = slash == NULL ? text : slash + 1;
    return is_label_name(text, strlen(text), LABEL_NAME_MAX, "-_.");
}

static bool
is_label_value(const char *text, size_t len)
{
    return len == 0 || is_label_name(text, len, LABEL_NAME_MAX, "-_.");
}

static bool
check_label(struct cg_diag *diag, const struct cg_key *key,
            const struct cg_entry *entry)
{
    const struct cg_tree *value = entry->value;

    (void)key;
    if (!is_label_key(entry->key)) {
        return cg_error(diag, &entry->pos, "label-syntax",
                        "'%s' is no label: [domain/]name of at most 63 "
                        "letters, digits, '-', '_', '.'",
                        entry->key);
    }
    /* {site} and the like are filled in later and are names themselves */
    if (value->kind != CG_SCALAR ||
        (strchr(value->text, '{') == NULL &&
         !is_label_value(value->text, value->len))) {
        return cg_error(diag, &value->pos, "label-syntax",
                        "the value of label '%s' must be at most 63 letters, "
                        "digits, '-', '_', '.'",
                        entry->key);
    }
    return true;
}

static bool
is_taint_effect(const char *text)
{
    return strcmp(text, "NoSchedule") == 0 ||
           strcmp(text, "PreferNoSchedule") == 0 ||
           strcmp(text, "NoExecute") == 0;
}

static bool
check_taint(struct cg_diag *diag, const struct cg_key *key,
            const struct cg_entry *entry)
{
    const char *text = cg_tree_text(entry->value);
    const char *colon = text == NULL ? NULL : strrchr(text, ':');

    (void)key;
    if (!is_label_key(entry->key)) {
        return cg_error(diag, &entry->pos, "taint-syntax",
                        "'%s' is no taint key: [domain/]name", entry->key);
    }
    if (text == NULL || !is_taint_effect(colon == NULL ? text : colon + 1) ||
        (colon != NULL && !is_label_value(text, (size_t)(colon - text)))) {
        (void)cg_error(diag, &entry->value->pos, "taint-syntax",
                       "taint '%s' must be \"[value:]Effect\"", entry->key);
        cg_hint(diag, "effects: NoSchedule, PreferNoSchedule, NoExecute");
        return false;
    }
    return true;
}

static bool
check_pair(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_entry *entry)
{
    const struct cg_tree *value = entry->value;
    bool good = true;

    if (value->kind == CG_LIST && key->takes == CG_TAKES_ARGS) {
        for (size_t i = 0; i < value->count; i++) {
            good = check_text(diag, key, value->items[i]) && good;
        }
        return good;
    }
    return value->kind == CG_SCALAR || wrong(diag, key, value);
}

static bool
check_entries(struct cg_diag *diag, const struct cg_key *key,
              const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_MAP) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        const struct cg_entry *entry = &value->entries[i];

        if (key->takes == CG_TAKES_LABELS) {
            good = check_label(diag, key, entry) && good;
        } else if (key->takes == CG_TAKES_TAINTS) {
            good = check_taint(diag, key, entry) && good;
        } else if (key->takes == CG_TAKES_GROUPS) {
            good = check_group(diag, key, entry) && good;
        } else {
            good = check_pair(diag, key, entry) && good;
        }
    }
    return good;
}

static bool
check_module(struct cg_diag *diag, const struct cg_key *key,
             const struct cg_tree *item)
{
    if (item->kind != CG_MAP) {
        return check_text(diag, key, item);
    }
    if (item->count != 1) {
        return wrong(diag, key, item);
    }
    return check_list(diag, key, item->entries[0].value);
}

static bool
check_modules(struct cg_diag *diag, const struct cg_key *key,
              const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_LIST) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        good = check_module(diag, key, value->items[i]) && good;
    }
    return good;
}

static bool
check_file(struct cg_diag *diag, const struct cg_key *key,
           const struct cg_tree *value)
{
    const struct cg_tree *command = cg_tree_get(value, "command");

    if (value->kind != CG_MAP) {
        return check_text(diag, key, value);
    }
    if (command == NULL || value->count != 1 || command->kind != CG_LIST ||
        command->count == 0) {
        return wrong(diag, key, value);
    }
    return check_list(diag, key, command);
}

static bool
check_files(struct cg_diag *diag, const struct cg_key *key,
            const struct cg_tree *value)
{
    bool good = true;

    if (value->kind != CG_LIST) {
        return wrong(diag, key, value);
    }
    for (size_t i = 0; i < value->count; i++) {
        good = check_file(diag, key, value->items[i]) && good;
    }
    return good;
}

static bool
check_map(struct cg_diag *diag, const struct cg_key *key,
          const struct cg_tree *value)
{
    return value->kind == CG_MAP || wrong(diag, key, value);
}

bool
cg_key_check(struct cg_diag *diag, const struct cg_key *key,
             const struct cg_tree *value)
{
    static bool (*const checks[])(struct cg_diag *, const struct cg_key *,
                                  const struct cg_tree *) = {
        [CG_TAKES_NOTHING] = wrong,
        [CG_TAKES_TEXT] = check_text,
        [CG_TAKES_WORD] = check_word,
        [CG_TAKES_BOOL] = check_bool,
        [CG_TAKES_NUMBER] = check_number,
        [CG_TAKES_DURATION] = check_duration,
        [CG_TAKES_URL] = check_url,
        [CG_TAKES_VERSION] = check_version,
        [CG_TAKES_CONTRACT] = check_version,
        [CG_TAKES_ADDRESS] = check_address,
        [CG_TAKES_CIDR] = check_cidr,
        [CG_TAKES_CIDRS] = check_cidrs,
        [CG_TAKES_ROUTES] = check_routes,
        [CG_TAKES_NODE_IP] = check_node_ip,
        [CG_TAKES_HOSTNAME] = check_hostname,
        [CG_TAKES_LIST] = check_list,
        [CG_TAKES_PORTS] = check_tailnet_list,
        [CG_TAKES_RECEIVER] = check_receiver,
        [CG_TAKES_PEOPLE] = check_tailnet_list,
        [CG_TAKES_PEERS] = check_tailnet_list,
        [CG_TAKES_GROUPS] = check_entries,
        [CG_TAKES_MACS] = check_macs,
        [CG_TAKES_UUID] = check_id,
        [CG_TAKES_SERIAL] = check_id,
        [CG_TAKES_TEXTS] = check_entries,
        [CG_TAKES_LABELS] = check_entries,
        [CG_TAKES_TAINTS] = check_entries,
        [CG_TAKES_ARGS] = check_entries,
        [CG_TAKES_MODULES] = check_modules,
        [CG_TAKES_FILE] = check_file,
        [CG_TAKES_FILES] = check_files,
        [CG_TAKES_SITES] = check_map,
        [CG_TAKES_NODES] = check_map,
        [CG_TAKES_CLUSTERS] = check_map,
        [CG_TAKES_ROLES] = check_map,
    };

    return checks[key->takes](diag, key, value);
}
