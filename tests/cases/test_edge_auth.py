"""edge-auth as an operator meets it: what it prints, what it refuses, and that a
refusal changes nothing. Every refused command has a twin that is accepted."""

import copy
import json
import os
import pathlib
import re
import stat
import subprocess

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = TREE / "build" / os.environ.get("FLAVOUR", "plain") / "bin" / "edge-auth"
TOKEN = re.compile(r"ket1_[0-9a-hjkmnp-tv-z]{49}")
CONFIG_DIGEST = "5a" * 32

SITE = {"require": "token", "token": "node", "mode": "allowlist", "ttl": 86400,
        "redeliver": 2, "bind_source": False, "assets": "list"}


def node(number, **changed):
    uuid = f"9ddf0214-b102-49a3-bec3-d1151498a4{number:02d}"
    facts = {"site": "site-a", "role": "worker", "kind": "talos", "uuid": uuid,
             "serial": f"S-{number}", "macs": [f"52:54:00:00:02:{number:02d}"],
             "select": {"uuid": uuid}, "sha256": CONFIG_DIGEST, "key": "none"}
    facts.update(changed)
    return {key: value for key, value in facts.items() if value is not None}


def document(**changed):
    facts = {
        "format": 1, "serial": 5, "cluster": "lab",
        "gate": {"boot": "https://boot.example.net",
                 "boot_mtls": "https://boot-mtls.example.net",
                 "config": "https://config.example.net",
                 "trust_domain": "edge.example.net"},
        "sites": {"site-a": dict(SITE), "site-b": dict(SITE, require="cert")},
        "nodes": {"node-1": node(1), "node-2": node(2),
                  "node-3": node(3, site="site-b")},
        "assets": [{"path": "assets/5a5a-kernel", "size": 4,
                    "sha256": "5a" * 32}]}
    facts.update(changed)
    return facts


class Auth:
    """edge-auth with a store of its own."""

    def __init__(self, folder, *init):
        self.folder = folder
        self.store, self.pepper = folder / "store", folder / "pepper"
        self.ok("store", "init", "--pepper", self.pepper, *init)

    def run(self, *argv):
        return subprocess.run(
            [str(PROGRAM), *map(str, argv), "--store", str(self.store)],
            text=True, capture_output=True, timeout=60)

    def ok(self, *argv):
        done = self.run(*argv)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *argv):
        return json.loads(self.ok(*argv, "--json"))

    def refused(self, *argv, status=1):
        """The error of a command that must be refused and change nothing."""
        before = self.state()
        done = self.run(*argv)
        assert (done.returncode, done.stdout) == (status, ""), done
        assert done.stderr.startswith("edge-auth: ")
        assert done.stderr.count("\n") == 1
        assert self.state() == before, "a refusal changed the store"
        return done.stderr[len("edge-auth: "):-1]

    def state(self):
        """Everything on record; the audit's hash covers every change."""
        return self.run("audit", "verify").stdout, self.run(
            "node", "list", "--json").stdout

    def write(self, facts, name="nodes.json"):
        path = self.folder / name
        path.write_text(facts if isinstance(facts, str) else json.dumps(facts))
        return path

    def load(self, facts=None):
        return self.ok("node", "import", self.write(facts or document()))

    def create(self, name):
        return self.json("token", "create", name, "--pepper", self.pepper)


@pytest.fixture
def auth(tmp_path):
    return Auth(tmp_path, "--owner", "root") if os.geteuid() == 0 else Auth(tmp_path)


@pytest.fixture
def lab(tmp_path):
    return Auth(tmp_path, "--lab")


def test_init_never_replaces(auth):
    pepper = auth.pepper.read_text()
    assert stat.S_IMODE(auth.pepper.stat().st_mode) & 0o137 == 0
    auth.load()
    assert auth.refused("store", "init", "--pepper", auth.pepper, *(
        ["--owner", "root"] if os.geteuid() == 0 else [])) == (
            f"there is a store in '{auth.store}' already")
    assert auth.pepper.read_text() == pepper
    assert [n["node"] for n in auth.json("node", "list")["nodes"]] == [
        "node-1", "node-2", "node-3"]


