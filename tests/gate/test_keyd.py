"""Auth keys: minted when a config is served, in the body once, on record."""

import json
import subprocess
import threading

import pytest

import gate as harness
from edge import Edge
from keyd import Keyd, failure, line_of
from lab import paths

PLACEHOLDER = b"@edge-auth:tailscale-key@"
CONFIG = (b"version: v1alpha1\nmachine:\n  type: worker\n---\n"
          b"apiVersion: v1alpha1\nkind: ExtensionServiceConfig\n"
          b"environment:\n- TS_AUTHKEY=" + PLACEHOLDER + b"\n")


@pytest.fixture
def keyd():
    made = Keyd()
    made.start()
    yield made
    made.close()


@pytest.fixture
def edge(make_gate, upstream, keyd):
    gate = make_gate(edits=[(
        "    edge_auth_store store;",
        f"    edge_auth_store store;\n    edge_auth_keyd unix:{keyd.path};\n"
        "    edge_auth_keyd_timeout 2s;")])
    made = Edge(gate, upstream, key="mint", digest=CONFIG)
    upstream.answers["/generic"] = CONFIG
    gate.start()
    return made


def assert_nothing_leaks(edge, keyd):
    """No key in a log, an audit line or a file of the gate."""
    for path in edge.gate.folder.rglob("*"):
        if path.is_file():
            assert b"canaryOfTheAuthKey" not in path.read_bytes(), path


def filled(keyd, n=1):
    return CONFIG.replace(PLACEHOLDER, list(keyd.minted.values())[n - 1][1]
                          .encode())


def test_minted_at_serve_time(edge, keyd):
    ticket = edge.ticket(edge.token())
    assert keyd.requests == []
    answer = edge.get(ticket)
    assert (answer.status, answer.body) == (200, filled(keyd))
    assert answer.headers["content-length"] == str(len(answer.body))
    asked, = keyd.of("mint")
    record = edge.record()
    assert record["state"] == "delivered"
    assert (asked["node"], asked["site"], asked["hostname"], asked["tags"]) == (
        "node-1", "site-a", "node-1", ["tag:edge-site-a"])
    rows = [line["row"] for line in edge.gate.audit()
            if line["action"] == "get"]
    assert rows[:2] == ["10", "11"]
    assert_nothing_leaks(edge, keyd)


def test_the_same_ticket_gets_the_same_key(edge, keyd):
    ticket = edge.ticket(edge.token())
    assert {edge.get(ticket).body for _ in range(3)} == {filled(keyd)}
    assert len(keyd.minted) == 1 and keyd.deleted == []


def test_a_further_claim_gets_a_key_of_its_own(edge, keyd):
    token = edge.token()
    assert edge.get(edge.ticket(token)).body == filled(keyd)
    assert edge.get(edge.ticket(token)).body == filled(keyd, 2)
    assert len(keyd.minted) == 2


OUTAGES = {
    "busy": failure("busy", 1),
    "ceiling": failure("ceiling", 3600),
    "api": failure("api", 1),
    "denied": failure("denied"),
    "bad": failure("bad"),
    "no line feed, then nothing": b'{"ok":true',
    "another order": (b'{"ok":true,"key":"tskey-auth-x","id":"k1",'
                      b'"expires":4000000000}\n'),
    "a space": b'{"ok": true,"id":"k1","key":"tskey","expires":4000000000}\n',
    "no key": b'{"ok":true}\n',
    "a key with a quote": (b'{"ok":true,"id":"k1","key":"a\\"b",'
                           b'"expires":4000000000}\n'),
    "too long": b'{"ok":true,"id":"' + b"k" * 5000 + b'"}\n',
    "two lines": failure("busy", 1) * 2,
    "hangs up": lambda request: None,
}


@pytest.mark.parametrize("label", OUTAGES)
def test_no_key_no_config(edge, keyd, label):
    ticket = edge.ticket(edge.token())
    keyd.answers["mint"] = OUTAGES[label]
    answer = edge.get(ticket)
    assert (answer.status, answer.text) == (503, "KE-503 keyd\n")
    assert edge.record()["state"] == "delivered"   # exposed before it was asked
    del keyd.answers["mint"]
    harness.until(lambda: edge.get(ticket).status == 200,
                  "the config once edge-keyd answers again")
    assert edge.get(ticket).body == filled(keyd)


