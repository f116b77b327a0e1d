"""talos-configgen image: ids as the factory computes them, and boot files that
are in their place whole and verified, or not at all. The factory is one on this
machine that also misbehaves (tests/factory)."""
import hashlib
import json
import os
import pty
import random
import re
import signal
import subprocess
import time

import pytest

import configgen_lab as lab
from factory import (Factory, change, claim_length, content_of, ignore_range,
                     redirect, reset, send_more, send_part, stall, status,
                     wrong_range)
from lab import pki

EMPTY = "376567988ad370138ad8b2698212367b8edcb69b5fd68c80be1f2ec7d603b4ba"
TAILSCALE = "4a0d65c669d46663f377e7161e50cfd570c401f26fd9e7bda34a0216b6f1922b"
AGENT = "7d4c31cbd96db9f90c874990697c523482b2bae27fb4631d5583dcd9c281b1ff"
SITE_1 = "dd4c55ac62d0fcebfb2189927a204d5bddce05dbfee89a8ee1d557e1d416f800"
KERNEL, INITRAMFS = lab.FILES

HEAD = """version: 1
clusters:
  c:
    endpoint: https://100.110.150.118:6443
    talos: v1.13.3
    kubernetes: v1.34.1
    secrets: {command: [cat, secrets.yaml]}
    gate: {boot: https://boot.example.net, config: https://config.example.net}
sites:
  site-a: {cluster: c, boot: gate, install: {disk: /dev/vda}}
  site-b: {cluster: c, boot: none, install: {disk: /dev/vda}}
nodes:
"""
WORKER = """  {name}:
    site: {site}
    hardware: {{uuid: 9ddf0214-b102-49a3-bec3-{number:012x}}}
    image: {image}
"""


@pytest.fixture(scope="session")
def bundle():
    return lab.oracle("gen-secrets", "--contract", "v1.13")


class Site:
    """An inventory, and the folder that its boot files go to."""

    def __init__(self, folder, bundle_text):
        self.folder = folder
        self.inventory = folder / "inventory.yaml"
        self.assets = folder / "assets"
        self.lock = folder / "images.lock"
        (folder / "secrets.yaml").write_text(bundle_text)
        self.write({"w1": {}})

    def write(self, images, site="site-a"):
        """Nodes by name, each with its image."""
        self.inventory.write_text(HEAD + "".join(
            WORKER.format(name=name, site=site, number=number,
                          image=json.dumps(image))
            for number, (name, image) in enumerate(images.items(), 1)))

    def argv(self, command, *more):
        return [lab.PROGRAM, "image", command, "-i", self.inventory, *more]

    def run(self, command, *more, env=None):
        return subprocess.run(self.argv(command, *more), capture_output=True,
                              text=True, timeout=60,
                              env={**environment(), **(env or {})})

    def good(self, command, *more, env=None):
        done = self.run(command, *more, env=env)
        assert done.returncode == 0, done.stderr
        return done.stdout

    def fetch_argv(self, factory, *more):
        return ("fetch", "-o", self.assets, "--mirror", factory.url, *more)

    def fetch(self, factory, *more, env=None):
        return self.run(*self.fetch_argv(factory, *more), env=env)

    def pin(self, factory):
        """Everything fetched and pinned; {name: bytes} of the folder."""
        done = self.fetch(factory, "--pin")
        assert done.returncode == 0, done.stderr
        return self.files()

    def files(self):
        """{name: bytes}, without the lock of runs."""
        return {name: content for name, (_, content)
                in lab.snapshot(self.assets).items() if name != ".lock"}

    def drop(self, file):
        """Takes one boot file away; its name."""
        path, = self.assets.glob(f"*-{file}")
        path.unlink()
        return path.name


def environment():
    """Without proxies: whoever runs the tests may have one."""
    return {name: value for name, value in os.environ.items()
            if not name.lower().endswith("_proxy")}


@pytest.fixture
def site(tmp_path, bundle):
    return Site(tmp_path, bundle)


@pytest.fixture
def factory():
    with Factory() as made:
        made.know("customization: {}\n")
        yield made


