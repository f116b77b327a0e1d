"""python3 -m lab run|up|down

run   the show; on a terminal the lab stays up until Ctrl-C
up    a lab in the background, $LAB_DIR/env says where everything is
down  end it

Exit status: 0, 1 for a surprise or a lab that did not come up, 2 for usage.
"""

import os
import signal
import subprocess
import sys
import time

from . import paths, show
from .front import Bare
from .gatefront import Gated
from .lab import Lab, LabError, end, owner

UP_SECONDS = 60


def make_lab():
    return Lab(fronts=[Bare(), Gated()])


def shown(path):
    """A path as somebody in this folder would type it."""
    try:
        return path.relative_to(os.getcwd())
    except ValueError:
        return path


def wait_for_end():
    """Until TERM or Ctrl-C."""
    try:
        while True:
            signal.pause()
    except KeyboardInterrupt:
        print()


def run():
    print(f"lab: Matchbox bare and behind the gate, in {shown(paths.lab_dir())}\n",
          flush=True)
    with make_lab() as lab:
        totals = show.play(lab)
        if sys.stdin.isatty() and sys.stdout.isatty():
            print("\nThe lab stays up until Ctrl-C. In another shell here:\n\n"
                  f"  . {shown(lab.folder)}/env")
            for command in show.hints(lab):
                print(f"  {command}")
            sys.stdout.flush()
            wait_for_end()
    return 1 if totals.surprises else 0


def serve():
    """What `up` leaves in the background."""
    with make_lab():
        wait_for_end()
    return 0


def up():
    folder = paths.lab_dir()
    if owner(folder) is not None:
        raise LabError(f"a lab runs in {folder} already; `make lab-down` ends it")
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "env").unlink(missing_ok=True)
    with open(folder / "up.log", "wb") as log:
        child = subprocess.Popen(
            [sys.executable, "-m", __package__, "serve"], stdout=log,
            stderr=log, stdin=subprocess.DEVNULL, start_new_session=True)
    limit = time.monotonic() + UP_SECONDS
    while not (folder / "env").exists():
        if child.poll() is not None or time.monotonic() > limit:
            raise LabError(f"the lab did not come up: {folder}/up.log says\n"
                           + (folder / "up.log").read_text())
        time.sleep(0.05)
    print(f"lab: up in {folder}; . {folder}/env tells a shell where things are")
    return 0


def down():
    folder = paths.lab_dir()
    print("lab: down" if end(folder) else f"lab: none runs in {folder}")
    return 0


VERBS = {"run": run, "up": up, "down": down, "serve": serve}


def main(argv):
    if len(argv) != 2 or argv[1] not in VERBS:
        print(__doc__, file=sys.stderr)
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(0))
    os.umask(0o022)
    try:
        return VERBS[argv[1]]()
    except RuntimeError as error:   # a part of the lab did not come up
        print(f"lab: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 128 + signal.SIGINT


if __name__ == "__main__":
    sys.exit(main(sys.argv))
