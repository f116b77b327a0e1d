"""deploy/ipxe/edge.ipxe in real iPXEs: Debian 13's (BIOS and UEFI), and the one of
a NIC that has no HTTPS. The network is QEMU's own, so that no test needs root:

    PYTHONPATH=tests python3 -B -m pytest tests/boot/test_script.py
"""

import http.server
import re
import shutil
import socket
import ssl
import threading
import time

import pytest

from lab import paths
from lab import pki as lab_pki

from .process import Process
from .qemu import NIC_ROM, OVMF_CODE, OVMF_VARS

SCRIPT = paths.TREE / "deploy" / "ipxe" / "edge.ipxe"
IPXE = paths.TOOLS / "ipxe" / "usr" / "lib" / "ipxe"
HOST = "10.0.2.2"       # this machine, as the guest's network has it
TOKEN = "ea1_nobody-may-read-this-on-the-console"
MARK = "#edge-gates"
BOOTED = "the gate's script runs"
SERVED = f"#!ipxe\necho {BOOTED}\nexit\n"
LONG = 150.0
ESCAPE = r"\x1b\[[0-9;?=]*[A-Za-z]"
# A boot sector that writes "disk boots" to the serial port, and halts.
SECTOR = bytes.fromhex("31c08ed8be1b7cfcbaf803ac84c07403eeebf8f4ebfd") \
    .ljust(27, b"\x90") + b"\r\ndisk boots\r\n\0"


@pytest.fixture(autouse=True, scope="module")
def parts():
    missing = [str(path) for path in (
        IPXE / "ipxe.lkrn", IPXE / "ipxe-amd64.efi", NIC_ROM, OVMF_CODE)
        if not path.exists()]
    if shutil.which("qemu-system-x86_64") is None:
        missing.append("qemu-system-x86_64")
    assert not missing, f"no {', '.join(missing)}: run `sh deploy/setup boot`"


class Gate:
    """HTTPS on loopback with a root of its own; paths are those asked for, files
    {name: text} what differs from the script it gives for anything else."""

    def __init__(self, folder):
        folder.mkdir(exist_ok=True)
        self.ca, self.chain, self.key = lab_pki.make(folder, HOST)
        self.paths, self.files, self.server = [], {}, None
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                outer.paths.append(self.path)
                name = self.path.rpartition("/")[2]
                body = outer.files.get(name, SERVED).encode()
                self.send_response(200)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_):
                pass

        self.handler = Handler
        self.start()

    def start(self, port=0):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(self.chain, self.key)
        self.server = http.server.ThreadingHTTPServer(("127.0.0.1", port),
                                                      self.handler)
        self.server.socket = context.wrap_socket(
            self.server.socket, server_side=True, do_handshake_on_connect=False)
        self.port = self.server.server_address[1]
        threading.Thread(target=self.server.serve_forever, daemon=True).start()

    def stop(self):
        if self.server is not None:
            self.server.shutdown()
            self.server.server_close()
            self.server = None

    @property
    def url(self):
        return f"https://{HOST}:{self.port}/t/{TOKEN}/boot.ipxe"


@pytest.fixture
def gate(tmp_path):
    gate = Gate(tmp_path / "gate")
    yield gate
    gate.stop()


