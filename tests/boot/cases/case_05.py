"""A site that requires both: a token, which DHCP hands out, and a certificate of
the site, which a stick holds. The stick alone is refused, and so is the token with
another site's stick; both together arrive. Nothing else differs between them."""

from boot import stick

TITLE = "token and certificate: either alone refused, both arrive"
LIMIT = 420
EDITS = stick.require("token+cert")
SITE, OTHER = "edge-site-1", "edge-site-2"
REFERENCE = "[Rr]eference"


def refused(boot, node, reason):
    """At the gate; the machine is told no more than a reference."""
    before = boot.gate.record(node.name)
    node.power_on()
    node.expect(REFERENCE)
    row = boot.gate.requests(listener=stick.LISTENER)[-1]
    assert (row["verified"], row["reason"]) == ("SUCCESS", reason), row
    boot.gate.wait_audit("the refusal in the audit", reason=reason)
    node.never("edge-guest|Linux version")
    node.power_cut()
    assert boot.gate.record(node.name) == before, "the record changed"


def run(boot):
    site = boot.site(SITE)
    own, other = (stick.make(boot, name, name) for name in (SITE, OTHER))
    node = site.node("edge-worker-1", usb=own)
    boot.gate.token(node.name)
    refused(boot, node, "token-missing")

    site.token(node)
    node.usb = other
    refused(boot, node, "cert-identity")
    node.usb = own
    node.power_on()
    boot.delivered(node)
    asked = {row["listener"].partition(".")[0] for row in boot.gate.requests()}
    assert asked == {"boot-mtls", "config"}, asked
