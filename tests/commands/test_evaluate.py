"""One evaluation request, written to a file, is run by another process in another home."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[2]
RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"
pytestmark = pytest.mark.slow
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """Run a command in a home of its own; ``shared`` adds the addresses of one ledger and one index."""
    addresses = {
        "MLFLOW_TRACKING_URI": f"sqlite:///{tmp_path}/shared/mlflow.db",
        "PHOTOFINISH_INDEX_URL": f"sqlite:///{tmp_path}/shared/index.db",
    }
    (tmp_path / "shared").mkdir()

    def command(home: Path, *words: str | Path, shared: bool = False) -> subprocess.CompletedProcess[str]:
        environment = {name: value for name, value in os.environ.items() if name not in addresses}
        environment |= {"PHOTOFINISH_HOME": str(home), **(addresses if shared else {})}
        return subprocess.run(
            [sys.executable, "run_bench.py", *map(str, words)],
            cwd=ROOT, env=environment, capture_output=True, text=True, timeout=120, check=False,
        )  # fmt: skip

    return command


def hashes(record: dict[str, Any]) -> dict[str, Any]:
    named = {name: record[name] for name in ("task", "task_version", "data", "submission", "reference")}
    return {**named, **{name: record[name] for name in ("profile", "scenario", "quick", "seed")}}


def test_a_request_runs_in_another_home_and_is_published_to_a_shared_ledger_and_index(
    run: Run, tmp_path: Path
) -> None:
    here, there, third = tmp_path / "here", tmp_path / "there", tmp_path / "third"
    folder = Path(shutil.copytree(ROOT / "tests/fixtures/tiny", tmp_path / "tiny"))
    entry, request = tmp_path / "mine.py", tmp_path / "request.json"
    entry.write_text(RIGHT)
    words = (folder / "task.py", entry, "--quick", "--seed", "3", "--team", "north")
    own = run(here, "run", *words, "--json")
    assert own.returncode == 0, own.stderr
    saved = run(here, "run", *words, "--save-request", request)
    assert (saved.returncode, saved.stdout) == (0, ""), saved.stderr
    # What follows is another machine as far as it can be one: nothing of the first home, other paths.
    shutil.rmtree(here)
    moved = tmp_path / "elsewhere"
    moved.mkdir()
    task, submission = moved / "tiny" / "task.py", moved / "mine.py"
    folder.rename(task.parent)
    entry.rename(submission)
    missing = run(there, "evaluate", request, shared=True)
    assert missing.returncode == 2
    assert "--task" in missing.stderr
    made = run(there, "evaluate", request, "--task", task, "--submission", submission, "--json", shared=True)
    assert made.returncode == 0, made.stderr
    record = json.loads(made.stdout)
    assert hashes(record) == hashes(json.loads(own.stdout))
    assert (there / "records" / record["id"] / "record.json").is_file()
    board = run(third, "board", task, "--json", shared=True)
    rows = json.loads(board.stdout)["rows"]
    assert [(row["entry"], row["team"], row["record"]) for row in rows] == [("mine", "north", record["id"])]
    assert run(third, "boards", "rebuild", shared=True).stdout.startswith("1 record")
    submission.write_text(RIGHT + "# changed\n")
    changed = run(there, "evaluate", request, "--task", task, "--submission", submission)
    assert changed.returncode == 2
    assert "the submission 'mine' has SHA-256" in changed.stderr


def test_a_record_may_be_kept_in_another_folder(run: Run, tmp_path: Path) -> None:
    tiny = ROOT / "tests/fixtures/tiny/task.py"
    request = tmp_path / "request.json"
    assert "needs one submission" in run(tmp_path, "run", "cots", "--save-request", request).stderr
    assert run(tmp_path, "run", tiny, "honest", "--quick", "--save-request", request).returncode == 0
    assert json.loads(request.read_text())["submission"]["path"] is None, "shipped entries go by their name"
    made = run(tmp_path / "home", "evaluate", request, "--records", tmp_path / "kept")
    assert made.returncode == 0, made.stderr
    assert "honest: Measured 2 processes in" in made.stderr
    folder = Path(made.stdout.strip())
    assert (folder.parent, (folder / "record.json").is_file()) == (tmp_path / "kept", True)