def named(content, file):
    return f"{hashlib.sha256(content).hexdigest()[:16]}-{file}"


def expected(schematic=EMPTY, version="v1.13.3", files=lab.FILES):
    contents = [(content_of(schematic, version, file), file) for file in files]
    return {named(content, file): content for content, file in contents}


# ---- ids ----

@pytest.mark.parametrize("image, want", [
    ({}, EMPTY),
    ({"extensions": [], "kernel_args": []}, EMPTY),
    ({"extensions": ["siderolabs/tailscale"]}, TAILSCALE),
    ({"extensions": ["siderolabs/tailscale", "siderolabs/qemu-guest-agent"]},
     AGENT),
    ({"extensions": [f"siderolabs/{name}" for name in
                     ("zfs", "tailscale", "drbd", "iscsi-tools",
                      "intel-ucode")]}, SITE_1),
])
def test_id_is_the_factorys(site, image, want):
    site.write({"w1": image})
    assert site.good("id") == f"{want}  w1\n"
    text = site.good("id", "--schematic")
    assert text.splitlines()[0] == f"# {want}  w1"
    assert hashlib.sha256(text.partition("\n")[2].encode()).hexdigest() == want


def test_ids_of_chosen_nodes(site):
    extensions = {"extensions": ["siderolabs/tailscale"]}
    site.write({"w1": {}, "w2": extensions, "w3": {}})
    assert site.good("id").splitlines() == [f"{EMPTY}  w1, w3",
                                            f"{TAILSCALE}  w2"]
    assert site.good("id", "--node", "w2") == f"{TAILSCALE}  w2\n"
    assert site.good("id", "--site", "site-a", "--role", "worker",
                     "--node", "w3") == f"{EMPTY}  w3\n"
    assert json.loads(site.good("id", "--json")) == [
        {"id": EMPTY, "nodes": ["w1", "w3"]},
        {"id": TAILSCALE, "nodes": ["w2"]}]
    for wrong in (("--node", "w4"), ("--site", "site-b"), ("--role", "w1")):
        done = site.run("id", *wrong)
        assert done.returncode == 1 and done.stdout == ""
        assert "error[unknown-name]: no node has this name" in done.stderr


SIGNS = "ab09 zé日=.,:/_+-#?[]{}&*!|>'\"%@`\\~()$;<^"
ARGUMENTS = ["console=ttyS0,115200n8", "-x", "- x", "a: b", "a:", "#a", "a #b",
             "yes", "No", "null", "~", "TRUE", "0644", "0o17", "0b11", "0x1F",
             "1e3", ".5", "+1", "-1", "1_000", ".inf", "-.Inf", ".nan",
             "12:30:45", "1:60", "3c:ec:ef:00:00:11", "it's", "'q'",
             "dyndbg=\"file a +p\"", "a=" + "b " * 200 + "c", "x" * 900,
             "---", "--- x", "...", "?", "? x", "é=ü 日本"]
# What is refused, since versions of the encoder differ.
NUMBERS = re.compile(r"[+-]?\.?\d[0-9a-fA-FxXoOpP_.+-]*|<<|=|\d{4}-\d.*")


def random_arguments():
    source = random.Random(20261125)
    while True:
        text = "".join(source.choices(SIGNS, k=source.randint(1, 9)))
        if not NUMBERS.fullmatch(text):
            yield text


def test_ids_are_those_of_the_encoder_for_any_argument(site):
    texts = random_arguments()
    rows = ([{"args": [text]} for text in ARGUMENTS]
            + [{"args": sorted({next(texts) for _ in range(3)})}
               for _ in range(400)]
            + [{"args": ["quiet"], "extensions": ["a/b", "a: b", "yes"]}])
    site.write({f"w{n}": {"kernel_args": row["args"],
                          "extensions": row.get("extensions", [])}
                for n, row in enumerate(rows)})
    done = subprocess.run(
        [lab.TOOLS / "talos-oracle", "schematic"], capture_output=True,
        text=True, timeout=60, input="".join(json.dumps(r) + "\n"
                                             for r in rows))
    assert done.returncode == 0, done.stderr
    want = [json.loads(line) for line in done.stdout.splitlines()]
    have = {node: (one["id"], one["schematic"])
            for one in json.loads(site.good("id", "--json", "--schematic"))
            for node in one["nodes"]}
    for number, (row, one) in enumerate(zip(rows, want)):
        assert have[f"w{number}"] == (one["id"], one["text"]), row


