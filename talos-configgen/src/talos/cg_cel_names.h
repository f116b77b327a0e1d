/*
 * The names that Talos' expressions may use, with their types. For cg_cel.c.
 */
#ifndef CG_CEL_NAMES_H
#define CG_CEL_NAMES_H

#include <stdbool.h>
#include <stddef.h>

#include "talos/cg_cel.h"

/* NONE is a failure. ANY is not decided here. */
enum cg_cel_type {
    CG_T_NONE = 0,
    CG_T_ANY,
    CG_T_BOOL,
    CG_T_INT,
    CG_T_UINT,
    CG_T_DOUBLE,
    CG_T_STRING,
    CG_T_BYTES,
    CG_T_STRINGS, /* a list of them */
    CG_T_LIST,
    CG_T_MAP,
    CG_T_DISK,
    CG_T_VOLUME,
    CG_T_LINK
};

const char *cg_cel_type_name(enum cg_cel_type type);

/* NONE when there is no such name. Names are not NUL-terminated. */
enum cg_cel_type cg_cel_variable(enum cg_cel_env env, const char *name,
                                 size_t len);
enum cg_cel_type cg_cel_field(enum cg_cel_type object, const char *name,
                              size_t len);

/* A function called with these argument types (the receiver, if any, is the
 * first); NONE when no such call exists. *ret_known tells whether the name is
 * that of a function at all. */
enum cg_cel_type cg_cel_call(enum cg_cel_env env, const char *name, size_t len,
                             bool is_method, const enum cg_cel_type *args,
                             size_t count, bool *ret_known);

#endif
