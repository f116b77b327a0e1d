"""Throw-away certificates for what the product's own PKI does not serve: the
bare nginx of the left column."""

import subprocess


def _openssl(*argv, stdin=None):
    subprocess.run(["openssl", *argv], check=True, input=stdin,
                   capture_output=True, text=True)


CRL = """\
[ca]
default_ca = it
[it]
database = {folder}/revoked.txt
crlnumber = {folder}/crlnumber
default_md = sha256
"""


def crl(ca, key, out, *, days=30, revoked=()):
    """Write out, the CRL of a CA. days < 0: one that has run out."""
    folder = out.with_suffix(".d")
    folder.mkdir(exist_ok=True)
    (folder / "revoked.txt").touch()
    (folder / "crlnumber").write_text("01\n")

    def sign(*argv):
        _openssl("ca", "-config", "/dev/stdin", "-cert", str(ca), "-keyfile",
                 str(key), *argv, stdin=CRL.format(folder=folder))

    for certificate in revoked:
        sign("-revoke", str(certificate))
    life = ["-crldays", str(days)] if days > 0 else [
        "-crl_lastupdate", "20260101000000Z", "-crl_nextupdate",
        "20260102000000Z"]
    sign("-gencrl", *life, "-out", str(out))
    return out


def make(folder, host):
    """Write ca.pem, ca.crl.pem, server.pem (leaf and root) and server.key below
    folder."""
    folder.mkdir(parents=True, exist_ok=True)
    ca, ca_key = folder / "ca.pem", folder / "ca.key"
    leaf, key = folder / "leaf.pem", folder / "server.key"
    _openssl("req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "30",
             "-subj", "/CN=lab root", "-keyout", str(ca_key), "-out", str(ca))
    extensions = f"subjectAltName=IP:{host}\nextendedKeyUsage=serverAuth\n"
    request = folder / "server.csr"
    _openssl("req", "-newkey", "rsa:2048", "-noenc", "-subj", "/CN=lab boot",
             "-keyout", str(key), "-out", str(request))
    _openssl("x509", "-req", "-in", str(request), "-CA", str(ca),
             "-CAkey", str(ca_key), "-CAcreateserial", "-days", "30",
             "-extfile", "/dev/stdin", "-out", str(leaf), stdin=extensions)
    server = folder / "server.pem"
    server.write_text(leaf.read_text() + ca.read_text())
    crl(ca, ca_key, folder / "ca.crl.pem")
    return ca, server, key