def test_keyd_hangs(edge, keyd):
    """The node waits no longer than edge_auth_keyd_timeout, others not at all."""
    go_on = threading.Event()
    ticket, other = edge.ticket(edge.token()), edge.token("node-2")

    def hang(request):
        go_on.wait(20)
        return line_of(keyd.on_mint(request))

    keyd.answers["mint"] = hang
    answers = []
    waiting = threading.Thread(target=lambda: answers.append(edge.get(ticket)))
    waiting.start()
    harness.until(lambda: keyd.of("mint"), "edge-keyd is asked")
    assert edge.claim(other, edge.machines[1]).status == 200
    assert not answers
    waiting.join(timeout=15)
    go_on.set()
    assert [answer.text for answer in answers] == ["KE-503 keyd\n"]


def test_nothing_is_spent_while_nobody_listens(edge, keyd):
    ticket = edge.ticket(edge.token())
    keyd.stop()
    before = edge.record()
    answer = edge.get(ticket)
    assert (answer.status, answer.text) == (503, "KE-503 keyd\n")
    assert edge.record() == before and before["state"] == "claimed"
    assert edge.claim(edge.token("node-2"), edge.machines[1]).status == 200
    keyd.start()
    harness.until(lambda: edge.get(ticket).status == 200,
                  "the config once edge-keyd is back")
    assert edge.get(ticket).body == filled(keyd)


def test_revoked_while_the_key_was_minted(edge, keyd):
    """Row 11: the key goes to nobody, and is deleted."""
    ticket = edge.ticket(edge.token())

    def revoke(request):
        edge.auth("token", "revoke", "node-1")
        return line_of(keyd.on_mint(request))

    keyd.answers["mint"] = revoke
    answer = edge.get(ticket)
    assert answer.status == 503 and b"tskey" not in answer.body
    assert edge.record()["state"] == "revoked"
    assert edge.gate.audit()[-1]["row"] == "11"


def test_a_node_without_key_never_asks(edge, keyd):
    edge.document["nodes"]["node-2"].update(key="none")
    for name in ("hostname", "tags"):
        del edge.document["nodes"]["node-2"][name]
    edge.document["nodes"]["node-2"].pop("sha256")
    edge.document["serial"] = 2
    edge.publish()
    keyd.stop()
    plain = CONFIG.replace(PLACEHOLDER, b"none")
    edge.upstream.answers["/generic"] = plain
    ticket = edge.ticket(edge.token("node-2"), edge.machines[1])
    assert edge.get(ticket, edge.machines[1]).body == plain
    assert keyd.requests == []


@pytest.mark.parametrize("value, message", [
    ("127.0.0.1:80", "must be \"unix:\""),
    ("unix:", "in \"edge_auth_keyd\" directive"),
])
def test_socket_refused(make_gate, value, message):
    gate = make_gate(edits=[(
        "    edge_auth_store store;",
        f"    edge_auth_store store;\n    edge_auth_keyd {value};")])
    accepted, said = gate.test()
    assert not accepted and message in said


def test_tags_and_hostname_are_for_minted_keys(edge):
    document = json.loads(json.dumps(edge.document))
    for change, message in (
            ({"tags": None}, "tags"), ({"tags": []}, "1 to 8 tags"),
            ({"tags": ["edge"]}, "no tag"), ({"hostname": None}, "hostname"),
            ({"hostname": "a.b"}, "hostname"), ({"key": "none"}, "not minted")):
        node = edge.document["nodes"]["node-1"] = dict(
            document["nodes"]["node-1"])
        node.update({k: v for k, v in change.items() if v is not None})
        for name in (k for k, v in change.items() if v is None):
            del node[name]
        path = edge.gate.folder / "wrong.json"
        edge.document["serial"] = 2
        path.write_text(json.dumps(edge.document))
        done = subprocess.run(
            [str(paths.PROGRAMS / "edge-auth"), "node", "import", str(path),
             "--store", str(edge.gate.store)], capture_output=True, text=True,
            timeout=30)
        assert done.returncode != 0 and message in done.stderr, done.stderr
    edge.document = {**document, "serial": 2}
    edge.publish()
