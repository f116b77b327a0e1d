"""Sites that require both: a token of the node, and a certificate that names the
site. Either alone is refused, with a reason that says which one is missing."""

import json
import re

import pytest

from edge import TICKET, is_refusal
from test_mtls import SAN, claim, make_edge, mine, pki   # fixtures

REFERENCE = re.compile(r"(?<=eference: )\w+")
PATHS = ("boot.ipxe", "assets/vmlinuz", "ipxe")


@pytest.fixture
def edge(make_edge):
    """node-1 and node-2 at site-a, node-3 at site-b; both sites want both."""
    made = make_edge(require="token+cert")
    document = made.document
    document["sites"]["site-b"] = dict(document["sites"]["site-a"])
    document["nodes"]["node-3"]["site"] = "site-b"
    document["serial"] += 1
    made.publish()
    return made


@pytest.fixture
def stranger(pki):
    return pki.client("site-b")


def path_of(edge, token, path, m=None):
    query = f"?{(m or edge.machines[0]).query()}" if path == "ipxe" else ""
    return (f"/t/{token}" if token else "") + f"/{path}{query}"


def ask(edge, pair, token, path, m=None):
    """Over boot-mtls., or over boot. without a pair."""
    target = path_of(edge, token, path, m)
    return claim(edge, pair, target) if pair else edge.boot(target)


def refused(edge, path, answer):
    return answer.status == 403 if path.startswith("assets/") \
        else is_refusal(answer)


def accepted(edge, pair, token, path):
    answer = ask(edge, pair, token, path)
    assert answer.status == 200, answer
    if path == "ipxe":
        assert TICKET.search(answer.text), answer
    else:
        assert answer.body in (b"kernel", edge.upstream.answers["/boot.ipxe"])


@pytest.mark.parametrize("path", PATHS)
def test_the_token_alone(edge, mine, path):
    """On the listener that asks for no certificate."""
    token = edge.token()
    before = edge.record()
    answer = ask(edge, None, token, path)
    assert refused(edge, path, answer)
    assert edge.reason() == "listener"
    assert "certificate" not in answer.text
    assert edge.record() == before and edge.upstream.requests == []
    accepted(edge, mine, token, path)


@pytest.mark.parametrize("path", PATHS)
def test_the_token_without_a_certificate_where_one_is_asked_for(
        edge, mine, path):
    token = edge.token()
    answer = edge.boot(path_of(edge, token, path), listener="boot-mtls")
    assert answer.status == 400
    assert token not in edge.gate.logs()
    accepted(edge, mine, token, path)


@pytest.mark.parametrize("path", PATHS)
def test_the_certificate_alone(edge, mine, path):
    token = edge.token()
    before = edge.record()
    assert refused(edge, path, ask(edge, mine, "", path))
    assert edge.reason() == "token-missing"
    assert edge.record() == before and edge.upstream.requests == []
    accepted(edge, mine, token, path)


@pytest.mark.parametrize("path", PATHS)
def test_another_sites_certificate(edge, mine, stranger, path):
    token = edge.token()
    before = edge.record()
    assert refused(edge, path, ask(edge, stranger, token, path))
    assert edge.reason() == "cert-identity"
    assert edge.record() == before and edge.upstream.requests == []
    accepted(edge, mine, token, path)


@pytest.mark.parametrize("path", PATHS)
def test_another_nodes_certificate(edge, pki, path):
    token = edge.token()
    other, own = (pki.client("site-a", name) for name in ("node-2", "node-1"))
    assert refused(edge, path, ask(edge, other, token, path))
    assert edge.reason() == "cert-identity"
    assert edge.upstream.requests == []
    accepted(edge, own, token, path)


@pytest.mark.parametrize("path", PATHS)
def test_another_sites_token(edge, mine, path):
    """Genuine, for a node of site-b, whose certificate this is not."""
    theirs, token = edge.token("node-3"), edge.token()
    assert refused(edge, path, ask(edge, mine, theirs, path))
    assert edge.reason() == "cert-identity"
    assert edge.upstream.requests == []
    accepted(edge, mine, token, path)


@pytest.mark.parametrize("path", ["assets/vmlinuz", "ipxe"])
def test_another_nodes_token(edge, mine, path):
    """Of the same site: the token opens its own node's enrollment only, and the
    ids have to be that node's."""
    theirs = edge.token("node-2")
    edge.auth("token", "revoke", "node-2")
    assert refused(edge, path, ask(edge, mine, theirs, path))
    assert edge.reason() == "unknown"
    theirs, before = edge.token("node-2"), edge.record("node-2")
    assert is_refusal(ask(edge, mine, theirs, "ipxe"))
    assert edge.reason() == "ids" and edge.record("node-2") == before
    accepted(edge, mine, edge.token(), path)


@pytest.mark.parametrize("path", ["assets/vmlinuz", "ipxe"])
def test_an_old_token_tells_nothing(edge, mine, path):
    """Nor does the listener say to a thief what else the site requires."""
    old, token = edge.token(), edge.token()
    for pair in (None, mine):
        assert refused(edge, path, ask(edge, pair, old, path))
        assert edge.reason() == "unknown"
    accepted(edge, mine, token, path)


@pytest.mark.parametrize("path", ["assets/vmlinuz", "ipxe"])
def test_refusals_look_alike(edge, mine, path):
    """One script, one code, whichever of the two is missing."""
    token = edge.token()
    texts = {REFERENCE.sub("", ask(edge, pair, shown, path).text)
             for pair, shown in ((None, token), (mine, ""),
                                 (mine, edge.token("node-2")[:-1] + "0"))}
    assert len(texts) == 1
    accepted(edge, mine, token, path)


def test_the_key_of_the_first_claim_binds(edge, pki, mine):
    token = edge.token()
    accepted(edge, mine, token, "ipxe")
    assert edge.record()["spki"]
    before = edge.record()
    second = pki.odd("another-key-with-token", SAN)
    assert is_refusal(ask(edge, second, token, "ipxe"))
    assert edge.reason() == "cert" and edge.record() == before
    accepted(edge, mine, token, "ipxe")
    # armed anew, the new ROM is as good as the old one was
    accepted(edge, second, edge.token(), "ipxe")


def test_to_the_end(edge, mine):
    token = edge.token()
    answer = ask(edge, mine, token, "ipxe")
    ticket = TICKET.search(answer.text).group()
    assert edge.get(ticket).status == 200
    record = edge.record()
    assert (record["state"], record["require"]) == ("delivered", "token+cert")


def test_the_url_that_is_printed(edge, mine):
    """token create, and the URL boots as it is; explain says the same."""
    made = json.loads(edge.auth("token", "create", "node-1", "--json"))
    base = edge.gate.url("boot-mtls")
    assert made["boot_url"].startswith(base + "/t/")
    assert claim(edge, mine, made["boot_url"][len(base):]).status == 200
    said = edge.auth("explain", "node-1")
    assert "token and client certificate" in said and "row 3" in said