def test_no_secret_is_read(site):
    text = site.inventory.read_text().replace("cat, secrets.yaml",
                                              "touch, was-run")
    site.inventory.write_text(text)
    (site.folder / "secrets.yaml").unlink()
    for command in ("id", "urls"):
        assert EMPTY in site.good(command)
    assert not (site.folder / "was-run").exists()
    assert lab.run("lint", "-i", site.inventory, "-p",
                   lab.PROFILES).returncode == 1
    assert (site.folder / "was-run").exists()


# ---- URLs ----

def test_urls(site):
    base = f"https://factory.talos.dev/image/{EMPTY}/v1.13.3"
    rows = [line.split() for line in site.good("urls").splitlines()]
    assert all(row[:2] == [EMPTY, "v1.13.3"] for row in rows)
    urls = {row[2]: row[3] for row in rows}
    for file in (KERNEL, INITRAMFS, "cmdline-metal-amd64", "metal-amd64.iso",
                 "metal-amd64.raw.zst", "installer-amd64.tar"):
        assert urls[file] == f"{base}/{file}"
    assert urls["installer"] == (
        f"factory.talos.dev/metal-installer/{EMPTY}:v1.13.3")
    assert json.loads(site.good("urls", "--json")) == [
        {"id": EMPTY, "version": "v1.13.3", "nodes": ["w1"], "urls": urls}]
    assert lab.configgen("images", "-i", site.inventory).splitlines() == [
        " ".join(row) for row in rows[:2]]
    mirrored = site.good("urls", "--mirror", "https://mirror.example.net/t")
    assert f"https://mirror.example.net/t/image/{EMPTY}/" in mirrored


def test_factory_is_a_host_perhaps_with_a_port(site):
    site.write({"w1": {"factory": "images.example.net:8443"}})
    assert f" https://images.example.net:8443/image/{EMPTY}/" in site.good(
        "urls")
    for wrong in ("https://images.example.net", "images.example.net:0",
                  "images.example.net/", "a b"):
        site.write({"w1": {"factory": wrong}})
        done = site.run("urls")
        assert done.returncode == 1 and "is not HOST or HOST:PORT" in done.stderr


# ---- push ----

def test_push(site, factory):
    site.write({"w1": {"extensions": ["siderolabs/tailscale"]}, "w2": {}})
    before = site.good("push", "--mirror", factory.url, "--dry-run")
    assert before.splitlines()[0] == f"would push {TAILSCALE} {factory.url}"
    assert factory.requests == []
    assert site.good("push", "--mirror", factory.url).splitlines() == [
        f"pushed {TAILSCALE} {factory.url}", f"pushed {EMPTY} {factory.url}"]
    assert factory.schematics[TAILSCALE].endswith("- siderolabs/tailscale\n")
    assert [r.method for r in factory.requests] == ["POST", "POST"]
    assert json.loads(site.good("push", "--mirror", factory.url, "--json",
                                "--node", "w2")) == [
        {"id": EMPTY, "factory": factory.url}]


def answer(code, value):
    return lambda handler, _content: handler.reply_json(code, value)


