"""A stand-in for a network boot ROM: executes the iPXE scripts it receives.

It keeps to what iPXE does where that matters to a boot server: splitting
before expansion, relative URIs, Retry-After on any error status, a Location
followed on any status but 2xx, Basic only after a challenge, the body of an
error status neither run nor shown, TLS 1.2 at most, certificates optional.

Time is scaled and everything is bounded: a boot that iPXE would try for ever
ends with the outcome "bounded".
"""

import dataclasses
import time
import urllib.parse

from . import web
from .settings import Settings

USER_AGENT = "iPXE/1.21.1"
REQUESTS_MAX = 200
LINES_MAX = 5000
DEPTH_MAX = 20


@dataclasses.dataclass
class Hardware:
    """What SMBIOS and the boot NIC say."""
    uuid: str = ""
    mac: str = ""
    serial: str = ""
    manufacturer: str = "Lab"
    product: str = "Stand-in"
    asset: str = ""
    hostname: str = ""
    domain: str = ""
    platform: str = "efi"
    buildarch: str = "x86_64"

    def settings(self):
        values = {k: v or None for k, v in dataclasses.asdict(self).items()}
        return Settings(values | {"version": "1.21.1"})


@dataclasses.dataclass
class Image:
    """Something that was downloaded."""
    uri: str
    name: str
    body: bytes
    args: str = ""


@dataclasses.dataclass
class Boot:
    """How a boot ended.

    outcome: kernel (left for kernel with initrds and args), local (exit or
    sanboot: the disk is next), failed (a command failed and nothing caught
    it), bounded (still busy when the bounds of this stand-in were reached),
    reboot, poweroff.
    """
    outcome: str = "failed"
    kernel: Image | None = None
    initrds: list = dataclasses.field(default_factory=list)
    args: str = ""
    reason: str = ""
    requests: list = dataclasses.field(default_factory=list)  # (url, status)
    scripts: list = dataclasses.field(default_factory=list)   # texts received
    console: list = dataclasses.field(default_factory=list)   # what a person sees
    slept: float = 0.0                                        # unscaled seconds

    def argument(self, name):
        """The value of name= on the kernel's command line, or None."""
        for word in self.args.split():
            key, equals, value = word.partition("=")
            if equals and key == name:
                return value
        return None


class _Failure(Exception):
    """A command failed."""


class _Ended(Exception):
    """The machine left iPXE; carries the outcome."""


class _Exit(Exception):
    """`exit` left the current script; carries its status."""


class Rom:
    """One machine. `boot` may be called again: that is a power cycle."""

    def __init__(self, hardware, *, ca=None, cert=None, key=None,
                 time_scale=0.01, retries=5, agent=USER_AGENT, timeout=20.0,
                 headers=()):
        """retries bounds how often one fetch obeys Retry-After."""
        self.hardware = hardware
        self.ca, self.cert, self.key = ca, cert, key
        self.scale, self.retries = time_scale, retries
        self.agent, self.timeout, self.headers = agent, timeout, headers

    def boot(self, url=None, script=None):
        """Chain url as DHCP's file name would, or run an embedded script."""
        run = _Run(self)
        text = script if script is not None else f"#!ipxe\nchain {url}\n"
        try:
            run.script(text, None)
            run.result.outcome = "local"
        except _Ended as end:
            run.result.outcome = str(end)
        except _Exit as status:
            run.result.outcome = "local" if str(status) in ("0", "1") else "failed"
        except _Failure as failure:
            if str(failure) == "exit 1":
                run.result.outcome = "local"
            else:
                run.result.outcome, run.result.reason = "failed", str(failure)
        return run.result


