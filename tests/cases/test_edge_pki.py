"""edge-pki: what it issues holds up before other implementations, and a twin
that differs in one thing does not; what is in place stays in place."""
import datetime
import json
import os
import pathlib
import shutil
import stat
import subprocess
import time

import pytest

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / os.environ.get("FLAVOUR", "plain") / "bin/edge-pki"
DOMAIN = "edge.example.net"
DAY = 24 * 60 * 60


def run(*args):
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True,
                          timeout=120)


def pki(*args):
    done = run(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], capture_output=True, text=True,
                          input=data, timeout=60)


def verify(cert, purpose, anchors, *more):
    return openssl("verify", "-purpose", purpose, "-x509_strict",
                   "-CAfile", anchors, *more, cert)


def text(cert, *options):
    return openssl("x509", "-noout", "-in", cert, *(options or ("-text",))).stdout


def snapshot(folder):
    return {path.relative_to(folder): path.read_bytes()
            for path in folder.rglob("*") if path.is_file()}


@pytest.fixture(scope="session")
def made(tmp_path_factory):
    """A PKI with one certificate of each kind; never changed by a test."""
    folder = tmp_path_factory.mktemp("pki") / "below" / "lab"
    pki("init", "--dir", folder, "--trust-domain", DOMAIN)
    pki("server", "--dir", folder, "--name", f"boot.{DOMAIN}",
        "--san", "127.0.0.1", "--san", "0:0::1")
    pki("server", "--dir", folder, "--name", f"config.{DOMAIN}",
        "--for", "config")
    pki("client", "--dir", folder, "--site", "edge-site-1")
    pki("client", "--dir", folder, "--site", "edge-site-1", "--node", "w1")
    return folder


@pytest.fixture
def own(made, tmp_path):
    """A copy to change."""
    return pathlib.Path(shutil.copytree(made, tmp_path / "lab"))


LEAVES = {
    "boot": (f"issued/boot/boot.{DOMAIN}", "sslserver", "boot-root.pem"),
    "config": (f"issued/config/config.{DOMAIN}", "sslserver", "config-ca.pem"),
    "site": ("issued/client/edge-site-1", "sslclient", "clients.pem"),
    "node": ("issued/client/edge-site-1.w1", "sslclient", "clients.pem"),
}


def check(made, kind, purpose=None, anchors=None, *more):
    leaf, right_purpose, right_anchors = LEAVES[kind]
    return verify(made / leaf / "cert.pem", purpose or right_purpose,
                  made / "trust" / (anchors or right_anchors),
                  "-untrusted", made / leaf / "chain.pem", *more)


@pytest.mark.parametrize("kind", LEAVES)
def test_accepted_for_its_own_purpose_only(made, kind):
    assert check(made, kind).returncode == 0
    other = {"sslserver": "sslclient", "sslclient": "sslserver"}
    assert "purpose" in check(made, kind, other[LEAVES[kind][1]]).stderr


@pytest.mark.parametrize("kind,anchors", [
    ("boot", "config-ca.pem"), ("config", "boot-root.pem"),
    ("site", "config-ca.pem"), ("node", "config-ca.pem")])
def test_refused_under_another_root(made, kind, anchors):
    assert check(made, kind).returncode == 0
    assert check(made, kind, anchors=anchors).returncode != 0


@pytest.mark.parametrize("kind,days", [
    ("boot", 397), ("config", 397), ("site", 90), ("node", 90)])
def test_life(made, kind, days):
    """Valid a day before it was made (dead clocks) until its last day."""
    start = (made / LEAVES[kind][0] / "cert.pem").stat().st_mtime
    for offset, good in [(-DAY + 600, True), (-DAY - 600, False),
                         (days * DAY - 600, True), (days * DAY + 600, False)]:
        done = check(made, kind, None, None, "-attime", str(int(start + offset)))
        assert (done.returncode == 0) == good, (offset, done.stderr)


