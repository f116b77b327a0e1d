"""What the gate's check costs: a small file through it, against the same nginx
serving the same file, and against a bare proxy_pass to it.

One worker per side; rounds take turns, so that a noisy neighbour meets all of
them. The figure to trust is the worker's CPU time per request, from
/proc/PID/stat; the spread of its rounds stands beside it.
"""

import os
import pathlib
import re
import statistics
import subprocess
import sys

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "gate"))

import gate as harness                                     # noqa: E402
from edge import Edge                                      # noqa: E402
from lab import paths                                      # noqa: E402
from lab.daemon import Daemon                              # noqa: E402

PORT_FILES, PORT_PROXY, PORT_PLAIN = 9001, 9002, 9003
ROUNDS, SECONDS, CONNECTIONS = 5, 2, 32
TICKS = os.sysconf("SC_CLK_TCK")

# The same file as the imported list has it, and as users of a bare nginx do.
SERVERS = """
upstream plain {{ server {host}:{plain}; keepalive 64; }}
server {{
    listen {host}:{files} ssl;
    {tls}
    location /assets/ {{ alias assets/; }}
}}
server {{
    listen {host}:{proxy} ssl;
    {tls}
    location / {{
        proxy_pass http://plain;
        proxy_http_version 1.1;
        proxy_set_header Connection "";
    }}
}}
"""

PLAIN = """
daemon off;
worker_processes 1;
{user}
pid {folder}/plain.pid;
error_log {folder}/log/plain.log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {folder}/tmp/plain;
    server {{
        listen {host}:{plain};
        location /assets/ {{ alias {folder}/assets/; }}
    }}
}}
"""


class Figures:
    """Of one side: requests per second and CPU microseconds per request."""

    def __init__(self, name, url):
        self.name, self.url = name, url
        self.rates, self.costs = [], []

    def round(self, worker):
        """One run of wrk; what it cost the worker."""
        before = cpu(worker)
        done = subprocess.run(
            ["wrk", "-t1", f"-c{CONNECTIONS}", f"-d{SECONDS}s", self.url],
            capture_output=True, text=True, check=True, timeout=SECONDS + 30)
        spent = cpu(worker) - before
        requests = int(re.search(r"(\d+) requests in", done.stdout)[1])
        if "Non-2xx" in done.stdout or "Socket errors" in done.stdout:
            raise RuntimeError(f"{self.name}:\n{done.stdout}")
        self.rates.append(requests / SECONDS)
        self.costs.append(spent * 1e6 / TICKS / requests)


def cpu(pid):
    """Ticks that a process and its threads used."""
    fields = pathlib.Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2]
    return sum(map(int, fields.split()[11:13]))


def tls_of(sample):
    """The TLS settings of the sample's first server."""
    server = sample[sample.index("edge_auth boot;"):]
    server = server[:server.index("include gate-locations.conf")]
    return "\n    ".join(re.findall(r"^\s*(ssl_\S+ [^;]+;)", server, re.M))


def set_up(folder, host):
    """(gate, edge, plain nginx), running."""
    certificates = harness.throw_away_certificates(folder / "pki", host)
    ca, certificate, key = certificates
    gate = harness.Gate(folder, host, f"{host}:{harness.PORT_UPSTREAM}")
    gate.certify(certificate, key, ca)
    gate.ca = ca
    gate.pepper.touch(0o600)
    gate.pepper.write_text("1 " + "5a" * 32 + "\n")
    names = {"host": host, "files": PORT_FILES, "proxy": PORT_PROXY,
             "plain": PORT_PLAIN, "folder": folder,
             "tls": tls_of((gate.etc / "edge-auth.conf").read_text()),
             "user": "user root;" if os.geteuid() == 0 else ""}
    with open(gate.etc / "local-http.conf", "a", encoding="ascii") as more:
        more.write(SERVERS.format(**names))
    upstream = harness.Upstream(host)
    edge = Edge(gate, upstream)
    (folder / "assets" / "vmlinuz").write_bytes(b"k" * 1024)
    config = folder / "plain.conf"
    config.write_text(PLAIN.format(**names))
    plain = Daemon("nginx", [paths.nginx(), "-c", str(config), "-p",
                             str(folder), "-e", f"{folder}/log/plain.log"],
                   folder / "log" / "plain-stderr.log",
                   env=harness.ENVIRONMENT)
    plain.start((host, PORT_PLAIN))
    gate.start()
    return gate, edge, plain


def measure(sides, worker):
    for figures in sides:
        figures.round(worker)          # caches and connections warm up
        figures.rates.clear()
        figures.costs.clear()
    for number in range(ROUNDS):
        turn = number % len(sides)
        for figures in sides[turn:] + sides[:turn]:
            figures.round(worker)


def table(sides):
    """Lines; ratios are to the first side of the list."""
    base_cost = statistics.median(sides[0].costs)
    base_rate = statistics.median(sides[0].rates)
    yield (f"{'1 KiB over TLS 1.2, one worker':<34}{'CPU us/request':>18}"
           f"{'ratio':>8}{'requests/s':>13}{'ratio':>8}")
    for side in sides:
        cost = statistics.median(side.costs)
        rate = statistics.median(side.rates)
        spread = (max(side.costs) - min(side.costs)) / 2
        yield (f"{side.name:<34}{cost:>10.1f} +- {spread:<4.1f}"
               f"{cost / base_cost:>8.2f}{rate:>13.0f}{rate / base_rate:>8.2f}")


def run(folder):
    address = harness.take_address()
    gate, edge, plain = set_up(folder, address.host)
    try:
        token = edge.token()
        host = address.host
        sides = [
            Figures("bare proxy_pass",
                    f"https://{host}:{PORT_PROXY}/assets/vmlinuz"),
            Figures("the same file without us",
                    f"https://{host}:{PORT_FILES}/assets/vmlinuz"),
            Figures("the gate, token checked",
                    f"{gate.url('boot')}/t/{token}/assets/vmlinuz"),
        ]
        worker, = gate.workers()
        measure(sides, worker)
        print(*table(sides), sep="\n", flush=True)
    finally:
        gate.stop()
        plain.stop()
        edge.upstream.stop()
        address.release()