class Machine:
    """A machine whose iPXE runs the script, with gates in it, and its console.
    replace: (old, new) pairs for the script's text; each must apply."""

    def __init__(self, folder):
        self.folder = folder
        self.raw = folder / "console.raw"
        self.tftp = folder / "tftp"
        self.tftp.mkdir()
        self.process = None
        self.seen = 0

    def script(self, gates=(), replace=()):
        text = SCRIPT.read_text()
        lines = "".join(f"set edge-gate-{n} {url}\n" for n, url in
                        enumerate(gates, 1))
        for old, new in ((f"\n{MARK}", f"\n{lines}{MARK}"), *replace):
            assert text.count(old) == 1, old
            text = text.replace(old, new)
        for name in ("edge.ipxe", "autoexec.ipxe"):
            (self.tftp / name).write_text(text)
        return self

    def bios(self, *extra, network="user,id=lan"):
        """iPXE itself in place of a kernel: it starts within a second."""
        return self._start(
            "-machine", "pc,graphics=off", "-kernel", IPXE / "ipxe.lkrn",
            "-initrd", self.tftp / "edge.ipxe", "-netdev", network,
            "-device", "virtio-net-pci,netdev=lan,romfile=", *extra)

    def nic_rom(self):
        """A NIC with an iPXE that has no HTTPS and no script."""
        return self._start(
            "-machine", "pc,graphics=off", "-netdev",
            f"user,id=lan,tftp={self.tftp},bootfile=edge.ipxe", "-device",
            f"virtio-net-pci,netdev=lan,disable-legacy=on,bootindex=1,romfile={NIC_ROM}")

    def uefi(self, ca):
        """A stick with iPXE and autoexec.ipxe on it, and firmware that trusts
        the gate's root."""
        stick = self.folder / "stick"
        (stick / "EFI" / "BOOT").mkdir(parents=True)
        shutil.copy(IPXE / "ipxe-amd64.efi", stick / "EFI" / "BOOT" / "BOOTX64.EFI")
        shutil.copy(self.tftp / "autoexec.ipxe", stick)
        variables, siglist = self.folder / "vars.fd", self.folder / "ca.esl"
        shutil.copy(OVMF_VARS, variables)
        der = ssl.PEM_cert_to_DER_cert(ca.read_text())
        siglist.write_bytes(
            bytes.fromhex("a159c0a5e494a74a87b5ab155c2bf072")
            + (len(der) + 44).to_bytes(4, "little") + bytes(4)
            + (len(der) + 16).to_bytes(4, "little") + bytes(16) + der)
        flash = "if=pflash,format=raw"
        return self._start(
            "-machine", "q35", "-drive",
            f"{flash},unit=0,readonly=on,file={OVMF_CODE}", "-drive",
            f"{flash},unit=1,file={variables}", "-fw_cfg",
            f"name=etc/edk2/https/cacerts,file={siglist}", "-drive",
            f"if=none,id=stick,format=raw,readonly=on,file=fat:{stick}",
            "-device", "virtio-blk-pci,drive=stick,bootindex=1",
            "-netdev", "user,id=lan",
            "-device", "virtio-net-pci,netdev=lan,romfile=")

    def _start(self, *argv):
        self.process = Process("the machine", [
            "qemu-system-x86_64", "-accel", "tcg", "-m", "512", "-nodefaults",
            "-display", "none", "-no-reboot", "-chardev",
            f"stdio,id=console,signal=off,logfile={self.raw}",
            "-serial", "chardev:console", *argv], self.folder / "log").start()
        return self

    def stop(self):
        if self.process is not None:
            self.process.kill()

    def text(self):
        """All of the console as one line: it is folded after 80 columns."""
        raw = self.raw.read_text("latin-1") if self.raw.exists() else ""
        return re.sub(rf"{ESCAPE}|[\r\n]", "", raw)

    def says(self, words):
        """Wait for words, after those that were waited for before."""
        limit = time.monotonic() + LONG
        while time.monotonic() < limit:
            found = self.text().find(words, self.seen)
            if found >= 0:
                self.seen = found + len(words)
                return
            self.process.assert_alive()
            time.sleep(0.2)
        raise AssertionError(f"no {words!r} in:\n{self.text()[-3000:]}")

    def visible(self):
        """What a person sees: not what is black on black."""
        hidden = r"\x1b\[(?:0m\x1b\[30m\x1b\[40m|[0;]*30(?:;40)?m).*?" \
                 r"(?:\x1b\[0m(?!\x1b\[30m\x1b\[40m)|\Z)"
        raw = self.raw.read_text("latin-1")
        return re.sub(rf"{ESCAPE}|[\r\n]", "",
                      re.sub(hidden, "", raw, flags=re.DOTALL))


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.stop()


def free_port():
    with http.server.HTTPServer(("127.0.0.1", 0), None) as server:
        return server.server_address[1]


