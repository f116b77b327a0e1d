"""edge-pki export: what ROM builds, stock ROMs, firmware, Talos and sticks are
given, read back by somebody else."""
import base64
import os
import re
import shutil
import stat
import struct
import subprocess
import uuid

import pytest

from edge_pki_lab import (ORACLE, PROGRAM, copy, make_cert, must, openssl, pki, refused,
                          run, snapshot, text)

X509_GUID = uuid.UUID("a5c059a1-94e4-4aa7-87b5-ab155c2bf072")
SCRIPT = "#!ipxe\n# a stand-in\necho hello\n"


@pytest.fixture
def own(tmp_path):
    return copy(tmp_path)


def program(folder, machine=0x8664, name="ipxe.efi"):
    """The head of a UEFI program: enough to tell the machine."""
    head = bytearray(4096)
    head[:2] = b"MZ"
    struct.pack_into("<I", head, 0x3c, 0x80)
    head[0x80:0x86] = b"PE\0\0" + struct.pack("<H", machine)
    (folder / name).write_bytes(head)
    return folder / name


def der(path, *options):
    return subprocess.run(["openssl", "x509", "-outform", "DER", "-in", path,
                           *options], capture_output=True, check=True).stdout


def fingerprint(path):
    return text(path, "-fingerprint", "-sha256")


def test_ipxe_build(own, tmp_path):
    out = tmp_path / "rom"
    pki("export", "ipxe", "--dir", own, "--site", "s1", "--out", out)
    assert stat.S_IMODE(out.stat().st_mode) == 0o700
    assert {p.name for p in out.iterdir()} == {
        "root-1.pem", "client.pem", "client.key", "client.key.der",
        "client.ipxe", "make.args"}
    assert {stat.S_IMODE(p.stat().st_mode) for p in out.iterdir()} == {0o600}
    assert (out / "make.args").read_text() == (
        f"TRUST={out}/root-1.pem CERT={out}/client.pem "
        f"PRIVKEY={out}/client.key\n")
    assert fingerprint(out / "root-1.pem") == fingerprint(
        own / "root/cert.pem")
    assert (out / "client.key").read_text().startswith(
        "-----BEGIN RSA PRIVATE KEY-----")
    modulus = text(out / "client.pem", "-modulus")
    for form in ("client.key", "client.key.der"):
        assert must("rsa", "-noout", "-modulus", "-in", out / form) == modulus
    before = snapshot(out)
    assert pki("export", "ipxe", "--dir", own, "--site", "s1",
               "--out", out).count("kept ") == 6
    assert snapshot(out) == before


def test_ipxe_script_says_the_same(own, tmp_path):
    out = tmp_path / "rom"
    pki("export", "ipxe", "--dir", own, "--site", "s1", "--node", "w1",
        "--out", out)
    lines = (out / "client.ipxe").read_text().splitlines()
    assert lines[0] == "#!ipxe" and len(lines) == 3
    values = dict(re.fullmatch(r"set (\w+):hex ([0-9a-f:]+)", line).groups()
                  for line in lines[1:])
    data = {name: bytes.fromhex(value.replace(":", ""))
            for name, value in values.items()}
    assert data["cert"] == der(own / "issued/client/s1.w1/cert.pem")
    assert data["privkey"] == (own / "issued/client/s1.w1/key.der").read_bytes()


def test_ipxe_without_a_site_has_no_key(own, tmp_path):
    pki("export", "ipxe", "--dir", own, "--out", tmp_path / "rom")
    assert {p.name for p in (tmp_path / "rom").iterdir()} == {
        "root-1.pem", "make.args"}


