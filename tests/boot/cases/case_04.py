"""A stick with a stock iPXE, the site's certificate and our script, for a site
that has no tokens: its machine arrives. Then the stick is stolen, and its
certificate revoked: the same stick is refused on another machine of the site, and
console, audit and log say why. A renewed stick boots that machine."""

import re

from boot import stick

TITLE = "a stick with the site's certificate; revoked; renewed"
LIMIT = 420
EDITS = stick.require("cert")
SITE = "edge-site-1"


def arrives(boot, node):
    """As boot.delivered, but up to the config: what follows is case 1's."""
    node.power_on()
    node.guest("up")
    node.guest("config")
    boot.assert_state(node, "delivered")
    node.power_cut()


def refused(boot, node, serial):
    before = boot.gate.record(node.name)
    node.power_on()
    node.expect(stick.REFUSED)
    row = boot.gate.requests(listener=stick.LISTENER)[-1]
    assert (row["status"], row["reason"]) == (400, "cert-revoked"), row
    assert row["verified"].startswith("FAILED:"), row
    boot.gate.wait_audit("the refusal in the audit", reason="cert-revoked")
    assert f'reason "cert-revoked", serial "{serial}"' \
        in boot.gate.gate.error_log(), "the error log does not name the serial"
    node.never("edge-guest|Linux version")
    node.power_cut()
    assert boot.gate.record(node.name) == before, "the record changed"


def run(boot):
    site = boot.site(SITE)
    old = stick.make(boot, SITE, "old")
    first = site.node("edge-worker-1", usb=old)
    second = site.node("edge-worker-2", usb=old)
    for node in (first, second):
        boot.gate.arm(node.name)
    arrives(boot, first)

    serial = stick.serial(boot, SITE)
    stick.revoke(boot, SITE)
    refused(boot, second, serial)

    boot.pki.tool("renew", SITE)
    second.usb = stick.make(boot, SITE, "new")
    arrives(boot, second)

    rows = boot.gate.requests()
    assert {row["listener"].partition(".")[0] for row in rows} \
        == {"boot-mtls", "config"}, "something went without a certificate"
    sent = [line for line in site.dhcp_log() if re.search(
        "sent /|sent size.*bootfile|bootfile name:", line.text)]
    assert not sent, f"DHCP or TFTP told more than an address: {sent[0]}"
