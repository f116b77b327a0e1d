/*
 * edge-auth node import: a nodes.json becomes the facts in force, in one step.
 * It arms nothing and changes no enrollment.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "au_nodes.h"
#include "ea_base32.h"
#include "ea_keyd.h"

/* The writes of one import with the memory they point into. */
struct batch {
    struct ea_store_write *writes;
    size_t count, room;
    uint8_t *bytes;
    size_t used, size;
    bool failed;
};

/* ---- batch ---- */

/* A key and a value: bounded, so that one block is enough for all. */
static uint8_t *
take(struct batch *b, size_t len)
{
    uint8_t *at = b->bytes + b->used;

    if (b->failed || b->size - b->used < len) {
        b->failed = true;
        return NULL;
    }
    b->used += len;
    return at;
}

static void
put(struct batch *b, enum ea_table table, const uint8_t *key, size_t key_len,
    const uint8_t *value, size_t value_len)
{
    uint8_t *at = take(b, key_len + value_len);

    if (at == NULL || b->count == b->room) {
        b->failed = true;
        return;
    }
    memcpy(at, key, key_len);
    memcpy(at + key_len, value, value_len);
    b->writes[b->count++] = (struct ea_store_write){
        table,
        { (const char *)at, key_len },
        false,
        { (const char *)at + key_len, value_len },
    };
}

static void
put_number(struct batch *b, enum ea_table table, const uint8_t *key,
           size_t key_len, uint32_t number)
{
    uint8_t value[EA_KEY_MAX];

    put(b, table, key, key_len, value, ea_key_number(number, value));
}

static void
put_ids(struct batch *b, uint32_t gen, const struct ea_node *node)
{
    char swapped[EA_UUID_LEN + 1];
    uint8_t key[EA_KEY_MAX];

    if (node->uuid[0] != '\0') {
        ea_uuid_swap(node->uuid, swapped);
        put_number(b, EA_TABLE_HWID, key,
                   ea_key_hwid(gen, 'u', ea_bytes_of(node->uuid), key),
                   node->number);
        put_number(b, EA_TABLE_HWID, key,
                   ea_key_hwid(gen, 'u', ea_bytes_of(swapped), key),
                   node->number);
    }
    if (node->serial[0] != '\0') {
        put_number(b, EA_TABLE_HWID, key,
                   ea_key_hwid(gen, 's', ea_bytes_of(node->serial), key),
                   node->number);
    }
    for (size_t i = 0; i < node->macs_count; i++) {
        put_number(b, EA_TABLE_HWID, key,
                   ea_key_hwid(gen, 'm', ea_bytes_of(node->macs[i]), key),
                   node->number);
    }
}

static void
put_facts(struct batch *b, uint32_t gen, const struct au_nodes *all)
{
    uint8_t key[EA_KEY_MAX], value[EA_RECORD_MAX];
    struct ea_buf buf = { value, 0, sizeof(value), false };

    b->failed = b->failed || !ea_gate_encode(&all->gate, &buf);
    put(b, EA_TABLE_FACT, key, ea_key_gate(gen, key), value, buf.len);
    for (size_t i = 0; i < all->sites_count; i++) {
        buf.len = 0;
        b->failed = b->failed || !ea_site_encode(&all->sites[i], &buf);
        put(b, EA_TABLE_FACT, key,
            ea_key_site(gen, ea_bytes_of(all->sites[i].name), key), value,
            buf.len);
    }
    for (size_t i = 0; i < all->nodes_count; i++) {
        const struct ea_node *node = &all->nodes[i];

        buf.len = 0;
        b->failed = b->failed || !ea_node_encode(node, &buf);
        put(b, EA_TABLE_FACT, key, ea_key_node(gen, node->number, key), value,
            buf.len);
        put_number(
            b, EA_TABLE_FACT, key,
            ea_key_member(gen, ea_bytes_of(node->site), node->number, key),
            node->number);
        put_number(b, EA_TABLE_NAME, key,
                   ea_key_name(ea_bytes_of(node->name), key), node->number);
        put_ids(b, gen, node);
    }
    for (size_t i = 0; i < all->assets_count; i++) {
        buf.len = 0;
        b->failed = b->failed || !ea_asset_encode(&all->assets[i], &buf);
        put(b, EA_TABLE_FACT, key,
            ea_key_asset(gen, ea_bytes_of(all->assets[i].path), key), value,
            buf.len);
    }
}

/* Facts of older generations than the one being replaced are not read by
 * anybody any more. */
