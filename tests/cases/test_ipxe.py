"""deploy/ipxe: the script as text, and `build` with a stand-in for iPXE's source.
What the script does is seen in tests/boot/test_script.py, in real iPXEs."""

import os
import pathlib
import re
import stat
import subprocess

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]
IPXE = TREE / "deploy" / "ipxe"
SCRIPT = IPXE / "edge.ipxe"

# In every iPXE, those of 2019 and before included. Whatever else there is must
# be allowed to be missing.
COMMANDS = {"set", "isset", "iseq", "inc", "goto", "echo", "sleep", "exit",
            "ifconf", "ifclose", "chain", "imgfetch", "imgexec", "imgfree",
            "sanboot"}
# These cannot fail where the script uses them; the end of an iPXE script is a
# command that failed without `||`.
SAFE = {"set", "inc", "goto", "echo", "exit"}

# A stand-in for iPXE's Makefile: the same variables, and files in which the same
# things can be found. BIOS files are packed, and what was linked stands beside.
MAKEFILE = """COMMA := ,
.DEFAULT:
	@mkdir -p $(@D)
	@printf '%s\\n' 'target=$@' 'TRUST=$(TRUST)' 'EMBED=$(EMBED)' \\
	    'CERT=$(CERT)' 'PRIVKEY=$(PRIVKEY)' 'CROSS=$(CROSS_COMPILE)' \\
	    "epoch=$$SOURCE_DATE_EPOCH" >>$$RECORD
	@cat config/local/general.h >$$RECORD.general
	@$(if $(PRIVKEY),cp $(PRIVKEY) $$RECORD.key; stat -c %a $(PRIVKEY) >>$$RECORD)
	@{ for root in $(subst $(COMMA), ,$(TRUST)); do openssl x509 -in $$root \\
	    -outform DER | openssl dgst -sha256 -binary; done; cat $(EMBED); \\
	    } >$@.tmp
	@$(SPOIL)
	@gzip -n <$@.tmp >$@
"""


def lines():
    for line in SCRIPT.read_text(encoding="ascii").splitlines():
        if line and not line.startswith("#"):
            yield line


def commands(line):
    return [part.split()[0] for part in re.split(r"\|\||&&", line)
            if part.strip()]


def test_the_script_is_plain_text():
    raw = SCRIPT.read_bytes()
    assert raw.startswith(b"#!ipxe\n") and raw.endswith(b"\n")
    assert not re.search(rb"[^\x20-\x7e\n]", raw)
    assert not re.search(rb" $", raw, re.MULTILINE)


def test_each_goto_has_its_label():
    labels = [line[1:] for line in lines() if line.startswith(":")]
    assert len(labels) == len(set(labels))
    jumps = set(re.findall(r"\bgoto (\S+)", "\n".join(lines())))
    back = set(re.findall(r"set edge-back (\S+)", "\n".join(lines())))
    assert "${edge-back}" in jumps and back
    assert (jumps | back) - {"${edge-back}"} == set(labels)


@pytest.mark.parametrize("line", [line for line in lines() if line[0] != ":"])
def test_no_line_ends_the_script(line):
    for command in commands(line):
        if command not in COMMANDS:
            assert command == "ntp" and "||" in line.split("ntp ", 1)[1]
    if not set(commands(line)) <= SAFE:
        assert "||" in line


def test_the_script_shows_no_url():
    shown = [line for line in lines() if re.search(r"\becho\b", line)]
    assert shown
    for line in shown:
        said = line[line.index("echo"):]
        assert not re.search(r"edge-(url|origin|gate-)|filename|uri\}", said)
    names = [line for line in lines() if re.search(
        r"set edge-(name|why|reason|step)", line)]
    for line in names:
        assert not re.search(r"edge-(url|origin)|filename|uri\}", line)


def test_the_url_is_fetched_between_hidden_and_shown():
    text = SCRIPT.read_text()
    for fetch in re.finditer(r"^imgfetch .*\$\{edge-url\}.*$", text, re.M):
        before = text[:fetch.start()].splitlines()[-1]
        after = text[fetch.end():].splitlines()[1]
        assert before == "echo -n ${edge-hidden}"
        assert after == "echo -n ${edge-shown}"
    assert text.count("${edge-url}") == 2  # that one, and the look at its head


# --- build ----------------------------------------------------------------

def openssl(*args):
    subprocess.run(["openssl", *map(str, args)], check=True,
                   capture_output=True, timeout=60)


