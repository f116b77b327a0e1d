"""edge-auth key: keys by hand and figures; edge-auth node retire, which asks
edge-keyd too. A stand-in plays edge-keyd; the gate, which deletes keys, is in
tests/gate/test_keyd.py. Every refused command has a twin that is accepted."""

import json
import os
import re
import stat
import sys

import pytest

from test_edge_auth import TREE, auth, document, node  # noqa: F401

sys.path.append(str(TREE / "tests" / "gate"))
from keyd import KEY, Keyd, failure, line_of  # noqa: E402

CANARY = "canaryOfTheAuthKey"
SAMPLE = re.compile(r'([a-z_]+)(\{[a-z_]+="[^"]*"\})? (\S+)')


@pytest.fixture
def keyd():
    made = Keyd()
    made.start()
    yield made
    made.close()


@pytest.fixture
def own(auth, keyd):
    """node-1 has a minted key, node-2 none, node-3 a certificate."""
    facts = document()
    for number, name in ((1, "node-1"), (3, "node-3")):
        facts["nodes"][name] = node(
            number, key="mint", hostname=f"lab-{name}", tags=["tag:edge"],
            site=facts["nodes"][name]["site"])
    auth.load(facts)
    return auth


def mint(own, keyd, name="node-1", *more):
    return own.run("key", "mint", name, "--keyd", keyd.path, "--timeout", "5s",
                   *more)


def refused(own, keyd, *argv, status=1):
    """Nothing minted, nothing on record, and no key on any output."""
    before = own.state()
    done = mint(own, keyd, *argv)
    assert (done.returncode, done.stdout) == (status, ""), done
    assert CANARY not in done.stderr and own.state() == before
    return done.stderr


def events(own, action):
    return [event for event in map(json.loads,
                                   own.ok("audit", "show").splitlines())
            if event["action"] == action]


# ---- key mint ----

def test_mint(own, keyd):
    done = mint(own, keyd)
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.endswith("this is shown once:\n\n"
                                + KEY.format(n=1) + "\n")
    asked, = keyd.of("mint")
    assert (asked["node"], asked["site"], asked["hostname"], asked["tags"]) == (
        "node-1", "site-a", "lab-node-1", ["tag:edge"])
    event, = events(own, "key-mint")
    assert (event["node"], event["credential"]) == ("node-1", "k1CNTRL")
    assert CANARY not in own.ok("audit", "show")
    # the enrollment does not change: this key is none of it
    assert own.json("node", "show", "node-1")["state"] == "none"


def test_each_is_a_new_one(own, keyd):
    keys = {mint(own, keyd).stdout.splitlines()[-1] for _ in range(3)}
    assert len(keys) == 3
    assert {asked["number"] for asked in keyd.of("mint")} == {(1 << 24) - 1}


def test_json(own, keyd):
    told = json.loads(mint(own, keyd, "node-1", "--json").stdout)
    assert (told["node"], told["id"], told["key"]) == ("node-1", "k1CNTRL",
                                                       KEY.format(n=1))
    assert told["expires"] == keyd.of("mint")[0]["deadline"] + 9000


def test_a_node_that_is_not_the_gates(own, keyd):
    said = refused(own, keyd, "cloud-1", "--site", "cloud")
    assert "no node 'cloud-1'" in said and "--site and --tags" in said
    assert "no node" in refused(own, keyd, "cloud-1", "--tags", "tag:cloud")
    done = mint(own, keyd, "cloud-1", "--site", "cloud", "--tags",
                "tag:cloud,tag:edge", "--hostname", "lab-cloud-1")
    assert done.returncode == 0, done.stderr
    asked, = keyd.of("mint")
    assert (asked["site"], asked["hostname"], asked["tags"]) == (
        "cloud", "lab-cloud-1", ["tag:cloud", "tag:edge"])


@pytest.mark.parametrize("tags, words", [
    ("cloud", "is not a tag"), ("tag:a,,tag:b", "is not a tag"),
    ("tag:a b", "is not a tag"), ("tag:", "is not a tag"),
    ("", "1 to 8 tags"), (",".join(f"tag:a{i}" for i in range(9)), "1 to 8"),
])
def test_tags(own, keyd, tags, words):
    assert words in refused(own, keyd, "cloud-1", "--site", "cloud", "--tags",
                            tags)
    assert mint(own, keyd, "cloud-1", "--site", "cloud", "--tags",
                "tag:a").returncode == 0


