"""make bench: costs as ratios to a named baseline, measured on this machine a
moment ago. It asserts no time: it tells, people judge."""

import pathlib
import tempfile

from . import assets, boot, dhcp, fetch, gate, keyd, mint, render


def main():
    with tempfile.TemporaryDirectory(prefix="edge-bench-") as name:
        for part in (gate, assets, keyd, mint, render, dhcp, fetch, boot):
            folder = pathlib.Path(name, part.__name__.rpartition(".")[2])
            folder.mkdir()
            part.run(folder)
            print()


main()
