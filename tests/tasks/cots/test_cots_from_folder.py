"""The whole job on folders in Kaggle's layout, as typed: from the command to the ranked record."""

from __future__ import annotations

import csv
import json
import textwrap
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from click.testing import Result
from typer.testing import CliRunner

import run_bench
from harness.spec import DataRequest
from harness.spec.errors import PhotofinishError
from tasks.cots.task import task
from tests.datasets import reef_folder
from tests.tasks.segmentation import photographs

Run = Callable[..., Result]
STRICT = "tests/fixtures/strict_cots.py"
EMPTY = "import numpy as np\ndef build(context):\n    return lambda x: np.empty((0, 5))\n"


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """Type a command at one home; what it prints and its exit code."""
    home = tmp_path_factory.mktemp("home")

    def typed(*words: str) -> Result:
        environment = {"PHOTOFINISH_HOME": str(home), "MLFLOW_TRACKING_URI": None, "COLUMNS": "160"}
        return CliRunner().invoke(run_bench.app, list(words), env=environment)

    return typed


@pytest.fixture
def entry(tmp_path: Path) -> Callable[[str, str], str]:
    def written(name: str, source: str) -> str:
        path = tmp_path / f"{name}.py"
        path.write_text(textwrap.dedent(source))
        return str(path)

    return written


def oracle(folder: Path, cache: Path) -> str:
    """Source of a submission that knows the truth of every frame asked about."""
    prepared = task.dataset.prepare(DataRequest("full", cache, source=folder))
    known: dict[str, list[list[float]]] = {}
    for query in task.queries(prepared):
        x: Any = query.load()
        place = " ".join(str(int(x[name])) for name in ("video_id", "sequence", "sequence_frame"))
        known[place] = [[0.9, *map(float, box)] for box in query.truth]
    return f"""
import numpy as np
KNOWN = {known!r}
def build(context):
    def model(x):
        place = " ".join(str(int(x[name])) for name in ("video_id", "sequence", "sequence_frame"))
        return np.array(KNOWN[place], np.float64).reshape(-1, 5)
    return model
"""


@pytest.mark.slow
def test_on_photographs_an_oracle_scores_one_and_an_empty_entry_zero_and_both_are_ranked(
    run: Run, entry: Callable[[str, str], str], tmp_path: Path
) -> None:
    folder = photographs.make(tmp_path / "people")
    sources = {"oracle": oracle(folder, tmp_path / "cache"), "empty": EMPTY}
    scores = {}
    for name, source in sources.items():
        told = run("run", "cots", entry(name, source), "--from", str(folder), "--quick", "--json")
        assert told.exit_code == 0, told.output
        record = json.loads(told.stdout)
        assert record["status"] == "ok"
        assert record["data"]["variant"] == "full"
        scores[name] = record["metrics"]["f2"]["value"]
    assert scores == {"oracle": 1.0, "empty": 0.0}
    board = json.loads(run("board", "cots", "--data", "full", "--json").stdout)
    assert [(row["entry"], row["rank"]) for row in board["rows"]] == [("oracle", 1), ("empty", 2)]


ANSWERING = "import numpy as np\ndef build(context): return lambda x: "
HALF_AN_ANSWER = """
import os, sys, time
def build(context):
    def model(x):
        os.write(int(sys.argv[2]), b"half a tok")
        time.sleep(30)
    return model
"""
FAULTS = {
    "broken-syntax": ("def build(context:\n", "invalid", "broken-syntax.py, line 1"),
    "no-build": ("x = 1\n", "invalid", "defines no function build"),
    "raising": ("def build(context): raise ValueError('no weights')\n", "failed", "no weights"),
    "wrong-shape": (ANSWERING + "np.zeros((3, 4))\n", "invalid", "(3, 4)"),
    "not-a-number": (ANSWERING + "np.full((1, 5), np.nan)\n", "invalid", "NaN"),
    "negative-size": (ANSWERING + "np.array([[0.5, 1, 1, -4, 4]])\n", "invalid", "size"),
    "million": (ANSWERING + "np.ones((10**6, 5), np.float32)\n", "invalid", ""),
    "too-late": (
        "import time\ndef build(context): return lambda x: time.sleep(30)\n",
        "timeout",
        "longer than",
    ),
    "dying": ("import os\ndef build(context): return lambda x: os._exit(3)\n", "failed", "process ended"),
    "half-an-answer": (HALF_AN_ANSWER, "timeout", "longer than"),
    "memory": ("import numpy as np\ndef build(context): return np.ones(10**9)\n", "out_of_memory", "500 MB"),
}
"""Source, status, and what must be said."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return reef_folder.make(tmp_path_factory.mktemp("small"))


@pytest.mark.slow
def test_every_fault_of_a_submission_has_its_status_a_line_and_exit_code_2_and_harms_no_board(
    run: Run, entry: Callable[[str, str], str], small: Path
) -> None:
    assert run("run", STRICT, entry("honest", EMPTY), "--from", str(small), "--quick").exit_code == 0
    for name, (source, status, said) in FAULTS.items():
        told = run("run", STRICT, entry(name, source), "--from", str(small), "--quick", "--json")
        record = json.loads(told.stdout)
        assert (name, told.exit_code, record["status"]) == (name, 2, status)
        assert len(told.stderr.strip().splitlines()) <= 2, told.stderr
        assert said in told.stderr
        assert record["validity"]["state"] == "invalid"
    rows = json.loads(run("board", STRICT, "--data", "full", "--json").stdout)["rows"]
    assert {row["entry"]: row["status"] for row in rows if row["rank"] is None} == {
        name: status for name, (_, status, _) in FAULTS.items()
    }
    assert [row["entry"] for row in rows if row["rank"] == 1] == ["honest"]


def break_picture(folder: Path) -> str:
    picture = sorted((folder / "train_images").glob("video_1/*.jpg"))[0]
    picture.write_bytes(picture.read_bytes()[:200])
    return picture.name


def break_row(folder: Path) -> str:
    table = folder / "train.csv"
    rows = list(csv.reader(table.open()))
    rows[3][5] = "[{'x': 1, 'y': }]"
    with table.open("w", newline="") as stream:
        csv.writer(stream).writerows(rows)
    return "train.csv"


@pytest.mark.parametrize("damage", [break_picture, break_row])
def test_damaged_data_is_told_in_a_line_before_anything_runs(
    run: Run, entry: Callable[[str, str], str], tmp_path: Path, damage: Callable[[Path], str]
) -> None:
    folder = reef_folder.make(tmp_path / "damaged")
    named = damage(folder)
    told = run("run", STRICT, entry("honest", EMPTY), "--from", str(folder), "--quick")
    assert isinstance(told.exception, PhotofinishError)
    assert told.exception.exit_code == 2
    assert named in str(told.exception)
    assert len(str(told.exception).splitlines()) <= 2
