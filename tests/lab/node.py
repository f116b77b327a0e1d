"""A stand-in for a Talos node, from kernel command line to checked config.

The work is done by `talos-oracle node` (tests/oracle/talos): Talos' retry
rules, its own library for strict decode and validation.
"""

import dataclasses
import json
import subprocess

from . import paths


@dataclasses.dataclass
class Delivery:
    """outcome: accepted, gave-up, no-config, invalid, partial, usage.

    attempts are dicts with status, body (the 32 bytes a console shows), error
    and tls. config is the text, if it was accepted.
    """
    outcome: str
    url: str = ""
    attempts: list = dataclasses.field(default_factory=list)
    sha256: str = ""
    message: str = ""
    config: str = ""

    @property
    def accepted(self):
        return self.outcome == "accepted"

    @property
    def last(self):
        """Status and console text of the last attempt, for a message."""
        if not self.attempts:
            return self.message
        tried = self.attempts[-1]
        return tried.get("error") or f"{tried['status']} {tried.get('body', '')}".strip()


def fetch(url, out, *, uuid="", serial="", mac="", ca=None, max_attempts=1,
          time_scale=0.001, timeout=120):
    """Fetch what talos.config=url names; out is where an accepted config goes."""
    out.unlink(missing_ok=True)
    argv = [str(paths.talos_oracle()), "node", "--url", url, "--out", str(out),
            "--uuid", uuid, "--serial", serial, "--mac", mac,
            "--max-attempts", str(max_attempts), "--time-scale", str(time_scale)]
    if ca is not None:
        argv += ["--ca", str(ca)]
    done = subprocess.run(argv, text=True, capture_output=True, timeout=timeout)
    if not done.stdout.startswith("{"):
        raise RuntimeError(f"talos-oracle node: {done.stderr.strip()}")
    report = json.loads(done.stdout)
    config = out.read_text() if report["outcome"] == "accepted" else ""
    return Delivery(report["outcome"], report["url"], report["attempts"],
                    report.get("sha256", ""), report.get("message", ""), config)


def boot(boot, hardware, out, **options):
    """Continue a ROM's boot: the URL stands on the kernel's command line."""
    url = boot.argument("talos.config")
    if boot.outcome != "kernel" or not url:
        return Delivery("gave-up", message=f"the ROM ended with {boot.outcome}"
                        f" {boot.reason}".rstrip())
    return fetch(url, out, uuid=hardware.uuid, serial=hardware.serial,
                 mac=hardware.mac, **options)
