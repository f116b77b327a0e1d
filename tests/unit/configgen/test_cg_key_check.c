/* What each kind of key takes, and what it refuses. */
#include <string.h>

#include <check.h>

#include "model/cg_key_check.h"
#include "suites.h"
#include "yaml/cg_yaml.h"

static const struct {
    const char *path;
    unsigned level;
    const char *value;
    bool good;
} rows[] = {
    { "talos", CG_AT_NODE, "v1.13.3", true },
    { "talos", CG_AT_NODE, "v1.14.0-rc.1", true },
    { "talos", CG_AT_NODE, "1.13.3", false },
    { "talos", CG_AT_NODE, "v1.13", false },
    { "talos", CG_AT_NODE, "v1.13.3.4", false },
    { "talos", CG_AT_NODE, "v1.013.3", false },
    { "talos", CG_AT_NODE, "latest", false },
    { "kubernetes", CG_AT_CLUSTER, "v1.34.1", true },
    { "kubernetes", CG_AT_CLUSTER, "1.34.1", true },
    { "kubernetes", CG_AT_CLUSTER, "1.34", false },
    { "contract", CG_AT_CLUSTER, "v1.13", true },
    { "contract", CG_AT_CLUSTER, "v1.13.0", false },
    { "contract", CG_AT_CLUSTER, "1.13", false },
    { "endpoint", CG_AT_CLUSTER, "https://100.64.0.1:6443", true },
    { "endpoint", CG_AT_CLUSTER, "https://a.example/x", false },
    { "endpoint", CG_AT_CLUSTER, "http://a.example", false },
    { "endpoint", CG_AT_CLUSTER, "[https://a.example]", false },
    { "hostname", CG_AT_NODE, "w1", true },
    { "hostname", CG_AT_NODE, "{from: platform}", true },
    { "hostname", CG_AT_NODE, "{from: elsewhere}", false },
    { "hostname", CG_AT_NODE, "\"a\\nb\"", false },
    { "hostname", CG_AT_NODE, "", false },
    { "node_ip", CG_AT_NODE, "tailnet", true },
    { "node_ip", CG_AT_NODE, "lan", true },
    { "node_ip", CG_AT_NODE, "[10.0.0.0/8, '!10.1.0.0/16']", true },
    { "node_ip", CG_AT_NODE, "wan", false },
    { "node_ip", CG_AT_NODE, "[10.0.0.0]", false },
    { "network.reserved", CG_AT_CLUSTER, "['!10.0.0.0/8']", false },
    { "network.ports", CG_AT_CLUSTER, "[tcp:1-65535, udp:6081]", true },
    { "network.ports", CG_AT_CLUSTER, "[]", true },
    { "network.ports", CG_AT_CLUSTER, "[6081]", false },
    { "network.ports", CG_AT_CLUSTER, "tcp:6081", false },
    { "network.ports", CG_AT_CLUSTER, "[[tcp:6081]]", false },
    { "tailscale.routes", CG_AT_NODE, "[10.0.20.0/24, 'fd00::/64']", true },
    { "tailscale.routes", CG_AT_NODE, "[10.0.20.1/24]", false },
    { "tailscale.routes", CG_AT_NODE, "['!10.0.20.0/24']", false },
    { "tailscale.routes", CG_AT_NODE, "[[10.0.20.0/24]]", false },
    { "tailscale.routes", CG_AT_NODE, "10.0.20.0/24", false },
    { "tailscale.accept_routes", CG_AT_NODE, "true", true },
    { "tailscale.accept_routes", CG_AT_NODE, "yes please", false },
    { "tailscale.metrics_port", CG_AT_NODE, "9002", true },
    { "tailscale.metrics_port", CG_AT_NODE, "'9002'", false },
    { "tailscale.operators", CG_AT_CLUSTER, "['a@', 'group:b']", true },
    { "tailscale.operators", CG_AT_CLUSTER, "['tag:a']", false },
    { "tailscale.scrapers", CG_AT_CLUSTER, "['tag:a']", true },
    { "tailscale.scrapers", CG_AT_CLUSTER, "'tag:a'", false },
    { "tailscale.groups", CG_AT_CLUSTER, "{'group:a': ['b@']}", true },
    { "tailscale.groups", CG_AT_CLUSTER, "{'group:a': []}", true },
    { "tailscale.groups", CG_AT_CLUSTER, "{'group:a': ['group:b']}", false },
    { "tailscale.groups", CG_AT_CLUSTER, "{'group:a': [[b]]}", false },
    { "tailscale.groups", CG_AT_CLUSTER, "{'group:a@b': ['b@']}", false },
    { "tailscale.groups", CG_AT_CLUSTER, "{a: ['b@']}", false },
    { "tailscale.groups", CG_AT_CLUSTER, "['group:a']", false },
    { "logs.kernel", CG_AT_NODE, "udp://100.64.0.9:6050", true },
    { "logs.kernel", CG_AT_NODE, "[udp://100.64.0.9:6050]", false },
    { "logs.services", CG_AT_NODE, "tcp://100.64.0.9:6051", true },
    { "logs.services", CG_AT_NODE, "tcp://100.64.0.9", false },
    { "labels", CG_AT_NODE, "{a.example/b: c, d: ''}", true },
    { "labels", CG_AT_NODE, "{a: '{site}'}", true },
    { "labels", CG_AT_NODE, "{a: b c}", false },
    { "labels", CG_AT_NODE, "{a b: c}", false },
    { "labels", CG_AT_NODE, "{/a: b}", false },
    { "labels", CG_AT_NODE, "{a/: b}", false },
    { "labels", CG_AT_NODE, "{a: [b]}", false },
    { "labels", CG_AT_NODE, "a=b", false },
    { "taints", CG_AT_NODE, "{a: NoSchedule, b: 'v:NoExecute'}", true },
    { "taints", CG_AT_NODE, "{a: 'PreferNoSchedule'}", true },
    { "taints", CG_AT_NODE, "{a: noschedule}", false },
    { "taints", CG_AT_NODE, "{a: 'v v:NoSchedule'}", false },
    { "taints", CG_AT_NODE, "{a: ''}", false },
    { "taints", CG_AT_NODE, "[a]", false },
    { "modules", CG_AT_NODE, "[a, {b: [c=1, d]}]", true },
    { "modules", CG_AT_NODE, "[{a: [], b: []}]", false },
    { "modules", CG_AT_NODE, "[{a: b}]", false },
    { "modules", CG_AT_NODE, "[[a]]", false },
    { "kubelet.extra_args", CG_AT_NODE, "{a: b, c: [d, e], f: 1}", true },
    { "kubelet.extra_args", CG_AT_NODE, "{a: {b: c}}", false },
    { "patches", CG_AT_NODE, "[a.yaml, {command: [b, c]}]", true },
    { "patches", CG_AT_NODE, "a.yaml", false },
    { "patches", CG_AT_NODE, "[{command: []}]", false },
    { "patches", CG_AT_NODE, "[{command: b}]", false },
    { "patches", CG_AT_NODE, "[{command: [b], more: c}]", false },
    { "patches", CG_AT_NODE, "[{cmd: [b]}]", false },
    { "secrets", CG_AT_CLUSTER, "[a]", false },
    { "hardware.uuid", CG_AT_NODE, "9DDF0214-B102-49A3-BEC3-D1151498A401",
      true },
    { "hardware.uuid", CG_AT_NODE, "00000000-0000-0000-0000-000000000000",
      false },
    { "hardware.uuid", CG_AT_NODE, "x", false },
    { "hardware.macs", CG_AT_NODE, "[52:54:00:00:02:01]", true },
    { "hardware.macs", CG_AT_NODE, "52:54:00:00:02:01", false },
    { "hardware.macs", CG_AT_NODE, "[]", false },
    { "hardware.macs", CG_AT_NODE, "[01:00:5e:00:00:01]", false },
    { "hardware.serial", CG_AT_NODE, "S1", true },
    { "hardware.serial", CG_AT_NODE, "12345", true },
    { "hardware.serial", CG_AT_NODE, "Default string", false },
    { "enroll.ttl", CG_AT_SITE, "24h", true },
    { "enroll.ttl", CG_AT_SITE, "31d", false },
    { "enroll.ttl", CG_AT_SITE, "24", false },
    { "enroll.redeliver", CG_AT_SITE, "0", true },
    { "enroll.redeliver", CG_AT_SITE, "16", true },
    { "enroll.redeliver", CG_AT_SITE, "17", false },
    { "enroll.redeliver", CG_AT_SITE, "-1", false },
    { "enroll.redeliver", CG_AT_SITE, "'2'", false },
    { "enroll.bind_source", CG_AT_SITE, "true", true },
    { "enroll.bind_source", CG_AT_SITE, "yes", false },
    { "boot", CG_AT_SITE, "gate", true },
    { "boot", CG_AT_SITE, "Gate", false },
    { "dhcp.network", CG_AT_SITE, "10.0.0.0/24", true },
    { "dhcp.network", CG_AT_SITE, "10.0.0.0", false },
    { "dhcp.router", CG_AT_SITE, "10.0.0.1", true },
    { "dhcp.router", CG_AT_SITE, "10.0.0.1/24", false },
    { "install.disk", CG_AT_NODE, "/dev/vda", true },
    { "install.disk", CG_AT_NODE, "{model: x}", false },
    { "install.disk", CG_AT_NODE, "null", false },
};

START_TEST(test_check)
{
    struct cg_arena *arena = cg_arena_new();
    struct cg_diag *diag = cg_diag_new(arena);
    const struct cg_key *key = cg_key_find(rows[_i].path, rows[_i].level);
    struct cg_trees trees = { 0 };
    bool good;

    ck_assert_ptr_nonnull(key);
    ck_assert(cg_yaml_load(
        arena, cg_diag_source(diag, "t", ea_bytes_of(rows[_i].value), false),
        diag, &trees));
    if (trees.count == 0) {
        cg_trees_add(arena, &trees, cg_tree_new_null(arena));
    }
    good = cg_key_check(diag, key, trees.roots[0]);
    ck_assert_msg(good == rows[_i].good, "%s: %s", rows[_i].path,
                  rows[_i].value);
    ck_assert((cg_diag_errors(diag) == 0) == good);
    cg_arena_free(arena);
}
END_TEST

Suite *
suite_cg_key_check(void)
{
    Suite *suite = suite_create("cg_key_check");
    TCase *tcase = tcase_create("all");

    tcase_add_loop_test(tcase, test_check, 0,
                        (int)(sizeof(rows) / sizeof(rows[0])));
    suite_add_tcase(suite, tcase);
    return suite;
}
