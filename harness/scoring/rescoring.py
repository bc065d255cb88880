"""Scores from answers that a record kept: of the private split at the close, and by a newer metric.

A record keeps the answers of the first pass; where several processes answered the same unit, its public
row was their mean, and what is scored here is the first of them.
"""

from __future__ import annotations

import io
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.measurement.trusted import trusted_task
from harness.npz import read_recorded
from harness.record import Measure, read_record, record_folder
from harness.scoring import scores
from harness.spec import Query, Split, Task

if TYPE_CHECKING:
    from harness.spec import Array, Arrays

_METRICS, _ROWS, _DRAWS = "metrics", "rows/", "draws/"


@dataclass(frozen=True)
class Rescored:
    """What came of stored answers: metrics, and the arrays of ``rows.npz`` and ``bootstrap.npz``."""

    metrics: Mapping[str, Measure]
    rows: Mapping[str, Array]
    draws: Mapping[str, Array]

    @property
    def clusters(self) -> int:
        """How many clusters were resampled."""
        return len(np.unique(self.rows["cluster"]))

    def to_bytes(self) -> bytes:
        """Return all of it as an ``.npz``; equal scores give equal bytes."""
        metrics = json.dumps({name: measure.model_dump() for name, measure in self.metrics.items()})
        arrays = {
            _METRICS: np.frombuffer(metrics.encode(), np.uint8),
            **{_ROWS + name: array for name, array in self.rows.items()},
            **{_DRAWS + name: array for name, array in self.draws.items()},
        }
        buffer = io.BytesIO()
        np.savez(buffer, **arrays)  # type: ignore[arg-type]
        return buffer.getvalue()

    @classmethod
    def of_bytes(cls, data: bytes) -> Rescored:
        """Read what ``to_bytes`` wrote."""
        with np.load(io.BytesIO(data), allow_pickle=False) as arrays:
            metrics = json.loads(arrays[_METRICS].tobytes())
            rows, draws = (
                {name.removeprefix(kind): arrays[name] for name in arrays.files if name.startswith(kind)}
                for kind in (_ROWS, _DRAWS)
            )
        return cls({name: Measure(**value) for name, value in metrics.items()}, rows, draws)


def rescore(
    task: Task, queries: Sequence[Query], folder: Path, split: Split, host_log: Path
) -> Rescored | None:
    """Score the answers in a record's folder; None where it has none to some unit of the split.

    ``host_log`` is the file that gets the traces of the task's own errors.
    """
    answers = _answers(queries, folder)
    asked = {index for index, query in enumerate(queries) if query.split == split}
    if not asked or not asked <= answers.keys():
        return None
    made = scores.score(trusted_task(task, host_log), queries, [answers], split)
    return Rescored(made.metrics, made.rows_file(), made.draws_file())


def renew(folder: Path, rescored: Rescored, version: int, records: Path) -> Path:
    """Write a record with newer scores, of this version of the task, beside the old one; return its folder.

    Answers, times and memory are the old record's. Raises UnreadableRecord.
    """
    old = read_record(folder)
    changes = {
        "task_version": version,
        "metrics": {**old.metrics, **rescored.metrics},
        "rescored_from": old.id,
    }
    record = old.model_copy(update=changes).sealed()
    return record_folder.rewrite(records, folder, record, rescored.rows, rescored.draws)


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
