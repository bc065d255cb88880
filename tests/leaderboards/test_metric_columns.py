"""One more number that is measured of every submission takes one file, from its computation to the board."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
COLUMN = """
    Measured(
        "latency_mean_ms", "ms", "min", "mean",
        "Mean time of a request.",
        lambda run: float(np.concatenate(run.request_ms).mean()), priority=1,
    ),
"""
SHOW = """
import io
import numpy as np
from rich.console import Console
from harness.intake.lookup import find_task
from harness.measurement.process_pair import ProcessPair
from harness.record import Phase, Timing
from harness.scoring.measures import measured
from harness.stats import paired_log_ratio
from leaderboards.boards.board import Board, as_json
from leaderboards.boards.rows import Cell, Place, Row, RowEntry, RowIsolation, RowState
from leaderboards.boards.spec import BoardKey, BoardSpec
from leaderboards.views.terminal import show_board
from leaderboards.web.rendering import prominence

phases = {name: Phase(seconds=0.25) for name in ("build", "first_query", "steady")}
timings = [Timing(0, 0, n, 1, ms * 1_000_000, 1_000_000) for n, ms in enumerate((20, 40))]
pair = ProcessPair(phases=phases, timings=timings)
metrics = measured(9, [pair], paired_log_ratio([[0.0]]))
spec = BoardSpec.of(find_task("tests/fixtures/tiny/task.py"))
cells = {name: Cell(one.value) for name, one in metrics.items()}
row = Row("r", RowEntry("mine"), cells, RowState("ok", "valid"), RowIsolation("none", True), "", Place(1))
key = BoardKey("tiny", 1, "numbers", "mini", "0" * 64, "cpu", "single_stream")
board = Board(spec, key, (row,), (), (), total=1)
column = next(column for column in board.columns if column.name == "latency_mean_ms")
out = io.StringIO()
show_board(board, Console(file=out, width=60))
print(as_json(board)["rows"][0]["metrics"]["latency_mean_ms"]["value"])
print(column.description, prominence(column, 5))
print("mean" in out.getvalue(), "30.0" in out.getvalue())
"""


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    """The project with a copy of its own of what may be changed."""
    for name in ("harness", "tests/fixtures/tiny"):
        shutil.copytree(ROOT / name, tmp_path / name, ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("leaderboards", "datasets", "tasks", "submissions"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_a_measured_column_takes_one_file(tree: Path) -> None:
    path = tree / "harness" / "record" / "measured.py"
    before, declaration, rest = path.read_text().partition("MEASURED = (\n")
    path.write_text(before + declaration + COLUMN + rest)
    shown = subprocess.run(
        [sys.executable, "-c", SHOW], cwd=tree, capture_output=True, text=True, check=False, timeout=60
    )
    assert shown.stdout.splitlines() == ["30.0", "Mean time of a request. always", "True True"], shown.stderr
