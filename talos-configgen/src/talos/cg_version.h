/*
 * Versions of Talos and Kubernetes: v1.13.3, the "v" optional, a suffix behind
 * a dash allowed.
 */
#ifndef CG_VERSION_H
#define CG_VERSION_H

#include <stdbool.h>

struct cg_version {
    unsigned major, minor, patch;
};

/* A major and minor in one number that compares. */
#define CG_VERSION(major, minor) ((major)*1000u + (minor))

/* The patch level may be absent ("v1.13"): then it is 0. */
bool cg_version_parse(const char *text, struct cg_version *ret);

unsigned cg_version_minor(const struct cg_version *version);

#endif
