"""edge-pki import: what will work is taken in, and whatever would fail later,
at a ROM or in the middle of the night, is refused now."""
import json
import re
import shutil
import stat

import pytest

from edge_pki_lab import (BOOT, DOMAIN, copy, make_cert, must, pki, refused,
                          run, snapshot, text, verify)

CA = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign,cRLSign\n"
SERVER = ("basicConstraints=critical,CA:FALSE\nextendedKeyUsage=serverAuth\n"
          "keyUsage=critical,digitalSignature,keyEncipherment\n"
          f"subjectAltName=DNS:acme.{DOMAIN},DNS:*.{DOMAIN}\n")
PAST = ("-startdate", "20200101000000Z", "-enddate", "20250101000000Z")
FUTURE = ("-startdate", "20450101000000Z", "-enddate", "20460101000000Z")


@pytest.fixture
def own(tmp_path):
    return copy(tmp_path)


@pytest.fixture
def elsewhere(tmp_path):
    (tmp_path / "elsewhere").mkdir()
    return tmp_path / "elsewhere"


@pytest.fixture
def ca(elsewhere):
    return make_cert(elsewhere, "outer", days="800", extensions=CA)


def server(own, ca, cert, key, *more, purpose="boot"):
    return ("import", "server", "--dir", own, "--for", purpose, "--cert", cert,
            "--chain", ca[0], "--key", key, *more)


def test_a_server_of_acme(own, ca, elsewhere):
    cert, key = make_cert(elsewhere, "leaf", by=ca, extensions=SERVER)
    args = server(own, ca, cert, key)
    assert "would import" in pki(*args, "--dry-run")
    leaf = own / f"issued/boot/acme.{DOMAIN}"
    assert not leaf.exists()
    assert pki(*args).startswith(f"imported {leaf} (")
    assert {p.name: stat.S_IMODE(p.stat().st_mode) for p in leaf.iterdir()} == {
        "cert.pem": 0o644, "chain.pem": 0o644, "key.pem": 0o600,
        "imported": 0o644}
    assert (leaf / "chain.pem").read_text() == "".join(
        must("x509", "-in", path) for path in (cert, ca[0]))
    before = snapshot(own)
    assert pki(*args).startswith("kept ")
    assert snapshot(own) == before
    done = run("expiry", "--dir", own, "--warn", "40d", "--json")
    assert done.returncode == 4
    assert {row["path"]: row["state"] for row in json.loads(done.stdout)}[
        f"issued/boot/acme.{DOMAIN}"] == "soon"
    assert "revoked where it was issued" in refused(
        3, "revoke", f"acme.{DOMAIN}", "--dir", own)
    assert "renew it where it was issued" in refused(
        3, "renew", f"acme.{DOMAIN}", "--dir", own)
    assert f"left issued/boot/acme.{DOMAIN} (imported)" in pki(
        "renew", "--within", "40d", "--dir", own)


def test_a_renewed_server_takes_the_place(own, ca, elsewhere):
    first = make_cert(elsewhere, "first", by=ca, extensions=SERVER)
    second = make_cert(elsewhere, "second", by=ca, extensions=SERVER)
    pki(*server(own, ca, *first))
    said = refused(3, *server(own, ca, *second))
    assert "--renew replaces it" in said
    pki(*server(own, ca, *second, "--renew"))
    old, = (own / "retired/boot").iterdir()
    assert (old / "cert.pem").read_text() == must("x509", "-in", first[0])
    assert pki(*server(own, ca, *second, "--renew")).startswith("kept ")


def test_the_chain_may_stand_in_one_file(own, ca, elsewhere):
    """As ACME clients write it: fullchain.pem, the leaf in it twice."""
    cert, key = make_cert(elsewhere, "leaf", by=ca, extensions=SERVER)
    whole = elsewhere / "fullchain.pem"
    whole.write_text(cert.read_text() + ca[0].read_text())
    pki("import", "server", "--dir", own, "--for", "config", "--cert", whole,
        "--key", key)
    pki("import", "server", "--dir", own, "--for", "boot", "--cert", cert,
        "--chain", whole, "--key", key)
    for kind in ("boot", "config"):
        chain = (own / f"issued/{kind}/acme.{DOMAIN}/chain.pem").read_text()
        assert chain.count("BEGIN CERTIFICATE") == 2


@pytest.mark.parametrize("change,message", [
    ({"dates": PAST}, "has expired on 2025-01-01T00:00:00Z"),
    ({"dates": FUTURE}, "is not valid before 2045"),
    ({"key": "ec"}, "has no RSA key of 2048 bits"),
    ({"key": "rsa:1024"}, "has no RSA key of 2048 bits"),
    ({"extensions": SERVER.replace("serverAuth", "clientAuth")},
     "nsuitable certificate purpose"),
    ({"extensions": SERVER + "2.5.29.99=critical,ASN1:NULL\n"},
     "nhandled critical extension")])
