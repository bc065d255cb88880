"""How well a record does on each unit: the rows it keeps, turned into a metric unit by unit."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import numpy as np

from harness.npz import read_recorded
from harness.spec import Metric, Task
from harness.spec.errors import UserError

_ROWS = "rows.npz"


@dataclass(frozen=True)
class UnitScore:
    """The value of a metric for one unit alone."""

    id: str
    value: float


def unit_metric(task: Task) -> Metric:
    """Return the metric that single units have. Raises UserError where a task has none."""
    metric = task.quality.of_one_unit
    if metric is None:
        raise UserError(f"no metric of {task.name} is computed unit by unit")
    return metric


def worst_units(task: Task, folder: Path) -> list[UnitScore]:
    """Return the public units of the record in ``folder``, the worst first, but for those without a value.

    Raises UserError where the record keeps no rows, or rows of another version of the task.
    """
    metric = unit_metric(task)
    if not (folder / _ROWS).is_file():
        raise UserError(f"record {folder.name} keeps no scores of single units")
    kept = read_recorded(folder / _ROWS)
    ids = kept["id"].tolist()
    table = {name: kept[name] for name in kept if name not in {"id", "cluster", "lessons"}}
    try:
        values = task.quality.unit_values(table)
    except KeyError as error:
        raise UserError(f"record {folder.name} was scored by another version of {task.name}") from error
    assert values is not None
    pairs = zip(ids, values, strict=True)
    scores = [UnitScore(id_, float(value)) for id_, value in pairs if np.isfinite(value)]
    return sorted(scores, key=lambda one: one.value, reverse=metric.goal == "min")
