"""A tailnet for machines: a real Headscale on the Internet, edge-keyd beside the
gate, and the Tailscale extension's programs as a disk for the guest."""

import hashlib
import json
import pathlib
import re
import shutil
import subprocess

from join.headscale import PORT, Headscale
from lab import paths
from lab.daemon import Daemon
from lab.supply import program

from .process import Failed
from .supply import GUEST, INITRAMFS

ADDRESS = "203.0.113.13"
SITE = "edge-site-1"
TAG = f"tag:boot-{SITE}"
PROGRAMS = ("containerboot", "tailscaled", "tailscale")
SERIAL = "edge-extension"       # by which the guest knows the disk
MB, ROOM = 10**6, 32            # of the disk, for state and the file system

# Keys that the gate has minted, for a control server of our own.
MINT = ("      key: {file: tailnet.key}\n",
        f"      login_server: https://{ADDRESS}:{PORT}\n"
        '      hostname: "boot-{node}"\n')
STORE = "    edge_auth_store store;"


def assert_built():
    for name in ("headscale", *PROGRAMS):
        if not (paths.TOOLS / name).exists():
            raise Failed(f"build/tools/{name} is missing: "
                         "sh deploy/setup test && make join-tools")


class Tailnet:
    """headscale and keyd, running; the gate asks keyd from here on."""

    def __init__(self, boot):
        assert_built()
        self.socket = boot.folder / "keyd.sock"
        boot.space.address("lo", f"{ADDRESS}/32")
        # Machines trust its CA by the TrustedRootsConfig that is in each config.
        pair = boot.pki.server("config", ADDRESS)
        self.headscale = Headscale(boot.folder / "headscale", ADDRESS, *pair,
                                   boot.pki.config_ca, tags=(TAG,))
        self.headscale.start()
        self._start_keyd(boot)
        gate = boot.gate
        gate.stop()
        gate.gate.edit(STORE, f"{STORE}\n    edge_auth_keyd unix:{self.socket};\n"
                              "    edge_auth_keyd_interval 500ms;")
        gate.start()

    def _start_keyd(self, boot):
        config = boot.folder / "keyd.json"
        config.write_text(json.dumps({
            "provider": "headscale", "base_url": self.headscale.url,
            "instance": "boot", "user": self.headscale.user,
            "secret_file": str(self.headscale.secret),
            "ca_file": str(boot.pki.config_ca), "socket": str(self.socket),
            "users": ["root"], "tags": [TAG]}))
        program("edge-keyd", "-c", config, "--check")
        self.keyd = Daemon("edge-keyd", [str(paths.PROGRAMS / "edge-keyd"), "-c",
                                         str(config)], boot.logs / "keyd.log")
        self.keyd.start()

    def stop(self):
        self.keyd.stop()
        self.headscale.stop()


def libraries(program_file):
    """{place: file} of what it is linked with, by its loader's own word."""
    said = subprocess.run(["ldd", program_file], text=True, capture_output=True)
    return {place: pathlib.Path(place) for place in
            re.findall(r"(/\S+) \(0x", said.stdout)}


def extension_disk(boot):
    """Arguments for QEMU: a disk with the root of the extension's container."""
    root, image = boot.folder / "extension", boot.folder / "disk-extension.img"
    wanted = {f"/usr/local/bin/{name}": paths.TOOLS / name for name in PROGRAMS}
    for program_file in list(wanted.values()):
        wanted.update(libraries(program_file))
    for place, source in wanted.items():
        target = root / place.lstrip("/")
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(source, target)
    megabytes = ROOM + sum(path.stat().st_size for path in wanted.values()) // MB
    done = subprocess.run(["/sbin/mke2fs", "-q", "-t", "ext2", "-m", "0", "-d",
                           root, image, f"{megabytes}m"],
                          text=True, capture_output=True)
    shutil.rmtree(root)
    if done.returncode != 0:
        raise Failed(f"mke2fs: {done.stderr.strip()}")
    return ["-drive",
            f"if=none,id=extension,format=raw,cache=unsafe,file={image}",
            "-device", f"virtio-blk-pci,drive=extension,serial={SERIAL}"]


def install_a_kernel(boot):
    """From here on the guest's initramfs brings a kernel for the installed disk,
    so that our init is what boots from there."""
    both = (GUEST / "initramfs").read_bytes() \
        + (GUEST / "installed.cpio").read_bytes()
    digest = hashlib.sha256(both).hexdigest()
    (boot.supply.assets / f"{digest[:16]}-{INITRAMFS}").write_bytes(both)
    lock = boot.supply.folder / "images.lock"
    images = json.loads(lock.read_text())
    for row in images["images"]:
        if row["file"] == INITRAMFS:
            row.update(size=len(both), sha256=digest)
    lock.write_text(json.dumps(images, indent=2) + "\n")
    boot.rerender()
