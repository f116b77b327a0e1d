"""The join, in a network namespace of its own."""

import os
import pathlib
import re
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
COMMAND = ["unshare", "-Urn", sys.executable, "-B", "-m", "join"]


def test_join():
    done = subprocess.run(COMMAND, text=True, stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT, timeout=400,
                          env={**os.environ, "PYTHONPATH": str(TESTS)})
    print(done.stdout)
    assert done.returncode == 0, done.stdout
    assert re.fullmatch(r"join: joined in \d+ s, replay refused",
                        done.stdout.splitlines()[-1])
