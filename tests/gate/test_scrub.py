"""A credential never reaches a log, wherever the client put it: in well-formed
requests because the module takes it out first, in others because the log
handler redacts what looks like one."""

import ssl

import pytest

import gate as harness
from lab import web

TOKEN = "ket1_" + "0123456789" + "abcdefghjkmnpqrstvwxyz0123" + "nv7kq2x9mzrtd"
TICKET = "ktk1_" + TOKEN[5:]
# No part of this may be found anywhere; the last 39 characters are secret.
SECRETS = (TOKEN[-39:], TOKEN[-39:].upper(), TOKEN[-26:], TOKEN[-13:])


@pytest.fixture(scope="module")
def running(tmp_path_factory, address, certificates):
    ca, certificate, key = certificates
    gate = harness.Gate(tmp_path_factory.mktemp("scrub"), address.host,
                        f"{address.host}:{harness.PORT_UPSTREAM}")
    gate.certify(certificate, key, ca)
    gate.ca = ca
    gate.start()
    yield gate
    gate.stop()


def context(gate):
    tls = ssl.create_default_context(cafile=gate.ca)
    tls.check_hostname = False
    return tls


def assert_clean(gate, requests):
    """Each request left a line, and none a secret."""
    harness.until(lambda: gate.access_log().count("\n") >= requests,
                  "a line in the access log for each request")
    text = gate.logs()
    for secret in SECRETS:
        assert secret not in text


def start_of(gate):
    return gate.access_log().count("\n")


# label: (listener, target, what stands in the access log)
TARGETS = {
    "boot script": ("boot", f"/t/{TOKEN}/boot.ipxe", '"GET /boot.ipxe HTTP'),
    "claim": ("boot", f"/t/{TOKEN}/ipxe?uuid=u&x={TOKEN}",
              '"GET /ipxe?uuid=u HTTP'),
    "asset": ("boot", f"/t/{TOKEN}/assets/vmlinuz",
              '"GET /assets/vmlinuz HTTP'),
    "config": ("config", f"/c/{TICKET}/generic?uuid=u",
               '"GET /generic?uuid=u HTTP'),
    "no slash": ("boot", f"/t/{TOKEN}", '"GET / HTTP'),
    "dots": ("boot", f"/t/{TOKEN}/../x", '"GET /../x HTTP'),
    "two slashes": ("boot", f"/t/{TOKEN}//ipxe", '"GET //ipxe HTTP'),
    "slashes in front": ("boot", f"//t/{TOKEN}/ipxe", '"GET //t/ket1_***'),
    "wrong place": ("boot", f"/x/{TOKEN}/ipxe", '"GET /x/ket1_***'),
    "other case": ("boot", f"/T/{TOKEN}/ipxe", '"GET /T/ket1_***'),
    "escaped letter": ("boot", f"/t/{TOKEN.replace('ket1', '%6bet1')}/ipxe",
                       '"GET /ipxe HTTP'),
    "escaped underscore": (
        "boot", f"/x/{TOKEN.replace('_', '%5F')}/ipxe", '"GET /x/ket1%5F***'),
    "cut off": ("boot", f"/x/{TOKEN[:30]}", '"GET /x/ket1_***'),
    "too long": ("boot", f"/t/{TOKEN}{TOKEN}/ipxe", '"GET /ipxe HTTP'),
    "in the query": ("boot", f"/boot.ipxe?t={TOKEN}", '"GET /boot.ipxe HTTP'),
    "ticket on boot": ("boot", f"/c/{TICKET}/generic", '"GET /generic HTTP'),
    "token on config": ("config", f"/t/{TOKEN}/generic", '"GET /generic HTTP'),
}


@pytest.mark.parametrize("label", TARGETS)
def test_targets(running, label):
    listener, target, logged = TARGETS[label]
    before = start_of(running)
    answer = web.request(running.url(listener) + target, ca=running.ca,
                         agent="iPXE/1.21.1")
    assert answer.status in (404, 403, 503, 200)
    assert_clean(running, before + 1)
    assert logged in running.access_log().splitlines()[before]


