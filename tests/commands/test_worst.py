"""What an entry got wrong: its worst public units, beside another entry's."""

from __future__ import annotations

import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from commands.worst import units_of
from harness import ROOT
from harness.intake.lookup import find_task
from harness.spec.errors import UserError

TINY = "tests/fixtures/tiny/task.py"
HALF = "import numpy as np\n\n\ndef build(context):\n    return lambda x: np.int64({})\n"


def kept(folder: Path, **arrays: object) -> Path:
    folder.mkdir()
    np.savez(folder / "rows.npz", **arrays)  # type: ignore[arg-type]
    return folder


def test_units_are_sorted_by_the_metric_and_those_without_a_value_left_out(tmp_path: Path) -> None:
    task = find_task(TINY)
    rows = {"id": np.array(["a", "b", "c"]), "cluster": np.array(["1", "1", "2"])}
    folder = kept(tmp_path / "r1", **rows, right=np.array([1.0, 0.0, 0.0]), asked=np.array([1.0, 1.0, 0.0]))
    assert list(units_of(task, folder)[1].items()) == [("b", 0.0), ("a", 1.0)]
    less = replace(task.quality.metrics[0], goal="min")
    turned = replace(task, quality=replace(task.quality, metrics=(less,)))
    assert list(units_of(turned, folder)[1]) == ["a", "b"]


def test_a_record_without_rows_or_of_another_version_is_named(tmp_path: Path) -> None:
    task = find_task(TINY)
    (tmp_path / "r1").mkdir()
    with pytest.raises(UserError, match="record r1 keeps no scores of single units"):
        units_of(task, tmp_path / "r1")
    older = kept(tmp_path / "r2", id=np.array(["a"]), cluster=np.array(["1"]), correct=np.array([1.0]))
    with pytest.raises(UserError, match="record r2 was scored by another version of tiny"):
        units_of(task, older)


@pytest.mark.slow
def test_the_worst_units_come_first_and_only_public_ones(tmp_path: Path) -> None:
    def run(*words: str | Path) -> str:
        told = subprocess.run(
            [sys.executable, "run_bench.py", *map(str, words)],
            cwd=ROOT,
            env={**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home"), "COLUMNS": "100"},
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )
        assert told.returncode == 0, told.stderr
        return told.stdout

    (tmp_path / "half.py").write_text(HALF.format("x.argmax() if x.argmax() < 4 else 9"))
    (tmp_path / "best.py").write_text(HALF.format("x.argmax()"))
    shown = run("run", TINY, tmp_path / "half.py", tmp_path / "best.py", "--quick")
    assert "rank         ~2 of 2 by accuracy" in shown, "several entries can be named in one command"
    assert "rank         ~1 of 2 by accuracy 1.00" in shown
    assert "provisional  This was a quick run of 2 processes instead of 4; run it without --quick." in shown
    assert f"log          {tmp_path}/home/records/" in shown
    assert "page         http://127.0.0.1:8765/records/" in shown
    lines = run("show", "half", "--worst", "100", "--beside", "best", "--task", TINY).splitlines()
    assert lines[0] == "The 24 worst of 24 public units of half"
    units = [line.split() for line in lines[2:]]
    values = [float(unit[1]) for unit in units]
    assert values == sorted(values) and set(values) == {0.0, 1.0}
    assert {unit[2] for unit in units} == {"1.00"}
    assert all(int(unit[0][1:]) % 8 < 4 for unit in units), "private units are not shown"
    assert len(run("show", "half", "--worst", "3", "--task", TINY).splitlines()) == 5
