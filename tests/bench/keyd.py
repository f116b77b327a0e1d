"""What edge-keyd adds to a mint: an API that takes 50 ms, asked by itself over
one connection, and through edge-keyd; then 200 nodes at once."""

import http.client
import json
import pathlib
import statistics
import subprocess
import sys
import threading
import time
import urllib.parse

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "keyd"))

from edge_keyd import EdgeKeyd, mint                       # noqa: E402

DELAY, SAMPLES, NODES = 0.05, 60, 200


class Api:
    """The stand-in as a process of its own, on its good days."""

    def __init__(self):
        self.process = subprocess.Popen(
            [sys.executable, "-B", "-m", "tailapi", "--hostile", "0", "--delay",
             str(DELAY)], cwd=TESTS, stdout=subprocess.PIPE, text=True)
        said = dict(self.process.stdout.readline().split() for _ in range(3))
        self.url, self.client, self.secret = (said[word] for word in (
            "url", "client", "secret"))
        self.connection = http.client.HTTPConnection(
            urllib.parse.urlsplit(self.url).netloc)

    def ask(self, path, body, headers):
        self.connection.request("POST", path, body, headers)
        answer = self.connection.getresponse()
        text = answer.read()
        if answer.status != 200:
            raise RuntimeError(f"the API says {answer.status}: {text}")
        return json.loads(text)

    def token(self):
        return self.ask("/api/v2/oauth/token", urllib.parse.urlencode(
            {"client_id": self.client, "client_secret": self.secret}),
            {"Content-Type": "application/x-www-form-urlencoded"}
        )["access_token"]

    def mint(self, token):
        create = {"reusable": False, "ephemeral": False, "preauthorized": True,
                  "tags": ["tag:edge-site-1"]}
        return self.ask("/api/v2/tailnet/-/keys", json.dumps(
            {"capabilities": {"devices": {"create": create}},
             "expirySeconds": 9000, "description": "bench"}),
            {"Content-Type": "application/json",
             "Authorization": f"Bearer {token}"})

    def stop(self):
        self.connection.close()
        self.process.terminate()
        self.process.wait()
        self.process.stdout.close()


def timed(ask):
    began = time.monotonic()
    ask()
    return time.monotonic() - began


def taken(client, request):
    reply = client.ask(request)
    if not reply["ok"]:
        raise RuntimeError(f"edge-keyd says {reply['reason']}")


def at_once(keyd):
    """Seconds until the last of NODES has its key; how many have one."""
    clients = [keyd.client() for _ in range(NODES)]
    start, got = threading.Barrier(NODES + 1), []

    def one(number):
        start.wait()
        reply = clients[number].ask(mint(1000 + number))
        if reply is not None and reply["ok"]:
            got.append(reply["id"])

    threads = [threading.Thread(target=one, args=(number,))
               for number in range(NODES)]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    spent = time.monotonic() - began
    for client in clients:
        client.close()
    return spent, len(set(got))


def run(folder):
    api = Api()
    keyd = EdgeKeyd(api.url, api.secret, folder)
    keyd.start()
    try:
        token, alone, through = api.token(), [], []
        with keyd.client() as client:
            taken(client, mint(1))            # the access token
            for i in range(SAMPLES):          # in turns: both meet a neighbour
                alone.append(timed(lambda: api.mint(token)))
                through.append(timed(lambda: taken(client, mint(i + 2))))
        spent, count = at_once(keyd)
    finally:
        keyd.close()
        api.stop()
    alone, through = statistics.median(alone), statistics.median(through)
    print(f"keyd     a mint with an API of {DELAY * 1000:.0f} ms: the API alone "
          f"{alone * 1000:.1f} ms, through edge-keyd {through * 1000:.1f} ms, "
          f"ratio {through / alone:.2f}")
    print(f"keyd     {NODES} deliveries at once: {count} keys in {spent:.2f} s, "
          f"{spent / alone:.1f} times one mint")
