"""What a real dnsmasq answers with the files that render wrote: firmware, iPXE
and our script, straight, beside another server, and through a relay. Needs root:
two network namespaces with a cable between them."""

import ctypes
import os
import pathlib
import re
import signal
import socket
import struct
import subprocess
import sys
import tempfile
import threading

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).resolve().parents[1] / "cases"))

import configgen_lab as lab                                # noqa: E402
from lab.sample import until                               # noqa: E402

DNSMASQ = "/usr/sbin/dnsmasq"
CASES = lab.ROOT / "tests/cases/configgen"
URL = "https://boot.example.net/t/ket1_" + "0" * 49
W1, W1_SECOND, STRANGER = ("52:54:00:00:02:01", "52:54:00:00:02:11",
                           "52:54:00:00:02:99")
ARCH = {"bios": 0, "efi": 7, "efi9": 9, "arm": 11, "http": 16, "httparm": 19}
ANYBODY = "255.255.255.255"


def ip(*args):
    subprocess.run(["ip", *args], check=True, timeout=20)


def socket_in(space):
    """A DHCP client's socket in a network namespace; of a thread's own life
    only that thread has moved there."""
    made = []

    def work():
        with open(f"/run/netns/{space}") as file:
            if ctypes.CDLL(None, use_errno=True).setns(file.fileno(), 0) != 0:
                raise OSError(ctypes.get_errno(), "setns")
        sock = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        sock.setsockopt(socket.SOL_SOCKET, socket.SO_BINDTODEVICE, b"eth0")
        made.append(sock)
    thread = threading.Thread(target=work)
    thread.start()
    thread.join()
    return made[0]


def text(value):
    return value.split(b"\0")[0].decode()


class Reply:
    """The fields that a boot is about."""

    def __init__(self, data):
        self.xid = struct.unpack("!I", data[4:8])[0]
        self.address, self.server = (socket.inet_ntoa(data[n:n + 4])
                                     for n in (16, 20))
        self.options, at = {}, 240
        while data[at] != 255:
            length = data[at + 1]
            self.options[data[at]] = data[at + 2:at + 2 + length]
            at += 2 + length
        self.file = text(data[108:236]) or text(self.options.get(67, b""))


class Site:
    """dnsmasq with the files of a case at one end, who asks at the other."""

    def __init__(self, base, address):
        self.base, self.process, self.xid = base, None, 0
        self.server, self.client = (f"edge-{os.getpid()}-{n}" for n in "sc")
        self.options = base / "options"
        self.options.mkdir()
        for space in (self.server, self.client):
            ip("netns", "add", space)
        ip("-n", self.server, "link", "add", "eth0", "type", "veth", "peer",
           "name", "eth0", "netns", self.client)
        for space in (self.server, self.client):
            ip("-n", space, "link", "set", "eth0", "up")
        ip("-n", self.server, "address", "add", address, "dev", "eth0")
        ip("-n", self.client, "route", "add", "default", "dev", "eth0")

    def write(self, name, base=URL, kind="node"):
        """As `edge-auth token create NODE --dnsmasq` does; or for a site."""
        (self.options / f"{name}.conf").write_text("".join(
            f"tag:{tag},tag:{kind}-{name},option:bootfile-name,{base}/{file}\n"
            for tag, file in (("edge-url", "boot.ipxe"),
                              ("edge-http64", "ipxe.efi"),
                              ("edge-httparm64", "ipxe-arm64.efi"))))

    def start(self, *files):
        """The files of a case, with the folders of this test in them."""
        folder = self.base / "conf"
        folder.mkdir()
        for file in files:
            content = re.sub(r"/(srv/edge|etc/edge-dnsmasq)/options",
                             str(self.options), (CASES / file).read_text())
            (folder / pathlib.Path(file).name).write_text(
                content.replace("/srv/tftp", str(self.base)))
        self.run()

    def run(self):
        log = self.base / "log"
        log.unlink(missing_ok=True)
        self.process = subprocess.Popen(
            ["ip", "netns", "exec", self.server, DNSMASQ, "-k", "--port=0",
             "--conf-file=/dev/null", f"--conf-dir={self.base}/conf,*.conf",
             "--user=root", "--pid-file=", "--leasefile-ro",
             f"--log-facility={log}"])
        until(lambda: self.count("DHCP, ") > 0, "dnsmasq runs")

    def count(self, words):
        log = self.base / "log"
        return log.read_text().count(words) if log.exists() else 0

    def reload(self):
        (self.options / "last.conf").write_text("")
        before = self.count(f"read {self.options}/last.conf")
        self.process.send_signal(signal.SIGHUP)
        until(lambda: self.count(f"read {self.options}/last.conf") > before,
              "dnsmasq reads the folder again")

    def ask(self, *requests, to=ANYBODY, port=67, kind=1, own="0.0.0.0",
            relay="0.0.0.0"):
        """Sends them all, waits for an answer to the last; None for one that
        had none by then. A request: MAC, who ("bios", "efi+iPXE"), options."""
        with socket_in(self.client) as sock:
            sock.bind((relay, 67) if relay != "0.0.0.0" else ("", 68))
            sock.settimeout(30)
            first = self.xid + 1
            for request in requests:
                self.xid += 1
                sock.sendto(packet(self.xid, *request, kind=kind, own=own,
                                   relay=relay), (to, port))
            replies = {}
            while self.xid not in replies:
                reply = Reply(sock.recv(4096))
                replies[reply.xid] = reply
        return [replies.get(xid) for xid in range(first, self.xid + 1)]

    def one(self, *request, **more):
        return self.ask(request, **more)[0]

    def stop(self):
        if self.process is not None:
            self.process.terminate()
            self.process.wait(20)

    def close(self):
        self.stop()
        for space in (self.server, self.client):
            subprocess.run(["ip", "netns", "delete", space], timeout=20)


