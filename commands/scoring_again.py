"""Stored answers scored again, over processes: the private split at the close, or by a newer metric."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from commands.home import places
from commands.lookup import record_folders, same_data

if TYPE_CHECKING:
    from collections.abc import Callable

    from harness.record import Record
    from harness.scoring.scores import Scores
    from harness.spec import Progress, Query, Task

Result = TypeVar("Result")


@dataclass(frozen=True)
class Answers:
    """The answers of one record in its folder, of a task by its name or file; ``source`` has its data."""

    task: str
    source: Path | None
    record: Record
    folder: Path


def answers_of(task: str, source: Path | None, records: Sequence[Record]) -> list[Answers]:
    """Return the stored answers of some records."""
    folders = record_folders()
    return [Answers(task, source, record, folders[record.id]) for record in records]


def private_scores(answers: Answers) -> Scores | None:
    """Score the private split; None where a unit of it has no answer."""
    from harness.scoring.rescoring import rescore

    task = _task(answers.task)
    return rescore(task, _queries(answers), answers.folder, "private", places().host_log)


def renewed(answers: Answers) -> Path | None:
    """Write a record with the task's present scores and return its folder; None without all answers."""
    from harness.scoring.rescoring import renew

    task = _task(answers.task)
    return renew(task, _queries(answers), answers.folder, places().records, places().host_log)


def each(
    function: Callable[[Answers], Result], answers: Sequence[Answers], what: str, progress: Progress
) -> Iterator[Result]:
    """Yield the result for each record in order; ``what`` names the work in the progress."""
    from machines.fanning import fanned

    for number, result in enumerate(fanned(function, answers)):
        progress(what, number, len(answers))
        yield result


@cache
def _task(typed: str) -> Task:
    from harness.intake.lookup import find_task

    return find_task(typed)


_PREPARED: dict[tuple[str, Path | None, str], Sequence[Query]] = {}


def _queries(answers: Answers) -> Sequence[Query]:
    """Return what the record was asked; data that records share are prepared once in each process."""
    from harness.spec import no_progress

    key = (answers.task, answers.source, answers.record.data.sha256)
    if key not in _PREPARED:
        _PREPARED[key] = same_data(_task(answers.task), answers.record, answers.source, no_progress)
    return _PREPARED[key]
