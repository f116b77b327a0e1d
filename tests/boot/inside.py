"""python3 -m boot.inside N: one case, in the namespaces that __main__ made."""

import importlib
import os
import signal
import sys

from . import harness


def main(argv):
    number = int(argv[1])
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    os.umask(0o022)
    case = importlib.import_module(f".cases.case_{number:02}", __package__)
    try:
        return 0 if harness.play(number, case) else 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv))
