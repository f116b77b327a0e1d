"""What DHCP adds to a render: 10,000 nodes at 100 sites, with a dnsmasq file for
each site against none. Both into an empty folder in memory: 40,000 files, each
flushed, would measure the disk."""

import pathlib
import re
import shutil
import statistics
import tempfile

from . import render

SITES, NODES, ROUNDS = 100, 10_000, 3

DHCP = ("{{mode: {mode}, address: [10.0.{n}.2], interface: eth0, "
        "network: 10.0.{n}.0/24, router: 10.0.{n}.1, dns: [10.0.{n}.1], "
        "range: [10.0.{n}.150, 10.0.{n}.250], rom: {{efi64: snponly.efi, "
        "bios: undionly.kpxe, tftp_root: /srv/tftp, script: edge.ipxe}}}}")


def inventory(mode):
    """The small one's cluster, with many sites and nodes."""
    text = render.INVENTORY.partition("sites:\n")[0] + "sites:\n"
    for n in range(SITES):
        text += (f"  site-{n}: {{cluster: bench, boot: gate, install: "
                 f"{{disk: /dev/vda}}, dhcp: {DHCP.format(mode=mode, n=n)}}}\n")
    text += "nodes:\n"
    for n in range(NODES):
        site, host = divmod(n, NODES // SITES)
        text += (f"  node-{n}: {{site: site-{site}, address: "
                 f"10.0.{site}.{host + 10}, hardware: {{uuid: "
                 f"9ddf0214-b102-49a3-bec3-{n:012x}, macs: "
                 f"['52:54:00:00:{n >> 8:02x}:{n & 255:02x}']}}}}\n")
    return text


def write(folder, mode):
    file = folder / f"inventory-{mode}.yaml"
    file.write_text(inventory(mode))
    return file


def prepare(folder):
    """Secrets and images.lock beside the inventories; {mode: inventory}"""
    (folder / "secrets.yaml").write_text(render.oracle("gen-secrets"))
    files = {mode: write(folder, mode) for mode in ("none", "full")}
    wanted = render.configgen("images", "-i", files["none"])
    schematics = sorted(set(re.findall(r"[0-9a-f]{64}", wanted)))
    render.write_lock(folder / "images.lock", [
        render.image(s, f) for s in schematics for f in render.FILES])
    return files


def rounds(folder, memory):
    """{mode: seconds of each round}"""
    spent = {"none": [], "full": []}
    files = prepare(folder)
    out = memory / "out"
    for _ in range(ROUNDS):
        for mode, file in files.items():
            spent[mode].append(render.timed([
                render.PROGRAM, "render", "-i", file, "-o", out, "-p",
                render.PROFILES]))
            made = len(list((out / "publish").glob("dnsmasq/*.conf")))
            if made != (SITES if mode == "full" else 0):
                raise RuntimeError(f"{mode}: {made} files for dnsmasq")
            shutil.rmtree(out)
    return spent


def run(folder):
    with tempfile.TemporaryDirectory(prefix="edge-bench-",
                                     dir="/dev/shm") as memory:
        spent = rounds(folder, pathlib.Path(memory))
    base = statistics.median(spent["none"])
    print(f"{f'render of {NODES} nodes, {SITES} sites':<34}{'s':>18}"
          f"{'ratio':>8}")
    for mode, name in (("none", "without DHCP"), ("full", "with DHCP")):
        taken = statistics.median(spent[mode])
        print(f"{name:<34}{taken:>18.2f}{taken / base:>8.2f}", flush=True)
