"""What an attacker tries. Each attack is one row of the table `make run` shows.

Each is played on both fronts. Against bare Matchbox it must succeed: an attack
that does not proves nothing about a gate. Through the gate it must be refused,
in the way its row says.
"""

import dataclasses
from typing import Callable

from . import bare_attacks as bare
from . import gate_attacks as gate


@dataclasses.dataclass(frozen=True)
class Attack:
    """bare(scene) and gate(scene) return a Seen; see scene.py."""
    name: str
    bare: Callable
    gate: Callable


# In this order: the gate's column is one story. Worker 4 is armed before the
# first row; the extra selector rides on its first claim; the last row holds it.
ATTACKS = (
    Attack("no token", bare.asks_for_none, gate.no_token),
    Attack("wrong token", bare.asks_for_none, gate.wrong_token),
    Attack("spent token from other hardware", bare.config_again,
           gate.spent_token),
    Attack("another node's uuid", bare.other_uuid, gate.other_uuid),
    Attack("%0A in an argument", bare.line_break, gate.line_break),
    Attack("POST", bare.post, gate.post),
    Attack("paths around the gate", bare.detours, gate.detours),
    Attack("no client certificate", bare.no_certificate, gate.no_certificate),
    Attack("another site's certificate", bare.other_certificate,
           gate.other_certificate),
    Attack("extra selector role=controlplane", bare.extra_selector,
           gate.extra_selector),
    Attack("the control plane's config", bare.control_plane,
           gate.control_plane),
    Attack("another node's ticket", bare.other_config, gate.other_ticket),
    Attack("other hardware at delivery", bare.other_hardware,
           gate.other_hardware),
    Attack("a superseded ticket", bare.config_again, gate.superseded),
)
