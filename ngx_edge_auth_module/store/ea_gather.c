/* From what was presented to what a decision needs: see ea_gather.h. */
#include <stdio.h>
#include <string.h>

#include <arpa/inet.h>

#include "ea_gather.h"

static struct ea_bytes
bytes(const uint8_t *ptr, size_t len)
{
    return (struct ea_bytes){ (const char *)ptr, len };
}

/* ---- single values ---- */

static enum ea_gathered
fail(struct ea_error *err, const char *what)
{
    (void)ea_fail(err, EA_E_UNAVAILABLE, "cannot read %s in the store", what);
    return EA_GATHER_FAILED;
}

/* The decoders say what is wrong themselves. */
static enum ea_gathered
found_if(bool decoded)
{
    return decoded ? EA_GATHER_FOUND : EA_GATHER_FAILED;
}

static enum ea_gathered
get(struct ea_view *view, enum ea_table table, struct ea_bytes key,
    struct ea_bytes *ret_value, struct ea_error *err)
{
    switch (ea_view_get(view, table, key, ret_value, NULL)) {
    case EA_FOUND_FAILED:
        return fail(err, "a value");
    case EA_FOUND_ABSENT:
        return EA_GATHER_NONE;
    case EA_FOUND:
        break;
    }
    return EA_GATHER_FOUND;
}

enum ea_gathered
ea_gather_meta(struct ea_view *view, struct ea_meta *ret_meta,
               struct ea_gate *ret_gate, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;
    enum ea_gathered got =
        get(view, EA_TABLE_META, EA_BYTES("store"), &value, err);

    memset(ret_gate, 0, sizeof(*ret_gate));
    if (got != EA_GATHER_FOUND) {
        return got == EA_GATHER_NONE ? fail(err, "what the store is") : got;
    }
    if (!ea_meta_decode(value, ret_meta, err)) {
        return EA_GATHER_FAILED;
    }
    if (ret_meta->import_gen == 0) {
        return EA_GATHER_FOUND;
    }
    got = get(view, EA_TABLE_FACT,
              bytes(key, ea_key_gate(ret_meta->import_gen, key)), &value, err);
    if (got != EA_GATHER_FOUND) {
        return got == EA_GATHER_NONE ? fail(err, "the gate's URLs") : got;
    }
    return found_if(ea_gate_decode(value, ret_gate, err));
}

static enum ea_gathered
get_site(struct ea_view *view, uint32_t import_gen, const char *name,
         struct ea_site *ret_site, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;
    size_t len = ea_key_site(import_gen, ea_bytes_of(name), key);
    enum ea_gathered got =
        get(view, EA_TABLE_FACT, bytes(key, len), &value, err);

    return got == EA_GATHER_FOUND
               ? found_if(ea_site_decode(value, ret_site, err))
               : got;
}

static enum ea_gathered
get_node(struct ea_view *view, uint32_t import_gen, uint32_t number,
         struct ea_node *ret_node, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;
    size_t len = ea_key_node(import_gen, number, key);
    enum ea_gathered got =
        get(view, EA_TABLE_FACT, bytes(key, len), &value, err);

    return got == EA_GATHER_FOUND
               ? found_if(ea_node_decode(value, ret_node, err))
               : got;
}

static uint32_t
read_number(const char *ptr)
{
    const uint8_t *at = (const uint8_t *)ptr;

    return (uint32_t)at[0] << 24 | (uint32_t)at[1] << 16 |
           (uint32_t)at[2] << 8 | at[3];
}

/* A number under a name or a hardware id: 4 bytes. */
static enum ea_gathered
get_number(struct ea_view *view, enum ea_table table, struct ea_bytes key,
           uint32_t *ret_number, struct ea_error *err)
{
    struct ea_bytes value;
    enum ea_gathered got = get(view, table, key, &value, err);

    if (got != EA_GATHER_FOUND) {
        return got;
    }
    if (value.len != 4) {
        return fail(err, "a number");
    }
    *ret_number = read_number(value.ptr);
    return EA_GATHER_FOUND;
}

