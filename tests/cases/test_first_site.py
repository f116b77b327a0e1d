"""deploy/docs/first-site.md, followed to the letter: its blocks run in order, with
the real programs, nginx and Matchbox, and at its end the nodes have booted.

A comment in the page says what the test does at a place:

    <!-- by hand: WHY -->          the next block is not run; see test_by_hand
    <!-- is refused: NODE -->      the machine NODE is switched on, too early
    <!-- boots: NODE -->           and in time
    <!-- boots its disk: NODE -->  and again, when it has joined

What is not real: the machine (lab.rom and `talos-oracle node`), the Image Factory
(factory), talosctl (talos-oracle makes the bundle), sudo (does without), systemctl
(it keeps a list, and what is enabled is started from its unit). The values of the page's first
block are the test's: another folder, another address, everything on one machine.
Run by root, gate and Matchbox get users of their own, as on the page.
"""
import base64
import grp
import json
import os
import pathlib
import pwd
import re
import shlex
import struct
import subprocess
import tempfile

import pytest

import configgen_lab as lab
from factory import Factory
from lab import node as talos
from lab import rom
from lab.address import (PORT_BOOT, PORT_BOOT_MTLS, PORT_CONFIG,
                         PORT_MATCHBOX, Address)
from lab.daemon import Daemon
from lab.gatefront import PEPPERED, WRAPPER

TREE = lab.ROOT
PAGE = TREE / "deploy/docs/first-site.md"
PART = re.compile(r"^<!-- (?P<word>by hand|is refused|boots|boots its disk): (?P<what>.+) -->$"
                  r"|^```sh (?P<where>\w+)\n(?P<text>(?:.*\n)*?)```$", re.M)
# The first line of a block, for a reader who does not see its word.
WHERE = {"env": "# ~/edge-site.env", "work": "# on work",
         "gate": "# on gate, as root", "dhcp": "# on dhcp, as root"}

WRAPPED = """#!/bin/sh
case "$1 ${{2-}}" in
{words}) exec {program} "$@" {more} ;;
*) exec {program} "$@" ;;
esac
"""
TALOSCTL = """#!/bin/sh
# talosctl gen secrets -o FILE
[ "$1 $2 $3" = "gen secrets -o" ] && exec {oracle} gen-secrets >"$4"
exit 2
"""
SUDO = """#!/bin/sh
exec "$@"
"""
SYSTEMCTL = """#!/bin/sh
echo "$@" >>{calls}
"""


def parts(text):
    """("run", machine, text), ("by hand", why, text), ("boots", node, "")..."""
    hand = None
    for match in PART.finditer(text):
        if match["where"]:
            assert match["text"].startswith(WHERE[match["where"]] + "\n")
        if match["word"] == "by hand":
            hand = match["what"]
        elif match["word"]:
            yield match["word"], match["what"], ""
        elif hand:
            yield "by hand", hand, match["text"]
            hand = None
        else:
            yield "run", match["where"], match["text"]


PARTS = list(parts(PAGE.read_text()))
BY_HAND = [part for part in PARTS if part[0] == "by hand"]


def uefi_program():
    """The head of one for x86-64, for edge-pki to look at."""
    head = bytearray(4096)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3c, 0x80)
    head[0x80:0x86] = b"PE\0\0" + struct.pack("<H", 0x8664)
    return bytes(head)