def test_names_in_server_certificates(made):
    for name, good in [(f"boot.{DOMAIN}", True), (f"config.{DOMAIN}", False),
                       (f"x.boot.{DOMAIN}", False)]:
        done = check(made, "boot", None, None, "-verify_hostname", name)
        assert (done.returncode == 0) == good, name
    for address, good in [("127.0.0.1", True), ("::1", True),
                          ("127.0.0.2", False)]:
        done = check(made, "boot", None, None, "-verify_ip", address)
        assert (done.returncode == 0) == good, address


def test_client_identity_is_one_uri(made):
    for kind, uri in [("site", "/site/edge-site-1"),
                      ("node", "/site/edge-site-1/node/w1")]:
        names = text(made / LEAVES[kind][0] / "cert.pem",
                     "-ext", "subjectAltName").split("\n")[1].strip()
        assert names == f"URI:spiffe://{DOMAIN}{uri}"


def forge(folder, names, usage="clientAuth"):
    """A certificate of the real client CA that edge-pki would not issue."""
    extensions = (f"extendedKeyUsage={usage}\nkeyUsage=digitalSignature\n"
                  "subjectKeyIdentifier=hash\nauthorityKeyIdentifier=keyid\n"
                  "basicConstraints=critical,CA:FALSE\n"
                  f"subjectAltName={names}\n")
    (folder / "forged.ext").write_text(extensions)
    openssl("req", "-new", "-newkey", "rsa:2048", "-nodes", "-subj", "/CN=x",
            "-keyout", folder / "forged.key", "-out", folder / "forged.csr")
    openssl("x509", "-req", "-in", folder / "forged.csr", "-days", "1",
            "-CA", folder / "client/cert.pem", "-CAkey", folder / "client/key.pem",
            "-extfile", folder / "forged.ext", "-out", folder / "forged.pem")
    return verify(folder / "forged.pem", "sslclient",
                  folder / "trust/clients.pem")


@pytest.mark.parametrize("names,why", [
    (f"URI:spiffe://{DOMAIN}/site/a", None),
    ("URI:spiffe://other.example.net/site/a", "permitted subtree violation"),
    (f"URI:spiffe://sub.{DOMAIN}/site/a", "permitted subtree violation"),
    (f"DNS:boot.{DOMAIN}", "permitted subtree violation"),
    ("email:root@example.net", "permitted subtree violation"),
    ("IP:127.0.0.1", "excluded subtree violation"),
    ("IP:::1", "excluded subtree violation")])
def test_client_ca_is_bound_to_its_trust_domain(own, names, why):
    done = forge(own, names)
    assert (done.returncode == 0) == (why is None), done.stderr
    assert why is None or why in done.stderr


def test_client_ca_cannot_make_servers(own):
    """Its own usage is checked too, whatever the leaf says."""
    names = f"URI:spiffe://{DOMAIN}/site/a"
    assert forge(own, names).returncode == 0
    forge(own, names, "serverAuth")
    done = verify(own / "forged.pem", "sslserver", own / "trust/clients.pem")
    assert "purpose" in done.stderr


def test_extensions_a_rom_would_choke_on_or_follow(made):
    """No critical extension unknown to iPXE in what it parses, no URL."""
    leaf = made / LEAVES["boot"][0]
    for cert in [leaf / "cert.pem", made / "boot/cert.pem",
                 made / "root/cert.pem", made / LEAVES["site"][0] / "cert.pem"]:
        shown = text(cert)
        assert "Name Constraints" not in shown
        assert "Authority Information Access" not in shown
        assert "CRL Distribution" not in shown
    assert "Name Constraints: critical" in text(made / "client/cert.pem")


def test_boot_chain_is_rsa_up_to_the_root_and_fits_old_roms(made):
    chain = (made / LEAVES["boot"][0] / "chain.pem").read_text()
    parts = [part + "-----END CERTIFICATE-----\n"
             for part in chain.split("-----END CERTIFICATE-----\n")[:-1]]
    assert len(parts) == 3
    assert parts[2] == (made / "trust/boot-root.pem").read_text()
    for part in parts:
        shown = openssl("x509", "-noout", "-text", data=part).stdout
        assert "sha256WithRSAEncryption" in shown
    size = sum(3 + len(subprocess.run(
        ["openssl", "x509", "-outform", "DER"], input=part.encode(),
        capture_output=True, check=True).stdout) for part in parts)
    assert size + 7 <= 4096