/* A node that was never armed has a zeroed record. */
static enum ea_gathered
get_record(struct ea_view *view, uint32_t number, struct ea_record *ret_record,
           struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    size_t len = ea_key_number(number, key);
    struct ea_bytes value;
    uint64_t rev = 0;
    enum ea_found found =
        ea_view_get(view, EA_TABLE_ENROLL, bytes(key, len), &value, &rev);

    memset(ret_record, 0, sizeof(*ret_record));
    ret_record->number = number;
    if (found == EA_FOUND_ABSENT) {
        return EA_GATHER_FOUND;
    }
    if (found == EA_FOUND_FAILED) {
        return fail(err, "an enrollment");
    }
    if (!ea_record_decode(value, ret_record, err)) {
        return EA_GATHER_FAILED;
    }
    if (ret_record->number != number) {
        return fail(err, "an enrollment: it is another node's");
    }
    ret_record->rev = rev;
    return EA_GATHER_FOUND;
}

/* ---- the case of one node ---- */

/* Its site, record and policy; ret_case holds meta and node. */
static enum ea_gathered
complete(struct ea_view *view, struct ea_case *ret_case, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    uint32_t site_gen = 0;
    enum ea_gathered got;

    got = get_site(view, ret_case->meta.import_gen, ret_case->node.site,
                   &ret_case->site, err);
    if (got != EA_GATHER_FOUND) {
        return got == EA_GATHER_NONE ? fail(err, "a node's site") : got;
    }
    got = get_record(view, ret_case->node.number, &ret_case->record, err);
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    got = get_number(
        view, EA_TABLE_NAME,
        bytes(key, ea_key_site_tokens(ea_bytes_of(ret_case->site.name), key)),
        &site_gen, err);
    if (got == EA_GATHER_FAILED) {
        return got;
    }
    ea_policy_from(&ret_case->site, &ret_case->node, &ret_case->policy);
    ret_case->policy.epoch = ret_case->meta.epoch;
    ret_case->policy.site_gen = site_gen;
    return EA_GATHER_FOUND;
}

static enum ea_gathered
get_case(struct ea_view *view, uint32_t number, struct ea_case *ret_case,
         struct ea_error *err)
{
    enum ea_gathered got =
        get_node(view, ret_case->meta.import_gen, number, &ret_case->node, err);

    return got == EA_GATHER_FOUND ? complete(view, ret_case, err) : got;
}

static enum ea_gathered
begin(struct ea_view *view, struct ea_case *ret_case, struct ea_error *err)
{
    memset(ret_case, 0, sizeof(*ret_case));
    return ea_gather_meta(view, &ret_case->meta, &ret_case->gate, err);
}

/* As get_case, with the record of a node that left the import too. */
static enum ea_gathered
get_any(struct ea_view *view, uint32_t number, struct ea_case *ret_case,
        struct ea_error *err)
{
    enum ea_gathered got = get_case(view, number, ret_case, err);

    if (got == EA_GATHER_NONE &&
        get_record(view, number, &ret_case->record, err) != EA_GATHER_FOUND) {
        return EA_GATHER_FAILED;
    }
    return got;
}

enum ea_gathered
ea_gather_node(struct ea_view *view, struct ea_bytes name,
               struct ea_case *ret_case, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    uint32_t number = 0;
    enum ea_gathered got = begin(view, ret_case, err);

    if (got == EA_GATHER_FOUND) {
        got = get_number(view, EA_TABLE_NAME,
                         bytes(key, ea_key_name(name, key)), &number, err);
    }
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    return get_any(view, number, ret_case, err);
}

enum ea_gathered
ea_gather_number(struct ea_view *view, uint32_t number,
                 struct ea_case *ret_case, struct ea_error *err)
{
    enum ea_gathered got = begin(view, ret_case, err);

    return got == EA_GATHER_FOUND ? get_any(view, number, ret_case, err) : got;
}

