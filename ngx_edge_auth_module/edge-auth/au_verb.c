/* One verb on one node: see au.h. */
#include <string.h>
#include <sys/random.h>

#include "au.h"

/* Somebody else may be faster a few times; for ever is something broken. */
#define TRIES 8

/* Edit distance, for names of up to EA_NAME_MAX characters. */
static unsigned
distance(const char *a, const char *b)
{
    unsigned row[EA_NAME_MAX + 2];
    size_t len = strlen(b);

    for (unsigned i = 0; i <= len; i++) {
        row[i] = i;
    }
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned diagonal = row[0];

        row[0] = i;
        for (size_t k = 1; k <= len; k++) {
            unsigned best = diagonal + (a[i - 1] == b[k - 1] ? 0 : 1);

            diagonal = row[k];
            best = row[k] + 1 < best ? row[k] + 1 : best;
            best = row[k - 1] + 1 < best ? row[k - 1] + 1 : best;
            row[k] = best;
        }
    }
    return row[len];
}

struct nearest {
    const char *wanted;
    unsigned best;
    char name[EA_NAME_MAX + 1];
};

static bool
compare(void *context, const struct ea_node *node,
        const struct ea_record *record)
{
    struct nearest *nearest = context;
    unsigned d = distance(nearest->wanted, node->name);

    (void)record;
    if (d < nearest->best) {
        nearest->best = d;
        memcpy(nearest->name, node->name, sizeof(nearest->name));
    }
    return true;
}

static bool
no_node(struct au *au, const char *name, struct ea_error *err)
{
    struct nearest nearest = { .wanted = name, .best = 4 };

    if (!au_scan_nodes(au, compare, &nearest, err)) {
        return false;
    }
    if (nearest.name[0] != '\0') {
        return ea_fail(err, EA_E_UNKNOWN, "no node '%s'; did you mean '%s'?",
                       name, nearest.name);
    }
    return ea_fail(err, EA_E_UNKNOWN,
                   "no node '%s'; `edge-auth node list` shows them", name);
}

bool
au_find_node(struct au *au, const char *node, struct ea_case *ret_case,
             struct ea_error *err)
{
    struct ea_bytes name = ea_bytes_of(node);
    struct ea_view *view;
    enum ea_gathered found;

    if (!ea_name_check(name, "node", err)) {
        return false;
    }
    view = ea_store_view(au->store, err);
    if (view == NULL) {
        return false;
    }
    found = ea_gather_node(view, name, ret_case, err);
    ea_view_close(view);
    if (found == EA_GATHER_NONE) {
        return no_node(au, node, err);
    }
    return found == EA_GATHER_FOUND;
}

static bool
explain_refusal(const struct ea_case *c, const struct ea_decision *d,
                const struct au_verb *verb, struct ea_error *err)
{
    const struct ea_reason_row *row = ea_reason_row(d->reason);

    return ea_fail(err, EA_E_REFUSED, "%s: node '%s' is %s: %s; %s",
                   verb->action, c->node.name, ea_state_word(c->record.state),
                   row->word, row->remedy);
}

/* The step as a store operation. */
static bool
prepare(const struct au *au, const struct ea_case *c,
        const struct ea_decision *d, const struct ea_record *record,
        const struct au_verb *verb, struct ea_commit *ret_commit,
        struct ea_error *err)
{
    struct ea_audit event = {
        .time = au->now,
        .action = verb->action,
        .actor = au->actor,
        .node = c->node.name,
        .site = c->node.site,
        .row = d->row,
        .reason = d->reason,
        .reply = d->reply,
        .mark = d->mark,
        .credential = verb->token ? verb->token->id : "",
        .gen = record->gen,
        .n = record->n,
    };
    struct ea_token_row row = { .kind = EA_TOKEN_NODE,
                                .number = record->number,
                                .gen = record->gen,
                                .epoch = record->epoch,
                                .created = au->now };

    if (!ea_commit_init(ret_commit, record, c->record.rev, &event, err)) {
        return false;
    }
    if (verb->token == NULL) {
        return true;
    }
    memcpy(row.id, verb->token->id, sizeof(row.id));
    memcpy(row.site, c->node.site, sizeof(row.site));
    return ea_commit_add_token(ret_commit, verb->token, &row, err);
}

static bool
decide(const struct au *au, struct ea_case *c, const struct au_verb *verb,
       struct ea_decision *ret_decision, struct ea_record *ret_record,
       struct ea_error *err)
{
    struct ea_facts facts = { .event = verb->event,
                              .store_ok = true,
                              .by = verb->by,
                              .forget = verb->forget };

    if (verb->ttl != 0) {
        c->policy.ttl = verb->ttl;
    }
    ea_enroll_decide(&c->record, &c->policy, &facts, au->now, ret_decision,
                     ret_record);
    if (ret_decision->reply != EA_REPLY_DONE || !ret_decision->writes) {
        return explain_refusal(c, ret_decision, verb, err);
    }
    return true;
}

/* The revision that the store gave, for what is shown. */
static void
read_revision(struct au *au, const char *node, struct ea_record *record)
{
    struct ea_error ignored = { 0 };
    struct ea_case now;

    if (au_find_node(au, node, &now, &ignored) &&
        now.record.gen == record->gen) {
        record->rev = now.record.rev;
    }
}

bool
au_verb_run(struct au *au, const char *node, const struct au_verb *verb,
            struct ea_case *ret_case, struct ea_error *err)
{
    static struct ea_commit commit;
    struct ea_decision decision;
    struct ea_record record;

    for (int i = 0; i < TRIES; i++) {
        if (!au_find_node(au, node, ret_case, err) ||
            !decide(au, ret_case, verb, &decision, &record, err) ||
            !prepare(au, ret_case, &decision, &record, verb, &commit, err)) {
            return false;
        }
        switch (ea_store_run(au->store, &commit.op)) {
        case EA_RESULT_WON:
            ret_case->record = record;
            read_revision(au, node, &ret_case->record);
            return true;
        case EA_RESULT_LOST:
            break;
        case EA_RESULT_UNKNOWN:
            return ea_fail(err, EA_E_UNAVAILABLE,
                           "the disk failed; nobody knows what was written: "
                           "see `edge-auth node show %s`",
                           node);
        case EA_RESULT_UNAVAILABLE:
        case EA_RESULT_CANCELLED:
            return ea_fail(err, EA_E_UNAVAILABLE,
                           "the store took no write; is the disk full? "
                           "Nothing was changed");
        }
    }
    return ea_fail(err, EA_E_UNAVAILABLE,
                   "node '%s' changes too fast; try again", node);
}
