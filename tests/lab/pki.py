"""Throw-away certificates for what the product's own PKI does not serve: the
bare nginx of the left column."""

import subprocess


def _openssl(*argv, stdin=None):
    subprocess.run(["openssl", *argv], check=True, input=stdin,
                   capture_output=True, text=True)


def make(folder, host):
    """Write ca.pem, server.pem (leaf and root) and server.key below folder."""
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
    return ca, server, key
