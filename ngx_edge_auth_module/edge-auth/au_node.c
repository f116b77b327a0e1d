/* edge-auth node: list, show, arm, confirm. */
#include <stdio.h>
#include <string.h>

#include "au_dnsmasq.h"
#include "ea_number.h"

static uint64_t
end_of(const struct ea_record *record)
{
    if (record->state == EA_STATE_ARMED) {
        return record->expiry;
    }
    if (record->state == EA_STATE_CLAIMED ||
        record->state == EA_STATE_DELIVERED) {
        return record->deadline;
    }
    return 0;
}

/* What an operator wants to read: the state, and whether time or a hold stands
 * in the way. */
static void
state_text(const struct au *au, const struct ea_record *record, char *text,
           size_t size)
{
    bool is_void =
        record->epoch != au->meta.epoch && record->state != EA_STATE_NONE &&
        record->state != EA_STATE_REVOKED && record->state != EA_STATE_RETIRED;

    (void)snprintf(text, size, "%s%s%s%s", ea_state_word(record->state),
                   record->hold != EA_HOLD_NONE ? ", hold" : "",
                   ea_record_is_closed(record, au->now) ? ", closed" : "",
                   is_void ? ", void" : "");
}

struct listing {
    struct au *au;
    json_t *list; /* NULL: text */
};

static bool
list_node(void *context, const struct ea_node *node,
          const struct ea_record *record)
{
    struct listing *listing = context;
    char state[64], end[32];

    state_text(listing->au, record, state, sizeof(state));
    if (listing->list != NULL) {
        json_array_append_new(
            listing->list,
            json_pack("{s:s, s:s, s:s, s:s, s:b, s:i, s:i, s:I}", "node",
                      node->name, "site", node->site, "state",
                      ea_state_word(record->state), "hold",
                      ea_hold_word(record->hold), "closed",
                      ea_record_is_closed(record, listing->au->now), "gen",
                      (int)record->gen, "attempt", (int)record->cur, "until",
                      (json_int_t)end_of(record)));
        return true;
    }
    printf("%-24s %-20s %-18s %s\n", node->name, node->site, state,
           au_time(end_of(record), end));
    return true;
}

enum au_exit
au_node_list(const struct au_args *args)
{
    struct ea_error err = { 0 };
    struct listing listing = { 0 };
    struct au au;
    bool good;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    listing.au = &au;
    if (args->json) {
        listing.list = json_array();
    } else {
        printf("%-24s %-20s %-18s %s\n", "NODE", "SITE", "STATE", "UNTIL");
    }
    good = au_scan_nodes(&au, list_node, &listing, &err);
    au_close(&au);
    if (!good) {
        json_decref(listing.list);
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_pack("{s:o}", "nodes", listing.list));
    }
    return AU_OK;
}

/* ---- show ---- */

/* The client key of the first claim; "" for none. */
static void
spki_text(const struct ea_record *r,
          char ret_text[static 2 * EA_SHA256_LEN + 1])
{
    static const uint8_t none[EA_SHA256_LEN];

    ret_text[0] = '\0';
    for (size_t i = 0;
         memcmp(r->spki, none, sizeof(none)) != 0 && i < EA_SHA256_LEN; i++) {
        (void)snprintf(ret_text + 2 * i, 3, "%02x", (unsigned)r->spki[i]);
    }
}

static json_t *
json_of(const struct au *au, const struct ea_case *c)
{
    const struct ea_record *r = &c->record;
    json_t *attempts = json_array(), *macs = json_array();
    char spki[2 * EA_SHA256_LEN + 1];

    spki_text(r, spki);
    for (size_t i = 0; i < r->attempts_count; i++) {
        json_array_append_new(
            attempts, json_pack("{s:i, s:I, s:I}", "n", (int)r->attempts[i].n,
                                "exposed", (json_int_t)r->attempts[i].d,
                                "whole", (json_int_t)r->attempts[i].w));
    }
    for (size_t i = 0; i < c->node.macs_count; i++) {
        json_array_append_new(macs, json_string(c->node.macs[i]));
    }
    return json_pack(
        "{s:s, s:s, s:s, s:I, s:{s:s, s:s, s:o}, s:s, s:s, s:b, s:b, s:I, s:I,"
        " s:I, s:I, s:i, s:i, s:o, s:{s:s, s:s, s:s}, s:s, s:s, s:s, s:I}",
        "node", c->node.name, "site", c->node.site, "require",
        ea_words_require.word[c->site.require], "number",
        (json_int_t)c->node.number, "declared", "uuid", c->node.uuid, "serial",
        c->node.serial, "macs", macs, "state", ea_state_word(r->state), "hold",
        ea_hold_word(r->hold), "closed", ea_record_is_closed(r, au->now),
        "void", r->epoch != au->meta.epoch, "rev", (json_int_t)r->rev, "gen",
        (json_int_t)r->gen, "expiry", (json_int_t)r->expiry, "deadline",
        (json_int_t)r->deadline, "attempt", (int)r->cur, "highest", (int)r->n,
        "attempts", attempts, "presented", "uuid", r->ids.uuid, "serial",
        r->ids.serial, "mac", r->ids.mac, "spki", spki, "source", r->source,
        "device", r->device, "exposed_at",
        (json_int_t)(r->exposed ? r->exposed_at : 0));
}

