/*
 * The expressions of CEL by which Talos documents choose disks, volumes and
 * links. Talos compiles them against the fields of those things; we parse them,
 * resolve their names and, where all parts are known, their types.
 */
#ifndef CG_CEL_H
#define CG_CEL_H

#include "ea_types.h"

/* Which names there are, and what the expression has to yield: bool, but for
 * OOM_RANKING a double. */
enum cg_cel_env {
    CG_CEL_DISK = 1,    /* disk, system_disk, glob() and units of size */
    CG_CEL_VOLUME,      /* volume, disk and units of size */
    CG_CEL_LINK,        /* link, glob(), mac() */
    CG_CEL_OOM_TRIGGER, /* pressure, by name prefix only */
    CG_CEL_OOM_RANKING
};

enum cg_cel_verdict {
    CG_CEL_REFUSED = 0, /* Talos refuses it; *err says why and where (col) */
    CG_CEL_UNCHECKED,   /* syntax and names are good, types are not decided */
    CG_CEL_GOOD
};

EA_MUST_CHECK enum cg_cel_verdict
cg_cel_check(const char *text, enum cg_cel_env env, struct ea_error *err);

#endif
