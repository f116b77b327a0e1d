"""Nodes and attackers at the lab's gate: all of it is real but the machines."""

import dataclasses
import os
import shlex
import subprocess
import threading

import pytest

from lab import attacks, node, rom, sample, show, web
from lab.front import Bare
from lab.gatefront import Gated
from lab.lab import Lab
from lab.scene import Judge, Scene

NAME = "edge-worker-2"


@pytest.fixture(scope="module")
def lab(tmp_path_factory):
    with Lab(tmp_path_factory.mktemp("lab"), fronts=[Bare(), Gated()]) as lab:
        yield lab


@pytest.fixture
def scene(lab):
    """Worker 2 is armed; its Matchbox runs, whatever a test did to it."""
    made = Scene(lab)
    made.tokens[NAME] = made.gate.token(NAME)
    return made


def machine(scene, **options):
    return rom.Rom(scene.hardware(2), ca=scene.gate.ca, **options)


def power_on(scene, **options):
    return machine(scene, **options).boot(
        scene.gate.boot_url(scene.tokens[NAME]))


def install(scene, boot, **options):
    return node.boot(boot, scene.hardware(2), scene.lab.folder / "got.yaml",
                     ca=scene.gate.ca, **options)


def record(scene):
    return scene.gate.records()[NAME]


def is_delivered(scene, delivery):
    return (delivery.accepted
            and scene.lab.supply.is_rendered(NAME, delivery.config)
            and record(scene)["state"] == "delivered")


# ---- the show ----

def test_the_show(lab, capsys):
    """It leaves worker 4 on hold."""
    totals = show.play(lab)
    said = capsys.readouterr().out
    assert totals.surprises == []
    assert said.splitlines()[-1] == (
        f"lab: 3 nodes delivered, {len(attacks.ATTACKS)} attacks refused, "
        "0 surprises")
    assert "edge-worker-4  edge-site-1  hold" in said


def test_an_attack_that_matchbox_does_not_fall_for_is_a_surprise(lab):
    """Without the groups there is nothing to be had on the left either."""
    aside = lab.data / "aside"
    (lab.data / "groups").rename(aside)
    (lab.data / "groups").mkdir()
    totals, scene = show.Totals(), Scene(lab)
    row = next(a for a in attacks.ATTACKS if a.name == "no token")
    try:
        cells = show.play_attack(scene, row, totals)
    finally:
        (lab.data / "groups").rmdir()
        aside.rename(lab.data / "groups")
    assert cells[1] == "refused: 404"
    assert totals.surprises == ["no token: refused: 404"]


# ---- the same hardware, other hardware ----

def test_the_same_hardware_may_fetch_again(scene):
    boot = power_on(scene)
    assert is_delivered(scene, install(scene, boot))
    assert is_delivered(scene, install(scene, boot))
    again = power_on(scene)
    assert again.argument("talos.config") != boot.argument("talos.config")
    assert is_delivered(scene, install(scene, again))
    assert record(scene)["attempt"] == 2


def test_other_hardware_never(scene):
    token, boot = scene.tokens[NAME], power_on(scene)
    ticket = scene.gate.note(boot.args)
    other = dataclasses.replace(
        scene.hardware(2), uuid="00000000-1111-2222-3333-444444444444",
        mac="52:54:00:00:02:99", serial="OTHER")
    for state in ("claimed", "delivered"):
        assert record(scene)["state"] == state
        judge = Judge(scene)
        judge.refused("claim", lambda: scene.claim(token, other), 200, "ids")
        judge.refused("get", lambda: scene.fetch(ticket, other.uuid), 403,
                      "uuid")
        assert judge.surprises == []
        assert is_delivered(scene, install(scene, boot))


def test_a_machine_that_is_refused_boots_its_disk(scene):
    script = rom.Rom(scene.hardware(1), ca=scene.gate.ca).boot(
        scene.gate.boot_url(scene.tokens[NAME]))
    assert (script.outcome, script.slept) == ("local", 10)
    assert power_on(scene).outcome == "kernel"


# ---- what a judge lets pass is a refusal ----

def test_a_grant_is_no_refusal(scene):
    """The twin of every attack: the rightful node's own claim and fetch."""
    token, mine = scene.tokens[NAME], scene.hardware(2)
    judge = Judge(scene)
    judge.refused("claim", lambda: scene.claim(token, mine), 200, "claimed")
    said = " ".join(judge.surprises)
    assert "it got something" in said and "Matchbox was asked" in said
    assert f"the record of {NAME} changed" in said


@pytest.mark.parametrize("status, reason", [(403, "forged"), (200, "ids"),
                                            (200, None)])
def test_a_refusal_of_another_kind_is_a_surprise(scene, status, reason):
    judge = Judge(scene)
    judge.refused("forged", lambda: scene.claim("ket1_x", scene.hardware(2)),
                  status, reason)
    assert len(judge.surprises) == 1


