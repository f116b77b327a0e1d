"""The gate while its store, its upstream or its process goes away: 503, nothing
granted, and back to work by itself."""

import os
import pathlib
import shutil
import signal
import sys
import threading
import time

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gate"))

import gate as harness                                     # noqa: E402
from edge import CONFIG, SCRIPT, TICKET, Edge              # noqa: E402
from gate_fixtures import (address, certificates,          # noqa: E402,F401
                           make_gate, upstream)
from lab import web                                        # noqa: E402


@pytest.fixture
def edge(make_gate, upstream):                             # noqa: F811
    gate = make_gate()
    made = Edge(gate, upstream)
    gate.start()
    return made


def slow(body, seconds):
    def answer(handler):
        time.sleep(seconds)
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


class Asking(threading.Thread):
    """A request in the background; answer once joined."""

    def __init__(self, request):
        super().__init__()
        self.request, self.answer = request, None
        self.start()

    def run(self):
        self.answer = self.request()

    def get(self):
        self.join()
        return self.answer


def test_no_store_yet(make_gate, upstream):                # noqa: F811
    """A gate that starts before its store was made, and opens it by itself."""
    gate = make_gate()
    gate.start()
    answer = web.request(
        gate.url("boot") + "/t/ket1_x/boot.ipxe", ca=gate.ca,
        agent="iPXE/1.21.1")
    assert answer.status == 503 and answer.headers["retry-after"]
    assert "cannot be used" in gate.error_log()
    edge = Edge(gate, upstream)
    token = edge.token()
    harness.until(lambda: TICKET.search(edge.claim(token).text),
                  "the store to be opened", timeout=20)


def test_a_lab_store_needs_a_lab(make_gate, upstream):     # noqa: F811
    gate = make_gate(lab=False)
    edge = Edge(gate, upstream)
    gate.start()
    token = edge.token()
    assert edge.claim(token).status == 503
    assert 'only "edge_auth_lab on" opens' in gate.error_log()
    gate.edit("upstream", "edge_auth_lab on;\nupstream", "local-http.conf")
    gate.reload()
    harness.until(lambda: TICKET.search(edge.claim(token).text),
                  "the lab's store to be opened")
    assert "is a lab's store" in gate.error_log()


@pytest.mark.parametrize("mode", (0o644, 0o660, 0o604))
def test_pepper_that_others_can_read(make_gate, upstream, mode):  # noqa: F811
    gate = make_gate()
    edge = Edge(gate, upstream)
    gate.pepper.chmod(mode)
    gate.start()
    assert edge.boot("/t/ket1_x/ipxe").status == 503
    assert "mode 0640 or stricter" in gate.error_log()
    gate.pepper.chmod(0o640)
    token = edge.token()
    harness.until(lambda: TICKET.search(edge.claim(token).text),
                  "the pepper to be read", timeout=20)


def test_replaced_store_grants_nothing(edge):
    """A restored data file under a running gate: commits would go to a file
    that nobody sees."""
    token = edge.token()
    edge.ticket(token)
    kept = edge.gate.folder / "kept"
    shutil.copytree(edge.gate.store, kept)
    edge.gate.store.rename(edge.gate.folder / "old")
    kept.rename(edge.gate.store)
    time.sleep(1.1)
    assert edge.claim(token).status == 503
    assert "unhealthy" in edge.gate.error_log()
    harness.until(lambda: TICKET.search(edge.claim(token).text),
                  "the new files to be opened", timeout=20)


def test_reload_during_a_boot_loses_nothing(edge):
    """Requests on their way end with the old worker; the next go to the new."""
    token = edge.token()
    edge.upstream.answers["/ipxe"] = slow(SCRIPT, 1.0)
    asking = Asking(lambda: edge.claim(token))
    harness.until(lambda: edge.upstream.requests, "the claim to reach Matchbox")
    edge.gate.reload()
    ticket = TICKET.search(asking.get().text).group()
    edge.upstream.answers["/generic"] = slow(CONFIG, 1.0)
    seen = len(edge.upstream.requests)
    asking = Asking(lambda: edge.get(ticket))
    harness.until(lambda: len(edge.upstream.requests) > seen,
                  "the fetch to reach Matchbox")
    edge.gate.reload()
    assert asking.get().body == CONFIG
    assert edge.record()["state"] == "delivered"