def test_two_roots_during_a_roll_over_and_one_after(own, tmp_path):
    out, esl = tmp_path / "rom", tmp_path / "roots.esl"
    pki("rollover", "start", "boot", "--dir", own)
    pki("export", "ipxe", "--dir", own, "--out", out)
    pki("export", "efi-siglist", "--dir", own, "--out", esl)
    assert (out / "make.args").read_text() == (
        f"TRUST={out}/root-1.pem,{out}/root-2.pem\n")
    assert fingerprint(out / "root-2.pem") == fingerprint(
        own / "next/root/cert.pem")
    assert certificates(esl) == [der(own / "root/cert.pem"),
                                 der(own / "next/root/cert.pem")]
    pki("rollover", "cancel", "boot", "--dir", own)
    assert f"removed {out}/root-2.pem" in pki("export", "ipxe", "--dir", own,
                                              "--out", out)
    assert not (out / "root-2.pem").exists()


def certificates(path):
    """Of EFI_SIGNATURE_LISTs, by the UEFI specification."""
    data, found = path.read_bytes(), []
    while data:
        kind = uuid.UUID(bytes_le=data[:16])
        whole, header, size = struct.unpack("<III", data[16:28])
        assert kind == X509_GUID and header == 0 and whole == 28 + size
        found.append(data[28 + 16:whole])
        data = data[whole:]
    return found


def test_efi_siglist(own, tmp_path):
    pki("export", "efi-siglist", "--dir", own, "--out", tmp_path / "roots.esl")
    assert certificates(tmp_path / "roots.esl") == [der(own / "root/cert.pem")]
    assert "kept" in pki("export", "efi-siglist", "--dir", own,
                         "--out", tmp_path / "roots.esl")


def test_talos_trusted_roots(own, tmp_path):
    shown = pki("export", "talos-trusted-roots", "--dir", own)
    done = subprocess.run([ORACLE, "canon"], input=shown, capture_output=True,
                          text=True, timeout=60)
    assert done.returncode == 0, done.stderr
    assert "TrustedRootsConfig" in done.stdout
    assert (own / "trust/config-ca.pem").read_text() == "".join(
        line[4:] + "\n" for line in shown.split("certificates: |\n")[1]
        .splitlines())
    out = tmp_path / "roots.yaml"
    assert pki("export", "talos-trusted-roots", "--dir", own,
               "--out", out) == f"wrote {out}\n"
    assert out.read_text() == shown


@pytest.mark.parametrize("roots", [1, 2])
def test_talos_early_is_the_same_document(own, roots):
    if roots == 2:
        pki("rollover", "start", "config", "--dir", own)
    shown = pki("export", "talos-trusted-roots", "--dir", own)
    assert shown.count("BEGIN CERTIFICATE") == roots
    value, note = pki("export", "talos-trusted-roots", "--dir", own,
                      "--early").splitlines()
    packed = base64.b64decode(value.removeprefix("talos.config.early="),
                              validate=True)
    assert subprocess.run(["zstd", "-dqc"], input=packed, capture_output=True,
                          check=True).stdout.decode() == shown
    assert note == f"# {len(value)} of the 2048 bytes of a kernel command line"
    assert len(value) < 2048


def test_talos_early_that_does_not_fit(own):
    """Two RSA roots are too much, one of them beside a P-256 one is not."""
    usage = "basicConstraints=critical,CA:TRUE\nkeyUsage=critical,keyCertSign\n"
    args = ("export", "talos-trusted-roots", "--dir", own, "--early")
    (own / "next/config").mkdir(parents=True)
    first, _ = make_cert(own, "first", extensions=usage)
    shutil.copy(first, own / "next/config/cert.pem")
    pki(*args)
    second, _ = make_cert(own, "second", extensions=usage)
    shutil.copy(second, own / "config/cert.pem")
    assert "use a smaller CA" in refused(2, *args)


@pytest.mark.parametrize("args", [
    ("ipxe", "--site", "s1"), ("usb", "--site", "s1")])
def test_a_revoked_key_is_not_handed_out(own, tmp_path, args):
    (tmp_path / "edge.ipxe").write_text(SCRIPT)
    more = ("--out", tmp_path / "out") if args[0] == "ipxe" else (
        "--out", tmp_path / "out", "--ipxe", program(tmp_path),
        "--script", tmp_path / "edge.ipxe")
    pki("revoke", "s1", "--dir", own)
    said = refused(3, "export", *args, "--dir", own, *more)
    assert "is revoked (keyCompromise)" in said
    assert not (tmp_path / "out").exists()
    pki("renew", "s1", "--dir", own)
    pki("export", *args, "--dir", own, *more)


