"""What a case is given: boot. Everything is made when first asked for and gone
when the case ends."""

import json
import os
import re
import shutil
import signal
import subprocess
import sys
import time
import traceback

from lab import paths

from . import net, site as sites
from .cloud import Cloud
from .pki import Pki
from .process import Failed
from .supply import Supply

FOLDER = paths.TREE / "build" / "boot"
SHOWN = 160


class Boot:
    """See the package's own text for what cases do with it."""

    def __init__(self, number, edits=()):
        self.number = number
        self.folder = FOLDER / f"case-{number:02}"
        self.logs = self.folder / "log"
        shutil.rmtree(self.folder, ignore_errors=True)
        self.logs.mkdir(parents=True)
        subprocess.run(["mount", "-t", "tmpfs", "-o", "mode=755", "run", "/run"],
                       check=True)
        self.machines, self.sites, self.notes = [], [], []
        self.talos = os.environ.get("GUEST") == "talos"
        self.central = None
        self.space = net.Cloud()
        self.pki = Pki(self.folder / "pki")
        self.supply = Supply(self.folder, self.folder / "assets", self.pki, edits)
        self.cloud = Cloud(self.space, self.folder, self.supply, self.pki)
        self.gate, self.matchbox = self.cloud.gate, self.cloud.matchbox
        self.dns = self.cloud.dns
        sites.make_folders(self.supply.assets)

    # ---- what a case asks for ----

    def site(self, name, dhcp="full"):
        made = sites.Site(self, name, dhcp)
        self.sites.append(made)
        return made

    def central_dhcp(self, *names):
        """One DHCP server with the files of several sites that relay."""
        self.central = sites.Central(self, names)
        self.central.server.start()
        return self.central.server

    def rerender(self, *edits):
        """Change the inventory, render, publish to Matchbox and gate."""
        self.supply.edit(*edits)
        self.supply.render()
        self.gate.import_nodes()

    def assert_state(self, node, state):
        name = getattr(node, "name", node)
        found = self.gate.record(name)["state"]
        if found != state:
            raise Failed(f"{name} is {found}, not {state}")

    def delivered(self, machine):
        """Wait until a machine that is on has installed what the gate sent and
        the gate says so; the facts that the guest printed of its config. Real
        Talos prints none: then the gate's word that it has its config is all."""
        if self.talos:
            self.gate.wait_request(
                "a config that Talos fetched", lambda row: row["status"] == 200
                and row["stage"] == "config" and row["node"] == machine.name,
                timeout=300)
            self.assert_state(machine, "delivered")
            return None
        machine.guest("up")
        config = machine.guest("config")
        machine.guest("installed")
        self.assert_state(machine, "delivered")
        return config

    def note(self, text):
        """A line for the person who reads the result."""
        self.notes.append(text)

    def keep(self, machine):
        self.machines.append(machine)
        return machine

    # ---- the end ----

    def stop(self):
        for machine in self.machines:
            if machine.process is not None:
                machine.process.kill()
        for made in self.sites:
            made.stop()
        if self.central is not None:
            self.central.server.kill()
        self.cloud.stop()

    def clean(self):
        """Keep logs, configuration and what was rendered; not the disks."""
        for pattern in ("disk-*.img", "vars-*.fd", "assets/*"):
            for path in self.folder.glob(pattern):
                path.unlink()

    def last_words(self):
        """The four lines that matter when a boot failed."""
        machine = max((m for m in self.machines if m.process),
                      key=lambda m: m.began, default=None)
        console = machine.console() if machine else []
        dhcp = [line for line in machine.site.dhcp_log()
                if re.search(r"DHCP[A-Z]+\(|PXE\(", line.text)] if machine else []
        asked = [f"{r['listener']} \"{r['request']}\" {r['status']} {r['reason']}"
                 for r in self.gate.requests()]
        audit = [f"{a.get('action')} {a.get('node')} {a.get('reason')}"
                 for a in self.gate.audit()]
        for name, lines in (("console", console), ("DHCP", dhcp),
                            ("gate", asked), ("audit", audit)):
            last = str(lines[-1])[:SHOWN] if lines else "nothing"
            yield f"  {name:<8} {last}"
        yield f"  logs     {self.logs.relative_to(paths.TREE)}/"


