"""The front "gate": nginx with our module from the sample in deploy/nginx,
certificates by edge-pki, a store and tokens by edge-auth."""

import json
import re
import shlex

from . import paths, sample
from .supply import program

TICKET = re.compile(r"ktk1_[0-9a-hjkmnp-tv-z]{49}")

# What takes --pepper; the rest of edge-auth does without.
PEPPERED = {("store", "init"), ("store", "check"), ("token", "create")}

WRAPPER = """\
#!/bin/sh
# edge-auth with this lab's store and pepper
case "${{1-}} ${{2-}}" in
-* | " ") exec {program} "$@" ;;
{peppered}) exec {program} "$@" --store {store} --pepper {pepper} ;;
*) exec {program} "$@" --store {store} ;;
esac
"""


class Pki:
    """Certificates as an operator makes them. A pair is (chain, key)."""

    def __init__(self, folder, host, trust_domain):
        self.folder = folder
        self._tool("init", "--trust-domain", trust_domain)
        for what in ("boot", "config"):
            self._tool("server", "--name", host, "--for", what)
        self._tool("crl")
        issued = folder / "issued"
        self.boot = self._pair(issued / "boot" / host)
        self.config = self._pair(issued / "config" / host)
        self.clients = folder / "trust" / "clients.pem"

    def _tool(self, command, *argv):
        program("edge-pki", command, "--dir", self.folder, *argv)

    @staticmethod
    def _pair(folder):
        return folder / "chain.pem", folder / "key.pem"

    def client(self, site):
        self._tool("client", "--site", site)
        return self._pair(self.folder / "issued" / "client" / site)

    def trust(self):
        """What verifies boot., boot-mtls. and config."""
        return "".join((self.folder / "trust" / name).read_text()
                       for name in ("boot-root.pem", "config-ca.pem"))


class Gated:
    """nginx with our module. All of the lab's nodes are on record, none is
    armed."""

    name = "gate"
    edits = ()   # of the sample, as sample.Gate takes them

    def __init__(self):
        self.supply = self.ca = self.gate = self.pki = self.client = self.stranger = None
        self.secrets = set()   # every token and ticket that was ever used

    def start(self, lab):
        self.supply = lab.supply
        gate = self.gate = sample.Gate(lab.folder, lab.host,
                                       lab.matchbox.url.partition("//")[2],
                                       self.edits)
        self._certify(lab)
        self.auth("store", "init", "--lab")
        self.auth("node", "import",
                  self.supply.rendered / "publish" / "nodes.json")
        accepted, said = gate.test()
        if not accepted:
            raise RuntimeError(f"nginx refuses the sample:\n{said}")
        gate.start()
        self._tell(lab)

    def _certify(self, lab):
        self.pki = Pki(lab.folder / "pki", lab.host,
                       self.supply.document["gate"]["trust_domain"])
        self.gate.certify(*self.pki.boot, self.pki.clients, names=("boot",))
        self.gate.certify(*self.pki.config, self.pki.clients,
                          names=("config",))
        self.ca = lab.folder / "ca.pem"
        self.ca.write_text(self.pki.trust())
        certified = [name for name, site in self.supply.document["sites"].items()
                     if "cert" in site["require"]]
        self.client = self.pki.client(certified[0])
        self.stranger = self.pki.client(next(
            name for name in self.supply.document["sites"]
            if name not in certified))

    def _tell(self, lab):
        gate, wrapper = self.gate, lab.folder / "edge-auth"
        wrapper.write_text(WRAPPER.format(
            program=shlex.quote(str(paths.PROGRAMS / "edge-auth")),
            store=shlex.quote(str(gate.store)),
            pepper=shlex.quote(str(gate.pepper)),
            peppered=" | ".join(f'"{" ".join(verb)}"'
                                for verb in sorted(PEPPERED))))
        wrapper.chmod(0o755)
        log = lab.folder / "log"
        lab.env.update(
            EDGE_BOOT_URL=gate.url("boot"),
            EDGE_BOOT_MTLS_URL=gate.url("boot-mtls"),
            EDGE_CONFIG_URL=gate.url("config"), EDGE_CA_FILE=str(self.ca),
            EDGE_CLIENT_CERT=str(self.client[0]),
            EDGE_CLIENT_KEY=str(self.client[1]), EDGE_STORE=str(gate.store),
            EDGE_AUDIT=str(log / "audit.json"),
            EDGE_ERROR_LOG=str(log / "error.log"),
            EDGE_ACCESS_LOG=str(log / "access.log"), EDGE_AUTH=str(wrapper))

    def reload(self):
        self.gate.reload()

    def stop(self):
        if self.gate is not None:
            self.gate.stop()

    # ---- the operator ----

    def auth(self, *argv):
        """Run edge-auth on this gate's store; its standard output."""
        options = ["--store", self.gate.store]
        if argv[:2] in PEPPERED:
            options += ["--pepper", self.gate.pepper]
        return program("edge-auth", *argv, *options)

    def json(self, *argv):
        return json.loads(self.auth(*argv, "--json"))

    def arm(self, name):
        self.auth("node", "arm", name)

    def token(self, name):
        """Arm a node; its token."""
        made = self.json("token", "create", name)
        self.secrets.add(made["token"])
        return made["token"]

    def boot_url(self, token):
        return f"{self.gate.url('boot')}/t/{token}/boot.ipxe"

    def records(self):
        """{node: its record} as `edge-auth node show` has them."""
        return {name: self.json("node", "show", name)
                for name in self.supply.nodes}

    def states(self):
        """{node: line of `edge-auth node list`}"""
        return {node["node"]: node
                for node in self.json("node", "list")["nodes"]}

    def note(self, text):
        """The first ticket in a text, noted as used; None if there is none."""
        found = TICKET.search(text)
        if found is None:
            return None
        self.secrets.add(found.group())
        return found.group()
