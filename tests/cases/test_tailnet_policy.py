"""`talos-configgen tailnet-policy`: exact bytes, what the policy opens and what it
does not, and that a real Headscale takes it."""
import contextlib
import ipaddress
import itertools
import json
import sqlite3
import subprocess

import pytest

import configgen_lab as lab

CASES = sorted((lab.ROOT / "tests/cases/tailnet_policy").iterdir())
FORMATS = ("grants", "acls")
HEADSCALE = lab.TOOLS / "headscale"
CONFIG = """\
server_url: http://127.0.0.1:8080
listen_addr: 127.0.0.1:8080
noise: {{private_key_path: {0}/noise.key}}
prefixes: {{v4: 100.64.0.0/10, v6: "fd7a:115c:a1e0::/48"}}
database: {{type: sqlite, sqlite: {{path: {0}/db.sqlite}}}}
derp: {{urls: [], paths: [], server: {{enabled: false}}}}
dns: {{magic_dns: false, override_local_dns: false, base_domain: tailnet.test}}
policy: {{mode: database}}
unix_socket: {0}/headscale.sock
disable_check_updates: true
log: {{level: warn}}
"""


def policy(inventory, *more):
    return lab.run("tailnet-policy", "-i", "inventory.yaml", *more,
                   cwd=inventory.parent)


def good(inventory, *more):
    done = policy(inventory, *more)
    assert done.returncode == 0, done.stderr
    return done.stdout


@pytest.fixture
def headscale(tmp_path):
    """Judges a policy without a server; a database is made for it."""
    assert HEADSCALE.exists(), f"{HEADSCALE} is missing: run `make join-tools`"
    config = tmp_path / "headscale.yaml"
    config.write_text(CONFIG.format(tmp_path))

    def check(text):
        file = tmp_path / "policy.json"
        file.write_text(text)
        return subprocess.run(
            [HEADSCALE, "-c", config, "policy", "check", "--force",
             "--bypass-grpc-and-access-database-directly", "-f", file],
            capture_output=True, text=True, timeout=60)
    return check


# ---- bytes ----

@pytest.mark.parametrize("word", FORMATS)
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
def test_case(case, word):
    done = policy(case / "inventory.yaml", "--format", word)
    assert done.stdout == (case / f"{word}.json").read_text()
    assert done.stderr == (case / "expected").read_text()
    assert done.returncode == 0
    assert done.stdout == policy(case / "inventory.yaml", "--format",
                                 word).stdout


def test_grants_unless_told_otherwise():
    inventory = CASES[-1] / "inventory.yaml"
    assert good(inventory) == good(inventory, "--format", "grants")


# ---- Headscale ----

@pytest.mark.parametrize("word", FORMATS)
@pytest.mark.parametrize("case", CASES, ids=lambda path: path.name)
@pytest.mark.parametrize("owner", ["tag:edge-provisioner", "edge-keyd@"])
def test_headscale_takes_it(case, word, owner, headscale):
    text = good(case / "inventory.yaml", "--format", word, "--owner", owner)
    done = headscale(text)
    assert done.returncode == 0, done.stderr
    assert "valid" in done.stdout


def test_headscale_is_not_taken_for_granted(headscale):
    """What it has to find when we get it wrong."""
    inventory = next(c for c in CASES if c.name == "full") / "inventory.yaml"
    text = good(inventory)
    for part in ("tagOwners", "groups"):
        wrong = json.loads(text)
        wrong[part].popitem()
        assert headscale(json.dumps(wrong)).returncode != 0, part
    assert headscale(json.dumps(json.loads(text))).returncode == 0


# ---- what is open ----

def opened(text):
    """(from, to, protocol, port) of one policy, for the ports of PROBES."""
    body = json.loads(text)
    rules = set()
    for grant in body.get("grants", ()):
        for who, to, ports in itertools.product(grant["src"], grant["dst"],
                                                grant["ip"]):
            rules |= {(who, to, *probe) for probe in probes(ports)}
    for acl in body.get("acls", ()):
        assert acl["action"] == "accept"
        for who, dst in itertools.product(acl["src"], acl["dst"]):
            to, ports = dst.rsplit(":", 1)
            for part in ports.split(","):
                rules |= {(who, to.strip("[]"), *probe)
                          for probe in probes(f"{acl['proto']}:{part}")}
    return rules


