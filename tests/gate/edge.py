"""One site with its nodes on record: a store made by edge-auth, an upstream that
serves scripts and configs, and what machines ask of the gate."""

import dataclasses
import hashlib
import json
import re
import subprocess

from lab import paths, web

AGENT = "iPXE/1.21.1+git-20220113"
TOKEN = re.compile(r"ket1_[0-9a-hjkmnp-tv-z]{49}")
TICKET = re.compile(r"ktk1_[0-9a-hjkmnp-tv-z]{49}")

SCRIPT = (b"#!ipxe\nkernel assets/vmlinuz talos.config=${edge_config}"
          b"/generic?uuid=\ninitrd assets/initramfs.xz\nboot\n")
BOOT = b"#!ipxe\nchain ipxe?uuid=${uuid}&mac=${mac:hexhyp}\n"
CONFIG = (b"version: v1alpha1\nmachine:\n  type: worker\n"
          b"cluster: {secret: canary-of-the-body}\n")


# What needs the pepper; the rest of edge-auth does without.
PEPPERED = {("store", "init"), ("store", "check"), ("token", "create")}


@dataclasses.dataclass(frozen=True)
class Machine:
    name: str
    uuid: str
    mac: str

    def query(self, **changed):
        fields = {"uuid": self.uuid, "mac": self.mac.replace(":", "-"),
                  "domain": "", "hostname": "", "serial": "",
                  "arch": "x86_64", **changed}
        return "&".join(f"{key}={value}" for key, value in fields.items()
                        if value is not None)


def machine(number):
    return Machine(f"node-{number}",
                   f"9ddf0214-b102-49a3-bec3-d1151498a40{number}",
                   f"52:54:00:00:02:0{number}")


class Edge:
    """machines 1 to count at site `site-a`; node-1 is armed by token()."""

    def __init__(self, gate, upstream, count=3, require="token",
                 key="static", digest=CONFIG, **site):
        self.gate, self.upstream = gate, upstream
        self.machines = [machine(i + 1) for i in range(count)]
        upstream.answers.update({"/boot.ipxe": BOOT, "/ipxe": SCRIPT,
                                 "/generic": CONFIG})
        nodes = {
            m.name: {"site": "site-a", "role": "worker", "kind": "talos",
                     "uuid": m.uuid, "macs": [m.mac], "key": key,
                     "select": {"uuid": m.uuid},
                     **({"hostname": m.name, "tags": ["tag:edge-site-a"]}
                        if key == "mint" else {}),
                     **({"sha256": hashlib.sha256(digest).hexdigest()}
                        if digest else {})}
            for m in self.machines}
        self.document = {
            "format": 1, "serial": 1, "cluster": "test",
            "gate": {"boot": gate.url("boot"),
                     "boot_mtls": gate.url("boot-mtls"),
                     "config": gate.url("config"),
                     "trust_domain": "edge.example.net"},
            "sites": {"site-a": {
                "require": require, "token": "node", "mode": "allowlist",
                "ttl": 3600, "redeliver": 2, "bind_source": False,
                "assets": "list", **site}},
            "nodes": nodes,
            "assets": [
                {"path": "assets/vmlinuz", "size": 6,
                 "sha256": hashlib.sha256(b"kernel").hexdigest()},
                {"path": "ipxe.efi", "size": 3,
                 "sha256": hashlib.sha256(b"efi").hexdigest()}]}
        (gate.folder / "assets" / "vmlinuz").write_bytes(b"kernel")
        (gate.folder / "assets" / "ipxe.efi").write_bytes(b"efi")
        self.auth("store", "init", *(["--lab"] if key in ("static", "mint") else []))
        self.publish()

    def auth(self, *argv, check=True, text=None):
        options = ["--store", str(self.gate.store)]
        if argv[:2] in PEPPERED:
            options += ["--pepper", str(self.gate.pepper)]
        done = subprocess.run(
            [str(paths.PROGRAMS / "edge-auth"), *argv, *options],
            capture_output=True, text=True, input=text, timeout=30)
        assert not check or done.returncode == 0, done.stderr
        return done.stdout

    def publish(self):
        nodes = self.gate.folder / "nodes.json"
        nodes.write_text(json.dumps(self.document))
        self.auth("node", "import", str(nodes))

    def token(self, name="node-1"):
        return TOKEN.search(self.auth("token", "create", name)).group()

    def record(self, name="node-1"):
        return json.loads(self.auth("node", "show", name, "--json"))

    # ---- what machines ask ----

    def boot(self, path, *, listener="boot", agent=AGENT, **more):
        return web.request(self.gate.url(listener) + path, ca=self.gate.ca,
                           agent=agent, tls12=True, **more)

    def claim(self, token, m=None, **changed):
        m = m or self.machines[0]
        return self.boot(f"/t/{token}/ipxe?{m.query(**changed)}")

    def ticket(self, token, m=None):
        """Claim, and the ticket of the script that comes back."""
        answer = self.claim(token, m)
        assert answer.status == 200 and TICKET.search(answer.text), answer
        return TICKET.search(answer.text).group()

    def get(self, ticket, m=None, uuid=None, path="generic", **more):
        m = m or self.machines[0]
        query = f"uuid={m.uuid if uuid is None else uuid}"
        return web.request(f"{self.gate.url('config')}/c/{ticket}/{path}?"
                           f"{query}", ca=self.gate.ca, **more)

    def reason(self):
        """Of the last line of the audit that a request wrote."""
        lines = [line for line in self.gate.audit()
                 if line["action"] in ("claim", "get", "asset", "boot",
                                       "request")]
        return lines[-1]["reason"] if lines else None


def is_refusal(answer):
    """A script that grants nothing, as iPXE gets it."""
    return (answer.status == 200 and answer.text.startswith("#!ipxe\n")
            and not TICKET.search(answer.text)
            and "kernel" not in answer.text)
