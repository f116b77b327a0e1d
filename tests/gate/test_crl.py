"""Client certificates that nginx itself refuses, before any phase: revoked, run
out, of a stranger's CA. The machine gets 400; what an operator has to know is in
the logs, and the token that such a request carries is not."""

import socket
import ssl
import subprocess

import pytest

import gate as harness
from edge import TICKET
from lab.pki import crl
from test_mtls import SAN, Pki, claim, make_edge, mine, pki  # noqa: F401


@pytest.fixture
def edge(make_edge):
    return make_edge(require="cert")


def revoke(edge, pki, name):
    pki.tool("revoke", name)
    write_crl(edge, pki.revoked())


def write_crl(edge, text):
    (edge.gate.etc / "tls" / "client-ca.crl.pem").write_text(text)
    before = edge.gate.workers()
    edge.gate.reload()
    harness.until(lambda: not before & edge.gate.workers(),
                  "the old workers have ended")


def crls(text):
    """The lists in the file of ssl_crl: {issuer: PEM}."""
    end = "-----END X509 CRL-----\n"
    parts = [part + end for part in text.split(end) if part.strip()]
    return {subprocess.run(["openssl", "crl", "-noout", "-issuer"], input=part,
                           capture_output=True, text=True).stdout.strip()
            .rpartition("= ")[2]: part for part in parts}


def refused(edge, pair, reason, path=None):
    """400 by nginx, the reason in access log, audit and error log, and nothing
    else happened."""
    before, asked = edge.record(), len(edge.upstream.requests)
    answer = claim(edge, pair, path)
    assert answer.status == 400, answer
    harness.until(lambda: f"reason={reason} " in
                  (edge.gate.access_log().splitlines() or [""])[-1],
                  "the access log")
    assert edge.reason() == reason
    if reason != "cert-missing":
        assert f'client certificate refused, reason "{reason}", serial "' \
            in edge.gate.error_log()
    assert edge.record() == before
    assert len(edge.upstream.requests) == asked


def accepted(edge, pair):
    assert TICKET.search(claim(edge, pair).text)


def test_revoked(edge, pki):
    """Its twin, of the same site and CA, is not."""
    lost, kept = pki.client("site-a", "lost"), pki.client("site-a")
    assert claim(edge, lost, "/boot.ipxe").status == 200
    revoke(edge, pki, "site-a.lost")
    refused(edge, lost, "cert-revoked")
    assert "`edge-pki list` shows whose serial it is" in edge.gate.error_log()
    accepted(edge, kept)


def test_a_renewed_certificate_is_another(edge, pki):
    old = pki.client("site-a", "node-1")
    stolen = [path.read_text() for path in old]
    revoke(edge, pki, "site-a.node-1")
    refused(edge, old, "cert-revoked")
    new = pki.odd("new-key-of-node-1", SAN + "/node/node-1")
    accepted(edge, new)
    assert [path.read_text() for path in old] == stolen


def test_a_revoked_ca(edge, pki, mine):
    """Named in the root's list: everything below it is refused."""
    good = pki.revoked()
    folder = edge.gate.folder
    root = pki.folder / "root"
    made = crl(root / "cert.pem", root / "key.pem", folder / "root.crl.pem",
               revoked=[pki.folder / "client" / "cert.pem"])
    subject = subprocess.run(
        ["openssl", "crl", "-noout", "-issuer", "-in", str(made)],
        capture_output=True, text=True).stdout.strip().rpartition("= ")[2]
    write_crl(edge, good.replace(crls(good)[subject], made.read_text()))
    refused(edge, mine, "cert-revoked")
    write_crl(edge, good)
    accepted(edge, mine)


def test_connections_that_are_open(edge, pki):
    """After the reload the old worker takes nothing more from them."""
    pair = pki.client("site-a", "open")
    context = ssl.create_default_context(cafile=edge.gate.ca)
    context.check_hostname = False
    context.load_cert_chain(*pair)
    one = b"GET /boot.ipxe HTTP/1.1\r\nHost: h\r\n\r\n"
    with socket.create_connection(
            (edge.gate.host, harness.LISTEN["boot-mtls"])) as plain, \
            context.wrap_socket(plain) as tls:
        tls.sendall(one)
        assert tls.recv(4096).startswith(b"HTTP/1.1 200 ")
        revoke(edge, pki, "site-a.open")
        asked = len(edge.upstream.requests)
        tls.settimeout(10)
        try:
            tls.sendall(one)
            got = tls.recv(65536)
            while part := tls.recv(65536):
                got += part
        except OSError:
            got = b""
        # at most the end of the first answer
        assert b"HTTP/1.1 200" not in got
    assert len(edge.upstream.requests) == asked
    refused(edge, pair, "cert-revoked")
    accepted(edge, pki.client("site-a"))


