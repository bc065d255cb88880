"""How well a record does on each unit: the rows beside it, their values and their order.

Everything that shows single units reads them here: pages, the terminal, and the choice of what is drawn.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.npz import read_recorded
from harness.spec.errors import UnreadableRecord

if TYPE_CHECKING:
    from harness.spec import Array, Task

VALUE, UNIT = "value", "unit"
"""What units are sorted by: the metric of the unit alone (the worst first), its name, or a statistic."""
ROWS = "rows.npz"
_LESSONS = "lessons"
_LONGEST_NAME = 200
"""Characters of a picture's name, without its ending: file systems take 255 bytes."""


@dataclass(frozen=True)
class UnitOrder:
    """What units are sorted by, and whether the other way round."""

    by: str = VALUE
    reverse: bool = False


@dataclass(frozen=True, eq=False)
class UnitRows:
    """The scored units of one split: ``ids`` and ``clusters`` (n,), and their statistics (n, ...) by name.

    Of a task that teaches, ``lessons`` among the statistics counts the lessons before each unit.
    """

    ids: Array
    clusters: Array
    statistics: Mapping[str, Array]

    def values(self, task: Task | None) -> Array | None:
        """Compute the metric of each unit alone: float64 (n,), NaN where a unit has none.

        None without a task, where no metric of the task has such values, and for rows of another version.
        """
        if task is None:
            return None
        table = {name: column for name, column in self.statistics.items() if name != _LESSONS}
        try:
            return task.quality.unit_values(table)
        except KeyError:
            return None

    def order(self, task: Task | None, asked: UnitOrder) -> Array:
        """Return the numbers of all units (n,): the worst value first, or the largest of a statistic.

        Units without a value come last. Where there are no values, or none of the name asked for, units
        keep their order.
        """
        count, metric, values = len(self.ids), task.quality.of_one_unit if task else None, self.values(task)
        if asked.by in self.statistics:
            keys = -self.statistics[asked.by].reshape(count, -1).astype(float).mean(axis=1)
        elif asked.by == UNIT or values is None or metric is None:
            order = np.argsort(self.ids, kind="stable") if asked.by == UNIT else np.arange(count)
            return order[::-1] if asked.reverse else order
        else:
            keys = values if metric.goal == "max" else -values
        return np.argsort(-keys if asked.reverse else keys, kind="stable")

    def worst(self, task: Task) -> list[int]:
        """Return the numbers of the units that have a value, the worst first."""
        values = self.values(task)
        if values is None:
            return []
        return [int(number) for number in self.order(task, UnitOrder()) if not np.isnan(values[number])]


def read_units(folder: Path) -> UnitRows | None:
    """Read the public units of the record in ``folder``; None where it keeps none.

    Raises UnreadableRecord where the file is damaged.
    """
    path = folder / ROWS
    if not path.is_file():
        return None
    kept = read_recorded(path)
    try:
        ids, clusters = kept.pop("id"), kept.pop("cluster")
    except KeyError as error:
        raise UnreadableRecord(f"{path} lacks {error}; {UnreadableRecord.cure}") from None
    return UnitRows(ids, clusters, kept)


def picture_name(unit: str) -> str:
    """Write a unit's id as the names of its pictures begin."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", unit)[:_LONGEST_NAME]
