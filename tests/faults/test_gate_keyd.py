"""The gate, edge-keyd or the disk end while a key is being minted: the node's
next try gets a config with one key that is on record, nothing leaves without a
key, and at the end of the enrollment each key at the provider is used or gone.

All parts are the real ones but for the provider's API."""

import fcntl
import os
import pathlib
import signal
import struct
import sys
import threading

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "keyd"))
sys.path.insert(0, str(TESTS / "gate"))

import gate as harness                                     # noqa: E402
from edge import Edge                                      # noqa: E402
from edge_keyd import EdgeKeyd                             # noqa: E402
from gate_fixtures import (address, certificates,          # noqa: E402,F401
                           make_gate, upstream)
from tailapi import TailApi                                # noqa: E402
from test_gate_disk import FAULTS, Disk, shim              # noqa: E402,F401
from test_gate_kill import Asking, expect_kills, kill_workers  # noqa: E402

PLACEHOLDER = b"@edge-auth:tailscale-key@"
CONFIG = (b"version: v1alpha1\nmachine:\n  type: worker\n---\n"
          b"apiVersion: v1alpha1\nkind: ExtensionServiceConfig\n"
          b"environment:\n- TS_AUTHKEY=" + PLACEHOLDER + b"\n")
SECRET = b"secretOfKey"             # in each key of the stand-in
YOUNG = 700                         # s: edge-keyd lists a key when it is older
LATER = 2 * 86400                   # s: behind every close
WAIT = 30
POST_KEY = ("POST", "/api/v2/tailnet/-/keys")


class Audit:
    """Takes the place of the audit file, and keeps what was written. While it
    stands still, a worker does as well, right behind its next commit."""

    def __init__(self, path):
        os.mkfifo(path)
        self.path, self.text = path, b""
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, 4096)
        self._lock, self._over = threading.Lock(), threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def _run(self):
        while not self._over.wait(0.01):
            with self._lock:
                self._drain()

    def _drain(self):
        try:
            while part := os.read(self._fd, 65536):
                self.text += part
        except BlockingIOError:
            pass

    def stand_still(self):
        self._lock.acquire()
        for size in (4096, 1):      # a write that does not fit writes nothing
            try:
                while True:
                    os.write(self._fd, b"\n" * size)
            except BlockingIOError:
                continue

    def go_on(self):
        self._lock.release()

    def close(self):
        self._over.set()
        self._thread.join()
        os.close(self._fd)
        self.path.unlink()


class Turn:
    """The turn to write the store, kept from everybody else."""

    TAKE, WRITE, DROP = 37, fcntl.F_WRLCK, fcntl.F_UNLCK   # 37: F_OFD_SETLK

    def __init__(self, store):
        path, = store.glob("*.lock")
        self._fd = os.open(path, os.O_RDWR)
        self._inode = f":{os.fstat(self._fd).st_ino} "
        self._set(self.WRITE)

    def _set(self, kind):
        fcntl.fcntl(self._fd, self.TAKE,
                    struct.pack("hhqqi4x", kind, os.SEEK_SET, 0, 1, 0))

    def is_wanted(self):
        """Somebody waits for it."""
        return any("->" in line and self._inode in line for line in
                   pathlib.Path("/proc/locks").read_text().splitlines())

    def give(self):
        self._set(self.DROP)
        os.close(self._fd)


class Scene:
    """One node with a ticket, and everything behind it."""

    def __init__(self, edge, keyd, api, audit, disk):
        self.edge, self.keyd, self.api = edge, keyd, api
        self.audit, self.disk = audit, disk
        self.ticket = edge.ticket(edge.token())

    def ask(self):
        return Asking(lambda: self.edge.get(self.ticket))

    def posts(self):
        return self.api.count(*POST_KEY)

    def minted(self):
        return list(self.api.net.keys.values())

    def hold_mint(self):
        """(go on, request in the background): the API has the question."""
        self.api.delay_mint = threading.Event()
        before, asking = self.posts(), self.ask()
        harness.until(lambda: self.posts() > before, "the API is asked", WAIT)
        return self.api.delay_mint.set, asking

    def hold_answer(self):
        """As hold_mint, and the key was made; nobody knows of it yet."""
        made, go_on, mint = threading.Event(), threading.Event(), \
            self.api.net.mint

        def held(*args, **more):
            key = mint(*args, **more)
            made.set()
            go_on.wait(WAIT)
            return key

        self.api.net.mint = held
        asking = self.ask()
        assert made.wait(WAIT)
        self.api.net.mint = mint
        return go_on.set, asking

    def rev(self):
        return self.edge.record()["rev"]