def test_init_makes_the_folders_around(tmp_path):
    store, pepper = tmp_path / "var" / "store", tmp_path / "etc" / "pepper"
    argv = [str(PROGRAM), "store", "init", "--lab", "--store", str(store),
            "--pepper", str(pepper)]
    assert subprocess.run(argv, capture_output=True).returncode == 0
    assert stat.S_IMODE(store.parent.stat().st_mode) == 0o755
    assert stat.S_IMODE(store.stat().st_mode) == 0o750
    argv[5] = str(tmp_path / "far" / "away" / "store")
    done = subprocess.run(argv, text=True, capture_output=True)
    assert done.returncode == 3 and "cannot make the folder" in done.stderr


def test_init_keeps_a_pepper(tmp_path):
    first = Auth(tmp_path, "--lab")
    pepper = first.pepper.read_text()
    second = tmp_path / "second"
    done = subprocess.run(
        [str(PROGRAM), "store", "init", "--lab", "--store", str(second),
         "--pepper", str(first.pepper)], text=True, capture_output=True)
    assert done.returncode == 0
    assert done.stdout.endswith("(was there and is kept)\n")
    assert first.pepper.read_text() == pepper


def test_init_leaves_other_folders_alone(tmp_path):
    (tmp_path / "other").mkdir(mode=0o755)
    (tmp_path / "other" / "file").write_text("x")
    done = subprocess.run(
        [str(PROGRAM), "store", "init", "--lab", "--store",
         str(tmp_path / "other"), "--pepper", str(tmp_path / "pepper")],
        text=True, capture_output=True)
    assert done.returncode == 1
    assert "holds other files; name a new or an empty folder" in done.stderr
    assert stat.S_IMODE((tmp_path / "other").stat().st_mode) == 0o755
    assert not (tmp_path / "pepper").exists()
    (tmp_path / "other" / "file").unlink()
    assert subprocess.run(done.args, capture_output=True).returncode == 0


def test_no_store(tmp_path):
    done = subprocess.run([str(PROGRAM), "node", "list", "--store",
                           str(tmp_path / "none")], text=True,
                          capture_output=True)
    assert done.returncode == 3
    assert "`edge-auth store init` makes one" in done.stderr
    assert not (tmp_path / "none").exists()


@pytest.mark.parametrize("mode, good", [(0o644, False), (0o640, True),
                                        (0o600, True), (0o660, False)])
def test_pepper_mode(auth, mode, good):
    auth.pepper.chmod(mode)
    done = auth.run("store", "check", "--pepper", auth.pepper)
    assert (done.returncode == 0) == good, done.stderr
    if not good:
        assert done.returncode == 3
        assert "chmod 0640" in done.stderr


@pytest.mark.parametrize("text, line", [
    ("", 0), ("1 xyz\n", 1), ("1 " + "5a" * 31 + "\n", 1),
    ("0 " + "5a" * 32 + "\n", 1), ("# none\n\n", 0),
    ("1 " + "5a" * 32 + "\n2 " + "5a" * 32 + "\n3 " + "5b" * 32 + "\n", 3)])
def test_pepper_out_of_form(auth, text, line):
    auth.pepper.write_text(text)
    error = auth.refused("store", "check", "--pepper", auth.pepper, status=3)
    assert error.startswith(f"{auth.pepper}:{line}:" if line else f"{auth.pepper}: ")
    assert "5a5a5a" not in error.removeprefix(str(auth.pepper))
    auth.pepper.write_text("1 " + "5c" * 32 + "\n")
    auth.ok("store", "check", "--pepper", auth.pepper)


def test_import_is_shown(auth):
    assert auth.load() == ("imported serial 5: 2 sites, 3 nodes, 1 assets; "
                           "nothing was armed\n")
    shown = auth.json("node", "show", "node-1")
    assert shown["declared"] == {
        "uuid": "9ddf0214-b102-49a3-bec3-d1151498a401", "serial": "S-1",
        "macs": ["52:54:00:00:02:01"]}
    assert (shown["state"], shown["number"]) == ("none", 1)


def test_numbers_stay(auth):
    auth.load()
    fewer = document()
    del fewer["nodes"]["node-1"]
    fewer["nodes"]["node-9"] = node(9)
    auth.load(fewer)
    assert auth.json("node", "show", "node-9")["number"] == 4
    auth.load()
    assert auth.json("node", "show", "node-1")["number"] == 1


