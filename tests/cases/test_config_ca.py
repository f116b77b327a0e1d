"""gate.config_ca: the private CA behind gate.config reaches the node before its
config does (talos.config.early) and again within it; Talos' own library takes
both. What cannot work is a finding, and nothing is written."""
import base64
import json
import re
import subprocess
import time

import pytest

import configgen_lab as lab

GOOD = lab.ROOT / "tests/cases/configgen/good"
EARLY = "talos.config.early="
NAME = "edge-config"
P256 = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256")


def openssl(*args, cwd):
    done = subprocess.run(["openssl", *map(str, args)], cwd=cwd, text=True,
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr


def certificate(folder, name, *key, days=3650, extensions=()):
    """folder/name.pem and its key; a CA unless the extensions say otherwise."""
    openssl("req", "-x509", "-noenc", *(key or P256), "-days", days,
            "-subj", f"/CN={name}", "-keyout", f"{name}.key", "-out",
            f"{name}.pem", *extensions, cwd=folder)
    return (folder / f"{name}.pem").read_text()


def dated(folder, name, first, last):
    """A CA that is valid from and until these days (YYYYMMDD)."""
    certificate(folder, name)
    openssl("req", "-new", "-key", f"{name}.key", "-subj", f"/CN={name}",
            "-out", f"{name}.csr", cwd=folder)
    (folder / "ca.cnf").write_text(
        "[ca]\ndefault_ca=d\n[d]\ndatabase=index.txt\nrand_serial=yes\n"
        "default_md=sha256\npolicy=p\nx509_extensions=v\nnew_certs_dir=.\n"
        "[p]\ncommonName=supplied\n[v]\nbasicConstraints=critical,CA:TRUE\n")
    (folder / "index.txt").write_text("")
    openssl("ca", "-config", "ca.cnf", "-batch", "-notext", "-selfsign",
            "-startdate", f"{first}000000Z", "-enddate", f"{last}000000Z",
            "-keyfile", f"{name}.key", "-in", f"{name}.csr", "-out",
            f"{name}.pem", cwd=folder)
    return (folder / f"{name}.pem").read_text()


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """A folder with certificates that several tests use."""
    folder = tmp_path_factory.mktemp("ca")
    certificate(folder, "one")
    certificate(folder, "two")
    return folder


@pytest.fixture(scope="module")
def bundle():
    return lab.oracle("gen-secrets", "--contract", "v1.13")


class Site:
    """An inventory with `ca.pem` behind its gate, and a node more that does
    not boot through it."""

    def __init__(self, folder, bundle):
        self.folder = folder
        lab.copy_case(GOOD, folder, bundle)
        self.inventory = folder / "inventory.yaml"
        self.out = folder / "out"
        text = self.inventory.read_text()
        text, count = re.subn(r"(config: https://config.example.net)",
                              r"\1, config_ca: ca.pem", text)
        assert count == 1
        text, count = re.subn(
            r"(?m)^sites:\n", "sites:\n  hand: {cluster: lab, boot: none}\n",
            text)
        assert count == 1
        self.inventory.write_text(text + "\n  w3: {site: hand, install: "
                                  "{disk: /dev/vda}}\n")

    def change(self, old, new):
        text = self.inventory.read_text()
        assert text.count(old) == 1
        self.inventory.write_text(text.replace(old, new))

    def render(self, ca):
        (self.folder / "ca.pem").write_text(ca)
        return lab.run("render", "-i", self.inventory, "-o", self.out, "-p",
                       lab.PROFILES)

    def published(self, kind):
        return [path.read_text() for path in
                sorted((self.out / "publish/matchbox" / kind).iterdir())]

    def early(self):
        """The argument's value, the same for every node."""
        values = {arg.removeprefix(EARLY)
                  for profile in self.published("profiles")
                  for arg in json.loads(profile)["boot"]["args"]
                  if arg.startswith(EARLY)}
        assert len(values) == 1
        return values.pop()

    def refused(self, ca):
        done = self.render(ca)
        assert done.returncode == 1 and not self.out.exists()
        assert not any(line in done.stderr for line in ca.splitlines())
        return done.stderr


@pytest.fixture
def site(tmp_path, bundle):
    return Site(tmp_path / "in", bundle)


def canon(folder, text):
    """Documents as Talos' library decodes them."""
    (folder / "document.yaml").write_bytes(
        text if isinstance(text, bytes) else text.encode())
    return json.loads(lab.oracle("canon", folder / "document.yaml"))


def roots(documents):
    return {doc["name"]: doc["certificates"] for doc in documents
            if doc.get("kind") == "TrustedRootsConfig"}


def unpack(value):
    assert re.fullmatch(r"[A-Za-z0-9+/]+=*", value)
    done = subprocess.run(["zstd", "-dc"], input=base64.b64decode(value),
                          capture_output=True, timeout=60)
    assert done.returncode == 0, done.stderr
    return done.stdout


# ---- what a node gets ----

@pytest.mark.parametrize("names", [("one",), ("one", "two")],
                         ids=["one", "roll-over"])
def test_before_and_in_the_config(site, made, names):
    pem = "".join((made / f"{name}.pem").read_text() for name in names)
    done = site.render(pem)
    assert (done.returncode, done.stderr) == (0, "")
    early = canon(site.folder, unpack(site.early()))
    assert early == [{"apiVersion": "v1alpha1", "kind": "TrustedRootsConfig",
                      "name": NAME, "certificates": pem}]
    bodies = site.published("generic")
    assert len(bodies) == 2
    for body in [*bodies, (site.out / "configs/w1.yaml").read_text()]:
        (site.folder / "body.yaml").write_text(body)
        lab.oracle("validate", site.folder / "body.yaml")
        assert roots(canon(site.folder, body)) == {NAME: pem}


def test_only_for_nodes_that_ask_the_gate(site, made):
    assert site.render((made / "one.pem").read_text()).returncode == 0
    assert NAME in (site.out / "configs/w2.yaml").read_text()
    assert NAME not in (site.out / "configs/w3.yaml").read_text()


def test_with_a_public_ca_neither(site):
    site.change(", config_ca: ca.pem", "")
    done = site.render("")
    assert (done.returncode, done.stderr) == (0, "")
    for text in site.published("profiles") + site.published("generic"):
        assert EARLY not in text and "TrustedRoots" not in text


def test_the_same_file_gives_the_same_bytes(site, made):
    pem = (made / "one.pem").read_text()
    assert site.render(pem).returncode == 0
    before = lab.snapshot(site.out)
    noisy = "Subject: CN = one\n" + pem.replace("\n", "\r\n") + "# the end\n"
    assert site.render(noisy).returncode == 0
    assert lab.snapshot(site.out) == before


def test_a_command_can_print_it(site, made):
    site.change("config_ca: ca.pem", "config_ca: {command: [cat, ca.pem]}")
    assert site.render((made / "one.pem").read_text()).returncode == 0
    assert site.early()


# ---- patches ----

PATCH = ("apiVersion: v1alpha1\nkind: TrustedRootsConfig\nname: {}\n"
         "certificates: |\n{}")


@pytest.fixture
def patched(site, made):
    def write(name, text=None):
        pem = (made / "two.pem").read_text()
        lines = "".join(f"    {line}\n" for line in pem.splitlines())
        (site.folder / "roots.yaml").write_text(
            PATCH.format(name, lines) if text is None else text)
        return site
    site.change("    dhcp: {network: 10.0.20.0/24}",
                "    dhcp: {network: 10.0.20.0/24}\n    patches: [roots.yaml]")
    return write


def test_a_patch_brings_roots_of_its_own(patched, made):
    site = patched("registry-ca")
    done = site.render((made / "one.pem").read_text())
    assert (done.returncode, done.stderr) == (0, "")
    for body in site.published("generic"):
        (site.folder / "body.yaml").write_text(body)
        lab.oracle("validate", site.folder / "body.yaml")
        assert roots(canon(site.folder, body)) == {
            NAME: (made / "one.pem").read_text(),
            "registry-ca": (made / "two.pem").read_text()}
    assert roots(canon(site.folder, unpack(site.early()))).keys() == {NAME}


def test_a_patch_with_the_same_name(patched, made):
    message = patched(NAME).refused((made / "one.pem").read_text())
    assert "roots.yaml:4:15: error[config-ca]: the TrustedRootsConfig " \
           f"'{NAME}' is what gate.config_ca becomes" in message


def test_a_patch_that_deletes_it(patched, made):
    text = f"{PATCH.format(NAME, '')}".replace("certificates: |\n",
                                                "$patch: delete\n")
    message = patched(NAME, text).refused((made / "one.pem").read_text())
    assert f"a patch removes the TrustedRootsConfig '{NAME}'" in message


# ---- files that cannot work, each beside one that does ----

def with_key(folder):
    return (folder / "one.pem").read_text() + (folder / "one.key").read_text()


def leaf(folder):
    return certificate(folder, "leaf", extensions=(
        "-addext", "basicConstraints=critical,CA:FALSE"))


def three(folder):
    return "".join(certificate(folder, name) for name in ("a", "b", "c"))


def damaged(folder):
    text = (folder / "one.pem").read_text()
    return text.replace(text.splitlines()[2], "not base64")


def cut(folder):
    """The block is whole, the certificate within is not."""
    der = base64.b64decode("".join(
        (folder / "one.pem").read_text().splitlines()[1:-1]))[:-20]
    return ("-----BEGIN CERTIFICATE-----\n"
            + base64.encodebytes(der).decode().replace("\n\n", "\n")
            + "-----END CERTIFICATE-----\n")


REFUSALS = {
    "empty": (lambda folder: "", "the file holds no certificate in PEM"),
    "no-pem": (lambda folder: "hello, world\n",
               "the file holds no certificate in PEM"),
    "damaged": (damaged, "the file is damaged: a PEM block cannot be read"),
    "cut": (cut, "CA certificate 1 of the file cannot be read"),
    "private-key": (with_key, "the file holds a private key"),
    "only-a-key": (lambda folder: (folder / "one.key").read_text(),
                   "the file holds a private key"),
    "request": (lambda folder: "-----BEGIN X509 CRL-----\nMAA=\n"
                "-----END X509 CRL-----\n",
                "the file holds something else than certificates"),
    "no-ca": (leaf, "CA certificate 1 of the file is not that of a CA"),
    "three": (three, "the file has more than 2 certificates"),
    "twice": (lambda folder: 2 * (folder / "one.pem").read_text(),
              "CA certificate 2 of the file is the same as the first"),
    "short-key": (lambda folder: certificate(folder, "short", "-newkey",
                                             "rsa:1024"),
                  "CA certificate 1 of the file has a key that Talos cannot"),
    "odd-curve": (lambda folder: certificate(
        folder, "odd", "-newkey", "ec", "-pkeyopt",
        "ec_paramgen_curve:secp256k1"),
        "CA certificate 1 of the file has a key that Talos cannot"),
    "expired": (lambda folder: dated(folder, "old", "20200101", "20240229"),
                "CA certificate 1 of the file expired on 2024-02-29"),
    "expired-second": (lambda folder: (folder / "one.pem").read_text() +
                       dated(folder, "old", "20200101", "20240229"),
                       "CA certificate 2 of the file expired on 2024-02-29"),
}


@pytest.mark.parametrize("case", REFUSALS)
def test_refusal(site, made, case):
    make, text = REFUSALS[case]
    message = site.refused(make(made))
    assert f"error[config-ca]: {text}" in message
    assert re.search(r"^\S*inventory.yaml:8:", message, re.MULTILINE)
    assert site.render((made / "one.pem").read_text()).returncode == 0


KEYS = {"p384": ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-384"),
        "ed25519": ("-newkey", "ed25519"), "rsa": ("-newkey", "rsa:2048")}


@pytest.mark.parametrize("key", KEYS)
def test_keys_that_talos_takes(site, made, key):
    done = site.render(certificate(made, key, *KEYS[key]))
    assert (done.returncode, done.stderr) == (0, "")
    assert len(roots(canon(site.folder, unpack(site.early())))) == 1


def test_missing_file(site, made):
    site.change("config_ca: ca.pem", "config_ca: other.pem")
    message = site.refused((made / "one.pem").read_text())
    assert "error[file]" in message and "other.pem" in message


def day(offset):
    return time.strftime("%Y%m%d", time.gmtime(time.time() + offset * 86400))


def test_warned_before_it_expires(site, made):
    done = site.render(dated(made, "late", "20200101", day(20)))
    assert done.returncode == 0
    assert "warning[config-ca]: CA certificate 1 of the file expires on" \
        in done.stderr
    done = site.render(dated(made, "later", "20200101", day(40)))
    assert (done.returncode, done.stderr) == (0, "")


def test_a_successor_may_begin_later(site, made):
    done = site.render((made / "one.pem").read_text()
                       + dated(made, "next", day(10), day(4000)))
    assert done.returncode == 0
    assert "warning[config-ca]: CA certificate 2 of the file is not valid " \
           "before" in done.stderr


# ---- the kernel's command line ----

def test_rsa_4096_does_not_fit(site, made):
    message = site.refused(certificate(made, "long", "-newkey", "rsa:4096"))
    assert re.search(r"inventory.yaml:8:\d+: error\[command-line\]", message)
    found = re.search(
        r"has (\d+) bytes, the kernel takes 2048(?s:.*)the profile's arguments "
        r"take (\d+) bytes, boot_args (\d+), talos.config with its ticket "
        r"(\d+), talos.config.early with gate.config_ca (\d+)", message)
    total, *parts = map(int, found.groups())
    assert total == sum(parts) > 2048 and "P-256" in message
    assert site.render((made / "one.pem").read_text()).returncode == 0


def test_the_budget_counts_what_ipxe_puts_in(site, made):
    """As the kernel gets it, to the byte: 2047 characters and a NUL."""
    pem = (made / "one.pem").read_text()
    assert site.render(pem).returncode == 0
    args = json.loads(site.published("profiles")[0])["boot"]["args"]
    line = " ".join(args).replace(
        "${edge_config}", "https://config.example.net/c/" + 54 * "t")
    room = 2047 - len(line) - len(" x=")
    site.change("    dhcp: {network",
                f"    boot_args: [x={room * 'y'}]\n    dhcp: {{network")
    assert site.render(pem).returncode == 0
    site.change("boot_args: [x=", "boot_args: [x=y")
    done = site.render(pem)
    assert done.returncode == 1
    assert "has 2049 bytes, the kernel takes 2048" in done.stderr


def test_early_in_boot_args_excludes_it(site, made):
    site.change("    dhcp: {network",
                "    boot_args: [talos.config.early=AAAA]\n    dhcp: {network")
    assert "error[profile]: the boot arguments have a talos.config.early" \
        in site.refused((made / "one.pem").read_text())
    site.change("talos.config.early=AAAA", "talos.config.inline=AAAA")
    assert site.render((made / "one.pem").read_text()).returncode == 0


# ---- what else says the same, and what is no file ----

@pytest.mark.parametrize("value", ["[ca.pem]", "{command: []}",
                                   "{cmd: [cat, ca.pem]}", "''", "null"])
def test_a_value_that_names_no_file(site, made, value):
    site.change("config_ca: ca.pem", f"config_ca: {value}")
    message = site.refused((made / "one.pem").read_text())
    assert "error[wrong-type]: 'gate.config_ca' takes a path" in message
    site.change(f"config_ca: {value}", "config_ca: {command: [cat, ca.pem]}")
    assert site.render((made / "one.pem").read_text()).returncode == 0


def test_edge_pki_exports_the_same(site, tmp_path):
    """Whoever writes profiles by hand gets the argument from edge-pki."""
    def pki(*args):
        done = subprocess.run([lab.PROGRAM.parent / "edge-pki", *args, "--dir",
                               tmp_path / "pki"], capture_output=True,
                              text=True, timeout=60)
        assert done.returncode == 0, done.stderr
        return done.stdout

    pki("init", "--trust-domain", "edge.example.net")
    pem = (tmp_path / "pki/trust/config-ca.pem").read_text()
    done = site.render(pem)
    assert (done.returncode, done.stderr) == (0, "")
    document = pki("export", "talos-trusted-roots")
    argument = pki("export", "talos-trusted-roots", "--early").splitlines()[0]
    assert argument.startswith(EARLY)
    assert canon(site.folder, unpack(site.early())) \
        == canon(site.folder, unpack(argument.removeprefix(EARLY))) \
        == canon(site.folder, document)
