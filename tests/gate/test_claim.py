"""Claims: from a token and hardware ids to a script with a ticket. Each refused
request has a twin that differs in one thing and is accepted."""

import re

import pytest

from edge import AGENT, SCRIPT, TICKET, Edge, is_refusal


@pytest.fixture
def edge(make_gate, upstream):
    gate = make_gate()
    made = Edge(gate, upstream)
    gate.start()
    return made


def assert_changes_nothing(edge, request, reason):
    """request() is refused for that reason; the record stays, and no byte goes
    upstream."""
    before, asked = edge.record(), len(edge.upstream.requests)
    answer = request()
    assert edge.reason() == reason
    assert edge.record() == before
    assert len(edge.upstream.requests) == asked
    assert not TICKET.search(answer.text)
    return answer


def test_first_claim(edge):
    token = edge.token()
    answer = edge.claim(token)
    ticket = TICKET.search(answer.text).group()
    first = SCRIPT.index(b"\n") + 1
    config = edge.gate.url("config")
    assert answer.body == (
        SCRIPT[:first] + f"set edge_ticket {ticket}\n"
        f"set edge_config {config}/c/{ticket}\n".encode() + SCRIPT[first:])
    assert int(answer.headers["content-length"]) == len(answer.body)
    assert answer.headers["cache-control"] == "no-store"
    assert edge.reason() == "claimed"
    assert edge.record()["state"] == "claimed"


def test_upstream_request_is_built(edge):
    """From the node's labels; nothing of the client's query or headers."""
    m = edge.machines[0]
    edge.boot(f"/t/{edge.token()}/ipxe?{m.query(role='controlplane')}"
              "&x=evil&group=other", headers=["X-Extra: 1", "Cookie: a=b"])
    method, path, headers = edge.upstream.requests[-1]
    assert (method, path) == ("GET", f"/ipxe?uuid={m.uuid}&arch=x86_64")
    assert set(headers) <= {"Host", "Connection"}


def test_header_carrier(edge):
    token, m = edge.token(), edge.machines[0]
    answer = edge.boot(f"/ipxe?{m.query()}", headers=[f"X-Edge-Token: {token}"])
    assert TICKET.search(answer.text)
    answer = edge.boot(f"/t/{token}/ipxe?{m.query()}",
                       headers=[f"X-Edge-Token: {token}"])
    assert TICKET.search(answer.text)


def test_carriers_that_disagree(edge):
    token, other = edge.token(), edge.token("node-2")
    m = edge.machines[0]
    answer = assert_changes_nothing(edge, lambda: edge.boot(
        f"/t/{token}/ipxe?{m.query()}", headers=[f"X-Edge-Token: {other}"]),
        "carriers")
    assert answer.status == 400
    edge.ticket(token)


def forge(token, position):
    """The token with one character changed."""
    other = "7" if token[position] != "7" else "8"
    return token[:position] + other + token[position + 1:]


CREDENTIALS = {
    "id": (lambda t: forge(t, 6), "forged"),
    "secret": (lambda t: forge(t, 20), "forged"),
    "tag": (lambda t: forge(t, 53), "forged"),
    "cut off": (lambda t: t[:-1], "forged"),
    "too long": (lambda t: t + "0", "forged"),
    "upper case": (lambda t: t.upper(), "forged"),
    "a ticket's prefix": (lambda t: "ktk1" + t[4:], "forged"),
    "escaped": (lambda t: "%6b" + t[1:], "forged"),
}


@pytest.mark.parametrize("label", CREDENTIALS)
def test_wrong_token(edge, label):
    change, reason = CREDENTIALS[label]
    token = edge.token()
    answer = assert_changes_nothing(
        edge, lambda: edge.claim(change(token)), reason)
    assert is_refusal(answer)
    edge.ticket(token)


def test_the_reference_on_the_console_is_in_the_log(edge):
    """Of a stranger, too, who is in no audit of a gate that is not a lab's."""
    answer = edge.boot(f"/ipxe?{edge.machines[0].query()}")
    shown = re.search(r"this reference: (\w{8})\n", answer.text).group(1)
    assert f" reference={shown}\n" in edge.gate.access_log()
    edge.ticket(edge.token())
    assert edge.gate.access_log().endswith(" reference=-\n")


def test_no_token(edge):
    token, m = edge.token(), edge.machines[0]
    answer = assert_changes_nothing(
        edge, lambda: edge.boot(f"/ipxe?{m.query()}"), "missing")
    assert is_refusal(answer)
    edge.ticket(token)


QUERIES = {
    "another machine's uuid": (
        {"uuid": "9ddf0214-b102-49a3-bec3-d1151498a402"}, "ids"),
    "unknown uuid": ({"uuid": "00000000-1111-2222-3333-444444444444"}, "ids"),
    "no uuid": ({"uuid": None}, "ids"),
    "another machine's mac": ({"mac": "52-54-00-00-02-02"}, "ids"),
    "unknown mac": ({"mac": "52-54-00-00-02-09"}, "ids"),
    "no mac": ({"mac": None}, "ids"),
    "line break in an argument": ({"serial": "a%0Ab"}, "malformed"),
    "bad escape": ({"hostname": "%zz"}, "malformed"),
    "bad mac": ({"mac": "52-54"}, "malformed"),
    "bad uuid": ({"uuid": "9ddf0214"}, "malformed"),
}


@pytest.mark.parametrize("label", QUERIES)
def test_wrong_ids(edge, label):
    changed, reason = QUERIES[label]
    token = edge.token()
    answer = assert_changes_nothing(
        edge, lambda: edge.claim(token, **changed), reason)
    assert is_refusal(answer)
    edge.ticket(token)


