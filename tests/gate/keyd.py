"""A stand-in for edge-keyd that can be told to misbehave: the lines of
core/ea_keyd.h on a unix socket. The real one has tests/keyd."""

import json
import os
import socketserver
import tempfile
import threading

KEY = "tskey-auth-k{n}CNTRL-canaryOfTheAuthKey{n}"


class Keyd:
    """answer(request) gives the reply as bytes; None hangs up. What it minted,
    deleted and was asked stands in its lists."""

    def __init__(self):
        outer = self
        self.requests, self.minted, self.deleted = [], {}, []
        self.forgotten = []
        self.devices = {}
        self.used = {}        # key id -> (device, how many)
        self.answers = {}     # op -> function of the request, or bytes
        self._folder = tempfile.TemporaryDirectory(prefix="keyd-")
        self.path = os.path.join(self._folder.name, "sock")
        self._lock = threading.Lock()

        class Handler(socketserver.StreamRequestHandler):
            def handle(self):
                while line := self.rfile.readline():
                    reply = outer.reply(line)
                    if reply is None:
                        return
                    try:
                        self.wfile.write(reply)
                    except OSError:
                        return   # the gate has hung up

        class Server(socketserver.ThreadingUnixStreamServer):
            daemon_threads = True

        self._make = lambda: Server(self.path, Handler)
        self._server = None

    def start(self):
        self._server = self._make()
        self._thread = threading.Thread(target=self._server.serve_forever,
                                        kwargs={"poll_interval": 0.05})
        self._thread.start()

    def stop(self):
        if self._server is not None:
            self._server.shutdown()
            self._server.server_close()
            self._thread.join()
            self._server = None
            os.unlink(self.path)

    def close(self):
        self.stop()
        self._folder.cleanup()

    def of(self, op):
        return [request for request in self.requests if request["op"] == op]

    def reply(self, line):
        request = json.loads(line)
        with self._lock:
            self.requests.append(request)
            answer = self.answers.get(request["op"])
            if answer is not None:
                return answer(request) if callable(answer) else answer
            return line_of(getattr(self, f"on_{request['op']}")(request))

    def on_mint(self, request):
        attempt = (request["number"], request["gen"], request["n"])
        if attempt not in self.minted:
            n = len(self.minted) + 1
            self.minted[attempt] = (f"k{n}CNTRL", KEY.format(n=n))
        id_, key = self.minted[attempt]
        return {"ok": True, "id": id_, "key": key,
                "expires": request["deadline"] + 9000}

    def on_check(self, request):
        device, devices = self.used.get(request["id"], ("", 0))
        return {"ok": True, "used": request["id"] in self.used,
                "device": device, "devices": devices}

    def on_delete(self, request):
        self.deleted.append(request["id"])
        return {"ok": True}

    def on_forget(self, request):
        self.forgotten.append(request["device"])
        return {"ok": True}

    def on_metrics(self, request):
        return {"ok": True, "metrics": {
            "edge_keyd_keys_minted_total": len(self.minted),
            'edge_keyd_api_answers_total{code="2xx"}': 7,
            'edge_keyd_api_answers_total{code="5xx"}': 1}}

    def on_devices(self, request):
        """devices is {id: (hostname, created)}."""
        rest = sorted(id_ for id_, (_, created) in self.devices.items()
                      if id_ > request["after"] and created >= request["since"])
        return {"ok": True, "device": rest[0] if rest else "",
                "hostname": self.devices[rest[0]][0] if rest else ""}

    def on_list(self, request):
        return {"ok": True, "id": "", "number": 0, "gen": 0, "n": 0,
                "used": False}


def line_of(reply):
    return json.dumps(reply, separators=(",", ":")).encode() + b"\n"


def failure(reason, retry=0):
    return line_of({"ok": False, "reason": reason, "retry": retry})
