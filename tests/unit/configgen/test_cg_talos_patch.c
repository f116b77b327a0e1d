/* Patches: where findings point, what they do not tell about secrets, and what
 * stays unchanged. That merges are the library's is tested against it. */
#include <string.h>

#include <check.h>

#include "suites.h"
#include "talos/cg_talos.h"
#include "yaml/cg_yaml.h"

/* A small config to patch; no library is asked about it. */
static const char config[] = "version: v1alpha1\n"
                             "machine:\n"
                             "  type: worker\n"
                             "  sysctls: {a: '1'}\n"
                             "  kubelet: {extraConfig: {n: 1}}\n"
                             "---\n"
                             "apiVersion: v1alpha1\n"
                             "kind: KmsgLogConfig\n"
                             "name: a\n"
                             "url: tcp://h:1\n"
                             "---\n"
                             "apiVersion: v1alpha1\n"
                             "kind: VolumeConfig\n"
                             "name: EPHEMERAL\n"
                             "provisioning: {minSize: 1GB}\n";

struct bench {
    struct cg_arena *arena;
    struct cg_diag *diag;
    struct cg_trees docs;
    struct cg_strbuf out;
};

static void
load(struct bench *bench, const char *name, const char *text, bool secret,
     struct cg_trees *ret)
{
    ck_assert(cg_yaml_load(
        bench->arena,
        cg_diag_source(bench->diag, name, ea_bytes_of(text), secret),
        bench->diag, ret));
}

static void
open_bench(struct bench *bench)
{
    *bench = (struct bench){ .arena = cg_arena_new() };
    bench->diag = cg_diag_new(bench->arena);
    load(bench, "config", config, false, &bench->docs);
}

static void
close_bench(struct bench *bench)
{
    cg_strbuf_release(&bench->out);
    cg_arena_free(bench->arena);
}

static bool
patch(struct bench *bench, const char *text, bool secret)
{
    struct cg_trees trees = { 0 };

    load(bench, "p.yaml", text, secret, &trees);
    return cg_talos_patch(bench->arena, &bench->docs, &trees, bench->diag);
}

static const char *
findings(struct bench *bench)
{
    cg_strbuf_release(&bench->out);
    cg_strbuf_puts(&bench->out, "");
    cg_diag_format(bench->diag, &bench->out);
    return bench->out.text;
}

/* Every mistake at its line and column. */
static const struct {
    const char *patch, *finding;
} refused[] = {
    { "machine:\n  sysctl: {a: b}\n",
      "p.yaml:2:3: error[talos-field]: Talos has no field machine.sysctl" },
    { "machine:\n  sysctl: {a: b}\n", "did you mean 'sysctls'?" },
    { "machine:\n  files:\n    - {path: /a}\n    - {pth: /b}\n",
      "p.yaml:4:8: error[talos-field]: Talos has no field "
      "machine.files[1].pth" },
    { "apiVersion: v1alpha1\nkind: LinkConfig\nname: eth0\nmtus: 5\n",
      "p.yaml:4:1: error[talos-field]: Talos has no field LinkConfig eth0: "
      "mtus" },
    { "apiVersion: v1alpha1\nkind: KmsgLogConf\n",
      "p.yaml:2:7: error[talos-kind]: Talos has no document kind "
      "'KmsgLogConf'" },
    { "apiVersion: v1alpha1\nkind: KmsgLogConf\n",
      "did you mean 'KmsgLogConfig'?" },
    { "kind: KmsgLogConfig\nname: a\n",
      "p.yaml:1:1: error[talos-document]: KmsgLogConfig needs 'apiVersion: "
      "v1alpha1'" },
    { "machine:\n  certSANs: a\n",
      "p.yaml:2:13: error[talos-type]: machine.certSANs is text, expected a "
      "list" },
    { "machine:\n  install: {wipe: maybe}\n",
      "p.yaml:2:19: error[talos-value]: machine.install.wipe is 'maybe', "
      "expected true or false" },
    { "- op: add\n  path: /machine\n",
      "p.yaml:1:1: error[json-patch]: this is a JSON patch" },
    { "- op: add\n  path: /machine\n", "strategic merge patch" },
    { "machine:\n  kubelet: {extraConfig: {n: x}}\n",
      "p.yaml:2:30: error[patch-merge]: machine.kubelet.extraConfig.n is "
      "text, and a number where it is set first" },
    { "machine:\n  sysctls:\n    b:\n      $patch: delete\n",
      "p.yaml:4:7: error[patch-delete]: nothing to delete: the config has no "
      "machine.sysctls.b" },
    { "$patch: delete\n",
      "p.yaml:1:1: error[patch-delete]: the v1alpha1 document cannot be "
      "deleted" },
    { "machine: {}\n---\nmachine: {}\n",
      "p.yaml:3:1: error[talos-duplicate]: the v1alpha1 document is in this "
      "patch twice" },
    { "name: a\n",
      "p.yaml:1:1: error[talos-document]: the document has no 'kind:'" },
    { "kind: KmsgLogConfig\n",
      "p.yaml:1:1: error[talos-document]: KmsgLogConfig needs 'apiVersion: "
      "v1alpha1'" },
    { "- a\n", "p.yaml:1:1: error[talos-document]: a Talos document is a "
               "mapping, this is a list" },
};

