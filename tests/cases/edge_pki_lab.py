"""What the tests of edge-pki share: running it, asking OpenSSL, a PKI to copy
(keys are slow to make), and CAs that edge-pki would not make."""
import atexit
import functools
import os
import pathlib
import shutil
import subprocess
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
PROGRAM = ROOT / "build" / os.environ.get("FLAVOUR", "plain") / "bin/edge-pki"
ORACLE = ROOT / "build/tools/talos-oracle"
DOMAIN = "edge.example.net"
BOOT = f"boot.{DOMAIN}"
CONFIG = f"config.{DOMAIN}"


def run(*args, env=None):
    return subprocess.run([PROGRAM, *args], capture_output=True, text=True,
                          timeout=120, env=env)


def pki(*args):
    done = run(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def refused(status, *args):
    """What it says when it refuses; nothing but its words may change."""
    folder = args[args.index("--dir") + 1]
    before = snapshot(folder)
    done = run(*args)
    assert done.returncode == status, (done.returncode, done.stderr)
    assert snapshot(folder) == before
    return done.stderr


def openssl(*args, data=None):
    return subprocess.run(["openssl", *args], capture_output=True, text=True,
                          input=data, timeout=60)


def must(*args):
    done = openssl(*args)
    assert done.returncode == 0, done.stderr
    return done.stdout


def text(cert, *options):
    return must("x509", "-noout", "-in", cert, *(options or ("-text",)))


def serial(folder):
    return text(folder / "cert.pem", "-serial").strip().split("=")[1]


def snapshot(folder):
    folder = pathlib.Path(folder)
    return {path.relative_to(folder): (path.stat().st_mode, path.read_bytes())
            for path in folder.rglob("*") if path.is_file()}


def verify(folder, leaf, purpose, anchors, *more):
    """OpenSSL's opinion, in its words; empty: accepted."""
    done = openssl("verify", "-purpose", purpose, "-x509_strict",
                   "-CAfile", folder / "trust" / anchors,
                   "-untrusted", folder / leaf / "chain.pem", *more,
                   folder / leaf / "cert.pem")
    return "" if done.returncode == 0 else done.stderr


def verify_client(folder, leaf):
    """As nginx does it: ssl_crl checks every certificate of the chain."""
    return verify(folder, leaf, "sslclient", "clients.pem", "-crl_check_all",
                  "-CRLfile", folder / "trust/clients.crl.pem")


@functools.cache
def template():
    """A PKI with one certificate of each kind, made once for a test run."""
    above = tempfile.mkdtemp(prefix="edge-pki-")
    atexit.register(shutil.rmtree, above)
    folder = pathlib.Path(above) / "pki"
    pki("init", "--dir", folder, "--trust-domain", DOMAIN)
    pki("server", "--dir", folder, "--name", BOOT)
    pki("server", "--dir", folder, "--name", CONFIG, "--for", "config")
    for site in ("s1", "s2"):
        pki("client", "--dir", folder, "--site", site)
    pki("client", "--dir", folder, "--site", "s1", "--node", "w1")
    return folder


def copy(target):
    return pathlib.Path(shutil.copytree(template(), target / "pki"))


@functools.cache
def make_key(name, kind):
    """One key for each name and kind: another name, another key."""
    path = template().parent / f"{name}.{kind.replace(':', '-')}.key"
    options = ["-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"] \
        if kind == "ec" else ["-algorithm", "RSA", "-pkeyopt",
                              "rsa_keygen_bits:" + kind.removeprefix("rsa:")]
    must("genpkey", *options, "-out", path)
    return path


def make_cert(folder, name, *, by=None, key="rsa:2048", days="30",
              extensions="", subject=None, dates=()):
    """NAME.pem and NAME.key in a folder, signed by the pair BY or by itself."""
    (folder / "req.cnf").write_text("[req]\ndistinguished_name=d\n[d]\n")
    (folder / "ext.cnf").write_text(
        "[e]\nsubjectKeyIdentifier=hash\n" + extensions)
    shutil.copy(make_key(name, key), folder / f"{name}.key")
    must("req", "-new", "-config", folder / "req.cnf",
         "-key", folder / f"{name}.key", "-subj", subject or f"/CN={name}", "-out", folder / f"{name}.csr")
    (folder / "index").write_text("")
    (folder / "ca.cnf").write_text(
        f"[ca]\ndefault_ca=x\n[x]\ndatabase={folder}/index\nrand_serial=yes\n"
        f"new_certs_dir={folder}\ndefault_md=sha256\npolicy=p\n"
        "unique_subject=no\n[p]\ncommonName=supplied\n")
    signer = ["-selfsign", "-keyfile", folder / f"{name}.key"] if by is None \
        else ["-cert", by[0], "-keyfile", by[1]]
    must("ca", "-batch", "-notext", "-config", folder / "ca.cnf",
         "-in", folder / f"{name}.csr", "-extfile", folder / "ext.cnf",
         "-extensions", "e", "-out", folder / f"{name}.pem", *signer,
         *(dates or ("-days", days)))
    return folder / f"{name}.pem", folder / f"{name}.key"
