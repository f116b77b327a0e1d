/* Tokens and tickets against the golden rows, and redaction. */
#include <string.h>

#include <check.h>

#include "ea_token.h"
#include "suites.h"
#include "vectors.h"

static json_t *file, *redact;
static struct ea_pepper pepper;

static void
setup(void)
{
    struct ea_error err;

    ck_assert_msg(ea_pepper_parse(vectors_bytes(file, "pepper"), &pepper, &err),
                  "%s", err.message);
}

static void
teardown(void)
{
    ea_pepper_release(&pepper);
}

/* A pepper in which the key of the row writes. */
static struct ea_pepper
writing_with(size_t key)
{
    return (struct ea_pepper){ .count = 1,
                               .id = { pepper.id[key] },
                               .mac = { pepper.mac[key] } };
}

START_TEST(test_token)
{
    json_t *row = vectors_row(file, "tokens", _i);
    size_t key = (size_t)vectors_number(row, "key");
    struct ea_pepper writing = writing_with(key);
    uint8_t random[EA_TOKEN_RANDOM_LEN], stored[EA_SHA256_LEN];
    struct ea_secret_text token = { "" };
    struct ea_claims claims = { .id = "" };
    struct ea_error err = { 0 };

    vectors_hex(row, "random", random, sizeof(random));
    vectors_hex(row, "stored", stored, sizeof(stored));
    ck_assert(ea_token_make(&writing, random, &token, &claims, &err));
    ck_assert_str_eq(token.text, vectors_text(row, "text"));
    ck_assert_str_eq(claims.id, vectors_text(row, "id"));
    ck_assert(memcmp(claims.stored, stored, sizeof(stored)) == 0);
    memset(&claims, 0, sizeof(claims));
    ck_assert_msg(
        ea_token_verify(&pepper, vectors_bytes(row, "text"), &claims, &err),
        "%s", err.message);
    ck_assert_str_eq(claims.id, vectors_text(row, "id"));
    ck_assert_uint_eq(claims.pepper, key);
    ck_assert(memcmp(claims.stored, stored, sizeof(stored)) == 0);
    ck_assert(!ea_token_verify(&(struct ea_pepper){ 0 },
                               vectors_bytes(row, "text"), &claims, &err));
    ck_assert_int_eq(err.code, EA_E_REFUSED);
}
END_TEST

START_TEST(test_ticket)
{
    json_t *row = vectors_row(file, "tickets", _i);
    size_t key = (size_t)vectors_number(row, "key");
    uint32_t number = (uint32_t)vectors_number(row, "number");
    uint32_t epoch = (uint32_t)vectors_number(row, "epoch");
    uint16_t gen = (uint16_t)vectors_number(row, "gen");
    uint16_t n = (uint16_t)vectors_number(row, "n");
    uint8_t salt[EA_SALT_LEN];
    struct ea_secret_text text = { "" };
    struct ea_ticket ticket = { 0 };
    struct ea_error err = { 0 };

    vectors_hex(row, "salt", salt, sizeof(salt));
    ck_assert(
        ea_ticket_make(&pepper, key, number, gen, n, epoch, salt, &text, &err));
    ck_assert_str_eq(text.text, vectors_text(row, "text"));
    ck_assert_msg(
        ea_ticket_verify(&pepper, vectors_bytes(row, "text"), &ticket, &err),
        "%s", err.message);
    ck_assert_uint_eq(ticket.number, number);
    ck_assert_uint_eq(ticket.gen, gen);
    ck_assert_uint_eq(ticket.n, n);
    ck_assert_uint_eq(ticket.pepper, key);
    ck_assert(ea_ticket_matches(&pepper, &ticket, epoch, salt));
    ck_assert(!ea_ticket_matches(&pepper, &ticket, epoch + 1, salt));
    salt[EA_SALT_LEN - 1] ^= 1;
    ck_assert(!ea_ticket_matches(&pepper, &ticket, epoch, salt));
    salt[EA_SALT_LEN - 1] ^= 1;
    ticket.secret[0] = ticket.secret[0] == '0' ? '1' : '0';
    ck_assert(!ea_ticket_matches(&pepper, &ticket, epoch, salt));
}
END_TEST

