/* What we make we accept, as what it was made; one changed byte and it is
 * refused; no other text is accepted. */
#include <string.h>

#include "ea_token.h"
#include "fuzz.h"

static const char pepper_text[] =
    "7 00112233445566778899aabbccddeeff00112233445566778899aabbccddeeff\n"
    "3 ffeeddccbbaa99887766554433221100ffeeddccbbaa99887766554433221100\n";

static void
check_text(const struct ea_pepper *pepper, struct ea_bytes text)
{
    struct ea_claims claims;
    struct ea_ticket ticket;
    struct ea_error err;
    bool is_token = ea_token_verify(pepper, text, &claims, &err);
    bool is_ticket = ea_ticket_verify(pepper, text, &ticket, &err);

    MUST(!(is_token && is_ticket));
    MUST(!(is_token || is_ticket) || text.len == EA_TOKEN_LEN);
}

static void
check_changed(const struct ea_pepper *pepper, struct ea_secret_text text,
              uint8_t at, uint8_t change)
{
    const struct ea_bytes bytes = { text.text, EA_TOKEN_LEN };
    struct ea_claims claims;
    struct ea_ticket ticket;

    text.text[at % EA_TOKEN_LEN] ^= (char)(change | (change == 0));
    MUST(!ea_token_verify(pepper, bytes, &claims, NULL));
    MUST(!ea_ticket_verify(pepper, bytes, &ticket, NULL));
}

static void
check_token(const struct ea_pepper *pepper, const uint8_t *in)
{
    struct ea_secret_text text;
    struct ea_claims made, read;
    const struct ea_bytes bytes = { text.text, EA_TOKEN_LEN };

    MUST(ea_token_make(pepper, in, &text, &made, NULL));
    MUST(text.text[EA_TOKEN_LEN] == '\0');
    MUST(ea_token_verify(pepper, bytes, &read, NULL));
    MUST(strcmp(made.id, read.id) == 0 && made.pepper == read.pepper);
    MUST(memcmp(made.stored, read.stored, sizeof(made.stored)) == 0);
    check_changed(pepper, text, in[0], in[1]);
}

static void
check_ticket(const struct ea_pepper *pepper, const uint8_t *in)
{
    uint32_t number = (uint32_t)(in[0] << 16 | in[1] << 8 | in[2]);
    uint16_t gen = (uint16_t)(((unsigned)in[3] << 8 | in[4]) & EA_GEN_MAX);
    uint16_t n = (uint16_t)(((unsigned)in[5] << 8 | in[6]) & EA_ATTEMPT_MAX);
    const uint8_t *salt = in + 8;
    struct ea_secret_text text;
    struct ea_ticket read;
    const struct ea_bytes bytes = { text.text, EA_TOKEN_LEN };

    MUST(ea_ticket_make(pepper, in[7] & 1, number, gen, n, in[7], salt, &text,
                        NULL));
    MUST(ea_ticket_verify(pepper, bytes, &read, NULL));
    MUST(read.number == number && read.gen == gen && read.n == n);
    MUST(read.pepper == (in[7] & 1));
    MUST(ea_ticket_matches(pepper, &read, in[7], salt));
    MUST(!ea_ticket_matches(pepper, &read, in[7] + 1u, salt));
    check_changed(pepper, text, in[8], in[9]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ea_pepper pepper;

    MUST(ea_pepper_parse(EA_BYTES(pepper_text), &pepper, NULL));
    check_text(&pepper, (struct ea_bytes){ (const char *)data, size });
    if (size >= EA_TOKEN_RANDOM_LEN) {
        check_token(&pepper, data);
        check_ticket(&pepper, data);
    }
    ea_pepper_release(&pepper);
    return 0;
}