def test_too_many_names_for_old_roms(own):
    names = [arg for i in range(16) for arg in
             ("--san", f"{'n' * 60}{i:02}.{'o' * 60}.example.net")]
    few = run("server", "--dir", own, "--name", "few.example.net", *names[:4])
    assert few.returncode == 0, few.stderr
    many = run("server", "--dir", own, "--name", "many.example.net", *names)
    assert many.returncode == 2
    assert "larger than the 4096 that ROMs before 2023 read" in many.stderr
    assert not (own / "issued/boot/many.example.net").exists()
    config = run("server", "--dir", own, "--name", "many.example.net",
                 "--for", "config", *names)
    assert config.returncode == 0, config.stderr


def test_config_ca_fits_a_kernel_command_line(made):
    """As talos.config.early: zstd and base64 of a TrustedRootsConfig."""
    ca = (made / "trust/config-ca.pem").read_text()
    document = ("apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: edge\n"
                "certificates: |\n" +
                "".join(f"    {line}\n" for line in ca.splitlines()))
    packed = subprocess.run(["zstd", "-q", "-22", "--ultra", "-c"],
                            input=document.encode(), capture_output=True,
                            check=True).stdout
    assert len(packed) * 4 / 3 <= 700
    assert "prime256v1" in text(made / "config/cert.pem")
    assert "prime256v1" in text(made / LEAVES["config"][0] / "cert.pem")


def test_keys_are_private_and_in_the_forms_consumers_read(made):
    keys = [path for path in made.rglob("key.*")]
    assert len(keys) == 4 + 4 + 2
    for path in keys:
        assert stat.S_IMODE(path.stat().st_mode) == 0o600, path
    for path in made.rglob("key.pem"):
        assert path.read_text().startswith("-----BEGIN PRIVATE KEY-----")
    for kind in ("site", "node"):
        folder = made / LEAVES[kind][0]
        der = (folder / "key.der").read_bytes()
        # PKCS#1: SEQUENCE, version 0, and then at once the modulus; PKCS#8 has
        # an algorithm there.
        assert der[0] == 0x30 and der[4:7] == b"\x02\x01\x00" and der[7] == 2
        modulus = openssl("rsa", "-noout", "-modulus", "-in", folder / "key.der")
        assert modulus.stdout == text(folder / "cert.pem", "-modulus")
        assert (folder / "cert.der").read_bytes() == subprocess.run(
            ["openssl", "x509", "-outform", "DER", "-in", folder / "cert.pem"],
            capture_output=True, check=True).stdout


def test_serials_are_long_and_differ(made):
    serials = {text(path, "-serial") for path in made.rglob("cert.pem")}
    assert len(serials) == 8
    assert all(len(serial.strip()) > len("serial=") + 24 for serial in serials)


def test_repeating_every_command_changes_nothing(own):
    before = snapshot(own)
    again = [
        ("init", "--dir", own, "--trust-domain", DOMAIN),
        ("server", "--dir", own, "--name", f"boot.{DOMAIN}",
         "--san=127.0.0.1", "--san=::1"),
        ("server", "--dir", own, "--name", f"config.{DOMAIN}",
         "--for", "config"),
        ("client", "--dir", own, "--site", "edge-site-1", "--node", "w1")]
    for args in again:
        lines = pki(*args).splitlines()
        assert lines and all(line.startswith("kept ") for line in lines)
    assert snapshot(own) == before


@pytest.mark.parametrize("args,message", [
    (("init", "--trust-domain", "other.example.net"), "not 'other.example.net'"),
    (("server", "--name", f"boot.{DOMAIN}"), "--renew replaces it"),
    (("server", "--name", f"boot.{DOMAIN}", "--san", "127.0.0.1",
      "--san", "::2"), "with other names")])