PROBES = [("tcp", port) for port in (
    22, 80, 443, 2378, 2379, 2380, 2381, 3365, 3366, 3367, 6050, 6051, 6442,
    6443, 6444, 6999, 7000, 7500, 7999, 8000, 9002, 9102, 10249, 10250, 10251,
    49999, 50000, 50001, 50002, 6081)] + [("udp", port) for port in (
        53, 4789, 6050, 6051, 6080, 6081, 6082, 7000, 8472, 9002, 41641)]


def probes(ports):
    protocol, numbers = ports.split(":")
    first, _, last = numbers.partition("-")
    return [(p, n) for p, n in PROBES
            if p == protocol and int(first) <= n <= int(last or first)]


def wanted():
    """The rules of the issue at hand, for the inventory `full`, by hand."""
    workers = ["tag:lab-cloud", "tag:lab-edge-1", "tag:lab-edge-2",
               "tag:lab-gpu"]
    plane = "tag:lab-controlplane"
    rules = set()

    def add(sources, targets, protocol, *ports):
        rules.update((s, t, protocol, p) for s in sources for t in targets
                     for p in ports)
    add(workers, [plane], "tcp", 6443, 50001)
    add([plane], workers, "tcp", 50000, 10250)
    add([plane], [plane], "tcp", 2379, 2380, 6443, 50000, 50001)
    add(["group:operators", "second@example.net"], [plane], "tcp", 6443, 50000)
    logging = [plane, *workers]
    logging.remove("tag:lab-edge-2")  # it has a receiver of its own
    add(logging, ["100.64.0.9"], "tcp", 6051)
    add(["tag:lab-edge-1", "tag:lab-gpu"], ["fd7a:115c:a1e0::9"], "udp", 6050)
    add(["tag:lab-edge-2"], ["10.2.0.9"], "udp", 6050)
    add(["tag:prometheus"], ["tag:lab-edge-1", "tag:lab-gpu"], "tcp", 9002)
    add(["tag:prometheus"], ["tag:lab-edge-2"], "tcp", 9102)
    add([plane, *workers], [plane, *workers], "tcp", 3366, 7000, 7500, 7999)
    add([plane, *workers], [plane, *workers], "udp", 6081)
    small, small_plane = "tag:small-worker", "tag:small-controlplane"
    add([small], [small_plane], "tcp", 6443, 50001)
    add([small_plane], [small], "tcp", 50000, 10250)
    add([small_plane], [small_plane], "tcp", 2379, 2380, 6443, 50000, 50001)
    return rules


@pytest.mark.parametrize("word", FORMATS)
def test_exactly_what_is_needed_is_open(word):
    inventory = next(c for c in CASES if c.name == "full") / "inventory.yaml"
    assert opened(good(inventory, "--format", word)) == wanted()


INSERT = """insert into nodes (id, machine_key, node_key, disco_key, endpoints,
    host_info, ipv4, ipv6, hostname, given_name, user_id, register_method, tags,
    created_at, updated_at)
    values (:id, 'mkey:' || :key, 'nodekey:' || :key, 'discokey:' || :key, '[]',
    '{}', '100.64.1.' || :id, 'fd7a:115c:a1e0::1:' || :id, 'n' || :id,
    'n' || :id, :user, 'cli', :tags, datetime('now'), datetime('now'))"""


def add_devices(database, tags, people):
    """A device with each tag, and one of each person."""
    with contextlib.closing(sqlite3.connect(database)) as db, db:
        for number, person in enumerate(people, 1):
            db.execute("insert into users (id, name, email, provider,"
                       " provider_identifier) values (?, ?, ?, 'oidc', ?)",
                       (number, person, person, person))
            db.execute(INSERT, {"id": 100 + number, "user": number,
                                "key": f"{100 + number:064x}", "tags": "[]"})
        for number, tag in enumerate(tags, 1):
            db.execute(INSERT, {"id": number, "user": None,
                                "key": f"{number:064x}",
                                "tags": json.dumps([tag])})