# What each row changes in a document that is accepted, and the error's words.
MISTAKES = [
    ("format", lambda d: d.update(format=2), "format '2' is not the one"),
    ("no format", lambda d: d.pop("format"), "format: is missing"),
    ("unknown member", lambda d: d.update(nodez={}), "nodez: unknown member"),
    ("unknown in site", lambda d: d["sites"]["site-a"].update(window=[]),
     "sites.site-a.window: unknown member"),
    ("unknown in node", lambda d: d["nodes"]["node-1"].update(disk="/dev/sda"),
     "nodes.node-1.disk: unknown member"),
    ("http url", lambda d: d["gate"].update(boot="http://boot.example.net"),
     "gate.boot"),
    ("url with path", lambda d: d["gate"].update(config="https://c.example/x"),
     "gate.config"),
    ("no mtls url", lambda d: d["gate"].pop("boot_mtls"),
     "gate.boot_mtls is missing"),
    ("trust domain", lambda d: d["gate"].update(trust_domain="Edge"), "'Edge'"),
    ("site name", lambda d: d["sites"].update(Site=dict(SITE)), "'Site'"),
    ("require", lambda d: d["sites"]["site-a"].update(require="trust"),
     "'trust'"),
    ("mode", lambda d: d["sites"]["site-a"].update(mode="approve"),
     "sites.site-a.mode: this gate has no approval"),
    ("ttl", lambda d: d["sites"]["site-a"].update(ttl=59),
     "sites.site-a.ttl: '59' is not between 60 and"),
    ("ttl text", lambda d: d["sites"]["site-a"].update(ttl="1h"),
     "sites.site-a.ttl: is not a whole number"),
    ("site token", lambda d: d["sites"]["site-a"].update(token="site"),
     "sites.site-a.token: this gate makes tokens for single nodes"),
    ("assets", lambda d: d["sites"]["site-a"].update(assets="matchbox"),
     "sites.site-a.assets"),
    ("unknown site", lambda d: d["nodes"]["node-1"].update(site="site-x"),
     "nodes.node-1.site: no site of that name"),
    ("control plane", lambda d: d["nodes"]["node-1"].update(role="controlplane"),
     "nodes.node-1.role: a control plane's config"),
    ("role", lambda d: d["nodes"]["node-1"].update(role="admin"), "'admin'"),
    ("fixed key", lambda d: d["nodes"]["node-1"].update(key="static"),
     "nodes.node-1.key: fixed auth keys are for lab stores"),
    ("no id", lambda d: d["nodes"].update(
        {"node-1": node(1, uuid=None, serial=None, macs=None)}),
     "nodes.node-1: declares no uuid, serial or mac"),
    ("uuid", lambda d: d["nodes"]["node-1"].update(uuid="9ddf"), "uuid '9ddf'"),
    ("placeholder serial", lambda d: d["nodes"]["node-1"].update(
        serial="To Be Filled By O.E.M."),
     "nodes.node-1.serial: is a placeholder"),
    ("mac", lambda d: d["nodes"]["node-1"].update(macs=["01:00:5e:00:00:01"]),
     "nodes.node-1.macs"),
    ("same mac", lambda d: d["nodes"]["node-2"].update(
        macs=["52:54:00:00:02:01"]),
     "'52:54:00:00:02:01' belongs to two machines: 'node-"),
    ("same uuid", lambda d: d["nodes"]["node-2"].update(
        uuid=d["nodes"]["node-1"]["uuid"].upper()), "belongs to two machines"),
    ("uuid in the other byte order", lambda d: d["nodes"]["node-2"].update(
        uuid="1402df9d-02b1-a349-bec3-d1151498a401"), "belongs to two machines"),
    ("same select", lambda d: d["nodes"]["node-2"].update(
        select=d["nodes"]["node-1"]["select"]),
     "nodes 'node-1' and 'node-2' have the same select"),
    ("select", lambda d: d["nodes"]["node-1"].update(select={}),
     "nodes.node-1.select"),
    ("empty label", lambda d: d["nodes"]["node-1"].update(select={"uuid": ""}),
     "nodes.node-1.select"),
    ("digest", lambda d: d["nodes"]["node-1"].update(sha256="5A" * 32),
     "nodes.node-1.sha256: is not 64 lower-case"),
    ("asset path", lambda d: d["assets"][0].update(path="assets/../x"),
     "assets[0].path: is no asset"),
    ("asset size", lambda d: d["assets"][0].update(size=-1), "assets[0].size"),
]


@pytest.mark.parametrize("spoil, words", [row[1:] for row in MISTAKES],
                         ids=[row[0] for row in MISTAKES])
def test_import_refuses(auth, spoil, words):
    auth.load()
    spoilt = copy.deepcopy(document(serial=6))
    spoil(spoilt)
    path = auth.write(spoilt)
    error = auth.refused("node", "import", path)
    assert error.startswith(f"{path}: ") and words in error, error
    assert auth.json("store", "check", "--pepper", auth.pepper)["serial"] == 5
    auth.load(document(serial=6))


