"""edge-pki revoke, crl, expiry, renew: what is on record, what the gate will
check, and what a monitoring job is told."""
import json
import re
import shutil
import stat
import subprocess

import pytest

from edge_pki_lab import (BOOT, CONFIG, DOMAIN, PROGRAM, copy, make_cert, must,
                          openssl, pki, refused, run, serial, snapshot, text,
                          verify, verify_client)


@pytest.fixture
def own(tmp_path):
    return copy(tmp_path)


def test_a_revoked_certificate_is_refused_and_its_twin_is_not(own):
    pki("crl", "--dir", own)
    for leaf in ("s1", "s2", "s1.w1"):
        assert verify_client(own, f"issued/client/{leaf}") == ""
    said = pki("revoke", "s1", "--dir", own)
    assert "revoked issued/client/s1 (serial" in said
    assert "`edge-pki crl`" in said
    pki("crl", "--dir", own)
    assert "certificate revoked" in verify_client(own, "issued/client/s1")
    assert verify_client(own, "issued/client/s2") == ""
    assert verify_client(own, "issued/client/s1.w1") == ""


def test_a_revoked_ca_takes_all_it_issued_along(own):
    pki("crl", "--dir", own)
    assert verify_client(own, "issued/client/s2") == ""
    pki("revoke", "client", "--dir", own, "--reason", "CACompromise")
    pki("crl", "--dir", own)
    assert "certificate revoked" in verify_client(own, "issued/client/s2")


def test_the_record_is_a_line_to_read(own):
    pki("revoke", serial(own / "issued/client/s2").lower(), "--dir", own,
        "--reason", "superseded")
    lines = (own / "revoked.txt").read_text().splitlines()
    assert lines[0].startswith("# serial, when, reason, issuer")
    assert re.fullmatch(
        serial(own / "issued/client/s2") + r" \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ "
        r"superseded [0-9a-f]{32} \d{4}-\S+Z issued/client/s2", lines[1])
    pki("revoke", "issued/client/s1", "--dir", own)
    assert (own / "revoked.txt").read_text().splitlines()[:2] == lines


def test_revoked_twice(own):
    pki("revoke", "s1", "--dir", own, "--reason", "superseded")
    before = snapshot(own)
    for more in ((), ("--reason", "superseded")):
        assert "kept issued/client/s1 revoked since" in pki(
            "revoke", "s1", "--dir", own, *more)
    assert snapshot(own) == before
    said = refused(3, "revoke", "s1", "--dir", own, "--reason", "keyCompromise")
    assert "for superseded, which stays" in said


@pytest.mark.parametrize("args,message", [
    (("s3",), "no certificate 's3'; the nearest is 's1'"),
    (("far-away",), "`edge-pki list` shows them"),
    (("s1", "--reason", "stolen"), "not one of RFC 5280"),
    (("s1", "--reason", "keyCompromised"), "the nearest is 'keyCompromise'"),
    (("s1", "s2"), "'s2' is not an option here"),
    ((), "NAME is missing")])
def test_revoke_usage(own, args, message):
    assert message in refused(2, "revoke", *args, "--dir", own)
    pki("revoke", "s1", "--dir", own, "--dry-run")


def test_one_name_of_two_certificates(own):
    shutil.copytree(own / f"issued/boot/{BOOT}", own / "issued/config" / BOOT)
    said = refused(2, "revoke", BOOT, "--dir", own)
    assert f"is 'issued/boot/{BOOT}' and 'issued/config/{BOOT}'" in said
    said = pki("revoke", f"issued/boot/{BOOT}", "--dir", own)
    assert "neither ROMs nor Talos read a CRL" in said


def test_others_of_the_same_identity_are_named(own):
    """A stolen stick may be older than the last renewal."""
    pki("renew", "s1", "--dir", own, "--keep-key")
    said = pki("revoke", "issued/client/s1", "--dir", own)
    old, = (own / "retired/client").iterdir()
    assert f"still good: retired/client/{old.name}, which has the same key" \
        in said
    assert "s1.w1" not in said
    pki("renew", "s2", "--dir", own)
    said = pki("revoke", "issued/client/s2", "--dir", own)
    assert re.search("still good: retired/client/s2-.*has the same names", said)
    pki("revoke", old.name, "--dir", own)
    pki("crl", "--dir", own)
    assert "certificate revoked" in verify_client(own, f"retired/client/{old.name}")


