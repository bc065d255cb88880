"""Several entries in one command: which are left out, when it ends, and how to go on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from commands import requests, several
from harness import ROOT
from harness.intake.request import (
    EvaluationRequest,
    RequestedData,
    RequestedSubmission,
    RequestedTask,
    RunOptions,
)
from harness.record import Record, parse_record
from harness.spec import no_progress

GOLDEN = parse_record((ROOT / "tests/harness/record/golden/schema2_ok.json").read_bytes())
Change = Callable[[Record], Record]


def request(name: str = GOLDEN.submission.name, **run: Any) -> EvaluationRequest:
    """Request what the golden record answers, but for what is changed."""
    options = {"profile": GOLDEN.profile, "scenario": GOLDEN.scenario, "quick": GOLDEN.quick, **run}
    entry = RequestedSubmission(
        name=name,
        team=GOLDEN.submission.team,
        kind=GOLDEN.submission.kind,
        sha256=GOLDEN.submission.sha256,
    )
    data = GOLDEN.data
    return EvaluationRequest(
        task=RequestedTask(name=GOLDEN.task, version=GOLDEN.task_version),
        data=RequestedData(name=data.name, variant=data.variant, sha256=data.sha256),
        submission=entry,
        reference=entry,
        run=RunOptions(**options),
    )


def changed(**fields: Any) -> Change:
    return lambda record: record.model_copy(update=fields)


@pytest.mark.parametrize(
    ("change", "left_out"),
    [
        (changed(), True),
        (changed(status="failed"), True),
        (changed(quick=False), True),
        (changed(task_version=GOLDEN.task_version + 1), False),
        (changed(profile="edge"), False),
        (changed(scenario="offline"), False),
        (changed(data=GOLDEN.data.model_copy(update={"sha256": "0" * 64})), False),
        (changed(submission=GOLDEN.submission.model_copy(update={"sha256": "0" * 64})), False),
        (changed(submission=GOLDEN.submission.model_copy(update={"team": "another"})), False),
    ],
)
def test_an_entry_is_left_out_where_a_record_answers_the_same_request(
    monkeypatch: pytest.MonkeyPatch, change: Change, left_out: bool
) -> None:
    monkeypatch.setattr(several, "kept_records", lambda: {"one": change(GOLDEN)})
    assert (several.without_records([request(quick=True)]) == []) == left_out


def test_the_record_of_a_quick_run_stands_for_no_whole_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(several, "kept_records", lambda: {"one": changed(quick=True)(GOLDEN)})
    assert several.without_records([request(quick=False)]) == [request(quick=False)]


@dataclass
class Clock:
    """Each evaluation takes a minute of it; ``interrupted`` is the number of the one that Ctrl-C ends."""

    seconds: float = 0.0
    interrupted: int = -1

    def __post_init__(self) -> None:
        self.asked: list[EvaluationRequest] = []

    def run(self, wanted: EvaluationRequest, *_: object) -> str:
        if len(self.asked) == self.interrupted:
            raise KeyboardInterrupt
        self.asked.append(wanted)
        self.seconds += 60
        return wanted.submission.name


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Clock]:
    clock = Clock()
    monkeypatch.setenv("PHOTOFINISH_HOME", str(tmp_path))
    monkeypatch.setattr(requests, "run_request", clock.run)
    monkeypatch.setattr(several, "monotonic", lambda: clock.seconds)
    yield clock


def measured(count: int, minutes: float | None) -> list[Any]:
    wanted = [request(name) for name in ("a", "b", "c")[:count]]
    return several.measure(wanted, None, no_progress, minutes)  # type: ignore[arg-type]


@pytest.mark.parametrize(("minutes", "names"), [(None, "abc"), (0, "a"), (1.5, "ab"), (10, "abc")])
def test_no_entry_begins_after_the_longest_time_but_for_the_first(
    clock: Clock, capsys: pytest.CaptureFixture[str], minutes: float | None, names: str
) -> None:
    assert measured(3, minutes) == list(names)
    told = capsys.readouterr().err
    assert ("--missing measures the others" in told) == (len(names) < 3)
    if minutes == 1.5:
        assert "2 of 3 entries are measured and kept" in told
        assert [asked.run.most_s for asked in clock.asked] == [90.0, 30.0]


def test_an_interruption_says_how_to_go_on(clock: Clock, capsys: pytest.CaptureFixture[str]) -> None:
    clock.interrupted = 2
    with pytest.raises(KeyboardInterrupt):
        measured(3, None)
    assert "2 of 3 entries are measured and kept; the same command with --missing" in capsys.readouterr().err
