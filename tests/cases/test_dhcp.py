"""The DHCP configuration that render writes: its bytes, what dnsmasq itself
thinks of it, and what is refused before any of it is written; and the sample
for Kea."""
import difflib
import json
import re
import subprocess

import pytest

import configgen_lab as lab

CASES = sorted(path.parent for path in
               (lab.ROOT / "tests/cases/configgen").glob("*/dnsmasq"))
SAMPLE = lab.ROOT / "deploy/dnsmasq"


def program(path):
    """Both stand where only root's PATH leads."""
    assert (lab.pathlib.Path(path)).exists(), (
        f"{path} is missing: sh deploy/setup test")
    return path


def dnsmasq(*args):
    """dnsmasq's own judgement; it opens no socket for that."""
    return subprocess.run(
        [program("/usr/sbin/dnsmasq"), "--test", *args], capture_output=True,
        text=True, timeout=60)


def takes(*args):
    done = dnsmasq(*args)
    assert (done.returncode, done.stderr) == (
        0, "dnsmasq: syntax check OK.\n"), (args, done.stderr)


@pytest.fixture(scope="session")
def bundle():
    return lab.oracle("gen-secrets", "--contract", "v1.13")


@pytest.fixture
def render(tmp_path, bundle):
    """Renders a text, again and again into one folder."""
    lab.copy_case(lab.ROOT / "tests/cases/configgen/dhcp-full",
                  tmp_path / "in", bundle)

    def run(text):
        (tmp_path / "in/inventory.yaml").write_text(text)
        return lab.run("render", "-i", "inventory.yaml", "-o", tmp_path / "out",
                       "-p", lab.PROFILES, cwd=tmp_path / "in")
    run.out = tmp_path / "out"
    run.files = lambda: sorted(
        path.name for path in (tmp_path / "out/publish").glob("dnsmasq/*"))
    return run


# ---- bytes, and dnsmasq's judgement ----