def test_a_record_that_cannot_be_read_is_not_an_empty_one(own):
    pki("revoke", "s1", "--dir", own)
    record = own / "revoked.txt"
    good = record.read_text()
    for bad in (good.replace("keyCompromise", "keyCompromise?"),
                good.replace("Z issued", "Zissued"), good.rstrip("\n")):
        record.write_text(bad)
        for args in (("crl",), ("expiry",), ("revoke", "s2"), ("renew", "s2")):
            said = refused(3, *args, "--dir", own)
            assert "revoked.txt' line 2 is not SERIAL" in said
    record.write_text(good + "\n# a note\n")
    pki("crl", "--dir", own)


def crl_numbers(own):
    bodies = (own / "trust/clients.crl.pem").read_text().split(
        "-----END X509 CRL-----\n")[:-1]
    shown = [openssl("crl", "-noout", "-text",
                     data=body + "-----END X509 CRL-----\n").stdout
             for body in bodies]
    return [int(re.search(r"CRL Number: \n\s+(\d+)", one)[1]) for one in shown]


def test_crl_is_kept_until_there_is_a_reason(own):
    assert pki("crl", "--dir", own).count("signed CRL of") == 2
    first = crl_numbers(own)
    before = snapshot(own)
    assert pki("crl", "--dir", own).count("\nkept") == 2
    assert snapshot(own) == before
    pki("revoke", "s1", "--dir", own)
    lines = pki("crl", "--dir", own).splitlines()
    assert lines[0].startswith("signed CRL of client (1 revoked, 30 days")
    assert lines[1].startswith("kept CRL of root (0 revoked, 36")
    pki("crl", "--dir", own, "--renew")
    last = crl_numbers(own)
    assert all(new > old for new, old in zip(last, first))


def test_crl_covers_every_ca_that_nginx_checks(own):
    """With one list too few OpenSSL refuses all: hence root and client CA."""
    pki("crl", "--dir", own)
    path = own / "trust/clients.crl.pem"
    assert stat.S_IMODE(path.stat().st_mode) == 0o644
    whole = path.read_text()
    assert whole.count("BEGIN X509 CRL") == 2
    path.write_text(whole[:whole.index("-----END") + 23])
    assert "unable to get certificate CRL" in verify_client(
        own, "issued/client/s1")
    done = run("expiry", "--dir", own)
    assert done.returncode == 3 and "has no list of 'root'" in done.stderr
    path.write_text(whole)
    assert verify_client(own, "issued/client/s1") == ""


def test_crl_without_the_root_key(own):
    (own / "root/key.pem").rename(own / "safe.pem")
    said = refused(1, "crl", "--dir", own)
    assert "'root' has no key.pem here" in said
    (own / "safe.pem").rename(own / "root/key.pem")
    pki("crl", "--dir", own)
    (own / "root/key.pem").rename(own / "safe.pem")
    pki("revoke", "s1", "--dir", own)
    said = pki("crl", "--dir", own, "--renew")
    assert "signed CRL of client (1 revoked" in said
    assert "kept, without the key, CRL of root" in said
    pki("revoke", "client", "--dir", own)
    assert "bring the key back" in refused(1, "crl", "--dir", own)


def test_crl_of_an_owner_elsewhere(own):
    """A CA whose key is not here: its owner's list stands beside it."""
    pki("crl", "--dir", own)
    lists = (own / "trust/clients.crl.pem").read_text()
    (own / "trust/clients.crl.pem").unlink()
    (own / "root/key.pem").unlink()
    assert "no list that will do" in refused(1, "crl", "--dir", own)
    (own / "root/crl.pem").write_text(lists)
    assert "took CRL of root" in pki("crl", "--dir", own)
    assert verify_client(own, "issued/client/s1") == ""


