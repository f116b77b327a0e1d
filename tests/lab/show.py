"""The show of `make run`: nodes boot, attackers try, two tables, one line."""

import dataclasses
import time

from . import attacks, node, rom, table
from .scene import Scene

SECRET_LEN = 39   # of a token or ticket: secret and tag, at its end
TAG_LEN = 13

WORKERS = (1, 2, 3)
HELD = "edge-worker-4"
SERIOUS = ("[emerg]", "[alert]", "[crit]")


@dataclasses.dataclass
class Totals:
    delivered: int = 0
    refused: int = 0
    surprises: list = dataclasses.field(default_factory=list)

    def surprise(self, text):
        self.surprises.append(text)


def power_on(scene, number):
    """Arm one worker and boot it through the gate, as its site asks for it; how
    that ended, as Talos saw it."""
    name, hardware = f"edge-worker-{number}", scene.hardware(number)
    front = scene.gate
    if scene.lab.supply.requires_certificate(name):
        front.arm(name)
        cert, key = front.client
        machine = rom.Rom(hardware, ca=front.ca, cert=cert, key=key)
        url = front.gate.url("boot-mtls") + "/boot.ipxe"
    else:
        scene.tokens[name] = front.token(name)
        machine = rom.Rom(hardware, ca=front.ca)
        url = front.boot_url(scene.tokens[name])
    boot = machine.boot(url)
    scene.tickets[name] = front.note(boot.args)
    return node.boot(boot, hardware, scene.lab.folder / f"{name}.yaml",
                     ca=front.ca)


def boot_nodes(scene, numbers, totals):
    """{node: seconds}; what is not delivered as rendered is a surprise."""
    times = {}
    for number in numbers:
        name, began = f"edge-worker-{number}", time.monotonic()
        delivery = power_on(scene, number)
        times[name] = time.monotonic() - began
        if not delivery.accepted:
            totals.surprise(f"{name}: {delivery.last} {delivery.message}")
        elif not scene.lab.supply.is_rendered(name, delivery.config):
            totals.surprise(f"{name} got another config than was rendered")
        elif scene.gate.states()[name]["state"] != "delivered":
            totals.surprise(f"{name} has its config, the record says no")
        else:
            totals.delivered += 1
    return times


def play_attack(scene, attack, totals):
    """One row of the table."""
    cells = [attack.name]
    for play, wanted in ((attack.bare, True), (attack.gate, False)):
        try:
            seen = play(scene)
        except Exception as error:   # one that did not run proves nothing
            totals.surprise(f"{attack.name}: did not run: {error!r}")
            cells.append("DID NOT RUN")
            continue
        cells.append(f"{'got' if seen.got else 'refused:'} {seen.words}")
        for text in seen.surprises:
            totals.surprise(f"{attack.name}: {text}")
        if seen.got is not wanted and not seen.surprises:
            totals.surprise(f"{attack.name}: {cells[-1]}")
        if not wanted and not seen.got:
            totals.refused += 1
    return cells


def play_attacks(scene, totals):
    scene.tokens[HELD] = scene.gate.token(HELD)
    rows = [play_attack(scene, attack, totals) for attack in attacks.ATTACKS]
    if scene.gate.states()[HELD]["hold"] == "none":
        totals.surprise(f"{HELD} is not on hold")
    return rows


def node_rows(scene, times):
    for name, line in scene.gate.states().items():
        state = line["state"] if line["hold"] == "none" else "hold"
        took = f"{times[name]:.1f} s" if name in times else "-"
        yield name, line["site"], state, took


def fetch_again(scene, numbers, totals):
    """After all that was refused the rightful nodes are served as before; how
    many of them."""
    served = 0
    for number in numbers:
        name, hardware = f"edge-worker-{number}", scene.hardware(number)
        got = node.fetch(
            f"{scene.gate.gate.url('config')}/c/{scene.tickets.get(name)}"
            "/generic?uuid=", scene.lab.folder / f"{name}.yaml",
            uuid=hardware.uuid, ca=scene.gate.ca)
        if scene.lab.supply.is_rendered(name, got.config):
            served += 1
        else:
            totals.surprise(f"{name} is not served any more: {got.last}")
    return served


def search(scene, totals):
    """Look for the secret part of every credential that was used in everything
    the lab wrote, logs, audit and store above all. How many files and bytes
    that were."""
    folder = scene.lab.folder
    files = [path for path in sorted(folder.rglob("*")) if path.is_file()]
    size = 0
    for path in files:
        text = path.read_bytes()
        size += len(text)
        for secret in scene.gate.secrets:
            end = secret[-SECRET_LEN:].encode()
            if end[:-TAG_LEN] in text or end[-TAG_LEN:] in text:
                totals.surprise(f"{path.relative_to(folder)} holds a secret")
    return len(files), size


def check_error_log(scene, totals):
    for line in scene.gate.gate.error_log().splitlines():
        if any(word in line for word in SERIOUS):
            totals.surprise(f"nginx: {line}")


def play(lab):
    """Everything; the totals."""
    scene, totals = Scene(lab), Totals()
    times = boot_nodes(scene, WORKERS, totals)
    rows = play_attacks(scene, totals)
    served = fetch_again(scene, WORKERS, totals)
    print(*table.lines(("node", "site", "state", "time"),
                       node_rows(scene, times)), sep="\n", end="\n\n")
    print(*table.lines(("attack", "bare Matchbox", "through the gate"), rows),
          sep="\n", end="\n\n")
    files, size = search(scene, totals)
    check_error_log(scene, totals)
    print(f"after that: {served} nodes fetched their configs once more; "
          f"{len(scene.gate.secrets)} tokens and tickets\nlooked for in "
          f"{files} files of the lab, logs and store among them "
          f"({size // 1024} KiB)\n")
    for text in totals.surprises:
        print(f"surprise: {text}")
    print(f"lab: {totals.delivered} nodes delivered, {totals.refused} attacks "
          f"refused, {len(totals.surprises)} surprises")
    return totals


def hints(lab):
    """Three commands to try while the lab is up, in a shell that has env."""
    return (
        "$EDGE_AUTH node list",
        "$EDGE_AUTH explain edge-worker-4",
        "curl --cacert $EDGE_CA_FILE $EDGE_BOOT_URL/boot.ipxe",
    )