@pytest.mark.parametrize("plan, message", [
    (answer(201, {"id": "0" * 64}), f"id '{'0' * 64}'; ours is {EMPTY}"),
    (answer(201, {"name": EMPTY}), "its answer has no 'id'"),
    (answer(201, [EMPTY]), "its answer has no 'id'"),
    (status(201, b"{"), "its answer has no 'id'"),
    (status(201, b"x" * 70000), "more than 65536 bytes"),
    (status(400, b"unknown extension\n"), "status 400: unknown extension"),
    (redirect("/elsewhere"), "status 302"),
    (status(500), "status 500"),
])
def test_push_that_fails(site, factory, plan, message):
    factory.plan("/schematics", plan)
    done = site.run("push", "--mirror", factory.url)
    assert (done.returncode, done.stdout) == (4, "")
    assert "error[image-push]" in done.stderr and message in done.stderr
    factory.plan("/schematics", answer(201, {"id": EMPTY}))
    assert site.good("push", "--mirror", factory.url).startswith("pushed ")


# ---- fetch: what is there afterwards ----

def test_fetch_pins_and_then_has_it(site, factory):
    done = site.fetch(factory)
    assert done.returncode == 1 and not site.assets.exists()
    assert done.stderr.count("error[image-missing]") == 2
    assert "--pin" in done.stderr

    assert site.pin(factory) == expected()
    assert {mode for name, (mode, _) in lab.snapshot(site.assets).items()
            if name != ".lock"} == {0o644}
    lock = site.lock.read_text()
    assert lock.count("- schematic:") == 2
    for name, content in expected().items():
        digest = hashlib.sha256(content).hexdigest()
        assert digest in lock and digest.startswith(name[:16])
    assert "error" not in lab.run("lint", "-i", site.inventory,
                                  "-p", lab.PROFILES).stderr

    asked = len(factory.requests)
    done = site.fetch(factory)
    assert done.returncode == 0
    assert done.stdout.count("there ") == 2
    assert len(factory.requests) == asked and site.lock.read_text() == lock


def test_dry_run_and_json(site, factory):
    done = site.fetch(factory, "--pin", "--dry-run")
    assert done.stdout.splitlines() == [
        f"wanted {factory.url}/image/{EMPTY}/v1.13.3/{file}"
        for file in lab.FILES]
    assert factory.requests == [] and not site.assets.exists()
    states = json.loads(site.fetch(factory, "--pin", "--json").stdout)
    assert [one["state"] for one in states] == ["fetched", "fetched"]
    assert [one["path"] for one in states] == list(expected())
    states = json.loads(site.fetch(factory, "--json").stdout)
    assert [one["state"] for one in states] == ["there", "there"]


def test_a_new_version_is_added_and_the_old_one_stays(site, factory):
    site.pin(factory)
    site.lock.write_text("# reviewed\n" + site.lock.read_text())
    before = site.lock.read_text()
    site.inventory.write_text(site.inventory.read_text().replace(
        "v1.13.3", "v1.13.2"))
    assert site.pin(factory) == {**expected(), **expected(version="v1.13.2")}
    assert site.lock.read_text().startswith(before)
    assert site.lock.read_text().count("- schematic:") == 4


def test_what_a_pin_says_is_never_changed(site, factory):
    site.pin(factory)
    before = site.lock.read_text()
    name = site.drop(KERNEL)
    other = b"other" * 60000
    factory.plan(KERNEL, change(other))
    done = site.fetch(factory, "--pin")
    assert done.returncode == 4
    assert re.search(r"images\.lock:\d+:\d+: error\[image-digest\]",
                     done.stderr)
    assert hashlib.sha256(other).hexdigest() in done.stderr
    assert hashlib.sha256(expected()[name]).hexdigest() in done.stderr
    assert site.lock.read_text() == before
    assert list(site.files()) == [n for n in expected() if n != name]
    assert site.fetch(factory, "--pin").returncode == 0
    assert site.files() == expected() and site.lock.read_text() == before


def test_verify_finds_what_size_does_not(site, factory):
    site.pin(factory)
    path, = site.assets.glob(f"*-{KERNEL}")
    path.write_bytes(b"x" * path.stat().st_size)
    assert "there " in site.fetch(factory).stdout
    assert site.files() != expected()
    factory.plan(KERNEL, status(404))
    assert site.fetch(factory, "--verify").returncode == 4
    assert path.read_bytes()[:1] == b"x"        # what was there stays
    assert site.fetch(factory, "--verify").returncode == 0
    assert site.files() == expected()


