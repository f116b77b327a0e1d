/* The words and URLs of nodes.json. */
#include <string.h>

#include <check.h>

#include "ea_nodes.h"
#include "suites.h"

static const struct {
    const struct ea_words *words;
    const char *text;
    unsigned value; /* 0: refused */
} words[] = {
    { &ea_words_require, "token", EA_REQUIRE_TOKEN },
    { &ea_words_require, "cert", EA_REQUIRE_CERT },
    { &ea_words_require, "token+cert", EA_REQUIRE_TOKEN_CERT },
    { &ea_words_require, "", 0 },
    { &ea_words_require, "none", 0 },
    { &ea_words_require, "Token", 0 },
    { &ea_words_token, "node", EA_TOKEN_NODE },
    { &ea_words_token, "site", EA_TOKEN_SITE },
    { &ea_words_token, "sit", 0 },
    { &ea_words_mode, "allowlist", EA_MODE_ALLOWLIST },
    { &ea_words_mode, "tofu", EA_MODE_TOFU },
    { &ea_words_mode, "approve", EA_MODE_APPROVE },
    { &ea_words_mode, "approved", 0 },
    { &ea_words_role, "worker", EA_NODE_WORKER },
    { &ea_words_role, "controlplane", EA_NODE_CONTROLPLANE },
    { &ea_words_role, "init", 0 },
    { &ea_words_kind, "talos", EA_KIND_TALOS },
    { &ea_words_kind, "ignition", EA_KIND_IGNITION },
    { &ea_words_kind, "other", EA_KIND_OTHER },
    { &ea_words_kind, "cloud", 0 },
    { &ea_words_key, "mint", EA_KEYS_MINT },
    { &ea_words_key, "static", EA_KEYS_STATIC },
    { &ea_words_key, "none", EA_KEYS_NONE },
    { &ea_words_key, "mint ", 0 },
    { &ea_words_assets, "list", EA_ASSETS_LIST },
    { &ea_words_assets, "matchbox", EA_ASSETS_MATCHBOX },
    { &ea_words_assets, "", 0 },
};

START_TEST(test_word)
{
    struct ea_error err = { 0 };
    unsigned value =
        ea_word_find(words[_i].words, ea_bytes_of(words[_i].text), &err);

    ck_assert_msg(value == words[_i].value, "'%s'", words[_i].text);
    if (value == 0) {
        ck_assert_int_eq(err.code, EA_E_UNKNOWN);
    } else {
        ck_assert_str_eq(words[_i].words->word[value], words[_i].text);
    }
}
END_TEST

START_TEST(test_word_message)
{
    struct ea_error err = { 0 };

    ck_assert_uint_eq(ea_word_find(&ea_words_mode, EA_BYTES("open"), &err), 0);
    ck_assert_str_eq(err.message,
                     "mode 'open' is not one of allowlist, tofu, approve");
}
END_TEST

static const struct {
    const char *text;
    bool good;
} urls[] = {
    { "https://boot.edge.example.net", true },
    { "https://boot.edge.example.net:8443", true },
    { "https://127.3.2.1:8443", true },
    { "https://a", true },
    { "https://a:1", true },
    { "https://a:65535", true },
    { "https://", false },
    { "https://:443", false },
    { "https://a:", false },
    { "https://a:0", false },
    { "https://a:65536", false },
    { "https://a:0443", false },
    { "https://a:443:1", false },
    { "https://a/", false },
    { "https://a:443/", false },
    { "https://a/t", false },
    { "https://a?x", false },
    { "https://a#x", false },
    { "https://u@a", false },
    { "https://A", false },
    { "https://a b", false },
    { "https://a\nset x", false },
    { "https://${x}", false },
    { "https://[::1]", false },
    { "HTTPS://a", false },
    { "http://a", false },
    { "a", false },
    { "", false },
};

START_TEST(test_url)
{
    struct ea_error err = { 0 };

    ck_assert_msg(ea_url_check(ea_bytes_of(urls[_i].text), &err) ==
                      urls[_i].good,
                  "'%s'", urls[_i].text);
    ck_assert(urls[_i].good || err.code == EA_E_SYNTAX);
}
END_TEST

START_TEST(test_url_length)
{
    char url[EA_URL_MAX + 2] = "https://";

    for (size_t i = 8; i < EA_URL_MAX + 1; i++) {
        url[i] = i % 40 == 0 ? '.' : 'a';
    }
    ck_assert(ea_url_check((struct ea_bytes){ url, EA_URL_MAX - 1 }, NULL));
    ck_assert(!ea_url_check((struct ea_bytes){ url, EA_URL_MAX + 1 }, NULL));
}
END_TEST

Suite *
suite_ea_nodes(void)
{
    Suite *suite = suite_create("ea_nodes");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_word, 0, sizeof(words) / sizeof(words[0]));
    tcase_add_test(tcase, test_word_message);
    tcase_add_loop_test(tcase, test_url, 0, sizeof(urls) / sizeof(urls[0]));
    tcase_add_test(tcase, test_url_length);
    suite_add_tcase(suite, tcase);
    return suite;
}