static bool
drop_old(struct ea_view *view, enum ea_table table, uint32_t keep,
         struct batch *b, struct ea_error *err)
{
    uint8_t first_kept[EA_KEY_MAX];
    struct ea_bytes key = { NULL, 0 }, value;
    uint8_t *at;

    (void)ea_key_gate(keep, first_kept);
    for (;;) {
        enum ea_found found = ea_view_next(view, table, &key, &value, NULL);

        if (found == EA_FOUND_FAILED) {
            return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
        }
        if (found == EA_FOUND_ABSENT || key.len < 4 ||
            memcmp(key.ptr, first_kept, 4) >= 0) {
            return true;
        }
        at = take(b, key.len);
        if (at == NULL || b->count == b->room) {
            return true; /* the rest goes with the next import */
        }
        memcpy(at, key.ptr, key.len);
        b->writes[b->count++] = (struct ea_store_write){
            table, { (const char *)at, key.len }, true, { NULL, 0 }
        };
    }
}

/* ---- numbers, and what was there ---- */

static bool
number_of(struct ea_view *view, const char *name, uint32_t *ret_number,
          struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;
    size_t len = ea_key_name(ea_bytes_of(name), key);

    *ret_number = 0;
    switch (ea_view_get(view, EA_TABLE_NAME,
                        (struct ea_bytes){ (const char *)key, len }, &value,
                        NULL)) {
    case EA_FOUND:
        for (size_t i = 0; i < 4 && i < value.len; i++) {
            *ret_number = *ret_number << 8 | (uint8_t)value.ptr[i];
        }
        return true;
    case EA_FOUND_ABSENT:
        return true;
    case EA_FOUND_FAILED:
        break;
    }
    return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
}

/* A node keeps its number for ever, a new one gets the next. */
static bool
give_numbers(struct ea_view *view, struct au_nodes *all, struct ea_meta *meta,
             struct ea_error *err)
{
    for (size_t i = 0; i < all->nodes_count; i++) {
        struct ea_node *node = &all->nodes[i];

        if (!number_of(view, node->name, &node->number, err)) {
            return false;
        }
        if (node->number != 0) {
            continue;
        }
        if (meta->next_number >= EA_KEYD_NUMBER_HAND) {
            return ea_fail(err, EA_E_RANGE,
                           "all %u node numbers were given; start a new store",
                           EA_KEYD_NUMBER_HAND - 1);
        }
        node->number = meta->next_number++;
    }
    return true;
}

static bool
is_same_ids(const struct ea_node *a, const struct ea_node *b)
{
    if (strcmp(a->uuid, b->uuid) != 0 || strcmp(a->serial, b->serial) != 0 ||
        a->macs_count != b->macs_count) {
        return false;
    }
    for (size_t i = 0; i < a->macs_count; i++) {
        if (strcmp(a->macs[i], b->macs[i]) != 0) {
            return false;
        }
    }
    return true;
}

/* What is looser about the new site, or NULL. */
static const char *
looser(const struct ea_site *was, const struct ea_site *is)
{
    if (is->require != was->require && is->require != EA_REQUIRE_TOKEN_CERT) {
        return "require";
    }
    if (is->mode != was->mode && is->mode != EA_MODE_ALLOWLIST) {
        return "mode";
    }
    if (was->bind_source && !is->bind_source) {
        return "bind_source";
    }
    if (is->redeliver > was->redeliver) {
        return "redeliver";
    }
    return NULL;
}

struct comparison {
    struct au *au;
    struct au_nodes *all;
    struct ea_node **index;          /* all->nodes by number */
    const struct ea_site *old_sites; /* by index of all->sites */
    struct ea_error *err;
    size_t refused;
};

static int
by_number(const void *a, const void *b)
{
    const struct ea_node *const *x = a, *const *y = b;

    return ((*x)->number > (*y)->number) - ((*x)->number < (*y)->number);
}

static void
object(struct comparison *c, const char *node, const char *what)
{
    if (c->refused++ == 0) {
        ea_fail(c->err, EA_E_CONFLICT,
                "node '%s' has a live enrollment and %s; arm it again "
                "afterwards with --allow-changed, or wait",
                node, what);
    }
}

/* Compares a live enrollment's node with the new facts; keeps the replaced
 * digest as the previous one. */
