/* What comes out is what went in plus exactly two lines behind the first. */
#include <string.h>

#include "ea_script.h"
#include "fuzz.h"

#define TICKET "ktk1_0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefg"
#define LINES                                                                  \
    "set edge_ticket " TICKET "\n"                                             \
    "set edge_config https://config.example.net/c/" TICKET "\n"

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    const struct ea_bytes body = { (const char *)data, size };
    const struct ea_secret_text ticket = { TICKET };
    size_t room = size + EA_SCRIPT_INSERT_MAX, len = 0, first;
    char *text = malloc(room);

    MUST(text != NULL);
    if (ea_script_insert(body, &ticket, EA_BYTES("https://config.example.net"),
                         text, room, &len, NULL)) {
        first = data[6] == '\r' ? 8 : 7;
        MUST(memcmp(data, "#!ipxe", 6) == 0 && data[first - 1] == '\n');
        MUST(memchr(data, '\0', size) == NULL);
        MUST(len == size + strlen(LINES));
        MUST(memcmp(text, data, first) == 0);
        MUST(memcmp(text + first, LINES, strlen(LINES)) == 0);
        MUST(memcmp(text + first + strlen(LINES), data + first, size - first) ==
             0);
    } else {
        MUST(size < 7 || memcmp(data, "#!ipxe\n", 7) != 0 ||
             memchr(data, '\0', size) != NULL);
    }
    free(text);
    return 0;
}