def test_an_argument_twice(edge):
    token, m = edge.token(), edge.machines[0]
    assert_changes_nothing(edge, lambda: edge.boot(
        f"/t/{token}/ipxe?{m.query()}&uuid={m.uuid}"), "malformed")
    edge.ticket(token)


def test_not_armed(edge):
    """node-2's token after its node was armed again is void."""
    old = edge.token("node-2")
    edge.auth("node", "arm", "node-2")
    answer = edge.claim(old, edge.machines[1])
    assert is_refusal(answer) and edge.reason() == "unknown"
    edge.ticket(edge.token("node-2"), edge.machines[1])


def test_revoked(edge):
    token = edge.token()
    edge.ticket(token)
    edge.auth("token", "revoke", "node-1")
    answer = assert_changes_nothing(edge, lambda: edge.claim(token), "unknown")
    assert is_refusal(answer)
    edge.ticket(edge.token())


def test_claim_again(edge):
    """A power cycle gets ticket 2; ticket 1 is superseded."""
    token = edge.token()
    first, second = edge.ticket(token), edge.ticket(token)
    assert first != second
    assert edge.get(second).status == 200


def test_uniform_script(edge):
    """Forged, unknown and revoked look the same but for the reference."""
    token = edge.token()
    edge.auth("node", "arm", "node-1")
    texts = {edge.claim(token).text, edge.claim(forge(token, 20)).text,
             edge.boot(f"/ipxe?{edge.machines[0].query()}").text}
    reference = "Tell the operator this reference: "
    assert len(texts) == 3
    assert len({"\n".join(line for line in text.split("\n")
                          if reference not in line) for text in texts}) == 1


def test_other_clients_get_403(edge):
    token = edge.token()
    answer = edge.boot(f"/t/{forge(token, 20)}/ipxe", agent="curl/8")
    assert answer.status == 403 and answer.text.startswith("#!ipxe\n")
    answer = edge.boot(f"/t/{forge(token, 20)}/ipxe", agent=AGENT)
    assert answer.status == 200 and answer.text.startswith("#!ipxe\n")


METHODS = ("POST", "PUT", "DELETE", "OPTIONS", "PROPFIND", "HEAD")


@pytest.mark.parametrize("method", METHODS)
def test_methods(edge, method):
    token = edge.token()
    path = f"/t/{token}/ipxe?{edge.machines[0].query()}"
    answer = assert_changes_nothing(
        edge, lambda: edge.boot(path, method=method), "method")
    assert answer.status == 405
    edge.ticket(token)


def test_joined_boots_its_disk(edge):
    token = edge.token()
    edge.get(edge.ticket(token))
    edge.auth("node", "confirm", "node-1")
    answer = assert_changes_nothing(edge, lambda: edge.claim(token), "joined")
    assert is_refusal(answer) and "installed" in answer.text


PATHS = {
    "grub": "/t/{}/grub", "signature": "/t/{}/ipxe.sig",
    "ascii signature": "/t/{}/ipxe.asc", "config on boot": "/t/{}/generic",
    "case": "/t/{}/IPXE", "slash behind": "/t/{}/ipxe/",
    "two slashes": "/t/{}//ipxe", "dots": "/t/{}/../ipxe",
    "escaped dots": "/t/{}/%2e%2e/ipxe", "escaped letter": "/t/{}/%69pxe",
    "listing": "/t/{}/assets/", "list": "/t/{}/assets",
    "root": "/t/{}/", "no slash": "/t/{}", "gate's own": "/t/{}/_matchbox/ipxe",
    "gate's own assets": "/t/{}/_assets/vmlinuz",
    "internal location": "/_matchbox/ipxe?{}", "internal assets": "/_assets/{}",
    "up out of assets": "/t/{}/assets/../ipxe",
    "hidden": "/t/{}/assets/.git/config", "metadata": "/t/{}/metadata",
}


@pytest.mark.parametrize("label", PATHS)
def test_paths(edge, label):
    token = edge.token()
    path = PATHS[label].format(token)
    query = "" if "?" in path else "?" + edge.machines[0].query()
    answer = assert_changes_nothing(
        edge, lambda: edge.boot(path + query), "path")
    assert answer.status == 404 and "location" not in answer.headers
    edge.ticket(token)


def test_boot_script(edge):
    token = edge.token()
    answer = edge.boot(f"/t/{token}/boot.ipxe")
    assert answer.status == 200 and answer.body.startswith(b"#!ipxe\nchain")
    head = edge.boot(f"/t/{token}/boot.ipxe", method="HEAD")
    assert head.status == 200
    assert head.headers["content-length"] == str(len(answer.body))
    assert edge.upstream.paths() == ["/boot.ipxe"] * 2
    assert is_refusal(edge.boot(f"/t/{forge(token, 20)}/boot.ipxe"))
    assert edge.upstream.paths() == ["/boot.ipxe"] * 2


def test_no_secret_is_written(edge):
    token = edge.token()
    ticket = edge.ticket(token)
    edge.claim(forge(token, 53))
    assert edge.get(ticket).status == 200
    written = edge.gate.logs().encode() + b"".join(
        path.read_bytes() for path in edge.gate.store.iterdir())
    for secret in (token, ticket):
        assert secret[-39:].encode() not in written
        assert secret[-13:].encode() not in written
    assert b"canary-of-the-body" not in written


def test_other_hardware_on_a_repeat(edge):
    """A token that was used once is no use to another machine."""
    token = edge.token()
    edge.ticket(token)
    answer = assert_changes_nothing(
        edge, lambda: edge.claim(token, edge.machines[1]), "ids")
    assert is_refusal(answer)
    edge.ticket(token)
