/* Walks over tables: see au.h. */
#include <string.h>

#include "au.h"

static bool
record_of(struct ea_view *view, uint32_t number, struct ea_record *ret_record,
          struct ea_error *err)
{
    uint8_t key[EA_KEY_MAX];
    struct ea_bytes value;
    uint64_t rev = 0;
    size_t len = ea_key_number(number, key);

    memset(ret_record, 0, sizeof(*ret_record));
    switch (ea_view_get(view, EA_TABLE_ENROLL,
                        (struct ea_bytes){ (const char *)key, len }, &value,
                        &rev)) {
    case EA_FOUND:
        if (!ea_record_decode(value, ret_record, err)) {
            return false;
        }
        ret_record->rev = rev;
        return true;
    case EA_FOUND_ABSENT:
        ret_record->number = number;
        return true;
    case EA_FOUND_FAILED:
        break;
    }
    return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
}

/* The nodes of one import generation lie side by side: their common key. */
static bool
scan_nodes(struct au *au, struct ea_view *view, au_each_node *each,
           void *context, struct ea_error *err)
{
    uint8_t first[EA_KEY_MAX];
    size_t prefix = ea_key_node(au->meta.import_gen, 0, first) - 4;
    struct ea_bytes key = { (const char *)first, prefix }, value;
    struct ea_record record;
    struct ea_node node;
    enum ea_found found;

    for (;;) {
        found = ea_view_next(view, EA_TABLE_FACT, &key, &value, NULL);
        if (found == EA_FOUND_FAILED) {
            return ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
        }
        if (found == EA_FOUND_ABSENT || key.len < prefix ||
            memcmp(key.ptr, first, prefix) != 0) {
            return true;
        }
        if (!ea_node_decode(value, &node, err) ||
            !record_of(view, node.number, &record, err)) {
            return false;
        }
        if (!each(context, &node, &record)) {
            return true;
        }
    }
}

bool
au_scan_nodes(struct au *au, au_each_node *each, void *context,
              struct ea_error *err)
{
    struct ea_view *view = ea_store_view(au->store, err);
    bool good;

    if (view == NULL) {
        return false;
    }
    good = scan_nodes(au, view, each, context, err);
    ea_view_close(view);
    return good;
}

bool
au_scan_tokens(struct au *au, au_each_token *each, void *context,
               struct ea_error *err)
{
    struct ea_view *view = ea_store_view(au->store, err);
    struct ea_bytes key = { NULL, 0 }, value;
    struct ea_token_row row;
    enum ea_found found = EA_FOUND;
    bool good = view != NULL;

    while (good && found == EA_FOUND) {
        found = ea_view_next(view, EA_TABLE_TOKEN, &key, &value, NULL);
        if (found == EA_FOUND_FAILED) {
            good = ea_fail(err, EA_E_UNAVAILABLE, "cannot read the store");
        } else if (found == EA_FOUND) {
            good = ea_token_row_decode(value, &row, err);
            if (good && !each(context, key, &row)) {
                break;
            }
        }
    }
    ea_view_close(view);
    return good;
}