def test_crl_life(own):
    pki("crl", "--dir", own, "--days", "2", "--root-days", "400")
    shown = {row["path"]: row["days_left"] for row in
             json.loads(pki("expiry", "--dir", own, "--json"))}
    assert shown["trust/clients.crl.pem (client)"] in (1, 2)
    assert shown["trust/clients.crl.pem (root)"] in (399, 400)
    assert "--days" in refused(2, "crl", "--dir", own, "--days", "0")


def test_expiry_says_it_in_its_status(own):
    rows = json.loads(pki("expiry", "--dir", own, "--json"))
    assert {row["state"] for row in rows} == {"ok"}
    assert set(rows[0]) == {"path", "kind", "not_after", "days_left", "state",
                            "why"}
    done = run("expiry", "--dir", own, "--warn", "91d", "--json")
    assert done.returncode == 4
    assert {row["path"] for row in json.loads(done.stdout)
            if row["state"] == "soon"} == {
        "issued/client/s1", "issued/client/s2", "issued/client/s1.w1"}
    pki("revoke", "s1", "--dir", own)
    done = run("expiry", "--dir", own)
    assert done.returncode == 5
    assert re.search(r"^revoked +(89|90) days, until \S+Z  issued/client/s1: "
                     "renew it, or move its folder below retired/$",
                     done.stdout, re.M)
    assert done.stdout.count("revoked ") == 1
    (own / "retired/client").mkdir(parents=True)
    (own / "issued/client/s1").rename(own / "retired/client/s1")
    assert run("expiry", "--dir", own).returncode == 0
    assert "--warn" in refused(2, "expiry", "--dir", own, "--warn", "30")


def test_expiry_of_a_ca_is_early_enough(own):
    """A CA with less life than its leaves is due while it can still sign."""
    due = (own / "client/cert.pem")
    make_cert(own, "short", days="100", extensions="basicConstraints=CA:TRUE\n")
    shutil.copy(own / "short.pem", due)
    done = run("expiry", "--dir", own, "--json")
    assert done.returncode == 4
    assert [(row["path"], row["why"]) for row in json.loads(done.stdout)
            if row["state"] == "soon"] == [
        ("client", "what it issues would outlive it")]
    make_cert(own, "long", days="140", extensions="basicConstraints=CA:TRUE\n")
    shutil.copy(own / "long.pem", due)
    assert run("expiry", "--dir", own).returncode == 0


def test_expiry_sees_a_crl_that_lacks_a_revocation(own):
    pki("crl", "--dir", own)
    pki("revoke", "s1", "--dir", own)
    shown = {row["path"]: row for row in json.loads(
        run("expiry", "--dir", own, "--json").stdout)}
    late = shown["trust/clients.crl.pem (client)"]
    assert late["state"] == "soon" and "revoked since" in late["why"]
    assert shown["trust/clients.crl.pem (root)"]["state"] == "ok"


def test_renew_by_name(own):
    old = text(own / f"issued/boot/{BOOT}/cert.pem", "-ext", "subjectAltName")
    before = (own / f"issued/boot/{BOOT}/key.pem").read_bytes()
    assert pki("renew", BOOT, "--dir", own).startswith("renewed ")
    assert (own / f"issued/boot/{BOOT}/key.pem").read_bytes() != before
    assert text(own / f"issued/boot/{BOOT}/cert.pem", "-ext",
                "subjectAltName") == old
    assert verify(own, f"issued/boot/{BOOT}", "sslserver", "boot-root.pem") == ""
    pki("server", "--dir", own, "--name", BOOT)
    assert len(list((own / "retired/boot").iterdir())) == 1


def test_renew_keeps_subject_and_key_when_told(own):
    folder = own / "issued/client/s1.w1"
    shown = text(folder / "cert.pem", "-subject", "-pubkey")
    before = serial(folder)
    pki("renew", "s1.w1", "--dir", own, "--keep-key", "--days", "7")
    assert text(folder / "cert.pem", "-subject", "-pubkey") == shown
    assert serial(folder) != before
    assert must("rsa", "-in", folder / "key.der", "-noout", "-check")
    assert verify(own, "issued/client/s1.w1", "sslclient", "clients.pem") == ""