# ---- reload, outage ----

def in_background(work):
    """Run work() in a thread; (thread, list that will hold its result)."""
    found = []
    thread = threading.Thread(target=lambda: found.append(work()))
    thread.start()
    return thread, found


def test_a_reload_during_a_boot_loses_nothing(scene):
    """HUP between any two requests, and while they are answered."""
    reloads = 0
    for _ in range(3):
        scene.tokens[NAME] = scene.gate.token(NAME)
        thread, found = in_background(
            lambda: install(scene, power_on(scene, retries=0)))
        while thread.is_alive():
            scene.gate.reload()
            reloads += 1
        thread.join()
        assert is_delivered(scene, found[0])
        assert record(scene)["attempt"] == 1
    assert reloads >= 3


def reasons(scene):
    return [line.get("reason") for line in scene.gate.gate.audit()]


def wait_for_outage(scene, told):
    sample.until(lambda: "upstream" in reasons(scene)[told:],
                 "a request that Matchbox does not answer")


def test_matchbox_away_while_the_rom_boots(scene):
    told = len(reasons(scene))
    scene.lab.matchbox.stop()
    try:
        thread, found = in_background(lambda: power_on(scene, retries=500))
        wait_for_outage(scene, told)
        assert record(scene)["state"] == "armed"
    finally:
        scene.lab.matchbox.start()
    thread.join()
    assert 503 in [status for _, status in found[0].requests]
    assert is_delivered(scene, install(scene, found[0]))
    assert record(scene)["attempt"] == 1


def test_matchbox_away_while_talos_fetches(scene):
    boot, told = power_on(scene), len(reasons(scene))
    scene.lab.matchbox.stop()
    try:
        thread, found = in_background(
            lambda: install(scene, boot, max_attempts=500))
        wait_for_outage(scene, told)
        assert record(scene)["state"] == "claimed"
    finally:
        scene.lab.matchbox.start()
    thread.join()
    assert found[0].attempts[0]["status"] == 503
    assert found[0].attempts[0]["body"].startswith("KE-503 upstream")
    assert is_delivered(scene, found[0])


# ---- what the lab tells ----

def test_env_leads_to_a_gate_that_answers(lab):
    env = dict(line.split("=", 1) for line in
               shlex.split((lab.folder / "env").read_text()))
    assert env["EDGE_METRICS_URL"] == ""
    script = web.request(env["EDGE_BOOT_MTLS_URL"] + "/boot.ipxe", tls12=True,
                         ca=env["EDGE_CA_FILE"], cert=env["EDGE_CLIENT_CERT"],
                         key=env["EDGE_CLIENT_KEY"])
    assert script.status == 200 and "chain ipxe?" in script.text
    config = web.request(env["EDGE_CONFIG_URL"] + "/generic",
                         ca=env["EDGE_CA_FILE"])
    assert config.status == 404
    for name in ("EDGE_AUDIT", "EDGE_ERROR_LOG", "EDGE_ACCESS_LOG",
                 "MATCHBOX_LOG", "EDGE_STORE", "EDGE_INVENTORY"):
        assert os.path.exists(env[name])


def test_only_the_rendered_config_is_the_rendered_config(scene):
    config = install(scene, power_on(scene)).config
    supply = scene.lab.supply
    assert supply.is_rendered(NAME, config)
    for wrong in (config + "# one line more\n", config.replace("sata", "nvme"),
                  config.replace(supply.key, "another key"), ""):
        assert not supply.is_rendered(NAME, wrong)
    assert not supply.is_rendered("edge-worker-1", config)


@pytest.mark.parametrize("command", [
    "node list --json", "token create edge-worker-4 --json", "store check",
    "token show --help", "--help", "--version"])
def test_the_admin_command_has_its_options(lab, command):
    done = subprocess.run(f"{lab.env['EDGE_AUTH']} {command}", shell=True,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 0, done.stderr


@pytest.mark.parametrize("command", ["", "node", "node lost"])
def test_the_admin_command_refuses_as_itself(lab, command):
    done = subprocess.run(f"{lab.env['EDGE_AUTH']} {command}", shell=True,
                          capture_output=True, text=True, timeout=30)
    assert done.returncode == 2 and "edge-auth" in done.stderr + done.stdout


def test_a_worker_that_ends_leaves_no_connection_open(scene):
    """nginx says so with an alert: a request was counted up and never down."""
    assert is_delivered(scene, install(scene, power_on(scene)))
    gate = scene.gate.gate
    old = gate.workers()
    gate.reload()
    sample.until(lambda: not old & gate.workers(), "the old worker's end")
    assert "[alert]" not in gate.error_log()
    assert "assets/" in gate.access_log()
