/* How things are shown: see pk_show.h. */
#include "pk_show.h"

#include <string.h>
#include <time.h>

#define DISTANCE_WORD_MAX 63

bool
pk_show_time(const ASN1_TIME *when, char ret_text[static PK_TIME_TEXT_MAX])
{
    struct tm parts;

    return ASN1_TIME_to_tm(when, &parts) == 1 &&
           strftime(ret_text, PK_TIME_TEXT_MAX, "%Y-%m-%dT%H:%M:%SZ", &parts) >
               0;
}

bool
pk_show_serial(const ASN1_INTEGER *serial,
               char ret_text[static PK_SERIAL_TEXT_MAX])
{
    BIGNUM *number = ASN1_INTEGER_to_BN(serial, NULL);
    char *text = number != NULL ? BN_bn2hex(number) : NULL;
    bool ok = text != NULL && strlen(text) < PK_SERIAL_TEXT_MAX;

    if (ok) {
        (void)snprintf(ret_text, PK_SERIAL_TEXT_MAX, "%s", text);
    }
    OPENSSL_free(text);
    BN_free(number);
    return ok;
}

void
pk_show_quoted(FILE *out, const char *text)
{
    (void)fputc('"', out);
    for (; *text != '\0'; text++) {
        unsigned char c = (unsigned char)*text;

        if (c == '"' || c == '\\') {
            (void)fprintf(out, "\\%c", c);
        } else if (c < 0x20 || c >= 0x7f) {
            (void)fprintf(out, "\\u%04x", c);
        } else {
            (void)fputc(c, out);
        }
    }
    (void)fputc('"', out);
}

static unsigned
least(unsigned a, unsigned b)
{
    return a < b ? a : b;
}

unsigned
pk_show_distance(const char *a, const char *b)
{
    unsigned row[DISTANCE_WORD_MAX + 1];
    size_t len = strlen(b);

    if (strlen(a) > DISTANCE_WORD_MAX || len > DISTANCE_WORD_MAX) {
        return DISTANCE_WORD_MAX;
    }
    for (unsigned j = 0; j <= len; j++) {
        row[j] = j;
    }
    for (unsigned i = 1; a[i - 1] != '\0'; i++) {
        unsigned corner = row[0];

        row[0] = i;
        for (size_t j = 1; j <= len; j++) {
            unsigned change = corner + (a[i - 1] != b[j - 1]);

            corner = row[j];
            row[j] = least(change, least(row[j], row[j - 1]) + 1);
        }
    }
    return row[len];
}
