"""From deploy/lab/inventory.yaml to everything a lab serves.

The folder is copied and completed with what is made anew each time: an age
identity, a secrets bundle, a fixed auth key, certificate authorities,
images.lock for the stand-in boot files; then talos-configgen renders it. Only
the control plane's group, profile and config come from the fixtures: the left
column of the attacks needs them.
"""

import hashlib
import json
import re
import secrets
import shutil
import subprocess

from . import fixture, paths
from .address import PORT_BOOT, PORT_BOOT_MTLS, PORT_CONFIG
from .rom import Hardware

GATE_PORTS = {"boot": PORT_BOOT, "boot_mtls": PORT_BOOT_MTLS,
              "config": PORT_CONFIG}

# As the inventory has it.
TRUST_DOMAIN = "edge.example.net"

BOOT_FILES = {"kernel-amd64": fixture.KERNEL,
              "initramfs-amd64.xz": fixture.INITRAMFS}


class SupplyError(RuntimeError):
    """A program of ours failed; its message is the text."""


def program(name, *argv, cwd=None):
    """Run one of our programs; its standard output."""
    done = subprocess.run([str(paths.PROGRAMS / name), *map(str, argv)],
                          text=True, capture_output=True, timeout=120, cwd=cwd)
    if done.returncode != 0:
        raise SupplyError(f"{name} {argv[0]}: {(done.stderr or done.stdout).strip()}")
    return done.stdout


def _age(recipient, source, target):
    subprocess.run(["age", "-r", recipient, "-o", str(target), str(source)],
                   check=True, capture_output=True, timeout=30)


class Supply:
    """publish(lab) fills a lab's Matchbox data and assets. Afterwards:
    inventory (the file), rendered (the folder with publish/ and configs/),
    document (nodes.json)."""

    def __init__(self):
        self.inventory = self.rendered = self.document = self.key = None

    @property
    def nodes(self):
        return self.document["nodes"]

    def is_rendered(self, name, config):
        """Is that the config that was rendered for a node, with the auth key
        in one line more?"""
        lines = config.splitlines(keepends=True)
        others = [line for line in lines if self.key not in line]
        rendered = (self.rendered / "configs" / f"{name}.yaml").read_text()
        return len(lines) == len(others) + 1 and "".join(others) == rendered

    def requires_certificate(self, name):
        site = self.document["sites"][self.nodes[name]["site"]]
        return "cert" in site["require"]

    def hardware(self, name):
        """The machine that a node's line in the inventory tells of."""
        node = self.nodes[name]
        return Hardware(uuid=node.get("uuid", ""), mac=node["macs"][0],
                        serial=node.get("serial", ""), hostname=name)

    def publish(self, lab):
        folder = lab.folder / "inventory"
        shutil.copytree(paths.TREE / "deploy" / "lab", folder)
        self.inventory = folder / "inventory.yaml"
        self.rendered = lab.folder / "rendered"
        lab.env["EDGE_INVENTORY"] = str(self.inventory)
        self._set_addresses(lab.host)
        self._make_secrets(lab, folder)
        self._make_ca(lab, folder)
        self._make_images(lab, folder)
        self.render()
        shutil.copytree(self.rendered / "publish" / "matchbox", lab.data)
        fixture.write_controlplane(lab.data, lab.secrets)

    def render(self):
        """Render again, for instance after the inventory was changed."""
        program("talos-configgen", "render", "-i", self.inventory.name,
                "-o", self.rendered, "-p", paths.TREE / "matchbox-profiles",
                cwd=self.inventory.parent)
        text = (self.rendered / "publish" / "nodes.json").read_text()
        self.document = json.loads(text)

    def _set_addresses(self, host):
        """The gate's URLs are the lab's; everything else stays as it is."""
        text = self.inventory.read_text()
        for key, port in GATE_PORTS.items():
            text, count = re.subn(rf"(?m)^(\s+{key}): https://\S+$",
                                  rf"\1: https://{host}:{port}", text)
            if count != 1:
                raise SupplyError(f"the inventory has {count} lines for {key}")
        self.inventory.write_text(text)

    def _make_secrets(self, lab, folder):
        fixture.make_secrets(lab.secrets)
        identity = folder / "age.key"
        made = subprocess.run(["age-keygen", "-o", str(identity)], check=True,
                              text=True, capture_output=True, timeout=30)
        recipient = made.stderr.split()[-1]
        _age(recipient, lab.secrets, folder / "secrets.yaml.age")
        _age(recipient, folder / "patches" / "registry.yaml",
             folder / "registry.yaml.age")
        self.key = f"tskey-auth-lab-{secrets.token_hex(16)}"
        key = folder / "tailnet.key"
        key.touch(0o600)
        key.write_text(self.key + "\n")

    @staticmethod
    def _make_ca(lab, folder):
        """The authorities are those that the front "gate" issues from."""
        program("edge-pki", "init", "--dir", lab.folder / "pki",
                "--trust-domain", TRUST_DOMAIN)
        shutil.copy(lab.folder / "pki" / "trust" / "config-ca.pem", folder)

    @staticmethod
    def _make_images(lab, folder):
        """images.lock and the files that it names."""
        lab.assets.mkdir(parents=True)
        wanted = program("talos-configgen", "images", "-i", "inventory.yaml",
                         cwd=folder)
        rows = []
        for line in wanted.splitlines():
            schematic, version, file = line.split()[:3]
            body = BOOT_FILES[file]
            digest = hashlib.sha256(body).hexdigest()
            (lab.assets / f"{digest[:16]}-{file}").write_bytes(body)
            rows.append({"schematic": schematic, "version": version,
                         "arch": "amd64", "file": file, "size": len(body),
                         "sha256": digest})
        lock = {"format": 1, "images": rows}
        (folder / "images.lock").write_text(json.dumps(lock, indent=2) + "\n")
