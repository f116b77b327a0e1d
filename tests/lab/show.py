"""The show of `make run`: nodes boot, attackers try, two tables, one line."""

import dataclasses
import time

from . import attacks, fixture, node, rom, table


@dataclasses.dataclass
class Totals:
    delivered: int = 0
    succeeded: int = 0     # attacks through bare Matchbox
    surprises: list = dataclasses.field(default_factory=list)

    def surprise(self, text):
        self.surprises.append(text)


def boot_node(lab, front, number):
    """Power one worker on; how its boot ended, as Talos saw it."""
    hardware = fixture.hardware(number)
    boot = rom.Rom(hardware, ca=front.ca).boot(script=front.script())
    return node.boot(boot, hardware, lab.folder / f"edge-worker-{number}.yaml",
                     ca=front.ca)


def show_nodes(lab, front, numbers, totals):
    rows = []
    for number in numbers:
        began = time.monotonic()
        delivery = boot_node(lab, front, number)
        name = f"edge-worker-{number}"
        state = "delivered" if delivery.accepted else delivery.outcome
        rows.append((name, state, f"{time.monotonic() - began:.1f} s"))
        if delivery.accepted:
            totals.delivered += 1
        else:
            totals.surprise(f"{name}: {delivery.last} {delivery.message}")
    print(*table.lines(("node", "state", "time"), rows), sep="\n", end="\n\n")


def show_attacks(lab, front, totals):
    rows = []
    for attack in attacks.ATTACKS:
        seen = attack.bare(lab, front)
        rows.append((attack.name, f"got {seen.words}" if seen.got
                     else f"nothing: {seen.words}"))
        if seen.got:
            totals.succeeded += 1
        else:
            totals.surprise(f"{attack.name}: bare Matchbox gave nothing")
    print(*table.lines(("attack", "bare Matchbox"), rows), sep="\n", end="\n\n")


def play(lab):
    """Everything; the totals."""
    totals = Totals()
    front = lab.fronts["bare"]
    show_nodes(lab, front, (1, 2), totals)
    show_attacks(lab, front, totals)
    for text in totals.surprises:
        print(f"surprise: {text}")
    print(f"lab: {totals.delivered} nodes delivered, {totals.succeeded} attacks "
          f"succeeded, {len(totals.surprises)} surprises")
    return totals


def hints(lab):
    """Three commands to try while the lab is up."""
    front = lab.fronts["bare"]
    worker = fixture.hardware(1)
    return (
        f"curl --cacert {front.ca} {front.boot_url}/boot.ipxe",
        f"curl --cacert {front.ca} '{front.boot_url}/ipxe?uuid={worker.uuid}'",
        f"tail -f {lab.matchbox.log}",
    )