@pytest.mark.parametrize("header", [
    f"X-Edge-Token: {TOKEN}", f"x-edge-token: {TOKEN}",
    f"Referer: https://boot/t/{TOKEN}/boot.ipxe", f"User-Agent: {TOKEN}",
    f"Cookie: t={TOKEN}", f"Authorization: Bearer {TOKEN}",
])
def test_headers(running, header):
    before = start_of(running)
    answer = web.request(running.url("boot") + "/boot.ipxe", ca=running.ca,
                         headers=[header])
    assert answer.status in (403, 503)
    assert_clean(running, before + 1)


EARLY = {
    "bad method": f"G@T /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n\r\n",
    "bad version": f"GET /t/{TOKEN}/boot.ipxe HTTP/9.9\r\nHost: h\r\n\r\n",
    "no version, more words":
        f"GET /t/{TOKEN}/boot.ipxe and more\r\nHost: h\r\n\r\n",
    "bad host": f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: a/b\r\n\r\n",
    "no host": f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\n\r\n",
    "two hosts":
        f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
    "bad escape": f"GET /t/{TOKEN}/%zz HTTP/1.1\r\nHost: h\r\n\r\n",
    "NUL": f"GET /t/{TOKEN}/\0 HTTP/1.1\r\nHost: h\r\n\r\n",
    "above the root":
        f"GET /../../t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n\r\n",
    "absolute form":
        f"GET https://h/t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n\r\n",
    "long line": f"GET /t/{TOKEN}/{'a' * 40000} HTTP/1.1\r\nHost: h\r\n\r\n",
    "long header": f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n"
                   f"X: {'a' * 40000}\r\n\r\n",
    "bad length": f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n"
                  "Content-Length: x\r\n\r\n",
    "bad transfer encoding":
        f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n"
        "Transfer-Encoding: x\r\n\r\n",
    "connect": f"CONNECT /t/{TOKEN}/ HTTP/1.1\r\nHost: h\r\n\r\n",
    "HTTP/0.9": f"GET /t/{TOKEN}/boot.ipxe\r\n",
}


@pytest.mark.parametrize("label", EARLY)
def test_requests_that_fail_early(running, label):
    before = start_of(running)
    harness.raw(running, "boot", EARLY[label].encode() + b"\r\n",
                context(running), timeout=1.0)
    assert_clean(running, before + 1)


def test_plain_http_on_the_tls_port(running):
    import socket
    before = start_of(running)
    with socket.create_connection((running.host, harness.PORT_BOOT),
                                  timeout=5) as plain:
        plain.sendall(f"GET /t/{TOKEN}/boot.ipxe HTTP/1.1\r\nHost: h\r\n\r\n"
                      .encode())
        assert b" 400 " in plain.recv(4096)
    assert_clean(running, before + 1)


def test_no_client_certificate(running):
    before = start_of(running)
    answer = web.request(
        running.url("boot-mtls") + f"/t/{TOKEN}/boot.ipxe", ca=running.ca)
    assert answer.status == 400
    assert_clean(running, before + 1)


def test_a_pipelined_request_is_left_alone(running):
    """Redacting one request must not touch the next one in the same buffer."""
    one = f"GET /nowhere/{TOKEN} HTTP/1.1\r\nHost: h\r\n\r\n"
    two = ("GET /t/%s/assets/vmlinuz HTTP/1.1\r\nHost: h\r\n"
           "Connection: close\r\n\r\n" % TOKEN)
    before = start_of(running)
    got = harness.raw(running, "boot", (one + two).encode(), context(running))
    assert got.count(b"HTTP/1.1 ") == 2
    assert_clean(running, before + 2)
    assert '"GET /assets/vmlinuz HTTP' in running.access_log()


def test_an_ordinary_request_is_logged_as_it_is(running):
    """The twin: what holds no credential is not changed."""
    before = start_of(running)
    web.request(running.url("boot") + "/ipxe?uuid=abc&mac=d", ca=running.ca)
    harness.until(lambda: start_of(running) > before, "a line")
    assert '"GET /ipxe?uuid=abc&mac=d HTTP/1.1"' in running.access_log()
