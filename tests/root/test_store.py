"""One store between root's edge-auth and workers that are somebody else, and a
filesystem that is really full.

Needs root, to become somebody else and to mount: `make check-root`. The stage
runs in mounts of its own, so nothing is left wherever it ends.
"""

import os
import pathlib
import pwd
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gate"))

import gate as harness                                     # noqa: E402
from edge import CONFIG, TICKET, Edge                      # noqa: E402
from lab import paths, sample                              # noqa: E402

OWNER, GROUP = "nobody", "nogroup"
SIZE_KIB = 2048
CLAIMS_MAX = 200


class SharedEdge(Edge):
    """`store init` gives the store to the workers' user."""

    def auth(self, *argv, **more):
        if argv[:2] == ("store", "init"):
            argv += ("--owner", OWNER)
        return super().auth(*argv, **more)


@pytest.fixture
def folder():
    """Unlike pytest's own, one that everybody may pass through."""
    with tempfile.TemporaryDirectory(prefix="edge-root-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def run_as(gate, user, group):
    gate.write("local-main.conf",
               f"load_module {sample.MODULE};\nuser {user} {group};\n")


@pytest.fixture
def make_edge(folder):
    """make_edge(user, group) -> Edge, its gate not started."""
    address = harness.take_address()
    upstream = harness.Upstream(address.host)
    gates = []

    def make(user=OWNER, group=GROUP):
        gate = harness.Gate(folder / "gate", address.host, upstream.address)
        ca, certificate, key = harness.throw_away_certificates(
            folder / "pki", address.host)
        gate.certify(certificate, key, ca)
        gate.ca = ca
        run_as(gate, user, group)
        gates.append(gate)
        return SharedEdge(gate, upstream)

    yield make
    for gate in gates:
        gate.stop()
    upstream.stop()
    address.release()


def worker_users(gate):
    return {pwd.getpwuid(pathlib.Path(f"/proc/{pid}").stat().st_uid).pw_name
            for pid in gate.workers()}


def test_root_and_workers_share_one_store(make_edge):
    """Each sees at once what the other wrote, and neither takes the files."""
    edge = make_edge()
    edge.gate.start()
    harness.until(lambda: worker_users(edge.gate) == {OWNER}, "a worker")
    old = edge.token()
    ticket = edge.ticket(old)
    assert edge.record()["state"] == "claimed"
    edge.auth("node", "arm", "node-1")
    assert edge.get(ticket).status == 403
    assert edge.get(edge.ticket(edge.token())).body == CONFIG
    edge.auth("node", "confirm", "node-1")
    edge.auth("store", "check")
    owner = pwd.getpwnam(OWNER)
    for path in (edge.gate.store, *edge.gate.store.iterdir()):
        info = path.stat()
        assert (info.st_uid, info.st_gid) == (owner.pw_uid, owner.pw_gid)
        assert info.st_mode & 0o027 == 0, path
    info = edge.gate.pepper.stat()
    assert (info.st_uid, info.st_mode & 0o777) == (0, 0o640)


def test_workers_that_do_not_own_the_store(make_edge):
    """The twin: workers as anybody else get nothing of it."""
    edge = make_edge("www-data", "www-data")
    token = edge.token()
    edge.gate.start()
    harness.until(lambda: worker_users(edge.gate) == {"www-data"}, "a worker")
    assert edge.claim(token).status == 503
    assert edge.record()["state"] == "armed"
    run_as(edge.gate, OWNER, GROUP)
    edge.gate.reload()
    harness.until(lambda: TICKET.search(edge.claim(token).text),
                  "workers as the owner")


class Filler:
    """A file that takes what a filesystem has left."""

    def __init__(self, path):
        self.path = path

    def fill(self):
        with open(self.path, "ab", buffering=0) as out:
            for size in (65536, 512):
                try:
                    while out.write(b"\0" * size) == size:
                        pass
                except OSError:
                    continue

    def remove(self):
        self.path.unlink()


@pytest.fixture
def small(make_edge, folder):
    """(edge, filler): the store alone on a filesystem of two MiB."""
    store = folder / "gate" / "store"
    store.mkdir(parents=True)
    subprocess.run(["mount", "-t", "tmpfs", "-o", f"size={SIZE_KIB}k",
                    "edge-test", str(store)], check=True)
    try:
        edge = make_edge()
        edge.gate.start()
        yield edge, Filler(store / "filler")
        edge.gate.stop()
    finally:
        subprocess.run(["umount", "--lazy", str(store)], check=True)


def claim_until_full(edge, token, m=None):
    """The tickets that were given before the first 503."""
    tickets = []
    for _ in range(CLAIMS_MAX):
        answer = edge.claim(token, m)
        if answer.status == 503:
            assert not TICKET.search(answer.text)
            assert answer.headers["retry-after"]
            return tickets
        tickets.append(TICKET.search(answer.text).group())
    raise AssertionError(f"{CLAIMS_MAX} claims fit into a full filesystem")


def test_claims_on_a_full_filesystem(small):
    """LMDB uses up its free pages first; then nothing is given that is not on
    record, and the next claim after space was made gets the next number."""
    edge, filler = small
    token = edge.token()
    filler.fill()
    tickets = claim_until_full(edge, token)
    assert edge.record()["highest"] == len(tickets)
    assert "not written" in edge.gate.error_log()
    said = subprocess.run(
        [str(paths.PROGRAMS / "edge-auth"), "node", "arm", "node-1", "--store",
         str(edge.gate.store)], capture_output=True, text=True)
    assert said.returncode != 0 and "edge-auth: " in said.stderr
    filler.remove()
    ticket = edge.ticket(token)
    assert edge.record()["highest"] == len(tickets) + 1
    assert edge.get(ticket).body == CONFIG
    edge.auth("store", "check")


def test_a_delivery_on_a_full_filesystem(small):
    """A config that cannot be put on record stays where it is."""
    edge, filler = small
    mine, other = edge.ticket(edge.token()), edge.token("node-2")
    filler.fill()
    claim_until_full(edge, other, edge.machines[1])
    answer = edge.get(mine)
    assert answer.status == 503 and b"canary" not in answer.body
    assert edge.record()["state"] == "claimed"
    filler.remove()
    assert edge.get(mine).body == CONFIG
    assert edge.record()["state"] == "delivered"
