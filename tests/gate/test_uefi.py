"""UEFI HTTP boot: firmware fetches an iPXE below the token, that iPXE its script,
and both go on as any other. The three names stand in no list."""

import hashlib

import pytest

from edge import TICKET, Edge
from test_claim import forge

FIRMWARE = "UefiHttpBoot/1.0"
FILES = {"ipxe.efi": b"MZ" + bytes(range(256)) * 4100,
         "ipxe-arm64.efi": b"MZ-arm64" * 1000,
         "autoexec.ipxe": b"#!ipxe\nchain boot.ipxe\n"}


@pytest.fixture
def edge(make_gate, upstream):
    gate = make_gate()
    made = Edge(gate, upstream)
    made.document["assets"] = made.document["assets"][:1]
    made.document["serial"] += 1
    made.publish()
    for name, body in FILES.items():
        (gate.folder / "assets" / name).write_bytes(body)
    gate.start()
    return made


def fetch(edge, token, name, **more):
    return edge.boot(f"/t/{token}/{name}", **{"agent": FIRMWARE, **more})


@pytest.mark.parametrize("efi", ["ipxe.efi", "ipxe-arm64.efi"])
def test_a_whole_boot(edge, efi):
    """HEAD and GET by firmware; then script, claim, kernel and config by iPXE
    and Talos, all on one token."""
    token, m = edge.token(), edge.machines[0]
    head = fetch(edge, token, efi, method="HEAD")
    assert head.status == 200 and head.body == b""
    assert head.headers["content-length"] == str(len(FILES[efi]))
    for name, agent in ((efi, FIRMWARE), ("autoexec.ipxe", "iPXE/1.21.1+git")):
        answer = fetch(edge, token, name, agent=agent)
        assert (answer.status, answer.body) == (200, FILES[name])
        assert answer.headers["content-length"] == str(len(FILES[name]))
        assert not {"location", "transfer-encoding"} & set(answer.headers)
    assert edge.record()["state"] == "armed" and edge.upstream.requests == []
    head = edge.boot(f"/t/{token}/boot.ipxe", method="HEAD")
    script = edge.boot(f"/t/{token}/boot.ipxe")
    assert head.headers["content-length"] == str(len(script.body))
    ticket = TICKET.search(edge.claim(token, m).text).group()
    assert edge.boot(f"/t/{token}/assets/vmlinuz").body == b"kernel"
    assert edge.get(ticket, m).status == 200
    assert edge.record()["state"] == "delivered"
    # a power cycle repeats all of it
    assert fetch(edge, token, efi).body == FILES[efi]
    assert token not in edge.gate.logs()


@pytest.mark.parametrize("method", ["HEAD", "GET"])
@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize("spoil", [
    lambda edge, token: "", lambda edge, token: forge(token, 20),
    lambda edge, token: edge.auth("token", "revoke", "node-1") and token,
    lambda edge, token: edge.token() and token,
], ids=["no token", "forged", "revoked", "an older one"])
def test_refused(edge, name, method, spoil):
    """A plain 403 with a length: firmware runs no script, and waits for none."""
    token = edge.token()
    assert fetch(edge, token, name, method=method).status == 200
    shown = spoil(edge, token)
    path = f"/t/{shown}/{name}" if shown else f"/{name}"
    answer = edge.boot(path, method=method, agent=FIRMWARE)
    assert answer.status == 403
    assert int(answer.headers["content-length"]) == len("KE-403\n")
    assert not answer.text.startswith("#!ipxe")
    assert fetch(edge, edge.token(), name, method=method).status == 200


@pytest.mark.parametrize("name", FILES)
def test_not_there(edge, name):
    token = edge.token()
    path = edge.gate.folder / "assets" / name
    path.unlink()
    assert fetch(edge, token, name).status == 404
    path.write_bytes(FILES[name])
    assert fetch(edge, token, name).status == 200


@pytest.mark.parametrize("name", ["ipxe-riscv64.efi", "IPXE.EFI", "shim.efi",
                                  "ipxe.efi.sig", "sub/ipxe.efi",
                                  "assets/ipxe.efi", "assets/autoexec.ipxe"])
def test_three_names_only(edge, name):
    """What else lies in the folder is for those who are on the list."""
    token = edge.token()
    path = edge.gate.folder / "assets" / name.removeprefix("assets/")
    path.parent.mkdir(exist_ok=True)
    path.write_bytes(b"x")
    assert fetch(edge, token, name).status == 404
    assert fetch(edge, token, "ipxe.efi").status == 200


def test_one_name_twice_is_one_file(edge):
    """An entry in the list changes nothing."""
    edge.document["assets"].append(
        {"path": "ipxe.efi", "size": len(FILES["ipxe.efi"]),
         "sha256": hashlib.sha256(FILES["ipxe.efi"]).hexdigest()})
    edge.document["serial"] += 1
    edge.publish()
    assert fetch(edge, edge.token(), "ipxe.efi").body == FILES["ipxe.efi"]


def test_where_a_certificate_is_required(make_gate, upstream):
    """Firmware has none to show: nothing for the token alone."""
    for require, status in (("token+cert", 403), ("token", 200)):
        gate = make_gate(name=require)
        made = Edge(gate, upstream, require=require)
        gate.start()
        answer = made.boot(f"/t/{made.token()}/ipxe.efi", agent=FIRMWARE)
        assert answer.status == status
        if status == 403:
            assert made.reason() == "listener"
        gate.stop()


def test_a_range(edge):
    """Some firmware asks for pieces."""
    answer = fetch(edge, edge.token(), "ipxe.efi", headers=["Range: bytes=0-9"])
    assert (answer.status, answer.body) == (206, FILES["ipxe.efi"][:10])
