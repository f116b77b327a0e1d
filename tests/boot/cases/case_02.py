"""UEFI firmware fetches iPXE itself, by HTTPS and with the token: no TFTP, and
nothing unauthenticated on the LAN but the URL."""

TITLE = "UEFI HTTPS boot by the firmware itself"
LIMIT = 420


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1", firmware="uefi-http")
    site.token(node)
    node.power_on()
    boot.delivered(node)
    names = [row["request"].split()[1] for row in boot.gate.requests(status=200)]
    for name in ("/ipxe.efi", "/autoexec.ipxe"):
        assert name in names, f"{name} did not come from the gate: {names}"
    sent = [line for line in site.dhcp_log() if "sent /" in line.text]
    assert not sent, f"TFTP was used: {sent[0]}"
