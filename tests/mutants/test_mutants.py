"""Each deliberate bug of `make mutants` still has its place in the sources, and
its test is still there: a quick look, without building any."""

import pathlib
import subprocess
import sys

import pytest

sys.path.insert(0, str(pathlib.Path(__file__).parent))

import run                                                 # noqa: E402


@pytest.mark.parametrize("mutant", run.MUTANTS, ids=lambda m: m.name)
def test_applies_once(mutant):
    assert run.applies(mutant)
    assert mutant.old != mutant.new


def test_the_named_tests_exist():
    done = subprocess.run(
        [sys.executable, "-B", "-m", "pytest", "-q", "-p", "no:cacheprovider",
         "--collect-only", *(mutant.test for mutant in run.MUTANTS)],
        cwd=run.TREE, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout
    assert f"{len(run.MUTANTS)} tests collected" in done.stdout
