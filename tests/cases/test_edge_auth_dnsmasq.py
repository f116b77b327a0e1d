"""edge-auth --dnsmasq: the file with a node's boot URL that dnsmasq hands out. A
file that cannot be written arms nothing; a revocation is never held up by one."""

import grp
import os
import re
import stat
import subprocess

import pytest

from test_edge_auth import PROGRAM, SITE, TOKEN, auth, document  # noqa: F401

BOOT, MTLS = "https://boot.example.net", "https://boot-mtls.example.net"


@pytest.fixture
def folder(tmp_path):
    made = tmp_path / "options"
    made.mkdir()
    return made


def lines(base, name, paths=(("edge-url", "boot.ipxe"),
                             ("edge-http64", "ipxe.efi"),
                             ("edge-httparm64", "ipxe-arm64.efi"))):
    return "".join(f"tag:{tag},tag:node-{name},option:bootfile-name,"
                   f"{base}/{path}\n" for tag, path in paths)


def create(auth, folder, name="node-1", *more):
    return auth.ok("token", "create", name, "--pepper", auth.pepper,
                   "--dnsmasq", folder, *more)


def refused(auth, folder, *more, status=1):
    return auth.refused("token", "create", "node-1", "--pepper", auth.pepper,
                        "--dnsmasq", folder, *more, status=status)


def both():
    facts = document()
    facts["sites"]["site-a"] = dict(SITE, require="token+cert")
    return facts


def test_the_file(auth, folder):
    auth.load()
    printed = create(auth, folder)
    text = (folder / "node-1.conf").read_text()
    token = TOKEN.search(text).group()
    assert text == lines(f"{BOOT}/t/{token}", "node-1")
    assert [path.name for path in folder.iterdir()] == ["node-1.conf"]
    assert stat.S_IMODE((folder / "node-1.conf").stat().st_mode) == 0o640
    assert not TOKEN.search(printed)
    assert f"boot URL in {folder}/node-1.conf" in printed
    shown = auth.json("token", "list")["tokens"]
    assert [(t["id"], t["status"]) for t in shown] == [(token[5:15], "armed")]


def test_a_certificate_leaves_out_firmware(auth, folder):
    auth.load(both())
    create(auth, folder)
    text = (folder / "node-1.conf").read_text()
    assert text == lines(f"{MTLS}/t/{TOKEN.search(text).group()}", "node-1",
                         [("edge-url", "boot.ipxe")])


def test_json(auth, folder, tmp_path):
    auth.load()
    made = auth.json("token", "create", "node-1", "--pepper", auth.pepper,
                     "--dnsmasq", folder)
    assert made["dnsmasq"] == f"{folder}/node-1.conf"
    assert set(made) == {"node", "id", "expiry", "dnsmasq"}
    out = tmp_path / "boot-url"
    made = auth.json("token", "create", "node-1", "--pepper", auth.pepper,
                     "--dnsmasq", folder, "--out", out)
    assert (made["dnsmasq"], made["out"]) == (f"{folder}/node-1.conf", str(out))
    assert out.read_text().strip() in (folder / "node-1.conf").read_text()
    assert set(auth.create("node-1")) == {"node", "id", "expiry", "token",
                                          "boot_url"}


def test_a_new_token_replaces_the_old(auth, folder):
    auth.load()
    create(auth, folder)
    first = (folder / "node-1.conf").read_text()
    (folder / ".node-1.conf.new").write_text("left by a power cut\n")
    create(auth, folder)
    create(auth, folder, "node-2")
    assert (folder / "node-1.conf").read_text() != first
    assert sorted(path.name for path in folder.iterdir()) == [
        "node-1.conf", "node-2.conf"]


def test_the_folders_group(auth, folder):
    """Of those that this user has, one that is not the first."""
    mine = [group for group in os.getgroups() if group != os.getegid()]
    other = (grp.getgrnam("nogroup").gr_gid if os.geteuid() == 0
             else (mine or [os.getegid()])[0])
    os.chown(folder, -1, other)
    auth.load()
    create(auth, folder)
    assert (folder / "node-1.conf").stat().st_gid == other


@pytest.mark.parametrize("spoil, words", [
    (lambda folder: folder.rmdir(), "cannot be opened: No such file"),
    (lambda folder: (folder.rmdir(), folder.write_text("x")),
     "cannot be opened: Not a directory"),
    (lambda folder: (folder / ".node-1.conf.new").mkdir(),
     ".node-1.conf.new: cannot be made: File exists"),
], ids=["absent", "a file", "no room for the file aside"])
def test_nothing_is_armed_without_the_file(auth, folder, spoil, words):
    auth.load()
    spoil(folder)
    assert words in refused(auth, folder)
    create(auth, auth.folder)
    assert auth.json("node", "show", "node-1")["state"] == "armed"


def test_a_folder_that_takes_no_file(auth, tmp_path):
    """/proc refuses whoever asks, root too."""
    auth.load()
    error = refused(auth, "/proc/self/fdinfo")
    assert re.match(r"/proc/self/fdinfo/\.node-1\.conf\.new: cannot be made: ",
                    error)
    create(auth, tmp_path)