def test_a_file_of_another_size_is_fetched(site, factory):
    site.pin(factory)
    path, = site.assets.glob(f"*-{KERNEL}")
    path.write_bytes(path.read_bytes()[:-1])
    assert site.fetch(factory).returncode == 0
    assert site.files() == expected()


# ---- fetch: servers that misbehave, and mend ----

@pytest.mark.parametrize("pinned", [True, False])
@pytest.mark.parametrize("plans, ranges", [
    ([status(500)], [None, None]),
    ([status(503, retry_after="1")], [None, None]),
    ([status(429, b"slow down\n", retry_after="1")], [None, None]),
    ([redirect(f"/cdn/image/{EMPTY}/v1.13.3/{KERNEL}")], [None, None]),
    ([send_part(1000)], [None, "bytes=1000-"]),
    ([reset(2000)], [None, "bytes=2000-"]),
    ([reset(0)], [None, None]),
    ([stall(3000)], [None, "bytes=3000-"]),
    ([send_part(1000), status(429)], [None, "bytes=1000-", "bytes=1000-"]),
    ([send_part(1000), send_part(500)], [None, "bytes=1000-", "bytes=1500-"]),
    ([send_part(1000), ignore_range()], [None, "bytes=1000-"]),
    ([send_part(1000), wrong_range()], [None, "bytes=1000-", None]),
    ([send_part(1000), wrong_range(-1)], [None, "bytes=1000-", None]),
    ([send_part(1000), status(416)], [None, "bytes=1000-", None]),
])
def test_what_passes_is_tried_again(site, factory, plans, ranges, pinned):
    if pinned:
        site.pin(factory)
        site.drop(KERNEL)
    factory.requests.clear()
    factory.plan(KERNEL, *plans)
    done = site.fetch(factory, "--pin", "--stall", "1")
    assert done.returncode == 0, done.stderr
    assert site.files() == expected()
    assert [r.range for r in factory.asked(KERNEL)] == ranges
    assert all((r.range is None) == (r.if_range is None)
               for r in factory.asked(KERNEL))


@pytest.mark.parametrize("pinned", [True, False])
def test_without_an_etag_a_part_is_used_only_with_a_pin(site, factory, pinned):
    if pinned:
        site.pin(factory)
        site.drop(KERNEL)
    factory.requests.clear()
    factory.sends_etag = False
    factory.plan(KERNEL, send_part(1000))
    assert site.pin(factory) == expected()
    assert [(r.range, r.if_range) for r in factory.asked(KERNEL)] == [
        (None, None), ("bytes=1000-" if pinned else None, None)]


def test_a_length_that_is_too_long_without_a_pin(site, factory):
    factory.plan(KERNEL, claim_length(100))
    assert site.pin(factory) == expected()
    assert len(factory.asked(KERNEL)) == 2


def test_a_length_that_is_too_long(site, factory):
    site.pin(factory)
    site.drop(KERNEL)
    factory.plan(KERNEL, claim_length(100))
    done = site.fetch(factory)
    assert done.returncode == 4 and "images.lock says 300000" in done.stderr
    assert site.fetch(factory).returncode == 0
    assert site.files() == expected()


def test_a_file_that_changes_meanwhile_is_pinned_as_it_is_now(site, factory):
    now = content_of(EMPTY, "v1.13.3", "now")
    factory.plan(KERNEL, send_part(1000), change(now))
    files = site.pin(factory)
    assert files[named(now, KERNEL)] == now
    assert named(expected()[list(expected())[0]], KERNEL) not in files


# ---- fetch: what is refused, each with its accepted twin ----