@pytest.fixture
def api():
    with TailApi(owns=["tag:edge-site-a"]) as made:
        yield made


@pytest.fixture
def keyd(api):
    made = EdgeKeyd(api.url, api.client_secret).start()
    yield made
    made.close()


def make_scene(make, upstream, keyd, api, folder, library,  # noqa: F811
               monkeypatch, workers=1):
    gate = make(edits=[(
        "    edge_auth_store store;",
        f"    edge_auth_store store;\n    edge_auth_keyd unix:{keyd.path};\n"
        "    edge_auth_keyd_timeout 20s;\n    edge_auth_keyd_interval 20ms;"),
        ("log/audit.json", "log/audit.pipe"),
        ("worker_processes 1;", f"worker_processes {workers};"),
        ("pid run/nginx.pid;", "pid run/nginx.pid;\nenv EDGE_FAULT;\n"
         "env LD_PRELOAD;\nenv ASAN_OPTIONS;")])
    audit = Audit(gate.folder / "log" / "audit.pipe")
    disk = Disk(folder / "fault")
    edge = Edge(gate, upstream, key="mint", digest=CONFIG)
    upstream.answers["/generic"] = CONFIG
    for name, value in (
            ("LD_PRELOAD", str(library)), ("EDGE_FAULT", str(disk.path)),
            ("ASAN_OPTIONS", os.environ.get("ASAN_OPTIONS", "")
             + ":verify_asan_link_order=0")):
        monkeypatch.setitem(harness.ENVIRONMENT, name, value)
    gate.start()
    return Scene(edge, keyd, api, audit, disk)


@pytest.fixture
def scene(make_gate, upstream, keyd, api, tmp_path, shim,  # noqa: F811
          monkeypatch):
    made = make_scene(make_gate, upstream, keyd, api, tmp_path, shim,
                      monkeypatch)
    yield made
    made.edge.gate.stop()
    made.audit.close()


@pytest.fixture
def pair(make_gate, upstream, keyd, api, tmp_path, shim,   # noqa: F811
         monkeypatch):
    """The same with two workers."""
    made = make_scene(make_gate, upstream, keyd, api, tmp_path, shim,
                      monkeypatch, workers=2)
    yield made
    made.edge.gate.stop()
    made.audit.close()


# ---- what goes wrong; each returns the answer that the node got ----

def worker_dies_before_the_mint(s):
    """Row 10 is written, edge-keyd was not asked."""
    s.audit.stand_still()
    asking = s.ask()
    harness.until(lambda: s.edge.record()["state"] == "delivered", "row 10")
    kill_workers(s.edge)
    s.audit.go_on()
    assert s.posts() == 0
    return asking.get()


def worker_dies_during_the_mint(s):
    go_on, asking = s.hold_mint()
    kill_workers(s.edge)
    go_on()
    return asking.get()


def worker_dies_before_row_11(s):
    """It has the key; the record does not."""
    go_on, asking = s.hold_mint()
    turn = Turn(s.edge.gate.store)
    go_on()
    harness.until(turn.is_wanted, "row 11 is to be written", WAIT)
    kill_workers(s.edge)
    turn.give()
    return asking.get()


def worker_dies_before_the_body(s):
    """The key is on record, nobody got it."""
    go_on, asking = s.hold_mint()
    before = s.rev()
    s.audit.stand_still()
    go_on()
    harness.until(lambda: s.rev() > before, "row 11", WAIT)
    kill_workers(s.edge)
    s.audit.go_on()
    return asking.get()


