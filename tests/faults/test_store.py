"""edge-auth while it is killed, and while the disk takes nothing: what it
reported is on record, what it refused is not, and the store works on."""

import json
import os
import pathlib
import re
import resource
import signal
import subprocess
import time

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = TREE / "build" / os.environ.get("FLAVOUR", "plain") / "bin/edge-auth"
PAGE = resource.getpagesize()
KILLS = 40
NODES = 1500


def node(number):
    uuid = f"9ddf0214-b102-49a3-bec3-{number:012x}"
    return {"site": "site-a", "role": "worker", "kind": "talos", "uuid": uuid,
            "macs": [f"52:54:00:00:{number >> 8:02x}:{number & 255:02x}"],
            "select": {"uuid": uuid}, "sha256": "5a" * 32, "key": "none"}


def document(serial, count):
    return {
        "format": 1, "serial": serial, "cluster": "lab",
        "gate": {"boot": "https://boot.example.net",
                 "config": "https://config.example.net",
                 "trust_domain": "edge.example.net"},
        "sites": {"site-a": {
            "require": "token", "token": "node", "mode": "allowlist",
            "ttl": 86400, "redeliver": 2, "bind_source": False,
            "assets": "list"}},
        "nodes": {f"node-{i}": node(i) for i in range(1, count + 1)},
        "assets": []}


def no_room(pages=1):
    """Every write to a file behind its first pages fails with EFBIG. The signal
    that would come with it is ignored, which a program inherits."""
    signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
    resource.setrlimit(resource.RLIMIT_FSIZE, (pages * PAGE, pages * PAGE))


class Store:
    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.folder = folder
        self.ok("store", "init", "--lab")
        self.load(1, 2)

    def argv(self, *argv):
        pepper = argv[:2] in (("store", "init"), ("token", "create"))
        return [str(PROGRAM), *argv, "--store", str(self.folder / "store"),
                *(["--pepper", str(self.folder / "pepper")] if pepper else [])]

    def start(self, *argv):
        return subprocess.Popen(self.argv(*argv), text=True,
                                stdout=subprocess.PIPE, stderr=subprocess.PIPE)

    def run(self, *argv, **more):
        return subprocess.run(self.argv(*argv), text=True, capture_output=True,
                              timeout=120, **more)

    def ok(self, *argv):
        done = self.run(*argv)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def json(self, *argv):
        return json.loads(self.ok(*argv, "--json"))

    def write(self, serial, count):
        path = self.folder / f"nodes-{serial}.json"
        path.write_text(json.dumps(document(serial, count)))
        return str(path)

    def load(self, serial, count):
        self.ok("node", "import", self.write(serial, count))

    def nodes(self):
        return len(self.json("node", "list")["nodes"])

    def tokens(self):
        return {token["id"] for token in self.json("token", "list")["tokens"]}

    def state(self):
        """The hash at the end of the audit's chain covers every change."""
        return self.ok("audit", "verify"), self.ok("node", "list", "--json")


@pytest.fixture
def store(tmp_path):
    return Store(tmp_path)


def killed(child, seconds):
    """What it printed, and whether the kill came before its end."""
    time.sleep(seconds)
    child.kill()
    out, _ = child.communicate(timeout=60)
    return out, child.returncode == -signal.SIGKILL


def test_killed_while_it_creates_tokens(store):
    """A token that was shown is on record, whatever happened after."""
    began = time.monotonic()
    store.json("token", "create", "node-1")
    whole = time.monotonic() - began
    shown, kills = set(), 0
    for i in range(KILLS):
        out, was_killed = killed(store.start("token", "create", "node-1",
                                             "--json"), whole * i / KILLS)
        kills += was_killed
        # Printing is one write: there is all of it or nothing.
        if out:
            shown.add(json.loads(out)["id"])
    assert kills > KILLS // 4, "no kill came in time"
    assert shown <= store.tokens()
    store.state()
    assert store.json("token", "create", "node-1")["id"] in store.tokens()


def test_killed_writers_do_not_block_the_others(store):
    """The lock of a killed writer is taken over, and so is its turn: with a
    mutex in shared memory alone, one that is killed while it is being woken
    leaves the others asleep for ever."""
    for i in range(KILLS):
        children = [store.start("token", "create", f"node-{1 + k % 2}", "--json")
                    for k in range(8)]
        for k in (i % 8, (i + 3) % 8, (i + 5) % 8, (i + 6) % 8):
            time.sleep(0.001 * (i % 4))
            children[k].kill()
        for child in children:
            child.communicate(timeout=60)
        assert [c.returncode for c in children
                if c.returncode != -signal.SIGKILL] == [0] * sum(
                    c.returncode != -signal.SIGKILL for c in children)
    store.state()


def test_killed_while_it_imports(store):
    """An import is on record as a whole or not at all."""
    path, count = store.write(2, NODES), store.nodes()
    other = Store(store.folder / "other")
    began = time.monotonic()
    other.ok("node", "import", path)
    whole, kills = time.monotonic() - began, 0
    for i in range(KILLS // 2):
        _, was_killed = killed(store.start("node", "import", path),
                               whole * (i + 1) / (KILLS // 2))
        kills += was_killed
        assert store.nodes() in ((count,) if count == NODES
                                 else (count, NODES))
        count = store.nodes()
    assert kills > 0, "no kill came in time"
    store.ok("node", "import", path)
    assert store.nodes() == NODES
    store.state()


@pytest.mark.parametrize("argv", [
    ("token", "create", "node-1"), ("node", "arm", "node-1"),
    ("token", "revoke", "node-1"), ("token", "extend", "node-1"),
    ("node", "import", None)], ids=lambda argv: "-".join(argv[:2]))
def test_no_room_on_the_disk(store, argv):
    store.ok("token", "create", "node-1")
    argv = [store.write(2, 3) if word is None else word for word in argv]
    before = store.state()
    done = store.run(*argv, preexec_fn=no_room)
    assert (done.returncode, done.stdout) == (3, ""), done
    assert done.stderr.startswith("edge-auth: ")
    assert not re.search(r"ket1_", done.stderr)
    assert store.state() == before, "a refused write changed the store"
    store.ok(*argv)
    assert store.state() != before


def test_no_room_for_the_file(store):
    """No token is armed whose file cannot be written; its twin has room."""
    out = store.folder / "token"
    before = store.state()
    done = store.run("token", "create", "node-1", "--out", str(out),
                     preexec_fn=no_room)
    assert done.returncode == 3 and not out.exists()
    assert store.state() == before
    store.ok("token", "create", "node-1", "--out", str(out))
    assert "ket1_" in out.read_text()




@pytest.mark.parametrize("pages", [1, 2])
def test_no_room_for_a_new_store(tmp_path, pages):
    """What could not be made is not in the way of the next try."""
    options = ["--store", str(tmp_path / "store"),
               "--pepper", str(tmp_path / "pepper")]
    argv = [str(PROGRAM), "store", "init", "--lab", *options]
    done = subprocess.run(argv, capture_output=True, text=True, timeout=60,
                          preexec_fn=lambda: no_room(pages))
    assert (done.returncode, done.stdout) == (3, ""), done
    assert not (tmp_path / "store" / "data.mdb").exists()
    pepper = (tmp_path / "pepper").read_text()
    subprocess.run(argv, check=True, capture_output=True, timeout=60)
    subprocess.run([str(PROGRAM), "store", "check", *options], check=True,
                   capture_output=True, timeout=60)
    assert (tmp_path / "pepper").read_text() == pepper
