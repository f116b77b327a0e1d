"""What the gate makes of an upstream that fails: 503, nothing spent, and the
next try is served."""

import json
import time

import pytest

from edge import CONFIG, SCRIPT, TICKET, Edge


@pytest.fixture
def edge(make_gate, upstream):
    gate = make_gate(edits=[("edge_auth_body_max 256k;",
                             "edge_auth_body_max 64k;")])
    gate.edit("proxy_read_timeout 10s;", "proxy_read_timeout 1s;",
              "gate-locations.conf")
    made = Edge(gate, upstream)
    gate.start()
    return made


def answering(status, body=b"", headers=()):
    def answer(handler):
        handler.send_response(status)
        for name, value in headers:
            handler.send_header(name, value)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)
    return answer


def cut_off(body):
    """Announces all of it, sends half, hangs up."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body[:len(body) // 2])
        handler.wfile.flush()
        handler.close_connection = True
    return answer


def until_close(body):
    """No length at all: where it ends cannot be known."""
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Connection", "close")
        handler.end_headers()
        handler.wfile.write(body)
        handler.close_connection = True
    return answer


def chunked(body, end=True):
    def answer(handler):
        handler.send_response(200)
        handler.send_header("Transfer-Encoding", "chunked")
        handler.end_headers()
        for at in range(0, len(body), 7):
            part = body[at:at + 7]
            handler.wfile.write(b"%x\r\n%s\r\n" % (len(part), part))
        if end:
            handler.wfile.write(b"0\r\n\r\n")
        else:
            handler.wfile.flush()
            handler.close_connection = True
    return answer


def silent(handler):
    time.sleep(3)
    handler.close_connection = True


def hangs_up(handler):
    handler.close_connection = True


def failing(good):
    return {
        "not found": answering(404, b"404 page not found\n"),
        "error": answering(500),
        "no content": answering(204),
        "redirect": answering(301, good, [("Location", "http://x/")]),
        "partial": answering(206, good),
        "sent elsewhere": answering(
            200, good, [("X-Accel-Redirect", "/_assets/vmlinuz")]),
        "compressed": answering(200, good, [("Content-Encoding", "gzip")]),
        "empty": answering(200),
        "too long": answering(200, good + b"#" * 70000),
        "cut off": cut_off(good),
        "cut off in chunks": chunked(good, end=False),
        "no length": until_close(good),
        "too slow": silent,
        "hangs up": hangs_up,
    }


# Not a failure: what stands in a header that is ignored changes nothing.
HARMLESS = {"sent elsewhere"}


@pytest.mark.parametrize("label", sorted(failing(b"").keys() - HARMLESS))
def test_claim(edge, label):
    token = edge.token()
    before = edge.record()
    edge.upstream.answers["/ipxe"] = failing(SCRIPT)[label]
    answer = edge.claim(token)
    assert answer.status == 503 and not TICKET.search(answer.text)
    assert answer.headers["retry-after"].isdigit()
    assert "location" not in answer.headers
    assert edge.reason() == "upstream"
    assert edge.record() == before
    edge.upstream.answers["/ipxe"] = SCRIPT
    assert TICKET.search(edge.claim(token).text)


@pytest.mark.parametrize("label", sorted(failing(b"").keys() - HARMLESS))
def test_delivery(edge, label):
    ticket = edge.ticket(edge.token())
    before = edge.record()
    edge.upstream.answers["/generic"] = failing(CONFIG)[label]
    answer = edge.get(ticket)
    assert answer.status == 503 and b"canary" not in answer.body
    assert edge.record() == before
    edge.upstream.answers["/generic"] = CONFIG
    assert edge.get(ticket).body == CONFIG


@pytest.mark.parametrize("answer", [
    chunked(CONFIG), answering(200, CONFIG, [("X-Accel-Redirect", "/_x/y")])],
    ids=["chunked", "sent elsewhere"])
def test_whole_bodies(edge, answer):
    ticket = edge.ticket(edge.token())
    edge.upstream.answers["/generic"] = answer
    assert edge.get(ticket).body == CONFIG


@pytest.mark.parametrize("script", [
    b"echo no first line\n", b"#!ipxe", b"#!ipxefoo\nboot\n", b"\n#!ipxe\n",
    b"#!ipxe\nboot\0\n"], ids=["none", "cut off", "longer", "late", "NUL"])
def test_not_a_script(edge, script):
    token = edge.token()
    before = edge.record()
    edge.upstream.answers["/ipxe"] = script
    answer = edge.claim(token)
    assert (answer.status, edge.reason()) == (503, "script")
    assert edge.record() == before
    edge.upstream.answers["/ipxe"] = SCRIPT
    assert TICKET.search(edge.claim(token).text)


def test_upstream_down(edge):
    token = edge.token()
    before = edge.record()
    edge.upstream.stop()
    try:
        assert edge.claim(token).status == 503
        assert edge.record() == before
    finally:
        edge.upstream.__init__(edge.gate.host)
    edge.upstream.answers["/ipxe"] = SCRIPT
    assert TICKET.search(edge.claim(token).text)


def test_audit_lines_are_json(edge):
    """Whatever a client or upstream says, a line stays one object."""
    edge.claim(edge.token(), serial="%22%7D%5C")
    for line in edge.gate.audit():
        assert isinstance(json.loads(json.dumps(line)), dict)
