"""Who sits between a site and the gate: it has the gate's name and address, and a
certificate for that name, of a root of its own."""

import http.server
import ssl
import threading

from .cloud import ADDRESSES, PORT, name_of
from .pki import Pki
from .process import Failed

WORDS = "the impostor's script runs"
SCRIPT = f"#!ipxe\necho {WORDS}\nsleep 600\n".encode()


class Impostor:
    """start, stop: takes the gate's place while that is stopped. paths are those
    it was asked for, refused the number of handshakes that a machine broke off.
    """

    def __init__(self, folder):
        self.pki = Pki(folder)
        self.paths, self.refused, self._server = [], 0, None
        self._context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._context.load_cert_chain(*self.pki.server("boot", name_of("boot")))

    def start(self):
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            timeout = 60

            def handle(self):
                try:
                    self.connection.do_handshake()
                except OSError:     # ssl.SSLError is one
                    outer.refused += 1
                    return
                super().handle()

            def do_GET(self):
                outer.paths.append(self.path)
                self.send_response(200)
                self.send_header("Content-Length", str(len(SCRIPT)))
                self.end_headers()
                self.wfile.write(SCRIPT)

            def log_message(self, *_):
                pass

        self.paths, self.refused = [], 0
        self._server = http.server.ThreadingHTTPServer(
            (ADDRESSES["boot"], PORT), Handler)
        self._server.socket = self._context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False)
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def stop(self):
        self._server.shutdown()
        self._server.server_close()

    def assert_asked_for_nothing(self):
        if self.paths:
            raise Failed("the impostor was trusted, and asked for "
                         f"{len(self.paths)} paths")