def test_a_server_that_would_not_work(own, ca, elsewhere, change, message):
    good = make_cert(elsewhere, "good", by=ca, extensions=SERVER)
    cert, key = make_cert(elsewhere, "bad", by=ca,
                          **{"extensions": SERVER, **change})
    said = refused(3, *server(own, ca, cert, key))
    assert message in said
    pki(*server(own, ca, *good))


def test_a_server_whose_files_do_not_fit(own, ca, elsewhere):
    cert, key = make_cert(elsewhere, "leaf", by=ca, extensions=SERVER)
    _, other = make_cert(elsewhere, "other", extensions=SERVER)
    stranger = make_cert(elsewhere, "stranger", extensions=CA)
    assert "is not the key of --cert" in refused(
        3, *server(own, ca, cert, other))
    assert "the chain of" in refused(3, *server(own, stranger, cert, key))
    args = list(server(own, ca, cert, key))
    args[args.index("--chain"):args.index("--chain") + 2] = []
    assert "unable to get local issuer certificate" in refused(3, *args)
    empty = elsewhere / "empty.pem"
    empty.write_text("nothing\n")
    assert "no certificate in PEM" in refused(3, *server(own, ca, empty, key))
    pki(*server(own, ca, cert, key))


def test_a_chain_without_its_root_is_for_talos_only(own, elsewhere):
    """Ours vouches for it here, but a ROM has to be sent the root."""
    root = (own / "root/cert.pem", own / "root/key.pem")
    middle = (own / "boot/cert.pem", own / "boot/key.pem")
    cert, key = make_cert(elsewhere, "leaf", by=middle, extensions=SERVER)
    whole = elsewhere / "chain.pem"
    whole.write_text(middle[0].read_text())
    said = refused(3, *server(own, (whole,), cert, key))
    assert "ends below its root" in said
    whole.write_text(middle[0].read_text() + root[0].read_text())
    pki(*server(own, (whole,), cert, key))


def test_ocsp_is_warned_of(own, ca, elsewhere):
    for name, more, warned in [
            ("plain", "", False),
            ("asks", "authorityInfoAccess=OCSP;URI:http://o.example.net\n",
             True)]:
        cert, key = make_cert(elsewhere, name, by=ca, extensions=SERVER + more)
        said = pki(*server(own, ca, cert, key, "--renew"))
        assert ("warning: '/CN=asks' names an OCSP responder" in said) == warned


def test_critical_name_constraints_are_for_talos_only(own, elsewhere):
    """iPXE ends at a critical extension it does not know."""
    root = make_cert(
        elsewhere, "bound", days="800",
        extensions=CA + f"nameConstraints=critical,permitted;DNS:{DOMAIN}\n")
    cert, key = make_cert(elsewhere, "leaf", by=root,
                          extensions=SERVER)
    said = refused(3, *server(own, root, cert, key))
    assert "critical extension that iPXE does not know: X509v3 Name" in said
    pki(*server(own, root, cert, key, purpose="config"))


def import_ca(own, purpose, pair, *more):
    return ("import", "ca", "--dir", own, "--for", purpose, "--cert", pair[0],
            "--key", pair[1], *more)


def test_a_config_ca(own, elsewhere):
    pair = make_cert(elsewhere, "corp", days="800", extensions=CA, key="ec")
    shutil.rmtree(own / "config")
    shutil.rmtree(own / "issued/config")
    pki(*import_ca(own, "config", pair))
    assert (own / "trust/config-ca.pem").read_text() == must(
        "x509", "-in", pair[0])
    pki("init", "--dir", own, "--trust-domain", DOMAIN)
    assert pki(*import_ca(own, "config", pair)).startswith("kept ")
    pki("server", "--dir", own, "--name", "c.example.net", "--for", "config")
    assert verify(own, "issued/config/c.example.net", "sslserver",
                  "config-ca.pem") == ""
    assert text(own / "issued/config/c.example.net/cert.pem",
                "-issuer").strip().endswith("corp")


def test_everything_below_a_root_of_the_company(tmp_path, elsewhere):
    own = tmp_path / "pki"
    pair = make_cert(elsewhere, "corp", days="4000", extensions=CA)
    pki(*import_ca(own, "root", pair))
    pki("init", "--dir", own, "--trust-domain", DOMAIN)
    pki("client", "--dir", own, "--site", "s1")
    pki("server", "--dir", own, "--name", BOOT)
    assert verify(own, "issued/client/s1", "sslclient", "clients.pem") == ""
    assert verify(own, f"issued/boot/{BOOT}", "sslserver",
                  "boot-root.pem") == ""
    assert (own / "root/imported").read_text() == "\n"


