/* Lookups in the field tables. */
#include "talos/cg_fields.h"

#include <string.h>
#include <strings.h>

#define NAME_MAX_LEN 63 /* longer names are not compared for nearness */

const struct cg_doc_kind *
cg_fields_kind(const char *kind)
{
    for (size_t i = 0; i < cg_doc_kind_count; i++) {
        if (strcmp(cg_doc_kinds[i].kind, kind) == 0) {
            return &cg_doc_kinds[i];
        }
    }
    return NULL;
}

const struct cg_field *
cg_fields_find(const struct cg_struct *type, const char *key)
{
    for (size_t i = 0; i < type->count; i++) {
        if (strcmp(type->fields[i].key, key) == 0) {
            return &type->fields[i];
        }
    }
    return NULL;
}

static size_t
least(size_t a, size_t b, size_t c)
{
    size_t ab = a < b ? a : b;

    return ab < c ? ab : c;
}

/* Edit distance, letter case ignored; the longer length if one is too long. */
static size_t
distance(const char *a, size_t a_len, const char *b, size_t b_len)
{
    size_t row[NAME_MAX_LEN + 1];

    if (a_len > NAME_MAX_LEN || b_len > NAME_MAX_LEN) {
        return a_len > b_len ? a_len : b_len;
    }
    for (size_t j = 0; j <= b_len; j++) {
        row[j] = j;
    }
    for (size_t i = 1; i <= a_len; i++) {
        size_t diagonal = row[0];

        row[0] = i;
        for (size_t j = 1; j <= b_len; j++) {
            size_t up = row[j];
            size_t same = strncasecmp(&a[i - 1], &b[j - 1], 1) == 0 ? 0 : 1;

            row[j] = least(up + 1, row[j - 1] + 1, diagonal + same);
            diagonal = up;
        }
    }
    return row[b_len];
}

/* The best candidate so far for one misspelt name. */
struct nearest {
    const char *name;
    size_t len, best;
    const char *found;
};

static struct nearest
nearest_to(const char *name)
{
    size_t len = strlen(name);

    /* Up to a third of the letters may differ. */
    return (struct nearest){ .name = name, .len = len, .best = len / 3 + 2 };
}

static void
nearest_try(struct nearest *near, const char *candidate, size_t len)
{
    size_t far = distance(near->name, near->len, candidate, len);

    if (far < near->best) {
        near->best = far;
        near->found = candidate;
    }
}

const char *
cg_fields_near(const struct cg_struct *type, const char *key)
{
    struct nearest near = nearest_to(key);

    for (size_t i = 0; i < type->count; i++) {
        nearest_try(&near, type->fields[i].key, strlen(type->fields[i].key));
    }
    return near.found;
}

const char *
cg_fields_near_kind(const char *kind)
{
    struct nearest near = nearest_to(kind);

    for (size_t i = 1; i < cg_doc_kind_count; i++) {
        nearest_try(&near, cg_doc_kinds[i].kind, strlen(cg_doc_kinds[i].kind));
    }
    return near.found;
}

bool
cg_fields_has_word(const char *words, const char *word)
{
    size_t len = strlen(word);

    while (*words != '\0') {
        size_t next = strcspn(words, " ");

        if (next == len && !(len == 1 && *words == '-') &&
            strncasecmp(words, word, len) == 0) {
            return true;
        }
        words += next;
        words += strspn(words, " ");
    }
    return false;
}
