"""From tests/boot/inventory.yaml to everything a boot needs: the rendered tree,
boot files under their digest's name, nodes.json.
"""

import hashlib
import json
import os
import pathlib
import secrets
import shutil

from lab import fixture, paths
from lab.rom import Hardware
from lab.supply import program

from .process import Failed

HERE = pathlib.Path(__file__).resolve().parent
GUEST = paths.TREE / "build" / "boot" / "guest"

KERNEL, INITRAMFS = "kernel-amd64", "initramfs-amd64.xz"


def guest_files():
    """{name in images.lock: file}: the guest that plays Talos; or, with
    GUEST=talos, what `talos-configgen image fetch` stored in $TALOS_ASSETS."""
    if os.environ.get("GUEST", "") in ("", "edge"):
        return {KERNEL: GUEST / "vmlinuz", INITRAMFS: GUEST / "initramfs"}
    folder = pathlib.Path(os.environ.get("TALOS_ASSETS") or paths.TREE
                          / "build" / "boot" / "talos")
    found = {}
    for name in (KERNEL, INITRAMFS):
        stored = sorted(folder.glob(f"*-{name}"))
        if len(stored) != 1:
            raise Failed(f"{folder} holds {len(stored)} files *-{name}, not one: "
                         "store them with `talos-configgen image fetch`, or name "
                         "the folder in TALOS_ASSETS")
        found[name] = stored[0]
    return found


class Supply:
    """inventory (the file), rendered (the folder with publish/ and configs/),
    data (Matchbox's), document (nodes.json). edits are (old, new) pairs for the
    inventory's text; each must apply. @root-sha256@ in it becomes the digest of
    the root that boot.'s certificate ends in."""

    def __init__(self, folder, assets, pki, edits=()):
        self.folder, self.assets = folder / "inventory", assets
        self.rendered, self.data = folder / "rendered", folder / "matchbox"
        self.inventory = self.folder / "inventory.yaml"
        self.words = {"@root-sha256@": pki.fingerprint()}
        self.folder.mkdir(parents=True)
        shutil.copy(HERE / "inventory.yaml", self.inventory)
        shutil.copy(pki.config_ca, self.folder / "config-ca.pem")
        fixture.make_secrets(self.folder / "secrets.yaml")
        key = self.folder / "tailnet.key"
        key.touch(0o600)
        key.write_text(f"tskey-auth-boot-{secrets.token_hex(16)}\n")
        self.edit(*edits)
        self._make_images()
        self.document = None
        self.render()

    def edit(self, *edits):
        text = self.inventory.read_text()
        for old, new in edits:
            if old not in text:
                raise Failed(f"the inventory does not hold {old!r}")
            text = text.replace(old, new)
        for word, value in self.words.items():
            text = text.replace(word, value)
        self.inventory.write_text(text)

    def render(self):
        """Render, and hand to Matchbox what it serves."""
        program("talos-configgen", "render", "-i", self.inventory.name,
                "-o", self.rendered, "-p", paths.TREE / "matchbox-profiles",
                cwd=self.folder)
        publish = self.rendered / "publish"
        self.document = json.loads((publish / "nodes.json").read_text())
        shutil.copytree(publish / "matchbox", self.data, dirs_exist_ok=True)

    def _make_images(self):
        """images.lock and the files that it names."""
        self.assets.mkdir(parents=True, exist_ok=True)
        files = guest_files()
        wanted = program("talos-configgen", "images", "-i", self.inventory.name,
                         cwd=self.folder)
        rows = []
        for line in wanted.splitlines():
            schematic, version, name = line.split()[:3]
            with open(files[name], "rb") as body:
                digest = hashlib.file_digest(body, "sha256").hexdigest()
            target = self.assets / f"{digest[:16]}-{name}"
            if not target.exists():
                shutil.copy(files[name], target)
            rows.append({"schematic": schematic, "version": version,
                         "arch": "amd64", "file": name,
                         "size": target.stat().st_size, "sha256": digest})
        (self.folder / "images.lock").write_text(
            json.dumps({"format": 1, "images": rows}, indent=2) + "\n")

    def dhcp(self, name):
        """The rendered file dnsmasq/NAME.conf."""
        return self.rendered / "publish" / "dnsmasq" / f"{name}.conf"

    def hardware(self, node):
        facts = self.document["nodes"][node]
        return Hardware(uuid=facts.get("uuid", ""), mac=facts["macs"][0],
                        serial=facts.get("serial", ""), hostname=node)
