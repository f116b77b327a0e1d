"""What tests of the gate need beside the lab's own: an upstream that can be told
to misbehave, raw bytes over TLS, certificates to throw away."""

import http.server
import re
import socket
import threading

from lab import pki
from lab.address import PORT_BOOT, PORT_MATCHBOX, Address
from lab.sample import ENVIRONMENT, LISTEN, Gate, until

__all__ = ["ENVIRONMENT", "Gate", "PORT_BOOT", "PORT_UPSTREAM", "SANITIZER",
           "Upstream", "raw", "take_address", "throw_away_certificates",
           "until"]

PORT_UPSTREAM = PORT_MATCHBOX

SANITIZER = re.compile(r"AddressSanitizer|LeakSanitizer|: runtime error: ")


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


def alerts(gate):
    """The [alert] lines of the error log, without time and process."""
    return set(re.findall(r"\[alert\] [\d#: *]*(.*)", gate.error_log()))