@pytest.mark.parametrize("text, place", [
    ("{", ":1:"), ('{"format": 1,\n "format": 1}', ":2:"),
    ('{"format": 1}\nx', ":2:"), ("\xff", ":")])
def test_import_syntax(auth, text, place):
    path = auth.write(text)
    assert auth.refused("node", "import", path).startswith(f"{path}{place}")
    auth.load()


def test_import_serial(auth):
    auth.load()
    older = auth.write(document(serial=4))
    assert "serial '4' is lower than '5'" in auth.refused("node", "import", older)
    auth.ok("node", "import", auth.write(document(serial=5)))
    auth.ok("node", "import", older, "--rollback")


@pytest.mark.parametrize("change, words", [
    (lambda d: d["nodes"]["node-1"].update(serial="S-other"),
     "other hardware ids now"),
    (lambda d: d["nodes"].pop("node-1"), "is not in the file"),
    (lambda d: d["nodes"]["node-1"].update(site="site-b"), "another site now"),
    (lambda d: d["nodes"]["node-1"].pop("sha256"), "checked less now"),
    (lambda d: d["nodes"]["node-1"].update(kind="other"), "checked less now"),
    (lambda d: d["sites"]["site-a"].update(mode="tofu"), "policy is looser"),
    (lambda d: d["sites"]["site-a"].update(redeliver=9), "policy is looser")])
def test_import_spares_live_enrollments(auth, change, words):
    auth.load()
    auth.create("node-1")
    changed = document(serial=6)
    change(changed)
    path = auth.write(changed)
    assert words in auth.refused("node", "import", path)
    auth.ok("token", "revoke", "node-1")
    auth.ok("node", "import", path)


def test_import_told_to(auth):
    auth.load()
    auth.create("node-1")
    changed = document(serial=6)
    changed["nodes"]["node-1"]["serial"] = "S-other"
    auth.ok("node", "import", auth.write(changed), "--allow-changed")
    assert auth.json("node", "show", "node-1")["declared"]["serial"] == "S-other"


def test_lab_store_takes_fixed_keys(lab):
    lab.load(document(nodes={"node-1": node(1, key="static")}))


def test_token_once(auth):
    auth.load()
    made = auth.create("node-1")
    assert TOKEN.fullmatch(made["token"])
    assert made["boot_url"] == (
        f"https://boot.example.net/t/{made['token']}/boot.ipxe")
    assert made["id"] == made["token"][5:15]
    assert len(made["boot_url"]) < 128
    shown = auth.json("token", "list")["tokens"]
    assert [(t["id"], t["node"], t["status"]) for t in shown] == [
        (made["id"], "node-1", "armed")]
    # neither the secret nor the tag is anywhere in the store, nor printed again
    tail = made["token"][-39:]
    for path in auth.store.iterdir():
        assert tail.encode() not in path.read_bytes()
    for argv in (("token", "list"), ("token", "show", made["id"]),
                 ("node", "show", "node-1"), ("audit", "show")):
        assert tail not in auth.ok(*argv)


def test_new_token_voids_the_old(auth):
    auth.load()
    first, second = auth.create("node-1"), auth.create("node-1")
    status = {t["id"]: t["status"] for t in auth.json("token", "list")["tokens"]}
    assert status == {first["id"]: "void", second["id"]: "armed"}
    auth.ok("token", "revoke", "node-1")
    assert auth.json("token", "show", second["id"])["tokens"][0]["status"] == "void"


def test_token_out(auth, tmp_path):
    auth.load()
    out = tmp_path / "boot-url"
    printed = auth.ok("token", "create", "node-1", "--pepper", auth.pepper,
                      "--out", out)
    url = out.read_text()
    assert re.fullmatch(r"https://boot\.example\.net/t/ket1_\w{49}/boot\.ipxe\n", url)
    assert stat.S_IMODE(out.stat().st_mode) == 0o600
    assert not TOKEN.search(printed)
    error = auth.refused("token", "create", "node-1", "--pepper", auth.pepper,
                         "--out", out)
    assert error == f"{out}: is there already and is not replaced"
    assert out.read_text() == url


