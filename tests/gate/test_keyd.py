"""Auth keys: minted when a config is served, in the body once, on record."""

import json
import subprocess
import threading
import time

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


def test_a_device_that_nobody_delivered(edge, keyd):
    """With our tag and without an enrollment: an alarm. A node's own device,
    one from before and one whose node has just its config are none."""
    import time
    edge.get(edge.ticket(edge.token()))
    edge.get(edge.ticket(edge.token("node-2"), edge.machines[1]),
             edge.machines[1])
    keyd.used["k1CNTRL"] = ("n1CNTRL", 1)
    joins(edge)
    soon = int(time.time()) + 5
    keyd.devices = {"n0CNTRL": ("old", 1), "n1CNTRL": ("node-1", soon),
                    "n2CNTRL": ("node-2-1", soon), "n3CNTRL": ("node-3", soon)}
    harness.until(lambda: alarms(edge, "unknown"), "the alarm", 30)
    asked = len(keyd.of("devices"))
    harness.until(lambda: len(keyd.of("devices")) > asked + 4, "a further look",
                  30)
    assert [line["credential"] for line in alarms(edge, "unknown")] == [
        "n3CNTRL"]
    assert 'device "n3CNTRL": unknown' in edge.gate.error_log()


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


def alarms(edge, mark):
    return [line for line in edge.gate.audit() if line.get("mark") == mark]


def counted(edge, mark):
    """As Prometheus sees it: alarms are in the store, too."""
    metrics = json.loads(edge.auth("key", "metrics", "--json"))["metrics"]
    return metrics[f'edge_auth_marks_total{{mark="{mark}"}}']


def test_an_alarm_is_raised_once(edge, keyd):
    edge.get(edge.ticket(edge.token()))
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    keyd.used["k1CNTRL"] = ("n8CNTRL", 2)
    harness.until(lambda: alarms(edge, "twin"), "the alarm", 30)
    asked = len(keyd.of("check"))
    harness.until(lambda: len(keyd.of("check")) > asked + 1, "asked again", 30)
    assert len(alarms(edge, "twin")) == 1 == counted(edge, "twin")
    assert edge.gate.error_log().count('"node-1": twin') == 1


def test_duplicate(edge, keyd):
    """It joined, and a device of that name is there already."""
    edge.get(edge.ticket(edge.token()))
    keyd.used["k1CNTRL"] = ("n7CNTRL", 2)
    joins(edge)
    harness.until(lambda: alarms(edge, "duplicate"), "the alarm", 30)
    assert '"node-1": duplicate' in edge.gate.error_log()


def test_one_device_is_no_alarm(edge, keyd):
    edge.get(edge.ticket(edge.token()))
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    asked = len(keyd.of("check"))
    harness.until(lambda: len(keyd.of("check")) > asked + 1, "asked again", 30)
    assert not [line for line in edge.gate.audit()
                if line.get("mark") in ("twin", "stray", "duplicate")]


@pytest.mark.parametrize("used", [True, False])
def test_stray(edge, keyd, used):
    """A key that was used while its generation was voided; its twin was not."""
    edge.get(edge.ticket(edge.token()))
    go_on = threading.Event()
    keyd.answers["check"] = lambda request: (
        go_on.wait(20), line_of(keyd.on_check(request)))[1]
    harness.until(lambda: keyd.of("check"), "edge-keyd is asked")
    edge.auth("token", "revoke", "node-1")
    if used:
        keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    go_on.set()
    harness.until(lambda: keyd.deleted == ["k1CNTRL"], "the key is deleted")
    assert edge.record()["state"] == "revoked"
    asked = len(keyd.of("list"))
    harness.until(lambda: len(keyd.of("list")) > asked, "a sweep", 30)
    assert len(alarms(edge, "stray")) == used == counted(edge, "stray")


def let_pass(edge, name):
    """The deadline on record becomes one minute ago, behind the gate's back: its
    clock is not ours to move."""
    harness.until(lambda: edge.record(name)["attempts"][0]["whole"] == 1,
                  "row 12 is written")
    deadline = edge.record(name)["deadline"]
    dump = subprocess.run(["mdb_dump", "-s", "enroll", str(edge.gate.store)],
                          capture_output=True, text=True, timeout=30,
                          check=True).stdout
    was = f"{deadline:016x}"
    assert dump.count(was) == 1
    past = f"{int(time.time()) - 60:016x}"
    subprocess.run(["mdb_load", "-s", "enroll", str(edge.gate.store)],
                   input=dump.replace(was, past), text=True, timeout=30,
                   check=True)
    assert edge.record(name)["closed"]


