"""Runs test stages: `check.py STAGE...` runs `make check-STAGE` for each.

A stage passes if its command exits 0, says what it counted, counted at least
one test, skipped none and left no process behind. Counts are read from the
closing lines of Check and pytest, and from plain `N passed, N failed` lines of
other runners. A stage's output is kept in build/check/STAGE.log and shown when
the stage fails. The last line printed is the total.

With $CHECK_TOTAL, a file, the counts of earlier runs that used the same file
are added: .ci/run closes with one total for all of its runs.
"""

import ctypes
import os
import pathlib
import re
import signal
import subprocess
import sys
import time
import uuid

TREE = pathlib.Path(__file__).resolve().parents[1]
LOGS = TREE / "build" / "check"
MARK = "EDGE_CHECK_ID"
STAGE_SECONDS = 1800
SHOWN_LINES = 200
GONE_SECONDS = 3

PR_SET_CHILD_SUBREAPER = 36

CHECK_LINE = re.compile(
    r"^\d+%: Checks: (\d+), Failures: (\d+), Errors: (\d+)$")
PLAIN_LINE = re.compile(r"^(?:\w+: )?(\d+) passed, (\d+) failed$")
PYTEST_LINE = re.compile(r"^=*\s*((?:\d+ \w+(?:, )?)+) in [\d.]+s(?: .*)?$")
PYTEST_EMPTY = re.compile(r"^=*\s*no tests ran in ")

PYTEST_PASSED = {"passed"}
PYTEST_FAILED = {"failed", "error", "errors"}
PYTEST_QUIET = {"warning", "warnings"}


class Counts:
    """Of one stage. refused holds closing words that may not occur."""

    def __init__(self):
        self.passed = self.failed = 0
        self.refused = []

    def read(self, line):
        """Take what one line of output says, if it is a closing line."""
        line = re.sub(r"\x1b\[[0-9;]*m", "", line).strip()
        if match := CHECK_LINE.match(line):
            checks, failures, errors = map(int, match.groups())
            self.failed += failures + errors
            self.passed += checks - failures - errors
            if checks == 0:
                self.refused.append("a runner that ran no check")
        elif match := PLAIN_LINE.match(line):
            self.passed += int(match[1])
            self.failed += int(match[2])
        elif match := PYTEST_LINE.match(line):
            for part in match[1].split(", "):
                number, word = part.split()
                self._pytest(int(number), word)
        elif PYTEST_EMPTY.match(line):
            self.refused.append("a room without tests")

    def _pytest(self, number, word):
        if word in PYTEST_PASSED:
            self.passed += number
        elif word in PYTEST_FAILED:
            self.failed += number
        elif word not in PYTEST_QUIET:
            self.refused.append(f"{number} {word}")


def become_reaper():
    """Orphans of ours come to us instead of init, so none can hide: nginx, for
    one, overwrites the environment that would give it away."""
    libc = ctypes.CDLL(None, use_errno=True)
    if libc.prctl(PR_SET_CHILD_SUBREAPER, 1, 0, 0, 0) != 0:
        raise OSError(ctypes.get_errno(), "prctl(PR_SET_CHILD_SUBREAPER)")


def reap():
    """Collect orphans that ended."""
    while True:
        try:
            if os.waitpid(-1, os.WNOHANG)[0] == 0:
                return
        except ChildProcessError:
            return


def processes():
    """{pid: (parent, state, command line, marked)} of what we may read."""
    found = {}
    mark = f"{MARK}={os.environ[MARK]}".encode()
    for entry in pathlib.Path("/proc").glob("[0-9]*"):
        try:
            stat = (entry / "stat").read_text().rpartition(")")[2].split()
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ")
            marked = mark in (entry / "environ").read_bytes().split(b"\0")
        except OSError:      # gone, or another user's
            continue
        found[int(entry.name)] = (int(stat[1]), stat[0],
                                  command.decode(errors="replace").strip(),
                                  marked)
    return found


def left_over():
    """{pid: command line} of live processes that come from our stages."""
    everything = processes()
    found = {}
    for pid, (parent, state, command, marked) in everything.items():
        if pid == os.getpid() or state == "Z":
            continue
        while parent in everything and parent != os.getpid():
            parent = everything[parent][0]
        if marked or parent == os.getpid():
            found[pid] = command
    return found


def end_left_over():
    """Wait a moment, then kill what is left and return its command lines."""
    end = time.monotonic() + GONE_SECONDS
    while True:
        reap()
        found = left_over()
        if not found:
            return []
        if time.monotonic() > end:
            break
        time.sleep(0.05)
    for pid in found:
        try:
            os.kill(pid, signal.SIGKILL)
        except ProcessLookupError:
            pass
    reap()
    return sorted(found.values())


def run_stage(stage):
    """Run one stage; its counts, with 1 failed at least if anything is wrong."""
    LOGS.mkdir(parents=True, exist_ok=True)
    path = LOGS / f"{stage}.log"
    argv = [os.environ.get("MAKE_COMMAND", "make"), "--no-print-directory",
            f"-j{os.cpu_count() or 1}", f"check-{stage}"]
    began = time.monotonic()
    with open(path, "wb") as log:
        child = subprocess.Popen(argv, cwd=TREE, stdin=subprocess.DEVNULL,
                                 stdout=log, stderr=log)
        try:
            status = child.wait(STAGE_SECONDS)
        except subprocess.TimeoutExpired:
            child.kill()
            child.wait()
            status = f"still running after {STAGE_SECONDS} s"
    took = time.monotonic() - began

    counts = Counts()
    text = path.read_text(errors="replace").splitlines()
    for line in text:
        counts.read(line)
    wrong = [f"it has {what}" for what in counts.refused]
    if status != 0 and counts.failed == 0:
        wrong.append(f"it ended with {status}")
    if status == 0 and counts.failed:
        wrong.append("it ended with 0 in spite of failures")
    if counts.passed + counts.failed == 0:
        wrong.append("it counted no test")
    wrong += [f"it left behind: {command}" for command in end_left_over()]
    counts.failed += len(wrong)

    if counts.failed:
        print(*text[-SHOWN_LINES:], sep="\n")
    for what in wrong:
        print(f"check-{stage}: {what}")
    print(f"{stage:<10} {took:7.1f} s  {counts.passed} passed, "
          f"{counts.failed} failed   ({path.relative_to(TREE)})", flush=True)
    return counts


def earlier():
    """Counts of the runs before this one in the same $CHECK_TOTAL."""
    path = os.environ.get("CHECK_TOTAL")
    if not path or not os.path.exists(path):
        return 0, 0
    numbers = [line.split() for line in open(path, encoding="ascii")]
    return (sum(int(n[0]) for n in numbers), sum(int(n[1]) for n in numbers))


def main(stages):
    if not stages:
        print(__doc__, file=sys.stderr)
        return 2
    os.environ[MARK] = str(uuid.uuid4())
    for name in ("MAKEFLAGS", "MFLAGS", "MAKELEVEL"):
        os.environ.pop(name, None)
    become_reaper()
    passed, failed = earlier()
    here_passed = here_failed = 0
    for stage in stages:
        counts = run_stage(stage)
        here_passed += counts.passed
        here_failed += counts.failed
    if os.environ.get("CHECK_TOTAL"):
        with open(os.environ["CHECK_TOTAL"], "a", encoding="ascii") as total:
            total.write(f"{here_passed} {here_failed}\n")
    print(f"{passed + here_passed} passed, {failed + here_failed} failed",
          flush=True)
    return 1 if failed + here_failed else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
