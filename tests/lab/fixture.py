"""What the generator does not make for a lab: a secrets bundle, stand-ins for
boot files, and the control plane's group, profile and config, which the left
column of the attacks needs. Configs and bundles are made by Talos' own library.
"""

import shutil
import subprocess

from . import paths

CLUSTER = "setup02-cluster"
ENDPOINT = "https://100.110.150.118:6443"
INSTALLER = "ghcr.io/siderolabs/installer:v1.13.3"

# What the stand-ins boot; the loader of a real kernel would want more.
KERNEL = b"\x7fELF stand-in for a kernel\n"
INITRAMFS = b"\xfd7zXZ stand-in for an initramfs\n"

# A line operators add to see which machine asked: text of the client's in the
# middle of a template.
ECHO = '# asked for by asset {{index .request.query "asset"}}\n'


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


def config(secrets, role):
    """A machine config as Talos' library makes it."""
    return oracle("gen", "--secrets", str(secrets), "--role", role,
                  "--name", CLUSTER, "--endpoint", ENDPOINT,
                  "--kubernetes", "1.34.1", "--contract", "v1.13",
                  "--install-disk", "/dev/vda", "--install-image", INSTALLER)


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