static void
print_line(const char *name, const char *value)
{
    if (value[0] != '\0') {
        printf("  %-12s %s\n", name, value);
    }
}

static void
print_case(const struct au *au, const struct ea_case *c)
{
    const struct ea_record *r = &c->record;
    char state[64], time[32], spki[2 * EA_SHA256_LEN + 1];

    state_text(au, r, state, sizeof(state));
    spki_text(r, spki);
    printf("%s at %s (number %u)\n", c->node.name, c->node.site,
           c->node.number);
    print_line("requires", ea_words_require.word[c->site.require]);
    print_line("state", state);
    print_line("until", au_time(end_of(r), time));
    print_line("config out", r->exposed ? au_time(r->exposed_at, time) : "");
    printf("declared\n");
    print_line("uuid", c->node.uuid);
    print_line("serial", c->node.serial);
    for (size_t i = 0; i < c->node.macs_count; i++) {
        print_line("mac", c->node.macs[i]);
    }
    if (!ea_ids_is_empty(&r->ids)) {
        printf("presented\n");
        print_line("uuid", r->ids.uuid);
        print_line("serial", r->ids.serial);
        print_line("mac", r->ids.mac);
        print_line("cert key", spki);
        print_line("source", r->source);
    }
    for (size_t i = 0; i < r->attempts_count; i++) {
        printf("attempt %u%s: config out %u times, whole %u times\n",
               (unsigned)r->attempts[i].n,
               r->attempts[i].n == r->cur ? " (served)" : "", r->attempts[i].d,
               r->attempts[i].w);
    }
    if (r->hold != EA_HOLD_NONE) {
        printf("held (%s): two machines showed this node's credential; find "
               "out which is the right\none, then `edge-auth node arm %s`\n",
               ea_hold_word(r->hold), c->node.name);
    }
}

enum au_exit
au_node_show(const struct au_args *args)
{
    struct ea_error err = { 0 };
    struct ea_case c;
    struct au au;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    if (!au_find_node(&au, args->operand, &c, &err)) {
        au_close(&au);
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_of(&au, &c));
    } else {
        print_case(&au, &c);
    }
    au_close(&au);
    return AU_OK;
}

/* ---- verbs ---- */

static enum au_exit
run(const struct au_args *args, const struct au_verb *verb)
{
    struct ea_error err = { 0 };
    struct ea_case c;
    char time[32];
    struct au au;
    bool good;

    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    good = au_verb_run(&au, args->operand, verb, &c, &err);
    if (good && args->dnsmasq != NULL) {
        good = au_dnsmasq_remove(&au, args->dnsmasq, c.node.name, &err);
        if (!good) {
            /* done, but for the rest */
            err.code = EA_E_UNAVAILABLE;
            ea_error_prefix(&err, "the node is %s",
                            ea_state_word(c.record.state));
        }
    }
    if (!good) {
        au_close(&au);
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_of(&au, &c));
    } else {
        printf("%s: %s", c.node.name, ea_state_word(c.record.state));
        if (end_of(&c.record) != 0) {
            printf(" until %s", au_time(end_of(&c.record), time));
        }
        putchar('\n');
    }
    au_close(&au);
    return AU_OK;
}

enum au_exit
au_node_arm(const struct au_args *args)
{
    struct au_verb verb = { .event = EA_EVENT_ARM,
                            .action = "arm",
                            .forget = args->forget };
    struct ea_error err = { 0 };

    if (args->ttl != NULL &&
        !ea_duration_parse(ea_bytes_of(args->ttl), EA_TTL_MIN, EA_TTL_MAX,
                           "--ttl", &verb.ttl, &err)) {
        return au_error(AU_USAGE, "%s", err.message);
    }
    return run(args, &verb);
}

enum au_exit
au_node_confirm(const struct au_args *args)
{
    return run(args, &(struct au_verb){ .event = EA_EVENT_CONFIRM,
                                        .action = "confirm" });
}

/* Here because they print a node, as the verbs above do. */
enum au_exit
au_token_revoke(const struct au_args *args)
{
    return run(args, &(struct au_verb){ .event = EA_EVENT_REVOKE,
                                        .action = "revoke" });
}

enum au_exit
au_token_extend(const struct au_args *args)
{
    struct au_verb verb = { .event = EA_EVENT_EXTEND,
                            .action = "extend",
                            .by = EA_CLAIM_WINDOW };
    struct ea_error err = { 0 };

    if (args->by != NULL &&
        !ea_duration_parse(ea_bytes_of(args->by), EA_TTL_MIN, EA_TTL_MAX,
                           "--by", &verb.by, &err)) {
        return au_error(AU_USAGE, "%s", err.message);
    }
    return run(args, &verb);
}
