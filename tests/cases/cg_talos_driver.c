/*
 * Drives talos-configgen/src/talos from a file, for the differential tests:
 *
 *   cg_talos_driver [--no-validate] SPEC.yaml [PATCH.yaml ...]
 *
 * SPEC names the members of struct cg_talos_input; `secrets` is a path. Prints
 * the config and exits 0 (findings, if any, on standard error are warnings), or
 * prints findings and exits 1.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/cg_arena.h"
#include "base/cg_diag.h"
#include "base/cg_file.h"
#include "base/cg_strbuf.h"
#include "talos/cg_talos.h"
#include "yaml/cg_tree.h"
#include "yaml/cg_yaml.h"

static bool
load(struct cg_arena *arena, struct cg_diag *diag, const char *path,
     struct cg_trees *ret)
{
    CG_AUTO_STRBUF struct cg_strbuf text = { 0 };
    struct ea_error err = { 0 };
    const struct cg_source *source;

    if (!cg_file_read(path, CG_YAML_SIZE_MAX, &text, &err)) {
        return cg_error_from(diag, NULL, "file", &err);
    }
    source = cg_diag_source(
        diag, path,
        (struct ea_bytes){
            cg_arena_copy(arena, text.text ? text.text : "", text.len),
            text.len },
        false);
    return cg_yaml_load(arena, source, diag, ret);
}

static void
read_tailscale(const struct cg_tree *map, struct cg_talos_tailscale *ret)
{
    bool accepts_routes = false;

    if (!cg_tree_bool(cg_tree_get(map, "accept_routes"), &accepts_routes)) {
        accepts_routes = false;
    }
    *ret = (struct cg_talos_tailscale){
        .key = cg_tree_get(map, "key"),
        .hostname = cg_tree_get(map, "hostname"),
        .tags = cg_tree_get(map, "tags"),
        .login_server = cg_tree_get(map, "login_server"),
        .routes = cg_tree_get(map, "routes"),
        .accepts_routes = accepts_routes,
        .metrics_port = cg_tree_get(map, "metrics_port"),
        .env = cg_tree_get(map, "env"),
        .pos = map->pos,
    };
}

static bool
run(struct cg_arena *arena, struct cg_diag *diag, char **args, bool validate)
{
    struct cg_trees spec = { 0 }, secrets = { 0 }, docs = { 0 };
    struct cg_talos_tailscale tailscale;
    struct cg_talos_input in = { .role = CG_TALOS_WORKER };
    struct cg_strbuf out = { 0 };
    const struct cg_tree *top;

    if (!load(arena, diag, *args++, &spec)) {
        return false;
    }
    top = spec.roots[0];
    if (!load(arena, diag, cg_tree_get(top, "secrets")->text, &secrets)) {
        return false;
    }
    in.cluster = cg_tree_get(top, "cluster");
    in.endpoint = cg_tree_get(top, "endpoint");
    in.talos = cg_tree_get(top, "talos");
    in.kubernetes = cg_tree_get(top, "kubernetes");
    in.contract = cg_tree_get(top, "contract");
    in.secrets = secrets.roots[0];
    in.disk = cg_tree_get(top, "disk");
    in.image = cg_tree_get(top, "image");
    in.disk_selector = cg_tree_get(top, "disk_selector");
    in.wipe = cg_tree_get(top, "wipe");
    in.legacy_bios = cg_tree_get(top, "legacy_bios");
    in.uki_cmdline = cg_tree_get(top, "uki_cmdline");
    in.hostname = cg_tree_get(top, "hostname");
    in.labels = cg_tree_get(top, "labels");
    in.taints = cg_tree_get(top, "taints");
    in.kubelet_args = cg_tree_get(top, "kubelet_args");
    in.node_ip = cg_tree_get(top, "node_ip");
    in.cni = cg_tree_get(top, "cni");
    in.modules = cg_tree_get(top, "modules");
    in.ignore = cg_tree_get(top, "ignore");
    in.roots = cg_tree_get(top, "roots");
    in.logs_kernel = cg_tree_get(top, "logs_kernel");
    in.logs_services = cg_tree_get(top, "logs_services");
    in.log_tags = cg_tree_get(top, "log_tags");
    in.pos = top->pos;
    if (cg_tree_get(top, "tailscale") != NULL) {
        read_tailscale(cg_tree_get(top, "tailscale"), &tailscale);
        in.tailscale = &tailscale;
    }
    if (!cg_talos_generate(arena, &in, diag, &docs)) {
        return false;
    }
    for (; *args != NULL; args++) {
        struct cg_trees patch = { 0 };

        if (!load(arena, diag, *args, &patch) ||
            !cg_talos_patch(arena, &docs, &patch, diag)) {
            return false;
        }
    }
    if (validate && !cg_talos_validate(arena, &docs, &top->pos, diag)) {
        return false;
    }
    cg_yaml_emit(&out, &docs);
    (void)fputs(out.text, stdout);
    cg_strbuf_release(&out);
    return true;
}

int
main(int argc, char **argv)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_diag *diag = cg_diag_new(arena);
    struct cg_strbuf findings = { 0 };
    bool validate = argc < 2 || strcmp(argv[1], "--no-validate") != 0;
    bool ok;

    argv += validate ? 1 : 2;
    if (*argv == NULL) {
        (void)fputs("usage: cg_talos_driver [--no-validate] SPEC [PATCH...]\n",
                    stderr);
        return 2;
    }
    ok = run(arena, diag, argv, validate);
    cg_diag_format(diag, &findings);
    if (findings.len > 0) {
        (void)fputs(findings.text, stderr);
    }
    cg_strbuf_release(&findings);
    cg_arena_free(arena);
    return ok ? 0 : 1;
}
