"""A checkout or a home that cannot be written, as on a shared disk: this is said, and reading goes on."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from harness import ROOT
from harness.record import record_folders

TINY = "tests/fixtures/tiny/task.py"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command where the checkout and the folders named cannot be written, not even by root."""
    if shutil.which("bwrap") is None:
        pytest.skip("needs bubblewrap")

    def command(words: str, *read_only: Path, home: Path | str) -> subprocess.CompletedProcess[str]:
        walls = ["bwrap", "--dev-bind", "/", "/"]
        for folder in (ROOT, *read_only):
            walls += ["--ro-bind", str(folder), str(folder)]
        given = {**os.environ, "PHOTOFINISH_HOME": str(home), "COLUMNS": "400"}
        for name in ("MLFLOW_TRACKING_URI", "PHOTOFINISH_INDEX_URL"):
            given.pop(name, None)
        return subprocess.run(
            [*walls, sys.executable, "run_bench.py", *words.split()],
            cwd=ROOT,
            env=given,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


@pytest.fixture
def home(tmp_path: Path, run: Run) -> Path:
    made = run(f"run {TINY} honest --quick", home=tmp_path / "home")
    if "bwrap: " in made.stderr:
        pytest.skip(f"no sandbox within a sandbox here: {made.stderr[-200:]}")
    assert made.returncode == 0, made.stderr
    return tmp_path / "home"


@pytest.mark.parametrize("words", [f"run {TINY} honest", f"data {TINY}", "boards rebuild", "calibrate"])
def test_the_home_of_a_read_only_checkout_is_named_with_the_cure(run: Run, words: str) -> None:
    told = run(words, home="")
    assert "Traceback" not in told.stderr
    assert told.returncode == 2
    said = (
        f"the home {ROOT / '.photofinish'} cannot be written: Read-only file system; PHOTOFINISH_HOME names"
    )
    assert said in told.stderr


@pytest.mark.slow
def test_a_read_only_checkout_measures_into_another_home_and_a_read_only_home_is_shown(
    run: Run, home: Path
) -> None:
    before = {path: path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()}
    (record,) = record_folders(home / "records")
    for words, said in (
        (f"board {TINY}", "honest"),
        (f"board {TINY} --json", record),
        (f"show {record[:6]}", "honest"),
    ):
        told = run(words, home, home=home)
        assert (told.returncode, told.stderr) == (0, ""), words
        assert said in told.stdout
    for words in (f"run {TINY} honest", "boards rebuild"):
        told = run(words, home, home=home)
        assert "Traceback" not in told.stderr
        assert told.returncode == 2, words
        assert f"{home} cannot be written" in told.stderr
    assert {path: path.read_bytes() for path in sorted(home.rglob("*")) if path.is_file()} == before
