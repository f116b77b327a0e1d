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
        "    edge_auth_keyd_timeout 2s;\n    edge_auth_keyd_interval 100ms;")])
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
    harness.until(lambda: keyd.deleted == ["k1CNTRL"], "the key is deleted")
    rows = [line["row"] for line in edge.gate.audit()]
    assert "11" in rows


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


def joins(edge, name="node-1"):
    harness.until(lambda: edge.record(name)["state"] == "joined",
                  "the record says joined")


def test_joined_when_the_key_was_used(edge, keyd):
    """Row 16: the node's key was used by a new device; the others go."""
    token = edge.token()
    edge.get(edge.ticket(token))
    edge.get(edge.ticket(token))
    harness.until(lambda: len(keyd.of("check")) > 4, "edge-keyd is asked")
    assert edge.record()["state"] == "delivered"
    assert {request["id"] for request in keyd.of("check")} == {"k1CNTRL",
                                                               "k2CNTRL"}
    keyd.used["k2CNTRL"] = ("", 0)          # used, and no device with our tag
    asked = len(keyd.of("check"))
    harness.until(lambda: len(keyd.of("check")) > asked + 4, "asked again")
    assert edge.record()["state"] == "delivered"
    keyd.used["k2CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    assert edge.record()["device"] == "n7CNTRL"
    harness.until(lambda: keyd.deleted == ["k1CNTRL"], "the other key goes")
    line = next(line for line in edge.gate.audit() if line["row"] == "16")
    assert (line["action"], line["mark"], line["node"]) == ("used", "joined",
                                                            "node-1")
    assert edge.claim(token).text.find("installed") > 0     # row 17
    assert_nothing_leaks(edge, keyd)


def test_joined_while_held(edge, keyd):
    """The real machine may have joined before the operator looks."""
    token = edge.token()
    first = edge.ticket(token)
    edge.get(first)
    edge.ticket(token)
    assert edge.get(first).status == 409
    assert edge.record()["hold"] == "clone"
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    assert edge.record()["hold"] == "none"


def orphans(keyd, listed):
    """list gives these ids, one after the other, as edge-keyd does."""
    def answer(request):
        rest = sorted(id_ for id_ in listed if id_ > request["after"]
                      and id_ not in keyd.deleted)
        return line_of({"ok": True, "id": rest[0] if rest else "",
                        "number": 0, "gen": 0, "n": 0,
                        "used": bool(rest) and listed[rest[0]]})
    return answer


def test_orphans_are_swept(edge, keyd):
    """A key that no record names, and that nobody used, is deleted."""
    edge.get(edge.ticket(edge.token()))
    keyd.answers["list"] = orphans(keyd, {
        "a1CNTRL": False, "a2CNTRL": True, "k1CNTRL": False, "z9CNTRL": False})
    harness.until(lambda: len(keyd.deleted) == 2, "two keys are deleted", 30)
    asked = len(keyd.of("list"))
    harness.until(lambda: len(keyd.of("list")) > asked + 1, "a further sweep",
                  30)
    assert keyd.deleted == ["a1CNTRL", "z9CNTRL"]
    assert "a1CNTRL" in edge.gate.error_log()


def test_twin(edge, keyd):
    """Row 16a: a second device with one key raises an alarm and changes
    nothing."""
    edge.get(edge.ticket(edge.token()))
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    before = edge.record()
    keyd.used["k1CNTRL"] = ("n8CNTRL", 2)
    harness.until(lambda: any(line.get("mark") == "twin"
                              for line in edge.gate.audit()),
                  "the alarm", 30)
    assert edge.record() == before


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
