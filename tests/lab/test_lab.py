"""The lab itself: the left column, the background lab, two labs at once."""

import os
import shlex
import shutil
import subprocess
import sys

import pytest

from lab import __main__ as main
from lab import attacks, fixture, node, paths, rom, web
from lab.front import Bare
from lab.lab import ENVIRONMENT, Lab, LabError, owner
from lab.scene import Scene


@pytest.fixture(scope="module")
def bare(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab"), fronts=[Bare()]) as lab:
        yield lab


@pytest.mark.parametrize("number", [1, 2, 3, 4])
def test_a_worker_boots_through_bare_nginx(bare, number):
    name, front = f"edge-worker-{number}", bare.fronts["bare"]
    hardware = bare.supply.hardware(name)
    boot = rom.Rom(hardware, ca=front.ca).boot(script=front.script())
    assert boot.outcome == "kernel", boot.reason
    assert boot.kernel.body == fixture.KERNEL
    got = node.boot(boot, hardware, bare.folder / "got.yaml", ca=front.ca)
    assert got.accepted, got.last
    assert got.sha256 == bare.supply.nodes[name]["sha256"]


@pytest.mark.parametrize("attack", attacks.ATTACKS, ids=lambda a: a.name)
def test_attacks_succeed_against_bare_matchbox(bare, attack):
    seen = attack.bare(Scene(bare))
    assert seen.got, seen.words


def test_an_unknown_machine_gets_nothing_even_from_bare_matchbox(bare):
    front = bare.fronts["bare"]
    boot = rom.Rom(rom.Hardware(uuid="0" * 8), ca=front.ca).boot(script=front.script())
    assert boot.outcome == "failed" and "404" in boot.reason


def test_a_client_without_the_root_refuses_the_server(bare):
    answer = web.request(bare.fronts["bare"].boot_url + "/boot.ipxe")
    assert answer.status == 0 and "certificate" in answer.error


def test_matchbox_log_is_read_back(bare):
    web.request(bare.matchbox.url + "/metadata?seen=here")
    assert "GET /metadata?seen=here" in bare.matchbox.requests()


def test_env_is_a_shell_file_with_every_name(bare):
    text = (bare.folder / "env").read_text()
    found = dict(line.split("=", 1) for line in shlex.split(text))
    assert tuple(found) == ENVIRONMENT
    assert found["MATCHBOX_URL"] == bare.matchbox.url


def test_a_reload_keeps_answering(bare):
    bare.reload()
    front = bare.fronts["bare"]
    assert web.request(front.boot_url + "/boot.ipxe", ca=front.ca).status == 200


def test_a_folder_holds_one_lab(bare):
    with pytest.raises(LabError, match="lab-down"):
        Lab(bare.folder).start()


def test_two_labs_run_at_once(bare, tmp_path):
    with Lab(tmp_path / "other") as other:
        assert other.host != bare.host
        assert web.request(other.matchbox.url + "/").text == "matchbox\n"
    assert owner(tmp_path / "other") is None


def command(folder, verb):
    env = {**os.environ, "LAB_DIR": str(folder), "PYTHONPATH": str(paths.TREE / "tests")}
    return subprocess.run([sys.executable, "-B", "-m", "lab", verb], env=env,
                          capture_output=True, text=True, timeout=120)


def test_up_and_down(tmp_path):
    folder = tmp_path / "lab"
    assert command(folder, "down").stdout.startswith("lab: none runs")
    up = command(folder, "up")
    assert up.returncode == 0, up.stderr
    assert owner(folder) is not None and (folder / "env").exists()
    again = command(folder, "up")
    assert again.returncode == 1 and "make lab-down" in again.stderr
    assert command(folder, "down").stdout == "lab: down\n"
    assert owner(folder) is None and not (folder / "env").exists()


def test_daemons_die_with_a_killed_lab(tmp_path):
    folder = tmp_path / "lab"
    assert command(folder, "up").returncode == 0
    url = dict(line.split("=", 1) for line in
               shlex.split((folder / "env").read_text()))["MATCHBOX_URL"]
    assert web.request(url + "/").status == 200
    os.kill(owner(folder), 9)
    for _ in range(100):
        answer = web.request(url + "/")
        if answer.status == 0:
            break
    assert answer.status == 0


@pytest.mark.parametrize("program", ["talos-configgen", "edge-auth", "edge-pki"])
def test_a_part_that_fails_is_named(tmp_path, monkeypatch, program):
    """Whatever does not work, `make run` says which program said what."""
    programs = tmp_path / "bin"
    shutil.copytree(paths.PROGRAMS, programs)
    (programs / program).write_text("#!/bin/sh\necho no such luck >&2\nexit 1\n")
    monkeypatch.setattr(paths, "PROGRAMS", programs)
    monkeypatch.setenv("LAB_DIR", str(tmp_path / "lab"))
    said = []
    monkeypatch.setattr(main, "print", lambda *words, **_: said.append(words[0]),
                        raising=False)
    assert main.main(["lab", "run"]) == 1
    assert program in said[-1] and "no such luck" in said[-1]
    assert owner(tmp_path / "lab") is None
