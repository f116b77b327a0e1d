"""make keys N=…: deliveries through the real edge-keyd against the stand-in on
its bad days, with retries, joins, revocations, kills, and a sweeper that plays
the gate's part. What became of the keys is read from the stand-in's own log.

Here stand the nodes and the gate's record of keys: an attempt's key is given to
the node again as long as the record lists it, each key that is in no record is
deleted by the sweep, and at the close of an enrollment every unused key goes.
"""

import collections
import concurrent.futures
import random
import signal
import sys
import threading
import time

from edge_keyd import EdgeKeyd, check, delete, listing, mint
from tailapi import JoinError, Options, TailApi

WORKERS = 16
TRIES = 400          # of one request, until the run has failed
LIFE = 3600          # s from a claim to its deadline
HOUR = 3600
YOUNG = 700          # s: edge-keyd lists a key only when it is older
AFTER_CLOSE = 9000   # s that a key may live behind the deadline


class Failed(Exception):
    """The run cannot go on; the text says where it stands."""


class Gate:
    """The part of the gate that has to do with keys."""

    def __init__(self, api, keyd, seed):
        self.api, self.keyd = api, keyd
        self.random = random.Random(seed)
        self.lock = threading.Lock()
        self.record = {}              # key id -> (number, gen, n)
        self.to_delete = set()
        self.wrong = collections.Counter()
        self.restarts = self.retries = self.joined = 0
        self.alive = threading.Lock()
        self.kill_at = set()
        self.asked = 0

    # ---- one question, until it is answered ----

    def ask(self, request):
        for _ in range(TRIES):
            self.maybe_kill()
            try:
                reply = self.keyd.ask(request)
            except OSError:
                reply = None
            if reply is not None and reply["ok"]:
                return reply
            if reply is not None and reply["reason"] in ("bad", "ceiling"):
                raise Failed(f"{request['op']}: {reply}")
            with self.lock:
                self.retries += 1
            time.sleep(min(0.2, 0.05 if reply is None or not reply["retry"]
                           else 0.2))
        raise Failed(f"{request['op']} was not answered in {TRIES} tries")

    def maybe_kill(self):
        with self.alive:
            self.asked += 1
            if self.asked in self.kill_at:
                self.keyd.stop(signal.SIGKILL)
                self.keyd.start()
                self.restarts += 1

    def chance(self, of):
        with self.lock:
            return self.random.random() < of

    # ---- a node's way ----

    def deliver(self, number):
        """The node asks once or more, for one attempt or two, and then joins,
        is revoked, or is never heard of again."""
        gen, n = 1, 1
        deadline = int(self.api.net.now()) + LIFE
        while True:
            minted = self.mint(number, gen, n, deadline)
            if self.chance(0.3):
                again = self.mint(number, gen, n, deadline)
                self.count_if(again["id"] == minted["id"] and
                              again["key"] != minted["key"], "key changed")
                minted = again
            if n > 1 or not self.chance(0.2):
                break
            n += 1                     # powered off and on: another claim
        if self.chance(0.1):
            self.close(number)         # revoked before it joined
        elif self.chance(0.9):
            self.join(number, gen, minted)
            self.close(number)
        # else it stays as it is, until the end of the run

    def mint(self, number, gen, n, deadline):
        reply = self.ask(mint(number, gen, n, deadline=deadline))
        key = self.api.net.keys[reply["id"]]
        self.count_if(key.secret != reply["key"], "key of another id")
        self.count_if(not key.description.endswith(f" {number}-{gen}-{n}"),
                      "key of another attempt")
        self.count_if(key.expires <= deadline or
                      key.expires > deadline + AFTER_CLOSE + 60, "life")
        with self.lock:
            self.record[reply["id"]] = (number, gen, n)
        return reply

    def join(self, number, gen, minted):
        asked = check(minted["id"], number, gen,
                      since=int(self.api.net.now()) - 60)
        self.count_if(self.ask(asked)["used"], "used before it was")
        try:
            device = self.api.net.use(minted["key"], f"setup-node-{number}")
        except JoinError as error:
            self.count_if(True, f"delivered key: {error}")
            return
        reply = self.ask(asked)
        self.count_if((reply["used"], reply["device"], reply["devices"]) !=
                      (True, device.node_id, 1), "join not seen")
        with self.lock:
            self.joined += 1
        try:
            self.api.net.use(minted["key"], f"setup-node-{number}")
            self.count_if(True, "key used twice")
        except JoinError:
            pass

    def close(self, number):
        """joined or revoked: the keys that nobody used go."""
        with self.lock:
            mine = [id_ for id_, row in self.record.items()
                    if row[0] == number]
        for id_ in mine:
            if not self.api.net.keys[id_].used:
                self.ask(delete(id_))
            with self.lock:
                del self.record[id_]

    def count_if(self, bad, what):
        if bad:
            with self.lock:
                self.wrong[what] += 1

    # ---- the sweep ----

    def sweep(self):
        after = ""
        while True:
            reply = self.ask(listing(after))
            if reply["id"] == "":
                return
            after = reply["id"]
            with self.lock:
                known = after in self.record
            if not reply["used"] and not known:
                self.count_if(reply["number"] == 0, "orphan of nobody")
                self.ask(delete(after))


