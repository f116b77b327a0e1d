"""What systemd says about the units, on a machine that has it. That they name
what is installed is test_install's."""

import pathlib
import shutil
import subprocess

TREE = pathlib.Path(__file__).resolve().parents[2]
UNITS = TREE / "deploy" / "systemd"


def verify(folder):
    """Its complaints; an empty list where there is no systemd to complain."""
    analyze = shutil.which("systemd-analyze")
    if analyze is None:
        return []
    done = subprocess.run([analyze, "verify", "--man=no",
                           *map(str, sorted(folder.iterdir()))],
                          capture_output=True, text=True, timeout=60)
    return [line for line in (done.stdout + done.stderr).splitlines()
            if str(folder) in line or "edge-keyd" in line]


def copy(folder, program):
    folder.mkdir()
    for unit in UNITS.iterdir():
        (folder / unit.name).write_text(unit.read_text().replace(
            "/usr/local/sbin/edge-keyd", str(program)))
    return folder


def test_systemd_accepts_the_units(tmp_path):
    assert sorted(path.name for path in UNITS.iterdir()) == [
        "edge-keyd.service", "edge-keyd.socket"]
    assert verify(copy(tmp_path / "units", "/bin/sh")) == []
    if shutil.which("systemd-analyze"):
        bad = copy(tmp_path / "bad", tmp_path / "no-program")
        assert verify(bad) != []


def test_the_service_may_do_little():
    """Nothing of this is left out by mistake."""
    text = (UNITS / "edge-keyd.service").read_text().splitlines()
    for line in ("DynamicUser=yes", "NoNewPrivileges=yes", "LimitCORE=0",
                 "CapabilityBoundingSet=", "ProtectSystem=strict",
                 "ProtectHome=yes", "PrivateDevices=yes", "UMask=0077",
                 "MemoryDenyWriteExecute=yes",
                 "RestrictAddressFamilies=AF_UNIX AF_INET AF_INET6"):
        assert line in text, line
