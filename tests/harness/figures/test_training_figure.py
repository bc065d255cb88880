"""What a training tells of itself is shown and drawn, and nothing else in a log can hurt."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from harness.evaluate import EvaluationJob, evaluate_job
from harness.figures import training
from harness.intake.lookup import find_submission
from harness.measurement.run_plan import RunSetup
from harness.spec import Places, Submission

LINE = '{"step": 20, "steps": 150, "loss": 4.5}'


def test_lines_of_a_training_are_read_among_others() -> None:
    log = f"importing\n{LINE}\nresumed\n" + LINE.replace("20", "40") + "\n"
    assert list(training.read(log)) == [
        training.TrainingProgress(20, 150, 4.5),
        training.TrainingProgress(40, 150, 4.5),
    ]


@pytest.mark.parametrize(
    "line",
    [
        '{"step": 1}',
        '{"step": 3, "steps": 2, "loss": 1}',
        '{"step": 1, "steps": 2, "loss": NaN}',
        '{"step": 1, "steps": 2, "loss": 1e300}',
        '{"step": 1e999, "steps": 2, "loss": 1}',
        '{"step": [1], "steps": 2, "loss": 1}',
        '{"step"' + "[" * 900,
        '{"step": 1, "steps": 2, "loss": 1, "more": "' + "x" * 1000 + '"}',
    ],
)
def test_a_line_that_tells_nothing_is_passed_over(line: str) -> None:
    assert list(training.read(line)) == []


def test_a_listener_reports_whole_lines_only() -> None:
    seen: list[tuple[str, int, int]] = []
    hears = training.Listener("entry", lambda *told: seen.append(told))
    for piece in (LINE[:9], LINE[9:], "\nnoise\n", "x" * 5000, "\n"):
        hears(piece.encode())
    assert seen == [("entry", 20, 150)]


def test_no_picture_of_an_entry_that_tells_nothing() -> None:
    assert training.draw(["built\n", ""], "entry") == {}


def test_progress_while_it_trains_and_a_picture_afterwards(
    setup: RunSetup, write: Callable[..., Submission], tmp_path: Path
) -> None:
    entry = write(
        f"""
        def build(context):
            print('{LINE}', flush=True)
            return lambda x: x.argmax()
        """
    )
    reference = find_submission(setup.task, "honest", Places.under(tmp_path / "home"))
    job = EvaluationJob(replace(setup, quick=True), entry, reference, tmp_path / "records")
    seen: list[tuple[str, int, int]] = []
    found = evaluate_job(job, lambda *told: seen.append(told))
    assert found.record.status == "ok"
    assert next(told for told in seen if told[1:] == (20, 150))[0].startswith("entry: training 1 of ")
    assert (found.folder / "plots" / "training.png").read_bytes().startswith(b"\x89PNG")