def run(count, seed, scale):
    options = Options(scale=scale, seed=seed, retry_after=(0,) * 19 + (1,))
    with TailApi(options, owns=["tag:edge-site-1"]) as api:
        keyd = EdgeKeyd(api.url, api.client_secret)
        gate = Gate(api, keyd, seed)
        gate.kill_at = {int(count * 3 * (i + 1) / 5) for i in range(4)}
        try:
            keyd.start()
            with concurrent.futures.ThreadPoolExecutor(WORKERS) as pool:
                for done in [pool.submit(gate.deliver, i + 1)
                             for i in range(count)]:
                    done.result()
            settle(api, gate)
            return judge(api, gate, count)
        finally:
            keyd.close()


def settle(api, gate):
    """Days later: what is left is closed and swept; restarted, edge-keyd has
    forgotten what it held. Then time is past every close."""
    for key in api.net.keys.values():
        key.created -= YOUNG
    with gate.lock:
        left = {row[0] for row in gate.record.values()}
    for number in left:
        gate.close(number)
    gate.keyd.stop(signal.SIGKILL)
    gate.keyd.start()
    gate.sweep()
    api.net.shift = LIFE + AFTER_CLOSE + HOUR
    api.net.expire()


def judge(api, gate, count):
    what = collections.defaultdict(set)
    for row in api.net.log:
        what[row["what"]].add(row["key"])
    minted, used = what["minted"], what["used"]
    deleted = what["deleted"] - used
    past = what["expired"]
    wrong = sum(gate.wrong.values()) + len(minted ^ (used | deleted | past))
    print(f"keys: {len(minted)} minted, {len(used)} used, {len(deleted)} "
          f"deleted, {gate.joined} joined, {gate.retries} retries, "
          f"{gate.restarts} kills, faults {sum(api.faults.counts.values())}")
    for label, times in sorted(gate.wrong.items()):
        print(f"keys: wrong: {label}: {times}")
    for id_ in sorted(past)[:20]:
        key = api.net.keys[id_]
        print(f"keys: past close: {id_} '{key.description}'")
    is_even = len(minted) == len(used) + len(deleted)
    sign = "=" if is_even else "!="
    print(f"keys: {count} deliveries, minted {sign} used + deleted, "
          f"{len(past)} past close, {wrong} wrong")
    return is_even and not past and not wrong


def main():
    count, seed = int(sys.argv[1]), int(sys.argv[2])
    sys.exit(0 if run(count, seed, 1.0) else 1)


if __name__ == "__main__":
    main()