def test_boots_when_the_gate_comes_back(machine, gate, tmp_path):
    """UEFI: one gate with another root, one that is down at first. What the gate
    gives runs; its `exit` means the local disk, which is the firmware's turn."""
    other = Gate(tmp_path / "other")
    port = gate.port
    gate.stop()
    machine.script([other.url, gate.url]).uefi(gate.ca)
    machine.says("edge: gate 1, fetching its script: TLS: its certificate comes "
                 "from no root that this iPXE trusts (error ")
    machine.says("edge: gate 2, fetching its script: TCP: it refuses the "
                 "connection (error 0f:0a:60:")
    machine.says("edge: again in 1 s")
    gate.start(port)
    machine.says(BOOTED)
    machine.says("edge: booting the local disk")
    machine.says("BdsDxe: starting")
    other.stop()
    assert gate.paths == [f"/t/{TOKEN}/boot.ipxe"] and other.paths == []
    assert BOOTED in machine.visible() and TOKEN not in machine.visible()
    assert TOKEN in machine.text()      # iPXE's own line, black on black


def test_boots_at_once(machine, gate):
    machine.script([gate.url]).uefi(gate.ca)
    machine.says(BOOTED)
    assert "edge: again in" not in machine.text()


def test_the_gate_the_script_came_from(machine, gate):
    """As UEFI HTTPS boot has it: autoexec.ipxe lies beside boot.ipxe, and the
    script's own DHCP does not make it forget where."""
    url = gate.url.replace("boot.ipxe", "autoexec.ipxe")
    gate.files["autoexec.ipxe"] = SCRIPT.read_text()
    machine.script()
    (machine.tftp / "autoexec.ipxe").write_text(
        f"#!ipxe\nifconf -c dhcp net0\nchain {url}\n")
    machine.uefi(gate.ca)
    machine.says("edge: net0 has 10.0.2.15")
    machine.says(BOOTED)
    assert gate.paths == [f"/t/{TOKEN}/autoexec.ipxe", f"/t/{TOKEN}/boot.ipxe"]


def test_a_root_that_is_not_trusted(machine, gate):
    machine.script([gate.url]).bios()
    for wait in (1, 2, 5):
        machine.says("TLS: its certificate comes from no root")
        machine.says(f"edge: again in {wait} s; the local disk after 256 s")
    assert gate.paths == []
    assert TOKEN not in machine.visible()


def test_the_gate_that_dhcp_names(machine, gate):
    machine.script().bios(network=f"user,id=lan,bootfile={gate.url}")
    machine.says("edge: fetching the boot script from the gate DHCP names")
    machine.says("TLS: its certificate comes from no root")
    machine.says("edge: again in")
    assert TOKEN not in machine.visible()


@pytest.mark.parametrize("name", ["http://{}/boot.ipxe", "edge.ipxe",
                                  "HTTPS://{}/boot.ipxe", "https:/x"])
def test_nothing_but_https_is_booted(machine, gate, name):
    """The twin is test_the_gate_that_dhcp_names."""
    name = name.format(f"{HOST}:{gate.port}")
    machine.script().bios(
        network=f"user,id=lan,tftp={machine.tftp},bootfile={name}")
    machine.says("edge: round 1: neither DHCP nor this script names a gate")
    assert "edge: fetching" not in machine.text()


def test_no_dhcp(machine, gate):
    machine.script([gate.url]).bios(
        network="socket,id=lan,udp=127.0.0.1:9,localaddr=127.0.0.1:0")
    for number in (1, 2):
        machine.says("edge: net0: no address from DHCP (error 4c:10:60:")
        machine.says(f"edge: round {number}: net0: no address from DHCP")


def test_no_network_card(machine, gate):
    machine.script([gate.url])._start(
        "-machine", "pc,graphics=off", "-kernel", IPXE / "ipxe.lkrn",
        "-initrd", machine.tftp / "edge.ipxe")
    machine.says("edge: round 1: no network card was found")


