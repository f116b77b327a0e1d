"""The ROM stand-in does what iPXE does where a boot server can tell."""

import pytest

from lab import rom
from lab.settings import Settings

HARDWARE = rom.Hardware(uuid="9ddf0214-b102-49a3-bec3-d1151498a401",
                        mac="52:54:00:00:02:01", serial="S 1&2")


def boot(server, **options):
    return rom.Rom(HARDWARE, time_scale=0, **options).boot(f"{server.url}/t/x/boot.ipxe")


@pytest.mark.parametrize("text, expanded", [
    ("${uuid}", HARDWARE.uuid),
    ("${mac}", "52:54:00:00:02:01"),
    ("${net0/mac:hexhyp}", "52-54-00-00-02-01"),
    ("${mac:hexraw}", "525400000201"),
    ("${serial}", "S 1&2"),
    ("${serial:uristring}", "S%201%262"),
    ("${buildarch:uristring}", "x86_64"),
    ("a${nothing}b", "ab"),
    ("${${which}}", "x86_64"),
    ("${uuid", "${uuid"),
    ("$ {uuid}", "$ {uuid}"),
])
def test_settings_expand(text, expanded):
    settings = HARDWARE.settings()
    settings.set("which", "buildarch")
    assert settings.expand(text) == expanded


def test_a_setting_that_expands_to_itself_ends():
    with pytest.raises(ValueError):
        Settings({"a": "${a}"}).expand("${a}")


def test_matchbox_scripts_boot_below_the_prefix(server):
    server.script("/t/x/boot.ipxe",
                  "chain ipxe?uuid=${uuid}&mac=${mac:hexhyp}&serial=${serial}")
    server.script("/t/x/ipxe", "set edge_config https://c/c/ticket",
                  "kernel assets/vmlinuz talos.config=${edge_config}/generic?uuid= a=b",
                  "initrd assets/initramfs.xz", "boot")
    server.answers["/t/x/assets/vmlinuz"] = (200, {}, "kernel")
    server.answers["/t/x/assets/initramfs.xz"] = (200, {}, "initrd")
    result = boot(server)
    assert result.outcome == "kernel"
    assert result.argument("talos.config") == "https://c/c/ticket/generic?uuid="
    assert result.args.endswith(" a=b")
    assert [i.body for i in result.initrds] == [b"initrd"]
    assert server.requests[0][1]["User-Agent"] == "iPXE/1.21.1"
    assert server.paths[1] == (f"/t/x/ipxe?uuid={HARDWARE.uuid}"
                               "&mac=52-54-00-00-02-01&serial=S%201&2")


@pytest.mark.parametrize("lines, outcome, console", [
    (["echo hello ${uuid}", "exit"], "local", "hello " + HARDWARE.uuid),
    (["sanboot --no-describe --drive 0x80"], "local", "Booting from SAN device 0x80"),
    (["exit 1"], "local", None),
    (["exit 2"], "failed", None),
    (["params"], "failed", "params: command not found"),
    (["params || echo caught", "exit"], "local", "caught"),
    (["iseq a b && echo no", "exit"], "failed", None),
    (["iseq a b && echo no ||", "exit"], "local", None),
    (["params ||", "exit"], "local", "params: command not found"),
    (["params ;", "exit"], "local", "params: command not found"),
    (["iseq a a && echo yes", "exit"], "local", "yes"),
    (["goto there", "echo no", ":there", "echo here"], "local", "here"),
    (["goto nowhere"], "failed", None),
    (["isset ${uuid} && echo set || echo unset"], "local", "set"),
    (["isset ${none} && echo set || echo unset"], "local", "unset"),
    (["prompt --timeout 100 press a key || echo nobody"], "local", "nobody"),
    (["boot"], "failed", None),
    ([":again", "goto again"], "bounded", None),
    (["chain boot.ipxe"], "bounded", None),
    (["reboot"], "reboot", None),
    (["poweroff"], "poweroff", None),
])
def test_scripts_end(server, lines, outcome, console):
    server.script("/t/x/boot.ipxe", *lines)
    result = boot(server)
    assert result.outcome == outcome
    if console is not None:
        assert result.console[-1] == console


def test_sleep_is_scaled_and_counted(server):
    server.script("/t/x/boot.ipxe", "sleep 10", "exit")
    assert boot(server).slept == 10


def test_an_error_body_is_neither_run_nor_shown(server):
    server.answers["/t/x/boot.ipxe"] = (403, {}, "#!ipxe\necho secret\nexit\n")
    result = boot(server)
    assert (result.outcome, result.scripts) == ("failed", [])
    assert not any("secret" in line for line in result.console)


def test_retry_after_is_obeyed_on_any_error(server):
    refusal = (404, {"Retry-After": "7"}, "")
    server.answers["/t/x/boot.ipxe"] = [refusal, refusal, (200, {}, "#!ipxe\nexit\n")]
    result = boot(server)
    assert (result.outcome, result.slept) == ("local", 14)


def test_retry_after_for_ever_is_bounded(server):
    server.answers["/t/x/boot.ipxe"] = (503, {"Retry-After": "1"}, "")
    result = boot(server, retries=3)
    assert (result.outcome, len(result.requests)) == ("bounded", 4)


def test_a_location_is_followed_on_an_error_status(server):
    server.answers["/t/x/boot.ipxe"] = (403, {"Location": "/elsewhere"}, "")
    server.script("/elsewhere", "exit")
    assert boot(server).outcome == "local"


def test_basic_only_after_a_challenge(server):
    challenge = (401, {"WWW-Authenticate": 'Basic realm="x"'}, "")
    server.answers["/b"] = [challenge, (200, {}, "#!ipxe\nexit\n")]
    url = server.url.replace("http://", "http://name:pass@") + "/b"
    assert rom.Rom(HARDWARE, time_scale=0).boot(url).outcome == "local"
    assert "Authorization" not in server.requests[0][1]
    assert server.requests[1][1]["Authorization"].startswith("Basic ")


def test_an_absolute_path_leaves_the_prefix(server):
    server.script("/t/x/boot.ipxe", "kernel /assets/vmlinuz", "boot")
    boot(server)
    assert server.paths[-1] == "/assets/vmlinuz"
