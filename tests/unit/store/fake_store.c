/* See fake_store.h. One sorted list of entries; a view is a copy of it. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "ea_audit.h"
#include "fake_store.h"

struct entry {
    enum ea_table table;
    uint64_t rev;
    size_t key_len, len;
    uint8_t key[EA_KEY_MAX];
    uint8_t *value;
};

struct image {
    struct entry *entries;
    size_t count;
};

struct fake {
    struct ea_store base;
    struct fake_plan *plan;
    struct image image;
    uint64_t rev, sequence;
    uint8_t hash[EA_SHA256_LEN];
    struct ea_store_op *queued, *finished; /* newest first */
    size_t queued_count;
    unsigned waited;
};

struct fake_view {
    struct ea_view base;
    struct image image;
};

/* ---- entries ---- */

static int
compare(const struct entry *entry, enum ea_table table, struct ea_bytes key)
{
    size_t shorter = entry->key_len < key.len ? entry->key_len : key.len;
    int order = 0;

    if (entry->table != table) {
        return entry->table < table ? -1 : 1;
    }
    if (shorter > 0) {
        order = memcmp(entry->key, key.ptr, shorter);
    }
    if (order == 0 && entry->key_len != key.len) {
        order = entry->key_len < key.len ? -1 : 1;
    }
    return order;
}

/* The first entry that is not before the key. */
static size_t
position(const struct image *image, enum ea_table table, struct ea_bytes key)
{
    size_t i = 0;

    while (i < image->count && compare(&image->entries[i], table, key) < 0) {
        i++;
    }
    return i;
}

static struct entry *
find(const struct image *image, enum ea_table table, struct ea_bytes key)
{
    size_t i = position(image, table, key);

    return i < image->count && compare(&image->entries[i], table, key) == 0
               ? &image->entries[i]
               : NULL;
}

static void
drop(struct image *image, enum ea_table table, struct ea_bytes key)
{
    struct entry *entry = find(image, table, key);

    if (entry != NULL) {
        size_t at = (size_t)(entry - image->entries);

        free(entry->value);
        image->count--;
        memmove(entry, entry + 1, (image->count - at) * sizeof(*entry));
    }
}

static void
put(struct image *image, enum ea_table table, struct ea_bytes key, uint64_t rev,
    struct ea_bytes value)
{
    struct entry entry = { table, rev, key.len, value.len, { 0 }, NULL };
    size_t at;

    drop(image, table, key);
    at = position(image, table, key);
    image->entries =
        realloc(image->entries, (image->count + 1) * sizeof(entry));
    entry.value = malloc(value.len + 1);
    ck_assert(image->entries != NULL && entry.value != NULL);
    memcpy(entry.key, key.ptr, key.len);
    if (value.len > 0) {
        memcpy(entry.value, value.ptr, value.len);
    }
    memmove(image->entries + at + 1, image->entries + at,
            (image->count - at) * sizeof(entry));
    image->entries[at] = entry;
    image->count++;
}

static void
clear(struct image *image)
{
    for (size_t i = 0; i < image->count; i++) {
        free(image->entries[i].value);
    }
    free(image->entries);
    memset(image, 0, sizeof(*image));
}

/* ---- operations ---- */

static void
add_line(struct fake *fake, struct ea_bytes text)
{
    char value[EA_SHA256_LEN + EA_AUDIT_LINE_MAX];
    uint8_t key[8];

    fake->sequence++;
    ck_assert(ea_audit_chain(fake->hash, fake->sequence, text, fake->hash));
    for (size_t i = 0; i < sizeof(key); i++) {
        key[i] = (uint8_t)(fake->sequence >> (56 - 8 * i));
    }
    memcpy(value, fake->hash, EA_SHA256_LEN);
    memcpy(value + EA_SHA256_LEN, text.ptr, text.len);
    put(&fake->image, EA_TABLE_AUDIT,
        (struct ea_bytes){ (const char *)key, sizeof(key) }, fake->rev,
        (struct ea_bytes){ value, EA_SHA256_LEN + text.len });
}

static void
write_all(struct fake *fake, const struct ea_store_op *op)
{
    fake->rev++;
    for (size_t i = 0; i < op->writes_count; i++) {
        const struct ea_store_write *w = &op->writes[i];

        if (w->remove) {
            drop(&fake->image, w->table, w->key);
        } else {
            put(&fake->image, w->table, w->key, fake->rev, w->value);
        }
    }
    for (size_t i = 0; i < op->audit_count; i++) {
        add_line(fake, op->audit[i]);
    }
}

static enum ea_result
carry_out(struct fake *fake, const struct ea_store_op *op)
{
    enum fake_fault fault = fake->plan->fault;

    if (op->cancelled ||
        (op->deadline_ms != 0 && fake->plan->now_ms >= op->deadline_ms)) {
        return EA_RESULT_CANCELLED;
    }
    for (size_t i = 0; i < op->conditions_count; i++) {
        const struct ea_store_condition *c = &op->conditions[i];
        const struct entry *entry = find(&fake->image, c->table, c->key);

        if ((entry == NULL ? 0 : entry->rev) != c->rev) {
            return EA_RESULT_LOST;
        }
    }
    fake->plan->fault = FAKE_NO_FAULT;
    if (fault == FAKE_UNAVAILABLE) {
        return EA_RESULT_UNAVAILABLE;
    }
    if (fault != FAKE_UNKNOWN_UNWRITTEN &&
        op->writes_count + op->audit_count > 0) {
        write_all(fake, op);
    }
    return fault == FAKE_NO_FAULT ? EA_RESULT_WON : EA_RESULT_UNKNOWN;
}

