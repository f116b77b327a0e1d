"""What the show counts: nothing that did not happen, every surprise."""

import pathlib
import types

import pytest

from lab import attacks, show
from lab.scene import Seen, changes, query
from lab.rom import Hardware


def says(*seen, surprises=()):
    return lambda scene: Seen(*seen, list(surprises))


def breaks(scene):
    raise RuntimeError("no lab here")


GOT, NOT = says(True, "it"), says(False, "reason")

ROWS = {
    "as it should be": (GOT, NOT, 1, 0),
    "the gate lets it through": (GOT, GOT, 0, 1),
    "refused, but not as the row says": (
        GOT, says(True, "reason", surprises=["status", "record"]), 0, 2),
    "bare Matchbox refuses as well": (NOT, NOT, 1, 1),
    "did not run at the gate": (GOT, breaks, 0, 1),
    "did not run on the left": (breaks, NOT, 1, 1),
    "did not run at all": (breaks, breaks, 0, 2),
}


@pytest.mark.parametrize("label", ROWS)
def test_counts(label):
    bare, gate, refused, surprises = ROWS[label]
    totals = show.Totals()
    cells = show.play_attack(None, attacks.Attack(label, bare, gate), totals)
    assert (totals.refused, len(totals.surprises)) == (refused, surprises)
    assert len(cells) == 3 and cells[0] == label


def test_every_attack_of_the_issue_has_a_row():
    assert len({attack.name for attack in attacks.ATTACKS}) == 14


@pytest.fixture
def written(tmp_path):
    """A lab's folder with a log, and a credential that was used."""
    for place in ("log", "store", "bare"):
        (tmp_path / place).mkdir()
    (tmp_path / "matchbox.log").write_text("GET /ipxe\n")
    secret = "ket1_" + "0123456789" + "abcdefghjkmnpqrstvwxyz0123" + "q" * 13
    return types.SimpleNamespace(
        gate=types.SimpleNamespace(secrets={secret}), secret=secret,
        lab=types.SimpleNamespace(folder=tmp_path))


PARTS = {"all": slice(None), "secret": slice(15, 41), "tag": slice(41, 54)}


@pytest.mark.parametrize("place", ["log/access.log", "store/data.mdb",
                                   "bare/error.log", "matchbox.log"])
@pytest.mark.parametrize("part", PARTS)
def test_a_secret_that_was_written_is_found(written, place, part):
    path = written.lab.folder / place
    path.write_bytes(b"\0before " + written.secret[PARTS[part]].encode())
    totals = show.Totals()
    show.search(written, totals)
    assert totals.surprises == [f"{place} holds a secret"]


def test_an_id_is_no_secret(written):
    path = pathlib.Path(written.lab.folder, "log", "audit.json")
    path.write_text(written.secret[5:15])
    totals = show.Totals()
    assert show.search(written, totals)[0] == 2
    assert totals.surprises == []


RECORD = {"rev": 3, "hold": "none"}
HELD = {"rev": 4, "hold": "clone"}

CHANGES = {
    "nothing": ({"a": RECORD}, None, 0),
    "a record": ({"a": RECORD | {"rev": 4}}, None, 1),
    "a hold that the row does not write": ({"a": HELD}, None, 1),
    "a hold that it does": ({"a": HELD}, "a", 0),
    "a change that is no hold": ({"a": RECORD | {"rev": 4}}, "a", 1),
    "another node's": ({"a": HELD}, "b", 1),
}


@pytest.mark.parametrize("label", CHANGES)
def test_changes(label):
    after, hold, found = CHANGES[label]
    assert len(changes({"a": RECORD}, after, hold)) == found


def test_query_escapes_all_but_percent():
    mine = Hardware(uuid="u", mac="52:54:00:00:02:01", serial="S 1&2",
                    hostname="h")
    assert query(mine, domain=None, role="a%0Ab") == (
        "uuid=u&mac=52-54-00-00-02-01&hostname=h&serial=S%201%262"
        "&arch=x86_64&role=a%0Ab")
