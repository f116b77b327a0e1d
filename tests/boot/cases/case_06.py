"""Proxy-DHCP: addresses come from a router that knows nothing of booting and
stays as it is; ours only tells machines what to boot."""

TITLE = "proxy-DHCP beside a router's own DHCP"
LIMIT = 420
EDITS = [("mode: full", "mode: proxy")]


def run(boot):
    site = boot.site("edge-site-1", dhcp="proxy")
    node = site.node("edge-worker-1", firmware="uefi")
    site.token(node)
    node.power_on()
    boot.delivered(node)
    given = site.router_dhcp.lines.find(rf"DHCPACK\(.*{node.mac}")
    assert given, "the router gave the machine no address"
    ours = [line for line in site.servers[0].lines() if "DHCPACK(" in line.text]
    assert not ours, f"our server gave an address: {ours[0]}"