@pytest.fixture(scope="module")
def pki(tmp_path_factory):
    """Two roots in one file, and certificates with keys of each kind."""
    at = tmp_path_factory.mktemp("pki")
    for name in ("one", "two"):
        openssl("req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "9",
                "-keyout", at / f"{name}.key", "-out", at / f"{name}.pem",
                "-subj", f"/CN=root {name}")
    (at / "roots.pem").write_text((at / "one.pem").read_text() +
                                  (at / "two.pem").read_text())
    openssl("req", "-x509", "-newkey", "ec", "-pkeyopt",
            "ec_paramgen_curve:P-256", "-nodes", "-days", "9", "-keyout",
            at / "ec.key", "-out", at / "ec.pem", "-subj", "/CN=ec")
    openssl("x509", "-in", at / "one.pem", "-signkey", at / "one.key", "-days",
            "0", "-out", at / "expired.pem")
    openssl("rsa", "-in", at / "one.key", "-aes256", "-passout", "pass:x",
            "-out", at / "locked.key")
    return at


@pytest.fixture
def build(tmp_path):
    """build(*arguments) -> (status, output, what make was told)"""
    source = tmp_path / "source" / "src"
    (source / "config" / "local").mkdir(parents=True)
    (source / "config" / "general.h").write_text("/* general */\n")
    (source / "config" / "local" / "general.h").write_text("/* local */\n")
    (source / "Makefile").write_text(MAKEFILE)
    record = tmp_path / "record"

    def run(*args, source=source.parent, spoil=""):
        record.write_text("")
        env = {key: value for key, value in os.environ.items()
               if key not in ("MAKEFLAGS", "SOURCE_DATE_EPOCH")}
        done = subprocess.run(
            ["sh", IPXE / "build", "-o", tmp_path / "out", "--source", source,
             *args], text=True, capture_output=True, timeout=60,
            stdin=subprocess.DEVNULL, cwd=tmp_path,
            env={**env, "RECORD": str(record), "TMPDIR": str(tmp_path),
                 "SPOIL": spoil or "true"})
        told = dict(line.split("=", 1) for line in
                    record.read_text().splitlines() if "=" in line)
        return done.returncode, done.stdout + done.stderr, told

    run.out = tmp_path / "out"
    run.record = record
    run.folder = tmp_path
    return run


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


def test_roots_and_script_go_in(build, pki):
    status, output, told = build("--trust", pki / "roots.pem",
                                 "--target", "snponly.efi")
    assert status == 0, output
    assert told == {"target": "bin-x86_64-efi/snponly.efi",
                    "TRUST": "edge-root-1.pem,edge-root-2.pem",
                    "EMBED": "edge.ipxe", "CERT": "", "PRIVKEY": "",
                    "CROSS": "", "epoch": "0"}
    assert mode(build.out / "snponly.efi") == 0o644
    general = (build.folder / "record.general").read_text()
    assert general.startswith("/* local */\n")
    for define in ("#define DOWNLOAD_PROTO_HTTPS", "#define NTP_CMD",
                   "#define PARAM_CMD", "#define CERT_CMD",
                   "#define IMAGE_TRUST_CMD", "#define POWEROFF_CMD",
                   "#undef DOWNLOAD_PROTO_HTTP", "#undef DOWNLOAD_PROTO_TFTP"):
        assert define in general.splitlines()
    # nothing is left behind, not even with a key
    assert sorted(path.name for path in build.folder.iterdir()) == [
        "out", "record", "record.general", "source"]


def test_the_same_input_gives_the_same_bytes(build, pki):
    made = []
    for _ in range(2):
        status, output, _ = build("--trust", pki / "one.pem")
        assert status == 0, output
        made.append({path.name: path.read_bytes()
                     for path in build.out.iterdir()})
    assert made[0] == made[1]
    assert sorted(made[0]) == ["snponly.efi", "undionly.kpxe"]


@pytest.mark.parametrize("target, made, cross", [
    ("ipxe-arm64.efi", "bin-arm64-efi/ipxe.efi", "aarch64-linux-gnu-"),
    ("undionly.kpxe", "bin/undionly.kpxe", ""),
    ("ipxe.iso", "bin/ipxe.iso", "")])
def test_targets(build, pki, target, made, cross):
    status, output, told = build("--trust", pki / "one.pem", "--target", target)
    assert status == 0, output
    assert (told["target"], told["CROSS"]) == (made, cross)
    assert (build.out / target).is_file()


def test_a_key_makes_it_a_secret(build, pki):
    status, output, told = build(
        "--trust", pki / "one.pem", "--cert", pki / "two.pem", "--key",
        pki / "two.key", "--target", "ipxe.efi")
    assert status == 0, output
    assert (told["CERT"], told["PRIVKEY"]) == ("edge-cert.pem", "edge-key.pem")
    assert [path.name for path in build.out.iterdir()] == [
        "local-media-only-ipxe.efi"]
    assert mode(build.out / "local-media-only-ipxe.efi") == 0o600
    assert build.record.read_text().splitlines()[-1] == "600"
    assert (build.folder / "record.key").read_text().startswith(
        "-----BEGIN RSA PRIVATE KEY-----")
    assert "never a TFTP or HTTP server" in output


