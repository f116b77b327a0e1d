"""What talos-configgen makes of an input is what Talos' own library makes of it:
decoded by the library both are the same, and what one refuses the other does.

The part under test is talos-configgen/src/talos, driven by a small program of
its own: the findings that `render` adds would refuse some of these inputs."""
import json
import os
import pathlib
import subprocess

import pytest

from talos_merges import MERGES, doc
from talos_refusals import REFUSALS

ROOT = pathlib.Path(__file__).resolve().parents[2]
BUILD = ROOT / "build" / os.environ.get("FLAVOUR", "plain")
DRIVER = BUILD / "test/cg-talos-driver"
ORACLE = ROOT / "build/tools/talos-oracle"
TABLES = ROOT / "talos-configgen/src/talos"
MACHINERY = "github.com/siderolabs/talos/pkg/machinery"

BASE = {"cluster": "lab", "endpoint": "https://10.0.0.1:6443",
        "talos": "v1.13.3", "kubernetes": "v1.34.1", "contract": "v1.13",
        "disk": "/dev/vda", "image": "factory.talos.dev/metal-installer/"
        "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
        ":v1.13.3"}


def run(*args, data=None):
    return subprocess.run([str(arg) for arg in args], capture_output=True,
                          text=True, input=data, timeout=120)


class Bench:
    """One secrets bundle, and files to hand to both sides."""

    def __init__(self, folder):
        self.folder = folder
        self.secrets = folder / "secrets.yaml"
        made = run(ORACLE, "gen-secrets")
        assert made.returncode == 0, made.stderr
        self.secrets.write_text(made.stdout)

    def files(self, patches):
        if isinstance(patches, str):
            patches = [patches]
        paths = []
        for number, text in enumerate(patches):
            paths.append(self.folder / f"patch-{number}.yaml")
            paths[-1].write_text(text)
        return paths

    def ours(self, patches, *options, **members):
        spec = self.folder / "spec.yaml"
        spec.write_text(json.dumps(dict(BASE, secrets=str(self.secrets),
                                        **members)))
        return run(DRIVER, *options, spec, *self.files(patches))

    def theirs(self, patches):
        args = []
        for path in self.files(patches):
            args += ["--patch", path]
        return run(ORACLE, "gen", "--secrets", self.secrets, "--name",
                   BASE["cluster"], "--endpoint", BASE["endpoint"],
                   "--kubernetes", BASE["kubernetes"], "--install-disk",
                   BASE["disk"], "--install-image", BASE["image"], *args)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    return Bench(tmp_path_factory.mktemp("talos"))


def canon(text):
    done = run(ORACLE, "canon", data=text)
    assert done.returncode == 0, done.stderr + text
    return json.loads(done.stdout)


def assert_equal(ours, theirs):
    assert ours.returncode == 0, ours.stderr
    assert theirs.returncode == 0, theirs.stderr
    assert canon(ours.stdout) == canon(theirs.stdout)


def assert_valid(config):
    done = run(ORACLE, "validate", data=config.stdout)
    assert done.returncode == 0, done.stderr


def labels(rows):
    return [row[0] for row in rows]


def test_a_worker_without_patches(bench):
    ours = bench.ours([])
    assert_equal(ours, bench.theirs([]))
    assert_valid(ours)


@pytest.mark.parametrize("patches", [row[1] for row in MERGES],
                         ids=labels(MERGES))
def test_merge(bench, patches):
    assert_equal(bench.ours(patches, "--no-validate"), bench.theirs(patches))


def test_labels_are_unique():
    for rows in (MERGES, REFUSALS):
        assert len(set(labels(rows))) == len(rows)


@pytest.mark.parametrize("refused,accepted", [row[1:] for row in REFUSALS],
                         ids=labels(REFUSALS))
def test_refusal_and_twin(bench, refused, accepted):
    ours, theirs = bench.ours(refused), bench.theirs(refused)
    if theirs.returncode == 0:
        theirs = run(ORACLE, "validate", data=theirs.stdout)
    assert theirs.returncode != 0, "the library accepts it"
    assert ours.returncode == 1, "we accept it"
    assert "error[" in ours.stderr
    assert ours.stdout == ""

    ours, theirs = bench.ours(accepted), bench.theirs(accepted)
    assert_equal(ours, theirs)
    assert_valid(theirs)


# Patches that say nothing; the library has no word for them, we ignore them.
@pytest.mark.parametrize("text", ["", "# nothing\n", "---\n---\n", "{}\n",
                                  "version: v1alpha1\n", "null\n"])
def test_an_empty_patch_changes_nothing(bench, text):
    assert bench.ours([text]).stdout == bench.ours([]).stdout


def test_output_is_the_same_each_time(bench):
    patches = [patch for row in MERGES[:40] for patch in row[1]]
    first = bench.ours(patches, "--no-validate")
    assert first.returncode == 0, first.stderr
    assert first.stdout == bench.ours(patches, "--no-validate").stdout


ROOTS = "-----BEGIN CERTIFICATE-----\nabc\n-----END CERTIFICATE-----\n"