/* ---- what was presented ---- */

/* The node that all of the ids which are on record name. NONE: none is, or
 * they name two. *ret_foreign: one names another node than `number`. */
static enum ea_gathered
find_by_ids(struct ea_view *view, uint32_t import_gen, const struct ea_ids *ids,
            uint32_t number, uint32_t *ret_number, bool *ret_foreign,
            struct ea_error *err)
{
    const struct {
        char kind;
        const char *id;
    } rows[] = { { 'u', ids->uuid }, { 's', ids->serial }, { 'm', ids->mac } };
    uint8_t key[EA_KEY_MAX];
    bool some = false, two = false;
    uint32_t first = 0;

    *ret_foreign = false;
    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        uint32_t named = 0;
        size_t len =
            ea_key_hwid(import_gen, rows[i].kind, ea_bytes_of(rows[i].id), key);
        enum ea_gathered got = EA_GATHER_NONE;

        if (rows[i].id[0] != '\0') {
            got = get_number(view, EA_TABLE_HWID, bytes(key, len), &named, err);
        }
        if (got == EA_GATHER_FAILED) {
            return got;
        }
        if (got == EA_GATHER_FOUND) {
            two = two || (some && named != first);
            *ret_foreign = *ret_foreign || named != number;
            first = some ? first : named;
            some = true;
        }
    }
    if (!some || two) {
        return EA_GATHER_NONE;
    }
    *ret_number = first;
    return EA_GATHER_FOUND;
}

static enum ea_gathered
get_token(struct ea_view *view, const struct ea_claims *claims,
          struct ea_token_row *ret_row, struct ea_error *err)
{
    struct ea_bytes value;
    enum ea_gathered got =
        get(view, EA_TABLE_TOKEN, bytes(claims->stored, sizeof(claims->stored)),
            &value, err);

    return got == EA_GATHER_FOUND
               ? found_if(ea_token_row_decode(value, ret_row, err))
               : got;
}

/* The node of the name in a certificate. */
static enum ea_gathered
find_by_name(struct ea_view *view, const char *name, uint32_t *ret_number,
             struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    size_t len = ea_key_name(ea_bytes_of(name), key);

    return get_number(view, EA_TABLE_NAME, bytes(key, len), ret_number, err);
}

static bool
has_cert_for(const struct ea_spiffe *cert, const struct ea_case *of)
{
    return cert != NULL && strcmp(cert->domain, of->gate.trust_domain) == 0 &&
           strcmp(cert->site, of->node.site) == 0 &&
           (cert->node[0] == '\0' || strcmp(cert->node, of->node.name) == 0);
}

/* What a credential names: a node, or a site whose nodes the ids tell apart. */
struct named {
    bool by_ids;
    uint32_t number;
    char site[EA_NAME_MAX + 1];
};

/* A token goes before a certificate: it is the narrower word, and where both
 * are needed the certificate is checked against the token's node. */
static enum ea_gathered
name_of(struct ea_view *view, const struct ea_presented *presented,
        struct named *ret_named, struct ea_facts *facts, struct ea_error *err)
{
    struct ea_token_row row;
    enum ea_gathered got;

    if (presented->token != NULL) {
        got = get_token(view, presented->token, &row, err);
        if (got != EA_GATHER_FOUND || row.kind == EA_TOKEN_KIND_NONE) {
            return got == EA_GATHER_FOUND ? EA_GATHER_NONE : got;
        }
        facts->token.set = true;
        facts->token.kind = row.kind;
        facts->token.gen = row.gen;
        facts->token.epoch = row.epoch;
        ret_named->by_ids = row.kind != EA_TOKEN_NODE;
        ret_named->number = row.number;
        memcpy(ret_named->site, row.site, sizeof(ret_named->site));
        return EA_GATHER_FOUND;
    }
    if (presented->cert == NULL) {
        return EA_GATHER_NONE;
    }
    ret_named->by_ids = presented->cert->node[0] == '\0';
    memcpy(ret_named->site, presented->cert->site, sizeof(ret_named->site));
    return ret_named->by_ids ? EA_GATHER_FOUND
                             : find_by_name(view, presented->cert->node,
                                            &ret_named->number, err);
}