def test_a_full_disk(auth, folder):
    """The limit on the size of files fails a write as a full disk does."""
    auth.load()
    create(auth, folder)
    before, state = (folder / "node-1.conf").read_bytes(), auth.state()
    argv = ["prlimit", "--fsize=64", "env", "--ignore-signal=XFSZ"]
    command = [str(PROGRAM), "token", "create", "node-1", "--store",
               str(auth.store), "--pepper", str(auth.pepper), "--dnsmasq",
               str(folder)]
    done = subprocess.run(argv + command, text=True, capture_output=True)
    assert (done.returncode, done.stdout) == (1, "")
    assert ".node-1.conf.new: cannot be written: File too large" in done.stderr
    assert (folder / "node-1.conf").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["node-1.conf"]
    assert auth.state() == state
    assert subprocess.run(command, capture_output=True).returncode == 0
    assert (folder / "node-1.conf").read_bytes() != before


def test_a_verb_that_is_refused_leaves_the_file(auth, folder, tmp_path):
    """Nothing armed: the old token is in force, and so is its file."""
    auth.load()
    create(auth, folder)
    before = (folder / "node-1.conf").read_bytes()
    (tmp_path / "out").touch()
    error = refused(auth, folder, "--out", tmp_path / "out")
    assert "is there already and is not replaced" in error
    assert (folder / "node-1.conf").read_bytes() == before
    assert [path.name for path in folder.iterdir()] == ["node-1.conf"]
    (tmp_path / "out").unlink()
    create(auth, folder, "node-1", "--out", tmp_path / "out")


def test_a_file_that_cannot_be_replaced(auth, folder):
    """What to do is said: the node is armed by then."""
    auth.load()
    (folder / "node-1.conf").mkdir()
    done = auth.run("token", "create", "node-1", "--pepper", auth.pepper,
                    "--dnsmasq", folder)
    assert (done.returncode, done.stdout) == (3, "")
    assert (f"{folder}/node-1.conf: cannot be replaced: Is a directory; the "
            "node is armed and what this file holds is void: rename "
            ".node-1.conf.new to it, or run the command again") in done.stderr
    assert not TOKEN.search(done.stderr)
    aside = (folder / ".node-1.conf.new").read_text()
    shown = auth.json("token", "list")["tokens"]
    assert [t["id"] for t in shown if t["status"] == "armed"] == [
        TOKEN.search(aside).group()[5:15]]
    (folder / "node-1.conf").rmdir()
    create(auth, folder)
    assert (folder / "node-1.conf").is_file()


@pytest.mark.parametrize("verb", [("token", "revoke"), ("node", "retire")])
def test_taken_out(auth, folder, verb):
    auth.load()
    create(auth, folder)
    create(auth, folder, "node-2")
    auth.ok(*verb, "node-1", "--dnsmasq", folder)
    assert [path.name for path in folder.iterdir()] == ["node-2.conf"]
    # a node that never had one
    auth.ok(*verb, "node-3", "--dnsmasq", folder)
    # without the option the file stays
    auth.ok(*verb, "node-2")
    assert (folder / "node-2.conf").exists()


@pytest.mark.parametrize("verb, state", [(("token", "revoke"), "revoked"),
                                         (("node", "retire"), "retired")])
def test_a_revocation_is_not_held_up(auth, folder, verb, state):
    auth.load()
    create(auth, folder)
    done = auth.run(*verb, "node-1", "--dnsmasq", folder / "typo")
    assert (done.returncode, done.stdout) == (3, "")
    assert (f"{folder}/typo: the node is {state}: cannot be opened"
            in done.stderr)
    assert auth.json("node", "show", "node-1")["state"] == state


def test_urls_that_are_too_long(auth, folder):
    """255 bytes are an option of DHCP, 127 the file field of BOOTP."""
    def load(length):
        facts = document(serial=6)
        name = ".".join(["a" * 50] * 4)[:length - len("https://")]
        facts["gate"]["boot"] = "https://" + name
        auth.load(facts)
        return auth.run("token", "create", "node-1", "--pepper", auth.pepper,
                        "--dnsmasq", folder)

    # "/t/", a token, "/", the longest of the names
    longest = 255 - 3 - 54 - 1 - len("ipxe-arm64.efi")
    short = 127 - 3 - 54 - 1 - len("boot.ipxe")
    assert load(short).stderr == ""
    done = load(short + 1)
    assert done.returncode == 0
    assert "warning: the boot URL has 128 bytes" in done.stderr
    assert load(longest).returncode == 0
    before = auth.state()
    done = load(longest + 1)
    assert done.returncode == 1
    assert "the URL of ipxe-arm64.efi has 256 bytes" in done.stderr
    assert auth.state()[1] == before[1]
    assert load(longest).returncode == 0


def test_dnsmasq_takes_the_lines(auth, folder):
    """Its parser, by --test; the folder itself is read in tests/root."""
    auth.load()
    create(auth, folder)
    for line in (folder / "node-1.conf").read_text().splitlines():
        for text, good in ((line, True), (line.replace("option:", "o:"), False)):
            done = subprocess.run(
                ["/usr/sbin/dnsmasq", "--conf-file=/dev/null", "--port=0",
                 f"--dhcp-option={text}", "--test"], capture_output=True)
            assert (done.returncode == 0) == good, (text, done)
