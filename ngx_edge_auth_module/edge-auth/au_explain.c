/* edge-auth explain: the gate's own decision, without a request. */
#include <stdio.h>
#include <string.h>

#include "au.h"

static enum au_exit
explain_reason(const struct au_args *args, const struct ea_reason_row *row)
{
    if (args->json) {
        au_print_json(json_pack("{s:s, s:i, s:s, s:s, s:s, s:b}", "reason",
                                row->word, "status", (int)row->status, "code",
                                row->code, "console", row->console, "remedy",
                                row->remedy, "alarm", row->alarm));
        return AU_OK;
    }
    printf("%s: HTTP %u, Talos shows '%s'\n", row->word, row->status,
           row->code);
    if (row->console[0] != '\0') {
        printf("console: %s\n", row->console);
    }
    printf("do:      %s\n", row->remedy);
    return AU_OK;
}

/* The ids of the request: those given, else those declared, else those that
 * were learned. */
static bool
find_ids(const struct au_args *args, const struct ea_case *c,
         struct ea_ids *ret_ids, struct ea_error *err)
{
    struct ea_ids ids = c->record.ids;

    if (c->node.uuid[0] != '\0') {
        memcpy(ids.uuid, c->node.uuid, sizeof(ids.uuid));
    }
    if (c->node.serial[0] != '\0') {
        memcpy(ids.serial, c->node.serial, sizeof(ids.serial));
    }
    if (c->node.macs_count > 0) {
        memcpy(ids.mac, c->node.macs[0], sizeof(ids.mac));
    }
    if ((args->uuid != NULL &&
         !ea_uuid_normalise(ea_bytes_of(args->uuid), ids.uuid, err)) ||
        (args->serial != NULL &&
         !ea_serial_normalise(ea_bytes_of(args->serial), ids.serial, err)) ||
        (args->mac != NULL &&
         !ea_mac_normalise(ea_bytes_of(args->mac), ids.mac, err))) {
        return false;
    }
    *ret_ids = ids;
    return true;
}

/* A claim with the node's own, genuine credential: what remains is what the
 * operator can do something about. */
static void
decide(const struct au *au, const struct ea_case *c, const struct ea_ids *ids,
       struct ea_decision *ret_decision)
{
    struct ea_facts facts = { .event = EA_EVENT_CLAIM,
                              .store_ok = true,
                              .keyd_ok = c->node.key != EA_KEYS_MINT,
                              .token = { .set = true,
                                         .kind = EA_TOKEN_NODE,
                                         .gen = c->record.gen,
                                         .epoch = c->record.epoch },
                              .cert_ok = true,
                              .ids = *ids,
                              .seen_n = c->record.n };
    struct ea_record unused;

    memcpy(facts.spki, c->record.spki, sizeof(facts.spki));
    memcpy(facts.source, c->record.source, sizeof(facts.source));
    ea_enroll_decide(&c->record, &c->policy, &facts, au->now, ret_decision,
                     &unused);
}

/* What is taken to be genuine here. */
static const char *
credential_of(const struct ea_site *site)
{
    switch (site->require) {
    case EA_REQUIRE_TOKEN:
        return "token";
    case EA_REQUIRE_CERT:
        return "client certificate";
    case EA_REQUIRE_TOKEN_CERT:
        return "token and client certificate";
    case EA_REQUIRE_NONE:
        break;
    }
    return "credential";
}

static void
print(const struct au_args *args, const struct ea_case *c,
      const struct ea_decision *d, const struct ea_ids *ids)
{
    const struct ea_reason_row *row = ea_reason_row(d->reason);
    bool served = d->reply == EA_REPLY_SCRIPT;

    if (args->json) {
        au_print_json(json_pack(
            "{s:s, s:s, s:s, s:s, s:s, s:s, s:s, s:{s:s, s:s, s:s}}", "node",
            c->node.name, "state", ea_state_word(c->record.state), "hold",
            ea_hold_word(c->record.hold), "reply", ea_reply_word(d->reply),
            "row", d->row, "reason", row->word, "remedy",
            served ? "" : row->remedy, "presented", "uuid", ids->uuid, "serial",
            ids->serial, "mac", ids->mac));
        return;
    }
    printf("a claim of %s with its own %s and\n  uuid %s, serial %s, "
           "mac %s\n",
           c->node.name, credential_of(&c->site),
           ids->uuid[0] ? ids->uuid : "-", ids->serial[0] ? ids->serial : "-",
           ids->mac[0] ? ids->mac : "-");
    printf("would now get: %s (row %s, %s)\n", ea_reply_word(d->reply), d->row,
           row->word);
    if (!served) {
        printf("do: %s\n", row->remedy);
    }
}

enum au_exit
au_explain(const struct au_args *args)
{
    enum ea_reason reason = ea_reason_find(ea_bytes_of(args->operand));
    struct ea_decision decision;
    struct ea_error err = { 0 };
    struct ea_ids ids;
    struct ea_case c;
    struct au au;
    bool good;

    if (reason != EA_REASON_NONE) {
        return explain_reason(args, ea_reason_row(reason));
    }
    if (!au_open(args, &au, &err)) {
        return au_failed(&err);
    }
    good = au_find_node(&au, args->operand, &c, &err) &&
           find_ids(args, &c, &ids, &err);
    if (good) {
        decide(&au, &c, &ids, &decision);
        print(args, &c, &decision, &ids);
    }
    au_close(&au);
    return good ? AU_OK : au_failed(&err);
}
