/* Texts in the grammars of Talos' library: values of fields, URLs, labels,
 * expressions, versions. What is refused stands beside what is accepted. */
#include <string.h>

#include <check.h>

#include "suites.h"
#include "talos/cg_cel.h"
#include "talos/cg_fields.h"
#include "talos/cg_label.h"
#include "talos/cg_pem.h"
#include "talos/cg_url.h"
#include "talos/cg_value.h"
#include "talos/cg_version.h"

static const struct {
    enum cg_field_kind kind;
    const char *words;
    bool plain;
    const char *good, *bad;
} values[] = {
    { CG_K_BOOL, NULL, true, "yes", "maybe" },
    { CG_K_BOOL, NULL, true, "off", "0" },
    { CG_K_INT, NULL, true, "-5", "five" },
    { CG_K_INT, NULL, true, "5.0", "5.5" },
    { CG_K_UINT8, NULL, true, "255", "256" },
    { CG_K_UINT16, NULL, true, "65535", "65536" },
    { CG_K_UINT16, NULL, true, "0x10", "-1" },
    { CG_K_UINT32, NULL, true, "4294967295", "4294967296" },
    { CG_K_UINT64, NULL, true, "9223372036854775807", "-1" },
    { CG_K_FILE_MODE, NULL, true, "0o644", "rw-" },
    { CG_K_DURATION, NULL, true, "1h30m", "1h30" },
    { CG_K_DURATION, NULL, true, "1.5s", "1.5.5s" },
    { CG_K_DURATION, NULL, true, "-10ms", "10 ms" },
    { CG_K_DURATION, NULL, true, "0", "5" },
    { CG_K_DURATION, NULL, true, "1\xc2\xb5s", "1d" },
    { CG_K_DURATION, NULL, false, "1s", "" },
    { CG_K_ENUM, "- a b", true, "B", "-" },
    { CG_K_ENUM, "off stable", true, "off", "on" },
    { CG_K_ENUM, "802.3ad", true, "802.3ad", "802.3" },
    { CG_K_BYTE_SIZE, NULL, true, "10GiB", "10GiBs" },
    { CG_K_BYTE_SIZE, NULL, true, "1,000 kb", "kb" },
    { CG_K_BYTE_SIZE, NULL, true, "-5", "--5" },
    { CG_K_BYTE_SIZE, NULL, true, "15EiB", "16EiB" },
    { CG_K_BYTE_SIZE, NULL, true, "1.5G", "1.5.5G" },
    { CG_K_SIZE, NULL, true, "100%", "101%" },
    { CG_K_SIZE, NULL, true, "5m", "5x" },
    { CG_K_DISK_SIZE, NULL, true, "5m", "-5m" },
    { CG_K_DISK_MATCH, NULL, true, ">= 4GB", "=> 4GB" },
    { CG_K_ADDR, NULL, true, "10.0.0.1", "10.0.0" },
    { CG_K_ADDR, NULL, true, "fe80::1%eth0", "fe80::1%" },
    { CG_K_ADDR, NULL, true, "::ffff:1.2.3.4", "1.2.3.4/8" },
    { CG_K_ADDR, NULL, true, "1.2.3.4", "1.2.3.04" },
    { CG_K_PREFIX, NULL, true, "10.0.0.0/32", "10.0.0.0/33" },
    { CG_K_PREFIX, NULL, true, "fd00::/64", "fd00::/064" },
    { CG_K_PREFIX, NULL, true, "::/0", "::%eth0/0" },
    { CG_K_ADDR_PORT, NULL, true, "1.2.3.4:5", "1.2.3.4" },
    { CG_K_ADDR_PORT, NULL, true, "[::1]:5", "::1:5" },
    { CG_K_ADDR_PORT, NULL, true, "[::1]:65535", "[::1]:65536" },
    { CG_K_PORT_RANGE, NULL, true, "80", "65536" },
    { CG_K_PORT_RANGE, NULL, true, "80-90", "80-" },
    { CG_K_HWADDR, NULL, false, "aa:bb:cc", "aa:bb:c" },
    { CG_K_HWADDR, NULL, false, "AABB", "AABG" },
    { CG_K_ROUTING_TABLE, NULL, true, "252", "253" },
    { CG_K_ROUTING_TABLE, NULL, true, "Main", "mains" },
    { CG_K_BASE64, NULL, true, "YWJj", "YWJ" },
    { CG_K_BASE64, NULL, true, "YQ==", "Y=Q=" },
    { CG_K_URL, NULL, true, "https://h:1/p", "https://h:x/p" },
};

