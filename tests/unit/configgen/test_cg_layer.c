/* Layers: cluster, role, site, node; the more specific one wins. */
#include <stdlib.h>
#include <string.h>

#include <check.h>

#include "model/cg_key.h"
#include "model/cg_layer.h"
#include "suites.h"
#include "yaml/cg_json.h"
#include "yaml/cg_yaml.h"

/* Rows: what stands at each level, and what comes out, as one-line JSON. */
static const struct {
    const char *label, *cluster, *site, *node, *merged;
} rows[] = {
    { "scalars replace", "talos: v1.13.3", "talos: v1.13.4", "{}",
      "{talos: v1.13.4}" },
    { "mappings merge", "labels: {a: '1', b: '2'}", "{}",
      "labels: {b: '3', c: '4'}", "{labels: {a: '1', b: '3', c: '4'}}" },
    { "groups merge", "image: {platform: gcp}", "image: {arch: arm64}", "{}",
      "{image: {platform: gcp, arch: arm64}}" },
    { "lists unite", "image: {extensions: [a, b]}", "image: {extensions: [c]}",
      "image: {extensions: [b, d]}", "{image: {extensions: [a, b, c, d]}}" },
    { "modules by name, parameters of the specific one",
      "modules: [a, {b: [x=1]}]", "modules: [b, {a: [y=2]}]", "modules: [c]",
      "{modules: [{name: a, parameters: [y=2]}, {name: b, parameters: [x=1]}, "
      "{name: c}]}" },
    { "! replaces a list", "boot_args: [a]", "boot_args!: [b]",
      "boot_args: [c]", "{boot_args: [b, c]}" },
    { "! replaces a mapping", "labels: {a: '1'}", "{}", "labels!: {b: '2'}",
      "{labels: {b: '2'}}" },
    { "! replaces a group", "image: {extensions: [a], platform: gcp}", "{}",
      "image!: {arch: arm64}", "{image: {arch: arm64}}" },
    { "! with nothing", "modules: [a]", "{}", "modules!: []", "{modules: []}" },
    { "wrong values are left out", "labels: [a]", "labels: {b: '2'}",
      "talos: 1", "{labels: {b: '2'}}" },
    { "keys of other levels are left out", "site: x", "endpoint: y",
      "boot: gate", "{}" },
    { "unknown keys are left out", "nope: 1", "{}", "image: {nope: 2}",
      "{image: {}}" },
};

static struct cg_tree *
parse(struct cg_arena *arena, const char *text)
{
    struct cg_diag *diag = cg_diag_new(arena);
    struct cg_trees trees = { 0 };

    ck_assert(cg_yaml_load(arena,
                           cg_diag_source(diag, "t", ea_bytes_of(text), false),
                           diag, &trees));
    ck_assert_uint_eq(trees.count, 1);
    return trees.roots[0];
}

START_TEST(test_merge)
{
    struct cg_arena *arena = cg_arena_new();
    const struct cg_layer layers[] = {
        { parse(arena, rows[_i].cluster), CG_AT_CLUSTER },
        { NULL, CG_AT_ROLE },
        { parse(arena, rows[_i].site), CG_AT_SITE },
        { parse(arena, rows[_i].node), CG_AT_NODE },
    };
    struct cg_tree *merged = cg_layer_merge(arena, layers, 4);
    struct cg_strbuf text = { 0 };

    cg_json_emit(&text, merged);
    ck_assert_msg(cg_tree_equal(merged, parse(arena, rows[_i].merged)),
                  "%s: %s", rows[_i].label, text.text);
    cg_strbuf_release(&text);
    cg_arena_free(arena);
}
END_TEST

Suite *
suite_cg_layer(void)
{
    Suite *suite = suite_create("cg_layer");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_merge, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