def legs(machine):
    """[(leg, seconds)] of a machine's last boot, from its console and the logs
    of DHCP servers and gate."""
    began, over = machine.began, machine.process.over
    acks = [line for line in machine.site.dhcp_log() if began <= line.time <= over
            and re.search(rf"DHCPACK\(\S+\) \S+ {machine.mac}", line.text)]
    own = {re.search(r"DHCPACK\(\S+\) (\S+)", line.text)[1] for line in acks}
    asked = [row for row in machine.site.boot.gate.requests()
             if row["remote"] in own and began <= row["began"] <= over]
    files = [row["time"] for row in asked if "/assets/" in row["request"]
             and row["status"] == 200]
    config = [row["time"] for row in asked if row["stage"] == "config"
              and row["status"] == 200]

    def console(pattern):
        line = machine.says(pattern)
        return [line.time] if line else []

    marks = [("firmware, DHCP", [line.time for line in acks][:1]),
             ("ROM, first request", [row["began"] for row in asked][:1]),
             ("kernel and initramfs", files[-1:]),
             ("kernel up", console("edge-guest: up")),
             ("config", config[:1]),
             ("installed", console("edge-guest: installed")),
             ("from disk", console("edge-guest: disk-boot"))]
    found, last = [], began
    for name, times in marks:
        if times and times[0] >= last:
            found.append((name, times[0] - last))
            last = times[0]
    return found


def show_legs(machine):
    return "  ".join(f"{name} {seconds:.1f}" for name, seconds in legs(machine))


def keep_legs(boot):
    """For `make bench`, which has only what a case leaves behind."""
    (boot.logs / "legs.json").write_text(json.dumps(
        [[m.label, m.firmware, legs(m)] for m in boot.machines
         if m.process is not None]))


def tls(machine):
    """What the machine's ROM and guest negotiated, by listener."""
    seen = {}
    for row in machine.site.boot.gate.requests():
        if row["began"] >= machine.began:
            seen[row["listener"]] = f"{row['protocol']} {row['cipher']}"
    return ", ".join(f"{name.split('.')[0]} {what}" for name, what in seen.items())


def _limit(seconds):
    def over(*_):
        raise Failed(f"not over after {seconds} s")
    signal.signal(signal.SIGALRM, over)
    signal.alarm(seconds)


def play(number, case):
    """Run one case; did it come out as it must?"""
    print(f"boot {number}: {case.TITLE}", flush=True)
    boot = None
    try:
        _limit(case.LIMIT)
        boot = Boot(number, getattr(case, "EDITS", ()))
        began = time.monotonic()
        case.run(boot)
        took = time.monotonic() - began
        signal.alarm(0)
    except Exception as error:      # whatever it was, the case did not pass
        signal.alarm(0)
        if not isinstance(error, (AssertionError, RuntimeError)):
            traceback.print_exc(file=sys.stdout)
        print(f"boot {number}: FAILED: {error or type(error).__name__}")
        if boot is not None:
            print(*boot.last_words(), sep="\n", flush=True)
        return False
    finally:
        signal.alarm(0)
        if boot is not None:
            boot.stop()
            boot.clean()
    keep_legs(boot)
    for machine in boot.machines:
        if machine.process is not None and (line := show_legs(machine)):
            print(f"  {machine.label} ({machine.firmware}): {line}")
            if os.environ.get("ROM"):
                print(f"  {machine.label}: TLS: {tls(machine)}")
    for note in boot.notes:
        print(f"  {note}")
    print(f"boot {number}: ok in {took:.1f} s", flush=True)
    return True
