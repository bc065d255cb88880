"""A submission is kept with its record: it runs again when its file is gone, and records go by many names."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

from harness import ROOT
from harness.intake.kept import keep, kept_path
from harness.spec import Submission

TINY = "tests/fixtures/tiny/task.py"
MINE = """
import numpy as np

def build(context):
    return lambda x: np.int64(x.argmax() if x[0] > 2 else 0)
"""
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    def command(*words: str | Path) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            [sys.executable, "run_bench.py", *map(str, words)],
            cwd=ROOT,
            env={**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home"), "COLUMNS": "160"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return command


@pytest.mark.slow
def test_a_record_runs_again_when_its_file_is_gone(run: Run, tmp_path: Path) -> None:
    entry = tmp_path / "mine.py"
    entry.write_text(MINE)
    told = run("run", TINY, entry, "--quick", "--json", "--team", "reds")
    assert told.returncode == 0, told.stderr
    first = json.loads(told.stdout)
    entry.unlink()
    (before,) = (tmp_path / "home" / "records").glob("*/answers.npz")
    answers = dict(np.load(before))
    record = before.parent.name
    for name in (record[:6], "mine", "latest"):
        told = run("run", TINY, name, "--quick", "--json")
        assert told.returncode == 0, told.stderr
        again = json.loads(told.stdout)
        assert again["submission"] == first["submission"]
        assert again["metrics"]["accuracy"] == first["metrics"]["accuracy"]
    for path in (tmp_path / "home" / "records").glob("*/answers.npz"):
        kept = dict(np.load(path))
        assert kept.keys() == answers.keys()
        assert all(np.array_equal(kept[unit], answers[unit]) for unit in answers)

    shown = run("show", "mine", "--json")
    assert json.loads(shown.stdout)["submission"]["name"] == "mine"
    compared = run("compare", record, "latest", "--task", TINY)
    assert compared.returncode in {0, 3, 4}, compared.stderr
    assert f"{record} takes " in compared.stdout

    (kept_file,) = (tmp_path / "home" / "submissions").rglob("mine.py")
    kept_file.write_text("changed")
    told = run("run", TINY, record, "--quick")
    assert told.returncode == 2
    assert f"the files of record {record} were changed in {kept_file}; give the path of 'mine'" in told.stderr
    kept_file.unlink()
    kept_file.parent.rmdir()
    assert f"the files of record {record} were not kept" in run("run", TINY, record).stderr
    assert "record " + record + " is of task tiny, not of cots" in run("run", "cots", record).stderr


@pytest.mark.parametrize("folder", [False, True])
def test_kept_bytes_are_those_that_were_handed_in(tmp_path: Path, folder: bool) -> None:
    path = tmp_path / ("entry" if folder else "entry.py")
    if folder:
        (path / "deep").mkdir(parents=True)
        (path / "submission.py").write_text("x = 1")
        (path / "deep" / "weights.bin").write_bytes(b"123")
    else:
        path.write_text("x = 1")
    submission = Submission("entry", path, "python", "ab12", 5)
    keep(submission, tmp_path / "kept")
    keep(submission, tmp_path / "kept")
    kept = kept_path(tmp_path / "kept", "ab12")
    assert kept is not None and kept.name == path.name
    if folder:
        assert (kept / "deep" / "weights.bin").read_bytes() == b"123"
        assert (kept / "submission.py").read_text() == "x = 1"
    else:
        assert kept.read_text() == "x = 1"
    assert kept_path(tmp_path / "kept", "cd34") is None
