"""Whom edge-keyd answers. Needs root, to become somebody else: `make check-root`.
"""

import os
import pwd
import subprocess
import sys

import pytest

from lab import paths
from tailapi import TailApi

sys.path.insert(0, str(paths.TREE / "tests" / "keyd"))

from edge_keyd import PROGRAM, EdgeKeyd     # noqa: E402

SPEAK = """
import socket, sys
s = socket.socket(socket.AF_UNIX)
s.settimeout(60)
try:
    s.connect(sys.argv[1])
    s.sendall(b'{"op":"metrics"}\\n')
    print(len(s.recv(65536)) > 0)
except ConnectionError:
    print(False)
"""


@pytest.fixture
def keyd():
    with TailApi() as api:
        made = EdgeKeyd(api.url, api.client_secret)
        made.folder.chmod(0o755)
        yield made
        made.close()


def as_user(user, *argv):
    return subprocess.run(
        ["setpriv", f"--reuid={user}", "--regid=nogroup", "--clear-groups",
         "--", *map(str, argv)], capture_output=True, text=True, timeout=60)


def speaks(user, path):
    done = as_user(user, sys.executable, "-c", SPEAK, path)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_who_is_named_may_speak(keyd):
    """Both have the group that the socket belongs to."""
    keyd.config["users"] = ["nobody"]
    keyd.start()
    assert keyd.path.stat().st_gid == pwd.getpwnam("nobody").pw_gid
    assert (speaks("nobody", keyd.path), speaks("games", keyd.path)) == (
        "True", "False")
    assert keyd.ask({"op": "metrics"})["ok"]      # root always may


def given_to(keyd, user):
    keyd.write()
    os.chown(keyd.secret_file, pwd.getpwnam(user).pw_uid, -1)
    os.chown(keyd.folder, pwd.getpwnam(user).pw_uid, -1)


@pytest.mark.parametrize("users, code", [(["root"], 1), (["daemon"], 1)])
def test_a_group_that_edge_keyd_cannot_give(keyd, users, code):
    keyd.config["users"] = users
    given_to(keyd, "nobody")
    done = as_user("nobody", PROGRAM, "-c", keyd.config_file)
    assert done.returncode == code
    assert (f"cannot be given to the group of user '{users[0]}'"
            in done.stderr)
    assert not keyd.path.exists()


def test_a_secret_of_another_user(keyd):
    keyd.config["users"] = ["nobody"]
    given_to(keyd, "nobody")
    check = [PROGRAM, "--check", "-c", keyd.config_file]
    assert as_user("nobody", *check).returncode == 0
    os.chown(keyd.secret_file, pwd.getpwnam("games").pw_uid, -1)
    done = as_user("nobody", *check)
    assert done.returncode == 1 and "Permission denied" in done.stderr
    done = subprocess.run(check, capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "belongs to another user than the one edge-keyd runs as" in \
        done.stderr
