"""python3 -m boot [N...]: the cases with these numbers, or all of them.

Exit status: 0, 1 if a case failed or a part is missing, 2 for usage.
"""

import importlib
import os
import pathlib
import signal
import subprocess
import sys

from lab import paths

from . import qemu, site, supply

CASES = pathlib.Path(__file__).resolve().parent / "cases"
GRACE = 60

# Everything a case starts or makes lives in these and ends with them: when this
# program dies, the kernel kills unshare, and with it the first process inside.
INSIDE = ("setpriv", "--pdeathsig", "KILL", "--", "unshare", "--net", "--mount",
          "--pid", "--fork", "--kill-child", "--mount-proc", "--")


def numbers():
    return sorted(int(path.stem.partition("_")[2])
                  for path in CASES.glob("case_[0-9][0-9].py"))


def missing():
    """What is not there, and what gets it."""
    for path in (pathlib.Path("/usr/bin/qemu-system-x86_64"),
                 pathlib.Path("/usr/sbin/dnsmasq"), qemu.OVMF_CODE,
                 qemu.OVMF_VARS, qemu.NIC_ROM, site.RELAY,
                 site.IPXE / "snponly.efi", site.IPXE / "undionly.kpxe"):
        if not path.exists():
            yield f"{path} is missing: sh deploy/setup boot"
    if not os.environ.get("GUEST"):
        for path in supply.guest_files().values():
            if not path.exists():
                yield f"{path} is missing: make boot-guest"
    for path in (paths.matchbox(), paths.PROGRAMS / "edge-auth"):
        if not path.exists():
            yield f"{path} is missing: make all lab-tools"


def run(number):
    """One case in namespaces of its own; did it pass?"""
    case = importlib.import_module(f"{__package__}.cases.case_{number:02}")
    child = subprocess.Popen([*INSIDE, sys.executable, "-B", "-m",
                              f"{__package__}.inside", str(number)],
                             stdin=subprocess.DEVNULL)
    try:
        return child.wait(case.LIMIT + GRACE) == 0
    except subprocess.TimeoutExpired:
        print(f"boot {number}: FAILED: it does not end", flush=True)
        return False
    finally:
        if child.poll() is None:
            try:
                child.wait(5)
            except subprocess.TimeoutExpired:
                child.kill()
                child.wait()


def main(argv):
    if not all(word.isdigit() for word in argv[1:]):
        print(__doc__, file=sys.stderr)
        return 2
    if os.geteuid() != 0:
        print("boot: needs root, for network namespaces", file=sys.stderr)
        return 1
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    if lacking := list(missing()):
        print(*(f"boot: {line}" for line in lacking), sep="\n", file=sys.stderr)
        return 1
    there = numbers()
    wanted = list(map(int, argv[1:])) or there
    if unknown := [str(n) for n in wanted if n not in there]:
        print(f"boot: no case {', '.join(unknown)}; there are "
              f"{' '.join(map(str, there))}", file=sys.stderr)
        return 2
    results = []
    try:
        for number in wanted:
            results.append(run(number))
    except KeyboardInterrupt:
        return 128 + signal.SIGINT
    print(f"{sum(results)} passed, {len(results) - sum(results)} failed")
    return 0 if all(results) else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv))
