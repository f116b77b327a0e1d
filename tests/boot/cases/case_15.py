"""Two DHCP servers with equal reservations: with either one dead, machines
boot, and get the same addresses."""

TITLE = "one of two DHCP servers is dead"
LIMIT = 600
EDITS = [("address: [10.0.20.2]",
          "servers: 2\n      address: [10.0.20.2, 10.0.20.3]")]


def run(boot):
    site = boot.site("edge-site-1", dhcp="two")
    nodes = [site.node("edge-worker-1"), site.node("edge-worker-2")]
    for node in nodes:
        site.token(node)
    for dead, (node, address) in enumerate(zip(nodes, ("10.0.20.11",
                                                       "10.0.20.12"))):
        site.servers[dead].kill()
        node.power_on()
        boot.delivered(node)
        claims = boot.gate.requests(stage="claim", node=node.name)
        assert {row["remote"] for row in claims} == {address}, claims
        node.power_cut()
        site.servers[dead].start()