# Typed settings of the inventory, and the patch that means the same.
TYPED = [
    ("hostname", {"hostname": "edge-1"},
     doc("HostnameConfig", "auto: off\nhostname: edge-1\n")),
    ("a hostname that looks like a number", {"hostname": "007"},
     doc("HostnameConfig", "auto: off\nhostname: '007'\n")),
    ("labels", {"labels": {"topology.kubernetes.io/zone": "a", "rack": "1"}},
     "machine: {nodeLabels: {topology.kubernetes.io/zone: a, rack: '1'}}\n"),
    ("taints", {"taints": {"a/b": "edge:NoSchedule", "c": "NoExecute"}},
     "machine: {kubelet: {extraConfig: {registerWithTaints: ["
     "{key: a/b, value: edge, effect: NoSchedule},"
     "{key: c, effect: NoExecute}]}}}\n"),
    ("taints from v1.14 on",
     {"taints": {"c": "x:NoExecute"}, "talos": "v1.14.0",
      "image": "example.org/installer:v1.14.0"},
     "machine: {nodeTaints: {c: 'x:NoExecute'}, install: {image:"
     " 'example.org/installer:v1.14.0'}}\n"),
    ("no taints", {"taints": {}}, ""),
    ("kubelet arguments",
     {"kubelet_args": {"cloud-provider": "external", "v": ["1", "2"]}},
     "machine: {kubelet: {extraArgs: {cloud-provider: external,"
     " v: ['1', '2']}}}\n"),
    ("node ip", {"node_ip": ["100.64.0.0/10", "!10.0.0.0/8"]},
     "machine: {kubelet: {nodeIP: {validSubnets: [100.64.0.0/10,"
     " '!10.0.0.0/8']}}}\n"),
    ("cni", {"cni": "none"}, "cluster: {network: {cni: {name: none}}}\n"),
    ("modules", {"modules": [{"name": "drbd", "parameters": ["a=b"]},
                             {"name": "zfs"}]},
     "machine: {kernel: {modules: [{name: drbd, parameters: [a=b]},"
     " {name: zfs}]}}\n"),
    ("ignored interfaces", {"ignore": ["ens9", "ens10"]},
     "machine: {network: {interfaces: [{interface: ens9, ignore: true},"
     " {interface: ens10, ignore: true}]}}\n"),
    ("roots", {"roots": {"own": ROOTS}},
     doc("TrustedRootsConfig", "certificates: %s\n" % json.dumps(ROOTS),
         "own")),
    ("tailscale", {"tailscale": {
        "key": "@edge-auth:tailscale-key@", "hostname": "edge-1",
        "tags": ["tag:a", "tag:b"], "login_server": "https://h.example",
        "env": {"TS_ROUTES": "10.0.0.0/8"}}},
     doc("ExtensionServiceConfig", "environment:\n"
         "  - TS_AUTHKEY=@edge-auth:tailscale-key@\n"
         "  - TS_AUTH_ONCE=true\n  - TS_HOSTNAME=edge-1\n"
         "  - TS_EXTRA_ARGS=--advertise-tags=tag:a,tag:b"
         " --login-server=https://h.example\n"
         "  - TS_ROUTES=10.0.0.0/8\n", "tailscale")),
    ("tailscale, everything typed", {"tailscale": {
        "key": "k", "hostname": "edge-1",
        "routes": ["10.0.20.0/24", "fd00:20::/64"], "accept_routes": True,
        "login_server": "https://h.example", "metrics_port": 9002,
        "env": {"TS_ACCEPT_DNS": "false"}}},
     doc("ExtensionServiceConfig", "environment:\n"
         "  - TS_AUTHKEY=k\n  - TS_AUTH_ONCE=true\n  - TS_HOSTNAME=edge-1\n"
         "  - TS_ROUTES=10.0.20.0/24,fd00:20::/64\n"
         "  - TS_EXTRA_ARGS=--login-server=https://h.example"
         " --accept-routes\n"
         "  - TS_ENABLE_METRICS=true\n  - TS_LOCAL_ADDR_PORT=[::]:9002\n"
         "  - TS_ACCEPT_DNS=false\n", "tailscale")
     + "---\n" + doc("NetworkRuleConfig", "portSelector: {ports: [9002],"
                     " protocol: tcp}\ningress: [{subnet: 100.64.0.0/10},"
                     " {subnet: 'fd7a:115c:a1e0::/48'}]\n",
                     "edge-tailscale-metrics")),
    ("no routes any more", {"tailscale": {"routes": []}},
     doc("ExtensionServiceConfig", "environment: [TS_AUTH_ONCE=true,"
         " TS_ROUTES=]\n", "tailscale")),
    ("accepted routes alone", {"tailscale": {"accept_routes": True}},
     doc("ExtensionServiceConfig", "environment: [TS_AUTH_ONCE=true,"
         " TS_EXTRA_ARGS=--accept-routes]\n", "tailscale")),
    ("the kernel's log", {"logs_kernel": "udp://[fd7a:115c:a1e0::9]:6050"},
     doc("KmsgLogConfig", "url: 'udp://[fd7a:115c:a1e0::9]:6050'\n",
         "edge-logs")),
    ("the services' logs", {"logs_services": "tcp://logs.example.net:6051",
                            "log_tags": {"node": "007", "site": "edge"}},
     "machine: {logging: {destinations: [{endpoint:"
     " 'tcp://logs.example.net:6051', format: json_lines,"
     " extraTags: {node: '007', site: edge}}]}}\n"),
    ("tailscale without a key", {"tailscale": {"hostname": "a"}},
     doc("ExtensionServiceConfig", "environment: [TS_AUTH_ONCE=true,"
         " TS_HOSTNAME=a]\n", "tailscale")),
]


