"""USB sticks as `edge-pki export usb` makes them: a stock iPXE, a certificate of
one site, and our script. Nothing is built, and no TFTP is needed."""

import json

from .cloud import name_of
from .site import IPXE, SCRIPT

LISTENER = name_of("boot-mtls")
ROM = IPXE / "ipxe-amd64.efi"
REFUSED = f"{LISTENER}, fetching its script: it says 4xx"

# The DHCP server of a site that requires certificates hands out no ROM: the key
# in it would be on the wire. Machines get an address from it and nothing else.
NO_ROM = ("      rom: {efi64: snponly.efi, bios: undionly.kpxe, "
          "tftp_root: /run/tftp, script: edge.ipxe}\n", "")


def require(word):
    """The edits that have sites require a certificate."""
    return [("require: token,", f"require: {word},"), NO_ROM]


def make(boot, site, name, gate=f"https://{LISTENER}/boot.ipxe"):
    """The image of a stick for a site, below the case's folder. Without a gate
    in its script it boots from the one that DHCP names."""
    boot.pki.client(site)
    image = boot.folder / f"disk-stick-{name}.img"
    boot.pki.tool("export", "usb", "--site", site, "--ipxe", ROM, "--script",
                  SCRIPT, "--out", image, *(["--gate", gate] if gate else []))
    return image


def serial(boot, site):
    """Of the site's certificate, as `edge-pki list` shows it."""
    return next(row["serial"] for row in json.loads(boot.pki.tool("list", "--json"))
                if row["path"] == f"issued/client/{site}")


def revoke(boot, site):
    """What an operator does whose stick was stolen."""
    boot.pki.tool("revoke", site)
    boot.pki.tool("crl")
    boot.gate.certify()
    boot.gate.reload()
