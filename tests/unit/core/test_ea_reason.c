/* The table of reasons is whole and keeps its own rules. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_reason.h"
#include "suites.h"

START_TEST(test_row)
{
    const struct ea_reason_row *row = ea_reason_row((enum ea_reason)_i);
    char status[16];

    ck_assert_ptr_nonnull(row->word);
    ck_assert_uint_eq(strspn(row->word, "abcdefghijklmnopqrstuvwxyz-"),
                      strlen(row->word));
    ck_assert_int_eq((int)ea_reason_find(ea_bytes_of(row->word)), _i);
    ck_assert_str_ne(row->remedy, "");
    ck_assert_int_ne(row->remedy[strlen(row->remedy) - 1], '.');
    ck_assert_uint_le(strlen(row->code), EA_REASON_CODE_MAX);
    if (row->status == 200) {
        ck_assert_str_eq(row->code, "");
        return;
    }
    ck_assert_uint_ge(row->status, 400);
    (void)snprintf(status, sizeof(status), "KE-%u", row->status);
    ck_assert_msg(strncmp(row->code, status, strlen(status)) == 0, "%s",
                  row->word);
    /* Either the code that tells nothing, or the one that names the reason. */
    if (row->code[strlen(status)] != '\0') {
        ck_assert_int_eq(row->code[strlen(status)], ' ');
        ck_assert_str_eq(row->code + strlen(status) + 1, row->word);
    }
    ck_assert_uint_eq(strcspn(row->console, "$&|#`\\\"{}\n\r\t<>"),
                      strlen(row->console));
}
END_TEST

/* Whoever tries credentials must not learn which of these it was. */
static const enum ea_reason uniform[] = {
    EA_REASON_NONE,     EA_REASON_MISSING,       EA_REASON_FORGED,
    EA_REASON_UNKNOWN,  EA_REASON_JOINED,        EA_REASON_CLOSED,
    EA_REASON_REVOKED,  EA_REASON_RETIRED,       EA_REASON_ATTEMPTS,
    EA_REASON_LISTENER, EA_REASON_TOKEN_MISSING,
};

START_TEST(test_uniform)
{
    const struct ea_reason_row *row = ea_reason_row(uniform[_i]);

    ck_assert_uint_eq(row->status, 403);
    ck_assert_str_eq(row->code, "KE-403");
    ck_assert_str_eq(row->console, "");
}
END_TEST

START_TEST(test_unknown)
{
    ck_assert_int_eq(ea_reason_find(EA_BYTES("")), EA_REASON_NONE);
    ck_assert_int_eq(ea_reason_find(EA_BYTES("Closed")), EA_REASON_NONE);
    ck_assert_int_eq(ea_reason_find(EA_BYTES("closed")), EA_REASON_CLOSED);
    ck_assert_ptr_eq(ea_reason_row(EA_REASON_COUNT_OF),
                     ea_reason_row(EA_REASON_NONE));
    ck_assert_uint_eq(ea_reason_row((enum ea_reason)1000)->status, 403);
}
END_TEST

START_TEST(test_codes_that_clients_know)
{
    static const struct {
        enum ea_reason reason;
        const char *code;
    } rows[] = {
        { EA_REASON_IDS, "KE-403 ids" },
        { EA_REASON_UUID, "KE-403 uuid" },
        { EA_REASON_CLONE, "KE-409 clone" },
        { EA_REASON_SUPERSEDED, "KE-409 superseded" },
        { EA_REASON_HELD, "KE-409 held" },
        { EA_REASON_STORE, "KE-503 store" },
        { EA_REASON_UPSTREAM, "KE-503 upstream" },
        { EA_REASON_DIGEST, "KE-503 digest" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        ck_assert_str_eq(ea_reason_row(rows[i].reason)->code, rows[i].code);
    }
    ck_assert(strstr(ea_reason_row(EA_REASON_CLOSED)->remedy,
                     "edge-auth token extend NODE") != NULL);
}
END_TEST

Suite *
suite_ea_reason(void)
{
    Suite *suite = suite_create("ea_reason");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_row, 0, EA_REASON_COUNT_OF);
    tcase_add_loop_test(tcase, test_uniform, 0,
                        sizeof(uniform) / sizeof(uniform[0]));
    tcase_add_test(tcase, test_unknown);
    tcase_add_test(tcase, test_codes_that_clients_know);
    suite_add_tcase(suite, tcase);
    return suite;
}
