"""Deliveries: from a ticket to a machine config that is on record first."""

import hashlib

import pytest

from edge import CONFIG, TICKET, Edge
from test_claim import forge


@pytest.fixture
def edge(make_gate, upstream):
    gate = make_gate()
    made = Edge(gate, upstream)
    gate.start()
    return made


def state(edge, name="node-1"):
    return edge.record(name)


def assert_refused(edge, request, status, code, reason):
    before, asked = edge.record(), len(edge.upstream.requests)
    answer = request()
    assert (answer.status, answer.text) == (status, code + "\n")
    assert len(answer.body) <= 33
    assert edge.reason() == reason
    assert edge.record() == before
    assert len(edge.upstream.requests) == asked


def test_delivery(edge):
    ticket = edge.ticket(edge.token())
    answer = edge.get(ticket)
    assert answer.status == 200 and answer.body == CONFIG
    assert answer.headers["content-length"] == str(len(CONFIG))
    assert answer.headers["cache-control"] == "no-store"
    assert not {"etag", "last-modified", "accept-ranges", "location",
                "content-encoding"} & answer.headers.keys()
    assert state(edge)["state"] == "delivered"
    method, path, headers = edge.upstream.requests[-1]
    assert (method, path) == ("GET", f"/generic?uuid={edge.machines[0].uuid}")
    assert set(headers) <= {"Host", "Connection"}


def test_the_same_hardware_fetches_again(edge):
    ticket = edge.ticket(edge.token())
    assert [edge.get(ticket).body for _ in range(3)] == [CONFIG] * 3


def test_whole_body_is_noted(edge):
    """Row 12: the window gets shorter once a whole body was handed over."""
    import gate as harness
    edge.get(edge.ticket(edge.token()))
    harness.until(lambda: any(line["row"] == "12" and line["node"] == "node-1"
                              for line in edge.gate.audit()),
                  "row 12 in the audit")


CONDITIONS = {
    "range": ["Range: bytes=0-9"],
    "if-range": ["Range: bytes=0-9", 'If-Range: "x"'],
    "if-none-match": ["If-None-Match: *"],
    "if-match": ['If-Match: "x"'],
    "if-modified-since": ["If-Modified-Since: Tue, 24 Nov 2037 00:00:00 GMT"],
    "if-unmodified-since": ["If-Unmodified-Since: Thu, 01 Jan 1970 00:00:01 GMT"],
    "gzip": ["Accept-Encoding: gzip"],
}


@pytest.mark.parametrize("label", CONDITIONS)
def test_always_the_whole_body(edge, label):
    ticket = edge.ticket(edge.token())
    answer = edge.get(ticket, headers=CONDITIONS[label])
    assert (answer.status, answer.body) == (200, CONFIG)


UUIDS = {
    "another node's": "9ddf0214-b102-49a3-bec3-d1151498a402",
    "unknown": "00000000-1111-2222-3333-444444444444",
    "absent": "",
}


@pytest.mark.parametrize("label", UUIDS)
def test_other_hardware(edge, label):
    ticket = edge.ticket(edge.token())
    assert_refused(edge, lambda: edge.get(ticket, uuid=UUIDS[label]), 403,
                   "KE-403 uuid", "uuid")
    assert edge.get(ticket).status == 200


def test_other_byte_order(edge):
    """Firmware of before SMBIOS 2.6 swaps the first three fields."""
    ticket = edge.ticket(edge.token())
    assert edge.get(ticket, uuid="1402df9d-02b1-a349-bec3-d1151498a401"
                    ).status == 200


TICKETS = {"id": 7, "secret": 20, "tag": 53}


@pytest.mark.parametrize("label", TICKETS)
def test_forged_ticket(edge, label):
    ticket = edge.ticket(edge.token())
    assert_refused(edge, lambda: edge.get(forge(ticket, TICKETS[label])), 403,
                   "KE-403", "forged")
    assert edge.get(ticket).status == 200


def test_another_nodes_ticket(edge):
    mine = edge.ticket(edge.token("node-1"), edge.machines[0])
    theirs = edge.ticket(edge.token("node-2"), edge.machines[1])
    assert_refused(edge, lambda: edge.get(theirs, edge.machines[0]), 403,
                   "KE-403 uuid", "uuid")
    assert edge.get(mine, edge.machines[0]).status == 200
    assert edge.get(theirs, edge.machines[1]).status == 200


