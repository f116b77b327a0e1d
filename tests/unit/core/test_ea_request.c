/* The border of requests against the golden rows. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_request.h"
#include "suites.h"
#include "vectors.h"

static json_t *targets, *queries, *upstream;

static const char *const role_words[] = { "none", "boot", "boot_mtls",
                                          "config" };
static const char *const stage_words[] = { "none", "boot", "claim", "asset",
                                           "config" };

static unsigned
find(const char *const *words, size_t count, const char *word)
{
    for (unsigned i = 0; i < count; i++) {
        if (strcmp(words[i], word) == 0) {
            return i;
        }
    }
    ck_abort_msg("no word '%s'", word);
    return 0;
}
#define FIND(words, word) find(words, sizeof(words) / sizeof((words)[0]), word)

static void
assert_slice(const char *what, const char *target, struct ea_bytes slice,
             struct ea_bytes expected)
{
    ck_assert_msg(ea_bytes_equal(slice, expected), "%s of '%s' is '%.*s'", what,
                  target, (int)slice.len, slice.ptr);
}

START_TEST(test_target)
{
    json_t *row = vectors_row(targets, NULL, _i);
    struct ea_bytes text = vectors_bytes(row, "target");
    enum ea_role role =
        (enum ea_role)FIND(role_words, vectors_text(row, "role"));
    unsigned stage = FIND(stage_words, vectors_text(row, "stage"));
    struct ea_target target = { .stage = EA_STAGE_CONFIG };
    char scrubbed[4096], place[4096];
    size_t len;

    ea_target_split(role, text, &target);
    ck_assert_msg((unsigned)target.stage == stage, "'%s': stage %d", text.ptr,
                  (int)target.stage);
    assert_slice("credential", text.ptr, target.credential,
                 vectors_bytes(row, "credential"));
    assert_slice("path", text.ptr, target.path, vectors_bytes(row, "path"));
    assert_slice("query", text.ptr, target.query, vectors_bytes(row, "query"));
    len = ea_target_scrub(&target, scrubbed, sizeof(scrubbed));
    assert_slice("scrub", text.ptr, (struct ea_bytes){ scrubbed, len },
                 vectors_bytes(row, "scrubbed"));
    if (text.len > 0 && text.ptr[0] == '/') {
        memcpy(place, text.ptr, text.len);
        ea_target_split(role, (struct ea_bytes){ place, text.len }, &target);
        len = ea_target_scrub(&target, place, text.len);
        assert_slice("scrub in place", text.ptr,
                     (struct ea_bytes){ place, len },
                     vectors_bytes(row, "scrubbed"));
    }
}
END_TEST

START_TEST(test_target_with_nul)
{
    struct ea_target target;
    char text[8];

    ea_target_split(EA_ROLE_BOOT, (struct ea_bytes){ "/ipxe\0x", 7 }, &target);
    ck_assert_int_eq(target.stage, EA_STAGE_NONE);
    ea_target_split(EA_ROLE_BOOT, (struct ea_bytes){ "/assets/a\0b", 11 },
                    &target);
    ck_assert_int_eq(target.stage, EA_STAGE_NONE);
    ea_target_split(EA_ROLE_BOOT, (struct ea_bytes){ "/assets/ab\0", 10 },
                    &target);
    ck_assert_int_eq(target.stage, EA_STAGE_ASSET);
    ck_assert_uint_eq(ea_target_scrub(&target, text, sizeof(text)), 0);
    ea_target_split(EA_ROLE_BOOT, (struct ea_bytes){ NULL, 0 }, &target);
    ck_assert_int_eq(target.stage, EA_STAGE_NONE);
    ck_assert_uint_eq(ea_target_scrub(&target, text, 0), 0);
}
END_TEST

START_TEST(test_query)
{
    json_t *row = vectors_row(queries, NULL, _i);
    struct ea_bytes text = vectors_bytes(row, "query");
    struct ea_query query = { .ids = { .mac = "before" } };
    struct ea_error err = { 0 };
    bool literal = true;

    if (json_object_get(row, "refused") != NULL) {
        ck_assert_msg(!ea_query_parse(text, &query, &literal, &err),
                      "'%s' accepted", text.ptr);
        ck_assert_str_ne(err.message, "");
        ck_assert_str_eq(query.ids.mac, "before");
        ck_assert(literal);
        return;
    }
    ck_assert_msg(ea_query_parse(text, &query, &literal, &err), "'%s': %s",
                  text.ptr, err.message);
    ck_assert_str_eq(query.ids.uuid, vectors_text(row, "uuid"));
    ck_assert_str_eq(query.ids.mac, vectors_text(row, "mac"));
    ck_assert_str_eq(query.ids.serial, vectors_text(row, "serial"));
    ck_assert_str_eq(ea_arch_word(query.arch), vectors_text(row, "arch"));
    ck_assert_msg(literal == json_is_true(json_object_get(row, "literal")),
                  "'%s'", text.ptr);
}
END_TEST

static size_t
read_labels(json_t *row, struct ea_label *ret_labels, size_t max)
{
    json_t *list = json_object_get(row, "labels"), *pair;
    size_t i;

    json_array_foreach(list, i, pair)
    {
        ck_assert_uint_lt(i, max);
        (void)snprintf(ret_labels[i].key, sizeof(ret_labels[i].key), "%s",
                       json_string_value(json_array_get(pair, 0)));
        (void)snprintf(ret_labels[i].value, sizeof(ret_labels[i].value), "%s",
                       json_string_value(json_array_get(pair, 1)));
    }
    return json_array_size(list);
}

START_TEST(test_upstream)
{
    json_t *row = vectors_row(upstream, NULL, _i);
    struct ea_label labels[EA_LABELS_MAX + 1];
    size_t count = read_labels(row, labels, EA_LABELS_MAX + 1), len = 0;
    const char *path = vectors_text(row, "path");
    enum ea_arch arch = EA_ARCH_NONE;
    char text[1024];

    for (unsigned i = 1; i <= EA_ARCH_I386; i++) {
        if (strcmp(ea_arch_word((enum ea_arch)i), vectors_text(row, "arch")) ==
            0) {
            arch = (enum ea_arch)i;
        }
    }
    if (json_object_get(row, "target") == NULL) {
        ck_assert_msg(!ea_upstream_target(path, labels, count, arch, text,
                                          sizeof(text), &len),
                      "'%s' accepted", path);
        return;
    }
    ck_assert(ea_upstream_target(path, labels, count, arch, text, sizeof(text),
                                 &len));
    assert_slice("target", path, (struct ea_bytes){ text, len },
                 vectors_bytes(row, "target"));
    ck_assert(ea_upstream_target(path, labels, count, arch, text, len, &len));
    ck_assert(
        !ea_upstream_target(path, labels, count, arch, text, len - 1, &len));
}
END_TEST

START_TEST(test_arch_word)
{
    ck_assert_str_eq(ea_arch_word(EA_ARCH_NONE), "");
    ck_assert_str_eq(ea_arch_word(EA_ARCH_ARM64), "arm64");
    ck_assert_str_eq(ea_arch_word((enum ea_arch)99), "");
}
END_TEST

START_TEST(test_uefi)
{
    static const char *const good[] = { "ipxe.efi", "ipxe-arm64.efi",
                                        "autoexec.ipxe" };
    static const char *const bad[] = { "",          "ipxe",
                                       "boot.ipxe", "assets/ipxe.efi",
                                       "ipxe.ef",   "ipxe.efi/",
                                       "IPXE.EFI",  "ipxe-riscv64.efi",
                                       "/ipxe.efi" };

    for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++) {
        ck_assert_msg(ea_target_is_uefi(ea_bytes_of(good[i])), "%s", good[i]);
    }
    for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
        ck_assert_msg(!ea_target_is_uefi(ea_bytes_of(bad[i])), "%s", bad[i]);
    }
}
END_TEST

Suite *
suite_ea_request(void)
{
    Suite *suite = suite_create("ea_request");
    TCase *tcase = tcase_create("all");

    targets = vectors_load("targets.json");
    queries = vectors_load("queries.json");
    upstream = vectors_load("upstream.json");
    tcase_add_loop_test(tcase, test_target, 0, vectors_count(targets, NULL));
    tcase_add_test(tcase, test_target_with_nul);
    tcase_add_loop_test(tcase, test_query, 0, vectors_count(queries, NULL));
    tcase_add_loop_test(tcase, test_upstream, 0, vectors_count(upstream, NULL));
    tcase_add_test(tcase, test_arch_word);
    tcase_add_test(tcase, test_uefi);
    suite_add_tcase(suite, tcase);
    return suite;
}
