"""A blank machine boots by UEFI PXE, is given its config for a token, installs
it, and its second boot is from disk without a word to the gate."""

TITLE = "UEFI PXE with a token, then from disk"
LIMIT = 420


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1", firmware="uefi")
    site.token(node)
    node.power_on()
    config = boot.delivered(node)
    if boot.talos:
        return      # its installer comes from a registry, and there is none here
    asked = len(boot.gate.requests())
    disk = node.guest("disk-boot")
    assert disk["sha256"] == config["sha256"], "another config is on the disk"
    assert disk["hostname"] == "boot-edge-worker-1", disk["hostname"]
    later = boot.gate.requests()[asked:]
    assert not later, f"the second boot asked the gate: {later}"
