"""deploy/setup: what it asks, what it runs, and as whom."""

import os
import pathlib
import subprocess

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]

LOGGING = '#!/bin/sh\necho "{name} $*" >>"$SETUP_LOG"\n{then}\n'


@pytest.fixture
def machine(tmp_path):
    """run(missing, uid) -> (status, output, commands) with the system's own
    programs replaced by ones that log how they were called."""
    log = tmp_path / "log"
    shims = tmp_path / "shims"
    shims.mkdir()

    def shim(name, then=""):
        (shims / name).write_text(LOGGING.format(name=name, then=then))
        (shims / name).chmod(0o755)

    def run(*args, missing=(), uid=1000, apt_status=0):
        cases = "".join(f"{name}) exit 1 ;;\n" for name in missing)
        (shims / "dpkg-query").write_text(
            "#!/bin/sh\nfor last in \"$@\"; do :; done\n"
            f"case $last in\n{cases}*) echo installed ;;\nesac\n")
        (shims / "dpkg-query").chmod(0o755)
        (shims / "id").write_text(f"#!/bin/sh\necho {uid}\n")
        (shims / "id").chmod(0o755)
        shim("sudo", f"exit {apt_status}")
        shim("apt-get", f"exit {apt_status}")
        shim("make")
        log.write_text("")
        done = subprocess.run(
            ["sh", str(TREE / "deploy" / "setup"), *args], text=True,
            capture_output=True, timeout=60, stdin=subprocess.DEVNULL,
            env={**os.environ, "PATH": f"{shims}:{os.environ['PATH']}",
                 "SETUP_LOG": str(log)})
        return done.returncode, done.stdout + done.stderr, log.read_text().splitlines()

    return run


@pytest.mark.parametrize("args", [(), ("run",), ("test",), ("fresh",)])
def test_a_complete_machine_is_left_alone(machine, args):
    status, output, commands = machine(*args)
    assert (status, output) == (0, "")
    assert [c.split()[0] for c in commands] == ["make"]


def test_a_user_needs_sudo_for_apt_get_alone(machine):
    status, output, commands = machine("test", missing=("age", "wrk"))
    assert status == 0 and output == "setup: installing age wrk\n"
    assert commands[0].startswith("sudo DEBIAN_FRONTEND=noninteractive apt-get ")
    assert commands[1].endswith(" install age wrk")
    assert [c.split()[0] for c in commands] == ["sudo", "sudo", "make"]


def test_root_needs_no_sudo(machine):
    status, _, commands = machine(missing=("age",), uid=0)
    assert status == 0
    assert [c.split()[0] for c in commands] == ["apt-get", "apt-get", "make"]


def test_services_are_kept_from_starting(machine):
    _, _, commands = machine(missing=("nginx",), uid=0)
    policy = "/usr/sbin/policy-rc.d"
    assert f"DPkg::Pre-Invoke::=test -e {policy} || cp " in commands[1]
    assert "DPkg::Post-Invoke::=! cmp -s " in commands[1]
    assert f"|| rm {policy}" in commands[1]


def test_what_only_tests_need_is_not_asked_for(machine):
    assert machine(missing=("wrk",))[1] == ""
    assert machine("test", missing=("debootstrap",))[1] == ""
    assert "debootstrap" in machine("fresh", missing=("debootstrap",))[1]


def test_a_failing_apt_get_ends_it(machine):
    status, _, commands = machine(missing=("age",), apt_status=100)
    assert status == 100 and len(commands) == 1


def test_an_unknown_word_is_usage(machine):
    status, output, commands = machine("tests")
    assert status == 2 and output.startswith("usage:") and commands == []