START_TEST(test_refused)
{
    struct bench bench;

    open_bench(&bench);
    ck_assert(!patch(&bench, refused[_i].patch, false));
    ck_assert_msg(strstr(findings(&bench), refused[_i].finding) != NULL,
                  "expected %s in\n%s", refused[_i].finding, findings(&bench));
    close_bench(&bench);
}
END_TEST

START_TEST(test_all_mistakes_in_one_run)
{
    struct bench bench;

    open_bench(&bench);
    ck_assert(!patch(&bench,
                     "machine:\n  sysctl: {}\n  certSANs: a\n"
                     "  install: {wipe: maybe, dsk: x}\n---\n"
                     "apiVersion: v1alpha1\nkind: Nope\n",
                     false));
    ck_assert_uint_eq(cg_diag_errors(bench.diag), 5);
    close_bench(&bench);
}
END_TEST

/* A decrypted file: the path is told, values and lines are not. */
START_TEST(test_secrets_stay_untold)
{
    struct bench bench;

    open_bench(&bench);
    ck_assert(!patch(&bench,
                     "machine:\n  install: {wipe: hush}\n"
                     "  time: {bootTimeout: hush}\n  certSANs: hush\n"
                     "  ca: {crt: 'hush!'}\n---\n"
                     "apiVersion: v1alpha1\nkind: HostnameConfig\n"
                     "auto: hush\n",
                     true));
    ck_assert_uint_eq(cg_diag_errors(bench.diag), 5);
    ck_assert_ptr_null(strstr(findings(&bench), "hush"));
    ck_assert_ptr_nonnull(strstr(findings(&bench), "machine.install.wipe"));
    close_bench(&bench);
}
END_TEST

static const char *const empty_patches[] = {
    "",
    "---\n",
    "{}\n",
    "machine:\n",
    "machine: {}\n",
    "version: v1alpha1\n",
    "machine: {sysctls: {}}\n",
    "machine: {type: ''}\n",
    "machine: {kubelet: {extraConfig: {n: 0}}}\n",
    "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: a\n",
};

static char *
emit(struct bench *bench)
{
    struct cg_strbuf out = { 0 };
    char *text;

    cg_yaml_emit(&out, &bench->docs);
    text = cg_arena_copy(bench->arena, out.text, out.len);
    cg_strbuf_release(&out);
    return text;
}

START_TEST(test_empty_patch_changes_nothing)
{
    struct bench bench;
    char *before;

    open_bench(&bench);
    before = emit(&bench);
    ck_assert(patch(&bench, empty_patches[_i], false));
    ck_assert_str_eq(emit(&bench), before);
    ck_assert_str_eq(findings(&bench), "");
    close_bench(&bench);
}
END_TEST

START_TEST(test_patch_is_not_changed)
{
    static const char text[] = "machine: {sysctls: {b: 5}, certSANs: [~, x]}\n"
                               "---\n"
                               "apiVersion: v1alpha1\n"
                               "kind: LinkConfig\n"
                               "name: eth0\n";
    struct bench bench;
    struct cg_trees once = { 0 }, same = { 0 };

    open_bench(&bench);
    load(&bench, "p.yaml", text, false, &once);
    load(&bench, "p.yaml", text, false, &same);
    ck_assert(cg_talos_patch(bench.arena, &bench.docs, &once, bench.diag));
    ck_assert(cg_talos_patch(bench.arena, &bench.docs, &once, bench.diag));
    ck_assert_uint_eq(once.count, same.count);
    for (size_t i = 0; i < same.count; i++) {
        ck_assert(cg_tree_equal(once.roots[i], same.roots[i]));
    }
    /* Nor does the config share nodes with it. */
    cg_tree_set_text(bench.arena,
                     cg_talos_document(&bench.docs, "LinkConfig", "eth0"),
                     "name", "eth1");
    ck_assert(cg_tree_equal(once.roots[1], same.roots[1]));
    close_bench(&bench);
}
END_TEST

START_TEST(test_nodes_keep_their_origin)
{
    struct bench bench;
    const struct cg_tree *sysctls;

    open_bench(&bench);
    ck_assert(patch(&bench, "machine:\n  sysctls:\n    b: '2'\n", false));
    sysctls = cg_tree_path(cg_talos_document(&bench.docs, "", NULL), "machine",
                           "sysctls", NULL);
    ck_assert_str_eq(cg_tree_get(sysctls, "a")->pos.source->name, "config");
    ck_assert_str_eq(cg_tree_get(sysctls, "b")->pos.source->name, "p.yaml");
    ck_assert_uint_eq(cg_tree_get(sysctls, "b")->pos.line, 3);
    close_bench(&bench);
}
END_TEST