def test_something_else_in_place_is_refused_and_stays(own, args, message):
    before = snapshot(own)
    done = run(args[0], "--dir", own, *args[1:])
    assert done.returncode == 3
    assert message in done.stderr
    assert snapshot(own) == before


def test_renew_keeps_the_old_pair(own):
    folder = own / LEAVES["node"][0]
    before = snapshot(folder)
    assert pki("client", "--dir", own, "--site", "edge-site-1", "--node", "w1",
               "--days", "7", "--renew").startswith("renewed ")
    assert check(own, "node").returncode == 0
    kept = list((own / "retired/client").iterdir())
    assert [snapshot(old) for old in kept] == [before]
    after = snapshot(folder)
    assert after.keys() == before.keys()
    assert all(after[name] != before[name] for name in after)


def test_expired_is_said_and_renewed(own):
    """A CA older than its leaf, and a leaf that is past its end."""
    folder = own / LEAVES["site"][0]
    ends = datetime.datetime.now(datetime.timezone.utc)
    stamp = (ends - datetime.timedelta(hours=1)).strftime("%Y%m%d%H%M%SZ")
    (own / "old.ext").write_text(
        f"subjectAltName=URI:spiffe://{DOMAIN}/site/edge-site-1\n")
    (own / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=x\n[x]\ndatabase={own}/index\nserial={own}/serial\n"
        "default_md=sha256\npolicy=p\n[p]\ncommonName=supplied\n")
    (own / "index").write_text("")
    (own / "serial").write_text("01\n")
    openssl("req", "-new", "-key", folder / "key.pem", "-subj", "/CN=x",
            "-out", own / "old.csr")
    done = openssl("ca", "-batch", "-notext", "-config", own / "ca.cnf",
                   "-cert", own / "client/cert.pem",
                   "-keyfile", own / "client/key.pem", "-in", own / "old.csr",
                   "-extfile", own / "old.ext", "-startdate", "20200101000000Z",
                   "-enddate", stamp, "-outdir", own,
                   "-out", folder / "cert.pem")
    assert done.returncode == 0, done.stderr
    again = ("client", "--dir", own, "--site", "edge-site-1")
    done = run(*again)
    assert done.returncode == 3 and "has expired; --renew" in done.stderr
    pki(*again, "--renew")
    assert pki(*again).startswith("kept ")


def test_the_root_key_may_be_away(own):
    (own / "root/key.pem").rename(own / "safe.pem")
    pki("client", "--dir", own, "--site", "edge-site-2")
    pki("server", "--dir", own, "--name", "10.0.0.1")
    pki("init", "--dir", own, "--trust-domain", DOMAIN)
    shutil.rmtree(own / "boot")
    done = run("init", "--dir", own, "--trust-domain", DOMAIN)
    assert done.returncode == 1
    assert "bring the key back" in done.stderr
    assert not (own / "boot").exists()
    (own / "safe.pem").rename(own / "root/key.pem")
    assert "made " in pki("init", "--dir", own, "--trust-domain", DOMAIN)


def test_a_run_cut_short_is_repeated(own):
    """What is missing is made; what is there stays."""
    shutil.rmtree(own / "trust")
    shutil.rmtree(own / "config")
    before = snapshot(own)
    lines = pki("init", "--dir", own, "--trust-domain", DOMAIN).splitlines()
    assert [line.split()[0] for line in lines] == [
        "kept", "kept", "kept", "made", "made"]
    after = snapshot(own)
    assert {name: after[name] for name in before} == before


def test_trust_that_lacks_a_ca_is_said(own):
    """A CA made anew is not trusted by a file of before; more is fine."""
    init = ("init", "--dir", own, "--trust-domain", DOMAIN)
    clients = own / "trust/clients.pem"
    before = clients.read_text()
    shutil.rmtree(own / "client")
    done = run(*init)
    assert done.returncode == 3
    assert "clients.pem' lacks a CA that is in place" in done.stderr
    assert clients.read_text() == before
    clients.write_text(before + (own / "client/cert.pem").read_text())
    assert "kept" in pki(*init)
    clients.unlink()
    assert run(*init).returncode == 3
    shutil.rmtree(own / "trust")
    assert f"made {own}/trust" in pki(*init)