def questions(rules):
    """Headscale's own tests: each probe between everybody, as it has to end."""
    sources = {rule[0] for rule in rules}
    targets = {rule[1] for rule in rules}
    for source, protocol in itertools.product(sorted(sources), ("tcp", "udp")):
        asked = {"src": source, "proto": protocol, "accept": [], "deny": []}
        for target, port in itertools.product(
                sorted(targets), [n for p, n in PROBES if p == protocol]):
            is_open = (source, target, protocol, port) in rules
            host = f"[{target}]" if target.startswith("fd") else target
            asked["accept" if is_open else "deny"].append(f"{host}:{port}")
        yield asked


@pytest.mark.parametrize("word", FORMATS)
def test_headscale_opens_exactly_that(word, headscale, tmp_path):
    inventory = next(c for c in CASES if c.name == "full") / "inventory.yaml"
    text = good(inventory, "--format", word)
    body = json.loads(text)
    assert headscale(text).returncode == 0  # makes the database
    add_devices(tmp_path / "db.sqlite", body["tagOwners"],
                ["first@example.net", "second@example.net"])
    rules = wanted()
    body["tests"] = list(questions(rules))
    assert sum(len(asked["accept"]) for asked in body["tests"]) == len(rules)
    done = headscale(json.dumps(body))
    assert done.returncode == 0, done.stderr
    # each of them would have been noticed
    rules.remove(("tag:prometheus", "tag:lab-edge-2", "tcp", 9102))
    body["tests"] = list(questions(rules))
    done = headscale(json.dumps(body))
    assert done.returncode != 0
    assert "tag:prometheus -> tag:lab-edge-2:9102" in done.stderr


# ---- an inventory of a test's own ----

CLUSTER = """\
    endpoint: https://100.64.0.10:6443
    image: {extensions: [siderolabs/tailscale]}
"""
SMALL = """\
version: 1
clusters:
  lab:
""" + CLUSTER + """\
    node_ip: tailnet
    tailscale: {scrapers: ["tag:prometheus"]}
    network: {cni: none}
    roles:
      controlplane: {tailscale: {tags: ["tag:plane"]}}
      worker: {tailscale: {tags: ["tag:edge"]}}
sites:
  edge: {cluster: lab}
nodes:
  p1: {site: edge, role: controlplane}
  w1: {site: edge}
"""


@pytest.fixture
def inventory(tmp_path):
    path = tmp_path / "inventory.yaml"
    path.write_text(SMALL)
    return path


def replace(inventory, old, new):
    assert inventory.read_text().count(old) == 1
    inventory.write_text(inventory.read_text().replace(old, new))


