"""Machines: QEMU without KVM, one processor, one disk, one NIC on a site's LAN."""

import pathlib
import re
import shutil

from lab import paths

from .process import Failed, Process

OVMF_CODE = pathlib.Path("/usr/share/OVMF/OVMF_CODE_4M.fd")
OVMF_VARS = pathlib.Path("/usr/share/OVMF/OVMF_VARS_4M.fd")
NIC_ROM = (paths.TOOLS / "guest" / "usr" / "lib" / "ipxe" / "qemu"
           / "pxe-virtio.rom")
DISK_BYTES = 2 << 30
MEMORY_MIB = 1024
TALOS_MEMORY_MIB = 2048     # the least that Talos itself asks for

FIRMWARE = ("uefi", "uefi-http", "bios")


class Machine:
    """A machine of a site.

    firmware: uefi (PXE), uefi-http (the firmware fetches by HTTPS itself), bios
    (the NIC's ROM is an iPXE without HTTPS). order: "disk" tries the disk before
    the network, "net" the other way round. ca: the PEM file of the root that
    UEFI firmware trusts, instead of the run's own. extra: more arguments for
    QEMU, e.g. ("-rtc", "base=2018-01-01"). usb: image file of a stick, tried
    first. disk: a Path, to go on with another machine's. label: what to call it,
    if there are two of a name.

    Nothing here resets a machine behind the test's back: a guest's reboot is
    one, and the firmware chooses anew what it boots.
    """

    def __init__(self, site, name, firmware, tap, *, uuid, serial, mac,
                 order="disk", ca=None, extra=(), usb=None, disk=None,
                 label=None):
        if firmware not in FIRMWARE:
            raise ValueError(f"firmware {firmware!r}, not one of {FIRMWARE}")
        self.site, self.name, self.firmware, self.tap = site, name, firmware, tap
        self.uuid, self.serial, self.mac = uuid, serial, mac
        self.order, self.extra, self.usb = order, list(extra), usb
        boot = site.boot
        self.label = label or name
        label = f"{self.label}-{tap}-{site.space.name}"
        self.log = boot.logs / f"console-{label}.log"
        self.disk = disk or boot.folder / f"disk-{label}.img"
        self.variables = boot.folder / f"vars-{label}.fd"
        self.siglist = boot.pki.siglist(ca)
        self.process = None
        self.cursor = 0
        if disk is None:
            self.blank_disk()
        if firmware != "bios":
            shutil.copy(OVMF_VARS, self.variables)

    # ---- power ----

    def power_on(self):
        """Start it. Its console begins anew, in the same log."""
        if self.running:
            raise Failed(f"{self.label} is on already")
        self.cursor = 0
        self.process = Process(f"{self.label}'s machine", self.argv(), self.log,
                               self.site.space).start()
        return self

    @property
    def running(self):
        return self.process is not None and self.process.running

    def power_cut(self):
        """The plug is pulled."""
        self.process.kill()

    def wait_off(self, timeout=120.0):
        """Wait until the machine switches itself off."""
        if not self.process.wait(timeout):
            raise Failed(f"{self.label} is still on after {timeout:g} s")

    def blank_disk(self):
        """A new disk, with nothing on it."""
        with open(self.disk, "wb") as disk:
            disk.truncate(DISK_BYTES)

    # ---- console ----

    @property
    def began(self):
        """When it was switched on, as time.time()."""
        return self.process.began

    def console(self):
        """All lines since power_on, each with .time and .text."""
        return self.process.lines.all()

    def expect(self, pattern, timeout=180.0, whole=False):
        """Wait for a line that holds pattern (a regular expression), after the
        one that was found last. Returns the Line; .match has its groups. A
        prompt is found as well, unless whole."""
        found = self.process.lines.wait(pattern, self.cursor, timeout, whole)
        if found is None:
            if self.process.lines.ended:
                raise Failed(f"{self.label} is off; its console never said "
                             f"{pattern!r}")
            raise Failed(f"the console does not say {pattern!r} "
                         f"within {timeout:g} s")
        index, line, line.match = found
        self.cursor = index + 1
        return line

    def says(self, pattern):
        """Did the console say that since power_on? The Line, or None."""
        found = self.process.lines.find(pattern)
        return found[1] if found else None

    def never(self, pattern):
        """The console may not have said that."""
        if line := self.says(pattern):
            raise Failed(f"the console says {line.text!r}")

    def guest(self, event, timeout=180.0):
        """Wait for a line `edge-guest: EVENT key=value ...`; the dict."""
        line = self.expect(rf"edge-guest: {event}(\s|$)", timeout, True)
        words = line.text.partition(f"edge-guest: {event}")[2].split()
        facts = dict(re.match(r"([^=]*)=?(.*)", word).groups() for word in words)
        return {**facts, "time": line.time}

    # ---- QEMU ----

    def argv(self):
        disk, nic = (1, 2) if self.order == "disk" else (2, 1)
        bios = self.firmware == "bios"
        argv = [
            "qemu-system-x86_64", "-accel", "tcg", "-smp", "1",
            "-m", TALOS_MEMORY_MIB if self.site.boot.talos else MEMORY_MIB,
            "-nodefaults", "-display", "none",
            "-machine", "pc,graphics=off" if bios else "q35",
            "-chardev", "stdio,id=console,signal=off", "-serial", "chardev:console",
            "-uuid", self.uuid, "-smbios", f"type=1,serial={self.serial}",
            "-object", "rng-random,id=rng,filename=/dev/urandom",
            "-device", "virtio-rng-pci,rng=rng",
            "-netdev", f"tap,id=lan,ifname={self.tap},script=no,downscript=no",
            "-device", f"virtio-net-pci,netdev=lan,mac={self.mac},bootindex={nic},"
            # The ROM is for a NIC of virtio 1.0, and checks that.
            f"disable-legacy=on,romfile={NIC_ROM if bios else ''}",
            "-drive", f"if=none,id=disk,format=raw,cache=unsafe,file={self.disk}",
            "-device", f"virtio-blk-pci,drive=disk,bootindex={disk}"]
        if not bios:
            argv += self._uefi()
        if self.usb is not None:
            argv += ["-device", "qemu-xhci",
                     "-drive", f"if=none,id=stick,format=raw,readonly=on,file={self.usb}",
                     "-device", "usb-storage,drive=stick,bootindex=0"]
        return argv + self.extra

    def _uefi(self):
        pflash = "if=pflash,format=raw"
        argv = ["-drive", f"{pflash},unit=0,readonly=on,file={OVMF_CODE}",
                "-drive", f"{pflash},unit=1,file={self.variables}",
                "-fw_cfg", f"name=etc/edk2/https/cacerts,file={self.siglist}"]
        if self.firmware == "uefi-http":
            for family in ("IPv4", "IPv6"):
                argv += ["-fw_cfg", f"name=opt/org.tianocore/{family}PXESupport,"
                                    "string=no"]
        return argv