@pytest.mark.parametrize("members,patch", [row[1:] for row in TYPED],
                         ids=labels(TYPED))
def test_typed_settings(bench, members, patch):
    ours = bench.ours([], **members)
    assert_equal(ours, bench.theirs([patch] if patch else []))
    assert_valid(ours)


def test_taints_that_kubernetes_refuses(bench):
    patch = "machine: {nodeTaints: {a: 'b:NoExecute'}}\n"
    old = bench.ours(patch)
    new = bench.ours(patch, image="example.org/installer:v1.14.0")
    assert old.returncode == new.returncode == 0
    assert "warning[taint-refused]" in old.stderr
    assert new.stderr == ""


def test_patches_meet_typed_settings(bench):
    patches = ["machine: {nodeLabels: {rack: two}, kernel: {modules:"
               " [{name: zfs}]}}\n",
               doc("ExtensionServiceConfig", "environment: [A=b]\n",
                   "tailscale")]
    ours = bench.ours(patches, labels={"rack": "one", "zone": "z"},
                      modules=[{"name": "drbd"}], tailscale={"key": "k"})
    typed = ("machine: {nodeLabels: {rack: one, zone: z}, kernel: {modules:"
             " [{name: drbd}]}}\n---\n"
             + doc("ExtensionServiceConfig", "environment: [TS_AUTHKEY=k,"
                   " TS_AUTH_ONCE=true]\n", "tailscale"))
    assert_equal(ours, bench.theirs([typed, *patches]))


# Mistakes in the input itself: what is wrong, the member and a good value.
INPUTS = [
    ("contract", "v1.2", "1.13"),
    ("endpoint", "https://", "https://a:1"),
    ("hostname", "." * 3, "a.b"),
    ("labels", {"a b": "c"}, {"a-b": "c"}),
    ("taints", {"a": "b:Never"}, {"a": "b:NoExecute"}),
    ("node_ip", ["lan"], ["10.0.0.0/8"]),
    ("logs_kernel", "tcp://10.0.0.9", "tcp://10.0.0.9:6050"),
    ("logs_kernel", "https://10.0.0.9:6050", "udp://10.0.0.9:6050"),
    ("logs_services", "https://10.0.0.9:6051", "tcp://10.0.0.9:6051"),
]


@pytest.mark.parametrize("member,bad,good", INPUTS,
                         ids=[f"{row[0]}: {row[1]}" for row in INPUTS])
def test_input(bench, member, bad, good):
    refused = bench.ours([], **{member: bad})
    assert refused.returncode == 1
    assert "spec.yaml:" in refused.stderr
    assert bench.ours([], **{member: good}).returncode == 0


def with_member(text, path, value):
    """The YAML with another value of one member; block style, as written by
    the library."""
    lines, way = text.splitlines(), path.split(".")
    for number, line in enumerate(lines):
        if line.strip().split(":")[0] != way[0]:
            continue
        way.pop(0)
        if not way:
            lines[number] = f"{line.split(':')[0]}: {value}"
            return "\n".join(lines) + "\n"
    raise AssertionError(path)


@pytest.mark.parametrize("path", ["cluster.id", "cluster.secret",
                                  "secrets.bootstraptoken",
                                  "trustdinfo.token", "certs.os.crt",
                                  "certs.k8s.crt"])
@pytest.mark.parametrize("value", ["", "''", "ENC[AES256_GCM,data:x]"],
                         ids=["null", "empty", "encrypted"])
def test_secrets(bench, path, value):
    good = bench.secrets.read_text()
    bench.secrets.write_text(with_member(good, path, value))
    refused = bench.ours([])
    bench.secrets.write_text(good)
    assert refused.returncode == 1
    assert path in refused.stderr
    assert bench.ours([]).returncode == 0


def go(*args):
    done = run(ROOT / "tests/oracle/go.sh", *args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def test_the_table_has_every_field_of_the_library(tmp_path):
    module = go("list", "-C", ROOT / "tests/oracle/talos", "-m", "-f",
                "{{.Dir}}", MACHINERY).strip()
    go("run", "-C", ROOT / "tests/oracle/talos", "./fields", "-schema",
       f"{module}/config/schemas/config.schema.json", "-out", tmp_path)
    names = sorted(path.name for path in tmp_path.iterdir())
    assert len(names) == 5
    for name in names:
        assert (TABLES / name).read_text() == (tmp_path / name).read_text()