def keyd_dies_during_the_mint(s):
    """The API has made a key that nobody will ever hear of."""
    go_on, asking = s.hold_answer()
    s.keyd.stop(signal.SIGKILL)
    go_on()
    answer = asking.get()
    s.keyd.start()
    return answer


def gate_dies_during_the_mint(s):
    go_on, asking = s.hold_answer()
    for process in (s.edge.gate.pid, *s.edge.gate.workers()):
        os.kill(process, signal.SIGKILL)
    s.edge.gate.stop()
    go_on()
    s.edge.gate.start()
    return asking.get()


def gate_and_keyd_die_before_row_11(s):
    go_on, asking = s.hold_mint()
    turn = Turn(s.edge.gate.store)
    go_on()
    harness.until(turn.is_wanted, "row 11 is to be written", WAIT)
    for process in (s.edge.gate.pid, *s.edge.gate.workers()):
        os.kill(process, signal.SIGKILL)
    s.edge.gate.stop()
    s.keyd.stop(signal.SIGKILL)
    turn.give()
    s.keyd.start()
    s.edge.gate.start()
    return asking.get()


def gate_is_reloaded_during_the_mint(s):
    go_on, asking = s.hold_mint()
    s.edge.gate.reload()
    go_on()
    answer = asking.get()
    assert answer.status == 200        # a reload costs nobody an answer
    return answer


def disk_is_full_at_row_11(s):
    go_on, asking = s.hold_mint()
    s.disk.break_(*FAULTS["full"])
    go_on()
    answer = asking.get()
    s.disk.mend()
    assert (answer.status, answer.text) == (503, "KE-503 store\n")
    return answer


# what goes wrong, and how many keys are made until the node has its config
MOMENTS = {
    worker_dies_before_the_mint: 1,
    worker_dies_during_the_mint: 1,
    worker_dies_before_row_11: 1,
    worker_dies_before_the_body: 1,
    keyd_dies_during_the_mint: 2,
    gate_dies_during_the_mint: 1,
    gate_and_keyd_die_before_row_11: 2,
    gate_is_reloaded_during_the_mint: 1,
    disk_is_full_at_row_11: 1,
}


# ---- how an enrollment ends ----

def revoked(s, key):
    s.edge.auth("token", "revoke", "node-1")


def confirmed(s, key):
    s.edge.auth("node", "confirm", "node-1")


def joined(s, key):
    device = s.api.net.use(key.secret, "node-1")
    harness.until(lambda: s.edge.record()["state"] == "joined", "row 16", WAIT)
    assert s.edge.record()["device"] == device.node_id


def key_in(s, body):
    """The key of a config, which is whole otherwise."""
    key, = [key for key in s.minted() if key.secret.encode() in body]
    assert body == CONFIG.replace(PLACEHOLDER, key.secret.encode())
    return key


def assert_no_key_without_record(answer):
    """Nothing of a config leaves before its key is on record."""
    assert answer.status in (0, 503), answer
    assert b"TS_AUTHKEY" not in answer.body and SECRET not in answer.body


def next_config(s):
    answer = harness.until(
        lambda: (got := s.edge.get(s.ticket)).status == 200 and got,
        "the config at a further try", WAIT)
    assert s.edge.get(s.ticket).body == answer.body
    return key_in(s, answer.body)


def assert_all_gone(s, used=()):
    """Once keys are old enough to be swept, none is left that could be used;
    and none ended only because its time was up."""
    for key in s.minted():
        key.created -= YOUNG
    harness.until(lambda: all(key.used or key.deleted for key in s.minted()),
                  "each key is used or deleted", WAIT)
    s.api.net.shift = LATER
    s.api.net.expire()
    became = {what: {row["key"] for row in s.api.net.log
                     if row["what"] == what}
              for what in ("minted", "used", "deleted", "expired")}
    assert became["minted"] == became["used"] | became["deleted"]
    assert became["used"] == {key.id for key in used}
    assert became["used"] & became["deleted"] == became["expired"] == set()