static void
set_facts(const struct ea_case *of, const char *source,
          struct ea_facts *ret_facts)
{
    ret_facts->store_ok = true;
    ret_facts->keyd_ok = !of->policy.mint;
    ret_facts->seen_n = of->record.n;
    ea_source_text(source, ret_facts->source);
}

enum ea_gathered
ea_gather_claim(struct ea_view *view, const struct ea_presented *presented,
                struct ea_case *ret_case, struct ea_facts *ret_facts,
                struct ea_error *err)
{
    enum ea_gathered got = begin(view, ret_case, err);
    struct named named = { 0 };
    uint32_t by_ids = 0;

    memset(ret_facts, 0, sizeof(*ret_facts));
    ret_facts->event = EA_EVENT_CLAIM;
    if (got == EA_GATHER_FOUND) {
        got = name_of(view, presented, &named, ret_facts, err);
    }
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    got = find_by_ids(view, ret_case->meta.import_gen, &presented->ids,
                      named.number, &by_ids, &ret_facts->foreign, err);
    if (got == EA_GATHER_FAILED || (named.by_ids && got == EA_GATHER_NONE)) {
        return got;
    }
    if (named.by_ids) {
        named.number = by_ids;
        ret_facts->foreign = false;
    }
    got = get_case(view, named.number, ret_case, err);
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    if (strcmp(ret_case->node.site, named.site) != 0) {
        return EA_GATHER_NONE;
    }
    ret_facts->cert_ok = has_cert_for(presented->cert, ret_case);
    memcpy(ret_facts->spki, presented->spki, sizeof(ret_facts->spki));
    ret_facts->ids = presented->ids;
    set_facts(ret_case, presented->source, ret_facts);
    return EA_GATHER_FOUND;
}

enum ea_gathered
ea_gather_get(struct ea_view *view, const struct ea_pepper *pepper,
              const struct ea_ticket *ticket, const struct ea_ids *ids,
              const char *source, struct ea_case *ret_case,
              struct ea_facts *ret_facts, struct ea_error *err)
{
    enum ea_gathered got = begin(view, ret_case, err);
    const struct ea_record *record = &ret_case->record;
    const struct ea_attempt *attempt;

    memset(ret_facts, 0, sizeof(*ret_facts));
    ret_facts->event = EA_EVENT_GET;
    if (got == EA_GATHER_FOUND) {
        got = get_case(view, ticket->number, ret_case, err);
    }
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    attempt = ea_record_attempt(record, ticket->n);
    ret_facts->ticket.set = true;
    ret_facts->ticket.gen = ticket->gen;
    ret_facts->ticket.n = ticket->n;
    ret_facts->ticket.epoch_ok = record->epoch == ret_case->meta.epoch;
    ret_facts->ticket.secret_ok =
        attempt != NULL && ticket->gen == record->gen &&
        ea_ticket_matches(pepper, ticket, record->epoch, attempt->salt);
    ret_facts->ids = *ids;
    set_facts(ret_case, source, ret_facts);
    return EA_GATHER_FOUND;
}

/* ---- assets ---- */

/* Does the credential open an enrollment of this node, as a claim of it would
 * be found genuine? EA_REASON_NONE: yes. */
static enum ea_reason
asset_reason(const struct ea_case *of, const struct ea_facts *facts,
             uint64_t now)
{
    const struct ea_record *record = &of->record;
    enum ea_reason reason = ea_enroll_credential(record, &of->policy, facts);

    if (record->state != EA_STATE_ARMED && record->state != EA_STATE_CLAIMED &&
        record->state != EA_STATE_DELIVERED &&
        record->state != EA_STATE_JOINED) {
        return EA_REASON_UNKNOWN;
    }
    if (reason != EA_REASON_NONE) {
        return reason;
    }
    if (record->state == EA_STATE_JOINED) {
        return EA_REASON_JOINED;
    }
    return ea_record_is_closed(record, now) ? EA_REASON_CLOSED : EA_REASON_NONE;
}