def test_ec_keys_are_refused_with_the_reason(own, tmp_path):
    for key, good in [("rsa:2048", True), ("ec", False)]:
        cert, secret = make_cert(own, "odd", key=key)
        shutil.copy(cert, own / "issued/client/s1/cert.pem")
        shutil.copy(secret, own / "issued/client/s1/key.pem")
        args = ("export", "ipxe", "--dir", own, "--site", "s1",
                "--out", tmp_path / "rom")
        if good:
            pki(*args)
            shutil.rmtree(tmp_path / "rom")
        else:
            assert "`openssl rsa` on PRIVKEY=" in refused(3, *args)
            assert not (tmp_path / "rom").exists()


def test_a_root_that_ended_is_not_exported(own, tmp_path):
    usage = "basicConstraints=critical,CA:TRUE\n"
    for dates, good in [((), True), (("-startdate", "20200101000000Z",
                                      "-enddate", "20250101000000Z"), False)]:
        cert, _ = make_cert(own, "root", extensions=usage, dates=dates)
        shutil.copy(cert, own / "root/cert.pem")
        args = ("export", "efi-siglist", "--dir", own,
                "--out", tmp_path / "roots.esl")
        if good:
            pki(*args)
        else:
            assert "'root' has expired" in refused(3, *args)


def usb(own, tmp_path, *more, image="stick.img", **kind):
    (tmp_path / "edge.ipxe").write_text(SCRIPT)
    args = ("export", "usb", "--dir", own, "--site", "s1",
            "--ipxe", program(tmp_path, **kind),
            "--script", tmp_path / "edge.ipxe", "--out", tmp_path / image,
            *more)
    return args, tmp_path / image


def read(image, path):
    return subprocess.run(["mcopy", "-i", f"{image}@@1M", f"::{path}", "-"],
                          capture_output=True, check=True, timeout=60).stdout


def test_usb_image(own, tmp_path):
    args, image = usb(own, tmp_path)
    pki(*args)
    assert stat.S_IMODE(image.stat().st_mode) == 0o600
    table = image.read_bytes()[:512]
    start, count = struct.unpack("<II", table[454:462])
    assert table[450] == 0xef and table[510:] == b"\x55\xaa"
    assert (start + count) * 512 == image.stat().st_size
    assert start * 512 == 1024 * 1024
    assert read(image, "/EFI/BOOT/BOOTX64.EFI") == (
        tmp_path / "ipxe.efi").read_bytes()
    script = read(image, "/autoexec.ipxe").decode().splitlines()
    assert script[0] == "#!ipxe"
    assert [line.split(":")[0] for line in script[1:3]] == [
        "set cert", "set privkey"]
    assert script[3:] == SCRIPT.splitlines()[1:]
    assert b"TlsCaCertificate" in read(image, "/README.TXT")
    (tmp_path / "roots.esl").write_bytes(read(image, "/edge-boot-roots.esl"))
    assert certificates(tmp_path / "roots.esl") == [der(own / "root/cert.pem")]
    assert pki(*args) == f"kept {image}\n"
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_usb_image_of_arm64_with_a_gate(own, tmp_path):
    url = "https://boot-mtls.edge.example.net:8443/boot.ipxe"
    args, image = usb(own, tmp_path, "--gate", url, machine=0xaa64)
    pki(*args)
    assert read(image, "/EFI/BOOT/BOOTAA64.EFI")
    script = read(image, "/autoexec.ipxe").decode()
    assert f"\nset edge-gate-1 {url}\nset edge-name-1 " \
        "boot-mtls.edge.example.net:8443\n# a stand-in" in script


@pytest.mark.parametrize("change,status,message", [
    ({"machine": 0x14c}, 3, "is not a UEFI program for x86-64 or arm64"),
    ({"name": "snponly.efi"}, 3, "take ipxe-amd64.efi"),
    ({"more": ("--gate", "http://a.example.net/")}, 2, "--gate"),
    ({"more": ("--gate", "https://a.example.net/${x}")}, 2, "--gate"),
    ({"more": ("--early",)}, 2, "usb takes no --early")])