class _Run:
    """One power-on."""

    def __init__(self, rom):
        self.rom = rom
        self.settings = rom.hardware.settings()
        self.result = Boot()
        self.images = []
        self.selected = None
        self.cwuri = None
        self.lines = 0
        self.depth = 0

    # -- scripts ---------------------------------------------------------

    def script(self, text, uri):
        """Run a script whose relative URIs resolve against uri."""
        outer, self.cwuri = self.cwuri, uri
        self.depth += 1
        if self.depth > DEPTH_MAX:
            raise _Ended("bounded")
        lines = text.replace("\r\n", "\n").split("\n")
        position = 0
        try:
            while position < len(lines):
                jump = self._line(lines[position])
                position = position + 1 if jump is None else _label(lines, jump)
        except _Exit as status:
            if self.depth == 1:
                raise
            if str(status) != "0":
                raise _Failure(f"exit {status}") from None
        finally:
            self.cwuri = outer
            self.depth -= 1

    def _line(self, line):
        """Run one line; a label to jump to, or None."""
        self.lines += 1
        if self.lines > LINES_MAX:
            raise _Ended("bounded")
        tokens = line.split()
        if not tokens or tokens[0].startswith((":", "#")):
            return None
        skip = False
        failure = None
        joint = ";"
        while joint:
            words, joint, tokens = _first_command(tokens)
            if not skip:
                failure = None
                try:
                    jump = self._command([self.settings.expand(w) for w in words])
                    if jump is not None:
                        return jump
                except _Failure as error:
                    failure = error
            if joint == "||":
                skip = failure is None
            elif joint == "&&":
                skip = failure is not None
            else:
                skip = False
        if failure is not None:
            raise failure
        return None

    def _command(self, words):
        if not words:   # as behind a closing `||`: nothing, successfully
            return None
        name, args = words[0], words[1:]
        handler = COMMANDS.get(name)
        if handler is None:
            self.result.console.append(f"{name}: command not found")
            raise _Failure(f"{name}: command not found")
        return handler(self, args)

    # -- downloads -------------------------------------------------------

    def fetch(self, reference):
        """Download as iPXE does; an Image, or a failure."""
        uri = urllib.parse.urljoin(self.cwuri or "", _encoded(reference))
        credentials = None
        waits = 0
        while True:
            answer = self._request(uri, credentials)
            if 200 <= answer.status < 300 and not answer.error:
                name = urllib.parse.urlsplit(uri).path.rpartition("/")[2]
                return Image(uri, name, answer.body)
            location = answer.headers.get("location")
            retry = answer.headers.get("retry-after")
            user = urllib.parse.urlsplit(uri)
            if answer.status and location:
                uri = urllib.parse.urljoin(uri, location)
            elif answer.status and retry is not None:
                waits += 1
                if waits > self.rom.retries:
                    raise _Ended("bounded")
                self.sleep(int(retry) if retry.isdigit() else 5)
            elif (answer.status == 401 and credentials is None and user.username
                  and "basic" in answer.headers.get("www-authenticate", "").lower()):
                credentials = (urllib.parse.unquote(user.username) + ":"
                               + urllib.parse.unquote(user.password or ""))
            else:
                self._failed(uri, answer)

    def _request(self, uri, credentials):
        if len(self.result.requests) >= REQUESTS_MAX:
            raise _Ended("bounded")
        parts = urllib.parse.urlsplit(uri)
        if parts.scheme not in ("http", "https"):
            raise _Failure(f"{uri}: operation not supported")
        bare = parts._replace(netloc=parts.netloc.rpartition("@")[2], fragment="")
        answer = web.request(
            bare.geturl(), ca=self.rom.ca, cert=self.rom.cert, key=self.rom.key,
            agent=self.rom.agent, headers=self.rom.headers, user=credentials,
            tls12=True, timeout=self.rom.timeout)
        self.result.requests.append((bare.geturl(), answer.status))
        return answer

    def _failed(self, uri, answer):
        shown = answer.error or {
            401: "Permission denied", 403: "Operation not permitted",
            404: "No such file or directory",
        }.get(answer.status, f"HTTP {answer.status // 100}xx error")
        self.result.console.append(f"{uri}... {shown}")
        raise _Failure(f"{shown} (status {answer.status})")

    def sleep(self, seconds):
        self.result.slept += seconds
        time.sleep(seconds * self.rom.scale)

    # -- commands --------------------------------------------------------

    def do_echo(self, args):
        text = " ".join(a for a in args if a != "-n")
        self.result.console.append(text)

    def do_set(self, args):
        if not args:
            raise _Failure("set: no setting named")
        self.settings.set(args[0], " ".join(args[1:]))

    def do_clear(self, args):
        self.settings.set(args[0], "")

    def do_isset(self, args):
        if not args or args[0] == "":
            raise _Failure("isset: not set")

    def do_iseq(self, args):
        if len(args) != 2 or args[0] != args[1]:
            raise _Failure("iseq: differ")

    def do_inc(self, args):
        by = int(args[1]) if len(args) > 1 else 1
        self.settings.set(args[0], str(int(self.settings.get(args[0]) or 0) + by))

    def do_goto(self, args):
        return args[0]

    def do_sleep(self, args):
        self.sleep(float(_operands(args)[0]))

    def do_prompt(self, args):
        """Nobody sits at the keyboard: a prompt runs into its time-out."""
        self.result.console.append(" ".join(_operands(args)))
        raise _Failure("prompt: no key was pressed")

    def do_chain(self, args):
        operands = _operands(args)
        if not operands:
            return self.do_boot([])
        image = self.fetch(operands[0])
        image.args = " ".join(operands[1:])
        return self._execute(image)

    def do_kernel(self, args):
        operands = _operands(args)
        image = self.fetch(operands[0])
        image.args = " ".join(operands[1:])
        self.images.append(image)
        self.selected = image

    def do_initrd(self, args):
        operands = _operands(args)
        image = self.fetch(operands[0])
        image.args = " ".join(operands[1:])
        self.images.append(image)

    def do_imgargs(self, args):
        for image in self.images:
            if image.name == args[0]:
                image.args = " ".join(args[1:])
                return
        raise _Failure(f"{args[0]}: no such image")

    def do_imgfree(self, args):
        names = _operands(args)
        self.images = [i for i in self.images if names and i.name not in names]
        if self.selected not in self.images:
            self.selected = None

    def do_boot(self, args):
        operands = _operands(args)
        if operands:
            return self.do_chain(args)
        if self.selected is None:
            raise _Failure("boot: no image is selected")
        return self._execute(self.selected)

    def _execute(self, image):
        if image.body.startswith(b"#!ipxe"):
            text = image.body.decode("utf-8", "replace")
            self.result.scripts.append(text)
            self.images = [i for i in self.images if i is not image]
            self.script(text, image.uri)
            return
        if not image.body:
            raise _Failure("exec format error")
        self.result.kernel = image
        self.result.initrds = [i for i in self.images if i is not image]
        self.result.args = image.args
        raise _Ended("kernel")

    def do_exit(self, args):
        raise _Exit(args[0] if args else "0")

    def do_sanboot(self, args):
        if "0x80" not in " ".join(args):
            raise _Failure("sanboot: no such drive")
        self.result.console.append("Booting from SAN device 0x80")
        raise _Ended("local")

    def do_end(self, _):
        raise _Ended("poweroff")

    def do_reboot(self, _):
        raise _Ended("reboot")

    def do_nothing(self, _):
        """A command that changes nothing a boot server can see."""


