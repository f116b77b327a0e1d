"""What root's checks do, an ordinary user can do as well.

Needs root, to become somebody else: `make check-root`.
"""

import os
import pathlib
import pwd
import shutil
import subprocess
import tempfile

import pytest

from lab import paths

NEEDED = ("tests", "deploy", "matchbox-profiles", "build/tools/matchbox",
          "build/tools/talos-oracle", "build/plain/bin", "build/plain/module")


@pytest.fixture(scope="module")
def tree():
    """A copy of what the lab needs that belongs to nobody."""
    user = pwd.getpwnam("nobody")
    with tempfile.TemporaryDirectory(prefix="edge-user-") as name:
        top = pathlib.Path(name)
        for part in NEEDED:
            source, target = paths.TREE / part, top / part
            target.parent.mkdir(parents=True, exist_ok=True)
            if source.is_dir():
                shutil.copytree(source, target, symlinks=True)
            elif source.exists():
                shutil.copy2(source, target)
        for folder, _, files in os.walk(top):
            for entry in (folder, *(os.path.join(folder, f) for f in files)):
                os.chown(entry, user.pw_uid, user.pw_gid)
        yield top


# nginx' own folders may be there from an earlier run by root; on a new machine
# they are not, and only root could make them.
BARE = ["unshare", "--mount", "sh", "-c",
        'mount -t tmpfs none /var/lib/nginx && exec "$@"', "sh"]


def as_nobody(tree, *argv):
    return subprocess.run(
        [*BARE, "setpriv", "--reuid", "nobody", "--regid", "nogroup", "--clear-groups",
         "--", "env", "-i", "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
         f"HOME={tree}", f"PYTHONPATH={tree}/tests", f"LAB_DIR={tree}/lab",
         f"TMPDIR={tree}", *argv],
        cwd=tree, capture_output=True, text=True, timeout=300,
        stdin=subprocess.DEVNULL)


def test_the_lab_runs(tree):
    done = as_nobody(tree, "/usr/bin/python3", "-B", "-m", "lab", "run")
    assert done.returncode == 0, done.stdout + done.stderr
    assert done.stdout.splitlines()[-1].endswith("0 surprises")


def test_nothing_of_the_lab_is_left_in_the_tree(tree):
    assert as_nobody(tree, "find", "tests", "-name", "*.pyc").stdout == ""


@pytest.mark.parametrize("room", ["tests/gate/test_config.py",
                                  "tests/gate/test_delivery.py"])
def test_the_gate_is_tested_without_root(tree, room):
    """Privileged ports and root's groups are what root does not notice."""
    done = as_nobody(tree, "/usr/bin/python3", "-B", "-m", "pytest", "-q",
                     "-p", "no:cacheprovider", room)
    assert done.returncode == 0, done.stdout + done.stderr
