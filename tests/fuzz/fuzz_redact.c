/* After redaction no credential is left that a plain reader would see, nothing
 * but secret characters was overwritten, and doing it again changes nothing. */
#include <ctype.h>
#include <string.h>
#include <strings.h>

#include "ea_token.h"
#include "fuzz.h"

static bool
is_secret_left(const char *text, size_t len)
{
    for (size_t i = 0; i + EA_TOKEN_PREFIX_LEN + 8 <= len; i++) {
        size_t run = 0;

        if (strncasecmp(text + i, EA_TOKEN_PREFIX, EA_TOKEN_PREFIX_LEN) != 0 &&
            strncasecmp(text + i, EA_TICKET_PREFIX, EA_TOKEN_PREFIX_LEN) != 0) {
            continue;
        }
        while (run < 8 &&
               isalnum((unsigned char)text[i + EA_TOKEN_PREFIX_LEN + run])) {
            run++;
        }
        if (run == 8) {
            return true;
        }
    }
    return false;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    char *text = malloc(size + 1), *again = malloc(size + 1);
    size_t found;

    MUST(text != NULL && again != NULL);
    if (size > 0) {
        memcpy(text, data, size);
    }
    text[size] = '\0';
    found = ea_token_redact(text, size);
    MUST(text[size] == '\0');
    MUST(!is_secret_left(text, size));
    MUST((found > 0) == (size > 0 && memcmp(text, data, size) != 0));
    for (size_t i = 0; i < size; i++) {
        MUST(text[i] == (char)data[i] ||
             (text[i] == '*' && (isalnum(data[i]) || data[i] == '%')));
    }
    memcpy(again, text, size + 1);
    MUST(ea_token_redact(again, size) == 0);
    MUST(memcmp(again, text, size) == 0);
    free(text);
    free(again);
    return 0;
}
