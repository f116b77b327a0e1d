"""What `image fetch` costs: boot files from a mirror on this machine, against
curl getting the same ones as many at a time. Ours also hashes them and puts
them on the disk for good, which curl does not; a third side does the same with
other programs behind curl.

Once over a line of 1 Gbit/s (the mirror's own limit per connection), as a
mirror in the same building has it, and once as fast as memory allows."""

import os
import pathlib
import shutil
import statistics
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "cases"))

from configgen_lab import PROGRAM, configgen, oracle         # noqa: E402
from lab import paths                                        # noqa: E402
from lab.address import Address                              # noqa: E402
from lab.daemon import Daemon                                # noqa: E402

VERSIONS, SIZE, ROUNDS, JOBS = 4, 32 * 1024 * 1024, 3, 4
LINES = {9011: ("1 Gbit/s", f"limit_rate {125_000_000 // JOBS};"),
         9012: ("no limit", "")}

INVENTORY = """version: 1
clusters:
  bench:
    endpoint: https://100.110.150.118:6443
    kubernetes: v1.34.1
    secrets: secrets.yaml
    gate: {boot: https://boot.example.net, config: https://config.example.net}
sites:
  site-a: {cluster: bench, boot: gate, install: {disk: /dev/vda}}
nodes:
"""

MIRROR = """
daemon off;
worker_processes 1;
{user}
pid {folder}/mirror.pid;
error_log {folder}/log/mirror.log;
events {{ worker_connections 64; }}
http {{
    access_log off;
    sendfile on;
    client_body_temp_path {folder}/tmp;
    {servers}
}}
"""
SERVER = "server {{ listen {host}:{port}; root {folder}/mirror; {limit} }}"


def write(folder):
    """The inventory: one image, several versions of Talos."""
    nodes = "".join(
        f"  w{n}: {{site: site-a, talos: v1.13.{n}, hardware: {{uuid: "
        f"9ddf0214-b102-49a3-bec3-{n:012x}}}}}\n" for n in range(VERSIONS))
    inventory = folder / "inventory.yaml"
    inventory.write_text(INVENTORY + nodes)
    (folder / "secrets.yaml").write_text(oracle("gen-secrets"))
    return inventory


def mirror_of(folder, inventory):
    """The mirror's tree; the paths below it, one for each file."""
    block = bytes(range(256)) * 4096
    found = []
    for row in configgen("images", "-i", inventory).splitlines():
        schematic, version, file, _ = row.split()
        path = pathlib.Path("image", schematic, version, file)
        place = folder / "mirror" / path
        place.parent.mkdir(parents=True, exist_ok=True)
        with open(place, "wb") as out:
            out.write(row.encode())          # no two files are equal
            for _ in range(SIZE // len(block)):
                out.write(block)
        found.append(path)
    return found


def start(folder, host):
    for name in ("log", "tmp"):
        (folder / name).mkdir()
    config = folder / "mirror.conf"
    config.write_text(MIRROR.format(
        folder=folder, servers="\n    ".join(
            SERVER.format(folder=folder, host=host, port=port, limit=limit)
            for port, (_, limit) in LINES.items()),
        user="user root;" if os.geteuid() == 0 else ""))
    mirror = Daemon("nginx", [paths.nginx(), "-c", str(config), "-p",
                              str(folder), "-e", f"{folder}/log/mirror.log"],
                    folder / "log" / "mirror-stderr.log")
    mirror.start((host, max(LINES)))
    return mirror


def timed(argv, folder):
    """Seconds for argv, which fills `folder`; it is gone afterwards."""
    shutil.rmtree(folder, ignore_errors=True)
    began = time.monotonic()
    done = subprocess.run(argv, capture_output=True, text=True, timeout=300)
    spent = time.monotonic() - began
    if done.returncode != 0:
        raise RuntimeError(done.stderr)
    shutil.rmtree(folder)
    return spent


def sides(folder, inventory, url, files):
    """(name, command, folder it fills)"""
    out = folder / "out"
    curl = ["curl", "-sS", "--fail", "--parallel", "--parallel-max", str(JOBS),
            "--create-dirs"]
    for path in files:
        curl += ["-o", str(out / path), f"{url}/{path}"]
    same = ("\"$@\" && cd \"$0\" && find . -type f | tee list | "
            "xargs sha256sum >sums && xargs sync <list")
    yield "curl --parallel", curl, out
    yield ("curl, then sha256sum and sync",
           ["sh", "-c", same, str(out), *curl], out)
    yield ("image fetch, pinned", [
        PROGRAM, "image", "fetch", "-i", inventory, "-o", out, "--mirror", url,
        "--jobs", str(JOBS)], out)


def measure(folder, inventory, url, files):
    """{side: seconds of each round}; the sides take turns."""
    spent = {}
    for _ in range(ROUNDS):
        for name, argv, out in sides(folder, inventory, url, files):
            spent.setdefault(name, []).append(timed(argv, out))
    return spent


def table(line, spent, size):
    """Lines; ratios are to the first side."""
    base = statistics.median(next(iter(spent.values())))
    yield f"{f'boot files, {JOBS} at once, {line}':<34}{'MB/s':>18}{'ratio':>8}"
    for name, seconds in spent.items():
        middle = statistics.median(seconds)
        yield f"{name:<34}{size / 1e6 / middle:>18.0f}{base / middle:>8.2f}"


def run(folder):
    address = Address()
    inventory = write(folder)
    files = mirror_of(folder, inventory)
    mirror = start(folder, address.host)
    try:
        for port, (line, _) in LINES.items():
            url = f"http://{address.host}:{port}"
            subprocess.run(
                [PROGRAM, "image", "fetch", "-i", inventory, "-o",
                 folder / "out", "--mirror", url, "--pin"], check=True,
                capture_output=True, timeout=300)
            spent = measure(folder, inventory, url, files)
            print(*table(line, spent, len(files) * SIZE), sep="\n",
                  flush=True)
    finally:
        mirror.stop()
        address.release()
