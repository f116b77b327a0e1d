/* images.lock: read strictly, and written back with what was there. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <check.h>

#include "image/cg_lock.h"
#include "suites.h"

#define A "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"
#define B "bbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbbb"
#define B2 "bbbbbbbbbbbbbbbbcccccccccccccccccccccccccccccccccccccccccccccccc"
#define IMAGE(version, file, size, sha256)                                     \
    "  - {schematic: " A ", version: " version ", arch: amd64, file: " file    \
    ", size: " size ", sha256: " sha256 "}\n"
#define HEAD "format: 1\nimages:\n"

static const struct {
    const char *label, *text;
    int count; /* -1: refused */
} rows[] = {
    { "none", "format: 1\nimages: []\n", 0 },
    { "one", HEAD IMAGE("v1.13.3", "kernel-amd64", "1", B), 1 },
    { "one content under two versions",
      HEAD IMAGE("v1.13.3", "kernel-amd64", "1", B)
          IMAGE("v1.13.4", "kernel-amd64", "1", B),
      2 },
    { "listed twice",
      HEAD IMAGE("v1.13.3", "kernel-amd64", "1", B)
          IMAGE("v1.13.3", "kernel-amd64", "1", B),
      -1 },
    { "two contents of one name",
      HEAD IMAGE("v1.13.3", "kernel-amd64", "1", B)
          IMAGE("v1.13.4", "kernel-amd64", "1", B2),
      -1 },
    { "two sizes of one content",
      HEAD IMAGE("v1.13.3", "kernel-amd64", "1", B)
          IMAGE("v1.13.4", "kernel-amd64", "2", B),
      -1 },
    { "short digest", HEAD IMAGE("v1.13.3", "kernel-amd64", "1", "bb"), -1 },
    { "size 0", HEAD IMAGE("v1.13.3", "kernel-amd64", "0", B), -1 },
    { "a way out", HEAD IMAGE("v1.13.3", "../kernel", "1", B), -1 },
    { "a way in", HEAD IMAGE("v1/../x", "kernel-amd64", "1", B), -1 },
    { "format 2", "format: 2\nimages: []\n", -1 },
    { "no list", "format: 1\nimages: {}\n", -1 },
};

/* The text as a lock, by way of a file; false: there were findings. */
static bool
load(struct cg_arena *arena, const char *text, struct cg_lock *ret)
{
    struct cg_model model = { .arena = arena, .diag = cg_diag_new(arena) };
    char path[] = "/tmp/cg-lock-XXXXXX";
    int fd = mkstemp(path);
    bool good;

    ck_assert(fd >= 0);
    ck_assert(write(fd, text, strlen(text)) == (ssize_t)strlen(text));
    ck_assert(close(fd) == 0);
    good = cg_lock_load_any(&model, path, ret);
    ck_assert((cg_diag_errors(model.diag) == 0) == good);
    ck_assert(unlink(path) == 0);
    return good;
}

START_TEST(test_load)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_lock lock;
    bool good = load(arena, rows[_i].text, &lock);

    ck_assert_msg(good == (rows[_i].count >= 0), "%s", rows[_i].label);
    if (good) {
        ck_assert_msg(lock.count == (size_t)rows[_i].count, "%s",
                      rows[_i].label);
    }
    cg_arena_free(arena);
}
END_TEST

START_TEST(test_absent_is_empty)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_model model = { .arena = arena, .diag = cg_diag_new(arena) };
    struct cg_lock lock;

    ck_assert(cg_lock_load_any(&model, "/tmp/no-such-images.lock", &lock));
    ck_assert(lock.count == 0 && lock.source == NULL);
    ck_assert(!cg_lock_load_any(&model, "/tmp", &lock));
    cg_arena_free(arena);
}
END_TEST

START_TEST(test_find)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_lock lock;
    const struct cg_asset *asset;

    ck_assert(load(arena, rows[1].text, &lock));
    asset = cg_lock_find(&lock, A, "v1.13.3", "kernel-amd64");
    ck_assert_ptr_nonnull(asset);
    ck_assert_str_eq(asset->path, "assets/bbbbbbbbbbbbbbbb-kernel-amd64");
    ck_assert_uint_eq(asset->pos.line, 3);
    ck_assert_ptr_null(cg_lock_find(&lock, B, "v1.13.3", "kernel-amd64"));
    ck_assert_ptr_null(cg_lock_find(&lock, A, "v1.13.4", "kernel-amd64"));
    ck_assert_ptr_null(cg_lock_find(&lock, A, "v1.13.3", "kernel-arm64"));
    cg_arena_free(arena);
}
END_TEST

#define ADDED(indent)                                                          \
    indent "- schematic: \"" A "\"\n" indent "  version: v1.13.4\n" indent     \
           "  arch: amd64\n" indent "  file: kernel-amd64\n" indent            \
           "  size: 7\n" indent "  sha256: \"" B2 "\"\n"
#define OLD                                                                    \
    "  - schematic: \"" A "\"\n    version: v1.13.3\n    arch: amd64\n"        \
    "    file: initramfs-amd64.xz\n    size: 1\n    sha256: \"" B "\"\n"
#define FLUSH                                                                  \
    "- schematic: " A "\n  version: v1.13.3\n  arch: amd64\n"                  \
    "  file: initramfs-amd64.xz\n  size: 1\n  sha256: " B "\n"

/* What becomes of a lock when an image is added. */
static const struct {
    const char *label, *text, *expected;
} additions[] = {
    { "no file", NULL, HEAD ADDED("  ") },
    { "empty list", "format: 1\nimages: []\n", HEAD ADDED("  ") },
    { "comments stay", "# ours\n" HEAD OLD "# end\n",
      "# ours\n" HEAD OLD "# end\n" ADDED("  ") },
    { "no newline at the end", "format: 1\nimages:\n" FLUSH "  # end",
      "format: 1\nimages:\n" FLUSH "  # end\n" ADDED("") },
    { "JSON is written anew",
      "{\"format\": 1, \"images\": [{\"schematic\": \"" A
      "\", \"version\": \"v1.13.3\", \"arch\": \"amd64\", \"file\": "
      "\"initramfs-amd64.xz\", \"size\": 1, \"sha256\": \"" B "\"}]}",
      HEAD OLD ADDED("  ") },
    { "images first", "images:\n" OLD "format: 1\n", HEAD OLD ADDED("  ") },
};

START_TEST(test_format)
{
    static const struct cg_asset added = {
        .schematic = A,
        .version = "v1.13.4",
        .arch = "amd64",
        .file = "kernel-amd64",
        .sha256 = B2,
        .size = 7,
    };
    struct cg_arena *arena = cg_arena_new();
    struct cg_lock lock = { .name = "images.lock" };
    struct cg_strbuf out = { 0 };

    if (additions[_i].text != NULL) {
        ck_assert(load(arena, additions[_i].text, &lock));
    }
    cg_lock_format(arena, &lock, &added, 1, &out);
    ck_assert_msg(strcmp(out.text, additions[_i].expected) == 0, "%s:\n%s",
                  additions[_i].label, out.text);
    cg_strbuf_release(&out);
    cg_arena_free(arena);
}
END_TEST

Suite *
suite_cg_lock(void)
{
    Suite *suite = suite_create("cg_lock");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_load, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_test(tcase, test_absent_is_empty);
    tcase_add_test(tcase, test_find);
    tcase_add_loop_test(tcase, test_format, 0,
                        (int)(sizeof(additions) / sizeof(additions[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
