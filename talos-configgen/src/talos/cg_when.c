/* Times in certificates; see cg_when.h. */
#include "talos/cg_when.h"

#include <time.h>

#include <openssl/x509.h>

bool
cg_when_is_over(const ASN1_TIME *when, int64_t now)
{
    time_t then = (time_t)now;

    /* 0 stands for a time that cannot be read, never for an equal one */
    return X509_cmp_time(when, &then) <= 0;
}

const char *
cg_when_date(struct cg_arena *arena, const ASN1_TIME *when)
{
    char text[sizeof("9999-12-31")] = "";
    struct tm tm;

    if (ASN1_TIME_to_tm(when, &tm) != 1 ||
        strftime(text, sizeof(text), "%Y-%m-%d", &tm) == 0) {
        return "an unreadable date";
    }
    return cg_arena_text(arena, text);
}
