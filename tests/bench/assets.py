"""What a kernel costs on its way through the gate: a big file, several downloads
at once, against the same nginx serving the same file over the same TLS without
us. The goal is at least 0.97 of that, and memory that stays as it is."""

import pathlib
import re
import statistics
import subprocess
import sys
import time

TESTS = pathlib.Path(__file__).resolve().parents[1]
sys.path.insert(0, str(TESTS / "gate"))

import gate as harness                                     # noqa: E402

from . import gate as small                                # noqa: E402

SIZE, AT_ONCE, ROUNDS, PIECE = 64 << 20, 4, 11, 1 << 20


def memory(pid):
    """MiB that a process has resident, now and at most."""
    text = pathlib.Path(f"/proc/{pid}/status").read_text()
    return [int(re.search(rf"{name}:\s+(\d+) kB", text)[1]) / 1024
            for name in ("VmRSS", "VmHWM")]


class Side:
    """Rates in MB/s, and the worker's CPU milliseconds per MB."""

    def __init__(self, name, url, ca):
        self.name, self.rates, self.costs = name, [], []
        self.argv = ["curl", "--silent", "--show-error", "--fail",
                     "--parallel", "--parallel-max", str(AT_ONCE),
                     "--tls-max", "1.2", "--cacert", str(ca)]
        self.argv += ["--output", "/dev/null", url] * AT_ONCE

    def round(self, worker):
        before, began = small.cpu(worker), time.monotonic()
        # Without a terminal it shows progress all the same.
        subprocess.run(self.argv, check=True, timeout=120,
                       stderr=subprocess.PIPE)
        spent = time.monotonic() - began
        size = AT_ONCE * SIZE / 1e6
        self.rates.append(size / spent)
        self.costs.append((small.cpu(worker) - before) * 1e3
                          / small.TICKS / size)


def ratio(ours, base):
    """The median of the rounds' own ratios: a noisy neighbour meets both."""
    return statistics.median(o / b for o, b in zip(ours, base))


def table(bare, gate):
    yield (f"{f'64 MiB over TLS 1.2, {AT_ONCE} at once':<34}"
           f"{'CPU ms/MB':>18}{'ratio':>8}{'MB/s':>13}{'ratio':>8}")
    for side in (bare, gate):
        spread = (max(side.costs) - min(side.costs)) / 2
        yield (f"{side.name:<34}{statistics.median(side.costs):>10.2f} +- "
               f"{spread:<4.2f}{ratio(side.costs, bare.costs):>8.2f}"
               f"{statistics.median(side.rates):>13.0f}"
               f"{ratio(side.rates, bare.rates):>8.2f}")


def run(folder):
    address = harness.take_address()
    gate, edge, plain = small.set_up(folder, address.host)
    try:
        file = folder / "assets" / "vmlinuz"
        with open(file, "wb") as out:
            for number in range(SIZE // PIECE):
                out.write(bytes([number]) * PIECE)
        host, token = address.host, edge.token()
        bare = Side("the same file without us",
                    f"https://{host}:{small.PORT_FILES}/assets/vmlinuz",
                    gate.ca)
        ours = Side("the gate, token checked",
                    f"{gate.url('boot')}/t/{token}/assets/vmlinuz", gate.ca)
        worker, = gate.workers()
        for side in (bare, ours):
            side.round(worker)         # caches warm up
            side.rates.clear()
            side.costs.clear()
        before, _ = memory(worker)
        for number in range(ROUNDS):
            for side in (bare, ours) if number % 2 else (ours, bare):
                side.round(worker)
        after, most = memory(worker)
        print(*table(bare, ours), sep="\n")
        print(f"the worker's memory: {before:.1f} MiB, after "
              f"{2 * ROUNDS * AT_ONCE} downloads {after:.1f}, at most "
              f"{most:.1f}", flush=True)
    finally:
        gate.stop()
        plain.stop()
        edge.upstream.stop()
        address.release()
