/* One spelling of each server name. */
#include <string.h>

#include <check.h>

#include "pk_name.h"
#include "suites.h"

#define L63 "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"

static const struct {
    const char *text;
    enum pk_name_kind kind;
    const char *expected; /* NULL: as it was written */
} rows[] = {
    { "boot.edge.example.net", PK_NAME_DNS, NULL },
    { "localhost", PK_NAME_DNS, NULL },
    { L63 ".net", PK_NAME_DNS, NULL },
    { "1a.net", PK_NAME_DNS, NULL },
    { "192.0.2.7", PK_NAME_IP, NULL },
    { "2001:db8::7", PK_NAME_IP, NULL },
    { "2001:0DB8:0::7", PK_NAME_IP, "2001:db8::7" },
    { "", PK_NAME_NONE, NULL },
    { "Boot.example.net", PK_NAME_NONE, NULL },
    { "*.example.net", PK_NAME_NONE, NULL },
    { "example.net.", PK_NAME_NONE, NULL },
    { ".example.net", PK_NAME_NONE, NULL },
    { "a..net", PK_NAME_NONE, NULL },
    { "-a.net", PK_NAME_NONE, NULL },
    { "a b.net", PK_NAME_NONE, NULL },
    { "a,DNS:b.net", PK_NAME_NONE, NULL },
    { "a.net\n", PK_NAME_NONE, NULL },
    { "192.0.2.256", PK_NAME_NONE, NULL },
    { "192.0.2", PK_NAME_NONE, NULL },
    { "2001:db8::7::", PK_NAME_NONE, NULL },
    { "[2001:db8::7]", PK_NAME_NONE, NULL },
    { "fe80::1%eth0", PK_NAME_NONE, NULL },
    { L63 "a.net", PK_NAME_NONE, NULL },
};

START_TEST(test_parse)
{
    struct pk_name name = { .kind = PK_NAME_NONE };
    struct ea_error err = { 0 };
    const char *text = rows[_i].text;
    bool good = rows[_i].kind != PK_NAME_NONE;

    ck_assert_msg(pk_name_parse(text, &name, &err) == good, "'%s': %s", text,
                  err.message);
    ck_assert_msg(name.kind == rows[_i].kind, "'%s'", text);
    if (good) {
        ck_assert_str_eq(name.text,
                         rows[_i].expected != NULL ? rows[_i].expected : text);
    } else {
        ck_assert_msg(err.message[0] != '\0', "'%s'", text);
    }
}
END_TEST

Suite *
suite_pk_name(void)
{
    Suite *suite = suite_create("pk_name");
    TCase *tcase = tcase_create("rows");

    tcase_add_loop_test(tcase, test_parse, 0, sizeof(rows) / sizeof(rows[0]));
    suite_add_tcase(suite, tcase);
    return suite;
}
