"""Several entries, one after another: which of them are still to be measured, and until when."""

from __future__ import annotations

from collections.abc import Sequence
from time import monotonic
from typing import TYPE_CHECKING

from commands import requests
from commands.home import places
from commands.lookup import kept_records
from commands.terminal import complain

if TYPE_CHECKING:
    from harness.evaluate import Evaluation
    from harness.intake.request import EvaluationRequest
    from harness.record import Record
    from harness.spec import Progress, Task


def without_records(wanted: Sequence[EvaluationRequest]) -> list[EvaluationRequest]:
    """Leave out what this home has a record of; the record of a quick run stands for a quick run alone."""
    records = list(kept_records().values())
    return [request for request in wanted if not any(_answers(record, request) for record in records)]


def _answers(record: Record, request: EvaluationRequest) -> bool:
    run = request.run
    return (
        (record.task, record.task_version) == (request.task.name, request.task.version)
        and record.submission.sha256 == request.submission.sha256
        and record.submission.name == request.submission.name
        and record.submission.team == request.submission.team
        and record.data.sha256 == request.data.sha256
        and (record.profile, record.scenario) == (run.profile, run.scenario)
        and record.quick <= run.quick
    )


def measure(
    wanted: Sequence[EvaluationRequest], task: Task, progress: Progress, minutes: float | None
) -> list[Evaluation]:
    """Run requests one after another; after ``minutes`` none begins, but for the first.

    Says how to go on where it ends early.
    """
    started = monotonic()
    evaluations: list[Evaluation] = []
    for request in wanted:
        left_s = None if minutes is None else max(0.0, 60 * minutes - (monotonic() - started))
        if evaluations and left_s == 0:
            complain(f"--max-time is over. {_how_to_go_on(wanted, len(evaluations))}")
            break
        limited = request.run.model_copy(update={"most_s": left_s})
        try:
            evaluation = requests.run_request(
                request.model_copy(update={"run": limited}), task, places(), progress
            )
        except KeyboardInterrupt:
            if evaluations:
                complain(_how_to_go_on(wanted, len(evaluations)))
            raise
        evaluations.append(evaluation)
    return evaluations


def _how_to_go_on(wanted: Sequence[EvaluationRequest], done: int) -> str:
    return (
        f"{done} of {len(wanted)} entries are measured and kept; "
        "the same command with --missing measures the others"
    )
