"""A real control server on loopback, with a user that only edge-keyd mints for.
"""

import json
import ssl
import subprocess
import time
import urllib.request

from lab import paths
from lab.daemon import Daemon

PORT, PORT_GRPC, PORT_STUN = 8181, 8182, 3478

# A map without any relay region is refused, so the server has one of its own.
CONFIG = """\
server_url: https://{host}:{port}
listen_addr: {host}:{port}
metrics_listen_addr: ""
grpc_listen_addr: {host}:{grpc}
tls_cert_path: {certificate}
tls_key_path: {key}
noise: {{private_key_path: {folder}/noise.key}}
prefixes: {{v4: 100.64.0.0/10, allocation: sequential}}
database: {{type: sqlite, sqlite: {{path: {folder}/db.sqlite}}}}
derp:
  server:
    enabled: true
    region_id: 999
    region_code: lab
    region_name: lab
    stun_listen_addr: {host}:{stun}
    private_key_path: {folder}/derp.key
    automatically_add_embedded_derp_region: true
  urls: []
  paths: []
dns: {{magic_dns: false, override_local_dns: false, base_domain: tailnet.test}}
policy: {{mode: database}}
unix_socket: {folder}/headscale.sock
disable_check_updates: true
log: {{level: info}}
"""


# What a tailnet must allow: the user that mints owns the tags of the sites.
TAGS = ("tag:setup02-edge-site-1",)


def policy_of(tags):
    return {"tagOwners": {tag: ["edge-keyd@"] for tag in tags},
            "acls": [{"action": "accept", "src": ["*"], "dst": ["*:*"]}]}


class Headscale:
    """Started with a certificate for host; afterwards url and secret (an API
    key, in a file) say how it is asked."""

    def __init__(self, folder, host, certificate, key, ca, tags=TAGS):
        self.folder, self.host, self.ca, self.tags = folder, host, ca, tags
        self.url = f"https://{host}:{PORT}"
        folder.mkdir()
        self.config = folder / "config.yaml"
        self.config.write_text(CONFIG.format(
            host=host, port=PORT, grpc=PORT_GRPC, stun=PORT_STUN,
            folder=folder, certificate=certificate, key=key))
        self.secret = folder / "api-key"
        self._daemon = Daemon(
            "headscale", [str(paths.TOOLS / "headscale"), "-c",
                          str(self.config), "serve"], folder / "log")

    def start(self):
        self._daemon.start((self.host, PORT), timeout=60)
        self._wait_for_socket()
        self._tool("users", "create", "edge-keyd")
        policy = self.folder / "policy.json"
        policy.write_text(json.dumps(policy_of(self.tags)))
        self._tool("policy", "set", "-f", str(policy))
        self.user = str(self._json("users", "list")[0]["id"])
        key = self._tool("apikeys", "create").split()[-1]
        self.secret.touch(0o600)
        self.secret.write_text(key + "\n")
        self.secret.chmod(0o400)

    def stop(self):
        self._daemon.stop()

    def _wait_for_socket(self):
        """Its commands go over a socket that comes after the port."""
        end = time.monotonic() + 30
        while not (self.folder / "headscale.sock").exists():
            self._daemon.assert_alive()
            if time.monotonic() > end:
                raise RuntimeError("headscale has no socket\n"
                                   + self._daemon.tail())
            time.sleep(0.05)

    def _tool(self, *argv):
        done = subprocess.run([str(paths.TOOLS / "headscale"), "-c",
                               str(self.config), *argv], text=True,
                              capture_output=True, timeout=60)
        if done.returncode != 0:
            raise RuntimeError(f"headscale {' '.join(argv)}: "
                               f"{(done.stderr or done.stdout).strip()}")
        return done.stdout

    def _json(self, *argv):
        return json.loads(self._tool(*argv, "-o", "json"))

    def api(self, path):
        request = urllib.request.Request(
            f"{self.url}/api/v1/{path}",
            headers={"Authorization": "Bearer "
                     + self.secret.read_text().strip()})
        context = ssl.create_default_context(cafile=self.ca)
        with urllib.request.urlopen(request, timeout=20,
                                    context=context) as answer:
            return json.load(answer)

    def nodes(self):
        return self.api("node")["nodes"]

    def keys(self):
        return self.api("preauthkey")["preAuthKeys"]
