"""What is installed, and what two clusters or two publishers have in common:
the documents are those of Talos' own library, and a finding's twin differs in
one thing."""
import base64
import json
import re
import shutil
import subprocess

import pytest

import configgen_lab as lab
from test_config_ca import dated

GOOD = lab.ROOT / "tests/cases/configgen/good"
IMAGE = ("factory.talos.dev/metal-installer/376567988ad370138ad8b2698212367b8e"
         "dcb69b5fd68c80be1f2ec7d603b4ba:v1.13.3")


@pytest.fixture(scope="module")
def bundle():
    return lab.oracle("gen-secrets", "--contract", "v1.13")


@pytest.fixture
def good(tmp_path, bundle):
    lab.copy_case(GOOD, tmp_path / "in", bundle)
    return tmp_path / "in/inventory.yaml"


def render(inventory, out):
    return lab.run("render", "-i", inventory, "-o", out, "-p", lab.PROFILES)


# ---- machine.install ----

INSTALLS = {
    "disk": ("disk: /dev/vda", "    disk: /dev/vda\n"),
    "serial": ("disk_selector: {serial: S4EVNX0R}",
               "    diskSelector: {serial: S4EVNX0R}\n"),
    "every-condition": (
        "disk_selector: {size: '>= 100GB', type: nvme, model: 'LAB*', "
        "serial: A1, wwid: 'naa.5*', uuid: u1, modalias: 'nvme:*', "
        "bus_path: '/pci0000:00/*'}",
        "    diskSelector: {size: '>= 100GB', type: nvme, model: 'LAB*', "
        "serial: A1, wwid: 'naa.5*', uuid: u1, modalias: 'nvme:*', "
        "busPath: '/pci0000:00/*'}\n"),
    "exact-size": ("disk_selector: {size: 480GiB, type: ssd}",
                   "    diskSelector: {size: 480GiB, type: ssd}\n"),
    "options": (
        "disk: /dev/vda, wipe: true, legacy_bios: true, "
        "grub_use_uki_cmdline: false",
        "    disk: /dev/vda\n    wipe: true\n    legacyBIOSSupport: true\n"
        "    grubUseUKICmdline: false\n"),
    "defaults-said": (
        "disk: /dev/vda, wipe: false, grub_use_uki_cmdline: true",
        "    disk: /dev/vda\n    wipe: false\n    grubUseUKICmdline: true\n"),
}


@pytest.mark.parametrize("case", INSTALLS)
def test_install_equals_the_library(good, tmp_path, bundle, case):
    ours, theirs = INSTALLS[case]
    good.write_text(good.read_text().replace("disk: /dev/vda", ours))
    done = render(good, tmp_path / "out")
    assert (done.returncode, done.stderr) == (0, "")
    (tmp_path / "secrets.yaml").write_text(bundle)
    (tmp_path / "patch.yaml").write_text(
        f"machine:\n  install:\n{theirs}"
        "  nodeLabels: {node.kubernetes.io/location: edge}\n---\n"
        "apiVersion: v1alpha1\nkind: HostnameConfig\n"
        'auto: "off"\nhostname: w1\n')
    want = lab.oracle(
        "gen", "--secrets", tmp_path / "secrets.yaml", "--name", "lab",
        "--endpoint", "https://100.64.0.10:6443", "--kubernetes", "1.34.1",
        "--install-disk", "", "--install-image", IMAGE, "--patch",
        tmp_path / "patch.yaml")
    (tmp_path / "want.yaml").write_text(want)
    config = tmp_path / "out/configs/w1.yaml"
    lab.oracle("validate", config)
    assert json.loads(lab.oracle("canon", config)) == json.loads(
        lab.oracle("canon", tmp_path / "want.yaml"))


# ---- clusters ----

CLUSTERS = """\
version: 1
clusters:
  lab:
    endpoint: https://100.64.0.10:6443
    talos: v1.13.3
    kubernetes: v1.34.1
    secrets: {{command: [cat, secrets.yaml]}}
  second:
    endpoint: https://100.64.0.{host}:6443
    talos: v1.13.3
    kubernetes: v1.34.1
    secrets: {{command: [cat, {bundle}.yaml]}}
sites:
  a: {{cluster: lab, boot: none}}
  b: {{cluster: second, boot: none}}
nodes:
  w1: {{site: a, install: {{disk: /dev/vda}}}}
  w2: {{site: b, install: {{disk: /dev/vda}}}}
"""


@pytest.mark.parametrize("host, name, text", [
    (11, "other", None),
    (10, "other", "have one endpoint, and bundles with different CAs"),
    (11, "secrets", "have one secrets bundle: each trusts the nodes of"),
    (10, "secrets", "have one secrets bundle: each trusts the nodes of"),
])
def test_two_clusters(tmp_path, bundle, host, name, text):
    (tmp_path / "secrets.yaml").write_text(bundle)
    (tmp_path / "other.yaml").write_text(lab.oracle("gen-secrets"))
    inventory = tmp_path / "inventory.yaml"
    inventory.write_text(CLUSTERS.format(host=host, bundle=name))
    lab.write_lock(tmp_path / "images.lock", [])
    done = render(inventory, tmp_path / "out")
    if text is None:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == 1 and not (tmp_path / "out").exists()
        assert f"error[cluster-ca]: clusters 'lab' and 'second' {text}" \
            in done.stderr