static struct cg_tree
scalar(const char *text, bool plain)
{
    return (struct cg_tree){
        .kind = CG_SCALAR, .plain = plain, .text = text, .len = strlen(text)
    };
}

START_TEST(test_values)
{
    struct cg_field field = { .kind = values[_i].kind,
                              .words = values[_i].words };
    struct cg_tree good = scalar(values[_i].good, values[_i].plain);
    struct cg_tree bad = scalar(values[_i].bad, values[_i].plain);

    ck_assert_msg(cg_value_expected(&field, &good) == NULL, "refused: %s",
                  values[_i].good);
    ck_assert_msg(cg_value_expected(&field, &bad) != NULL, "accepted: %s",
                  values[_i].bad);
}
END_TEST

START_TEST(test_zero)
{
    static const struct {
        enum cg_field_kind kind;
        const char *zero, *other;
    } rows[] = {
        { CG_K_STRING, "", "0" },     { CG_K_BOOL, "no", "yes" },
        { CG_K_INT, "0x0", "1" },     { CG_K_DURATION, "0s", "10s" },
        { CG_K_ENUM, "NONE", "xfs" }, { CG_K_SIZE, "", "0" },
    };

    for (size_t i = 0; i < sizeof(rows) / sizeof(rows[0]); i++) {
        struct cg_field field = { .kind = rows[i].kind, .words = "none xfs" };
        struct cg_tree zero = scalar(rows[i].zero, true);
        struct cg_tree other = scalar(rows[i].other, true);

        zero.plain = zero.len > 0; /* a bare nothing is a null */
        ck_assert(cg_value_is_zero(&field, &zero));
        ck_assert(!cg_value_is_zero(&field, &other));
    }
}
END_TEST

static const struct {
    const char *base, *over, *merged;
} urls[] = {
    { "https://a:1/p?q#f", "http://b", "http://b/p?q#f" },
    { "https://a:1/p", "//c", "https://c/p" },
    { "https://a", "/p", "https://a/p" },
    { "https://a/p", "", "https://a/p" },
    { "https://u@a", "https://b", "https://u@b" },
    { "https://a", "https://u:p@b", "https://u:p@b" },
    { "https://u@a", "https://v@b", NULL },
    { "mailto:x", "mailto:y", "mailto:y" },
    { "https://a/?x", "?y", "https://a/?y" },
};

START_TEST(test_url_merge)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_url base, over;
    const char *text = NULL;

    ck_assert(cg_url_parse(urls[_i].base, &base));
    ck_assert(cg_url_parse(urls[_i].over, &over));
    ck_assert(cg_url_merge(arena, &base, &over, &text) ==
              (urls[_i].merged != NULL));
    if (urls[_i].merged != NULL) {
        ck_assert_str_eq(text, urls[_i].merged);
    }
    cg_arena_free(arena);
}
END_TEST

static const char *const bad_urls[] = {
    ":a",         "1a:b",          "a b:c/d",     "http://[::1", "http://a:b",
    "http://%",   "http://a/%zz",  "http://a\n",  "http://u^@h", "http://::1",
    "http://a b", "http://[::1]x", "http://a%41", "http://h[]",  "http://h]",
};

START_TEST(test_url_refused)
{
    struct cg_url url;

    ck_assert_msg(!cg_url_parse(bad_urls[_i], &url), "accepted: %s",
                  bad_urls[_i]);
}
END_TEST

START_TEST(test_url_host)
{
    struct cg_url url;

    ck_assert(cg_url_parse("https://[fd00::1]:65", &url));
    ck_assert(ea_bytes_equal(cg_url_hostname(&url), EA_BYTES("fd00::1")));
    ck_assert(ea_bytes_equal(cg_url_port(&url), EA_BYTES("65")));
    ck_assert(cg_url_parse("https://h", &url));
    ck_assert(ea_bytes_equal(cg_url_hostname(&url), EA_BYTES("h")));
    ck_assert_uint_eq(cg_url_port(&url).len, 0);
}
END_TEST

static const struct {
    const char *good, *bad;
} keys[] = {
    { "a", "" },           { "a.b/c_d", "a/b/c" }, { "a-b.c/d", "/d" },
    { "a/B", "A/b" },      { "a1/b", "a-/b" },     { "a/b-c", "a/-c" },
    { "a.b/c", "a..b/c" }, { "a/b", "a./b" },      { "x", "x y" },
    { "0a", "a/" },
};