def packet(xid, mac, who, more=(), kind=1, own="0.0.0.0", relay="0.0.0.0"):
    arch, _, user_class = who.partition("+")
    vendor = b"HTTPClient" if arch.startswith("http") else b"PXEClient"
    options = [(53, bytes([kind])), (93, struct.pack("!H", ARCH[arch])),
               (60, vendor + b":Arch:%05d:UNDI:003016" % ARCH[arch]),
               (55, bytes([1, 3, 6, 43, 60, 66, 67, 175])),
               (94, b"\1\3\x10"), (97, bytes(17))]
    if user_class:
        options.append((77, user_class.encode()))
    head = struct.pack("!BBBBIHH4s4s4s4s16s192x", 1, 1, 6, 0, xid, 0,
                       0x8000 if own == "0.0.0.0" else 0,
                       socket.inet_aton(own), bytes(4), bytes(4),
                       socket.inet_aton(relay),
                       bytes.fromhex(mac.replace(":", "")))
    return head + b"\x63\x82\x53\x63" + b"".join(
        bytes([code, len(value)]) + value
        for code, value in [*options, *more]) + b"\xff"


@pytest.fixture
def site():
    """site(address of the server) -> Site; a folder everybody may enter."""
    made = []
    with tempfile.TemporaryDirectory(prefix="edge-dhcp-") as name:
        os.chmod(name, 0o755)

        def make(address):
            made.append(Site(pathlib.Path(name), address))
            return made[-1]
        yield make
        for one in made:
            one.close()


FULL = "dhcp-full/dnsmasq/edge.conf"


def test_full(site):
    here = site("10.0.20.5/24")
    here.write("w1")
    here.start(FULL)
    for who, file in (("bios", "undionly.kpxe"), ("efi", "snponly.efi"),
                      ("efi9", "snponly.efi"), ("arm", "arm64/snponly.efi"),
                      ("http", f"{URL}/ipxe.efi"),
                      ("httparm", f"{URL}/ipxe-arm64.efi"),
                      ("bios+iPXE", "edge.ipxe"), ("efi+iPXE", "edge.ipxe"),
                      ("bios+edge-rom", f"{URL}/boot.ipxe"),
                      ("efi+edge-rom", f"{URL}/boot.ipxe")):
        reply = here.one(W1, who)
        assert reply.file == file, who
        assert (reply.address, reply.server) == ("10.0.20.10", "10.0.20.5")
        assert reply.options[175][:3] == b"\xb0\x01\x01"     # no proxy
        assert (reply.options.get(60) == b"HTTPClient") == (
            who.startswith("http"))
    # another NIC of the node, and a machine that nobody declared
    assert here.one(W1_SECOND, "efi+edge-rom").file == f"{URL}/boot.ipxe"
    assert here.one(STRANGER, "efi+edge-rom").file == ""
    assert here.one(STRANGER, "http").file == ""


def test_a_token_rotates_at_sighup(site):
    here = site("10.0.20.5/24")
    here.write("w1")
    here.start(FULL)
    assert here.one(W1, "efi+edge-rom").file == f"{URL}/boot.ipxe"
    newer = URL.replace("0" * 49, "1" * 49)
    here.write("w1", newer)
    assert here.one(W1, "efi+edge-rom").file == f"{URL}/boot.ipxe"
    here.reload()
    assert here.one(W1, "efi+edge-rom").file == f"{newer}/boot.ipxe"
    (here.options / "w1.conf").unlink()
    here.reload()
    assert here.one(W1, "efi+edge-rom").file == ""


