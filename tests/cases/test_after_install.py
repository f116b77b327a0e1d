"""deploy/docs/after-install.md names commands, options, keys and findings: ours
are those that our programs have."""
import os
import pathlib
import re
import subprocess

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
BIN = ROOT / "build" / os.environ.get("FLAVOUR", "plain") / "bin"
PAGE = (ROOT / "deploy/docs/after-install.md").read_text()

# `edge-auth token create NODE ...` in running text, in a table, in a block.
COMMANDS = sorted({
    " ".join(text.split())
    for text in re.findall(r"`((?:edge-auth|talos-configgen) [^`]+)`", PAGE)
    + re.findall(r"(?m)^ +((?:edge-auth|talos-configgen) .+)$", PAGE)})
# Commands of another number of words than their program's others.
WORDS = {"edge-auth": 2, "talos-configgen": 1, "explain": 1, "image": 2}


def output(*args):
    done = subprocess.run([BIN / args[0], *args[1:]], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


def split(command):
    """The command's own words, and its options."""
    words = command.split()
    own = 1 + WORDS.get(words[1], WORDS[words[0]])
    return words[:own], [w for w in words[own:] if w.startswith("-")]


@pytest.mark.parametrize("command", COMMANDS)
def test_command(command):
    own, options = split(command)
    text = output(*own, "--help")
    assert " ".join(own[1:]) in text
    for option in options:
        assert re.search(rf"(?m)(^|[ ,]){option}\b", text), option


def test_there_are_commands():
    assert len(COMMANDS) > 10
    assert {split(c)[0][0] for c in COMMANDS} == {"edge-auth",
                                                  "talos-configgen"}


def test_a_command_that_is_none_is_found():
    with pytest.raises(AssertionError):
        test_command("edge-auth token invent NODE")
    with pytest.raises(AssertionError):
        test_command("edge-auth token create NODE --invent")


def test_keys_and_findings():
    keys = output("talos-configgen", "keys")
    for key in set(re.findall(
            r"`((?:install|image|enroll|dhcp)\.[a-z_.]+)", PAGE)):
        assert re.search(rf"(?m)^{re.escape(key)}(\.|$)", keys), key
    rules = output("talos-configgen", "rules")
    for rule in re.findall(r"finding \(?`([a-z-]+)`", PAGE):
        assert re.search(rf" {rule} ", rules), rule


def test_ends_in_the_decision_table():
    rows = [line for line in PAGE.splitlines() if line.startswith("|")]
    assert len(rows) > 12 and PAGE.rstrip().endswith(rows[-1])
    assert all(row.count("|") == 4 for row in rows)
