"""All the way into the tailnet, in one machine: DHCP, ROM, kernel, a config with a
key that was minted for it, install, boot from disk, the programs of Talos'
Tailscale extension with exactly the environment that the config has, Headscale,
edge-keyd, and the gate's record says joined."""

from lab.sample import until

from boot import tailnet

TITLE = "from DHCP into the tailnet: minted, installed, joined"
LIMIT = 600
EDITS = [tailnet.MINT]
NODE = "edge-worker-1"


def run(boot):
    net = tailnet.Tailnet(boot)
    try:
        joins(boot, net.headscale)
    finally:
        net.stop()


def joins(boot, headscale):
    tailnet.install_a_kernel(boot)
    site = boot.site(tailnet.SITE)
    node = site.node(NODE, extra=tailnet.extension_disk(boot))
    site.token(node)
    node.power_on()
    config = boot.delivered(node)
    key, = headscale.keys()
    assert not key["used"] and not headscale.nodes(), "joined before the install"

    disk = node.guest("disk-boot")
    assert disk["sha256"] == config["sha256"], "another config is on the disk"
    told = node.guest("tailnet", 300)
    until(lambda: boot.gate.record(NODE)["state"] == "joined",
          "the record says joined", 60)
    boot.gate.wait_audit("the join in the audit", node=NODE, action="used",
                         reason="joined")
    device, = headscale.nodes()
    record = boot.gate.record(NODE)
    assert record["device"] == device["id"], (record, device)
    assert device["name"] == told["hostname"] == f"boot-{NODE}", (device, told)
    assert told["address"] in device["ipAddresses"], (device, told)
    assert device["tags"] == [tailnet.TAG] and device["preAuthKey"]["used"], device
    assert len(boot.gate.requests(stage="config", status=200)) == 1
    unused = [key for key in headscale.keys() if not key["used"]]
    assert not unused, unused
    node.never("hskey-")
    boot.note(f"in the tailnet as {told['address']}, "
              f"{told['time'] - node.began:.1f} s after power on")
