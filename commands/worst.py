"""The units that an entry got most wrong, in the terminal."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from commands.lookup import folder_of
from harness.record.units import UNIT, VALUE, UnitOrder, UnitRows, picture_name, read_units
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from rich.console import Console

    from harness.record import Record
    from harness.spec import Task

_ROOM_FOR_PICTURES = 72
"""Columns of a terminal from which on the files of pictures are named."""


@dataclass(frozen=True)
class WorstUnits:
    """What is asked for: how many units, sorted by what, beside which other record."""

    count: int
    by: str = ""
    beside: Record | None = None


def show_worst(task: Task, record: Record, asked: WorstUnits, on: Console | None = None) -> None:
    """Print some public units of a record, the worst first, and how another one did on them.

    Raises UserError where ``units_of`` does, and for a record that was asked other units.
    """
    from rich.table import Table
    from rich.text import Text

    from leaderboards.boards.columns import Column
    from leaderboards.boards.names import plain
    from leaderboards.views.console import console
    from leaderboards.web.folder import examples

    on, folder, beside = on or console(), folder_of(record.id), asked.beside
    rows, values = units_of(task, folder)
    order = _order(task, rows, asked.by)
    pictures = {example.unit: plain(example.of_entry, 80) for example in examples(folder)}
    metric = task.quality.of_one_unit
    assert metric is not None
    column, statistic = Column.of(metric), rows.statistics.get(asked.by)
    columns: dict[str, Callable[[int, str], str]] = {
        column.title: lambda _, unit: column.shown(values[unit]),
    }
    if beside:
        others = _others(task, record, beside)
        columns[plain(beside.submission.name, 24)] = lambda _, unit: column.shown(others.get(unit))
    if statistic is not None:
        columns[asked.by] = lambda number, _: f"{statistic[number].mean():g}"
    if pictures and on.width >= _ROOM_FOR_PICTURES:
        columns["picture"] = lambda _, unit: pictures.get(picture_name(unit), "")
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("unit", overflow="fold")
    for title in columns:
        table.add_column(Text(title), justify="left" if title == "picture" else "right")
    for number in order[: asked.count]:
        unit = str(rows.ids[number])
        table.add_row(Text(plain(unit)), *(Text(tell(number, unit)) for tell in columns.values()))
    shown = min(asked.count, len(order))
    of = f"of {len(order)} public units of {plain(record.submission.name)}"
    on.print(f"{shown} {of}, by {asked.by}" if asked.by else f"The {shown} worst {of}", markup=False)
    on.print(table)
    if pictures:
        on.print(f"Pictures are in {folder / 'images'}", markup=False, soft_wrap=True)


def units_of(task: Task, folder: Path) -> tuple[UnitRows, Mapping[str, float]]:
    """Return the public units of the record in ``folder``, and the value of each that has one.

    Raises UserError where the record keeps no units, or those of another version of the task, and where the
    task has no value for single units.
    """
    if task.quality.of_one_unit is None:
        raise UserError(f"no metric of {task.name} is computed unit by unit")
    rows = read_units(folder)
    if rows is None:
        raise UserError(f"record {folder.name} keeps no scores of single units")
    values = rows.values(task)
    if values is None:
        raise UserError(f"record {folder.name} was scored by another version of {task.name}")
    return rows, {str(rows.ids[number]): float(values[number]) for number in rows.worst(task)}


def _order(task: Task, rows: UnitRows, by: str) -> list[int]:
    """Return the numbers of the units that have a value, in the order asked for."""
    known = [VALUE, UNIT, *rows.statistics]
    if by and by not in known:
        raise UserError(f"units of {task.name} cannot be sorted by '{by}'; there are {', '.join(known)}")
    worst = set(rows.worst(task))
    order: list[int] = rows.order(task, UnitOrder(by or VALUE)).tolist()
    return [number for number in order if number in worst]


def _others(task: Task, record: Record, beside: Record) -> Mapping[str, float]:
    if (beside.task, beside.data.sha256) != (record.task, record.data.sha256):
        raise UserError(f"records {record.id} and {beside.id} were asked other units")
    return units_of(task, folder_of(beside.id))[1]
