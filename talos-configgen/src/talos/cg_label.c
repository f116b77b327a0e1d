/* Kubernetes' grammar of labels and taints. */
#include "talos/cg_label.h"

#include <ctype.h>
#include <stddef.h>
#include <string.h>

#define PREFIX_MAX 253
#define NAME_MAX_LEN 63

/* Letters, digits, and - _ . inside. */
static bool
is_name(const char *text, size_t len)
{
    if (len == 0 || !isalnum((unsigned char)text[0]) ||
        !isalnum((unsigned char)text[len - 1])) {
        return false;
    }
    for (size_t i = 0; i < len; i++) {
        if (!isalnum((unsigned char)text[i]) &&
            strchr("-_.", text[i]) == NULL) {
            return false;
        }
    }
    return true;
}

/* Lower-case labels separated by dots. */
static bool
is_subdomain(const char *text, size_t len)
{
    char before = '.';

    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        bool letter = (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');

        if (!letter && (before == '.' || (c != '-' && c != '.'))) {
            return false;
        }
        if (c == '.' && before == '-') {
            return false;
        }
        before = c;
    }
    return len > 0 && before != '.' && before != '-';
}

const char *
cg_label_key_fault(const char *key)
{
    const char *slash = strchr(key, '/');
    const char *name = slash == NULL ? key : slash + 1;

    if (slash != NULL) {
        size_t len = (size_t)(slash - key);

        if (strchr(name, '/') != NULL) {
            return "has more than one slash";
        }
        if (len > PREFIX_MAX) {
            return "has a prefix of more than 253 characters";
        }
        if (!is_subdomain(key, len)) {
            return "has a prefix that is no lower-case DNS name";
        }
    }
    if (strlen(name) > NAME_MAX_LEN) {
        return "has a name of more than 63 characters";
    }
    return is_name(name, strlen(name))
               ? NULL
               : "has a name that is not letters, digits, '-', '_' and '.', "
                 "with a letter or digit at both ends";
}

const char *
cg_label_value_fault(const char *value)
{
    if (strlen(value) > NAME_MAX_LEN) {
        return "has more than 63 characters";
    }
    return *value == '\0' || is_name(value, strlen(value))
               ? NULL
               : "is not letters, digits, '-', '_' and '.', with a letter or "
                 "digit at both ends";
}

const char *
cg_label_taint_fault(const char *taint)
{
    const char *colon = strchr(taint, ':');
    const char *effect = colon == NULL ? taint : colon + 1;
    size_t len = colon == NULL ? 0 : (size_t)(colon - taint);

    if (strcmp(effect, "NoSchedule") != 0 &&
        strcmp(effect, "PreferNoSchedule") != 0 &&
        strcmp(effect, "NoExecute") != 0) {
        return "has an effect that is none of NoSchedule, PreferNoSchedule, "
               "NoExecute";
    }
    if (len > NAME_MAX_LEN || (len > 0 && !is_name(taint, len))) {
        return "has a value that is no label value";
    }
    return NULL;
}
