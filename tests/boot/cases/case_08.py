"""Things fail while a machine boots, one after the other: Matchbox is down when
it asks for its first script, knows no node when it claims, and the store is gone
when it asks for its config. Each comes back, nobody touches the machine, nothing
was spent meanwhile, and it arrives."""

import json

from lab.supply import program

TITLE = "Matchbox, then the store, down during the boot and back"
LIMIT = 480


def refused(boot, node, stage, since):
    """The first request of a stage since then is answered with 503; iPXE waits
    as it is told and asks again."""
    row = boot.gate.wait_request(
        f"503 at {stage}", lambda row: row["stage"] == stage
        and row["began"] >= since and row["status"] == 503)
    assert row["node"] in ("", node.name), row
    return row


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1")
    site.token(node)
    armed = boot.gate.record(node.name)
    groups = boot.matchbox.data / "groups"
    away = groups.with_name("groups.away")

    boot.matchbox.stop()
    node.power_on()
    row = refused(boot, node, "boot", node.began)
    assert row["reason"] != "store", row
    groups.rename(away)
    boot.matchbox.start()
    row = refused(boot, node, "claim", node.began)
    assert row["reason"] != "store", row
    node.never("Linux version")
    assert boot.gate.record(node.name) == armed, "an outage was counted"
    groups.rmdir()      # Matchbox made an empty one
    away.rename(groups)

    boot.gate.wait_request("the initramfs", lambda row: row["stage"] == "asset"
                           and "-initramfs-" in row["request"]
                           and row["status"] == 200)
    claimed = boot.gate.record(node.name)
    assert (claimed["state"], claimed["attempt"]) == ("claimed", 1), claimed
    store_away(boot, node, claimed)

    config = node.guest("config")
    assert config["hostname"] == f"boot-{node.name}", config
    node.guest("installed")
    boot.assert_state(node, "delivered")
    record = boot.gate.record(node.name)
    assert record["attempts"][0]["exposed"] == 1 and record["hold"] == "none"
    assert len(record["attempts"]) == 1, "an outage cost an attempt"
    boots = [line for line in node.console() if "edge-guest: up" in line.text]
    assert len(boots) == 1, "the machine had to boot again"


def store_away(boot, node, claimed):
    """No store: 503, and Talos asks again, the same ticket in hand."""
    boot.gate.store_down()
    node.guest("up")
    for word in ("1", "2"):
        tried = node.guest("fetch")
        assert (tried["try"], tried["status"]) == (word, "503"), tried
        assert tried["body"].startswith("KE-503"), tried
    shown = program("edge-auth", "node", "show", node.name, "--json", "--store",
                    boot.gate.gate.folder / "store.away")
    assert json.loads(shown) == claimed, "an outage was counted"
    boot.gate.store_up()
