/* See ea_store_lmdb_error.h. */
#include <errno.h>

#include <lmdb.h>

#include "ea_store_lmdb_error.h"

/* What LMDB says, as what the operator has to do. */
enum ea_code
ea_store_lmdb_code(int rc)
{
    switch (rc) {
    case ENOENT:
        return EA_E_MISSING;
    case MDB_INVALID:
    case MDB_VERSION_MISMATCH:
    case MDB_CORRUPTED:
    case MDB_INCOMPATIBLE:
        return EA_E_CONFLICT;
    case MDB_BAD_TXN:
    case MDB_BAD_DBI:
    case MDB_BAD_VALSIZE:
        return EA_E_INTERNAL;
    default:
        return EA_E_UNAVAILABLE;
    }
}

static const char *
text_of(int rc)
{
    switch (rc) {
    case MDB_MAP_FULL:
        return "the store is full: its map size is used up";
    case MDB_MAP_RESIZED:
        return "another process enlarged the store: open it again";
    case MDB_READERS_FULL:
        return "too many processes read the store at once";
    case MDB_PANIC:
        return "a write failed half way: open the store again";
    case MDB_INVALID:
        return "the file is not a store";
    case MDB_VERSION_MISMATCH:
        return "the file is of another LMDB version";
    case MDB_CORRUPTED:
        return "the file is damaged: restore a backup";
    default:
        return mdb_strerror(rc);
    }
}

bool
ea_store_lmdb_fail(struct ea_error *err, int rc, const char *what)
{
    return ea_fail(err, ea_store_lmdb_code(rc), "%s: %s", what, text_of(rc));
}

bool
ea_store_lmdb_is_harmless(int rc)
{
    return rc == MDB_MAP_FULL || rc == MDB_TXN_FULL || rc == ENOSPC ||
           rc == EDQUOT || rc == EFBIG || rc == ENOMEM;
}
