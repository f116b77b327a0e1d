"""What is wrong with TLS, clock or DNS shows on the machine's console, with what
to look for, and costs nothing: a firmware that trusts another root, a clock of
2018 and one of 2040, a DNS that is dead, certificates of boot. and config. that
have run out. Each boot differs in that one thing from the last, where it is
mended and the same machine arrives with the same token."""

import re
import shutil
import subprocess

from lab.supply import program

from ..cloud import name_of

TITLE = "wrong CA, wrong clock, dead DNS, expired certificates: seen and mended"
LIMIT = 480
NOT_TRUSTED = (r"edge: .*certificate comes from no root that this iPXE trusts "
               r"\(error 3c:09:20|edge: .*no root that this iPXE trusts "
               r"\(error 02:16:eb")
CLOCK = "edge: .*this clock is wrong: 0x"
NO_DNS = r"edge: .*(DNS has no answer|it does not answer)"


def another_root(boot):
    """The root of somebody else's PKI."""
    folder = boot.folder / "pki-other"
    program("edge-pki", "init", "--dir", folder, "--trust-domain", "other.test")
    return shutil.copy(folder / "trust" / "boot-root.pem",
                       boot.folder / "other-root.pem")


def expired(boot, what):
    """The gate's own certificate for boot or config, but of 2020: (chain, key)"""
    name, folder = name_of(what), boot.folder / f"expired-{what}"
    issued = boot.pki.folder / "issued" / what / name
    folder.mkdir()
    (folder / "index").touch()
    (folder / "serial").write_text("01\n")
    (folder / "ext").write_text(f"subjectAltName=DNS:{name}\n"
                                "extendedKeyUsage=serverAuth\n")
    (folder / "cnf").write_text(
        f"[ca]\ndefault_ca=x\n[x]\ndatabase={folder}/index\n"
        f"serial={folder}/serial\ndefault_md=sha256\npolicy=p\n"
        "[p]\ncommonName=supplied\n")
    for argv in (["req", "-new", "-key", issued / "key.pem", "-subj", f"/CN={name}",
                  "-out", folder / "csr"],
                 ["ca", "-batch", "-notext", "-config", folder / "cnf",
                  "-cert", boot.pki.folder / what / "cert.pem",
                  "-keyfile", boot.pki.folder / what / "key.pem",
                  "-in", folder / "csr", "-extfile", folder / "ext",
                  "-startdate", "20200101000000Z", "-enddate", "20201231000000Z",
                  "-outdir", folder, "-out", folder / "cert.pem"]):
        subprocess.run(["openssl", *map(str, argv)], check=True,
                       capture_output=True, stdin=subprocess.DEVNULL)
    above = (issued / "chain.pem").read_text().split("-----END CERTIFICATE-----\n", 1)
    chain = folder / "chain.pem"
    chain.write_text((folder / "cert.pem").read_text() + above[1])
    return chain, issued / "key.pem"


def use(boot, what, pair):
    boot.gate.gate.certify(*pair, boot.pki.clients, names=(what,))
    boot.gate.reload()


def mend(boot):
    boot.gate.certify()
    boot.gate.reload()


def run(boot):
    site = boot.site("edge-site-1")
    node = site.node("edge-worker-1")
    site.token(node)
    armed = boot.gate.record(node.name)
    other = boot.pki.siglist(another_root(boot))
    right = {"siglist": node.siglist, "extra": node.extra}
    for wrong, says in (({"siglist": other}, NOT_TRUSTED),
                        ({"extra": ["-rtc", "base=2018-01-01"]}, CLOCK),
                        ({"extra": ["-rtc", "base=2040-01-01"]}, CLOCK)):
        vars(node).update({**right, **wrong})
        node.power_on()
        node.expect(says, 90, whole=True)
        node.power_cut()
        nothing_spent(boot, node, armed)
    vars(node).update(right)

    boot.dns.stop()
    node.power_on()
    node.expect(NO_DNS, whole=True)
    use(boot, "boot", expired(boot, "boot"))
    boot.dns.start()
    node.expect(CLOCK, whole=True)
    nothing_spent(boot, node, armed)

    use(boot, "config", expired(boot, "config"))
    issued = boot.pki.folder / "issued" / "boot" / name_of("boot")
    use(boot, "boot", (issued / "chain.pem", issued / "key.pem"))
    node.guest("up")
    tried = node.expect("edge-guest: fetch try=1 .*", whole=True)
    assert re.search("status=0 .*expired", tried.text), tried.text
    record = boot.gate.record(node.name)
    assert record["state"] == "claimed", record
    mend(boot)
    node.guest("config")
    node.guest("installed")
    record = boot.gate.record(node.name)
    assert (record["state"], record["highest"]) == ("delivered", 1), record


def nothing_spent(boot, node, armed):
    """No request came through, and the record is as the operator left it."""
    assert boot.gate.record(node.name) == armed, "the record changed"
    came = [row for row in boot.gate.requests() if row["stage"]]
    assert not came, f"a request came through: {came}"
    node.never("Linux version")
