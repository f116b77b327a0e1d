"""What a render costs: 200 nodes at once, against Talos' own library started
once per node, as scripts around `talosctl gen config` do it."""

import pathlib
import re
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "cases"))

from configgen_lab import (FILES, PROFILES, PROGRAM,       # noqa: E402
                           TOOLS, configgen, image, oracle, write_lock)

NODES, SAMPLES = 200, 10

INVENTORY = """version: 1
clusters:
  bench:
    endpoint: https://100.110.150.118:6443
    talos: v1.13.3
    contract: v1.13
    kubernetes: v1.34.1
    secrets: secrets.yaml
    gate: {boot: https://boot.example.net,
           boot_mtls: https://boot-mtls.example.net,
           config: https://config.example.net, trust_domain: example.net}
sites:
  site-a: {cluster: bench, boot: gate, install: {disk: /dev/vda}}
nodes:
"""


def write(folder):
    lines = [INVENTORY]
    for n in range(NODES):
        lines.append(
            f"  node-{n}: {{site: site-a, hardware: {{uuid: "
            f"9ddf0214-b102-49a3-bec3-{n:012x}, "
            f"macs: ['52:54:00:00:{n >> 8:02x}:{n & 255:02x}']}}}}\n")
    inventory = folder / "inventory.yaml"
    inventory.write_text("".join(lines))
    (folder / "secrets.yaml").write_text(oracle("gen-secrets"))
    wanted = configgen("images", "-i", inventory)
    schematics = sorted(set(re.findall(r"[0-9a-f]{64}", wanted)))
    write_lock(folder / "images.lock",
               [image(s, f) for s in schematics for f in FILES])
    return inventory


def timed(argv):
    began = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, timeout=120)
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    return time.monotonic() - began


def run(folder):
    inventory = write(folder)
    ours = min(timed([PROGRAM, "render", "-i", inventory, "-o",
                      folder / f"out-{n}", "-p", PROFILES])
               for n in range(3)) / NODES
    theirs = min(timed([TOOLS / "talos-oracle", "gen", "--secrets",
                        folder / "secrets.yaml", "--role", "worker", "--name",
                        "bench", "--endpoint", "https://100.110.150.118:6443"])
                 for _ in range(SAMPLES))
    print(f"{'configs, one worker each':<34}{'ms/node':>18}{'ratio':>8}")
    print(f"{'Talos library, a start per node':<34}{theirs * 1e3:>18.2f}"
          f"{1:>8.2f}")
    print(f"{f'talos-configgen, {NODES} nodes':<34}{ours * 1e3:>18.2f}"
          f"{ours / theirs:>8.2f}", flush=True)
