"""A DHCP server that tells iPXE in option 175.90 which root to trust, and somebody
with the gate's name and a certificate of that root. Three steps, each reported:

1. A stock iPXE that was loaded by PXE obeys, and hands over the token. That is
   the weakness deploy/docs/rom.md speaks of. Without the option it does not.
2. A stock iPXE on a stick, with our root in the firmware, does not care; and its
   machine arrives when the gate is back in its place.
3. Nor does an iPXE with TRUST= that was loaded by PXE.

For step 3 somebody has to make that iPXE. With ROM=/path it is the operator's:
its root's key is not here, so it is only seen to refuse. Else one is built from
build/tools/ipxe-source for this run's root, and its machine arrives as well. With
neither, steps 1 and 2 are done, and the case fails and says what to run."""

import os
import pathlib
import shutil
import subprocess

from lab import paths
from lab.sample import until

from boot import impostor, stick
from boot.process import Failed
from boot.site import IPXE

TITLE = "DHCP's option 175.90: obeyed by a stock ROM, ignored with TRUST="
LIMIT = 2400        # with a build of iPXE
SITE, NODE = "edge-site-1", "edge-worker-1"
DIR = "      options_dir: /run/options\n"
NOT_TRUSTED = "TLS: its certificate comes from no root"
BUILD = paths.TREE / "deploy" / "ipxe" / "build"
SOURCE = paths.TOOLS / "ipxe-source"
MISSING = """\
steps 1 and 2 passed; there is no iPXE with TRUST= for step 3. Either
    sh deploy/setup ipxe && make boot CASE=12
which builds one for this run (some minutes), or one of yours:
    sh deploy/ipxe/build --trust ROOTS.pem --target snponly.efi -o rom
    make boot CASE=12 ROM=rom/snponly.efi"""


def say(text):
    """At once: later steps may fail."""
    print(f"  {text}", flush=True)


def set_option(boot, site, root):
    """Have DHCP name a root, or none."""
    line = f"      extra: ['dhcp-option-force=encap:175,90,{root}']\n"
    boot.rerender((DIR, DIR + line) if root else (line_of(boot), ""))
    for server in site.servers:
        server.stop()
        server.start()


def line_of(boot):
    return next(line for line in
                boot.supply.inventory.read_text().splitlines(True)
                if "encap:175,90" in line)


def hostile(boot, rogue):
    boot.gate.stop()
    rogue.start()


def peaceful(boot, rogue):
    rogue.stop()
    boot.gate.start()


def obeys(boot, site, rogue):
    """Step 1, and what it is without the option."""
    shutil.copy(IPXE / "snponly.efi", site.tftp / "snponly.efi")
    node = site.node(NODE)
    token = site.token(node)
    hostile(boot, rogue)
    node.power_on()
    node.expect(impostor.WORDS)
    node.power_cut()
    assert rogue.paths == [f"/t/{token}/boot.ipxe"], "not the token's URL"
    say("1 stock iPXE by PXE: obeys, and the impostor has the token")

    rogue.paths.clear()
    set_option(boot, site, None)
    node.power_on()
    node.expect(NOT_TRUSTED)
    node.power_cut()
    until(lambda: rogue.refused, "a handshake that was broken off")
    rogue.assert_asked_for_nothing()
    peaceful(boot, rogue)
    say("  the same without the option: refuses the impostor")


def withstands(boot, site, rogue, node, arrives=True):
    """It meets the impostor, who learns nothing, and then the gate."""
    site.token(node)
    hostile(boot, rogue)
    node.power_on()
    until(lambda: rogue.refused or rogue.paths, "the machine at the impostor's",
          180)
    rogue.assert_asked_for_nothing()
    peaceful(boot, rogue)
    if arrives:
        node.guest("up")
        node.guest("config")
        boot.assert_state(node, "delivered")
    node.power_cut()
    rogue.assert_asked_for_nothing()


def own(boot):
    """(an iPXE with TRUST=, is it for this run's root?)"""
    if rom := os.environ.get("ROM"):
        return pathlib.Path(rom), False
    if not SOURCE.exists():
        raise Failed(MISSING)
    say("building an iPXE that trusts this run's root")
    folder = boot.folder / "rom"
    done = subprocess.run(
        ["sh", BUILD, "--trust", boot.pki.root, "--source", SOURCE,
         "--target", "snponly.efi", "-o", folder],
        text=True, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
    if done.returncode != 0:
        raise Failed(f"{BUILD.relative_to(paths.TREE)}:\n{done.stdout}")
    return folder / "snponly.efi", True


def run(boot):
    rogue = impostor.Impostor(boot.folder / "impostor")
    site = boot.site(SITE)
    set_option(boot, site, rogue.pki.fingerprint())
    obeys(boot, site, rogue)

    set_option(boot, site, rogue.pki.fingerprint())
    image = stick.make(boot, SITE, "stock", gate=None)
    withstands(boot, site, rogue, site.node(NODE, usb=image, label="stick"))
    say("2 stock iPXE on a stick: refuses the impostor, arrives at the gate")

    rom, ours = own(boot)
    efi = rom.read_bytes()[:2] == b"MZ"
    shutil.copy(rom, site.tftp / ("snponly.efi" if efi else "undionly.kpxe"))
    node = site.node(NODE, "uefi" if efi else "bios", label="own")
    withstands(boot, site, rogue, node, arrives=ours)
    say("3 iPXE with TRUST= by PXE: refuses the impostor"
        + (", arrives at the gate" if ours else ""))
