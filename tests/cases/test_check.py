"""tests/check.py reads closing lines and refuses what proves nothing."""

import os
import pathlib
import subprocess
import sys

import pytest

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS))

import check  # noqa: E402  (stands beside this room, not in a package)


@pytest.mark.parametrize("line, passed, failed, refused", [
    ("100%: Checks: 7, Failures: 0, Errors: 0", 7, 0, False),
    ("66%: Checks: 6, Failures: 1, Errors: 1", 4, 2, False),
    ("100%: Checks: 0, Failures: 0, Errors: 0", 0, 0, True),
    ("5 passed in 0.31s", 5, 0, False),
    ("===== 2 failed, 5 passed, 1 warning in 61.20s (0:01:01) =====", 5, 2, False),
    ("\x1b[32m3 passed\x1b[0m in 0.1s", 3, 0, False),
    ("1 error in 0.10s", 0, 1, False),
    ("4 passed, 1 skipped in 0.31s", 4, 0, True),
    ("4 passed, 1 xfailed in 0.31s", 4, 0, True),
    ("4 passed, 1 deselected in 0.31s", 4, 0, True),
    ("no tests ran in 0.01s", 0, 0, True),
    ("12 passed, 3 failed", 12, 3, False),
    ("style: 12 passed, 0 failed", 12, 0, False),
    ("5 passed the exam", 0, 0, False),
])
def test_closing_lines(line, passed, failed, refused):
    counts = check.Counts()
    counts.read(line)
    assert (counts.passed, counts.failed, bool(counts.refused)) == (
        passed, failed, refused)


FAKE_MAKE = """#!/bin/sh
for last in "$@"; do :; done
case $last in
check-good) echo "3 passed in 0.1s" ;;
check-bad) echo "1 failed, 2 passed in 0.1s"; exit 1 ;;
check-lying) echo "1 failed, 2 passed in 0.1s" ;;
check-silent) ;;
check-crash) echo "3 passed in 0.1s"; exit 7 ;;
check-skip) echo "3 passed, 1 skipped in 0.1s" ;;
check-orphan) echo "3 passed in 0.1s"; env -i setsid sleep 60 & ;;
esac
"""


def run(tmp_path, *stages, total=None):
    make = tmp_path / "make"
    make.write_text(FAKE_MAKE)
    make.chmod(0o755)
    env = {**os.environ, "MAKE_COMMAND": str(make)}
    env.pop("CHECK_TOTAL", None)
    if total is not None:
        env["CHECK_TOTAL"] = str(total)
    script = (f"import sys; sys.path.insert(0, {str(TESTS)!r}); import check, pathlib;"
              f"check.TREE = pathlib.Path({str(tmp_path)!r}); check.LOGS = check.TREE / 'logs';"
              "check.GONE_SECONDS = 0.2; sys.exit(check.main(sys.argv[1:]))")
    done = subprocess.run([sys.executable, "-B", "-c", script, *stages], env=env,
                          capture_output=True, text=True, timeout=60)
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("stage, status, last, says", [
    ("good", 0, "3 passed, 0 failed", "good"),
    ("bad", 1, "2 passed, 1 failed", "1 failed, 2 passed in 0.1s"),
    ("lying", 1, "2 passed, 2 failed", "in spite of failures"),
    ("silent", 1, "0 passed, 1 failed", "counted no test"),
    ("crash", 1, "3 passed, 1 failed", "ended with 7"),
    ("skip", 1, "3 passed, 1 failed", "1 skipped"),
    ("orphan", 1, "3 passed, 1 failed", "left behind: sleep 60"),
])
def test_stages(tmp_path, stage, status, last, says):
    code, lines = run(tmp_path, stage)
    assert (code, lines[-1]) == (status, last)
    assert any(says in line for line in lines)


def test_totals_add_up_over_runs(tmp_path):
    total = tmp_path / "total"
    assert run(tmp_path, "good", total=total)[1][-1] == "3 passed, 0 failed"
    code, lines = run(tmp_path, "good", "bad", total=total)
    assert (code, lines[-1]) == (1, "8 passed, 1 failed")
