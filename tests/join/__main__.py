"""enroll -> deliver -> join -> replay refused -> restart -> config without key.
"""

import os
import pathlib
import shutil
import signal
import subprocess
import sys
import tempfile
import time

from lab import node, paths, rom
from lab.sample import until

from . import scene
from .extension import Extension, environment

NODE = "edge-worker-1"
MISSING = ("join: {} is missing: sh deploy/setup test && make join-tools")


def say(text):
    print(f"  {text}", flush=True)


def enroll(lab, folder):
    """The config that a machine is served, as a file."""
    gate = lab.fronts["gate"]
    hardware = lab.supply.hardware(NODE)
    token = gate.token(NODE)
    booted = rom.Rom(hardware, ca=gate.ca).boot(gate.boot_url(token))
    served = node.boot(booted, hardware, folder / "served.yaml", ca=gate.ca)
    assert served.accepted, served
    say(f"{NODE} has its config, read by Talos' own library")
    return folder / "served.yaml"


def joined(lab):
    return lab.fronts["gate"].records()[NODE]["state"] == "joined"


def join(lab, folder, config):
    """The node's extension logs in with the key of its config."""
    gate = lab.fronts["gate"]
    env = environment(config)
    assert env["TS_AUTH_ONCE"] == "true" and env["TS_AUTHKEY"], env.keys()
    first = Extension(folder / "first", gate.ca)
    first.start(env)
    until(first.is_up, f"{NODE} is in the tailnet\n{first.said()}", 90)
    device, = gate.headscale.nodes()
    until(lambda: joined(lab), "the record says joined", 30)
    record = gate.records()[NODE]
    assert record["device"] == device["id"], (record, device)
    assert device["tags"] == ["tag:setup02-edge-site-1"], device
    assert device["preAuthKey"]["used"], device
    say(f"{NODE} is {device['ipAddresses'][0]} in the tailnet, and joined")
    return first, env


def replay(lab, folder, env):
    """A second machine with the same config stays out."""
    gate = lab.fronts["gate"]
    second = Extension(folder / "second", gate.ca)
    second.start(env)
    until(lambda: not second.is_alive() or "already used" in second.said()
          or "invalid key" in second.said(), "the key is refused", 90)
    assert not second.is_up() and len(gate.headscale.nodes()) == 1
    second.stop()
    say("the same config joins no second machine")


def restart(folder, extension, env, label):
    extension.stop()
    extension.start(env)
    until(extension.is_up, f"{label}\n{extension.said()}", 90)
    say(label)


def nothing_left(lab):
    """One key, used; no key bytes in any file but the config that had it."""
    gate = lab.fronts["gate"]
    unused = [key for key in gate.headscale.keys() if not key["used"]]
    assert not unused, unused
    assert gate.gate.audit()[-1]["action"] != "request"


def assert_no_leak(lab, folder, env):
    secret = env["TS_AUTHKEY"].encode()
    api = lab.fronts["gate"].headscale.secret.read_bytes().strip()
    own = {lab.fronts["gate"].headscale.secret}
    for path in lab.folder.rglob("*"):
        if path.is_file() and not path.is_symlink() and path not in own:
            data = path.read_bytes()
            assert secret not in data, f"the auth key is in {path}"
            assert api not in data, f"the API key is in {path}"
    say("neither key stands in any file of gate, edge-keyd and store")


def play(folder):
    extensions = []
    with scene.make(folder / "lab") as lab:
        try:
            config = enroll(lab, folder)
            first, env = join(lab, folder, config)
            extensions.append(first)
            replay(lab, folder, env)
            restart(folder, first, env, "restarted, it stays logged in")
            bare = environment(lab.supply.rendered / "configs"
                               / f"{NODE}.yaml")
            assert "TS_AUTHKEY" not in bare
            restart(folder, first, bare,
                    "with configs/NODE.yaml, which has no key, as well")
            nothing_left(lab)
            assert_no_leak(lab, folder, env)
        finally:
            for extension in extensions:
                extension.stop()


# tailscaled does nothing without an interface and a default route; what goes
# there goes nowhere.
NETWORK = ("link set lo up", "link add edge0 type veth peer name edge1",
           "addr add 192.0.2.2/24 dev edge0", "link set edge0 up",
           "link set edge1 up", "route add default via 192.0.2.1")


def make_network():
    for line in NETWORK:
        subprocess.run(["ip", *line.split()], check=True)


def main():
    for name in ("headscale", "containerboot", "tailscaled", "tailscale"):
        if not (paths.TOOLS / name).exists():
            print(MISSING.format(f"build/tools/{name}"), file=sys.stderr)
            return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.umask(0o022)
    make_network()
    folder = pathlib.Path(tempfile.mkdtemp(prefix="join-"))
    print(f"join: in {folder}")
    began = time.monotonic()
    try:
        play(folder)
    except BaseException:
        print(f"join: what was left stands in {folder}", file=sys.stderr)
        raise
    shutil.rmtree(folder)
    print(f"join: joined in {time.monotonic() - began:.0f} s, replay refused")
    return 0


if __name__ == "__main__":
    sys.exit(main())
