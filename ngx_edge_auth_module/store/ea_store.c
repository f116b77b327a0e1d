/* The store's front: form checks that all back ends share, and dispatch. */
#include "ea_audit.h"
#include "ea_store.h"

const char *
ea_result_word(enum ea_result result)
{
    switch (result) {
    case EA_RESULT_UNAVAILABLE:
        return "unavailable";
    case EA_RESULT_UNKNOWN:
        return "unknown";
    case EA_RESULT_LOST:
        return "lost";
    case EA_RESULT_WON:
        return "won";
    case EA_RESULT_CANCELLED:
        return "cancelled";
    }
    return "";
}

/* The audit table is the store's own: nobody else may write there. */
static bool
is_place(enum ea_table table, struct ea_bytes key)
{
    return (unsigned)table < EA_TABLE_AUDIT && key.len > 0 &&
           key.len <= EA_KEY_MAX;
}

static bool
is_well_formed(const struct ea_store_op *op)
{
    for (size_t i = 0; i < op->conditions_count; i++) {
        if (!is_place(op->conditions[i].table, op->conditions[i].key)) {
            return false;
        }
    }
    for (size_t i = 0; i < op->writes_count; i++) {
        if (!is_place(op->writes[i].table, op->writes[i].key) ||
            op->writes[i].value.len > EA_STORE_VALUE_MAX) {
            return false;
        }
    }
    for (size_t i = 0; i < op->audit_count; i++) {
        if (op->audit[i].len == 0 || op->audit[i].len > EA_AUDIT_LINE_MAX) {
            return false;
        }
    }
    return true;
}

bool
ea_store_submit(struct ea_store *store, struct ea_store_op *op)
{
    return is_well_formed(op) && store->ops->submit(store, op);
}

void
ea_store_flush(struct ea_store *store)
{
    store->ops->flush(store);
}

size_t
ea_store_complete(struct ea_store *store)
{
    return store->ops->complete(store);
}

bool
ea_store_has_work(const struct ea_store *store)
{
    return store->ops->has_work(store);
}

struct ea_view *
ea_store_view(struct ea_store *store, struct ea_error *err)
{
    return store->ops->view_open(store, err);
}

enum ea_found
ea_view_get(struct ea_view *view, enum ea_table table, struct ea_bytes key,
            struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    uint64_t rev;

    /* What cannot be a key cannot be there. */
    if (key.len == 0 || key.len > EA_KEY_MAX) {
        return EA_FOUND_ABSENT;
    }
    return view->store->ops->view_get(view, table, key, ret_value,
                                      ret_rev == NULL ? &rev : ret_rev);
}

enum ea_found
ea_view_next(struct ea_view *view, enum ea_table table, struct ea_bytes *key_io,
             struct ea_bytes *ret_value, uint64_t *ret_rev)
{
    uint64_t rev;

    return view->store->ops->view_next(view, table, key_io, ret_value,
                                       ret_rev == NULL ? &rev : ret_rev);
}

void
ea_view_close(struct ea_view *view)
{
    if (view != NULL) {
        view->store->ops->view_close(view);
    }
}

bool
ea_store_health(struct ea_store *store, struct ea_error *err)
{
    return store->ops->health(store, err);
}

void
ea_store_close(struct ea_store *store)
{
    if (store != NULL) {
        store->ops->close(store);
    }
}

static void
set_finished(struct ea_store_op *op)
{
    bool *finished = op->context;

    *finished = true;
}

enum ea_result
ea_store_run(struct ea_store *store, struct ea_store_op *op)
{
    bool finished = false;

    op->done = set_finished;
    op->context = &finished;
    if (!ea_store_submit(store, op)) {
        return EA_RESULT_UNAVAILABLE;
    }
    while (!finished) {
        ea_store_flush(store);
        (void)ea_store_complete(store);
    }
    return op->result;
}
