"""A gate of a test's own: nginx with the module, run from the sample in
deploy/nginx, and an upstream that can be told to misbehave."""

import http.server
import json
import os
import pathlib
import re
import shutil
import signal
import socket
import subprocess
import threading
import time

from lab import paths, pki
from lab.address import PORT_BOOT, PORT_BOOT_MTLS, PORT_CONFIG, Address
from lab.daemon import Daemon

SAMPLE = paths.TREE / "deploy" / "nginx"
MODULE = pathlib.Path(os.environ.get("EDGE_MODULE") or (
    paths.TREE / "build" / os.environ.get("FLAVOUR", "plain") / "module"
    / "ngx_http_edge_auth_module.so"))

LISTEN = {"boot": PORT_BOOT, "boot-mtls": PORT_BOOT_MTLS,
          "config": PORT_CONFIG}
PORT_UPSTREAM = 8080

WAIT = 10.0

SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|: runtime error: ")

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


class Upstream:
    """Stands where Matchbox does. answers maps a path to bytes, or to a
    function of the handler that writes whatever it likes."""

    def __init__(self, host):
        outer = self
        self.answers, self.requests = {}, []

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle_any(self):
                outer.requests.append(
                    (self.command, self.path, dict(self.headers)))
                answer = outer.answers.get(self.path.partition("?")[0])
                if answer is None:
                    self.send_error(404)
                elif callable(answer):
                    answer(self)
                else:
                    self.send_response(200)
                    self.send_header("Content-Length", str(len(answer)))
                    self.end_headers()
                    self.wfile.write(answer)

            do_GET = do_HEAD = do_POST = do_PUT = handle_any

            def log_message(self, *_):
                pass

        self._server = http.server.ThreadingHTTPServer((host, PORT_UPSTREAM),
                                                       Handler)
        self._server.daemon_threads = True
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.address = f"{host}:{PORT_UPSTREAM}"

    def paths(self):
        return [path for _, path, _ in self.requests]

    def stop(self):
        self._server.shutdown()
        self._server.server_close()
        self._thread.join()


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
        user = f"user {os.environ.get('USER', 'root')};\n"
        self.write("local-main.conf", f"load_module {MODULE};\n"
                   + (user if os.geteuid() == 0 else ""))
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

    def certify(self, certificate, key, client_ca):
        for name in ("boot", "config"):
            shutil.copy(certificate, self.etc / "tls" / f"{name}.pem")
            shutil.copy(key, self.etc / "tls" / f"{name}.key")
        shutil.copy(client_ca, self.etc / "tls" / "client-ca.pem")

    def argv(self, *more):
        return [paths.nginx(), "-p", str(self.folder), "-c",
                str(self.etc / "edge-auth.conf"), "-e",
                str(self.folder / "log" / "error.log"), *more]

    def test(self):
        """nginx -t: (accepted, what it says)"""
        done = subprocess.run(self.argv("-t"), capture_output=True, text=True,
                              timeout=30, env=ENVIRONMENT)
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


def raw(gate, listener, data, context, timeout=5.0):
    """Send bytes as they are over TLS; everything that comes back."""
    with socket.create_connection((gate.host, LISTEN[listener]),
                                  timeout=timeout) as plain:
        with context.wrap_socket(plain, server_hostname=gate.host) as tls:
            got = b""
            try:
                tls.sendall(data)
                while part := tls.recv(65536):
                    got += part
            except OSError:
                pass   # the gate hung up, or has nothing more to say
            return got


def throw_away_certificates(folder, host):
    """(ca, certificate, key) that every test of one run shares."""
    return pki.make(folder, host)


def take_address():
    return Address()
