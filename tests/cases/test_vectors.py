"""The golden rows in the tree are those that their program writes."""
import pathlib
import subprocess
import sys

VECTORS = pathlib.Path(__file__).resolve().parent.parent / "vectors"


def test_rows_are_what_the_program_writes(tmp_path):
    subprocess.run([sys.executable, VECTORS / "make_vectors.py", tmp_path],
                   check=True, timeout=60)
    written = sorted(path.name for path in tmp_path.iterdir())
    kept = {path.name for path in VECTORS.glob("*.json")}
    assert len(written) >= 7
    assert set(written) <= kept
    for name in written:
        assert (tmp_path / name).read_bytes() == (VECTORS / name).read_bytes(), (
            f"run tests/vectors/make_vectors.py: {name} differs")
