"""What an entry got wrong: its public units, the worst first or by a statistic, beside another entry's."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from harness.record.units import UNIT, VALUE, UnitOrder, UnitRows, picture_name
from harness.spec import Task
from leaderboards.boards.columns import Column
from leaderboards.boards.names import plain
from leaderboards.web import folder

if TYPE_CHECKING:
    from harness.spec import Array


@dataclass(frozen=True)
class Unit:
    """One scored unit: its statistics in the order of ``Units.names``."""

    id: str
    cluster: str
    values: tuple[float, ...]


@dataclass(frozen=True)
class Units:
    """Units ``offset`` … of the ``total`` of the public split.

    ``names`` are the statistics. Where a statistic has several numbers a unit (one for each threshold, say),
    their mean is given, and ``means`` says of how many.
    """

    names: tuple[str, ...] = ()
    means: tuple[int, ...] = ()
    units: tuple[Unit, ...] = ()
    total: int = 0
    offset: int = 0


@dataclass(frozen=True)
class Seen:
    """What one entry did on a unit: the value, where it has one, and the name of its picture, if any."""

    value: float | None = None
    picture: str = ""


@dataclass(frozen=True)
class UnitLine:
    """One unit with its statistics, as the entry did on it and as another one did."""

    unit: Unit
    mine: Seen
    other: Seen


@dataclass(frozen=True)
class UnitTable:
    """Some units of a record. ``column`` is the metric of single units; None where the task is unknown."""

    units: Units
    lines: tuple[UnitLine, ...]
    column: Column | None
    order: UnitOrder


def unit_results(where: Path, offset: int, limit: int) -> Units:
    """Read the statistics of some units of the record in ``where``, in the order of the run."""
    rows = folder.unit_rows(where)
    return Units(offset=offset) if rows is None else _units(rows, np.arange(len(rows.ids)), offset, limit)


def unit_table(
    where: Path, task: Task | None, order: UnitOrder, page: tuple[int, int], beside: Path | None = None
) -> UnitTable | None:
    """Read units ``page`` (offset, limit) of a record; None where it has none.

    ``beside`` is the folder of another record of the same board.
    """
    rows = folder.unit_rows(where)
    if rows is None:
        return None
    numbers = rows.order(task, order)
    shown = _units(rows, numbers, *page)
    ids = rows.ids[numbers[shown.offset :][: len(shown.units)]].tolist()
    mine, others = _seen(where, task), _seen(beside, task) if beside else {}
    metric = task.quality.of_one_unit if task else None
    return UnitTable(
        units=shown,
        lines=tuple(
            UnitLine(unit, mine[id_], others.get(id_, Seen()))
            for id_, unit in zip(ids, shown.units, strict=True)
        ),
        column=Column.of(metric) if metric and rows.values(task) is not None else None,
        order=order if order.by in {VALUE, UNIT, *rows.statistics} else UnitOrder(),
    )


def _units(rows: UnitRows, order: Array, offset: int, limit: int) -> Units:
    count = len(rows.ids)
    tables = [column.reshape(count, -1).astype(float) for column in rows.statistics.values()]
    return Units(
        names=tuple(map(plain, rows.statistics)),
        means=tuple(table.shape[1] for table in tables),
        units=tuple(
            Unit(
                plain(str(rows.ids[row])),
                plain(str(rows.clusters[row])),
                tuple(float(table[row].mean()) for table in tables),
            )
            for row in order[offset : offset + limit]
        ),
        total=count,
        offset=offset,
    )


def _seen(where: Path, task: Task | None) -> Mapping[str, Seen]:
    """Return what the record in ``where`` has of each unit, by the unit's id."""
    rows = folder.unit_rows(where)
    if rows is None:
        return {}
    values = rows.values(task)
    known = np.full(len(rows.ids), np.nan) if values is None else values
    pictures = {example.unit: example.of_entry for example in folder.examples(where)}
    return {
        unit: Seen(None if np.isnan(value) else float(value), pictures.get(picture_name(unit), ""))
        for unit, value in zip(rows.ids.tolist(), known, strict=True)
    }