def complete(folder):
    """Key and certificate are there and belong together."""
    return openssl("pkey", "-pubout", "-in", folder / "key.pem").stdout == \
        openssl("x509", "-noout", "-pubkey", "-in", folder / "cert.pem").stdout


def test_killed_at_any_moment(own):
    """What is in place is whole, whenever the run ended."""
    for step in range(16):
        site = f"k{step % 4}"
        job = subprocess.Popen([PROGRAM, "client", "--dir", own, "--site", site,
                                "--renew"], stdout=subprocess.DEVNULL)
        time.sleep(step * 0.008)
        job.kill()
        job.wait(timeout=60)
        for folder in (own / "issued/client").iterdir():
            assert folder.name.startswith(".new.") or complete(folder)
    for site in range(4):
        pki("client", "--dir", own, "--site", f"k{site}")
        assert complete(own / f"issued/client/k{site}")


def test_two_at_once(own):
    """One makes it, the others find it; there is one pair."""
    jobs = [subprocess.Popen([PROGRAM, "client", "--dir", own, "--site", "both"],
                             stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                             text=True) for _ in range(4)]
    outs = [job.communicate(timeout=60) for job in jobs]
    assert sorted(job.returncode for job in jobs)[0] == 0
    assert sum(out.startswith("made ") for out, _ in outs) == 1
    assert all(out.startswith(("made ", "kept ")) or "left alone" in error
               for out, error in outs), outs
    assert complete(own / "issued/client/both")
    assert [p for p in (own / "issued/client").iterdir()
            if p.name.startswith(".new.")] == []


ALL = ["root", "boot", "client", "config",
       *(leaf[0] for leaf in LEAVES.values())]


def test_list(made):
    lines = pki("list", "--dir", made).splitlines()
    assert [line.split()[-1] for line in lines] == ALL
    days = {line.split()[-1]: int(line.split()[0]) for line in lines}
    assert days[LEAVES["site"][0]] in (89, 90)
    assert days[LEAVES["boot"][0]] in (396, 397)
    for line in lines:
        end = text(made / line.split()[-1] / "cert.pem", "-enddate",
                   "-dateopt", "iso_8601")
        assert line.split()[3] == end.strip().split("=")[1].replace(" ", "T")
        assert line.split()[4] == text(made / line.split()[-1] / "cert.pem",
                                       "-serial").strip().split("=")[1]


def test_list_of_what_was_replaced(own):
    """The gate's log shows a serial: whose it was."""
    old = text(own / LEAVES["site"][0] / "cert.pem", "-serial")[7:].strip()
    assert old in pki("list", "--dir", own)
    pki("client", "--dir", own, "--site", "edge-site-1", "--renew")
    assert old not in pki("list", "--dir", own)
    assert pki("list", "--dir", own, "--retired").splitlines()[-1].endswith(
        f"{old}  retired/client/edge-site-1-{old}")


def test_list_json(made):
    listed = json.loads(pki("list", "--dir", made, "--json"))
    assert [entry["path"] for entry in listed] == ALL
    assert set(listed[0]) == {"path", "serial", "days", "ends"}
    assert json.loads(pki("list", "--dir", made, "--json", "--within=0")) == []


@pytest.mark.parametrize("within,count", [
    ("0", 0), ("88", 0), ("90", 2), ("397", 4), ("36500", 8)])
def test_list_within(made, within, count):
    lines = pki("list", "--dir", made, "--within", within).splitlines()
    assert len(lines) == count


def test_list_of_what_is_not_ours(own):
    """A strange name is quoted; one that cannot be read ends the list."""
    folder = own / "issued/client" / 'a"\n\u00e9'
    shutil.copytree(own / LEAVES["site"][0], folder)
    listed = json.loads(pki("list", "--dir", own, "--json"))
    assert listed[6]["path"].startswith('issued/client/a"\n')
    (folder / "cert.pem").write_text("not a certificate")
    done = run("list", "--dir", own, "--json")
    assert done.returncode == 1
    assert "issued/client/a" in done.stderr
    with pytest.raises(json.JSONDecodeError):
        json.loads(done.stdout)