def test_a_client_ca_of_its_own(own, elsewhere):
    """It is its own root, and says nothing of a trust domain."""
    pair = make_cert(elsewhere, "corp", days="800", extensions=CA)
    for folder in ("client", "issued/client"):
        shutil.rmtree(own / folder)
    assert "needs --trust-domain" in refused(2, *import_ca(own, "client", pair))
    pki(*import_ca(own, "client", pair, "--trust-domain", DOMAIN))
    pki("init", "--dir", own, "--trust-domain", DOMAIN)
    pki("client", "--dir", own, "--site", "s1")
    assert verify(own, "issued/client/s1", "sslclient", "clients.pem") == ""
    assert f"spiffe://{DOMAIN}/site/s1" in text(
        own / "issued/client/s1/cert.pem")
    assert (own / "trust/clients.pem").read_text().count("BEGIN") == 1
    said = refused(3, "init", "--dir", own, "--trust-domain", "other.net")
    assert f"is of trust domain '{DOMAIN}'" in said


def test_a_ca_whose_key_stays_elsewhere(own, elsewhere):
    pair = make_cert(elsewhere, "corp", days="800", extensions=CA, key="ec")
    shutil.rmtree(own / "config")
    said = pki(*import_ca(own, "config", pair)[:-2])
    assert "its key is not here" in said
    assert not (own / "config/key.pem").exists()
    args = ("server", "--dir", own, "--name", "c.example.net", "--for",
            "config")
    assert "bring the key back" in refused(1, *args)
    shutil.copy(pair[1], own / "config/key.pem")
    pki(*args)


@pytest.mark.parametrize("change,message", [
    ({"dates": PAST}, "has expired on"),
    ({"extensions": "basicConstraints=CA:FALSE\n"}, "is not a CA"),
    ({"extensions": "basicConstraints=critical,CA:TRUE\n"
      "keyUsage=critical,cRLSign\n"}, "its key usage does not let it"),
    ({"extensions": CA + "extendedKeyUsage=clientAuth\n"},
     "may not sign certificates of servers"),
    ({"extensions": CA + "nameConstraints=critical,permitted;DNS:a.net\n"},
     "critical extension that iPXE does not know"),
    ({"key": "ec"}, "has no RSA key of 2048 bits")])
def test_a_ca_that_would_not_work(own, elsewhere, change, message):
    shutil.rmtree(own / "boot")
    bad = make_cert(elsewhere, "bad", days="800",
                    **{"extensions": CA, **change})
    assert message in refused(3, *import_ca(own, "boot", bad))
    good = make_cert(elsewhere, "good", days="800", extensions=CA)
    assert "is not the key of" in refused(
        3, *import_ca(own, "boot", (good[0], bad[1])))
    pki(*import_ca(own, "boot", good))
    assert re.search("boot$", pki("list", "--dir", own), re.M)


def test_a_ca_below_one_that_is_not_here(own, ca, elsewhere):
    shutil.rmtree(own / "boot")
    below = make_cert(elsewhere, "below", by=ca, days="500", extensions=CA)
    assert "signed by a CA that is not here" in refused(
        3, *import_ca(own, "boot", below))
    shutil.rmtree(own / "root")
    pki(*import_ca(own, "root", ca))
    pki(*import_ca(own, "boot", below))


def test_another_ca_in_place_stays(own, elsewhere):
    pair = make_cert(elsewhere, "corp", days="800", extensions=CA)
    said = refused(3, *import_ca(own, "config", pair))
    assert "a CA is replaced by `edge-pki rollover`" in said


@pytest.mark.parametrize("args,message", [
    (("cert", "--for", "boot"), "'cert' is neither ca nor server"),
    (("ca", "--for", "mail"), "--for 'mail' is neither"),
    (("server", "--for", "client", "--key", "key.pem"), "--for 'client'"),
    (("server", "--for", "boot"), "a server needs --key"),
    (("ca", "--for", "boot", "--trust-domain", "a.net"),
     "for a client CA only")])
def test_import_usage(own, ca, elsewhere, args, message):
    cert, key = make_cert(elsewhere, "leaf", by=ca, extensions=SERVER)
    args = [key if arg == "key.pem" else arg for arg in args]
    assert message in refused(2, "import", *args, "--dir", own, "--cert", cert)
