/*
 * One value of a typed Talos field: may the library's decoder read this scalar,
 * and is it the zero value, which a patch cannot set?
 */
#ifndef CG_VALUE_H
#define CG_VALUE_H

#include <stdbool.h>

#include "talos/cg_fields.h"
#include "yaml/cg_tree.h"

/* NULL when the scalar can be read as a value of the field's kind, else what
 * was expected ("a duration such as 1h30m"). Not for STRUCT, FREE, ANY, ARG and
 * the PEM kinds, which are not scalars. */
const char *cg_value_expected(const struct cg_field *field,
                              const struct cg_tree *value);

/* The decoded value is the zero of its type: "", 0, false, 0s. */
bool cg_value_is_zero(const struct cg_field *field,
                      const struct cg_tree *value);

/* Yes in the words that the library takes for a bool; false if no bool. */
bool cg_value_bool(const struct cg_tree *value, bool *ret);

/* Texts in the grammars of the library. */
bool cg_value_is_addr(const char *text);   /* 10.0.0.1, fe80::1%eth0 */
bool cg_value_is_prefix(const char *text); /* 10.0.0.0/8 */
bool cg_value_is_base64(const char *text);

/* Seconds of "1h30m"; false when it is no duration. */
bool cg_value_seconds(const char *text, double *ret);

/* Bytes of "10 GiB", "5MB", "1_000" is none. */
bool cg_value_bytes(const char *text, double *ret);

/* Digits, leading zeros allowed as Go allows them; at most `max`. */
bool cg_value_decimal(struct ea_bytes text, uint64_t max, uint64_t *ret);

/* Bytes that base64 text stands for, 0 when it is none. */
size_t cg_value_base64_len(const char *text);

#endif
