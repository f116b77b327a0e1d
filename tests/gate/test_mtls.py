"""Client certificates: exactly one identity, of this trust domain, this site and
this node, looked at for every request."""

import subprocess

import pytest

from edge import TICKET, Edge, is_refusal
from lab import paths
from lab.pki import crl

SAN = "URI:spiffe://edge.example.net/site/site-a"


def openssl(*argv, text=None):
    subprocess.run(["openssl", *map(str, argv)], check=True, input=text,
                   capture_output=True, text=True)


class Pki:
    def __init__(self, folder):
        self.folder = folder
        self.tool("init", "--trust-domain", "edge.example.net")
        # One without name constraints, for certificates that edge-pki's CA
        # could not sign: it is the module that has to refuse them.
        self.lax = folder.parent / "lax"
        self.lax.mkdir()
        openssl("req", "-x509", "-newkey", "rsa:2048", "-noenc", "-days", "30",
                "-subj", "/CN=lax", "-keyout", self.lax / "key.pem", "-out",
                self.lax / "cert.pem")
        self.trusted = ((folder / "trust" / "clients.pem").read_text()
                        + (self.lax / "cert.pem").read_text())
        self.lax_crl = crl(self.lax / "cert.pem", self.lax / "key.pem",
                           self.lax / "crl.pem").read_text()

    def tool(self, command, *argv):
        subprocess.run([str(paths.PROGRAMS / "edge-pki"), command, "--dir",
                        str(self.folder), *argv], check=True,
                       capture_output=True)

    def revoked(self):
        """The text of the file of ssl_crl."""
        self.tool("crl", "--renew")
        return (self.folder / "trust" / "clients.crl.pem").read_text() \
            + self.lax_crl

    def client(self, site, node=None):
        """(certificate with chain, key) as edge-pki makes them."""
        self.tool("client", "--site", site,
                  *(["--node", node] if node else []))
        made = (self.folder / "issued" / "client"
                / (f"{site}.{node}" if node else site))
        return made / "chain.pem", made / "key.pem"

    def odd(self, name, san, days=30, cn="client"):
        """What edge-pki would never make."""
        folder = self.lax / name
        folder.mkdir(parents=True)
        key, request = folder / "key.pem", folder / "request.pem"
        openssl("req", "-newkey", "rsa:2048", "-noenc", "-subj", f"/CN={cn}",
                "-keyout", key, "-out", request)
        extensions = "extendedKeyUsage=clientAuth\n" + (
            f"subjectAltName={san}\n" if san else "")
        openssl("x509", "-req", "-in", request, "-CA",
                self.lax / "cert.pem", "-CAkey", self.lax / "key.pem", "-CAcreateserial", "-days", days,
                "-extfile", "/dev/stdin", "-out", folder / "cert.pem",
                text=extensions)
        return folder / "cert.pem", key


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    return Pki(tmp_path_factory.mktemp("edge-pki") / "pki")


@pytest.fixture(scope="module")
def mine(pki):
    return pki.client("site-a")


@pytest.fixture
def make_edge(make_gate, upstream, pki):
    def make(**options):
        gate = make_gate()
        (gate.etc / "tls" / "client-ca.pem").write_text(pki.trusted)
        (gate.etc / "tls" / "client-ca.crl.pem").write_text(pki.revoked())
        edge = Edge(gate, upstream, **options)
        edge.auth("node", "arm", "node-1")
        gate.start()
        return edge
    return make


def claim(edge, pair, path=None, m=None):
    cert, key = pair
    path = path or f"/ipxe?{(m or edge.machines[0]).query()}"
    return edge.boot(path, listener="boot-mtls", cert=cert, key=key)


def test_a_site_certificate_boots_an_armed_node(make_edge, mine):
    edge = make_edge(require="cert")
    assert claim(edge, mine, "/boot.ipxe").status == 200
    assert claim(edge, mine, "/assets/vmlinuz").body == b"kernel"
    answer = claim(edge, mine)
    ticket = TICKET.search(answer.text).group()
    assert edge.get(ticket).status == 200
    assert edge.record()["state"] == "delivered"