static struct ea_store_op *
reverse(struct ea_store_op *op)
{
    struct ea_store_op *first = NULL;

    while (op != NULL) {
        struct ea_store_op *next = op->next;

        op->next = first;
        first = op;
        op = next;
    }
    return first;
}

static bool
fake_submit(struct ea_store *base, struct ea_store_op *op)
{
    struct fake *fake = (struct fake *)base;

    if (fake->queued_count >= EA_STORE_QUEUE_MAX) {
        return false;
    }
    fake->queued_count++;
    op->next = fake->queued;
    fake->queued = op;
    return true;
}

static void
fake_flush(struct ea_store *base)
{
    struct fake *fake = (struct fake *)base;
    struct ea_store_op *op;

    if (fake->queued == NULL || fake->waited++ < fake->plan->delay) {
        return;
    }
    fake->waited = 0;
    op = reverse(fake->queued);
    fake->queued = NULL;
    fake->queued_count = 0;
    while (op != NULL) {
        struct ea_store_op *next = op->next;

        op->result = carry_out(fake, op);
        op->next = fake->finished;
        fake->finished = op;
        op = next;
    }
}

static size_t
fake_complete(struct ea_store *base)
{
    struct fake *fake = (struct fake *)base;
    struct ea_store_op *op =
        fake->plan->reorder ? fake->finished : reverse(fake->finished);
    size_t count = 0;

    fake->finished = NULL;
    while (op != NULL) {
        struct ea_store_op *next = op->next;

        count++;
        if (op->done != NULL) {
            op->done(op);
        }
        op = next;
    }
    return count;
}

static bool
fake_has_work(const struct ea_store *base)
{
    return ((const struct fake *)base)->queued != NULL;
}

/* ---- views ---- */

static struct ea_view *
fake_view_open(struct ea_store *base, struct ea_error *err)
{
    const struct fake *fake = (const struct fake *)base;
    struct fake_view *view;

    if (fake->plan->views_fail) {
        (void)ea_fail(err, EA_E_UNAVAILABLE, "the fake was told to fail");
        return NULL;
    }
    view = calloc(1, sizeof(*view));
    ck_assert_ptr_nonnull(view);
    view->base.store = base;
    for (size_t i = 0; i < fake->image.count; i++) {
        const struct entry *e = &fake->image.entries[i];

        put(&view->image, e->table,
            (struct ea_bytes){ (const char *)e->key, e->key_len }, e->rev,
            (struct ea_bytes){ (const char *)e->value, e->len });
    }
    return &view->base;
}

static enum ea_found
answer(const struct entry *entry, struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    *ret_value = (struct ea_bytes){ (const char *)entry->value, entry->len };
    *ret_rev = entry->rev;
    return EA_FOUND;
}

static enum ea_found
fake_view_get(struct ea_view *base, enum ea_table table, struct ea_bytes key,
              struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    const struct fake_view *view = (const struct fake_view *)base;
    const struct entry *entry = find(&view->image, table, key);

    return entry == NULL ? EA_FOUND_ABSENT : answer(entry, ret_value, ret_rev);
}

static enum ea_found
fake_view_next(struct ea_view *base, enum ea_table table,
               struct ea_bytes *key_io, struct ea_bytes *ret_value,
               uint64_t *ret_rev)
{
    const struct fake_view *view = (const struct fake_view *)base;
    size_t i = position(&view->image, table, *key_io);
    const struct entry *entry;

    if (find(&view->image, table, *key_io) != NULL) {
        i++;
    }
    if (i >= view->image.count || view->image.entries[i].table != table) {
        return EA_FOUND_ABSENT;
    }
    entry = &view->image.entries[i];
    *key_io = (struct ea_bytes){ (const char *)entry->key, entry->key_len };
    return answer(entry, ret_value, ret_rev);
}

static void
fake_view_close(struct ea_view *base)
{
    struct fake_view *view = (struct fake_view *)base;

    clear(&view->image);
    free(view);
}

/* ---- life ---- */

static bool
fake_health(struct ea_store *base, struct ea_error *err)
{
    return !((const struct fake *)base)->plan->views_fail ||
           ea_fail(err, EA_E_UNAVAILABLE, "the fake was told to fail");
}

static void
fake_close(struct ea_store *base)
{
    struct fake *fake = (struct fake *)base;

    (void)fake_complete(base);
    fake->finished = fake->queued;
    fake->queued = NULL;
    fake->queued_count = EA_STORE_QUEUE_MAX;
    for (struct ea_store_op *op = fake->finished; op != NULL; op = op->next) {
        op->result = EA_RESULT_CANCELLED;
    }
    (void)fake_complete(base);
    clear(&fake->image);
    free(fake);
}

static const struct ea_store_ops fake_ops = {
    .name = "fake",
    .submit = fake_submit,
    .flush = fake_flush,
    .complete = fake_complete,
    .has_work = fake_has_work,
    .view_open = fake_view_open,
    .view_get = fake_view_get,
    .view_next = fake_view_next,
    .view_close = fake_view_close,
    .health = fake_health,
    .close = fake_close,
};

struct ea_store *
fake_store_open(struct fake_plan *plan)
{
    struct fake *fake = calloc(1, sizeof(*fake));

    ck_assert_ptr_nonnull(fake);
    fake->base.ops = &fake_ops;
    fake->plan = plan;
    return &fake->base;
}
