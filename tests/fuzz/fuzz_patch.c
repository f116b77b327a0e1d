/* Any patch on a small config: it is merged or refused with a finding, twice
 * with the same result; the patch itself is not changed; what was merged can be
 * judged, and an empty patch then changes nothing. Of a decrypted patch no
 * source line is shown. */
#include <string.h>

#include "fuzz.h"
#include "talos/cg_talos.h"
#include "yaml/cg_yaml.h"

static const char config[] =
    "version: v1alpha1\n"
    "machine:\n"
    "  type: worker\n"
    "  ca: {crt: YQ==, key: ''}\n"
    "  certSANs: [a]\n"
    "  sysctls: {a: '1'}\n"
    "  install: {disk: /dev/vda, diskSelector: {size: '> 1GB'}}\n"
    "  kubelet: {extraArgs: {a: b}, extraConfig: {n: 1, l: [1], m: {a: b}}}\n"
    "  network:\n"
    "    interfaces:\n"
    "      - {interface: eth0, vlans: [{vlanId: 5}], addresses: [10.0.0.1/8]}\n"
    "      - {deviceSelector: {driver: d}, dhcp: true}\n"
    "cluster:\n"
    "  controlPlane: {endpoint: 'https://h:6443/p'}\n"
    "  network: {podSubnets: [10.1.0.0/16]}\n"
    "---\n"
    "apiVersion: v1alpha1\n"
    "kind: VolumeConfig\n"
    "name: EPHEMERAL\n"
    "provisioning: {minSize: 1GB, maxSize: 5GB, diskSelector: {match: "
    "'true'}}\n"
    "---\n"
    "apiVersion: v1alpha1\n"
    "kind: ExtensionServiceConfig\n"
    "name: a\n"
    "environment: [A=b]\n"
    "configFiles: [{content: a, mountPath: /a}]\n";

/* One run, in an arena of its own. */
struct run {
    struct cg_arena *arena;
    struct cg_diag *diag;
    struct cg_trees docs, patch;
    struct cg_strbuf out, shown;
    bool loaded, merged, valid;
};

static void
emit(const struct cg_trees *docs, struct cg_strbuf *out)
{
    cg_yaml_emit(out, docs);
    cg_strbuf_puts(out, "");
}

static void
start(struct run *run, struct ea_bytes text, bool secret)
{
    *run = (struct run){ .arena = cg_arena_new() };
    run->diag = cg_diag_new(run->arena);
    MUST(cg_yaml_load(
        run->arena,
        cg_diag_source(run->diag, "config", ea_bytes_of(config), false),
        run->diag, &run->docs));
    run->loaded = cg_yaml_load(run->arena,
                               cg_diag_source(run->diag, "patch", text, secret),
                               run->diag, &run->patch);
    if (run->loaded) {
        run->merged =
            cg_talos_patch(run->arena, &run->docs, &run->patch, run->diag);
        MUST(run->merged == (cg_diag_errors(run->diag) == 0));
    }
    if (run->merged) {
        emit(&run->docs, &run->out);
        run->valid = cg_talos_validate(run->arena, &run->docs, NULL, run->diag);
        MUST(run->valid == (cg_diag_errors(run->diag) == 0));
    }
    cg_diag_format(run->diag, &run->shown);
    cg_strbuf_puts(&run->shown, "");
}

static void
stop(struct run *run)
{
    cg_strbuf_release(&run->out);
    cg_strbuf_release(&run->shown);
    cg_arena_free(run->arena);
}

static void
patch_with_nothing(struct run *run)
{
    struct cg_trees nothing = { 0 };
    struct cg_strbuf again = { 0 };

    MUST(cg_talos_patch(run->arena, &run->docs, &nothing, run->diag));
    emit(&run->docs, &again);
    MUST(ea_bytes_equal(cg_strbuf_bytes(&again), cg_strbuf_bytes(&run->out)));
    cg_strbuf_release(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct ea_bytes text = { (const char *)data, size };
    struct run first, second, hidden;

    start(&first, text, false);
    start(&second, text, false);
    MUST(first.merged == second.merged && first.valid == second.valid);
    MUST(ea_bytes_equal(cg_strbuf_bytes(&first.shown),
                        cg_strbuf_bytes(&second.shown)));
    if (first.merged) {
        MUST(ea_bytes_equal(cg_strbuf_bytes(&first.out),
                            cg_strbuf_bytes(&second.out)));
        patch_with_nothing(&first);
    }
    start(&hidden, text, true);
    MUST(hidden.merged == first.merged);
    if (strstr(hidden.shown.text, "config:") == NULL) {
        MUST(strstr(hidden.shown.text, "\n      | ") == NULL);
    }
    stop(&hidden);
    stop(&second);
    stop(&first);
    return 0;
}
