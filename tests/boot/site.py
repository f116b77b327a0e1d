"""An edge site: a router with its LAN, DHCP servers with the files we rendered,
and the machines of the LAN.

Site number i (edge-site-1 is 0) has 10.0.(20+i).0/24: .1 is the router, on the
bridge lan(i+1), which relays name as circuit id; .2 and .3 are DHCP servers,
each in a namespace of its own with the interface eth0. A site with a relay has
no server of its own: the central one is 192.0.2.2.
"""

import os
import pathlib
import re
import shutil
import signal

from lab import paths

from . import net
from .cloud import DNS_ADDRESS
from .process import Failed, Process
from .qemu import Machine

IPXE = paths.TOOLS / "ipxe" / "usr" / "lib" / "ipxe"
RELAY = paths.TOOLS / "guest" / "usr" / "sbin" / "dhcrelay"
SCRIPT = paths.TREE / "deploy" / "ipxe" / "edge.ipxe"
TFTP, OPTIONS = pathlib.Path("/run/tftp"), pathlib.Path("/run/options")
CENTRAL = "192.0.2.2"

# Debian's own choice of user and group; tokens are readable by the latter.
USER, GROUP = "dnsmasq", "dip"
DNSMASQ = ("/usr/sbin/dnsmasq", "--keep-in-foreground", "--pid-file=",
           f"--user={USER}", f"--group={GROUP}",
           "--log-facility=-", "--log-dhcp", "--port=0", "--leasefile-ro")


def make_folders(assets):
    """A folder for tokens, readable by dnsmasq alone; and one for TFTP, with
    Debian's iPXE and our script twice, for a ROM that is told of it and for one
    that looks for autoexec.ipxe. ROM=/path replaces the program of its kind.
    The gate has what UEFI firmware fetches by HTTPS itself."""
    TFTP.mkdir(mode=0o755)
    OPTIONS.mkdir(mode=0o750)
    shutil.chown(OPTIONS, group=GROUP)
    for name in ("snponly.efi", "undionly.kpxe"):
        shutil.copy(IPXE / name, TFTP / name)
    for name in ("edge.ipxe", "autoexec.ipxe"):
        shutil.copy(SCRIPT, TFTP / name)
    shutil.copy(SCRIPT, assets / "autoexec.ipxe")
    shutil.copy(IPXE / "ipxe-amd64.efi", assets / "ipxe.efi")
    if rom := os.environ.get("ROM"):
        efi = pathlib.Path(rom).read_bytes()[:2] == b"MZ"
        shutil.copy(rom, TFTP / ("snponly.efi" if efi else "undionly.kpxe"))


class Dhcp:
    """A dnsmasq with rendered files. start, stop (in order), kill (no word),
    reload (SIGHUP: reads the folder of options again)."""

    def __init__(self, name, space, files, log, more=()):
        self.name, self.space, self.files = name, space, list(files)
        self.log, self.more = log, list(more)
        self.process = None
        self.past = []      # lines of earlier lives

    def start(self):
        for file in self.files:
            if not file.exists():
                raise Failed(f"{self.name}: no file {file}")
        folder = pathlib.Path("/run") / f"conf-{self.name}"
        folder.mkdir(exist_ok=True)
        for file in self.files:
            shutil.copy(file, folder / file.name)
        if self.process is not None:
            self.past += self.process.lines.all()
        self.process = Process(self.name, [
            *DNSMASQ, "--conf-file=/dev/null", f"--conf-dir={folder},*.conf",
            *self.more], self.log, self.space)
        self.process.start().ready(r"dnsmasq-dhcp.*(DHCP|IP) range|started")
        return self

    def lines(self):
        """Everything it ever said, with times."""
        return self.past + (self.process.lines.all() if self.process else [])

    def reload(self):
        """A proxy takes its URLs at its start, so it starts anew."""
        if self.process is None or not self.process.running:
            return
        if any("conf-script=" in file.read_text() for file in self.files):
            self.stop()
            self.start()
        else:
            since = len(self.process.lines)
            self.process.send(signal.SIGHUP)
            if self.process.lines.wait(f"read {OPTIONS}/", since, 20) is None:
                raise Failed(f"{self.name} does not read {OPTIONS} at SIGHUP")

    def stop(self):
        if self.process is not None and self.process.running:
            self.process.send(signal.SIGTERM)
            self.process.wait(5)
        self.kill()

    def kill(self):
        if self.process is not None:
            self.process.kill()


class Central:
    """The DHCP server of sites that only relay, somewhere on the Internet."""

    def __init__(self, boot, sites):
        space = net.Namespace("dhcp-central")
        net.cable(boot.space, "central", space, "eth0")
        boot.space.address("central", "192.0.2.1/30")
        space.address("eth0", f"{CENTRAL}/30")
        space.route("192.0.2.1")
        self.server = Dhcp("dhcp-central", space,
                           [boot.supply.dhcp(name) for name in sites],
                           boot.logs / "dhcp-central.log")


