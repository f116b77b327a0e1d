"""The guest alone: what it does as a Talos node, told by its console. The kernel
is QEMU's -kernel, the network QEMU's own, so that no test needs root."""

import base64
import hashlib
import http.server
import pathlib
import shutil
import ssl
import subprocess
import threading

import pytest

from lab import fixture, paths
from lab import pki as lab_pki

from .guest import archive, image
from .process import Process
from .qemu import OVMF_CODE, OVMF_VARS

GUEST = paths.TREE / "build" / "boot" / "guest"
HOST = "10.0.2.2"       # this machine, as the guest's network has it
UUID = "9ddf0214-b102-49a3-bec3-d1151498a401"
DISK_BYTES = 256 << 20
# as Talos' imager writes them, and what a test adds
ARGUMENTS = ("talos.platform=metal", "console=tty0", "init_on_alloc=1", "slab_nomerge",
             "pti=on", "consoleblank=0", "nvme_core.io_timeout=4294967295",
             "printk.devkmsg=on", "selinux=1", "module.sig_enforce=1",
             "proc_mem.force_override=never", "console=ttyS0", "quiet",
             "edge.guest.time-scale=0.05")
PARTIAL = "apiVersion: v1alpha1\nkind: HostnameConfig\nauto: stable\n"


class Server:
    """HTTPS on loopback; answers is a list of (status, body), the last one for
    ever; paths are those that were asked for."""

    def __init__(self, folder):
        self.ca, chain, key = lab_pki.make(folder, HOST)
        self.answers, self.paths = [], []
        outer = self

        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self):
                outer.paths.append(self.path)
                many = len(outer.answers) > 1
                status, body = outer.answers.pop(0) if many else outer.answers[0]
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body.encode())

            def log_message(self, *_):
                """Paths are asserted on, not printed."""

        class Quiet(http.server.ThreadingHTTPServer):
            def handle_error(self, *_):
                """A guest that trusts another CA breaks the handshake off."""

        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(chain, key)
        self._server = Quiet(("127.0.0.1", 0), Handler)
        # the handshake is then the handler's thread's, not the listener's
        self._server.socket = context.wrap_socket(
            self._server.socket, server_side=True, do_handshake_on_connect=False)
        self.url = f"https://{HOST}:{self._server.server_address[1]}"
        threading.Thread(target=self._server.serve_forever, daemon=True).start()

    def close(self):
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("server"))
    yield server
    server.close()


@pytest.fixture(scope="module")
def other_ca(tmp_path_factory):
    return lab_pki.make(tmp_path_factory.mktemp("other"), HOST)[0]


@pytest.fixture(scope="module")
def config(tmp_path_factory):
    secrets = tmp_path_factory.mktemp("secrets") / "secrets.yaml"
    fixture.make_secrets(secrets)
    text = fixture.config(secrets, "worker")
    assert text.count("auto: stable") == 1
    return text.replace("auto: stable", "auto: off\nhostname: edge-7")


class Machine:
    def __init__(self, folder):
        self.folder = folder
        self.disk = folder / "disk.img"
        self.process = None
        with open(self.disk, "wb") as disk:
            disk.truncate(DISK_BYTES)

    def start(self, *arguments, initramfs=GUEST / "initramfs", extra=()):
        """Boot the guest as iPXE would."""
        assert (GUEST / "vmlinuz").exists(), "no guest: run `make boot-guest`"
        return self._run(["-machine", "q35", "-kernel", GUEST / "vmlinuz",
                          "-initrd", initramfs,
                          "-append", " ".join([*ARGUMENTS, *arguments]), *extra])

    def start_from_disk(self, firmware):
        if firmware == "bios":
            return self._run(["-machine", "pc,graphics=off"])
        variables = self.folder / "vars.fd"
        shutil.copy(OVMF_VARS, variables)
        flash = "if=pflash,format=raw"
        return self._run(["-machine", "q35",
                          "-drive", f"{flash},unit=0,readonly=on,file={OVMF_CODE}",
                          "-drive", f"{flash},unit=1,file={variables}"])

    def _run(self, more):
        self.stop()
        self.seen = 0
        self.process = Process("the guest", [
            "qemu-system-x86_64", "-accel", "tcg", "-smp", "1", "-m", "1024",
            "-nodefaults", "-display", "none", "-uuid", UUID,
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-object", "rng-random,id=rng,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=rng",
            "-netdev", "user,id=lan", "-device", "virtio-net-pci,netdev=lan,romfile=",
            "-drive", f"if=none,id=disk,format=raw,cache=unsafe,file={self.disk}",
            "-device", "virtio-blk-pci,drive=disk,serial=SN7", *more],
            self.folder / "console.log").start()
        return self

    def stop(self):
        if self.process is not None:
            self.process.kill()

    def says(self, text):
        """Wait for a line of the guest that begins with text; the whole line."""
        wanted = f"^edge-guest: {text}"
        found = self.process.lines.wait(wanted, self.seen, 120)
        assert found, f"no {wanted!r} in {self.folder / 'console.log'}:\n" + "\n".join(
            map(str, self.process.lines.all()[-12:]))
        self.seen = found[0] + 1
        return found[1].text

    def said(self, text):
        return self.process.lines.find(text) is not None

    def is_off(self):
        return self.process.wait(60)