def test_gates_are_written_into_the_script(build, pki):
    status, output, _ = build(
        "--trust", pki / "one.pem", "--target", "snponly.efi",
        "--gate", "https://a.example.net/boot.ipxe",
        "--gate", "https://b.example.net:8443/boot.ipxe")
    assert status == 0, output
    inside = subprocess.run(["gzip", "-dc"], input=(
        build.out / "snponly.efi").read_bytes(), capture_output=True).stdout
    assert (b"\nset edge-gate-1 https://a.example.net/boot.ipxe\n"
            b"set edge-name-1 a.example.net\n"
            b"set edge-gate-2 https://b.example.net:8443/boot.ipxe\n"
            b"set edge-name-2 b.example.net:8443\n") in inside


def test_a_token_makes_it_a_secret_too(build, pki):
    status, output, _ = build("--trust", pki / "one.pem", "--target",
                              "ipxe.efi", "--gate", "https://a.example.net/t/x/b")
    assert status == 0, output
    assert mode(build.out / "local-media-only-ipxe.efi") == 0o600


def test_dry_run_prints_the_make_line(build, pki):
    status, output, told = build("--trust", pki / "roots.pem", "--dry-run",
                                 "--target", "ipxe.efi")
    assert (status, told) == (0, {})
    assert re.fullmatch(
        r"make -j\d+ NO_WERROR=1 EXTRA_CFLAGS=-ffile-prefix-map=SRC=\. "
        r"TRUST=edge-root-1\.pem,edge-root-2\.pem EMBED=edge\.ipxe "
        r"bin-x86_64-efi/ipxe\.efi -> \S+/out/ipxe\.efi\n", output)
    assert not build.out.exists()


def test_a_tarball_is_a_source(build, pki):
    tar = build.folder / "ipxe.tar.xz"
    subprocess.run(["tar", "-cJf", tar, "-C", build.folder, "source"],
                   check=True)
    status, output, _ = build("--trust", pki / "one.pem", "--target",
                              "ipxe.efi", source=tar)
    assert status == 0, output


# The accepted twin of each is test_roots_and_script_go_in, or
# test_a_key_makes_it_a_secret where there is a key.
@pytest.mark.parametrize("args, status, message", [
    ((), 2, "--trust is missing"),
    (("--trust", "{roots.pem}", "--cert", "{one.pem}"), 2, "needs --key"),
    (("--trust", "{roots.pem}", "--key", "{one.key}"), 2, "needs --cert"),
    (("--trust", "{roots.pem}", "--target", "pxelinux.0"), 2, "unknown target"),
    (("--trust", "{roots.pem}", "--frobnicate"), 2, "unknown argument"),
    (("--trust", "{roots.pem}", "--gate", "http://a/b"), 2, "https://"),
    (("--trust", "{roots.pem}", "--gate", "https://a/${x}"), 2, "character"),
    (("--trust", "{roots.pem}", "--target"), 2, "needs a value"),
    (("--trust", "{absent}"), 1, "cannot be read"),
    (("--trust", "{one.key}"), 1, "no certificate"),
    (("--trust", "{expired.pem}"), 1, "has expired"),
    (("--trust", "{one.pem}", "--script", "{one.pem}"), 1, "#!ipxe"),
    (("--trust", "{one.pem}", "--cert", "{ec.pem}", "--key", "{ec.key}"), 1,
     "no plain RSA key"),
    (("--trust", "{one.pem}", "--cert", "{one.pem}", "--key", "{locked.key}"),
     1, "no plain RSA key"),
    (("--trust", "{one.pem}", "--cert", "{one.pem}", "--key", "{two.key}"), 1,
     "is not the key"),
])
def test_refused(build, pki, args, status, message):
    args = [re.sub(r"\{(\S+)\}", lambda m: str(pki / m.group(1))
                   if "." in m.group(1) or m.group(1) == "absent"
                   else m.group(0), arg) for arg in args]
    got, output, told = build(*args)
    assert (got, told) == (status, {})
    assert message in output
    assert not build.out.exists()


def test_a_root_that_is_not_inside_is_noticed(build, pki):
    args = ("--trust", pki / "one.pem", "--target", "ipxe.efi")
    assert build(*args)[0] == 0
    status, output, _ = build(*args, spoil="cp $(EMBED) $@.tmp")
    assert status == 1
    assert "does not hold the root with SHA-256" in output


def test_a_script_that_is_not_inside_is_noticed(build, pki):
    status, output, _ = build(
        "--trust", pki / "one.pem", "--target", "ipxe.efi",
        spoil="LC_ALL=C sed -i s/!ipxe/!other/ $@.tmp")
    assert status == 1
    assert "does not hold the script" in output


def test_make_fails(build, pki):
    status, output, _ = build("--trust", pki / "one.pem", "--target",
                              "ipxe.efi", spoil="echo broken; false")
    assert status == 1
    assert "broken\n" in output and "make failed for ipxe.efi" in output
    assert not list(build.out.iterdir())


def test_an_ec_root_is_pointed_out(build, pki):
    status, output, _ = build("--trust", pki / "ec.pem", "--target", "ipxe.efi")
    assert status == 0
    assert "has no RSA key" in output
