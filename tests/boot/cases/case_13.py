"""The network comes first in the boot order, for good. A machine that has joined
is sent on to its disk, on UEFI and on BIOS, and never gets a kernel again. One
that has its config and has not been seen in the tailnet claims once more at its
second boot: its disk goes on with the network's kernel and asks for no config,
so of all such boots only that first one counts against enroll.redeliver."""

from lab.sample import until

TITLE = "the network first: joined machines boot their disk, UEFI and BIOS"
LIMIT = 600
EDITS = [("mode: allowlist", "mode: allowlist, redeliver: 1"),
         ("options_dir: /run/options",
          "options_dir: /run/options\n"
          "      extra: ['dhcp-option-force=encap:175,90,@root-sha256@']")]


def claims(boot, node):
    return boot.gate.audit(action="claim", node=node.name)


def boots_once_more(boot, node, config):
    """Installed and not joined: kernel from the network, all else from disk."""
    node.guest("already-installed")
    assert node.guest("disk-boot")["sha256"] == config["sha256"]
    node.wait_off()
    fetched = boot.gate.requests(stage="config", node=node.name)
    assert len(fetched) == 1, "the installed machine fetched its config again"
    boot.assert_state(node, "delivered")

    node.power_on()
    until(lambda: len(claims(boot, node)) == 3, "a third claim", 120)
    node.power_cut()
    rows = [line["row"] for line in claims(boot, node)]
    assert rows == ["3", "8", "7"], rows
    record = boot.gate.record(node.name)
    assert (record["state"], record["hold"]) == ("delivered", "none"), record
    assert [a["exposed"] for a in record["attempts"]] == [1, 0, 0], record


def boots_its_disk(boot, node, config):
    """Joined: told so by the gate, and then up from its disk."""
    boot.gate.auth("node", "confirm", node.name)
    before, asked = boot.gate.record(node.name), len(boot.gate.requests())
    node.power_on()
    node.expect("edge-auth: installed, booting the local disk")
    disk = node.guest("disk-boot")
    assert disk["sha256"] == config["sha256"], "another config is on the disk"
    node.never("Linux version")
    node.wait_off()
    # Before the disk, firmware tries HTTPS boot, too: with the same token.
    given = {row["stage"] for row in boot.gate.requests()[asked:]
             if row["status"] == 200}
    assert given <= {"boot", "claim"}, given
    assert boot.gate.record(node.name) == before, "the record changed"


def run(boot):
    site = boot.site("edge-site-1")
    uefi = site.node("edge-worker-1", firmware="uefi", order="net")
    bios = site.node("edge-worker-2", firmware="bios", order="net")
    for node in (uefi, bios):
        site.token(node)
        node.power_on()
    config = boot.delivered(uefi)
    other = boot.delivered(bios)
    bios.power_cut()
    boots_once_more(boot, uefi, config)
    boots_its_disk(boot, uefi, config)
    boots_its_disk(boot, bios, other)
