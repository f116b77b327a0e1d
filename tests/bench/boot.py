"""Seconds of each leg of a boot in QEMU, as the last `make boot` left them in
build/boot: this takes root and minutes, so nothing is booted here."""

import json
import re

from lab import paths

FOLDER = paths.TREE / "build" / "boot"


def run(_folder):
    print("seconds of each leg of a boot in QEMU, without KVM")
    kept = sorted(FOLDER.glob("case-*/log/legs.json"))
    for file in kept:
        number = int(re.search(r"case-(\d+)", str(file))[1])
        for label, firmware, legs in json.loads(file.read_text()):
            if legs:
                total = sum(seconds for _, seconds in legs)
                print(f"case {number:<3}{f'{label} ({firmware})':<40}"
                      f"{total:>8.1f}  " + "  ".join(
                          f"{name} {seconds:.1f}" for name, seconds in legs))
    if not kept:
        print("not measured: make boot CASE=1", flush=True)