@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case, render):
    done = render((case / "inventory.yaml").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    folder = render.out / "publish/dnsmasq"
    want = {path.name: path.read_text() for path in (case / "dnsmasq").iterdir()}
    have = {path.name: path.read_text() for path in folder.iterdir()}
    assert have.keys() == want.keys()
    for name, text in want.items():
        assert have[name] == text, "".join(difflib.unified_diff(
            text.splitlines(True), have[name].splitlines(True), "want", "have"))
        assert (folder / name).stat().st_mode & 0o7777 == 0o640
        takes("-C", folder / name)


def test_five_modes_are_covered():
    assert {case.name for case in CASES} >= {
        f"dhcp-{name}"
        for name in ("full", "proxy", "relay", "two-servers", "cert")}


def test_the_judge_refuses_what_is_no_configuration(tmp_path):
    """So that the word of the judge above means something."""
    path = tmp_path / "one.conf"
    path.write_text("dhcp-range=set:a,10.0.0.10,10.0.0.99,255.255.255.0,12h\n")
    takes("-C", path)
    path.write_text("dhcp-range=set:a,10.0.0.10,10.0.0.99,255.255.255.0,12y\n")
    assert dnsmasq("-C", path).returncode != 0


def test_files_of_several_sites_for_one_server(render):
    """One server behind the relays of all sites reads all their files, beside
    its own; what dnsmasq takes once only stands in that."""
    case = lab.ROOT / "tests/cases/configgen/dhcp-relay"
    assert render((case / "inventory.yaml").read_text()).returncode == 0
    folder = render.out / "publish/dnsmasq"
    assert len(render.files()) == 3
    own = (SAMPLE / "relay.conf").read_text()
    assert "\nport=0\n" in own and "\ndhcp-lease-max=" in own
    conf = render.out / "own.conf"
    conf.write_text(own.replace("/etc/edge-dnsmasq/sites", str(folder)))
    assert str(folder) in conf.read_text()
    takes("-C", conf)
    (folder / "bad.conf").write_text("dhcp-rnage=1\n")
    assert dnsmasq("-C", conf).returncode != 0


def test_the_lab(tmp_path, bundle):
    inventory = lab.copy_lab(tmp_path / "in", bundle)
    lab.configgen("render", "-i", inventory, "-o", tmp_path / "out", "-p",
                  lab.PROFILES)
    files = sorted((tmp_path / "out/publish/dnsmasq").iterdir())
    assert [path.name for path in files] == ["edge-site-1.conf",
                                             "edge-site-2.conf"]
    for path in files:
        takes("-C", path)
    first, second = (path.read_text() for path in files)
    assert "dhcp-host=52:54:00:00:02:01,set:node-edge-worker-1,10.0.20.10\n" \
        in first
    assert "dhcp-host=52:54:00:00:02:04,set:node-edge-worker-4\n" in first
    assert "dhcp-optsfile=/etc/edge-dnsmasq/options\n" in first
    # its nodes show a certificate; the URL stands in their ROM
    assert "edge-url" not in second and "optsfile" not in second
    assert "dhcp-host=52:54:00:00:02:13,set:node-edge-worker-3\n" in second


# ---- what the lines mean ----

def test_two_servers_share_the_range_and_nothing_else_differs(render):
    case = lab.ROOT / "tests/cases/configgen/dhcp-two-servers"
    assert render((case / "inventory.yaml").read_text()).returncode == 0
    folder = render.out / "publish/dnsmasq"
    one, two = ((folder / f"edge-{n}.conf").read_text().splitlines()
                for n in (1, 2))
    differ = [(a, b) for a, b in zip(one, two, strict=True) if a != b]
    assert [a.split("=")[0] for a, _ in differ[1:]] == ["dhcp-range"]
    ranges = [re.search(r"(\d+),10\.0\.20\.(\d+),", line).groups()
              for line in differ[1]]
    assert ranges == [("10", "105"), ("106", "200")]
    # one of two must not refuse the addresses of the other
    assert "dhcp-authoritative" not in one + two


def test_a_proxy_takes_urls_from_the_folder(render, tmp_path):
    """Its answers carry no options, so the lines of edge-auth become
    `dhcp-boot` when dnsmasq starts, and nothing else in the folder does."""
    options = tmp_path / "options"
    options.mkdir()
    case = lab.ROOT / "tests/cases/configgen/dhcp-proxy"
    text = (case / "inventory.yaml").read_text()
    done = render(text.replace("mode: proxy",
                               f"mode: proxy\n      options_dir: {options}"))
    assert (done.returncode, done.stderr) == (0, "")
    conf = (render.out / "publish/dnsmasq/edge.conf").read_text()
    script = re.search("^conf-script=(.*)$", conf, re.MULTILINE).group(1)

    def lines():
        done = subprocess.run(["sh", "-c", script], capture_output=True,
                              text=True, timeout=60)
        assert (done.returncode, done.stderr) == (0, "")
        return done.stdout
    assert lines() == ""
    url = "https://boot.example.net:8443/t/ket1_" + "0" * 49
    (options / "w1.conf").write_text(
        f"tag:edge-url,tag:node-w1,option:bootfile-name,{url}/boot.ipxe\n"
        f"tag:edge-http64,tag:node-w1,option:bootfile-name,{url}/ipxe.efi\n")
    (options / ".w2.conf.tmp").write_text(
        f"tag:edge-url,tag:node-w2,option:bootfile-name,{url}/boot.ipxe\n")
    (options / "bad.conf").write_text(
        f"tag:edge-url,tag:node-w3,option:bootfile-name,{url},x\n"
        "dhcp-script=/bin/true\n"
        f"tag:any,tag:node-w3,option:bootfile-name,{url}\n")
    assert lines() == (f"dhcp-boot=tag:edge-url,tag:node-w1,{url}/boot.ipxe,,"
                       "10.0.20.2\n")
    takes("-C", render.out / "publish/dnsmasq/edge.conf")


# ---- the output folder ----

BASE = """\
version: 1
clusters:
  lab:
    endpoint: https://100.64.0.10:6443
    talos: v1.13.3
    kubernetes: v1.34.1
    secrets: {command: [cat, secrets.yaml]}
    gate: {boot: https://boot.example.net, boot_mtls: https://boot-mtls.example.net, config: https://config.example.net, trust_domain: example.net}
sites:
  edge:
    cluster: lab
    enroll: {require: token, token: node}
    dhcp:
      mode: full
      servers: 1
      address: [10.0.20.5]
      interface: eth0
      network: 10.0.20.0/24
      router: 10.0.20.1
      dns: [10.0.20.2]
      domain: example.net
      range: [10.0.20.10, 10.0.20.200]
      lease: 12h
      rom: {efi64: snponly.efi, script: edge.ipxe, tftp_root: /srv/tftp}
      options_dir: /srv/options
      extra: [log-dhcp]
  beside:
    cluster: lab
    dhcp: {mode: proxy, network: 10.0.21.0/24, address: [10.0.21.5], rom: {bios: undionly.kpxe, tftp_root: /srv/tftp}}
  hub:
    cluster: lab
    dhcp: {mode: relay, network: 10.0.22.0/24, range: [10.0.22.10, 10.0.22.99], relay: {circuit_id: port-1}}
nodes:
  w1:
    site: edge
    hardware: {uuid: 9ddf0214-b102-49a3-bec3-d1151498a401, macs: [52:54:00:00:02:01, 52:54:00:00:02:11]}
    address: 10.0.20.10
    install: {disk: /dev/vda}
  w2:
    site: beside
    hardware: {macs: [52:54:00:00:02:02]}
    install: {disk: /dev/vda}
  w3:
    site: hub
    hardware: {macs: [52:54:00:00:02:03]}
    install: {disk: /dev/vda}
"""


def changed(old, new):
    assert BASE.count(old) == 1, old
    return BASE.replace(old, new)


def test_again_changes_nothing_and_what_is_gone_goes(render):
    assert render(BASE).returncode == 0
    assert render.files() == ["beside.conf", "edge.conf", "hub.conf"]
    folder = render.out / "publish/dnsmasq"
    (folder / "mine.conf").write_text("port=0\n")
    times = {p: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert render(BASE).returncode == 0
    assert times == {p: p.stat().st_mtime_ns for p in folder.iterdir()}
    assert render(changed("mode: proxy", "mode: none")).returncode == 0
    assert render.files() == ["edge.conf", "hub.conf", "mine.conf"]
    two = changed("servers: 1", "servers: 2").replace(
        "[10.0.20.5]", "[10.0.20.5, 10.0.20.6]")
    assert render(two).returncode == 0
    assert render.files() == ["beside.conf", "edge-1.conf", "edge-2.conf",
                              "hub.conf", "mine.conf"]


def test_no_option_is_given_twice(render):
    """dnsmasq takes some once; a line of the user's takes the place of ours."""
    assert render(BASE).returncode == 0
    conf = render.out / "publish/dnsmasq/edge.conf"
    assert "\nport=0\n" in conf.read_text()
    assert render(changed("[log-dhcp]", "[port=53]")).returncode == 0
    assert "port=0" not in conf.read_text()
    takes("-C", conf)
    wide = changed("network: 10.0.20.0/24", "network: 10.0.16.0/20").replace(
        "network: 10.0.21.0/24, address: [10.0.21.5]",
        "network: 10.0.40.0/24, address: [10.0.40.5]").replace(
        "network: 10.0.22.0/24, range: [10.0.22.10, 10.0.22.99]",
        "network: 10.0.41.0/24, range: [10.0.41.10, 10.0.41.99]").replace(
        "range: [10.0.20.10, 10.0.20.200]", "range: [10.0.20.10, 10.0.24.9]")
    assert render(wide).returncode == 0
    assert "\ndhcp-lease-max=1025\n" in conf.read_text()
    assert render(wide.replace("[log-dhcp]", "[dhcp-lease-max = 2000]")
                  ).returncode == 0
    assert conf.read_text().count("dhcp-lease-max") == 1
    takes("-C", conf)


# ---- what is refused ----

LONG = "https://" + "a" * 60 + "." + "b" * 60
REFUSED = [
    ("      network: 10.0.20.0/24\n", "", "dhcp",
     "site 'edge' has 'dhcp.mode: full' and no 'dhcp.network'"),
    ("network: 10.0.20.0/24", "network: 10.0.20.0/31", "dhcp",
     "cannot be served by DHCP"),
    ("network: 10.0.20.0/24", "network: fd00::/64", "dhcp",
     "cannot be served by DHCP"),
    ("      range: [10.0.20.10, 10.0.20.200]\n", "", "dhcp",
     "and no 'dhcp.range'"),
    (", range: [10.0.22.10, 10.0.22.99]", "", "dhcp", "and no 'dhcp.range'"),
    ("range: [10.0.20.10, 10.0.20.200]", "range: [10.0.20.10]", "dhcp",
     "'dhcp.range' takes two IPv4 addresses"),
    ("range: [10.0.20.10, 10.0.20.200]", "range: [10.0.20.200, 10.0.20.10]",
     "dhcp", "last address comes before its first"),
    ("range: [10.0.20.10, 10.0.20.200]", "range: [10.0.20.10, 10.0.30.200]",
     "dhcp", "the range is not in the network 10.0.20.0/24"),
    ("range: [10.0.20.10, 10.0.20.200]", "range: [10.0.20.10, 10.0.20.255]",
     "dhcp", "the range is not in the network 10.0.20.0/24"),
    ("range: [10.0.22.10, 10.0.22.99]",
     "servers: 2, range: [10.0.22.10, 10.0.22.10]", "dhcp",
     "one address cannot be shared by 2 servers"),
    ("router: 10.0.20.1", "router: 10.0.30.1", "dhcp",
     "'dhcp.router': '10.0.30.1' is no address in the network"),
    ("router: 10.0.20.1", "router: 10.0.20.0", "dhcp",
     "is no address in the network"),
    ("router: 10.0.20.1", "router: 10.0.20.20", "dhcp",
     "is in 'dhcp.range' and would be handed out"),
    ("address: [10.0.20.5]", "address: [10.0.30.5]", "dhcp",
     "'dhcp.address': '10.0.30.5' is no address in the network"),
    ("address: [10.0.20.5]", "address: [10.0.20.20]", "dhcp",
     "is in 'dhcp.range'"),
    ("dns: [10.0.20.2]", 'dns: ["10.0.20.2,10.0.20.3"]', "dhcp",
     "is no IPv4 address"),
    (", address: [10.0.21.5]", "", "dhcp",
     "site 'beside' has 'dhcp.mode: proxy' and no 'dhcp.address'"),
    ("servers: 1", "servers: 2", "dhcp",
     "'dhcp.address' names 1 addresses for 2 servers"),
    ("address: [10.0.21.5]", "servers: 2, address: [10.0.21.5, 10.0.21.5]",
     "dhcp", "both servers have the address '10.0.21.5'"),
    ("    dhcp: {mode: proxy", "    dhcp: {servers: 2, mode: proxy", "dhcp",
     "'dhcp.address' names 1 addresses for 2 servers"),
    ("  hub:\n    cluster: lab\n    dhcp: {", "  hub-2:\n    cluster: lab\n"
     "    dhcp: {mode: relay, network: 10.0.40.0/24, "
     "range: [10.0.40.10, 10.0.40.99]}\n  hub:\n    cluster: lab\n"
     "    dhcp: {servers: 2, ", "dhcp", "'hub-2' would have the name of"),
    ("interface: eth0", 'interface: "eth0,eth1"', "dhcp-text",
     "'dhcp.interface' must be"),
    ("interface: eth0", "interface: eth0#1", "dhcp-text",
     "'dhcp.interface' must be"),
    ("interface: eth0", "interface: abcdefghijklmnop", "dhcp-text",
     "'dhcp.interface' must be"),
    ("interface: eth0", 'interface: "eth0\\nport=53"', "wrong-value",
     "must be one line"),
    ("      domain: example.net", '      domain: "example.net,x"', "dhcp-text",
     "'dhcp.domain' must be"),
    ("efi64: snponly.efi", 'efi64: "snponly.efi,x"', "dhcp-text",
     "'dhcp.rom.efi64' must be"),
    ("efi64: snponly.efi", "efi64: ../snponly.efi", "dhcp-text",
     "'dhcp.rom.efi64' must be"),
    ("efi64: snponly.efi", "efi64: /snponly.efi", "dhcp-text",
     "'dhcp.rom.efi64' must be"),
    ("script: edge.ipxe", 'script: "edge.ipxe #"', "dhcp-text",
     "'dhcp.rom.script' must be"),
    ("efi64: snponly.efi, script: edge.ipxe, tftp_root: /srv/tftp",
     "efi64: snponly.efi, script: edge.ipxe, tftp_root: srv/tftp", "dhcp-text",
     "'dhcp.rom.tftp_root' must be"),
    ("options_dir: /srv/options", 'options_dir: "/srv/$(id)"', "dhcp-text",
     "'dhcp.options_dir' must be"),
    ("options_dir: /srv/options", "options_dir: options", "dhcp-text",
     "'dhcp.options_dir' must be"),
    ("circuit_id: port-1", f"circuit_id: {'x' * 256}", "dhcp-text",
     "'dhcp.relay.circuit_id' must be at most 255 bytes"),
    ("circuit_id: port-1", 'remote_id: "a\\nport=53"', "wrong-value",
     "must be one line"),
    ("extra: [log-dhcp]", 'extra: ["log-dhcp\\nport=53"]', "wrong-value",
     "must be one line"),
    ("extra: [log-dhcp]", "extra: ['dhcp-boot=https://b/t/ket1_0']",
     "dhcp-text", "a token stands in 'dhcp.extra'"),
    ("undionly.kpxe", "undionly", "dhcp-rom", "needs a dot in its name"),
    ("require: token,", "require: cert,", "rom-with-key",
     "site 'edge' requires a certificate"),
    ("require: token,", "require: token+cert,", "rom-with-key",
     "site 'edge' requires a certificate"),
    ("boot: https://boot.example.net", f"boot: {LONG}", "dhcp-url",
     "site 'beside' would have 196 characters with their token, and a "
     "proxy's answer carries 127"),
    ("boot: https://boot.example.net", f"boot: {LONG}.{'c' * 55}", "dhcp-url",
     "site 'edge' would have 257 characters with their token, and a DHCP "
     "option carries 255"),
    ("address: 10.0.20.10\n", "address: 10.0.20.1\n", "dhcp-reservation",
     "is the router's at site 'edge'"),
    ("address: 10.0.20.10\n", "address: 10.0.20.5\n", "dhcp-reservation",
     "is the DHCP server's at site 'edge'"),
    ("address: 10.0.20.10\n", "address: 10.0.20.0\n", "dhcp-reservation",
     "is the network's own at site 'edge'"),
    ("address: 10.0.20.10\n", "address: 10.0.20.255\n", "dhcp-reservation",
     "is the network's broadcast address at site 'edge'"),
    (", 52:54:00:00:02:11]", ", 52:54:00:00:02:01]", "duplicate-id",
     "'52:54:00:00:02:01' of node 'w1' belongs to node 'w1' already"),
    ("macs: [52:54:00:00:02:03]", "macs: [52:54:00:00:02:02]", "duplicate-id",
     "'52:54:00:00:02:02' of node 'w3' belongs to node 'w2' already"),
    ("macs: [52:54:00:00:02:03]", "uuid: 9ddf0214-b102-49a3-bec3-d1151498a403",
     "dhcp-mac", "node 'w3' has a token of its own and no MAC"),
    ("servers: 1", "servers: 3", "wrong-value", "dhcp.servers"),
    ("lease: 12h", "lease: 60s", "wrong-value", "dhcp.lease"),
]


@pytest.mark.parametrize("old, new, word, message", REFUSED)
def test_refused(render, old, new, word, message):
    done = render(changed(old, new))
    assert done.returncode == 1
    found = [line for line in done.stderr.splitlines()
             if re.match(r"inventory\.yaml:\d+:\d+: error", line)]
    assert any(f"error[{word}]" in line and message in line for line in found), \
        done.stderr
    assert not render.out.exists()
    done = render(BASE)
    assert (done.returncode, done.stderr) == (0, "")
    assert len(render.files()) == 3


# What differs in one thing from a refused one, and is fine.
ACCEPTED = [
    ("network: 10.0.20.0/24", "network: 10.0.20.77/24"),
    ("range: [10.0.20.10, 10.0.20.200]", "range: [10.0.20.10, 10.0.20.254]"),
    ("range: [10.0.22.10, 10.0.22.99]",
     "servers: 2, range: [10.0.22.10, 10.0.22.11]"),
    ("      address: [10.0.20.5]\n", ""),
    ("      router: 10.0.20.1\n", ""),
    ("mode: relay,", "mode: relay, address: [192.0.2.7],"),
    ("interface: eth0", "interface: br-lan.10"),
    ("interface: eth0", "interface: abcdefghijklmno"),
    ("efi64: snponly.efi", "efi64: x86_64/snponly.efi"),
    ("circuit_id: port-1", f"circuit_id: {'x' * 255}"),
    ("circuit_id: port-1", "circuit_id: 'a, \"b\" # \\ c'"),
    ("circuit_id: port-1", "circuit_id: 'a:b'"),
    ("circuit_id: port-1", "circuit_id: '00:04:00:0a'"),
    ("circuit_id: port-1", "subscriber_id: ':'"),
    ("undionly.kpxe", "undionly.0"),
    ("macs: [52:54:00:00:02:03]", "macs: [52:54:00:00:02:04]"),
    ("lease: 12h", "lease: 120s"),
    ("  hub:\n    cluster: lab\n", "  hub:\n    cluster: lab\n"
     "    enroll: {require: cert}\n"),
    ("  hub:\n    cluster: lab\n", "  hub:\n    cluster: lab\n"
     "    enroll: {token: site}\n"),
]


@pytest.mark.parametrize("old, new", ACCEPTED)
def test_accepted(render, old, new):
    done = render(changed(old, new))
    assert (done.returncode, done.stderr) == (0, "")
    for path in (render.out / "publish/dnsmasq").iterdir():
        takes("-C", path)


def test_a_node_without_mac_where_no_token_is_its_own(render):
    """The refused twin is above: a token per node, and no MAC."""
    bare = changed("macs: [52:54:00:00:02:03]",
                   "uuid: 9ddf0214-b102-49a3-bec3-d1151498a403")
    for policy in ("{token: site}", "{require: cert}"):
        assert render(bare.replace(
            "  hub:\n    cluster: lab\n",
            f"  hub:\n    cluster: lab\n    enroll: {policy}\n")
        ).returncode == 0


@pytest.mark.parametrize("old, new, word", [
    ("boot: https://boot.example.net", f"boot: https://{'a' * 47}", None),
    ("boot: https://boot.example.net", f"boot: https://{'a' * 48}", "dhcp-url"),
    ("script: edge.ipxe, tftp_root: /srv/tftp", "script: edge.ipxe",
     "dhcp-rom"),
    ("efi64: snponly.efi, script: edge.ipxe, tftp_root: /srv/tftp",
     "script: edge.ipxe", "dhcp-rom"),
    ("efi64: snponly.efi, script: edge.ipxe, tftp_root: /srv/tftp",
     "script: edge.ipxe, tftp_root: /srv/tftp", None),
    ("    hardware: {macs: [52:54:00:00:02:02]}",
     "    hardware: {macs: [52:54:00:00:02:02]}\n    address: 10.0.21.20",
     "dhcp-reservation"),
])
def test_warned(render, old, new, word):
    done = render(changed(old, new))
    assert done.returncode == 0
    if word is None:
        assert "warning[" not in done.stderr, done.stderr
    else:
        assert f"warning[{word}]" in done.stderr, done.stderr
    assert "error" not in done.stderr.replace("0 errors", "")


# ---- Kea ----

def kea(path):
    done = subprocess.run([program("/usr/sbin/kea-dhcp4"), "-t", str(path)],
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout + done.stderr


def urls(folder):
    return subprocess.run(["sh", SAMPLE / "kea-urls", folder], timeout=60,
                          capture_output=True, text=True)


URL = "https://boot.example.net:8443/t/ket1_" + "0" * 49


@pytest.fixture
def options(tmp_path):
    """As edge-auth --dnsmasq writes it, with what may lie about there."""
    folder = tmp_path / "options"
    folder.mkdir()
    for node in ("edge-worker-1", "edge-worker-2"):
        (folder / f"{node}.conf").write_text("".join(
            f"tag:{tag},tag:node-{node},option:bootfile-name,{URL}/{file}\n"
            for tag, file in (("edge-url", "boot.ipxe"),
                              ("edge-http64", "ipxe.efi"),
                              ("edge-httparm64", "ipxe-arm64.efi"))))
    (folder / ".edge-worker-3.conf.tmp").write_text("tag:edge-url\n")
    (folder / "bad.conf").write_text(
        'tag:edge-url,tag:node-x,option:bootfile-name,https://a/"}\n')
    return folder


def sample(tmp_path, text):
    """Kea's sample with these URLs included, for any machine's interfaces."""
    (tmp_path / "urls.json").write_text(text)
    conf = (SAMPLE / "kea-dhcp4.json").read_text()
    for old, new in (("/etc/kea/edge-urls.json", f"{tmp_path}/urls.json"),
                     ('"interfaces": [ "eth0" ]', '"interfaces": [ "*" ]')):
        assert conf.count(old) == 1
        conf = conf.replace(old, new)
    (tmp_path / "kea.json").write_text(conf)
    return tmp_path / "kea.json"


def test_kea_takes_the_sample_and_the_urls(tmp_path, options):
    done = urls(options)
    assert (done.returncode, done.stderr) == (0, "")
    classes = json.loads("[" + done.stdout.lstrip(", ") + "]")
    assert [entry["name"] for entry in classes] == [
        f"{tag}+node-edge-worker-{n}" for n in (1, 2)
        for tag in ("edge-url", "edge-http64", "edge-httparm64")]
    assert classes[0] == {
        "name": "edge-url+node-edge-worker-1",
        "test": "member('edge-url') and member('node-edge-worker-1')",
        "option-data": [{"name": "boot-file-name", "data": f"{URL}/boot.ipxe"}]}
    status, said = kea(sample(tmp_path, done.stdout))
    assert status == 0, said


def test_kea_without_a_token(tmp_path, options):
    for path in options.glob("*.conf"):
        path.unlink()
    done = urls(options)
    assert (done.returncode, done.stdout) == (0, "")
    status, said = kea(sample(tmp_path, done.stdout))
    assert status == 0, said


def test_kea_refuses_a_node_that_it_does_not_know(tmp_path, options):
    (options / "w9.conf").write_text(
        f"tag:edge-url,tag:node-w9,option:bootfile-name,{URL}/boot.ipxe\n")
    status, said = kea(sample(tmp_path, urls(options).stdout))
    assert status != 0 and "node-w9" in said
    (options / "w9.conf").unlink()
    status, said = kea(sample(tmp_path, urls(options).stdout))
    assert status == 0, said


def test_urls_of_no_folder(tmp_path):
    done = urls(tmp_path / "none")
    assert done.returncode == 2 and done.stdout == "" and "usage" in done.stderr
