"""`make install DESTDIR=`: everything a user needs, and nothing in /etc or /var."""

import configparser
import os
import pathlib
import stat
import subprocess

import pytest

TREE = pathlib.Path(__file__).resolve().parents[2]

WANTED = {
    "bin/talos-configgen": 0o755, "bin/edge-pki": 0o755,
    "sbin/edge-auth": 0o755, "sbin/edge-keyd": 0o755,
    "lib/nginx/modules/ngx_http_edge_auth_module.so": 0o644,
    "share/man/man1/talos-configgen.1": 0o644,
    "share/man/man1/edge-pki.1": 0o644,
    "share/man/man5/talos-configgen-inventory.5": 0o644,
    "share/man/man5/ngx_http_edge_auth_module.5": 0o644,
    "share/man/man8/edge-auth.8": 0o644,
    "share/man/man8/edge-keyd.8": 0o644,
    "lib/systemd/system/edge-keyd.service": 0o644,
    "lib/systemd/system/edge-keyd.socket": 0o644,
    "share/talos-configgen/talos.json": 0o644,
    "share/edge-auth/ipxe/edge.ipxe": 0o644,
    "share/edge-auth/ipxe/build": 0o755,
    "share/edge-auth/ipxe/settings": 0o644,
    **{f"share/edge-auth/dnsmasq/{path.name}": 0o644
       for path in (TREE / "deploy/dnsmasq").iterdir()},
    **{f"share/edge-auth/monitoring/{path.name}": 0o644
       for path in (TREE / "deploy/monitoring").iterdir()},
    "share/doc/edge-auth/README.md": 0o644,
    "share/doc/edge-auth/LICENSE": 0o644,
    **{f"share/doc/edge-auth/{path.name}": 0o644
       for path in (TREE / "deploy/docs").glob("*.md")},
    **{f"share/doc/edge-auth/{path.name}": 0o644
       for path in (TREE / "deploy" / "nginx").glob("*.conf")},
}


@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    folder = tmp_path_factory.mktemp("install")
    done = subprocess.run(["make", "-s", "install", f"DESTDIR={folder}"],
                          cwd=TREE, text=True, capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    return folder


def test_what_is_installed(installed):
    top = installed / "usr" / "local"
    found = {str(path.relative_to(top)): stat.S_IMODE(path.stat().st_mode)
             for path in top.rglob("*") if path.is_file()}
    assert found == WANTED
    assert [path.name for path in installed.iterdir()] == ["usr"]


@pytest.mark.parametrize("program", ["bin/talos-configgen", "bin/edge-pki",
                                     "sbin/edge-auth", "sbin/edge-keyd"])
def test_programs_run(installed, program):
    done = subprocess.run([installed / "usr" / "local" / program, "--version"],
                          text=True, capture_output=True)
    assert done.returncode == 0
    assert done.stdout.startswith(os.path.basename(program))


def test_the_sample_names_the_installed_module():
    text = (TREE / "deploy" / "nginx" / "local-main.conf").read_text()
    assert ("load_module /usr/local/lib/nginx/modules/"
            "ngx_http_edge_auth_module.so;") in text


@pytest.mark.parametrize("program, place", [
    ("talos-configgen", "share/talos-configgen"),
    ("edge-pki", "share/edge-auth/ipxe/edge.ipxe")])
def test_programs_look_where_things_are_installed(installed, program, place):
    """What is compiled in, and what `make install` does, agree."""
    top = installed / "usr/local"
    text = (top / "bin" / program).read_bytes()
    assert f"/usr/local/{place}\0".encode() in text
    assert (top / place).is_file() or (top / place / "talos.json").is_file()


def test_units_name_what_is_installed(installed):
    """And agree with edge-keyd(8): the socket's place, the credential's name."""
    folder = installed / "usr" / "local" / "lib" / "systemd" / "system"
    service, socket = (read_unit(folder / f"edge-keyd.{kind}")
                       for kind in ("service", "socket"))
    program = service["Service"]["ExecStart"]
    assert (installed / program.lstrip("/")).is_file()
    page = (TREE / "ngx_edge_auth_module/man/edge-keyd.8").read_text()
    name, path = service["Service"]["LoadCredential"].split(":")
    assert f'"secret_credential": "{name}"' in page
    assert path in (TREE / "deploy/docs/tailnet.md").read_text()
    assert f".It Pa {socket['Socket']['ListenStream']}\n" in page
    shipped = (TREE / "deploy/systemd/edge-keyd.service").read_text()
    assert shipped == (folder / "edge-keyd.service").read_text()


def read_unit(path):
    unit = configparser.ConfigParser(interpolation=None, strict=False)
    unit.optionxform = str
    unit.read(path)
    return unit


def test_another_prefix_is_in_the_unit(tmp_path):
    done = subprocess.run(["make", "-s", "install", f"DESTDIR={tmp_path}",
                           "PREFIX=/opt/edge"], cwd=TREE, text=True,
                          capture_output=True, timeout=300)
    assert done.returncode == 0, done.stdout + done.stderr
    unit = read_unit(tmp_path / "opt/edge/lib/systemd/system/edge-keyd.service")
    assert unit["Service"]["ExecStart"] == "/opt/edge/sbin/edge-keyd"
