"""The task that the documentation writes in under 60 lines: strings from a user's own file."""

from __future__ import annotations

import hashlib
import os
import subprocess
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from harness import ROOT
from harness.intake.lookup import find_task

TASK = ROOT / "tests" / "fixtures" / "reviews" / "task.py"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def reviews(tmp_path: Path) -> Path:
    """A file of reviews that a few words tell apart."""
    words = {1: "a fine and moving film", 0: "a dull and empty film"}
    rows = [
        {"text": f"{words[number % 2]}, number {number}", "label": number % 2, "split": split}
        for split in ("train", "test")
        for number in range(60)
    ]
    path = tmp_path / "reviews.parquet"
    pd.DataFrame(rows).to_parquet(path)
    return path


@pytest.fixture
def run(tmp_path: Path) -> Run:
    environment = {**os.environ, "PHOTOFINISH_HOME": str(tmp_path / "home"), "COLUMNS": "100"}
    return lambda *words: subprocess.run(
        [ROOT / "bin" / "photofinish", *map(str, words)],
        cwd=tmp_path, env=environment, capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip


def test_it_takes_under_sixty_lines() -> None:
    assert len(TASK.read_text().splitlines()) < 60
    assert find_task(str(TASK)).name == "reviews"


@pytest.mark.slow
def test_its_own_data_are_begun_with_and_tried(run: Run, reviews: Path, tmp_path: Path) -> None:
    told = run("init", TASK, "mine", "--from", reviews)
    assert told.returncode == 0, told.stderr
    assert f"Next: photofinish try {TASK} mine --from {reviews}" in told.stdout
    assert "# The first query, r1, is:\n#     <U" in (tmp_path / "mine" / "submission.py").read_text()
    told = run("try", TASK, "mine", "--from", reviews)
    assert told.returncode == 0, told.stderr
    assert "On these queries alone: accuracy 1.00" in told.stdout
    assert f"photofinish run {TASK} mine --quick --from {reviews}" in told.stdout


def test_without_its_data_it_says_which(run: Run, tmp_path: Path) -> None:
    told = run("init", TASK, "mine")
    assert (told.returncode, told.stderr.strip()) == (
        2,
        "photofinish: give the reviews with --from FILE.parquet",
    )
    assert not (tmp_path / "mine").exists()


def test_what_an_own_tasks_record_got_wrong_needs_the_tasks_file(run: Run, tmp_path: Path) -> None:
    golden = ROOT / "tests" / "harness" / "record" / "golden" / "schema2_ok.json"
    data = golden.read_bytes().replace(b'"task":"', b'"task":"own_')
    name = hashlib.sha256(data).hexdigest()[:16]
    folder = tmp_path / "home" / "records" / name
    folder.mkdir(parents=True)
    (folder / "record.json").write_bytes(data)
    told = run("show", "latest", "--worst", "3")
    assert told.returncode == 2
    assert "name its file with --task FILE" in told.stderr, told.stderr


def test_a_file_without_its_columns_is_refused(run: Run, tmp_path: Path) -> None:
    pd.DataFrame({"text": ["x"]}).to_parquet(tmp_path / "bad.parquet")
    told = run("try", TASK, "words", "--from", "bad.parquet")
    assert (told.returncode, "bad.parquet must have the columns text, label and split" in told.stderr) == (
        2,
        True,
    )
