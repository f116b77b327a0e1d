"""A real dnsmasq reads what `edge-auth token create --dnsmasq` writes, as the
user it becomes, and again at SIGHUP. Needs root: `make check-root`."""

import grp
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cases"))

from lab.sample import until                               # noqa: E402
from test_edge_auth import Auth, document                  # noqa: E402

OWNER = "nobody"
GROUP = "dip"   # what dnsmasq becomes when nothing else is said


class Dnsmasq:
    """In a network of its own, where it serves nobody."""

    def __init__(self, folder, log):
        self.log = log
        self.process = subprocess.Popen(
            ["unshare", "--net", "/usr/sbin/dnsmasq", "--keep-in-foreground",
             "--conf-file=/dev/null", "--port=0", "--pid-file=",
             "--dhcp-range=127.0.0.1,static", "--leasefile-ro",
             f"--dhcp-optsfile={folder}", f"--log-facility={log}"])

    def count(self, text):
        return self.log.read_text().count(text) if self.log.exists() else 0

    def says(self, text):
        return self.count(text) > 0

    def reload(self):
        self.process.send_signal(signal.SIGHUP)

    def stop(self):
        self.process.terminate()
        self.process.wait(10)


@pytest.fixture
def base():
    """Unlike pytest's own, a folder that everybody may pass through."""
    with tempfile.TemporaryDirectory(prefix="edge-root-") as name:
        os.chmod(name, 0o755)
        yield pathlib.Path(name)


def test_read_at_start_and_at_sighup(base):
    folder = base / "options"
    folder.mkdir(mode=0o750)
    os.chown(folder, 0, grp.getgrnam(GROUP).gr_gid)
    (base / "auth").mkdir()
    shutil.chown(base / "auth", OWNER)
    auth = Auth(base / "auth", "--owner", OWNER)
    (base / "nodes.json").write_text(json.dumps(document()))
    auth.ok("node", "import", base / "nodes.json")

    def create(name):
        auth.ok("token", "create", name, "--pepper", auth.pepper, "--dnsmasq",
                folder)

    create("node-1")
    server = Dnsmasq(folder, base / "dnsmasq.log")
    try:
        until(lambda: server.says(f"read {folder}/node-1.conf"),
              "dnsmasq reads the folder")
        create("node-2")
        server.reload()
        until(lambda: server.says(f"read {folder}/node-2.conf"),
              "dnsmasq reads the new file")
        # the twin: of another group it is not read
        assert not server.says("cannot read")
        os.chown(folder / "node-2.conf", 0, 0)
        server.reload()
        until(lambda: server.says(f"cannot read {folder}/node-2.conf"),
              "dnsmasq may not read the file")
        auth.ok("token", "revoke", "node-1", "--dnsmasq", folder)
        create("node-2")
        before = server.count(f"read {folder}/node-1.conf")
        server.reload()
        until(lambda: server.count(f": read {folder}/node-2.conf") == 2,
              "dnsmasq reads the file that replaced it")
        assert server.count(f"read {folder}/node-1.conf") == before
    finally:
        server.stop()
    assert not server.says("bad dhcp-option")
