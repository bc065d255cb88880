"""Scores from answers that a record kept: of the private split at the close, and by a newer metric.

A record keeps the answers of the first pass; where several processes answered the same unit, its public
row was their mean, and what is scored here is the first of them.
"""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.measurement.trusted import trusted_task
from harness.npz import read_recorded
from harness.record import read_record, record_folder
from harness.scoring import scores
from harness.spec import Query, Split, Task

if TYPE_CHECKING:
    from harness.spec import Arrays


def rescore(
    task: Task, queries: Sequence[Query], folder: Path, split: Split, host_log: Path
) -> scores.Scores | None:
    """Score the answers in a record's folder; None where it has none to some unit of the split.

    ``host_log`` is the file that gets the traces of the task's own errors.
    """
    answers = _answers(queries, folder)
    asked = {index for index, query in enumerate(queries) if query.split == split}
    if not asked or not asked <= answers.keys():
        return None
    return scores.score(trusted_task(task, host_log), queries, [answers], split)


def renew(task: Task, queries: Sequence[Query], folder: Path, records: Path, host_log: Path) -> Path | None:
    """Write a record of the task as it is now beside the old one, and return its folder.

    Answers, times and memory are the old record's. None where its answers do not cover the public units.
    Raises UnreadableRecord.
    """
    scores = rescore(task, queries, folder, "public", host_log)
    if scores is None:
        return None
    old = read_record(folder)
    changes = {
        "task_version": task.version,
        "metrics": {**old.metrics, **scores.metrics},
        "rescored_from": old.id,
    }
    record = old.model_copy(update=changes).sealed()
    return record_folder.rewrite(records, folder, record, scores.rows_file(), scores.draws_file())


def _answers(queries: Sequence[Query], folder: Path) -> dict[int, Arrays]:
    """Answer by query, as ``archive`` names them: ``<id>``, or ``<id>|<part>`` for each part."""
    path = folder / "answers.npz"
    if not path.exists():
        return {}
    index_of = {query.id: index for index, query in enumerate(queries)}
    whole: dict[int, Arrays] = {}
    parts: dict[int, dict[str, np.ndarray]] = {}
    for name, array in read_recorded(path).items():
        unit, _, part = name.rpartition("|")
        if name in index_of:
            whole[index_of[name]] = array
        elif unit in index_of:
            parts.setdefault(index_of[unit], {})[part] = array
    return {**whole, **parts}
