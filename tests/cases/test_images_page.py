"""deploy/docs/images.md, followed literally: its commands, in their order, in
one folder; the factory is the one on this machine."""
import os
import re
import subprocess

import pytest

import configgen_lab as lab
from factory import Factory, content_of

PAGE = (lab.ROOT / "deploy/docs/images.md").read_text()
COMMANDS = re.findall(r"(?m)^ {4,}(talos-configgen image .+[a-z])$", PAGE)
EMPTY = lab.SCHEMATICS[0]

# In place of the program: says where the factory is to what asks one, and is
# the installed one in where the profiles are.
PROGRAM = """#!/bin/sh
case "$1 $2" in
"image fetch"|"image push") set -- "$@" --mirror {url} ;;
render*) set -- "$@" -p {profiles} ;;
esac
exec {program} "$@"
"""


@pytest.fixture
def place(tmp_path):
    """(folder, environment, factory)"""
    lab.copy_case(lab.ROOT / "tests/cases/configgen/good", tmp_path / "in",
                  lab.oracle("gen-secrets", "--contract", "v1.13"))
    (tmp_path / "in/images.lock").unlink()
    with Factory() as factory:
        tool = tmp_path / "bin/talos-configgen"
        tool.parent.mkdir()
        tool.write_text(PROGRAM.format(url=factory.url, program=lab.PROGRAM,
                                       profiles=lab.PROFILES))
        tool.chmod(0o755)
        kept = {name: value for name, value in os.environ.items()
                if not name.lower().endswith("_proxy")}
        yield tmp_path / "in", {
            **kept, "PATH": f"{tool.parent}:{os.environ['PATH']}"}, factory


def follow(command, folder, environment):
    done = subprocess.run(["sh", "-ec", command], cwd=folder, env=environment,
                          capture_output=True, text=True, timeout=60)
    assert done.returncode == 0, f"{command}\n{done.stderr}"
    return done.stdout


def test_the_page_followed(place):
    folder, environment, factory = place
    first = re.search(r"## The first time\n\n((?:    .+\n)+)", PAGE)[1]
    ids = follow(first, folder, environment)
    schematic = ids.split()[0]
    assert f"pushed {schematic}" in ids and "pinned 2 files" in ids
    assert "rendered " in ids
    assert list(factory.schematics) == [schematic]
    names = {path.name for path in (folder / "assets").glob("[0-9a-f]*")}
    for file in lab.FILES:
        content = content_of(schematic, "v1.13.3", file)
        name, = (n for n in names if n.endswith(file))
        assert (folder / "assets" / name).read_bytes() == content
    profile, = set(
        re.search(r"assets/[0-9a-f]{16}-kernel-amd64", path.read_text())[0]
        for path in (folder / "out/publish/matchbox/profiles").iterdir())
    assert profile.removeprefix("assets/") in names


def test_its_other_commands(place):
    folder, environment, factory = place
    follow("talos-configgen image push -i inventory.yaml; talos-configgen "
           "image fetch -i inventory.yaml -o assets --pin", folder,
           environment)
    others = [c for c in COMMANDS if "--pin" not in c and "push" not in c]
    assert len(others) >= 4
    for command in others:
        follow(re.sub(r" --mirror \S+", "", command), folder, environment)
    assert len(list((folder / "ci-assets").glob("[0-9a-f]*"))) == 2
    asked = len(factory.requests)
    follow("talos-configgen image fetch -i inventory.yaml -o assets --verify",
           folder, environment)
    assert len(factory.requests) == asked


def test_a_mirror_made_as_the_page_says(place):
    """The loop over `images`, with the factory's host replaced by ours."""
    folder, environment, factory = place
    follow("talos-configgen image push -i inventory.yaml", folder, environment)
    loop = re.search(r"(?ms)^ +(talos-configgen images .*?^ +done)$", PAGE)[1]
    follow(loop.replace('"$url"', f'"{factory.url}/${{url#https://*/}}"'),
           folder, environment)
    have = {str(path.relative_to(folder / "mirror"))
            for path in (folder / "mirror").rglob("*") if path.is_file()}
    schematic, = factory.schematics
    assert have == {f"image/{schematic}/v1.13.3/{file}" for file in lab.FILES}


@pytest.mark.parametrize("word", sorted(set(
    re.findall(r"`(image-[a-z]+|images-lock|schematic)`", PAGE))))
def test_findings_are_in_the_manual(word):
    manual = (lab.ROOT / "talos-configgen/man/talos-configgen.1").read_text()
    assert re.search(rf"(?m)^\.It .*\b{word}\b", manual)
