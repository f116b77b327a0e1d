"""What edge-pki issues, by Go's crypto/x509: Talos and most of the field's tools
are written in Go. OpenSSL's opinion is in the other files, iPXE's in boots."""
import subprocess

import pytest

from edge_pki_lab import BOOT, CONFIG, ORACLE, copy, pki, template

KINDS = {"boot": (f"issued/boot/{BOOT}", "boot-root.pem", BOOT),
         "config": (f"issued/config/{CONFIG}", "config-ca.pem", CONFIG),
         "site": ("issued/client/s1", "clients.pem", None),
         "node": ("issued/client/s1.w1", "clients.pem", None)}


def go(folder, kind, anchors=None, name=None, crl=False, leaf=None):
    """Go's opinion, in its words; empty: accepted."""
    path, right_anchors, right_name = KINDS[kind]
    args = ["--chain", folder / (leaf or path) / "chain.pem",
            "--roots", folder / "trust" / (anchors or right_anchors)]
    if right_name:
        args += ["--name", name or right_name]
    if crl:
        args += ["--crl", folder / "trust/clients.crl.pem"]
    done = subprocess.run([ORACLE, "verify-cert", *args], capture_output=True,
                          text=True, timeout=60)
    assert done.returncode in (0, 1), done.stderr
    return done.stderr


@pytest.mark.parametrize("kind,anchors", [
    ("boot", "config-ca.pem"), ("config", "boot-root.pem"),
    ("site", "config-ca.pem"), ("node", "config-ca.pem")])
def test_accepted_under_its_own_root_only(kind, anchors):
    assert go(template(), kind) == ""
    assert "unknown authority" in go(template(), kind, anchors)


@pytest.mark.parametrize("kind", ["boot", "config"])
def test_accepted_for_its_own_name_only(kind):
    assert go(template(), kind) == ""
    assert "not other.example.net" in go(template(), kind,
                                         name="other.example.net")


def test_revocation_lists(tmp_path):
    own = copy(tmp_path)
    pki("crl", "--dir", own)
    assert go(own, "site", crl=True) == go(own, "node", crl=True) == ""
    pki("revoke", "s1.w1", "--dir", own)
    pki("crl", "--dir", own)
    assert go(own, "site", crl=True) == ""
    assert "revoked: OU=s1" in go(own, "node", crl=True) or \
        "revoked: CN=w1" in go(own, "node", crl=True)


def test_both_sides_of_a_roll_over(tmp_path):
    own = copy(tmp_path)
    for ca in ("boot", "client", "config"):
        pki("rollover", "start", ca, "--dir", own)
        pki("rollover", "switch", ca, "--dir", own)
    pki("crl", "--dir", own)
    for kind, (path, _, _) in KINDS.items():
        crl = kind in ("site", "node")
        assert go(own, kind, crl=crl) == ""
        pki("renew", path, "--dir", own)
        assert go(own, kind, crl=crl) == ""
    for ca in ("client", "boot", "config"):
        pki("rollover", "finish", ca, "--dir", own, "--force")
    pki("crl", "--dir", own)
    old, = (own / "retired/config").iterdir()
    assert go(own, "config") == ""
    assert "unknown authority" in go(own, "config",
                                     leaf=f"retired/config/{old.name}")
