"""What a minted key adds to a delivery through the whole gate, with an API that
takes 50 ms, against the same delivery with a fixed key; 200 nodes at once; and
whether a kernel is served as fast while edge-keyd hangs."""

import hashlib
import http.client
import os
import pathlib
import signal
import ssl
import statistics
import sys
import threading
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "keyd"))
sys.path.insert(0, str(TESTS / "gate"))

import gate as harness                                     # noqa: E402
from edge import Edge, Machine                             # noqa: E402
from edge_keyd import EdgeKeyd                             # noqa: E402

from .gate import Figures                                  # noqa: E402
from .keyd import DELAY, Api, timed                        # noqa: E402

SAMPLES, AT_ONCE, ROUNDS, WAITING = 40, 200, 5, 32
TAG = "tag:edge-site-1"
CONFIG = (b"version: v1alpha1\nmachine:\n  type: worker\n---\n"
          b"apiVersion: v1alpha1\nkind: ExtensionServiceConfig\n"
          b"environment:\n- TS_AUTHKEY=@edge-auth:tailscale-key@\n")
FIXED = CONFIG.replace(b"@edge-auth:tailscale-key@", b"tskey-auth-fixed")


def machines(name, first, count):
    return [Machine(f"{name}-{i}", f"9ddf0214-b102-49a3-bec3-{i:012x}",
                    f"52:54:00:00:{i // 256:02x}:{i % 256:02x}")
            for i in range(first, first + count)]


def declare(edge, nodes, key, body):
    for m in nodes:
        edge.document["nodes"][m.name] = {
            "site": "site-a", "role": "worker", "kind": "talos",
            "uuid": m.uuid, "macs": [m.mac], "key": key,
            "select": {"uuid": m.uuid},
            "sha256": hashlib.sha256(body).hexdigest(),
            **({"hostname": m.name, "tags": [TAG]} if key == "mint" else {})}


class Node:
    """A machine that has its ticket and is about to fetch."""

    def __init__(self, edge, m, trust):
        self.trust, self.host = trust, edge.gate.host
        self.port = int(edge.gate.url("config").rpartition(":")[2])
        ticket = edge.ticket(edge.token(m.name), m)
        self.path = f"/c/{ticket}/generic?uuid={m.uuid}"

    def fetch(self):
        connection = http.client.HTTPSConnection(
            self.host, self.port, context=self.trust, timeout=60)
        connection.request("GET", self.path)
        answer = connection.getresponse()
        body = answer.read()
        connection.close()
        if answer.status != 200 or b"@edge-auth" in body:
            raise RuntimeError(f"the gate says {answer.status}: {body}")
        return body


def set_up(folder, host, keyd):
    """(edge, fixed nodes, minted nodes), the gate running"""
    ca, certificate, key = harness.throw_away_certificates(folder / "pki", host)
    gate = harness.Gate(folder, host, f"{host}:{harness.PORT_UPSTREAM}", [(
        "    edge_auth_store store;",
        f"    edge_auth_store store;\n    edge_auth_keyd unix:{keyd.path};\n"
        "    edge_auth_keyd_timeout 30s;")])
    gate.certify(certificate, key, ca)
    gate.ca = ca
    gate.pepper.touch(0o600)
    gate.pepper.write_text("1 " + "5a" * 32 + "\n")
    edge = Edge(gate, harness.Upstream(host), count=0)
    fixed = machines("fixed", 1, SAMPLES)
    minted = machines("minted", SAMPLES + 1, SAMPLES + AT_ONCE)
    is_fixed = {m.uuid for m in fixed}

    def generic(handler):
        body = FIXED if any(uuid in handler.path for uuid in is_fixed) \
            else CONFIG
        handler.send_response(200)
        handler.send_header("Content-Length", str(len(body)))
        handler.end_headers()
        handler.wfile.write(body)

    edge.upstream.answers["/generic"] = generic
    declare(edge, fixed, "static", FIXED)
    declare(edge, minted, "mint", CONFIG)
    edge.document["serial"] = 2
    edge.publish()
    gate.start()
    trust = ssl.create_default_context(cafile=str(ca))
    return edge, *([Node(edge, m, trust) for m in group]
                   for group in (fixed, minted))


def at_once(nodes):
    """(seconds until the last has its config, how many have one)"""
    start, got = threading.Barrier(len(nodes) + 1), []

    def one(node):
        start.wait()
        got.append(node.fetch())

    threads = [threading.Thread(target=one, args=(node,)) for node in nodes]
    for thread in threads:
        thread.start()
    start.wait()
    began = time.monotonic()
    for thread in threads:
        thread.join()
    return time.monotonic() - began, len(set(got))


def exposures(edge):
    return sum(line["row"] == "10" for line in edge.gate.audit())


def hanging(edge, keyd, nodes, measure):
    """measure() while nodes wait for an edge-keyd that stands still."""
    before = exposures(edge)
    os.kill(keyd.process.pid, signal.SIGSTOP)
    threads = [threading.Thread(target=node.fetch) for node in nodes]
    try:
        for thread in threads:
            thread.start()
        harness.until(lambda: exposures(edge) == before + len(nodes),
                      "all nodes wait for edge-keyd", 30)
        measure()
    finally:
        os.kill(keyd.process.pid, signal.SIGCONT)
    for thread in threads:
        thread.join()


def run(folder):
    address = harness.take_address()
    api = Api()
    keyd = EdgeKeyd(api.url, api.secret)
    keyd.start()
    edge = None
    try:
        edge, fixed, minted = set_up(folder, address.host, keyd)
        minted[0].fetch()                     # the access token, and warm
        plain, added = [], []
        for one, other in zip(fixed, minted[1:]):   # in turns
            plain.append(timed(one.fetch))
            added.append(timed(other.fetch))
        spent, count = at_once(minted[SAMPLES:])
        (folder / "assets" / "vmlinuz").write_bytes(b"kernel")
        url = (f"{edge.gate.url('boot')}/t/{edge.token('fixed-1')}"
               "/assets/vmlinuz")
        sides = [Figures(name, url) for name in ("without", "while it hangs")]
        worker, = edge.gate.workers()
        for _ in range(ROUNDS):
            sides[0].round(worker)
            hanging(edge, keyd, minted[:WAITING],
                    lambda: sides[1].round(worker))
    finally:
        if edge is not None:
            edge.gate.stop()
            edge.upstream.stop()
        keyd.close()
        api.stop()
        address.release()
    tell(plain, added, (spent, count), sides)


def tell(plain, added, burst, sides):
    plain, added = statistics.median(plain), statistics.median(added)
    print(f"mint     a config with a fixed key {plain * 1000:.1f} ms, minted "
          f"with an API of {DELAY * 1000:.0f} ms {added * 1000:.1f} ms: "
          f"{(added - plain) * 1000:.1f} ms more, ratio {added / plain:.2f}")
    print(f"mint     {AT_ONCE} deliveries at once: {burst[1]} configs in "
          f"{burst[0]:.2f} s, {burst[0] / added:.1f} times one delivery")
    usual, hung = (statistics.median(side.rates) for side in sides)
    cost = [statistics.median(side.costs) for side in sides]
    print(f"mint     a kernel of a node: {usual:.0f} requests/s, {hung:.0f} "
          f"while edge-keyd hangs and {WAITING} nodes wait for it, ratio "
          f"{hung / usual:.2f}; CPU per request, ratio {cost[1] / cost[0]:.2f}")
