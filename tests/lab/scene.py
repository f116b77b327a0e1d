"""What attacks are played in: a lab with both fronts, the credentials that got
around, and a judge of what the gate did."""

import dataclasses
import urllib.parse

from . import node, rom, sample, web

# Audit lines that no request waits for.
BEHIND = {"handed"}

AUDIT_SECONDS = 3.0


@dataclasses.dataclass
class Seen:
    """got: the attacker has what it came for. words: shown in the table.
    surprises: what is not as the row expects it."""
    got: bool
    words: str
    surprises: list = dataclasses.field(default_factory=list)


def query(hardware, **changed):
    """The arguments that Matchbox's boot.ipxe has a ROM send. None leaves one
    out; values are escaped but for %, so that attacks can escape their own."""
    fields = {"uuid": hardware.uuid, "mac": hardware.mac.replace(":", "-"),
              "domain": "", "hostname": hardware.hostname,
              "serial": hardware.serial, "arch": "x86_64", **changed}
    return "&".join(f"{name}={urllib.parse.quote(value, safe='%-')}"
                    for name, value in fields.items() if value is not None)


class Scene:
    """tokens and tickets of the nodes, by name, as far as they have any."""

    def __init__(self, lab):
        self.lab = lab
        self.bare, self.gate = (lab.fronts.get(name)
                                for name in ("bare", "gate"))
        self.tokens, self.tickets = {}, {}

    def hardware(self, number):
        return self.lab.supply.hardware(f"edge-worker-{number}")

    def ask(self, listener, path, **options):
        """A request to the gate, on its boot listeners as iPXE makes it."""
        if listener != "config":
            options = {"agent": rom.USER_AGENT, "tls12": True, **options}
        return web.request(self.gate.gate.url(listener) + path,
                           ca=self.gate.ca, **options)

    def claim(self, token, hardware, **changed):
        return self.ask("boot", f"/t/{token}/ipxe?{query(hardware, **changed)}")

    def fetch(self, ticket, uuid, **options):
        return self.ask("config", f"/c/{ticket}/generic?uuid={uuid}", **options)

    def take(self, url):
        """Fetch a config by hand and have Talos' library read it."""
        return node.fetch(url, self.lab.folder / "attacker.yaml",
                          ca=self.bare.ca)


def is_grant(answer):
    """Does an answer hold anything that boots or configures a machine?"""
    return any(word in answer.text for word in
               ("ktk1_", "\nkernel ", "\nmachine:", "assets/"))


class Judge:
    """Collects what one attack did at the gate."""

    def __init__(self, scene):
        self.scene = scene
        self.reasons, self.surprises, self.tries = [], [], 0

    def refused(self, what, ask, status, reason, hold=None):
        """ask() must be answered with status, without a grant, with one audit
        line that says reason, without a request to Matchbox, and leave every
        record as it was; hold names the node whose record alone may change, to
        a hold. Without a reason nginx itself refuses, and no line is written."""
        front, matchbox = self.scene.gate, self.scene.lab.matchbox
        before, asked = front.records(), len(matchbox.requests())
        told = len(front.gate.audit())
        answer = ask()
        wrong = []
        if answer.status != status:
            wrong.append(f"status {answer.status} {answer.error}, not {status}")
        if is_grant(answer):
            wrong.append("it got something")
        if sent := matchbox.requests()[asked:]:
            wrong.append(f"Matchbox was asked: {sent}")
        said = self._reasons(told, reason)
        if said != ([reason] if reason else []):
            wrong.append(f"the audit says {said}, not {reason}")
        wrong += changes(before, front.records(), hold)
        self.tries += 1
        self.surprises += [f"{what}: {text}" for text in wrong]
        word = reason or str(status)
        if word not in self.reasons:
            self.reasons.append(word)

    def _reasons(self, told, reason):
        """Of the audit lines of requests since there were told lines."""
        def new():
            return [line["reason"] for line in self.scene.gate.gate.audit()[told:]
                    if line["action"] not in BEHIND]
        if reason:
            try:
                sample.until(new, "a line of the audit", AUDIT_SECONDS)
            except AssertionError:
                return []
        return new()

    def seen(self, words=None):
        words = words or ", ".join(self.reasons)
        if self.tries > 1:
            words += f" ({self.tries} tries)"
        return Seen(bool(self.surprises), words, self.surprises)


def changes(before, after, hold):
    """What differs between two sets of records, but for the hold of one."""
    found = []
    for name, record in after.items():
        if name == hold:
            if record["hold"] == "none":
                found.append(f"{name} is not on hold")
        elif record != before[name]:
            found.append(f"the record of {name} changed")
    return found
