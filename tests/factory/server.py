"""The server itself: see __init__.py."""

import collections
import contextlib
import hashlib
import http.server
import json
import re
import socket
import socketserver
import ssl
import threading

SIZE = 300_000
IMAGE = re.compile(r"/image/([0-9a-f]{64})/(v[0-9.]+)/"
                   r"(kernel-(?:amd64|arm64)|initramfs-(?:amd64|arm64)\.xz|"
                   r"cmdline-metal-(?:amd64|arm64)|metal-(?:amd64|arm64)\.iso)")
SCHEMATIC = re.compile(r"customization:( \{\})?\n"
                       r"(    (extraKernelArgs|systemExtensions):\n"
                       r"(     .*\n)+)*")
VERSIONS = ["v1.13.2", "v1.13.3"]

Request = collections.namedtuple("Request", "method path range if_range")


def content_of(schematic, version, file, size=SIZE):
    """The made-up file: the same bytes for the same name."""
    seed = hashlib.sha256(f"{schematic} {version} {file}".encode()).digest()
    blocks = (hashlib.sha256(seed + n.to_bytes(4, "big")).digest()
              for n in range(size // 32 + 1))
    return b"".join(blocks)[:size]


class Handler(http.server.BaseHTTPRequestHandler):
    """One connection."""

    protocol_version = "HTTP/1.1"
    wbufsize = 0

    def log_message(self, *_args):
        pass

    def head(self, code, headers, length):
        self.send_response(code)
        for name, value in headers.items():
            self.send_header(name, value)
        self.send_header("Content-Length", str(length))
        self.end_headers()

    def reply(self, code, body, headers=None):
        self.head(code, headers or {}, len(body))
        if self.command != "HEAD":
            self.wfile.write(body)

    def reply_json(self, code, value):
        self.reply(code, json.dumps(value).encode() + b"\n",
                   {"Content-Type": "application/json"})

    def drop(self):
        """Close at once: with SO_LINGER 0 the other side sees a reset."""
        self.close_connection = True
        self.server.forget(self.connection)
        self.connection.detach_and_close()

    def first_byte(self):
        found = re.fullmatch(r"bytes=(\d+)-", self.headers.get("Range", ""))
        return int(found[1]) if found else 0

    def select(self, content):
        """(bytes, (status, headers)) for the range that was asked for."""
        etag = f'"{hashlib.sha256(content).hexdigest()[:16]}"'
        headers = {"ETag": etag, "Accept-Ranges": "bytes"}
        if not self.server.factory.sends_etag:
            del headers["ETag"]
        first = self.first_byte()
        if self.headers.get("If-Range", etag) != etag or first == 0:
            return content, (200, headers)
        if first >= len(content):
            headers["Content-Range"] = f"bytes */{len(content)}"
            return b"", (416, headers)
        headers["Content-Range"] = (
            f"bytes {first}-{len(content) - 1}/{len(content)}")
        return content[first:], (206, headers)

    def serve(self, content):
        body, (code, headers) = self.select(content)
        self.reply(code, body, headers)

    def note(self):
        self.server.factory.requests.append(Request(
            self.command, self.path, self.headers.get("Range"),
            self.headers.get("If-Range")))

    def planned(self):
        """The behaviour that this path's next answer has, or None."""
        factory = self.server.factory
        with factory.lock:
            for end, plans in factory.plans.items():
                if self.path.endswith(end) and plans:
                    return plans.popleft()
        return None

    def parse_request(self):
        """A proxy is asked for whole URLs: this one has all of them."""
        good = super().parse_request()
        if good:
            self.path = re.sub(r"^http://[^/]+", "", self.path)
        return good

    def do_GET(self):                                  # pylint: disable=C0103
        with self.server.factory.counted():
            self.answer()

    def answer(self):
        self.note()
        factory = self.server.factory
        image = IMAGE.fullmatch(self.path.removeprefix("/cdn"))
        content = b""
        if image and image[1] in factory.schematics and image[2] in VERSIONS:
            content = content_of(*image.groups(), size=factory.size)
        plan = self.planned()
        if plan:
            plan(self, content)
        elif content:
            self.serve(content)
        elif self.path == "/versions":
            self.reply_json(200, VERSIONS)
        elif self.path.removeprefix("/schematics/") in factory.schematics:
            self.reply(200, factory.schematics[self.path[12:]].encode())
        else:
            self.reply(404, b"not found\n")

    do_HEAD = do_GET

    def do_POST(self):                                 # pylint: disable=C0103
        self.note()
        text = self.rfile.read(int(self.headers["Content-Length"])).decode()
        plan = self.planned()
        if plan:
            plan(self, b"")
        elif self.path != "/schematics":
            self.reply(404, b"not found\n")
        elif not SCHEMATIC.fullmatch(text):
            self.reply(400, b"invalid schematic\n")
        else:
            name = self.server.factory.know(text)
            self.reply_json(201, {"id": name, "schematic": text})


class Connection(socket.socket):
    """A socket that can be closed under its handler."""

    @classmethod
    def of(cls, plain):
        made = cls(plain.family, plain.type, plain.proto, plain.detach())
        return made

    def detach_and_close(self):
        descriptor = self.detach()
        if descriptor >= 0:
            socket.close(descriptor)


class Server(socketserver.ThreadingMixIn, http.server.HTTPServer):
    """A thread per connection; close ends them all."""

    daemon_threads = True
    request_queue_size = 64

    def __init__(self, factory, context):
        super().__init__(("127.0.0.1", 0), Handler)
        self.factory, self.context = factory, context
        self.open = set()

    def get_request(self):
        plain, address = super().get_request()
        if self.context is not None:
            plain.settimeout(30)
            made = self.context.wrap_socket(plain, server_side=True,
                                            do_handshake_on_connect=False)
        else:
            made = Connection.of(plain)
        self.open.add(made)
        return made, address

    def forget(self, connection):
        self.open.discard(connection)

    def shutdown_request(self, request):
        self.forget(request)
        super().shutdown_request(request)

    def handle_error(self, request, client_address):
        pass                           # clients of these tests go away early

    def end(self):
        self.shutdown()
        for connection in list(self.open):
            try:
                connection.shutdown(socket.SHUT_RDWR)
            except OSError:
                pass
        self.server_close()


class Factory:
    """With a certificate (path of leaf and key in one PEM) it speaks TLS."""

    def __init__(self, certificate=None, size=SIZE):
        context = None
        if certificate is not None:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(certificate)
        self.lock = threading.Lock()
        self.plans = collections.defaultdict(collections.deque)
        self.requests, self.schematics = [], {}
        self.size, self.sends_etag = size, True
        self.running = self.most = 0
        self._server = Server(self, context)
        self.port = self._server.server_address[1]
        scheme = "http" if context is None else "https"
        self.url = f"{scheme}://127.0.0.1:{self.port}"
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.05})

    @contextlib.contextmanager
    def counted(self):
        """How many requests were answered at once, at most."""
        with self.lock:
            self.running += 1
            self.most = max(self.most, self.running)
        try:
            yield
        finally:
            with self.lock:
                self.running -= 1

    def know(self, text):
        """A schematic in its canonical form; its id."""
        name = hashlib.sha256(text.encode()).hexdigest()
        self.schematics[name] = text
        return name

    def plan(self, end, *behaviours):
        """What the next requests for a path with this end get."""
        with self.lock:
            self.plans[end].extend(behaviours)

    def asked(self, end):
        return [r for r in self.requests if r.path.endswith(end)]

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_exception):
        self._server.end()
        self._thread.join()