def test_a_node_certificate(make_edge, pki):
    edge = make_edge(require="cert")
    other = claim(edge, pki.client("site-a", "node-2"))
    assert is_refusal(other)
    assert TICKET.search(claim(edge, pki.client("site-a", "node-1")).text)


ODD = {
    "another site": "URI:spiffe://edge.example.net/site/site-b",
    "another trust domain": "URI:spiffe://edge.example.org/site/site-a",
    "two identities": f"{SAN},URI:spiffe://edge.example.net/site/site-b",
    "ours last of two": f"URI:spiffe://edge.example.net/site/site-b,{SAN}",
    "the same twice": f"{SAN},{SAN}",
    "no identity": None,
    "a name instead": "DNS:site-a.edge.example.net",
    "another scheme": "URI:https://edge.example.net/site/site-a",
    "escaped": "URI:spiffe://edge.example.net/site/site%2Da",
    "longer": "URI:spiffe://edge.example.net/site/site-a/",
    "a query": "URI:spiffe://edge.example.net/site/site-a?x",
}


@pytest.mark.parametrize("label", ODD)
def test_identity(make_edge, pki, mine, label):
    edge = make_edge(require="cert")
    before = edge.record()
    pair = pki.odd(label.replace(" ", "-"), ODD[label], cn="site-a")
    answer = claim(edge, pair)
    assert is_refusal(answer), answer
    assert edge.record() == before
    assert edge.upstream.requests == []
    assert TICKET.search(claim(edge, mine).text)


def test_the_wrong_rom_is_told_from_the_wrong_node(make_edge, pki, mine):
    """A genuine certificate, and the ids of a node elsewhere or of none."""
    edge = make_edge(require="cert")
    stranger = pki.client("site-b")
    assert is_refusal(claim(edge, stranger))
    assert edge.reason() == "cert-identity"
    nobody = edge.machines[0].query(uuid="9ddf0214-b102-49a3-bec3-d1151498a4ff",
                                    mac="52-54-00-00-02-ff")
    assert is_refusal(claim(edge, stranger, f"/ipxe?{nobody}"))
    assert edge.reason() == "unknown"
    assert TICKET.search(claim(edge, mine).text)


def test_a_second_name_of_another_kind_is_fine(make_edge, pki):
    edge = make_edge(require="cert")
    pair = pki.odd("with-dns", f"{SAN},DNS:rom.example.net")
    assert TICKET.search(claim(edge, pair).text)


def test_no_certificate(make_edge, mine):
    """nginx refuses before any phase: 400, and the store does not hear of it."""
    edge = make_edge(require="cert")
    answer = edge.boot(f"/ipxe?{edge.machines[0].query()}",
                       listener="boot-mtls")
    assert answer.status == 400
    assert TICKET.search(claim(edge, mine).text)


def test_another_ca(make_edge, tmp_path, mine):
    edge = make_edge(require="cert")
    stranger = Pki(tmp_path / "stranger").client("site-a")
    assert claim(edge, stranger).status == 400
    assert TICKET.search(claim(edge, mine).text)


def test_token_and_certificate(make_edge, pki, mine):
    edge = make_edge(require="token+cert")
    token, query = edge.token(), edge.machines[0].query()
    path = f"/t/{token}/ipxe?{query}"
    assert is_refusal(claim(edge, mine, f"/ipxe?{query}"))
    assert is_refusal(edge.boot(path))
    assert is_refusal(claim(edge, pki.client("site-b"), path))
    assert TICKET.search(claim(edge, mine, path).text)


def test_another_key_after_the_claim(make_edge, pki, mine):
    """The key of the first claim binds."""
    edge = make_edge(require="cert")
    assert TICKET.search(claim(edge, mine).text)
    second = claim(edge, pki.odd("second-key", SAN))
    assert is_refusal(second) and edge.reason() == "cert"
    assert TICKET.search(claim(edge, mine).text)