# Trixie's stock iPXE has no `params`, `param`, `ntp`, `nslookup`, `imgverify`.
COMMANDS = {
    "echo": _Run.do_echo, "set": _Run.do_set, "clear": _Run.do_clear,
    "isset": _Run.do_isset, "iseq": _Run.do_iseq, "inc": _Run.do_inc,
    "goto": _Run.do_goto, "sleep": _Run.do_sleep, "prompt": _Run.do_prompt,
    "chain": _Run.do_chain, "imgexec": _Run.do_chain, "kernel": _Run.do_kernel,
    "imgselect": _Run.do_kernel, "imgload": _Run.do_kernel,
    "initrd": _Run.do_initrd, "imgfetch": _Run.do_initrd,
    "module": _Run.do_initrd, "imgargs": _Run.do_imgargs,
    "imgfree": _Run.do_imgfree, "boot": _Run.do_boot, "exit": _Run.do_exit,
    "sanboot": _Run.do_sanboot, "poweroff": _Run.do_end,
    "reboot": _Run.do_reboot, "dhcp": _Run.do_nothing,
    "ifopen": _Run.do_nothing, "ifconf": _Run.do_nothing,
    "ifstat": _Run.do_nothing, "imgstat": _Run.do_nothing,
    "show": _Run.do_nothing, "console": _Run.do_nothing,
    "colour": _Run.do_nothing, "cpair": _Run.do_nothing,
}

VALUED = {"--timeout", "-t", "--name", "-n", "--drive", "-d", "--key", "-k"}


def _operands(args):
    """Take the options away; only their presence is accepted."""
    found = []
    position = 0
    while position < len(args):
        word = args[position]
        if word in VALUED:
            position += 2
            continue
        if not found and word.startswith("-"):
            position += 1
            continue
        found += args[position:]
        break
    return found


def _encoded(reference):
    """What no URI may hold is sent percent-encoded; `&` of a setting is not."""
    return urllib.parse.quote(reference, safe="%:/?#[]@!$&'()*+,;=-._~")


def _first_command(tokens):
    """Split off what stands before the first ||, && or ;."""
    for position, token in enumerate(tokens):
        if token in ("||", "&&", ";"):
            return tokens[:position], token, tokens[position + 1:]
        if token.startswith("#"):
            return tokens[:position], "", []
    return tokens, "", []


def _label(lines, name):
    for position, line in enumerate(lines):
        if line.strip() == f":{name}":
            return position
    raise _Failure(f"goto: no label {name}")
