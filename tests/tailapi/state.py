"""The tailnet behind the API: what keys and devices there are, and everything
that happened to each key. Time is the clock plus a shift that tests set."""

import dataclasses
import itertools
import json
import threading
import time

SINGLE_USE_LIFE_MAX = 90 * 86400


def rfc3339(seconds):
    return time.strftime("%Y-%m-%dT%H:%M:%SZ", time.gmtime(seconds))


class JoinError(Exception):
    """A device that shows a key is not let in; the text says why."""


@dataclasses.dataclass
class Key:
    id: str
    secret: str
    tags: list
    description: str
    created: float
    expires: float
    reusable: bool = False
    ephemeral: bool = False
    preauthorized: bool = True
    used: bool = False
    deleted: bool = False

    def is_invalid(self, now):
        return self.used or self.deleted or now >= self.expires


@dataclasses.dataclass
class Device:
    node_id: str
    id: str
    hostname: str
    name: str
    tags: list
    created: float
    key_id: str


class Tailnet:
    """Every method is safe to call from any thread."""

    def __init__(self, prefix="k"):
        self.keys, self.devices, self.log = {}, {}, []
        self.shift = 0.0
        self.lock = threading.RLock()
        self._prefix = prefix
        self._numbers = itertools.count(1)

    def now(self):
        return time.time() + self.shift

    def note(self, what, key):
        self.log.append({"at": self.now(), "what": what, "key": key.id,
                         "description": key.description})

    def mint(self, tags, description, life, **flags):
        with self.lock:
            number = next(self._numbers)
            id_ = f"{self._prefix}{number:06d}CNTRL"
            now = self.now()
            key = Key(id_, f"tskey-auth-{id_}-secretOfKey{number:06d}",
                      list(tags), description, now, now + life, **flags)
            self.keys[id_] = key
            self.note("minted", key)
            return key

    def delete(self, id_):
        """False if there is no such key any more."""
        with self.lock:
            key = self.keys.get(id_)
            if key is None or key.deleted:
                return False
            key.deleted = True
            self.note("deleted", key)
            return True

    def use(self, secret, hostname):
        """Play a device that joins with this key; the Device, or JoinError."""
        with self.lock:
            key = next((key for key in self.keys.values()
                        if key.secret == secret), None)
            if key is None:
                raise JoinError("no such key")
            if key.deleted:
                raise JoinError("key was deleted")
            if self.now() >= key.expires:
                raise JoinError("key has expired")
            if key.used and not key.reusable:
                raise JoinError("key was used")
            key.used = True
            self.note("used", key)
            return self.add_device(hostname, key.tags, key.id)

    def add_device(self, hostname, tags, key_id=""):
        with self.lock:
            taken = {device.name for device in self.devices.values()}
            name = next(name for name in itertools.chain(
                [hostname], (f"{hostname}-{n}" for n in itertools.count(1)))
                if name not in taken)
            number = next(self._numbers)
            device = Device(f"n{number:06d}CNTRL", str(7000000 + number),
                            hostname, name, list(tags), self.now(), key_id)
            self.devices[device.node_id] = device
            return device

    def remove_device(self, id_):
        with self.lock:
            for node_id, device in list(self.devices.items()):
                if id_ in (node_id, device.id):
                    del self.devices[node_id]
                    return True
            return False

    def expire(self):
        """Note in the log the keys that ran out unused."""
        with self.lock:
            noted = {row["key"] for row in self.log if row["what"] == "expired"}
            for key in self.keys.values():
                if (self.now() >= key.expires and not key.used and
                        not key.deleted and key.id not in noted):
                    self.note("expired", key)

    def write_log(self, path):
        with self.lock, open(path, "w", encoding="utf-8") as out:
            for row in self.log:
                out.write(json.dumps(row) + "\n")