/* The site's first node that is open for this credential; otherwise the reason
 * of the node that came nearest (the order of the reasons). */
static enum ea_gathered
search_site(struct ea_view *view, const struct ea_spiffe *cert,
            const char *site, uint64_t now, struct ea_case *of,
            struct ea_facts *facts, enum ea_reason *ret_reason,
            struct ea_error *err)
{
    uint8_t first[EA_KEY_MAX];
    struct ea_bytes key, value;
    size_t len =
        ea_key_member(of->meta.import_gen, ea_bytes_of(site), 0, first);
    enum ea_found found;

    key = bytes(first, len - 4);
    *ret_reason = EA_REASON_UNKNOWN;
    while ((found = ea_view_next(view, EA_TABLE_FACT, &key, &value, NULL)) ==
               EA_FOUND &&
           key.len == len && memcmp(key.ptr, first, len - 4) == 0) {
        enum ea_reason reason;

        if (get_node(view, of->meta.import_gen, read_number(key.ptr + len - 4),
                     &of->node, err) != EA_GATHER_FOUND) {
            return EA_GATHER_FAILED;
        }
        if (complete(view, of, err) != EA_GATHER_FOUND) {
            return EA_GATHER_FAILED;
        }
        facts->cert_ok = has_cert_for(cert, of);
        reason = asset_reason(of, facts, now);
        if (reason == EA_REASON_NONE) {
            *ret_reason = reason;
            return EA_GATHER_FOUND;
        }
        *ret_reason = reason > *ret_reason ? reason : *ret_reason;
    }
    return found == EA_FOUND_FAILED ? fail(err, "a site's nodes")
                                    : EA_GATHER_NONE;
}

static enum ea_gathered
may_fetch(struct ea_view *view, const struct ea_presented *presented,
          uint64_t now, struct ea_case *of, enum ea_reason *ret_reason,
          struct ea_error *err)
{
    struct ea_facts facts = { .event = EA_EVENT_NONE };
    struct named named = { 0 };
    enum ea_gathered got = name_of(view, presented, &named, &facts, err);

    *ret_reason = EA_REASON_UNKNOWN;
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    memcpy(facts.spki, presented->spki, sizeof(facts.spki));
    if (named.by_ids) {
        return search_site(view, presented->cert, named.site, now, of, &facts,
                           ret_reason, err);
    }
    got = get_case(view, named.number, of, err);
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    if (strcmp(of->node.site, named.site) != 0) {
        return EA_GATHER_NONE;
    }
    facts.cert_ok = has_cert_for(presented->cert, of);
    *ret_reason = asset_reason(of, &facts, now);
    return *ret_reason == EA_REASON_NONE ? EA_GATHER_FOUND : EA_GATHER_NONE;
}

/* ---- the first script ---- */

/* The site and, where the credential names one, the node. */
static enum ea_gathered
find_site(struct ea_view *view, const struct named *named, struct ea_case *of,
          struct ea_error *err)
{
    if (!named->by_ids) {
        return get_case(view, named->number, of, err);
    }
    memcpy(of->node.site, named->site, sizeof(of->node.site));
    return get_site(view, of->meta.import_gen, named->site, &of->site, err);
}

enum ea_gathered
ea_gather_boot(struct ea_view *view, const struct ea_presented *presented,
               enum ea_reason *ret_reason, struct ea_error *err)
{
    struct ea_facts facts = { .event = EA_EVENT_NONE };
    struct named named = { 0 };
    struct ea_case of;
    bool need_token, need_cert;
    enum ea_gathered got = begin(view, &of, err);

