"""The power goes at the worst moments of one enrollment: after the claim, after
the kernel, in the middle of the config. Each time the machine boots again and
asks with the same token; nobody does anything, and it gets there."""

from lab.sample import until

TITLE = "power cuts after claim, kernel and half of the config"
LIMIT = 480
PAUSE = 20
EDITS = [("boot_args: [console=ttyS0]",
          f"boot_args: [console=ttyS0, edge.guest=pause-in-config={PAUSE}]")]


def claims(boot, node):
    return boot.gate.audit(action="claim", node=node.name)


def cut_after_claim(boot, node):
    boot.gate.wait_request("the claim", lambda row: row["stage"] == "claim")
    node.power_cut()
    boot.assert_state(node, "claimed")


def cut_after_kernel(boot, node):
    boot.gate.wait_request("the kernel", lambda row: row["stage"] == "asset"
                           and "-kernel-" in row["request"]
                           and row["status"] == 200 and row["began"] > node.began)
    node.power_cut()
    boot.assert_state(node, "claimed")


def cut_in_config(boot, node):
    node.guest("config-half")
    node.power_cut()
    node.never("edge-guest: config ")
    boot.assert_state(node, "delivered")


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1")
    site.token(node)
    cuts = (cut_after_claim, cut_after_kernel, cut_in_config)
    for number, cut in enumerate(cuts, 1):
        node.power_on()
        cut(boot, node)
        assert len(claims(boot, node)) == number, claims(boot, node)
        assert boot.gate.record(node.name)["attempt"] == number
    boot.rerender((f", edge.guest=pause-in-config={PAUSE}", ""))
    node.power_on()
    config = boot.delivered(node)
    assert node.guest("disk-boot")["sha256"] == config["sha256"]
    spent(boot, node)


def spent(boot, node):
    """Four attempts of one machine, two of them with a config, no hold. Of half
    a config the gate may know that all of it was handed over: then, and only
    then, the next claim is one of enroll.redeliver."""
    record = boot.gate.record(node.name)
    assert (record["state"], record["hold"]) == ("delivered", "none"), record
    assert (record["highest"], record["attempt"]) == (4, 4), record
    exposed = [(a["n"], a["exposed"]) for a in record["attempts"]]
    assert exposed == [(1, 0), (2, 0), (3, 1), (4, 1)], record
    half = record["attempts"][2]["whole"]
    rows = [line["row"] for line in claims(boot, node)]
    assert rows == ["3", "7", "7", "8" if half else "7"], rows
    for fact in ("uuid", "serial", "mac", "source"):
        seen = {line[fact] for line in claims(boot, node)}
        assert len(seen) == 1, f"more than one {fact}: {seen}"
    given = boot.gate.audit(action="get", node=node.name, reply="config")
    assert [line["n"] for line in given] == [3, 4], given
    until(lambda: boot.gate.record(node.name)["attempts"][3]["whole"] == 1,
          "the last config is whole")
