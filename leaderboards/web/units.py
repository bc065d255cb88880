"""What an entry got wrong: its public units, the worst first or by a statistic, beside another entry's."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.spec import Metric, Task
from leaderboards.boards.columns import Column
from leaderboards.boards.names import plain
from leaderboards.web import folder

if TYPE_CHECKING:
    from harness.spec import Array

VALUE, UNIT = "value", "unit"
"""What units are sorted by: the metric of the unit alone (the worst first), its name, or a statistic."""


@dataclass(frozen=True)
class UnitOrder:
    """What the units are sorted by, and whether the other way round."""

    by: str = VALUE
    reverse: bool = False


@dataclass(frozen=True)
class UnitLine:
    """One unit: its statistics, its value and another entry's, and the name of its picture, if it has one."""

    unit: folder.Unit
    value: float | None
    other: float | None
    picture: str


@dataclass(frozen=True)
class UnitTable:
    """Some units of a record. ``column`` is the metric of single units; None where the task is unknown."""

    units: folder.Units
    lines: tuple[UnitLine, ...]
    column: Column | None
    order: UnitOrder


def unit_table(
    where: Path, task: Task | None, order: UnitOrder, page: tuple[int, int], beside: Path | None = None
) -> UnitTable | None:
    """Read units ``page`` (offset, limit) of a record; None where it has none.

    ``beside`` is the folder of another record of the same board.
    """
    metric, rows = task.quality.of_one_unit if task else None, folder.unit_rows(where)
    values = _values(where, task)
    sequence = _sequence(rows, metric, values, order) if rows else None
    units = folder.units(where, *page, sequence)
    if units is None or sequence is None:
        return None
    others = _by_id(beside, task)
    mine = _by_id(where, task)
    pictures = {
        example.name: example.layers[min(1, len(example.layers) - 1)][1] for example in folder.examples(where)
    }
    return UnitTable(
        units=units,
        lines=tuple(
            UnitLine(unit, mine.get(unit.id), others.get(unit.id), pictures.get(_file_name(unit.id), ""))
            for unit in units.units
        ),
        column=Column.of(metric) if metric and values is not None else None,
        order=order if order.by in {VALUE, UNIT, *units.names} else UnitOrder(),
    )


def _sequence(
    rows: Mapping[str, Array], metric: Metric | None, values: Array | None, order: UnitOrder
) -> Array:
    """Return the numbers of the units (n,) in the order asked for; units without a value come last."""
    if order.by in rows and order.by not in {"id", "cluster"}:
        keys = -rows[order.by].reshape(len(rows["id"]), -1).astype(float).mean(axis=1)
    elif order.by == UNIT or values is None or metric is None:
        sequence = np.argsort(rows["id"], kind="stable") if order.by == UNIT else np.arange(len(rows["id"]))
        return sequence[::-1] if order.reverse else sequence
    else:
        keys = values if metric.goal == "max" else -values
    return np.argsort(-keys if order.reverse else keys, kind="stable")


def _values(where: Path | None, task: Task | None) -> Array | None:
    rows = folder.unit_rows(where) if where else {}
    if not rows or task is None:
        return None
    statistics = {name: array for name, array in rows.items() if name not in {"id", "cluster", "lessons"}}
    try:
        return task.quality.unit_values(statistics)
    except KeyError:  # rows of another version of the task
        return None


def _by_id(where: Path | None, task: Task | None) -> Mapping[str, float]:
    values = _values(where, task)
    if where is None or values is None:
        return {}
    pairs = zip(folder.unit_rows(where)["id"].tolist(), values.tolist(), strict=True)
    return {plain(str(id_)): value for id_, value in pairs if np.isfinite(value)}


def _file_name(unit: str) -> str:
    """Write a unit's id as tasks write it in the names of pictures."""
    return re.sub(r"[^A-Za-z0-9_-]", "_", unit)