def test_a_list_that_has_run_out(edge, pki, mine):
    """Nobody is let in, and the error log says what to do."""
    good = pki.revoked()
    ca = pki.folder / "client"
    old = crl(ca / "cert.pem", ca / "key.pem",
              edge.gate.folder / "old.crl.pem", days=-1)
    name = next(name for name in crls(good) if "client" in name)
    write_crl(edge, good.replace(crls(good)[name], old.read_text()))
    refused(edge, mine, "cert-crl")
    assert "run `edge-pki crl`" in edge.gate.error_log()
    assert "[error]" in edge.gate.error_log()
    write_crl(edge, good)
    accepted(edge, mine)


@pytest.mark.parametrize("which", ["root", "client"])
def test_a_list_that_is_missing(edge, pki, mine, which):
    """The file must hold those of all CAs of the chain."""
    lists = crls(pki.revoked())
    left = [text for name, text in lists.items() if which not in name]
    assert len(left) == len(lists) - 1
    write_crl(edge, "".join(left))
    refused(edge, mine, "cert-crl")
    write_crl(edge, "".join(lists.values()))
    accepted(edge, mine)


def test_the_file_must_be_there(make_gate):
    gate = make_gate()
    path = gate.etc / "tls" / "client-ca.crl.pem"
    text = path.read_text()
    path.unlink()
    good, said = gate.test()
    assert not good and "client-ca.crl.pem" in said
    path.write_text(text)
    assert gate.test() == (True, gate.test()[1])


def test_without_the_directive(make_gate):
    """Allowed, and said."""
    assert "without \"ssl_crl\"" not in make_gate().test()[1]
    gate = make_gate(name="without",
                     edits=[("ssl_crl tls/client-ca.crl.pem;", "")])
    good, said = gate.test()
    assert good and ("without \"ssl_crl\" no client certificate can be revoked "
                     "in the server with \"edge_auth boot_mtls\"") in said


def test_expired(edge, pki, mine):
    refused(edge, pki.odd("expired", SAN, days=-1), "cert-expired")
    accepted(edge, pki.odd("not-expired", SAN, days=1))


def test_an_unknown_ca(edge, tmp_path, mine):
    """Whose CRL nobody has either: that is not what the operator is told."""
    stranger = Pki(tmp_path / "stranger").client("site-a")
    refused(edge, stranger, "cert-untrusted")
    accepted(edge, mine)


def test_none(edge, mine):
    answer = edge.boot("/boot.ipxe", listener="boot-mtls")
    assert answer.status == 400
    harness.until(lambda: "reason=cert-missing " in edge.gate.access_log(),
                  "the access log")
    assert edge.reason() == "cert-missing"
    assert "client certificate refused" not in edge.gate.error_log()
    accepted(edge, mine)


def test_the_token_stays_out_of_the_logs(make_edge, pki):
    edge = make_edge(require="token+cert")
    token = edge.token()
    pair = pki.client("site-a", "token-in-log")
    query = edge.machines[0].query()
    assert TICKET.search(claim(edge, pair, f"/t/{token}/ipxe?{query}").text) \
        is None   # a certificate of another node
    revoke(edge, pki, "site-a.token-in-log")
    refused(edge, pair, "cert-revoked", f"/t/{token}/ipxe?{query}")
    assert token not in edge.gate.logs() and token[15:] not in edge.gate.logs()
    assert TICKET.search(claim(edge, pki.client("site-a"),
                               f"/t/{token}/ipxe?{query}").text)


def test_a_stranger_cannot_fill_the_error_log(edge, tmp_path, mine):
    stranger = Pki(tmp_path / "stranger").client("site-a")
    for _ in range(12):
        assert claim(edge, stranger).status == 400
    assert edge.gate.error_log().count("client certificate refused") <= 10
    accepted(edge, mine)