# What is wrong: a line of the inventory, what it becomes, the message, and a
# twin that differs in one thing and is taken.
REFUSALS = {
    "a worker without tags": (
        'worker: {tailscale: {tags: ["tag:edge"]}}', "worker: {}",
        "node 'w1' is in the tailnet and has no tailscale.tags",
        "worker: {image!: {}}"),
    "a control plane without tags": (
        'controlplane: {tailscale: {tags: ["tag:plane"]}}', "controlplane: {}",
        "node 'p1' is in the tailnet and has no tailscale.tags",
        'controlplane: {tailscale: {tags: ["tag:other"]}}'),
    "one tag for both": (
        '["tag:plane"]', '["tag:edge"]',
        "each tag of node 'p1' is on nodes of another kind",
        '["tag:edge2"]'),
    "no tag": ('["tag:edge"]', '["edge"]', "'edge' is not a tag",
               '["tag:far"]'),
    "an operators' group of nobody": (
        '{scrapers: ["tag:prometheus"]}',
        '{operators: ["group:ops"], groups: {"group:dev": [first@]}}',
        "no tailscale.groups says who is in 'group:ops'",
        '{operators: ["group:ops"], groups: {"group:ops": [first@]}}'),
    "a scrapers' group of nobody": (
        '["tag:prometheus"]', '["group:ops"]',
        "no tailscale.groups says who is in 'group:ops'",
        '["group:ops@example.net"]'),
    "a node that owns the others": (
        '["tag:edge"]', '["tag:edge", "tag:edge-provisioner"]',
        "it could give itself any of them", '["tag:edge", "tag:edge-2"]'),
    "two control servers": (
        "w1: {site: edge}",
        "w1: {site: edge, tailscale: {login_server: https://h.example}}",
        "nodes 'p1' and 'w1' have different tailscale.login_server",
        "w1: {site: edge, image!: {},"
        " tailscale: {login_server: https://h.example}}"),
    "a tag of two clusters": (
        "sites:\n", "  two:\n" + CLUSTER + "    tailscale: {tags: ['tag:edge']}"
        "\nsites:\n  far: {cluster: two}\n",
        "each tag of node 'w2' is on nodes of another kind",
        "  two:\n" + CLUSTER + "    tailscale: {tags: ['tag:far']}"
        "\nsites:\n  far: {cluster: two}\n"),
    "a group of two clusters": (
        "sites:\n", "    operators: ['group:ops']\nsites:\n",
        "unknown key 'operators'", "sites:\n"),
    "no inventory": ("nodes:\n", "nods:\n", "the inventory has no 'nodes'", "nodes:\n"),
    "clusters that are none": ("sites:\n  edge: {cluster: lab}",
                               "sites: [edge]", "'sites' takes a mapping",
                               "sites: {edge: {cluster: lab}}"),
}


@pytest.mark.parametrize("old,bad,message,twin", REFUSALS.values(),
                         ids=REFUSALS)
def test_refusal_and_twin(inventory, headscale, old, bad, message, twin):
    if "two clusters" in message or "'w2'" in message:
        inventory.write_text(SMALL + "  w2: {site: far}\n")
    before = inventory.read_text()
    replace(inventory, old, bad)
    refused = policy(inventory)
    assert refused.returncode == 1
    assert message in refused.stderr and "error[" in refused.stderr
    assert refused.stdout == ""
    inventory.write_text(before)
    replace(inventory, old, twin)
    assert headscale(good(inventory)).returncode == 0


def test_one_group_in_two_clusters(inventory):
    people = 'operators: ["group:ops"], groups: {{"group:ops": [{}]}}'
    replace(inventory, 'scrapers: ["tag:prometheus"]', people.format("first@"))
    text = inventory.read_text().replace("sites:\n", "  two:\n" + CLUSTER
                                         + "    tailscale: {%s}\nsites:\n")
    inventory.write_text(text % people.format("second@"))
    refused = policy(inventory)
    assert refused.returncode == 1
    assert "different people in 'group:ops'" in refused.stderr
    inventory.write_text(text % people.format("first@"))
    assert json.loads(good(inventory))["groups"] == {"group:ops": ["first@"]}


@pytest.mark.parametrize("args, message", [
    (("--owner", "provisioner"), "--owner 'provisioner', expected tag:name"),
    (("--owner", "group:ops"), "--owner 'group:ops', expected tag:name"),
    (("--owner", "tag:"), "--owner 'tag:', expected tag:name"),
    (("--format", "hujson"), "--format 'hujson', expected grants or acls"),
    (("--format", "acls", "--format", "acls"), "given twice"),
    (("-o", "policy.json"), "unknown option '-o'"),
])
def test_wrong_command_line(inventory, args, message):
    done = policy(inventory, *args)
    assert done.returncode == 2
    assert message in done.stderr and done.stdout == ""
    assert policy(inventory, "--owner", "keys@", "--format",
                  "acls").returncode == 0


# ---- the plug-in's tunnel ----

