/*
 * The table of typed Talos fields: for every document kind that the Talos
 * library decodes, its fields, what each holds, and how a patch merges into
 * it. Checks, patches and deletions are loops over this table; a field that is
 * not in it is refused, never merged by guess.
 *
 * The rows stand in cg_fields_*.c. They are written by a program from the
 * library's own Go types (tests/oracle/talos/fields), and a test fails when the
 * library has a field that they lack.
 */
#ifndef CG_FIELDS_H
#define CG_FIELDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* One value, a list of them, or a mapping from any key to them. */
enum cg_field_shape { CG_S_ONE = 1, CG_S_LIST, CG_S_MAP };

/* What one value is. */
enum cg_field_kind {
    CG_K_STRING = 1, /* any scalar */
    CG_K_BOOL,
    CG_K_INT, /* signed, 64 bit */
    CG_K_UINT8,
    CG_K_UINT16,
    CG_K_UINT32,
    CG_K_UINT64,
    CG_K_DURATION,      /* Go's: 1h30m */
    CG_K_ENUM,          /* one of `words` */
    CG_K_STRUCT,        /* the fields of `type` */
    CG_K_FREE,          /* a mapping that the library does not look into */
    CG_K_ANY,           /* anything */
    CG_K_ARG,           /* a scalar or a list of scalars */
    CG_K_BYTE_SIZE,     /* 10GiB; absent in a patch clears it */
    CG_K_SIZE,          /* 10GiB or 50% */
    CG_K_CEL,           /* an expression; absent in a patch clears it */
    CG_K_URL,           /* merges by its parts */
    CG_K_ADDR,          /* IP address */
    CG_K_PREFIX,        /* 10.0.0.0/8 */
    CG_K_ADDR_PORT,     /* 10.0.0.1:51820 */
    CG_K_PORT_RANGE,    /* 80 or 80-90 */
    CG_K_HWADDR,        /* hex digits, colons ignored */
    CG_K_ROUTING_TABLE, /* 1..255 or a name */
    CG_K_DISK_MATCH,    /* >= 10GB */
    CG_K_DISK_SIZE,     /* 10GB */
    CG_K_FILE_MODE,     /* a number */
    CG_K_BASE64,
    CG_K_PEM_CERT, /* {crt}, base64 */
    CG_K_PEM_KEY,  /* {key}, base64 */
    CG_K_PEM_PAIR  /* {crt, key}, base64 */
};

/* How the value of a patch meets the one that is there. */
enum cg_field_merge {
    CG_M_TYPED = 1, /* as its kind and shape say; lists are appended */
    CG_M_REPLACE,   /* the patch's value takes the place of the old one */
    CG_M_BY_KEY,    /* list items with an equal `words` field are merged */
    CG_M_SWAP,      /* list items with an equal `words` field are replaced */
    CG_M_DEVICE     /* by `interface`, else by an equal deviceSelector */
};

/* A pointer in the library: present means set, also when it is zero. Without
 * it a zero value is the same as an absent one. */
#define CG_F_POINTER 1u

/* `words`: of an enum, separated by one space, the first stands for zero ("-":
 * none does); with BY_KEY, SWAP and DEVICE the key that items are matched by.
 */
struct cg_field {
    const char *key;
    enum cg_field_shape shape;
    enum cg_field_kind kind;
    enum cg_field_merge merge;
    unsigned flags;
    const struct cg_struct *type;
    const char *words;
};

struct cg_struct {
    const char *name;
    const struct cg_field *fields;
    size_t count;
};

/* A document kind; "" is the v1alpha1 document with `machine:` and `cluster:`.
 * `conflicts`: kinds, separated by one space, that must not be present with the
 * same name; NULL = none. `named`: several may stand side by side, told apart
 * by `name:`. */
struct cg_doc_kind {
    const char *kind;
    const struct cg_struct *type;
    const char *conflicts;
    bool named;
};

extern const struct cg_doc_kind cg_doc_kinds[];
extern const size_t cg_doc_kind_count;

/* NULL when there is none of that name. */
const struct cg_doc_kind *cg_fields_kind(const char *kind);
const struct cg_field *cg_fields_find(const struct cg_struct *type,
                                      const char *key);

/* The known name nearest to a misspelt one, or NULL when none is near. */
const char *cg_fields_near(const struct cg_struct *type, const char *key);
const char *cg_fields_near_kind(const char *kind);

/* `word` is one of the words, upper and lower case being the same. */
bool cg_fields_has_word(const char *words, const char *word);

#endif
