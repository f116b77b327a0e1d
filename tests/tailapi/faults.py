"""How an API misbehaves: what becomes of one answer, drawn from a seed."""

import dataclasses
import random
import threading

# What goes wrong, and how often out of one, at scale 1.
CHANCES = {
    "500": 0.05,                # before anything was done
    "429": 0.05,
    "reset": 0.02,              # after the request was read
    "reset-late": 0.02,         # done, headers sent, then gone
    "truncated": 0.02,          # done, and half of the JSON arrives
    "html": 0.02,               # a 502 of something in front
    "length": 0.01,             # done, with a Content-Length that is wrong
    "expired": 0.01,            # a token that is refused right away
}
# The request had its effect although the caller does not learn of it.
LATE = {"reset-late", "truncated", "length"}


@dataclasses.dataclass
class Options:
    scale: float = 0.0          # 0: happy; 1: hostile as above
    seed: int = 1
    latency: float = 0.0        # s, each answer waits up to this
    delay: float = 0.0          # s, and this in any case
    retry_after: tuple = (1, 2, 3)   # one of these seconds


class Faults:
    def __init__(self, options):
        self.options = options
        self.counts = {}
        self._random = random.Random(options.seed)
        self._lock = threading.Lock()
        self._next = []

    def force(self, *names):
        """The next requests go wrong in these ways; None: it goes well."""
        with self._lock:
            self._next += names

    def draw(self, is_token):
        """(what goes wrong or None, seconds to wait, Retry-After)"""
        with self._lock:
            wait = self.options.delay + self._random.uniform(
                0, self.options.latency)
            retry = self._random.choice(self.options.retry_after)
            chosen = self._choose(is_token)
            if chosen is not None:
                self.counts[chosen] = self.counts.get(chosen, 0) + 1
            return chosen, wait, retry

    def _choose(self, is_token):
        if self._next:
            return self._next.pop(0)
        at = self._random.random()
        for name, chance in CHANCES.items():
            at -= chance * self.options.scale
            if at < 0:
                return name if is_token or name != "expired" else None
        return None
