/* What is accepted has one or two different keys, and means the same with a
 * comment in front; what is refused leaves nothing behind. */
#include <string.h>

#include "ea_pepper.h"
#include "fuzz.h"

static void
sum_of(const struct ea_pepper *pepper, size_t key,
       uint8_t ret_sum[static EA_SHA256_LEN])
{
    const struct ea_bytes text = EA_BYTES("text");

    MUST(ea_mac_sum(pepper->mac[key], &text, 1, ret_sum));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ea_pepper pepper, again;
    struct ea_error err = { 0 };
    char text[EA_PEPPER_FILE_MAX + 4] = "# x\n";
    uint8_t one[EA_SHA256_LEN], two[EA_SHA256_LEN];

    if (!ea_pepper_parse((struct ea_bytes){ (const char *)data, size }, &pepper,
                         &err)) {
        MUST(pepper.count == 0 && pepper.mac[0] == NULL);
        MUST(err.message[0] != '\0');
        return 0;
    }
    MUST(pepper.count >= 1 && pepper.count <= EA_PEPPERS);
    MUST(pepper.count == 1 || pepper.id[0] != pepper.id[1]);
    MUST(size <= EA_PEPPER_FILE_MAX);
    if (size + 4 <= EA_PEPPER_FILE_MAX) {
        memcpy(text + 4, data, size);
        MUST(
            ea_pepper_parse((struct ea_bytes){ text, size + 4 }, &again, NULL));
        MUST(again.count == pepper.count);
        for (size_t i = 0; i < pepper.count; i++) {
            sum_of(&pepper, i, one);
            sum_of(&again, i, two);
            MUST(memcmp(one, two, sizeof(one)) == 0);
            MUST(pepper.id[i] == again.id[i] && pepper.id[i] != 0);
        }
        ea_pepper_release(&again);
    }
    ea_pepper_release(&pepper);
    return 0;
}