REFUSED = [
    ([status(402, b"enterprise only\n")], "status 402: enterprise only"),
    ([status(403)], "status 403"),
    ([status(404, b"schematic not found\nmore\n")],
     "status 404: schematic not found"),
    ([redirect(f"/image/{EMPTY}/v1.13.3/{KERNEL}")] * 7, "redirect"),
    ([redirect("ftp://127.0.0.1/x")], "ftp"),
    ([claim_length(-100)], "has 299900 bytes there"),
    ([change(b"x" * 300000)], "has SHA-256 "),
    ([change(b"x" * 299999)], "has 299999 bytes there"),
    ([send_more(b"x")], "has more than 300000 bytes there"),
    ([status(500), status(500)], "status 500"),
    ([send_part(10), send_part(20)], "transfer closed"),
    ([status(200, b"")], "has 0 bytes there"),
]


@pytest.mark.parametrize("plans, message", REFUSED)
def test_what_is_refused_leaves_the_folder_alone(site, factory, plans,
                                                 message):
    site.pin(factory)
    lock = site.lock.read_bytes()
    name = site.drop(KERNEL)
    before = site.files()
    factory.plan(KERNEL, *plans)
    done = site.fetch(factory, "--tries", "2")
    assert done.returncode == 4
    assert message in done.stderr.replace("Maximum (5) redirects", "redirect")
    assert re.search(r"images\.lock:\d+:\d+: error\[image-(digest|fetch)\]",
                     done.stderr)
    assert f"from {factory.url}/image/" in done.stderr
    after = site.files()
    assert name not in after
    part = after.pop(f"{name}.part", None)
    assert (part is not None) == (plans[0].__qualname__.startswith(
        "send_part"))
    assert after == before and site.lock.read_bytes() == lock
    factory.plans.clear()
    assert site.fetch(factory, "--tries", "2").returncode == 0
    assert site.files() == expected()


def test_one_that_fails_does_not_stop_the_others(site, factory):
    factory.plan(KERNEL, status(404))
    done = site.fetch(factory, "--pin")
    assert done.returncode == 4
    assert list(site.files()) == [list(expected())[1]]
    assert site.lock.read_text().count("- schematic:") == 1
    assert site.fetch(factory, "--pin").returncode == 0
    assert site.files() == expected()


def test_an_unknown_schematic(site, factory):
    site.write({"w1": {"extensions": ["siderolabs/tailscale"]}})
    done = site.fetch(factory, "--pin")
    assert done.returncode == 4 and "status 404: not found" in done.stderr
    assert site.files() == {} and not site.lock.exists()
    site.good("push", "--mirror", factory.url)
    assert site.pin(factory) == expected(TAILSCALE)


# ---- parts of earlier runs, and several runs ----

def interrupted(site, factory, size=1000):
    """A run that broke off; the part's path."""
    name = site.drop(KERNEL)
    factory.plan(KERNEL, send_part(size))
    assert site.fetch(factory, "--tries", "1").returncode == 4
    part = site.assets / f"{name}.part"
    assert part.stat().st_size == size
    factory.requests.clear()
    return part


def test_the_next_run_goes_on(site, factory):
    site.pin(factory)
    interrupted(site, factory)
    assert site.fetch(factory).returncode == 0
    assert [r.range for r in factory.requests] == ["bytes=1000-"]
    assert site.files() == expected()


def test_a_part_of_another_file_begins_anew(site, factory):
    site.pin(factory)
    interrupted(site, factory).write_bytes(b"x" * 1000)
    assert site.fetch(factory).returncode == 0
    assert [r.range for r in factory.requests] == ["bytes=1000-", None]
    assert site.files() == expected()


def test_a_part_that_is_complete_needs_no_network(site, factory):
    site.pin(factory)
    part = interrupted(site, factory)
    part.write_bytes(content_of(EMPTY, "v1.13.3", KERNEL))
    assert site.fetch(factory).returncode == 0
    assert factory.requests == [] and site.files() == expected()


def test_a_part_that_is_too_long_begins_anew(site, factory):
    site.pin(factory)
    interrupted(site, factory).write_bytes(b"x" * 300001)
    assert site.fetch(factory).returncode == 0
    assert [r.range for r in factory.requests] == [None]
    assert site.files() == expected()


def wait_for(is_so):
    for _ in range(600):
        if is_so():
            return
        time.sleep(0.05)
    raise TimeoutError("it does not happen")