def test_token_where_certificates_are_taken(auth):
    auth.load()
    assert auth.refused("token", "create", "node-3", "--pepper", auth.pepper) == (
        "site 'site-b' takes certificates, no tokens; `edge-auth node arm "
        "node-3` opens an enrollment")
    armed = auth.json("node", "arm", "node-3")
    assert armed == auth.json("node", "show", "node-3")
    assert armed["state"] == "armed" and armed["rev"] > 0


def test_ttl(auth):
    auth.load()
    for ttl, good in (("59s", False), ("60s", True), ("31d", False),
                      ("30d", True), ("2", False), ("1h30m", False),
                      ("-1h", False), ("1h", True)):
        done = auth.run("node", "arm", "node-1", "--ttl", ttl)
        assert done.returncode == (0 if good else 2), (ttl, done.stderr)
    shown = auth.json("node", "show", "node-1")
    now = auth.json("store", "clock")["now"]
    assert 0 <= now + 3600 - shown["expiry"] < 60


@pytest.mark.parametrize("verb", [("node", "confirm"), ("token", "extend")])
def test_verbs_that_do_not_apply(auth, verb):
    auth.load()
    assert "node 'node-1' is none" in auth.refused(*verb, "node-1")
    auth.ok("node", "retire", "node-1")
    assert "node 'node-1' is retired" in auth.refused(*verb, "node-1")
    auth.ok("node", "arm", "node-1")
    if verb == ("token", "extend"):
        auth.ok(*verb, "node-1")
    else:
        assert "node 'node-1' is armed" in auth.refused(*verb, "node-1")


def test_extend_never_shortens(auth):
    auth.load()
    auth.ok("node", "arm", "node-1", "--ttl", "10d")
    before = auth.json("node", "show", "node-1")["expiry"]
    auth.ok("token", "extend", "node-1", "--by", "1h")
    assert auth.json("node", "show", "node-1")["expiry"] == before
    auth.ok("token", "extend", "node-1", "--by", "20d")
    assert auth.json("node", "show", "node-1")["expiry"] > before


def test_no_such_node(auth):
    auth.load()
    assert auth.refused("node", "show", "node-l") == (
        "no node 'node-l'; did you mean 'node-1'?")
    assert auth.refused("node", "show", "elsewhere") == (
        "no node 'elsewhere'; `edge-auth node list` shows them")
    assert "'Node'" in auth.refused("node", "show", "Node")


@pytest.mark.parametrize("argv, words", [
    (("node",), "no command 'node"), (("nodes", "list"), "no command 'nodes list'"),
    (("node", "show"), "needs a NODE"), (("node", "list", "x"), "unexpected 'x'"),
    (("node", "list", "--ttl", "1h"), "unknown option '--ttl'"),
    (("node", "arm", "node-1", "--ttl"), "--ttl needs a TIME"),
    (("token", "show", "x"), "never type the whole token")])
def test_usage(argv, words):
    done = subprocess.run([str(PROGRAM), *argv], text=True, capture_output=True)
    assert (done.returncode, done.stdout) == (2, "")
    assert words in done.stderr


def test_explain(auth):
    auth.load()
    assert auth.json("explain", "node-1")["reason"] == "unknown"
    auth.create("node-1")
    good = auth.json("explain", "node-1")
    assert (good["reply"], good["row"], good["remedy"]) == ("script", "3", "")
    other = auth.json("explain", "node-1", "--mac", "52:54:00:00:02:99")
    assert (other["reply"], other["row"], other["reason"]) == ("refuse", "6", "ids")
    assert auth.json("explain", "node-1", "--mac", "52-54-00-00-02-01") == good
    assert "mac" in auth.refused("explain", "node-1", "--mac", "52:54")
    assert auth.json("explain", "clone")["status"] == 409


def test_audit(auth):
    auth.load()
    auth.create("node-1")
    events = [json.loads(line) for line in auth.ok("audit", "show").splitlines()]
    assert [e["action"] for e in events] == ["init", "import", "token"]
    assert events[-1]["node"] == "node-1" and events[-1]["row"] == "1"
    assert auth.json("audit", "verify")["events"] == 3


def test_two_at_once(auth):
    """Commands that change the same node at the same time all succeed, each on
    what the other wrote."""
    auth.load()
    argv = [str(PROGRAM), "node", "arm", "node-1", "--store", str(auth.store)]
    running = [subprocess.Popen(argv, stdout=subprocess.DEVNULL) for _ in range(6)]
    assert [p.wait(60) for p in running] == [0] * 6
    assert auth.json("node", "show", "node-1")["gen"] == 6
    auth.ok("audit", "verify")
