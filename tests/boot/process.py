"""Programs whose output is read line by line, each line with its time."""

import dataclasses
import re
import subprocess
import threading
import time

# What terminals obey and people do not read: CSI, other escapes, OVMF's own.
ESCAPES = re.compile(r"\x1b\[[0-9;?=]*[A-Za-z]|\x1b[()][0-9A-Za-z]|\x1b.|[\x00-\x08\x0b-\x1f]")
PIECE = 4096
POLL = 0.1


class Failed(AssertionError):
    """A case did not come out as it must; the text says what was missed."""


@dataclasses.dataclass
class Line:
    """time is time.time() of the line's first byte; whole: its end came."""
    time: float
    text: str
    whole: bool = True

    def __str__(self):
        return self.text


class Lines:
    """Lines that a thread adds to and others wait for. The last one may still
    grow: a prompt has no newline."""

    def __init__(self):
        self._lines = []
        self._change = threading.Condition()
        self.ended = False

    def put(self, line, growing):
        """Add a line; growing: the last one was the beginning of this."""
        with self._change:
            if growing:
                line.time = self._lines[-1].time
                self._lines[-1] = line
            else:
                self._lines.append(line)
            self._change.notify_all()

    def end(self):
        with self._change:
            self.ended = True
            self._change.notify_all()

    def __len__(self):
        return len(self._lines)

    def all(self, since=0):
        with self._change:
            return self._lines[since:]

    def find(self, pattern, since=0, whole=False):
        """(index, Line, match) of the first line that holds pattern, or None.
        whole: one that may still grow does not count."""
        for index, line in enumerate(self.all(since), since):
            match = re.search(pattern, line.text)
            if match and (line.whole or not whole):
                return index, line, match
        return None

    def wait(self, pattern, since=0, timeout=120.0, whole=False):
        """As find, but waits. None if no line comes in time, or if no more
        can come."""
        limit = time.monotonic() + timeout
        while True:
            last = self.ended
            found = self.find(pattern, since, whole)
            if found or last or time.monotonic() > limit:
                return found
            with self._change:
                self._change.wait(POLL)


class Process:
    """One child in a network namespace. It is killed when this program ends,
    however it ends. Its lines also go to the file log, with their time."""

    def __init__(self, name, argv, log, namespace=None, env=None):
        self.name, self.argv, self.log = name, list(map(str, argv)), log
        self.namespace, self.env = namespace, env
        self.lines = Lines()
        self.process = self._reader = None
        self.began, self.over = 0.0, float("inf")

    def start(self):
        enter = [f"--net={self.namespace.path}"] if self.namespace else []
        argv = ["setpriv", "--pdeathsig", "KILL", "--",
                *(["nsenter", *enter, "--"] if enter else []), *self.argv]
        self.lines.ended = False
        self.began, self.over = time.time(), float("inf")
        self.process = subprocess.Popen(
            argv, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, env=self.env)
        self._reader = threading.Thread(
            target=self._read, args=(self.process.stdout, self.began), daemon=True)
        self._reader.start()
        return self

    def _read(self, pipe, began):
        rest = ""
        growing = False     # is the last line one that has no end yet?
        with open(self.log, "a", encoding="utf-8") as log:
            while piece := pipe.read1(PIECE):
                now = time.time()
                rest += piece.decode("utf-8", "replace")
                *whole, rest = re.split(r"\r*\n|\r(?=[^\r\n])", rest)
                for raw in whole:
                    if text := ESCAPES.sub("", raw).rstrip():
                        self.lines.put(Line(now, text), growing)
                        log.write(f"[{now - began:8.3f}] {text}\n")
                    growing = False
                log.flush()
                if text := ESCAPES.sub("", rest).rstrip():
                    self.lines.put(Line(now, text, False), growing)
                    growing = True
            if text := ESCAPES.sub("", rest).rstrip():
                self.lines.put(Line(time.time(), text), growing)
                log.write(f"[{time.time() - began:8.3f}] {text}\n")
        self.over = time.time()
        self.lines.end()

    @property
    def running(self):
        return self.process is not None and self.process.poll() is None

    def assert_alive(self):
        if not self.running or self.lines.ended:
            status = self.process.poll() if self.process else "not started"
            last = "\n".join(str(line) for line in self.lines.all()[-5:])
            raise Failed(f"{self.name} ended ({status})\n{last}")

    def ready(self, pattern, timeout=20.0):
        """Wait for the line that says it serves."""
        if self.lines.wait(pattern, timeout=timeout) is None:
            self.assert_alive()
            raise Failed(f"{self.name} does not say {pattern!r}")
        self.assert_alive()
        return self

    def send(self, number):
        self.assert_alive()
        self.process.send_signal(number)

    def kill(self):
        """At once and without a word, as a power cut. Twice is fine."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.kill()
        self.process.wait()
        self._reader.join(timeout=5)
        self.process.stdout.close()

    def wait(self, timeout):
        """Wait until it ends by itself; did it?"""
        try:
            self.process.wait(timeout)
        except subprocess.TimeoutExpired:
            return False
        self._reader.join(timeout=5)
        return True
