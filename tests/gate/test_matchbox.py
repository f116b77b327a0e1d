"""The whole way through a real Matchbox: what it serves is what arrives, and its
log holds nothing of a credential."""

import json

import pytest

from edge import CONFIG, TICKET, Edge
from lab.matchbox import Matchbox


class Silent:
    """Where Edge puts answers when Matchbox itself gives them."""

    def __init__(self):
        self.answers = {}


@pytest.fixture
def edge(make_gate, tmp_path):
    gate = make_gate()
    made = Edge(gate, Silent())
    data = tmp_path / "matchbox"
    matchbox = Matchbox(gate.host, data, tmp_path / "served",
                        tmp_path / "matchbox.log")
    for folder in ("groups", "profiles", "generic"):
        (data / folder).mkdir(parents=True)
    for m in made.machines:
        (data / "generic" / f"{m.name}.yaml").write_bytes(CONFIG)
        (data / "groups" / f"{m.name}.json").write_text(json.dumps({
            "id": m.name, "profile": m.name, "selector": {"uuid": m.uuid}}))
        (data / "profiles" / f"{m.name}.json").write_text(json.dumps({
            "id": m.name, "generic_id": f"{m.name}.yaml", "boot": {
                "kernel": "assets/vmlinuz", "initrd": ["assets/initramfs"],
                "args": ["talos.config=${edge_config}/generic?uuid=",
                         # long enough for a chunked answer
                         "filler=" + "x" * 3000]}}))
    matchbox.start()
    gate.start()
    made.matchbox = matchbox
    yield made
    matchbox.stop()


def test_from_rom_to_config(edge):
    token, m = edge.token(), edge.machines[0]
    boot = edge.boot(f"/t/{token}/boot.ipxe")
    assert boot.text.startswith("#!ipxe\nchain ipxe?uuid=${uuid}")
    script = edge.claim(token)
    ticket = TICKET.search(script.text).group()
    lines = script.text.split("\n")
    assert lines[1] == f"set edge_ticket {ticket}"
    assert lines[3].startswith(
        "kernel assets/vmlinuz talos.config=${edge_config}/generic?uuid= ")
    assert edge.get(ticket).body == CONFIG
    assert edge.matchbox.requests() == [
        "GET /boot.ipxe", f"GET /ipxe?uuid={m.uuid}&arch=x86_64",
        f"GET /generic?uuid={m.uuid}"]
    log = edge.matchbox.log.read_text()
    for secret in (token, ticket):
        assert secret[-39:] not in log and secret[-13:] not in log


def test_no_group(edge):
    """Matchbox' 404 spends nothing."""
    token = edge.token()
    before = edge.record()
    group = edge.matchbox.data / "groups" / "node-1.json"
    text = group.read_text()
    group.unlink()
    assert edge.claim(token).status == 503
    assert edge.record() == before
    group.write_text(text)
    assert TICKET.search(edge.claim(token).text)


def test_a_default_group_does_not_stand_in(edge):
    """A node that falls through gets another config than is on record."""
    ticket = edge.ticket(edge.token())
    (edge.matchbox.data / "groups" / "node-1.json").unlink()
    (edge.matchbox.data / "generic" / "all.yaml").write_bytes(
        CONFIG.replace(b"worker", b"controlplane"))
    (edge.matchbox.data / "profiles" / "all.json").write_text(
        json.dumps({"id": "all", "generic_id": "all.yaml"}))
    (edge.matchbox.data / "groups" / "all.json").write_text(
        json.dumps({"id": "all", "profile": "all"}))
    before = edge.record()
    answer = edge.get(ticket)
    assert (answer.status, edge.reason()) == (503, "digest")
    assert b"controlplane" not in answer.body
    assert edge.record() == before