START_TEST(test_label_keys)
{
    ck_assert(cg_label_key_fault(keys[_i].good) == NULL);
    ck_assert(cg_label_key_fault(keys[_i].bad) != NULL);
}
END_TEST

START_TEST(test_label_lengths)
{
    char name[65] = "", prefix[256] = "";

    memset(name, 'a', 64);
    ck_assert(cg_label_key_fault(name) != NULL);
    ck_assert(cg_label_value_fault(name) != NULL);
    name[63] = '\0';
    ck_assert(cg_label_key_fault(name) == NULL);
    ck_assert(cg_label_value_fault(name) == NULL);
    memset(prefix, 'a', 254);
    memcpy(prefix + 253, "/b", 3);
    ck_assert(cg_label_key_fault(prefix) == NULL);
    memset(prefix, 'a', 255);
    memcpy(prefix + 254, "/", 2);
    ck_assert(cg_label_key_fault(prefix) != NULL);
}
END_TEST

START_TEST(test_taints)
{
    static const char *const good[] = { "NoSchedule", "a:NoExecute",
                                        ":PreferNoSchedule" };
    static const char *const bad[] = { "", "noschedule", "a:b:NoSchedule",
                                       "a b:NoExecute", "NoSchedule:" };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert(cg_label_taint_fault(good[i]) == NULL);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert(cg_label_taint_fault(bad[i]) != NULL);
    }
}
END_TEST

static const struct {
    enum cg_cel_verdict verdict;
    const char *text;
    unsigned col; /* where it is refused */
} expressions[] = {
    { CG_CEL_GOOD, "true", 0 },
    { CG_CEL_GOOD, "disk.size > 100u * GiB && !disk.rotational", 0 },
    { CG_CEL_GOOD, "'/dev/x' in disk.symlinks || system_disk", 0 },
    { CG_CEL_GOOD, "glob('Samsung*', disk.model) // a comment", 0 },
    { CG_CEL_GOOD, "disk.symlinks.exists(s, s.startsWith(\"/dev\"))", 0 },
    { CG_CEL_GOOD, "disk.serial in ['a', \"b\", r'c\\']", 0 },
    { CG_CEL_GOOD, "disk.cdrom ? false : disk.size <= 0x10u", 0 },
    { CG_CEL_GOOD, "size(disk.model) == 3 && -1 < 2 - 1", 0 },
    { CG_CEL_GOOD, "disk.model == \"\"\"a\nb\"\"\"", 0 },
    { CG_CEL_UNCHECKED, "disk.symlinks.map(s, s + 'x')[0] == 'a'", 0 },
    { CG_CEL_UNCHECKED, "type(disk.model) == type('')", 0 },
    { CG_CEL_REFUSED, "", 1 },
    { CG_CEL_REFUSED, "dsk.size > 1u", 1 },
    { CG_CEL_REFUSED, "disk.sise > 1u", 6 },
    { CG_CEL_REFUSED, "true && disk.size", 6 },
    { CG_CEL_REFUSED, "disk.size > 1", 11 },
    { CG_CEL_REFUSED, "(true", 6 },
    { CG_CEL_REFUSED, "true)", 5 },
    { CG_CEL_REFUSED, "'a", 1 },
    { CG_CEL_REFUSED, "'\\q' == ''", 2 },
    { CG_CEL_REFUSED, "disk.model == 'a'b", 18 },
    { CG_CEL_REFUSED, "1x > 2", 1 },
    { CG_CEL_REFUSED, "disk.", 6 },
    { CG_CEL_REFUSED, "[1, 2", 6 },
    { CG_CEL_REFUSED, "disk.model.nope()", 12 },
    { CG_CEL_REFUSED, "glob('a')", 1 },
    { CG_CEL_REFUSED, "mac('a') == 'b'", 1 },
    { CG_CEL_REFUSED, "disk.symlinks.exists(1, true)", 22 },
    { CG_CEL_REFUSED, "'a' % 'b' == 'c'", 5 },
    { CG_CEL_REFUSED, "disk.model[0] == 'a'", 12 },
    { CG_CEL_REFUSED, "((((((((((((((((((((((((((((((((((((((((((true", 41 },
};

