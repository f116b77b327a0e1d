"""The disk of a joined machine is replaced. Nothing is handed to it: whoever puts
a blank disk into a copy of the machine would have the config. Once the operator
arms it again it is installed anew. This firmware gives up after the last of its
boot entries, so its power has to be cycled then."""

import json

from lab.sample import until

TITLE = "a blank disk after the join: refused, armed again, installed"
LIMIT = 480
ONCE = [("token", "armed"), ("claim", "claimed"), ("get", "exposed"),
        ("handed", "whole")]
STORY = [*ONCE, ("confirm", "joined"), *ONCE]


def installed(boot, node):
    """Installed, joined, and then switched off."""
    config = boot.delivered(node)
    node.power_cut()
    until(lambda: history(boot, node)[-1]["action"] == "handed", "handed", 30)
    boot.gate.auth("node", "confirm", node.name)
    return config


def history(boot, node):
    """What the store has on record of a node, oldest first."""
    lines = map(json.loads, boot.gate.auth("audit", "show").splitlines())
    return [line for line in lines if line.get("node") == node.name]


def refused(boot, node, before):
    """It asked, got the script for joined nodes, and nothing else."""
    node.expect("edge-auth: installed, booting the local disk")
    claim, = boot.gate.wait_audit("a claim", action="claim", node=node.name,
                                  reason="joined")
    assert (claim["reply"], claim["row"]) == ("local", "17"), claim
    given = {row["stage"] for row in boot.gate.requests(status=200)
             if row["began"] >= node.began}
    assert given <= {"boot", "claim"}, given
    node.never("Linux version")
    assert boot.gate.record(node.name) == before, "the record changed"


def blank(boot, node):
    node.blank_disk()
    before = boot.gate.record(node.name)
    node.power_on()
    refused(boot, node, before)


def anew(boot, node, first):
    """A new enrollment of the same node, and the audit has all of it."""
    config = boot.delivered(node)
    assert config["hostname"] == first["hostname"], config
    assert node.guest("disk-boot")["sha256"] == config["sha256"]
    until(lambda: history(boot, node)[-1]["action"] == "handed", "handed", 30)
    story = [(line["action"], line["reason"]) for line in history(boot, node)]
    assert story == STORY, story
    assert [line["gen"] for line in history(boot, node)] == [1] * 5 + [2] * 4


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1")
    site.token(node)
    node.power_on()
    first = installed(boot, node)
    blank(boot, node)
    node.power_cut()
    site.token(node)
    node.power_on()
    anew(boot, node, first)