def test_a_key_of_another_certificate_is_seen(own):
    shutil.copy(own / "boot/key.pem", own / "client/key.pem")
    done = run("client", "--dir", own, "--site", "edge-site-3")
    assert done.returncode == 3
    assert "not the key of the certificate beside it" in done.stderr
    assert not (own / "issued/client/edge-site-3").exists()


def test_nothing_half_written_when_the_disk_refuses(own):
    """A file size limit stands in for a full disk; its twin has room."""
    before = snapshot(own)
    args = ("client", "--dir", own, "--site", "edge-site-4")
    done = subprocess.run(
        ["sh", "-c", 'trap "" XFSZ; ulimit -f 1; exec "$@"', "sh", PROGRAM,
         *args], capture_output=True, text=True, timeout=60)
    assert done.returncode == 1
    assert "cannot write" in done.stderr
    assert snapshot(own) == before
    assert [p.name for p in (own / "issued/client").iterdir()
            if p.name.startswith(".")] == []
    pki(*args)


USAGE = [
    ((), "usage:"),
    (("frob",), "'frob' is not a command"),
    (("init",), "--dir DIR is missing"),
    (("init", "--dir", "X"), "--trust-domain DOMAIN is missing"),
    (("init", "--dir", "X", "--trust-domain", "Bad_Domain"), "trust-domain"),
    (("init", "--dir", "X", "--trust-domain", "a" * 60 + ".example.net"),
     "longer than 64"),
    (("init", "--dir", "X", "--dir", "Y"), "--dir is given twice"),
    (("client", "--dir", "X", "--site", "a/b"), "site 'a/b' is not a name"),
    (("client", "--dir", "X", "--site", "a", "--node", "UP"), "node 'UP'"),
    (("client", "--dir", "X", "--site"), "--site needs a value: SITE"),
    (("client", "--dir", "X", "--site", ""), "--site is empty"),
    (("client", "--dir", "X", "--site", "a", "--renew=1"), "takes no value"),
    (("client", "--dir", "X", "--site", "a", "stray"), "'stray' is not an opt"),
    (("list", "--dir", "X", "--within", "soon"), "--within"),
    (("server", "--dir", "X", "--name", "*.example.net"), "server name"),
    (("server", "--dir", "X", "--name", "1.2.3.400"), "neither an IP address"),
    (("server", "--dir", "X", "--name", "a.net", "--for", "mail"), "'mail'"),
    (("server", "--dir", "X", "--name", "a.net", "--san", "a.net"),
     "'a.net' is named twice"),
    (("server", "--dir", "X", "--name", "b" * 60 + ".example.net"),
     "longer than 64"),
]


@pytest.mark.parametrize("args,message", USAGE)
def test_usage(tmp_path, args, message):
    args = [tmp_path / "new" if arg == "X" else arg for arg in args]
    done = run(*args)
    assert done.returncode == 2
    assert message in done.stderr
    assert done.stdout == ""
    assert not (tmp_path / "new").exists()


@pytest.mark.parametrize("days,good", [
    ("1", True), ("90", True), ("0", False), ("91", False), ("-1", False),
    ("7d", False)])
def test_days(own, days, good):
    done = run("client", "--dir", own, "--site", "s", "--days", days)
    assert done.returncode == (0 if good else 2), done.stderr
    assert (own / "issued/client/s").exists() == good


def test_before_init(tmp_path):
    done = run("client", "--dir", tmp_path / "new", "--site", "a")
    assert done.returncode == 1
    assert "run `edge-pki init` first" in done.stderr


def test_help_is_an_answer_and_must_be_heard():
    for args in [("--help",), ("--version",), ("client", "--help")]:
        assert pki(*args)
    with open("/dev/full", "w", encoding="ascii") as full:
        done = subprocess.run([PROGRAM, "--help"], stdout=full, timeout=60,
                              stderr=subprocess.PIPE, text=True)
    assert done.returncode == 1
    assert "standard output" in done.stderr
