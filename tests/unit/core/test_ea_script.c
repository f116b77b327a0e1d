/* Scripts we answer with, and what a claim puts into Matchbox'. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_script.h"
#include "suites.h"
#include "vectors.h"

static json_t *scripts;

#define LOCAL                                                                  \
    "iseq ${platform} pcbios && sanboot --no-describe --drive 0x80 ||\n"       \
    "exit 1\n"

START_TEST(test_refuse)
{
    char text[EA_SCRIPT_MAX], other[EA_SCRIPT_MAX];
    size_t len =
        ea_script_refuse(EA_REASON_UNKNOWN, "k7q2m9xc", text, sizeof(text));

    ck_assert_str_eq(text, "#!ipxe\n"
                           "echo\n"
                           "echo edge-auth: This machine may not boot from the "
                           "network now.\n"
                           "echo Tell the operator this reference: k7q2m9xc\n"
                           "echo Booting the local disk in 10 seconds.\n"
                           "sleep 10\n" LOCAL);
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_uint_eq(
        ea_script_refuse(EA_REASON_UNKNOWN, "k7q2m9xc", other, len + 1), len);
    ck_assert_uint_eq(
        ea_script_refuse(EA_REASON_UNKNOWN, "k7q2m9xc", other, len), 0);
}
END_TEST

/* Every reason without console text gives the same bytes; those with one are
 * few and differ. */
START_TEST(test_uniform)
{
    char uniform[EA_SCRIPT_MAX], text[EA_SCRIPT_MAX];
    bool own = ea_reason_row((enum ea_reason)_i)->console[0] != '\0';
    size_t len;

    ck_assert(ea_script_refuse(EA_REASON_UNKNOWN, "00000000", uniform,
                               sizeof(uniform)) > 0);
    len = ea_script_refuse((enum ea_reason)_i, "00000000", text, sizeof(text));
    ck_assert_uint_gt(len, 0);
    ck_assert(own == (strcmp(text, uniform) != 0));
    ck_assert(strncmp(text, "#!ipxe\n", 7) == 0);
    ck_assert_str_eq(text + len - strlen(LOCAL), LOCAL);
}
END_TEST

START_TEST(test_bad_reference)
{
    static const char *const refs[] = { "",         "k7q2m9x",  "k7q2m9xcc",
                                        "k7q2m9xC", "k7q2 9xc", "${x}0000",
                                        "k7q2m9x\n" };
    char text[EA_SCRIPT_MAX];

    for (size_t i = 0; i < sizeof(refs) / sizeof(refs[0]); i++) {
        ck_assert_uint_eq(
            ea_script_refuse(EA_REASON_UNKNOWN, refs[i], text, sizeof(text)),
            0);
    }
}
END_TEST

START_TEST(test_local)
{
    char text[EA_SCRIPT_MAX];
    size_t len = ea_script_local(text, sizeof(text));

    ck_assert_str_eq(text, "#!ipxe\n"
                           "echo edge-auth: installed, booting the local "
                           "disk.\n" LOCAL);
    ck_assert_uint_eq(len, strlen(text));
    ck_assert_uint_eq(ea_script_local(text, len), 0);
}
END_TEST

START_TEST(test_insert)
{
    json_t *row = vectors_row(scripts, NULL, _i);
    struct ea_bytes body = vectors_bytes(row, "body");
    struct ea_secret_text ticket = { "" };
    struct ea_error err = { 0 };
    char text[2048] = "";
    size_t len = 99;
    bool good;

    (void)snprintf(ticket.text, sizeof(ticket.text), "%s",
                   vectors_text(row, "ticket"));
    good = ea_script_insert(body, &ticket, vectors_bytes(row, "url"), text,
                            body.len + EA_SCRIPT_INSERT_MAX, &len, &err);
    if (json_object_get(row, "script") == NULL) {
        ck_assert_msg(!good, "'%s' accepted", body.ptr);
        ck_assert_uint_eq(len, 99);
        ck_assert(strstr(text, ticket.text) == NULL);
        return;
    }
    ck_assert_msg(good, "%s", err.message);
    ck_assert(ea_bytes_equal((struct ea_bytes){ text, len },
                             vectors_bytes(row, "script")));
    ck_assert(!ea_script_insert(body, &ticket, vectors_bytes(row, "url"), text,
                                len - 1, &len, &err));
    ck_assert_int_eq(err.code, EA_E_RANGE);
}
END_TEST

START_TEST(test_insert_refuses)
{
    struct ea_secret_text ticket = { "" };
    struct ea_bytes url = EA_BYTES("https://config.example.net");
    char text[1024];
    size_t len = 0;

    ck_assert(!ea_script_insert(EA_BYTES("#!ipxe\nboot\n"), &ticket, url, text,
                                sizeof(text), &len, NULL));
    memcpy(ticket.text,
           "ktk1_0123456789abcdefghjkmnpqrstvwxyz0123456789abcdefg", 55);
    ck_assert(ea_script_insert(EA_BYTES("#!ipxe\nboot\n"), &ticket, url, text,
                               sizeof(text), &len, NULL));
    ck_assert(!ea_script_insert((struct ea_bytes){ "#!ipxe\nbo\0t\n", 12 },
                                &ticket, url, text, sizeof(text), &len, NULL));
    ck_assert(!ea_script_insert(EA_BYTES("#!ipxe\nboot\n"), &ticket, url, text,
                                0, &len, NULL));
    memcpy(ticket.text, "ket1_", 5);
    ck_assert(!ea_script_insert(EA_BYTES("#!ipxe\nboot\n"), &ticket, url, text,
                                sizeof(text), &len, NULL));
}
END_TEST

Suite *
suite_ea_script(void)
{
    Suite *suite = suite_create("ea_script");
    TCase *tcase = tcase_create("all");

    scripts = vectors_load("scripts.json");
    tcase_add_test(tcase, test_refuse);
    tcase_add_loop_test(tcase, test_uniform, 0, EA_REASON_COUNT_OF);
    tcase_add_test(tcase, test_bad_reference);
    tcase_add_test(tcase, test_local);
    tcase_add_loop_test(tcase, test_insert, 0, vectors_count(scripts, NULL));
    tcase_add_test(tcase, test_insert_refuses);
    suite_add_tcase(suite, tcase);
    return suite;
}