def test_a_node_without_tags(own, keyd):
    assert "1 to 8 tags" in refused(own, keyd, "node-2")
    assert mint(own, keyd, "node-2", "--tags", "tag:edge").returncode == 0


def test_hostname(own, keyd):
    assert "hostname 'a b'" in refused(own, keyd, "node-1", "--hostname", "a b")
    assert "longer than" in refused(own, keyd, "node-1", "--hostname", "a" * 64)
    assert mint(own, keyd, "node-1", "--hostname", "a-b").returncode == 0


def test_a_retired_node(own, keyd):
    own.ok("node", "retire", "node-1")
    assert "is retired" in refused(own, keyd, "node-1")
    own.ok("node", "arm", "node-1")
    assert mint(own, keyd).returncode == 0


@pytest.mark.parametrize("answer, words", [
    (failure("busy", 2), "says 'busy'"),
    (failure("ceiling", 60), "(again in 60 s)"),
    (failure("denied"), "edge-keyd --check"),
    (failure("api", 1), "provider does not answer"),
    (line_of({"ok": True, "key": "tskey-auth-" + CANARY, "id": "k1",
              "expires": 4000000000}), "'outage'"),
    (b'{"ok":true,"key":"' + CANARY.encode() * 400 + b'"}\n', "no answer"),
    (lambda request: None, "no answer"),
], ids=["busy", "ceiling", "denied", "api", "order", "long", "hangs up"])
def test_no_key(own, keyd, answer, words):
    keyd.answers["mint"] = answer
    assert words in refused(own, keyd, status=3)
    del keyd.answers["mint"]
    assert mint(own, keyd).returncode == 0


def test_nobody_listens(own, keyd):
    keyd.stop()
    assert f"{keyd.path}: no edge-keyd answers" in refused(own, keyd, status=3)
    keyd.start()
    assert mint(own, keyd).returncode == 0


def test_timeout_of_the_command_line(own, keyd):
    for value, good in (("0s", False), ("1s", True), ("11m", False),
                        ("10m", True), ("5", False)):
        for verb in (("key", "mint", "node-1"), ("key", "metrics"),
                     ("node", "retire", "node-2")):
            done = own.run(*verb, "--keyd", keyd.path, "--timeout", value)
            assert done.returncode == (0 if good else 2), (verb, done.stderr)
            if verb[1] == "retire" and good:
                own.ok("node", "arm", "node-2")


def test_keyd_is_silent(own, keyd):
    import threading
    go_on = threading.Event()
    keyd.answers["mint"] = lambda request: go_on.wait(20) and None
    done = own.run("key", "mint", "node-1", "--keyd", keyd.path, "--timeout",
                   "1s")
    go_on.set()
    assert done.returncode == 3 and "timed out" in done.stderr


# ---- key metrics ----

def metrics(own, keyd, *more):
    return own.ok("key", "metrics", "--keyd", keyd.path, *more)


def samples(text):
    """As Prometheus reads it: each family with HELP and TYPE, once, in front of
    all its samples."""
    found, families, current = {}, set(), None
    for line in text.splitlines():
        if line.startswith("# HELP "):
            current = line.split()[2]
            assert current not in families and len(line.split()) > 3
            families.add(current)
        elif line.startswith("# TYPE "):
            assert line.split()[2:] == [
                current, "counter" if current.endswith("_total") else "gauge"]
        else:
            name, label, value = SAMPLE.fullmatch(line).groups()
            assert name == current, line
            assert name + (label or "") not in found
            found[name + (label or "")] = float(value)
    assert text.endswith("\n")
    return found


