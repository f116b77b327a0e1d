"""Workers that are killed or replaced between any two steps of a claim: what was
answered is on record, and of all tickets of a node one at most gets a config."""

import fcntl
import os
import pathlib
import re
import signal
import sys
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gate"))

import gate as harness                                     # noqa: E402
from edge import CONFIG, TICKET, Edge                      # noqa: E402
from gate_fixtures import (address, certificates,          # noqa: E402,F401
                           make_gate, upstream)

KILLED = re.compile(r"worker process \d+ exited on signal 9")


class Pipe:
    """Takes the place of the audit file. While it is full, a worker stands
    still right between a commit and its answer: it writes the line there."""

    def __init__(self, path):
        os.mkfifo(path)
        self._fd = os.open(path, os.O_RDWR | os.O_NONBLOCK)
        fcntl.fcntl(self._fd, fcntl.F_SETPIPE_SZ, 4096)

    def fill(self):
        for size in (4096, 1):      # a write that does not fit writes nothing
            try:
                while True:
                    os.write(self._fd, b"\n" * size)
            except BlockingIOError:
                continue

    def drain(self):
        try:
            while os.read(self._fd, 65536):
                pass
        except BlockingIOError:
            pass

    def close(self):
        os.close(self._fd)


class Asking(threading.Thread):
    """A request in the background; get() waits for its answer."""

    def __init__(self, request):
        super().__init__()
        self._request, self._answer = request, None
        self.start()

    def run(self):
        self._answer = self._request()

    def get(self):
        self.join()
        return self._answer


@pytest.fixture
def stopped(make_gate, upstream):                          # noqa: F811
    """(edge, pipe): a gate whose audit can be made to stand still."""
    gate = make_gate()
    pipe = Pipe(gate.folder / "log" / "audit.pipe")
    gate.edit("log/audit.json", "log/audit.pipe")
    made = Edge(gate, upstream)
    gate.start()
    yield made, pipe
    pipe.drain()
    gate.stop()
    # the harness looks for secrets in every file of this folder
    (gate.folder / "log" / "audit.pipe").unlink()
    pipe.close()


def kill_workers(edge):
    """SIGKILL, and wait for the next worker to answer."""
    before = edge.gate.workers()
    for worker in before:
        os.kill(worker, signal.SIGKILL)
    harness.until(lambda: edge.gate.workers() - before, "a new worker")


def expect_kills(edge):
    """nginx calls each an alert, which no other test may cause."""
    edge.gate.expected_alerts |= {
        line for line in harness.alerts(edge.gate) if KILLED.search(line)}


def test_the_record_comes_before_the_answer(stopped):
    """The record is durable while the answer is still held back."""
    edge, pipe = stopped
    token = edge.token()
    pipe.fill()
    asking = Asking(lambda: edge.claim(token))
    harness.until(lambda: edge.record()["state"] == "claimed", "the commit")
    asking.join(0.5)
    assert asking.is_alive()
    pipe.drain()
    assert edge.get(TICKET.search(asking.get().text).group()).body == CONFIG


def test_killed_between_commit_and_answer_of_a_claim(stopped):
    """Nobody got ticket 1. The next claim gets ticket 2, and its config."""
    edge, pipe = stopped
    token = edge.token()
    pipe.fill()
    asking = Asking(lambda: edge.claim(token))
    harness.until(lambda: edge.record()["state"] == "claimed", "the commit")
    kill_workers(edge)
    assert asking.get().status == 0
    pipe.drain()
    ticket = edge.ticket(token)
    assert edge.get(ticket).body == CONFIG
    record = edge.record()
    assert (record["state"], record["hold"]) == ("delivered", "none")
    edge.auth("store", "check")
    expect_kills(edge)


def test_killed_between_commit_and_answer_of_a_delivery(stopped):
    """Exposed on record, though not a byte left; the same ticket fetches it."""
    edge, pipe = stopped
    ticket = edge.ticket(edge.token())
    pipe.fill()
    asking = Asking(lambda: edge.get(ticket))
    harness.until(lambda: edge.record()["state"] == "delivered", "the commit")
    kill_workers(edge)
    answer = asking.get()
    assert answer.status == 0 and answer.body == b""
    pipe.drain()
    assert edge.get(ticket).body == CONFIG
    expect_kills(edge)