class Site:
    """dhcp says who answers: full (we), proxy (the router, and we tell of the
    boot), relay (a central server of ours), two (two of ours), none.

    servers: the Dhcp objects, started. router_dhcp: that of dhcp="proxy"."""

    def __init__(self, boot, name, dhcp):
        self.boot, self.name, self.mode = boot, name, dhcp
        self.number = int(name.rsplit("-", 1)[1]) - 1
        self.prefix = f"10.0.{20 + self.number}"
        self.lan = f"lan{self.number + 1}"
        self.space = net.Namespace(f"site{self.number + 1}")
        self.servers, self.router_dhcp, self.relay = [], None, None
        self.tftp = TFTP
        self._nodes = 0
        self._wire()
        getattr(self, f"_dhcp_{dhcp}")()

    def _wire(self):
        cloud, i = self.boot.space, self.number
        self.space.bridge(self.lan)
        self.space.address(self.lan, f"{self.prefix}.1/24")
        net.cable(cloud, f"site{i + 1}", self.space, "wan")
        cloud.address(f"site{i + 1}", f"198.51.100.{4 * i + 1}/30")
        self.space.address("wan", f"198.51.100.{4 * i + 2}/30")
        self.space.route(f"198.51.100.{4 * i + 1}")
        self.space.write("ipv4/ip_forward", 1)
        cloud.route(f"198.51.100.{4 * i + 2}", f"{self.prefix}.0/24")

    def _server(self, number, file, more=()):
        """A host of the LAN that serves DHCP."""
        name = f"{self.space.name}-dhcp{number}"
        space = net.Namespace(name)
        net.cable(self.space, f"dhcp{number}", space, "eth0")
        self.space.ip("link", "set", f"dhcp{number}", "master", self.lan, "up")
        space.address("eth0", f"{self.prefix}.{number + 1}/24")
        space.route(f"{self.prefix}.1")
        server = Dhcp(name, space, [file], self.boot.logs / f"{name}.log", more)
        self.servers.append(server.start())

    def _dhcp_none(self):
        """Nobody: the case starts its own."""

    def _dhcp_full(self):
        self._server(1, self.boot.supply.dhcp(self.name))

    def _dhcp_two(self):
        for number in (1, 2):
            self._server(number, self.boot.supply.dhcp(f"{self.name}-{number}"))

    def _dhcp_proxy(self):
        """The router's DHCP knows nothing of booting."""
        log = self.boot.logs / f"{self.space.name}-router.log"
        self.router_dhcp = Process("the router's DHCP", [
            *DNSMASQ, "--conf-file=/dev/null", f"--interface={self.lan}",
            "--bind-interfaces",
            f"--dhcp-range={self.prefix}.100,{self.prefix}.199,1h",
            f"--dhcp-option=option:dns-server,{DNS_ADDRESS}"], log, self.space)
        self.router_dhcp.start().ready("started")
        self._dhcp_full()

    def _dhcp_relay(self):
        """The router relays, and says through which of its interfaces."""
        log = self.boot.logs / f"{self.space.name}-relay.log"
        self.relay = Process("relay", [
            RELAY, "-d", "-4", "-a", "-pf", "/dev/null", "-id", self.lan,
            "-iu", "wan", CENTRAL], log, self.space)
        self.relay.start().ready("Sending on")

    def reload(self):
        """Have the DHCP servers read their folder of options again."""
        for server in self.dhcp_servers():
            server.reload()

    def dhcp_servers(self):
        central = self.boot.central
        return [central.server] if self.mode == "relay" and central else self.servers

    def token(self, node, *options):
        """Arm a node; its token reaches the DHCP servers as an operator's
        does. Returns the token."""
        name = getattr(node, "name", node)
        gate = self.boot.gate
        gate.auth("token", "create", name, "--dnsmasq", OPTIONS, *options)
        lines = pathlib.Path(OPTIONS, f"{name}.conf").read_text()
        token = re.search(r"/t/(ket1_\w+)/", lines).group(1)
        gate.secrets.add(token)
        self.reload()
        return token

    def revoke(self, node):
        """Void a node's token, here and at the DHCP servers."""
        name = getattr(node, "name", node)
        self.boot.gate.auth("token", "revoke", name, "--dnsmasq", OPTIONS)
        self.reload()

    def node(self, name, firmware="uefi", **more):
        """The machine that the inventory tells of; see qemu.Machine for more
        (uuid=, serial=, mac= make another machine of it)."""
        hardware = self.boot.supply.hardware(name)
        facts = {"uuid": hardware.uuid, "serial": hardware.serial,
                 "mac": hardware.mac, **more}
        return self.machine(name, firmware, **facts)

    def machine(self, name, firmware, **facts):
        """Any machine on this LAN."""
        self._nodes += 1
        tap = f"tap{self._nodes}"
        self.space.tap(tap, self.lan)
        return self.boot.keep(Machine(self, name, firmware, tap, **facts))

    def dhcp_log(self):
        """What all DHCP servers of this site said, the router's included, in
        order of time."""
        said = [line for server in self.dhcp_servers() for line in server.lines()]
        if self.router_dhcp is not None:
            said += self.router_dhcp.lines.all()
        return sorted(said, key=lambda line: line.time)

    def stop(self):
        for server in self.servers:
            server.kill()
        for process in (self.router_dhcp, self.relay):
            if process is not None:
                process.kill()