def test_killed_worker(edge):
    """SIGKILL in the middle: the client gets nothing, the next one everything,
    and what was written is what was answered."""
    token = edge.token()
    edge.upstream.answers["/ipxe"] = slow(SCRIPT, 1.0)
    asking = Asking(lambda: edge.claim(token))
    harness.until(lambda: edge.upstream.requests, "the claim to reach Matchbox")
    for worker in edge.gate.workers():
        edge.gate.expected_alerts.add(
            f"worker process {worker} exited on signal 9")
        os.kill(worker, signal.SIGKILL)
    assert asking.get().status == 0
    assert edge.record()["state"] == "armed"
    edge.upstream.answers["/ipxe"] = SCRIPT
    assert TICKET.search(edge.claim(token).text)


@pytest.mark.parametrize("number", (signal.SIGTERM, signal.SIGQUIT),
                         ids=["TERM", "QUIT"])
def test_ending_gate_keeps_what_it_wrote(edge, number):
    """Row 12 is written by a detached task: an end right behind the answer must
    not lose it, nor tear anything."""
    ticket = edge.ticket(edge.token())
    assert edge.get(ticket).status == 200
    edge.gate.stop(number)
    edge.auth("store", "check")
    assert edge.record()["state"] == "delivered"
    assert "alert" not in edge.gate.error_log()


def test_client_that_leaves(edge):
    """Gone while the upstream is slow: nothing is spent, nothing crashes."""
    token = edge.token()
    edge.upstream.answers["/ipxe"] = slow(SCRIPT, 1.0)
    workers = edge.gate.workers()
    query = edge.machines[0].query()
    for _ in range(5):
        edge.boot(f"/t/{token}/ipxe?{query}", timeout=0.3)
    time.sleep(1.5)
    assert edge.gate.workers() == workers
    edge.upstream.answers["/ipxe"] = SCRIPT
    assert TICKET.search(edge.claim(token).text)


def test_overtaken(edge):
    """Row 23: a power cycle while the first claim still waits for Matchbox. The
    older request gets nothing, and does not look like a clone."""
    token = edge.token()
    edge.upstream.answers["/ipxe"] = slow(SCRIPT, 1.5)
    old = Asking(lambda: edge.claim(token))
    harness.until(lambda: edge.upstream.requests, "the claim to reach Matchbox")
    edge.upstream.answers["/ipxe"] = SCRIPT
    ticket = edge.ticket(token)
    answer = old.get()
    assert answer.status == 503 and not TICKET.search(answer.text)
    assert [line["row"] for line in edge.gate.audit()
            if line["action"] == "claim"] == ["3", "23"]
    assert edge.get(ticket).status == 200


@pytest.mark.parametrize("workers", (1, 3))
def test_claims_at_once(make_gate, upstream, workers):     # noqa: F811
    """Of any number of claims at once only the highest attempt is served, and
    no answer hands out a ticket that is not on record."""
    gate = make_gate(edits=[("worker_processes 1;",
                             f"worker_processes {workers};")])
    edge = Edge(gate, upstream)
    gate.start()
    token = edge.token()
    asking = [Asking(lambda: edge.claim(token)) for _ in range(6)]
    answers = [one.get() for one in asking]
    tickets = [TICKET.search(a.text).group() for a in answers
               if TICKET.search(a.text)]
    assert tickets and len(set(tickets)) == len(tickets)
    assert {a.status for a in answers} <= {200, 503}
    served = [edge.get(ticket).status for ticket in sorted(
        tickets, key=lambda t: t)]
    assert served.count(200) <= 1


def test_upstream_comes_back(edge):
    token = edge.token()
    edge.upstream.stop()
    try:
        assert edge.claim(token).status == 503
    finally:
        edge.upstream.__init__(edge.gate.host)
    edge.upstream.answers["/ipxe"] = SCRIPT
    assert TICKET.search(edge.claim(token).text)
