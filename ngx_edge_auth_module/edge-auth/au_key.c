/* edge-auth key mint: a key for a machine that does not boot through the gate.
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/random.h>

#include "au_keyd.h"
#include "ea_crypto.h"

/* Whom the key is for: the store's facts, and what the command line says
 * instead. A node that the store does not have is all command line. */
static bool
find_owner(struct au *au, struct ea_case *ret_case, struct ea_error *err)
{
    const struct au_args *args = au->args;
    const char *site = args->site, *tags = args->tags;
    struct ea_node *node = &ret_case->node;

    memset(ret_case, 0, sizeof(*ret_case));
    if (site == NULL || tags == NULL) {
        if (!au_find_node(au, args->operand, ret_case, err)) {
            ea_error_prefix(err, "give --site and --tags for a node that is "
                                 "not the gate's");
            return false;
        }
        if (ret_case->record.state == EA_STATE_RETIRED) {
            return ea_fail(err, EA_E_REFUSED,
                           "node '%s' is retired; arm it first", node->name);
        }
    }
    if (!ea_name_check(ea_bytes_of(args->operand), "node", err) ||
        (site != NULL && !ea_name_check(ea_bytes_of(site), "site", err))) {
        return false;
    }
    (void)snprintf(node->name, sizeof(node->name), "%s", args->operand);
    if (site != NULL) {
        (void)snprintf(node->site, sizeof(node->site), "%s", site);
    }
    if (args->hostname != NULL || node->hostname[0] == '\0') {
        const char *name = args->hostname ? args->hostname : node->name;

        if (strlen(name) > EA_HOSTNAME_MAX) {
            return ea_fail(err, EA_E_RANGE,
                           "--hostname is longer than %d characters",
                           EA_HOSTNAME_MAX);
        }
        (void)snprintf(node->hostname, sizeof(node->hostname), "%s", name);
    }
    return true;
}

/* "tag:a,tag:b" as a node has them: with a space between. */
static bool
set_tags(const char *tags, struct ea_node *node, struct ea_error *err)
{
    size_t count = 0;

    if (tags != NULL) {
        if (strlen(tags) > EA_TAGS_TEXT_MAX) {
            return ea_fail(err, EA_E_RANGE, "--tags is too long");
        }
        (void)snprintf(node->tags, sizeof(node->tags), "%s", tags);
        for (char *at = node->tags; (at = strchr(at, ',')) != NULL;) {
            *at = ' ';
        }
    }
    for (const char *at = node->tags; *at != '\0'; count++) {
        size_t len = strcspn(at, " ");

        if (!ea_keyd_tag_check((struct ea_bytes){ at, len }, err)) {
            return false;
        }
        at += len;
        at += *at == ' ';
    }
    if (count == 0 || count > EA_TAGS_MAX) {
        return ea_fail(err, EA_E_REFUSED,
                       "a key needs 1 to %d tags: give --tags, as in "
                       "'tag:edge,tag:site'",
                       EA_TAGS_MAX);
    }
    return true;
}

/* An attempt that no node has: its number tells the gate's sweep that the key
 * was made by hand, gen and n that it is not the one made before. */
static bool
make_attempt(const struct au *au, struct ea_record *ret_record,
             struct ea_error *err)
{
    uint32_t random;

    if (getrandom(&random, sizeof(random), 0) != (ssize_t)sizeof(random)) {
        return ea_fail(err, EA_E_INTERNAL, "no randomness: %s",
                       strerror(errno));
    }
    memset(ret_record, 0, sizeof(*ret_record));
    ret_record->number = EA_KEYD_NUMBER_HAND;
    ret_record->gen = (uint16_t)(1 + random % EA_GEN_MAX);
    ret_record->cur = (uint16_t)(1 + (random >> 12) % EA_ATTEMPT_MAX);
    ret_record->deadline = au->now;
    return true;
}

static bool
ask(const struct au *au, const struct ea_node *node,
    struct ea_keyd_minted *ret_minted, struct ea_error *err)
{
    char line[EA_KEYD_REQUEST_MAX], reply[EA_KEYD_REPLY_MAX];
    enum ea_keyd_outcome outcome;
    struct ea_record attempt;
    size_t len, got = 0;
    uint32_t retry = 0;

    if (!make_attempt(au, &attempt, err)) {
        return false;
    }
    len = ea_keyd_mint(&attempt, node, line, sizeof(line));
    if (len == 0) {
        return ea_fail(err, EA_E_REFUSED,
                       "hostname '%s' is none: expected letters, digits and "
                       "hyphens",
                       node->hostname);
    }
    if (!au_keyd_ask(au->args, line, len, reply, sizeof(reply), &got, err)) {
        ea_wipe(reply, sizeof(reply));
        return false;
    }
    outcome = ea_keyd_read_minted((struct ea_bytes){ reply, got }, ret_minted,
                                  &retry);
    ea_wipe(reply, sizeof(reply));
    return outcome == EA_KEYD_OK || au_keyd_fail(outcome, retry, "no key", err);
}

/* A key that nobody will see is not left lying about; it ends by itself if
 * this fails. */
static void
take_back(const struct au *au, const char *id)
{
    char line[EA_KEYD_REQUEST_MAX], reply[EA_KEYD_REPLY_MAX];
    size_t len = ea_keyd_delete(id, line, sizeof(line)), got = 0;
    struct ea_error ignored = { 0 };

    if (!au_keyd_ask(au->args, line, len, reply, sizeof(reply), &got,
                     &ignored)) {
        (void)au_error(AU_OK, "warning: key '%s' could not be deleted either",
                       id);
    }
}

static void
print_key(const struct au_args *args, const struct ea_node *node,
          const struct ea_keyd_minted *minted)
{
    char until[32];

    if (args->json) {
        au_print_json(json_pack(
            "{s:s, s:s, s:I, s:s}", "node", node->name, "id", minted->id,
            "expires", (json_int_t)minted->expires, "key", minted->key.text));
        return;
    }
    printf("%s: key %s, for one device, until %s; this is shown once:\n\n%s\n",
           node->name, minted->id, au_time(minted->expires, until),
           minted->key.text);
}

enum au_exit
au_key_mint(const struct au_args *args)
{
    struct ea_keyd_minted minted = { 0 };
    struct ea_error err = { 0 };
    struct ea_case c;
    uint64_t unused;
    struct au au;
    bool good;

    if (!au_keyd_timeout(args, &unused, &err)) {
        return au_error(AU_USAGE, "%s", err.message);
    }
    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    good = find_owner(&au, &c, &err) && set_tags(args->tags, &c.node, &err) &&
           ask(&au, &c.node, &minted, &err);
    /* on record first: a key that is in no audit is shown to nobody */
    if (good && !au_write_event(&au, "key-mint", &c.node, minted.id, &err)) {
        take_back(&au, minted.id);
        good = false;
    }
    if (good) {
        print_key(args, &c.node, &minted);
    }
    ea_wipe(&minted, sizeof(minted));
    au_close(&au);
    return good ? AU_OK : au_failed(&err);
}