def test_usb_refusals(own, tmp_path, change, status, message):
    args, image = usb(own, tmp_path, *change.pop("more", ()), **change)
    assert message in refused(status, *args)
    assert not image.exists()
    args, image = usb(own, tmp_path)
    pki(*args)


def test_usb_script(own, tmp_path):
    args, image = usb(own, tmp_path)
    (tmp_path / "edge.ipxe").write_text("#!/bin/sh\n")
    assert "is no iPXE script" in refused(3, *args)
    (tmp_path / "edge.ipxe").unlink()
    assert "--script: cannot read" in refused(1, *args)
    assert not image.exists()


def test_usb_without_mtools(own, tmp_path):
    """The twin has them on its PATH; nothing is left behind either way."""
    args, image = usb(own, tmp_path)
    done = run(*args, env={"PATH": str(tmp_path)})
    assert done.returncode == 1
    assert "no mformat here; install the package mtools" in done.stderr
    assert not image.exists()
    assert run(*args, env={"PATH": os.environ["PATH"]}).returncode == 0
    assert [p.name for p in tmp_path.iterdir() if p.name.startswith(".")] == []


def test_usb_on_a_full_disk(own, tmp_path):
    """A file size limit stands in for it: half an image never appears."""
    args, image = usb(own, tmp_path)
    before = {p.name for p in tmp_path.iterdir()}
    for limit, good in (("8192", False), ("32768", True)):
        done = subprocess.run(
            ["sh", "-c", f'trap "" XFSZ; ulimit -f {limit}; exec "$@"', "sh",
             PROGRAM, *args], capture_output=True, text=True, timeout=60)
        assert (done.returncode == 0) == good, done.stderr
        assert image.exists() == good
        assert {p.name for p in tmp_path.iterdir()} - {image.name} == before


def test_out_is_no_disk(own, tmp_path):
    """A file must not take the place of a device or a folder."""
    args, image = usb(own, tmp_path)
    image.mkdir()
    assert "is not a plain file" in refused(3, *args)
    image.rmdir()
    pki(*args)


def test_usb_dry_run(own, tmp_path):
    args, image = usb(own, tmp_path)
    assert pki(*args, "--dry-run") == f"would write {image} (16 MiB)\n"
    assert not image.exists()


@pytest.mark.parametrize("args,message", [
    (("ipex", "--out", "x"), "'ipex' is nothing to export; the nearest is ipxe"),
    (("ipxe",), "ipxe needs --out"),
    (("usb", "--out", "x"), "usb needs --site"),
    (("efi-siglist", "--out", "x", "--site", "s1"), "takes no --site"),
    (("ipxe", "--out", "x", "--node", "w1"), "--node needs --site"),
    (("ipxe", "--out", "x", "--site", "s3"),
     "the nearest is 'issued/client/s1'"),
    (("ipxe", "--out", "x", "--site", "../s1"), "is not a name")])
def test_export_usage(own, tmp_path, args, message):
    args = [tmp_path / "x" if arg == "x" else arg for arg in args]
    assert message in refused(2, "export", *args, "--dir", own)
    assert not (tmp_path / "x").exists()


def test_no_secret_is_printed(own, tmp_path):
    args, image = usb(own, tmp_path)
    key = (own / "issued/client/s1/key.der").read_bytes()
    needles = {key[40:60].hex(), ":".join(f"{b:02x}" for b in key[40:60]),
               base64.b64encode(key[42:63]).decode()}
    for step in (args, ("export", "ipxe", "--dir", own, "--site", "s1",
                        "--out", tmp_path / "rom")):
        done = run(*step)
        assert done.returncode == 0
        assert not any(needle in done.stdout + done.stderr
                       for needle in needles)
    assert openssl("rsa", "-noout", "-in",
                   tmp_path / "rom/client.key").returncode == 0
