"""Certificates of a boot run, made by edge-pki as an operator makes them."""

import hashlib
import ssl
import struct
import uuid

from lab.supply import program

TRUST_DOMAIN = "edge.example.test"

X509_GUID = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")


class Pki:
    """A pair is (chain, key). Server chains go up to the root, as iPXE needs."""

    def __init__(self, folder):
        self.folder = folder
        self.tool("init", "--trust-domain", TRUST_DOMAIN)
        self.root = folder / "trust" / "boot-root.pem"
        self.config_ca = folder / "trust" / "config-ca.pem"
        self.clients = folder / "trust" / "clients.pem"
        self.tool("crl")

    def tool(self, command, *argv):
        return program("edge-pki", command, "--dir", self.folder, *argv)

    def _pair(self, *parts):
        folder = self.folder.joinpath("issued", *parts)
        return folder / "chain.pem", folder / "key.pem"

    def server(self, what, name, *more):
        """A server certificate; what is boot or config."""
        self.tool("server", "--name", name, "--for", what, *more)
        return self._pair(what, name)

    def client(self, site, *more):
        self.tool("client", "--site", site, *more)
        return self._pair("client", site)

    def fingerprint(self):
        """SHA-256 of the root, as DHCP option 175.90 has it."""
        der = ssl.PEM_cert_to_DER_cert(self.root.read_text())
        return hashlib.sha256(der).digest().hex(":")

    def siglist(self, certificate=None):
        """What UEFI firmware trusts, as a file for `-fw_cfg
        name=etc/edk2/https/cacerts`: what edge-pki exports; or a list of one
        other root, which edge-pki knows nothing of."""
        if certificate is None:
            path = self.folder / "boot-roots.esl"
            self.tool("export", "efi-siglist", "--out", path)
            return path
        der = ssl.PEM_cert_to_DER_cert(certificate.read_text())
        path = self.folder / f"{certificate.stem}.esl"
        path.write_bytes(X509_GUID.bytes_le
                         + struct.pack("<III", 28 + 16 + len(der), 0, 16 + len(der))
                         + bytes(16) + der)
        return path