def test_renew_what_is_due(own):
    before = snapshot(own)
    assert "nothing ends within 30 days" in pki("renew", "--within", "30d",
                                                "--dir", own)
    assert snapshot(own) == before
    pki("client", "--dir", own, "--site", "s3", "--days", "9")
    pki("revoke", "s2", "--dir", own)
    assert pki("renew", "--within", "30d", "--dir", own).count("renewed") == 1
    said = pki("renew", "--within", "100d", "--dir", own, "--dry-run")
    assert said.count("would renew") == 3
    assert "left issued/client/s2 (revoked)" in said
    assert "either NAME or --within" in refused(2, "renew", "--dir", own)
    assert "either NAME or --within" in refused(
        2, "renew", "s1", "--within", "9d", "--dir", own)


def test_renew_of_what_was_revoked(own):
    pki("revoke", "s1", "--dir", own)
    said = refused(3, "renew", "s1", "--dir", own, "--keep-key")
    assert "its key is not used again" in said
    said = refused(3, "client", "--dir", own, "--site", "s1")
    assert "is revoked (keyCompromise); --renew" in said
    assert "the one it replaces is revoked" in pki("renew", "s1", "--dir", own)
    pki("crl", "--dir", own)
    assert verify_client(own, "issued/client/s1") == ""


def test_expired_ca_signs_nothing(own):
    """A CA that ended yesterday; its twin ends in a year."""
    usage = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
    for dates, good in [(("-startdate", "20200101000000Z", "-enddate",
                          "20250101000000Z"), False), ((), True)]:
        cert, key = make_cert(own, "old", days="365", extensions=usage,
                              dates=dates, key="ec")
        shutil.copy(cert, own / "config/cert.pem")
        shutil.copy(cert, own / "trust/config-ca.pem")
        shutil.copy(key, own / "config/key.pem")
        args = ("server", "--dir", own, "--name", "new.example.net",
                "--for", "config", "--days", "30")
        if good:
            pki(*args)
        else:
            said = refused(3, *args)
            assert "CA of a config server certificate has expired" in said
            assert "edge-pki rollover" in said


@pytest.mark.parametrize("args", [
    ("init", "--trust-domain", DOMAIN), ("client", "--site", "s9"),
    ("server", "--name", "new.example.net"), ("revoke", "s1"), ("crl",),
    ("renew", "s1"), ("rollover", "start", "config")])
def test_dry_run_writes_nothing(own, args):
    if args[0] == "init":
        shutil.rmtree(own / "config")
        shutil.rmtree(own / "trust")
    before = snapshot(own)
    assert "would " in pki(*args, "--dir", own, "--dry-run")
    assert snapshot(own) == before
    assert "would " not in pki(*args, "--dir", own)
    assert snapshot(own) != before


def test_nothing_half_written_when_the_disk_refuses(own):
    """A file size limit stands in for a full disk."""
    for site in range(12):
        shutil.copytree(own / "issued/client/s1", own / f"issued/client/x{site}")
    for step in (("revoke", "s2"), ("crl", "--renew")):
        before = snapshot(own)
        done = subprocess.run(
            ["sh", "-c", 'trap "" XFSZ; ulimit -f 0; exec "$@"', "sh", PROGRAM,
             *step, "--dir", own], capture_output=True, text=True, timeout=60)
        assert done.returncode == 1 and "cannot write" in done.stderr
        assert snapshot(own) == before
        pki(*step, "--dir", own)


def test_two_revocations_at_once(own):
    jobs = [subprocess.Popen([PROGRAM, "revoke", name, "--dir", own],
                             stdout=subprocess.DEVNULL)
            for name in ("s1", "s2", "s1.w1", BOOT, CONFIG)]
    assert [job.wait(timeout=60) for job in jobs] == [0] * 5
    assert len((own / "revoked.txt").read_text().splitlines()) == 1 + 5