class Reader:
    """Somebody who does what the page says."""

    def __init__(self, folder, factory):
        self.folder, self.address = folder, Address()
        self.host = self.address.host
        self.values = self.choose(factory.url)
        self.daemons, self.machines, self.said = [], {}, []
        self.calls = folder / "systemctl.calls"
        for name in ("bin", "home", "units"):
            (folder / name).mkdir()
        self.program("talosctl", TALOSCTL.format(
            oracle=lab.TOOLS / "talos-oracle"))
        self.program("sudo", SUDO)
        self.program("systemctl", SYSTEMCTL.format(calls=self.calls))
        (folder / "bin/sops").symlink_to(lab.TOOLS / "sops")
        self.relocate()

    def choose(self, factory):
        """The first block's values: one machine, any user, ports that are free."""
        urls = {name: f"https://{self.host}:{port}" for name, port in (
            ("BOOT_URL", PORT_BOOT), ("CONFIG_URL", PORT_CONFIG))}
        other = self.host.rpartition(".")[0] + ".2"
        us = pwd.getpwuid(os.geteuid()).pw_name
        gate, matchbox = ("daemon", "www-data") if us == "root" else (us, us)
        group = grp.getgrgid(os.getegid()).gr_name
        below = {name: str(self.folder / name.lower()) for name in (
            "INBOX", "WORK", "PREFIX", "CONF", "STATE", "MATCHBOX_DATA",
            "UNITS", "DNSMASQ", "OPTIONS", "TFTP")}
        return {
            **below, **urls, "BOOT": self.host, "BOOT_MTLS": other,
            "CONFIG": self.host, "BOOT_LISTEN": f"{self.host}:{PORT_BOOT}",
            "BOOT_MTLS_LISTEN": f"{other}:{PORT_BOOT_MTLS}",
            "CONFIG_LISTEN": f"{self.host}:{PORT_CONFIG}",
            "BOOT_MTLS_URL": f"https://{other}:{PORT_BOOT_MTLS}",
            "TRUST_DOMAIN": "edge.example.net",
            "ENDPOINT": "https://kube.example.net:6443", "FACTORY": factory,
            "ON_GATE": "sh -c", "ON_DHCP": "sh -c",
            "MATCHBOX": f"{self.host}:{PORT_MATCHBOX}", "GATE_USER": gate,
            "MATCHBOX_USER": matchbox,
            "DHCP_GROUP": "dip" if us == "root" else group,
            "SOPS_AGE_KEY_FILE": str(self.folder / "work/age.key")}

    def program(self, name, text):
        path = self.folder / "bin" / name
        path.write_text(text)
        path.chmod(0o755)

    def relocate(self):
        """Folders of a default installation are compiled in; here they differ."""
        at = self.values
        installed = pathlib.Path(at["PREFIX"])
        self.program("talos-configgen", WRAPPED.format(
            program=installed / "bin/talos-configgen", words="lint* | render*",
            more=f"-p {installed}/share/talos-configgen"))
        self.program("edge-pki", WRAPPED.format(
            program=installed / "bin/edge-pki", words="export\\ usb",
            more=f"--script {installed}/share/edge-auth/ipxe/edge.ipxe"))
        self.program("edge-auth", WRAPPER.format(
            program=installed / "sbin/edge-auth", store=f"{at['STATE']}/store",
            pepper=f"{at['CONF']}/pepper",
            peppered=" | ".join(f'"{" ".join(verb)}"'
                                for verb in sorted(PEPPERED))))

    # ---- what the page has one do ----

    def env(self, text):
        """The page's first block, with our values for its names."""
        def ours(match):
            return f"{match[1]}{match[2]}={shlex.quote(self.values[match[2]])}"
        text = re.sub(r"(?m)^(export )?([A-Z_]+)=.*$",
                      lambda m: ours({1: m[1] or "", 2: m[2]}), text)
        assert set(re.findall(r"(?m)^(?:export )?([A-Z_]+)=", text)) == (
            self.values.keys())
        (self.folder / "home/edge-site.env").write_text(text)

    def shell(self, text, check=True):
        environment = {
            "PATH": f"{self.folder}/bin:/usr/sbin:/usr/bin:/sbin:/bin",
            "HOME": str(self.folder / "home"), "LC_ALL": "C.UTF-8",
            **{name: os.environ[name] for name in ("GOFLAGS", "GOPROXY")
               if name in os.environ}}
        done = subprocess.run(
            ["sh", "-euc", f". ~/edge-site.env\n{text}"], cwd=TREE, text=True,
            stdin=subprocess.DEVNULL, capture_output=True, timeout=120,
            env=environment)
        if check:
            assert done.returncode == 0, f"{text}\n{done.stdout}{done.stderr}"
        return done

    def run(self, text):
        before = len(self.called())
        self.said.append((text, self.shell(text).stdout))
        for call in self.called()[before:]:
            if call.startswith("enable --now "):
                for unit in call.split()[2:]:
                    self.start(unit)

    def called(self):
        return (self.calls.read_text().splitlines() if self.calls.exists()
                else [])

    def start(self, unit):
        """As systemd does what the unit says."""
        text = (self.folder / "units" / f"{unit}.service").read_text()
        line, = re.findall(r"(?m)^ExecStart=(.*)$", text)
        user = re.findall(r"(?m)^User=(.*)$", text)
        become = [f"--reuid={user[0]}", "--clear-groups"] if (
            user and os.geteuid() == 0) else []
        daemon = Daemon(unit, ["setpriv", *become, "--", *shlex.split(line)],
                        self.folder / f"{unit}.log",
                        env={"PATH": "/usr/sbin:/usr/bin"})
        self.daemons.append(daemon)
        port = PORT_MATCHBOX if unit == "matchbox" else PORT_CONFIG
        daemon.start((self.host, port))

    def by_hand(self, text):
        """Two of them make files: the build is asked what it would do, and in
        the place of Debian's iPXE stands the head of a UEFI program."""
        if "ipxe/build" in text:
            self.said.append((text, self.shell(text.replace(
                "ipxe/build", "ipxe/build --dry-run")).stdout))
        for name in re.findall(r"(?m)^cp build/tools/ipxe/\S+/(\S+)", text):
            (self.folder / "work/rom").mkdir(exist_ok=True)
            (self.folder / "work/rom" / name).write_bytes(uefi_program())

    # ---- machines ----

    def hardware(self, name):
        document = json.loads((self.folder / "work/out/publish/nodes.json")
                              .read_text())
        ids = document["nodes"][name]
        return rom.Hardware(uuid=ids["uuid"], mac=ids["macs"][0],
                            serial=ids["serial"], hostname=name)

    def rom_of(self, name):
        """(ROM, boot URL): from DHCP's folder, or from the stick's files."""
        root = self.folder / "work/pki/trust/boot-root.pem"
        options = self.folder / "options" / f"{name}.conf"
        if options.exists():
            url, = re.findall(r"(?m)^tag:edge-url,tag:node-\S+?,"
                              r"option:bootfile-name,(\S+)$",
                              options.read_text())
            return rom.Rom(self.hardware(name), ca=root), url
        script = subprocess.run(
            ["mcopy", "-i", f"{self.folder / 'work'}/edge-site-2.img@@1M",
             "::/autoexec.ipxe", "-"], capture_output=True, text=True,
            check=True, timeout=60).stdout
        pair = {what: self.pem(script, what, tool) for what, tool in (
            ("cert", "x509"), ("privkey", "rsa"))}
        url, = re.findall(r"(?m)^set edge-gate-1 (\S+)$", script)
        return rom.Rom(self.hardware(name), ca=root, cert=pair["cert"],
                       key=pair["privkey"]), url

    def pem(self, script, what, tool):
        digits, = re.findall(rf"(?m)^set {what}:hex (\S+)$", script)
        path = self.folder / f"stick-{what}.pem"
        subprocess.run(["openssl", tool, "-inform", "DER", "-out", path],
                       input=bytes.fromhex(digits.replace(":", "")),
                       check=True, capture_output=True, timeout=60)
        return path

    def boot(self, name):
        """Power on: ROM, kernel, and Talos with the roots of its command line."""
        machine, url = self.rom_of(name)
        booted = machine.boot(url)
        assert booted.outcome == "kernel", (booted.console, booted.requests)
        early = subprocess.run(
            ["zstd", "-dc"], capture_output=True, check=True, timeout=60,
            input=base64.b64decode(booted.argument("talos.config.early")))
        (self.folder / "early.yaml").write_bytes(early.stdout)
        document, = json.loads(lab.oracle("canon", self.folder / "early.yaml"))
        roots = self.folder / f"{name}-roots.pem"
        roots.write_text(document["certificates"])
        got = talos.boot(booted, machine.hardware,
                         self.folder / f"{name}.yaml", ca=roots)
        self.machines[name] = (url, booted, got)

    def boot_disk(self, name, when):
        machine, url = self.rom_of(name)
        self.machines[f"{name} {when}"] = (url, machine.boot(url), None)

    def follow(self):
        for word, what, text in PARTS:
            if what == "env":
                self.env(text)
            elif word == "run":
                self.run(text)
            elif word == "by hand":
                self.by_hand(text)
            elif word == "boots":
                self.boot(what)
            else:
                self.boot_disk(what, word)
        return self

    def output(self, start):
        """What the block with a line that begins so has printed."""
        found, = [said for text, said in self.said
                  if f"\n{start}" in f"\n{text}"]
        return found

    def close(self):
        for daemon in reversed(self.daemons):
            daemon.stop()
        self.address.release()


