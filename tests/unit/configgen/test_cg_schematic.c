/* Schematic ids are those of the Image Factory. */
#include <stdio.h>
#include <string.h>

#include <check.h>

#include "ea_crypto.h"
#include "image/cg_canon.h"
#include "image/cg_schematic.h"
#include "suites.h"
#include "yaml/cg_yaml.h"

/* Ids that the factory gave for these; it has another one for the same
 * extensions in another order, ours are sorted. NULL: no id can be computed. */
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
    { "{extensions: [siderolabs/zfs, siderolabs/drbd, siderolabs/zfs, "
      "siderolabs/tailscale, siderolabs/iscsi-tools, siderolabs/intel-ucode]}",
      "dd4c55ac62d0fcebfb2189927a204d5bddce05dbfee89a8ee1d557e1d416f800" },
    { "{extensions: [siderolabs/tailscale, siderolabs/gcp-guest-agent]}",
      "09623a594a2b7700e97b9a2e620a56e92e42343c121ad8cb12107db1ca4037ab" },
    { "{kernel_args: ['']}", NULL },
    { "{kernel_args: [2026-11-25]}", NULL },
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

/* What the encoder writes for one argument; NULL: not known. */
static const struct {
    const char *text, *written;
} texts[] = {
    { "console=ttyS0,115200n8", "console=ttyS0,115200n8" },
    { "a b", "a b" },
    { "a  b", "a  b" },
    { "-x", "-x" },
    { "-", "'-'" },
    { "- x", "'- x'" },
    { "?x", "?x" },
    { "? x", "'? x'" },
    { "---", "'---'" },
    { "...x", "'...x'" },
    { "a:", "'a:'" },
    { "a: b", "'a: b'" },
    { "a:b", "a:b" },
    { "#a", "'#a'" },
    { "a #b", "'a #b'" },
    { "a#b", "a#b" },
    { "a ", "'a '" },
    { " a", "' a'" },
    { "a=\"b\"", "a=\"b\"" },
    { "it's", "it's" },
    { "'q'", "'''q'''" },
    { "*x", "'*x'" },
    { "%x", "'%x'" },
    { "@x", "'@x'" },
    { "[x]", "'[x]'" },
    { "a\\b", "a\\b" },
    { "yes", "\"yes\"" },
    { "n", "\"n\"" },
    { "null", "\"null\"" },
    { "TRUE", "\"TRUE\"" },
    { "nulls", "nulls" },
    { "0644", "\"0644\"" },
    { "0o17", "\"0o17\"" },
    { "-1", "\"-1\"" },
    { ".5", "\".5\"" },
    { "1e3", "\"1e3\"" },
    { "1_000", "\"1_000\"" },
    { "-.inf", "\"-.inf\"" },
    { "12:30", "\"12:30\"" },
    { "1:60", "1:60" },
    { "3c:ec:ef:00:00:11", "3c:ec:ef:00:00:11" },
    { "8250.nr_uarts=4", "8250.nr_uarts=4" },
    { "\xc3\xa9", "\xc3\xa9" },         /* U+00E9 */
    { "\xe6\x97\xa5", "\xe6\x97\xa5" }, /* U+65E5 */
    { "\xef\xbb\xbf-", NULL },          /* U+FEFF */
    { "\xe2\x80\xa8", NULL },           /* U+2028 */
    { "\xc2\x85", NULL },               /* U+0085 */
    { "\xc2\xa0", NULL },               /* U+00A0 */
    { "\xf0\x9f\x98\x80", NULL },       /* beyond U+FFFF */
    { "\xc3", NULL },                   /* half a letter */
    { "a\tb", NULL },
    { "a\nb", NULL },
    { "", NULL },
    { "<<", NULL },
    { "2026-11-25", NULL },
    { "0x8000000000000000", NULL },
    { "99999999999999999999", "\"99999999999999999999\"" },
};

START_TEST(test_text)
{
    struct cg_strbuf out = { 0 };
    bool good = cg_canon_add(&out, texts[_i].text);

    ck_assert_msg(good == (texts[_i].written != NULL), "%s", texts[_i].text);
    ck_assert(good || out.len == 0);
    if (good) {
        ck_assert_str_eq(out.text, texts[_i].written);
    }
    cg_strbuf_release(&out);
}
END_TEST

Suite *
suite_cg_schematic(void)
{
    Suite *suite = suite_create("cg_schematic");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_id, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    tcase_add_loop_test(tcase, test_text, 0,
                        (int)(sizeof(texts) / sizeof(texts[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