START_TEST(test_surprises_are_warned_of)
{
    struct bench bench;

    open_bench(&bench);
    ck_assert(patch(&bench,
                    "apiVersion: v1alpha1\nkind: VolumeConfig\n"
                    "name: EPHEMERAL\nprovisioning:\n  grow: true\n",
                    false));
    ck_assert_uint_eq(cg_diag_warnings(bench.diag), 1);
    ck_assert_ptr_nonnull(strstr(findings(&bench), "warning[patch-clears]"));
    ck_assert_ptr_nonnull(strstr(findings(&bench), "p.yaml:5:3"));
    close_bench(&bench);
}
END_TEST

START_TEST(test_deletion_of_nothing_is_warned_of)
{
    struct bench bench;
    char *before;

    open_bench(&bench);
    before = emit(&bench);
    ck_assert(patch(&bench,
                    "apiVersion: v1alpha1\nkind: KmsgLogConfig\n"
                    "name: b\n$patch: delete\n",
                    false));
    ck_assert_str_eq(emit(&bench), before);
    ck_assert_ptr_nonnull(strstr(findings(&bench),
                                 "p.yaml:4:1: warning[patch-delete]: nothing "
                                 "to delete: the config has no KmsgLogConfig "
                                 "b"));
    ck_assert(patch(&bench,
                    "apiVersion: v1alpha1\nkind: KmsgLogConfig\n"
                    "name: a\n$patch: delete\n",
                    false));
    ck_assert_ptr_null(cg_talos_document(&bench.docs, "KmsgLogConfig", "a"));
    /* the last document of all, too */
    ck_assert(patch(&bench,
                    "apiVersion: v1alpha1\nkind: KmsgLogConfig\nname: z\n"
                    "url: udp://192.0.2.1:514/\n",
                    false));
    ck_assert(patch(&bench,
                    "apiVersion: v1alpha1\nkind: KmsgLogConfig\n"
                    "name: z\n$patch: delete\n",
                    false));
    ck_assert_ptr_null(cg_talos_document(&bench.docs, "KmsgLogConfig", "z"));
    ck_assert_uint_eq(cg_diag_warnings(bench.diag), 1);
    close_bench(&bench);
}
END_TEST

START_TEST(test_what_is_not_judged_is_told)
{
    struct bench bench;

    open_bench(&bench);
    ck_assert(patch(&bench,
                    "machine:\n  baseRuntimeSpecOverrides: {process: {}}\n"
                    "---\napiVersion: v1alpha1\nkind: LinkAliasConfig\n"
                    "name: a\nselector: {match: link.vlan == link.vlan}\n",
                    false));
    ck_assert(!cg_talos_validate(bench.arena, &bench.docs, NULL, bench.diag));
    ck_assert_ptr_nonnull(
        strstr(findings(&bench), "p.yaml:2:29: warning[spec-unchecked]"));
    ck_assert_ptr_nonnull(
        strstr(findings(&bench), "p.yaml:7:19: warning[cel-unchecked]"));
    close_bench(&bench);
}
END_TEST

START_TEST(test_validation_names_the_line)
{
    struct bench bench;

    open_bench(&bench);
    ck_assert(patch(&bench,
                    "machine:\n  nodeLabels:\n    good: x\n    bad: 'y z'\n",
                    false));
    ck_assert(!cg_talos_validate(bench.arena, &bench.docs, NULL, bench.diag));
    ck_assert_ptr_nonnull(
        strstr(findings(&bench),
               "p.yaml:4:10: error[talos-refuses]: machine.nodeLabels: the "
               "value of 'bad'"));
    ck_assert_ptr_nonnull(
        strstr(findings(&bench), "machine.install is missing"));
    close_bench(&bench);
}
END_TEST

#define COUNT(rows) ((int)(sizeof(rows) / sizeof((rows)[0])))

Suite *
suite_cg_talos_patch(void)
{
    Suite *suite = suite_create("cg_talos_patch");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_refused, 0, COUNT(refused));
    tcase_add_test(tcase, test_all_mistakes_in_one_run);
    tcase_add_test(tcase, test_secrets_stay_untold);
    tcase_add_loop_test(tcase, test_empty_patch_changes_nothing, 0,
                        COUNT(empty_patches));
    tcase_add_test(tcase, test_patch_is_not_changed);
    tcase_add_test(tcase, test_nodes_keep_their_origin);
    tcase_add_test(tcase, test_surprises_are_warned_of);
    tcase_add_test(tcase, test_deletion_of_nothing_is_warned_of);
    tcase_add_test(tcase, test_what_is_not_judged_is_told);
    tcase_add_test(tcase, test_validation_names_the_line);
    suite_add_tcase(suite, tcase);
    return suite;
}