def test_overdue(edge, keyd):
    """The time of a delivered node passed; another one has time left."""
    for index, name in ((1, "node-2"), (0, "node-1")):
        machine = edge.machines[index]
        edge.get(edge.ticket(edge.token(name), machine), machine)
        if name == "node-2":
            let_pass(edge, name)
    harness.until(lambda: alarms(edge, "overdue"), "the alarm")
    asked = len(keyd.of("check"))
    harness.until(lambda: len(keyd.of("check")) > asked + 5, "asked again")
    line, = alarms(edge, "overdue")
    assert (line["node"], line["action"]) == ("node-2", "alarm")
    metrics = json.loads(edge.auth("key", "metrics", "--json"))["metrics"]
    assert metrics["edge_auth_delivered_not_joined"] == 2
    assert metrics["edge_auth_delivered_overdue"] == 1
    # closed, and joined all the same (row 16)
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge, "node-2")
    metrics = json.loads(edge.auth("key", "metrics", "--json"))["metrics"]
    assert metrics["edge_auth_delivered_overdue"] == 0
    assert metrics["edge_auth_last_join_timestamp_seconds"] > 0


def test_keys_made_by_hand_are_not_swept(edge, keyd):
    """The twin of test_orphans_are_swept: in no record either."""
    edge.auth("key", "mint", "node-1", "--keyd", keyd.path)
    number = keyd.of("mint")[0]["number"]

    def listed(request):
        rest = [id_ for id_ in ("k1CNTRL", "z9CNTRL")
                if id_ > request["after"] and id_ not in keyd.deleted]
        return line_of({"ok": True, "id": rest[0] if rest else "",
                        "number": number if rest[:1] == ["k1CNTRL"] else 0,
                        "gen": 1 if rest else 0, "n": 1 if rest else 0,
                        "used": False})
    keyd.answers["list"] = listed
    harness.until(lambda: keyd.deleted, "a sweep", 30)
    asked = len(keyd.of("list"))
    harness.until(lambda: len(keyd.of("list")) > asked + 1, "a further one", 30)
    assert keyd.deleted == ["z9CNTRL"]


# ---- retire ----

def retire(edge, keyd, timeout="20s"):
    done = subprocess.run(
        [str(paths.PROGRAMS / "edge-auth"), "node", "retire", "node-1",
         "--store", str(edge.gate.store), "--keyd", keyd.path, "--timeout",
         timeout], capture_output=True, text=True, timeout=60)
    assert "canaryOfTheAuthKey" not in done.stdout + done.stderr
    return done


def test_retire(edge, keyd):
    edge.get(edge.ticket(edge.token()))
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    done = retire(edge, keyd)
    assert (done.returncode, done.stderr) == (0, "")
    assert edge.record()["state"] == "retired"
    assert keyd.forgotten == ["n7CNTRL"] and keyd.deleted == ["k1CNTRL"]
    assert "n7CNTRL is removed" in done.stdout
    assert not alarms(edge, "stray"), "the device was the one on record"
    line = next(json.loads(line)
                for line in edge.auth("audit", "show").splitlines()
                if '"forget"' in line)
    assert (line["node"], line["credential"]) == ("node-1", "n7CNTRL")


def test_retire_while_keyd_is_away(edge, keyd):
    """Each stop says what is left; the next run goes on from there."""
    edge.get(edge.ticket(edge.token()))
    keyd.used["k1CNTRL"] = ("n7CNTRL", 1)
    joins(edge)
    keyd.stop()
    done = retire(edge, keyd)
    assert done.returncode == 4 and "keys of it are left" in done.stderr
    assert "1 left: " in done.stdout and "n7CNTRL is left" in done.stdout
    assert edge.record()["state"] == "retired"
    keyd.answers["delete"] = failure("api", 1)      # back, its provider is not
    keyd.start()
    done = retire(edge, keyd, "1s")
    assert done.returncode == 4 and "gate did not delete them" in done.stdout
    assert keyd.forgotten == []
    del keyd.answers["delete"]
    keyd.answers["forget"] = failure("denied")
    done = retire(edge, keyd)
    assert done.returncode == 4 and "its device is left" in done.stderr
    assert "'denied'" in done.stdout and "none left" in done.stdout
    gen = edge.record()["gen"]
    del keyd.answers["forget"]
    done = retire(edge, keyd)
    assert done.returncode == 0, done.stderr
    assert keyd.forgotten == ["n7CNTRL"] and edge.record()["gen"] == gen
