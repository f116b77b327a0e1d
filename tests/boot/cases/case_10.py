"""A token that got around: other hardware that shows it is refused, told no
more than a reference, and alarmed of; nothing the rightful node needs changes,
and it arrives with the same token."""

TITLE = "a stolen token on other hardware, then the rightful node"
LIMIT = 420
THIEF = {"uuid": "0badc0de-0000-4000-8000-00000badc0de", "serial": "STOLEN-1",
         "label": "thief"}


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1")
    # One that took over the boot NIC's address too: it differs in SMBIOS alone.
    thief = site.node("edge-worker-1", **THIEF)
    site.token(node)
    before = boot.gate.record("edge-worker-1")

    thief.power_on()
    refused = boot.gate.wait_request(
        "the thief's claim", lambda row: row["stage"] == "claim"
        and THIEF["uuid"] in row["request"])
    assert refused["reason"] == "ids", refused
    boot.gate.wait_audit("an alarm", reason="ids", node="edge-worker-1",
                         alarm=True)
    thief.expect("[Rr]eference")
    thief.never("edge-guest|Linux version")
    thief.power_cut()
    assert boot.gate.record("edge-worker-1") == before, "the record changed"
    assert not boot.gate.requests(listener="config.edge.example.test")

    node.power_on()
    boot.delivered(node)
