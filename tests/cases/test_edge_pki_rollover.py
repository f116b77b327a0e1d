"""edge-pki rollover: at each step what was issued before and after holds, the
old CA goes only when nothing hangs on it, and a step cut short is repeated."""
import json
import shutil
import subprocess
import time

import pytest

from edge_pki_lab import (BOOT, CONFIG, DOMAIN, PROGRAM, copy, must, pki, refused, run,
                          snapshot, text, verify, verify_client)

LEAVES = {"boot": (f"issued/boot/{BOOT}", "sslserver", "boot-root.pem"),
          "client": ("issued/client/s1", "sslclient", "clients.pem"),
          "config": (f"issued/config/{CONFIG}", "sslserver", "config-ca.pem")}


@pytest.fixture
def own(tmp_path):
    return copy(tmp_path)


def step(own, word, ca, *more):
    return pki("rollover", word, ca, "--dir", own, *more)


def holds(own, ca, leaf=None):
    path, purpose, anchors = LEAVES[ca]
    return verify(own, leaf or path, purpose, anchors) == ""


def issuer(path):
    return text(path / "cert.pem", "-issuer")


@pytest.mark.parametrize("ca", ["client", "config"])
def test_a_whole_roll_over(own, ca):
    leaf = own / LEAVES[ca][0]
    before = issuer(leaf)
    step(own, "start", ca)
    assert holds(own, ca)
    pki("renew", leaf.name, "--dir", own)
    assert issuer(leaf) == before, "the new CA does not sign yet"
    step(own, "switch", ca)
    assert holds(own, ca)
    pki("renew", leaf.name, "--dir", own)
    assert issuer(leaf) == before.strip() + " 2\n"
    assert holds(own, ca)
    for name in ("s2", "s1.w1") if ca == "client" else ():
        pki("renew", name, "--dir", own)
    for old in (own / f"retired/{ca}").iterdir():
        pki("revoke", old.name, "--dir", own)
    step(own, "finish", ca)
    assert holds(own, ca)
    assert not (own / "previous" / ca).exists()
    assert len(list((own / "retired/ca").iterdir())) == 1
    assert "kept" in pki("init", "--dir", own, "--trust-domain", DOMAIN)


def test_boot_takes_the_root_along(own):
    step(own, "start", "boot")
    assert must("verify", "-CAfile", own / "next/root/cert.pem",
                own / "next/boot/cert.pem")
    step(own, "switch", "boot")
    assert holds(own, "boot")
    pki("renew", BOOT, "--dir", own)
    chain = (own / f"issued/boot/{BOOT}/chain.pem").read_text()
    assert chain.endswith((own / "root/cert.pem").read_text())
    assert holds(own, "boot")
    said = run("rollover", "finish", "boot", "--dir", own)
    assert said.returncode == 3
    assert said.stdout.startswith("hangs on previous/root: client (")
    step(own, "start", "client")
    assert text(own / "next/client/cert.pem", "-issuer").endswith(
        "edge boot root 2\n")
    step(own, "switch", "client")
    pki("crl", "--dir", own)
    for leaf in ("s1", "s2", "s1.w1"):
        assert verify_client(own, f"issued/client/{leaf}") == ""
        pki("renew", leaf, "--dir", own)
        assert verify_client(own, f"issued/client/{leaf}") == ""
    step(own, "finish", "client", "--force")
    step(own, "finish", "boot")
    pki("crl", "--dir", own)
    assert verify_client(own, "issued/client/s1") == ""
    assert (own / "trust/boot-root.pem").read_text().count("BEGIN") == 1
    assert (own / "trust/clients.pem").read_text().count("BEGIN") == 2
    assert json.loads(pki("expiry", "--dir", own, "--json"))


