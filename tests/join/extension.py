"""What Talos' extension service `tailscale` does after the install: containerboot
with exactly the environment that its ExtensionServiceConfig has."""

import json
import os
import subprocess

from lab import paths
from lab.daemon import Daemon

# What the service's own definition adds (siderolabs/extensions,
# network/tailscale), and what keeps it in this namespace.
AROUND = {
    "TS_USERSPACE": "true",          # no /dev/net/tun without privileges
    "TS_NO_LOGS_NO_SUPPORT": "true",
    "TS_DEBUG_MTU": "1280",
}


def environment(config):
    """{name: value} of the document that a config file has for the service."""
    done = subprocess.run([str(paths.talos_oracle()), "canon", str(config)],
                          text=True, capture_output=True, timeout=60,
                          check=True)
    services = [document for document in json.loads(done.stdout)
                if document.get("kind") == "ExtensionServiceConfig"
                and document["name"] == "tailscale"]
    assert len(services) == 1, services
    return dict(line.split("=", 1) for line in services[0]["environment"])


class Extension:
    """One machine's /var/lib/tailscale is its folder: what is there decides
    whether it has to log in again."""

    def __init__(self, folder, ca):
        self.folder, self.ca = folder, ca
        folder.mkdir()
        self._daemon = None
        self._starts = 0

    def start(self, env):
        self._starts += 1
        self.log = self.folder / f"log-{self._starts}"
        path = f"{paths.TOOLS}:{os.environ['PATH']}"
        self._daemon = Daemon(
            "containerboot", [str(paths.TOOLS / "containerboot")], self.log,
            env={**env, **AROUND, "PATH": path, "HOME": str(self.folder),
                 "SSL_CERT_FILE": str(self.ca),
                 "TS_STATE_DIR": str(self.folder / "state"),
                 "TS_SOCKET": str(self.folder / "sock")})
        self._daemon.start()

    def is_alive(self):
        try:
            self._daemon.assert_alive()
            return True
        except RuntimeError:
            return False

    def said(self):
        return self.log.read_text(errors="replace")

    def status(self):
        """What `tailscale status` knows, {} while nothing answers."""
        done = subprocess.run(
            [str(paths.TOOLS / "tailscale"), "--socket",
             str(self.folder / "sock"), "status", "--json"], text=True,
            capture_output=True, timeout=30)
        return json.loads(done.stdout) if done.stdout.startswith("{") else {}

    def is_up(self):
        return self.status().get("BackendState") == "Running"

    def stop(self):
        if self._daemon is not None:
            self._daemon.stop(timeout=20)
            self._daemon = None
