"""Fixture data for Matchbox, filled with configs of Talos' own library.

The groups and profiles stand in fixtures/; the machine configs carry secrets,
so each lab makes its own. Where the generator renders a lab's inventory only
the control plane's group and config come from here: the left column of the
attack table needs them.
"""

import json
import shutil
import subprocess

from . import paths
from .rom import Hardware

CLUSTER = "setup02-cluster"
ENDPOINT = "https://100.110.150.118:6443"
INSTALLER = "ghcr.io/siderolabs/installer:v1.13.3"

# What the stand-ins boot; the loader of a real kernel would want more.
KERNEL = b"\x7fELF stand-in for a kernel\n"
INITRAMFS = b"\xfd7zXZ stand-in for an initramfs\n"

# A line operators add to see which machine asked: text of the client's in the
# middle of a template.
ECHO = '# asked for by asset {{index .request.query "asset"}}\n'


def hardware(number):
    """Of edge-worker-<number>, as fixtures/groups has it."""
    return Hardware(uuid=f"9ddf0214-b102-49a3-bec3-d1151498a40{number}",
                    mac=f"52:54:00:00:02:0{number}", serial=f"LAB-{number:04d}",
                    hostname=f"edge-worker-{number}")


def oracle(*argv):
    """Standard output of talos-oracle; its message is the exception's."""
    done = subprocess.run([str(paths.talos_oracle()), *argv], text=True,
                          capture_output=True, timeout=60)
    if done.returncode != 0:
        raise RuntimeError(done.stderr.strip())
    return done.stdout


def make_secrets(path):
    """A secrets bundle for the lab's cluster, readable by us alone."""
    path.touch(0o600)
    path.write_text(oracle("gen-secrets", "--contract", "v1.13"))


def config(secrets, role, *, disk="/dev/vda", patches=()):
    """A machine config as Talos' library makes it."""
    argv = ["gen", "--secrets", str(secrets), "--role", role,
            "--name", CLUSTER, "--endpoint", ENDPOINT, "--kubernetes", "1.34.1",
            "--contract", "v1.13", "--install-disk", disk,
            "--install-image", INSTALLER]
    for patch in patches:
        argv += ["--patch", str(patch)]
    return oracle(*argv)


def escape(text):
    """Matchbox's generic files are Go templates; `{{` stands for itself."""
    return text.replace("{{", '{{"{{"}}')


def write_controlplane(data, secrets):
    """The group, profile and config of a control plane."""
    for kind, name in (("groups", "controlplane.json"),
                       ("profiles", "talos-controlplane.json")):
        (data / kind).mkdir(parents=True, exist_ok=True)
        shutil.copy(paths.FIXTURES / kind / name, data / kind / name)
    (data / "generic").mkdir(parents=True, exist_ok=True)
    (data / "generic" / "controlplane.yaml").write_text(
        ECHO + escape(config(secrets, "controlplane")))


def write_workers(data, secrets):
    """The four workers' groups, profiles and configs."""
    for kind in ("groups", "profiles"):
        (data / kind).mkdir(parents=True, exist_ok=True)
        for source in (paths.FIXTURES / kind).glob("*edge-worker-*.json"):
            shutil.copy(source, data / kind / source.name)
    (data / "generic").mkdir(parents=True, exist_ok=True)
    text = escape(config(secrets, "worker",
                         patches=[paths.FIXTURES / "patches" / "worker.yaml"]))
    for group in (data / "groups").glob("edge-worker-*.json"):
        name = json.loads(group.read_text())["id"]
        (data / "generic" / f"{name}.yaml").write_text(f"# {name}\n{text}")


def write_assets(assets):
    assets.mkdir(parents=True, exist_ok=True)
    (assets / "vmlinuz").write_bytes(KERNEL)
    (assets / "initramfs.xz").write_bytes(INITRAMFS)