@pytest.fixture
def machine(tmp_path):
    machine = Machine(tmp_path)
    yield machine
    machine.stop()


def early(ca):
    """talos.config.early that makes a node trust ca."""
    pem = "".join(f"  {line}\n" for line in pathlib.Path(ca).read_text().splitlines())
    text = ("apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: edge\n"
            f"certificates: |\n{pem}")
    packed = subprocess.run(["zstd", "-q", "-19", "-c"], input=text.encode(),
                            capture_output=True, check=True).stdout
    value = base64.b64encode(packed).decode()
    half = len(value) // 2
    return f"talos.config.early={value[:half]} talos.config.early={value[half:]}"


def digest(text):
    return hashlib.sha256(text.encode()).hexdigest()


def source(server, secret="ktk1-not-to-be-shown"):
    return f"talos.config={server.url}/c/{secret}/generic?uuid="


@pytest.mark.parametrize("kernel", [False, True], ids=["loader", "kernel"])
def test_it_installs_and_comes_up_from_its_disk(machine, server, config, kernel, tmp_path):
    server.answers, server.paths = [(200, config)], []
    initramfs = GUEST / "initramfs"
    if kernel:
        initramfs = tmp_path / "initramfs"
        initramfs.write_bytes((GUEST / "initramfs").read_bytes()
                              + (GUEST / "installed.cpio").read_bytes())
    machine.start(source(server), early(server.ca), initramfs=initramfs)
    machine.says("up ")
    machine.says("early roots=1")
    machine.says("dhcp interface=eth0 address=10.0.2.15 ")
    machine.says("fetch try=1 status=200 tls=TLS1.3")
    machine.says(f"config sha256={digest(config)} hostname=edge-7 ")
    machine.says("installed disk=/dev/vda ")
    machine.says("rebooting")

    # QEMU boots its -kernel again, as a machine whose network comes first
    booted = f"disk-boot hostname=edge-7 sha256={digest(config)}"
    machine.says("already-installed disk=/dev/vda")
    machine.says(booted)
    assert machine.is_off()
    assert server.paths == [f"/c/ktk1-not-to-be-shown/generic?uuid={UUID}"]
    assert not machine.said("ktk1")

    for firmware in ("bios", "uefi"):
        machine.start_from_disk(firmware)
        machine.says(booted)
        assert machine.is_off()
        assert machine.said("Linux version|seconds=") == kernel
    assert len(server.paths) == 1


def test_a_disk_that_lost_its_state_gets_a_config_and_nothing_else(machine, server, config):
    machine.disk.write_bytes(image.make())
    server.answers, server.paths = [(200, config)], []
    told = [source(server), early(server.ca)]
    for requests in (1, 1):     # the second time it has one
        machine.start(*told)
        machine.says("already-installed disk=/dev/vda")
        machine.says(f"disk-boot hostname=edge-7 sha256={digest(config)}")
        assert machine.is_off()
        assert len(server.paths) == requests
        assert not machine.said("edge-guest: installed")