START_TEST(test_expressions)
{
    struct ea_error err = { 0 };

    ck_assert_int_eq(cg_cel_check(expressions[_i].text, CG_CEL_DISK, &err),
                     expressions[_i].verdict);
    ck_assert_msg(err.col == expressions[_i].col, "%s: %s at %u",
                  expressions[_i].text, err.message, err.col);
}
END_TEST

START_TEST(test_versions)
{
    struct cg_version version;

    ck_assert(cg_version_parse("v1.13.3", &version));
    ck_assert_uint_eq(cg_version_minor(&version), CG_VERSION(1, 13));
    ck_assert(cg_version_parse("1.14.0-rc.1", &version));
    ck_assert(cg_version_minor(&version) > CG_VERSION(1, 13));
    ck_assert(cg_version_parse("v1.13", &version));
    ck_assert(!cg_version_parse("v1", &version));
    ck_assert(!cg_version_parse("v1.", &version));
    ck_assert(!cg_version_parse("v1.13.", &version));
    ck_assert(!cg_version_parse("v1.13.3x", &version));
    ck_assert(!cg_version_parse("v1.1000.0", &version));
    ck_assert(!cg_version_parse("", &version));
}
END_TEST

START_TEST(test_names)
{
    const struct cg_doc_kind *link = cg_fields_kind("LinkConfig");

    ck_assert_ptr_nonnull(link);
    ck_assert(link->named);
    ck_assert_ptr_nonnull(cg_fields_find(link->type, "mtu"));
    ck_assert_ptr_null(cg_fields_find(link->type, "MTU"));
    ck_assert_str_eq(cg_fields_near(link->type, "MTU"), "mtu");
    ck_assert_str_eq(cg_fields_near(link->type, "adresses"), "addresses");
    ck_assert_ptr_null(cg_fields_near(link->type, "zzzzzzzz"));
    ck_assert_ptr_null(cg_fields_kind("linkconfig"));
    ck_assert_str_eq(cg_fields_near_kind("linkconfig"), "LinkConfig");
    ck_assert_ptr_null(cg_fields_near_kind("Deployment"));
}
END_TEST

START_TEST(test_pem_refused)
{
    ck_assert(!cg_pem_has_certificate(""));
    ck_assert(!cg_pem_has_certificate("-----BEGIN CERTIFICATE-----\nYQ==\n"
                                      "-----END CERTIFICATE-----\n"));
    ck_assert(!cg_pem_has_key(""));
    ck_assert(!cg_pem_has_key("-----BEGIN PRIVATE KEY-----\nYQ==\n"
                              "-----END PRIVATE KEY-----\n"));
}
END_TEST

/* An Ed25519 key made for this test, under Talos' own label and OpenSSL's. */
#define ED25519                                                                \
    "MC4CAQAwBQYDK2VwBCIEIAABAgMEBQYHCAkKCwwNDg8QERITFBUWFxgZGhscHR4f\n"

START_TEST(test_pem_keys)
{
    ck_assert(cg_pem_has_key("-----BEGIN PRIVATE KEY-----\n" ED25519
                             "-----END PRIVATE KEY-----\n"));
    ck_assert(cg_pem_has_key("-----BEGIN ED25519 PRIVATE KEY-----\n" ED25519
                             "-----END ED25519 PRIVATE KEY-----\n"));
    ck_assert(!cg_pem_has_key("-----BEGIN PUBLIC KEY-----\n" ED25519
                              "-----END PUBLIC KEY-----\n"));
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *
suite_cg_talos_text(void)
{
    Suite *suite = suite_create("cg_talos_text");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_values, 0, COUNT(values));
    tcase_add_test(tcase, test_zero);
    tcase_add_loop_test(tcase, test_url_merge, 0, COUNT(urls));
    tcase_add_loop_test(tcase, test_url_refused, 0, COUNT(bad_urls));
    tcase_add_test(tcase, test_url_host);
    tcase_add_loop_test(tcase, test_label_keys, 0, COUNT(keys));
    tcase_add_test(tcase, test_label_lengths);
    tcase_add_test(tcase, test_taints);
    tcase_add_loop_test(tcase, test_expressions, 0, COUNT(expressions));
    tcase_add_test(tcase, test_versions);
    tcase_add_test(tcase, test_names);
    tcase_add_test(tcase, test_pem_refused);
    tcase_add_test(tcase, test_pem_keys);
    suite_add_tcase(suite, tcase);
    return suite;
}
