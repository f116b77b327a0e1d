"""Network namespaces of one run: the cloud is the one this program is in, sites
and servers have their own, with a name in a /run that is the run's own too."""

import pathlib
import subprocess

NAMES = pathlib.Path("/run/netns")


def run(*argv):
    """A command that has to work."""
    argv = list(map(str, argv))
    done = subprocess.run(argv, text=True, capture_output=True, timeout=30)
    if done.returncode != 0:
        raise RuntimeError(f"{' '.join(argv)}: {done.stderr.strip()}")
    return done.stdout


class Namespace:
    """One network namespace with a name. All of them end with the run."""

    def __init__(self, name):
        self.name, self.path = name, NAMES / name
        run("ip", "netns", "add", name)
        self.ip("link", "set", "lo", "up")

    def ip(self, *argv):
        return run("ip", "-n", self.name, *argv)

    def write(self, sysctl, value):
        run("nsenter", f"--net={self.path}", "--", "sh", "-c",
            f"echo {value} >/proc/sys/net/{sysctl}")

    def address(self, device, *addresses):
        for address in addresses:
            self.ip("address", "add", address, "dev", device)
        self.ip("link", "set", device, "up")

    def route(self, via, to="default"):
        self.ip("route", "add", to, "via", via)

    def bridge(self, name):
        """A switch that forwards at once, as one with portfast does."""
        self.ip("link", "add", name, "type", "bridge", "forward_delay", "0",
                "stp_state", "0")

    def tap(self, name, bridge):
        self.ip("tuntap", "add", name, "mode", "tap")
        self.ip("link", "set", name, "master", bridge, "up")


class Cloud(Namespace):
    """The namespace this program is in: the Internet, and what is there."""

    def __init__(self):
        self.name = None
        self.path = pathlib.Path("/proc/self/ns/net")
        self.ip("link", "set", "lo", "up")
        self.write("ipv4/ip_forward", 1)

    def ip(self, *argv):
        return run("ip", *argv)


def cable(one, one_name, two, two_name):
    """A veth pair between two namespaces; its ends are down."""
    run("ip", "link", "add", "cable-a", "type", "veth", "peer", "name", "cable-b")
    for space, old, new in ((one, "cable-a", one_name),
                            (two, "cable-b", two_name)):
        if space.name:
            run("ip", "link", "set", old, "netns", space.name)
        space.ip("link", "set", old, "name", new)