def test_halt_if_installed(machine, server, config):
    machine.disk.write_bytes(image.make())
    server.answers, server.paths = [(200, config)], []
    told = [source(server), early(server.ca), "edge.guest=stay"]
    machine.start(*told, "talos.halt_if_installed=1")
    machine.says("halted reason=installed")
    assert server.paths == []
    machine.start(*told)
    machine.says("disk-boot ")


def test_an_error_and_a_bad_config_are_asked_for_again(machine, server, config):
    bad = config.replace("machine:\n", "machine:\n    tipe: x\n", 1)
    server.answers = [(503, "KE-503 store\n"), (200, bad), (200, ""), (200, config)]
    machine.start(source(server), early(server.ca), "edge.guest=halt-after-config")
    machine.says("fetch try=1 status=503 body=KE-503 store")
    machine.says("fetch try=2 status=200")
    assert "tipe" in machine.says("invalid reason=")
    machine.says("no-config")
    machine.says(f"config sha256={digest(config)} ")
    machine.says("off")
    assert machine.is_off()
    assert not machine.said("installed")


def test_a_partial_config_ends_in_maintenance(machine, server, config):
    server.answers = [(200, PARTIAL)]
    machine.start(source(server), early(server.ca))
    machine.says("maintenance reason=no v1alpha1 document")
    assert not machine.said("edge-guest: (config|installed)")

    server.answers = [(200, config + "---\n" + PARTIAL.replace(
        "HostnameConfig\nauto: stable", "KmsgLogConfig\nname: x\nurl: tcp://10.0.2.9:1"))]
    machine.start(source(server), early(server.ca), "edge.guest=halt-after-config")
    machine.says("config ")


def test_only_a_trusted_ca_is_listened_to(machine, server, other_ca, config, tmp_path):
    server.answers, server.paths = [(200, config)], []
    refused = "fetch try=2 status=0 error=.*certificate signed by unknown authority"
    machine.start(source(server), early(other_ca))
    machine.says(refused)
    machine.start(source(server))
    machine.says(refused)
    assert server.paths == []

    # a root of the image itself: how a public CA is played
    initramfs = archive.append(GUEST / "initramfs", tmp_path / "initramfs",
                               {"etc/ssl/certs/ca.pem": server.ca.read_bytes()})
    machine.start(source(server), "edge.guest=halt-after-config", initramfs=initramfs)
    machine.says("config ")


def test_a_wrong_clock_shows(machine, server, config):
    server.answers = [(200, config)]
    told = [source(server), early(server.ca), "edge.guest=halt-after-config"]
    machine.start(*told, extra=["-rtc", "base=2018-01-01"])
    machine.says("up .*time=2018-01-01T")
    machine.says("fetch try=1 status=0 error=.*not yet valid")
    machine.start(*told)
    machine.says("config ")


def test_a_command_line_talos_would_not_boot_with(machine, server, config):
    server.answers, server.paths = [(200, config)], []
    machine.start(source(server), early(server.ca), "pti=off")
    machine.says("failed reason=pti=on is not on the command line")
    assert machine.is_off() and server.paths == []
    machine.start(source(server), early(server.ca), "pti=on", "edge.guest=halt-after-config")
    machine.says("config ")


def test_a_power_cut_in_the_middle_of_the_config(machine, server, config):
    server.answers = [(200, config)]
    machine.start(source(server), early(server.ca), "edge.guest=pause-in-config=600")
    machine.says("config-half")
    assert not machine.said("edge-guest: (config |installed)")
    machine.start(source(server), early(server.ca), "edge.guest=pause-in-config=0")
    machine.says("config ")
    machine.says("installed ")


def test_a_disk_that_is_not_there(machine, server, config):
    told = [source(server), early(server.ca)]
    server.answers = [(200, config.replace("/dev/vda", "/dev/vdz"))]
    machine.start(*told)
    machine.says("failed reason=machine.install.disk: no /dev/vdz")
    assert machine.is_off()
    server.answers = [(200, config.replace("/dev/vda", "/dev/disk/by-id/virtio-SN7"))]
    machine.start(*told)
    machine.says("installed disk=/dev/vda")
