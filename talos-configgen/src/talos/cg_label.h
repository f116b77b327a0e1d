/*
 * Names that Kubernetes takes: keys and values of labels, annotations and
 * taints.
 */
#ifndef CG_LABEL_H
#define CG_LABEL_H

#include <stdbool.h>

/* NULL when good, else what is wrong ("has two slashes"). */
const char *cg_label_key_fault(const char *key);
const char *cg_label_value_fault(const char *value);

/* "[value:]Effect". */
const char *cg_label_taint_fault(const char *taint);

#endif
