/*
 * The few types that every layer shares: a slice of bytes, and the error that
 * a fallible function fills in. Nothing here allocates or prints.
 */
#ifndef EA_TYPES_H
#define EA_TYPES_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define EA_MUST_CHECK __attribute__((warn_unused_result))
#define EA_PRINTF(fmt, first) __attribute__((format(printf, fmt, first)))

/* Text or bytes that belong to somebody else, not NUL-terminated; ptr may be
 * NULL when len is 0. */
struct ea_bytes {
    const char *ptr;
    size_t len;
};

/* A slice of a string literal, and of a NUL-terminated string. */
#define EA_BYTES(literal) ((struct ea_bytes){ (literal), sizeof(literal) - 1 })
struct ea_bytes ea_bytes_of(const char *text);

bool ea_bytes_equal(struct ea_bytes a, struct ea_bytes b);

/* What went wrong, for programs. 0 is not success: functions say that with
 * their return value; a zeroed error says nothing. */
enum ea_code {
    EA_E_NONE = 0,
    EA_E_SYNTAX,      /* text that does not follow its grammar */
    EA_E_RANGE,       /* well formed, but outside the limits */
    EA_E_UNKNOWN,     /* a name, key or word that is not known */
    EA_E_DUPLICATE,   /* there already */
    EA_E_MISSING,     /* required, but not there */
    EA_E_REFUSED,     /* understood, and not allowed */
    EA_E_CONFLICT,    /* does not fit what is on record */
    EA_E_UNAVAILABLE, /* store, file or service cannot be used now */
    EA_E_INTERNAL     /* a library failed; nothing the caller did */
};

#define EA_ERROR_MESSAGE_MAX 384
#define EA_ERROR_FILE_MAX 256

/* `message`: lower case, no full stop, what is wrong first, the offending value
 * in single quotes, then what was expected; never a secret. `line` and `col`
 * count from 1, 0 is unknown; `file` may be empty. */
struct ea_error {
    enum ea_code code;
    unsigned line, col;
    char file[EA_ERROR_FILE_MAX];
    char message[EA_ERROR_MESSAGE_MAX];
};

/* Fills *err (which may be NULL) and returns false, so that a check reads
 * `return ea_fail(err, EA_E_RANGE, "...")`. The first failure stands: callers
 * add context with ea_error_prefix. */
bool ea_fail(struct ea_error *err, enum ea_code code, const char *format, ...)
    EA_PRINTF(3, 4);

/* Puts "context: " before the message. Cuts what does not fit. */
void ea_error_prefix(struct ea_error *err, const char *format, ...)
    EA_PRINTF(2, 3);

/* Sets where it happened; `file` is copied. */
void ea_error_at(struct ea_error *err, const char *file, unsigned line,
                 unsigned col);

#endif
