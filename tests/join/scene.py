"""A lab whose gate asks a real edge-keyd, which asks a real Headscale."""

import json
import os
import pwd
import re

from lab import gatefront, paths
from lab.daemon import Daemon
from lab.lab import Lab
from lab.supply import Supply, program

from .headscale import PORT, Headscale


class Supplied(Supply):
    """The lab's inventory, with keys minted by the gate and a control server of
    our own."""

    def __init__(self, host_of):
        super().__init__()
        self._host_of = host_of

    def _set_addresses(self, host):
        super()._set_addresses(host)
        text, count = re.subn(
            r"(?m)^( +)key: \{file: tailnet\.key\}$",
            rf"\1login_server: https://{host}:{PORT}\n"
            r'\1hostname: "setup02-{node}"', self.inventory.read_text())
        assert count == 1
        self.inventory.write_text(text)


class Keyed(gatefront.Gated):
    """The gate with edge-keyd and Headscale behind it."""

    def __init__(self):
        super().__init__()
        self.headscale = self.keyd = None

    def start(self, lab):
        self.folder = lab.folder
        self.socket = lab.folder / "keyd.sock"
        self.edits = [(
            "    edge_auth_store store;",
            "    edge_auth_store store;\n"
            f"    edge_auth_keyd unix:{self.socket};\n"
            "    edge_auth_keyd_interval 500ms;")]
        super().start(lab)

    def _certify(self, lab):
        super()._certify(lab)
        self.headscale = Headscale(lab.folder / "headscale", lab.host,
                                   *self.pki.config, self.ca)
        self.headscale.start()
        self.start_keyd()

    def start_keyd(self):
        config = self.folder / "keyd.json"
        config.write_text(json.dumps({
            "provider": "headscale", "base_url": self.headscale.url,
            "instance": "lab", "user": self.headscale.user,
            "secret_file": str(self.headscale.secret),
            "ca_file": str(self.ca), "socket": str(self.socket),
            "users": [pwd.getpwuid(os.geteuid()).pw_name],
            "tags": ["tag:setup02-*"]}))
        keyd = str(paths.PROGRAMS / "edge-keyd")
        program("edge-keyd", "-c", config, "--check")
        self.keyd = Daemon("edge-keyd", [keyd, "-c", str(config)],
                           self.folder / "keyd.log")
        self.keyd.start()

    def stop(self):
        super().stop()
        if self.keyd is not None:
            self.keyd.stop()
        if self.headscale is not None:
            self.headscale.stop()


def make(folder):
    lab = Lab(folder, fronts=[Keyed()])
    lab.supply = Supplied(lambda: lab.host)
    return lab
