"""The real edge-keyd in a folder of its own, and a client of its socket."""

import contextlib
import json
import os
import pathlib
import pwd
import signal
import socket
import subprocess
import tempfile
import time

from lab import paths

PROGRAM = paths.PROGRAMS / "edge-keyd"
TAGS = ["tag:edge-site-1", "tag:edge-site-2"]
WAIT = 60.0      # s until a test gives up on something that has to happen


def me():
    return pwd.getpwuid(os.getuid()).pw_name


def until(test, what, wait=WAIT):
    """What test() returns once that is true."""
    end = time.monotonic() + wait
    while not (found := test()):
        assert time.monotonic() < end, f"not in {wait:g} s: {what}"
        time.sleep(0.01)
    return found


class Client:
    """One connection."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(WAIT)
        self.socket.connect(str(path))
        self.file = self.socket.makefile("rb")

    def send(self, request):
        line = request if isinstance(request, bytes) else line_of(request)
        self.socket.sendall(line)

    def reply(self):
        """The next reply; None when edge-keyd has hung up."""
        with contextlib.suppress(ConnectionError):
            line = self.file.readline()
            return json.loads(line) if line else None
        return None

    def ask(self, request):
        self.send(request)
        return self.reply()

    def close(self):
        self.file.close()
        self.socket.close()

    def __enter__(self):
        return self

    def __exit__(self, *args):
        self.close()


def line_of(request):
    return json.dumps(request, separators=(",", ":")).encode() + b"\n"


def mint(number=1, gen=1, n=1, *, site="edge-site-1", tags=("tag:edge-site-1",),
         life=3600, deadline=None):
    return {"op": "mint", "number": number, "gen": gen, "n": n,
            "node": f"node-{number}", "site": site,
            "hostname": f"setup-node-{number}", "tags": list(tags),
            "deadline": deadline or int(time.time()) + life}


def check(id_, number=1, gen=1, *, tags=("tag:edge-site-1",), since=None):
    return {"op": "check", "number": number, "gen": gen, "id": id_,
            "hostname": f"setup-node-{number}", "tags": list(tags),
            "since": int(time.time()) - 60 if since is None else since}


def delete(id_):
    return {"op": "delete", "id": id_}


def forget(device):
    return {"op": "forget", "device": device}


def devices(after="", since=0):
    return {"op": "devices", "after": after, "since": since}


def listing(after=""):
    return {"op": "list", "after": after}


class EdgeKeyd:
    """config is changed, then start()."""

    def __init__(self, url, secret, folder=None):
        self._temp = None
        if folder is None:
            self._temp = tempfile.TemporaryDirectory(prefix="edge-keyd-")
            folder = self._temp.name
        self.folder = pathlib.Path(folder)
        self.path = self.folder / "keyd.sock"
        self.log = self.folder / "log"
        self.log.touch()
        self.secret_file = self.folder / "secret"
        self.secret = secret
        self.config = {"provider": "tailscale", "base_url": url,
                       "instance": "gate-a", "secret_file":
                       str(self.secret_file), "socket": str(self.path),
                       "users": [me()], "tags": ["tag:edge-*"],
                       "keys_per_hour": 0, "keys_per_day": 0}
        self.process = None

    @property
    def config_file(self):
        return self.folder / "keyd.json"

    def write(self):
        self.secret_file.unlink(missing_ok=True)
        self.secret_file.write_text(self.secret + "\n")
        self.secret_file.chmod(0o400)
        self.config_file.write_text(json.dumps(self.config))

    def start(self, **more):
        self.write()
        said = self.text().count("serving keys")
        with open(self.log, "ab") as log:
            self.process = subprocess.Popen(
                [PROGRAM, "-c", self.config_file], stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, **more)
        until(lambda: self.text().count("serving keys") > said or
              self.process.poll() is not None, "edge-keyd says that it serves")
        assert self.process.poll() is None, self.text()
        return self

    def stop(self, number=signal.SIGTERM):
        """End it; its exit status."""
        if self.process is None:
            return None
        self.process.send_signal(number)
        try:
            status = self.process.wait(WAIT)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
            raise
        self.process = None
        return status

    def close(self):
        if self.process is not None:
            self.process.kill()
            self.process.wait()
            self.process = None
        if self._temp is not None:
            self._temp.cleanup()

    def __enter__(self):
        return self.start()

    def __exit__(self, *args):
        self.close()

    def text(self):
        return self.log.read_text(errors="replace")

    def client(self):
        return Client(self.path)

    def ask(self, request):
        with self.client() as client:
            return client.ask(request)

    def metrics(self):
        return self.ask({"op": "metrics"})["metrics"]

    def list_all(self):
        """Every key that is not skipped, as the gate's sweep goes."""
        found, after = [], ""
        for _ in range(100_000):
            reply = self.ask(listing(after))
            if not reply["ok"]:
                return reply
            if reply["id"] == "":
                return found
            found.append(reply)
            after = reply["id"]
        raise AssertionError("a list without an end")
