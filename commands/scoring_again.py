"""Stored answers scored again, over processes: the private split at the close, or by a newer metric."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
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
    """The answers of one record in its folder, of a task by its name or file; ``source`` has its data.

    Records of one ``batch`` are scored by one task, and those of the same data by the same queries.
    """

    batch: str
    task: str
    source: Path | None
    record: Record
    folder: Path


def answers_of(task: str, source: Path | None, records: Sequence[Record]) -> list[Answers]:
    """Return the stored answers of some records."""
    folders, batch = record_folders(), secrets.token_hex(8)
    return [Answers(batch, task, source, record, folders[record.id]) for record in records]


def private_scores(answers: Answers) -> Scores | None:
    """Score the private split; None where a unit of it has no answer."""
    from harness.scoring.rescoring import rescore

    task, queries = _asked(answers)
    return rescore(task, queries, answers.folder, "private", places().host_log)


def renewed(answers: Answers) -> Path | None:
    """Write a record with the task's present scores and return its folder; None without all answers."""
    from harness.scoring.rescoring import renew

    task, queries = _asked(answers)
    return renew(task, queries, answers.folder, places().records, places().host_log)


def each(
    function: Callable[[Answers], Result], answers: Sequence[Answers], what: str, progress: Progress
) -> Iterator[Result]:
    """Yield the result for each record in order; ``what`` names the work in the progress."""
    from machines.fanning import fanned

    for number, result in enumerate(fanned(function, answers)):
        progress(what, number, len(answers))
        yield result


_ASKED: dict[tuple[str, str], tuple[Task, Sequence[Query]]] = {}


def _asked(answers: Answers) -> tuple[Task, Sequence[Query]]:
    """Return the task and what the record was asked, made once in each process for data that are shared."""
    from harness.intake.lookup import find_task
    from harness.spec import no_progress

    key = (answers.batch, answers.record.data.sha256)
    if key not in _ASKED:
        task = find_task(answers.task)
        _ASKED[key] = task, same_data(task, answers.record, answers.source, no_progress)
    return _ASKED[key]
