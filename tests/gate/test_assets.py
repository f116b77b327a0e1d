"""Kernels, initramfs and UEFI files: from disk, for whoever is being enrolled."""

import pytest

from edge import Edge, is_refusal
from test_claim import forge


@pytest.fixture
def edge(make_gate, upstream):
    gate = make_gate()
    made = Edge(gate, upstream)
    gate.start()
    return made


FILES = {"assets/vmlinuz": b"kernel", "ipxe.efi": b"efi"}


@pytest.mark.parametrize("path", FILES)
def test_served(edge, path):
    token = edge.token()
    answer = edge.boot(f"/t/{token}/{path}")
    assert (answer.status, answer.body) == (200, FILES[path])
    head = edge.boot(f"/t/{token}/{path}", method="HEAD")
    assert head.headers["content-length"] == str(len(FILES[path]))
    assert edge.upstream.requests == []


def test_not_listed(edge):
    """A file that is there, but not in the imported list."""
    token = edge.token()
    (edge.gate.folder / "assets" / "other").write_bytes(b"x")
    answer = edge.boot(f"/t/{token}/assets/other")
    assert (answer.status, edge.reason()) == (404, "asset")
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 200


def test_listed_but_missing(edge):
    token = edge.token()
    (edge.gate.folder / "assets" / "vmlinuz").unlink()
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 404


def test_a_folder_is_not_redirected_to(edge):
    token = edge.token()
    path = edge.gate.folder / "assets" / "vmlinuz"
    path.unlink()
    path.mkdir()
    answer = edge.boot(f"/t/{token}/assets/vmlinuz")
    assert "location" not in answer.headers
    assert answer.body != b"kernel"


@pytest.mark.parametrize("change", [
    lambda token: forge(token, 20), lambda token: token[:-1]],
    ids=["forged", "cut off"])
def test_wrong_token(edge, change):
    token = edge.token()
    answer = edge.boot(f"/t/{change(token)}/assets/vmlinuz")
    assert (answer.status, edge.reason()) == (403, "forged")
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 200


def test_no_token(edge):
    token = edge.token()
    assert edge.boot("/assets/vmlinuz").status == 403
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 200


def test_revocation_acts_on_the_next_request(edge):
    token = edge.token()
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 200
    edge.auth("token", "revoke", "node-1")
    answer = edge.boot(f"/t/{token}/assets/vmlinuz")
    assert (answer.status, edge.reason()) == (403, "unknown")


def test_joined(edge):
    token = edge.token()
    edge.get(edge.ticket(token))
    assert edge.boot(f"/t/{token}/assets/vmlinuz").status == 200
    edge.auth("node", "confirm", "node-1")
    answer = edge.boot(f"/t/{token}/assets/vmlinuz")
    assert answer.status == 403 and not is_refusal(answer)


def test_range(edge):
    answer = edge.boot(f"/t/{edge.token()}/assets/vmlinuz",
                       headers=["Range: bytes=0-2"])
    assert (answer.status, answer.body) == (206, b"ker")


def test_the_request_ends(edge):
    """It is logged, and the connection takes the next one."""
    import gate as harness
    import ssl
    token = edge.token()
    tls = ssl.create_default_context(cafile=edge.gate.ca)
    tls.check_hostname = False
    one = f"GET /t/{token}/assets/vmlinuz HTTP/1.1\r\nHost: h\r\n"
    got = harness.raw(edge.gate, "boot", (
        one + "\r\n" + one + "Connection: close\r\n\r\n").encode(), tls)
    assert got.count(b"HTTP/1.1 200 OK") == 2 and got.count(b"kernel") == 2
    harness.until(lambda: edge.gate.access_log().count(
        '"GET /assets/vmlinuz HTTP/1.1" 200') == 2, "two lines in the log")
