"""Programs that run in the foreground for as long as a lab lives."""

import signal
import socket
import subprocess
import time


class DaemonError(RuntimeError):
    """A daemon did not come up or went away; the text has its last words."""


class Daemon:
    """One child process under setpriv: it gets TERM when its parent dies.

    Start it from the main thread: the kernel ties that signal to the thread.
    """

    def __init__(self, name, argv, log, env=None, cwd=None):
        self.name, self.argv, self.log = name, argv, log
        self.env, self.cwd = env, cwd
        self.process = None

    def start(self, address=None, timeout=15.0):
        """Start, and wait until address (host, port) accepts connections."""
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                ["setpriv", "--pdeathsig", "TERM", "--", *self.argv],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log,
                env=self.env, cwd=self.cwd)
        if address is None:
            return
        end = time.monotonic() + timeout
        while True:
            self.assert_alive()
            try:
                socket.create_connection(address, timeout=1).close()
                return
            except OSError:
                if time.monotonic() > end:
                    self.stop()
                    raise DaemonError(
                        f"{self.name} does not listen on {address[0]}:"
                        f"{address[1]} after {timeout:g} s\n{self.tail()}"
                    ) from None
                time.sleep(0.02)

    def assert_alive(self):
        if self.process is None or self.process.poll() is not None:
            status = self.process.returncode if self.process else "not started"
            raise DaemonError(f"{self.name} ended ({status})\n{self.tail()}")

    def tail(self, lines=15):
        """The last lines of the log, for a message."""
        try:
            with open(self.log, encoding="utf-8", errors="replace") as log:
                return "".join(log.readlines()[-lines:])
        except FileNotFoundError:
            return ""

    def send(self, number):
        self.assert_alive()
        self.process.send_signal(number)

    def stop(self, number=signal.SIGTERM, timeout=10.0):
        """End it; KILL if it does not go. Stopping twice is fine."""
        if self.process is None:
            return
        if self.process.poll() is None:
            self.process.send_signal(number)
            try:
                self.process.wait(timeout)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait(timeout)
        self.process = None