@pytest.fixture(scope="module")
def reader():
    done = subprocess.run(["make", "-s", "all", "lab-tools"], cwd=TREE,
                          text=True, capture_output=True, timeout=600)
    assert done.returncode == 0, done.stdout + done.stderr
    with (Factory() as factory,
          tempfile.TemporaryDirectory(prefix="edge-site-") as folder):
        os.chmod(folder, 0o755)       # root's two other users get through
        reader = Reader(pathlib.Path(folder), factory)
        try:
            yield reader.follow()
        finally:
            reader.close()


@pytest.mark.parametrize("name", ["edge-worker-1", "edge-worker-2"])
def test_the_node_has_its_config(reader, name):
    url, booted, got = reader.machines[name]
    assert got.accepted, got
    assert got.config == (reader.folder / f"work/out/configs/{name}.yaml"
                          ).read_text()
    kernel, = (reader.folder / "work/assets").glob("*-kernel-amd64")
    assert booted.kernel.body == kernel.read_bytes()
    assert ("/t/ket1_" in url) == (name == "edge-worker-1")
    states = reader.output("edge-auth node list")
    assert re.search(rf"(?m)^{name}\b.*\bdelivered\b", states), states


@pytest.mark.parametrize("name, when, reason", [
    ("edge-worker-2", "is refused", "unknown"),
    ("edge-worker-1", "boots its disk", "joined")])