def has_size(path, size):
    return path.exists() and path.stat().st_size >= size


def start(site, factory, *more):
    return subprocess.Popen(site.argv(*site.fetch_argv(factory, *more)),
                            stdout=subprocess.PIPE, stderr=subprocess.PIPE,
                            text=True, env=environment())


def test_a_run_that_is_killed(site, factory):
    site.pin(factory)
    name = site.drop(KERNEL)
    factory.plan(KERNEL, stall(5000))
    run = start(site, factory)
    wait_for(lambda: has_size(site.assets / f"{name}.part", 5000))
    run.send_signal(signal.SIGKILL)
    run.communicate(timeout=60)
    assert name not in site.files()
    factory.requests.clear()
    assert site.fetch(factory).returncode == 0
    assert [r.range for r in factory.requests] == ["bytes=5000-"]
    assert site.files() == expected()


def test_two_runs_at_once(site, factory):
    site.pin(factory)
    name = site.drop(KERNEL)
    factory.requests.clear()
    factory.plan(KERNEL, stall(5000))
    first = start(site, factory, "--stall", "2")
    wait_for(lambda: has_size(site.assets / f"{name}.part", 5000))
    second = start(site, factory)
    assert "waiting for another run" in second.stderr.readline()
    assert first.communicate(timeout=60)[0].count("fetched ") == 1
    assert second.communicate(timeout=60)[0].count("there ") == 2
    assert (first.returncode, second.returncode) == (0, 0)
    assert [r.range for r in factory.requests] == [None, "bytes=5000-"]
    assert site.files() == expected()


def test_no_more_jobs_than_asked_for(site, factory):
    images = {f"w{n}": {"extensions": [f"siderolabs/x{n}"]} for n in range(4)}
    site.write(images)
    site.good("push", "--mirror", factory.url)
    factory.most = 0
    done = site.fetch(factory, "--pin", "--jobs", "2")
    assert done.returncode == 0, done.stderr
    assert len(site.files()) == 8 and factory.most <= 2
    assert site.lock.read_text().count("- schematic:") == 8


# ---- TLS, proxies, command line, disk ----

@pytest.fixture(scope="session")
def certificates(tmp_path_factory):
    """(CA, leaf and key in one file)"""
    folder = tmp_path_factory.mktemp("pki")
    ca, leaf, key = pki.make(folder, "127.0.0.1")
    both = folder / "both.pem"
    both.write_text(leaf.read_text() + key.read_text())
    return ca, both


def test_tls_with_a_private_ca(site, certificates):
    ca, both = certificates
    with Factory(both) as factory:
        factory.know("customization: {}\n")
        done = site.fetch(factory, "--pin")
        assert done.returncode == 4 and site.files() == {}
        assert "certificate" in done.stderr and factory.requests == []
        done = site.fetch(factory, "--pin", "--cacert", ca)
        assert done.returncode == 0, done.stderr
        assert site.files() == expected()


def test_https_never_becomes_http(site, certificates):
    ca, both = certificates
    path = f"/image/{EMPTY}/v1.13.3/{KERNEL}"
    with Factory(both) as secure, Factory() as plain:
        for server in (secure, plain):
            server.know("customization: {}\n")
        secure.plan(KERNEL, redirect(plain.url + path))
        done = site.fetch(secure, "--pin", "--cacert", ca)
        assert done.returncode == 4 and "http" in done.stderr
        assert plain.requests == []
        secure.plan(KERNEL, redirect(secure.url + "/cdn" + path))
        done = site.fetch(secure, "--pin", "--cacert", ca)
        assert done.returncode == 0, done.stderr
        assert site.files() == expected()


def test_proxy_and_http(site, factory):
    away = ("fetch", "-o", site.assets, "--pin", "--mirror",
            "http://mirror.example.net")
    done = site.run(*away, "--proxy", factory.url)
    assert done.returncode == 2 and "--insecure-http" in done.stderr
    assert factory.requests == [] and not site.assets.exists()
    done = site.run(*away, "--proxy", factory.url, "--insecure-http")
    assert done.returncode == 0, done.stderr
    assert site.files() == expected()
    site.drop(KERNEL)
    done = site.run(*away, "--insecure-http", env={"http_proxy": factory.url})
    assert done.returncode == 0, done.stderr
    assert site.files() == expected()