def test_literal_uuid(edge):
    """Talos could not fill it in: nothing is counted."""
    ticket = edge.ticket(edge.token())
    before = edge.record()
    answer = edge.get(ticket, uuid="%24%7Buuid%7D")
    assert answer.status == 503 and edge.reason() == "literal"
    assert edge.record() == before
    assert edge.get(ticket).status == 200


def test_superseded_ticket_holds(edge):
    """Row 13: two holders of the full credential; nothing leaves until an
    operator arms the node again."""
    token = edge.token()
    first = edge.ticket(token)
    second = edge.ticket(token)
    answer = edge.get(first)
    assert (answer.status, answer.text.split()[0]) == (409, "KE-409")
    assert state(edge)["hold"] == "clone"
    answer = edge.get(second)
    assert answer.status == 409 and edge.reason() == "held"
    script = edge.claim(token)
    assert script.status == 200 and not TICKET.search(script.text)
    assert "edge-auth node arm node-1" in script.text
    assert edge.get(edge.ticket(edge.token())).status == 200


def test_redelivery_is_counted(edge):
    """Rows 8 and 9: after a whole body, two more claims; the third is held."""
    import gate as harness
    token = edge.token()
    for round_ in range(3):
        assert edge.get(edge.ticket(token)).status == 200
        harness.until(lambda n=round_: sum(
            line["row"] == "12" for line in edge.gate.audit()) > n, "row 12")
    script = edge.claim(token)
    assert not TICKET.search(script.text)
    assert state(edge)["hold"] == "redeliver"


def test_closed_and_extended(edge):
    """A ticket has no expiry of its own: the record decides."""
    ticket = edge.ticket(edge.token())
    edge.auth("token", "revoke", "node-1")
    assert edge.get(ticket).status == 403
    assert edge.get(edge.ticket(edge.token())).status == 200


def test_joined_gets_nothing(edge):
    ticket = edge.ticket(edge.token())
    assert edge.get(ticket).status == 200
    edge.auth("node", "confirm", "node-1")
    assert_refused(edge, lambda: edge.get(ticket), 403, "KE-403", "joined")


PATHS = ("grub", "ipxe", "boot.ipxe", "assets/vmlinuz", "generic.sig",
         "generic/", "GENERIC", "", "../generic", "%67eneric")


@pytest.mark.parametrize("path", PATHS)
def test_paths(edge, path):
    ticket = edge.ticket(edge.token())
    before, asked = edge.record(), len(edge.upstream.requests)
    assert edge.get(ticket, path=path).status == 404
    assert edge.record() == before
    assert len(edge.upstream.requests) == asked
    assert edge.get(ticket).status == 200


@pytest.mark.parametrize("method", ("HEAD", "POST", "PUT"))
def test_methods(edge, method):
    ticket = edge.ticket(edge.token())
    before = edge.record()
    assert edge.get(ticket, method=method).status == 405
    assert edge.record() == before
    assert edge.get(ticket).status == 200


def test_another_body_than_on_record(edge):
    """Half-written files, group fall-through, wrong roles: never sent."""
    ticket = edge.ticket(edge.token())
    before = edge.record()
    edge.upstream.answers["/generic"] = CONFIG + b"# one line more\n"
    answer = edge.get(ticket)
    assert (answer.status, edge.reason()) == (503, "digest")
    assert b"canary" not in answer.body and edge.record() == before
    edge.upstream.answers["/generic"] = CONFIG
    assert edge.get(ticket).status == 200


def test_placeholder_is_never_sent(make_gate, upstream):
    body = CONFIG + b"# @edge-auth:tailscale-key@\n"
    gate = make_gate()
    edge = Edge(gate, upstream, digest=body)
    gate.start()
    edge.upstream.answers["/generic"] = body
    ticket = edge.ticket(edge.token())
    before = edge.record()
    assert (edge.get(ticket).status, edge.reason()) == (503, "placeholder")
    assert edge.record() == before
    edge.document["nodes"]["node-1"]["sha256"] = hashlib.sha256(
        CONFIG).hexdigest()
    edge.document["serial"] += 1
    edge.publish()
    edge.upstream.answers["/generic"] = CONFIG
    assert edge.get(ticket).status == 200