def test_others_boot_their_disk(reader, name, when, reason):
    """Before they are armed, and when they have joined; between the two the same
    machine with the same URL has its config."""
    url, booted, _ = reader.machines[f"{name} {when}"]
    assert (booted.outcome, booted.kernel) == ("local", None), booted
    assert url == reader.machines[name][0] and reader.machines[name][2].accepted
    log = (reader.folder / "state/log/access.log").read_text()
    assert re.search(rf"node={name} .*reason={reason} ", log), log


def test_what_the_page_shows_is_so(reader):
    assert reader.output("curl").startswith("#!ipxe\n")
    made = reader.output("sh deploy/ipxe/build")
    for name in ("snponly.efi", "undionly.kpxe"):
        assert f"-> {reader.folder / 'work'}/rom/{name}\n" in made
    assert "ids" in reader.output("edge-auth explain edge-worker-1 --mac")


def test_files_are_readable_by_those_who_must(reader):
    modes = {path.name: path.stat().st_mode & 0o7777 for folder in
             ("options", "conf/tls", "dnsmasq") for path in
             (reader.folder / folder).iterdir()}
    assert modes["edge-worker-1.conf"] == 0o640
    assert modes["edge-site-1.conf"] == 0o640
    assert modes["boot.key"] == modes["config.key"] == 0o600
    assert (reader.folder / "options").stat().st_mode & 0o7777 == 0o2750
    group, = {path.group() for path in
              [reader.folder / "options",
               *(reader.folder / "options").iterdir()]}
    assert group == reader.values["DHCP_GROUP"]


def test_no_secret_leaves_for_the_dhcp_server(reader):
    """But the boot URL, which is what it is for."""
    key = (reader.folder / "work/pki/issued/client/edge-site-2/key.pem")
    lines = key.read_text().splitlines()[1:-1]
    for folder in ("tftp", "dnsmasq", "work/to-dhcp"):
        for path in (reader.folder / folder).rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert b"ket1_" not in content, path
                assert not any(line.encode() in content for line in lines)


def test_systemd_was_told(reader):
    assert reader.called() == [
        "disable --now nginx", "daemon-reload", "enable --now matchbox edge-gate", "restart dnsmasq",
        "kill -s HUP --kill-whom=main dnsmasq"]


@pytest.mark.parametrize("why, text", [part[1:] for part in BY_HAND],
                         ids=[part[2].split("\n")[1] for part in BY_HAND])
def test_by_hand(why, text):
    """Blocks that only a reader can run: at least they are shell."""
    done = subprocess.run(["sh", "-nc", text], capture_output=True, text=True)
    assert (done.returncode, done.stderr) == (0, ""), why


def test_little_is_left_to_do_by_hand():
    programs = sorted({text.split("\n")[1].split()[0]
                       for _, _, text in BY_HAND})
    assert programs == ["adduser", "apt-get", "dd", "sh"]
    assert len(BY_HAND) == 6
    assert {what for word, what, _ in PARTS if word == "run"} == (
        WHERE.keys())


def test_other_pages_and_words_exist():
    text = PAGE.read_text()
    for name in re.findall(r"`([\w-]+\.md)`", text):
        assert (TREE / "deploy/docs" / name).exists(), name
    reasons = (TREE / "ngx_edge_auth_module/core/ea_reason.c").read_text()
    for word in re.findall(r"`reason=([\w-]+)`", text):
        assert f'{{ "{word}",' in reasons, word
    for word in re.findall(r"`(KE-\d+ [\w-]+)`", text):
        assert f'"{word}"' in reasons, word
