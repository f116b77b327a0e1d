"""A lab: Matchbox and its fronts on an address of their own.

    with Lab(fronts=[Bare()]) as lab:
        lab.fronts["bare"].boot_url

Everything a lab writes stands below its folder; what its clients need to know
stands in folder/env, a shell file (see ENVIRONMENT).
"""

import fcntl
import os
import shlex
import shutil
import signal
import time

from . import paths
from .address import Address
from .matchbox import Matchbox
from .supply import Supply

# The names in folder/env. A lab without the thing has an empty value.
ENVIRONMENT = (
    "EDGE_BOOT_URL", "EDGE_BOOT_MTLS_URL", "EDGE_CONFIG_URL", "EDGE_CA_FILE",
    "EDGE_CLIENT_CERT", "EDGE_CLIENT_KEY", "EDGE_STORE", "EDGE_AUDIT",
    "EDGE_METRICS_URL", "EDGE_ERROR_LOG", "EDGE_ACCESS_LOG", "MATCHBOX_URL",
    "MATCHBOX_DATA", "MATCHBOX_LOG", "EDGE_INVENTORY", "EDGE_AUTH",
)


class LabError(RuntimeError):
    """Says what to do about it."""


class Lab:
    """fronts are started in order and stopped in reverse. supply fills lab.data
    (Matchbox's groups, profiles, generic) and lab.assets before anything
    starts, from deploy/lab/inventory.yaml."""

    def __init__(self, folder=None, fronts=()):
        self.folder = folder or paths.lab_dir()
        self.fronts = {front.name: front for front in fronts}
        self.supply = Supply()
        self.secrets = self.folder / "secrets.yaml"
        self.data = self.folder / "matchbox"
        self.assets = self.folder / "assets"
        self.env = dict.fromkeys(ENVIRONMENT, "")
        self.address = self.matchbox = self._lock = None

    @property
    def host(self):
        return self.address.host

    def start(self):
        self._take_folder()
        try:
            self.address = Address()
            self.supply.publish(self)
            self.matchbox = Matchbox(self.host, self.data, self.assets,
                                     self.folder / "matchbox.log")
            self.matchbox.start()
            self.env["MATCHBOX_URL"] = self.matchbox.url
            self.env["MATCHBOX_DATA"] = str(self.data)
            self.env["MATCHBOX_LOG"] = str(self.matchbox.log)
            for front in self.fronts.values():
                front.start(self)
            self.write_env()
        except BaseException:
            self.stop()
            raise

    def stop(self):
        """Stop everything that was started; stopping twice is fine. Logs and
        data stay until the next start."""
        for front in reversed(list(self.fronts.values())):
            front.stop()
        if self.matchbox is not None:
            self.matchbox.stop()
        if self.address is not None:
            self.address.release()
            self.address = None
        if self._lock is not None:
            (self.folder / "env").unlink(missing_ok=True)
            self._lock.close()
            self._lock = None

    def reload(self):
        for front in self.fronts.values():
            front.reload()

    def __enter__(self):
        self.start()
        return self

    def __exit__(self, *_):
        self.stop()

    def write_env(self):
        """Publish folder/env. A front fills lab.env with what it knows."""
        unknown = self.env.keys() - set(ENVIRONMENT)
        if unknown:
            raise ValueError(f"not in ENVIRONMENT: {sorted(unknown)}")
        text = "".join(f"{name}={shlex.quote(self.env[name])}\n"
                       for name in ENVIRONMENT)
        aside = self.folder / "env.new"
        aside.write_text(text)
        aside.rename(self.folder / "env")

    def _take_folder(self):
        """One lab per folder. What an earlier one left there is removed."""
        self.folder.mkdir(parents=True, exist_ok=True)
        lock = open(self.folder / "lock", "a+")
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except OSError:
            lock.close()
            raise LabError(f"a lab runs in {self.folder}: `make lab-down` "
                           "ends it, or set LAB_DIR to another folder") from None
        lock.truncate(0)
        lock.write(str(os.getpid()))
        lock.flush()
        self._lock = lock
        for entry in self.folder.iterdir():
            if entry.name in ("lock", "up.log"):
                continue
            if entry.is_dir() and not entry.is_symlink():
                shutil.rmtree(entry)
            else:
                entry.unlink()


def owner(folder):
    """Process id of the lab that runs in folder, or None."""
    try:
        with open(folder / "lock", "r+") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
                return None
            except OSError:
                return int(lock.read() or 0) or None
    except FileNotFoundError:
        return None


def end(folder, timeout=20):
    """Ask the lab in folder to end and wait for it; False if none ran."""
    pid = owner(folder)
    if pid is None:
        return False
    os.kill(pid, signal.SIGTERM)
    limit = time.monotonic() + timeout
    while owner(folder) is not None:
        if time.monotonic() > limit:
            raise LabError(f"process {pid} does not end")
        time.sleep(0.05)
    return True
