"""nginx with the module, laid out from deploy/nginx: the two files users copy as
they are, the five local ones of our own. The lab's gate and tests/gate's."""

import json
import os
import pathlib
import pwd
import shutil
import signal
import subprocess
import time

from . import paths
from .address import PORT_BOOT, PORT_BOOT_MTLS, PORT_CONFIG
from .daemon import Daemon

SAMPLE = paths.TREE / "deploy" / "nginx"
MODULE = pathlib.Path(os.environ.get("EDGE_MODULE") or (
    paths.TREE / "build" / os.environ.get("FLAVOUR", "plain") / "module"
    / "ngx_http_edge_auth_module.so"))

LISTEN = {"boot": PORT_BOOT, "boot-mtls": PORT_BOOT_MTLS,
          "config": PORT_CONFIG}

WAIT = 10.0

# To nginx NGINX is the sockets it inherits; to the lab, which nginx to run.
ENVIRONMENT = {k: v for k, v in os.environ.items() if k != "NGINX"}


def until(check, what, timeout=WAIT):
    """The first true value of check(); asserts that there is one in time."""
    end = time.monotonic() + timeout
    while True:
        found = check()
        if found:
            return found
        assert time.monotonic() < end, f"not within {timeout:g} s: {what}"
        time.sleep(0.02)


def user():
    """Who nginx' workers run as: whoever runs the lab, root as well."""
    return pwd.getpwuid(os.geteuid()).pw_name


class Gate:
    """Everything stands below folder, laid out as the sample has it. edits are
    (old, new) pairs for the sample's text; each must apply."""

    def __init__(self, folder, host, upstream, edits=(), lab=True):
        self.folder, self.host = folder, host
        self.etc = folder / "etc"
        self.store, self.pepper = folder / "store", self.etc / "pepper"
        self._daemon = None
        for name in ("etc/tls", "log", "run", "tmp", "assets"):
            (folder / name).mkdir(parents=True, exist_ok=True)
        for name in ("edge-auth.conf", "gate-locations.conf"):
            shutil.copy(SAMPLE / name, self.etc / name)
        self.write("local-main.conf", f"load_module {MODULE};\n"
                   + (f"user {user()};\n" if os.geteuid() == 0 else ""))
        self.write("local-http.conf",
                   f"upstream matchbox {{ server {upstream}; }}\n"
                   + ("edge_auth_lab on;\n" if lab else ""))
        for name, port in LISTEN.items():
            self.write(f"listen-{name}.conf", f"listen {host}:{port} ssl;\n")
        for edit in edits:
            self.edit(*edit)

    def write(self, name, text):
        (self.etc / name).write_text(text)

    def edit(self, old, new, name="edge-auth.conf"):
        text = (self.etc / name).read_text()
        assert old in text, f"{name} does not hold {old!r}"
        self.write(name, text.replace(old, new))

    def url(self, listener):
        return f"https://{self.host}:{LISTEN[listener]}"

    def certify(self, certificate, key, client_ca, names=("boot", "config")):
        """Copy a server certificate, for each of names, and the client CAs with
        what they revoked: NAME.crl.pem beside NAME.pem."""
        for name in names:
            shutil.copy(certificate, self.etc / "tls" / f"{name}.pem")
            shutil.copy(key, self.etc / "tls" / f"{name}.key")
        shutil.copy(client_ca, self.etc / "tls" / "client-ca.pem")
        shutil.copy(client_ca.with_suffix(".crl.pem"),
                    self.etc / "tls" / "client-ca.crl.pem")

    def argv(self, *more):
        return [paths.nginx(), "-p", str(self.folder), "-c",
                str(self.etc / "edge-auth.conf"), "-e",
                str(self.folder / "log" / "error.log"), *more]

    def test(self):
        """nginx -t: (accepted, what it says)"""
        # It leaves its memory to the kernel: leaks mean nothing here.
        options = os.environ.get("ASAN_OPTIONS", "") + ":detect_leaks=0"
        done = subprocess.run(self.argv("-t"), capture_output=True, text=True,
                              timeout=30,
                              env={**ENVIRONMENT, "ASAN_OPTIONS": options})
        said = done.stderr + (self.error_log() if done.returncode else "")
        return done.returncode == 0, said

    def start(self):
        self._daemon = Daemon("nginx", self.argv("-g", "daemon off;"),
                              self.folder / "log" / "stderr.log",
                              env=ENVIRONMENT)
        self._daemon.start((self.host, PORT_CONFIG))

    def stop(self, number=signal.SIGQUIT):
        if self._daemon is not None:
            self._daemon.stop(number)
            self._daemon = None

    def reload(self):
        before = self.workers()
        self._daemon.send(signal.SIGHUP)
        until(lambda: self.workers() - before, "a new worker after HUP")

    @property
    def pid(self):
        return self._daemon.process.pid

    def workers(self):
        text = pathlib.Path(
            f"/proc/{self.pid}/task/{self.pid}/children").read_text()
        return set(map(int, text.split()))

    def _log(self, name):
        path = self.folder / "log" / name
        return path.read_text(errors="replace") if path.exists() else ""

    def error_log(self):
        return self._log("error.log") + self._log("stderr.log")

    def access_log(self):
        return self._log("access.log")

    def audit(self):
        return [json.loads(line)
                for line in self._log("audit.json").splitlines()]

    def logs(self):
        """Every byte that was written to a log, to look for secrets."""
        return "".join(self._log(path.name)
                       for path in (self.folder / "log").iterdir())