@pytest.mark.parametrize("more, message", [
    (("--mirror", "ftp://x"), "is not https://HOST"),
    (("--mirror", "https://x/"), "ends in '/'"),
    (("--jobs", "0"), "--jobs"),
    (("--jobs", "33"), "--jobs"),
    (("--tries", "x"), "--tries"),
    (("--stall", "0"), "--stall"),
    (("--pin", "--pin"), "given twice"),
    (("--node", "w1"), "unknown option"),
])
def test_wrong_command_line(site, more, message):
    done = site.run("fetch", "-o", site.assets, "--dry-run", *more)
    assert (done.returncode, done.stdout) == (2, "")
    assert message in done.stderr and not site.assets.exists()


def test_unknown_image_command(site):
    done = site.run("burn")
    assert done.returncode == 2
    assert "unknown command 'image burn'" in done.stderr
    assert "image fetch" in lab.configgen("image", "fetch", "--help")


def test_a_folder_that_cannot_be(site, factory):
    site.assets.write_text("a file\n")
    done = site.fetch(factory, "--pin")
    assert done.returncode == 3 and "error[image-store]" in done.stderr
    assert factory.requests == [] and not site.lock.exists()
    site.assets.unlink()
    assert site.pin(factory) == expected()


def test_a_part_that_cannot_be_written(site, factory):
    site.pin(factory)
    part = site.assets / f"{site.drop(KERNEL)}.part"
    part.mkdir()
    before = site.files()
    done = site.fetch(factory)
    assert done.returncode == 3 and "error[image-store]" in done.stderr
    assert f"{part.name}: cannot open" in done.stderr
    assert site.files() == before
    part.rmdir()
    assert site.fetch(factory).returncode == 0
    assert site.files() == expected()


def test_progress_on_a_terminal(site, factory):
    reader, terminal = pty.openpty()
    factory.plan(KERNEL, status(404))
    done = subprocess.run(site.argv(*site.fetch_argv(factory, "--pin")),
                          stdout=subprocess.PIPE, stderr=terminal, timeout=60,
                          env=environment())
    os.close(terminal)
    shown = b""
    try:
        while piece := os.read(reader, 65536):
            shown += piece
    except OSError:                # how Linux says that nobody writes any more
        pass
    os.close(reader)
    assert done.returncode == 4
    assert b"fetched v1.13.3 initramfs-amd64.xz  100 % of 0.3 MB" in shown
    assert b"failed  v1.13.3 kernel-amd64" in shown
    assert b"\033[2A" in shown and b"error[image-fetch]" in shown


def test_a_lock_that_cannot_be_read(site, factory):
    site.pin(factory)
    good = site.lock.read_text()
    asked = len(factory.requests)
    digest = re.search(r'sha256: "([0-9a-f]{64})"', good)[1]
    site.lock.write_text(good.replace(digest, digest[:-1]))
    out = site.folder / "other"
    done = site.run("fetch", "-o", out, "--mirror", factory.url, "--pin")
    assert done.returncode == 1 and not out.exists()
    assert "images.lock:8:13: error[images-lock]: sha256 must be" in done.stderr
    assert len(factory.requests) == asked
    site.lock.write_text(good)
    assert site.fetch(factory).returncode == 0


def test_a_lock_that_changes_meanwhile_is_left_alone(site, factory):
    changed = "format: 1\nimages: []\n"

    def meanwhile(handler, content):
        site.lock.write_text(changed)
        handler.serve(content)
    factory.plan(KERNEL, meanwhile)
    done = site.fetch(factory, "--pin")
    assert done.returncode == 3 and "was changed meanwhile" in done.stderr
    assert site.lock.read_text() == changed
    assert site.pin(factory) == expected()
    assert site.lock.read_text().count("- schematic:") == 2
