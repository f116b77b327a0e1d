/* Schematic ids are those of the Image Factory. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_crypto.h"
#include "image/cg_schematic.h"
#include "suites.h"
#include "yaml/cg_yaml.h"

/* Ids that the factory gave for these. NULL: no id can be computed. */
static const struct {
    const char *image, *id;
} rows[] = {
    { "{}",
      "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba" },
    { "{extensions: [], kernel_args: []}",
      "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba" },
    { "{extensions: [siderolabs/tailscale]}",
      "4a0d65c669d46663f377e7161e50cfd570c401f26fd9e7bda34a0216b6f1922b" },
    { "{extensions: [siderolabs/tailscale, siderolabs/qemu-guest-agent]}",
      "7d4c31cbd96db9f90c874990697c523482b2bae27fb4631d5583dcd9c281b1ff" },
    { "{extensions: [siderolabs/tailscale, siderolabs/drbd, siderolabs/zfs, "
      "siderolabs/intel-ucode, siderolabs/iscsi-tools]}",
      "dd4c55ac62d0fcebfb2189927a204d5bddce05dbfee89a8ee1d557e1d416f800" },
    { "{kernel_args: ['a=\"b\"']}", NULL },
    { "{kernel_args: ['a b']}", NULL },
    { "{kernel_args: ['-x']}", NULL },
    { "{kernel_args: ['a: b']}", NULL },
    { "{kernel_args: ['a:']}", NULL },
    { "{kernel_args: ['yes']}", NULL },
    { "{kernel_args: ['null']}", NULL },
    { "{extensions: ['']}", NULL },
};

START_TEST(test_id)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_diag *diag = cg_diag_new(arena);
    struct cg_trees trees = { 0 };
    struct cg_strbuf text = { 0 };
    char id[2 * EA_SHA256_LEN + 1] = "";
    uint8_t sum[EA_SHA256_LEN];
    struct ea_bytes bytes;
    bool good;

    ck_assert(cg_yaml_load(
        arena, cg_diag_source(diag, "t", ea_bytes_of(rows[_i].image), false),
        diag, &trees));
    good = cg_schematic_format(trees.roots[0], diag, &text);
    ck_assert_msg(good == (rows[_i].id != NULL), "%s", rows[_i].image);
    ck_assert((cg_diag_errors(diag) == 0) == good);
    if (good) {
        bytes = cg_strbuf_bytes(&text);
        ck_assert(ea_sha256(&bytes, 1, sum));
        for (size_t i = 0; i < sizeof(sum); i++) {
            (void)snprintf(id + 2 * i, 3, "%02x", sum[i]);
        }
        ck_assert_str_eq(id, rows[_i].id);
    }
    cg_strbuf_release(&text);
    cg_arena_free(arena);
}
END_TEST

Suite *
suite_cg_schematic(void)
{
    Suite *suite = suite_create("cg_schematic");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_id, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