def ca_patch(bundle):
    crt = re.search(r"k8s:\n\s+crt: (\S+)", bundle).group(1)
    return f"cluster:\n  ca:\n    crt: {crt}\n"


@pytest.mark.parametrize("endpoint", ["", "  controlPlane:\n    endpoint: "
                                      "https://100.64.0.11:6443\n"])
def test_a_patch_with_another_ca(good, tmp_path, endpoint):
    (good.parent / "ca.yaml").write_text(
        ca_patch(lab.oracle("gen-secrets")) + endpoint)
    good.write_text(good.read_text().replace(
        "    labels:", "    patches: [ca.yaml]\n    labels:", 1))
    done = render(good, tmp_path / "out")
    assert done.returncode == 0
    assert ("warning[ca-endpoint]: a patch gives node 'w1' another CA"
            in done.stderr) == (endpoint == "")


# ---- Matchbox groups of others ----

def foreign(out, selector):
    path = out / "publish/matchbox/groups/foreign.json"
    path.parent.mkdir(parents=True)
    path.write_text(json.dumps({"id": "foreign", "profile": "foreign",
                                **selector}))
    return path


@pytest.mark.parametrize("selector", [{}, {"selector": {}}],
                         ids=["absent", "empty"])
def test_a_default_group(good, tmp_path, selector):
    out = tmp_path / "out"
    path = foreign(out, selector)
    done = render(good, out)
    assert done.returncode == 0 and path.exists()
    assert "warning[matchbox-group]: " in done.stderr
    assert "groups/foreign.json is a default group" in done.stderr


@pytest.mark.parametrize("selector, node", [
    ({"uuid": "9ddf0214-b102-49a3-bec3-d1151498a401"}, "w1"),
    ({"mac": "52:54:00:00:02:02"}, "w2"),
    ({"mac": "52:54:00:00:02:01"}, None),  # w1 is selected by its UUID
    ({"mac": "52:54:00:00:02:02", "rack": "3"}, None),
])
def test_a_group_with_a_node_s_selector(good, tmp_path, selector, node):
    out = tmp_path / "out"
    foreign(out, {"selector": selector})
    before = lab.snapshot(out)
    done = render(good, out)
    if node is None:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert done.returncode == 1 and lab.snapshot(out) == before
        assert f"has the selector of node '{node}'" in done.stderr
        shutil.rmtree(out)
        assert render(good, out).returncode == 0


# ---- the bundle's authorities ----

def replaced(bundle, name, pem):
    """The bundle with another certificate for one of its CAs."""
    text, count = re.subn(rf"(?m)^(\s+{name}:\n\s+crt: )\S+$",
                          rf"\g<1>{base64.b64encode(pem.encode()).decode()}",
                          bundle)
    assert count == 1
    return text


def same_key(folder, bundle, days):
    """A certificate of the bundle's own Kubernetes key, for this many days."""
    key = re.search(r"k8s:\n\s+crt: \S+\n\s+key: (\S+)", bundle).group(1)
    (folder / "k8s.key").write_bytes(base64.b64decode(key))
    constraint = "TRUE" if days else "FALSE"
    done = subprocess.run(
        ["openssl", "req", "-x509", "-new", "-key", "k8s.key", "-subj",
         "/O=kubernetes", "-days", str(days or 3650), "-addext",
         f"basicConstraints=critical,CA:{constraint}"],
        cwd=folder, capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def expired(folder, _):
    return dated(folder, "old", "20200101", "20240229")


@pytest.mark.parametrize("name, make, text", [
    ("k8s", lambda folder, bundle: same_key(folder, bundle, 3650), None),
    ("k8s", lambda folder, bundle: same_key(folder, bundle, 60),
     "warning[bundle-ca]: the bundle's CA 'k8s' expires on 20"),
    ("k8s", lambda folder, bundle: same_key(folder, bundle, 0),
     "error[bundle-ca]: the bundle's CA 'k8s' is no CA (basicConstraints)"),
    ("os", lambda folder, bundle: same_key(folder, bundle, 3650),
     "error[bundle-ca]: the bundle's CA 'os' is that of another key"),
    ("k8s", expired,
     "error[bundle-ca]: the bundle's CA 'k8s' expired on 2024-02-29"),
], ids=["good", "soon", "no-ca", "other-key", "expired"])
def test_authorities(good, tmp_path, bundle, name, make, text):
    changed = replaced(bundle, name, make(tmp_path, bundle))
    (good.parent / "secrets.yaml").write_text(changed)
    done = render(good, tmp_path / "out")
    if text is None:
        assert (done.returncode, done.stderr) == (0, "")
    else:
        assert text in done.stderr
        assert done.returncode == (1 if text.startswith("error") else 0)
        assert (tmp_path / "out").exists() == (done.returncode == 0)
