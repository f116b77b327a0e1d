"""BIOS: the NIC's ROM is an iPXE without HTTPS, which loads one that has it. A
stock iPXE has no other way to our root than DHCP's option 175.90: that this
works is the very weakness of stock ROMs."""

TITLE = "BIOS, a NIC ROM without HTTPS, then from disk"
LIMIT = 420
EDITS = [("options_dir: /run/options",
          "options_dir: /run/options\n"
          "      extra: ['dhcp-option-force=encap:175,90,@root-sha256@']")]


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1", firmware="bios")
    site.token(node)
    node.power_on()
    config = boot.delivered(node)
    if boot.talos:
        return      # its installer comes from a registry, and there is none here
    disk = node.guest("disk-boot")
    assert disk["sha256"] == config["sha256"], "another config is on the disk"