def assert_nothing_leaks(s):
    """Keys in no file of the gate or of edge-keyd, the store included."""
    for folder in (s.edge.gate.folder, s.keyd.folder):
        for path in folder.rglob("*"):
            if path.is_file():
                assert SECRET not in path.read_bytes(), path
    assert s.audit.text and SECRET not in s.audit.text
    s.edge.auth("store", "check")


@pytest.mark.parametrize("end", (revoked, confirmed, joined),
                         ids=lambda end: end.__name__)
@pytest.mark.parametrize("moment", MOMENTS,
                         ids=lambda moment: moment.__name__)
def test_one_key_on_record(scene, moment, end):
    answer = moment(scene)
    if answer.status != 200:
        assert_no_key_without_record(answer)
    key = next_config(scene)
    assert answer.status != 200 or key_in(scene, answer.body) is key
    assert len(scene.minted()) == MOMENTS[moment]
    assert not any(key.deleted or key.used for key in scene.minted())
    end(scene, key)
    if end is not joined:
        # young keys are not swept: it goes because the record names it
        harness.until(lambda: key.deleted, "the key that was delivered", WAIT)
    assert [key.deleted for key in scene.minted() if not key.used].count(
        True) == (end is not joined)
    assert_all_gone(scene, [key] if end is joined else [])
    assert_nothing_leaks(scene)
    expect_kills(scene.edge)


@pytest.mark.parametrize("moment", MOMENTS,
                         ids=lambda moment: moment.__name__)
def test_the_node_never_asks_again(scene, moment):
    """Revoked right after it: what was minted for nobody goes as well."""
    moment(scene)
    revoked(scene, None)
    harness.until(lambda: len(scene.minted()) >= scene.posts(), "all mints")
    assert_all_gone(scene)
    assert_nothing_leaks(scene)
    expect_kills(scene.edge)


# ---- two workers ----

class Only:
    """While it lasts, this worker alone takes connections."""

    def __init__(self, gate, worker):
        self._others = gate.workers() - {worker}

    def __enter__(self):
        for other in self._others:
            os.kill(other, signal.SIGSTOP)

    def __exit__(self, *args):
        for other in self._others:
            os.kill(other, signal.SIGCONT)


def ask_by(s, worker, ticket):
    """A GET that this worker serves, once its row 10 is written."""
    before = s.rev()
    with Only(s.edge.gate, worker):
        asking = Asking(lambda: s.edge.get(ticket))
        harness.until(lambda: s.rev() > before, "row 10", WAIT)
    return asking


def test_one_ticket_at_two_workers(pair):
    """Both answers have the same key, and there is no other."""
    pair.api.delay_mint = threading.Event()
    answers = [ask_by(pair, worker, pair.ticket)
               for worker in sorted(pair.edge.gate.workers())]
    harness.until(pair.posts, "the API is asked", WAIT)
    pair.api.delay_mint.set()
    first, second = (asking.get() for asking in answers)
    assert (first.status, second.status) == (200, 200)
    assert first.body == second.body
    key = key_in(pair, first.body)
    assert pair.minted() == [key] and not key.deleted
    joined(pair, key)
    assert_all_gone(pair, [key])
    assert_nothing_leaks(pair)


def test_two_attempts_at_two_workers(pair):
    """The key of the attempt that was superseded meanwhile goes to nobody."""
    pair.api.delay_mint = threading.Event()
    one, two = sorted(pair.edge.gate.workers())
    token = pair.edge.token()
    pair.ticket = pair.edge.ticket(token)
    older = ask_by(pair, one, pair.ticket)
    pair.ticket = pair.edge.ticket(token)
    newer = ask_by(pair, two, pair.ticket)
    harness.until(lambda: pair.posts() == 2, "the API is asked twice", WAIT)
    pair.api.delay_mint.set()
    assert_no_key_without_record(older.get())
    answer = newer.get()
    assert answer.status == 200
    key = key_in(pair, answer.body)
    other, = [each for each in pair.minted() if each is not key]
    assert key.description.endswith("-2") and other.description.endswith("-1")
    harness.until(lambda: other.deleted, "the older one's key goes", WAIT)
    assert not key.deleted
    joined(pair, key)
    assert_all_gone(pair, [key])
    assert_nothing_leaks(pair)