def test_finish_refuses_while_something_hangs(own):
    step(own, "start", "client")
    step(own, "switch", "client")
    for leaf in ("s1", "s2"):
        pki("renew", leaf, "--dir", own)
    old = sorted(path.name for path in (own / "retired/client").iterdir())
    done = run("rollover", "finish", "client", "--dir", own)
    assert done.returncode == 3
    assert [line.split(" (")[0] for line in done.stdout.splitlines()] == [
        "hangs on previous/client: issued/client/s1.w1",
        *(f"hangs on previous/client: retired/client/{name}" for name in old)]
    assert "3 valid certificates hang on what is to go" in done.stderr
    assert (own / "previous/client").exists()
    for name in ("issued/client/s1.w1", *old):
        pki("revoke", name, "--dir", own)
    step(own, "finish", "client")


def test_every_step_may_be_repeated(own):
    for word in ("start", "switch", "finish"):
        if word == "finish":
            pki("renew", CONFIG, "--dir", own)
        step(own, word, "config")
        before = snapshot(own)
        said = step(own, word, "config")
        assert "kept" in said and "wrote" not in said and "moved" not in said
        assert snapshot(own) == before


def test_steps_out_of_order(own):
    assert "rollover start config" in refused(3, "rollover", "switch", "config",
                                              "--dir", own)
    step(own, "start", "config")
    assert "rollover switch config" in refused(3, "rollover", "finish",
                                               "config", "--dir", own)
    step(own, "switch", "config")
    assert "rollover finish config" in refused(3, "rollover", "start", "config",
                                               "--dir", own)
    assert "the new CA signs already" in refused(3, "rollover", "cancel",
                                                 "config", "--dir", own)


def test_cancel_before_the_new_ca_signs(own):
    trust = (own / "trust/config-ca.pem").read_bytes()
    step(own, "start", "config")
    assert (own / "trust/config-ca.pem").read_bytes() != trust
    step(own, "cancel", "config")
    assert (own / "trust/config-ca.pem").read_bytes() == trust
    assert "kept: no next of config" in step(own, "cancel", "config")


def test_a_switch_cut_short(own):
    """Between its two moves: nothing signs, init makes no third CA, and the
    step repeated ends as it would have."""
    step(own, "start", "config")
    (own / "previous").mkdir()
    (own / "config").rename(own / "previous/config")
    said = refused(3, "init", "--dir", own, "--trust-domain", DOMAIN)
    assert "repeat `edge-pki rollover switch`" in said
    assert run("renew", CONFIG, "--dir", own).returncode == 1
    step(own, "switch", "config")
    assert holds(own, "config")
    pki("renew", CONFIG, "--dir", own)
    assert holds(own, "config")


def test_a_start_cut_short(own):
    step(own, "start", "boot")
    shutil.rmtree(own / "next/boot")
    root = snapshot(own / "next/root")
    assert "a start was cut short" in refused(3, "rollover", "switch", "boot",
                                              "--dir", own)
    assert "made" in step(own, "start", "boot")
    assert snapshot(own / "next/root") == root
    assert must("verify", "-CAfile", own / "next/root/cert.pem",
                own / "next/boot/cert.pem")


def test_killed_at_any_moment(own):
    """Whenever a step ended, what is issued holds, and the step repeated ends
    as it would have."""
    for number, word in enumerate(("start", "switch", "start", "switch")):
        if number == 2:
            step(own, "finish", "config", "--force")
        for wait in range(6):
            job = subprocess.Popen([PROGRAM, "rollover", word, "config",
                                    "--dir", own], stdout=subprocess.DEVNULL)
            time.sleep(wait * 0.002)
            job.kill()
            job.wait(timeout=60)
            assert holds(own, "config")
        step(own, word, "config")
        if word == "switch":
            assert holds(own, "config")
            pki("renew", CONFIG, "--dir", own)
        assert holds(own, "config")


def test_the_third_of_its_kind_has_another_name(own):
    for number in ("2", "3"):
        step(own, "start", "config")
        step(own, "switch", "config")
        pki("renew", CONFIG, "--dir", own)
        step(own, "finish", "config")
        assert text(own / "config/cert.pem", "-subject").strip().endswith(
            f"edge config CA {number}")


@pytest.mark.parametrize("args,message", [
    (("begin", "boot"), "'begin' is no step"),
    (("start", "root"), "'root' does not roll over"),
    (("start",), "CA is missing")])
def test_rollover_usage(own, args, message):
    assert message in refused(2, "rollover", *args, "--dir", own)
