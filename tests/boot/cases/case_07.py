"""Two sites whose routers relay to one central DHCP server, which is loaded with
the files of both: each machine gets its own site's addresses, its own token and
its own config."""

TITLE = "two sites behind relays, each machine its own"
LIMIT = 600
EDITS = [("mode: full", "mode: relay"),
         ("address: [10.0.20.2]", "address: [192.0.2.2]"),
         ("address: [10.0.21.2]", "address: [192.0.2.2]"),
         ("      dns: [203.0.113.53]\n      domain: site-1.test",
          "      relay: {circuit_id: lan1}\n"
          "      dns: [203.0.113.53]\n      domain: site-1.test"),
         ("      dns: [203.0.113.53]\n      domain: site-2.test",
          "      relay: {circuit_id: lan2}\n"
          "      dns: [203.0.113.53]\n      domain: site-2.test")]

MACHINES = (("edge-site-1", "edge-worker-1", "10.0.20.11"),
            ("edge-site-2", "edge-worker-3", "10.0.21.13"))


def run(boot):
    boot.central_dhcp("edge-site-1", "edge-site-2")
    nodes = []
    for name, node, address in MACHINES:
        site = boot.site(name, dhcp="relay")
        machine = site.node(node, firmware="uefi")
        site.token(machine)
        nodes.append((machine.power_on(), address))
    for machine, address in nodes:
        config = boot.delivered(machine)
        assert config["hostname"] == f"boot-{machine.name}", config
        claims = boot.gate.requests(stage="claim", node=machine.name)
        assert {row["remote"] for row in claims} == {address}, claims
