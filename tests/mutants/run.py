"""make mutants: five deliberate bugs, each built into a module of its own, each
of which a named test has to notice.

A mutant whose test stays green is a hole in the tests; one that does not apply
or does not build is out of date. Both fail.
"""

import dataclasses
import os
import pathlib
import shutil
import subprocess
import sys

TREE = pathlib.Path(__file__).resolve().parents[2]
MODULE = "ngx_edge_auth_module"
BUILD = TREE / "build" / "mutants"


@dataclasses.dataclass(frozen=True)
class Mutant:
    name: str
    file: str
    old: str
    new: str
    test: str


MUTANTS = (
    Mutant("drop the scrub", "src/ngx_http_edge_auth_scrub.c",
           "    if (ngx_http_edge_auth_rewrite(r, ctx) != NGX_OK) {",
           "    if (0 && ngx_http_edge_auth_rewrite(r, ctx) != NGX_OK) {",
           "tests/gate/test_scrub.py::test_targets[boot script]"),
    Mutant("edit the query instead of building it",
           "src/ngx_http_edge_auth_fetch.c",
           "    args.len = last - args.data;\n",
           "    args.len = last - args.data;\n    args = r->args;\n",
           "tests/gate/test_claim.py::test_upstream_request_is_built"),
    Mutant("reply before the commit", "src/ngx_http_edge_auth_commit.c",
           "    ctx->step = NGX_HTTP_EDGE_AUTH_WRITING;\n\n"
           "    return NGX_AGAIN;\n",
           "    ctx->step = NGX_HTTP_EDGE_AUTH_WRITING;\n\n"
           "    return ngx_http_edge_auth_answer(r, ctx);\n",
           "tests/faults/test_gate_disk.py::test_claim[full]"),
    Mutant("skip the SAN check", "src/ngx_http_edge_auth_tls.c",
           "uris == 1 &&", "uris >= 1 &&",
           "tests/gate/test_mtls.py::test_identity[ours last of two]"),
    Mutant("skip the ids on a repeat", "core/ea_enroll.c",
           "if (!has_right_ids(m)) {",
           "if (m->rec->state == EA_STATE_ARMED && !has_right_ids(m)) {",
           "tests/gate/test_claim.py::test_other_hardware_on_a_repeat"),
)


def applies(mutant):
    """Is there exactly one place for it?"""
    return (TREE / MODULE / mutant.file).read_text().count(mutant.old) == 1


def build(mutant, folder):
    """The mutant's module, from a copy of the sources."""
    source = folder / "source"
    shutil.copytree(TREE / MODULE, source / MODULE)
    for name in ("Makefile", "talos-configgen/sources.mk", "pki/sources.mk"):
        (source / name).parent.mkdir(parents=True, exist_ok=True)
        shutil.copy(TREE / name, source / name)
    shutil.copytree(TREE / "tests", source / "tests",
                    ignore=shutil.ignore_patterns("corpus", "cases"))
    path = source / MODULE / mutant.file
    if not applies(mutant):
        return None, f"{mutant.file} does not hold {mutant.old!r} once"
    path.write_text(path.read_text().replace(mutant.old, mutant.new))
    done = subprocess.run(["make", "-s", "module"], cwd=source, text=True,
                          capture_output=True)
    made = source / "build/plain/module/ngx_http_edge_auth_module.so"
    if done.returncode != 0 or not made.exists():
        return None, "does not build:\n" + done.stdout + done.stderr
    return made, ""


def closing_line(mutant, module=None):
    """What pytest says of the mutant's test, run against a module."""
    environment = dict(os.environ, PYTHONPATH="tests")
    if module:
        environment["EDGE_MODULE"] = str(module)
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
         mutant.test], cwd=TREE, env=environment, text=True,
        capture_output=True)
    return (done.stdout.splitlines() or ["nothing at all"])[-1]


def verdict(mutant, folder):
    """(noticed, what was seen). The test must fail, not break down, and be
    green without the bug: only then it is the bug that it noticed."""
    made, trouble = build(mutant, folder)
    if made is None:
        return False, trouble
    with_bug, without = closing_line(mutant, made), closing_line(mutant)
    if not without.startswith("1 passed"):
        return False, f"its test is red without the bug: {without}"
    if not with_bug.startswith("1 failed"):
        return False, f"not noticed: {with_bug}"
    return True, "noticed"


def main():
    shutil.rmtree(BUILD, ignore_errors=True)
    missed = 0
    for number, mutant in enumerate(MUTANTS):
        folder = BUILD / str(number)
        folder.mkdir(parents=True)
        noticed, seen = verdict(mutant, folder)
        missed += not noticed
        print(f"{mutant.name}: {seen} ({mutant.test})", flush=True)
        shutil.rmtree(folder)
    print(f"{len(MUTANTS) - missed} passed, {missed} failed")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
