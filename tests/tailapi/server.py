"""The HTTP of it: token endpoint, keys, devices, on a free port of loopback.

What a client may ask for is fixed by `owns`: the tags the OAuth client's own
tag owns in the tailnet's policy. Strict: members of a request that the API does
not know are refused, as are tags outside of `owns`.
"""

import contextlib
import http.server
import json
import re
import socket
import struct
import threading
import time
import urllib.parse

from .faults import LATE, Faults, Options
from .state import SINGLE_USE_LIFE_MAX, Tailnet, rfc3339

CLIENT_ID = "kClient1CNTRL"
CLIENT_SECRET = f"tskey-client-{CLIENT_ID}-secretOfTheOAuthClient"
CLIENT_TAG = "tag:edge-keyd"
SCOPES = ("auth_keys", "devices:core")
TOKEN_LIFE = 3600

CREATE = {"reusable", "ephemeral", "preauthorized", "tags"}
DESCRIPTION = re.compile(r"[A-Za-z0-9 -]{0,50}")
TAG = re.compile(r"tag:[A-Za-z][A-Za-z0-9-]*")
BODY_MAX = 1 << 20


class Refused(Exception):
    def __init__(self, status, message):
        super().__init__(message)
        self.status = status


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    disable_nagle_algorithm = True

    def log_message(self, *args):
        pass

    def setup(self):
        super().setup()
        self.api = self.server.api

    # ---- one exchange ----

    def exchange(self):
        length = min(int(self.headers.get("Content-Length") or 0), BODY_MAX)
        body = self.rfile.read(length)
        url = urllib.parse.urlsplit(self.path)
        is_token = url.path == "/api/v2/oauth/token"
        self.api.seen(self.command, self.path, dict(self.headers), body)
        self.api.gate.wait()
        fault, wait, retry = self.api.faults.draw(is_token)
        time.sleep(wait)
        early = fault is not None and fault not in LATE and fault != "expired"
        if early:
            self.go_wrong(fault, None, retry)
            return
        try:
            status, answer = self.answer(url, body, fault == "expired")
        except Refused as error:
            status = error.status
            answer = {"message": str(error)}
        self.send(status, answer, fault if fault in LATE else None)

    do_GET = do_POST = do_DELETE = exchange

    def go_wrong(self, fault, answer, retry):
        if fault == "500":
            self.send(500, {"message": "internal server error"})
        elif fault == "429":
            self.send(429, {"message": "too many requests"},
                      headers={"Retry-After": str(retry)})
        elif fault == "html":
            self.write(502, b"<html><body>502 Bad Gateway</body></html>\n",
                       "text/html")
        else:
            self.reset()

    def reset(self):
        """RST instead of FIN."""
        self.close_connection = True
        with contextlib.suppress(OSError):
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER,
                                       struct.pack("ii", 1, 0))
            self.wfile.flush()
            self.connection.shutdown(socket.SHUT_RD)
        self.server.to_reset.add(self.connection)

    def send(self, status, answer, fault=None, headers=()):
        body = b"" if answer is None else json.dumps(answer).encode() + b"\n"
        self.write(status, body, "application/json", fault, headers)

    def write(self, status, body, kind, fault=None, headers=()):
        length = len(body)
        if fault == "length":
            length = max(0, length - 7) if length % 2 else length + 7
        with contextlib.suppress(OSError):
            self.send_response(status)
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(length))
            for name, value in dict(headers).items():
                self.send_header(name, value)
            self.end_headers()
            if fault in ("reset-late", "truncated", "length"):
                self.close_connection = True
            if fault == "reset-late":
                self.reset()
                return
            self.wfile.write(body[:len(body) // 2] if fault == "truncated"
                             else body)
            self.wfile.flush()

    # ---- routes ----

    def answer(self, url, body, expired):
        parts = [urllib.parse.unquote(part)
                 for part in url.path.strip("/").split("/")]
        query = dict(urllib.parse.parse_qsl(url.query))
        if parts == ["api", "v2", "oauth", "token"]:
            return self.post_token(body, expired)
        if parts[:2] != ["api", "v2"]:
            raise Refused(404, "not found")
        parts = parts[2:]
        if len(parts) >= 3 and parts[0] == "tailnet":
            self.check_tailnet(parts[1])
            if parts[2] == "keys":
                return self.keys(parts[3:], query, body)
            if parts[2:] == ["devices"] and self.command == "GET":
                self.authorise("devices:core")
                return self.get_devices(query)
        if len(parts) == 2 and parts[0] == "device" and \
                self.command == "DELETE":
            self.authorise("devices:core")
            return self.delete_device(parts[1])
        raise Refused(404, "not found")

    def keys(self, rest, query, body):
        self.authorise("auth_keys")
        if self.command == "POST" and not rest:
            return self.post_key(body)
        if self.command == "GET" and not rest:
            return self.get_keys()
        if len(rest) == 1 and self.command == "GET":
            return self.get_key(rest[0])
        if len(rest) == 1 and self.command == "DELETE":
            return self.delete_key(rest[0])
        raise Refused(405, "method not allowed")

    def check_tailnet(self, name):
        if name not in ("-", self.api.name):
            raise Refused(404, "tailnet not found")

    def authorise(self, scope):
        kind, _, token = self.headers.get("Authorization", "").partition(" ")
        with self.api.lock:
            ends = self.api.tokens.get(token, 0)
        if kind != "Bearer" or self.api.net.now() >= ends:
            raise Refused(401, "API token invalid")
        if scope not in self.api.scopes:
            raise Refused(403, "calling actor does not have enough permissions "
                               "to perform this function")

    def post_token(self, body, expired):
        if self.command != "POST":
            raise Refused(405, "method not allowed")
        if self.headers.get("Content-Type") != \
                "application/x-www-form-urlencoded":
            raise Refused(400, "unexpected content type")
        form = dict(urllib.parse.parse_qsl(body.decode("ascii", "replace")))
        if form.get("client_id") != CLIENT_ID or \
                form.get("client_secret") != self.api.client_secret or \
                form.get("grant_type", "client_credentials") != \
                "client_credentials":
            raise Refused(401, "API token invalid")
        token = self.api.new_token(0 if expired else self.api.token_life)
        return 200, {"access_token": token, "token_type": "Bearer",
                     "expires_in": self.api.token_life,
                     "scope": " ".join(self.api.scopes), "tags": CLIENT_TAG}

    def post_key(self, body):
        if self.headers.get("Content-Type") != "application/json":
            raise Refused(400, "unexpected content type")
        try:
            wish = json.loads(body)
            create = wish["capabilities"]["devices"]["create"]
            tags = create["tags"]
        except (ValueError, KeyError, TypeError):
            raise Refused(400, "invalid request body") from None
        life = wish.get("expirySeconds") or SINGLE_USE_LIFE_MAX
        description = wish.get("description", "")
        if set(wish) - {"capabilities", "expirySeconds", "description"} or \
                set(wish["capabilities"]) != {"devices"} or \
                set(wish["capabilities"]["devices"]) != {"create"} or \
                set(create) - CREATE:
            raise Refused(400, "unknown field")
        if not DESCRIPTION.fullmatch(description):
            raise Refused(400, "invalid description")
        if type(life) is not int or not 0 < life <= SINGLE_USE_LIFE_MAX:
            raise Refused(400, "invalid expirySeconds")
        self.check_tags(tags)
        if self.api.delay_mint is not None:
            self.api.delay_mint.wait(30)
        key = self.api.net.mint(
            tags, description, min(life, self.api.key_life_max),
            **{name: bool(create.get(name, False))
               for name in ("reusable", "ephemeral", "preauthorized")})
        return 200, {"key": key.secret, **self.shown(key)}

    def check_tags(self, tags):
        """One tag that owns the others may give any of them; a client that has
        several tags of its own may only give all of them, which ours is not."""
        if not isinstance(tags, list) or not tags:
            raise Refused(400, "tailnet-owned auth key must have tags set")
        bad = [tag for tag in tags
               if not isinstance(tag, str) or not TAG.fullmatch(tag) or
               tag not in self.api.owns]
        if bad:
            raise Refused(400, f"requested tags {tags} are invalid or not "
                               "permitted")

    def shown(self, key):
        now = self.api.net.now()
        row = {"id": key.id, "keyType": "auth",
               "created": rfc3339(key.created), "expires": rfc3339(key.expires),
               "capabilities": {"devices": {"create": {
                   "reusable": key.reusable, "ephemeral": key.ephemeral,
                   "preauthorized": key.preauthorized, "tags": key.tags}}},
               "description": key.description,
               "invalid": key.is_invalid(now)}
        if key.deleted:
            row["revoked"] = rfc3339(now)
        return row

    def get_keys(self):
        """Only ids are sure to be there."""
        with self.api.net.lock:
            return 200, {"keys": [{"id": key.id}
                                  for key in self.api.net.keys.values()
                                  if self.api.lists_deleted or not key.deleted]}

    def get_key(self, id_):
        with self.api.net.lock:
            key = self.api.net.keys.get(id_)
            if key is None or (key.used and self.api.hides_used):
                raise Refused(404, "key not found")
            return 200, self.shown(key)

    def delete_key(self, id_):
        if not self.api.net.delete(id_):
            raise Refused(404, "key not found")
        return 200, None

    def get_devices(self, query):
        wanted = [tag for tag in query.get("tags", "").split(",") if tag]
        with self.api.net.lock:
            devices = list(self.api.net.devices.values())
        return 200, {"devices": [
            {"id": device.id, "nodeId": device.node_id,
             "hostname": device.hostname,
             "name": f"{device.name}.tailnet.test", "os": "linux",
             "addresses": ["100.64.0.9"], "authorized": True,
             "created": rfc3339(device.created), "isExternal": False,
             "connectedToControl": True, "tags": device.tags}
            for device in devices if set(wanted) <= set(device.tags)]}

    def delete_device(self, id_):
        if id_ in self.api.shared_in:
            raise Refused(501, "device is shared in")
        if not self.api.net.remove_device(id_):
            raise Refused(404, "device not found")
        return 200, None


class Server(http.server.ThreadingHTTPServer):
    daemon_threads = True
    request_queue_size = 512

    def __init__(self, api):
        self.api = api
        self.to_reset = set()
        super().__init__(("127.0.0.1", 0), Handler)

    def handle_error(self, request, client_address):
        """A client that went away is no news."""

    def shutdown_request(self, request):
        if request in self.to_reset:   # close at once: linger 0 sends RST
            self.to_reset.discard(request)
            request.close()
        else:
            super().shutdown_request(request)


class TailApi:
    """Start it, point a client at url, ask net what became of the keys."""

    def __init__(self, options=None, net=None, owns=("tag:edge-site-1",
                                                     "tag:edge-site-2")):
        self.net = net or Tailnet()
        self.faults = Faults(options or Options())
        self.owns, self.name = set(owns), "example.com"
        self.scopes = SCOPES
        self.client_secret = CLIENT_SECRET
        self.token_life = TOKEN_LIFE
        self.key_life_max = SINGLE_USE_LIFE_MAX
        self.hides_used = False      # used keys are 404, not invalid
        self.lists_deleted = True
        self.shared_in = set()
        self.delay_mint = None       # an Event that mints wait for
        self.tokens, self.requests = {}, []
        self.lock = threading.Lock()
        self.gate = threading.Event()
        self.gate.set()
        self._server = self._thread = None

    def start(self):
        self._server = Server(self)
        self._thread = threading.Thread(
            target=self._server.serve_forever, daemon=True,
            kwargs={"poll_interval": 0.05})
        self._thread.start()
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        return self

    def stop(self):
        self.gate.set()
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None

    def __enter__(self):
        return self.start()

    def __exit__(self, *args):
        self.stop()

    def hang(self):
        """Requests are read and not answered until go_on."""
        self.gate.clear()

    def go_on(self):
        self.gate.set()

    def seen(self, method, path, headers, body):
        with self.lock:
            self.requests.append((method, path, headers, body))

    def count(self, method, start):
        with self.lock:
            return sum(1 for request in self.requests
                       if request[0] == method and request[1].startswith(start))

    def new_token(self, life):
        with self.lock:
            token = f"tskey-api-kTok{len(self.tokens) + 1}CNTRL-secretOfToken"
            self.tokens[token] = self.net.now() + life
            return token

    def end_tokens(self):
        """All access tokens end now, earlier than they said."""
        with self.lock:
            for token in self.tokens:
                self.tokens[token] = 0