def test_every_network_card_is_tried(machine, gate):
    machine.script([gate.url]).bios(
        "-netdev", "user,id=two", "-device", "virtio-net-pci,netdev=two,romfile=",
        network="socket,id=lan,udp=127.0.0.1:9,localaddr=127.0.0.1:0")
    machine.says("edge: net0: no address from DHCP")
    machine.says("edge: net1 has 10.0.2.15")
    machine.says("TLS: its certificate comes from no root")


def test_a_silent_gate(machine):
    """It takes the connection, and says nothing."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
        machine.script([f"https://{HOST}:{port}/boot.ipxe"]).bios()
        machine.says("edge: gate 1, fetching its script: it does not answer "
                     "(error 4c:")
        machine.says("edge: again in 1 s")


def test_dead_dns(machine):
    machine.script(["https://gate.example.net/boot.ipxe"]).bios(
        network="user,id=lan,dns=10.0.2.77")
    machine.says("edge: gate 1, fetching its script: DNS has no answer for its name")
    machine.says("edge: again in 1 s")


def test_an_issuer_is_not_looked_up(machine, gate):
    """With `crosscert` as it comes, iPXE would ask DNS for ca.ipxe.org; here no
    DNS answers, and the reason is on the console all the same."""
    machine.script([gate.url]).bios(network="user,id=lan,dns=10.0.2.77")
    machine.says("TLS: its certificate comes from no root")
    assert "Could not start" not in machine.text()


# ---- the local disk ----

OLD = ("set edge-started:int32 ${unixtime}\n\n:round",
       "set edge-started:int32 ${unixtime}\ninc edge-started -240\n\n:round")


def disk(machine, sector):
    image = machine.folder / "disk.img"
    image.write_bytes(sector.ljust(510, b"\0") + b"\x55\xaa" + bytes(1 << 20))
    return ("-drive", f"if=none,id=disk,format=raw,file={image}",
            "-device", "virtio-blk-pci,drive=disk")


def test_the_local_disk_after_256_seconds(machine, gate):
    machine.script([gate.url], [OLD]).bios(*disk(machine, SECTOR))
    machine.says("edge: booting the local disk")
    machine.says("disk boots")


def test_the_local_disk_waits_until_then(machine, gate):
    """Differs from the one before in the time only."""
    machine.script([gate.url]).bios(*disk(machine, SECTOR))
    machine.says("edge: round 3: ")
    assert "disk boots" not in machine.text()


def test_a_clock_that_stands_still(machine, gate):
    waits = [(f"set edge-wait-{n} {s}\n", f"set edge-wait-{n} 0\n")
             for n, s in enumerate((1, 2, 5, 10, 20, 30), 1)]
    machine.script([f"https://{HOST}:{free_port()}/boot.ipxe"], [
        ("set edge-spent:int32 ${unixtime}\n",
         "set edge-spent:int32 ${edge-started}\n"), *waits]).bios()
    machine.says("edge: round 14: ")
    machine.says("edge: booting the local disk")


def test_no_disk_and_again_from_the_start(machine, gate):
    machine.script([gate.url], [OLD, ("\nsleep 30 ||\n", "\nsleep 1 ||\n")]).bios()
    for _ in range(2):
        machine.says("asking for an address")
        machine.says("edge: booting the local disk")
        machine.says("edge: no local disk boots (error ")


# ---- without HTTPS ----

def test_without_https_another_ipxe_is_loaded(machine, gate):
    """The NIC's iPXE gets the script by TFTP, and with it the site's own iPXE;
    that one gets the same script, and can do it."""
    shutil.copy(IPXE / "undionly.kpxe", machine.tftp)
    machine.script([gate.url]).nic_rom()
    machine.says("edge: this iPXE has no HTTPS: loading undionly.kpxe from "
                 "10.0.2.2 in 5 seconds")
    machine.says("iPXE 1.21.1+git20250501")
    machine.says("edge: fetching the boot script from gate 1")
    machine.says("TLS: its certificate comes from no root")


def test_without_https_and_without_another(machine, gate):
    machine.script([gate.url]).nic_rom()
    machine.says("edge: that failed: ")
    machine.says("edge: round 1: this iPXE has no HTTPS, and no other came by TFTP")
    machine.says("edge: again in 1 s")
