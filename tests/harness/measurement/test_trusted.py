"""What a contestant hears: only what is meant for them. A scorer's own error is ours, and stays with us."""

from __future__ import annotations

import stat
import traceback
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from harness.evaluate import Evaluation
from harness.measurement import trusted
from harness.session.log import LOG_BYTES
from harness.spec import (
    Answer,
    FromAnswers,
    FromRun,
    FromSums,
    Reporting,
    Submission,
    Task,
)
from harness.spec.errors import HarnessError, InvalidSubmission

Write = Callable[..., Submission]
Judge = Callable[..., Evaluation]
RIGHT = "import numpy as np\ndef build(context): return lambda x: np.int64(x.argmax())\n"
SECRET = "the label is 7"


@pytest.fixture
def host_log(tmp_path: Path) -> Path:
    return tmp_path / "host" / "host.log"


@pytest.fixture
def judge(judged: Judge, tiny: Task, host_log: Path) -> Judge:
    def changed(submission: Submission, change: Callable[[Task], Task] = lambda task: task) -> Evaluation:
        return judged(submission, task=change(tiny), host_log=host_log)

    return changed


def broken(*_: Any) -> Any:
    raise KeyError(SECRET)


def with_metric(task: Task, source: Any) -> Task:
    (metric,) = task.quality.metrics
    return replace(task, quality=replace(task.quality, metrics=(replace(metric, source=source),)))


@pytest.mark.parametrize(
    ("part", "change"),
    [
        ("check", lambda task: replace(task, answer=Answer(broken))),
        ("tally", lambda task: replace(task, quality=replace(task.quality, tally=broken))),
        ("metric 'accuracy'", lambda task: with_metric(task, FromSums(broken))),
        ("metric 'accuracy'", lambda task: with_metric(task, FromAnswers(broken))),
        ("metric 'accuracy'", lambda task: with_metric(task, FromRun(broken))),
        ("across", lambda task: replace(task, quality=replace(task.quality, across=broken))),
        ("examples", lambda task: replace(task, reporting=Reporting(examples=broken))),
    ],
)
def test_a_scorers_own_error_is_ours_and_leaves_no_record(
    judge: Judge, write: Write, host_log: Path, tmp_path: Path, part: str, change: Callable[[Task], Task]
) -> None:
    with pytest.raises(
        HarnessError, match=f"failed in '{part}' .KeyError.: not the submission's fault"
    ) as told:
        judge(write(RIGHT), change)
    assert told.value.exit_code == 1
    assert SECRET not in "".join(traceback.format_exception(told.value))
    assert not (tmp_path / "records").exists()
    assert SECRET in host_log.read_text()
    assert stat.S_IMODE(host_log.stat().st_mode) == 0o600


def test_what_is_meant_for_contestants_reaches_them(judge: Judge, write: Write, host_log: Path) -> None:
    def check(answer: Any, query: Any) -> Any:
        raise InvalidSubmission("the answer must be a haiku")

    record = judge(write(RIGHT), lambda task: replace(task, answer=Answer(check))).record
    assert (record.status, record.message) == ("invalid", "the answer must be a haiku")
    assert not host_log.exists()


def test_the_hosts_log_is_capped(host_log: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(trusted, "MOST_LOGGED", 2000)
    for number in range(50):
        trusted.note(host_log, "here", ValueError(str(number)))
    log = host_log.read_text()
    assert len(log) < 2500
    assert log.endswith("ValueError: 49\n")


def test_the_log_of_a_submission_is_capped_and_holds_only_its_own_words(judge: Judge, write: Write) -> None:
    made = judge(
        write("""
        import numpy as np
        def build(context):
            print("x" * 1_000_000)
            return lambda x: np.int64(x.argmax())
        """)
    )
    log = (made.folder / "log.txt").read_text()
    assert made.record.processes * LOG_BYTES - 100 < len(log) < made.record.processes * (LOG_BYTES + 100)
    assert set(log) <= set("x\n- process0123456789")