def test_metrics(own, keyd):
    own.ok("node", "arm", "node-1")
    own.ok("node", "retire", "node-2")
    mint(own, keyd)
    found = samples(metrics(own, keyd))
    assert found["edge_keyd_up"] == 1
    assert found["edge_keyd_keys_minted_total"] == 1
    assert found['edge_keyd_api_answers_total{code="5xx"}'] == 1
    assert {key: value for key, value in found.items()
            if key.startswith("edge_auth_enrollments{") and value} == {
        'edge_auth_enrollments{state="armed"}': 1,
        'edge_auth_enrollments{state="none"}': 1,
        'edge_auth_enrollments{state="retired"}': 1}
    assert found["edge_auth_nodes_with_minted_key"] == 2
    assert found["edge_auth_last_join_timestamp_seconds"] == 0
    assert found['edge_auth_marks_total{mark="twin"}'] == 0


def test_metrics_as_json(own, keyd):
    told = json.loads(metrics(own, keyd, "--json"))["metrics"]
    assert told == samples(metrics(own, keyd))


def test_metrics_without_keyd(own, keyd):
    keyd.stop()
    found = samples(metrics(own, keyd))
    assert found["edge_keyd_up"] == 0
    assert not [name for name in found if name.startswith("edge_keyd_")
                and name != "edge_keyd_up"]
    assert found["edge_auth_nodes_with_minted_key"] == 2


@pytest.mark.parametrize("figures", [
    {"edge_keyd_x": "1"}, {"edge_keyd_x y": 1}, {"other_total": 1},
    {'edge_keyd_x{a="b\n"}': 1}, {'edge_keyd_x{a="b"c="d"}': 1}, [1], None,
])
def test_figures_that_are_none(own, keyd, figures):
    keyd.answers["metrics"] = json.dumps(
        {"ok": True, "metrics": figures}).encode() + b"\n"
    assert samples(metrics(own, keyd))["edge_keyd_up"] == 0
    keyd.answers["metrics"] = line_of(
        {"ok": True, "metrics": {'edge_keyd_x{a="b"}': 1.5}})
    found = samples(metrics(own, keyd))
    assert found["edge_keyd_up"] == 1 and found['edge_keyd_x{a="b"}'] == 1.5


def test_textfile(own, keyd, tmp_path):
    folder = tmp_path / "textfile"
    folder.mkdir()
    path = folder / "edge.prom"
    path.write_text("old\n")
    assert metrics(own, keyd, "--textfile", path) == ""
    assert samples(path.read_text())["edge_keyd_up"] == 1
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    assert os.listdir(folder) == ["edge.prom"]


def test_textfile_refused(own, keyd, tmp_path):
    def run(path):
        return own.run("key", "metrics", "--keyd", keyd.path, "--textfile",
                       path)

    for name in ("edge.txt", ".prom"):
        done = run(tmp_path / name)
        assert done.returncode == 2 and "'.prom'" in done.stderr
        assert not (tmp_path / name).exists()
    done = run(tmp_path / "nowhere" / "edge.prom")
    assert done.returncode == 3 and "cannot be made" in done.stderr
    (tmp_path / "folder.prom").mkdir()
    done = run(tmp_path / "folder.prom")
    assert done.returncode == 3 and "cannot be written" in done.stderr
    assert not list(tmp_path.glob("folder.prom.*"))
    assert run(tmp_path / "edge.prom").returncode == 0


# ---- node retire ----

def retire(own, keyd, name, *more):
    return own.run("node", "retire", name, "--keyd", keyd.path, "--timeout",
                   "1s", *more)


def test_retire_without_anything_left(own, keyd):
    done = retire(own, keyd, "node-1")
    assert (done.returncode, done.stderr) == (0, "")
    assert done.stdout.startswith("node-1: retired\n")
    for words in ("keys         none left", "none on record", "lab-node-1",
                  "kubectl delete node lab-node-1", "wipe or destroy",
                  "52:54:00:00:02:01"):
        assert words in done.stdout
    assert "edge-pki" not in done.stdout and keyd.requests == []
    assert "edge-pki revoke" in retire(own, keyd, "node-3").stdout


def test_retire_again(own, keyd):
    retire(own, keyd, "node-1")
    before = own.state()
    assert retire(own, keyd, "node-1").returncode == 0
    assert own.state() == before, "what was done is done once"


def test_retire_as_json(own, keyd):
    told = json.loads(retire(own, keyd, "node-2", "--json").stdout)
    assert (told["node"], told["state"], told["done"], told["keys_left"],
            told["device"]) == ("node-2", "retired", True, 0, "")
    assert any("kubectl" in step for step in told["steps"])
