"""What is on the Internet: the gate, Matchbox behind it on loopback, and DNS
that knows the gate's three names and denies all others."""

import json
import signal
import time

from lab import gatefront, paths, sample
from lab.daemon import Daemon
from lab.matchbox import Matchbox

from .pki import TRUST_DOMAIN
from .process import Failed, Process

ADDRESSES = {"boot": "203.0.113.10", "boot-mtls": "203.0.113.11",
             "config": "203.0.113.12"}
DNS_ADDRESS = "203.0.113.53"
PORT = 443

# What a boot test asks of each request; sent by nginx itself, no secret in it.
LOG_FORMAT = """\
log_format boot escape=json '{"time":$msec,"took":$request_time,'
    '"remote":"$remote_addr","listener":"$server_name","request":"$request",'
    '"status":$status,"bytes":$body_bytes_sent,"stage":"$edge_auth_stage",'
    '"node":"$edge_auth_node","reason":"$edge_auth_reason",'
    '"protocol":"$ssl_protocol","cipher":"$ssl_cipher",'
    '"verified":"$ssl_client_verify","agent":"$http_user_agent"}';
access_log log/boot.json boot;
"""


def name_of(listener):
    return f"{listener}.edge.example.test"


class Nginx(sample.Gate):
    """The sample of deploy/nginx on real addresses and ports."""

    def __init__(self, folder, upstream):
        super().__init__(folder, ADDRESSES["boot"], upstream)
        with open(self.etc / "local-http.conf", "a", encoding="ascii") as conf:
            conf.write(LOG_FORMAT)
        for listener, address in ADDRESSES.items():
            self.write(f"listen-{listener}.conf",
                       f"listen {address}:{PORT} ssl;\n"
                       f"server_name {name_of(listener)};\n")

    def url(self, listener):
        return f"https://{name_of(listener)}"

    def start(self):
        self._daemon = Daemon("nginx", self.argv("-g", "daemon off;"),
                              self.folder / "log" / "stderr.log",
                              env=sample.ENVIRONMENT)
        self._daemon.start((ADDRESSES["config"], PORT))


class Gate(gatefront.Gated):
    """The gate and its operator: auth, json, arm, token, records, states."""

    def __init__(self, folder, supply, pki):
        super().__init__()
        self.supply, self.pki, self.folder = supply, pki, folder
        self.ca = pki.root
        self.gate = Nginx(folder, "127.0.0.1:8080")
        self.certify()
        self.auth("store", "init", "--lab")
        self.import_nodes()
        self.start()

    def certify(self):
        """Certificates for the gate's names; boot.'s has both boot names."""
        boot = self.pki.server("boot", name_of("boot"), "--san",
                               name_of("boot-mtls"))
        config = self.pki.server("config", name_of("config"))
        self.gate.certify(*boot, self.pki.clients, names=("boot",))
        self.gate.certify(*config, self.pki.clients, names=("config",))

    def import_nodes(self, *options):
        self.auth("node", "import",
                  self.supply.rendered / "publish" / "nodes.json", *options)

    def start(self):
        accepted, said = self.gate.test()
        if not accepted:
            raise Failed(f"nginx refuses the sample:\n{said}")
        self.gate.start()

    def stop(self, number=signal.SIGQUIT):
        self.gate.stop(number)

    def store_down(self):
        """Take the store away, as a disk that went does."""
        self.gate.store.rename(self.gate.folder / "store.away")

    def store_up(self):
        (self.gate.folder / "store.away").rename(self.gate.store)

    def record(self, node):
        """A node's enrollment, as `edge-auth node show --json` has it."""
        return self.json("node", "show", node)

    def requests(self, **wanted):
        """What came in, oldest first, as dicts (LOG_FORMAT); began is when a
        request began. wanted: values that must be equal."""
        path = self.folder / "log" / "boot.json"
        text = path.read_text() if path.exists() else ""
        rows = [json.loads(line) for line in text.splitlines()]
        for row in rows:
            row["began"] = row["time"] - row["took"]
        return [row for row in rows
                if all(row[key] == value for key, value in wanted.items())]

    def audit(self, **wanted):
        """Lines of the audit; wanted: values that must be equal."""
        return [line for line in self.gate.audit()
                if all(line.get(key) == value for key, value in wanted.items())]

    def wait_request(self, what, check, timeout=120.0):
        """The first request that check(row) is true of."""
        return self._wait(what, lambda: next(
            filter(check, self.requests()), None), timeout)

    def wait_audit(self, what, timeout=30.0, **wanted):
        return self._wait(what, lambda: self.audit(**wanted), timeout)

    @staticmethod
    def _wait(what, check, timeout):
        limit = time.monotonic() + timeout
        while not (found := check()):
            if time.monotonic() > limit:
                raise Failed(f"not within {timeout:g} s: {what}")
            time.sleep(0.1)
        return found


class Dns:
    """The Internet's DNS, as sites use it."""

    def __init__(self, log):
        names = [f"--address=/{name_of(listener)}/{address}"
                 for listener, address in ADDRESSES.items()]
        self._process = Process("DNS", [
            "/usr/sbin/dnsmasq", "--keep-in-foreground", "--conf-file=/dev/null",
            "--no-resolv", "--no-hosts", "--pid-file=", "--bind-interfaces",
            f"--listen-address={DNS_ADDRESS}", "--log-queries",
            "--log-facility=-", *names, "--address=/#/"], log)

    def start(self):
        self._process.start().ready(r"started, version")

    def stop(self):
        """From here on its address answers nobody, as if it were unplugged."""
        self._process.kill()


class Cloud:
    """Everything of the above, up and running. gate.supply is what it serves."""

    def __init__(self, space, folder, supply, pki):
        self.space = space
        for address in (*ADDRESSES.values(), DNS_ADDRESS):
            space.address("lo", f"{address}/32")
        self.matchbox = Matchbox("127.0.0.1", supply.data, supply.assets,
                                 folder / "log" / "matchbox.log")
        self.dns = Dns(folder / "log" / "dns.log")
        self.dns.start()
        self.matchbox.start()
        self.gate = Gate(folder, supply, pki)

    def stop(self):
        self.gate.stop()
        self.matchbox.stop()
        self.dns.stop()