def test_proxy(site):
    here = site("10.0.20.2/24")
    here.write("w1")
    here.start("dhcp-proxy/dnsmasq/edge.conf")
    for who in ("bios+iPXE", "efi+iPXE", "bios+edge-rom", "efi+edge-rom"):
        reply = here.one(W1, who)
        assert reply.file == f"{URL}/boot.ipxe", who
        # iPXE drops a proxy's answer that names no server
        assert (reply.address, reply.server) == ("0.0.0.0", "10.0.20.2")
    assert here.one(W1_SECOND, "efi+iPXE").file == f"{URL}/boot.ipxe"
    assert here.one(STRANGER, "efi+iPXE").file == ""
    # UEFI asks a second time, at the proxy's own port, with its address
    ip("-n", here.client, "address", "add", "10.0.20.50/24", "dev", "eth0")
    for who, file in (("efi", "snponly.efi"), ("efi9", "snponly.efi"),
                      ("arm", "arm64.efi")):
        assert here.one(W1, who).server == "10.0.20.2"
        reply = here.one(W1, who, to="10.0.20.2", port=4011, kind=3,
                         own="10.0.20.50")
        assert reply.file == file, who


def test_a_proxy_takes_a_new_token_at_its_start(site):
    here = site("10.0.20.2/24")
    here.start("dhcp-proxy/dnsmasq/edge.conf")
    assert here.one(W1, "efi+iPXE").file == ""
    here.write("w1")
    here.stop()
    here.run()
    assert here.one(W1, "efi+iPXE").file == f"{URL}/boot.ipxe"


def option_82(circuit, remote, subscriber):
    return [(82, b"".join(bytes([code, len(value)]) + value
                          for code, value in ((1, circuit), (2, remote),
                                              (6, subscriber))))]


def test_relay_gives_each_site_its_own(site):
    here = site("10.9.0.2/24")
    for node in ("w1", "w2", "w4"):
        here.write(node)
    here.write("edge-3", URL.replace("0" * 49, "3" * 49), "site")
    ip("-n", here.server, "route", "add", "default", "dev", "eth0")
    for address in ("10.0.20.1", "10.0.21.1", "10.0.22.1"):
        ip("-n", here.client, "address", "add", f"{address}/32", "dev", "eth0")
    here.start(*(f"dhcp-relay/dnsmasq/edge-{n}.conf" for n in (1, 2, 3)))
    ours = option_82(b"\x00\x04\x00\x0a", b'a "b", #c\\', b"1:2")
    wrong = option_82(b"\x00\x04\x00\x0b", b'a "b", #c\\', b"1:2")
    one = {"to": "10.9.0.2", "relay": "10.0.20.1"}
    other, none, reply = here.ask((W1, "efi", wrong), (W1, "efi"),
                                  (W1, "efi", ours), **one)
    assert other is None and none is None
    assert (reply.file, reply.server) == ("snponly.efi", "10.9.0.2")
    assert (reply.address, reply.options[3]) == (
        "10.0.20.10", socket.inet_aton("10.0.20.1"))
    assert here.one(W1, "efi+iPXE", ours, **one).file == "edge.ipxe"
    reply = here.one(W1, "efi+edge-rom", ours, **one)
    assert (reply.file, reply.server) == (f"{URL}/boot.ipxe", "10.9.0.2")
    # the second site has no script, and firmware gets no URL where a
    # certificate is asked for
    two = {"to": "10.9.0.2", "relay": "10.0.21.1"}
    reply = here.one("52:54:00:00:02:02", "efi+iPXE", **two)
    assert reply.file == f"{URL}/boot.ipxe"
    assert reply.address.startswith("10.0.21.")
    assert reply.options[3] == socket.inet_aton("10.0.21.1")
    assert here.one("52:54:00:00:02:02", "http", **two).file == ""
    # the third one has one token for all its nodes, and names no router
    three = {"to": "10.9.0.2", "relay": "10.0.22.1"}
    reply = here.one(STRANGER, "efi", **three)
    assert (reply.address, reply.file) == ("10.0.22.10", "")
    assert 3 not in reply.options
    reply = here.one(STRANGER, "efi+iPXE", **three)
    assert reply.file == URL.replace("0" * 49, "3" * 49) + "/boot.ipxe"


def test_one_of_two_servers_carries_on(site):
    """It knows the reservations, hands out its own half, and is silent about
    addresses of the other one."""
    here = site("10.0.20.6/24")
    here.write("w1")
    here.start("dhcp-two-servers/dnsmasq/edge-2.conf")
    reply = here.one(W1, "efi+edge-rom")
    assert (reply.address, reply.file) == ("10.0.20.10", f"{URL}/boot.ipxe")
    wanted = [(50, socket.inet_aton("10.0.20.50"))]
    reply = here.one(STRANGER, "efi", wanted)
    assert 106 <= int(reply.address.split(".")[3]) <= 200
    other, own = here.ask((W1_SECOND, "efi", wanted), (W1, "efi", [
        (50, socket.inet_aton("10.0.20.10")),
        (54, socket.inet_aton("10.0.20.6"))]), kind=3)
    assert other is None
    assert (own.address, own.options[53]) == ("10.0.20.10", b"\x05")
