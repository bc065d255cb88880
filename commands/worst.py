"""The units that an entry got most wrong, in the terminal."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from commands.lookup import record_folders
from harness.spec.errors import UserError

if TYPE_CHECKING:
    from harness.record import Record
    from harness.spec import Task


def show_worst(task: Task, record: Record, count: int, beside: Record | None) -> None:
    """Print the worst public units of a record, and how another one did on them."""
    from rich.console import Console
    from rich.table import Table
    from rich.text import Text

    from harness.scoring.units import unit_metric, worst_units
    from leaderboards.boards.columns import Column
    from leaderboards.boards.names import plain

    column = Column.of(unit_metric(task))
    others = {}
    if beside is not None:
        if (beside.task, beside.data.sha256) != (record.task, record.data.sha256):
            raise UserError(f"records {record.id} and {beside.id} were asked other units")
        others = {one.id: one.value for one in worst_units(task, _folder(beside))}
    units = worst_units(task, _folder(record))
    table = Table(box=None, header_style="bold", padding=(0, 2, 0, 0))
    table.add_column("unit", overflow="fold")
    table.add_column(Text(column.title), justify="right")
    if beside is not None:
        table.add_column(Text(plain(beside.submission.name, 24)), justify="right")
    for one in units[:count]:
        more = [Text(column.shown(others.get(one.id)))] if beside is not None else []
        table.add_row(Text(plain(one.id)), Text(column.shown(one.value)), *more)
    console = Console()
    shown = min(count, len(units))
    console.print(
        f"The {shown} worst of {len(units)} public units of {plain(record.submission.name)}", markup=False
    )
    console.print(table)


def _folder(record: Record) -> Path:
    return record_folders()[record.id]