static bool
compare(void *context, const struct ea_node *was,
        const struct ea_record *record)
{
    struct comparison *c = context;
    /* Closed ones too: `token extend` makes them live again. */
    bool live = record->state == EA_STATE_ARMED ||
                record->state == EA_STATE_CLAIMED ||
                record->state == EA_STATE_DELIVERED;
    const struct ea_node *key = was;
    struct ea_node **at = bsearch(&key, c->index, c->all->nodes_count,
                                  sizeof(*c->index), by_number);
    struct ea_node *is = at != NULL ? *at : NULL;
    const char *loose = NULL;

    if (is == NULL) {
        if (live) {
            object(c, was->name, "is not in the file");
        }
        return true;
    }
    if (was->has_digest && is->has_digest) {
        bool same = memcmp(was->digest, is->digest, sizeof(is->digest)) == 0;

        is->has_previous = !same || was->has_previous;
        memcpy(is->previous, same ? was->previous : was->digest,
               sizeof(is->previous));
    }
    for (size_t i = 0; i < c->all->sites_count; i++) {
        if (strcmp(c->all->sites[i].name, is->site) == 0 &&
            c->old_sites[i].name[0] != '\0') {
            loose = looser(&c->old_sites[i], &c->all->sites[i]);
        }
    }
    if (live && !is_same_ids(was, is)) {
        object(c, was->name, "other hardware ids now");
    } else if (live && (is->kind != was->kind ||
                        (was->has_digest && !is->has_digest))) {
        object(c, was->name, "its config is checked less now");
    } else if (live && strcmp(was->site, is->site) != 0) {
        object(c, was->name, "another site now");
    } else if (live && loose != NULL) {
        object(c, was->name, "its site's policy is looser now");
    }
    return true;
}

static bool
compare_all(struct comparison *c)
{
    size_t count = c->all->nodes_count;
    bool good;

    c->index = calloc(count + 1, sizeof(*c->index));
    if (c->index == NULL) {
        return ea_fail(c->err, EA_E_INTERNAL, "out of memory");
    }
    for (size_t i = 0; i < count; i++) {
        c->index[i] = &c->all->nodes[i];
    }
    qsort(c->index, count, sizeof(*c->index), by_number);
    good = au_scan_nodes(c->au, compare, c, c->err);
    free(c->index);
    return good;
}

static bool
load_old_sites(struct au *au, struct ea_view *view, const struct au_nodes *all,
               struct ea_site *ret_sites, struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;

    for (size_t i = 0; i < all->sites_count; i++) {
        size_t len = ea_key_site(au->meta.import_gen,
                                 ea_bytes_of(all->sites[i].name), key);
        enum ea_found found = ea_view_get(
            view, EA_TABLE_FACT, (struct ea_bytes){ (const char *)key, len },
            &value, NULL);

        if (found == EA_FOUND_FAILED) {
            return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
        }
        if (found == EA_FOUND && !ea_site_decode(value, &ret_sites[i], err)) {
            return false;
        }
    }
    return true;
}

/* ---- duplicates within the file ---- */

/* A UUID stands in the first of its two byte orders: both are one machine. */
struct id {
    char kind;
    char text[EA_SERIAL_MAX + 1];
    const char *node;
};

static int
by_id(const void *a, const void *b)
{
    const struct id *x = a, *y = b;

    return x->kind != y->kind ? x->kind - y->kind : strcmp(x->text, y->text);
}

static void
add_id(struct id *ids, size_t *count, char kind, const char *text,
       const char *node)
{
    struct id *id = &ids[(*count)++];
    char swapped[EA_UUID_LEN + 1];

    if (kind == 'u') {
        ea_uuid_swap(text, swapped);
        text = strcmp(swapped, text) < 0 ? swapped : text;
    }
    id->kind = kind;
    id->node = node;
    (void)snprintf(id->text, sizeof(id->text), "%s", text);
}

static int
by_key(const void *a, const void *b)
{
    const struct ea_label *const *x = a, *const *y = b;

    return strcmp((*x)->key, (*y)->key);
}

/* The labels as one text, whatever their order: two nodes that select alike
 * would get each other's config. */
static bool
add_select(struct id *ids, size_t *count, const struct ea_node *node)
{
    const struct ea_label *labels[EA_LABELS_MAX];
    struct ea_bytes parts[2 * EA_LABELS_MAX];
    uint8_t sum[EA_SHA256_LEN];
    char text[2 * EA_SHA256_LEN + 1];

    for (size_t i = 0; i < node->select_count; i++) {
        labels[i] = &node->select[i];
    }
    qsort(labels, node->select_count, sizeof(labels[0]), by_key);
    for (size_t i = 0; i < node->select_count; i++) {
        /* the NUL keeps key and value apart */
        parts[2 * i] =
            (struct ea_bytes){ labels[i]->key, strlen(labels[i]->key) + 1 };
        parts[2 * i + 1] =
            (struct ea_bytes){ labels[i]->value, strlen(labels[i]->value) + 1 };
    }
    if (!ea_sha256(parts, 2 * node->select_count, sum)) {
        return false;
    }
    ea_hex_encode(sum, sizeof(sum), text);
    add_id(ids, count, 'l', text, node->name);
    return true;
}

