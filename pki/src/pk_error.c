/* Foreign error codes become ours here: see pk_error.h. */
#include "pk_error.h"

#include <errno.h>
#include <string.h>

#include <openssl/err.h>

bool
pk_openssl_fail(struct ea_error *err, const char *what)
{
    unsigned long code = ERR_get_error();
    const char *reason = ERR_reason_error_string(code);

    ERR_clear_error();
    return ea_fail(err, EA_E_INTERNAL, "%s: %s", what,
                   reason != NULL ? reason : "openssl gave no reason");
}

bool
pk_errno_fail(struct ea_error *err, const char *what, const char *path)
{
    int number = errno;

    return ea_fail(err, EA_E_UNAVAILABLE, "%s '%s': %s", what, path,
                   strerror(number));
}