class Machine(threading.Thread):
    """Claims over and over until told to end. A machine that was not answered
    is switched off and on again: it forgets its ticket."""

    def __init__(self, edge, token, m, over):
        super().__init__()
        self.edge, self.token, self.m, self.over = edge, token, m, over
        self.tickets, self.statuses = [], set()
        self.start()

    def run(self):
        while not self.over.is_set():
            answer = self.edge.claim(self.token, self.m)
            self.statuses.add(answer.status)
            if found := TICKET.search(answer.text):
                self.tickets.append(found.group())


def storm(edge, disturb, times):
    """Three machines claim while disturb() is called so many times."""
    over = threading.Event()
    tokens = [edge.token(m.name) for m in edge.machines]
    machines = [Machine(edge, token, m, over)
                for token, m in zip(tokens, edge.machines)]
    try:
        for _ in range(times):
            seen = [len(machine.tickets) for machine in machines]
            disturb()
            harness.until(lambda: any(
                len(machine.tickets) > n for machine, n in zip(machines, seen)),
                "a ticket after the disturbance", timeout=20)
    finally:
        over.set()
        for machine in machines:
            machine.join()
    return machines


def assert_one_holder_each(edge, machines):
    """Each acknowledged claim is on record, no two of one number, and only the
    last ticket of a node fetches."""
    edge.auth("store", "check")
    for machine in machines:
        record = edge.record(machine.m.name)
        assert machine.tickets
        assert len(set(machine.tickets)) == len(machine.tickets)
        assert record["highest"] >= len(machine.tickets)
        last = edge.ticket(machine.token, machine.m)
        assert edge.get(last, machine.m).body == CONFIG
        for old in machine.tickets[-3:]:
            assert edge.get(old, machine.m).status == 409
        assert edge.record(machine.m.name)["attempt"] == record["highest"] + 1


@pytest.fixture
def edge(make_gate, upstream):                             # noqa: F811
    made = Edge(make_gate(), upstream)
    made.gate.start()
    return made


def test_workers_killed_during_claims(edge):
    machines = storm(edge, lambda: kill_workers(edge), 10)
    assert set().union(*(m.statuses for m in machines)) <= {0, 200, 503}
    assert_one_holder_each(edge, machines)
    expect_kills(edge)


def test_reloads_during_claims(edge):
    """No claim is lost to a reload: each is answered, and with a ticket."""
    machines = storm(edge, edge.gate.reload, 20)
    assert set().union(*(m.statuses for m in machines)) == {200}
    assert_one_holder_each(edge, machines)


def without_override(argv):
    """As root, but bound by the permission bits as everybody else is."""
    if os.geteuid() != 0:
        return argv
    return ["setpriv", "--bounding-set", "-dac_override,-dac_read_search",
            "--", *argv]


@pytest.mark.parametrize("name, mode", [
    ("store", 0o000), ("store/data.mdb", 0o400), ("store/lock.mdb", 0o000)])
def test_store_that_may_not_be_written(make_gate, upstream,  # noqa: F811
                                       monkeypatch, name, mode):
    gate = make_gate()
    plain = gate.argv
    monkeypatch.setattr(gate, "argv",
                        lambda *more: without_override(plain(*more)))
    edge = Edge(gate, upstream)
    token, path = edge.token(), gate.folder / name
    kept = path.stat().st_mode & 0o7777
    path.chmod(mode)
    try:
        gate.start()
        answer = edge.claim(token)
        assert answer.status == 503 and not TICKET.search(answer.text)
        assert answer.headers["retry-after"]
        assert "edge_auth" in gate.error_log()
        assert upstream.requests == []
    finally:
        path.chmod(kept)
    assert edge.record()["state"] == "armed"
    ticket = harness.until(lambda: TICKET.search(edge.claim(token).text),
                           "the store to be opened", timeout=20).group()
    assert edge.get(ticket).body == CONFIG
