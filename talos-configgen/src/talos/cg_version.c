/* Version numbers. */
#include "talos/cg_version.h"

#include <ctype.h>
#include <stddef.h>

#define PART_MAX 999u

static bool
take(const char **text, unsigned *ret)
{
    const char *p = *text;
    unsigned value = 0;

    while (isdigit((unsigned char)*p) && value <= PART_MAX) {
        value = value * 10 + (unsigned)(*p++ - '0');
    }
    if (p == *text || value > PART_MAX) {
        return false;
    }
    *text = p;
    *ret = value;
    return true;
}

bool
cg_version_parse(const char *text, struct cg_version *ret)
{
    struct cg_version version = { 0 };

    text += *text == 'v';
    if (!take(&text, &version.major) || *text++ != '.' ||
        !take(&text, &version.minor)) {
        return false;
    }
    if (*text == '.') {
        text++;
        if (!take(&text, &version.patch)) {
            return false;
        }
    }
    if (*text != '\0' && *text != '-') {
        return false;
    }
    *ret = version;
    return true;
}

unsigned
cg_version_minor(const struct cg_version *version)
{
    return CG_VERSION(version->major, version->minor);
}
