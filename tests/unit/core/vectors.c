/* Reading golden rows: see vectors.h. */
#include <stdio.h>
#include <stdlib.h>

#include <check.h>

#include "ea_base32.h"
#include "vectors.h"

json_t *
vectors_load(const char *file)
{
    char path[256];
    json_error_t err;
    json_t *root;

    (void)snprintf(path, sizeof(path), "tests/vectors/%s", file);
    root = json_load_file(path, JSON_REJECT_DUPLICATES, &err);
    if (root == NULL) {
        fprintf(stderr, "%s:%d: %s\n", path, err.line, err.text);
        exit(EXIT_FAILURE);
    }
    return root;
}

static json_t *
rows_of(json_t *file, const char *member)
{
    return member != NULL ? json_object_get(file, member) : file;
}

json_t *
vectors_row(json_t *file, const char *member, int i)
{
    json_t *row = json_array_get(rows_of(file, member), (size_t)i);

    ck_assert_ptr_nonnull(row);
    return row;
}

int
vectors_count(json_t *file, const char *member)
{
    return (int)json_array_size(rows_of(file, member));
}

const char *
vectors_text(json_t *row, const char *member)
{
    const char *text = json_string_value(json_object_get(row, member));

    ck_assert_msg(text != NULL, "no text '%s' in the row", member);
    return text;
}

struct ea_bytes
vectors_bytes(json_t *row, const char *member)
{
    return ea_bytes_of(vectors_text(row, member));
}

uint64_t
vectors_number(json_t *row, const char *member)
{
    json_t *value = json_object_get(row, member);

    ck_assert_msg(json_is_integer(value), "no number '%s' in the row", member);
    return (uint64_t)json_integer_value(value);
}

void
vectors_hex(json_t *row, const char *member, uint8_t *ret_bytes, size_t len)
{
    ck_assert_msg(ea_hex_decode(vectors_bytes(row, member), ret_bytes, len),
                  "'%s' is not %zu bytes", member, len);
}