@pytest.mark.parametrize("network, node_ip, ports, warning", [
    ("{}", "tailnet", {"udp:4789"}, ""),
    ("{cni: none}", "tailnet", set(), ""),
    ("{cni: none, encapsulation: none}", "tailnet", set(), ""),
    ("{cni: none, encapsulation: geneve}", "tailnet", {"udp:6081"}, ""),
    ("{cni: none, encapsulation: geneve, ports: [udp:6081]}", "tailnet",
     {"udp:6081"}, ""),
    ("{cni: none, encapsulation: vxlan}", "tailnet", set(), "Cilium: udp:8472"),
    ("{cni: none, encapsulation: vxlan, ports: [udp:8472]}", "tailnet",
     {"udp:8472"}, ""),
    ("{encapsulation: wireguard}", "tailnet", set(), "udp:51820"),
    ("{cni: none, encapsulation: geneve}", "[10.0.0.0/8]", set(), ""),
    ("{cni: none, encapsulation: geneve}", '["!10.0.0.0/8", "100.64.7.0/24"]',
     {"udp:6081"}, ""),
    ("{cni: none, encapsulation: geneve, ports: [tcp:3366]}", "[10.0.0.0/8]",
     {"tcp:3366"}, ""),
])
def test_tunnel(inventory, network, node_ip, ports, warning):
    replace(inventory, "network: {cni: none}", f"network: {network}")
    replace(inventory, "node_ip: tailnet", f"node_ip: {node_ip}")
    done = policy(inventory)
    assert done.returncode == 0
    between = [grant for grant in json.loads(done.stdout)["grants"]
               if grant["src"] == grant["dst"] == ["tag:edge", "tag:plane"]]
    assert {port for grant in between for port in grant["ip"]} == ports
    assert warning in done.stderr
    assert ("warning[policy]" in done.stderr) == (warning != "")


def test_metrics_that_nobody_may_read(inventory):
    replace(inventory, "w1: {site: edge}",
            "w1: {site: edge, tailscale: {metrics: true}}")
    assert ("tag:prometheus", "tag:edge", "tcp", 9002) in opened(
        good(inventory))
    assert policy(inventory).stderr == ""
    replace(inventory, '{scrapers: ["tag:prometheus"]}', "{}")
    done = policy(inventory)
    assert done.returncode == 0
    assert "no tailscale.scrapers may read them" in done.stderr
    assert not any(port == 9002 for _, _, _, port in opened(done.stdout))


def test_no_control_plane_in_the_tailnet(inventory):
    assert policy(inventory).stderr == ""
    replace(inventory, "p1: {site: edge, role: controlplane}",
            "p1: {site: edge, role: controlplane, image!: {}}")
    done = policy(inventory)
    assert done.returncode == 0
    assert "no control plane there" in done.stderr
    assert json.loads(done.stdout)["grants"] == []


def test_no_file_is_opened(inventory):
    replace(inventory, "  lab:\n", "  lab:\n    secrets: {command: [sh, -c,"
            " 'touch opened']}\n")
    good(inventory)
    assert not (inventory.parent / "opened").exists()


# ---- many sites ----

def test_many_sites(tmp_path, headscale):
    inventory = tmp_path / "inventory.yaml"
    lines = [SMALL.replace('["tag:edge"]', '["tag:{site}"]')
             .split("sites:")[0], "sites:\n  hub: {cluster: lab}\n"]
    lines += [f"  edge-{n}: {{cluster: lab}}\n" for n in range(300)]
    lines += ["nodes:\n  p1: {site: hub, role: controlplane}\n"]
    nodes = [f"  w{n}: {{site: edge-{n % 300}}}\n" for n in range(3000)]
    inventory.write_text("".join(lines + nodes))
    text = good(inventory)
    owners = json.loads(text)["tagOwners"]
    assert len(owners) == 303 and list(owners) == sorted(owners)
    assert {("tag:edge-299", "tag:plane", "tcp", 6443),
            ("tag:plane", "tag:edge-0", "tcp", 50000)} <= opened(text)
    assert headscale(text).returncode == 0
    # in another order it is the same policy
    inventory.write_text("".join(lines + nodes[::-1]))
    assert good(inventory) == text


def test_addresses_are_addresses():
    """Nothing but tags, people and single addresses is ever named."""
    for case in CASES:
        for who, to, _, _ in opened((case / "grants.json").read_text()):
            for name in (who, to):
                if not name.startswith("tag:") and "@" not in name and (
                        not name.startswith("group:")):
                    ipaddress.ip_address(name)