    *ret_reason = EA_REASON_STORE;
    if (got == EA_GATHER_FOUND) {
        got = name_of(view, presented, &named, &facts, err);
    }
    if (got == EA_GATHER_FOUND) {
        got = find_site(view, &named, &of, err);
    }
    if (got == EA_GATHER_FAILED) {
        return got;
    }
    *ret_reason = EA_REASON_NONE;
    if (got == EA_GATHER_NONE) {
        return EA_GATHER_FOUND; /* the claim is refused, not this */
    }
    need_token = of.site.require != EA_REQUIRE_CERT;
    need_cert = of.site.require != EA_REQUIRE_TOKEN;
    if (need_token && !facts.token.set) {
        *ret_reason = EA_REASON_TOKEN_MISSING;
    } else if (need_cert && presented->cert == NULL) {
        *ret_reason = EA_REASON_LISTENER;
    } else if (need_cert && !named.by_ids &&
               !has_cert_for(presented->cert, &of)) {
        *ret_reason = EA_REASON_CERT_IDENTITY;
    }
    return *ret_reason == EA_REASON_NONE ? EA_GATHER_FOUND : EA_GATHER_NONE;
}

/* A file of UEFI HTTP boot is there for all nodes or it is not: images of Talos
 * are what a list is rendered from. */
static bool
set_uefi(struct ea_bytes path, struct ea_asset *ret_asset)
{
    if (!ea_target_is_uefi(path)) {
        return false;
    }
    memset(ret_asset, 0, sizeof(*ret_asset));
    memcpy(ret_asset->path, path.ptr, path.len);
    return true;
}

enum ea_gathered
ea_gather_asset(struct ea_view *view, const struct ea_presented *presented,
                struct ea_bytes path, uint64_t now, struct ea_asset *ret_asset,
                enum ea_reason *ret_reason, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;
    struct ea_case of;
    enum ea_gathered got = begin(view, &of, err);

    *ret_reason = EA_REASON_STORE;
    if (got == EA_GATHER_FOUND) {
        got = may_fetch(view, presented, now, &of, ret_reason, err);
    }
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    *ret_reason = EA_REASON_ASSET;
    got = get(view, EA_TABLE_FACT,
              bytes(key, ea_key_asset(of.meta.import_gen, path, key)), &value,
              err);
    if (got == EA_GATHER_NONE && set_uefi(path, ret_asset)) {
        *ret_reason = EA_REASON_NONE;
        return EA_GATHER_FOUND;
    }
    if (got != EA_GATHER_FOUND) {
        return got;
    }
    if (!ea_asset_decode(value, ret_asset, err)) {
        return EA_GATHER_FAILED;
    }
    if (!ea_bytes_equal(path, ea_bytes_of(ret_asset->path))) {
        return EA_GATHER_NONE;
    }
    *ret_reason = EA_REASON_NONE;
    return EA_GATHER_FOUND;
}

/* ---- addresses ---- */

void
ea_source_text(const char *address, char ret_source[static EA_SOURCE_MAX + 1])
{
    static const uint8_t mapped[12] = { [10] = 0xff, [11] = 0xff };
    char text[INET6_ADDRSTRLEN] = "";
    uint8_t raw[16] = { 0 };
    const char *prefix = "/32";

    ret_source[0] = '\0';
    if (address == NULL) {
        return;
    }
    if (inet_pton(AF_INET6, address, raw) == 1) {
        if (memcmp(raw, mapped, sizeof(mapped)) == 0) {
            (void)inet_ntop(AF_INET, raw + 12, text, sizeof(text));
        } else {
            memset(raw + 8, 0, 8);
            (void)inet_ntop(AF_INET6, raw, text, sizeof(text));
            prefix = "/64";
        }
    } else if (inet_pton(AF_INET, address, raw) == 1) {
        (void)inet_ntop(AF_INET, raw, text, sizeof(text));
    } else {
        return;
    }
    (void)snprintf(ret_source, EA_SOURCE_MAX + 1, "%s%s", text, prefix);
}