static bool
is_duplicate(const struct id *a, const struct id *b, struct ea_error *err)
{
    if (by_id(a, b) != 0) {
        return false;
    }
    if (a->kind == 'l') {
        ea_fail(err, EA_E_DUPLICATE,
                "nodes '%s' and '%s' have the same select: Matchbox would give "
                "both the same config",
                a->node, b->node);
    } else {
        ea_fail(err, EA_E_DUPLICATE,
                "'%s' belongs to two machines: '%s' and '%s'", b->text, a->node,
                b->node);
    }
    return true;
}

static bool
check_duplicates(const struct au_nodes *all, struct ea_error *err)
{
    size_t count = 0, room = all->nodes_count * (EA_MACS_MAX + 3) + 1;
    struct id *ids = calloc(room, sizeof(*ids));
    bool good = ids != NULL;

    for (size_t i = 0; good && i < all->nodes_count; i++) {
        const struct ea_node *n = &all->nodes[i];

        if (n->uuid[0] != '\0') {
            add_id(ids, &count, 'u', n->uuid, n->name);
        }
        if (n->serial[0] != '\0') {
            add_id(ids, &count, 's', n->serial, n->name);
        }
        for (size_t k = 0; k < n->macs_count; k++) {
            add_id(ids, &count, 'm', n->macs[k], n->name);
        }
        good = add_select(ids, &count, n);
    }
    if (!good) {
        free(ids);
        return ea_fail(err, EA_E_INTERNAL, "out of memory");
    }
    qsort(ids, count, sizeof(*ids), by_id);
    for (size_t i = 1; good && i < count; i++) {
        good = !is_duplicate(&ids[i - 1], &ids[i], err);
    }
    free(ids);
    return good;
}

/* ---- the whole ---- */

static bool
check_serial(const struct au *au, const struct au_nodes *all,
             struct ea_error *err)
{
    if (au->meta.import_gen != 0 && all->gate.serial < au->gate.serial &&
        !au->args->rollback) {
        return ea_fail(err, EA_E_CONFLICT,
                       "serial '%u' is lower than '%u', which is in force: an "
                       "old file? --rollback takes it all the same",
                       all->gate.serial, au->gate.serial);
    }
    return true;
}

static bool
make_batch(const struct au_nodes *all, struct batch *b, struct ea_error *err)
{
    /* facts and names of a node, its ids, and as much to drop */
    b->room = 2 * (all->nodes_count * (EA_MACS_MAX + 7) + all->sites_count +
                   all->assets_count) +
              1024;
    b->size = all->nodes_count * 4096 + all->sites_count * 1024 +
              all->assets_count * 1024 + (1u << 20);
    b->writes = calloc(b->room, sizeof(*b->writes));
    b->bytes = malloc(b->size);
    return (b->writes != NULL && b->bytes != NULL) ||
           ea_fail(err, EA_E_INTERNAL, "out of memory");
}

static bool
commit(struct au *au, const struct au_nodes *all, struct batch *b,
       struct ea_meta *meta, uint64_t rev, struct ea_error *err)
{
    struct ea_audit event = { .time = au->now,
                              .action = "import",
                              .actor = au->actor,
                              .reply = EA_REPLY_DONE };
    struct ea_store_condition condition = { EA_TABLE_META, EA_BYTES("store"),
                                            rev };
    char text[EA_AUDIT_LINE_MAX];
    uint8_t value[256];
    struct ea_buf buf = { value, 0, sizeof(value), false };
    struct ea_bytes line = { text,
                             ea_audit_format(&event, text, sizeof(text)) };
    struct ea_store_op op = { .conditions = &condition,
                              .conditions_count = 1,
                              .audit = &line,
                              .audit_count = 1 };

