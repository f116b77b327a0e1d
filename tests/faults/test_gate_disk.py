"""A disk that is full or broken under a running gate: 503, never an answer that
is not on record, and back to work by itself."""

import errno
import os
import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "gate"))

import gate as harness                                     # noqa: E402
from edge import CONFIG, TICKET, Edge                      # noqa: E402
from gate_fixtures import (address, certificates,          # noqa: E402,F401
                           make_gate, upstream)

HERE = pathlib.Path(__file__).resolve().parent


@pytest.fixture(scope="module")
def shim(tmp_path_factory):
    made = tmp_path_factory.mktemp("shim") / "disk.so"
    subprocess.run(["cc", "-shared", "-fPIC", "-D_GNU_SOURCE", "-O1", "-o",
                    str(made), str(HERE / "disk.c"), "-ldl"], check=True)
    return made


class Disk:
    """break_("fdatasync", errno.EIO), mend()"""

    def __init__(self, path):
        self.path = path

    def break_(self, call, error):
        aside = self.path.with_suffix(".new")
        aside.write_text(f"{call} {error}\n")
        aside.rename(self.path)

    def mend(self):
        self.path.unlink()


@pytest.fixture
def broken(make_gate, upstream, shim, tmp_path, monkeypatch):   # noqa: F811
    """(edge, disk); only nginx runs with the shim."""
    disk = Disk(tmp_path / "fault")
    gate = make_gate()
    edge = Edge(gate, upstream)
    monkeypatch.setitem(harness.ENVIRONMENT, "LD_PRELOAD", str(shim))
    monkeypatch.setitem(harness.ENVIRONMENT, "EDGE_FAULT", str(disk.path))
    monkeypatch.setitem(
        harness.ENVIRONMENT, "ASAN_OPTIONS",
        os.environ.get("ASAN_OPTIONS", "") + ":verify_asan_link_order=0")
    # nginx keeps only the environment it is told to keep
    gate.edit("pid run/nginx.pid;", "pid run/nginx.pid;\nenv EDGE_FAULT;\n"
              "env LD_PRELOAD;\nenv ASAN_OPTIONS;")
    gate.start()
    return edge, disk


FAULTS = {
    "full": ("pwrite", errno.ENOSPC),
    "no write": ("pwrite", errno.EIO),
    "no flush": ("fdatasync", errno.EIO),
}


def is_on_record(edge, ticket):
    """Its attempt is the record's: what was handed out was written."""
    record = edge.record()
    number = len(record["attempts"])
    return number > 0 and edge.get(ticket).status == 200


@pytest.mark.parametrize("label", FAULTS)
def test_claim(broken, label):
    edge, disk = broken
    token = edge.token()
    disk.break_(*FAULTS[label])
    for _ in range(3):
        answer = edge.claim(token)
        assert answer.status == 503 and not TICKET.search(answer.text)
        assert edge.reason() == "store"
    disk.mend()
    answer = harness.until(
        lambda: TICKET.search(edge.claim(token).text), "the disk to be back",
        timeout=20)
    assert is_on_record(edge, answer.group())


@pytest.mark.parametrize("label", FAULTS)
def test_delivery(broken, label):
    edge, disk = broken
    ticket = edge.ticket(edge.token())
    disk.break_(*FAULTS[label])
    for _ in range(3):
        answer = edge.get(ticket)
        assert answer.status == 503 and b"canary" not in answer.body
    disk.mend()
    harness.until(lambda: edge.get(ticket).body == CONFIG,
                  "the disk to be back", timeout=20)
    assert edge.record()["state"] == "delivered"


def test_assets_need_no_writes(broken):
    """A full disk does not keep machines that are under way from booting."""
    edge, disk = broken
    token = edge.token()
    edge.ticket(token)
    disk.break_("pwrite", errno.ENOSPC)
    assert edge.claim(token).status == 503
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 200
    disk.mend()
    assert TICKET.search(edge.claim(token).text)