START_TEST(test_refused)
{
    json_t *row = vectors_row(file, "refused", _i);
    struct ea_bytes text = vectors_bytes(row, "text");
    bool syntax = strcmp(vectors_text(row, "code"), "syntax") == 0;
    struct ea_claims claims;
    struct ea_ticket ticket;
    struct ea_error err = { 0 };

    if (strcmp(vectors_text(row, "kind"), "token") == 0) {
        ck_assert_msg(!ea_token_verify(&pepper, text, &claims, &err), "%s",
                      vectors_text(row, "label"));
    } else {
        ck_assert_msg(!ea_ticket_verify(&pepper, text, &ticket, &err), "%s",
                      vectors_text(row, "label"));
    }
    ck_assert_msg(err.code == (syntax ? EA_E_SYNTAX : EA_E_REFUSED), "%s: %s",
                  vectors_text(row, "label"), err.message);
    ck_assert_msg(text.len < 20 || strstr(err.message, text.ptr + 15) == NULL,
                  "the message tells the secret: %s", err.message);
}
END_TEST

START_TEST(test_limits)
{
    static const struct {
        size_t key;
        uint32_t number;
        uint16_t gen, n;
        bool good;
    } rows[] = {
        { 0, EA_NUMBER_MAX, EA_GEN_MAX, EA_ATTEMPT_MAX, true },
        { 0, EA_NUMBER_MAX + 1, 1, 1, false },
        { 0, 1, EA_GEN_MAX + 1, 1, false },
        { 0, 1, 1, EA_ATTEMPT_MAX + 1, false },
        { 1, 1, 1, 1, true },
        { EA_PEPPERS, 1, 1, 1, false },
    };
    const uint8_t salt[EA_SALT_LEN] = { 0 };
    struct ea_secret_text text = { "before" };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_msg(ea_ticket_make(&pepper, rows[i].key, rows[i].number,
                                     rows[i].gen, rows[i].n, 1, salt, &text,
                                     NULL) == rows[i].good,
                      "row %zu", i);
    }
    ck_assert(!ea_token_make(&(struct ea_pepper){ 0 },
                             (const uint8_t[EA_TOKEN_RANDOM_LEN]){ 0 }, &text,
                             &(struct ea_claims){ .id = "" }, NULL));
}
END_TEST

START_TEST(test_redact)
{
    json_t *row = vectors_row(redact, NULL, _i);
    struct ea_bytes text = vectors_bytes(row, "text");
    char copy[1024];

    ck_assert_uint_lt(text.len, sizeof(copy));
    memcpy(copy, text.ptr, text.len + 1);
    ck_assert_msg(ea_token_redact(copy, text.len) ==
                      vectors_number(row, "found"),
                  "'%s'", text.ptr);
    ck_assert_str_eq(copy, vectors_text(row, "redacted"));
    ck_assert_uint_eq(ea_token_redact(copy, text.len), 0);
    ck_assert_str_eq(copy, vectors_text(row, "redacted"));
}
END_TEST

START_TEST(test_redact_stays_inside)
{
    char text[] = "ket1_0123456789abcdef";

    ck_assert_uint_eq(ea_token_redact(text, 12), 0);
    ck_assert_str_eq(text, "ket1_0123456789abcdef");
    ck_assert_uint_eq(ea_token_redact(text, 13), 1);
    ck_assert_str_eq(text, "ket1_********89abcdef");
}
END_TEST

Suite *
suite_ea_token(void)
{
    Suite *suite = suite_create("ea_token");
    TCase *tcase = tcase_create("all");

    file = vectors_load("tokens.json");
    redact = vectors_load("redact.json");
    tcase_add_checked_fixture(tcase, setup, teardown);
    tcase_add_loop_test(tcase, test_token, 0, vectors_count(file, "tokens"));
    tcase_add_loop_test(tcase, test_ticket, 0, vectors_count(file, "tickets"));
    tcase_add_loop_test(tcase, test_refused, 0, vectors_count(file, "refused"));
    tcase_add_test(tcase, test_limits);
    tcase_add_loop_test(tcase, test_redact, 0, vectors_count(redact, NULL));
    tcase_add_test(tcase, test_redact_stays_inside);
    suite_add_tcase(suite, tcase);
    return suite;
}