    meta->import_gen++;
    meta->clock = au->now > meta->clock ? au->now : meta->clock;
    b->failed = b->failed || !ea_meta_encode(meta, &buf);
    put_facts(b, meta->import_gen, all);
    put(b, EA_TABLE_META, (const uint8_t *)"store", 5, value, buf.len);
    if (b->failed) {
        return ea_fail(err, EA_E_INTERNAL, "the import does not fit");
    }
    op.writes = b->writes;
    op.writes_count = b->count;
    switch (ea_store_run(au->store, &op)) {
    case EA_RESULT_WON:
        return true;
    case EA_RESULT_LOST:
        return ea_fail(err, EA_E_CONFLICT,
                       "another import or a clock change came first; nothing "
                       "was changed, try again");
    case EA_RESULT_UNKNOWN:
    case EA_RESULT_UNAVAILABLE:
    case EA_RESULT_CANCELLED:
        break;
    }
    return ea_fail(err, EA_E_UNAVAILABLE,
                   "the store took no write (%s); is the disk full?",
                   ea_result_word(op.result));
}

/* Everything that is read is read from one view, at whose revision of meta the
 * write is made. */
static bool
prepare(struct au *au, struct au_nodes *all, struct batch *b,
        struct ea_site *old_sites, struct ea_meta *meta, uint64_t *ret_rev,
        struct ea_error *err)
{
    struct comparison c = { au, all, NULL, old_sites, err, 0 };
    struct ea_view *view = ea_store_view(au->store, err);
    struct ea_bytes value;
    bool good;

    if (view == NULL) {
        return false;
    }
    good = ea_view_get(view, EA_TABLE_META, EA_BYTES("store"), &value,
                       ret_rev) == EA_FOUND &&
           ea_meta_decode(value, meta, err) &&
           give_numbers(view, all, meta, err) &&
           load_old_sites(au, view, all, old_sites, err) &&
           drop_old(view, EA_TABLE_FACT, au->meta.import_gen, b, err) &&
           drop_old(view, EA_TABLE_HWID, au->meta.import_gen, b, err);
    ea_view_close(view);
    if (good && meta->import_gen != au->meta.import_gen) {
        good = ea_fail(err, EA_E_CONFLICT,
                       "another import came first; nothing was changed, try "
                       "again");
    }
    if (!good || !compare_all(&c)) {
        return false;
    }
    if (c.refused > 1) {
        ea_error_prefix(err, "and %zu more", c.refused - 1);
    }
    return c.refused == 0 || au->args->allow_changed;
}

static bool
import(struct au *au, struct au_nodes *all, struct ea_error *err)
{
    struct ea_site *old_sites =
        calloc(all->sites_count + 1, sizeof(*old_sites));
    struct batch batch = { 0 };
    struct ea_meta meta;
    uint64_t rev = 0;
    bool good;

    good = old_sites != NULL && make_batch(all, &batch, err) &&
           check_serial(au, all, err) && check_duplicates(all, err) &&
           prepare(au, all, &batch, old_sites, &meta, &rev, err) &&
           commit(au, all, &batch, &meta, rev, err);
    free(old_sites);
    free(batch.writes);
    free(batch.bytes);
    return good;
}

/* Reads, checks and writes; ret_nodes is to be released on success. */
static bool
run(const struct au_args *args, json_t *document, struct au_nodes *ret_nodes,
    struct ea_error *err)
{
    struct au au;
    bool good;

    if (!au_open(args, &au, err)) {
        return false;
    }
    good = au_nodes_read(document, au.meta.lab, ret_nodes, err);
    if (good && !import(&au, ret_nodes, err)) {
        au_nodes_release(ret_nodes);
        good = false;
    }
    au_close(&au);
    if (!good && err->file[0] == '\0') {
        ea_error_at(err, args->operand, 0, 0);
    }
    return good;
}

enum au_exit
au_node_import(const struct au_args *args)
{
    struct ea_error err = { 0 };
    json_t *document = NULL;
    struct au_nodes all;
    bool good;

    /* the file is the caller's: it is read before root becomes somebody else */
    good = au_nodes_load(args->operand, &document, &err) &&
           run(args, document, &all, &err);
    json_decref(document);
    if (!good) {
        return au_failed(&err);
    }
    if (args->json) {
        au_print_json(json_pack("{s:I, s:I, s:I, s:I}", "serial",
                                (json_int_t)all.gate.serial, "sites",
                                (json_int_t)all.sites_count, "nodes",
                                (json_int_t)all.nodes_count, "assets",
                                (json_int_t)all.assets_count));
    } else {
        printf("imported serial %u: %zu sites, %zu nodes, %zu assets; nothing "
               "was armed\n",
               all.gate.serial, all.sites_count, all.nodes_count,
               all.assets_count);
    }
    au_nodes_release(&all);
    return AU_OK;
}
